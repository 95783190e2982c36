"""Rows of numbers that stay where they are, in mapped files or as bytes, and become floats as they are gathered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.errors import DataError

STORED = ("uint8", "int16", "float32", "float64")  # what an engine can gather, in this machine's byte order
_FLOAT32 = np.dtype(np.float32)
SLICE_BYTES = 1 << 20  # a pass over all rows holds so many bytes at a time, which fit a core's cache


@dataclass(frozen=True, eq=False, repr=False)
class Rows:
    """A matrix in parts that lie one after the other: an array for each, all of one width and one kind of number.

    It is what training reads in place of an array that does not fit in memory. A value is
    ``dtype(stored) * dtype(scale)``: the stored number rounded to dtype (bytes and int16 are exact), times the scale
    rounded to dtype, rounded once more. With scale 1 nothing is multiplied. So bytes with scale 1/255 give the bits of
    ``x.astype("float32") * np.float32(1 / 255)``, which may differ from those of ``x / 255`` in the last place.

    Parameters
    ----------
    parts : tuple of ndarray, each (n_i, features)
        Numbers of a kind in ``STORED``. The numbers of a row lie side by side; one row may begin anywhere after the other
        (``strides[0]``), since a file may hold the targets between them.
    scale : float
        More than 0.
    dtype : dtype
        Of the values: float32 or float64.

    Attributes
    ----------
    starts : ndarray, shape (parts + 1,), int64
        The number of each part's first row, and that of all rows.
    shape : (int, int)

    Examples
    --------
    >>> rows = Rows((np.uint8([[0, 51]]), np.uint8([[102, 255], [5, 10]])), scale=1 / 255)
    >>> rows
    Rows(3 × 2, uint8 * 0.00392157 in 2 parts)
    >>> rows[np.array([2, 0])]
    array([[0.01960784, 0.03921569],
           [0.        , 0.20000002]], dtype=float32)
    """

    parts: tuple[np.ndarray, ...]
    scale: float = 1.0
    dtype: np.dtype[Any] = _FLOAT32
    ndim = 2

    @cached_property
    def starts(self) -> np.ndarray:
        """The number of each part's first row, and that of all rows."""
        return np.cumsum([0, *map(len, self.parts)], dtype=np.int64)

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int(self.starts[-1]), self.parts[0].shape[1]

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        times = "" if self.scale == 1 else f" * {self.scale:g}"
        parts = f" in {len(self.parts)} parts" if len(self.parts) > 1 else ""
        return f"Rows({self.shape[0]:,} × {self.shape[1]:,}, {self.parts[0].dtype}{times}{parts})"

    def astype(self, dtype: Any) -> Rows:
        """The same rows, with values of this dtype; nothing is read."""
        return self if self.dtype == dtype else replace(self, dtype=np.dtype(dtype))

    # --------------------------------------------------------------------------------------------------- to read

    def take(self, rows: np.ndarray, axis: int, out: np.ndarray, mode: str) -> np.ndarray:  # noqa: ARG002  as of an array
        """Gather rows by number into ``out``, as ``ndarray.take`` does; axis and mode are 0 and "clip"."""
        stored = self.parts[0].dtype
        raw = out if stored == out.dtype else np.empty(out.shape, stored)
        if len(self.parts) == 1:
            _gather(self.parts[0], rows, raw)
        else:
            self._gather_from_parts(rows, raw)
        if self.scale != 1:
            np.multiply(raw, out.dtype.type(self.scale), out=out, dtype=out.dtype, casting="same_kind")
        elif raw is not out:
            np.copyto(out, raw, casting="same_kind")
        return out

    def _gather_from_parts(self, rows: np.ndarray, out: np.ndarray) -> None:
        """Each part's rows in one go, and then all of them to their places."""
        order = rows.argsort(kind="stable")
        ordered = rows[order]
        cuts, starts = ordered.searchsorted(self.starts).tolist(), self.starts.tolist()
        gathered = np.empty_like(out)
        for part, start, low, high in zip(self.parts, starts[:-1], cuts[:-1], cuts[1:], strict=True):
            if low < high:
                _gather(part, ordered[low:high] - start, gathered[low:high])
        out[order] = gathered

    def __getitem__(self, which: Any) -> np.ndarray:
        """The values of a row, a slice of rows, or of rows by number or by an array of bool; always a copy."""
        n = len(self)
        if isinstance(which, slice):
            rows = np.arange(*which.indices(n))
        else:
            rows = np.atleast_1d(np.asarray(which))
            rows = np.flatnonzero(rows) if rows.dtype == bool and len(rows) == n else rows.astype(np.int64, casting="safe")
        if rows.size and (rows.min() < -n or rows.max() >= n):
            raise IndexError(f"row {rows.max() if rows.max() >= n else rows.min()} of {n} rows")
        rows = np.where(rows < 0, rows + n, rows)
        found = self.take(rows, 0, np.empty((len(rows), self.shape[1]), self.dtype), "clip")
        return found[0] if np.ndim(which) == 0 and not isinstance(which, slice) else found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """All values, in memory."""
        if copy is False:
            raise ValueError("Rows become an array only as a copy")
        return self[:] if dtype is None else self[:].astype(dtype, copy=False)

    @property
    def T(self) -> np.ndarray:
        """All values, in memory, as columns."""
        return self[:].T

    # ------------------------------------------------------------------------------------------ looked at in slices

    def slices(self) -> Iterator[tuple[int, np.ndarray]]:
        """Every stretch of rows as stored, with the number of its first row: a view, so that nothing is copied."""
        step = max(1, SLICE_BYTES // max(1, self.shape[1] * self.parts[0].itemsize))
        for part, start in zip(self.parts, self.starts.tolist(), strict=False):
            for at in range(0, len(part), step):
                yield start + at, part[at : at + step]

    @cached_property
    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """The least and the largest value of each column, NaN where one is NaN: one pass over everything, done once."""
        low = high = self.parts[0][0]
        for _, block in self.slices():
            low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
        return self._values(low), self._values(high)

    def min(self, axis: int) -> np.ndarray:  # noqa: ARG002  as of an array
        """The least value of each column (axis 0)."""
        return self.limits[0]

    def max(self, axis: int) -> np.ndarray:  # noqa: ARG002  as of an array
        """The largest value of each column (axis 0)."""
        return self.limits[1]

    def check(self, name: str) -> None:
        """Raise a DataError where a mapped file has become shorter, or where values are not finite."""
        self._check_files()
        if all(np.isfinite(limit).all() for limit in self.limits):
            return
        count, first = 0, ""
        for start, block in self.slices():
            row, column = np.nonzero(~np.isfinite(self._values(block)))
            count += len(row)
            if len(row) and not first:
                first = f"({block[row[0], column[0]]}) in row {start + row[0]}, column {column[0]}"
        raise DataError(
            f"{name} has {count:,} value(s) that are NaN, infinite or more than {self.dtype} can hold, the first {first}.\n"
            "Leave those rows out, or fill them in."
        )

    def _check_files(self) -> None:
        """Reading what is gone from a mapped file would end the process."""
        for file, now, then in map(_mapping, self.parts):
            if now < then:
                raise DataError(
                    f"{file[-200:]!r} has {now:,} bytes, but had {then:,} when it was opened: it was cut off, or is "
                    "being written anew.\nOpen it again when it is complete; replace a file in use by renaming a new one."
                )

    def _values(self, stored: np.ndarray) -> np.ndarray:
        """Stored numbers as values."""
        with np.errstate(over="ignore", invalid="ignore"):
            values = stored.astype(self.dtype, copy=False)
            return values if self.scale == 1 else values * self.dtype.type(self.scale)


def rows_of(x: Any, dtype: Any) -> Rows | None:
    """Rows, or a mapped matrix as rows, so that it is not loaded; None for all else, and for other kinds of number."""
    if isinstance(x, Rows):
        return x.astype(dtype)
    if not isinstance(x, np.memmap) or x.ndim != 2 or not x.size or not gathers(x):
        return None
    return Rows((np.asarray(x),), dtype=np.dtype(dtype))


def gathers(part: np.ndarray) -> bool:
    """Whether a matrix can be a part: numbers of a kind that is gathered, those of a row side by side."""
    whole = part.strides[1] == part.itemsize and part.strides[0] % part.itemsize == 0
    return whole and part.dtype.isnative and part.dtype.name in STORED


def _gather(part: np.ndarray, rows: np.ndarray, out: np.ndarray) -> None:
    """Rows of one part; ``take`` is the faster, but would first copy a part whose rows do not follow on each other."""
    if part.flags.c_contiguous:
        part.take(rows, 0, out, "clip")
    else:
        out[...] = part[rows]


def _mapping(part: np.ndarray) -> tuple[str, int, int]:
    """The file that an array lies in, the bytes it has now, and those it had when it was mapped; of memory: 0 and 0."""
    import mmap

    base: Any = part
    while isinstance(base.base, np.ndarray):
        base = base.base
    if not isinstance(base, np.memmap) or not isinstance(base.base, mmap.mmap):
        return "", 0, 0
    begin = base.offset - base.offset % mmap.ALLOCATIONGRANULARITY
    return str(base.filename), base.base.size(), begin + len(base.base)
