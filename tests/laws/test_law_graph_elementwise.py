"""The law of ufuncs: NumPy has none that a graph does not know, and slopes are right at the special points."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chainrule import graph
from chainrule.graph.table import CONSTANT, OPERATIONS

UFUNCS = sorted({u for u in vars(np).values() if isinstance(u, np.ufunc)}, key=lambda u: u.__name__)
FLOATS = set("efdgFDG")
BINARY = [u for u in UFUNCS if (u.nin, u.nout, u.signature) == (2, 1, None) and u in OPERATIONS and u is not np.ldexp]
A, B = np.array([[1.3, 2.6], [0.7, 4.1]]), np.array([1.45, 0.6, 3.2])
second = graph.elementwise_grad(graph.elementwise_grad(lambda x, f: f(x)))


def slope(f, x):
    """The derivative of f at a number, in both modes."""
    forward = graph.jvp(f, (x,), (np.ones_like(x),))[1]
    reverse = graph.elementwise_grad(f)(x)
    assert np.array_equal(forward, reverse, equal_nan=True)
    return float(reverse)


def takes_floats(ufunc):
    """Whether one of its loops gives floating-point numbers for floating-point numbers."""
    loops = (loop.split("->") for loop in ufunc.types)
    return any(set(inputs) & FLOATS and set(outputs) & FLOATS for inputs, outputs in loops)


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda u: u.__name__)
def test_every_ufunc_of_numpy_has_a_rule_or_is_constant(ufunc):
    """What is left are functions of whole numbers, bits, truth values, strings and dates."""
    assert ufunc in OPERATIONS or ufunc in CONSTANT or not takes_floats(ufunc)
    assert not (ufunc in OPERATIONS and ufunc in CONSTANT)


@pytest.mark.parametrize("ufunc", BINARY, ids=lambda u: u.__name__)
def test_outer_is_the_ufunc_of_all_pairs(ufunc):
    """Value and derivatives of ufunc.outer."""
    assert np.array_equal(graph.vjp(ufunc.outer, A, B)[0], ufunc.outer(A, B))
    graph.check_grads(ufunc.outer, A, B)


@pytest.mark.parametrize(("exponent", "wanted"), [(0, 0.0), (1, 1.0), (2, 0.0), (3, 0.0), (0.5, math.inf)])
def test_a_power_at_0_has_the_slope_of_its_limit(exponent, wanted):
    """Whether the exponent is a number or an array."""
    with np.errstate(divide="ignore"):
        for b in (exponent, np.asarray(float(exponent)), np.asarray(exponent)):
            assert slope(lambda x, b=b: x**b, 0.0) == wanted
            assert slope(lambda x, b=b: np.float_power(x, b), 0.0) == wanted


@pytest.mark.parametrize(("exponent", "wanted"), [(0, 0.0), (1, 0.0), (2, 2.0), (3, 0.0), (4, 0.0)])
def test_the_second_derivative_of_a_power_at_0_is_a_number(exponent, wanted):
    """No 0 times infinity comes in from 0^(b - 2)."""
    assert float(second(0.0, lambda x: x**exponent)) == wanted


def test_a_power_of_base_0_does_not_change_with_a_positive_exponent():
    """0^b is 0 all around b = 2."""
    assert slope(lambda b: np.power(0.0, b), 2.0) == 0.0


@pytest.mark.parametrize("f", [np.absolute, np.fabs, abs, lambda x: np.hypot(x, 0.0)])
def test_the_size_of_a_number_has_slope_0_at_0(f):
    """The slope between -1 and 1 that keeps a minimum a minimum."""
    assert slope(f, 0.0) == 0.0


def test_the_modulus_of_a_complex_number_has_slope_0_at_0():
    """No division by 0."""
    assert graph.grad(np.abs)(0j) == 0


def test_a_square_root_rises_infinitely_fast_at_0():
    """The slope is infinite, with NumPy's warning."""
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert graph.elementwise_grad(np.sqrt)(0.0) == math.inf


@pytest.mark.parametrize("f", [np.maximum, np.minimum, np.fmax, np.fmin])
def test_at_a_tie_the_slopes_add_up_to_1(f):
    """One of the two operands gets the derivative, so that f(x, x) has the slope of x."""
    assert slope(lambda x: f(x, x), 0.7) == 1.0


@pytest.mark.parametrize("f", [np.fmax, np.fmin])
def test_a_number_beside_nan_gets_the_whole_derivative(f):
    """As fmax and fmin pass NaN by."""
    assert slope(lambda x: f(x, math.nan), 0.7) == slope(lambda x: f(math.nan, x), 0.7) == 1.0


@pytest.mark.parametrize("f", [np.floor, np.ceil, np.rint, np.trunc, np.sign, np.round, lambda x: x // 0.3])
def test_steps_have_slope_0(f):
    """Between the steps, at any order."""
    assert slope(f, 0.7) == 0.0


def test_the_sign_of_a_complex_number_turns_with_it():
    """It is z / |z|, and no constant, as the sign of a real number is."""
    z = np.array([0.3 + 0.4j, -1.2 - 0.5j])
    graph.check_grads(np.sign, z)
    assert np.array_equal(graph.vjp(np.sign, np.array([0j]))[0], [0j])


@pytest.mark.parametrize("x", [0.0, 1e-3, 0.5, 7.5, 30.0, 690.0, -690.0])
def test_the_slope_of_i0_is_i1_wherever_it_is_a_number(x):
    """The mean over angles that stands for it is exact, to float64, from 0 to where the value overflows."""
    special = pytest.importorskip("scipy.special")
    assert slope(np.i0, x) == pytest.approx(float(special.i1(x)), rel=1e-13)


def test_a_ufunc_may_be_called_with_a_dtype():
    """It is the ufunc of the converted operand."""
    assert slope(lambda x: np.exp(x, dtype="float32"), 1.0) == pytest.approx(math.e, rel=1e-6)
