"""Derivatives of functions: every mode, every order, every form of argument, and what is refused."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from chainrule import GraphError, ShapeError, graph

X = np.array([0.3, -0.7, 1.1])
Function = Callable[..., Any]


def f(x: Any) -> Any:
    """A smooth function of three numbers, with every product of two of them."""
    return np.sum(np.tanh(x) ** 2) + x[0] * x[1] * x[2] + np.exp(x[0] * x[2])


# ------------------------------------------------------------------------------------------------------------- modes


def test_both_modes_give_the_same_jacobian() -> None:
    """Column by column and row by row."""
    g: Function = lambda x: np.sin(np.outer(x, x)) * x  # noqa: E731  a function of an array that gives a matrix
    columns, rows = graph.jacobian(g, mode="forward")(X), graph.jacobian(g, mode="reverse")(X)
    assert columns.shape == (3, 3, 3)
    np.testing.assert_allclose(columns, rows, rtol=1e-14, atol=1e-15)


def forward_derivative(f: Function) -> Function:
    """The derivative of a function of one number, in forward mode."""
    return lambda x: graph.jvp(f, (x,), (1.0,))[1]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_modes_nest_in_any_mix(order: int) -> None:
    """Every sequence of forward and reverse derivatives of sin is the same derivative of sin."""
    wanted = np.sin(0.4 + order * np.pi / 2)
    for mix in range(2**order):
        g: Function = np.sin
        for k in range(order):
            g = forward_derivative(g) if mix >> k & 1 else graph.grad(g)
        assert g(0.4) == pytest.approx(wanted, rel=1e-13)


def test_an_inner_derivative_is_not_mistaken_for_an_outer_one() -> None:
    """d/dx (x d/dy (x + y)) is 1, not 2: the known trap of nested derivatives, in all four mixes of modes."""
    for outer in (graph.grad, forward_derivative):
        for inner in (graph.grad, forward_derivative):
            assert outer(lambda x, inner=inner: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0


def test_hessians_are_symmetric_and_their_products_agree() -> None:
    """Forward over reverse, reverse over reverse, and the product with a direction."""
    direction = np.array([0.5, -1.0, 2.0])
    found = graph.hessian(f)(X)
    np.testing.assert_allclose(found, found.T, rtol=1e-13)
    np.testing.assert_allclose(found, graph.jacobian(graph.grad(f), mode="reverse")(X), rtol=1e-13)
    np.testing.assert_allclose(found @ direction, graph.hessian_vector_product(f)(X, direction), rtol=1e-13)


def test_the_law_in_one_line_holds_and_finds_a_wrong_rule() -> None:
    """check_grads passes on right rules, and says both numbers of a wrong one."""
    graph.check_grads(f, X)
    wrong = graph.operation(lambda x: x**2, back=(lambda g, y, x: 3 * g * x,), forth=(lambda t, y, x: 2 * t * x,), name="w")
    graph.check_grads(wrong, 1.5, modes=["forward"], order=1)
    with pytest.raises(GraphError, match="reverse mode of f: the derivative is"):
        graph.check_grads(wrong, 1.5, modes=["reverse"], order=1)


# ----------------------------------------------------------------------------------------------- arguments and results


class Layer(NamedTuple):
    """Weights and biases."""

    w: Any
    b: Any


def test_arguments_may_be_trees() -> None:
    """The gradient has the form of the argument: named tuples in a list in a dict."""

    def cost(p: dict[str, Any], x: Any) -> Any:
        for layer in p["layers"]:
            x = np.tanh(layer.w @ x + layer.b)
        return np.sum(x) * p["scale"]

    rng = np.random.default_rng(0)
    p = {"layers": [Layer(rng.normal(size=(3, 3)), rng.normal(size=3)) for _ in range(2)], "scale": 2.0}
    found = graph.grad(cost)(p, X)
    assert isinstance(found["layers"][1], Layer)
    assert found["layers"][0].w.shape == (3, 3)
    graph.check_grads(lambda p: cost(p, X), p, order=1)


def test_results_may_be_trees() -> None:
    """Reverse mode takes adjoints in the form of the result; forward mode gives tangents in it."""
    g: Function = lambda x: {"sum": np.sum(x), "parts": (x * x, 3.0)}  # noqa: E731
    y, back = graph.vjp(g, X)
    assert back({"sum": 1.0, "parts": (np.zeros(3), 0.0)})[0].tolist() == [1, 1, 1]
    tangent = graph.jvp(g, (X,), (np.ones(3),))[1]
    assert tangent["parts"][1] == 0.0
    np.testing.assert_allclose(tangent["parts"][0], 2 * X)
    assert y["parts"][1] == 3.0


def test_gradients_by_several_arguments_come_as_a_tuple() -> None:
    """And what a function does not depend on has gradient 0."""
    found = graph.grad(lambda a, b, c: a * b, (0, 2))(2.0, 3.0, np.ones(2))
    assert found[0] == 3.0
    assert found[1].tolist() == [0, 0]


def test_float32_stays_float32() -> None:
    """The gradient is of the argument's dtype, in both modes."""
    x = X.astype(np.float32)
    assert graph.grad(f)(x).dtype == np.float32
    assert graph.jvp(f, (x,), (np.ones(3, np.float32),))[1].dtype == np.float32


def test_a_complex_gradient_says_how_the_result_changes() -> None:
    """It is dC = Re(g dz), in every direction."""
    z, h = 0.3 + 0.8j, 1e-6
    cost: Function = lambda z: np.abs(np.exp(z) * z) ** 2 + np.real(z**3)  # noqa: E731
    g = graph.grad(cost)(z)
    for direction in (1, 1j, 1 - 2j):
        measured = (cost(z + h * direction) - cost(z - h * direction)) / (2 * h)
        assert measured == pytest.approx((g * direction).real, rel=1e-8)


def test_python_control_flow_is_followed() -> None:
    """Loops, conditions and recursion on traced values."""

    def power(x: Any, n: int) -> Any:
        return 1.0 if n == 0 else x * power(x, n - 1) if x > 0 else -x

    assert graph.grad(power)(2.0, 5) == 80.0
    assert graph.grad(power)(-2.0, 5) == -1.0


# ---------------------------------------------------------------------------------------------------------- robustness


def test_a_chain_of_100_000_operations_has_a_gradient() -> None:
    """No recursion, in either mode; and the graph goes away without any."""

    def long(x: Any) -> Any:
        for _ in range(100_000):
            x = x * 1.00001
        return x

    wanted = 1.00001**100_000
    assert graph.grad(long)(1.0) == pytest.approx(wanted, rel=1e-10)
    assert graph.jvp(long, (1.0,), (1.0,))[1] == pytest.approx(wanted, rel=1e-10)


def test_a_shared_value_is_visited_once() -> None:
    """Doubling x 200 times by x + x has 2^200 paths, and is done at once."""

    def doubled(x: Any) -> Any:
        for _ in range(200):
            x = x + x
        return x

    assert graph.grad(doubled)(1.0) == 2.0**200


def test_back_may_be_called_any_number_of_times() -> None:
    """Nothing is left over from the pass before."""
    _, back = graph.vjp(lambda w, x: np.tanh(w @ x) + w[0] * w[1] @ x, np.outer(X, X), X)
    first = back(np.ones(3))
    back(np.full(3, 7.0))
    for a, b in zip(first, back(np.ones(3)), strict=True):
        np.testing.assert_array_equal(a, b)


def test_memory_goes_with_the_graph() -> None:
    """When the results are forgotten, so is everything in between; no garbage collection is needed."""

    class Watched(np.ndarray):
        """An array that can be watched."""

    kept: list[weakref.ref[Any]] = []
    gc.disable()
    try:
        x = np.ones(5).view(Watched)

        def g(x: Any) -> Any:
            y = x * 2.0
            kept.append(weakref.ref(y.value))
            return np.sum(y * y)

        graph.grad(g)(x)
        assert kept[0]() is None
    finally:
        gc.enable()


def test_threads_do_not_disturb_each_other() -> None:
    """Each has levels of its own."""
    found: list[bool] = []

    def work() -> None:
        found.extend(bool(np.array_equal(graph.hessian(f)(X), wanted)) for _ in range(20))

    wanted = graph.hessian(f)(X)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 80


def test_a_checkpoint_changes_nothing_but_memory() -> None:
    """Both modes, second order, and several arguments."""
    part = graph.checkpoint(lambda w, x: np.tanh(w * x) + x)
    plain: Function = lambda w, x: np.sum((np.tanh(w * x) + x) * w)  # noqa: E731
    kept: Function = lambda w, x: np.sum(part(w, x) * w)  # noqa: E731
    for argnum in (0, 1):
        np.testing.assert_allclose(graph.hessian(kept, argnum)(X, X), graph.hessian(plain, argnum)(X, X), rtol=1e-13)


# ------------------------------------------------------------------------------------------------------------- refusals


def assign(x: Any) -> Any:
    """In place, by index."""
    x[0] = 1.0
    return np.sum(x)


def grow(x: Any) -> Any:
    """In place, by operator."""
    x += 1.0
    return np.sum(x)


REFUSED: dict[str, tuple[Function, Any, str]] = {
    "in place by index": (assign, X, r"x\[...\] = y would change"),
    "in place by operator": (grow, X, r"x \+= y would change"),
    "out": (lambda x: np.sum(np.exp(x, out=np.empty(3))), X, "out=...\\) would change"),
    "sort in place": (lambda x: x.sort(), X, r"x.sort\(\) would change"),
    "float": (lambda x: float(x[0]) * x[1], X, r"float\(\) of a traced value would cut the graph"),
    "asarray": (lambda x: np.sum(np.asarray(x)), X, "np.asarray"),
    "an array of results": (lambda x: x * 2, X, r"shape \(3,\), but a gradient belongs to one number"),
    "a tuple of results": (lambda x: (x[0], x[1]), X, "gives a tuple"),
    "a complex result": (lambda x: 1j * np.sum(x), X, "dtype complex128, but a gradient belongs to a real number"),
    "integers": (np.sum, np.arange(3), "dtype int64: a derivative needs numbers that can change"),
    "one integer": (lambda x: x * x, 3, "Give floats: 2.0 for 2"),
    "words": (lambda x: x, "three", "dtype <U5"),
    "no rule": (lambda x: np.sum(np.roots(x)), X, "np.roots has no derivative rule"),
    "NaN": (lambda x: np.sum(np.sqrt(np.log(np.abs(x)))), X, r"NaN: sqrt\(\(3,\)\) gives it, the first of"),
    "NaN on the way back": (lambda x: np.sum(np.sqrt(x) * 0.0), np.zeros(2), "NaN: the derivative of sqrt"),
    "NaN in the argument": (np.sum, np.array([1.0, np.nan]), "an argument holds NaN already"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_differentiated_is_refused_in_words(case: str) -> None:
    """The error says what is wrong and what to do."""
    function, x, message = REFUSED[case]
    with pytest.raises(GraphError, match=message):
        graph.grad(function)(x)


def test_tangents_and_adjoints_must_fit() -> None:
    """Their number and their shapes are compared with what they belong to."""
    with pytest.raises(ShapeError, match=r"array 0 has shape \(2,\), but \(3,\) is needed"):
        graph.jvp(f, (X,), (np.ones(2),))
    with pytest.raises(ShapeError, match="has 1 arrays, but 2 are needed"):
        graph.vjp(lambda x: (x, x), X)[1]((np.ones(3),))
    with pytest.raises(GraphError, match="called with 1 arguments"):
        graph.grad(f, 3)(X)


def test_an_own_operation_takes_three_lines() -> None:
    """With rules made of NumPy functions it can be differentiated again."""
    slope: Function = lambda g, y, x: g * (1 - y * y)  # noqa: E731
    squash = graph.operation(lambda x: 0.0 + np.tanh(x), back=(slope,), forth=(slope,), name="squash")
    graph.check_grads(squash, X, order=1)
    assert graph.grad(squash)(0.5) == pytest.approx(1 - np.tanh(0.5) ** 2, rel=1e-15)
