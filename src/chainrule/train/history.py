"""What a training leaves behind: one record for each epoch, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, overload

from chainrule.notebook import table

ENDS = 5  # of a long training, a notebook shows so many epochs of its beginning and of its end


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
    """The epochs of a network's training, oldest first.

    ``stopped`` says why the last call ended, ``engine`` what trained, and why that.
    """

    def __init__(self, epochs: Sequence[Epoch] = (), stopped: str = "", engine: str = "") -> None:
        self.epochs = list(epochs)
        self.stopped = stopped
        self.engine = engine

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

    def _repr_html_(self) -> str:
        names = list(dict.fromkeys(name for e in self.epochs for name in e.metrics))
        head = ["epoch", "training cost", *(f"validation {name}" for name in names), "learning rate", "seconds"]
        shown = self.epochs if len(self) <= 2 * ENDS + 1 else [*self.epochs[:ENDS], None, *self.epochs[-ENDS:]]
        rows = [
            ["…"] * len(head)
            if e is None
            else [e.epoch, e.cost, *(e.metrics.get(name, "") for name in names), e.eta, e.seconds]
            for e in shown
        ]
        return table(repr(self), head, rows)
