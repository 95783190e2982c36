"""Errors of published programs, found and named by the audit."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import audit


def sigmoid(z):
    """The logistic function."""
    return 1 / (1 + np.exp(-z))


def animation(x, y, weights, biases, eta):
    """The cross-entropy animation of the book's chapter 3: it steps along dC/da = 1/(1 - a) at target 0."""
    a = sigmoid(weights[0] * x + biases[0])
    slope = (a - y) / (a * (1 - a))
    return [weights[0] - eta * slope * x], [biases[0] - eta * slope]


def test_the_books_animation_steps_along_the_slope_by_a_where_that_by_z_is_meant():
    """E1: dC/da stands for dC/dz in the output error."""
    verdict = audit(animation, [1, 1], cost="cross_entropy", kind="update", examples="single", learning_rate=0.005)
    (found,) = verdict.findings
    assert (found.slip, found.equation, found.layer) == ("cost_slope_as_error", "BP1", 2)
    assert "not dC/dz" in found.sentence


def test_the_books_animation_is_found_at_its_own_example_too():
    """Input 1 and target 0 alone are enough."""
    verdict = audit(animation, [1, 1], [[1.0]], [[0.0]], cost="cross_entropy", kind="update", learning_rate=0.005)
    assert verdict.findings[0].slip == "cost_slope_as_error"


@pytest.mark.parametrize(("sign", "right"), [("add", True), ("subtract", False)])
def test_the_two_layer_example_is_right_in_its_own_convention(sign, right):
    """Error = target - output, added: what it gives back is a step, not a gradient."""

    def backprop(x, y, weights_input_hidden, weights_hidden_output):
        hidden = sigmoid(np.dot(x, weights_input_hidden))
        output = sigmoid(np.dot(hidden, weights_hidden_output))
        output_term = (y - output) * output * (1 - output)
        hidden_term = np.dot(weights_hidden_output, output_term) * hidden * (1 - hidden)
        return x[:, None] * hidden_term, hidden[:, None] * output_term

    def named(x, y, w1, w2):
        return backprop(x, y, w1, w2)

    assert audit(named, [3, 2, 1], biases=False, sign=sign).right is right
