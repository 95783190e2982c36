"""A law in one line: the derivatives of a function are those that differences of its values show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph import trees
from chainrule.graph.modes import as_array, jvp, vjp

# A difference of four values, whose error falls with the fourth power of the step: (8 (f1 - f-1) - (f2 - f-2)) / 12 h.
OFFSETS, FACTORS = (-2, -1, 1, 2), (1 / 12, -8 / 12, 8 / 12, -1 / 12)
STEP = 1e-3
Function = Callable[..., Any]


def check_grads(
    f: Function, *args: Any, modes: Sequence[str] = ("forward", "reverse"), order: int = 2, tolerance: float = 1e-6,
    seed: int = 0,
) -> None:  # fmt: skip
    """Check the derivatives of f at a point, in a random direction, against differences of its values.

    Parameters
    ----------
    f : callable
    *args
        Where: float64 or complex numbers; f must be smooth within 1e-2 of them.
    modes : sequence of {"forward", "reverse"}
        At order 2, each of them is checked through each.
    order : int
        Up to which derivative.
    tolerance : float
        How far they may be apart, relative to the larger, and to 1.

    Raises
    ------
    GraphError
        A derivative is wrong; the message says which mode and order, and both numbers.

    Examples
    --------
    >>> import numpy as np
    >>> check_grads(lambda x: np.sin(x) * x, np.array([0.3, -1.2]))
    """
    if not modes or set(modes) - {"forward", "reverse"}:
        raise GraphError(f"modes = {modes!r}: derivatives are computed in mode 'forward', in mode 'reverse', or in both.")
    _check(f, args, tuple(modes), order, tolerance, np.random.default_rng(seed), "f")


def _check(
    f: Function, args: tuple[Any, ...], modes: tuple[str, ...], order: int, tolerance: float, rng: np.random.Generator,
    name: str,
) -> None:  # fmt: skip
    v = trees.mapped(lambda x: drawn(x, rng), args)
    y = f(*args)
    g = trees.mapped(lambda x: drawn(x, rng), y)
    measured = difference(f, args, v)
    for mode in modes:
        if mode == "forward":
            tangents = trees.leaves(jvp(f, args, v)[1])
            pairs = [*zip(tangents, measured, strict=True)]
        else:
            adjoints = trees.leaves(vjp(f, *args)[1](g))
            pairs = [(_paired(adjoints, trees.leaves(v)), _paired(trees.leaves(g), measured))]
        for found, wanted in pairs:
            _compare(found, wanted, tolerance, f"{mode} mode of {name}")
        if order > 1:
            inner = _forward(f, v) if mode == "forward" else _reverse(f, g)
            _check(inner, args, modes, order - 1, tolerance, rng, f"the {mode} mode of {name}")


def _forward(f: Function, v: Any) -> Function:
    return lambda *args: jvp(f, args, v)[1]


def _reverse(f: Function, g: Any) -> Function:
    return lambda *args: vjp(f, *args)[1](g)


def drawn(x: Any, rng: np.random.Generator) -> Any:
    """A random direction, of x's shape."""
    x = as_array(x)
    real = rng.standard_normal(x.shape)
    return real + 1j * rng.standard_normal(x.shape) if x.dtype.kind == "c" else real


def difference(f: Function, args: tuple[Any, ...], v: Any) -> list[Any]:
    """How the results of f change along v, by differences of its values."""
    total: list[Any] = []
    for offset, factor in zip(OFFSETS, FACTORS, strict=True):
        moved = trees.mapped(lambda x, d, by=offset: as_array(x) + by * STEP * d, args, v)
        terms = [as_array(y) * (factor / STEP) for y in trees.leaves(f(*moved))]
        total = [a + b for a, b in zip(total, terms, strict=True)] if total else terms
    return total


def _paired(adjoints: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The real number that adjoints make of tangents: Re sum g dx."""
    return sum(np.sum(np.real(g * t)) for g, t in zip(adjoints, tangents, strict=True))


def _compare(found: Any, wanted: Any, tolerance: float, what: str) -> None:
    found, wanted = np.asarray(found), np.asarray(wanted)
    if found.shape != wanted.shape:
        raise GraphError(
            f"{what}: the derivative has shape {found.shape}, the function's values have shape {wanted.shape}."
        )
    allowed = tolerance * np.maximum(1.0, np.maximum(np.abs(found), np.abs(wanted)))
    wrong = ~(np.abs(found - wanted) <= allowed)
    if wrong.any():
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise GraphError(
            f"{what}: the derivative is {found[at]:.9g}, but differences of the values give {wanted[at]:.9g}"
            f"{f' at {at}' if at else ''}.\nThe rule is wrong, or the function is not smooth there."
        )
