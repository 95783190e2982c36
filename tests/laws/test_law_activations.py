"""Laws of the activation functions: what holds for every row of the table."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from law_helpers import EPS, STEP

from chainrule.activations import ACTIVATIONS, Activation, activation, per_neuron
from chainrule.algebra.dual import Dual, derivative, tangent_of
from chainrule.algebra.special import erf
from chainrule.errors import ConfigError

EACH = pytest.mark.parametrize("sigma", ACTIVATIONS.values(), ids=lambda s: s.name)
ELEMENTWISE = pytest.mark.parametrize("sigma", [s for s in ACTIVATIONS.values() if s.elementwise], ids=lambda s: s.name)
MODERATE = np.random.default_rng(5).uniform(-3, 3, (40, 5))  # beyond, 1 - a^2 loses digits that a itself no longer has
WIDE = np.concatenate([-np.logspace(4, -320, 400), [-0.0, 0.0], np.logspace(-320, 4, 400), np.linspace(-20, 20, 401)])
WIDE = WIDE[:, None] * np.ones((1, 2))


def quiet() -> Any:
    """What the engines run under: an exponential that overflows is inf, and 1/inf is the 0 that is meant."""
    return np.errstate(over="ignore")


# ----------------------------------------------------------------------------------------------------------- slopes


@ELEMENTWISE
def test_slope_is_the_derivative_by_the_complex_step(sigma: Activation) -> None:
    """The slope of a row is the derivative of its value, to 1e-12 of itself."""
    by_complex_step = sigma(MODERATE + 1j * STEP).imag / STEP
    np.testing.assert_allclose(sigma.prime(MODERATE, sigma(MODERATE)), by_complex_step, rtol=1e-12, atol=1e-300)


@ELEMENTWISE
def test_slope_is_the_derivative_by_dual_numbers(sigma: Activation) -> None:
    """The slope that a row gives is the one that dual numbers derive from its value."""
    derived = np.broadcast_to(derivative(sigma.value, MODERATE), MODERATE.shape)
    np.testing.assert_allclose(sigma.prime(MODERATE, sigma(MODERATE)), derived, rtol=1e-12, atol=1e-300)


@ELEMENTWISE
def test_slope_is_right_far_out_too(sigma: Activation) -> None:
    """Far out, where the digits of 1 - a are gone, the slope is right to a few units of the last place of 1."""
    with quiet():
        z = np.linspace(-30, 30, 777)[:, None]  # an odd spacing: no kink is hit but 0, where the slope is that of the left
        z = z[(np.abs(z) > 1e-9)][:, None]
        by_complex_step = sigma(z + 1j * STEP).imag / STEP
        found = sigma.prime(z, sigma(z))
    scale = np.maximum(np.abs(by_complex_step), np.maximum(1, np.abs(z)))
    assert np.max(np.abs(found - by_complex_step) / scale) < 8 * EPS


def test_the_slope_of_softmax_is_the_diagonal_of_its_jacobian() -> None:
    """For softmax, a(1 - a) is dA_j/dz_j, and its whole Jacobian is diag(a) - a a^T."""
    sigma, z = ACTIVATIONS["softmax"], MODERATE[:4, :1]
    a = sigma(z)
    jacobian = np.hstack([tangent_of(sigma(Dual(z, np.eye(4)[:, [k]]))) for k in range(4)])
    np.testing.assert_allclose(jacobian, np.diag(a[:, 0]) - a @ a.T, atol=1e-16)
    np.testing.assert_allclose(sigma.prime(z, a)[:, 0], np.diag(jacobian), rtol=1e-14)


# ----------------------------------------------------------------------------------------------------------- values


@EACH
def test_value_is_the_textbook_definition(sigma: Activation) -> None:
    """Arranged for accuracy or not, the value is the definition, to the few last places that the definition has itself."""
    z = np.concatenate([MODERATE, np.linspace(-30, 30, 600).reshape(-1, 5)])
    value, definition = sigma(z), (sigma.definition or sigma.value)(z)
    assert np.max(np.abs(value - definition) / np.maximum(1, np.abs(z))) <= 4 * EPS


@EACH
def test_values_are_finite_and_stay_in_their_range(sigma: Activation) -> None:
    """From -1e4 to 1e4, subnormal numbers and both zeros included, values are numbers within the row's range."""
    with quiet():
        a = sigma(WIDE)
        slopes = sigma.prime(WIDE, a)
    low, high = sigma.range
    beyond = (WIDE > 709) if sigma.name == "exponential" else np.zeros(WIDE.shape, bool)
    assert np.isfinite(a[~beyond]).all()
    assert np.isfinite(slopes[~beyond]).all()
    assert (a[beyond & (WIDE > 710)] == np.inf).all(), "e^z above 710 is no float64: inf is what it rounds to"
    assert not np.isnan(a).any()
    assert low <= a.min()
    assert a.max() <= high


@EACH
@pytest.mark.parametrize("far", [1e4, -1e4])
def test_far_values_are_the_limits(sigma: Activation, far: float) -> None:
    """At +-1e4 a value is the limit, exactly where the limit is a number and to the last place where it grows."""
    if not sigma.elementwise or sigma.name == "sine":
        return
    slow = 1 - 1 / (1 + abs(far)) if sigma.name == "softsign" else 1.0
    leak = {"identity": far, "leaky_relu": 0.01 * far, "tanh": -1, "hard_tanh": -1, "softsign": -slow, "elu": -1,
            "selu": -1.0507009873554805 * 1.6732632423543772}  # fmt: skip
    rise = {"sigmoid": 1, "tanh": 1, "hard_tanh": 1, "softsign": slow, "selu": 1.0507009873554805 * far,
            "exponential": math.inf}  # fmt: skip
    expected = rise.get(sigma.name, far) if far > 0 else leak.get(sigma.name, 0)
    with quiet():
        a = sigma(np.array([[far]]))
        slope = sigma.prime(np.array([[far]]), a)
    np.testing.assert_allclose(a[0, 0], expected, rtol=2 * EPS, atol=0)
    linear = {"identity": 1, "leaky_relu": 1 if far > 0 else 0.01, "selu": 1.0507009873554805 if far > 0 else 0}
    grows = 1 if far > 0 and sigma.name not in {"sigmoid", "tanh", "hard_tanh", "softsign"} else 0
    if sigma.name != "exponential":
        np.testing.assert_allclose(slope[0, 0], linear.get(sigma.name, grows), atol=2 / far**2)


def test_softmax_of_far_values_is_one_and_zero() -> None:
    """Softmax of (1e4, -1e4) is (1, 0), and of equal far values one half each, without overflow."""
    sigma = ACTIVATIONS["softmax"]
    np.testing.assert_array_equal(sigma(np.array([[1e4, 1e4], [-1e4, 1e4]])), [[1, 0.5], [0, 0.5]])


@EACH
def test_finite_bounds_of_the_range_are_tight(sigma: Activation) -> None:
    """Every finite bound of the range is come within 1e-3 of."""
    with quiet():
        a = sigma(WIDE)
        a = np.concatenate([a, sigma(np.array([[1e4, -1e4], [-1e4, 1e4]]))])
    for bound, reached in zip(sigma.range, (a.min(), a.max()), strict=True):
        assert abs(reached - bound) <= 1e-3 if math.isfinite(bound) else abs(reached) > 99


@EACH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_of_the_input_is_kept(sigma: Activation, dtype: Any) -> None:
    """A float32 z gives float32 values and slopes, equal to those of float64 to a few of its last places."""
    z = MODERATE.astype(dtype)
    a = sigma(z)
    slopes = sigma.prime(z, a)
    assert a.dtype == slopes.dtype == dtype
    assert a.shape == slopes.shape == z.shape
    exact = sigma(z.astype(np.float64))
    eps = np.finfo(dtype).eps
    assert np.max(np.abs(a - exact) / np.maximum(1, np.abs(exact))) < 8 * eps
    assert np.max(np.abs(slopes - sigma.prime(z.astype(np.float64), exact))) < 40 * eps  # a slope sums a few such terms


@EACH
def test_float32_far_out_is_finite(sigma: Activation) -> None:
    """In float32 too, values and slopes from -1e4 to 1e4 are numbers within the range."""
    z = WIDE.astype(np.float32)
    with quiet():
        a = sigma(z)
        slopes = sigma.prime(z, a)
    representable = (z < 88) if sigma.name == "exponential" else np.ones(z.shape, bool)
    assert np.isfinite(a[representable]).all()
    assert np.isfinite(slopes[representable]).all()
    assert np.float32(sigma.range[0]) <= a.min()
    assert a.max() <= np.float32(sigma.range[1])


@EACH
def test_values_do_not_depend_on_how_z_lies_in_memory(sigma: Activation) -> None:
    """A transposed or strided z gives the values of a contiguous one, to the last place."""
    strided = np.repeat(MODERATE, 2, axis=1)[:, ::2]
    for z in (np.asfortranarray(MODERATE), strided):
        np.testing.assert_allclose(sigma(z), sigma(MODERATE), rtol=4 * EPS)


@EACH
def test_formulas_are_printed_from_the_row(sigma: Activation) -> None:
    """Every row prints itself and its slope, in balanced LaTeX."""
    for printed in (sigma.latex, sigma.slope_latex):
        assert printed
        assert printed.count("{") == printed.count("}")
        assert printed.count(r"\left") == printed.count(r"\right")
    assert sigma.text


# ------------------------------------------------------------------------------------------------------------ erf


def test_erf_is_right_to_four_units_in_the_last_place() -> None:
    """Erf agrees with the C library's on ten thousand points to 4 ulp, and is odd."""
    x = np.concatenate([np.linspace(-7, 7, 8001), np.logspace(-300, 0, 1999)])
    exact = np.array([math.erf(v) for v in x])
    assert np.max(np.abs(erf(x) - exact) / np.spacing(np.abs(exact))) <= 4
    np.testing.assert_array_equal(erf(-x), -erf(x))


def test_erf_of_special_numbers() -> None:
    """Erf keeps zeros, NaN and the limits, takes whole numbers and scalars, and keeps float32."""
    np.testing.assert_array_equal(erf(np.array([0.0, np.inf, -np.inf, np.nan, 30])), [0, 1, -1, np.nan, 1])
    assert np.signbit(erf(np.array([-0.0])))[0]
    assert erf(1) == erf(1.0) == erf(np.array([1]))[0] == pytest.approx(math.erf(1), rel=4 * EPS)
    assert erf(np.float32([0.5])).dtype == np.float32
    out = np.empty(3)
    assert erf(np.ones(3), out) is out


def test_erf_has_its_derivative_on_complex_and_dual_numbers() -> None:
    """The complex step and dual numbers both give 2/sqrt(pi) e^(-x^2)."""
    exact = 2 / math.sqrt(math.pi) * np.exp(-(MODERATE**2))
    np.testing.assert_allclose(erf(MODERATE + 1j * STEP).imag / STEP, exact, rtol=1e-14)
    np.testing.assert_allclose(derivative(erf, MODERATE), exact, rtol=1e-14)


# ------------------------------------------------------------------------------------------------- neurons of their own


def test_a_mixture_is_its_rows_neuron_by_neuron() -> None:
    """Where every neuron has its own row, each has the values and slopes of that row, in every kind of number."""
    rows = [s for s in ACTIVATIONS.values() if s.elementwise]
    rows = [*rows, *rows[::-1]]
    mixed, z = per_neuron(rows), np.random.default_rng(2).uniform(-3, 3, (len(rows), 4))
    a = mixed(z)
    np.testing.assert_array_equal(a, np.vstack([s(z[[j]]) for j, s in enumerate(rows)]))
    np.testing.assert_array_equal(mixed.prime(z, a), np.vstack([s.prime(z[[j]], a[[j]]) for j, s in enumerate(rows)]))
    np.testing.assert_allclose(mixed(z + 1j * STEP).imag / STEP, mixed.prime(z, a), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(derivative(mixed, z), mixed.prime(z, a), rtol=1e-12, atol=1e-300)
    narrow = z.astype(np.float32), a.astype(np.float32)
    assert mixed(narrow[0]).dtype == mixed.prime(*narrow).dtype == np.float32
    assert mixed.range == (-math.inf, math.inf)
    assert mixed.neurons == tuple(rows)


def test_a_mixture_of_one_row_is_that_row() -> None:
    """Neurons that all have the same activation are a layer of that activation."""
    assert activation(["tanh", "tanh"]) is ACTIVATIONS["tanh"]


def test_softmax_is_no_activation_of_one_neuron() -> None:
    """Softmax for a single neuron is refused by name."""
    with pytest.raises(ConfigError, match="softmax works on a whole layer"):
        activation(["tanh", "softmax"])


# --------------------------------------------------------------------------------------------------- users' functions


@pytest.mark.parametrize(
    "function",
    [
        lambda z: z / np.sqrt(1 + z * z),
        lambda z: np.where(z > 0, np.log1p(np.maximum(z, 0)), z / (1 - np.minimum(z, 0))),
        lambda z: np.arctan(np.sinh(z)) * np.float64(0.7) - z**3 / 7,
        lambda z: np.clip(z, -2.5, 2.5) + abs(z) * 0.1,
        lambda z: np.sqrt(2 / np.pi) * erf(z) + np.logaddexp(z, 1.0),
    ],
)
def test_a_function_of_numpy_operations_has_its_derivative(function: Any) -> None:
    """A user's function needs no slope: dual numbers give the derivative that central differences give."""
    sigma, h = activation(function), 1e-6
    by_difference = (function(MODERATE + h) - function(MODERATE - h)) / (2 * h)
    found = sigma.prime(MODERATE, sigma(MODERATE))
    np.testing.assert_allclose(found, by_difference, rtol=1e-7, atol=1e-8)  # h^2 and EPS/h: what differences can give


def test_a_given_slope_is_used() -> None:
    """A slope that comes with the function is called, and dual numbers are not."""
    sigma = activation(np.vectorize(math.tanh), slope=lambda z, a: 1 - a * a)
    np.testing.assert_allclose(sigma.prime(MODERATE, sigma(MODERATE)), 1 - np.tanh(MODERATE) ** 2, rtol=1e-12)


@pytest.mark.parametrize(
    "function", [math.tanh, np.vectorize(math.tanh), lambda z: np.heaviside(z, 0.5), lambda z: z if z > 0 else 0 * z]
)
def test_a_function_without_derivative_is_refused_with_the_remedy(function: Any) -> None:
    """What dual numbers cannot differentiate is refused, and the message says to give the slope."""
    with pytest.raises(ConfigError, match=r"could not be differentiated.*\n.*activation\(f, slope="):
        activation(function)


@pytest.mark.parametrize(
    "function",
    [
        lambda z: z.sum(),
        lambda z: z - z.sum(axis=0, keepdims=True),
        lambda z: z - z.max(axis=1, keepdims=True),
        lambda z: z @ z.T,
    ],
)
def test_a_function_that_mixes_neurons_or_examples_is_refused(function: Any) -> None:
    """A function of which one neuron's value depends on another is refused, for its slope would be wrong."""
    with pytest.raises(ConfigError, match="works on each neuron by itself"):
        activation(function, slope=lambda z, a: np.ones_like(z))


def test_unknown_names_and_kinds_are_refused() -> None:
    """A misspelt name is answered with the nearest, and anything else with what an activation is."""
    with pytest.raises(ConfigError, match="Did you mean 'sigmoid'"):
        activation("sigmoyd")
    with pytest.raises(ConfigError, match="an activation is a name, a function"):
        activation(3)
