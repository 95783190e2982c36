"""Functions that change the shape, or move numbers about without losing any: linear, so that forward mode is the function.

A row is the way back: what moves the adjoint to where the operand's elements were.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph.modes import as_array
from chainrule.graph.refusals import changed
from chainrule.graph.table import OPERATIONS
from chainrule.graph.tracing import Operation, plain


def as_before(g: Any, y: Any, x: Any, *_: Any, **__: Any) -> Any:  # noqa: ARG001  every rule is called alike
    """The operand's shape again."""
    return np.reshape(g, x.shape)


def transpose_back(g: Any, y: Any, x: Any, axes: Any = None) -> Any:  # noqa: ARG001  every rule is called alike
    """The inverse permutation; axes may be counted from the end."""
    return np.transpose(g, None if axes is None else np.argsort([axis % x.ndim for axis in axes]))


BACK: dict[Any, Callable[..., Any]] = {
    np.squeeze: as_before,
    np.expand_dims: as_before,
    np.transpose: transpose_back,
    np.matrix_transpose: lambda g, y, x: np.matrix_transpose(g),
    np.swapaxes: lambda g, y, x, axis1, axis2: np.swapaxes(g, axis1, axis2),
    np.moveaxis: lambda g, y, x, source, destination: np.moveaxis(g, destination, source),
    np.broadcast_to: lambda g, y, x, shape, subok=False: g,
    np.flip: lambda g, y, m, axis=None: np.flip(g, axis),
    np.fliplr: lambda g, y, m: np.fliplr(g),
    np.flipud: lambda g, y, m: np.flipud(g),
    np.rot90: lambda g, y, m, k=1, axes=(0, 1): np.rot90(g, -k, axes),
    np.roll: lambda g, y, a, shift, axis=None: np.roll(g, np.negative(shift), axis),
    np.tril: lambda g, y, m, k=0: np.tril(g, k),
    np.triu: lambda g, y, m, k=0: np.triu(g, k),
}
OPERATIONS.update({function: Operation(function.__name__, function, (back,)) for function, back in BACK.items()})


def _reshape(x: Any, shape: Any, order: Any = "C") -> Any:
    if order not in {"C", "F"}:
        raise GraphError(
            f"order = {order!r}: which element comes first would depend on how the array lies in memory, which a graph "
            "does not keep.\nTake order 'C' (the last axis runs fastest) or 'F' (the first does)."
        )
    return np.reshape(x, shape, order=order)


RESHAPE: Operation = Operation("reshape", _reshape, (lambda g, y, x, shape, order="C": RESHAPE(g, x.shape, order=order),))
ASTYPE = Operation("astype", lambda x, dtype: x.astype(dtype), (lambda g, y, x, dtype: g, None))


def astype(x: Any, dtype: Any, *, copy: bool = True, device: Any = None) -> Any:  # noqa: ARG001  nothing is changed in place
    """Of another scalar type; whole numbers and truth values are plain."""
    return ASTYPE(x, dtype) if np.dtype(dtype).kind in "fc" else plain(x).astype(dtype)


def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """An axis moved until it lies before another."""
    axis, start = axis % a.ndim, start + a.ndim if start < 0 else start
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


def at_least(function: Any) -> Callable[..., Any]:
    """np.atleast_1d and its kin, of one array or of several."""
    operation = Operation(function.__name__, function, (as_before,))

    def raised(*arys: Any) -> Any:
        found = tuple(operation(as_array(x)) for x in arys)
        return found[0] if len(found) == 1 else found

    return raised


def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Any, ...]:  # noqa: ARG001  there are no subclasses
    """All of one shape."""
    parts = [as_array(x) for x in args]
    shape = np.broadcast_shapes(*(x.shape for x in parts))
    return tuple(np.broadcast_to(x, shape) for x in parts)


def tile(A: Any, reps: Any) -> Any:
    """Copies side by side: the array broadcast along a new axis before each of its own."""
    reps = (reps,) if isinstance(reps, int | np.integer) else tuple(reps)
    ndim = max(A.ndim, len(reps))
    shape, reps = (1,) * (ndim - A.ndim) + A.shape, (1,) * (ndim - len(reps)) + reps
    spread = np.broadcast_to(
        np.reshape(A, [size for n in shape for size in (1, n)]),
        [size for pair in zip(reps, shape, strict=True) for size in pair],
    )
    return np.reshape(spread, [r * n for r, n in zip(reps, shape, strict=True)])


def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:  # noqa: ARG001
    """Coordinates of a grid: each array along an axis of its own, the first two exchanged for "xy"."""
    if indexing not in {"xy", "ij"}:
        raise GraphError(f"indexing = {indexing!r}: it is 'xy' (the first array runs along columns) or 'ij' (along rows).")
    parts = [np.ravel(as_array(x)) for x in xi]
    along = [*range(len(parts))]
    if indexing == "xy" and len(parts) > 1:
        along[:2] = 1, 0
    found = [
        np.reshape(x, [-1 if k == axis else 1 for k in range(len(parts))]) for x, axis in zip(parts, along, strict=True)
    ]
    return tuple(found) if sparse else broadcast_arrays(*found)


def pieces(ary: Any, indices_or_sections: Any, axis: int = 0, *, equal: bool = True) -> list[Any]:
    """Consecutive parts along an axis: how many, or where to cut."""
    ranges = (np.split if equal else np.array_split)(np.arange(ary.shape[axis]), indices_or_sections)
    before = (slice(None),) * (axis % ary.ndim)
    return [ary[*before, slice(int(k[0]), int(k[-1]) + 1) if k.size else slice(0, 0)] for k in ranges]


def splitting(name: str, least: int, axis: Callable[[Any], int]) -> Callable[..., list[Any]]:
    """np.hsplit and its kin: the axis is part of the name."""

    def split(ary: Any, indices_or_sections: Any) -> list[Any]:
        if ary.ndim < least:
            raise GraphError(f"np.{name} needs an array with at least {least} axes, but its shape is {ary.shape}.")
        return pieces(ary, indices_or_sections, axis(ary))

    return split


def refusing(name: str) -> Callable[..., Any]:
    """A function that changes its operand in place."""

    def function(*_: Any, **__: Any) -> Any:
        raise changed(f"np.{name}")

    return function


def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """Without the zeros at the front, at the back, or both: a slice along each axis."""
    chosen = range(filt.ndim) if axis is None else [k % filt.ndim for k in np.atleast_1d(axis)]
    index = [slice(None)] * filt.ndim
    for k, places in enumerate(np.nonzero(plain(filt))):
        if k in chosen:
            first, last = (places.min(), places.max() + 1) if places.size else (0, 0)
            low, high = trim.lower().count("f") > 0, trim.lower().count("b") > 0 or not places.size
            index[k] = slice(int(first) if low else 0, int(last) if high else None)
    return filt[tuple(index)]


IN_PLACE = ("fill_diagonal", "copyto", "put", "place", "putmask", "put_along_axis")
OPERATIONS.update({
    np.reshape: lambda a, shape, order="C", copy=None: RESHAPE(a, shape, order=order),
    np.ravel: lambda a, order="C": RESHAPE(a, -1, order=order),
    np.rollaxis: rollaxis,
    np.atleast_1d: at_least(np.atleast_1d), np.atleast_2d: at_least(np.atleast_2d), np.atleast_3d: at_least(np.atleast_3d),
    np.broadcast_arrays: broadcast_arrays,
    np.tile: tile,
    np.meshgrid: meshgrid,
    np.split: pieces,
    np.array_split: lambda ary, indices_or_sections, axis=0: pieces(ary, indices_or_sections, axis, equal=False),
    np.hsplit: splitting("hsplit", 1, lambda x: min(x.ndim, 2) - 1),
    np.vsplit: splitting("vsplit", 2, lambda x: 0),
    np.dsplit: splitting("dsplit", 3, lambda x: 2),
    np.unstack: lambda x, axis=0: tuple(np.moveaxis(x, axis, 0)),
    np.astype: astype, "astype": astype,
    np.copy: lambda a, order="K", subok=False: a,
    np.trim_zeros: trim_zeros,
    **{getattr(np, name): refusing(name) for name in IN_PLACE},
})  # fmt: skip
