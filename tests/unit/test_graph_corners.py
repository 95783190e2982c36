"""Where derivatives are easily wrong: kinks, zeros, empty arrays, dtypes, lists, and values from around a function."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from chainrule import GraphError, graph

X = np.array([0.3, -0.7, 1.1])
Function = Callable[..., Any]
checkpoint = graph.checkpoint


def slope(f: Function, x: Any) -> float:
    """The derivative of a function of one number, in both modes."""
    forward, reverse = graph.jvp(f, (x,), (1.0,))[1], graph.vjp(f, x)[1](1.0)[0]
    np.testing.assert_equal(forward, reverse)
    return float(forward)


# ---------------------------------------------------------------------------------- values from around a function

RAISED: Function = lambda g, y, x, n=2: g * n * x ** (n - 1)  # noqa: E731  a rule of an operation
POWER = graph.operation(lambda x, n=2: x**n, back=(RAISED,), forth=(RAISED,))


@pytest.mark.parametrize(
    "f", [lambda w: checkpoint(lambda x: x * w)(w), lambda w: POWER(w, n=w)], ids=["variable", "option"]
)
def test_a_traced_value_that_is_no_operand_is_refused_rather_than_left_out(f: Function) -> None:
    """A checkpoint that closes over a weight, an operation with a traced option: half of the derivative would be lost."""
    for derivative in (graph.grad(f), lambda x: graph.jvp(f, (x,), (1.0,))):
        with pytest.raises(GraphError, match="none of its operands"):
            derivative(2.0)


def test_a_checkpoint_may_close_over_a_value_of_an_outer_derivative() -> None:
    """d/dw d/dx w x^2 is 2 x."""
    assert graph.grad(lambda w: graph.grad(checkpoint(lambda h: w * h * h))(3.0))(2.0) == 6.0


@pytest.mark.parametrize(
    ("f", "wanted"),
    [
        (lambda w: checkpoint(lambda x, c: x * c)(w, c=w), 4.0),
        (lambda w: checkpoint(lambda x, d: x * d["a"][0])(w, {"a": [w]}), 4.0),
        (lambda w: checkpoint(lambda x: {"a": (x * x, [x])})(w)["a"][0], 4.0),
        (lambda w: sum(checkpoint(lambda x: (x * x, x + 1))(w)), 5.0),
        (lambda w: checkpoint(lambda x: [x, x * x])(w)[0], 1.0),
        (lambda w: checkpoint(lambda x, how: x * x if how == "square" else x)(w, how="square"), 4.0),
    ],
    ids=["by name", "dict", "results", "tuple", "one of two", "word"],
)
def test_a_checkpoint_takes_and_gives_trees(f: Function, wanted: float) -> None:
    """Arguments by name, in dicts and lists; results in dicts, tuples and lists."""
    assert slope(f, 2.0) == wanted


def test_a_checkpoint_is_computed_once_more_however_many_operands_it_has() -> None:
    """Once forward and once in the backward pass, for three operands; the gradient is the plain function's."""
    calls = []

    def layer(h: Any, w: Any, b: Any) -> Any:
        calls.append(1)
        return np.tanh(h @ w + b)

    def network(layer: Function) -> Function:
        return lambda w, b: np.sum(layer(layer(np.ones((2, 3)), w, b), w, b))

    w, b = np.outer(X, X), X
    found = graph.grad(network(checkpoint(layer)), (0, 1))(w, b)
    assert len(calls) == 4
    for x, y in zip(found, graph.grad(network(layer), (0, 1))(w, b), strict=True):
        np.testing.assert_array_equal(x, y)
    graph.check_grads(network(checkpoint(layer)), w, b)


# -------------------------------------------------------------------------------------------------- kinks and zeros


@pytest.mark.parametrize(
    "f",
    [
        np.linalg.norm,
        lambda x: np.linalg.norm(x[:, None]),
        lambda x: np.hypot(x[0], x[1]),
        lambda x: np.abs(x[0] + 1j * x[1]),
        lambda x: np.std(np.stack([x[0], -x[0], x[1]])),
    ],
    ids=["norm", "matrix norm", "hypot", "abs", "std"],
)
def test_a_size_of_nothing_has_slope_0_and_no_second_derivative(f: Function) -> None:
    """The middle of the slopes around; a second derivative that is a number would be made up."""
    np.testing.assert_array_equal(graph.grad(f)(np.zeros(2)), np.zeros(2))
    assert np.isnan(graph.hessian(f)(np.zeros(2))).any()
    assert np.isfinite(graph.hessian(f)(np.array([0.3, 0.4]))).all()


@pytest.mark.parametrize(
    "options",
    [{}, {"ddof": 1}, {"keepdims": True}, {"where": np.array([True, True, False])}, {"mean": np.array(2.0)}],
    ids=str,
)
def test_equal_elements_have_a_standard_deviation_of_slope_0(options: dict[str, Any]) -> None:
    """Not NaN: as the norm of the distances from the mean, which it is."""
    f: Function = lambda x: np.sum(np.std(x, **options))  # noqa: E731  a function of an array
    np.testing.assert_array_equal(graph.grad(f)(np.full(3, 2.0)), np.zeros(3))
    np.testing.assert_array_equal(graph.jvp(f, (np.full(3, 2.0),), (np.ones(3),))[1], 0.0)
    graph.check_grads(lambda x: np.std(x, axis=1, where=np.ones((2, 3), bool)), np.stack([X, X**2]))


def test_the_mixed_second_derivative_of_a_power_is_right_where_the_exponent_is_0() -> None:
    """d/db d/da a^b is 1/a at b = 0."""
    assert graph.grad(lambda b: graph.grad(lambda a: a**b)(2.0))(0.0) == 0.5
    assert graph.grad(lambda a: graph.grad(lambda b: a**b)(0.0))(2.0) == 0.5


@pytest.mark.parametrize("function", [np.remainder, np.fmod])
def test_a_remainder_counts_as_often_as_the_remainder_itself_does(function: Any) -> None:
    """0.1 goes 9 times into 1, as floats are, though 1 / 0.1 is rounded to 10."""
    assert slope(lambda b: function(1.0, b), 0.1) == -9.0
    assert slope(lambda b: function(-1.0, b), 0.1) == (10.0 if function is np.remainder else 9.0)


def test_logarithms_of_0_have_no_part_in_their_sum() -> None:
    """Neither at once nor one by one: no NaN where everything is -inf."""
    x = np.array([-np.inf, -np.inf, 0.0])
    np.testing.assert_array_equal(graph.grad(np.logaddexp.reduce)(x), [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(graph.grad(lambda x: np.logaddexp.accumulate(x)[-1])(x), [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(graph.vjp(np.logaddexp2, x, x)[1](np.ones(3)), [[0.0, 0.0, 0.5]] * 2)


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.parametrize(("zero", "wanted"), [(0, np.inf), (-0.0, -np.inf), (np.float64(0.0), np.inf)])
def test_a_quotient_by_0_has_numpys_infinite_slope(zero: Any, wanted: float) -> None:
    """Python's own numbers would end the program."""
    assert slope(lambda a: a / zero, 2.0) == wanted


# ------------------------------------------------------------------------------------------------- shapes and dtypes

REDUCED = [np.sum, np.prod, np.max, np.min, np.nansum, np.nanprod, np.nanmax, np.nanmean, np.nanvar, np.logaddexp.reduce]


@pytest.mark.parametrize("function", REDUCED, ids=lambda f: f.__name__)
@pytest.mark.parametrize("axis", [0, -1, None])
def test_a_number_may_be_reduced_along_an_axis_as_in_numpy(function: Any, axis: int | None) -> None:
    """A function of rows may be given one element."""
    assert slope(lambda x: function(x, axis=axis), 1.5) == (0.0 if function is np.nanvar else 1.0)


@pytest.mark.parametrize("function", [np.max, np.min])
def test_the_extreme_of_nothing_is_the_initial_value(function: Any) -> None:
    """And of the initial value it has the derivative."""
    f: Function = lambda x, low: function(x, axis=1, initial=low)  # noqa: E731  a function of two arrays
    y, back = graph.vjp(f, np.zeros((2, 0)), 3.0)
    np.testing.assert_array_equal(y, [3.0, 3.0])
    gx, glow = back(np.ones(2))
    assert gx.shape == (2, 0)
    assert glow == 2.0


def test_complex_numbers_have_a_median() -> None:
    """In NumPy's order of them."""
    z = np.array([1 + 2j, 0.5 - 1j, 3j, 2.0])
    assert graph.vjp(np.median, z)[0] == np.median(z)
    graph.check_grads(np.median, z)


@pytest.mark.parametrize(
    "f",
    [lambda x: np.arange(3) - x, lambda x: x * np.ones(3), lambda x: np.float_power(x, 2), lambda x: np.copysign(x, -1.0)],
    ids=["int64", "float64", "float_power", "copysign"],
)
def test_a_tangent_has_the_dtype_of_the_value(f: Function) -> None:
    """Of float32 and a plain float64 array the value is float64, and so is the tangent."""
    y, t = graph.jvp(f, (X.astype(np.float32),), (np.ones(3, np.float32),))
    assert t.dtype == y.dtype == f(X.astype(np.float32)).dtype


LISTS: dict[str, tuple[Function, Function]] = {
    "divide": (lambda x, y: x / y, lambda x, y: y / x),
    "power": (lambda x, y: x**y, lambda x, y: y**x),
    "arctan2": (np.arctan2, lambda x, y: np.arctan2(y, x)),
    "float_power": (np.float_power, lambda x, y: np.float_power(y, x)),
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_is_the_array_that_a_ufunc_takes_it_for(name: str, kind: Any) -> None:
    """On either side."""
    x, y = np.abs(X), np.array([1.0, 2.0, 3.0])
    for f in LISTS[name]:
        found, wanted = (graph.vjp(lambda x, y=y, f=f: f(x, y), x)[1](np.ones(3))[0] for y in (kind(y), y))
        np.testing.assert_array_equal(found, wanted)
        as_list = kind(y)
        graph.jvp(lambda x, f=f, y=as_list: f(x, y), (x,), (x,))


# ------------------------------------------------------------------------------------- what a number does in Python


def test_numbers_do_what_pythons_own_functions_ask_of_them() -> None:
    """The remainder of divmod has a derivative; round and a format are of the value."""
    assert slope(lambda x: divmod(x, 2.0)[1] * 3, 2.5) == 3.0
    assert slope(lambda x: divmod(7.0, x)[1], 2.5) == -2.0
    assert slope(lambda x: round(x) * x, 2.3) == 2.0
    assert slope(lambda x: float(f"{x:.1f}") * x, 2.34) == 2.3


@pytest.mark.parametrize(("change", "wanted"), [(operator.imod, 1.0), (operator.ifloordiv, 0.0), (operator.iadd, 1.0)])
def test_every_assignment_in_place_of_an_array_is_refused(change: Any, wanted: float) -> None:
    """It would leave another name of the array as it was; a number's is a new value."""
    with pytest.raises(GraphError, match="in its place"):
        graph.jvp(lambda x: change(x, 2.0), (X,), (X,))
    assert slope(lambda x: change(x, 2.0) * 1.0, 2.5) == wanted


@pytest.mark.parametrize("f", [lambda x: np.array([x[0], x[1]]), lambda x: np.linalg.norm([x[0], x[1]])])
def test_who_makes_an_array_of_traced_numbers_is_shown_how(f: Function) -> None:
    """np.array takes plain numbers only."""
    with pytest.raises(GraphError, match=r"np.stack\(\[a, b\]\)"):
        graph.vjp(f, X)


def test_a_ufunc_of_nobodys_is_called_by_its_name_alone() -> None:
    """It is not said to be SciPy's."""
    mine = np.frompyfunc(lambda x: x * x, 1, 1)
    with pytest.raises(GraphError, match=r"^<lambda> \(vectorized\) has no derivative rule"):
        graph.vjp(mine, X)


def test_the_functions_of_scipy_that_hand_on_to_ufuncs_take_traced_values() -> None:
    """As they are."""
    sc = pytest.importorskip("scipy.special")
    for f in (lambda x: sc.zeta(3.0, x), lambda x: np.real(sc.lambertw(x))):
        graph.check_grads(f, np.abs(X))


# --------------------------------------------------------------------------------------------------------- Jacobians


@pytest.mark.parametrize("mode", ["forward", "reverse", "auto"])
def test_a_complex_result_of_real_numbers_keeps_its_imaginary_part(mode: str) -> None:
    """d/dx e^ix = i e^ix, and not the real part of it alone; a real result of complex numbers is as grad gives it."""
    found = graph.jacobian(lambda x: np.exp(1j * x), mode=mode)(X)
    np.testing.assert_allclose(found, np.diag(1j * np.exp(1j * X)), rtol=1e-14, atol=1e-15)
    z = np.array([1 + 2j, -0.5j])
    size = graph.jacobian(lambda z: np.abs(z) ** 2, mode=mode)(z)
    np.testing.assert_allclose(size, np.diag(2 * np.conj(z)), rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(np.diag(size), graph.grad(lambda z: np.sum(np.abs(z) ** 2))(z), rtol=1e-14)


class Pair(NamedTuple):
    """Two arrays."""

    a: Any
    b: Any


@pytest.mark.parametrize("mode", ["forward", "reverse", "auto"])
def test_a_jacobian_has_the_form_of_the_result_and_in_it_that_of_the_argument(mode: str) -> None:
    """A tuple of named tuples, for a tuple of two results and a named tuple of two arguments."""
    pair, a, b = Pair(X, np.array(2.0)), X, 2.0
    product, (total,) = graph.jacobian(lambda p: (p.a * p.b, [np.sum(p.a) * 1j]), mode=mode)(pair)
    assert type(product) is type(total) is Pair
    np.testing.assert_allclose(product.a, b * np.eye(3))
    np.testing.assert_allclose(product.b, a)
    np.testing.assert_allclose(total.a, np.full(3, 1j))
    np.testing.assert_allclose(total.b, 0.0)


def test_a_hessian_of_a_dict_is_a_dict_of_dicts() -> None:
    """Each block by two names."""
    found = graph.hessian(lambda d: np.sum(d["w"] ** 2) * d["b"])({"w": X, "b": 3.0})
    np.testing.assert_allclose(found["w"]["w"], 6.0 * np.eye(3))
    np.testing.assert_allclose(found["w"]["b"], 2.0 * X)
    np.testing.assert_allclose(found["b"]["w"], 2.0 * X)
    np.testing.assert_allclose(found["b"]["b"], 0.0)


def test_misspelt_modes_and_arguments_that_are_no_tuple_are_refused() -> None:
    """A check of no mode would check nothing."""
    for modes in ((), ("fwd",), ("forward", "back")):
        with pytest.raises(GraphError, match="mode 'forward'"):
            graph.check_grads(np.sin, 1.0, modes=modes)
    with pytest.raises(GraphError, match="give tuples"):
        graph.jvp(np.sin, 1.0, 1.0)  # type: ignore[arg-type]
