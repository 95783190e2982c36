"""The laws of intervals: they hold every number that can have come out, and few others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.activations import ACTIVATIONS
from chainrule.algebra.interval import Interval, exact_below, printed, rounded_to
from chainrule.algebra.special import erf

TWO = (np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.logaddexp, np.greater, np.less_equal)
ONE = (np.negative, np.absolute, np.square, np.exp, np.expm1, np.tanh, np.sinh, np.cosh, np.sin, np.cos, np.sign, erf)
POSITIVE = (np.log, np.log1p, np.sqrt)
NUMBERS = st.floats(-6, 6, allow_subnormal=False)
SHARES = st.floats(0, 1)


def between(x: float, width: float, share: float) -> tuple[Interval, float]:
    """An interval, and a number in it."""
    return Interval(x, x + width), min(x + width * share, x + width)


@pytest.mark.parametrize("f", ONE + POSITIVE, ids=lambda f: f.__name__)
@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(NUMBERS, st.floats(0, 8), SHARES)
def test_a_function_of_an_interval_holds_its_values(f: Any, x: float, width: float, share: float) -> None:
    """Whatever number of the interval is taken, the function of it lies in the function of the interval."""
    interval, number = between(abs(x) if f in POSITIVE else x, width, share)
    with np.errstate(divide="ignore"):
        assert float(f(number)) in f(interval)


@pytest.mark.parametrize("f", TWO, ids=lambda f: f.__name__)
@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(NUMBERS, NUMBERS, st.floats(0, 3), SHARES, SHARES)
def test_a_function_of_two_intervals_holds_its_values(f: Any, x: float, y: float, width: float, s: float, t: float) -> None:
    """So it is with two operands, division through 0 included."""
    (first, a), (second, b) = between(x, width, s), between(y, width, t)
    if f is np.divide and b == 0:
        return
    with np.errstate(over="ignore"):
        assert float(f(a, b)) in f(first, second)


@pytest.mark.parametrize("n", [0, 1, 2, 3, -1, -2, 0.5])
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(NUMBERS, st.floats(0, 3), SHARES)
def test_a_power_of_an_interval_holds_its_values(n: float, x: float, width: float, share: float) -> None:
    """Whole powers of any numbers, and roots of those that have them."""
    interval, number = between(abs(x) if n == 0.5 else x, width, share)
    if abs(number) > 1e-100:  # Python's power raises where NumPy's is infinite
        assert number**n in interval**n


@pytest.mark.parametrize("name", [name for name, row in ACTIVATIONS.items() if row.elementwise])
def test_an_activation_runs_on_intervals(name: str) -> None:
    """Every activation takes an interval as it takes a number, and a narrow one stays narrow."""
    row = ACTIVATIONS[name]
    for z in (-3.2, -0.5, 0.3, 2.9):
        exact, found = float(row(np.array([z]))[0]), row(Interval(z - 1e-6, z + 1e-6))
        assert exact in found
        assert found.high - found.low <= 5e-5


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.floats(-1e6, 1e6, allow_subnormal=False), st.integers(2, 9))
def test_a_printed_number_stands_for_the_number_it_was(x: float, digits: int) -> None:
    """Half a unit of the last printed digit to both sides holds the number that was printed."""
    assert x in printed(f"{x:.{digits}f}")
    assert x in printed(f"{x:.{digits}e}")
    short = f"{x:.{digits}g}"
    assert x in rounded_to(digits)(short) or short.lstrip("-").isdecimal()
    assert x in exact_below(digits)(f"{x:#.{digits}g}")


def test_a_short_decimal_can_be_exact() -> None:
    """With six digits, 0.5 is exact, 0.500000 is rounded, and 3 is 3."""
    read = exact_below(6)
    assert (read("0.5").low, read("0.5").high, read("3").low) == (0.5, 0.5, 3.0)
    assert math.isclose(read("0.500000").high - read("0.500000").low, 1e-6, rel_tol=1e-6)


def test_what_is_open_is_both() -> None:
    """A condition that the interval does not decide gives both values."""
    found = np.where(Interval(-1, 1) > 0, Interval(5), Interval(7))
    assert (found.low, found.high) == (5, 7)
