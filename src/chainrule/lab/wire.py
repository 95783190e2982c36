"""What a page may ask of a training: a closed table. Names and numbers within bounds; no code, no paths, no expressions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chainrule.io import strict_json

LONGEST = 65_536  # bytes of a message
MOST_STEPS = 1_000_000
UNITS = ("example", "batch", "epoch")
FASTEST = 60  # frames a second


class Refused(ValueError):  # noqa: N818  an answer to whoever sent the message
    """A message that is not of this protocol; the text says why, ``number`` which one where that is known."""

    def __init__(self, why: str, number: int | None = None) -> None:
        super().__init__(why)
        self.number = number


@dataclass(frozen=True)
class Field:
    """One value of a command: what it must be, in words, and whether it is that; and whether it may be left out."""

    words: str
    fits: Callable[[Any], bool]
    optional: bool = False


def is_whole(value: Any, low: int, high: int) -> bool:
    """Whether it is a whole number in bounds."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_number(value: Any, low: float, high: float) -> bool:
    """Whether it is a finite number in bounds."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and low <= value <= high


RATE = Field("a number above 0, at most 1e6", lambda v: is_number(v, 1e-12, 1e6), optional=True)
SPEED = Field("steps a second, 0.1 to 1e6, or null", lambda v: v is None or is_number(v, 0.1, 1e6), optional=True)
STOP_COST = Field("a number, or null", lambda v: v is None or is_number(v, -1e12, 1e12), optional=True)
STOP_EPOCH = Field("an epoch, from 1 on, or null", lambda v: v is None or is_whole(v, 1, 2**31), optional=True)
SEED = Field("a whole number from 0 to 2^63 - 1", lambda v: is_whole(v, 0, 2**63 - 1), optional=True)

COMMANDS: dict[str, dict[str, Field]] = {
    "run": {},
    "pause": {},
    "step": {
        "unit": Field(f"one of {', '.join(UNITS)}", lambda v: v in UNITS, optional=True),
        "count": Field(f"a whole number from 1 to {MOST_STEPS:,}", lambda v: is_whole(v, 1, MOST_STEPS), optional=True),
    },
    "set": {"learning_rate": RATE, "speed": SPEED, "stop_cost": STOP_COST, "stop_epoch": STOP_EPOCH},
    "reset": {"seed": SEED},
    "branch": {
        "at": Field("a step of this run", lambda v: is_whole(v, 0, 2**53)),
        "settings": Field("a table of settings of training", lambda v: isinstance(v, dict), optional=True),
    },
    "view": {"fps": Field(f"frames a second, 0 to {FASTEST}", lambda v: is_number(v, 0, FASTEST))},
    "ack": {},
}
UNANSWERED = ("ack",)  # the only commands that may come without a number


@dataclass(frozen=True)
class Command:
    """A command that is of this protocol; ``number`` is what the page calls it."""

    name: str
    values: Mapping[str, Any]
    number: int | None


def command(text: str | bytes) -> Command:
    """The command that a message is.

    Raises
    ------
    Refused
        It is none, with the broken rule in words.

    Examples
    --------
    >>> command('{"id": 7, "command": "step", "unit": "epoch"}')
    Command(name='step', values={'unit': 'epoch'}, number=7)
    """
    said = _object(text)
    number = said.pop("id", None)
    if number is not None and not is_whole(number, 0, 2**53):
        raise Refused("id must be a whole number from 0 to 2^53.")
    name = said.pop("command", None)
    if not isinstance(name, str) or name not in COMMANDS:
        raise Refused(f"command = {str(name)[:40]!r}: there are {', '.join(COMMANDS)}.", number)
    if number is None and name not in UNANSWERED:
        raise Refused(f"{name} needs an id, so that it can be answered.")
    fields = COMMANDS[name]
    if unknown := [key for key in said if key not in fields]:
        raise Refused(f"{name} has no {unknown[0][:40]!r}; it has {', '.join(fields) or 'nothing'}.", number)
    for key, field in fields.items():
        if key not in said and not field.optional:
            raise Refused(f"{name} needs {key}: {field.words}.", number)
        if key in said and not field.fits(said[key]):
            raise Refused(f"{name}: {key} = {str(said[key])[:40]!r}: it must be {field.words}.", number)
    return Command(name, said, number)


def _object(text: str | bytes) -> dict[str, Any]:
    """The JSON object that a message holds."""
    if len(text) > LONGEST or (isinstance(text, str) and len(text.encode("utf-8", "replace")) > LONGEST):
        raise Refused(f"a message has at most {LONGEST:,} bytes.")
    try:
        said = strict_json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"the message is not JSON: it {str(error)[:200]}") from None
    if not isinstance(said, dict):
        raise Refused("a message is one JSON object.")
    return said
