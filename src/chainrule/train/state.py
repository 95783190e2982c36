"""Where a training stands: with the parameters and slots, all that is needed to go on bit for bit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np


@dataclass
class State:
    """Where a training stands.

    Attributes
    ----------
    epoch, step : int
        Completed epochs, and completed steps of the one under way.
    examples, batch_size : int
        Of the epoch under way: with others, its steps would not be the same.
    updates : int
        Steps that changed the parameters since the optimizer was new (its t).
    cost_sum, size_sum : float
        Of the epoch under way.
    best_score, best_epoch, best : float, int, ndarray
        The best validation result, when it was, and the parameters then (kept for early stopping).
    monitor : str
        The figure that it is the best of.
    stale : int
        Epochs since the best.
    last : ndarray, optional
        The parameters to train on from, where a training that could have gone on gave the best ones back.
    halvings : int
        How often the schedule "halve" has halved the learning rate.
    learning_rate, in_place_of : float, optional
        One that was set while training, and the setting that it stands for.
    optimizer : str
        Whose slots these are.
    engine : str
        What has trained it: numbers differ in their last places between engines.
    """

    epoch: int = 0
    step: int = 0
    examples: int = 0
    batch_size: int = 0
    updates: int = 0
    cost_sum: float = 0.0
    size_sum: float = 0.0
    best_score: float | None = None
    best_epoch: int = 0
    monitor: str = ""
    stale: int = 0
    halvings: int = 0
    learning_rate: float | None = None
    in_place_of: float | None = None
    optimizer: str = ""
    engine: str = ""
    best: np.ndarray | None = None
    last: np.ndarray | None = None

    def forget_best(self) -> None:
        """There is no best any more: the parameters, or what is watched, have been changed."""
        self.best_score = self.best = self.last = None
        self.best_epoch = self.stale = 0

    def rate_over(self, given: float) -> float:
        """The learning rate set in the place of this one, or else this; one set in another training is forgotten."""
        if self.in_place_of != given:
            self.learning_rate = self.in_place_of = None
        return given if self.learning_rate is None else self.learning_rate

    def begin_epoch(self) -> None:
        """No step of an epoch is done."""
        self.step, self.cost_sum, self.size_sum = 0, 0.0, 0.0

    def as_dict(self) -> dict[str, Any]:
        """The numbers as data for a file; the arrays are kept as tensors."""
        return {name: getattr(self, name) for name in NUMBERS}


ARRAYS = ("best", "last")
NUMBERS = {f.name: str(f.type) for f in fields(State) if f.name not in ARRAYS}
