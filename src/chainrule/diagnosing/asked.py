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
    given: Any, x: Any, y: Any, history: Iterable[Any] | None, validation: Any, how: Mapping[str, Any]
) -> tuple[str, Case]:
    """The name of what is diagnosed, "" for a network, and the case.

    Raises
    ------
    ConfigError, ShapeError, DataError, ModelFileError
    """
    if isinstance(given, str | os.PathLike):
        if x is not None or y is not None or history is not None or validation is not None or how:
            raise ConfigError(
                f"{given} is a run, which names its data and its settings itself. Give the run alone; or load its network "
                "with Network.load, and give that with x and y."
            )
        from chainrule.diagnosing.opened import opened

        return str(Path(given)), opened(given)
    if not isinstance(given, Network):
        raise ConfigError(f"{str(given)[:40]!r} is a {type(given).__name__}: give a Network, or the folder of a run.")
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


def _epoch(record: Any) -> Epoch:
    """One line of a history."""
    if isinstance(record, Epoch):
        return record
    if isinstance(record, Mapping) and "epoch" in record:
        from chainrule.diagnosing.opened import epoch

        return epoch(dict(record))
    raise ConfigError(f"history has {str(record)[:60]}: give a History, or records with epoch, cost, metrics.")
