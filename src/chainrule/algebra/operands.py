"""What the reader computes with: numbers, intervals, and arrays of either."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.algebra.interval import Interval, choose, each


def is_array(x: Any) -> bool:
    """Whether it has axes."""
    return isinstance(x, np.ndarray) and x.ndim > 0


def holds_intervals(x: Any) -> bool:
    """Whether it is an array of intervals."""
    return isinstance(x, np.ndarray) and x.dtype == object


def apply(function: Any, *operands: Any) -> Any:
    """A function on numbers, intervals and arrays of either."""
    if any(holds_intervals(x) for x in operands):
        return each(function, *operands)
    with np.errstate(all="ignore"):
        found = function(*operands)
    return found.item() if isinstance(found, np.generic) else found


def truth(x: Any) -> Any:
    """A condition as 1 or 0."""
    return x if isinstance(x, Interval) or holds_intervals(x) else x * 1.0


def beside(x: Any, y: Any) -> Any:
    """Two things side by side: the product of matrices, or one with a number."""
    if is_array(x) and is_array(y):
        return x @ y
    return apply(np.multiply, x, y)


def raised(x: Any, n: Any) -> Any:
    """A power; NumPy has none of integers to negative integers."""
    return apply(np.power, x * 1.0 if isinstance(x, int) else x, n)


def chosen(condition: Any, x: Any, y: Any) -> Any:
    """One or the other, as the condition says."""
    if any(isinstance(v, Interval) or holds_intervals(v) for v in (condition, x, y)):
        return choose(condition, x, y)
    return apply(np.where, condition, x, y)


def reduced(combine: Any, x: Any, axis: int | None) -> Any:
    """Over neurons (0), over examples (1), or over everything."""
    if not is_array(x):
        return x
    if not holds_intervals(x):
        return combine.reduce(x, axis=axis, keepdims=axis is not None)
    return np.frompyfunc(combine, 2, 1).reduce(x, axis=axis, keepdims=axis is not None)


def stacked(rows: list[list[Any]]) -> np.ndarray:
    """A matrix of numbers or of intervals."""
    kind = object if any(isinstance(x, Interval) for row in rows for x in row) else float
    found = np.empty((len(rows), len(rows[0])), kind)
    for j, row in enumerate(rows):
        for k, x in enumerate(row):
            found[j, k] = x
    return found
