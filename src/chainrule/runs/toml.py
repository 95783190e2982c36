"""TOML, as far as a config needs it: written in one way, read with limits."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chainrule.errors import ConfigError
from chainrule.io.words import named, nearest

LARGEST = 2**20  # bytes; a config has about a thousand


def dumps(table: Mapping[str, Any]) -> str:
    """A table as TOML: first its values, then its tables, each in the order given.

    >>> print(dumps({"seed": 1, "data": {"source": "mnist", "ignore": ["a", "b"], "noise": 0.1}}), end="")
    seed = 1
    <BLANKLINE>
    [data]
    source = "mnist"
    ignore = ["a", "b"]
    noise = 0.1
    """
    values = [f"{_key(k)} = {_value(v)}\n" for k, v in table.items() if not isinstance(v, Mapping)]
    tables = [f"\n[{_key(k)}]\n{_rows(v)}" for k, v in table.items() if isinstance(v, Mapping)]
    return "".join(values + tables)


def _rows(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(k)} = {_value(v)}\n" for k, v in table.items())


def _key(name: str) -> str:
    return name if name.replace("_", "a").isalnum() and name.isascii() else _value(name)


def _value(value: Any) -> str:
    """One value in one line; a table within is written inline."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case Mapping():
            return f"{{{', '.join(f'{_key(k)} = {_value(v)}' for k, v in value.items())}}}"
    raise ConfigError(f"{type(value).__name__} {str(value)[:40]!r} has no place in a config file.")


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The table that a TOML file holds.

    Raises
    ------
    ConfigError
        There is no such file, it is too large to be a config, or it is not TOML (with line and column).
    """
    import tomllib

    place = Path(path)
    try:
        if not place.is_file():
            what = "is not a file" if place.exists() else f"does not exist.\n{nearest(place)}"
            raise ConfigError(f"The config {named(place)} {what}")
        with place.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"The config {named(place)} cannot be read: {error}.") from None
    if len(raw) > LARGEST:
        raise ConfigError(f"The config {named(place)} has more than {LARGEST:,} bytes: that is no config.")
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"The config {named(place)} is not UTF-8 (byte {error.start}).") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The config {named(place)} is not TOML: {error}.") from None
    except RecursionError:
        raise ConfigError(f"The config {named(place)} is nested too deeply: a config has tables of values.") from None
