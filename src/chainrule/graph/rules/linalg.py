"""``numpy.linalg``: inverses, solutions, determinants, powers and norms of matrices; stacks of matrices too.

The rules come from the differential of what defines the function: of y = a^-1, from y a = 1, dy = -y da y. Where a matrix
has no inverse, that is NumPy's LinAlgError; only the determinant has a derivative there.
"""

# ruff: noqa: ARG001  every rule is called alike
from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.graph.modes import as_array
from chainrule.graph.rules.elementwise import QUOTIENT
from chainrule.graph.rules.products import conjugated, mT
from chainrule.graph.table import CONSTANT, OPERATIONS
from chainrule.graph.tracing import Operation, plain


def mH(x: Any) -> Any:
    """The conjugate transpose of each matrix of a stack."""
    return conjugated(mT(x))


def solve(a: Any, b: Any) -> Any:
    """np.linalg.solve: b is a vector if it has one axis, a stack of matrices otherwise."""
    a, b = as_array(a), as_array(b)
    return SOLVE(a, b[:, None])[..., 0] if b.ndim == 1 else SOLVE(a, b)


def pinv_back(g: Any, y: Any, a: Any, *_: Any, **options: Any) -> Any:
    """The adjoint of what pinv_forth says."""
    g = mT(g)
    outside, inside = (g - a @ (y @ g)) @ y @ mH(y), mH(y) @ y @ (g - (g @ y) @ a)
    return np.conj(outside + inside) - mT(y @ g @ y)


def pinv_forth(t: Any, y: Any, a: Any, *_: Any, **options: Any) -> Any:
    """Golub and Pereyra (1973): what an inverse has, and two terms for what a leaves out; the rank does not change."""
    th, yh = mH(t), mH(y)
    into, out_of = y @ yh @ th, th @ yh @ y
    return (into - (into @ a) @ y) + (out_of - y @ (a @ out_of)) - y @ t @ y


def cofactors(a: Any, y: Any) -> Any:
    """The slope of the determinant y by each element: det(a) a^-T, and its limit where a is singular."""
    if np.all(plain(y)):
        return y[..., None, None] * mT(np.linalg.inv(a))
    u, s, vh = np.linalg.svd(a)
    others = np.prod(np.where(np.eye(s.shape[-1], dtype=bool), 1.0, s[..., None, :]), axis=-1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return sign[..., None, None] * np.conj((u * others[..., None, :]) @ vh)


def slogdet_back(g: Any, y: Any, a: Any) -> Any:
    """With w the trace of a^-1 da, the logarithm changes by Re w and the sign, a number on the unit circle, by i Im w."""
    slope = g[1] + np.imag(g[0] * y[0]) * 1j if a.dtype.kind == "c" else as_array(g[1])
    return slope[..., None, None] * mT(np.linalg.inv(a))


def slogdet_forth(t: Any, y: Any, a: Any) -> Any:
    """As above."""
    w = np.trace(np.linalg.solve(a, t), axis1=-2, axis2=-1)
    return (np.imag(w) * 1j * y[0], np.real(w)) if a.dtype.kind == "c" else (None, w)


def matrix_power(a: Any, n: int) -> Any:
    """np.linalg.matrix_power: by repeated squaring."""
    if n == 0:
        return np.linalg.matrix_power(plain(a), 0)
    a, n = (np.linalg.inv(a), -n) if n < 0 else (a, n)
    found = None
    while n:
        found = found if n % 2 == 0 else a if found is None else found @ a
        n //= 2
        a = a @ a if n else a
    return found


def lstsq(a: Any, b: Any, rcond: float | None = None) -> tuple[Any, Any, Any, Any]:
    """np.linalg.lstsq: the solution, the squares of what remains, the rank, the singular values."""
    a, b = as_array(a), as_array(b)
    s = np.linalg.svdvals(a)
    eps = float(np.finfo(s.dtype).eps)
    smallest = max(a.shape) * eps if rcond is None else eps if rcond == -1 else rcond
    x, rank = np.linalg.pinv(a, rcond=smallest) @ b, int(np.sum(plain(s) > smallest * plain(s)[:1]))
    remains = np.ravel(np.sum(np.abs(b - a @ x) ** 2, axis=0)) if rank == a.shape[1] < a.shape[0] else np.zeros(0, s.dtype)
    return x, remains, rank, s


def tensorinv(a: Any, ind: int = 2) -> Any:
    """np.linalg.tensorinv: the inverse of the matrix that maps the axes after the first ind to these."""
    n = math.prod(a.shape[ind:])
    return np.reshape(np.linalg.inv(np.reshape(a, (-1, n))), a.shape[ind:] + a.shape[:ind])


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """np.linalg.tensorsolve: the axes that are solved for are a's last, after those in axes were moved there."""
    a, b = as_array(a), as_array(b)
    if axes is not None:
        a = np.moveaxis(a, tuple(axes), tuple(range(a.ndim - len(axes), a.ndim)))
    shape = a.shape[b.ndim :]
    return np.reshape(np.linalg.solve(np.reshape(a, (-1, math.prod(shape))), np.ravel(b)), shape)


def cond(x: Any, p: Any = None) -> Any:
    """np.linalg.cond: the norm of x times that of its inverse."""
    if p in {None, 2, -2}:
        s = np.linalg.svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return matrix_norm(x, ord=p) * matrix_norm(np.linalg.inv(x), ord=p)


def euclidean_back(g: Any, y: Any, x: Any, axis: Any) -> Any:
    """Along x; where it is 0 the slope is taken as 0, the middle of those around."""
    return g * QUOTIENT(conjugated(x), y)


def euclidean_forth(t: Any, y: Any, x: Any, axis: Any) -> Any:
    """The part of the tangent along x."""
    return np.sum(np.real(euclidean_back(t, y, x, axis)), axis=axis, keepdims=True)


def _euclidean(x: Any, axis: Any) -> Any:
    return np.sqrt(np.sum((np.conj(x) * x).real, axis=axis, keepdims=True))


def vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:  # noqa: A002  NumPy's name
    """np.linalg.vector_norm: along one axis, several or all."""
    if isinstance(ord, str):
        raise ValueError(  # noqa: TRY004  as NumPy does
            f"ord = {ord!r} is a norm of matrices; a vector has those of numbers: 2, 1, np.inf ..."
        )
    axes = tuple(range(x.ndim)) if axis is None else (axis,) if np.ndim(axis) == 0 else tuple(axis)
    if ord in {None, 2}:
        found = EUCLIDEAN(x, axis=axes)
        return found if keepdims else np.squeeze(found, axes)
    size = np.abs(x)
    if ord in {math.inf, -math.inf}:
        return (np.max if ord > 0 else np.min)(size, axis=axes, keepdims=keepdims)
    if ord == 0:
        return np.sum(plain(size) != 0, axis=axes, keepdims=keepdims).astype(size.dtype)
    if ord == 1:
        return np.sum(size, axis=axes, keepdims=keepdims)
    total = np.sum(size**ord, axis=axes, keepdims=keepdims)
    nothing = plain(total) == 0
    return np.where(nothing, 0.0, np.where(nothing, 1.0, total) ** (1 / ord))


def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:  # noqa: A002  NumPy's name
    """np.linalg.matrix_norm: of the matrices on the last two axes."""
    if ord in {None, "fro", "f"}:
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in {1, -1, math.inf, -math.inf}:
        sums = np.sum(np.abs(x), axis=-2 if abs(ord) == 1 else -1)
        found = (np.max if ord > 0 else np.min)(sums, axis=-1)
    elif ord in {"nuc", 2, -2}:
        s = np.linalg.svdvals(x)
        found = np.sum(s, axis=-1) if ord == "nuc" else s[..., 0 if ord == 2 else -1]
    else:
        raise ValueError(f"ord = {ord!r}: a matrix has the norms 'fro', 'nuc', 1, -1, 2, -2, inf and -inf.")
    return found[..., None, None] if keepdims else found


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002  NumPy's name
    """np.linalg.norm: of vectors along one axis, of matrices along two, of everything in x without both axis and ord."""
    if axis is None and ord is not None and x.ndim not in {1, 2}:
        raise ValueError(
            f"np.linalg.norm: x has {x.ndim} axes; say along which one or two of them the norm is to be taken."
        )
    axes = tuple(range(x.ndim)) if axis is None else (axis,) if np.ndim(axis) == 0 else tuple(axis)
    if len(axes) == 1 or (axis is None and ord is None):
        return vector_norm(x, axis=axes, keepdims=keepdims, ord=ord)
    if len(axes) != 2:
        raise ValueError(f"np.linalg.norm: {len(axes)} axes were given; a vector has one, a matrix two.")
    found = matrix_norm(np.moveaxis(x, axes, (-2, -1)), ord=ord)
    return np.expand_dims(found, tuple(k % x.ndim for k in axes)) if keepdims else found


EUCLIDEAN = Operation("norm", _euclidean, (euclidean_back,), (euclidean_forth,))
SOLVE = Operation(
    "solve", np.linalg.solve,
    (lambda g, y, a, b: -np.linalg.solve(mT(a), g) @ mT(y), lambda g, y, a, b: np.linalg.solve(mT(as_array(a)), g)),
    (lambda t, y, a, b: -np.linalg.solve(a, t @ y), lambda t, y, a, b: np.linalg.solve(a, t)),
)  # fmt: skip
OPERATIONS.update({
    np.linalg.inv: Operation(
        "inv", np.linalg.inv, (lambda g, y, a: -mT(y) @ g @ mT(y),), (lambda t, y, a: -y @ t @ y,)
    ),
    np.linalg.pinv: Operation("pinv", np.linalg.pinv, (pinv_back,), (pinv_forth,)),
    np.linalg.det: Operation(
        "det", np.linalg.det, (lambda g, y, a: g[..., None, None] * cofactors(a, y),),
        (lambda t, y, a: np.sum(cofactors(a, y) * t, axis=(-2, -1)),),
    ),
    np.linalg.slogdet: Operation("slogdet", np.linalg.slogdet, (slogdet_back,), (slogdet_forth,)),
    np.linalg.solve: solve,
    np.linalg.lstsq: lstsq,
    np.linalg.tensorinv: tensorinv,
    np.linalg.tensorsolve: tensorsolve,
    np.linalg.matrix_power: matrix_power,
    np.linalg.cond: cond,
    np.linalg.norm: norm,
    np.linalg.vector_norm: vector_norm,
    np.linalg.matrix_norm: matrix_norm,
    np.linalg.matrix_transpose: np.matrix_transpose,
})  # fmt: skip
CONSTANT |= {np.linalg.matrix_rank}
