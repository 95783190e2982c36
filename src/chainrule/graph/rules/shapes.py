"""Functions that move numbers about. They are linear, so that forward mode is the function itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.graph.table import OPERATIONS
from chainrule.graph.tracing import Operation, plain


def scattered(g: Any, x: Any, index: Any) -> Any:
    """Zeros of x's shape, with g added where the index points."""
    return SCATTER(g, x.shape, index)


def _scatter(g: Any, shape: tuple[int, ...], index: Any) -> np.ndarray:
    found = np.zeros(shape, g.dtype)
    if _is_basic(index):
        found[index] = g
    else:
        np.add.at(found, index, g)
    return found


def _is_basic(index: Any) -> bool:
    """Whether no element is pointed at twice."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(isinstance(part, int | slice | type(None) | type(...) | np.integer) for part in parts)


SCATTER = Operation("scatter", _scatter, (lambda g, y, x, shape, index: g[index], None, None))
OPERATIONS["getitem"] = Operation("getitem", lambda x, index: x[index], (lambda g, y, x, index: scattered(g, x, index), None))
OPERATIONS["astype"] = Operation("astype", lambda x, dtype: x.astype(dtype), (lambda g, y, x, dtype: g, None))
OPERATIONS[np.transpose] = Operation(
    "transpose", np.transpose,
    (lambda g, y, x, axes=None: np.transpose(g, None if axes is None else np.argsort(axes)),),
)  # fmt: skip
OPERATIONS[np.reshape] = Operation("reshape", np.reshape, (lambda g, y, x, shape, order="C": np.reshape(g, x.shape, order=order),))
OPERATIONS[np.where] = Operation(
    "where", lambda condition, x, y: np.where(plain(condition), x, y),
    (None, lambda g, r, condition, x, y: np.where(plain(condition), g, 0.0),
     lambda g, r, condition, x, y: np.where(plain(condition), 0.0, g)),
    (None, lambda t, r, condition, x, y: np.where(plain(condition), t, 0.0),
     lambda t, r, condition, x, y: np.where(plain(condition), 0.0, t)),
)  # fmt: skip
