"""Metrics: how good outputs are. Outputs and targets are rows here, as users have them."""

from __future__ import annotations

import numpy as np


def classes_of(outputs: np.ndarray, middle: float = 0.5) -> np.ndarray:
    """The class that each row of outputs says: the largest output, or, of a single one, whether it exceeds the middle."""
    return (outputs[:, 0] > middle).astype(np.int64) if outputs.shape[1] == 1 else outputs.argmax(axis=1)


def accuracy(outputs: np.ndarray, targets: np.ndarray, middle: float = 0.5) -> float:
    """The share of rows whose class is right.

    >>> accuracy(np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([[1, 0], [1, 0]]))
    0.5
    """
    return float(np.mean(classes_of(outputs, middle) == classes_of(targets, middle)))


def top_k(outputs: np.ndarray, targets: np.ndarray, k: int = 5) -> float:
    """The share of rows whose right class is among the k largest outputs.

    >>> top_k(np.array([[0.5, 0.3, 0.2]]), np.array([[0, 1, 0]]), k=2)
    1.0
    """
    k = min(k, outputs.shape[1])
    best = np.argpartition(-outputs, k - 1, axis=1)[:, :k]
    return float(np.mean((best == classes_of(targets)[:, None]).any(axis=1)))


def confusion(outputs: np.ndarray, targets: np.ndarray, middle: float = 0.5) -> np.ndarray:
    """How often class i (row) was taken for class j (column).

    >>> confusion(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([[1, 0], [0, 1]])).tolist()
    [[1, 0], [1, 0]]
    """
    n = max(outputs.shape[1], 2)
    pairs = classes_of(targets, middle) * n + classes_of(outputs, middle)
    return np.bincount(pairs, minlength=n * n).reshape(n, n)


def r2(outputs: np.ndarray, targets: np.ndarray) -> float:
    """The share of the targets' variance that the outputs account for, averaged over the outputs.

    >>> r2(np.array([[1.0], [2.0]]), np.array([[1.0], [2.0]]))
    1.0
    """
    outputs, targets = outputs.astype(np.float64), targets.astype(np.float64)
    left = ((targets - outputs) ** 2).sum(axis=0)
    whole = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
    return float(np.mean(np.where(whole > 0, 1 - left / np.where(whole > 0, whole, 1), np.where(left > 0, 0.0, 1.0))))


def mean_absolute_error(outputs: np.ndarray, targets: np.ndarray) -> float:
    """The mean distance of output and target.

    >>> mean_absolute_error(np.array([[1.0], [2.0]]), np.array([[1.5], [2.0]]))
    0.25
    """
    return float(np.abs(outputs.astype(np.float64) - targets).mean())


TOP = 10  # with more classes than this, top-5 accuracy is measured too
CLASSIFICATION = ("accuracy", "top_5")
REGRESSION = ("r2", "mean_absolute_error")
LOWER_IS_BETTER = frozenset({"cost", "mean_absolute_error"})


def measured(outputs: np.ndarray, targets: np.ndarray, *, classify: bool, middle: float) -> dict[str, float]:
    """The usual metrics: accuracy (and top-5 of many classes), or R2 and the mean distance."""
    if not classify:
        return {"r2": r2(outputs, targets), "mean_absolute_error": mean_absolute_error(outputs, targets)}
    found = {"accuracy": accuracy(outputs, targets, middle)}
    return found | ({"top_5": top_k(outputs, targets)} if outputs.shape[1] > TOP else {})
