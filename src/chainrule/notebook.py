"""Small tables for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def table(caption: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table in HTML; whatever stands in it is escaped.

    >>> table("a < b", ["n"], [[1]])
    '<table><caption>a &lt; b</caption><tr><th>n</th></tr><tr><td>1</td></tr></table>'
    """
    body = "".join(_row(row, "td") for row in rows)
    return f"<table><caption>{escape(caption)}</caption>{_row(head, 'th')}{body}</table>"


def _row(cells: Sequence[object], kind: str) -> str:
    return f"<tr>{''.join(f'<{kind}>{escape(_cell(cell))}</{kind}>' for cell in cells)}</tr>"


def _cell(x: object) -> str:
    return f"{x:.4g}" if isinstance(x, float) else str(x)
