"""Functions of elements in order of size: sort, median, quantiles. Each element goes, or is taken from, where it is now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph.refusals import refused
from chainrule.graph.rules.reductions import Axis
from chainrule.graph.rules.scans import rows
from chainrule.graph.table import OPERATIONS
from chainrule.graph.tracing import Traced, plain


def arranged(argument: Any) -> Callable[..., Any]:
    """np.sort or np.partition, by the function that gives the elements' places."""

    def arrange(a: Any, *args: Any, axis: int | None = -1, **options: Any) -> Any:
        a, axis = (np.ravel(a), -1) if axis is None else (a, axis)
        return np.take_along_axis(a, argument(plain(a), *args, axis=axis, **options), axis)

    return arrange


def sort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """In ascending order."""
    return arranged(np.argsort)(a, axis=axis, kind=kind, order=order, stable=stable)


def partition(a: Any, kth: Any, axis: int | None = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """Smaller ones before element k of the order, larger ones after it."""
    return arranged(np.argpartition)(a, kth, axis=axis, kind=kind, order=order)


def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False, axis: int | None = None,
    **options: Any,
) -> Any:  # fmt: skip
    """The different elements in order, each from the first place where it stands; the rest is plain."""
    found: Any = np.unique(plain(ar), True, return_inverse, return_counts, axis, **options)  # type: ignore[call-overload]
    values = np.take(ar, found[1], axis)
    rest = found[1:] if return_index else found[2:]
    return (values, *rest) if rest else values


def quantile_by(scale: float, nan: bool) -> Callable[..., Any]:
    """np.quantile or np.percentile; with nan, of those elements that are numbers."""

    def quantile(
        a: Any, q: Any, axis: Axis = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
        keepdims: bool = False, *, weights: Any = None,
    ) -> Any:  # fmt: skip
        if out is not None or overwrite_input:
            raise refused("quantile", "out")
        if isinstance(q, Traced):
            raise refused("quantile", 1)
        if weights is not None:
            raise GraphError("np.quantile(..., weights=...) has no derivative rule. Without weights it has one.")
        return _quantile(a, q / scale if isinstance(q, int | float) else np.divide(q, scale), axis, method, keepdims, nan)

    return quantile


def _quantile(a: Any, q: Any, axis: Axis, method: Any, keepdims: bool, nan: bool) -> Any:
    """Between two neighbours in the order. Where, the numbers 0, 1, 2 ... show: they are their own places."""
    x = rows(a, axis)
    missing = np.isnan(plain(x))
    counts = x.shape[-1] - missing.sum(axis=-1)
    sizes, kind = np.unique(counts, return_inverse=True)
    real = np.real(np.ones(1, a.dtype))
    dtype, q = np.quantile(real, q, method=method).dtype, np.asarray(q)  # of whole numbers in between, float64
    places = np.stack([np.quantile(np.arange(max(n, 1), dtype=float), q.ravel(), method=method) for n in sizes])
    place = places[kind.reshape(counts.shape)]
    low = np.floor(place).astype(int)
    high, part = np.ceil(place).astype(int), (place - low).astype(dtype)
    ordered = np.sort(x, axis=-1)
    below, above = np.take_along_axis(ordered, low, -1), np.take_along_axis(ordered, high, -1)
    y = below + part * (above - below)
    gone = (counts == 0) if nan else missing.any(axis=-1)
    y = np.where(gone[..., None], np.nan, y) if gone.any() else y
    y = np.reshape(np.moveaxis(y, -1, 0), q.shape + counts.shape)
    if keepdims:
        y = np.reshape(y, q.shape + np.sum(np.empty(a.shape), axis=axis, keepdims=True).shape)
    return y


def median_by(nan: bool) -> Callable[..., Any]:
    """The middle of the order, or between the two in the middle."""

    def median(a: Any, axis: Axis = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
        if out is not None or overwrite_input:
            raise refused("median", "out")
        return _quantile(a, 0.5, axis, "linear", keepdims, nan)

    return median


OPERATIONS.update({
    np.sort: sort,
    np.sort_complex: lambda a: np.sort(a if a.dtype.kind == "c" else a.astype(np.result_type(a.dtype, np.complex128))),
    np.partition: partition,
    np.unique: unique, np.unique_values: unique,
    np.median: median_by(nan=False), np.nanmedian: median_by(nan=True),
    np.quantile: quantile_by(1.0, nan=False), np.nanquantile: quantile_by(1.0, nan=True),
    np.percentile: quantile_by(100.0, nan=False), np.nanpercentile: quantile_by(100.0, nan=True),
})  # fmt: skip
