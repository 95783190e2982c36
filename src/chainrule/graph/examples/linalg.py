"""Examples of ``numpy.linalg``: matrices that are far from singular, their eigenvalues and singular values apart."""

from __future__ import annotations

from typing import Any

import numpy as np

A = np.array([[2.1, 0.3, -0.4], [0.5, 1.4, 0.2], [-0.3, 0.6, 3.2]])
M = np.array([[1.2, 0.4], [-0.7, 0.9], [0.3, 2.1]])
POSITIVE = A @ A.T / 4
B = np.array([[0.5, -1.0], [1.5, 0.3], [-0.2, 0.8]])
V = np.array([0.7, -1.1, 0.4])
STACK = np.stack([A, POSITIVE + 0.5])
Z = A + 1j * np.array([[0.2, -0.5, 0.1], [0.4, 0.3, -0.6], [0.1, 0.7, -0.2]])
HERMITIAN = Z @ np.conj(Z.T) / 4
T = np.arange(12.0).reshape(3, 4) + np.array([[0.1, 0.7, -0.4, 0.2]]) ** 2

ROWS: list[tuple[Any, ...]] = [
    *((f, X) for f in (np.linalg.inv, np.linalg.pinv, np.linalg.det, np.linalg.slogdet) for X in (A, STACK, Z)),
    *((f, X) for f in (np.linalg.cholesky, np.linalg.eigh, np.linalg.eigvalsh) for X in (POSITIVE, HERMITIAN)),
    *((f, X) for f in (np.linalg.eig, np.linalg.eigvals) for X in (A, Z)),
    *((f, X) for f in (np.linalg.qr, np.linalg.svd) for X in (A, STACK, Z)),
    (np.linalg.qr, M),
    (np.linalg.svd, M, {"full_matrices": False}),
    (np.linalg.svd, M, {"compute_uv": False}),
    (np.linalg.svdvals, M),
    (np.linalg.svdvals, Z),
    (np.linalg.pinv, M),
    (np.linalg.solve, A, B),
    (np.linalg.solve, A, V),
    (np.linalg.solve, Z, B),
    (np.linalg.solve, STACK, B),
    (np.linalg.lstsq, M, V),
    (np.linalg.tensorinv, np.eye(4).reshape(2, 2, 4) + np.arange(16.0).reshape(2, 2, 4) / 20, 2),
    (np.linalg.tensorsolve, np.eye(4).reshape(2, 2, 4) + np.arange(16.0).reshape(2, 2, 4) / 20, M[:2]),
    *((np.linalg.matrix_power, A, n) for n in (3, 0, -2)),
    *((np.linalg.cond, A, p) for p in (None, 1, "fro")),
    *((np.linalg.norm, A, order) for order in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)),
    *((np.linalg.norm, V, order) for order in (None, 1, 2, 3, np.inf, -np.inf)),
    (np.linalg.norm, T, {"axis": -1}),
    (np.linalg.norm, Z, {"axis": (0, 1), "keepdims": True}),
    (np.linalg.vector_norm, V),
    (np.linalg.vector_norm, Z, {"axis": 0, "ord": 3}),
    (np.linalg.matrix_norm, A),
    (np.linalg.matrix_norm, STACK, {"ord": "nuc"}),
    (np.linalg.matrix_transpose, STACK),
]
