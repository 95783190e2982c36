"""The witnesses: ways to a derivative that know nothing of BP1 to BP4.

Three of them follow a function along one direction. Each is a row: a name, what one derivative costs, and the function
(f, point, direction, step) that gives it. Reverse mode, which gives all of them at once, is in :mod:`.reverse_mode`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chainrule.algebra.dual import Dual, tangent_of
from chainrule.graph.modes import jvp

TINY_STEP = 2.0**-100  # of the complex step: its square vanishes beside 1, so nothing is cut off and nothing subtracted
STEP = 2.0**-17.333333  # of central differences: the cube root of the rounding error, where both of their errors meet
EPS = 2.0**-52
Function = Callable[[Any], Any]
FAILURES = (TypeError, ValueError, NotImplementedError, AttributeError, ArithmeticError, IndexError)  # of a user's function


class Witness(NamedTuple):
    """A way to a derivative along a direction."""

    name: str
    passes: int  # forward passes for one derivative
    along: Callable[[Function, np.ndarray, np.ndarray, Any], Any]
    tolerance: float  # relative to the largest derivative
    exact: bool = True


def complex_step(f: Function, point: np.ndarray, direction: np.ndarray, _step: Any = 0) -> Any:
    """The imaginary part of f a tiny imaginary step away, over the step."""
    return np.imag(f(point + (1j * TINY_STEP) * direction)) / TINY_STEP


def central_difference(f: Function, point: np.ndarray, direction: np.ndarray, step: Any) -> Any:
    """The difference of two values, over that of the places."""
    return (f(point + step * direction) - f(point - step * direction)) / (2 * step)


def forward_mode(f: Function, point: np.ndarray, direction: np.ndarray, _step: Any = 0) -> Any:
    """The tangent that f carries along; by the graph's forward mode where a function has no rule for dual numbers."""
    try:
        tangent = tangent_of(f(Dual(point, direction)))
        if np.asarray(tangent).dtype.kind == "f":
            return tangent
    except FAILURES:
        pass
    return jvp(f, (point,), (direction,))[1]


COMPLEX = Witness("complex step", 1, complex_step, 1e-12)
CENTRAL = Witness("central differences", 2, central_difference, 1e-6, exact=False)
FORWARD = Witness("forward mode", 1, forward_mode, 1e-12)
WITNESSES = (COMPLEX, CENTRAL, FORWARD)
REVERSE = "reverse mode"
EQUATION = "residual"  # not a witness: the equation itself, written out by components


def obstacle(w: Witness, f: Function, z: np.ndarray, smooth: np.ndarray) -> str:
    """Why a witness cannot follow a user's own elementwise function; nothing where it can."""
    ones = np.ones_like(z)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        try:
            found = np.broadcast_to(np.asarray(w.along(f, z, ones, STEP), float), z.shape)[smooth]
        except np.exceptions.ComplexWarning:
            return NOT_ANALYTIC
        except FAILURES as error:
            return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        wanted = np.asarray(central_difference(f, z, ones, STEP))[smooth]
    off = np.abs(found - wanted) > 1e-4 * (1e-6 + np.abs(wanted).max(initial=0.0))
    if off.any() or not np.isfinite(found).all():
        return NOT_ANALYTIC if w is COMPLEX else "its derivative there is not that of its values"
    return ""


NOT_ANALYTIC = "on complex numbers it is another function (np.abs, np.real and their kin are)"
