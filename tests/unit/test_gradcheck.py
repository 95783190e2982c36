"""``gradcheck``: every form of a function with a backward of its own, and what is said of a wrong one."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import GraphError, Network, gradcheck
from chainrule.graph import network_cost, operation

RNG = np.random.default_rng(3)
X, W = RNG.standard_normal((5, 4)), RNG.standard_normal((4, 3))
LABELS = np.array([0, 2, 1, 1, 0])


def softmax_loss(x, w, labels, factor=1.0):
    """The mean negative log-likelihood of a softmax layer, with its gradients by x and w."""
    z = x @ w
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    rows = np.arange(len(x))
    delta = p.copy()
    delta[rows, labels] -= 1
    delta /= len(x)
    return -np.log(p[rows, labels]).mean(), (delta @ w.T, factor * (x.T @ delta))


class Layer:
    """A tanh layer as courses have it."""

    def __init__(self, slip=1.0):
        self.slip = slip

    def forward(self, x, w):
        """The activations."""
        self.x, self.w, self.a = x, w, np.tanh(x @ w)
        return self.a

    def backward(self, dy):
        """The gradients by x and w."""
        dz = dy * (1 - self.a**2)
        return self.slip * (dz @ self.w.T), self.x.T @ dz


FORMS = {
    "a function that returns (value, gradients)": (softmax_loss, (X, W, LABELS)),
    "a pair (f, gradient)": ((lambda x: np.sum(x**3), lambda x: 3 * x**2), (X,)),
    "an object with forward and backward": (Layer(), (X, W)),
    "a function of NumPy, differentiated by its graph": (lambda x, w: np.tanh(x @ w), (X, W)),
}


@pytest.mark.parametrize("kind", FORMS)
def test_every_form_is_recognised_and_right(kind):
    """The report says what the function was taken for, and that every entry is right."""
    found = gradcheck(*FORMS[kind])
    assert found
    assert found.kind == kind
    assert all(row.checked == row.of for row in found.rows)


def test_whole_numbers_are_handed_on():
    """Labels are no input to differentiate by, and the inputs have the names of the parameters."""
    assert [row.name for row in gradcheck(softmax_loss, (X, W, LABELS)).rows] == ["x", "w"]


def test_gradients_by_name_are_taken_by_name():
    """A dict of gradients is in the order of its names."""

    def f(x, w):
        value, (dx, dw) = softmax_loss(x, w, LABELS)
        return value, {"w": dw, "x": dx}

    assert gradcheck(f, (X, W))


def test_a_network_s_cost_is_a_function_of_the_graph():
    """A dict of parameters is taken array by array, each by its name."""
    f, parameters = network_cost(Network([4, 3, 2], seed=0, dtype="float64"), X, RNG.random((5, 2)))
    found = gradcheck(f, parameters)
    assert [row.name for row in found.rows] == ["w2", "w3", "b2", "b3"]


def test_a_jacobian_is_a_gradient_of_many_outputs():
    """The derivative of an array by an array has both shapes."""

    def jacobian(x):
        return np.einsum("ij,ik,jk->ijk", np.ones((5, 4)), np.ones((5, 4)), np.eye(4))[0]

    assert gradcheck((lambda x: 2 * x, lambda x: 2 * jacobian(x)), X[0])


def test_the_worst_entry_is_named_with_both_numbers():
    """One wrong entry of twenty: its index, what the backward gives and what differences give."""

    def f(x):
        gradient = 2 * x
        gradient[3, 1] += 0.125
        return np.sum(x * x), gradient

    found = gradcheck(f, X, raise_exception=False)
    row = found.worst
    assert not found
    assert (row.wrong, row.at) == (1, (3, 1))
    assert row.found == 2 * X[3, 1] + 0.125
    assert abs(row.wanted - 2 * X[3, 1]) <= 1e-9
    assert f"x[3, 1]: the backward gives {row.found:.9g}" in str(found)
    with pytest.raises(GraphError, match=r"1 of 20 entries is wrong. The worst is x\[3, 1\]"):
        gradcheck(f, X)


@pytest.mark.parametrize(("factor", "says"), [(2.0, "Every entry is 2 times the right one."), (-1.0, "Its sign is wrong")])
def test_a_factor_that_explains_all_is_said(factor, says):
    """Where every entry is off by one factor, that is the hint."""
    found = gradcheck(lambda x, w: softmax_loss(x, w, LABELS, factor), (X, W), raise_exception=False)
    assert [row.passed for row in found.rows] == [True, False]
    assert says in found.rows[1].sentence


def test_a_backward_of_an_object_is_accused_of_the_input_it_is_wrong_by():
    """The gradient by x is wrong, the one by w is not."""
    found = gradcheck(Layer(slip=0.5), (X, W), raise_exception=False)
    assert [(row.name, row.passed) for row in found.rows] == [("x", False), ("w", True)]


def test_either_slope_at_a_kink_is_right():
    """A relu at 0 may have slope 0, 1 or one between, and none beyond."""
    x = np.array([0.0, 1.0, -1.0, 1e-5, -1e-5])
    for slope in (0.0, 0.5, 1.0):
        found = gradcheck((lambda x: np.maximum(x, 0).sum(), lambda x, s=slope: np.where(x == 0, s, x > 0)), x)
        assert found.rows[0].kinks == (slope != 0.5)  # that one is what differences give
    wrong = gradcheck((lambda x: np.maximum(x, 0).sum(), lambda x: np.where(x == 0, 1.5, x > 0)), x, raise_exception=False)
    assert wrong.worst.at == (0,)


def test_an_error_just_above_the_tolerance_is_found():
    """The defaults are tight: an error of one in a million is found where torch's would pass."""
    assert not gradcheck((lambda x: np.sum(x * x), lambda x: 2.000002 * x), X, raise_exception=False)
    assert gradcheck((lambda x: np.sum(x * x), lambda x: 2.000002 * x), X, rtol=1e-3, atol=1e-5)


def test_of_a_large_input_some_entries_are_drawn():
    """The report says how many of how many."""
    found = gradcheck((lambda x: np.sum(x * x), lambda x: 2 * x), RNG.standard_normal(300), sample=20)
    assert (found.rows[0].checked, found.rows[0].of) == (20, 300)
    assert "20 of 300 entries, drawn at random" in str(found)


def test_a_gradient_of_another_shape_is_said():
    """Both shapes are in the message."""
    found = gradcheck((lambda x: np.sum(x * x), lambda x: 2 * x.T), X, raise_exception=False)
    assert found.rows[0].sentence == "x: its gradient has shape (4, 5), but x has shape (5, 4)."


@pytest.mark.parametrize(
    ("f", "inputs", "says"),
    [
        (3, X, "int is neither a function nor a pair"),
        (lambda x: RNG.standard_normal() * np.sum(x), X, "another value the second time"),
        (lambda x: np.sum(np.log(-np.abs(x))), X, "not finite"),
        ((lambda x, w: np.sum(x @ w), lambda x, w: [x]), (X, W), "there are 2 inputs"),
        (np.sum, "text", "nothing to differentiate by"),
    ],
)
def test_what_cannot_be_checked_is_refused_in_words(f, inputs, says):
    """The message says what is missing."""
    with np.errstate(all="ignore"), pytest.raises(GraphError, match=says):
        gradcheck(f, inputs)


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_a_rule_of_the_user_s_own_is_checked(factor):
    """An operation with a derivative of its own is right or wrong as its rule is."""
    slope = lambda g, y, x: g * factor * x**2  # noqa: E731  a rule of a table
    cube = operation(lambda x: x * x * x, back=(slope,), forth=(slope,), name="cube")
    found = gradcheck(lambda x: np.sum(cube(x)), X, raise_exception=False)
    assert found.passed == (factor == 3.0)


def test_the_inputs_are_left_as_they_are():
    """A function that changes its inputs gets copies."""

    def f(x):
        gradient = 2 * x.copy()
        value = np.sum(x * x)
        x[...] = 0
        return value, gradient

    x = X.copy()
    assert gradcheck(f, x)
    np.testing.assert_array_equal(x, X)


def test_a_report_is_plain_data_and_a_document():
    """It has a sentence for each input."""
    found = gradcheck(softmax_loss, (X, W, LABELS))
    assert [row["sentence"] for row in found.as_dict()["inputs"]] == [row.sentence for row in found.rows]
    assert "Every gradient is right." in found.document().text()
