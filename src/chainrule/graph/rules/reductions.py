"""Sums, means and extremes along axes.

``dtype``, ``where`` and ``initial`` are taken care of before the operation proper: what is left out counts as the neutral
number, what the reduction starts with is one operand more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph.modes import as_array
from chainrule.graph.refusals import refused
from chainrule.graph.rules.elementwise import QUOTIENT
from chainrule.graph.table import OPERATIONS, REDUCTIONS
from chainrule.graph.tracing import Operation, plain

Axis = Any  # int, tuple of int, or None for all


def spread(g: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """What was reduced along axes, along these axes again: of x's shape."""
    if axis is not None and not keepdims and x.ndim:  # NumPy takes a number for an array along axis 0, too
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, x.shape)


def reduced(x: Any, axis: Axis) -> int:
    """How many elements become one."""
    if axis is None or not x.ndim:
        return int(x.size)
    return math.prod(x.shape[k] for k in (axis if isinstance(axis, tuple) else (axis,)))


def conjugate(x: Any) -> Any:
    """The complex conjugate; of a real number itself."""
    return np.conj(x) if x.dtype.kind == "c" else x


SUM = Operation("sum", np.sum, (lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims),))
MEAN = Operation(
    "mean", np.mean, (lambda g, y, x, axis=None, keepdims=False: spread(g / reduced(x, axis), x, axis, keepdims),)
)  # fmt: skip


def folding(operation: Operation, neutral: float, combine: Any) -> Callable[..., Any]:
    """np.sum and its kin with all their options."""

    def fold(
        a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None,
        where: Any = True,
    ) -> Any:  # fmt: skip
        if out is not None:
            raise refused(operation.name, "out")
        a = a if where is True else np.where(plain(where), a, neutral)
        a = a if dtype is None else a.astype(dtype)
        y = operation(a, axis=axis, keepdims=keepdims)
        return y if initial is None else combine(y, initial)

    return fold


def mean(
    a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True
) -> Any:  # fmt: skip
    """The sum, divided by how many there are."""
    if out is not None:
        raise refused("mean", "out")
    a = a if dtype is None else a.astype(dtype)
    if where is True:
        return MEAN(a, axis=axis, keepdims=keepdims)
    total = np.sum(a, axis=axis, keepdims=keepdims, where=where)
    return total / counted(a, where, axis, keepdims).astype(total.dtype)


def counted(x: Any, where: Any, axis: Axis, keepdims: bool) -> Any:
    """How many elements take part."""
    return np.sum(np.broadcast_to(plain(where), x.shape), axis=axis, keepdims=keepdims)


def var_slope(x: Any, y: Any, axis: Axis, ddof: float, keepdims: bool) -> Any:  # noqa: ARG001  as std_slope
    """2 (x - mean) / (n - ddof); the mean's own change adds nothing, since these sum to 0."""
    n = reduced(x, axis) - ddof
    return conjugate(x - np.mean(x, axis=axis, keepdims=True)) * (2 / n if n else math.nan)


def std_slope(x: Any, y: Any, axis: Axis, ddof: float, keepdims: bool) -> Any:
    """That of the variance, over 2 y. Where all elements are equal it is taken as 0, as that of the norm of 0 is."""
    return QUOTIENT(0.5 * var_slope(x, y, axis, ddof, keepdims), spread(y, x, axis, keepdims))


def moment(function: Any, slope: Callable[..., Any], length: Callable[..., Any], power: float) -> Callable[..., Any]:
    """np.var or np.std with all their options: how long the distances from the mean are."""

    def back(g: Any, y: Any, x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
        return spread(g, x, axis, keepdims) * slope(x, y, axis, ddof, keepdims)

    def forth(t: Any, y: Any, x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
        """Of complex numbers, too, the result is real."""
        return np.sum(np.real(slope(x, y, axis, ddof, keepdims) * t), axis=axis, keepdims=keepdims)

    operation = Operation(function.__name__, function, (back,), (forth,))

    def of_distances(
        a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: bool = False, *,
        where: Any = True, mean: Any = None, correction: float | None = None,
    ) -> Any:  # fmt: skip
        if out is not None:
            raise refused(operation.name, "out")
        ddof = ddof if correction is None else correction
        a = a if dtype is None else a.astype(dtype)
        if where is True and mean is None:
            return operation(a, axis=axis, ddof=ddof, keepdims=keepdims)
        centre = np.mean(a, axis=axis, keepdims=True, where=where) if mean is None else mean
        distance = a - centre if where is True else np.where(plain(where), a - centre, 0.0)
        total = length(distance, axis=axis, keepdims=keepdims)
        return total / ((counted(a, where, axis, keepdims) - ddof) ** power).astype(total.dtype)

    return of_distances


def squares(x: Any, axis: Axis, keepdims: bool) -> Any:
    """The sum of the squares of their sizes."""
    return np.sum(np.real(x * conjugate(x)), axis=axis, keepdims=keepdims)


def share(x: Any, y: Any, axis: Axis, keepdims: bool) -> Any:
    """1 where the extreme is, in equal shares where several elements are the extreme; plain."""
    x = plain(x)
    chosen = x == spread(plain(y), x, axis, keepdims)
    return (chosen / np.maximum(chosen.sum(axis=axis, keepdims=True), 1)).astype(x.dtype)


def extreme(function: Any, combine: Any) -> Callable[..., Any]:
    """np.max or np.min, with all its options."""
    operation = Operation(
        function.__name__, function,
        (lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) * share(x, y, axis, keepdims),),
        (lambda t, y, x, axis=None, keepdims=False: np.sum(t * share(x, y, axis, keepdims), axis=axis, keepdims=keepdims),),
    )  # fmt: skip

    def outermost(
        a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True,
        dtype: Any = None,
    ) -> Any:  # fmt: skip
        if out is not None:
            raise refused(operation.name, "out")
        if where is not True and initial is None:
            raise GraphError(
                f"np.{operation.name}(..., where=...) needs initial=..., what it gives where nothing takes part."
            )
        if not a.size and initial is not None:
            nothing = function(plain(a), axis=axis, keepdims=keepdims, initial=plain(initial))
            return np.broadcast_to(as_array(initial).astype(dtype or a.dtype), nothing.shape)
        a = a if where is True else np.where(plain(where), a, initial)
        y = operation(a if dtype is None else a.astype(dtype), axis=axis, keepdims=keepdims)
        return y if initial is None else combine(y, initial)

    return outermost


def skipping(function: Any) -> Callable[..., Any]:
    """A reduction of those elements that are numbers."""
    return lambda a, *args, where=True, **options: function(a, *args, where=~np.isnan(plain(a)) & plain(where), **options)


def skipping_extreme(function: Any, initial: float) -> Callable[..., Any]:
    """The largest or smallest of those elements that are numbers; NaN where there are none."""

    def outermost(a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False, **options: Any) -> Any:
        there = ~np.isnan(plain(a)) & plain(options.pop("where", True))
        y = function(a, axis, out, keepdims, **{"initial": initial} | options, where=there)
        none = ~there.any(axis=axis, keepdims=keepdims)
        return np.where(none, np.nan, y) if none.any() and not options else y

    return outermost


def average(
    a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False
) -> Any:  # fmt: skip
    """The mean, in which each element counts by its weight."""
    a = as_array(a)
    if weights is None:
        y = np.mean(a, axis=axis, keepdims=keepdims)
        return (y, np.full(y.shape, reduced(a, axis), y.dtype)) if returned else y
    w = as_array(weights)
    if w.shape != a.shape:
        axes = [k % a.ndim for k in np.atleast_1d(axis)]
        w = np.transpose(w, np.argsort(axes))
        w = np.reshape(w, [n if k in axes else 1 for k, n in enumerate(a.shape)])
    total = np.sum(np.broadcast_to(w, a.shape), axis=axis, keepdims=keepdims)
    y = np.sum(a * w, axis=axis, keepdims=keepdims) / total
    return (y, np.broadcast_to(total, y.shape)) if returned else y


def covariance(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: Any = None,
    aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    """The mean product of the distances of two variables from their means; a variable is a row."""
    parts = [as_array(x) for x in (m, y) if x is not None]
    dtype = dtype or np.result_type(*(x.dtype for x in parts), np.float64)
    x = np.concatenate([np.atleast_2d(x) if rowvar or x.ndim < 2 else np.transpose(x) for x in parts]).astype(dtype)
    ddof = (0 if bias else 1) if ddof is None else ddof
    given = [as_array(w) for w in (fweights, aweights) if w is not None]
    w = math.prod(given, start=1.0) if given else np.ones(x.shape[1])
    total = np.sum(w)
    lost = ddof * np.sum(w * aweights) / total if aweights is not None else ddof
    x = x - (np.sum(x * w, axis=1) / total)[:, None]
    return np.squeeze((x * w) @ conjugate(np.transpose(x)) / (total - lost))


def correlation(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """The covariance of variables that are divided by their standard deviations."""
    c = covariance(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    deviation = np.sqrt(np.real(np.diag(c)))
    return c / deviation[:, None] / deviation


def _histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:  # noqa: A002
    """Counts, and the edges between which was counted: both plain."""
    if density or plain(weights) is not weights:
        raise GraphError("a graph cannot go through np.histogram with density, or with traced weights: it counts.\n"
                         "np.bincount(np.digitize(x, bins), weights) has a derivative by the weights.")  # fmt: skip
    return np.histogram(plain(a), plain(bins), range, weights=weights)


OPERATIONS.update({
    np.sum: folding(SUM, 0.0, np.add), np.nansum: skipping(np.sum),
    np.mean: mean, np.nanmean: skipping(np.mean),
    np.var: moment(np.var, var_slope, squares, 1.0), np.nanvar: skipping(np.var),
    np.std: moment(np.std, std_slope, np.linalg.vector_norm, 0.5), np.nanstd: skipping(np.std),
    np.max: extreme(np.max, np.maximum), np.nanmax: skipping_extreme(np.max, -math.inf),
    np.min: extreme(np.min, np.minimum), np.nanmin: skipping_extreme(np.min, math.inf),
    np.ptp: lambda a, *args, **options: np.max(a, *args, **options) - np.min(a, *args, **options),
    np.average: average,
    np.cov: covariance, np.corrcoef: correlation,
    np.histogram: _histogram,
})  # fmt: skip
OPERATIONS[np.amax], OPERATIONS[np.amin] = OPERATIONS[np.max], OPERATIONS[np.min]
REDUCTIONS.update({(np.add, "reduce"): np.sum, (np.maximum, "reduce"): np.max, (np.minimum, "reduce"): np.min})
REDUCTIONS.update({(np.fmax, "reduce"): np.nanmax, (np.fmin, "reduce"): np.nanmin})
