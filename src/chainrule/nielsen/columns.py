"""Column vectors and lists of pairs, as the book's programs have them, checked and made the engine's arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from chainrule import checks
from chainrule.architecture import Architecture
from chainrule.errors import DataError, ShapeError

Pair = tuple[Any, Any]


def pairs(data: Iterable[Any], name: str) -> list[Pair]:
    """The examples as a list, or a DataError where there are none."""
    found = list(data)
    if not found:
        raise DataError(f"{name} has 0 examples.\nA zip gives its pairs once only: list(zip(x, y)) gives them again.")
    return found


def columns(v: Any, n: int, name: str) -> np.ndarray:
    """A column vector (n, 1), m of them side by side (n, m), or n numbers, which are one column; never broadcast."""
    array = checks.numbers(np.reshape(v, (1, 1)) if n == 1 and np.ndim(v) == 0 else v, name)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or len(array) != n:
        raise ShapeError(
            f"{name} has shape {np.shape(v)}, but it must be a column of {n}, so of shape ({n}, 1).\n"
            f"Examples stand in columns here: numpy.reshape(numbers, ({n}, 1)) makes {n} numbers one example."
        )
    return np.asarray(array, np.float64)


def examples(data: Sequence[Pair], a: Architecture, name: str, *, labels: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """All x and all y as rows; with ``labels``, y may also be the number of its class."""
    x, y = np.empty((len(data), a.neurons(1))), np.empty((len(data), a.neurons(a.L)))
    for i, pair in enumerate(data):
        if not isinstance(pair, Sequence | np.ndarray) or len(pair) != 2:
            raise ShapeError(f"example {i} of {name} is {str(pair)[:40]!r}, not a pair (x, y).")
        x[i] = _one(pair[0], x.shape[1], "x", i, name)
        if labels and np.ndim(pair[1]) == 0 and y.shape[1] > 1:
            y[i] = unit(pair[1], y.shape[1])[:, 0]
        else:
            y[i] = _one(pair[1], y.shape[1], "y", i, name)
    return checks.finite(x, f"x of {name}"), checks.finite(y, f"y of {name}")


def _one(v: Any, n: int, letter: str, i: int, name: str) -> np.ndarray:
    """The numbers of one column."""
    if isinstance(v, np.ndarray) and v.shape == (n, 1) and v.dtype.kind in "fiub":
        return v[:, 0]
    found = columns(v, n, f"{letter} of example {i} of {name}")
    if found.shape[1] != 1:
        raise ShapeError(f"{letter} of example {i} of {name} has {found.shape[1]} columns; an example is one column.")
    return found[:, 0]


def unit(j: Any, n: int) -> np.ndarray:
    """The column of n zeros with a 1 in place j, counted from 0."""
    number = np.asarray(j)
    if number.ndim or number.dtype.kind not in "iuf" or number.item() not in range(n):
        raise DataError(f"there is no class {str(j)[:40]!r}: the classes are 0 to {n - 1}.")
    column = np.zeros((n, 1))
    column[int(number)] = 1.0
    return column
