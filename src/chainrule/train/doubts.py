"""Data that can be trained on, but to little use: one warning for each doubt, before training begins."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from chainrule.architecture import Architecture
from chainrule.engine.memory import Values, functions
from chainrule.errors import ChainruleWarning
from chainrule.notation import Key
from chainrule.schedule import backprop, run

DEEP, SAMPLE, VANISHED = 6, 32, 1e-6  # networks of so many layers are tried on so many examples
LARGE, SMALL, APART = 1e6, 1e-6, 1e8  # standardised inputs are about 1 in size


def warn_of(x: Any, y: np.ndarray, *, classify: bool) -> None:
    """Warn where the inputs, rows x, or the targets, rows y, leave little to be learned.

    Only the largest and the least number of each column are looked at: no copy is made, and a pass is cheap.
    """
    if len(x) < 2:
        return
    high, low = x.max(axis=0), x.min(axis=0)
    sizes = np.maximum(high, -low)
    doubts = ["every row of x is the same: there is nothing to learn from."] if (high == low).all() else _scales(sizes)
    if classify and (y.max(axis=0) == y.min(axis=0)).all():
        doubts.append(f"every example has {_target(y[0])}: a network can only learn to say that.")
    for doubt in doubts:
        warnings.warn(doubt, ChainruleWarning, stacklevel=4)  # the line that called fit()


def warn_of_depth(a: Architecture, views: Values, x: Any, y: np.ndarray) -> None:
    """Warn where the errors of a deep network vanish or explode on their way back, before any training."""
    if a.L < DEEP:
        return
    few: Values = {**views, **functions(a), Key("a", 1): x[:SAMPLE].T, Key("y", 0): y[:SAMPLE].T}
    with np.errstate(all="ignore"):
        run(backprop(a, glass=False), few)
        first, last = (float(np.abs(few[Key("delta", l)]).mean(dtype=np.float64)) for l in (2, a.L))
    if last > 0 and first < VANISHED * last:
        said = f"the errors shrink to {first / last:.1g} of their size on the way back to layer 2, which will hardly learn"
    elif first * VANISHED > last:
        said = f"the errors grow {first / last:.1g} times on the way back to layer 2, and training will soon diverge"
    else:
        return
    remedy = "Use fewer layers, or relu, or initial='orthogonal'; clip_norm bounds what grows."
    warnings.warn(f"{a.L} layers: {said}. {remedy}", ChainruleWarning, stacklevel=4)


def _scales(sizes: np.ndarray) -> list[str]:
    """What is to be said of the largest |x| in each column."""
    there = sizes[sizes > 0]
    if not there.size:
        return []
    column, largest, least = int(np.argmax(sizes)), float(sizes.max()), float(there.min())
    remedy = "Standardise it: (x - x.mean(axis=0)) / x.std(axis=0)."
    if largest > LARGE or largest < SMALL:
        return [f"x is at most {largest:.3g} in size (column {column}): learning works on numbers about 1. {remedy}"]
    if largest / least > APART:
        return [f"the columns of x differ in size by {largest / least:.1g}: the small ones are hardly seen. {remedy}"]
    return []


def _target(row: np.ndarray) -> str:
    """The class that a row of targets stands for, in words."""
    if len(row) == 1:
        return f"class {int(row[0] > 0.5)}"
    one_class = np.count_nonzero(row == row.max()) == 1
    return f"class {int(row.argmax())}" if one_class else "the same targets"
