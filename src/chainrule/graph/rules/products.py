"""Products of matrices: linear in each operand."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.graph.table import OPERATIONS
from chainrule.graph.tracing import Operation


def matmul_left(g: Any, y: Any, a: Any, b: Any) -> Any:  # noqa: ARG001  every rule is called alike
    """a @ b by a: g @ b^T; a vector is a row or a column."""
    if b.ndim == 1:
        return g[..., None] * b if a.ndim > 1 else g * b
    return (g[..., None, :] @ np.swapaxes(b, -1, -2))[..., 0, :] if a.ndim == 1 else g @ np.swapaxes(b, -1, -2)


def matmul_right(g: Any, y: Any, a: Any, b: Any) -> Any:  # noqa: ARG001  every rule is called alike
    """a @ b by b: a^T @ g."""
    if a.ndim == 1:
        return a[:, None] * g[..., None, :] if b.ndim > 1 else g * a
    return (np.swapaxes(a, -1, -2) @ g[..., None])[..., 0] if b.ndim == 1 else np.swapaxes(a, -1, -2) @ g


OPERATIONS[np.matmul] = Operation("matmul", np.matmul, (matmul_left, matmul_right))
OPERATIONS[np.swapaxes] = Operation("swapaxes", np.swapaxes, (lambda g, y, x, i, j: np.swapaxes(g, i, j), None, None))
