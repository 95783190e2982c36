"""A run's folder as a case: its settings, its data parted as in training, its history, its network; now, or at a step."""

from __future__ import annotations

import math
import os
import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule import checks
from chainrule.data import Splits
from chainrule.diagnosing.case import Case
from chainrule.errors import ChainruleWarning, DivergenceError
from chainrule.network import Network
from chainrule.runs import build, folder
from chainrule.runs.config import Config
from chainrule.runs.model import load_model
from chainrule.runs.recorded import RecordedRun
from chainrule.train.history import Epoch
from chainrule.train.training import held_out


class _Enough(Exception):  # noqa: N818  it is no error
    """One step has been done."""


def opened(place: str | os.PathLike[str]) -> Case:
    """The case of a run, finished or not.

    Raises
    ------
    ConfigError, DataError, ModelFileError
    """
    run = folder.find(place)
    config = run.config()
    splits = build.data_of(config)
    case = _case(run, config, splits, load_model(run.folder).network)
    if run.finished():
        return case
    return replace(case, diverged=next_step(config, splits, load_model(run.folder).network))


def recorded(recording: RecordedRun, step: int) -> Case:
    """The case of a recorded run as it was after a step: what came later is not known yet.

    Raises
    ------
    DataError
        The step is not in the recording, or the data has changed.
    """
    network, run = recording.at(step), recording.run
    case = _case(run, recording.config, recording.splits, network, network.state.epoch)
    return replace(case, under_way=step < recording.recording.last or not run.finished())


def _case(run: folder.Run, config: Config, splits: Splits, network: Network, epochs: float = math.inf) -> Case:
    """A network of a run, with what is known of its first epochs."""
    x, y, validation = parts(config, splits, network)
    network.classify = splits.train.classes is not None
    history = [found for record in run.metrics() if (found := epoch(record)).epoch <= epochs]
    first = build.network_of(build.completed(config, splits), splits)
    return Case(network, x, y, history, build.settings_of(config.training), validation, first=first)


def epoch(record: dict[str, Any]) -> Epoch:
    """An epoch of the log; a number that JSON has no word for is NaN again."""

    def numbers(values: dict[str, Any] | None) -> dict[str, float]:
        return {k: math.nan if v is None else float(v) for k, v in (values or {}).items()}

    cost, eta = (math.nan if record.get(name) is None else float(record[name]) for name in ("cost", "eta"))
    return Epoch(
        int(record["epoch"]), cost, numbers(record.get("metrics")), numbers(record.get("training_metrics")),
        0.0 if math.isnan(eta) else eta, float(record.get("seconds") or 0.0), int(record.get("examples") or 0),
    )  # fmt: skip


def parts(config: Config, splits: Splits, network: Network) -> tuple[np.ndarray, np.ndarray, Any]:
    """What the run trains on, and what it is watched on, as training has parted them."""
    x, y = splits.train.x, splits.train.y
    share = build.validation_of(config, splits)
    if not isinstance(share, float | int):
        return x, y, share
    rows, _ = checks.targets(y, len(y), network.architecture)
    held = held_out(rows, share, network.seed, by_class=splits.train.classes is not None)
    return x[~held], y[~held], (x[held], y[held])


def next_step(config: Config, splits: Splits, network: Network) -> DivergenceError | None:
    """What the next step of an unfinished training comes to: the error, where it diverges."""

    def enough(*_: object) -> None:
        raise _Enough

    if network.state.epoch >= int(config.training["epochs"]) or config.training["optimizer"] == "lbfgs":
        return None
    how = build.settings_of(config.training).__dict__ | {"epochs": 1}
    how["schedule_epochs"] = how["schedule_epochs"] or config.training["epochs"]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ChainruleWarning)
            network.fit(
                splits.train.x, splits.train.y, validation=build.validation_of(config, splits), progress=enough,
                class_weight=config.training.get("class_weight"), callbacks=[lambda record: True], **how,
            )  # fmt: skip
    except DivergenceError as error:
        return error
    except _Enough:
        pass
    return None
