"""Laws of the rules of functions that move numbers about, pick them out and put them together: for every row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graph_rows import MASK, M, N, Row, S, T, V, W, assert_single_precision_stays, dtypes, single, turned

from chainrule.errors import GraphError, ShapeError
from chainrule.graph import grad, jacobian, trees, vjp
from chainrule.graph.check import check_grads

COLUMN = np.array([[0], [1], [1]])
# Linear: they hold for complex numbers too.
MOVES: dict[str, Row] = {
    "reshape": (lambda x: np.reshape(x, (2, -1)), (M,)),
    "reshape F": (lambda x: np.reshape(x, (2, 6), order="F"), (M,)),
    "reshape method": (lambda x: x.reshape(2, 6), (M,)),
    "ravel": (np.ravel, (T,)),
    "ravel F": (lambda x: np.ravel(x, order="F"), (M,)),
    "flatten": (lambda x: x.flatten(), (T,)),
    "transpose": (np.transpose, (T,)),
    "transpose axes": (lambda x: np.transpose(x, (1, 2, 0)), (T,)),
    "transpose from the end": (lambda x: np.transpose(x, (-1, 0, 1)), (T,)),
    "T": (lambda x: x.T, (M,)),
    "transpose method": (lambda x: x.transpose(1, 2, 0), (T,)),
    "permute_dims": (lambda x: np.permute_dims(x, (2, 0, 1)), (T,)),
    "matrix_transpose": (np.matrix_transpose, (T,)),
    "mT": (lambda x: x.mT, (T,)),
    "swapaxes": (lambda x: np.swapaxes(x, 0, -1), (T,)),
    "moveaxis": (lambda x: np.moveaxis(x, 0, -1), (T,)),
    "moveaxis of several": (lambda x: np.moveaxis(x, (0, 1), (-1, 0)), (T,)),
    "rollaxis": (lambda x: np.rollaxis(x, 2), (T,)),
    "rollaxis forward": (lambda x: np.rollaxis(x, 0, 2), (T,)),
    "rollaxis from the end": (lambda x: np.rollaxis(x, -1, -2), (T,)),
    "expand_dims": (lambda x: np.expand_dims(x, 1), (M,)),
    "expand_dims of several": (lambda x: np.expand_dims(x, (0, -1)), (M,)),
    "squeeze": (lambda x: np.squeeze(x[None, :, None]), (M,)),
    "squeeze axis": (lambda x: np.squeeze(x[None, :, None], axis=(0,)), (M,)),
    "broadcast_to": (lambda x: np.broadcast_to(x, (2, 3, 4)), (M,)),
    "broadcast_to along an axis of 1": (lambda x: np.broadcast_to(x[:, :1], (3, 5)), (M,)),
    "broadcast_to a number": (lambda x: np.broadcast_to(x, (2, 3)), (S,)),
    "broadcast_arrays": (lambda x, y: np.broadcast_arrays(x, y[:, :1]), (T, M)),
    "atleast_1d": (np.atleast_1d, (S,)),
    "atleast_2d": (np.atleast_2d, (V,)),
    "atleast_3d": (np.atleast_3d, (M,)),
    "atleast_2d of several": (np.atleast_2d, (S, M)),
    "flip": (np.flip, (M,)),
    "flip axis": (lambda x: np.flip(x, (0, -1)), (T,)),
    "fliplr": (np.fliplr, (M,)),
    "flipud": (np.flipud, (M,)),
    "rot90": (np.rot90, (M,)),
    "rot90 k": (lambda x: np.rot90(x, 3, (2, 0)), (T,)),
    "roll": (lambda x: np.roll(x, 5), (M,)),
    "roll axis": (lambda x: np.roll(x, -1, axis=1), (M,)),
    "roll axes": (lambda x: np.roll(x, (1, 2), axis=(0, 1)), (M,)),
    "tril": (np.tril, (M,)),
    "triu": (lambda x: np.triu(x, 1), (T,)),
    "tril of a vector": (lambda x: np.tril(x, -1), (V,)),
    "tile": (lambda x: np.tile(x, 3), (M,)),
    "tile by axis": (lambda x: np.tile(x, (2, 3)), (M,)),
    "tile to more axes": (lambda x: np.tile(x, (2, 1, 2)), (M,)),
    "repeat": (lambda x: np.repeat(x, 2), (M,)),
    "repeat axis": (lambda x: x.repeat(3, axis=-1), (M,)),
    "repeat by element": (lambda x: np.repeat(x, [2, 0, 3], axis=0), (M,)),
    "resize": (lambda x: np.resize(x, (4, 5)), (M,)),
    "meshgrid": (np.meshgrid, (V, W)),
    "meshgrid ij": (lambda x, y, z: np.meshgrid(x, y, z, indexing="ij", sparse=True), (V, W, V)),
    "split": (lambda x: np.split(x, 2, axis=1), (M,)),
    "split by name": (lambda x: np.split(x, indices_or_sections=3), (M,)),
    "split at": (lambda x: np.split(x, [1, 3, 3, 9]), (V,)),
    "array_split": (lambda x: np.array_split(x, 3, axis=-1), (M,)),
    "hsplit": (lambda x: np.hsplit(x, [1]), (M,)),
    "hsplit of a vector": (lambda x: np.hsplit(x, [2]), (V,)),
    "vsplit": (lambda x: np.vsplit(x, 3), (M,)),
    "dsplit": (lambda x: np.dsplit(x, 2), (T,)),
    "unstack": (lambda x: np.unstack(x, axis=1), (M,)),
    "copy": (np.copy, (M,)),
    "copy method": (lambda x: x.copy(), (M,)),
    "trim_zeros": (lambda x: np.trim_zeros(np.pad(x, (2, 3))), (V,)),
    "trim_zeros front": (lambda x: np.trim_zeros(np.pad(x, (2, 3)), "f"), (V,)),
    "trim_zeros axis": (lambda x: np.trim_zeros(np.pad(x, 1), axis=1), (M,)),
}
PICKS: dict[str, Row] = {
    "x[i]": (lambda x: x[1], (M,)),
    "x[-1]": (lambda x: x[-1], (V,)),
    "x[i, j]": (lambda x: x[1, -2], (M,)),
    "x[a:b:c]": (lambda x: x[3:0:-2], (V,)),
    "x[..., None, i]": (lambda x: x[..., None, 1], (T,)),
    "x[:, a:]": (lambda x: x[:, 1:], (M,)),
    "x[()]": (lambda x: x[()], (S,)),
    "x[numbers]": (lambda x: x[[0, 2, 0, -1]], (V,)),
    "x[numbers, numbers]": (lambda x: x[[0, 1, 0], [2, 2, 2]], (M,)),
    "x[grid]": (lambda x: x[np.array([0, 0, 1])[:, None], np.array([1, 1, 3])], (M,)),
    "x[:, numbers]": (lambda x: x[:, np.array([[1, 1], [0, 2]])], (T,)),
    "x[numbers, :, i]": (lambda x: x[np.array([1, 1]), :, 2], (T,)),
    "x[mask]": (lambda x: x[MASK], (M,)),
    "x[:, mask]": (lambda x: x[:, np.array([True, False, True, True])], (M,)),
    "x[mask, numbers]": (lambda x: x[np.array([True, False, True]), np.array([0, 0])], (M,)),
    "x[of its own]": (lambda x: x[x > 0], (M,)),
    "x[nothing]": (lambda x: x[np.array([], int)], (V,)),
    "iteration": (lambda x: [row * (k + 1) for k, row in enumerate(x)], (M,)),
    "take": (lambda x: np.take(x, [3, 3, -1]), (M,)),
    "take axis": (lambda x: x.take(np.array([[0, 2], [2, 2]]), axis=1), (M,)),
    "take wrap": (lambda x: np.take(x, [7, -6], mode="wrap"), (V,)),
    "take clip": (lambda x: np.take(x, [7, 1], axis=0, mode="clip"), (V,)),
    "take_along_axis": (lambda x: np.take_along_axis(x, COLUMN, axis=1), (M,)),
    "take_along_axis of all": (lambda x: np.take_along_axis(x, np.array([2, 2, 11]), axis=None), (M,)),
    "take_along_axis broadcast": (lambda x: np.take_along_axis(x[:, :1], np.array([[2, 0, 1, 1]]), axis=0), (M,)),
    "compress": (lambda x: np.compress([True, False, True], x, axis=0), (M,)),
    "compress of all": (lambda x: np.compress([False, True], x), (M,)),
    "extract": (lambda x: np.extract(MASK, x), (M,)),
    "delete": (lambda x: np.delete(x, [1, 3]), (M,)),
    "delete axis": (lambda x: np.delete(x, slice(1, 3), axis=1), (M,)),
    "diagonal": (np.diagonal, (M,)),
    "diagonal of a stack": (lambda x: x.diagonal(1, 1, 2), (T,)),
    "diag of a matrix": (lambda x: np.diag(x, 1), (M,)),
    "diag of a vector": (lambda x: np.diag(x, -2), (V,)),
    "diagflat": (lambda x: np.diagflat(x, 1), (M,)),
    "where": (lambda x, y: np.where(MASK, x, y), (M, N)),
    "where broadcast": (lambda x, y: np.where(MASK, x, y), (W, S)),
    "where number": (lambda x: np.where(MASK, x, 0.5), (M,)),
    "select": (lambda x, y: np.select([MASK, ~MASK[:1]], [x, y[:1]], 0.5), (M, N)),
    "choose": (lambda x, y: np.choose(MASK.astype(int), [x, y]), (M, N)),
    "choose wrap": (lambda x, y: np.choose(COLUMN + 5, [x, y[0]], mode="wrap"), (M, N)),
}
JOINS: dict[str, Row] = {
    "concatenate": (lambda x, y: np.concatenate([x, y, x]), (M, N)),
    "concatenate axis": (lambda x, y: np.concatenate((x, y[:, :1], [[1.0], [2.0], [3.0]]), axis=-1), (M, N)),
    "concatenate all": (lambda x, y: np.concatenate([x, y], axis=None), (M, V)),
    "concatenate rows": (np.concatenate, (T,)),
    "concat": (lambda x, y: np.concat([x, y], 1), (M, N)),
    "stack": (lambda x, y: np.stack([x, y]), (M, N)),
    "stack axis": (lambda x, y: np.stack([x, y, x], axis=-1), (M, N)),
    "stack by name": (lambda x, y: np.stack(arrays=[x, y], axis=1), (M, N)),
    "stack numbers": (lambda x: np.stack([x, 2 * x, 1.0]), (S,)),
    "hstack": (lambda x, y: np.hstack([x, y]), (M, N)),
    "hstack of vectors": (lambda x, y: np.hstack([x, y]), (V, S)),
    "vstack": (lambda x, y: np.vstack([x, y]), (M, W)),
    "dstack": (lambda x, y: np.dstack([x, y]), (M, N)),
    "column_stack": (lambda x, y: np.column_stack([x, y[:, 0]]), (M, N)),
    "block": (lambda x, y: np.block([[x, y], [y, 2 * x]]), (M, N)),
    "block of numbers": (lambda x, y: np.block([x, y, 1.0]), (V, S)),
    "append": (np.append, (M, V)),
    "append axis": (lambda x, y: np.append(x, y, axis=1), (M, N)),
    "insert": (lambda x, y: np.insert(x, [1, 3], y), (V, W[:2])),
    "insert axis": (lambda x, y: np.insert(x, 2, y, axis=1), (M, V[:3])),
    "insert number": (lambda x, y: np.insert(x, 1, y), (M, S)),
    "pad": (lambda x: np.pad(x, 2), (M,)),
    "pad a number": (lambda x: np.pad(x, 0), (S,)),
    "pad by axis": (lambda x: np.pad(x, ((1, 0), (2, 3))), (M,)),
    "pad with a value": (lambda x, y: np.pad(x, (1, 2), constant_values=y), (V, S)),
    "pad with values": (lambda x: np.pad(x, 1, constant_values=((1.0, 2.0), (3.0, 4.0))), (M,)),
    "pad edge": (lambda x: np.pad(x, ((1, 2), (2, 0)), mode="edge"), (M,)),
    "pad reflect": (lambda x: np.pad(x, 2, mode="reflect"), (M,)),
    "pad symmetric": (lambda x: np.pad(x, 4, mode="symmetric"), (M,)),
    "pad wrap": (lambda x: np.pad(x, (7, 1), mode="wrap"), (V,)),
    "pad mean": (lambda x: np.pad(x, ((1, 2), (2, 0)), mode="mean"), (M,)),
    "pad mean of some": (lambda x: np.pad(x, 2, mode="mean", stat_length=2), (M,)),
    "pad linear_ramp": (lambda x: np.pad(x, ((1, 2), (2, 3)), mode="linear_ramp", end_values=0.5), (M,)),
}
LINEAR = MOVES | PICKS | JOINS
# Their choice depends on the numbers, or they are of real numbers only.
CHOICES: dict[str, Row] = {
    "pad median": (lambda x: np.pad(x, 1, mode="median"), (M,)),
    "pad maximum": (lambda x: np.pad(x, 2, mode="maximum", stat_length=((1, 2), (3, 4))), (M,)),
    "pad minimum": (lambda x: np.pad(x, 1, mode="minimum"), (M,)),
    "clip": (lambda x: np.clip(x, -0.4, 0.43), (M,)),
    "clip below": (lambda x: x.clip(-0.4), (M,)),
    "clip by keywords": (lambda x: np.clip(x, max=0.43), (M,)),
    "clip by arrays": (np.clip, (M, -0.3 + 0.01 * W, S)),
    "piecewise": (lambda x: np.piecewise(x, [x < -0.5, x > 0.4], [np.square, lambda z: z**3, np.sin]), (M,)),
    "piecewise with numbers": (lambda x: np.piecewise(x, [x < -0.2, x < 0.5], [2.0, lambda z: z * z]), (V,)),
    "piecewise of one": (lambda x: np.piecewise(x, x > 0, [np.exp, np.cos]), (S,)),
    "piecewise arguments": (lambda x: np.piecewise(x, [x > 0], [lambda z, p: p * z * z], 3.0), (V,)),
    "sort": (np.sort, (M,)),
    "sort axis": (lambda x: np.sort(x, axis=0, kind="stable"), (M,)),
    "sort all": (lambda x: np.sort(x, axis=None), (M,)),
    "sort_complex": (np.sort_complex, (V,)),
    "partition": (lambda x: np.partition(x, 2), (M,)),
    "partition axis": (lambda x: np.partition(x, (0, 1), axis=0), (M,)),
    "unique": (np.unique, (M,)),
    "unique with counts": (lambda x: np.unique(np.concatenate([x, x]), return_counts=True)[0], (V,)),
    "unique_values": (np.unique_values, (V,)),
    "bincount": (lambda w: np.bincount(np.array([0, 2, 2, 1]), weights=w, minlength=5), (W,)),
    "astype complex": (lambda x: x.astype(complex) * (1 + 2j), (M,)),
    "astype": (lambda x: np.astype(x, np.float64), (M,)),
}
ALL = LINEAR | CHOICES
EACH = pytest.mark.parametrize("name", ALL)


@EACH
def test_derivatives_are_those_of_differences(name: str) -> None:
    """Both modes, and each of them through each of them."""
    f, args = ALL[name]
    check_grads(f, *args)


@pytest.mark.parametrize("name", LINEAR)
def test_derivatives_hold_for_complex_numbers(name: str) -> None:
    """The same, where numbers have two parts."""
    f, args = LINEAR[name]
    check_grads(f, *turned(args))


@EACH
def test_value_is_numpys(name: str) -> None:
    """What a traced value gives is what the array gives, of the same shapes and dtypes."""
    f, args = ALL[name]
    for given in (args, single(args)):
        found, wanted = trees.leaves(vjp(f, *given)[0]), trees.leaves(f(*given))
        assert dtypes(found) == dtypes(wanted)
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5 if a.dtype.itemsize < 8 else 1e-13, strict=True)


@EACH
def test_single_precision_stays(name: str) -> None:
    """Adjoints have the dtype of the arguments, tangents are no wider than the results."""
    assert_single_precision_stays(*ALL[name])


def test_an_element_that_is_picked_twice_gets_both_adjoints() -> None:
    """Adjoints add up."""
    np.testing.assert_array_equal(
        grad(lambda x: np.sum(x[[0, 0, 2]] * np.array([1.0, 10.0, 100.0])))(V), [11, 0, 100, 0, 0]
    )


def test_whole_numbers_end_the_graph() -> None:
    """astype(int) gives a plain array."""
    y, back = vjp(lambda x: x.astype(int) + 0.0 * x, 3.7)
    assert float(y) == 3.0
    assert float(back(1.0)[0]) == 0.0
    kinds = []
    vjp(lambda x: kinds.append(type(x.astype(bool))) or x, V)
    assert kinds == [np.ndarray]


def test_a_condition_alone_is_plain() -> None:
    """np.where(x) says where, as np.nonzero does."""
    np.testing.assert_array_equal(grad(lambda x: np.sum(x[np.where(x > 0)] ** 2))(V), 2 * V * (V > 0))


def test_a_traced_condition_has_no_part_in_the_derivative() -> None:
    """A condition is taken as it is."""
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.where(x, 3 * x, x)))(np.array([0.0, 2.0])), [1.0, 3.0])


def test_many_parts_are_joined() -> None:
    """A list of 300 numbers becomes an array, and its derivatives come back."""
    found = grad(lambda x: np.sum(np.stack([x[k] * k for k in range(300)]) ** 2))(np.ones(300))
    np.testing.assert_allclose(found, 2 * np.arange(300.0) ** 2, rtol=1e-15)


def test_jacobian_of_a_permutation_is_its_matrix() -> None:
    """Sorting has the matrix of the order as its Jacobian."""
    np.testing.assert_array_equal(jacobian(np.sort)(V), np.eye(5)[np.argsort(V)])


@pytest.mark.parametrize("name", ["fill_diagonal", "copyto", "put", "place", "putmask", "put_along_axis"])
def test_changes_in_place_are_refused(name: str) -> None:
    """The graph needs what an array was."""
    with pytest.raises(GraphError, match=f"np.{name} would change an array in its place"):
        grad(lambda x: getattr(np, name)(x, 1.0, 1.0) if name != "put_along_axis" else np.put_along_axis(x, V, V, 0))(M)


REFUSED: dict[str, tuple[Any, Any, str]] = {
    "memory order": (lambda x: np.ravel(x, order="K"), M, "order = 'K'"),
    "pad empty": (lambda x: np.pad(x, 1, mode="empty"), M, "mode 'empty'"),
    "pad odd": (lambda x: np.pad(x, 1, mode="reflect", reflect_type="odd"), M, "reflect_type odd"),
    "meshgrid": (lambda x: np.meshgrid(x, x, indexing="yx"), V, "indexing = 'yx'"),
    "vsplit": (lambda x: np.vsplit(x, 1), V, "at least 2 axes"),
    "piecewise": (lambda x: np.piecewise(x, [x > 0], [1.0, 2.0, 3.0]), V, "1 conditions and 3 functions"),
    "concatenate": (lambda x: np.concatenate([x, x]), S, "has no axis to be joined along"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_derivative_is_refused_in_words(name: str) -> None:
    """The message says what it is about."""
    f, x, words = REFUSED[name]
    with pytest.raises((GraphError, ShapeError), match=words):
        vjp(f, x)
