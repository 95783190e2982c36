"""Intervals: what a printed decimal stands for, and what can be computed from it.

``0.559714`` says that a number lies within half a unit of its last digit. Arithmetic on intervals carries that along, with
each bound rounded outwards, so the result holds every number that the printed ones can have come from.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from chainrule.algebra.special import erf

INF = math.inf
_ULPS = 4  # more than an elementary function of the C library is ever off by
Bounds = tuple[float, float]


class Interval(NDArrayOperatorsMixin):
    """All numbers from ``low`` to ``high``; it takes part in Python's operators and NumPy's functions, as a number does.

    >>> print(printed("0.50") * 2 + 1)
    [1.99, 2.01]
    """

    __slots__ = ("high", "low")
    __hash__ = object.__hash__

    def __init__(self, low: float, high: float | None = None) -> None:
        self.low, self.high = float(low), float(low if high is None else high)

    def __contains__(self, x: float) -> bool:
        return self.low <= x <= self.high

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """NumPy hands every function on an interval to this method."""
        if method != "__call__" or options:
            return NotImplemented
        if any(isinstance(x, np.ndarray) and x.ndim for x in inputs):
            return each(ufunc, *inputs)
        rule = _RULES.get(ufunc)
        return NotImplemented if rule is None else Interval(*rule(*(as_interval(x) for x in inputs)))

    def __array_function__(self, function: Any, _types: Any, args: Any, kwargs: Any) -> Any:
        return choose(*args, **kwargs) if function is np.where else NotImplemented

    def __getattr__(self, name: str) -> Callable[[], Any]:
        """Object arrays call ``x.exp()`` for ``np.exp``."""
        ufunc = getattr(np, name, None)
        if isinstance(ufunc, np.ufunc) and ufunc in _RULES and ufunc.nin == 1:
            return lambda: ufunc(self)
        raise AttributeError(f"an interval has no {name!r}")

    def __bool__(self) -> bool:
        raise TypeError("an interval has no truth value")

    def __repr__(self) -> str:
        return f"[{self.low:g}, {self.high:g}]"


def as_interval(x: Any) -> Interval:
    """A number as the interval of itself alone."""
    return x if isinstance(x, Interval) else Interval(float(x))


def each(function: Callable[..., Any], *inputs: Any) -> Any:
    """A function of numbers and intervals on every element of arrays of them."""
    return np.frompyfunc(function, len(inputs), 1)(*(_boxed(x) for x in inputs))


def _boxed(x: Any) -> Any:
    """An interval as an array without axes, which NumPy broadcasts."""
    if not isinstance(x, Interval):
        return x
    box = np.empty((), object)
    box[()] = x
    return box


def printed(text: str) -> Interval:
    """The interval of a printed decimal: half a unit of its last digit to both sides; an integer is itself.

    >>> printed("0.25"), printed("-1.5e-05"), printed("3")
    ([0.245, 0.255], [-1.55e-05, -1.45e-05], [3, 3])
    """
    digits, _, exponent = text.lower().partition("e")
    if "." not in digits and not exponent:
        return Interval(float(text))
    return _around(text, -len(digits.partition(".")[2]) + int(exponent or 0))


def rounded_to(digits: int) -> Callable[[str], Interval]:
    """The reader of decimals rounded to so many significant digits, whose last zeros are left out; an integer is exact."""
    return lambda text: _rounded(text, digits, text.isdecimal() and significant(text) < digits)


def exact_below(digits: int) -> Callable[[str], Interval]:
    """The reader of decimals that are exact where they have fewer significant digits than this, and rounded otherwise."""
    return lambda text: _rounded(text, digits, significant(text) < digits)


def significant(text: str) -> int:
    """How many significant digits a decimal is printed with."""
    return len(text.lower().partition("e")[0].lstrip("-").replace(".", "").lstrip("0"))


def _rounded(text: str, digits: int, exact: bool) -> Interval:
    return Interval(float(text)) if exact else _around(text, _exponent(text) + 1 - digits)


def _exponent(text: str) -> int:
    """The power of ten of the first significant digit."""
    return math.floor(math.log10(abs(float(text)))) if float(text) else 0


def _around(text: str, place: int) -> Interval:
    half = float(f"5e{place - 1}")
    return Interval(*_outwards(float(text) - half, float(text) + half))


def choose(condition: Any, x: Any, y: Any) -> Any:
    """``np.where`` on intervals: both, where the condition is open."""
    if any(isinstance(value, np.ndarray) and value.ndim for value in (condition, x, y)):
        return each(choose, condition, x, y)
    held = as_interval(condition)
    if 0 not in held:
        return x
    if held.low == held.high:
        return y
    x, y = as_interval(x), as_interval(y)
    return Interval(min(x.low, y.low), max(x.high, y.high))


def _outwards(low: float, high: float) -> Bounds:
    """Bounds a few units in the last place further out; a bound that is no number is no bound."""
    low, high = (-INF if math.isnan(low) else low), (INF if math.isnan(high) else high)
    return (
        low - _ULPS * float(np.spacing(abs(low))) if math.isfinite(low) else low,
        high + _ULPS * float(np.spacing(abs(high))) if math.isfinite(high) else high,
    )


def _corners(f: Callable[[float, float], float], x: Interval, y: Interval) -> Bounds:
    values = [f(a, b) for a in (x.low, x.high) for b in (y.low, y.high)]
    return _outwards(min(values), max(values))


def _product(a: float, b: float) -> float:
    return 0.0 if 0 in (a, b) else a * b  # a bound that is 0 is exact, even beside one that is infinite


def _divide(x: Interval, y: Interval) -> Bounds:
    if 0 in y:
        return -INF, INF
    return _corners(lambda a, b: 0.0 if math.isinf(b) else a / b, x, y)


def _power(x: Interval, y: Interval) -> Bounds:
    n = y.low
    if y.low != y.high or n != int(n):
        return _corners(_raised, x, y) if x.low >= 0 else (-INF, INF)
    if n < 0:
        return _divide(Interval(1), Interval(*_power(x, Interval(-n))))
    low, high = sorted((_raised(x.low, n), _raised(x.high, n)))
    return _outwards(0.0 if n % 2 == 0 and n and 0 in x else low, high)


def _raised(x: float, n: float) -> float:
    with np.errstate(all="ignore"):
        return float(np.power(x, n))


def _rising(f: Callable[[Any], Any]) -> Callable[[Interval], Bounds]:
    """A function that never falls."""

    def rule(x: Interval) -> Bounds:
        with np.errstate(all="ignore"):
            return _outwards(float(f(x.low)), float(f(x.high)))

    return rule


def _even(f: Callable[[Any], Any]) -> Callable[[Interval], Bounds]:
    """A function of |x| that never falls."""
    return lambda x: _rising(f)(Interval(*_absolute(x)))


def _absolute(x: Interval) -> Bounds:
    return (0.0 if 0 in x else min(abs(x.low), abs(x.high))), max(abs(x.low), abs(x.high))


def _wave(f: Callable[[Any], Any], crest: float) -> Callable[[Interval], Bounds]:
    """A function between -1 and 1 with its crests at crest + 2 pi k, and its troughs halfway."""

    def passes(x: Interval, place: float) -> bool:
        return math.floor((x.high - place) / (2 * math.pi)) != math.floor((x.low - place) / (2 * math.pi))

    def rule(x: Interval) -> Bounds:
        if x.high - x.low >= 6:  # nearly a whole turn
            return -1.0, 1.0
        low, high = sorted((float(f(x.low)), float(f(x.high))))
        return _outwards(-1.0 if passes(x, crest + math.pi) else low, 1.0 if passes(x, crest) else high)

    return rule


def _above(strict: bool) -> Callable[[Interval, Interval], Bounds]:
    """Whether x is greater than y: 1, 0, or open."""

    def rule(x: Interval, y: Interval) -> Bounds:
        surely, possibly = (x.low > y.high, x.high > y.low) if strict else (x.low >= y.high, x.high >= y.low)
        return float(surely), float(possibly)

    return rule


_RULES: dict[Any, Callable[..., Bounds]] = {
    np.add: lambda x, y: _outwards(x.low + y.low, x.high + y.high),
    np.subtract: lambda x, y: _outwards(x.low - y.high, x.high - y.low),
    np.multiply: lambda x, y: _corners(_product, x, y),
    np.divide: _divide,
    np.power: _power,
    np.square: lambda x: _power(x, Interval(2)),
    np.negative: lambda x: (-x.high, -x.low),
    np.positive: lambda x: (x.low, x.high),
    np.absolute: _absolute,
    np.maximum: lambda x, y: (max(x.low, y.low), max(x.high, y.high)),
    np.minimum: lambda x, y: (min(x.low, y.low), min(x.high, y.high)),
    np.sign: lambda x: (float(np.sign(x.low)), float(np.sign(x.high))),
    np.logaddexp: lambda x, y: _outwards(float(np.logaddexp(x.low, y.low)), float(np.logaddexp(x.high, y.high))),
    np.cosh: _even(np.cosh),
    np.sin: _wave(np.sin, math.pi / 2),
    np.cos: _wave(np.cos, 0.0),
    np.greater: _above(strict=True),
    np.greater_equal: _above(strict=False),
    np.less: lambda x, y: _above(strict=True)(y, x),
    np.less_equal: lambda x, y: _above(strict=False)(y, x),
    **{f: _rising(f) for f in (np.exp, np.expm1, np.tanh, np.sinh, np.arctan, np.arcsinh, np.cbrt, erf)},
    np.log: _rising(lambda x: np.log(max(x, 0.0))),
    np.log1p: _rising(lambda x: np.log1p(max(x, -1.0))),
    np.sqrt: _rising(lambda x: np.sqrt(max(x, 0.0))),
}
