"""Looking a name up in a table, with the nearest names where it is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from chainrule.errors import ConfigError

Row = TypeVar("Row")


def nearest(table: Mapping[str, Row], name: object, kind: str) -> Row:
    """The row of this name, or a ConfigError that suggests the names most like it.

    >>> nearest({"adam": 1, "sgd": 2}, "adm", "optimizer")
    Traceback (most recent call last):
        ...
    chainrule.errors.ConfigError: there is no optimizer 'adm'. Did you mean 'adam'? There are: adam, sgd.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    import difflib

    close = difflib.get_close_matches(str(name), table, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ConfigError(f"there is no {kind} {str(name)[:40]!r}.{hint} There are: {', '.join(table)}.")
