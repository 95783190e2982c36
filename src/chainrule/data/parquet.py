"""Parquet: a file of columns, unpacked once into files of rows that can be mapped."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from glob import escape
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.choices import similar
from chainrule.data.mapped import npy
from chainrule.data.source import Source, find, shown
from chainrule.errors import ChainruleError, ConfigError, DataError
from chainrule.io.reporting import reported

BATCH = 1 << 24  # numbers that are in memory at a time
_Table = tuple[str, np.ndarray]
_Pair = tuple[np.dtype[Any], np.dtype[Any]]  # of inputs and targets


def unpacked(
    source: Source, columns: Sequence[str] | None, target: Any, dtype: str, cache: str | os.PathLike[str] | None
) -> tuple[_Table, _Table | None]:
    """The inputs of a Parquet file as a mapped matrix, and its targets; unpacked unless that has been done before.

    What was unpacked is told by the file's size and time of change, the columns and the dtype, in its name.
    """
    wanted = [target] if isinstance(target, str) else list(target or ())
    choice = _digest(*(columns or "*"), "|", *wanted, "|", dtype)
    folder = source.path.parent if cache is None else Path(cache)
    whose = "" if cache is None else f"{_digest(str(source.path.resolve()))}."
    stem = f"{source.path.name}.{whose}{choice}."
    now = f"{stem}{_digest(*map(str, source.stamp[1:]))}."
    x, y = folder / f"{now}x.npy", folder / f"{now}y.npy"
    if not x.exists():
        _unpack(source, columns, wanted, dtype, (x, y))
        for old in folder.glob(f"{escape(stem)}*.[xy].npy"):  # of the file as it was before
            if not old.name.startswith(now):
                old.unlink(missing_ok=True)
    inputs = source.name, npy(find(x))
    if not wanted:
        return inputs, None
    targets = np.array(npy(find(y)))
    return inputs, (source.name, targets[:, 0] if isinstance(target, str) else targets)


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]


def _unpack(
    source: Source, columns: Sequence[str] | None, wanted: list[str], dtype: str, paths: tuple[Path, Path]
) -> None:  # fmt: skip
    """Write the rows of inputs and of targets, a stretch at a time; the files get their names when they are whole."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise ConfigError(f"{source.name} needs pyarrow to be unpacked: pip install 'chainrule[tables]'.") from None
    try:
        with parquet.ParquetFile(source.path) as file:
            inputs = [n for n in file.schema_arrow.names if n not in wanted] if columns is None else list(columns)
            _check_columns(source, file.schema_arrow, inputs, wanted)
            n = file.metadata.num_rows
            if not n or not inputs:
                raise DataError(f"{source.name} has {n:,} rows and {len(inputs)} input columns: there is nothing to learn.")
            kinds = _stored(file.schema_arrow, inputs, wanted, dtype)
            _write(_matrices(source, file, (inputs, wanted), kinds), n, kinds, (len(inputs), len(wanted)), paths)
    except ChainruleError:
        raise
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{source.name} is not a sound Parquet file: {str(error)[:200]}.") from None


def _check_columns(source: Source, schema: Any, inputs: list[str], wanted: list[str]) -> None:
    """Every column is there once, and holds numbers."""
    from pyarrow import types

    for name in inputs + wanted:
        count = schema.names.count(name)
        if count != 1:
            hint = similar(str(name), schema.names)
            raise DataError(f"{source.name} has {count} columns named {shown(name)}; it has {len(schema.names)}.{hint}")
    for name in inputs + wanted:
        kind = schema.field(name).type
        if not (types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)):
            raise DataError(
                f"column {shown(name)} of {source.name} holds {str(kind)[:40]}, not numbers.\n"
                "Leave it out (columns=[...]), or write it as numbers: categories as columns of 0 and 1, classes from 0."
            )


def _stored(schema: Any, inputs: list[str], wanted: list[str], dtype: str) -> _Pair:
    """What inputs and targets are stored as: where all inputs are bytes they stay so, and whole targets stay whole."""
    from pyarrow import types

    are_bytes = all(types.is_uint8(schema.field(name).type) for name in inputs)
    are_whole = not any(types.is_floating(schema.field(name).type) for name in wanted)
    return np.dtype("uint8" if are_bytes else dtype), np.dtype("int64" if are_whole else "float64")


def _matrices(source: Source, file: Any, names: tuple[list[str], ...], kinds: _Pair) -> Iterator[list[np.ndarray]]:
    """Stretches of the inputs and of the targets, as rows."""
    start = 0
    rows = max(1, BATCH // sum(map(len, names)))
    for batch in file.iter_batches(rows, columns=[*names[0], *names[1]], use_threads=False):
        blocks = [np.empty((len(batch), len(some)), kind) for some, kind in zip(names, kinds, strict=True)]
        for some, block in zip(names, blocks, strict=True):
            for j, name in enumerate(some):
                column = batch.column(name)
                if column.null_count:
                    row = start + int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
                    raise DataError(
                        f"column {shown(name)} of {source.name} has no value in row {row}.\n"
                        "Leave such rows out, or fill them in."
                    )
                with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, which fit refuses
                    block[:, j] = column.to_numpy(zero_copy_only=False)
        start += len(batch)
        yield blocks


def _write(
    blocks: Iterator[list[np.ndarray]], n: int, kinds: _Pair, widths: tuple[int, int], paths: tuple[Path, Path]
) -> None:  # fmt: skip
    """Write the matrices beside where they go, then rename them: the inputs last, since they say that all is there."""
    needed = n * sum(kind.itemsize * width for kind, width in zip(kinds, widths, strict=True))
    drafts = [path.with_name(f"{path.name}.{os.getpid()}.part") for path in paths]
    writing = partial(reported, paths[0], needed, "To unpack elsewhere, name a folder: cache=...")
    try:
        with ExitStack() as stack:
            with writing():
                files = [stack.enter_context(draft.open("wb")) for draft in drafts]
                for file, kind, width in zip(files, kinds, widths, strict=True):
                    head = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": (n, width)}
                    np.lib.format.write_array_header_1_0(file, head)
            for stretch in blocks:
                with writing():
                    for file, block in zip(files, stretch, strict=True):
                        file.write(block.data)
            with writing():
                for file in files:
                    file.flush()
                    os.fsync(file.fileno())
        with writing():
            for draft, path in reversed([*zip(drafts, paths, strict=True)]):
                draft.replace(path)
    finally:
        for draft in drafts:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
