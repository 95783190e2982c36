"""A trained network with what it knows of its data: from a file of examples to labels, or to values in the user's units."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import modelfile
from chainrule.data import Column, Dataset, Schema, Splits, load, read_idx
from chainrule.data.npz import read_npz
from chainrule.data.source import find as find_file
from chainrule.errors import DataError, ModelFileError
from chainrule.io.words import named
from chainrule.network import Network
from chainrule.runs.folder import Run

TABLES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")


@dataclass(frozen=True, eq=False)
class Model:
    """A network and how the user's data becomes its inputs.

    Attributes
    ----------
    network : Network
    name : str
        Of the data that it was trained on.
    schema : Schema, optional
        How a table becomes inputs, and outputs become values; None where nothing was converted.
    features, targets : tuple of str, optional
        The names of inputs and outputs, where there is no schema.
    path : Path
        The file it was read from.
    """

    network: Network
    name: str
    schema: Schema | None
    features: tuple[str, ...] | None
    targets: tuple[str, ...]
    path: Path

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The class labels, or None for a regression."""
        if not self.network.classify:
            return None
        return self.network.classes or tuple(map(str, range(self.network.sizes[-1])))

    def inputs(self, path: Path, *, delimiter: str | None = None, encoding: str = "utf-8") -> np.ndarray:
        """The examples in a file, as rows of inputs.

        Parameters
        ----------
        path : Path
            A table (CSV), an .npz archive with an array x, or an IDX file of images.
        delimiter, encoding : str
            Of a table.

        Raises
        ------
        DataError
        """
        name = path.name.lower()
        if name.endswith(TABLES):
            return self._as_schema().apply(path, delimiter=delimiter, encoding=encoding)
        if self.schema is not None:
            raise DataError(f"{named(path)}: this network was trained on a table, {self.name}; give a CSV file like it.")
        values = _from_npz(path) if name.endswith(".npz") else read_idx(path)
        rows = np.divide(values, np.float32(255)) if values.dtype == np.uint8 else values
        return rows.reshape(len(rows), -1) if rows.ndim > 2 else rows

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """The network's outputs: one column for each class, or for each target in the user's units."""
        found = self.network.feedforward(x)
        if self.classes is not None:
            return found[:, : len(self.classes)] if found.shape[1] > 1 else np.hstack([1 - found, found])
        return self.decoded(found)

    def decoded(self, y: np.ndarray) -> np.ndarray:
        """Targets, or outputs of a regression, in the user's units."""
        return self.schema.decode(y) if self.schema is not None else np.asarray(y, np.float64)

    def figures(self, data: Dataset) -> tuple[dict[str, float], np.ndarray | None]:
        """How good the network is on a data set, errors in the user's units; and what was taken for what."""
        found = self.network.evaluate(data.x, data.y)
        figures = {"cost": found.cost, **found.metrics}
        if self.classes is None:
            off = np.abs(self.outputs(data.x) - self.decoded(data.y)).mean(axis=0)
            names = [f"mean error of {name}" for name in self.targets] if len(off) > 1 else ["mean_absolute_error"]
            del figures["mean_absolute_error"]
            figures |= dict(zip(names, off.tolist(), strict=True))
        return figures, found.confusion

    def labels(self, outputs: np.ndarray) -> list[str]:
        """The class of each row of outputs."""
        classes = self.classes or ()
        return [classes[i] for i in outputs.argmax(axis=1)]

    def data(self, source: str, **options: Any) -> tuple[str, Dataset]:
        """A data set to be measured on, and which part of it that is: its test part, or all of it.

        Raises
        ------
        DataError, ConfigError
        """
        if self.schema is not None and source.lower().endswith(TABLES):
            return "all", self.schema.dataset(source, **options)
        return self.part(load(source, **options))

    def part(self, splits: Splits) -> tuple[str, Dataset]:
        """The part of a data set to be measured on; its classes must be those of the network."""
        which, data = ("test", splits.test) if splits.test is not None else ("all", splits.train)
        if data.classes != self.classes and None in (data.classes, self.classes):
            raise DataError(
                f"{splits.name} is for {data.task}, but this network was trained for something else, {self.name}."
            )
        if data.classes is None or self.classes is None:
            return which, data
        if unknown := [label for label in data.classes if label not in self.classes]:
            raise DataError(
                f"{splits.name} has the class {unknown[0][:40]!r}, which this network does not know; it knows "
                f"{', '.join(self.classes[:10])}{' ...' if len(self.classes) > 10 else ''}."
            )
        places = np.array([self.classes.index(label) for label in data.classes], np.int64)
        return which, Dataset(data.x, places[data.y], classes=self.classes, image_shape=data.image_shape)

    def _as_schema(self) -> Schema:
        """How a table is read: as the schema says, or else as plain numbers, by name where the inputs have names."""
        if self.schema is not None:
            return self.schema
        names = self.features or tuple(f"c{i}" for i in range(1, self.network.sizes[0] + 1))
        columns = tuple(Column(name, "number", (0.0,)) for name in names)
        return Schema(columns, (Column("y", "number", (0.0,)),), "regression", header=self.features is not None)


def _from_npz(path: Path) -> np.ndarray:
    """The array of inputs in an archive, of the test part where it has several."""
    arrays = read_npz(find_file(path))
    for name in ("x", "x_test", "x_train"):
        if name in arrays:
            if arrays[name].dtype.kind not in "biuf" or arrays[name].ndim not in {2, 3}:
                raise DataError(
                    f"{named(path)}: {name} is {arrays[name].dtype} {arrays[name].shape}; rows of numbers are needed."
                )
            return arrays[name]
    raise DataError(f"{named(path)}: the array x is needed; the archive has {', '.join(arrays) or 'none'}.")


def load_model(path: str | os.PathLike[str]) -> Model:
    """The network of a model file, or of a run's folder: its result, or as far as its training has come.

    Raises
    ------
    ModelFileError
    """
    place = Path(path)
    if place.is_dir():
        run = Run(place)
        place = run.model_file if run.model_file.exists() else run.checkpoint_file
        if not place.exists():
            raise ModelFileError(f"{named(path)} holds no model yet. If a run was begun there: chainrule resume {path}")
    network, notes = modelfile.load(place, Network, {})
    schema = notes.get("schema")
    targets = _names(notes.get("targets")) or tuple(f"y{i}" for i in range(1, network.sizes[-1] + 1))
    known = None if schema is None else Schema.from_dict(schema)
    if known is not None and (len(known.features) != network.sizes[0] or known.classes not in {None, network.classes}):
        raise ModelFileError(f"{named(place)}: what it says of the data does not fit its network.")
    features = _names(notes.get("features"))
    fits = features is None or len(features) == network.sizes[0]
    return Model(
        network, str(notes.get("name", place.name))[:200], known, features if fits else None,
        tuple(column.name for column in known.targets) if known else targets, place,
    )  # fmt: skip


def _names(values: Any) -> tuple[str, ...] | None:
    return tuple(values) if isinstance(values, list) and all(isinstance(v, str) for v in values) else None
