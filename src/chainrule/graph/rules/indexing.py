"""Functions that pick numbers out, or choose between arrays: linear in these, so that forward mode is the function itself.

What is picked, an index or a condition, is plain: the derivative holds while it stays the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph.modes import as_array
from chainrule.graph.table import OPERATIONS
from chainrule.graph.tracing import Operation, Traced, plain

BASIC = (int, slice, type(None), type(...), np.integer)


def scattered(g: Any, x: Any, index: Any) -> Any:
    """Zeros of x's shape, with g added where the index points."""
    return SCATTER(g, x.shape, index)


def _scatter(g: Any, shape: tuple[int, ...], index: Any) -> np.ndarray:
    size = math.prod(shape)
    if not _once(index) and g.size * 8 > size:  # as np.add.at below, and several times as fast
        places = np.arange(size).reshape(shape)[index]
        found = _counted(places.ravel(), np.broadcast_to(g, places.shape).ravel(), size)
        return found.reshape(shape).astype(g.dtype, copy=False)
    found = np.zeros(shape, g.dtype)
    if _once(index):
        found[index] = g
    else:
        np.add.at(found, index, g)
    return found


def _counted(places: np.ndarray, g: np.ndarray, size: int) -> np.ndarray:
    """The sum of what has the same place."""
    if g.dtype.kind == "c":
        return _counted(places, g.real, size) + 1j * _counted(places, g.imag, size)
    return np.bincount(places, g, size)


def _once(index: Any) -> bool:
    """Whether no element is pointed at twice: slices, numbers and masks."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(isinstance(part, BASIC) or (isinstance(part, np.ndarray) and part.dtype.kind == "b") for part in parts)


def _getitem(x: Any, index: Any) -> Any:
    return GETITEM(x, plain(index) if isinstance(index, Traced | tuple | list) else index)


SCATTER = Operation("scatter", _scatter, (lambda g, y, x, shape, index: g[index], None, None))
GETITEM = Operation("getitem", lambda x, index: x[index], (lambda g, y, x, index: scattered(g, x, index), None))


def chosen(condition: Any, a: Any, b: Any) -> Any:
    """One or the other, by a plain condition."""
    return WHERE(condition, a, b)


WHERE = Operation(
    "where", np.where,
    (None, lambda g, y, where, a, b: chosen(where, g, 0.0), lambda g, y, where, a, b: chosen(where, 0.0, g)),
    (None, lambda t, y, where, a, b: chosen(where, t, 0.0), lambda t, y, where, a, b: chosen(where, 0.0, t)),
)  # fmt: skip


def of_operand(k: int, a: Any, low: Any, high: Any) -> Any:
    """Where a clipped value is that of operand k; on a bound it is the bound."""
    a, low, high = plain(a), plain(low), plain(high)
    if k == 0:
        return (a > low) & (a < high)
    above = (a >= high) | (low >= high)
    return above if k == 2 else (a <= low) & ~above


CLIP = Operation(
    "clip", np.clip,
    lambda k, g, y, *operands: g * of_operand(k, *operands),
    lambda k, t, y, *operands: t * of_operand(k, *operands),
)  # fmt: skip


def moving(function: Any) -> Callable[..., Any]:
    """A function that gives elements of its operand: it shows with their numbers which ones."""
    return lambda a, *args, **options: np.ravel(a)[function(np.arange(a.size).reshape(a.shape), *args, **options)]


def along(axis: int, index: Any, ndim: int) -> tuple[Any, ...]:
    """An index along one axis."""
    return (slice(None),) * (axis % ndim) + (index,)


def take(a: Any, indices: Any, axis: int | None = None, out: None = None, mode: str = "raise") -> Any:  # noqa: ARG001
    """Elements along an axis, by their numbers."""
    a, axis = (np.ravel(a), 0) if axis is None else (a, axis)
    places = np.take(np.arange(a.shape[axis]), plain(indices), mode=mode)  # type: ignore[call-overload]
    return a[along(axis, places, a.ndim)]


def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """For each place of the index, the element of that number along the axis."""
    arr, axis = (np.ravel(arr), 0) if axis is None else (arr, axis % arr.ndim)
    index: list[Any] = list(np.ogrid[tuple(slice(n) for n in arr.shape)])
    index[axis] = plain(indices)
    return arr[tuple(index)]


def compress(condition: Any, a: Any, axis: int | None = None, out: None = None) -> Any:
    """Those along an axis where a condition holds."""
    return take(a, np.flatnonzero(plain(condition)), axis, out)


def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """All along an axis but these."""
    arr, axis = (np.ravel(arr), 0) if axis is None else (arr, axis)
    return take(arr, np.delete(np.arange(arr.shape[axis]), obj), axis)


def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each element several times; all as often: broadcast along a new axis after its own."""
    if not isinstance(repeats, int | np.integer):
        return moving(np.repeat)(a, repeats, axis)
    a, place, times = np.ravel(a) if axis is None else a, (axis or 0) % max(a.ndim, 1), int(repeats)
    before, n, after = a.shape[:place], a.shape[place], a.shape[place + 1 :]
    wide = np.broadcast_to(np.expand_dims(a, place + 1), (*before, n, times, *after))
    return np.reshape(wide, (*before, n * times, *after))


def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix; or the matrix with this diagonal."""
    if v.ndim != 1:
        return np.diagonal(v, k)
    n, place = len(v) + abs(k), np.arange(len(v))
    return SCATTER(v, (n, n), (place + max(-k, 0), place + max(k, 0)))


def where(condition: Any, *xy: Any) -> Any:
    """One or the other; with the condition alone, where it holds."""
    return WHERE(plain(condition), *xy) if xy else np.where(plain(condition))


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """The first whose condition holds."""
    found = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        found = np.where(plain(condition), choice, found)
    return found


def choose(a: Any, choices: Any, out: None = None, mode: str = "raise") -> Any:  # noqa: ARG001  refused by the caller
    """At each place the element of the array whose number stands there."""
    number, *parts = np.broadcast_arrays(plain(a), *choices)
    places = np.choose(number, np.arange(len(parts)), mode=mode)  # type: ignore[call-overload]
    return take_along_axis(np.stack(parts), places[None], 0)[0]


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Functions of the elements where their conditions hold; of several conditions the last counts, of none the rest."""
    masks = np.asarray(plain(condlist), bool)
    masks = masks[None] if masks.shape == x.shape else masks
    if len(funclist) == len(masks) + 1:
        masks = np.concatenate([masks, ~masks.any(axis=0, keepdims=True)])
    if len(funclist) != len(masks):
        raise GraphError(f"np.piecewise has {len(masks)} conditions and {len(funclist)} functions: it needs one for each, "
                         "and may have one more for the rest.")  # fmt: skip
    found: Any = np.zeros(x.shape, x.dtype)
    for k, (mask, f) in enumerate(zip(masks, funclist, strict=True)):
        alone = mask & ~masks[k + 1 :].any(axis=0)
        part = as_array(f(x[alone], *args, **kw) if callable(f) else f).astype(x.dtype)
        found = found + SCATTER(np.broadcast_to(part, (int(alone.sum()),)), x.shape, alone)
    return found


def clip(
    a: Any, a_min: Any = None, a_max: Any = None, out: None = None, *, min: Any = None, max: Any = None  # noqa: A002, ARG001
) -> Any:  # fmt: skip
    """Within bounds. At a bound the derivative is the bound's."""
    low, high = a_min if min is None else min, a_max if max is None else max
    return CLIP(a, -math.inf if low is None else low, math.inf if high is None else high)


def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """The sum of the weights of each number."""
    size = max(int(np.max(plain(x), initial=-1)) + 1, minlength)
    return (
        np.bincount(plain(x), None, minlength)
        if weights is None
        else SCATTER(weights.astype(np.float64), (size,), plain(x))
    )


OPERATIONS.update({
    "getitem": _getitem,
    np.take: take,
    np.take_along_axis: take_along_axis,
    np.compress: compress,
    np.extract: lambda condition, arr: compress(np.ravel(plain(condition)), arr),
    np.delete: delete,
    np.diagonal: moving(np.diagonal),
    np.diag: diag,
    np.diagflat: lambda v, k=0: diag(np.ravel(v), k),
    np.repeat: repeat,
    np.resize: moving(np.resize),
    np.where: where,
    np.select: select,
    np.choose: choose,
    np.piecewise: piecewise,
    np.clip: clip,
    np.bincount: bincount,
})  # fmt: skip
