"""Laws of the rules of sums, products, extremes and order statistics: for every row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from graph_rows import (
    GAPS,
    MASK,
    M,
    N,
    Row,
    S,
    T,
    V,
    W,
    assert_single_precision_stays,
    assert_value_is_numpys,
    turned,
)

from chainrule.errors import GraphError
from chainrule.graph import grad, hessian, jacobian, jvp, trees, vjp
from chainrule.graph.check import check_grads

POSITIVE = np.abs(W) + 0.1
AXES: dict[str, dict[str, Any]] = {
    "": {}, " axis": {"axis": 1}, " axis from the end": {"axis": -2}, " axes": {"axis": (0, -1)},
    " keepdims": {"keepdims": True},
    " axis, keepdims": {"axis": 1, "keepdims": True},
}  # fmt: skip
SOME = {"where": MASK}


def each(name: str, function: Any, x: np.ndarray, **options: dict[str, Any]) -> dict[str, Row]:
    """A row for each choice of axes, and for more options."""
    chosen = AXES | {f" {key}": value for key, value in options.items()}
    return {name + key: (lambda x, kw=kw: function(x, **kw), (x,)) for key, kw in chosen.items()}


SUMS: dict[str, Row] = {
    **each("sum", np.sum, T, initial={"initial": 2.0}),
    **each("sum of some", lambda x, **kw: np.sum(x, where=MASK, **kw), T),
    **each("sum method", lambda x, **kw: x.sum(**kw), T),
    **each("mean", np.mean, T),
    **each("mean of some", lambda x, **kw: np.mean(x, where=MASK, **kw), T),
    "sum of a number": (np.sum, (S,)),
    "sum of nothing": (lambda x: np.sum(x[:0], axis=0), (M,)),
    "add.reduce": (np.add.reduce, (M,)),
    "add.reduce axis": (lambda x: np.add.reduce(x, axis=(0, 1), keepdims=True), (M,)),
    "add.accumulate": (lambda x: np.add.accumulate(x, axis=1), (M,)),
    "cumsum": (np.cumsum, (M,)),
    "cumsum axis": (lambda x: x.cumsum(axis=0), (M,)),
    "sum dtype": (lambda x: np.sum(x, axis=0, dtype=np.result_type(x.dtype, np.float64)), (M,)),
    "cumulative_sum": (lambda x: np.cumulative_sum(x, axis=-1, include_initial=True), (M,)),
    "add.outer": (np.add.outer, (V, M)),
    "average": (lambda x: np.average(x, axis=0), (M,)),
    "average with plain weights": (lambda x: np.average(x, axis=1, weights=POSITIVE, keepdims=True), (M,)),
}
PRODUCTS: dict[str, Row] = {
    **each("prod", np.prod, T, initial={"initial": 2.0}),
    **each("prod of some", lambda x, **kw: np.prod(x, where=MASK, **kw), T),
    **each("var", np.var, T, ddof={"ddof": 1}, correction={"correction": 0.5, "axis": 1}),
    **each("var of some", lambda x, **kw: np.var(x, where=MASK, **kw), T, ddof={"ddof": 1}),
    **each("std", np.std, T, ddof={"ddof": 1}),
    "var with a mean": (lambda x: np.var(x, axis=1, mean=np.mean(x, axis=1, keepdims=True)), (M,)),
    "multiply.reduce": (np.multiply.reduce, (M,)),
    "multiply.accumulate": (lambda x: np.multiply.accumulate(x, axis=1), (M,)),
    "cumprod": (np.cumprod, (V,)),
    "cumprod axis": (lambda x: x.cumprod(axis=1), (M,)),
    "cumulative_prod": (lambda x: np.cumulative_prod(x, include_initial=True), (V,)),
    "multiply.outer": (np.multiply.outer, (V, M)),
    "divide.outer": (np.divide.outer, (V, POSITIVE + 0.2)),
    "cov": (np.cov, (M,)),
    "cov of columns": (lambda x, y: np.cov(x, y, rowvar=False, bias=True), (M, N)),
    "cov of a vector": (np.cov, (V,)),
    "corrcoef": (np.corrcoef, (M,)),
}
ORDERED: dict[str, Row] = {
    **each("max", np.max, T, initial={"initial": 0.0, "axis": 0}, some={"where": MASK, "initial": -9.0}),
    **each("min", np.min, T, initial={"initial": 0.0, "axis": 0}),
    **each("amax", np.amax, T),
    **each("amin", np.amin, T),
    **each("ptp", np.ptp, T),
    **each("max method", lambda x, **kw: x.max(**kw), T),
    **each("median", np.median, T),
    **each("quantile", lambda x, **kw: np.quantile(x, 0.3, **kw), T),
    **each("quantiles", lambda x, **kw: np.quantile(x, [[0.1, 1.0], [0.5, 0.0]], **kw), T),
    **each("percentile", lambda x, **kw: np.percentile(x, [12, 77], **kw), T),
    **each("logaddexp.reduce", lambda x, axis=None, **kw: np.logaddexp.reduce(x, axis=axis, **kw), T),
    **each("logaddexp2.reduce", lambda x, axis=None, **kw: np.logaddexp2.reduce(x, axis=axis, **kw), T),
    "logaddexp.reduce from": (lambda x: np.logaddexp.reduce(x, initial=0.5), (M,)),
    "logaddexp.reduce of some": (lambda x: np.logaddexp.reduce(x, axis=1, where=MASK), (M,)),
    "logaddexp.accumulate": (lambda x: np.logaddexp.accumulate(x, axis=1), (M,)),
    "logaddexp2.accumulate": (np.logaddexp2.accumulate, (V,)),
    "logaddexp.outer": (np.logaddexp.outer, (V, W)),
    "maximum.reduce": (lambda x: np.maximum.reduce(x, axis=None), (M,)),
    "minimum.reduce": (np.minimum.reduce, (M,)),
    "fmax.reduce": (np.fmax.reduce, (GAPS,)),
    "fmin.reduce": (lambda x: np.fmin.reduce(x, axis=1), (GAPS,)),
    "maximum.accumulate": (lambda x: np.maximum.accumulate(x, axis=1), (M,)),
    "minimum.accumulate": (np.minimum.accumulate, (V,)),
    "hypot.accumulate": (np.hypot.accumulate, (V,)),
    "maximum.outer": (np.maximum.outer, (V, W)),
    "power.outer": (np.power.outer, (POSITIVE, V)),
    "average with weights": (lambda x, w: np.average(x, weights=w), (M, N + 5.0)),
    "average returned": (lambda x, w: np.average(x, axis=1, weights=w, returned=True), (M, POSITIVE)),
    "average over axes": (lambda x, w: np.average(x, axis=(2, 0), weights=w), (T, np.abs(T[:, 0].T) + 0.1)),
    "cov with weights": (lambda x, w: np.cov(x, aweights=w, fweights=[1, 2, 1, 3]), (M, POSITIVE)),
    **{
        f"quantile {method}": (lambda x, method=method: np.quantile(x, [0.13, 0.5, 0.8], axis=1, method=method), (T,))
        for method in (
            "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
            "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest",
        )
    },
}  # fmt: skip
# Through x[MASK] -> NaN elsewhere, since the differences would be NaN too where an argument is.
HOLES = {
    name: (lambda x, f=f: f(np.where(MASK, x, np.nan)), (T,))
    for function in (
        np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin, np.nanmedian,
        lambda x, **kw: np.nanquantile(x, 0.3, **kw), lambda x, **kw: np.nanpercentile(x, [20, 90], **kw),
    )
    for name, (f, _) in each(getattr(function, "__name__", "nanquantile"), function, T).items()
} | {
    name: (lambda x, f=f: f(np.where(MASK, x, np.nan), axis=1), (M,))
    for name, f in {"nancumsum": np.nancumsum, "nancumprod": np.nancumprod}.items()
}  # fmt: skip
ANALYTIC = SUMS | PRODUCTS
ALL = ANALYTIC | ORDERED | HOLES
EACH = pytest.mark.parametrize("name", ALL)


@EACH
def test_derivatives_are_those_of_differences(name: str) -> None:
    """Both modes, and each of them through each of them."""
    f, args = ALL[name]
    if name.startswith("fm"):
        args = (M,)
    check_grads(f, *args)


@pytest.mark.parametrize("name", ANALYTIC)
def test_derivatives_hold_for_complex_numbers(name: str) -> None:
    """The same, where numbers have two parts."""
    f, args = ANALYTIC[name]
    check_grads(f, *turned(args))


@EACH
def test_value_is_numpys(name: str) -> None:
    """What a traced value gives is what the array gives, of the same shapes and dtypes."""
    assert_value_is_numpys(*ALL[name], {"rtol": 1e-12, "atol": 1e-14}, {"rtol": 2e-5, "atol": 1e-6})


@EACH
def test_single_precision_stays(name: str) -> None:
    """Adjoints have the dtype of the arguments, tangents are no wider than the results."""
    assert_single_precision_stays(*ALL[name])


@pytest.mark.parametrize("zeros", [0, 1, 2, 3])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
def test_products_of_zeros_have_exact_derivatives(n: int, zeros: int) -> None:
    """Gradient and Hessian of a product, at zeros: the products of the other factors."""
    x = np.arange(1.0, n + 1)
    x[:zeros] = 0
    wanted = [np.prod(np.delete(x, i)) for i in range(n)]
    np.testing.assert_array_equal(grad(np.prod)(x), wanted)
    second = [[np.prod(np.delete(x, [i, j])) if i != j else 0 for i in range(n)] for j in range(n)]
    np.testing.assert_array_equal(hessian(np.prod)(x), second)
    running = [[np.prod(np.delete(x[: k + 1], i)) if i <= k else 0 for i in range(n)] for k in range(n)]
    np.testing.assert_array_equal(jacobian(np.cumprod)(x), running)
    np.testing.assert_array_equal(hessian(lambda x: np.cumprod(x)[-1])(x), second)


@pytest.mark.parametrize("function", [np.max, np.min, np.nanmax, np.maximum.reduce])
def test_equal_extremes_share_equally(function: Any) -> None:
    """Two largest elements get a half each."""
    x = np.array([1.0, 2.0, 2.0]) * (-1 if function is np.min else 1)
    np.testing.assert_array_equal(grad(function)(x), [0, 0.5, 0.5])
    assert jvp(function, (x,), (np.array([1.0, 2.0, 4.0]),))[1] == 3.0


def test_logsumexp_is_stable() -> None:
    """Large exponents do no harm, nor does one that is 0."""
    x = np.array([1000.0, 1000.0, -np.inf])
    y, back = vjp(np.logaddexp.reduce, x)
    np.testing.assert_allclose(y, 1000 + math.log(2), rtol=1e-15)
    np.testing.assert_allclose(back(1.0)[0], [0.5, 0.5, 0], rtol=1e-13)  # y, near 1000, is rounded at 1e-13
    y, back = vjp(np.logaddexp.reduce, np.full(2, -np.inf))
    assert y == -np.inf
    np.testing.assert_array_equal(back(1.0)[0], [0, 0])


def test_nan_is_found_where_it_counts() -> None:
    """The largest of none is NaN, a median of some is NaN where one is; those that skip it have a slope."""
    x = np.array([[np.nan, np.nan, np.nan], [1.0, np.nan, 3.0]])
    np.testing.assert_array_equal(vjp(lambda x: np.nanmax(x, axis=1), x)[0], [np.nan, 3])
    np.testing.assert_array_equal(vjp(lambda x: np.nanmedian(x, axis=1), x)[0], [np.nan, 2])
    np.testing.assert_array_equal(vjp(lambda x: np.median(x, axis=1), x)[0], [np.nan, np.nan])
    np.testing.assert_array_equal(vjp(np.nanmean, x)[1](1.0)[0], [[0, 0, 0], [0.5, 0, 0.5]])


def test_variance_of_complex_numbers_is_real() -> None:
    """So is its tangent."""
    y, t = jvp(np.var, (turned((V,))[0],), (turned((W[[0, 1, 2, 3, 0]],))[0],))
    assert (y.dtype, t.dtype) == (np.float64, np.float64)


def test_comparisons_have_outer_products_too() -> None:
    """np.less.outer is plain."""
    kinds = []
    vjp(lambda x: kinds.append(np.less.outer(x, x)) or x, V)
    np.testing.assert_array_equal(kinds[0], np.less.outer(V, V))


CONSTANT: dict[str, Any] = {
    "shape": np.shape, "ndim": np.ndim, "size": np.size, "zeros_like": np.zeros_like, "ones_like": np.ones_like,
    "argmax": np.argmax, "argmin": lambda x: x.argmin(axis=0), "argsort": np.argsort,
    "argpartition": lambda x: np.argpartition(x, 1),
    "nanargmax": np.nanargmax, "nonzero": np.nonzero, "argwhere": np.argwhere, "flatnonzero": np.flatnonzero,
    "searchsorted": lambda x: np.searchsorted(V * 0 + np.arange(5), x), "digitize": lambda x: np.digitize(x, [0.0, 0.5]),
    "count_nonzero": np.count_nonzero, "any": np.any, "all": lambda x: x.all(), "isclose": lambda x: np.isclose(x, M),
    "allclose": lambda x: np.allclose(x, M), "array_equal": lambda x: np.array_equal(x, x), "round": lambda x: x.round(1),
    "around": np.around, "fix": np.fix, "sign": np.sign, "iscomplexobj": np.iscomplexobj, "isrealobj": np.isrealobj,
    "result_type": lambda x: np.result_type(x, np.float32), "can_cast": lambda x: np.can_cast(x.dtype, complex),
    "may_share_memory": lambda x: np.may_share_memory(x, M), "where": np.where, "unique_counts": np.unique_counts,
    "histogram": np.histogram, "bincount": lambda x: np.bincount(np.argsort(x[0])), "isin": lambda x: np.isin(x, M),
    "full_like": lambda x: np.full_like(x, 3.0), "array_repr": np.array_repr,
}  # fmt: skip


@pytest.mark.parametrize("name", CONSTANT)
def test_what_has_no_derivative_is_plain(name: str) -> None:
    """It is what NumPy gives of the plain array."""
    found = []
    vjp(lambda x: found.append(CONSTANT[name](x)) or x, M)
    wanted = CONSTANT[name](M)
    assert type(found[0]) is type(wanted)
    for a, b in zip(trees.leaves(found[0]), trees.leaves(wanted), strict=True):
        assert type(a) is type(b)
        np.testing.assert_array_equal(a, b)


REFUSED: dict[str, tuple[Any, str]] = {
    "max where": (lambda x: np.max(x, where=MASK), "np.max.*needs initial"),
    "out by place": (lambda x: np.sum(x, 0, None, np.empty(4)), "out=.*would change"),
    "out by name": (lambda x: np.max(x, out=np.empty(4), axis=0), "out=.*would change"),
    "out of mean": (lambda x: np.mean(x, 0, None, np.empty(4)), "out=.*would change"),
    "out of var": (lambda x: np.var(x, 0, None, np.empty(4)), "out=.*would change"),
    "out of cumsum": (lambda x: np.cumsum(x, 0, None, np.empty(4)), "out=.*would change"),
    "out of median": (lambda x: np.median(x, 0, np.empty(4)), "out=.*would change"),
    "quantile by q": (lambda x: np.quantile(M, x[0]), "no derivative with respect to operand 1"),
    "quantile out": (lambda x: np.quantile(x, 0.1, 0, np.empty(4)), "out=.*would change"),
    "quantile weights": (lambda x: np.quantile(x, 0.1, method="inverted_cdf", weights=M), "weights"),
    "histogram density": (lambda x: np.histogram(x, density=True), "density"),
    "cumulative_sum": (np.cumulative_sum, "needs axis="),
    "sort method": (lambda x: x.sort(), "x.sort"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_refused_in_words(name: str) -> None:
    """The message says what it is about."""
    f, words = REFUSED[name]
    with pytest.raises((GraphError, ValueError), match=words):
        vjp(f, M)
