"""Products, running sums and products, and what ufuncs have beside a call: reduce, accumulate and outer.

Nothing is divided by, so zeros do no harm: products of all the others are built from halves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import ShapeError
from chainrule.graph.modes import as_array
from chainrule.graph.refusals import refused
from chainrule.graph.rules.elementwise import finite
from chainrule.graph.rules.indexing import along
from chainrule.graph.rules.reductions import Axis, folding, spread
from chainrule.graph.table import OPERATIONS, REDUCTIONS
from chainrule.graph.tracing import Operation, plain


def rows(x: Any, axis: Axis) -> Any:
    """The axes that are reduced, as one, the last."""
    if axis is None or not x.ndim:
        return np.ravel(x)
    axes = axis if isinstance(axis, tuple) else (axis,)
    x = np.moveaxis(x, axes, range(-len(axes), 0))
    return np.reshape(x, (*x.shape[: x.ndim - len(axes)], math.prod(x.shape[x.ndim - len(axes) :])))


def from_rows(z: Any, x: Any, axis: Axis) -> Any:
    """The way back, to the shape of x."""
    if axis is None or not x.ndim:
        return np.reshape(z, x.shape)
    axes = tuple(k % x.ndim for k in (axis if isinstance(axis, tuple) else (axis,)))
    kept = [n for k, n in enumerate(x.shape) if k not in axes]
    return np.moveaxis(np.reshape(z, [*kept, *(x.shape[k] for k in axes)]), range(-len(axes), 0), axes)


def others(x: Any) -> Any:
    """For each element the product of all others in its row: that of the other pairs, times its partner."""
    n = x.shape[-1]
    if n < 2:
        return np.ones_like(x)
    if n % 2:
        return others(np.concatenate([x, np.ones((*x.shape[:-1], 1), x.dtype)], -1))[..., :n]
    a, b = x[..., : n // 2], x[..., n // 2 :]
    rest = others(a * b)
    return np.concatenate([rest * b, rest * a], -1)


def all_others(x: Any, axis: Axis) -> Any:
    """For each element the product of the others that it is multiplied with along the axes."""
    return from_rows(others(rows(x, axis)), x, axis)


def factors(x: Any, y: Any, axis: Axis, keepdims: bool) -> Any:
    """The part of the sum of exponentials y that each element has."""
    return np.exp(x - spread(finite(y), x, axis, keepdims))


def _logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    top = np.max(x, axis=axis, keepdims=True, initial=-math.inf)
    top = np.where(np.isfinite(top), top, x.dtype.type(0))
    with np.errstate(divide="ignore"):  # no element but -inf: the result is -inf
        y = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return y if keepdims else np.squeeze(y, axis=axis)[()]


PROD = Operation(
    "prod", np.prod,
    (lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) * all_others(x, axis),),
    (lambda t, y, x, axis=None, keepdims=False: np.sum(t * all_others(x, axis), axis=axis, keepdims=keepdims),),
)  # fmt: skip
LOGSUMEXP = Operation(
    "logsumexp", _logsumexp,
    (lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims) * factors(x, y, axis, keepdims),),
    (lambda t, y, x, axis=None, keepdims=False: np.sum(t * factors(x, y, axis, keepdims), axis=axis, keepdims=keepdims),),
)  # fmt: skip
CUMSUM: Operation = Operation(
    "cumsum", np.cumsum, (lambda g, y, x, axis: np.flip(CUMSUM(np.flip(g, axis), axis), axis), None)
)


def running(scan: Callable[[Any, int], Any], name: str) -> Callable[..., Any]:
    """A function of all elements up to each, with its options."""

    def accumulate(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
        if out is not None:
            raise refused(name, "out")
        a = a if dtype is None else a.astype(dtype)
        return scan(np.ravel(a), 0) if axis is None else scan(a, axis)

    return accumulate


def doubling(combine: Any) -> Callable[[Any, int], Any]:
    """Running results of an associative function: those of 1, 2, 4, 8 ... elements, each of two that are known."""

    def scan(x: Any, axis: int) -> Any:
        n, step = x.shape[axis], 1
        while step < n:
            first = x[along(axis, slice(step), x.ndim)]
            later = combine(x[along(axis, slice(n - step), x.ndim)], x[along(axis, slice(step, None), x.ndim)])
            x, step = np.concatenate([first, later], axis), 2 * step
        return x

    return scan


def cumulative(function: Any, neutral: float) -> Callable[..., Any]:
    """cumulative_sum or cumulative_prod, which may begin with that of no elements."""

    def run(
        x: Any, /, *, axis: int | None = None, dtype: Any = None, out: Any = None, include_initial: bool = False
    ) -> Any:
        if axis is None and x.ndim != 1:
            raise ShapeError(
                f"np.{function.__name__.replace('cum', 'cumulative_')}: an array of shape {x.shape} needs axis=..."
            )
        axis = 0 if axis is None else axis
        y = function(x, axis, dtype, out)
        if not include_initial:
            return y
        start = np.full((*y.shape[: axis % y.ndim], 1, *y.shape[axis % y.ndim + 1 :]), neutral, y.dtype)
        return np.concatenate([start, y], axis)

    return run


def replacing_nan(function: Any, neutral: float) -> Callable[..., Any]:
    """A function for which elements that are no numbers count as the neutral one."""
    return lambda a, *args, **options: function(np.where(np.isnan(plain(a)), neutral, a), *args, **options)


def outer(ufunc: Any) -> Callable[..., Any]:
    """Each element of one with each of the other."""

    def each(a: Any, b: Any, **options: Any) -> Any:
        a, b = as_array(a), as_array(b)
        return ufunc(np.reshape(a, a.shape + (1,) * b.ndim), b, **options)

    return each


LOG_2 = math.log(2.0)
OPERATIONS.update({
    np.prod: folding(PROD, 1.0, np.multiply),
    np.nanprod: replacing_nan(np.prod, 1.0),
    np.cumsum: running(CUMSUM, "cumsum"), np.nancumsum: replacing_nan(np.cumsum, 0.0),
    np.cumprod: running(doubling(np.multiply), "cumprod"), np.nancumprod: replacing_nan(np.cumprod, 1.0),
    np.cumulative_sum: cumulative(np.cumsum, 0.0), np.cumulative_prod: cumulative(np.cumprod, 1.0),
    "logsumexp": folding(LOGSUMEXP, -math.inf, np.logaddexp),
    "logsumexp2": lambda a, **options: OPERATIONS["logsumexp"](a * LOG_2, **options) / LOG_2,
})  # fmt: skip
REDUCTIONS.update({
    (np.multiply, "reduce"): np.prod,
    (np.logaddexp, "reduce"): "logsumexp",
    (np.logaddexp2, "reduce"): "logsumexp2",
    (np.add, "accumulate"): np.cumsum,
    (np.multiply, "accumulate"): np.cumprod,
})  # fmt: skip
for _ufunc in (np.maximum, np.minimum, np.fmax, np.fmin, np.logaddexp, np.logaddexp2, np.hypot):
    REDUCTIONS[_ufunc, "accumulate"] = (_ufunc, "accumulate")
    OPERATIONS[_ufunc, "accumulate"] = running(doubling(_ufunc), f"{_ufunc.__name__}.accumulate")
for _binary in {u for u in vars(np).values() if isinstance(u, np.ufunc) and (u.nin, u.nout, u.signature) == (2, 1, None)}:
    REDUCTIONS[_binary, "outer"] = (_binary, "outer")
    OPERATIONS[_binary, "outer"] = outer(_binary)
