"""How file names and values that a stranger wrote are shown: escaped, and never longer than a line."""

from __future__ import annotations

import difflib
import os
import reprlib
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 40

_repr = reprlib.Repr()  # goes only a few levels deep: a hostile value may be nested as far as the stack reaches
_repr.maxlevel, _repr.maxstring, _repr.maxlong, _repr.maxother = 3, LONGEST, LONGEST, LONGEST


def named(path: str | os.PathLike[str]) -> str:
    """Put a path in quotes, with control characters and undecodable bytes escaped; a long one loses its beginning."""
    text = repr(os.fspath(path))
    return text if len(text) <= 300 else f"'...{text[-250:]}"


def quoted(value: object) -> str:
    """Write a value as Python would, cut at 40 characters."""
    text = _repr.repr(value)
    return text if len(text) <= LONGEST + 2 else f"{text[:LONGEST]}..."


def nearest(path: Path) -> str:
    """Say what stands in the folder of a file that is not there."""
    try:
        names = [entry.name for entry in islice(path.parent.iterdir(), 1000)]
    except (OSError, ValueError):
        return f"The folder {named(path.parent)} cannot be read either."
    close = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    if not close:
        return f"Nothing in {named(path.parent)} has a name like it."
    return f"The nearest names in {named(path.parent)} are {', '.join(map(repr, close))}."
