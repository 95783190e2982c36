"""A CSV file as a data set: what its columns mean, its parts, and the schema fitted on the training part."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chainrule.choices import similar
from chainrule.data.column import fit_column
from chainrule.data.csv_cells import FEW, Profile, Reader, profiles, read_columns, whole
from chainrule.data.csv_read import Table, open_table
from chainrule.data.dataset import Dataset, Splits
from chainrule.data.labels import MAX_CLASSES, inspect_classes
from chainrule.data.schema import Schema
from chainrule.data.source import shown
from chainrule.data.splitting import leaked_rows, split_rows
from chainrule.errors import ChainruleWarning, ConfigError, DataError

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

TEST_FRACTION = 0.2  # of a table that a network is to learn


def csv_file(
    path: str | os.PathLike[str],
    *,
    target: str | Sequence[str] | None = None,
    task: str | None = None,
    schema: Schema | None = None,
    test_fraction: float | None = None,
    validation_fraction: float = 0.0,
    seed: int = 0,
    delimiter: str | None = None,
    encoding: str = "utf-8",
    header: bool = True,
    missing: str = "error",
    categorical: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
) -> Splits:
    r"""Read a CSV file (or .csv.gz), find out what its columns hold, split and standardise it.

    A column is numeric when more than half of its cells are numbers; then any other cell is an error. Other columns
    are categories, one-hot in x. The target decides the task: texts, or at most 20 different whole numbers that occur
    twice on average, are classes; other numbers make a regression. Numeric columns, and the targets of a regression,
    are standardised with mean and standard deviation of the training part.

    Parameters
    ----------
    path : path
        The file; separated by commas, semicolons, tabs or ``|``, which is found out.
    target : str or sequence of str
        The column to predict; several for a regression with several outputs, as a list or as ``"a,b"``.
    task : {"classification", "regression"}, optional
        Overrides the rule above.
    schema : Schema, optional
        Read the file as this schema says: nothing is fitted, `target`, `task`, `missing`, `categorical`, `ignore` and
        `header` are those of the schema, and no test part is split off unless asked for.
    test_fraction, validation_fraction : float
        The parts of the rows to hold out, each at least 0 and together under 1. The test part is 0.2 by default.
    seed : int
        The split is a pure function of it. Each part has its share of every class.
    delimiter : str, optional
        The separator, where it is not found out rightly.
    encoding : str
        Such as ``"latin-1"``.
    header : bool
        Whether the first row names the columns; without, they are c1, c2, ...
    missing : {"error", "mean"}
        An empty cell is an error, or stands for the mean of the training part.
    categorical, ignore : str or sequence of str
        Numeric columns to be treated as categories (such as postal codes); columns to leave out.

    Returns
    -------
    Splits
        With its schema, whose `decode` gives labels, or values in the units of the file.

    Raises
    ------
    DataError
        When the file is unsound, with file, line and column.
    ConfigError
        When an option is out of its range or contradicts the file's columns.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "pets.csv")
    ...     _ = path.write_text("size,fur,kind\n" + "".join(f"{i},short,cat\n{i}.5,long,dog\n" for i in range(10)))
    ...     pets = csv_file(path, target="kind")
    >>> pets
    Splits('pets.csv': 16 train, 4 test; 3 features, classification)
    >>> pets.train.features, pets.train.classes
    (('size', 'fur=long', 'fur=short'), ('cat', 'dog'))
    """
    if schema is not None:
        return _with_schema(path, schema, test_fraction or 0.0, validation_fraction, seed, delimiter, encoding)
    if missing not in {"error", "mean"}:
        raise ConfigError(f"missing={missing!r}: it is 'error' or 'mean'.")
    if task not in {None, "classification", "regression"}:
        raise ConfigError(f"task={task!r}: it is 'classification' or 'regression'.")
    table = open_table(path, delimiter=delimiter, encoding=encoding, header=header)
    plan = _plan(table, _targets(table, target), task, _listed(table, categorical), _listed(table, ignore), missing)
    values, lines = read_columns(table, plan.readers)
    _sort_categories(plan, values)
    return _fitted(
        plan, values, lines, (TEST_FRACTION if test_fraction is None else test_fraction, validation_fraction), seed
    )


@dataclass(frozen=True)
class _Plan:
    """What to read, and as what: the features' readers, then the targets'."""

    table: Table
    readers: list[Reader]
    n_features: int
    task: str
    missing: str


def _plan(
    table: Table, targets: list[str], task: str | None, categorical: list[str], ignore: list[str], missing: str
) -> _Plan:
    """Look through the file once to decide what each column is."""
    found, rows = profiles(table)
    if not rows:
        raise DataError(f"{table.source.name}: 0 sample(s): there are no rows below the header.")
    if both := [name for name in targets if name in ignore]:
        raise ConfigError(f"The target {shown(both[0])} is to be ignored, too; it can only be one of both.")
    profile = dict(zip(table.names, found, strict=True))
    task = task or _task([profile[name] for name in targets], rows, categorical=targets[0] in categorical)
    features = [name for name in table.names if name not in targets and name not in ignore]
    if not features:
        raise DataError(f"{table.source.name}: 0 feature(s): there is no column to learn from besides the target.")
    position = {name: i for i, name in enumerate(table.names)}
    readers = [_feature(table, position[name], profile[name], name in categorical, missing) for name in features]
    readers += [_target(position[name], profile[name], task, name in categorical) for name in targets]
    if task == "classification" and len(targets) > 1:
        raise DataError(
            f"{table.source.name}: {len(targets)} targets, but only numbers can be predicted several at a time."
        )
    return _Plan(table, readers, len(features), task, missing)


def _feature(table: Table, position: int, profile: Profile, categorical: bool, missing: str) -> Reader:
    if not profile.numbers and not profile.texts:
        raise DataError(
            f"{table.place(2, position)}: all cells of this column are empty; leave it out (ignore=..., --ignore)."
        )
    return Reader(position, "number" if profile.numeric and not categorical else "category", empty=missing == "mean")


def _target(position: int, profile: Profile, task: str, categorical: bool) -> Reader:
    if task == "regression":
        return Reader(position, "number", what="target")
    kind = "integer" if profile.numeric and not categorical else "category"
    return Reader(position, kind, what="label", limit=MAX_CLASSES)


def _task(targets: list[Profile], rows: int, *, categorical: bool) -> str:
    """Decide by the rule of `csv_file`; cells that are neither are refused when they are read."""
    if len(targets) > 1:
        return "classification" if not all(profile.numeric for profile in targets) else "regression"
    labels = {whole(text) for text in targets[0].values if text}
    few = len(targets[0].values) <= FEW and None not in labels and 2 * len(labels) <= rows
    return "classification" if categorical or few or not targets[0].numeric else "regression"


def _targets(table: Table, target: str | Sequence[str] | None) -> list[str]:
    """Return the names of the targets; a text may be one name or several with commas."""
    if target is None or not target:
        some = ", ".join(shown(name) for name in table.names[:10])
        raise ConfigError(f"Which column is to be predicted? Pass target=... (--target); there are {some}.")
    names = _listed(table, target)
    if len(set(names)) < len(names):
        raise ConfigError(f"target={shown(target)} names a column twice.")
    return names


def _listed(table: Table, names: str | Sequence[str]) -> list[str]:
    """Return names of columns given as a list, as one text, or as a text with commas; each must exist."""
    if isinstance(names, str):
        names = [names] if names in table.names else [name.strip() for name in names.split(",")]
    for name in names:
        if name not in table.names:
            raise DataError(f"{table.source.name}:1: {_no_column(table, name)}")
    return list(names)


def _no_column(table: Table, name: str) -> str:
    some = ", ".join(shown(known) for known in table.names[:10]) + (" ..." if len(table.names) > 10 else "")
    hint = similar(name, table.names)
    if len(table.names) == 1:
        hint = " Only one column was found: if cells are separated by another character, pass delimiter=... (--delimiter)."
    elif table.header and not hint:
        hint = " If the first line is data, pass header=False (--no-header): the columns are then c1, c2, ..."
    return f"there is no column {shown(name)}; there are {some}.{hint}"


def _sort_categories(plan: _Plan, values: list[np.ndarray]) -> None:
    """Sort the categories, whole numbers by value, and number them so."""
    for i, reader in enumerate(plan.readers):
        if reader.kind != "number":
            reader.known = tuple(sorted(reader.codes, key=int if reader.kind == "integer" else None))
            index = {text: code for code, text in enumerate(reader.known)}
            rank = np.array([index[text] for text in reader.codes], np.int64)
            values[i] = np.where(values[i] < 0, -1, rank[values[i]])


def _fitted(plan: _Plan, values: list[np.ndarray], lines: array[int], fractions: tuple[float, float], seed: int) -> Splits:
    """Split the rows, fit the schema on the training part, and convert each part."""
    last, name = plan.readers[-1], plan.table.source.path.name
    labels = values[-1] if plan.task == "classification" else None
    if labels is not None:
        inspect_classes(last.known or (), len(labels), plan.table.source.name)
    parts = split_rows(len(lines), fractions, seed, labels, last.known)
    names = [plan.table.names[reader.column] for reader in plan.readers]
    columns = tuple(
        fit_column(column_name, reader.kind, column[parts[0]], reader.known or ())
        for column_name, reader, column in zip(names, plan.readers, values, strict=True)
    )
    inputs, targets = columns[: plan.n_features], columns[plan.n_features :]
    _warn_of_constants(plan, values, parts[0])
    schema = Schema(inputs, targets, plan.task, plan.missing, plan.table.header)

    def place(row: int, i: int) -> str:
        return plan.table.place(lines[row], plan.readers[i].column)

    def part(rows: np.ndarray) -> Dataset | None:
        if not len(rows):
            return None
        x = schema.encode(values[: plan.n_features], rows, place)
        return schema.wrap(x, schema.encode_targets([target[rows] for target in values[plan.n_features :]]))

    return _splits(name, [part(rows) for rows in parts], schema)


def _with_schema(
    path: str | os.PathLike[str],
    schema: Schema,
    test_fraction: float,
    validation_fraction: float,
    seed: int,
    delimiter: str | None,
    encoding: str,
) -> Splits:
    """Read a file as a model's schema says."""
    data = schema.dataset(path, delimiter=delimiter, encoding=encoding)
    labels = data.y if data.classes else None
    parts = split_rows(len(data), (test_fraction, validation_fraction), seed, labels, None)
    name = os.path.basename(os.fspath(path))  # noqa: PTH119 - a Path would do as well
    return _splits(name, [data.take(rows) if len(rows) else None for rows in parts], schema)


def _splits(name: str, parts: Sequence[Dataset | None], schema: Schema) -> Splits:
    train, validation, test = parts
    assert train is not None  # split_rows leaves no training part empty
    result = Splits(name, train, validation, test, schema)
    if test is not None and (count := leaked_rows(train, test)):
        _warn(f"{name}: {count:,} of the {len(test):,} test rows stand in the training part, too; the test will flatter.")
    return result


def _warn_of_constants(plan: _Plan, values: Sequence[np.ndarray], train: np.ndarray) -> None:
    """Warn once of the columns that hold one value in all training rows."""
    readers = plan.readers[: plan.n_features]
    constant = [r.column for r, v in zip(readers, values, strict=False) if (v[train] == v[train[0]]).all()]
    if len(constant) == len(readers):
        _warn(f"{plan.table.source.name}: every column holds a single value in the training part: nothing to learn.")
    elif constant:
        some = ", ".join(shown(plan.table.names[column]) for column in constant[:5])
        more = f" and {len(constant) - 5:,} more" if len(constant) > 5 else ""
        _warn(
            f"{plan.table.source.name}: {len(constant):,} column(s) with a single value in the training part"
            f" teach nothing: {some}{more}."
        )


def _warn(message: str) -> None:
    warnings.warn(message, ChainruleWarning, stacklevel=5)
