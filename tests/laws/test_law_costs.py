"""Laws of the costs and penalties: what holds for every row of the tables."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from law_helpers import EPS, STEP, desired, network

from chainrule.activations import ACTIVATIONS
from chainrule.algebra.dual import Dual, derivative, tangent_of
from chainrule.costs import COSTS, PENALTIES, Cost, Penalty, cost
from chainrule.equations import canonical_output_error, cost_slope, output_error, softmax_error
from chainrule.errors import ConfigError
from chainrule.network import Network

EACH = pytest.mark.parametrize("c", COSTS.values(), ids=lambda c: c.name)
PARTNERED = pytest.mark.parametrize("c", [c for c in COSTS.values() if c.partner], ids=lambda c: c.name)
PENALTY = pytest.mark.parametrize("r", PENALTIES.values(), ids=lambda r: r.name)
RNG = np.random.default_rng(3)
Z = RNG.uniform(-3, 3, (5, 40))


def outputs(c: Cost) -> np.ndarray:
    """Outputs within the cost's domain."""
    low, high = c.domain
    return {0: RNG.uniform(0.02, 0.98 if high == 1 else 4, Z.shape)}.get(low, 2 * Z)


def targets(c: Cost) -> np.ndarray:
    """Targets that the cost is defined for."""
    return desired(network([1, len(Z)], "identity", c, output="sigmoid"), np.random.default_rng(4), Z.shape[1])


@EACH
def test_slope_is_the_derivative_by_the_complex_step_and_by_dual_numbers(c: Cost) -> None:
    """The slope of a cost is the derivative of its value, to 1e-12 of itself."""
    a, y = outputs(c), targets(c)
    found = c.prime(a, y)
    np.testing.assert_allclose(found, c(a + 1j * STEP, y).imag / STEP, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found, np.broadcast_to(tangent_of(c(Dual(a, 1), y)), a.shape), rtol=1e-12, atol=1e-15)


@EACH
def test_value_is_the_textbook_definition(c: Cost) -> None:
    """Arranged to stay finite or not, the value is the definition where that is finite."""
    a, y = outputs(c), targets(c)
    np.testing.assert_allclose(c(a, y), (c.definition or c.value)(a, y), rtol=1e-13, atol=1e-14)
    assert c.latex
    assert c.text


@EACH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_of_the_outputs_is_kept(c: Cost, dtype: Any) -> None:
    """Outputs in float32 give costs and slopes in float32."""
    a, y = outputs(c).astype(dtype), targets(c).astype(dtype)
    assert c(a, y).dtype == c.prime(a, y).dtype == dtype
    if c.partner:
        assert c.from_z(a, y).dtype == dtype


@EACH
def test_cost_has_its_least_value_where_output_is_target(c: Cost) -> None:
    """No output costs less than the target itself, and the slope points away from it."""
    if c.name in {"hinge", "log_likelihood"}:  # hinge wants y a > 1; log_likelihood wants the sum of outputs held at 1
        return
    a, y = outputs(c), targets(c)
    assert (c(a, y) >= c(y, y) - 1e-15).all()
    assert (c.prime(a, y) * (a - y) >= 0).all()


# ---------------------------------------------------------------------------------------------------------- partners


@PARTNERED
def test_with_the_partner_the_output_error_is_a_minus_y(c: Cost) -> None:
    """With the partner activation, BP1 (BPs for softmax) gives a - y, which is BP1c."""
    sigma, y = ACTIVATIONS[c.partner], targets(c)
    a = sigma(Z)
    nabla_a = cost_slope(c, a, y)
    long = output_error(nabla_a, sigma.prime(Z, a)) if sigma.elementwise else softmax_error(a, nabla_a)
    np.testing.assert_allclose(canonical_output_error(a, y), long, rtol=1e-12, atol=1e-14)


@PARTNERED
def test_a_minus_y_is_the_derivative_of_the_cost_from_z(c: Cost) -> None:
    """The complex step of the cost computed from z gives a - y."""
    sigma, y = ACTIVATIONS[c.partner], targets(c)
    for j in range(len(Z)):
        z = Z + 1j * STEP * np.eye(len(Z))[:, [j]]
        np.testing.assert_allclose(c.from_z(z, y).sum(axis=0).imag / STEP, (sigma(Z) - y)[j], rtol=1e-12, atol=1e-14)


@PARTNERED
def test_cost_from_z_is_the_cost_of_the_activation(c: Cost) -> None:
    """Where nothing is saturated, the cost from z is the cost from a."""
    y = targets(c)
    np.testing.assert_allclose(c.from_z(Z, y), c(ACTIVATIONS[c.partner](Z), y), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_of_a_saturated_sigmoid_is_exactly_its_weighted_input(dtype: Any) -> None:
    """At z = +-1e4 cross-entropy from z is 0 where the output is right and exactly |z| where it is wrong."""
    z, y = np.array([[1e4, 1e4, -1e4, -1e4]], dtype), np.array([[1, 0, 1, 0]], dtype)
    np.testing.assert_array_equal(COSTS["cross_entropy"].from_z(z, y), [[0, 1e4, 1e4, 0]])
    np.testing.assert_array_equal(COSTS["cross_entropy"].from_z(z, np.full_like(y, 0.5)), [[5e3, 5e3, 5e3, 5e3]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_likelihood_of_a_saturated_softmax_is_exactly_the_difference(dtype: Any) -> None:
    """With z = (1e4, 0) the log-likelihood cost is 0 for the first class and exactly 1e4 for the second."""
    z, c = np.array([[1e4], [0]], dtype), COSTS["log_likelihood"]
    for right, expected in ((0, 0), (1, 1e4)):
        y = np.eye(2, dtype=dtype)[:, [right]]
        assert c.from_z(z, y).sum() == expected
        assert c.from_z(-z, y[::-1]).sum() == expected


def test_poisson_of_a_far_weighted_input_is_exact() -> None:
    """At z = -1e4 the Poisson cost from z is exactly y 1e4: no logarithm of the rate 0 is taken."""
    assert COSTS["poisson"].from_z(np.array([[-1e4]]), np.array([[3.0]]))[0, 0] == 3e4


SATURATED = [(s, c) for s in ACTIVATIONS.values() for c in COSTS.values()
             if s.range[0] >= c.domain[0] and s.range[1] <= c.domain[1]]  # fmt: skip


@pytest.mark.parametrize(("sigma", "c"), SATURATED, ids=lambda row: row.name)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_saturated_output_costs_infinitely_much(sigma: Any, c: Cost, dtype: Any) -> None:
    """At z = +-1e4, and at 0, costs, slopes and errors from a are numbers, and a logarithm costs at most 86."""
    if sigma.name == "exponential":  # e^z above 88 is no float32, nor is the square of e^z above 44
        z = np.array([[40, -1e4, 0, 40], [-1e4, 40, 0, 40]], dtype)
    else:
        z = np.array([[1e4, -1e4, 0, 1e4], [-1e4, 1e4, 0, 1e4]], dtype)
    with np.errstate(over="ignore", under="ignore"):
        a = sigma(z)
        for on, off in ((c.on_off), c.on_off[::-1]):
            y = np.array([[on] * 4, [off] * 4], dtype)
            found = c(a, y), c.prime(a, y)
            error = output_error(found[1], sigma.prime(z, a)) if sigma.elementwise else softmax_error(a, found[1])
            assert all(np.isfinite(x).all() for x in (*found, error))
            if c.name in {"cross_entropy", "log_likelihood"} and sigma.range[1] == 1:
                assert found[0].max() <= 86
            if c.partner == sigma.name:
                assert np.isfinite(c.from_z(z, y)).all()


# ------------------------------------------------------------------------------------------- the rest of the tables


def test_class_targets_are_one_and_zero_but_for_hinge() -> None:
    """A class becomes targets 1 and 0, and 1 and -1 for hinge; both are targets that the cost is defined for."""
    assert {c.name: c.on_off for c in COSTS.values() if c.on_off != (1, 0)} == {"hinge": (1, -1)}
    assert all(c.targets[0] <= off < on <= c.targets[1] for c in COSTS.values() for on, off in [c.on_off])


@pytest.mark.parametrize("c", [c for c in COSTS.values() if c.classifies], ids=lambda c: c.name)
def test_a_class_is_the_same_target_however_it_is_written(c: Cost) -> None:
    """Indices, rows of 1 and 0, and rows of the cost's own two values train a network to the same bits."""
    x, labels = RNG.random((12, 4)), np.arange(12) % 3
    for outputs, classes in ((3, labels), (1, labels % 2)):
        if (outputs, c.name) == (1, "log_likelihood"):
            continue  # a softmax of one neuron
        one_hot = np.eye(3)[classes] if outputs == 3 else classes[:, None]
        found = []
        for y in (classes, one_hot, np.where(one_hot == 1, *c.on_off)):
            net = Network([4, 5, outputs], "tanh", c, seed=1)
            net.fit(x, y, epochs=3, batch_size=5)
            found.append((net.parameters.flat.tobytes(), net.evaluate(x, y).accuracy))
        assert found[0] == found[1] == found[2]


def test_hinge_is_zero_beyond_the_margin_and_rises_by_one() -> None:
    """Hinge costs nothing where y a is at least 1, and otherwise what is missing of it."""
    a, y = np.array([[2.0, 0.5, -0.5, -2.0]]), np.array([[1.0, 1.0, -1.0, 1.0]])
    np.testing.assert_array_equal(COSTS["hinge"](a, y), [[0, 0.5, 0.5, 3]])
    np.testing.assert_array_equal(COSTS["hinge"].prime(a, y), [[0, -1, 1, -1]])


@PENALTY
def test_slope_of_a_penalty_is_its_derivative(r: Penalty) -> None:
    """The slope of a penalty is the derivative of its value, by the complex step and by dual numbers, and 0 at 0."""
    np.testing.assert_allclose(r(Z), r.value(Z + 1j * STEP).imag / STEP, rtol=1e-14)
    np.testing.assert_allclose(r(Z), derivative(r.value, Z), rtol=1e-14)
    np.testing.assert_array_equal(r(np.zeros(2)), 0)
    assert r(np.float32([0.5])).dtype == r.value(np.float32([0.5])).dtype == np.float32
    assert r.latex


@PENALTY
def test_a_penalty_grows_with_the_size_of_a_weight(r: Penalty) -> None:
    """A penalty is even, 0 at 0, and grows with |w|."""
    w = np.linspace(0, 5, 100)
    np.testing.assert_array_equal(r.value(w), r.value(-w))
    assert r.value(np.zeros(1))[0] == 0
    assert (np.diff(r.value(w)) > 0).all()


# -------------------------------------------------------------------------------------------------------- users' costs


@pytest.mark.parametrize(
    "function",
    [
        lambda a, y: (a - y) ** 4,
        lambda a, y: np.sqrt(1 + (a - y) ** 2) - 1,
        lambda a, y: np.where(a > y, a - y, 0.3 * (y - a)),
        lambda a, y: np.logaddexp(a - y, y - a),
    ],
)
def test_a_cost_of_numpy_operations_has_its_derivative(function: Any) -> None:
    """A user's cost needs no slope: dual numbers give the derivative that central differences give."""
    c, h, y = cost(function), 1e-6, np.roll(Z, 1)
    by_difference = (function(Z + h, y) - function(Z - h, y)) / (2 * h)
    np.testing.assert_allclose(c.prime(Z, y), by_difference, rtol=1e-7, atol=1e-7)  # what differences can give


def test_a_cost_with_its_slope_given_is_not_differentiated() -> None:
    """A slope that comes with the cost is called, so the cost may be any function."""
    c = cost(np.vectorize(lambda a, y: math.cosh(a - y)), slope=lambda a, y: np.sinh(a - y))
    np.testing.assert_array_equal(c.prime(Z, Z[::-1]), np.sinh(Z - Z[::-1]))


@pytest.mark.parametrize("function", [math.hypot, np.vectorize(math.hypot), np.heaviside])
def test_a_cost_without_derivative_is_refused_with_the_remedy(function: Any) -> None:
    """What dual numbers cannot differentiate is refused, and the message says to give the slope."""
    with pytest.raises(ConfigError, match=r"could not be differentiated.*\n.*cost\(f, slope="):
        cost(function)


@pytest.mark.parametrize(
    "function",
    [
        lambda a, y: ((a - y) ** 2).sum(),
        lambda a, y: ((a - y) ** 2).sum(axis=0),
        lambda a, y: a - y - (a - y).max(axis=0, keepdims=True),
    ],
)
def test_a_cost_that_mixes_outputs_is_refused(function: Any) -> None:
    """A cost of which one neuron's value depends on another is refused, for its slope would be wrong."""
    with pytest.raises(ConfigError, match="of each output neuron"):
        cost(function)


def test_an_unknown_cost_is_refused_with_the_nearest() -> None:
    """A misspelt name is answered with the nearest."""
    with pytest.raises(ConfigError, match="Did you mean 'hinge'"):
        cost("hinje")


def test_bounds_of_the_logarithm_are_far_below_any_probability() -> None:
    """The bound inside the logarithms changes nothing down to 1e-36, in float32 and in float64."""
    for dtype in (np.float32, np.float64):
        a = np.array([[1e-36, 1e-20, 0.5]], dtype)
        np.testing.assert_allclose(COSTS["log_likelihood"](a, np.ones_like(a)), -np.log(a), rtol=4 * EPS)
