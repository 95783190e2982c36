"""Whether a recording that is there is one of the training that is about to go on in it: nothing else is written over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chainrule.errors import DataError
from chainrule.io import strict_json
from chainrule.io.words import named

LONGEST = 60  # letters of a value
DECISIVE = ("seed", "examples", "batch_size", "frozen")
FREE = {  # settings that may change on the way
    "epochs", "schedule_epochs", "learning_rate", "batch_size", "early_stopping", "monitor", "training_metrics",
}  # fmt: skip


def refuse_another(path: Path, had: Mapping[str, Any], last: int, now: Mapping[str, Any], step: int) -> None:
    """Refuse to write over what another training has recorded.

    Parameters
    ----------
    path : Path
    had : mapping
        The facts of the recording; none of a new one.
    last : int
        Its last step.
    now : mapping
        The facts of the training, as far as they are known.
    step : int
        At which it goes on.

    Raises
    ------
    DataError
    """
    what = "Nothing was changed. Give another name, or delete that file if it is not needed any more."
    if found := list(differences(had, strict_json.loads(strict_json.dumps(now)))):
        raise DataError(f"{named(path)} holds another training, of {last:,} steps: {'; '.join(found[:4])}.\n{what}")
    if had and step == 0 < last:
        raise DataError(
            f"{named(path)} holds a training of {last:,} steps, and this one begins at step 0, with a network that has not "
            f"been trained: it would be written over.\n{what}"
        )


def differences(had: Mapping[str, Any], now: Any) -> Iterator[str]:
    """What is not the same, with both values."""
    here, there = _decisive(now), _decisive(had)
    for name in here:
        if name in there and here[name] != there[name]:
            yield f"{name} = {_short(there[name])} there, {_short(here[name])} here"


def _short(value: Any) -> str:
    """A value in words; an optimizer or a schedule as on the command line, ``momentum:mu=0.9``."""
    if isinstance(value, Mapping) and "name" in value:
        rest = ",".join(f"{name}={of}" for name, of in value.items() if name != "name")
        value = f"{value['name']}:{rest}" if rest else value["name"]
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _decisive(facts: Mapping[str, Any]) -> dict[str, Any]:
    """All that decides the steps of a training, by name."""
    settings = {name: value for name, value in facts.get("settings", {}).items() if name not in FREE}
    return {**facts.get("network", {}), **{name: facts[name] for name in DECISIVE if name in facts}, **settings}
