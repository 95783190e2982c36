"""A run as it was recorded: any step of it once more, and other ways to go on from there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from chainrule.data import Splits
from chainrule.errors import ConfigError, DataError
from chainrule.io import durable, strict_json
from chainrule.io.words import named
from chainrule.network import Network
from chainrule.record import Recording
from chainrule.record.replay import next_batch, next_measures, replayed
from chainrule.runs import build, folder
from chainrule.runs.config import Config, gathered
from chainrule.runs.folder import RECORDING
from chainrule.runs.session import Session
from chainrule.train.loop import Loop


class RecordedRun:
    """A run's folder with its recording and its data: any step of it once more, and other ways to go on from there.

    Parameters
    ----------
    path : path
        Of the folder.

    Raises
    ------
    ConfigError, DataError
        There is no run, or it was not recorded.

    Examples
    --------
    >>> import tempfile
    >>> from chainrule.runs import build, folder, session
    >>> from chainrule.runs.config import config
    >>> settings = config({"seed": 1, "data": {"source": "moons"}, "training": {"epochs": 2}})
    >>> splits = build.data_of(settings)
    >>> settings = build.completed(settings, splits)
    >>> with tempfile.TemporaryDirectory() as place, folder.held(place):
    ...     run = session.new(folder.Run(Path(place)), settings, splits, build.network_of(settings, splits))
    ...     net = run.train()
    ...     with RecordedRun(place) as recorded:
    ...         early, x, y = recorded.at(5), recorded.splits.train.x, recorded.splits.train.y
    >>> pass_ = early.backprop(x[0], [1, 0])
    >>> early.state.updates, pass_.delta[3].shape
    (5, (2, 1))
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.run = folder.find(path)
        if not self.run.recording_file.is_file():
            raise DataError(
                f"{named(self.run.folder)} has no recording: it was trained with --no-record, or {RECORDING} has been "
                "deleted or moved.\nRestore that file, or train again: chainrule train --config "
                f"{self.run.config_file}"
            )
        self.recording = Recording(self.run.recording_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.recording.close()

    @cached_property
    def config(self) -> Config:
        """The settings as used."""
        return self.run.config()

    @cached_property
    def splits(self) -> Splits:
        """Its data, which must be what it was recorded with.

        Raises
        ------
        DataError
        """
        splits = build.data_of(self.config)
        if build.fingerprint(splits) != self.recording.facts.get("data"):
            raise DataError(
                f"The data {self.config.source!r} has changed since {named(self.run.folder)} was recorded (shape or sha256 "
                "differs): its steps cannot be done again. Restore it."
            )
        return splits

    def at(self, step: int) -> Network:
        """The network after a step, bit for bit, with what its optimizer remembers.

        All that a network can do, it does; ``run.at(120).backprop(x, y)`` is the whole pass of an example at that step.

        Parameters
        ----------
        step : int
            Counted from the first update; step 0 is the untrained network.

        Raises
        ------
        DataError
            The step is not in the recording, or the data has changed.
        """
        return self._network(self._replayed(step))

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """The mini-batch of the step that comes after this one: inputs and targets, as they are learned from.

        Parameters
        ----------
        step : int

        Raises
        ------
        DataError
            The step is not in the recording, or the data has changed.
        """
        return next_batch(self._replayed(step))

    def measures(self, step: int) -> dict[str, dict[int, float]]:
        """What a step is measured by, also where the recording has not measured it: figures by name, and by layer.

        ``gradient`` and ``bias_gradient`` (the lengths of the mean gradients), ``weight`` (that of the weights before the
        step), ``update`` (how far it moved them), ``saturated`` (the share of slopes under 0.05; NaN for softmax).

        Parameters
        ----------
        step : int
            From 1.

        Raises
        ------
        DataError
            The step is not in the recording, or the data has changed.
        """
        return next_measures(self._replayed(step - 1))

    def _replayed(self, step: int) -> Loop:
        train = self.splits.train
        return replayed(
            self.recording, step, train.x, train.y, validation=build.validation_of(self.config, self.splits),
            class_weight=self.config.training.get("class_weight"),
        )  # fmt: skip

    def branch(self, step: int, *, to: str | os.PathLike[str] | None = None, **changes: Any) -> RecordedRun:
        """Go on from a step with other settings of training, as a run of its own, which remembers where it came from.

        Parameters
        ----------
        step : int
        to : path, optional
            The new run's folder; else the next one beside this run's.
        **changes
            Settings of training, such as ``learning_rate=0.1, epochs=30``; the rest stays.

        Returns
        -------
        RecordedRun
            The new run, trained to its end and open.

        Raises
        ------
        ConfigError, DataError
            A setting is not good, the step is not in the recording, or no epoch would be left to train: nothing was made.
        ResourceError
            The folder cannot be made.
        """
        if changes.get("optimizer") == "lbfgs":
            raise ConfigError(
                "optimizer = 'lbfgs' has no mini-batches, so there would be nothing to look at in its recording."
            )
        place = folder.beside(self.run.folder) if to is None else Path(to)
        with folder.taken(place) as run:
            self.branched(step, run.folder, changes).train()
        return RecordedRun(place)

    def branched(self, step: int, place: str | os.PathLike[str], changes: Mapping[str, Any]) -> Session:
        """As `branch`, in a folder that is held (:func:`chainrule.runs.folder.held`), and not trained yet."""
        loop, changed = self._replayed(step), gathered(None, self.config.as_dict(), {"training": dict(changes)})
        config = build.completed(changed, self.splits)
        ends = loop.state.step == loop.stepper.steps_in_epoch  # a key frame is from before its epoch has ended
        refuse_finished(step, loop.state.epoch + ends, int(config.training["epochs"]))
        run = folder.Run(Path(place))
        net = self._network(loop)
        if "learning_rate" in changes:
            net.state.learning_rate = net.state.in_place_of = None
        parent = {"run": os.path.relpath(self.run.folder, run.folder.parent), "step": step}
        config = replace(config, parent=parent)
        folder.begin(run, config, force=False)
        for line in self.run.metrics()[: net.state.epoch]:
            durable.append_line(run.metrics_file, strict_json.dumps(line))
        return Session(run, config, self.splits, net)

    def _network(self, loop: Loop) -> Network:
        """The network of a training that was done again."""
        net = build.network_of(self.config, self.splits)
        net.parameters, net.state, net.fixed = loop.stepper.parameters, loop.state, loop.stepper.fixed
        return net


def refuse_finished(step: int, done: int, epochs: int) -> None:
    """Refuse a branch that would train nothing.

    Raises
    ------
    ConfigError
        As many epochs are done after the step as it is to have.
    """
    if done >= epochs:
        raise ConfigError(
            f"epochs = {epochs:,}, but after step {step:,} there are {done:,} done: nothing is left to train.\n"
            f"Say how many the branch is to have in all, such as {2 * done:,}; or branch off from an earlier step."
        )
