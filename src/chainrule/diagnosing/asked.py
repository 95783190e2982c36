"""From what a user gives to a case."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from chainrule.diagnosing.case import Case
from chainrule.errors import ConfigError, ShapeError
from chainrule.network import Network
from chainrule.train.history import Epoch
from chainrule.train.settings import settings


def case_of(
    given: Any, x: Any, y: Any, history: Iterable[Any] | None, validation: Any, step: Any, how: Mapping[str, Any]
) -> tuple[str, Case]:
    """The name of what is diagnosed, "" for a network, and the case.

    Raises
    ------
    ConfigError, ShapeError, DataError, ModelFileError
    """
    if not isinstance(given, Network):
        if x is not None or y is not None or history is not None or validation is not None or how:
            raise ConfigError(
                f"{str(given)[:80]} is a run, which names its data and its settings itself. Give the run alone; or load "
                "its network with Network.load, and give that with x and y."
            )
        return _of_run(given, step)
    if step is not None:
        raise ConfigError(f"step = {step!r}: a step is one of a recorded run. Give the folder of the run, not a network.")
    if (x is None) != (y is None):
        raise ConfigError(f"x and y belong together: {'y' if y is None else 'x'} is missing. Give both, or neither.")
    if x is not None and len(x) != len(y):
        raise ShapeError(f"x has {len(x):,} examples, but y has {len(y):,}: each example needs its target.")
    if x is not None and not len(x):
        raise ShapeError("x has 0 examples: there is nothing to look at. Give some, or leave x and y out.")
    if validation is not None and not (isinstance(validation, tuple | list) and len(validation) == 2):
        raise ConfigError(f"validation = {str(validation)[:40]}: give a pair (x, y).")
    epochs = [_epoch(record) for record in (given.history if history is None else history)]
    return "", Case(given, x, y, epochs, settings(**how) if how else None, tuple(validation) if validation else None)


def _of_run(given: Any, step: Any) -> tuple[str, Case]:
    """The name and the case of a run: of its folder, or of its recording."""
    from chainrule.diagnosing.opened import opened, recorded
    from chainrule.runs.recorded import RecordedRun

    recording = given if isinstance(given, RecordedRun) else None
    if recording is None and not isinstance(given, str | os.PathLike):
        raise ConfigError(f"{str(given)[:40]!r} is a {type(given).__name__}: give a Network, or the folder of a run.")
    if step is None and recording is None:
        return str(Path(given)), opened(given)
    if isinstance(step, bool) or not isinstance(step, int | None):
        raise ConfigError(f"step = {str(step)[:40]!r}: it is a whole number, counted from the first update.")
    if recording is None:
        with RecordedRun(given) as recording:
            return _of_run(recording, step)
    step = recording.recording.last if step is None else step
    return f"{recording.run.folder} at step {step:,}", recorded(recording, step)


def _epoch(record: Any) -> Epoch:
    """One line of a history."""
    if isinstance(record, Epoch):
        return record
    if isinstance(record, Mapping) and "epoch" in record:
        from chainrule.diagnosing.opened import epoch

        return epoch(dict(record))
    raise ConfigError(f"history has {str(record)[:60]}: give a History, or records with epoch, cost, metrics.")
