"""NumPy's .npz archives, read strictly: no pickles, and nothing is allocated that the file cannot hold.

The arrays are read one by one by their names; the archive is never unpacked to disk, so names in it are no paths.
"""

from __future__ import annotations

import math
import re
import warnings
import zipfile
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from chainrule.data.dataset import Dataset, Splits
from chainrule.data.labels import encode
from chainrule.data.source import Source, allowed_bytes, find, opened, shown
from chainrule.errors import ChainruleWarning, ConfigError, DataError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

_PARTS = {  # the names under which each part may stand
    "train": (("x", "y"), ("x_train", "y_train")),
    "validation": (("x_validation", "y_validation"), ("x_val", "y_val"), ("x_valid", "y_valid")),
    "test": (("x_test", "y_test"),),
}
_HEADER = re.compile(rb"\{\s*'descr':\s*'([^']*)',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d, ]*)\),?\s*\}\s*")
_NUMBERS = frozenset("biuf")
LARGE, APART = 1e3, 1e6  # numbers, and ratios of spans, above which columns should be standardised


def npz_file(path: str | os.PathLike[str], *, task: str | None = None) -> Splits:
    """Read a data set from an .npz archive.

    Parameters
    ----------
    path : path
        An archive with arrays ``x`` and ``y`` (or ``x_train``, ``y_train``), and perhaps ``x_validation``,
        ``y_validation``, ``x_test``, ``y_test``. x is (n, features), or (n, rows, columns) for images; bytes (uint8)
        are grey levels and are divided by 255. Other numbers are used as they are: nothing is standardised.
    task : {"classification", "regression"}, optional
        By default, whole numbers, texts, truth values and one-hot rows make a classification, real numbers a
        regression.

    Returns
    -------
    Splits

    Raises
    ------
    DataError
        When an array is missing, holds pickled objects, is not as large as it claims, or cannot be learned from.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "toy.npz")
    ...     np.savez(path, x=np.eye(3), y=["a", "b", "a"])
    ...     data = npz_file(path)
    >>> data.train
    Dataset(3 examples, 3 features, 2 classes)
    """
    if task not in {None, "classification", "regression"}:
        raise ConfigError(f"task={task!r}: it is 'classification' or 'regression'.")
    source = find(path)
    arrays = read_npz(source)
    if not any(all(key in arrays for key in pair) for pair in _PARTS["train"]):
        keys = ", ".join(shown(key) for key in list(arrays)[:20]) or "none"
        raise DataError(f"{source.name}: the arrays x and y (or x_train and y_train) are needed; the file has {keys}.")
    parts = {part: _found(arrays, pairs, source) for part, pairs in _PARTS.items()}
    train = _dataset(parts["train"], source, task, None)
    validation, test = (_dataset(parts[part], source, task, train) for part in ("validation", "test"))
    assert train is not None  # its arrays were found above
    return Splits(source.path.name, train, validation, test)


def read_npz(source: Source) -> dict[str, np.ndarray]:
    """Read the arrays of an archive that are of any use here; warn of others."""
    wanted = {name for pairs in _PARTS.values() for pair in pairs for name in pair}
    with opened(source) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
                if unknown := sorted(set(members) - wanted):
                    _warn_of_unused(source, unknown, some=bool(set(members) & wanted))
                return {
                    name: _read_member(archive, info, source, name) if name in wanted else np.empty(0)
                    for name, info in members.items()
                }
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"{source.name}: not a sound .npz archive ({error}).") from None


def _warn_of_unused(source: Source, names: list[str], *, some: bool) -> None:
    if some:
        listed = ", ".join(shown(name) for name in names[:10])
        warnings.warn(f"{source.name}: these arrays are not used: {listed}.", ChainruleWarning, stacklevel=4)


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: Source, name: str) -> np.ndarray:
    """Read one .npy file of the archive after its claims were compared with its size."""
    if info.compress_size > source.size or info.file_size > allowed_bytes(info.compress_size):
        raise DataError(
            f"{source.name}: {name} claims to unpack from {info.compress_size:,} to {info.file_size:,} bytes, as a"
            " zip bomb does. Save it with numpy.savez if it is sound."
        )
    with archive.open(info) as stream:
        dtype, fortran, shape, header_size = _header(stream, f"{source.name}: {name}")
        size = math.prod(shape) * dtype.itemsize
        if size + header_size != info.file_size:
            raise DataError(
                f"{source.name}: {name} claims {size:,} bytes of numbers, but has {info.file_size - header_size:,};"
                " the file is damaged."
            )
        raw = stream.read(size + 1)
    if len(raw) != size:
        raise DataError(
            f"{source.name}: {name} claims {size:,} bytes of numbers, but has {len(raw):,}; the file is damaged."
        )
    return np.frombuffer(raw, dtype).reshape(shape, order="F" if fortran else "C")


def _header(stream: IO[bytes], name: str) -> tuple[np.dtype[Any], bool, tuple[int, ...], int]:
    """Read an .npy header of the form that NumPy writes, and no other."""
    magic = stream.read(8)
    if magic[:6] != b"\x93NUMPY" or magic[6:] not in {b"\x01\x00", b"\x02\x00"}:
        raise DataError(f"{name} is not an array of plain numbers or texts in NumPy's format (1.0 or 2.0).")
    width = 2 if magic[6] == 1 else 4
    length = int.from_bytes(stream.read(width), "little")
    text = stream.read(min(length, 10_000))
    match = _HEADER.fullmatch(text)
    if match is None:
        raise DataError(
            f"{name} has a header that does not describe an array of plain numbers or texts: {shown(text, 80)}."
        )
    description = match[1].decode("latin-1")
    if "O" in description:
        raise DataError(
            f"{name} holds pickled Python objects, which can run code; save it as numbers or as texts of dtype str."
        )
    try:
        dtype = np.dtype(description)
    except (TypeError, ValueError):
        raise DataError(f"{name} has an unknown type of number, {shown(description)}.") from None
    if dtype.kind not in "biufcU" or dtype.itemsize == 0:
        raise DataError(f"{name} holds {dtype}; numbers or texts are needed.")
    shape = tuple(int(n) for n in match[3].decode().replace(",", " ").split())
    return dtype, match[2] == b"True", shape, 8 + width + length


def _found(
    arrays: Mapping[str, np.ndarray], pairs: tuple[tuple[str, str], ...], source: Source
) -> tuple[str, np.ndarray, np.ndarray] | None:
    """Return the inputs and targets of one part under the first pair of names that is there."""
    for x, y in pairs:
        if x in arrays and y in arrays:
            return x, arrays[x], arrays[y]
        if x in arrays or y in arrays:
            present, absent = (x, y) if x in arrays else (y, x)
            if not any(set(pair) <= set(arrays) for pair in pairs):
                raise DataError(f"{source.name}: {present} is there, but {absent} is not; each part needs both.")
    return None


def _dataset(
    part: tuple[str, np.ndarray, np.ndarray] | None, source: Source, task: str | None, like: Dataset | None
) -> Dataset | None:
    """Check one part and turn it into a data set, in the classes of `like`."""
    if part is None:
        return None
    name, x, y = part
    where = f"{source.name}: {name}"
    inputs = _real(x, where, images=True)
    if like is None:
        _warn_of_scales(inputs, where)
    if len(x) != len(y):
        raise DataError(f"{where} has {len(x):,} examples, but its y has {len(y):,}; each needs its target.")
    image_shape = (x.shape[1], x.shape[2]) if x.ndim == 3 else None
    if like is not None and inputs.shape[1] != like.n_features:
        raise DataError(f"{where} has {inputs.shape[1]:,} features, but the training part has {like.n_features:,}.")
    labels = _labels(y, task or (like.task if like is not None else None), f"{where[:-1]}")
    if labels is None:
        targets = _real(y if y.ndim > 1 else y[:, None], f"{where} (its y)", images=False)
        return Dataset(inputs, targets, image_shape=image_shape)
    codes, classes = encode(labels, like.classes if like else None, where)
    return Dataset(inputs, codes, classes=classes, image_shape=image_shape)


def _warn_of_scales(x: np.ndarray, where: str) -> None:
    """Warn of columns on whose scale a network learns badly: large numbers, or spans that hardly compare."""
    low, high = x.min(axis=0), x.max(axis=0)
    largest, span = np.maximum(-low, high), high / 2 - low / 2  # half of it, as the whole may be over 3.4e38
    wide, narrow = int(span.argmax()), int(np.where(span > 0, span, np.inf).argmin())
    at, what = int(largest.argmax()), ""
    if largest[at] > LARGE:
        what = f"column {at + 1} has numbers up to {largest[at]:.3g}"
    elif span[wide] > APART * span[narrow] > 0:
        what = f"column {wide + 1} spans {span[wide] / span[narrow]:.1g} times as much as column {narrow + 1}"
    if what:
        text = "a network learns badly from it. Standardise the columns: subtract their mean, divide by their deviation."
        warnings.warn(f"{where}: {what}; {text}", ChainruleWarning, stacklevel=5)


def _labels(y: np.ndarray, task: str | None, where: str) -> np.ndarray | None:
    """Return y as one label an example, or None for a regression."""
    if y.ndim not in {1, 2} or y.dtype.kind == "c":
        raise DataError(f"{where}: y has shape {y.shape} of {y.dtype}; (n,) labels or (n, k) numbers are needed.")
    if y.ndim == 2 and y.shape[1] == 1 and y.dtype.kind != "f":
        y = y[:, 0]
    if y.ndim == 2 and y.shape[1] > 1 and y.dtype.kind in _NUMBERS and task != "regression" and _one_hot(y):
        return np.asarray(y.argmax(axis=1))
    if task == "regression" or (task is None and y.dtype.kind == "f") or y.ndim == 2:
        return None
    if y.dtype.kind == "f":
        if not (np.isfinite(y) & (y == np.floor(y)) & (abs(y) < 2.0**53)).all():
            raise DataError(f"{where}: y is continuous: class labels are whole numbers or texts. Pass task='regression'.")
        return y.astype(np.int64)
    return y


def _one_hot(y: np.ndarray) -> bool:
    return bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())


def _real(values: np.ndarray, where: str, *, images: bool) -> np.ndarray:
    """Return a finite float32 matrix; grey levels divided by 255, images as rows."""
    if values.dtype.kind not in _NUMBERS:
        kind = "Complex data not supported" if values.dtype.kind == "c" else "numbers are needed"
        raise DataError(f"{where} holds {values.dtype}: {kind}.")
    if values.ndim != 2 and not (images and values.ndim == 3):
        raise DataError(f"{where} has shape {values.shape}; (examples, features) is needed. Reshape your data.")
    if 0 in values.shape:
        what = "sample(s)" if len(values) == 0 else "feature(s)"
        raise DataError(f"{where} has shape {values.shape}: 0 {what}; there is nothing to learn from.")
    with np.errstate(over="ignore"):
        out = np.divide(values, np.float32(255)) if images and values.dtype == np.uint8 else values.astype(np.float32)
    out = out.reshape(len(out), -1)
    bad = ~np.isfinite(out)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise DataError(
            f"{where}: {int(bad.sum()):,} value(s) are not finite in float32 (NaN, infinite or over 3.4e38), the"
            f" first in row {row + 1}, column {column + 1}: {values.reshape(out.shape)[row, column]}."
            " Correct or remove these rows."
        )
    return out
