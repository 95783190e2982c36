"""Curves in a terminal: dots of Braille letters, two by four to a letter, and the ends of both axes in numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # Unicode, "Braille Patterns"
MARGIN = 10  # letters left of the curve


def curve(x: Sequence[float], y: Sequence[float], *, width: int = 72, height: int = 12, label: str = "step") -> list[str]:
    """Lines of text that show y over x; logarithmic where all of y is above 0 and spans more than a factor of 20.

    Each column of dots goes from the smallest to the largest value of its stretch, so that no peak is lost.

    >>> for line in curve([0, 1, 2, 3], [8, 4, 2, 1], width=14, height=2): print(line)
             8 ⠁
             1 ⠀⠁⠠⢀
               0 step 3
    """
    xs, ys = np.asarray(x, float), np.asarray(y, float)
    good = np.isfinite(xs) & np.isfinite(ys)
    if not good.any():
        return ["(nothing was recorded)"]
    xs, ys = xs[good], ys[good]
    low, high = float(ys.min()), float(ys.max())
    is_log = low > 0 and high > 20 * low
    scaled = np.log(ys) if is_log else ys
    columns, rows = 2 * max(width - MARGIN, 2), 4 * height
    at = _places(xs, columns)
    level = rows - 1 - _places(scaled, rows)
    grid = np.zeros((rows, columns), bool)
    for column in np.unique(at):
        there = level[at == column]
        grid[there.min() : there.max() + 1, column] = True
    return _framed(grid, low, high, f"{_short(xs.min())} {label}{' (logarithmic)' * is_log}", _short(xs.max()))


def _places(values: np.ndarray, n: int) -> np.ndarray:
    """Which of n places each value has, from the smallest to the largest."""
    span = float(values.max() - values.min()) or 1.0
    found: np.ndarray = np.rint((values - values.min()) / span * (n - 1)).astype(int)
    return found


def _framed(grid: np.ndarray, low: float, high: float, left: str, right: str) -> list[str]:
    """The letters of a grid of dots, with the axes' ends."""
    rows, columns = grid.shape
    cells = grid.reshape(rows // 4, 4, columns // 2, 2)
    letters = 0x2800 + np.einsum("ridj,ij->rd", cells, DOTS)
    lines = ["".join(map(chr, row)) for row in letters]
    ends = {0: _short(high), len(lines) - 1: _short(low)}
    framed = [f"{ends.get(i, ''):>{MARGIN}} {line}".rstrip("\u2800") for i, line in enumerate(lines)]
    room = max(columns // 2 - len(left) - len(right), 1)
    return [*framed, " " * (MARGIN + 1) + left + " " * room + right]


def _short(value: float) -> str:
    """A number in few letters."""
    if value == int(value) and abs(value) < 1e9:
        return f"{int(value):,}"
    return f"{value:.3g}" if math.isfinite(value) else str(value)
