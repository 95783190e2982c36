"""Study note 003: the two-layer example with its printed numbers."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule

X, TARGET, RATE = np.array([0.5, 0.1, -0.2]), 0.6, 0.5
INPUT_HIDDEN = np.array([[0.5, -0.6], [0.1, -0.2], [0.1, 0.7]])  # (inputs, hidden), as the note has them
HIDDEN_OUTPUT = np.array([0.1, -0.3])


@pytest.fixture
def net():
    """The example's network; w is (to, from) here, so the note's matrices are transposed."""
    weights = [INPUT_HIDDEN.T, HIDDEN_OUTPUT[None, :]]
    return chainrule.Network([3, 2, 1], biases=False, dtype="float64", initial=(weights, []))


@pytest.fixture
def example(net):
    """The pass of its one example."""
    return net.backprop(X, [TARGET])


@pytest.fixture
def changes(example):
    """What the note adds to its weights: into the output, into the hidden layer."""
    return -RATE * example.nabla_w[3][0], -RATE * example.nabla_w[2].T


def test_the_printed_changes_character_for_character(changes):
    """Note 003: the two arrays as the note prints them; its blanks are those of NumPy before 1.14."""
    with np.printoptions(legacy="1.13"):
        assert str(changes[0]) == "[ 0.00804047  0.00555918]"
        assert str(changes[1]) == (
            "[[  1.77005547e-04  -5.11178506e-04]\n"
            " [  3.54011093e-05  -1.02235701e-04]\n"
            " [ -7.08022187e-05   2.04471402e-04]]"
        )


def test_the_printed_changes_as_numpy_prints_them_today(changes):
    """Note 003: the same digits in the layout of today's NumPy."""
    assert str(changes[0]) == "[0.00804047 0.00555918]"
    assert str(changes[1]) == (
        "[[ 1.77005547e-04 -5.11178506e-04]\n [ 3.54011093e-05 -1.02235701e-04]\n [-7.08022187e-05  2.04471402e-04]]"
    )


def test_the_forward_pass_between(example):
    """Note 003: hidden input and output, output input and output, error and cost."""
    assert np.abs(example.z[2][:, 0] - [0.24, -0.46]).max() <= 1e-16
    assert example.a[2][:, 0].round(9).tolist() == [0.559713649, 0.386985824]
    assert example.z[3].item() == pytest.approx(-0.06012438223148007, abs=1e-16)
    assert example.a[3].item() == pytest.approx(0.48497343084992534, abs=1e-16)
    assert TARGET - example.a[3].item() == pytest.approx(0.11502656915007464, abs=1e-16)
    assert example.cost == pytest.approx(0.006615555805218451, abs=1e-17)


def test_the_error_terms_between(example):
    """Note 003: the error terms of the output and of the hidden units; with target - output they are minus our delta."""
    assert -example.delta[3].item() == pytest.approx(0.028730669543515018, abs=1e-17)
    assert (-example.delta[2][:, 0]).round(9).tolist() == [0.000708022, -0.002044714]


def test_error_as_target_minus_output_added_is_output_minus_target_subtracted(net, example, changes):
    """Note 003: its steps, (target - output) sigma'(z) a added, are the steps of gradient descent that training makes."""
    hidden, output = example.a[2][:, 0], example.a[3].item()
    output_term = (TARGET - output) * output * (1 - output)
    hidden_term = output_term * HIDDEN_OUTPUT * hidden * (1 - hidden)
    assert np.abs(changes[0] - RATE * output_term * hidden).max() <= 1e-17
    assert np.abs(changes[1] - RATE * X[:, None] * hidden_term).max() <= 1e-18
    net.fit(X[None, :], [[TARGET]], epochs=1, batch_size=1, learning_rate=RATE)
    assert np.abs(net.weights[1][0] - HIDDEN_OUTPUT - changes[0]).max() <= 1e-16
    assert np.abs(net.weights[0].T - INPUT_HIDDEN - changes[1]).max() <= 1e-16
