"""A run under way: trained, recorded, saved as it goes, and taken up again where it was interrupted."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from chainrule import checks, modelfile
from chainrule.data import Dataset, Splits
from chainrule.engine.stepper import Tally
from chainrule.errors import ConfigError, DataError, DivergenceError
from chainrule.io import durable, strict_json
from chainrule.network import Network
from chainrule.record import Recorder
from chainrule.record.recorder import EXAMPLES
from chainrule.runs import build, folder
from chainrule.runs.config import Config
from chainrule.runs.folder import Run
from chainrule.runs.signals import Asked, Stopped, graceful
from chainrule.train import loop
from chainrule.train.history import Epoch

WITHIN = 30.0  # seconds after which a long epoch is saved before its end
SHARE = 50  # saving may take one part in so many of the time


class Recording(loop.Recorder, Protocol):
    """What writes a training down, and lets readers see it when it is asked to."""

    def commit(self) -> None:
        """Let readers see all that is known so far."""

    def event(self, step: int, kind: str, value: Any) -> None:
        """Something happened after this step."""


class Watch(Protocol):
    """Whoever looks on."""

    def step(self, epoch: int, steps: int, of: int, tally: Tally) -> None:
        """Called about ten times a second, as :class:`~chainrule.train.loop.Progress`."""

    def epoch(self, record: Epoch) -> None:
        """Called after each epoch."""


@dataclass(frozen=True, eq=False)
class Session:
    """A run with its data and its network.

    Attributes
    ----------
    run : Run
    config : Config
    splits : Splits
    network : Network
        As new, or as the checkpoint has it.
    """

    run: Run
    config: Config
    splits: Splits
    network: Network

    @property
    def epochs(self) -> int:
        """How many epochs the run is to have."""
        return int(self.config.training["epochs"])

    @property
    def done(self) -> bool:
        """Whether there is nothing left to train."""
        return bool(self.network.history.stopped) or self.network.state.epoch >= self.epochs

    def train(
        self, watch: Watch | None = None, *, every: float | None = None, threads: int | None = None, record: bool = True,
        control: Callable[[Recorder], Recording] | None = None,
    ) -> Network:  # fmt: skip
        """Train to the end, and write the result. The folder must be held (:func:`chainrule.runs.held`).

        Parameters
        ----------
        watch : Watch, optional
        every : float, optional
            Seconds between two checkpoints. When it is not given: after each epoch, and each half minute of a long one,
            but so rarely that saving takes at most a fiftieth of the time.
        threads : int, optional
            Of the compiled engine, as :meth:`~chainrule.network.Network.fit` takes it. No setting of the run: its numbers
            do not depend on it.
        record : bool
            Whether what happens is written down step by step (:class:`~chainrule.record.Recorder`).
        control : callable, optional
            Gives what is to stand between the loop and the recorder, such as one who pauses the training.

        Raises
        ------
        DivergenceError
            The last finite weights are in the checkpoint.
        Stopped
            Ctrl-C or SIGTERM; after the first one, the step under way is in the checkpoint.
        """
        if not self.done:
            recorder = self._recorder() if record else None
            with graceful() as asked:
                steered = control(recorder) if recorder and control else recorder
                self._fit(Keeper(self, watch, every, asked, steered), threads)
        elif self.network.state.best is not None:
            self.network.parameters.flat[:] = self.network.state.best
        self.network.save(self.run.model_file, training=False, notes=self.notes)
        return self.network

    def _fit(self, keeper: Keeper, threads: int | None) -> None:
        """Train the rest; whatever ends it early, what is finite is saved."""
        net, config = self.network, self.config
        how = build.settings_of(config.training).__dict__ | {"epochs": self.epochs - net.state.epoch}
        how["schedule_epochs"] = how["schedule_epochs"] or self.epochs
        keeper.save()
        try:
            net.fit(
                self.splits.train.x, self.splits.train.y, validation=build.validation_of(config, self.splits),
                class_weight=config.training.get("class_weight"), engine=config.training.get("engine", "auto"),
                threads=threads, callbacks=[keeper.epoch], progress=keeper.step, recorder=keeper.recorder, **how,
            )  # fmt: skip
        except (Stopped, DivergenceError) as stop:
            if not getattr(stop, "at_once", False):
                keeper.save()
            raise
        if config.training["optimizer"] == "lbfgs":
            keeper.save()  # why it stopped is known only after its one record

    def _recorder(self) -> Recorder | None:
        """The recorder of this run; L-BFGS has no steps of mini-batches."""
        if self.config.training["optimizer"] == "lbfgs":
            return None
        _, data = self.judged_on
        notes = {name: self.notes[name] for name in ("name", "image_shape", "data")}
        names: dict[str, Any] = {
            "features": self.splits.train.features,
            "targets": self.splits.train.targets,
        }  # of a table, too
        names["standardised"] = self.splits.schema is not None
        x, y = data.x[:EXAMPLES], checks.targets(data.y[:EXAMPLES], len(data.x[:EXAMPLES]), self.network.architecture)[0]
        facts = {"classes": self.network.classes, **notes, **names, "parent": self.config.parent}
        return Recorder(self.run.recording_file, examples=(x, y), facts=facts, own=True)

    @property
    def judged_on(self) -> tuple[str, Dataset]:
        """The test set, or where there is none, what the network was trained with; and which of them it is."""
        return ("test", self.splits.test) if self.splits.test is not None else ("training", self.splits.train)

    @cached_property
    def notes(self) -> dict[str, Any]:
        """What goes into each file beside the network."""
        s = self.splits
        return {
            "config": self.config.fingerprint, "data": build.fingerprint(s), "name": s.name,
            "schema": s.schema.as_dict() if s.schema else None, "image_shape": s.train.image_shape,
            "features": None if s.schema else s.train.features, "targets": None if s.schema else s.train.targets,
        }  # fmt: skip


@dataclass
class Keeper:
    """Writes down what a training has reached."""

    session: Session
    watch: Watch | None
    every: float | None
    asked: Asked
    recorder: Recording | None = None
    notes: dict[str, Any] = field(init=False)
    saved_at: float = 0.0
    took: float = 0.0

    def __post_init__(self) -> None:
        self.notes = self.session.notes

    def step(self, epoch: int, steps: int, of: int, tally: Tally) -> None:
        """After some steps: everything is consistent, so that it may be saved here, or ended."""
        if self.watch:
            self.watch.step(epoch, steps, of, tally)
        if steps < of:
            if self._due(WITHIN):
                self.save()
            self.asked.check()

    def epoch(self, record: Epoch) -> None:
        """After an epoch: first the line of the log, then the checkpoint that counts it."""
        durable.append_line(self.session.run.metrics_file, strict_json.dumps(strict_json.finite(record.as_dict())))
        del self.session.network.history.epochs[:-1]  # the log has the others, and a checkpoint must not grow
        if self.watch:
            self.watch.epoch(record)
        if self.session.done or self._due(0.0):
            self.save()
        if not self.session.done:
            self.asked.check()

    def _due(self, usual: float) -> bool:
        since = time.perf_counter() - self.saved_at
        return since >= max(usual, SHARE * self.took) if self.every is None else since >= self.every

    def save(self) -> None:
        """Write the checkpoint, after the lines that it counts are on the disk."""
        begun = time.perf_counter()
        _flush(self.session.run.metrics_file)
        if self.recorder is not None:
            self.recorder.commit()
        self.session.network.save(self.session.run.checkpoint_file, training=True, notes=self.notes)
        self.saved_at = time.perf_counter()
        self.took = self.saved_at - begun


def _flush(path: Path) -> None:
    if path.exists():
        descriptor = os.open(path, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def new(run: Run, config: Config, splits: Splits, network: Network, *, force: bool = False) -> Session:
    """Begin a run in its folder, which must be held."""
    folder.begin(run, config, force=force)
    return Session(run, config, splits, network)


def resumed(
    run: Run, *, epochs: int | None = None, force: bool = False, load: Callable[[Config], Splits] = build.data_of
) -> Session:
    """The run of a folder, which must be held, where it was interrupted.

    Parameters
    ----------
    run : Run
    epochs : int, optional
        Train to so many epochs in all.
    force : bool
        Go on even where the settings or the data have changed since.

    Raises
    ------
    ConfigError, DataError, ModelFileError
    """
    config = run.config() if epochs is None else run.config().with_epochs(epochs)
    splits = load(config)
    config = build.completed(config, splits)
    session = Session(run, config, splits, build.network_of(config, splits))
    if run.checkpoint_file.exists():
        network, notes = modelfile.load(run.checkpoint_file, Network, {})
        session = Session(run, config, splits, network)
        if not force:
            _refuse_changed(session, notes)
        if epochs is not None and epochs > network.state.epoch and network.history.stopped:
            network.history.stopped, network.state.stale = "", 0  # patience begins anew; the best stays the best
    _trim(session)
    if epochs is not None:
        folder.write_config(run, config)
    return session


def _trim(session: Session) -> None:
    """Drop the lines of the log that the checkpoint does not count: those epochs are trained again."""
    epoch, run = session.network.state.epoch, session.run
    kept = durable.truncate_lines(run.metrics_file, epoch)
    if kept < epoch:
        raise DataError(
            f"{run.metrics_file}: {kept} epochs are recorded, but the checkpoint has {epoch}; the log has been changed."
        )


def _refuse_changed(session: Session, notes: dict[str, Any]) -> None:
    run = session.run
    if notes.get("config") != session.config.fingerprint:
        raise ConfigError(
            f"{run.config_file} has been changed since its checkpoint was written: what follows would be no continuation.\n"
            "Undo the change, begin a new run with --config, or go on all the same with --force."
        )
    if notes.get("data") != session.notes["data"]:
        raise DataError(
            f"The data {session.config.source!r} has changed since the checkpoint was written (shape or sha256 differs).\n"
            "Restore it, begin a new run, or go on all the same with --force."
        )


__all__ = ["Keeper", "Session", "Watch", "new", "resumed"]
