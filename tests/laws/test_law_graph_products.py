"""The law of the graph's products: their derivatives, of every shape that NumPy takes, are those that differences show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainrule.errors import ShapeError
from chainrule.graph import grad, vjp
from chainrule.graph.check import check_grads

# Each function with the shapes of its operands.
SHAPES: dict[Any, list[tuple[tuple[int, ...], ...]]] = {
    np.matmul: [
        ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((1, 3), (3, 1)), ((2, 0), (0, 3)),
        ((5, 2, 3), (3,)), ((3,), (5, 3, 2)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((2, 2, 2, 3), (3, 4)),
        ((2, 3), (2, 2, 3, 4)), ((5, 2, 3), (5, 3, 4)), ((1, 2, 3), (5, 3, 4)), ((4, 1, 2, 3), (5, 3, 2)),
    ],
    np.dot: [
        ((), ()), ((), (2, 3)), ((2,), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)),
        ((2, 2, 3), (3,)), ((2, 2, 3), (3, 2)), ((3,), (2, 3, 2)), ((2, 3), (2, 3, 2)), ((2, 2, 3), (4, 3, 2)),
    ],
    np.inner: [((), (3,)), ((3,), (3,)), ((2, 3), (4, 3)), ((3,), (2, 3)), ((2, 2, 3), (3,)), ((2, 2, 3), (4, 3))],
    np.outer: [((3,), (2,)), ((2, 2), (3,)), ((), (2, 2))],
    np.vdot: [((3,), (3,)), ((2, 3), (2, 3)), ((), ())],
    np.vecdot: [((3,), (3,)), ((4, 3), (3,)), ((2, 1, 3), (4, 3))],
    np.matvec: [((2, 3), (3,)), ((5, 2, 3), (3,)), ((2, 3), (5, 3)), ((5, 2, 3), (5, 3))],
    np.vecmat: [((3,), (3, 2)), ((3,), (5, 3, 2)), ((5, 3), (3, 2)), ((5, 3), (5, 3, 2))],
    np.kron: [((2,), (3,)), ((2, 3), (3, 2)), ((2,), (2, 3)), ((2, 1, 2), (3, 2)), ((), (2, 2))],
    np.cross: [((3,), (3,)), ((4, 3), (3,)), ((2, 1, 3), (4, 3))],
    np.linalg.matmul: [((2, 3), (3, 4))],
    np.linalg.outer: [((2,), (3,))],
    np.linalg.vecdot: [((4, 3), (4, 3))],
    np.linalg.cross: [((4, 3), (4, 3))],
    np.trace: [((3, 3),), ((2, 3),), ((3, 2, 4),)],
    np.linalg.trace: [((3, 3),), ((4, 2, 3),)],
    np.linalg.diagonal: [((3, 3),), ((4, 2, 3),)],
}  # fmt: skip
ROWS = [(f, shapes) for f, rows in SHAPES.items() for shapes in rows]

# The same with options.
OPTIONS: dict[str, tuple[Any, tuple[tuple[int, ...], ...]]] = {
    "tensordot": (np.tensordot, ((2, 3, 4), (3, 4, 2))),
    "tensordot, 0 axes": (lambda a, b: np.tensordot(a, b, 0), ((2,), (3, 2))),
    "tensordot, 1 axis": (lambda a, b: np.tensordot(a, b, axes=1), ((2, 3), (3, 2))),
    "tensordot, an axis each": (lambda a, b: np.tensordot(a, b, (0, -1)), ((3, 2), (2, 4, 3))),
    "tensordot, crossed": (lambda a, b: np.tensordot(a, b, axes=([2, 0], [0, 1])), ((2, 4, 3), (3, 2, 5))),
    "tensordot, unsorted": (lambda a, b: np.tensordot(a, b, axes=((0, 1, 2), (2, 0, 1))), ((2, 3, 4), (3, 4, 2))),
    "tensordot, all": (lambda a, b: np.tensordot(a, b, axes=2), ((2, 3), (2, 3))),
    "linalg.tensordot": (lambda a, b: np.linalg.tensordot(a, b, axes=1), ((2, 3), (3, 2))),
    "vecdot, axis": (lambda a, b: np.vecdot(a, b, axis=0), ((3, 2), (3, 2))),
    "linalg.vecdot, axis": (lambda a, b: np.linalg.vecdot(a, b, axis=-2), ((3, 2), (3, 1))),
    "cross, axis": (lambda a, b: np.cross(a, b, axis=0), ((3, 2), (3, 2))),
    "cross, axes": (lambda a, b: np.cross(a, b, axisa=0, axisb=1, axisc=0), ((3, 2), (2, 3))),
    "linalg.cross, axis": (lambda a, b: np.linalg.cross(a, b, axis=0), ((3, 2), (3, 2))),
    "trace, offset and axes": (lambda a: np.trace(a, 1, 2, 0), ((3, 2, 4),)),
    "trace, method": (lambda a: a.trace(offset=-1), ((3, 3),)),
    "linalg.trace, offset": (lambda a: np.linalg.trace(a, offset=1), ((2, 3, 3),)),
    "linalg.diagonal, offset": (lambda a: np.linalg.diagonal(a, offset=-1), ((2, 3, 3),)),
    "dot, method": (lambda a, b: a.dot(b), ((2, 3), (3,))),
    "multi_dot of 2": (lambda *x: np.linalg.multi_dot(x), ((2, 3), (3, 4))),
    "multi_dot of 4": (lambda *x: np.linalg.multi_dot(x), ((2, 3), (3, 4), (4, 2), (2, 3))),
    "multi_dot, row and column": (lambda *x: np.linalg.multi_dot(list(x)), ((3,), (3, 2), (2,))),
    "multi_dot, two vectors": (lambda *x: np.linalg.multi_dot(x), ((3,), (3,))),
}

# Subscripts with the shapes of the operands.
SUBSCRIPTS: list[tuple[str, tuple[tuple[int, ...], ...]]] = [
    ("ij,jk->ik", ((2, 3), (3, 4))),
    ("ij,jk", ((2, 3), (3, 4))),
    ("ba", ((2, 3),)),
    ("ij->ji", ((2, 3),)),
    ("ij->", ((2, 3),)),
    ("ii", ((3, 3),)),
    ("ii->i", ((3, 3),)),
    ("iij->j", ((3, 3, 2),)),
    ("iii->i", ((2, 2, 2),)),
    ("ijij->ij", ((2, 3, 2, 3),)),
    ("i,i", ((3,), (3,))),
    ("i,j->ij", ((2,), (3,))),
    ("i,j->i", ((2,), (3,))),
    ("ij,k->i", ((2, 3), (4,))),
    ("ii,ij->j", ((3, 3), (3, 2))),
    ("ij,jk,kl->il", ((2, 3), (3, 2), (2, 4))),
    ("ijk,ilm,njm,nlk,abc->", ((2, 3, 2), (2, 2, 2), (2, 3, 2), (2, 2, 2), (1, 1, 2))),
    ("i,,j->ij", ((2,), (), (3,))),
    ("...ij,...jk->...ik", ((4, 2, 3), (4, 3, 2))),
    ("...ij,...jk", ((5, 1, 2, 3), (4, 3, 2))),
    ("...,...", ((2, 3), (3,))),
    ("i...->...", ((2, 3, 2),)),
    ("...i,ij->j...", ((4, 2, 3), (3, 2))),
    ("...ii->...i", ((2, 3, 3),)),
    (" i j , j -> i ", ((2, 3), (3,))),
    ("ij,ij->i", ((1, 3), (2, 3))),
    ("Aa,aB->BA", ((2, 3), (3, 2))),
]

# Operands and lists of numbers for their axes.
SUBLISTS: list[tuple[Any, tuple[tuple[int, ...], ...]]] = [
    (lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [2, 0]), ((2, 3), (3, 2))),
    (lambda a, b: np.einsum(a, [0, 1], b, [1, 30]), ((2, 3), (3, 2))),
    (lambda a: np.einsum(a, [..., 0, 0], [..., 0]), ((2, 3, 3),)),
]


def drawn(shapes: Any, dtype: Any, seed: int = 1) -> list[Any]:
    """Arrays of these shapes, with normal numbers."""
    rng = np.random.default_rng(seed)
    complex_ = np.dtype(dtype).kind == "c"
    arrays = (rng.standard_normal(s) + (1j * rng.standard_normal(s) if complex_ else 0) for s in shapes)
    return [np.asarray(x, dtype) for x in arrays]


def named(row: Any) -> str:
    """The name of a row of the tables above."""
    return getattr(row, "__name__", str(row))


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize(("function", "shapes"), ROWS, ids=named)
def test_products_have_the_derivatives_that_differences_show(function, shapes, dtype):
    """Both modes, to second order, by all operands, for vectors, matrices and stacks of them."""
    check_grads(function, *drawn(shapes, dtype))


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("name", OPTIONS)
def test_products_with_options_have_the_derivatives_that_differences_show(name, dtype):
    """Axes and offsets mean in the derivative what they mean in the function."""
    function, shapes = OPTIONS[name]
    check_grads(function, *drawn(shapes, dtype))


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize(("subscripts", "shapes"), SUBSCRIPTS, ids=named)
def test_einsum_has_the_derivatives_that_differences_show(subscripts, shapes, dtype):
    """Whatever the subscripts: diagonals, sums over a name that stands once, dots, no arrow, broadcasting."""
    check_grads(lambda *operands: np.einsum(subscripts, *operands), *drawn(shapes, dtype))


@pytest.mark.parametrize(("function", "shapes"), SUBLISTS)
def test_einsum_with_lists_has_the_derivatives_that_differences_show(function, shapes):
    """Subscripts may be given as lists of numbers."""
    check_grads(function, *drawn(shapes, float))


@pytest.mark.parametrize("optimize", [True, "greedy", ["einsum_path", (0, 1), (0, 1)]])
def test_einsum_may_be_optimized(optimize):
    """The order of the products does not change the derivative."""
    check_grads(lambda *x: np.einsum("ij,jk,kl->il", *x, optimize=optimize), *drawn(((2, 3), (3, 2), (2, 4)), float))


@pytest.mark.parametrize(("function", "shapes"), [row for row in ROWS if len(row[1]) == 2], ids=named)
def test_one_operand_may_be_plain(function, shapes):
    """A plain array, or a list, may stand on either side."""
    a, b = drawn(shapes, float)
    for other in (b, b.tolist()):
        check_grads(lambda x, y=other: function(x, y), a)
    for other in (a, a.tolist()):
        check_grads(lambda x, y=other: function(y, x), b)


@pytest.mark.parametrize(("function", "shapes"), ROWS, ids=named)
def test_single_precision_stays_single(function, shapes):
    """The adjoints of float32 arrays are float32, and so are the values."""
    y, back = vjp(function, *drawn(shapes, np.float32))
    assert y.dtype == np.float32
    assert {x.dtype for x in back(np.ones(y.shape, np.float32))} == {np.dtype(np.float32)}


@pytest.mark.parametrize(("function", "shapes"), ROWS, ids=named)
@pytest.mark.parametrize("dtype", [float, complex])
def test_values_are_numpys(function, shapes, dtype):
    """What goes through the graph is what NumPy computes."""
    operands = drawn(shapes, dtype)
    y, _ = vjp(function, *operands)
    expected = function(*operands)
    assert y.shape == expected.shape
    np.testing.assert_allclose(y, expected, rtol=1e-13, atol=1e-13)


def test_operators_are_products():
    """The operator @ works with the traced value on either side."""
    a, b = drawn(((2, 3), (3, 2)), float)
    np.testing.assert_allclose(grad(lambda x: np.sum(x @ b))(a), np.ones((2, 2)) @ b.T)
    np.testing.assert_allclose(grad(lambda x: np.sum(a @ x))(b), a.T @ np.ones((2, 2)))


def test_vectors_in_a_plane_have_no_cross_product():
    """NumPy has given it up; the error says what to write."""
    with pytest.raises(ShapeError, match=r"2 and 2 elements[\s\S]*x\[0\] \* y\[1\]"):
        grad(lambda x: np.cross(x, x))(np.ones(2))
