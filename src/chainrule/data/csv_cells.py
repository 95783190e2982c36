"""From cells to numbers and categories: what is a number, what a column holds, reading whole columns.

A file is read twice: once to learn what each column holds, once to convert it, so that no more than a few thousand
cells are ever held as text.
"""

from __future__ import annotations

import math
import re
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from chainrule.data.labels import unseen
from chainrule.data.source import shown
from chainrule.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FEW = 20  # at most so many different whole numbers in the target are classes
_PLAIN = re.compile(r"[0-9eE+\-. \n]*")  # of these letters, float() makes decimal numbers only
_REFUSED = (
    (r"[+-]?(inf|infinity|nan)", "is not a finite number"),
    (r"[+-]?\d+(_\d+)+(\.\d*)?", "has underscores; write the digits only"),
    (r"[+-]?0[xXoObB][0-9a-fA-F]+", "is not a decimal number; write it with the digits 0 to 9"),
    (r"[+-]?\d*(,\d+)+(\.\d*)?([eE][+-]?\d+)?", "has a comma; write 1000 for 1,000 and 1.5 for 1,5"),
    (r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?", "has points between thousands; write the digits only, and a decimal point"),
)
_MISSING = frozenset({"na", "n/a", "#n/a", "null", "none", "?", "-", "--", "missing"})
_REFUSED_PATTERNS = tuple((re.compile(pattern, re.ASCII | re.IGNORECASE), reason) for pattern, reason in _REFUSED)


class Cells(Protocol):
    """Anything that gives rows of cells: a CSV file, or rows in memory."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        ...

    def place(self, line: int, column: int) -> str:
        """Return where a cell stands, for messages."""
        ...

    def chunks(self) -> Iterator[tuple[list[int], list[list[str]]]]:
        """Yield line numbers and rows, many at a time."""
        ...


def number(text: str) -> float | str:
    """Return the number that a cell holds, or the words that say why it is none."""
    if _PLAIN.fullmatch(text):
        try:
            value = float(text)
        except ValueError:
            pass
        else:
            return value if math.isfinite(value) else "is beyond the largest number (1.8e308)"
    for pattern, reason in _REFUSED_PATTERNS:
        if pattern.fullmatch(text):
            return reason
    if text.lower() in _MISSING:
        return 'stands for a missing value; leave the cell empty and pass missing="mean" (--missing mean)'
    return "is not a number"


def whole(text: str) -> str | None:
    """Return a whole number as its digits, exactly, however it was written (2.0 is "2"); None if it is none."""
    value = number(text)
    if isinstance(value, str):
        return None
    if re.fullmatch(r"[+-]?\d+", text):
        return str(int(text))
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else None


@dataclass
class Profile:
    """What one column was seen to hold."""

    numbers: int = 0
    texts: int = 0
    empty: int = 0
    values: set[str] = field(default_factory=set)  # complete while there are at most FEW

    @property
    def numeric(self) -> bool:
        """Whether more than half of its cells are numbers (so that the others are mistakes)."""
        return self.numbers > self.texts

    def see(self, cells: Sequence[str]) -> None:
        """Count what some cells hold."""
        if len(self.values) <= FEW:
            self.values.update(cells)
        if _floats(cells) is not None:
            self.numbers += len(cells)
            return
        for text in cells:
            kind = number(text) if text else None
            if kind is None:
                self.empty += 1
            elif isinstance(kind, float) or kind in _LIKE_A_NUMBER:
                self.numbers += 1
            else:
                self.texts += 1


_LIKE_A_NUMBER = frozenset(reason for _, reason in _REFUSED) | {"is beyond the largest number (1.8e308)"}


def profiles(cells: Cells) -> tuple[list[Profile], int]:
    """Read all rows to see what each column holds; return that and the number of rows."""
    found, rows = [Profile() for _ in cells.names], 0
    for _, chunk in cells.chunks():
        rows += len(chunk)
        for profile, column in zip(found, zip(*chunk, strict=True), strict=True):
            profile.see([cell.strip() for cell in column])
    return found, rows


@dataclass
class Reader:
    """How one column is converted.

    ``kind`` is "number" (float64, NaN where empty), "category" (a code for each text, -1 where empty) or "integer"
    (like a category, but 1, 1.0 and 01 are the same). With ``known``, other texts are refused; otherwise at most
    ``limit`` of them are collected.
    """

    column: int
    kind: str
    known: tuple[str, ...] | None = None
    empty: bool = False  # may cells be empty?
    what: str = "category"
    limit: int = 1_000
    codes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.codes = {text: code for code, text in enumerate(self.known or ())}

    def convert(self, cells: list[str], lines: list[int], table: Cells) -> np.ndarray:
        """Convert some cells of the column."""
        if self.kind == "number":
            fast = _floats(cells)
            values = fast if fast is not None else [self._number(c, n, table) for c, n in zip(cells, lines, strict=True)]
            return np.array(values, np.float64)
        return np.array([self._code(c, n, table) for c, n in zip(cells, lines, strict=True)], np.int64)

    def _number(self, text: str, line: int, table: Cells) -> float:
        if not text:
            return self._empty(math.nan, line, table)
        value = number(text)
        if isinstance(value, str):
            raise DataError(f"{table.place(line, self.column)}: {shown(text)} {value}.")
        return value

    def _code(self, text: str, line: int, table: Cells) -> int:
        if not text:
            return int(self._empty(-1, line, table))
        code = self.codes.get(text)
        return self._new(text, line, table) if code is None else code

    def _new(self, text: str, line: int, table: Cells) -> int:
        """Return the code of a text that has not been met in this spelling."""
        label = text
        if self.kind == "integer":
            label = whole(text) or ""
            if not label:
                raise DataError(
                    f"{table.place(line, self.column)}: {shown(text)} is not a whole number, as the classes are."
                )
            if label in self.codes:
                return self.codes[label]
        if self.known is not None:
            raise DataError(f"{table.place(line, self.column)}: {unseen(self.what, label, self.known)}")
        if len(self.codes) == self.limit:
            raise DataError(
                f"{table.place(line, self.column)}: more than {self.limit:,} different texts in this column;"
                f" they cannot each be a {self.what}. Leave the column out (ignore=..., --ignore) or group them."
            )
        return self.codes.setdefault(label, len(self.codes))

    def _empty(self, value: float, line: int, table: Cells) -> float:
        if self.empty:
            return value
        if self.what in {"label", "target"}:
            raise DataError(f"{table.place(line, self.column)}: the {self.what} is missing; complete or remove the row.")
        raise DataError(
            f"{table.place(line, self.column)}: the cell is empty."
            ' Complete it, or pass missing="mean" (--missing mean) to fill in the mean of the training part.'
        )


def read_columns(table: Cells, readers: Sequence[Reader]) -> tuple[list[np.ndarray], array[int]]:
    """Convert the columns of the readers; return them and the line of each row."""
    parts: list[list[np.ndarray]] = [[] for _ in readers]
    lines = array("q")
    for numbers, chunk in table.chunks():
        lines.extend(numbers)
        columns = list(zip(*chunk, strict=True))
        for part, reader in zip(parts, readers, strict=True):
            part.append(reader.convert([cell.strip() for cell in columns[reader.column]], numbers, table))
    return [_joined(part) for part in parts], lines


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    """Join the pieces of one column, and let go of them."""
    whole_column = np.concatenate(parts) if parts else np.empty(0)
    parts.clear()
    return whole_column


def _floats(cells: Sequence[str]) -> list[float] | None:
    """Return all cells as finite numbers, or None when one of them is something else."""
    if not _PLAIN.fullmatch("\n".join(cells)):
        return None
    try:
        values = list(map(float, cells))
    except ValueError:
        return None
    return values if all(map(math.isfinite, values)) else None
