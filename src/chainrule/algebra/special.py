"""Functions that NumPy lacks in a form for every operand: real and complex arrays, duals and symbols."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

_SPLIT, _END = 1.0, 6.0  # erf(6) differs from 1 by 2e-17: below half an ulp
_MACLAURIN = [2 / math.sqrt(math.pi) * (-1) ** k / (math.factorial(k) * (2 * k + 1)) for k in range(19)]  # erf(x)/x in x^2


@cache
def _tail(low: float, high: float, degree: int) -> np.ndarray:
    """Chebyshev coefficients that interpolate erfc(x) e^{x^2} over 1/x, from ``math.erfc``."""
    n = degree + 1
    # The angles of all cosines are multiples of pi/2n: taken within one turn, they are exact to the last place.
    turn = np.cos(np.pi / (2 * n) * np.arange(4 * n))
    odd = 2 * np.arange(n) + 1
    x = 1 / ((low + high) / 2 + (high - low) / 2 * turn[odd])
    f = np.array([math.erfc(v) * math.exp(v**2) for v in x])
    return np.array([2 / n * math.fsum(f * turn[j * odd % (4 * n)]) for j in range(n)])


def _clenshaw(coefficients: np.ndarray, u: np.ndarray) -> Any:
    """The Chebyshev series at u in [-1, 1]."""
    b1, b2 = np.zeros_like(u), np.zeros_like(u)
    for c in coefficients[:0:-1]:
        b1, b2 = 2 * u * b1 - b2 + c, b1
    return u * b1 - b2 + coefficients[0] / 2


def _erf_real(x: np.ndarray) -> Any:
    """The error function of real numbers, to 4 ulp of float64."""
    x64 = np.asarray(x, dtype=np.float64)
    size = np.abs(x64)
    small = np.minimum(size, _SPLIT)
    square, inner = small * small, np.full_like(small, _MACLAURIN[-1])
    for c in _MACLAURIN[-2::-1]:
        inner = inner * square + c
    large = np.clip(size, _SPLIT, _END)
    low, high = 1 / _END, 1 / _SPLIT
    scaled = _clenshaw(_tail(low, high, 28), (2 / large - (low + high)) / (high - low))
    outer = 1 - scaled * np.exp(-(large**2))
    result = np.copysign(np.where(size < _SPLIT, inner * small, outer), x64)
    return np.where(np.isnan(x64), x64, result).astype(np.asarray(x).dtype)


class _Erf:
    """The error function, dispatched as a NumPy ufunc would be."""

    __name__ = "erf"

    def __call__(self, x: Any, out: Any = None) -> Any:
        """The value at each element; on complex numbers: to first order in the imaginary part (the complex step)."""
        if not isinstance(x, np.ndarray | np.generic) and hasattr(x, "__array_ufunc__"):
            return x.__array_ufunc__(self, "__call__", x)
        x = np.asarray(x)
        if np.iscomplexobj(x):
            result: Any = _erf_real(x.real) + 1j * x.imag * (2 / math.sqrt(math.pi) * np.exp(-(x.real**2)))
        else:
            result = _erf_real(x if x.dtype.kind == "f" else x.astype(np.float64))
        if out is None:
            return result[()]
        np.copyto(out, result)
        return out

    def __repr__(self) -> str:
        return "erf"


erf = _Erf()


def size(x: Any) -> Any:
    """|x| for real and complex numbers alike (the larger of x and -x by their real parts)."""
    return np.maximum(x, -x)


def sign(x: Any) -> Any:
    """The slope of |x|: 1, -1, and 0 at 0."""
    return (x > 0) * 1.0 - (x < 0) * 1.0


def softplus(z: Any) -> Any:
    """The logarithm of 1 + e^z, without overflow."""
    return np.maximum(z, 0) + np.log1p(np.exp(-size(z)))
