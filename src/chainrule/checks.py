"""Arrays that come from a user, checked once at the border: after this the inside can trust them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from chainrule.architecture import Architecture
from chainrule.engine.rows import Rows, rows_of
from chainrule.errors import ChainruleWarning, ConfigError, DataError, ShapeError


def inputs(x: Any, a: Architecture, *, one: bool = False, name: str = "x") -> np.ndarray | Rows:
    """The inputs as rows in the network's dtype, C-contiguous; a copy only where it must be, of mapped files none.

    Parameters
    ----------
    x : array-like, shape (n, n^1); with ``one``, also (n^1,), which is one example
    a : Architecture

    Raises
    ------
    ShapeError, DataError
        The message names the first wrong place, counted from row 0 and column 0.
    """
    if (rows := rows_of(x, a.dtype)) is not None:
        return _streamed(rows, a, name)
    array = numbers(x, name)
    features = a.neurons(1)
    if one and array.ndim == 1 and len(array) == features:
        array = array[None, :]
    if array.ndim == 1:
        one_example = f"one example of this network has {features} numbers" if one else "a data set is two-dimensional"
        raise ShapeError(
            f"{name} is one-dimensional, of {len(array)} numbers, but {one_example}.\nReshape your data: "
            f"{name}.reshape(1, -1) for a single example, {name}.reshape(-1, 1) for a single feature."
        )
    if array.ndim != 2:
        raise ShapeError(
            f"{name} has {array.ndim} dimensions, of shape {array.shape}; it must have 2: examples in rows, features "
            f"in columns.\nReshape your data: {name}.reshape(len({name}), -1)."
        )
    if 0 in array.shape:
        what, to = ("sample(s)", "work on") if not len(array) else ("feature(s)", "learn from")
        raise DataError(f"{name} has 0 {what} (shape={array.shape}): there is nothing to {to}.")
    _check_width(array.shape[1], a, name)
    _warn_of_bytes(array, a, name, f"{name} / 255")
    return finite(_as(array, a.dtype, name), name)


def _streamed(rows: Rows, a: Architecture, name: str) -> Rows:
    """Rows that stay where they are, looked at in slices."""
    _check_width(rows.shape[1], a, name)
    rows.check(name)
    if rows.scale == 1:
        _warn_of_bytes(rows.limits[1].astype(rows.parts[0].dtype), a, name, "chainrule.data.stream(x, scale=1 / 255)")
    return rows


def _check_width(columns: int, a: Architecture, name: str) -> None:
    """There is a column for each input neuron."""
    if columns != a.neurons(1):
        raise ShapeError(
            f"{name} has {columns} features, but this network is expecting {a.neurons(1)} features as input (sizes="
            f"{list(a.sizes)}).\nGive {name} one column for each input neuron, or build the network with sizes="
            f"{[columns, *a.sizes[1:]]}."
        )


def _warn_of_bytes(array: np.ndarray, a: Architecture, name: str, remedy: str) -> None:
    """Bytes as they are drive neurons into saturation."""
    flat = [s.name for s in a.activations if s.elementwise and np.isfinite(s.range).all()]
    if flat and array.dtype == np.uint8 and array.max(initial=0) > 1:
        warnings.warn(
            f"{name} holds bytes up to {array.max()}: {flat[0]} neurons saturate on such numbers. "
            f"Scale them: {remedy}.", ChainruleWarning, stacklevel=5,
        )  # fmt: skip


def numbers(x: Any, name: str, remedy: str = "encode categories as columns of 0 and 1") -> np.ndarray:
    """Any array-like of real numbers as an array; everything else is refused in words, text with this remedy."""
    if hasattr(x, "tocsr") or type(x).__module__.split(".")[0] == "sparse":
        raise DataError(f"sparse input is not supported: {name} is a {type(x).__name__}. Use {name}.toarray().")
    if isinstance(x, np.ma.MaskedArray) and np.ma.getmaskarray(x).any():
        raise DataError(
            f"{name} has {int(np.ma.getmaskarray(x).sum())} masked entries. Fill them in first: {name}.filled(value)."
        )
    if hasattr(x, "columns"):
        _check_frame(x, name)
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise DataError(_ragged(x, name)) from error
    if array.ndim == 0:
        raise DataError(f"{name} is a single value, {str(x)[:40]!r}, not an array of examples.")
    if array.dtype.kind == "c":
        raise DataError(f"Complex data not supported: {name} has dtype {array.dtype}. Use its real part, or two columns.")
    if array.dtype.kind in "US":
        raise DataError(
            f"{name} holds text, such as {str(array.flat[0])[:40]!r}.\nA network takes numbers: convert those written as "
            f"text with {name}.astype(float), or {remedy}."
        )
    if array.dtype.kind == "O":
        array = _from_objects(array, name, remedy)
    if array.dtype.kind not in "fiub":
        raise DataError(f"{name} has dtype {array.dtype}; a network takes numbers.")
    return array


def _check_frame(x: Any, name: str) -> None:
    """Refuse a table with text or with two columns of one name, naming the column."""
    columns = [str(c) for c in x.columns]
    twice = sorted({c for c in columns if columns.count(c) > 1})
    if twice:
        raise DataError(f"{name} has more than one column named {twice[0][:40]!r}.")
    for column in columns:
        values = np.asarray(x[column])
        if values.dtype.kind in "OUS" and any(isinstance(v, str) for v in values[:1000].tolist()):
            raise DataError(
                f"column {column[:40]!r} of {name} holds text. Encode categories as columns of 0 and 1, or leave it out."
            )


def _ragged(x: Any, name: str) -> str:
    """Say which row is not like the first."""
    lengths = [np.size(row) for row in x]
    odd = next((i for i, n in enumerate(lengths) if n != lengths[0]), 0)
    return f"row {odd} of {name} has {lengths[odd]} numbers, row 0 has {lengths[0]}: all rows must have as many."


def _from_objects(array: np.ndarray, name: str, remedy: str) -> np.ndarray:
    """An array of Python numbers as float64, or a DataError that names the first entry that is not a number."""
    for index, value in np.ndenumerate(array):
        if isinstance(value, str | bytes | dict | list | tuple | set) or value is None:
            hint = f"\nA network takes numbers: {remedy}." if isinstance(value, str | bytes) else ""
            raise DataError(f"{name} at {index} is {str(value)[:40]!r} ({type(value).__name__}), not a number.{hint}")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} holds Python objects that are not numbers: {error}.") from error


def _as(array: np.ndarray, dtype: Any, name: str) -> np.ndarray:
    """The array in the network's dtype; what does not fit is refused, what loses digits is said."""
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8 and np.abs(array).max(initial=0) > 2**53:
        warnings.warn(f"{name} has whole numbers above 2^53, which lose digits as {dtype}.", ChainruleWarning, stacklevel=5)
    if array.dtype.itemsize > 8:
        warnings.warn(f"{name} is {array.dtype}; computed as {dtype}.", ChainruleWarning, stacklevel=5)
    if array.dtype.kind == "f" and array.dtype.itemsize > dtype.itemsize and array.size:
        largest = np.finfo(dtype).max
        if array.max() > largest or array.min() < -largest:
            _refuse_large(array, float(largest), dtype, name)
    return np.ascontiguousarray(array, dtype=dtype)


def _refuse_large(array: np.ndarray, largest: float, dtype: Any, name: str) -> None:
    """A DataError that names the first finite number that the network's dtype cannot hold."""
    for row, *column in np.argwhere(np.isfinite(array) & (np.abs(array) > largest)):
        place = f"row {row}" + (f", column {column[0]}" if column else "")
        raise DataError(
            f"{name} has {array[(row, *column)]:.3g} in {place}: more than {dtype} can hold ({largest:.3g}).\n"
            "Standardise the column, or use dtype='float64'."
        )


def finite(array: np.ndarray, name: str) -> np.ndarray:
    """The array itself, or a DataError that names the first entry that is not finite, and how many are."""
    if array.size and not (np.isfinite(array.min()) and np.isfinite(array.max())):
        bad = np.argwhere(~np.isfinite(array))
        place = f"row {bad[0][0]}" + (f", column {bad[0][1]}" if array.ndim > 1 else "")
        raise DataError(
            f"{name} has {len(bad):,} value(s) that are NaN or infinite, the first ({array[tuple(bad[0])]}) in {place}.\n"
            "Leave those rows out, or fill them in."
        )
    return array


def targets(y: Any, n: int, a: Architecture, name: str = "y") -> tuple[np.ndarray, bool]:
    """The targets as rows, and whether they were class indices.

    Class indices, one for each example, become rows with the cost's on value at the class and its off value elsewhere, and
    so do rows of 1 and 0.

    Raises
    ------
    ShapeError, DataError
    """
    if y is None:
        raise DataError(f"requires {name} to be passed, but the target {name} is None")
    array = numbers(y, name, "use class indices: classes, y = np.unique(y, return_inverse=True)")
    outputs = a.neurons(a.L)
    if len(array) != n:
        raise ShapeError(f"x and {name} have inconsistent numbers of samples: {n} and {len(array)}.")
    if array.ndim == 2 and array.shape[1] == 1 and outputs > 1:
        warnings.warn(
            f"A column-vector {name} was passed when a 1d array was expected: taken as class indices. "
            f"Use {name}.ravel().", ChainruleWarning, stacklevel=4,
        )  # fmt: skip
        array = array[:, 0]
    if array.ndim == 1 and outputs > 1:
        return _one_hot(array, a, name), True
    rows = array[:, None] if array.ndim == 1 else array
    if rows.ndim != 2 or rows.shape[1] != outputs:
        raise ShapeError(
            f"{name} has shape {array.shape}, but this network has {outputs} output neuron(s) (sizes={list(a.sizes)}).\n"
            f"Give {name} as rows of {outputs}" + (", or as class indices of shape (n,)." if outputs > 1 else ".")
        )
    rows = finite(_as(rows, a.dtype, name), name)
    on, off = a.cost.on_off
    by_class = (outputs == 1 or (on, off) != (1, 0)) and bool(((rows == 0) | (rows == 1)).all())
    if by_class and (on, off) != (1, 0):
        rows = rows * np.asarray(on - off, a.dtype) + np.asarray(off, a.dtype)
    _check_range(rows, a, name)
    return rows, outputs == 1 and by_class and a.cost.classifies


def _one_hot(labels: np.ndarray, a: Architecture, name: str) -> np.ndarray:
    """Class indices as rows of targets."""
    classes = a.neurons(a.L)
    finite(labels, name)
    whole = labels.astype(np.int64)
    if (whole != labels).any():
        row = int(np.argmax(whole != labels))
        raise DataError(
            f"Unknown label type: {name} has {labels[row]} in row {row}, which is not a class index 0 to {classes - 1}.\n"
            f"For a network with {classes} real outputs, give {name} as rows of {classes}."
        )
    if whole.min() < 0 or whole.max() >= classes:
        row = int(np.argmax((whole < 0) | (whole >= classes)))
        raise DataError(
            f"{name} has class {whole[row]} in row {row}, but this network has {classes} output neurons: classes 0 to "
            f"{classes - 1}.\nBuild the network with one output neuron for each class."
        )
    on, off = a.cost.on_off
    rows = np.full((len(whole), classes), off, a.dtype)
    rows[np.arange(len(whole)), whole] = on
    return rows


def _check_range(rows: np.ndarray, a: Architecture, name: str) -> None:
    """Refuse targets that the cost is not defined for."""
    low, high = a.cost.targets
    bad = (rows < low) | (rows > high)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise DataError(
            f"{name} has {rows[row, column]:g} in row {row}, column {column}, but the {a.cost.name} cost takes targets "
            f"from {low:g} to {high:g}."
        )
    if a.is_canonical and not a.sigma(a.L).elementwise:
        sums = rows.sum(axis=1)
        row = int(np.argmax(np.abs(sums - 1)))
        if abs(sums[row] - 1) > 1e-4:
            raise DataError(
                f"row {row} of {name} sums to {sums[row]:g}, but the targets of a softmax layer are shares that sum to 1."
            )


def sample_weights(weight: Any, n: int, dtype: Any) -> np.ndarray | None:
    """Example weights as an array, or None where there are none."""
    if weight is None:
        return None
    array = numbers(weight, "sample_weight")
    if array.shape != (n,):
        raise ShapeError(f"sample_weight has shape {array.shape}, but there are {n} examples: it must be ({n},).")
    array = finite(array.astype(dtype), "sample_weight")
    if (array < 0).any():
        row = int(np.argmax(array < 0))
        raise DataError(f"sample_weight is {array[row]:g} in row {row}: a weight is at least 0.")
    if not array.any():
        raise DataError(f"every sample_weight of the {n} is zero: there is nothing to learn from.")
    return array


def class_weights(spec: Any, rows: np.ndarray, dtype: Any, *, classify: bool = True) -> np.ndarray | None:
    """The weight that each example gets by its class: ``"balanced"``, or a mapping of class index to weight."""
    if spec is None:
        return None
    if not classify:
        raise ConfigError(
            "class_weight is for networks that tell classes, and y are values here.\nGive sample_weight, one weight for "
            "each example; or a cost for classes, such as 'cross_entropy'."
        )
    labels = (rows[:, 0] > 0.5).astype(np.int64) if rows.shape[1] == 1 else rows.argmax(axis=1)
    n = max(rows.shape[1], 2)
    if isinstance(spec, str) and spec == "balanced":
        counts = np.bincount(labels, minlength=n)
        per_class = len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    elif isinstance(spec, dict):
        unknown = [c for c in spec if not isinstance(c, int | np.integer) or not 0 <= c < n]
        if unknown:
            raise ConfigError(f"class_weight names class {unknown[0]!r}, but the classes are 0 to {n - 1}.")
        per_class = np.array([spec.get(c, 1.0) for c in range(n)], dtype=np.float64)
    else:
        raise ConfigError(f"class_weight = {spec!r}: give 'balanced', or a dict of class index and weight.")
    if not np.isfinite(per_class).all() or (per_class < 0).any():
        raise ConfigError(f"class_weight = {spec!r}: every weight is a finite number, at least 0.")
    return np.asarray(per_class[labels], dtype=dtype)
