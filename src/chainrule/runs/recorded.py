"""A run as it was recorded: any step of it once more, and other ways to go on from there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from chainrule.data import Splits
from chainrule.errors import DataError
from chainrule.io import durable, strict_json
from chainrule.io.words import named
from chainrule.network import Network
from chainrule.record import Recording
from chainrule.record.replay import next_batch, replayed
from chainrule.runs import build, folder
from chainrule.runs.config import Config, gathered
from chainrule.runs.session import Session
from chainrule.train.loop import Loop


class RecordedRun:
    """A run's folder with its recording and its data.

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
    ...         middle = recorded.at(recorded.recording.last // 2)
    >>> middle.state.updates < net.state.updates
    True
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.run = folder.find(path)
        if not self.run.recording_file.is_file():
            raise DataError(f"{named(self.run.folder)} has no recording: it was trained with --no-record.")
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

        Parameters
        ----------
        step : int
            Counted from the first update; step 0 is the untrained network.

        Raises
        ------
        DataError
            The step is not in the recording, or the data has changed.
        """
        loop, config, splits = self._replayed(step), self.config, self.splits
        net = build.network_of(config, splits)
        net.parameters, net.state, net.fixed = loop.stepper.parameters, loop.state, loop.stepper.fixed
        return net

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

    def _replayed(self, step: int) -> Loop:
        train = self.splits.train
        return replayed(
            self.recording, step, train.x, train.y, validation=build.validation_of(self.config, self.splits),
            class_weight=self.config.training.get("class_weight"),
        )  # fmt: skip

    def branch(self, step: int, place: str | os.PathLike[str], changes: Mapping[str, Any]) -> Session:
        """A new run that goes on from a step with other settings of training, and remembers where it came from.

        Parameters
        ----------
        step : int
        place : path
            The new run's folder, which must be held (:func:`chainrule.runs.folder.held`).
        changes : mapping
            Settings of training, such as ``{"learning_rate": 0.1, "epochs": 30}``; the rest stays.

        Raises
        ------
        ConfigError, DataError
        """
        net = self.at(step)
        if "learning_rate" in changes:
            net.state.learning_rate = net.state.in_place_of = None
        changed = gathered(None, self.config.as_dict(), {"training": dict(changes)})
        config = build.completed(changed, self.splits)
        run = folder.Run(Path(place))
        folder.begin(run, config, force=False)
        for line in self.run.metrics()[: net.state.epoch]:
            durable.append_line(run.metrics_file, strict_json.dumps(line))
        parent = {"run": os.path.relpath(self.run.folder, run.folder.parent), "step": step}
        return Session(run, config, self.splits, net, parent)
