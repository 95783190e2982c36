"""Functions that put arrays together."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np

from chainrule.errors import GraphError, ShapeError
from chainrule.graph.modes import as_array
from chainrule.graph.rules.indexing import moving, scattered
from chainrule.graph.table import OPERATIONS
from chainrule.graph.tracing import Operation, Traced, plain


def joining(function: Any, place: Callable[..., tuple[Any, ...]]) -> Operation:
    """An operation that puts operand k at a place of its own: its adjoint is what stands there in the result's."""
    return Operation(
        function.__name__,
        lambda *parts, axis, **_: function(parts, axis=axis),
        lambda k, g, y, *parts, **where: g[place(k, **where)],
        lambda k, t, y, *parts, **where: scattered(t, y, place(k, **where)),
    )


CONCATENATE = joining(np.concatenate, lambda k, axis, ends: (slice(None),) * axis + (slice(ends[k], ends[k + 1]),))
STACK = joining(np.stack, lambda k, axis: (slice(None),) * axis + (k,))


def as_arrays(parts: Any, dtype: Any = None) -> list[Any]:
    """The operands as arrays, of one dtype if that is asked for."""
    found = [as_array(x) for x in parts]
    return found if dtype is None else [x.astype(dtype) for x in found]


def concatenate(parts: Any, /, axis: int | None = 0, out: None = None, *, dtype: Any = None, casting: str = "") -> Any:  # noqa: ARG001
    """End to end along an axis."""
    found = as_arrays(parts, dtype)
    if axis is None:
        found, axis = [np.ravel(x) for x in found], 0
    if any(x.ndim == 0 for x in found):
        raise ShapeError("np.concatenate has been given a number, which has no axis to be joined along.\n"
                         "np.stack joins numbers; np.atleast_1d makes an array of one.")  # fmt: skip
    axis = axis % found[0].ndim if -found[0].ndim <= axis < 0 else axis
    ends = tuple(accumulate((x.shape[axis] if axis < x.ndim else 0 for x in found), initial=0))
    return CONCATENATE(*found, axis=axis, ends=ends)


def stack(arrays: Any, axis: int = 0, out: None = None, *, dtype: Any = None, casting: str = "") -> Any:  # noqa: ARG001
    """Along a new axis."""
    found = as_arrays(arrays, dtype)
    return STACK(*found, axis=axis % (found[0].ndim + 1) if -found[0].ndim - 1 <= axis < 0 else axis)


def hstack(tup: Any, *, dtype: Any = None, casting: str = "") -> Any:  # noqa: ARG001
    """Along the second axis; vectors along their only one."""
    found = [np.atleast_1d(x) for x in as_arrays(tup)]
    return concatenate(found, 0 if found[0].ndim == 1 else 1, dtype=dtype)


def vstack(tup: Any, *, dtype: Any = None, casting: str = "") -> Any:  # noqa: ARG001
    """Along the first axis; vectors are rows."""
    return concatenate([np.atleast_2d(x) for x in as_arrays(tup)], 0, dtype=dtype)


def column_stack(tup: Any) -> Any:
    """Along the second axis; vectors are columns."""
    return concatenate([x if x.ndim > 1 else np.reshape(x, (-1, 1)) for x in as_arrays(tup)], 1)


def block(arrays: Any) -> Any:
    """A matrix of matrices: the innermost lists along the last axis, those around them along the one before."""
    depth = _depth(arrays)
    ndim = max([depth, *(x.ndim for x in _leaves(arrays))])

    def joined(part: Any, axis: int) -> Any:
        if isinstance(part, list):
            return concatenate([joined(x, axis + 1) for x in part], axis)
        x = as_array(part)
        return np.reshape(x, (1,) * (ndim - x.ndim) + x.shape)

    return joined(arrays, -depth)


def _depth(parts: Any) -> int:
    return 1 + max(map(_depth, parts), default=0) if isinstance(parts, list) else 0


def _leaves(parts: Any) -> list[Any]:
    return [x for part in parts for x in _leaves(part)] if isinstance(parts, list) else [as_array(parts)]


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """One after the other."""
    return concatenate((arr, values), axis)


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Values between others. The same, done to the elements' numbers, shows where each goes."""
    arr, values = as_array(arr), as_array(values)
    own, new = np.arange(arr.size).reshape(arr.shape), arr.size + np.arange(values.size).reshape(values.shape)
    both = concatenate((arr, values.astype(arr.dtype)), None)
    return both[np.insert(own, plain(obj), new, axis)]


PAD = Operation(
    "pad", np.pad,
    (lambda g, y, x, width: g[tuple(slice(before, before + n) for (before, _), n in zip(width, x.shape, strict=True))],),
)  # fmt: skip
# Modes whose new elements are some of the array's.
COPYING = {"edge", "reflect", "symmetric", "wrap"}
# Modes whose new elements are a statistic of the array's along an axis.
STATISTICS: dict[str, Callable[..., Any]] = {"mean": np.mean, "median": np.median, "maximum": np.max, "minimum": np.min}


def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """More elements before and after, along each axis."""
    array = as_array(array)
    if not array.ndim:
        return array
    width = _pairs(_by_axis(pad_width, array.ndim), array.ndim)
    values = options.get("constant_values", 0)
    if mode == "constant" and isinstance(values, int | float) and values == 0:
        return PAD(array, width)
    if mode in COPYING and options.get("reflect_type", "even") == "even":
        return moving(np.pad)(array, width, mode=mode, **options)
    if mode == "empty" or callable(mode) or "reflect_type" in options:
        odd = " and reflect_type odd" if "reflect_type" in options else ""
        raise GraphError(
            f"np.pad with mode {mode!r}{odd} has no derivative rule.\n"
            "The modes constant, edge, reflect, symmetric, wrap, linear_ramp, mean, median, maximum and minimum have one."
        )
    setting = {"constant": "constant_values", "linear_ramp": "end_values"}.get(mode, "stat_length")
    settings = _pairs(options.get(setting, None if mode in STATISTICS else 0), array.ndim)
    for axis, (before, after) in enumerate(width):
        low, high = settings[axis]
        array = concatenate(
            [_added(array, axis, before, mode, low), array, _added(array, axis, after, mode, high, end=True)], axis
        )
    return array


def _added(x: Any, axis: int, count: int, mode: str, setting: Any, end: bool = False) -> Any:
    """What comes before the elements along an axis, or after them."""
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
    n = x.shape[axis] if setting is None or mode not in STATISTICS else min(int(setting), x.shape[axis])
    if mode == "constant":
        return np.broadcast_to(as_array(setting).astype(x.dtype), shape)
    lead = (slice(None),) * axis
    if mode in STATISTICS:
        return np.broadcast_to(
            STATISTICS[mode](x[*lead, slice(-n, None) if end else slice(n)], axis=axis, keepdims=True), shape
        )
    ramp = np.arange(count, dtype=x.dtype).reshape((-1,) + (1,) * (x.ndim - axis - 1)) / max(count, 1)
    edge = x[*lead, slice(-1, None) if end else slice(1)]
    fall = np.flip(ramp, axis=0) if end else ramp  # 0 at the far end
    return setting * (1 - fall) + edge * fall


def _by_axis(given: Any, ndim: int) -> Any:
    """A width for each axis, from a dict of those that have one."""
    if not isinstance(given, dict):
        return given
    found: list[Any] = [(0, 0)] * ndim
    for axis, width in given.items():
        found[axis] = (width, width) if isinstance(width, int) else width
    return found


def _pairs(given: Any, ndim: int) -> list[tuple[Any, Any]]:
    """One value, a pair, or a pair for each axis: as pairs for each axis."""
    if given is None or isinstance(given, Traced):
        return [(given, given)] * ndim
    rows: Any = given if isinstance(given, list | tuple | np.ndarray) else (given,)
    if not any(isinstance(row, list | tuple | np.ndarray) for row in rows):
        rows = [rows]
    pairs = [(row[0], row[-1]) for row in map(tuple, rows)]
    return [
        (int(a), int(b)) if isinstance(a, np.integer) else (a, b) for a, b in (pairs * ndim if len(pairs) == 1 else pairs)
    ]


OPERATIONS.update({
    np.concatenate: concatenate,
    np.stack: stack,
    np.hstack: hstack,
    np.vstack: vstack,
    np.dstack: lambda tup: concatenate([np.atleast_3d(x) for x in as_arrays(tup)], 2),
    np.column_stack: column_stack,
    np.block: block,
    np.append: append,
    np.insert: insert,
    np.pad: pad,
})  # fmt: skip
