"""Kinds of settings: how each is read from the text of a flag, and which values of a config file are of it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chainrule.errors import ConfigError

WHOLE = re.compile(r"[+-]?\d{1,18}")


@dataclass(frozen=True)
class Kind:
    """One kind of setting.

    Parameters
    ----------
    words : str
        What a value is called in messages: "a whole number".
    hint : str
        What stands for it in the help: "N".
    parse : callable
        From a text to the value; ValueError where the text is not of this kind.
    fits : callable
        Whether a value of a config file is of this kind.
    """

    words: str
    hint: str
    parse: Callable[[str], Any]
    fits: Callable[[Any], bool]

    def checked(self, value: Any, where: str) -> Any:
        """The value of this kind, whether given as text or as data.

        Raises
        ------
        ConfigError
            It is not of this kind.
        """
        if self.fits(value):
            return value
        try:
            if isinstance(value, str):
                return self.parse(value)
        except ValueError:
            pass
        raise ConfigError(f"{where} = {_short(value)}: it must be {self.words}.")


def _short(value: object) -> str:
    return repr(value) if len(repr(value)) <= 40 else f"{repr(value)[:40]}..."


def _whole(text: str) -> int:
    plain = text.strip().replace("_", "")
    if not WHOLE.fullmatch(plain):
        raise ValueError(text)
    return int(plain)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _share(text: str) -> int | float:
    """A number of examples where there is no point in it, otherwise a share."""
    return _whole(text) if WHOLE.fullmatch(text.strip()) else _number(text)


def _wholes(text: str) -> list[int]:
    """``128,64``; ``none`` for an empty list."""
    return [] if text.strip() in {"", "none"} else [_whole(part) for part in text.split(",")]


def _names(text: str) -> str | list[str]:
    """``relu``, or ``tanh,relu`` as a list."""
    return [part.strip() for part in text.split(",")] if "," in text else text


def _truth(text: str) -> bool:
    if text.lower() not in {"true", "yes", "1", "false", "no", "0"}:
        raise ValueError(text)
    return text.lower() in {"true", "yes", "1"}


def _named(text: str) -> str | dict[str, Any]:
    """``cosine``, or ``cosine:warmup=1,floor=0.01`` as a table of its settings."""
    name, _, rest = text.partition(":")
    if not rest:
        return name
    return {"name": name} | {key.strip(): _share(value) for key, value in _pairs(rest, "=")}


def _strengths(text: str) -> dict[str, float]:
    """``alpha=30,sigma=5`` as a table."""
    return {key.strip(): _number(value) for key, value in _pairs(text, "=")}


def _rates(text: str) -> float | dict[str, float]:
    """``0.5``, or ``2:0.5,3:0.2``: a number for each layer."""
    return {layer.strip(): _number(value) for layer, value in _pairs(text, ":")} if ":" in text else _number(text)


def _pairs(text: str, mark: str) -> list[tuple[str, str]]:
    found = [part.partition(mark) for part in text.split(",")]
    if not all(between for _, between, _ in found):
        raise ValueError(text)
    return [(key, value) for key, _, value in found]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_named(value: Any) -> bool:
    if isinstance(value, dict):
        return _is_text(value.get("name")) and all(_is_text(v) or _is_number(v) for v in value.values())
    return _is_text(value) and ":" not in value


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _table_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


KINDS: dict[str, Kind] = {
    "text": Kind("a text", "TEXT", str, _is_text),
    "texts": Kind("a text or a list of texts", "NAMES", str, lambda v: _is_text(v) or _list_of(_is_text)(v)),
    "layers": Kind(
        "a name, or one for each hidden layer, such as tanh,relu", "NAME,NAME", _names,
        lambda v: "," not in v if _is_text(v) else v != [] and _list_of(_is_text)(v),
    ),
    "truth": Kind("true or false", "", _truth, lambda v: isinstance(v, bool)),
    "whole": Kind("a whole number", "N", _whole, _is_whole),
    "wholes": Kind("whole numbers with commas, such as 128,64", "N,N", _wholes, _list_of(_is_whole)),
    "number": Kind("a finite number", "X", _number, _is_number),
    "share": Kind("a share such as 0.1, or a number of examples", "SHARE|N", _share, _is_number),
    "named": Kind("a name, or a name with settings, such as cosine:warmup=1", "NAME", _named, _is_named),
    "strengths": Kind(
        "strengths by name, such as alpha=30,sigma=5,rotate=12", "NAME=X,...", _strengths,
        lambda v: isinstance(v, dict) and all(_is_number(x) or _list_of(_is_whole)(x) for x in v.values()),
    ),
    "rates": Kind(
        "a number, or one for each layer, such as 2:0.5,3:0.2", "P", _rates,
        lambda v: _is_number(v) or _table_of(_is_number)(v),
    ),
}  # fmt: skip
