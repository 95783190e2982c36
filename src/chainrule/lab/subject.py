"""What stands behind a recording, so that the engine can be asked: a run with its data, or a training of this process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from chainrule import checks
from chainrule.architecture import Architecture
from chainrule.diagnosing.case import Case
from chainrule.diagnosing.opened import epoch, next_step, recorded
from chainrule.engine.stepper import Source
from chainrule.errors import DivergenceError
from chainrule.network import Network
from chainrule.record import Recording
from chainrule.record.replay import again, next_batch, next_divergence, next_measures
from chainrule.runs import build
from chainrule.runs.recorded import RecordedRun
from chainrule.train.loop import Loop
from chainrule.train.training import held_out

MOST = 10_000  # examples of a training of this process that are looked at

Rows = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Judged:
    """The examples that a network is judged by: those that it has not learned from, where there are any."""

    a: Architecture
    part: str  # "held-out", "test" or "training"
    x: Any
    y: Any


class Subject(Protocol):
    """What can be asked of it; each raises DataError where the step is not recorded, or the data is not there any more."""

    def at(self, recording: Recording, step: int) -> Network:
        """The network after a step, bit for bit."""

    def batch(self, recording: Recording, step: int) -> Rows:
        """The mini-batch that comes after it."""

    def case(self, recording: Recording, step: int) -> Case:
        """What `diagnose` looks at."""

    def measures(self, recording: Recording, step: int) -> dict[str, dict[int, float]]:
        """The figures of a step that is not the first of all, by name and layer."""

    def judged(self) -> Judged:
        """The examples that it is judged by."""

    def rows(self, most: int) -> Rows:
        """So many of the training examples at most, evenly chosen."""


class OfRun:
    """A run's folder, with its settings and its data."""

    def __init__(self, run: RecordedRun) -> None:
        self.run = run

    def at(self, _: Recording, step: int) -> Network:
        """The network after a step, bit for bit."""
        return self.run.at(step)

    def batch(self, _: Recording, step: int) -> Rows:
        """The mini-batch that comes after it."""
        return self.run.batch(step)

    def measures(self, _: Recording, step: int) -> dict[str, dict[int, float]]:
        """The figures of a step, by name and layer."""
        return self.run.measures(step)

    def case(self, recording: Recording, step: int) -> Case:
        """What `diagnose` looks at."""
        run, found = self.run, recorded(self.run, step)
        if not any(event["kind"].endswith("Error") and event["step"] <= step for event in recording.events()):
            return found
        return replace(found, diverged=next_step(run.config, run.splits, run.at(step)))

    def judged(self) -> Judged:
        """The examples that it is judged by."""
        config, splits = self.run.config, self.run.splits
        net, validation = build.network_of(config, splits), build.validation_of(config, splits)
        if isinstance(validation, tuple):
            return Judged(net.architecture, "held-out", *validation)
        if validation:
            x, y = splits.train.x, splits.train.y
            rows, _ = checks.targets(y, len(y), net.architecture)
            held = held_out(rows, validation, net.seed, by_class=splits.train.classes is not None)
            return Judged(net.architecture, "held-out", x[held], y[held])
        chosen, part = (splits.train, "training") if splits.test is None else (splits.test, "test")
        return Judged(net.architecture, part, chosen.x, chosen.y)

    def rows(self, most: int) -> Rows:
        """So many of the training examples at most, evenly chosen."""
        train = self.run.splits.train
        chosen = slice(None, None, -(-len(train) // most))
        a = build.network_of(self.run.config, self.run.splits).architecture
        return train.x[chosen], checks.targets(train.y[chosen], len(train.x[chosen]), a)[0]


class Held:
    """A training that this process has under way, or had: its data and its functions are here."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def at(self, recording: Recording, step: int) -> Network:
        """The network after a step, bit for bit."""
        return again(recording, step, self._loop)[0]

    def batch(self, recording: Recording, step: int) -> Rows:
        """The mini-batch that comes after it."""
        return next_batch(again(recording, step, self._loop)[1])

    def measures(self, recording: Recording, step: int) -> dict[str, dict[int, float]]:
        """The figures of a step, by name and layer."""
        return next_measures(again(recording, step - 1, self._loop)[1])

    def case(self, recording: Recording, step: int) -> Case:
        """What `diagnose` looks at, of so many examples."""
        net, loop = again(recording, step, self._loop)
        own, validation = self._loop, self._loop.validation
        diverged = any((it["step"], it["kind"]) == (step, DivergenceError.__name__) for it in recording.events())
        return Case(
            net, *self.rows(MOST), [epoch(it) for it in recording.epochs() if it["epoch"] <= net.state.epoch],
            own.settings, None if validation is None else some(validation, MOST),
            first=self.at(recording, 0) if recording.key_frames[0] == 0 else None,
            diverged=next_divergence(loop) if diverged else None,
            under_way=step < recording.last or own.state.epoch < own.total,
        )  # fmt: skip

    def judged(self) -> Judged:
        """The examples that it is judged by, of so many."""
        a, validation = self._loop.stepper.a, self._loop.validation
        if validation is None:
            return Judged(a, "training", *self.rows(MOST))
        return Judged(a, "held-out", *some(validation, MOST))

    def rows(self, most: int) -> Rows:
        """So many of the training examples at most, evenly chosen."""
        return some(self._loop.stepper.source, most)


def some(source: Source, most: int) -> Rows:
    """So many examples at most, evenly chosen: x and y."""
    chosen = np.arange(len(source))[:: -(-len(source) // most)]
    rows = chosen if source.rows is None else source.rows[chosen]
    return np.asarray(source.x[rows], np.float32), np.asarray(source.y[rows], np.float32)
