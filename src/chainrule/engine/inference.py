"""Outputs and costs of many examples, in slices so that the memory stays small. The reference equations run as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.architecture import Architecture
from chainrule.costs import Penalty
from chainrule.engine.memory import Values, functions
from chainrule.engine.rows import Rows
from chainrule.notation import Key
from chainrule.schedule import Step, evaluation, forward, run

SLICE = 2048  # examples at a time: large enough for BLAS, small enough for the cache of a wide layer


def outputs(a: Architecture, views: dict[Key, np.ndarray], x: np.ndarray | Rows) -> np.ndarray:
    """The outputs a^L of each row of x, as rows."""
    found = np.empty((len(x), a.neurons(a.L)), a.dtype)
    for at, values in _passes(list(forward(a)), a, views, x, None):
        found[at] = values[Key("a", a.L)].T
    return found


def outputs_and_cost(
    a: Architecture, views: dict[Key, np.ndarray], x: np.ndarray | Rows, y: np.ndarray, rows: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The outputs, and the cost of each example; of these rows only, where they are given."""
    n = len(x) if rows is None else len(rows)
    found, costs = np.empty((n, a.neurons(a.L)), a.dtype), np.empty(n, np.float64)
    for at, values in _passes(evaluation(a), a, views, x, y, rows):
        found[at] = values[Key("a", a.L)].T
        costs[at] = values[Key("cost_x", 0)][0]
    return found, costs


def _passes(
    steps: list[Step], a: Architecture, views: dict[Key, np.ndarray], x: np.ndarray | Rows, y: np.ndarray | None,
    rows: np.ndarray | None = None,
) -> Iterator[tuple[slice, Values]]:  # fmt: skip
    """Each slice of the examples, and the values of its pass."""
    shared: Values = {**views, **functions(a)}
    for start in range(0, len(x) if rows is None else len(rows), SLICE):
        at = slice(start, start + SLICE)
        those = at if rows is None else rows[at]
        values: Values = shared | {Key("a", 1): x[those].T}
        if y is not None:
            values[Key("y", 0)] = y[those].T
        with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
            run(steps, values)
        yield at, values


def penalty_cost(views: dict[Key, Any], penalty: Penalty | None, lmbda: float, n: int) -> float:
    """(lambda/n) times the sum of the penalty over the weights."""
    if penalty is None or not lmbda:
        return 0.0
    return lmbda / n * sum(float(penalty.value(w).sum()) for key, w in views.items() if key.symbol == "w")
