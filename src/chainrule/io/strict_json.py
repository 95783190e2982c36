"""JSON with one spelling: no duplicate keys, no NaN or Infinity, no bottomless nesting; written with sorted keys."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from chainrule.io.words import quoted

LONGEST_INTEGER = 40  # digits; 2**64 has 20


def dumps(value: object, *, sort_keys: bool = True) -> str:
    """Return the canonical text of a value; ``ValueError`` or ``TypeError`` where JSON has none for it."""
    try:
        return json.dumps(value, sort_keys=sort_keys, separators=(",", ":"), allow_nan=False)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def finite(value: Any) -> Any:
    """Plain data, at any depth, with null in the place of each number that JSON does not have.

    >>> finite({"cost": [0.5, float("nan")]})
    {'cost': [0.5, None]}
    """
    if isinstance(value, Mapping):
        return {key: finite(x) for key, x in value.items()}
    if isinstance(value, list | tuple):
        return [finite(x) for x in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def loads(raw: bytes | str) -> object:
    """Return the value of a JSON text; for anything doubtful ``ValueError``, in words that continue "the text ..."."""
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8")
        return json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON at character {error.pos}: {error.msg}") from error
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"has the key {quoted(key)} twice")
        found[key] = value
    return found


def _constant(word: str) -> object:
    raise ValueError(f"holds {word}, which is not a JSON number")


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"holds {quoted(digits)}, which is too large for a float64")
    return value


def _int(digits: str) -> int:
    if len(digits) > LONGEST_INTEGER:
        raise ValueError(f"holds a whole number of {len(digits)} digits (at most {LONGEST_INTEGER} are read)")
    return int(digits)
