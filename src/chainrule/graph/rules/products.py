"""Products of matrices and of arrays: linear in each operand, so that forward mode is the product itself.

Those that can be said in another's terms are: np.dot is np.matmul, np.kron is a product with broadcasting. An adjoint is
never conjugated: what these functions compute is analytic.
"""

# ruff: noqa: ARG001  every rule is called alike
from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ShapeError
from chainrule.graph.modes import as_array
from chainrule.graph.rules.einsum import einsum
from chainrule.graph.table import CONSTANT, OPERATIONS
from chainrule.graph.tracing import Operation

LISTS = (list, tuple)


def matmul_left(g: Any, y: Any, a: Any, b: Any) -> Any:
    """The product a @ b by a: g @ b^T; a vector is a row or a column."""
    if isinstance(b, LISTS):
        b = np.asarray(b)
    if a.ndim == 2 and b.ndim > 1:
        return g @ b.T if b.ndim == 2 else _over_all_but(g, b, -2)
    if b.ndim == 1:
        return g[..., None] * b if a.ndim > 1 else g * b
    return (g[..., None, :] @ mT(b))[..., 0, :] if a.ndim == 1 else g @ mT(b)


def matmul_right(g: Any, y: Any, a: Any, b: Any) -> Any:
    """The product a @ b by b: a^T @ g."""
    if isinstance(a, LISTS):
        a = np.asarray(a)
    if b.ndim == 2 and a.ndim > 1:
        return a.T @ g if a.ndim == 2 else _over_all_but(a, g, -1)
    if a.ndim == 1:
        return a[:, None] * g[..., None, :] if b.ndim > 1 else g * a
    return (mT(a) @ g[..., None])[..., 0] if b.ndim == 1 else mT(a) @ g


def _over_all_but(a: Any, b: Any, axis: int) -> Any:
    """The sum over all axes but one: of a stack's products, without the stack."""
    axes = [k for k in range(a.ndim) if k != a.ndim + axis]
    return np.tensordot(a, b, (axes, axes))


def mT(x: Any) -> Any:
    """The transpose of each matrix of a stack."""
    return x.T if x.ndim == 2 else np.swapaxes(x, -1, -2)


def conjugated(x: Any) -> Any:
    """The conjugate, for which a real array needs no operation."""
    return np.conj(x) if x.dtype.kind == "c" else x


def dot(a: Any, b: Any) -> Any:
    """np.dot: the sum goes over a's last axis and b's last but one."""
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return np.matmul(a, b) if b.ndim <= 2 else np.tensordot(a, b, (-1, -2))


def inner(a: Any, b: Any) -> Any:
    """np.inner: the sum goes over both last axes."""
    a, b = as_array(a), as_array(b)
    return a * b if a.ndim == 0 or b.ndim == 0 else np.tensordot(a, b, (-1, -1))


def outer(a: Any, b: Any) -> Any:
    """np.outer: every product of an element of a and one of b."""
    return np.ravel(a)[:, None] * np.ravel(b)


def vecdot(a: Any, b: Any, axis: int = -1) -> Any:
    """np.vecdot: the sum of conj(a) b along an axis."""
    a, b = conjugated(as_array(a)), as_array(b)
    return np.sum(a * b if axis == -1 else np.moveaxis(a, axis, -1) * np.moveaxis(b, axis, -1), axis=-1)


def vecmat(a: Any, b: Any) -> Any:
    """np.vecmat: a row, conjugated, times a matrix."""
    return np.matmul(conjugated(as_array(a))[..., None, :], b)[..., 0, :]


def kron(a: Any, b: Any) -> Any:
    """np.kron: each element of a times all of b, in blocks."""
    a, b = as_array(a), as_array(b)
    ndim = max(a.ndim, b.ndim)
    n, m = ((1,) * (ndim - x.ndim) + x.shape for x in (a, b))
    blocks = np.reshape(a, [k for size in n for k in (size, 1)]) * np.reshape(b, [k for size in m for k in (1, size)])
    return np.reshape(blocks, [p * q for p, q in zip(n, m, strict=True)])


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    """np.trace: the sum of the diagonal."""
    found = np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)
    return found if dtype is None else found.astype(dtype)


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """np.cross, of vectors with 3 elements."""
    a, b = as_array(a), as_array(b)
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    if a.shape[axisa] != 3 or b.shape[axisb] != 3:
        raise ShapeError(
            f"np.cross: the vectors have {a.shape[axisa]} and {b.shape[axisb]} elements, but both need 3 (NumPy has "
            "given up those of 2).\nThe product of two vectors in a plane is x[0] * y[1] - x[1] * y[0]."
        )
    return np.moveaxis(CROSS(np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)), -1, axisc)


# g (da x b) = da (b x g), and so on: the three can be turned round.
CROSS = Operation("cross", np.cross, (lambda g, y, a, b: np.cross(b, g), lambda g, y, a, b: np.cross(g, a)))


def axes_of(axes: Any, a: int, b: int) -> tuple[list[int], list[int]]:
    """The axes that np.tensordot sums over, counted from 0, of operands with a and b axes."""
    if np.ndim(axes) == 0 and not isinstance(axes, LISTS):
        return list(range(a - axes, a)), list(range(axes))
    left, right = ([int(k) for k in np.atleast_1d(part)] for part in axes)
    return [k % a for k in left], [k % b for k in right]


def tensordot_left(g: Any, y: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    """Sum over b's free axes; what is left are a's axes, in another order."""
    b = as_array(b)
    along_a, along_b = axes_of(axes, a.ndim, b.ndim)
    free_a, free_b = ([k for k in range(x.ndim) if k not in along] for x, along in ((a, along_a), (b, along_b)))
    found = np.tensordot(g, b, (list(range(len(free_a), g.ndim)), free_b))
    return np.transpose(found, np.argsort(free_a + [along_a[k] for k in np.argsort(along_b)]))


def tensordot_right(g: Any, y: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    """Sum over a's free axes; what is left are b's axes, in another order."""
    a = as_array(a)
    along_a, along_b = axes_of(axes, a.ndim, b.ndim)
    free_a, free_b = ([k for k in range(x.ndim) if k not in along] for x, along in ((a, along_a), (b, along_b)))
    found = np.tensordot(a, g, (free_a, list(range(len(free_a)))))
    return np.transpose(found, np.argsort([along_b[k] for k in np.argsort(along_a)] + free_b))


def multi_dot(arrays: Any) -> Any:
    """np.linalg.multi_dot: the first may be a row, the last a column."""
    first, *middle, last = map(as_array, arrays)
    shape = first.shape[:-1] + last.shape[1:]
    rows = first[None, :] if first.ndim == 1 else first
    columns = last[:, None] if last.ndim == 1 else last
    return np.reshape(MULTI_DOT(rows, *middle, columns), shape)


def multi_dot_back(k: int, g: Any, y: Any, *operands: Any) -> Any:
    """What stands before the operand, transposed, times g, times what stands after it, transposed."""
    before, after = ([x.T for x in reversed(part)] for part in (operands[:k], operands[k + 1 :]))
    return np.linalg.multi_dot([*before, g, *after])


MULTI_DOT = Operation("multi_dot", lambda *operands: np.linalg.multi_dot(operands), multi_dot_back)
OPERATIONS.update({
    np.matmul: Operation("matmul", np.matmul, (matmul_left, matmul_right)),
    np.tensordot: Operation("tensordot", np.tensordot, (tensordot_left, tensordot_right)),
    np.dot: dot,
    np.vdot: lambda a, b: np.dot(conjugated(np.ravel(a)), np.ravel(b)),
    np.vecdot: vecdot,
    np.matvec: lambda a, b: np.matmul(a, as_array(b)[..., None])[..., 0],
    np.vecmat: vecmat,
    np.inner: inner,
    np.outer: outer,
    np.kron: kron,
    np.einsum: einsum,
    np.trace: trace,
    np.cross: cross,
    np.linalg.multi_dot: multi_dot,
    np.linalg.matmul: np.matmul,
    np.linalg.outer: outer,
    np.linalg.tensordot: np.tensordot,
    np.linalg.vecdot: vecdot,
    np.linalg.cross: cross,
    np.linalg.trace: lambda x, offset=0, dtype=None: trace(x, offset, -2, -1, dtype),
    np.linalg.diagonal: lambda x, offset=0: np.diagonal(x, offset, -2, -1),
})  # fmt: skip
CONSTANT |= {np.einsum_path}
