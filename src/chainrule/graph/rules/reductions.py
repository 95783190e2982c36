"""Sums, products and extremes along axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.graph.table import OPERATIONS, REDUCTIONS
from chainrule.graph.tracing import Operation


def spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """What was reduced along axes, along these axes again: of x's shape, or broadcasting to it."""
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, x.shape)


OPERATIONS[np.sum] = Operation(
    "sum", np.sum, (lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims),)
)
OPERATIONS[np.broadcast_to] = Operation("broadcast_to", np.broadcast_to, (lambda g, y, x, shape: g,))
OPERATIONS[np.expand_dims] = lambda x, axis: np.reshape(x, np.expand_dims(np.empty(x.shape), axis).shape)
REDUCTIONS[np.add, "reduce"] = np.sum
