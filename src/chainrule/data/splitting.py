"""Which rows are for training, validation and test: a pure function of the seed, with each class in its proportion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainrule.data.source import shown
from chainrule.errors import ConfigError, DataError
from chainrule.randomness import checked_seed, permutation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chainrule.data.dataset import Dataset


def split_rows(
    n: int,
    fractions: tuple[float, float],
    seed: int,
    labels: np.ndarray | None = None,
    classes: Sequence[str] | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the rows for training, validation and test, each in their order in the file.

    `fractions` are those of test and validation. With labels, rows are dealt out class by class.
    """
    n_test, n_validation = _counts(n, fractions)
    order = permutation(checked_seed(seed), "split", n)
    if labels is not None:
        order = order[np.argsort(_rank_in_class(labels[order]), kind="stable")]
    test, validation, train = np.split(order, [n_test, n_test + n_validation])
    if labels is not None:
        _check_classes(labels, train, classes)
    return np.sort(train), np.sort(validation), np.sort(test)


def _counts(n: int, fractions: tuple[float, float]) -> tuple[int, int]:
    """Return the numbers of test and validation rows; refuse fractions that leave a part empty."""
    for name, fraction in zip(("test_fraction", "validation_fraction"), fractions, strict=True):
        if not isinstance(fraction, int | float) or not 0 <= fraction < 1:
            raise ConfigError(f"{name}={fraction!r}: it must be at least 0 and less than 1.")
        if fraction and not round(n * fraction):
            raise ConfigError(f"{name}={fraction} of {n:,} row(s) leaves no row for that part; pass {name}=0 or more data.")
    counts = round(n * fractions[0]), round(n * fractions[1])
    if sum(counts) >= n:
        raise ConfigError(
            f"test_fraction={fractions[0]} and validation_fraction={fractions[1]} leave {n - sum(counts)} of {n:,}"
            " rows for training; choose smaller ones."
        )
    return counts


def _rank_in_class(labels: np.ndarray) -> np.ndarray:
    """Return how far each row stands in its class, from 0 to 1: cutting at f takes the fraction f of each class."""
    by_class = np.argsort(labels, kind="stable")
    counts = np.bincount(labels)
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(labels))
    rank[by_class] = (np.arange(len(labels)) - np.repeat(starts, counts) + 0.5) / np.repeat(counts, counts)
    return rank


def _check_classes(labels: np.ndarray, train: np.ndarray, classes: Sequence[str] | None) -> None:
    """Refuse a split that leaves a class out of the training part."""
    counts = np.bincount(labels)
    absent = np.flatnonzero((counts > 0) & (np.bincount(labels[train], minlength=len(counts)) == 0))
    if len(absent):
        code = int(absent[0])
        name = shown(classes[code]) if classes else code
        raise DataError(
            f"The class {name} has {counts[code]} row(s), and none of them would be in the training part;"
            " give more examples of it, or hold out less."
        )


def leaked_rows(train: Dataset, test: Dataset) -> int:
    """Return how many rows of the test part stand in the training part, too."""
    seen = {_key(x, y) for x, y in zip(train.x, train.y, strict=True)}
    return sum(_key(x, y) in seen for x, y in zip(test.x, test.y, strict=True))


def _key(x: np.ndarray, y: np.ndarray) -> int:
    return hash((x.tobytes(), y.tobytes()))
