"""The law of ``scipy.special``: its functions are differentiated as NumPy's are, also where a formula would fail."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from chainrule import graph
from chainrule.errors import GraphError
from chainrule.graph import special
from chainrule.graph.check import check_grads

sc = pytest.importorskip("scipy.special")
A = np.arange(12.0).reshape(3, 4) * 0.3 - 1.0
SUMS = [("logsumexp", {}), ("logsumexp", {"axis": 0, "keepdims": True}), ("logsumexp", {"axis": (0, 1)}),
        ("logsumexp", {"axis": -1, "b": np.array([0.5, 2.0, 0.0, 1.0])}), ("softmax", {}), ("softmax", {"axis": -1}),
        ("log_softmax", {"axis": 0}), ("log_softmax", {"axis": (0, 1)})]  # fmt: skip


def slopes(f, x):
    """The derivative of an elementwise function, in both modes, which agree."""
    x = np.asarray(x)
    forward, reverse = graph.jvp(f, (x,), (np.ones_like(x),))[1], graph.elementwise_grad(f)(x)
    assert np.array_equal(forward, reverse, equal_nan=True)
    return forward


@pytest.mark.parametrize(("name", "options"), SUMS)
@pytest.mark.parametrize("x", [A, A.astype("float32"), 1000 * A, np.array([0.5, -np.inf, 1.0])[:, None] + np.zeros((3, 4))])
def test_own_sums_of_exponentials_give_what_scipys_give(name, options, x):
    """Value and dtype, also of numbers whose exponentials overflow, and of some that are -inf."""
    with np.errstate(all="ignore"):
        wanted = getattr(sc, name)(x, **options)
        found = getattr(special, name)(x, **options)
    assert np.shape(found) == np.shape(wanted)
    assert np.asarray(found).dtype == x.dtype or "b" in options
    assert np.allclose(found, wanted, rtol=1e-5 if x.dtype == np.float32 else 1e-13, equal_nan=True)


def test_logsumexp_knows_the_sign_of_a_sum():
    """Log and sign of a sum with negative factors; a term with factor 0 does not count, however large."""
    b = np.array([[1.0], [-2.0], [0.0]])
    x = np.concatenate([A[:2], np.full((1, 4), 800.0)])
    found, wanted = special.logsumexp(x, 0, b, return_sign=True), sc.logsumexp(x, 0, b, return_sign=True)
    assert np.allclose(found, wanted, rtol=1e-13)
    check_grads(lambda x, b: special.logsumexp(x, 0, b, return_sign=True)[0], A, b - 0.5)


def test_an_empty_sum_of_exponentials_is_minus_infinity():
    """As the logarithm of 0."""
    assert special.logsumexp(np.zeros(0)) == -np.inf
    assert special.logsumexp([1, 2]) == pytest.approx(float(sc.logsumexp([1, 2])), rel=1e-14)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_multigammaln_is_scipys(d):
    """The multivariate gamma function's logarithm."""
    x = np.array([2.5, 3.0, 11.5])
    assert np.allclose(special.multigammaln(x, d), sc.multigammaln(x, d), rtol=1e-14)


@pytest.mark.parametrize(("a", "d"), [(3.0, 0), (3.0, 1.5), (0.5, 2)])
def test_multigammaln_refuses_what_it_is_not_defined_for(a, d):
    """As SciPy does."""
    with pytest.raises(GraphError, match="multigammaln"):
        special.multigammaln(a, d)


def test_the_functions_of_scipy_are_there_by_their_names():
    """For plain and for traced values, ufunc or not; a name that SciPy lacks is an AttributeError."""
    assert special.expit is sc.expit
    assert float(special.polygamma(1, 2.5)) == float(sc.polygamma(1, 2.5))
    assert np.allclose(slopes(lambda x: special.polygamma(1, x), [2.5]), sc.polygamma(2, 2.5))
    assert special.erf_zeros is sc.erf_zeros
    for name in ("no_such_function", "_no_such_function"):
        with pytest.raises(AttributeError, match=name):
            getattr(special, name)


def test_without_scipy_a_name_says_what_to_install(monkeypatch):
    """Those that are chainrule's own, softmax and logsumexp, need NumPy alone."""
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    assert np.allclose(special.softmax(np.zeros(2)), 0.5)
    with pytest.raises(GraphError, match="pip install scipy"):
        special.expit  # noqa: B018  looking it up is what fails


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_a_function_that_takes_plain_arrays_says_where_ours_is(name):
    """scipy.special.softmax of a traced value names chainrule.graph.special."""
    with pytest.raises(GraphError, match=r"chainrule\.graph\.special"):
        graph.grad(lambda x: getattr(sc, name)(x).sum())(np.ones(3))


def test_an_order_has_no_derivative():
    """Bessel functions by their order: the error says which operand it is."""
    with pytest.raises(GraphError, match=r"jv has no derivative with respect to operand 0"):
        graph.grad(lambda v: sc.jv(v, 1.0))(1.5)


def test_the_sign_of_gamma_is_constant():
    """It gives plain values."""
    assert slopes(lambda x: x * sc.gammasgn(x), [-0.5]) == -1.0


@pytest.mark.parametrize(("x", "wanted"), [(-1e4, 1e4), (-40.0, 40.024968827), (0.0, math.sqrt(2 / math.pi)), (50.0, 0.0)])
def test_the_slope_of_log_ndtr_is_right_in_both_tails(x, wanted):
    """Where density and distribution function are both too small for numbers, and where one of them is."""
    assert slopes(sc.log_ndtr, x) == pytest.approx(wanted, rel=1e-7)
    assert np.isfinite(slopes(graph.elementwise_grad(sc.log_ndtr), x))


@pytest.mark.parametrize("x", [-745.0, -40.0, 0.0, 40.0, 745.0])
def test_the_slope_of_the_logistic_function_keeps_its_digits_in_both_tails(x):
    """It is even: no 1 - y cancels."""
    assert slopes(sc.expit, x) == pytest.approx(float(sc.expit(x) * sc.expit(-x)), rel=1e-15)
    assert slopes(sc.expit, x) == slopes(sc.expit, -x)


def test_the_reciprocal_of_gamma_has_a_slope_at_the_poles():
    """(-1)^n n! at -n."""
    assert np.allclose(slopes(sc.rgamma, [0.0, -1.0, -2.0, -3.0]), [1.0, -1.0, 2.0, -6.0], rtol=1e-13)


@pytest.mark.parametrize("m", [-1e-9, 0.0, 1e-12, 0.3])
def test_the_box_cox_transformation_has_a_slope_by_its_exponent_at_0(m):
    """log(x)^2 / 2 there, where the formula is 0 / 0."""
    wanted = np.log(3.0) ** 2 * (0.5 + m * np.log(3.0) / 3) if abs(m) < 1e-6 else None
    found = slopes(lambda v: sc.boxcox(3.0, v), m)
    assert wanted is None or found == pytest.approx(wanted, rel=1e-12)
    check_grads(lambda x, v: sc.inv_boxcox(sc.boxcox(x, 0.5), v), 3.0, m)


def test_entropies_are_differentiable_where_a_probability_is_0():
    """The slope of x log y by y is 0 at x = 0, also where y is 0."""
    by_y = graph.elementwise_grad(sc.xlogy, 1)
    assert np.array_equal(by_y(np.zeros(2), np.array([0.0, 2.0])), [0.0, 0.0])
    assert by_y(2.0, 4.0) == 0.5


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("z", [0.4 + 0.3j, -3.7 + 0.2j, 30.0 - 5j, 2.5 + 0j])
def test_polygamma_of_complex_numbers_obeys_the_recurrence(n, z):
    """psi_n(z + 1) = psi_n(z) + (-1)^n n! / z^(n + 1); on the real axis it is SciPy's."""
    step = (-1) ** n * math.factorial(n) / z ** (n + 1)
    assert special.polygamma(n, z + 1) == pytest.approx(special.polygamma(n, z) + step, rel=1e-12)
    if not z.imag:
        assert special.polygamma(n, z) == pytest.approx(float(sc.polygamma(n, z.real)), rel=1e-13)


def test_third_derivatives_follow():
    """A slope is made of functions with slopes, to any order: psi, twice more, is polygamma(3)."""
    third = graph.elementwise_grad(graph.elementwise_grad(graph.elementwise_grad(sc.psi)))
    assert float(third(1.7)) == pytest.approx(float(sc.polygamma(3, 1.7)), rel=1e-13)
