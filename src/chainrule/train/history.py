"""What a training leaves behind: one record for each epoch, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, overload

import numpy as np


@dataclass(frozen=True)
class Epoch:
    """One epoch's results.

    Attributes
    ----------
    epoch : int
        Counted from 1.
    cost : float
        Mean cost of the mini-batches as they were trained on (without the penalty).
    metrics, training_metrics : dict
        Measured after the epoch on the validation set, on the training set: ``cost``, ``accuracy`` ... (empty without).
    eta : float
        The learning rate of the last step.
    seconds : float
        Wall time of the epoch's steps.
    examples : int
        Examples trained on.
    """

    epoch: int
    cost: float
    metrics: dict[str, float] = field(default_factory=dict)
    training_metrics: dict[str, float] = field(default_factory=dict)
    eta: float = 0.0
    seconds: float = 0.0
    examples: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The record as data for a file."""
        return asdict(self)


class History(Sequence[Epoch]):
    """The epochs of a network's training, oldest first; ``stopped`` says why the last call ended."""

    def __init__(self, epochs: Sequence[Epoch] = (), stopped: str = "") -> None:
        self.epochs = list(epochs)
        self.stopped = stopped

    @overload
    def __getitem__(self, index: int) -> Epoch: ...
    @overload
    def __getitem__(self, index: slice) -> list[Epoch]: ...
    def __getitem__(self, index: int | slice) -> Epoch | list[Epoch]:
        """One epoch's record, counted from 0 as in any sequence."""
        return self.epochs[index]

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[Epoch]:
        return iter(self.epochs)

    def column(self, name: str) -> list[float]:
        """One figure of every epoch: ``cost``, ``eta``, ``seconds``, or a metric of the validation set.

        >>> History([Epoch(1, 0.5, {"accuracy": 0.9})]).column("accuracy")
        [0.9]
        """
        return [e.metrics[name] if name in e.metrics else getattr(e, name) for e in self.epochs]

    def __repr__(self) -> str:
        if not self.epochs:
            return "History(no epochs)"
        last = self.epochs[-1]
        figures = ", ".join(f"{k} {v:.4g}" for k, v in last.metrics.items())
        why = f"; {self.stopped}" if self.stopped else ""
        return f"History({len(self)} epochs; last: cost {last.cost:.4g}{', validation ' + figures if figures else ''}{why})"


@dataclass
class State:
    """Where a training stands: with the parameters and slots, all that is needed to go on bit for bit.

    Attributes
    ----------
    epoch, step : int
        Completed epochs, and completed steps of the one under way.
    updates : int
        Steps that changed the parameters since the optimizer was new (its t).
    cost_sum, size_sum : float
        Of the epoch under way.
    best_score, best_epoch, best : float, int, ndarray
        The best validation result, when it was, and the parameters then (kept for early stopping).
    stale : int
        Epochs since the best.
    halvings : int
        How often the schedule "halve" has halved the learning rate.
    """

    epoch: int = 0
    step: int = 0
    updates: int = 0
    cost_sum: float = 0.0
    size_sum: float = 0.0
    best_score: float | None = None
    best_epoch: int = 0
    stale: int = 0
    halvings: int = 0
    optimizer: str = ""
    best: np.ndarray | None = None

    def as_dict(self) -> dict[str, Any]:
        """The numbers as data for a file; ``best`` is kept as a tensor."""
        return {k: v for k, v in self.__dict__.items() if k != "best"}
