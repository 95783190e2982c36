"""How the columns of a table share a width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chainrule.document.blocks import Inline
from chainrule.document.characters import longest, width

GAP = 2  # columns of a terminal between two columns of a table
NARROW = 24  # a column is not kept wider than this for the sake of one long word


def shares(rows: Sequence[Sequence[str]], wide: int) -> list[int] | None:
    """How wide each column is: as its widest cell, or less where that is too much; None where they cannot fit.

    >>> shares([["layer", "what it says"], ["2", "a sentence of some length"]], 24)
    [5, 17]
    """
    columns = list(zip(*rows, strict=True))
    sizes = [max(map(width, column)) for column in columns]
    least = [max(min(longest(cell), NARROW) for cell in column) for column in columns]
    room = wide - GAP * (len(columns) - 1)
    if sum(least) > room:
        return None
    while sum(sizes) > room:
        slack = [size - small for size, small in zip(sizes, least, strict=True)]
        widest = max(range(len(sizes)), key=lambda k: (slack[k] > 0, sizes[k]))
        sizes[widest] -= 1
    return sizes


def plain(parts: Iterable[Inline]) -> str:
    """Prose without its marks."""
    return "".join(part if isinstance(part, str) else part.text for part in parts)
