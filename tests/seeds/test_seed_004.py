"""Study note 004: forward pass, backward pass, and the network that runs the other way."""

from __future__ import annotations

import numpy as np
import pytest
from seed_helpers import batch_of, rows_of

import chainrule
from chainrule.schedule import backprop

W = [[[1, -2], [-1, 1]], [[2, -1], [-2, -1]], [[3, -1], [-1, 4]]]
B = [[1, 0], [0, 0], [-2, 2]]


@pytest.fixture
def lecture():
    """The network of the lecture that the note summarises: three sigmoid layers of two."""
    return chainrule.Network([2, 2, 2, 2], dtype="float64", initial=(W, B), seed=0)


@pytest.fixture
def example(lecture):
    """Its pass for x = (1, -1); the note leaves the wanted output open."""
    return lecture.backprop([1, -1], [1.0, 0.0])


def test_the_lecture_network(lecture, example):
    """Note 004: f(1, -1) = (0.61770478, 0.82912398) by way of a1 and a2, and f(0, 0) = (0.51184738, 0.85438390)."""
    assert example.a[2][:, 0].round(8).tolist() == [0.98201379, 0.11920292]
    assert example.a[3][:, 0].round(8).tolist() == [0.86351831, 0.11073744]
    assert example.a[4][:, 0].round(8).tolist() == [0.61770478, 0.82912398]
    assert lecture.feedforward([0, 0]).round(8).tolist() == [0.51184738, 0.85438390]


def test_a_gradient_has_two_factors(example):
    """Note 004: dC/dw = (dz/dw)(dC/dz): the forward pass gives a_k, the backward pass delta_j, for every weight."""
    for l in (2, 3, 4):
        for j in (0, 1):
            for k in (0, 1):
                a_k, delta_j = example.factors(l, j, k)
                assert a_k == example.a[l - 1][k]
                assert a_k * delta_j == example.nabla_w[l][j, k]


def test_case_1_and_case_2_are_two_equations(lecture, example):
    """Note 004: the output layer is case 1 (BP1), every other neuron case 2 (BP2), and there is no third."""
    cases = {s.layer: s.equation.name for s in backprop(lecture.architecture) if s.equation.writes == "delta"}
    assert cases == {4: "BP1", 3: "BP2", 2: "BP2"}
    y, wanted = example.a[4][:, 0], np.array([1.0, 0.0])
    case_1 = y * (1 - y) * (y - wanted)  # dy/dz dC/dy
    assert np.abs(example.delta[4][:, 0] - case_1).max() <= 1e-15
    for l in (3, 2):
        (w_3, w_4), a = lecture.weights[l - 1], example.a[l][:, 0]
        one, two = example.delta[l + 1][:, 0]
        case_2 = a * (1 - a) * (w_3 * one + w_4 * two)  # sigma'(z) [w3 dC/dz' + w4 dC/dz'']
        assert np.abs(example.delta[l][:, 0] - case_2).max() <= 1e-15


def test_the_recursion_ends_at_the_output_layer(lecture, example):
    """Note 004: dC/dz computed recursively, neuron by neuron until the output layer is reached, is delta."""

    def error(l, j):
        if l == 4:
            return example.nabla_a[4][j, 0] * example.sigma_prime[4][j, 0]
        ahead = sum(lecture.weights[l - 1][i, j] * error(l + 1, i) for i in (0, 1))
        return example.sigma_prime[l][j, 0] * ahead

    for l in (2, 3, 4):
        assert all(abs(error(l, j) - example.delta[l][j, 0]) <= 1e-15 for j in (0, 1))


def test_the_reverse_network_computes_the_errors():
    """Note 004: a network with the weights transposed, whose neurons multiply by sigma'(z), gives every delta to 1e-15."""
    sizes = [4, 5, 3, 2]
    net = chainrule.Network(sizes, dtype="float64", initial="large", seed=3)
    p = net.backprop(*rows_of(batch_of(sizes, 1)))
    amplifiers = [[lambda z, c=c: c * z for c in p.sigma_prime[l][:, 0]] for l in (4, 3, 2)]
    weights = [np.eye(2), net.weights[2].T, net.weights[1].T]
    reverse = chainrule.Network([2, 2, 3, 5], amplifiers, biases=False, dtype="float64", initial=(weights, []))
    run = reverse.backprop(p.nabla_a[4][:, 0], np.zeros(5))
    for layer, l in ((2, 4), (3, 3), (4, 2)):
        assert np.abs(run.a[layer] - p.delta[l]).max() <= 1e-15


def test_the_loss_is_a_sum_over_examples_and_so_is_its_gradient(lecture):
    """Note 004: L(theta) = sum of C^n, and dL/dw = sum of dC^n/dw."""
    x, y = rows_of(batch_of([2, 2, 2, 2], 6))
    whole = lecture.backprop(x, y)
    single = [lecture.backprop(one, wanted) for one, wanted in zip(x, y, strict=True)]
    assert whole.cost_x.sum() == pytest.approx(sum(p.cost for p in single), abs=1e-14)
    for l in (2, 3, 4):
        assert np.abs(whole.nabla_w[l] - sum(p.nabla_w[l] for p in single)).max() <= 1e-14
        assert np.abs(whole.nabla_w[l] - whole.per_example(l)[0].sum(axis=0)).max() <= 1e-14


def test_any_theta_of_the_history_can_be_made_again():
    """Note 004, theta^0, theta^1, ...: with one step an epoch, t epochs from the same start give theta^t, to the bit."""
    x, y = rows_of(batch_of([2, 2, 2, 2], 6))

    def started():
        return chainrule.Network([2, 2, 2, 2], dtype="float64", initial=(W, B), seed=0)

    net, thetas = started(), []
    thetas.append(net.parameters.flat.copy())
    keep = lambda record: thetas.append(net.parameters.flat.copy())  # noqa: E731  None: a true value would stop
    net.fit(x, y, epochs=5, batch_size=6, learning_rate=1.0, callbacks=[keep])
    for t, theta in enumerate(thetas):
        again = started()
        again.fit(x, y, epochs=t, batch_size=6, learning_rate=1.0)
        assert again.state.updates == t
        assert (again.parameters.flat == theta).all()
