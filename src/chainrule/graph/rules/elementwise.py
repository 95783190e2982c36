"""Ufuncs. A row has the slope of the result by each operand, from the operands and the result y.

Reverse mode multiplies the adjoint by it, forward mode the tangent. A slope of 1 or -1 is written as that number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.algebra.dual import CONSTANT as WITHOUT_SLOPE
from chainrule.algebra.dual import PARTIALS
from chainrule.algebra.special import erf
from chainrule.graph.table import CONSTANT, OPERATIONS
from chainrule.graph.tracing import Operation

Slope = Callable[..., Any]
LOG_2 = math.log(2.0)


def power_slope(a: Any, b: Any, y: Any) -> Any:  # noqa: ARG001  every slope is called alike
    """b a^(b-1), and 0 where b is 0, also at a = 0."""
    if isinstance(b, int | float):
        return b * a ** (b - 1) if b else 0.0 * a
    return b * a ** np.where(b != 0, b - 1, 1.0)


def exponent_slope(a: Any, b: Any, y: Any) -> Any:  # noqa: ARG001  every slope is called alike
    """y log a, and 0 at a = 0, where y is 0."""
    return np.log(np.where(a != 0, a, 1.0)) * y


# Those of the networks' dual numbers, and what they have no need of.
SLOPES: dict[Any, tuple[Slope | None, ...]] = {
    **PARTIALS,
    np.power: (power_slope, exponent_slope),
    np.float_power: (power_slope, exponent_slope),
    np.fmax: (lambda a, b, y: (a > b) | np.isnan(b), lambda a, b, y: (a <= b) | np.isnan(a)),
    np.fmin: (lambda a, b, y: (a < b) | np.isnan(b), lambda a, b, y: (a >= b) | np.isnan(a)),
    np.logaddexp2: (lambda a, b, y: np.exp2(a - y), lambda a, b, y: np.exp2(b - y)),
    np.remainder: (lambda a, b, y: 1, lambda a, b, y: -np.floor(a / b)),
    np.fmod: (lambda a, b, y: 1, lambda a, b, y: -np.trunc(a / b)),
    np.copysign: (lambda a, b, y: np.sign(a) * np.copysign(1.0, b), None),
    np.ldexp: (lambda a, b, y: np.exp2(b), None),
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
    return Operation(function.__name__, function, rules, rules)


def modulus_back(g: Any, y: Any, x: Any) -> Any:
    """|x| of a complex number changes along x; of a real one, by its sign. At 0 it is taken as 0."""
    if x.dtype.kind != "c":
        return g * np.sign(x)
    return g * np.conj(x) / np.where(y != 0, y, 1.0)


def modulus_forth(t: Any, y: Any, x: Any) -> Any:
    """As above, and the result is real."""
    return np.real(modulus_back(t, y, x))


OPERATIONS.update({function: elementwise(function, slopes) for function, slopes in SLOPES.items()})
OPERATIONS.update({
    # Functions of complex numbers that are not analytic: their two modes differ.
    np.absolute: Operation("absolute", np.absolute, (modulus_back,), (modulus_forth,)),
    np.conjugate: Operation("conjugate", np.conjugate, (lambda g, y, x: np.conj(g),), (lambda t, y, x: np.conj(t),)),
    np.real: Operation("real", np.real, (lambda g, y, x: g,), (lambda t, y, x: np.real(t),)),
    np.imag: Operation("imag", np.imag, (lambda g, y, x: -1j * g,), (lambda t, y, x: np.imag(t),)),
    np.divmod: lambda a, b: (np.floor_divide(a, b), OPERATIONS[np.remainder](a, b)),
    np.modf: lambda x: (x - np.trunc(x), np.trunc(x)),
})  # fmt: skip
CONSTANT |= WITHOUT_SLOPE | {
    np.floor_divide, np.trunc, np.heaviside, np.signbit, np.spacing, np.logical_xor, np.isnat, np.frexp, np.nextafter,
}  # fmt: skip
