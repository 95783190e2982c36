"""Watching a training: a line for each epoch, and on a terminal a bar that moves."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from chainrule.cli import output
from chainrule.runs.figures import duration, percent

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from chainrule.engine.stepper import Tally
    from chainrule.train.history import Epoch, History

BLOCKS = "▁▂▃▄▅▆▇█"
LINES = 30  # of a long training, about so many epochs get a line
LABEL = 8  # letters of the longest label above it, "training"
NAMES = {"accuracy": "accuracy", "r2": "R²", "cost": "cost"}


def sparkline(values: Sequence[float], width: int) -> str:
    """A curve of blocks, each the mean of its stretch, on a logarithmic scale where all values are above 0.

    >>> sparkline([8, 4, 2, 1], 4)
    '█▆▃▁'
    """
    good = [v for v in values if math.isfinite(v)]
    if not good:
        return ""
    scaled = [math.log(v) for v in good] if min(good) > 0 else good
    n = min(width, len(scaled))
    edges = [round(i * len(scaled) / n) for i in range(n + 1)]
    means = [sum(scaled[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, span = min(means), (max(means) - min(means)) or 1.0
    return "".join(BLOCKS[min(int((v - low) / span * 7 + 0.5), 7)] for v in means)


def shown_epochs(epochs: int) -> int:
    """Every how many epochs one gets a line: 1, 2, 5, 10 ...

    >>> [shown_epochs(n) for n in (10, 100, 2000)]
    [1, 5, 100]
    """
    for power in range(12):
        for digit in (1, 2, 5):
            if epochs <= LINES * digit * 10**power:
                return int(digit * 10**power)
    return 10**12


@dataclass
class Watcher:
    """Shows what a training does. ``step`` and ``epoch`` are what a :class:`~chainrule.runs.session.Watch` has.

    Attributes
    ----------
    epochs : int
        How many there are to be.
    examples : int
        In an epoch.
    done : float
        The share of the first epoch that an earlier call has done.
    quiet, json : bool
        Show nothing on stderr; print each epoch on stdout as a JSON object.
    history : History, optional
        Of the network: it says which engine trains, and why.
    """

    epochs: int
    examples: int
    done: float = 0.0
    quiet: bool = False
    json: bool = False
    history: History | None = None
    first: int = 0
    records: list[Epoch] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)
    stepped: float = 0.0
    _costs: list[float] = field(default_factory=list)
    _live: Live | None = None
    _drawn: float = 0.0

    def __enter__(self) -> Watcher:
        """Start the bar, on a terminal."""
        if not self.quiet and output.err().is_terminal:
            from rich.live import Live

            self._live = Live(
                console=output.err(), auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
            )
            self._live.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        """Take the bar away."""
        if self._live:
            self._live.__exit__(*error)
            self._live = None

    @property
    def seconds(self) -> float:
        """How long training has taken so far."""
        return time.perf_counter() - self.began

    @property
    def speed(self) -> float:
        """Examples a second in the epochs so far."""
        seconds = sum(record.seconds for record in self.records)
        return (sum(record.examples for record in self.records) - self.done * self.examples) / max(seconds, 1e-9)

    @property
    def _running(self) -> float:
        """Seconds since the first steps were done: compilation does not count in forecasts."""
        return time.perf_counter() - self.stepped

    def _begin(self, epoch: int) -> None:
        """Now there is an engine, and its compilation is over: say which it is."""
        if self.first:
            return
        self.first, self.stepped = epoch, time.perf_counter()
        if not self.quiet:
            engine = "" if self.history is None else self.history.engine
            output.facts([("engine".ljust(LABEL), engine)] if engine else [], stderr=True)
            output.note("")

    def step(self, epoch: int, steps: int, of: int, tally: Tally) -> None:
        """Move the bar."""
        self._begin(epoch)
        if tally.size:
            self._costs.append(tally.cost / tally.size)
            del self._costs[: -8 * LINES]
        if self._live and time.perf_counter() - self._drawn > 0.08:
            self._live.update(self._bar(epoch, steps / of), refresh=True)
            self._drawn = time.perf_counter()

    def epoch(self, record: Epoch) -> None:
        """Write an epoch's line."""
        self._begin(record.epoch)
        if self.json:
            from chainrule.io.strict_json import finite

            output.as_json({"event": "epoch", **finite(record.as_dict())})
        if not self.quiet:
            if not self.records:
                output.note((self._titles(record), "dim"))
            if record.epoch % shown_epochs(self.epochs) == 0 or record.epoch in {1, self.epochs}:
                output.note(self._line(record))
        self.records.append(record)

    # ------------------------------------------------------------------------------------------------ how it looks

    def _figures(self, record: Epoch) -> list[tuple[str, str, str]]:
        """Column titles and figures: of the mini-batches, of the validation set, of the training set."""
        found = [("cost", output.figure(record.cost), "")]
        for prefix, metrics in (("validation", record.metrics), ("training", record.training_metrics)):
            found += [(f"{prefix} {NAMES[name]}", shown(name, metrics[name]), name) for name in NAMES if name in metrics]
        return found

    def _titles(self, record: Epoch) -> str:
        columns = "".join(f"{title:>{max(len(title), 8) + 3}}" for title, *_ in self._figures(record)[:3])
        return f"  epoch{columns}   examples/s"

    def _line(self, record: Epoch) -> str:
        columns = "".join(f"{text:>{max(len(title), 8) + 3}}" for title, text, _ in self._figures(record)[:3])
        speed = record.examples * (1 - (0 if self.records else self.done)) / max(record.seconds, 1e-9)
        return f"  {record.epoch:>5}{columns}   {speed:>10,.0f}"

    def _bar(self, epoch: int, share: float) -> RenderableType:
        """Two lines: how far it is, and how well it goes."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        done = (epoch - self.first + share - self.done) / (self.epochs - self.first + 1 - self.done)
        left = self._running * (1 - done) / done if done > 0 else math.nan
        table = Table.grid(padding=(0, 2, 0, 0), pad_edge=True)
        bar = ProgressBar(total=1, completed=(epoch - 1 + share) / self.epochs, width=32)
        where = output.styled(("epoch ", ""), (f"{epoch}", "bold"), f" of {self.epochs:,}")
        table.add_row("", bar, where, output.styled((f"{duration(left)} left", "cyan")))
        figures = output.styled(*self._now(share))
        return Group("", table, output.styled("  ", (f"{sparkline(self._costs, 32):<32}", "green"), "  ", figures.plain))

    def _now(self, share: float) -> list[str]:
        """The figures under the bar."""
        found = [f"cost {output.figure(self._costs[-1])}"] if self._costs else []
        if self.records:
            last = self.records[-1]
            name = next((n for n in NAMES if n in last.metrics), None)
            found += [f"   {NAMES[name]} {shown(name, last.metrics[name])}"] if name else []
        speed = (len(self.records) + share - self.done) * self.examples / max(self._running, 1e-9)
        return [*found, f"   {speed:,.0f}/s"]


def shown(name: str, value: float) -> str:
    """A metric as it is written in a table."""
    return percent(value) if name in {"accuracy", "top_5"} else output.figure(value)
