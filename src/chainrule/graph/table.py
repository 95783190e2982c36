"""The table of NumPy's functions that a graph can go through; the modules of :mod:`chainrule.graph.rules` fill it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Each function's rule: an Operation, or a Python function that is written in terms of operations.
OPERATIONS: dict[Any, Callable[..., Any]] = {}
# Those whose derivative is 0 wherever it exists, or that say something about an array: they get the plain values.
CONSTANT: set[Any] = set()
# ufunc.reduce, ufunc.accumulate and ufunc.outer are other functions.
REDUCTIONS: dict[tuple[Any, str], Any] = {}
