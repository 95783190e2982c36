"""A user's own functions: a slope that is not the slope of the values is refused, and every one has a formula."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from chainrule import ACTIVATIONS, COSTS, Activation, ChainruleWarning, ConfigError, Cost, Network, activation, cost


def bent(z: Any) -> Any:
    """A square that neither dual numbers nor symbols can follow."""
    return np.vectorize(lambda t: t * t, otypes=[float])(z)


def squared(a: Any, y: Any) -> Any:
    """Likewise, of two operands."""
    return np.vectorize(lambda s, t: (s - t) ** 2, otypes=[float])(a, y)


def by_rows(z: Any) -> Any:
    """The rows of tanh, put together in a way that leaves the derivatives behind."""
    return np.array([np.tanh(row) for row in z])


def quietly_constant(z: Any) -> Any:
    """Takes the value out of a dual number, and with it goes the derivative."""
    return np.tanh(getattr(z, "value", z))


# ------------------------------------------------------------------------------------------------------------ slopes


@pytest.mark.parametrize("function", [np.vectorize(lambda t: t * t), by_rows, bent, quietly_constant])
def test_an_activation_that_loses_its_derivative_is_refused(function):
    """No function is taken for a constant because its result carries no derivative."""
    with pytest.raises(ConfigError, match=r"(?s)activation .*activation\(f, slope=\.\.\.\)"):
        activation(function)


@pytest.mark.parametrize(
    "function", [np.vectorize(lambda a, y: (a - y) ** 2), squared, lambda a, y: (getattr(a, "value", a) - y) ** 2]
)
def test_a_cost_that_loses_its_derivative_is_refused(function):
    """The same for a cost."""
    with pytest.raises(ConfigError, match=r"(?s)cost .*cost\(f, slope=\.\.\.\)"):
        cost(function)


def test_python_objects_are_refused_with_or_without_a_slope():
    """A result of Python objects is no array of numbers."""
    square = np.frompyfunc(lambda t: t * t, 1, 1)
    with pytest.raises(ConfigError, match="dtype object"):
        activation(square, slope=lambda z, a: 2 * z)


def test_a_wrong_slope_is_refused_with_both_numbers():
    """The message has the point, the slope there, and how the values rise."""
    with pytest.raises(ConfigError, match=r"slope -2.1 at z = -0.7, but there its values rise by -1.4 \(central"):
        activation(bent, slope=lambda z, a: 3 * z)
    with pytest.raises(ConfigError, match=r"slope -0.7 at a = 0.3, but there it rises by -1.4 \(central"):
        cost(squared, slope=lambda a, y: a - y)
    with pytest.raises(ConfigError, match=r"(?s)slope 0 at z = -1.9.*Give its derivative"):
        activation(lambda z: np.where(z < -1, quietly_constant(z), z))


def test_a_right_slope_is_taken():
    """With its slope, a function that cannot be followed is an activation, or a cost, like any other."""
    net = Network([2, 3, 1], activation(bent, slope=lambda z, a: 2 * z), cost(squared, slope=lambda a, y: 2 * (a - y)))
    assert np.isfinite(net.fit([[0.1, 0.2], [0.3, 0.1]], [[0.0], [1.0]], epochs=2)[1].cost)


@pytest.mark.parametrize("kink", [-0.7, 0.3, 1.2, 0.1 + 3e-5, 0.4 - 9e-5, 2.4 + 1e-4])
def test_a_kink_at_or_beside_a_trial_point_is_no_wrong_slope(kink):
    """Where left and right differ there is no slope to compare with: either side's, and one between, is accepted."""
    for at_kink in (-1.0, 0.0, 1.0):
        slope = lambda z, a, at=at_kink: np.where(z == kink, at, np.sign(z - kink))  # noqa: E731
        activation(lambda z: np.abs(z - kink), slope=slope)
    activation(lambda z: np.abs(z - kink))
    activation(lambda z: (z > kink) * z)  # a jump, besides


@pytest.mark.parametrize("row", [*ACTIVATIONS.values(), *COSTS.values()], ids=lambda row: row.name)
def test_every_row_of_the_tables_would_be_taken_from_a_user(row):
    """No row's own slope, nor the derived one, is taken for a wrong one."""
    if isinstance(row, Cost):
        assert cost(row.value).value is cost(row.value, slope=row.slope).value is row.value
    elif row.elementwise:
        assert activation(row.value).value is activation(row.value, slope=row.slope).value is row.value


@pytest.mark.parametrize("function", [np.sign, lambda z: (z > 0) * 1.0, lambda z: np.sin(30 * z), np.exp, np.log, np.cbrt])
def test_steps_waves_and_functions_with_a_domain_are_taken(function):
    """Flat steps, fast waves, and functions that are not defined everywhere have the slopes that they have."""
    activation(function)


def test_values_in_float32_are_not_too_coarse_to_compare():
    """A function that rounds to float32 is compared as exactly as it computes."""
    activation(lambda z: np.tanh(z.astype(np.float32)), slope=lambda z, a: 1 - a * a)


def test_a_cost_of_all_outputs_with_its_slope_is_taken():
    """The slope of a cost that mixes outputs is the user's to know."""
    cost(
        lambda a, y: (a - y) ** 2 + 0 * a + a.sum(axis=0, keepdims=True) ** 2,
        slope=lambda a, y: 2 * (a - y) + 2 * a.sum(axis=0),
    )


# ---------------------------------------------------------------------------------------------------------- formulas


@pytest.mark.parametrize(
    ("function", "text", "latex"),
    [
        (np.arctan, "arctan(z)", r"\operatorname{arctan}\left(z\right)"),
        (np.arcsinh, "arcsinh(z)", r"\operatorname{arcsinh}\left(z\right)"),
        (lambda z: np.hypot(z, 1) + np.cbrt(z), "hypot(z, 1) + cbrt(z)", None),
        (lambda z: z * ((z > 0) & (z < 1)), "z bitwise_and([z > 0], [z < 1])", None),
        (np.square, "z²", "z^{2}"),
        (np.sign, "sign(z)", None),
    ],
)
def test_an_operation_without_a_form_is_written_by_its_name(function, text, latex):
    """Any function of NumPy operations has a formula."""
    row = activation(function)
    assert row.text == text
    assert latex is None or row.latex == latex
    assert row.slope_latex


def test_a_function_that_does_not_run_on_symbols_is_written_by_its_name():
    """Its own name, its slope's, and f for a function that has none."""
    row = activation(bent, slope=lambda z, a: bent(z) * 0 + 2 * z)
    assert (row.text, row.latex, row.slope_latex) == (
        "bent(z)", r"\operatorname{bent}(z)", r"\operatorname{bent\_slope}(z, a)",
    )  # fmt: skip
    lost = cost(lambda a, y: 1 * squared(a, y), slope=lambda a, y: 2 * (a - y))
    assert (lost.text, lost.latex) == ("f(a, y)", r"\operatorname{f}(a, y)")


def test_neurons_of_their_own_are_written_one_by_one():
    """Each formula is there with the neurons that have it."""
    row = activation(["relu", activation(bent, slope=lambda z, a: 2 * z), "relu"])
    assert row.text == "max(z, 0) (neurons 0, 2); bent(z) (neuron 1)"
    assert row.latex.startswith(r"\begin{cases} \max\left(z, 0\right) & \text{neurons 0, 2} \\ ")
    assert r"2 \, z & \text{neuron 1}" in row.slope_latex
    assert "and 14 more" in activation(["relu"] * 20 + ["tanh"]).text


# ------------------------------------------------------------------------------------------------------------- names


def test_a_cost_named_like_a_row_is_not_that_row():
    """What a cost is comes from its columns: one of the user's named hinge does not classify."""

    def hinge(a, y):
        return np.maximum(0, 1 - y * a)

    x = np.eye(4)
    net = Network([4, 1], cost=cost(hinge), seed=0)
    assert net.predict(x).shape == (4, 1)
    found = net.evaluate(x, [0, 1, 0, 1])
    assert "r2" in found.metrics
    assert (
        Network([4, 1], cost=Cost("mine", hinge, classifies=True), seed=0).evaluate(x, [0, 1, 0, 1]).confusion is not None
    )


def test_an_activation_named_like_a_row_starts_as_its_column_says():
    """First weights come from the column ``initial``: He's for a row that asks for them, whatever its name."""
    values = [Network([50, 40, 1], row, seed=0).weights[0] for row in (
        "relu", Activation("mine", ACTIVATIONS["relu"].value, initial="he"), Activation("relu", ACTIVATIONS["relu"].value),
    )]  # fmt: skip
    assert (values[0] == values[1]).all()
    assert (values[0] != values[2]).any()


def test_softmax_is_warned_of_beside_a_cost_that_stays_mild():
    """Whether wrong and sure outputs cost enough is computed, so it holds of users' costs too."""
    with pytest.warns(ChainruleWarning, match="learn slowly"):
        Network([2, 3], output="softmax", cost=lambda a, y: (a - y) ** 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Network([2, 3], output="softmax", cost=lambda a, y: -y * np.log(a))
