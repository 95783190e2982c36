"""How the user's columns become the numbers of a network, and its outputs the user's values again.

A schema is fitted on training data once, and goes with the model, so that new files are treated in the same way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.data.csv_cells import Cells, Reader, read_columns
from chainrule.data.csv_read import open_table
from chainrule.data.dataset import Dataset
from chainrule.data.source import nearest, shown
from chainrule.errors import DataError, ShapeError

Row = Mapping[str, object] | Sequence[object]


@dataclass(frozen=True)
class Column:
    """One column of the user's table.

    Parameters
    ----------
    name : str
        Its name in the header.
    kind : str
        ``"number"``, ``"category"`` (texts) or ``"integer"`` (class labels that are whole numbers).
    mean : tuple of float
        The mean of each of its numbers in the training part: one, or one for each category (its frequency).
    scale : float
        What its numbers are divided by: their standard deviation in the training part, or 1 where that is 0.
    categories : tuple of str
        The categories or class labels, in the order of their indices; empty for numbers.
    """

    name: str
    kind: str
    mean: tuple[float, ...]
    scale: float = 1.0
    categories: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the columns of x that it becomes."""
        return tuple(f"{self.name}={category}" for category in self.categories) or (self.name,)

    def reader(self, position: int, what: str = "category", *, empty: bool = False) -> Reader:
        """Return how the cells of this column are to be read."""
        return Reader(position, self.kind, self.categories if self.kind != "number" else None, empty, what)

    def encode(self, values: np.ndarray, out: np.ndarray) -> None:
        """Write numbers standardised, or codes as one-hot rows, into the columns of `out`; means where missing."""
        if self.kind == "number":
            with np.errstate(over="ignore"):
                out[:, 0] = (np.where(np.isnan(values), self.mean[0], values) - self.mean[0]) / self.scale
        else:
            out[:] = values[:, None] == np.arange(len(self.categories))
            out[values < 0] = self.mean


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in and out, and how they are converted.

    Parameters
    ----------
    columns, targets : tuple of Column
        What goes into the network, and what it predicts.
    task : str
        ``"classification"`` or ``"regression"``.
    missing : str
        ``"error"`` or ``"mean"``: what an empty cell means.
    header : bool
        Whether files have a row of names; without it, columns are c1, c2, ...

    Examples
    --------
    >>> size = Column("size", "number", mean=(3.0,), scale=2.0)
    >>> kind = Column("kind", "category", mean=(0.5, 0.5), categories=("cat", "dog"))
    >>> schema = Schema((size,), (kind,), "classification")
    >>> schema.apply([{"size": 5}, {"size": "1"}])
    array([[ 1.],
           [-1.]], dtype=float32)
    >>> schema.decode(np.array([[0.2, 0.8]])).tolist()
    ['dog']
    """

    columns: tuple[Column, ...]
    targets: tuple[Column, ...]
    task: str
    missing: str = "error"
    header: bool = True

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the columns of x."""
        return tuple(name for column in self.columns for name in column.outputs)

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The class labels, or None for regression."""
        return self.targets[0].categories if self.task == "classification" else None

    def apply(
        self, data: str | os.PathLike[str] | Sequence[Row], *, delimiter: str | None = None, encoding: str = "utf-8"
    ) -> np.ndarray:
        """Convert new data to the inputs of the network.

        Parameters
        ----------
        data : path, or sequence of rows
            A CSV file whose columns are found by name (the order does not matter, other columns are passed over, the
            target may be absent); or rows: mappings from names to values, or sequences in the order of `columns`.
        delimiter, encoding : str
            As for `csv_file`.

        Returns
        -------
        ndarray (n, features), float32

        Raises
        ------
        DataError
            When a column is missing, a category was not seen in training, or the file is unsound.
        """
        return self._read(data, delimiter, encoding, labelled=False)[0]

    def dataset(
        self, data: str | os.PathLike[str] | Sequence[Row], *, delimiter: str | None = None, encoding: str = "utf-8"
    ) -> Dataset:
        """Convert new data with its targets, to evaluate a network on it. Arguments and errors are those of `apply`."""
        return self.wrap(*self._read(data, delimiter, encoding, labelled=True))

    def _read(self, data: Any, delimiter: str | None, encoding: str, *, labelled: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return x and, where the data is labelled, y."""
        table = self._table(data, delimiter, encoding)
        position = _positions(self, table)
        targets = self.targets if labelled else ()
        wanted = [column.name for column in (*self.columns, *targets)]
        for name in wanted:
            if name not in position:
                some = ", ".join(shown(known) for known in table.names[:10])
                raise DataError(f"The data has no column {shown(name)}, which the model needs; it has {some}.{nearest(name, position)}")
        readers = [c.reader(position[c.name], empty=self.missing == "mean") for c in self.columns]
        readers += [c.reader(position[c.name], "target" if c.kind == "number" else "label") for c in targets]
        values, lines = read_columns(table, readers)
        if not lines:
            raise DataError("The data has 0 sample(s): there are no rows.")
        x = self.encode(values[: len(self.columns)], np.arange(len(lines)), lambda row, i: table.place(lines[row], readers[i].column))
        return x, self.encode_targets(values[len(self.columns) :]) if labelled else np.empty(0)

    def _table(self, data: Any, delimiter: str | None, encoding: str) -> Cells:
        if isinstance(data, str | os.PathLike):
            return open_table(data, delimiter=delimiter, encoding=encoding, header=self.header)
        return rows_in_memory(data, tuple(column.name for column in self.columns))

    def encode(self, values: Sequence[np.ndarray], rows: np.ndarray, place: Any) -> np.ndarray:
        """Return the inputs for some rows of the columns' values; `place(row, column)` says where a value stands."""
        x = np.empty((len(rows), len(self.features)), np.float32)
        start = 0
        for i, (column, column_values) in enumerate(zip(self.columns, values, strict=True)):
            part = x[:, start : start + len(column.outputs)]
            column.encode(column_values[rows], part)
            bad = ~np.isfinite(part).all(axis=1)
            if bad.any():
                row = int(rows[np.argmax(bad)])
                raise DataError(
                    f"{place(row, i)}: {column_values[row]:g} is {column.scale:g} times too far from the training mean"
                    f" {column.mean[0]:g} for a float32; correct the value."
                )
            start += len(column.outputs)
        return x

    def encode_targets(self, values: Sequence[np.ndarray]) -> np.ndarray:
        """Return class indices, or standardised targets."""
        if self.task == "classification":
            return values[0]
        y = np.empty((len(values[0]), len(self.targets)), np.float32)
        for i, (column, column_values) in enumerate(zip(self.targets, values, strict=True)):
            column.encode(column_values, y[:, i : i + 1])
        return y

    def wrap(self, x: np.ndarray, y: np.ndarray) -> Dataset:
        """Return the data set of these arrays with the names of this schema."""
        targets = tuple(column.name for column in self.targets) if self.task == "regression" else None
        return Dataset(x, y, classes=self.classes, features=self.features, targets=targets)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Turn outputs of the network into labels, or into numbers in the user's units.

        Parameters
        ----------
        outputs : ndarray
            (n, classes) activations or (n,) class indices; (n, targets) for regression.

        Returns
        -------
        ndarray
            (n,) labels (of dtype object), or (n, targets) float64.

        Raises
        ------
        ShapeError
            When the outputs are not those of a network for this schema.
        """
        outputs = np.asarray(outputs)
        width = len(self.classes or self.targets)
        if self.classes is not None and outputs.ndim == 1 and outputs.dtype.kind in "iu":
            if outputs.size and not 0 <= outputs.min() <= outputs.max() < width:
                raise ShapeError(f"Class indices from {outputs.min()} to {outputs.max()}, but there are {width} classes.")
            return np.array(self.classes, object)[outputs]
        if outputs.ndim != 2 or outputs.shape[1] != width:
            raise ShapeError(f"Outputs of shape {outputs.shape} do not fit this data: (n, {width}) is needed, a row an example.")
        if self.classes is not None:
            return np.array(self.classes, object)[outputs.argmax(axis=1)]
        return outputs.astype(np.float64) * [c.scale for c in self.targets] + [c.mean[0] for c in self.targets]

    def as_dict(self) -> dict[str, Any]:
        """Return the schema as plain values for JSON."""
        from chainrule.data.schema_file import to_dict  # noqa: PLC0415 - it imports this module

        return to_dict(self)

    @staticmethod
    def from_dict(values: object) -> Schema:
        """Rebuild a schema from what a model file holds.

        Raises
        ------
        ModelFileError
            When anything in it is not exactly as `as_dict` writes it.
        """
        from chainrule.data.schema_file import from_dict  # noqa: PLC0415 - it imports this module

        return from_dict(values)


def _positions(schema: Schema, table: Cells) -> dict[str, int]:
    """Return where each named column stands; without names, a file of the features only has them in order."""
    names = table.names
    if not schema.header and len(names) == len(schema.columns):
        names = tuple(column.name for column in schema.columns)
    return {name: i for i, name in enumerate(names)}


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
            raise DataError(f"Row {number} has the names {shown(list(row), 200)}, but the first has {shown(list(names), 200)}.")
        row = [row[name] for name in names]
    if isinstance(row, str | bytes) or not isinstance(row, Sequence | np.ndarray) or len(row) != len(names):
        raise DataError(f"Row {number} is not a row of {len(names)} values: {shown(row)}.")
    return ["" if value is None else str(value) for value in row]
