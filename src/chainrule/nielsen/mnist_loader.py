"""MNIST as the book's loader gives it: 50,000 / 10,000 / 10,000 images, as arrays or as pairs of columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.nielsen.network2 import vectorized_result

Part = tuple[np.ndarray, np.ndarray]
Pairs = list[tuple[np.ndarray, Any]]


def load_data() -> tuple[Part, Part, Part]:
    """Training, validation and test set, each (x, y): pixels (n, 784) from 0 to 1, float32, and the digits (n,).

    Raises
    ------
    DataError
        A file of the package is missing or damaged.
    """
    from chainrule.data import mnist  # not needed by those who bring other data

    splits = mnist(validation=10_000)
    assert splits.validation is not None
    assert splits.test is not None
    train, validation, test = ((part.x, part.y) for part in (splits.train, splits.validation, splits.test))
    return train, validation, test


def load_data_wrapper() -> tuple[Pairs, Pairs, Pairs]:
    """Training, validation and test set as lists of pairs (x, y).

    x is a column (784, 1) of pixels from 0 to 1. y is a column (10, 1) with a 1 at the digit in the training set, and the
    digit itself, an int, in the other two.

    Raises
    ------
    DataError
        A file of the package is missing or damaged.
    """
    train, *others = load_data()
    wanted = np.eye(10)[train[1]]
    training = [(x[:, None], y[:, None]) for x, y in zip(train[0], wanted, strict=True)]
    validation, test = ([(x[:, None], int(y)) for x, y in zip(*part, strict=True)] for part in others)
    return training, validation, test


__all__ = ["load_data", "load_data_wrapper", "vectorized_result"]
