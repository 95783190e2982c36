"""The law of the graph's linear algebra: the derivatives of ``numpy.linalg`` are those that differences show.

Vectors that a decomposition gives may be turned by a sign or by a complex number of size 1, so that the functions checked
here do not depend on that: absolute values, projectors, products of the factors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chainrule.errors import GraphError
from chainrule.graph import grad, hessian, jvp, vjp
from chainrule.graph.check import check_grads

Function = Callable[..., Any]
la = np.linalg


def hermitian(a: Any) -> Any:
    """The Hermitian part of each matrix of a stack."""
    return (a + np.conj(np.swapaxes(a, -1, -2))) / 2


def positive(a: Any) -> Any:
    """A Hermitian matrix with positive eigenvalues."""
    return a @ np.conj(np.swapaxes(a, -1, -2)) + 2 * np.eye(a.shape[-1])


def projectors(v: Any) -> Any:
    """For each column of a matrix (of a stack) the product v v^H, which does not change as v is turned."""
    v = np.swapaxes(v, -1, -2)
    return v[..., :, None] * np.conj(v[..., None, :])


def weighed_projectors(w: Any, v: Any) -> Any:
    """The sum of them, each times a function of its eigenvalue."""
    return np.sum(np.sin(w)[..., None, None] * projectors(v), axis=-3)


def weighed(found: Any) -> Any:
    """The factors of a singular value decomposition as they stand together: u_i vh_i."""
    return found.U.mT[..., :, None] * found.Vh[..., None, :]


def exponential(w: Any, v: Any) -> Any:
    """The exponential function of the matrix with these eigenvalues and vectors."""
    return (np.exp(w / 4)[..., None, :] * v) @ la.inv(v)


def root(u: Any, s: Any, vh: Any) -> Any:
    """The matrix with the same singular vectors, and the roots of these values."""
    return (u * np.sqrt(s)[..., None, :]) @ vh


SQUARE = {"one matrix": (3, 3), "a stack": (2, 3, 3), "1 x 1": (1, 1)}
OF_SQUARE: dict[str, Function] = {
    "inv": la.inv,
    "pinv": la.pinv,
    "det": la.det,
    "slogdet, logarithm": lambda a: la.slogdet(a).logabsdet,
    "slogdet, sign": lambda a: la.slogdet(a)[0],
    "slogdet, both": lambda a: np.exp(la.slogdet(a)[1]) * la.slogdet(a)[0],
    "matrix_power 0": lambda a: la.matrix_power(a, 0) * a,
    "matrix_power 1": lambda a: la.matrix_power(a, 1),
    "matrix_power 5": lambda a: la.matrix_power(a, 5),
    "matrix_power -2": lambda a: la.matrix_power(a, -2),
    "cond": la.cond,
    "cond -2": lambda a: la.cond(a, -2),
    "cond 1": lambda a: la.cond(a, 1),
    "cond fro": lambda a: la.cond(a, "fro"),
    "solve": lambda a: la.solve(a, a @ a + 1),
    "cholesky": lambda a: la.cholesky(positive(a)),
    "cholesky, upper": lambda a: la.cholesky(positive(a), upper=True),
    "eigh": lambda a: la.eigh(hermitian(a))[0],
    "eigh, U": lambda a: la.eigh(hermitian(a), "U").eigenvalues,
    "eigvalsh": lambda a: la.eigvalsh(hermitian(a), UPLO="U"),
    "eigh, vectors": lambda a: projectors(la.eigh(hermitian(a)).eigenvectors),
    "eigh, sizes": lambda a: np.abs(la.eigh(hermitian(a), UPLO="U")[1]) ** 2,
    "eigh, both": lambda a: exponential(*la.eigh(hermitian(a))),
    # In no order: that of eig may change with a small step.
    "eigvals": lambda a: tuple(np.sum(la.eigvals(a) ** k, axis=-1) for k in (1, 2, 3)),
    "eig": lambda a: np.sum(np.sin(la.eig(a)[0]), axis=-1),
    "eig, vectors": lambda a: weighed_projectors(*la.eig(a)),
    "eig, both": lambda a: exponential(*la.eig(a)),
    "svd": lambda a: weighed(la.svd(a)),
    "svd, left": lambda a: projectors(la.svd(a)[0]),
    "svd, right": lambda a: projectors(la.svd(a)[2].mT),
    "svd, Hermitian": lambda a: weighed(la.svd(hermitian(a), hermitian=True)),
    "qr, complete": lambda a: la.qr(a, "complete").Q,
    "matrix_transpose": lambda a: la.matrix_transpose(a) @ np.matrix_transpose(a),
}
OBLONG = {"tall": (4, 2), "wide": (2, 4), "a tall stack": (2, 4, 2), "a wide stack": (2, 2, 4), "square": (3, 3)}
OF_OBLONG: dict[str, Function] = {
    "pinv": la.pinv,
    "pinv, rcond": lambda a: la.pinv(a, rcond=1e-9),
    "svd, products": lambda a: weighed(la.svd(a, full_matrices=False)),
    "svd, all": lambda a: root(*la.svd(a, full_matrices=False)),
    "svd, left": lambda a: projectors(la.svd(a, full_matrices=False).U),
    "svd, right": lambda a: projectors(la.svd(a, False).Vh.mT),
    "svd, values": lambda a: la.svd(a, compute_uv=False),
    "svdvals": la.svdvals,
    "qr": lambda a: tuple(la.qr(a)),
    "qr, q": lambda a: la.qr(a, mode="reduced")[0],
    "qr, r": lambda a: la.qr(a, mode="r"),
    **{f"matrix_norm {p!r}": lambda a, p=p: la.matrix_norm(a, ord=p)
       for p in ("fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf)},
    "matrix_norm, keepdims": lambda a: a / la.matrix_norm(a, keepdims=True, ord="nuc"),
}  # fmt: skip
ORDERS = (None, 2, 1, 3, 2.5, 0.5, -1, -2, np.inf, -np.inf, 0)


def drawn(shape: tuple[int, ...], dtype: Any, seed: int = 3) -> Any:
    """Normal numbers."""
    rng = np.random.default_rng(seed)
    real = rng.standard_normal(shape)
    return (real + 1j * rng.standard_normal(shape) if np.dtype(dtype).kind == "c" else real).astype(dtype)


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("shape", SQUARE)
@pytest.mark.parametrize("name", OF_SQUARE)
def test_functions_of_square_matrices_have_the_derivatives_that_differences_show(name, shape, dtype):
    """Both modes, to second order."""
    a = drawn(SQUARE[shape], dtype)
    check_grads(OF_SQUARE[name], a / 2 + 3 * np.diag(np.arange(1, 1 + a.shape[-1])))


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("shape", OBLONG)
@pytest.mark.parametrize("name", OF_OBLONG)
def test_functions_of_oblong_matrices_have_the_derivatives_that_differences_show(name, shape, dtype):
    """Both modes, to second order."""
    check_grads(OF_OBLONG[name], drawn(OBLONG[shape], dtype), tolerance=1e-5)


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [0, -1, (1,)])
@pytest.mark.parametrize("p", ORDERS)
def test_norms_of_vectors_have_the_derivatives_that_differences_show(p, axis, keepdims, dtype):
    """Every order, along each axis; a norm of order 0 counts, and does not change."""
    a = drawn((2, 3), dtype)
    check_grads(lambda x: la.norm(x, p, axis, keepdims) * x[:1, :1], a)
    check_grads(lambda x: la.vector_norm(x, ord=2 if p is None else p, axis=axis, keepdims=keepdims) * x[:1, :1], a)


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("axis", [(0, 1), (2, 0), (-1, 1)])
@pytest.mark.parametrize("p", [None, "fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf])
def test_norms_of_matrices_have_the_derivatives_that_differences_show(p, axis, dtype):
    """Every order, along any two axes."""
    check_grads(lambda x: la.norm(x, p, axis), drawn((2, 3, 2), dtype), tolerance=1e-5)
    check_grads(lambda x: x * la.norm(x, ord=p, axis=axis, keepdims=True), drawn((2, 3, 2), dtype), tolerance=1e-5)


@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 2, 2)])
def test_a_norm_of_everything_has_the_derivatives_that_differences_show(shape):
    """Without an axis all numbers count, of a vector or matrix with an order too."""
    a = drawn(shape, complex)
    check_grads(lambda x: (la.norm(x), la.vector_norm(x), la.vector_norm(x, axis=tuple(range(len(shape))), ord=3)), a)
    if len(shape) < 3:
        check_grads(lambda x: la.norm(x, 1), a)
    check_grads(lambda x: x * la.norm(x, keepdims=True), a)


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize(
    ("a", "b"), [((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (3,)), ((2, 3, 3), (3, 2)), ((3, 3), (2, 3, 1))]
)
def test_solutions_have_the_derivatives_that_differences_show(a, b, dtype):
    """By both operands; b may be a vector, and either may be a stack."""
    check_grads(la.solve, drawn(a, dtype) + 4 * np.eye(3), drawn(b, dtype, 4))


@pytest.mark.parametrize("dtype", [float, complex])
def test_tensors_are_inverted_and_solved_for(dtype):
    """Axes may be moved, and be of different lengths."""
    a = drawn((2, 3, 6), dtype) + 4 * np.eye(6).reshape(2, 3, 6)
    check_grads(la.tensorinv, a)
    check_grads(lambda a: la.tensorinv(a, ind=1), drawn((4, 2, 2), dtype))
    check_grads(la.tensorsolve, a, drawn((2, 3), dtype, 4))
    check_grads(lambda a, b: la.tensorsolve(a, b, axes=(0, 2)), a.transpose(0, 2, 1), drawn((6,), dtype, 4))


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize(("a", "b"), [((4, 2), (4,)), ((4, 2), (4, 3)), ((2, 4), (2,)), ((3, 3), (3, 2))])
def test_least_squares_have_the_derivatives_that_differences_show(a, b, dtype):
    """The solution, what remains of b, and the singular values; of too few equations the shortest solution."""
    a, b = drawn(a, dtype), drawn(b, dtype, 4)
    check_grads(lambda a, b: [x for k, x in enumerate(la.lstsq(a, b)) if k != 2], a, b)
    for found, expected in zip(vjp(la.lstsq, a, b)[0], la.lstsq(a, b), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


VALUES: dict[str, tuple[Function, tuple[int, ...]]] = {
    **{name: (f, (3, 3)) for name, f in OF_SQUARE.items()},
    **{f"{name}, oblong": (f, (4, 2)) for name, f in OF_OBLONG.items()},
    **{f"norm {p!r}": (lambda a, p=p: la.norm(a, p, axis=0), (3, 2)) for p in ORDERS},
}


@pytest.mark.parametrize("dtype", [float, complex, np.float32, np.complex64])
@pytest.mark.parametrize("name", VALUES)
def test_values_are_numpys_and_keep_their_precision(name, dtype):
    """What goes through the graph is what NumPy computes, in the same precision; so are adjoints."""
    function, shape = VALUES[name]
    a = drawn(shape, dtype)
    y, back = vjp(function, a)
    expected = function(np.asarray(a))
    ys, wanted = (x if isinstance(x, tuple) else (x,) for x in (y, expected))
    for found, value in zip(ys, wanted, strict=True):
        assert found.shape == value.shape
        single = np.finfo(a.dtype).bits == 32
        np.testing.assert_allclose(found, value, rtol=1e-3 if single else 1e-10, atol=1e-3 if single else 1e-12)
        if "eye" not in name and "positive" not in name:
            assert found.dtype == value.dtype
    (g,) = back(tuple(np.ones_like(x) for x in ys) if isinstance(y, tuple) else np.ones_like(y))
    assert g.dtype == a.dtype


def test_a_determinant_has_a_slope_where_it_is_0():
    """The cofactors are there without an inverse; of rank less by two they are 0."""
    a = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 5.0]])
    expected = np.linalg.det(a + 1e-3 * np.eye(3)) - np.linalg.det(a - 1e-3 * np.eye(3))
    np.testing.assert_allclose(grad(np.linalg.det)(a).trace() * 2e-3, expected, rtol=1e-5)  # a difference, of third order
    np.testing.assert_allclose(jvp(np.linalg.det, (a,), (np.eye(3),))[1] * 2e-3, expected, rtol=1e-5)
    np.testing.assert_array_equal(grad(np.linalg.det)(np.zeros((3, 3))), 0)
    assert hessian(np.linalg.det)(np.array([[1.0, 0.0], [0.0, 0.0]]))[0, 0, 1, 1] == pytest.approx(1, abs=1e-12)


def test_norms_have_slope_0_at_0():
    """The middle of the slopes around: no division by 0."""
    for p in (None, 2, 3, 1):
        np.testing.assert_array_equal(grad(lambda x, p=p: la.norm(x, p))(np.zeros(3)), 0)
        np.testing.assert_array_equal(jvp(lambda x, p=p: la.norm(x, p), (np.zeros(3),), (np.ones(3),))[1], 0)


def test_equal_values_have_derivatives_and_their_vectors_have_none():
    """A function of the values alone does not ask for the vectors' derivatives; the error names the decomposition."""
    np.testing.assert_allclose(grad(lambda a: np.sum(la.eigh(a)[0]))(np.eye(3)), np.eye(3), atol=1e-15)
    np.testing.assert_allclose(grad(lambda a: la.matrix_norm(a, ord="nuc"))(np.eye(3)), np.eye(3), atol=1e-15)
    with pytest.raises(GraphError, match="eigh"):
        grad(lambda a: np.sum(la.eigh(a)[1]))(np.eye(3))
    with pytest.raises(GraphError, match="svd"):
        grad(lambda a: np.sum(la.svd(a)[0]))(np.eye(3))


def test_a_vector_of_its_own_value_has_a_derivative_beside_equal_ones():
    """What a result does not depend on cannot make it NaN."""
    f = lambda a: projectors(la.eigh(hermitian(a))[1])[2] @ np.arange(3.0)  # noqa: E731
    check_grads(f, np.diag([1.0, 1.0, 2.0]), order=1)


def test_a_gradient_by_a_symmetric_matrix_is_symmetric():
    """Triangles of which NumPy reads one share the slope."""
    a = positive(drawn((3, 3), float))
    for f in (la.cholesky, lambda x: la.eigh(x)[0] ** 2, lambda x: la.eigvalsh(x, "U") ** 3):
        g = grad(lambda x, f=f: np.sum(f(x)))(a)
        np.testing.assert_allclose(g, g.T, rtol=1e-12)
        check_grads(lambda x, f=f: f(hermitian(x)), a)


def test_several_results_keep_their_names():
    """Named tuples stay what they are."""
    a = drawn((3, 3), float) + 3 * np.eye(3)
    assert float(grad(lambda x: la.slogdet(x).logabsdet)(a)[0, 0]) == pytest.approx(la.inv(a)[0, 0])
    assert vjp(la.qr, a)[0]._fields == ("Q", "R")
    assert vjp(la.eigh, a)[0]._fields == vjp(la.eig, a)[0]._fields == ("eigenvalues", "eigenvectors")
    assert vjp(la.svd, a)[0]._fields == ("U", "S", "Vh")


def test_vectors_without_values_are_refused():
    """Those that only fill up a basis might be any others; the error says what to write."""
    a = np.ones((4, 2))
    with pytest.raises(GraphError, match=r"4 x 2[\s\S]*full_matrices=False"):
        grad(lambda x: la.svd(x)[0][0, 0])(a)
    with pytest.raises(GraphError, match=r"mode='complete'[\s\S]*mode='reduced'"):
        grad(lambda x: la.qr(x, "complete")[0][0, 0])(a)


def test_wrong_norms_are_refused():
    """As NumPy does."""
    for wrong in (
        lambda x: la.norm(x, "nuc", 0),
        lambda x: la.vector_norm(x, ord="fro"),
        lambda x: la.norm(x, 3, (0, 1)),
        lambda x: la.norm(x, 2),
        lambda x: la.norm(x, 2, (0, 1, 2)),
    ):
        with pytest.raises(ValueError, match="norm"):
            grad(wrong)(np.ones((2, 2, 2)))


def test_a_rank_is_a_constant():
    """It does not change by a little."""
    assert float(grad(lambda x: la.matrix_rank(x) * np.sum(x))(np.eye(2))[0, 0]) == 2
