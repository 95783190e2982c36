"""Outputs and costs of many examples, in slices that go to several threads; and of one example, without overhead.

The reference equations run as they are. NumPy lets other threads go on while it computes, so a slice is a thread's work.
Within it BLAS keeps to one thread: BLAS's own threads wait for each other in every product, most of the time where another
program has one of the processors. The slices depend on the sizes alone, so the bits do not depend on the threads.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from chainrule.architecture import Architecture
from chainrule.choices import nearest
from chainrule.costs import Penalty
from chainrule.engine.choice import Choice, is_installed, require
from chainrule.engine.compiled.team import cores
from chainrule.engine.memory import Parameters, Values, functions
from chainrule.engine.rows import Rows
from chainrule.engine.threads import blas_threads, one_thread
from chainrule.notation import Key
from chainrule.schedule import Step, evaluation, forward, run

SLICE = 1024  # examples at a time, at most: enough for BLAS, and few enough for the cache
SHORTEST = 256  # of wide layers, so that there are slices for several threads
WORK = 2**28  # multiplications of a slice that need not be larger
LARGE = 2**26  # multiplications from which on a second thread pays: two milliseconds of work
ONE_ROW = ("auto", "compiled", "numpy")  # engines of a single row
OneRow = Callable[[np.ndarray], np.ndarray]


def outputs(a: Architecture, views: dict[Key, np.ndarray], x: np.ndarray | Rows) -> np.ndarray:
    """The outputs a^L of each row of x, as rows."""
    found = np.empty((len(x), a.neurons(a.L)), a.dtype)

    def keep(at: slice, values: Values) -> None:
        found[at] = values[Key("a", a.L)].T

    _passes(list(forward(a)), a, views, x, None, None, keep)
    return found


def outputs_and_cost(
    a: Architecture, views: dict[Key, np.ndarray], x: np.ndarray | Rows, y: np.ndarray, rows: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The outputs, and the cost of each example; of these rows only, where they are given."""
    n = len(x) if rows is None else len(rows)
    found, costs = np.empty((n, a.neurons(a.L)), a.dtype), np.empty(n, np.float64)

    def keep(at: slice, values: Values) -> None:
        found[at] = values[Key("a", a.L)].T
        costs[at] = values[Key("cost_x", 0)][0]

    _passes(evaluation(a), a, views, x, y, rows, keep)
    return found, costs


def _passes(
    steps: list[Step], a: Architecture, views: dict[Key, np.ndarray], x: np.ndarray | Rows, y: np.ndarray | None,
    rows: np.ndarray | None, keep: Callable[[slice, Values], None],
) -> None:  # fmt: skip
    """Do each slice of the examples, and hand on the values of its pass; on several threads where that pays."""
    shared: Values = {**views, **functions(a)}
    n = len(x) if rows is None else len(rows)
    one = sum(a.neurons(l) * a.neurons(l - 1) for l in a.layers)
    size = min(max(SHORTEST, WORK // one), SLICE)

    def slice_from(start: int) -> None:
        at = slice(start, start + size)
        those = at if rows is None else rows[at]
        values: Values = shared | {Key("a", 1): x[those].T}
        if y is not None:
            values[Key("y", 0)] = y[those].T
        with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
            run(steps, values)
        keep(at, values)

    with one_thread():
        _each(slice_from, range(0, n, size), threads=cores() if n * one >= LARGE and blas_threads() else 1)


def _each(do: Callable[[int], None], starts: range, threads: int) -> None:
    """Do all of them, on so many threads at most."""
    threads = min(threads, len(starts))
    if threads <= 1:
        for start in starts:
            do(start)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(do, starts):  # an error in one of them comes out here
            pass


def one_row(a: Architecture, parameters: Parameters, engine: str) -> tuple[OneRow, Choice]:
    """A function of one row that gives its outputs, a new array each time; and what does it.

    The row must be a C-contiguous array of shape (n^1,) and of the network's dtype. Where a number of it is not finite, the
    first output is NaN.

    Raises
    ------
    ConfigError
        There is no such engine, or it is not installed.
    """
    nearest(dict.fromkeys(ONE_ROW), engine, "engine")
    numpy = partial(_reference_row, a, parameters)
    if engine == "numpy":
        return numpy, Choice("numpy", "as asked for")
    if engine == "compiled":
        require(engine)
    if not is_installed():
        return numpy, Choice("numpy", "Numba is not installed; with it (chainrule[fast]) this goes many times faster")
    return _compiled_row(a, parameters) or (numpy, Choice("numpy", "the compiled engine cannot do this network"))


def _reference_row(a: Architecture, parameters: Parameters, row: np.ndarray) -> np.ndarray:
    found: np.ndarray = outputs(a, parameters.views, row[None])[0]
    if not np.isfinite(row).all():
        found[0] = np.nan
    return found


def _compiled_row(a: Architecture, parameters: Parameters) -> tuple[OneRow, Choice] | None:
    """The same by a compiled program; None where a function of the user's has no form in it."""
    from chainrule.engine.compiled import build, inference
    from chainrule.engine.compiled.scalars import Unprintable

    try:
        program = inference.program(a)
        why = "its program is known" if build.is_known(program.code) else "newly compiled"
        return inference.one_row(program, a, parameters.flat), Choice("compiled", why)
    except Unprintable:
        return None


def penalty_cost(views: dict[Key, Any], penalty: Penalty | None, lmbda: float, n: int) -> float:
    """(lambda/n) times the sum of the penalty over the weights."""
    if penalty is None or not lmbda:
        return 0.0
    return lmbda / n * sum(float(penalty.value(w).sum()) for key, w in views.items() if key.symbol == "w")
