"""From a text file to rows of cells: encoding, separator, quotes and the shape of the table, checked strictly.

Every error says where: file, line and column, both counted from 1. A record that spans several lines is named by the
line on which it starts. Blanks around a cell do not belong to it; blank lines may only end the file.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import IO, TYPE_CHECKING

from chainrule.data.source import Source, find, opened, shown
from chainrule.errors import ConfigError, DataError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

MAX_RECORD = 8 * 2**20  # characters of one row
MAX_COLUMNS = 100_000
_CHUNK_CELLS = 1 << 16
_DELIMITERS = ("\t", ";", "|", ",")  # the rarer first: a comma may be a decimal comma or part of a text
_UNDECODED = re.compile("[\udc80-\udcff]")
_NUMBER_LIKE = re.compile(r"[+-]?(\d|\.\d|inf|nan)[\d.,_eE+-]*", re.ASCII | re.IGNORECASE)
_QUOTE_ERRORS = (
    ("unexpected end", "a quote is opened in this row and never closed"),
    ("field larger", "a cell of this row is longer than 131,072 characters; a quote may be opened and never closed"),
    ("expected after", "a quoted cell must end before the next separator; a quote inside a cell is written twice"),
    ("new-line", "a line ends inside a cell that is not quoted"),
)


@dataclass(frozen=True)
class Table:
    """A CSV file whose encoding, separator and column names are known."""

    source: Source
    encoding: str
    delimiter: str
    names: tuple[str, ...]
    header: bool

    def place(self, line: int, column: int) -> str:
        """Return ``file:line:column (name)`` for messages; columns count from 0 here and from 1 there."""
        return f"{self.source.name}:{line}:{column + 1} (column {shown(self.names[column])})"

    def chunks(self) -> Iterator[tuple[list[int], list[list[str]]]]:
        """Yield the line numbers and the rows of cells, many at a time."""
        rows = self._rows()
        size = max(1, _CHUNK_CELLS // len(self.names))
        while chunk := list(islice(rows, size)):
            yield [line for line, _ in chunk], [cells for _, cells in chunk]

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows below the header, each as long as the header."""
        blank = 0
        for line, cells in islice(_records(self.source, self.encoding, self.delimiter), int(self.header), None):
            if not cells:
                blank = blank or line
                continue
            if blank:
                raise DataError(f"{self.source.name}:{blank}: this line is blank, but more rows follow; take it out.")
            if len(cells) != len(self.names):
                raise DataError(_ragged(self, line, len(cells)))
            yield line, cells


def open_table(
    path: str | os.PathLike[str], *, delimiter: str | None = None, encoding: str = "utf-8", header: bool = True
) -> Table:
    """Look at the start of a CSV file; find its separator and the names of its columns."""
    source = find(path)
    codec = _codec(encoding)
    with opened(source) as stream:
        _check_head(stream, source, codec)
    if delimiter is None:
        delimiter = _detect(list(islice(_head(source, codec), 20)))
    elif len(delimiter) != 1 or delimiter in '"\r\n':
        raise ConfigError(f"delimiter={delimiter!r}: a separator is one character, such as ',', ';' or a tab.")
    first = next(_records(source, codec, delimiter), (1, []))[1]
    if not first:
        raise DataError(f"{source.name}:1: the first line is blank; it must hold the names of the columns.")
    if len(first) > MAX_COLUMNS:
        raise DataError(f"{source.name}:1: {len(first):,} columns; at most {MAX_COLUMNS:,} are supported.")
    names = tuple(cell.strip() for cell in first) if header else tuple(f"c{i + 1}" for i in range(len(first)))
    if header:
        _check_header(names, source)
    return Table(source, codec, delimiter, names, header)


def _records(source: Source, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the starting line and the cells of each record."""
    with opened(source) as stream, io.TextIOWrapper(stream, encoding, "surrogateescape", newline="") as text:
        feed = _Feed(text, source, delimiter)
        reader = csv.reader(feed, delimiter=delimiter, skipinitialspace=delimiter != "\t", strict=True)
        while True:
            feed.start, feed.length = reader.line_num + 1, 0
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                reason = next((words for key, words in _QUOTE_ERRORS if key in str(error)), str(error))
                raise DataError(f"{source.name}:{feed.start}: {reason}.") from None
            except UnicodeError as error:
                raise DataError(f"{source.name}:{feed.start}: not {encoding} text ({error}).") from None
            yield feed.start, cells


class _Feed:
    """The lines of a file for csv.reader, each checked, and the record bounded that they make up."""

    def __init__(self, text: io.TextIOWrapper, source: Source, delimiter: str) -> None:
        self.text, self.source, self.delimiter = text, source, delimiter
        self.start, self.length, self.line = 1, 0, 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self.text.readline(MAX_RECORD + 1)
        if not line:
            raise StopIteration
        self.line += 1
        self.length += len(line)
        if self.length > MAX_RECORD or line.count(self.delimiter) >= MAX_COLUMNS:
            raise DataError(
                f"{self.source.name}:{self.start}: a row of more than {MAX_RECORD:,} characters or"
                f" {MAX_COLUMNS:,} columns; this is not a table, or a quote is opened and never closed."
            )
        if "\0" in line:
            raise DataError(
                f"{self.source.name}:{self.line}:{line.index(chr(0)) + 1}: a NUL byte; this is not a text file."
            )
        if not line.isascii() and (bad := _UNDECODED.search(line)):
            raise DataError(_undecodable(self.source, self.text.encoding or "", self.line, bad))
        return line


def _head(source: Source, encoding: str) -> Iterator[str]:
    """Yield the first lines, as they are."""
    with opened(source) as stream, io.TextIOWrapper(stream, encoding, "surrogateescape", newline="") as text:
        yield from _Feed(text, source, ",")


def _detect(lines: list[str]) -> str:
    """Find the separator with which the first rows have the same number of cells, more than one."""

    def widths(delimiter: str) -> list[int]:
        try:
            return [len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row] or [0]
        except csv.Error:
            return [0]

    def merit(delimiter: str) -> tuple[bool, int]:
        found = widths(delimiter)[: max(1, len(lines) - 1)]  # the last row may be cut within a quoted cell
        alike = len(set(found)) == 1 and found[0] > 1
        return (alike, 0 if alike else found[0])

    best = max(_DELIMITERS, key=merit)
    return best if merit(best)[0] or merit(best)[1] > 1 else ","


def _codec(encoding: str) -> str:
    """Return the codec's own name; for UTF-8 the one that strips a byte order mark."""
    try:
        name = codecs.lookup(encoding).name
        "1,2".encode(name).decode(name)
    except (LookupError, UnicodeError, ValueError):
        raise ConfigError(
            f"encoding={shown(encoding)} is not known; such as utf-8, latin-1, cp1252 or utf-16 are."
        ) from None
    return "utf-8-sig" if name == "utf-8" else name


def _check_head(stream: IO[bytes], source: Source, codec: str) -> None:
    """Refuse an empty file, and UTF-16 that was not announced."""
    head = stream.read(4096)
    if not head.strip():
        raise DataError(
            f"{source.name}: the file is empty; a row with the names of the columns and rows of data are needed."
        )
    wide = head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} or head.count(0) > len(head) / 3
    if wide and not codec.startswith(("utf-16", "utf-32")):
        raise DataError(
            f"{source.name}: the file is not {codec.removesuffix('-sig')} text; it looks like UTF-16."
            ' Pass encoding="utf-16" (--encoding utf-16).'
        )


def _undecodable(source: Source, encoding: str, line: int, bad: re.Match[str]) -> str:
    byte = ord(bad[0]) - 0xDC00
    guess = "utf-8" if encoding != "utf-8-sig" else "cp1252" if byte < 0xA0 else "latin-1"
    return (
        f"{source.name}:{line}:{bad.start() + 1}: the byte 0x{byte:02x} is not {encoding.removesuffix('-sig')} text;"
        f' the file looks like {guess}. Pass encoding="{guess}" (--encoding {guess}).'
    )


def _check_header(names: tuple[str, ...], source: Source) -> None:
    """Refuse a header with empty or repeated names, and one that is a row of data."""
    place = f"{source.name}:1"
    numbers = [name for name in names if _NUMBER_LIKE.fullmatch(name)]
    if 2 * len(numbers) >= len(names) and not _counting(numbers):
        raise DataError(
            f"{place}: the first line should name the columns, but it looks like data ({shown(numbers[0])} is a"
            " number). If there is no header, pass header=False (--no-header): the columns are then c1, c2, ..."
        )
    if "" in names:
        raise DataError(f"{place}:{names.index('') + 1}: column {names.index('') + 1} has no name; give it one.")
    twice, count = Counter(names).most_common(1)[0]
    if count > 1:
        columns = [i + 1 for i, name in enumerate(names) if name == twice]
        raise DataError(
            f"{place}:{columns[1]}: columns {columns[0]} and {columns[1]} are both named {shown(twice)}; rename one."
        )


def _counting(names: list[str]) -> bool:
    """Whether the names are consecutive whole numbers, as some programs name columns."""
    try:
        numbers = [int(name) for name in names]
    except ValueError:
        return False
    return all(b - a == 1 for a, b in pairwise(numbers)) and (not numbers or numbers[0] >= 0)


def _ragged(table: Table, line: int, found: int) -> str:
    expected = len(table.names)
    message = (
        f"{table.source.name}:{line}:{min(found, expected) + 1}: this row has {found:,} cells, but the table has"
        f" {expected:,} columns (separator {table.delimiter!r})."
    )
    if found == 2 * expected and table.delimiter == ",":
        return message + " With decimal commas, separate cells by semicolons and write decimal points."
    if found > expected:
        return message + " A text that contains the separator must stand in quotes."
    return message + " Complete the row, or pass delimiter=... (--delimiter) if cells are separated otherwise."
