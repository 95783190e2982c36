"""Looking a name up in a table, with the nearest names where it is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from chainrule.errors import ConfigError

Row = TypeVar("Row")
LONGEST = 40  # letters of a name in a message


def nearest(table: Mapping[str, Row], name: object, kind: str) -> Row:
    """The row of this name, or a ConfigError that suggests the name most like it.

    >>> nearest({"adam": 1, "sgd": 2}, "adm", "optimizer")
    Traceback (most recent call last):
        ...
    chainrule.errors.ConfigError: there is no optimizer 'adm'. Did you mean 'adam'? There are: adam, sgd.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    hint = similar(str(name), table, most=1)
    raise ConfigError(f"there is no {kind} {str(name)[:LONGEST]!r}.{hint} There are: {', '.join(table)}.")


def similar(name: str, known: Iterable[str], *, most: int = 3) -> str:
    """A sentence with the known names that are most like this one, or nothing.

    >>> similar("siz", ["size", "sizes", "colour"])
    " Did you mean 'size' or 'sizes'?"
    """
    import difflib

    close = difflib.get_close_matches(name, list(known), n=most)
    names = (repr(c if len(c) <= LONGEST else f"{c[:LONGEST]}...") for c in close)
    return f" Did you mean {' or '.join(names)}?" if close else ""
