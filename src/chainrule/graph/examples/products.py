"""Examples of products, each linear in every operand: of vectors, matrices and stacks, real and complex."""

from __future__ import annotations

from typing import Any

import numpy as np

A = np.arange(1.0, 7.0).reshape(2, 3) / 5
B = np.arange(12.0, 0.0, -1.0).reshape(3, 4) / 7
V = np.array([0.3, -1.2, 0.7])
W = np.array([1.1, 0.4, -0.8])
STACK = np.arange(12.0).reshape(2, 2, 3) / 9
Z = np.array([[0.4 + 0.3j, -1.2 - 0.5j, 0.2j], [1.1 + 0.2j, 0.9j, -0.3]])
C = np.array([[0.4 + 0.3j, -1.2 - 0.5j, 0.2j]])

ROWS: list[tuple[Any, ...]] = [
    *((f, A, B) for f in (np.matmul, np.dot, np.linalg.matmul)),
    *((f, V, W) for f in (np.matmul, np.dot, np.inner, np.outer, np.linalg.outer, np.kron, np.vdot, np.vecdot)),
    *((f, Z, Z.T + 1) for f in (np.matmul, np.dot)),
    *((f, STACK, B) for f in (np.matmul, np.dot)),
    *((f, A, Z) for f in (np.inner, np.vdot, np.kron, np.outer, np.vecdot, np.linalg.vecdot)),
    *((f, Z, V) for f in (np.vecdot, np.linalg.vecdot, np.matvec)),
    *((f, A, V) for f in (np.cross, np.linalg.cross)),
    (np.matmul, A, V),
    (np.matmul, V, B),
    (np.matvec, STACK, V),
    (np.vecmat, V, B),
    (np.vecmat, C, B),
    (np.kron, A, B),
    (np.tensordot, A, B, 1),
    (np.tensordot, STACK, B, ([2], [0])),
    (np.linalg.tensordot, STACK, A, {"axes": ([2, 1], [1, 0])}),
    (np.einsum, "ij,jk->ik", A, B),
    (np.einsum, "i,ij,jk", V[:2], A, B),
    (np.einsum, "...ij,j->...i", STACK, V),
    (np.einsum, "ii->i", B[:, :3]),
    (np.einsum, "ij,ij->", Z, A),
    (np.trace, B),
    (np.trace, STACK, 1, 1, 2),
    (np.linalg.trace, STACK),
    (np.linalg.diagonal, STACK),
    (np.linalg.multi_dot, [A, B, B.T]),
]
