"""Examples of ufuncs: real numbers in the middle of each domain, and complex ones where the function is defined on them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.algebra.special import erf

X = np.array([[-0.8, 0.35, 1.6], [0.7, -1.3, 2.2]])
Y = np.array([1.4, -0.6, 0.9])
INNER = np.array([-0.7, 0.15, 0.6])
OUTER = np.array([1.3, 2.6, 4.1])
Z = np.array([0.4 + 0.3j, -1.2 - 0.5j, -0.6 + 1.1j, 2.1 - 0.8j])
W = np.array([[0.8 - 0.6j], [1.1 + 0.2j]])

REAL = (
    np.sin, np.cos, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.exp, np.exp2, np.expm1, np.cbrt,
    np.degrees, np.rad2deg, np.radians, np.deg2rad, np.absolute, np.fabs, np.negative, np.positive, np.square,
    np.reciprocal, np.conjugate, np.real, np.imag, np.sign, np.modf, np.frexp, np.i0, erf,
)  # fmt: skip
ABOVE_1 = (np.sqrt, np.log, np.log2, np.log10, np.log1p, np.arccosh)
COMPLEX = (
    np.sin, np.cos, np.tan, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.exp, np.exp2, np.expm1,
    np.absolute, np.negative, np.positive, np.square, np.reciprocal, np.conjugate, np.real, np.imag, np.sign,
    np.sqrt, np.log, np.log2, np.log10, np.log1p, np.arcsin, np.arccos, np.arccosh, np.arctanh,
)  # fmt: skip
BINARY = (
    np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.fmax, np.fmin, np.hypot, np.arctan2,
    np.logaddexp, np.logaddexp2, np.remainder, np.fmod, np.divmod, np.copysign, np.nextafter,
)  # fmt: skip

ROWS: list[tuple[Any, ...]] = [
    *((f, X) for f in REAL),
    *((f, OUTER) for f in ABOVE_1),
    *((f, INNER) for f in (np.tan, np.arcsin, np.arccos, np.arctanh)),
    *((f, Z) for f in COMPLEX),
    *((f, X, Y) for f in BINARY),
    *((f, W, Z) for f in (np.add, np.subtract, np.multiply, np.divide)),
    *((f, OUTER, Y) for f in (np.power, np.float_power)),
    *((f, W, Z) for f in (np.power, np.float_power)),
    (np.power, X, 3),
    (np.ldexp, X, np.array([2, -1, 0])),
    *((f, Z, np.array([0.3, -1.2, 0.6, 1.5])) for f in (np.multiply, np.add)),
]
