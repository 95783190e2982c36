"""Laws of what is written in terms of other functions, differences, interpolation, polynomials, filters: for every row."""

from __future__ import annotations

import math

import numpy as np
import pytest
from graph_rows import M, Row, S, T, V, W, assert_single_precision_stays, assert_value_is_numpys, turned

from chainrule.errors import GraphError
from chainrule.graph import elementwise_grad, grad, vjp
from chainrule.graph.check import check_grads

GRID = np.cumsum(np.abs(V) + 0.3)
AT = np.array([[GRID[0] + 0.1, GRID[1] + 0.3], [GRID[3] + 0.05, GRID[4] - 0.1]])
ANALYTIC: dict[str, Row] = {
    "diff": (np.diff, (M,)),
    "diff twice": (lambda x: np.diff(x, 2, axis=0), (M,)),
    "diff with ends": (lambda x, y: np.diff(x, prepend=y, append=x[:, :2]), (M, S)),
    "ediff1d": (np.ediff1d, (M,)),
    "ediff1d with ends": (lambda x, y: np.ediff1d(x, to_end=y, to_begin=y[0]), (M, V)),
    "gradient": (np.gradient, (V,)),
    "gradient of a matrix": (np.gradient, (M,)),
    "gradient axis": (lambda x: np.gradient(x, 0.5, axis=1, edge_order=2), (M,)),
    "gradient of axes": (lambda x: np.gradient(x, 0.5, 2.0, axis=(0, 2)), (np.concatenate([T, T**2]),)),
    "trapezoid": (np.trapezoid, (M,)),
    "trapezoid dx": (lambda x: np.trapezoid(x, dx=0.3, axis=0), (M,)),
    "convolve": (np.convolve, (V, W)),
    "convolve a shorter one": (np.convolve, (W, V)),
    "convolve same": (lambda a, v: np.convolve(a, v, "same"), (V, W)),
    "convolve valid": (lambda a, v: np.convolve(a, v, "valid"), (V, W[:2])),
    "convolve valid, shorter": (lambda a, v: np.convolve(a, v, mode="valid"), (W[:3], V)),
    "correlate": (np.correlate, (V, W)),
    "correlate full": (lambda a, v: np.correlate(a, v, "full"), (V, W[:3])),
    "correlate same": (lambda a, v: np.correlate(a, v, "same"), (V, W)),
    "correlate same, shorter": (lambda a, v: np.correlate(a, v, "same"), (W, V)),
    "correlate same, much shorter": (lambda a, v: np.correlate(a, v, "same"), (W[:3], V)),
    "correlate shorter": (np.correlate, (W[:2], V)),
    "linspace": (lambda a, b: np.linspace(a, b, 7), (S, V)),
    "linspace axis": (lambda a, b: np.linspace(a, b, 3, endpoint=False, axis=-1, retstep=True), (V, S)),
    "linspace of one": (lambda a: np.linspace(a, 1.0, 1), (S,)),
    "logspace": (lambda a, b: np.logspace(a, b, 4), (S, 0.5 * V)),
    "logspace base": (lambda a, b: np.logspace(a, 1.0, 4, base=b), (S, np.array(1.7))),
    "geomspace": (lambda a, b: np.geomspace(a, b, 4), (S, np.array(2.5))),
    "geomspace axis": (lambda a, b: np.geomspace(a, b, 3, axis=1), (0.2 + V**2, S)),
    "polyval": (np.polyval, (W, M)),
    "vander": (np.vander, (V,)),
    "vander increasing": (lambda x: np.vander(x, 3, increasing=True), (V,)),
    "polyadd": (np.polyadd, (V, W)),
    "polysub": (np.polysub, (W, V)),
    "polymul": (np.polymul, (W, V)),
    "polyder": (lambda p: np.polyder(p, 2), (V,)),
    "polyint": (lambda p: np.polyint(p, 2, [1.0, 2.0]), (V,)),
    "sinc": (np.sinc, (M,)),
    "apply_along_axis": (lambda x: np.apply_along_axis(lambda r: r[:2] * r[-1], 1, x), (T,)),
    "apply_along_axis of numbers": (lambda x: np.apply_along_axis(np.sum, 0, x), (M,)),
    "apply_over_axes": (lambda x: np.apply_over_axes(np.sum, x, (0, 2)), (T,)),
    "full_like": (lambda x, a: np.full_like(x, a) * x, (M, S)),
}
REAL: dict[str, Row] = {
    "gradient at points": (np.gradient, (V, GRID)),
    "gradient at points, better ends": (lambda f, x: np.gradient(f, x, edge_order=2), (V, GRID)),
    "trapezoid at points": (np.trapezoid, (V, GRID)),
    "trapezoid at points of each row": (lambda y, x: np.trapezoid(y, x, axis=0), (M, M[:, ::-1])),
    "interp": (np.interp, (AT, GRID, V)),
    "interp beyond": (lambda x, fp: np.interp(x, GRID, fp), (np.array([-1.0, 0.9, 99.0]), V)),
    "interp with ends": (lambda x, fp, a: np.interp(x, GRID, fp, left=a, right=2.0), (np.array([-1.0, 0.9, 99.0]), V, S)),
    "interp with a period": (lambda x, fp: np.interp(x, GRID, fp, period=3.0), (AT, V)),
    "unwrap": (np.unwrap, (np.array([0.1, 3.0, -3.0, 2.9, 9.0]),)),
    "unwrap period": (lambda x: np.unwrap(x, period=1.0, axis=0), (3 * M,)),
    "angle of a real number": (np.angle, (V,)),
    "nan_to_num": (np.nan_to_num, (V,)),
    "real_if_close": (lambda x: np.real_if_close(x + 0j), (V,)),
}
COMPLEX: dict[str, Row] = {
    "angle": (np.angle, turned((M,))),
    "angle in degrees": (lambda z: np.angle(z, deg=True), turned((M,))),
    "nan_to_num of complex numbers": (np.nan_to_num, turned((M,))),
    "real_if_close of complex numbers": (np.real_if_close, turned((M,))),
}
ALL = ANALYTIC | REAL | COMPLEX
EACH = pytest.mark.parametrize("name", ALL)


@EACH
def test_derivatives_are_those_of_differences(name: str) -> None:
    """Both modes, and each of them through each of them."""
    f, args = ALL[name]
    check_grads(f, *args)


@pytest.mark.parametrize("name", ANALYTIC)
def test_derivatives_hold_for_complex_numbers(name: str) -> None:
    """The same, where numbers have two parts."""
    f, args = ANALYTIC[name]
    check_grads(f, *turned(args), tolerance=3e-6)


@EACH
def test_value_is_numpys(name: str) -> None:
    """What a traced value gives is what the array gives, of the same shapes and dtypes."""
    assert_value_is_numpys(*ALL[name], {"rtol": 1e-12, "atol": 1e-14}, {"rtol": 2e-5, "atol": 3e-6})


@EACH
def test_single_precision_stays(name: str) -> None:
    """Adjoints have the dtype of the arguments, tangents are no wider than the results."""
    assert_single_precision_stays(*ALL[name])


@pytest.mark.parametrize("order", range(1, 7))
def test_sinc_has_every_derivative_at_0(order: int) -> None:
    """The series' coefficients: 0 for odd orders, (-1)^(n/2) pi^n / (n + 1) for even ones."""
    slope = np.sinc
    for _ in range(order):
        slope = grad(slope)
    wanted = 0.0 if order % 2 else (-1) ** (order // 2) * math.pi**order / (order + 1)
    np.testing.assert_allclose(slope(0.0), wanted, rtol=1e-14)


def test_sinc_is_smooth_where_its_series_ends() -> None:
    """On both sides of |pi x| = 1 the slope is (cos pi x - sinc x) / x."""
    x = np.array([1 - 1e-9, 1 + 1e-9]) / math.pi
    np.testing.assert_allclose(elementwise_grad(np.sinc)(x), (np.cos(np.pi * x) - np.sinc(x)) / x, rtol=1e-13)


def test_what_is_no_number_has_no_slope() -> None:
    """nan_to_num puts constants there."""
    x = np.array([1.0, np.nan, np.inf, -np.inf])
    y, back = vjp(lambda x: np.nan_to_num(x, nan=7.0, posinf=8.0), x)
    np.testing.assert_array_equal(y, np.nan_to_num(x, nan=7.0, posinf=8.0))
    np.testing.assert_array_equal(back(np.ones(4))[0], [1, 0, 0, 0])


@pytest.mark.parametrize("f", [lambda x: np.gradient(x, 1.0, 2.0), lambda x: np.convolve(x, x, "half"),
                               lambda x: np.gradient(x, edge_order=3)])  # fmt: skip
def test_what_cannot_be_done_is_refused(f) -> None:
    """In words, as everywhere."""
    with pytest.raises(GraphError, match=r"np\.gradient along 1 axes|a convolution is"):
        vjp(f, V)
