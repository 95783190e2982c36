"""Decompositions of matrices: cholesky, qr, eigh, eig, svd; stacks of matrices too.

Which numbers a decomposition gives is partly chance. A singular vector or eigenvector may be turned by a sign, or by a
complex number of size 1: the tangents here belong to one smooth choice, and what does not depend on the choice (a
projector, an absolute value, a product of all the factors) has the right derivative. Vectors of equal values may be mixed
with each other: the value's derivative is there, that of a vector is NaN, and with it the value's second one.

``cholesky`` and ``eigh`` read one triangle and take the matrix as symmetric (Hermitian). Here they are functions of
(a + a^H) / 2: the gradient is symmetric, and right along every symmetric change.
"""

# ruff: noqa: ARG001  every rule is called alike
from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph.rules.elementwise import QUOTIENT
from chainrule.graph.rules.linalg import mH
from chainrule.graph.rules.products import conjugated, mT
from chainrule.graph.table import OPERATIONS
from chainrule.graph.tracing import Operation


def symmetric(x: Any) -> Any:
    """The symmetric (Hermitian) part."""
    return (x + mH(x)) / 2


def skew(x: Any) -> Any:
    """The other part."""
    return (x - mH(x)) / 2


def diagonal(x: Any) -> Any:
    """The diagonals of a stack of matrices."""
    return np.diagonal(x, axis1=-2, axis2=-1)


def of_diagonal(x: Any) -> Any:
    """A stack of diagonal matrices."""
    return x[..., None, :] * np.eye(x.shape[-1], dtype=bool)


def of_number(g: Any) -> bool:
    """Whether a result was not used: its adjoint is the number 0."""
    return isinstance(g, float)


def within(x: Any, g: Any) -> Any:
    """The part of g along the columns of x: x^T g."""
    return 0.0 if of_number(g) else mT(x) @ g


def differences(w: Any) -> Any:
    """The gaps w_j - w_i; on the diagonal, where none is asked for, 1."""
    return w[..., None, :] - w[..., :, None] + np.eye(w.shape[-1], dtype=bool)


def lower(x: Any) -> Any:
    """The lower triangle, with half the diagonal."""
    n = x.shape[-1]
    return x * np.tri(n, k=-1, dtype=bool) + 0.5 * x * np.eye(n, dtype=bool)


def cholesky_back(g: Any, y: Any, a: Any) -> Any:
    """The adjoint of what cholesky_forth says."""
    inverse = np.linalg.inv(y)
    return symmetric(mT(inverse) @ lower(mT(y) @ g) @ conjugated(inverse))


def cholesky_forth(t: Any, y: Any, a: Any) -> Any:
    """Of l l^H = a: l^-1 dl is the lower triangle of l^-1 da l^-H, with half its diagonal."""
    inverse = np.linalg.inv(y)
    return y @ lower(inverse @ symmetric(t) @ mH(inverse))


def cholesky(a: Any, *, upper: bool = False) -> Any:
    """np.linalg.cholesky: the upper factor is the lower one of what the other triangle says, turned."""
    return mH(CHOLESKY(mH(a))) if upper else CHOLESKY(a)


def upper(x: Any) -> Any:
    """The upper triangle, with the real part of the diagonal."""
    n = x.shape[-1]
    return x * np.tri(n, k=-1, dtype=bool).T + np.real(x) * np.eye(n, dtype=bool)


def qr_back(g: Any, y: Any, a: Any) -> Any:
    """The adjoint of what qr_forth says."""
    q, r = y
    turned = (0.0 if of_number(g[1]) else g[1] @ mT(r)) - within(q, g[0])
    through_t = upper(turned) + mH(turned) * np.tri(turned.shape[-1], k=-1, dtype=bool)
    return mT(np.linalg.solve(r, mT(g[0] + conjugated(q) @ through_t)))


def qr_forth(t: Any, y: Any, a: Any) -> Any:
    """With z = da r^-1 and p = q^H z: dr = s r and dq = z - q s, s: p, its lower triangle added to the upper."""
    q, r = y
    z = mT(np.linalg.solve(mT(r), mT(t)))
    p = mH(q) @ z
    s = upper(p) + mH(p * np.tri(p.shape[-1], k=-1, dtype=bool))
    return z - q @ s, s @ r


def qr(a: Any, mode: str = "reduced") -> Any:
    """np.linalg.qr: of a wide matrix, the first square part, and the rest in terms of its q."""
    m, n = a.shape[-2:]
    if mode not in {"reduced", "r"} and not (mode == "complete" and m <= n):
        raise GraphError(
            f"np.linalg.qr(a, mode={mode!r}) of matrices {m} x {n} has no derivative rule; use mode='reduced' or 'r'."
        )
    found = QR(a[..., :m] if m < n else a)
    if m < n:
        found = found._replace(R=np.concatenate([found.R, mH(found.Q) @ a[..., m:]], axis=-1))
    return found.R if mode == "r" else found


def eigh_back(g: Any, y: Any, a: Any, *_: Any, **options: Any) -> Any:
    """The adjoint of what eigh_forth says; without that of the vectors if only the values were used."""
    w, v = y
    inner = 0.0 if of_number(g[0]) else of_diagonal(g[0])
    if not of_number(g[1]):
        inner = inner + _off_diagonal(within(v, g[1]), differences(w))
    return symmetric(conjugated(v) @ inner @ mT(v))


def eigh_forth(t: Any, y: Any, a: Any, *_: Any, **options: Any) -> Any:
    """With p = v^H da v: dw is p's diagonal, and v_j changes by v_i p_ij / (w_j - w_i)."""
    w, v = y
    p = mH(v) @ symmetric(t) @ v
    return np.real(diagonal(p)), v @ _off_diagonal(p, differences(w))


def _off_diagonal(x: Any, gap: Any) -> Any:
    return QUOTIENT(x * ~np.eye(x.shape[-1], dtype=bool), gap)


def eig_back(g: Any, y: Any, a: Any) -> Any:
    """As eigh_back; the inverse of v is not its transpose."""
    w, v = y
    inner = 0.0 if of_number(g[0]) else of_diagonal(g[0])
    if not of_number(g[1]):
        inner = inner + _off_diagonal(within(v, g[1]), differences(w))
    return np.linalg.solve(mT(v), inner @ mT(v))


def eig_forth(t: Any, y: Any, a: Any) -> Any:
    """As eigh_forth, with v's length left free."""
    w, v = y
    p = np.linalg.solve(v, t @ v)
    return diagonal(p), v @ _off_diagonal(p, differences(w))


def eig(a: Any) -> Any:
    """np.linalg.eig: vectors of length 1."""
    found = EIG(a)
    v = found.eigenvectors
    return found._replace(eigenvectors=v / np.linalg.norm(v, axis=-2, keepdims=True))


def svd_back(g: Any, y: Any, a: Any, *_: Any, **options: Any) -> Any:
    """The adjoint of what svd_forth says; without that of the vectors if only the values were used."""
    u, s, vh = y
    ubar, vt = conjugated(u), conjugated(vh)
    inner = 0.0 if of_number(g[1]) else of_diagonal(g[1])
    if of_number(g[0]) and of_number(g[2]):
        return ubar @ inner @ vt
    gv = g[2] if of_number(g[2]) else mH(g[2])
    of_u, of_v = within(u, g[0]), within(mH(vh), gv)
    inner = inner + symmetric(_off_diagonal(of_u + of_v, differences(s))) + skew(QUOTIENT(of_u - of_v, _sums(s)))
    found = ubar @ inner @ vt
    if not of_number(g[0]) and u.shape[-2] > u.shape[-1]:
        found = found + QUOTIENT(g[0] - ubar @ of_u, s[..., None, :]) @ vt
    if not of_number(g[2]) and vh.shape[-1] > vh.shape[-2]:
        found = found + ubar @ QUOTIENT(g[2] - mH(of_v) @ vt, s[..., :, None])
    return found


def svd_forth(t: Any, y: Any, a: Any, *_: Any, **options: Any) -> Any:
    """With p = u^H da v = h + k, h Hermitian: u turns by h_ij / (s_j - s_i) + k_ij / (s_j + s_i), v with a minus.

    What da adds outside the space of u, or of v, divided by s, is added.
    """
    u, s, vh = y
    v, uh = mH(vh), mH(u)
    p = uh @ t @ v
    h, k = _off_diagonal(symmetric(p), differences(s)), QUOTIENT(skew(p), _sums(s))
    du, dvh = u @ (h + k), mH(h - k) @ vh
    if u.shape[-2] > u.shape[-1]:
        du = du + QUOTIENT(t @ v - u @ p, s[..., None, :])
    if vh.shape[-1] > vh.shape[-2]:
        dvh = dvh + QUOTIENT(uh @ t - p @ vh, s[..., :, None])
    return du, np.real(diagonal(p)), dvh


def _sums(s: Any) -> Any:
    return s[..., None, :] + s[..., :, None]


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """np.linalg.svd; vectors that belong to no singular value have no derivative."""
    m, n = a.shape[-2:]
    if full_matrices and compute_uv and m != n:
        raise GraphError(
            f"np.linalg.svd of matrices {m} x {n}: the last {abs(m - n)} columns of u or rows of vh belong to no singular "
            "value, any others would do, and so they have no derivative.\nUse np.linalg.svd(a, full_matrices=False)."
        )
    found = SVD(a, full_matrices=False, hermitian=hermitian)
    return found if compute_uv else found.S


CHOLESKY = Operation("cholesky", np.linalg.cholesky, (cholesky_back,), (cholesky_forth,))
QR = Operation("qr", np.linalg.qr, (qr_back,), (qr_forth,))
EIG = Operation("eig", np.linalg.eig, (eig_back,), (eig_forth,))
SVD = Operation("svd", np.linalg.svd, (svd_back,), (svd_forth,))
OPERATIONS.update({
    np.linalg.cholesky: cholesky,
    np.linalg.qr: qr,
    np.linalg.eigh: Operation("eigh", np.linalg.eigh, (eigh_back,), (eigh_forth,)),
    np.linalg.eigvalsh: lambda a, UPLO="L": np.linalg.eigh(a, UPLO).eigenvalues,
    np.linalg.eig: eig,
    np.linalg.eigvals: lambda a: EIG(a).eigenvalues,
    np.linalg.svd: svd,
    np.linalg.svdvals: lambda a: svd(a, compute_uv=False),
})  # fmt: skip
