"""Files whose numbers are used where they lie: .npy and IDX, mapped read-only after their claims have been checked."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np

from chainrule.data.idx import MAX_DIMENSIONS, TYPES
from chainrule.data.source import Source
from chainrule.errors import DataError


def magic(source: Source) -> bytes:
    """The first bytes of a file, which tell its kind better than its name does."""
    with source.path.open("rb") as file:
        return file.read(4)


def mapped(source: Source) -> np.ndarray:
    """The numbers of a .npy or IDX file, mapped read-only, or a DataError."""
    begin = magic(source)
    if begin == b"\x93NUM":
        return npy(source)
    if begin[:2] == b"\0\0":
        return _idx(source)
    if begin[:2] == b"\x1f\x8b":
        raise DataError(
            f"{source.name} is compressed with gzip: it cannot be mapped.\nUnpack it once: gunzip --keep {source.path.name}"
        )
    raise DataError(f"{source.name} begins with {begin.hex(' ') or 'nothing'}: it is no .npy, IDX or Parquet file.")


def npy(source: Source) -> np.ndarray:
    """Map a .npy file, read-only, if it is as long as it claims and holds plain numbers."""
    header = np.lib.format
    with source.path.open("rb") as file:
        try:
            version = header.read_magic(file)
            read = header.read_array_header_1_0 if version == (1, 0) else header.read_array_header_2_0
            shape, fortran, dtype = read(file)
        except (ValueError, SyntaxError, TypeError) as error:
            raise DataError(f"{source.name} is not a sound .npy file: {str(error)[:200]}.") from None
        begin = file.tell()
    if dtype.hasobject:
        raise DataError(f"{source.name} holds Python objects, which can run code; save it as numbers.")
    return _mapped(source, dtype, shape, begin, "F" if fortran else "C")


def _idx(source: Source) -> np.ndarray:
    """Map an IDX file."""
    with source.path.open("rb") as file:
        head = file.read(4)
        if len(head) < 4 or head[2] not in TYPES or not 1 <= head[3] <= MAX_DIMENSIONS:
            raise DataError(f"{source.name} is no IDX file: it begins with {head.hex(' ')}.")
        dimensions = file.read(4 * head[3])
    if len(dimensions) < 4 * head[3]:
        raise DataError(f"{source.name}: the file ends within its header of {4 + 4 * head[3]} bytes.")
    shape = struct.unpack(f">{head[3]}I", dimensions)
    return _mapped(source, np.dtype(TYPES[head[2]]), shape, 4 + len(dimensions), "C")


def _mapped(source: Source, dtype: Any, shape: tuple[int, ...], begin: int, order: Any) -> np.ndarray:
    """The numbers of a file from this byte on, if they are neither fewer nor more than it claims."""
    claimed = math.prod(shape) * dtype.itemsize
    if 0 in shape or not shape:
        raise DataError(f"{source.name} has shape {shape}: there is no example in it.")
    if begin + claimed != source.size:
        raise DataError(
            f"{source.name} claims {' × '.join(f'{n:,}' for n in shape)} numbers of {dtype}, {claimed:,} bytes, but "
            f"{source.size - begin:,} follow its header: it is cut off, damaged, or still being written."
        )
    try:
        return np.memmap(source.path, dtype, "r", begin, shape, order)
    except (OSError, ValueError) as error:
        raise DataError(f"{source.name} cannot be mapped: {error}.") from None
