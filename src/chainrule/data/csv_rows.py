"""Rows in memory, read like those of a CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from chainrule.data.source import shown
from chainrule.errors import DataError

if TYPE_CHECKING:
    from chainrule.data.csv_cells import Cells

Row: TypeAlias = Mapping[str, object] | Sequence[object]


@dataclass(frozen=True)
class _Rows:
    """Rows in memory, read like those of a file."""

    names: tuple[str, ...]
    rows: list[list[str]]

    def place(self, line: int, column: int) -> str:
        """Return ``row 3, column 'age'``."""
        return f"row {line}, column {shown(self.names[column])}"

    def chunks(self) -> Iterator[tuple[list[int], list[list[str]]]]:
        """Yield all rows."""
        if self.rows:
            yield list(range(1, len(self.rows) + 1)), self.rows


def rows_in_memory(rows: Sequence[Row], names: tuple[str, ...]) -> Cells:
    """Return rows given as mappings or sequences as a table of cells."""
    first = rows[0] if len(rows) else ()
    if isinstance(first, Mapping):
        names = tuple(str(name) for name in first)
    cells = [_cells(row, number, names) for number, row in enumerate(rows, 1)]
    return _Rows(names, cells)


def _cells(row: Any, number: int, names: tuple[str, ...]) -> list[str]:
    if isinstance(row, Mapping):
        if set(row) != set(names):
            raise DataError(
                f"Row {number} has the names {shown(list(row), 200)}, but the first has {shown(list(names), 200)}."
            )
        row = [row[name] for name in names]
    if isinstance(row, str | bytes) or not isinstance(row, Sequence | np.ndarray) or len(row) != len(names):
        raise DataError(f"Row {number} is not a row of {len(names)} values: {shown(row)}.")
    return ["" if value is None else str(value) for value in row]
