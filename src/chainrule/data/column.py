"""One column of the user's table, and its statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.data.csv_cells import Reader
from chainrule.data.source import shown
from chainrule.errors import DataError


@dataclass(frozen=True)
class Column:
    """One column of the user's table.

    Parameters
    ----------
    name : str
        Its name in the header.
    kind : str
        ``"number"``, ``"category"`` (texts) or ``"integer"`` (class labels that are whole numbers).
    mean : tuple of float
        The mean of each of its numbers in the training part: one, or one for each category (its frequency).
    scale : float
        What its numbers are divided by: their standard deviation in the training part, or 1 where that is 0.
    categories : tuple of str
        The categories or class labels, in the order of their indices; empty for numbers.
    """

    name: str
    kind: str
    mean: tuple[float, ...]
    scale: float = 1.0
    categories: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the columns of x that it becomes."""
        return tuple(f"{self.name}={category}" for category in self.categories) or (self.name,)

    def reader(self, position: int, what: str = "category", *, empty: bool = False) -> Reader:
        """Return how the cells of this column are to be read."""
        return Reader(position, self.kind, self.categories if self.kind != "number" else None, empty, what)

    def as_dict(self) -> dict[str, Any]:
        """Return the column as plain values for JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "mean": list(self.mean),
            "scale": self.scale,
            "categories": list(self.categories),
        }

    def encode(self, values: np.ndarray, out: np.ndarray) -> None:
        """Write numbers standardised, or codes as one-hot rows, into the columns of `out`; means where missing."""
        if self.kind == "number":
            with np.errstate(over="ignore"):
                out[:, 0] = (np.where(np.isnan(values), self.mean[0], values) - self.mean[0]) / self.scale
        else:
            out[:] = values[:, None] == np.arange(len(self.categories))
            out[values < 0] = self.mean


def fit_column(name: str, kind: str, values: np.ndarray, categories: tuple[str, ...]) -> Column:
    """Return the column with the statistics of these values, its training part."""
    if kind != "number":
        counts = np.bincount(values[values >= 0], minlength=len(categories))
        return Column(name, kind, tuple((counts / max(1, counts.sum())).tolist()), 1.0, categories)
    present = values[~np.isnan(values)]
    if not len(present):
        raise DataError(f"The column {shown(name)} has no number in the training part; leave it out (ignore, --ignore).")
    mean, deviation = mean_and_deviation(present)
    return Column(name, "number", (mean,), deviation)


def mean_and_deviation(values: np.ndarray) -> tuple[float, float]:
    """Return the mean and the standard deviation (1 for equal numbers), without overflow for numbers of any size."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        return low, 1.0
    largest = max(abs(low), abs(high))
    scaled = values / largest
    return float(scaled.mean()) * largest, float(scaled.std()) * largest or 1.0
