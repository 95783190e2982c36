"""Data that does not fit in memory: files that stay on the disk, mapped, and are gathered row by row while training."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.data.mapped import magic, mapped
from chainrule.data.parquet import unpacked
from chainrule.data.source import Source, find, shown
from chainrule.engine.rows import STORED, Rows, gathers
from chainrule.errors import ConfigError, DataError

_SUFFIXES = (".npy", ".parquet")
_Table = tuple[str, np.ndarray]  # where numbers come from, and the numbers


@dataclass(frozen=True, eq=False)
class Stream:
    """Inputs that stay where they are, and targets in memory: ``net.fit(data.x, data.y)``.

    Attributes
    ----------
    x : Rows, shape (n, features)
    y : ndarray or None
        (n,) class indices or targets, or (n, k) targets.
    """

    x: Rows
    y: np.ndarray | None

    def __len__(self) -> int:
        return len(self.x)


def stream(
    x: Any, y: Any = None, *, target: Any = None, columns: Sequence[str] | None = None, scale: float | None = None,
    dtype: str = "float32", cache: str | os.PathLike[str] | None = None,
) -> Stream:  # fmt: skip
    """Open data for training without loading them; the order of the rows in training is the same as of data in memory.

    Files are mapped, read-only: the system reads what is gathered, and keeps as much of it in its cache as there is memory.
    The first ``fit`` reads everything once, in slices, to see that each number is finite. While a file is in use it must
    not be changed in place: each ``fit`` refuses one that has become shorter, but one that shrinks during it ends the
    process. Replace a file by renaming another one onto it.

    Parameters
    ----------
    x : path, pattern, folder, array, or a list of these
        ``.npy`` files (uint8, int16, float32 or float64, in C order), IDX files that are not compressed, ``.parquet``
        files, or arrays in memory; more than one are shards, in the order of their names where numbers count as numbers
        (x2 before x10). Of a folder without ``y`` and ``target``, ``x*.npy`` are the inputs and ``y*.npy`` the targets.
        More dimensions than two are made one row for each example.
    y : the same, optional
        Class indices (n,), or targets (n, k); they are held in memory.
    target : int, str, or a list of these, optional
        The targets are columns of the files of ``x``: of .npy, the first or last ones, by number (-1); of Parquet, by name.
    columns : list of str, optional
        The inputs among the columns of Parquet files; without it all but the targets.
    scale : float, optional
        A value is the stored number times this, see :class:`~chainrule.engine.rows.Rows`. 1/255 for bytes if it is not
        given, as for grey levels, and 1 for all else.
    dtype : str
        What Parquet columns are unpacked to, ``"float32"`` or ``"float64"``; bytes alone stay bytes.
    cache : path, optional
        A folder for what is unpacked from Parquet; beside the file if it is not given. A file's columns lie apart, so it
        is unpacked once, to rows in .npy files, and again when its size or time of change, or a choice here, is another.

    Raises
    ------
    DataError
        A file is missing, damaged, of another kind, or does not fit the others.
    ConfigError
        Options contradict each other; or a Parquet file is given, and pyarrow is not installed.
    ResourceError
        A Parquet file cannot be unpacked: no space, no permission.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for i in range(3):
    ...         np.save(f"{folder}/x{i}.npy", np.full((4, 2), 51 * i, np.uint8))
    ...         np.save(f"{folder}/y{i}.npy", np.arange(4) % 2)
    ...     data = stream(folder)
    ...     data.x, data.x[10], data.y.shape
    (Rows(12 × 2, uint8 * 0.00392157 in 3 parts), array([0.40000004, 0.40000004], dtype=float32), (12,))
    """
    if y is not None and target is not None:
        raise ConfigError("y and target are both given: the targets are arrays of their own, or columns of x.")
    if dtype not in {"float32", "float64"}:
        raise ConfigError(f"dtype = {str(dtype)[:40]!r}: columns are unpacked to 'float32' or 'float64'.")
    if target is None and y is None and isinstance(x, str | os.PathLike) and Path(x).is_dir():
        x, y = _x_and_y(Path(x))
    inputs: list[_Table] = []
    targets: list[_Table] = []
    for source in _sources(x):
        if isinstance(source, Source) and magic(source) == b"PAR1":
            rows, wanted = unpacked(source, columns, target, dtype, cache)
        else:
            rows, wanted = _split(*_table(source), target)
        inputs.append(rows)
        targets += [] if wanted is None else [wanted]
    if y is not None:
        targets = [_table(source) for source in _sources(y)]
    parts, joined = _fitting(inputs), _joined(inputs, targets)
    if scale is None:
        scale = 1 / 255 if parts[0].dtype == np.uint8 else 1.0
    if isinstance(scale, bool) or not isinstance(scale, int | float | np.number) or not 0 < scale < math.inf:
        raise ConfigError(f"scale = {str(scale)[:40]}: it is a finite number, more than 0.")
    float_type = np.dtype(np.float64 if parts[0].dtype == np.float64 else np.float32)
    return Stream(Rows(parts, float(scale), float_type), joined)


# ------------------------------------------------------------------------------------------------------ which files


def _table(source: Source | np.ndarray) -> _Table:
    return ("the array", source) if isinstance(source, np.ndarray) else (source.name, mapped(source))


def _sources(given: Any) -> list[Source | np.ndarray]:
    """The files and arrays that are meant."""
    if isinstance(given, np.ndarray):
        return [given]
    if isinstance(given, list | tuple) and given and all(isinstance(g, str | os.PathLike | np.ndarray) for g in given):
        return [source for each in given for source in _sources(each)]
    if not isinstance(given, str | os.PathLike):
        raise DataError(f"data to stream are paths, arrays, or a list of these, but this is {str(given)[:40]!r}.")
    path = Path(given)
    if path.is_dir():
        return [find(p) for p in _listing(path)]
    if re.search(r"[*?\[]", str(given)) and not path.exists():
        found = _in_order(map(Path, glob(str(given), recursive=True)))  # noqa: PTH207  a pattern may begin anywhere
        if not found:
            raise DataError(f"no file matches {shown(given, 200)}.")
        return [find(p) for p in found]
    return [find(path)]


def _x_and_y(folder: Path) -> tuple[list[str], list[str] | None]:
    """The shards of inputs and of targets in a folder, by their names."""
    names = _listing(folder)
    x, y = ([str(p) for p in names if p.name.lower().startswith(letter) and p.suffix == ".npy"] for letter in "xy")
    if not x or not y:
        raise DataError(
            f"the folder {shown(folder, 200)} has {len(x)} files x*.npy and {len(y)} files y*.npy; both are needed.\n"
            "Or say which columns of its files are the targets (target), or give the targets as y."
        )
    return x, y


def _listing(folder: Path) -> list[Path]:
    """The tables in a folder, in order; none that was unpacked from another there."""
    there = [p for p in folder.iterdir() if p.suffix in _SUFFIXES and ".parquet." not in p.name]
    kinds = sorted({p.suffix for p in there})
    if len(kinds) != 1:
        what = f"both {kinds[0]} and {kinds[1]}" if kinds else "neither .npy nor .parquet"
        raise DataError(f"the folder {shown(folder, 200)} holds {what} files.\nName the files, or give a pattern.")
    return _in_order(there)


def _in_order(paths: Iterable[Path]) -> list[Path]:
    """By name, where numbers count as numbers: x2 before x10."""
    return sorted(paths, key=lambda p: [(int(s), "") if s.isdigit() else (-1, s) for s in re.split(r"([0-9]+)", str(p))])


# --------------------------------------------------------------------------------------------------------- what fits


def _split(name: str, array: np.ndarray, target: Any) -> tuple[_Table, _Table | None]:
    """The inputs of a table and its targets, which must leave the inputs side by side."""
    if target is None:
        return (name, array), None
    width = array.shape[1] if array.ndim == 2 else 0
    asked = target if isinstance(target, list | tuple) else [target]
    if not all(isinstance(t, int | np.integer) and not isinstance(t, bool) and -width <= t < width for t in asked):
        raise DataError(
            f"target = {str(target)[:40]}: {name} has columns 0 to {width - 1}, counted from the end as -1, -2."
        )
    out = [int(t) % width for t in asked]
    kept = sorted(set(range(width)) - set(out))
    if not kept or kept[-1] - kept[0] + 1 != len(kept):
        raise DataError(
            f"target = {str(target)[:40]} of {name}: targets are the first or the last of its {width} columns, so that the "
            "inputs lie side by side.\nSave the targets to a file of their own, and give it as y."
        )
    wanted = np.array(array[:, out if isinstance(target, list | tuple) else out[0]])
    return (name, array[:, kept[0] : kept[-1] + 1]), (name, wanted)


def _fitting(inputs: list[_Table]) -> tuple[np.ndarray, ...]:
    """The inputs as parts of one matrix: of one width and one kind of number."""
    parts = [_part(*each) for each in inputs]
    first, (name, _) = parts[0], inputs[0]
    for part, (other, _) in zip(parts, inputs, strict=True):
        for what, one, two in (("columns", first.shape[1], part.shape[1]), ("numbers", first.dtype, part.dtype)):
            if one != two:
                raise DataError(f"shards must be alike, but {name} has {one} {what}, and {other} {two}.")
    return tuple(parts)


def _part(name: str, array: np.ndarray) -> np.ndarray:
    """One shard as a matrix whose rows can be gathered."""
    if array.ndim < 2 or 0 in array.shape:
        raise DataError(f"{name} has shape {array.shape}; (examples, features) is needed, at least 1 of each.")
    if not array.dtype.isnative or array.dtype.name not in STORED:
        raise DataError(
            f"{name} holds {array.dtype.name}{'' if array.dtype.isnative else ' of the other byte order'}; what can be "
            f"streamed is {', '.join(STORED)}.\nSave it anew: numpy.save(path, x.astype('float32'))."
        )
    matrix = array if array.ndim == 2 else array.reshape(len(array), -1) if array.flags.c_contiguous else None
    if matrix is None or not gathers(matrix):
        raise DataError(
            f"{name} is not in C order: the numbers of one example do not lie side by side.\n"
            "Save it anew: numpy.save(path, numpy.ascontiguousarray(x))."
        )
    return np.asarray(matrix)


def _joined(inputs: list[_Table], targets: list[_Table]) -> np.ndarray | None:
    """The targets in memory: one for each example, shard by shard where there are as many of both."""
    if not targets:
        return None
    pairs = zip(inputs, targets, strict=True) if len(inputs) == len(targets) else ()
    for (name, x), (other, y) in pairs:
        if len(x) != len(y):
            raise DataError(f"{name} has {len(x):,} examples, but {other} has {len(y):,} targets.")
    n, m = (sum(len(array) for _, array in tables) for tables in (inputs, targets))
    if n != m:
        raise DataError(f"x has {n:,} examples in {len(inputs)} parts, but y has {m:,} targets in {len(targets)} parts.")
    for name, y in targets:
        if y.shape[1:] != targets[0][1].shape[1:]:
            raise DataError(
                f"targets must be alike, but {targets[0][0]} has shape {targets[0][1].shape}, and {name} {y.shape}."
            )
    return np.concatenate([y for _, y in targets])
