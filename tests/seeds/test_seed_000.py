"""Study note 000: one step of the program's mini-batch gradient descent."""

from __future__ import annotations

import inspect

import pytest
from seed_helpers import batch_of, close, loop_step, rows_of

import chainrule
from chainrule import nielsen
from chainrule.randomness import shuffled

SIZES, ETA = [6, 5, 4], 3.0


@pytest.mark.parametrize("m", [1, 5, 10])
def test_update_mini_batch_is_the_notes_loop(m):
    """Note 000: the gradients of the examples are added up, and the step is eta/m (loop and matrix form to 1e-12)."""
    net, batch = nielsen.Network(SIZES, seed=1), batch_of(SIZES, m)
    weights, biases = loop_step(net.weights, net.biases, batch, ETA)
    net.update_mini_batch(batch, ETA)
    assert close(net.weights, weights)
    assert close(net.biases, biases)


def three_loop_steps(weights, biases, data, seed):
    """The first epoch of 25 examples in mini-batches of 10, 10 and 5, by the loop."""
    order = shuffled(seed, 1, len(data))
    for rows in (order[:10], order[10:20], order[20:]):
        weights, biases = loop_step(weights, biases, [data[i] for i in rows], ETA)
    return weights, biases


def test_the_last_mini_batch_is_divided_by_its_own_length():
    """Note 000: eta/len(mini_batch); with n = 25 and m = 10 the third of three updates has 5 examples and divides by 5."""
    net, data = nielsen.Network(SIZES, seed=1), batch_of(SIZES, 25)
    weights, biases = three_loop_steps(net.weights, net.biases, data, net.seed)
    net.SGD(data, 1, 10, ETA)
    assert close(net.weights, weights)
    assert close(net.biases, biases)


@pytest.mark.parametrize("engine", ["reference", "numpy"])
def test_the_core_network_makes_the_same_three_updates(engine):
    """Note 000: chainrule.Network.fit makes three updates of n = 25, m = 10, equal to the loop's, on every engine."""
    net, data = chainrule.Network(SIZES, dtype="float64", initial="large", seed=1), batch_of(SIZES, 25)
    weights, biases = three_loop_steps(net.weights, net.biases, data, net.seed)
    net.fit(*rows_of(data), epochs=1, batch_size=10, learning_rate=ETA, engine=engine)
    assert net.state.updates == 3
    assert close(net.weights, weights)
    assert close(net.biases, biases)


def test_the_program_s_calls_have_the_notes_parameters():
    """Notes 000, 001 and 002: the methods shown there take the same parameters, by the same names, here."""
    shown = {
        "update_mini_batch": ["mini_batch", "eta"],
        "backprop": ["x", "y"],
        "cost_derivative": ["output_activations", "y"],
    }
    for name, parameters in shown.items():
        assert list(inspect.signature(getattr(nielsen.Network, name)).parameters)[1:] == parameters
