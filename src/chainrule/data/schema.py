"""How the user's columns become the numbers of a network, and its outputs the user's values again.

A schema is fitted on training data once, and goes with the model, so that new files are treated in the same way.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.choices import similar
from chainrule.data.csv_cells import Cells, read_columns
from chainrule.data.csv_read import MAX_COLUMNS, open_table
from chainrule.data.csv_rows import Row, rows_in_memory
from chainrule.data.dataset import Dataset
from chainrule.data.schema_file import checked_schema
from chainrule.data.source import shown
from chainrule.errors import DataError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chainrule.data.column import Column


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
    >>> from chainrule.data import Column
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
                raise DataError(
                    f"The data has no column {shown(name)}, which the model needs; it has {some}." + similar(name, position)
                )
        readers = [c.reader(position[c.name], empty=self.missing == "mean") for c in self.columns]
        readers += [c.reader(position[c.name], "target" if c.kind == "number" else "label") for c in targets]
        values, lines = read_columns(table, readers)
        if not lines:
            raise DataError("The data has 0 sample(s): there are no rows.")

        def place(row: int, i: int) -> str:
            return table.place(lines[row], readers[i].column)

        x = self.encode(values[: len(self.columns)], np.arange(len(lines)), place)
        return x, self.encode_targets(values[len(self.columns) :]) if labelled else np.empty(0)

    def _table(self, data: Any, delimiter: str | None, encoding: str) -> Cells:
        if isinstance(data, str | os.PathLike):
            return open_table(data, delimiter=delimiter, encoding=encoding, header=self.header)
        return rows_in_memory(data, tuple(column.name for column in self.columns))

    def encode(self, values: Sequence[np.ndarray], rows: np.ndarray, place: Callable[[int, int], str]) -> np.ndarray:
        """Return the inputs for some rows of the columns' values; `place(row, column)` says where a value stands."""
        width = len(self.features)
        if width > MAX_COLUMNS:
            raise DataError(f"The categories make {width:,} columns of inputs; at most {MAX_COLUMNS:,} are supported.")
        x = np.empty((len(rows), width), np.float32)
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
        labels: np.ndarray = np.array(self.classes, object)
        width = len(self.classes or self.targets)
        if self.classes is not None and outputs.ndim == 1 and outputs.dtype.kind in "iu":
            if outputs.size and not 0 <= outputs.min() <= outputs.max() < width:
                raise ShapeError(f"Class indices from {outputs.min()} to {outputs.max()}, but there are {width} classes.")
            return np.asarray(labels[outputs])
        if outputs.ndim != 2 or outputs.shape[1] != width:
            raise ShapeError(
                f"Outputs of shape {outputs.shape} do not fit this data: (n, {width}) is needed, a row an example."
            )
        if self.classes is not None:
            return np.asarray(labels[outputs.argmax(axis=1)])
        scale, mean = np.array([c.scale for c in self.targets]), np.array([c.mean[0] for c in self.targets])
        return np.asarray(outputs.astype(np.float64) * scale + mean)

    def as_dict(self) -> dict[str, Any]:
        """Return the schema as plain values for JSON."""
        return {
            "columns": [column.as_dict() for column in self.columns],
            "targets": [column.as_dict() for column in self.targets],
            "task": self.task,
            "missing": self.missing,
            "header": self.header,
        }

    @staticmethod
    def from_dict(values: object) -> Schema:
        """Rebuild a schema from what a model file holds.

        Raises
        ------
        ModelFileError
            When anything in it is not exactly as `as_dict` writes it.
        """
        return Schema(*checked_schema(values))


def _positions(schema: Schema, table: Cells) -> dict[str, int]:
    """Return where each named column stands; without names, a file of the features only has them in order."""
    names = table.names
    if not schema.header and len(names) == len(schema.columns):
        names = tuple(column.name for column in schema.columns)
    return {name: i for i, name in enumerate(names)}
