"""Ufuncs. A row has the slope of the result by each operand, from the operands and the result y.

Reverse mode multiplies the adjoint by it, forward mode the tangent. A slope of 1 or -1 is written as that number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from chainrule.algebra.dual import CONSTANT as WITHOUT_SLOPE
from chainrule.algebra.dual import PARTIALS
from chainrule.algebra.special import erf
from chainrule.graph.table import CONSTANT, OPERATIONS
from chainrule.graph.tracing import Operation, plain

Slope = Callable[..., Any]
LOG_2 = math.log(2.0)
N_ANGLES = 128  # exact to float64 wherever I_0 is a number: the error is of the order of e^-(2 N)^2 / 2x


def _quotient(x: Any, y: Any) -> Any:
    found: Any = x / np.where(y == 0, 1, y)
    return np.where((y == 0) & (x != 0), np.nan, found)[()]


# x / y, where 0 / 0 is 0 and x / 0 is NaN. Linear in x, so that a tangent of 0 over 0 is 0, too: a slope that is taken as 0
# where there is none (of |x| at 0) has no slope of its own there, but does no harm to what does not move.
QUOTIENT: Operation = Operation(
    "quotient", _quotient,
    (lambda g, y, x, by: QUOTIENT(g, by), lambda g, y, x, by: -g * QUOTIENT(y, by)),
    (lambda t, y, x, by: QUOTIENT(t, by), lambda t, y, x, by: -t * QUOTIENT(y, by)),
)  # fmt: skip


def finite(y: Any) -> Any:
    """The logarithm of a sum of exponentials; 0 where it is infinite: an operand of -inf is then no part of it, not NaN."""
    there = np.isfinite(y)
    return y if np.all(there) else np.where(there, y, 0.0)


def inverse(a: Any, b: Any, y: Any) -> Any:  # noqa: ARG001  every slope is called alike
    """The slope of a / b by a; Python's own 1 / 0 would be an error, where NumPy's is infinite."""
    return math.copysign(math.inf, b) if isinstance(b, int | float) and b == 0 else 1 / b


def power_slope(a: Any, b: Any, y: Any) -> Any:  # noqa: ARG001  every slope is called alike
    """Of a^b by a: b a^(b-1), and 0 where b is 0, also at a = 0."""
    if isinstance(b, int | float):
        return b * a ** (b - 1) if b else 0.0 * a
    return b * a ** np.where((a != 0) | (b != 0), b - 1, 1.0)


def exponent_slope(a: Any, b: Any, y: Any) -> Any:  # noqa: ARG001  every slope is called alike
    """Of a^b by b: y log a, and 0 at a = 0, where y is 0."""
    if isinstance(a, int | float):  # a plain number must not make float64 of float32
        return y * (math.log(a) if a > 0 else 0.0 if a == 0 else math.nan)
    return np.log(np.where(a != 0, a, 1.0)) * y


# Those of the networks' dual numbers, and what they have no need of.
SLOPES: dict[Any, tuple[Slope | None, ...]] = {
    **PARTIALS,
    np.divide: (inverse, lambda a, b, y: -y / b),
    np.power: (power_slope, exponent_slope),
    np.float_power: (power_slope, exponent_slope),
    np.fmax: (lambda a, b, y: (a > b) | np.isnan(b), lambda a, b, y: (a <= b) | np.isnan(a)),
    np.fmin: (lambda a, b, y: (a < b) | np.isnan(b), lambda a, b, y: (a >= b) | np.isnan(a)),
    np.logaddexp: (lambda a, b, y: np.exp(a - finite(y)), lambda a, b, y: np.exp(b - finite(y))),
    np.logaddexp2: (lambda a, b, y: np.exp2(a - finite(y)), lambda a, b, y: np.exp2(b - finite(y))),
    # How often b goes into a: a / b may be rounded to the next whole number, of which the remainder knows nothing.
    np.remainder: (lambda a, b, y: 1, lambda a, b, y: -np.floor_divide(a, b)),
    np.fmod: (lambda a, b, y: 1, lambda a, b, y: -np.rint((a - y) / b)),
    np.copysign: (lambda a, b, y: np.sign(a) * np.copysign(1.0, b), lambda a, b, y: 0),
    np.arccosh: (lambda x, y: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1)),),  # two roots, for complex x with a negative real part
    np.nextafter: (lambda a, b, y: 1, lambda a, b, y: 0),
    np.hypot: (lambda a, b, y: QUOTIENT(a, y), lambda a, b, y: QUOTIENT(b, y)),
    np.degrees: (lambda x, y: 180 / math.pi,),
    np.rad2deg: (lambda x, y: 180 / math.pi,),
    np.radians: (lambda x, y: math.pi / 180,),
    np.deg2rad: (lambda x, y: math.pi / 180,),
    np.exp2: (lambda x, y: LOG_2 * y,),
    np.log2: (lambda x, y: 1 / (LOG_2 * x),),
    np.log10: (lambda x, y: 1 / (math.log(10.0) * x),),
    erf: (lambda x, y: 2 / math.sqrt(math.pi) * np.exp(-x * x),),
}


def times(g: Any, slope: Any) -> Any:
    """A product, unless the slope is the plain number 1 or -1."""
    if slope.__class__ is int:
        return g if slope == 1 else -g if slope == -1 else g * slope
    return g * slope


def unary(slope: Slope) -> tuple[Slope]:
    """The rule of a row with one operand."""
    return (lambda g, y, x: times(g, slope(x, y)),)


def binary(left: Slope | None, right: Slope | None) -> tuple[Slope | None, Slope | None]:
    """The rules of a row with two operands."""
    return (
        None if left is None else lambda g, y, a, b: times(g, left(a, b, y)),
        None if right is None else lambda g, y, a, b: times(g, right(a, b, y)),
    )


def elementwise(function: Any, slopes: tuple[Slope | None, ...]) -> Operation:
    """An operation that works on each element by itself."""
    if len(slopes) > 2:
        rules: tuple[Any, ...] = tuple(
            None if slope is None else (lambda g, y, *xs, slope=slope: times(g, slope(*xs, y))) for slope in slopes
        )
    else:
        rules = unary(slopes[0]) if len(slopes) == 1 else binary(*slopes)  # type: ignore[arg-type]
    return Operation(function.__name__, function, rules, rules, needed(slopes))


class Probe(NDArrayOperatorsMixin):
    """An operand that notes whether its numbers are used."""

    def __init__(self, name: str, used: set[str]) -> None:
        self.name, self.used = name, used

    def __array_ufunc__(self, *inputs: Any, **_: Any) -> Probe:
        self.used |= {x.name for x in inputs if isinstance(x, Probe)}
        return self

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Probe:
        return self.__array_ufunc__(*args)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise AttributeError("a probe has no numbers")

    def __bool__(self) -> bool:
        raise AttributeError("a probe has no numbers")


def needed(slopes: tuple[Slope | None, ...]) -> str:
    """What the slopes of a row are made of: the operands (x), the result (y), both or none. They are run to find out."""
    used: set[str] = set()
    operands, result = [Probe("x", used) for _ in slopes], Probe("y", used)
    try:
        for slope in slopes:
            found = slope(*operands, result) if slope else 0
            used |= {found.name} if isinstance(found, Probe) else set()
    except (AttributeError, TypeError, ValueError):  # it does more than a ufunc would: it may need all
        return "xy"
    return "".join(sorted(used))


def modulus_back(g: Any, y: Any, x: Any) -> Any:
    """|x| of a complex number changes along x; of a real one, by its sign. At 0 it is taken as 0."""
    if x.dtype.kind != "c":
        return g * np.sign(x)
    return g * QUOTIENT(np.conj(x), y)


def modulus_forth(t: Any, y: Any, x: Any) -> Any:
    """As above, and the result is real."""
    return np.real(modulus_back(t, y, x))


def sign(x: Any) -> Any:
    """Of a real number, 1, -1 or 0, which do not change; of a complex one x / |x|, which turns with x."""
    if x.dtype.kind != "c":
        return np.sign(plain(x))
    return QUOTIENT(x, np.abs(x))


def fraction_and_exponent(x: Any) -> tuple[Any, Any]:
    """A number over a power of 2, and the power, which does not change."""
    exponent = np.frexp(plain(x))[1]
    return np.ldexp(x, -exponent), exponent


def bessel_slope(x: Any, y: Any) -> Any:  # noqa: ARG001  every slope is called alike
    """The Bessel function I_1: the mean of cos t e^(x cos t) over half a circle, by the rule of midpoints."""
    cosines = np.cos((np.arange(N_ANGLES) + 0.5) * (math.pi / N_ANGLES)).astype(x.dtype)
    return np.exp(x[..., None] * cosines) @ (cosines / N_ANGLES)


OPERATIONS.update({function: elementwise(function, slopes) for function, slopes in SLOPES.items()})
OPERATIONS.update({
    # Functions of complex numbers that are not analytic: their two modes differ.
    np.absolute: Operation("absolute", np.absolute, (modulus_back,), (modulus_forth,)),
    np.conjugate: Operation("conjugate", np.conjugate, (lambda g, y, x: np.conj(g),), (lambda t, y, x: np.conj(t),)),
    np.real: Operation("real", np.real, (lambda g, y, x: g,), (lambda t, y, x: np.real(t),)),
    np.imag: Operation("imag", np.imag, (lambda g, y, x: g * -1j,), (lambda t, y, x: np.imag(t),)),
    np.ldexp: Operation("ldexp", np.ldexp, (lambda g, y, a, n: np.ldexp(g, n), None)),
    np.i0: elementwise(np.i0, (bessel_slope,)),
    np.sign: sign,
    np.frexp: fraction_and_exponent,
    np.divmod: lambda a, b: (np.floor_divide(a, b), OPERATIONS[np.remainder](a, b)),
    np.modf: lambda x: (x - np.trunc(x), np.trunc(x)),
})  # fmt: skip
CONSTANT |= WITHOUT_SLOPE - {np.sign} | {
    np.floor_divide, np.trunc, np.heaviside, np.signbit, np.spacing, np.logical_xor, np.isnat,
}  # fmt: skip
