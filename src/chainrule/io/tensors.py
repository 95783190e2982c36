"""Tensors in a file: the safetensors layout, written in one way and read with distrust.

Nothing in a file can run code, and reading allocates no more than the file holds.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import ModelFileError, ResourceError
from chainrule.io import durable
from chainrule.io.header import (
    CODES,
    FORMAT,
    LIMITS,
    NEEDS,
    RESERVED,
    Header,
    Limits,
    Slot,
    Stamp,
    Unsound,
    check_name,
    checked_length,
    parsed,
)
from chainrule.io.kinds import check_kind
from chainrule.io.words import named, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import FileIO

    from numpy.typing import NDArray
    from typing_extensions import Buffer

NONFINITE = (
    "The numbers of this training are lost: load an earlier checkpoint, or pass allow_nonfinite=True to look at them."
)


def write_tensors(
    path: str | os.PathLike[str],
    tensors: Mapping[str, NDArray[Any]],
    metadata: Mapping[str, object],
    *,
    limits: Limits = LIMITS,
    allow_nonfinite: bool = False,
) -> None:
    """Write tensors and metadata so that a crash leaves the old file or the new one, whole.

    The same input gives the same bytes, in whatever order and memory layout it comes; nothing is written that
    `read_tensors` would refuse.

    Parameters
    ----------
    path
        Where to.
    tensors
        Arrays of float32, float64, int64, uint64, uint8 or bool, of any shape; names of letters, digits, ``_ . -``.
    metadata
        What JSON can say, except the names ``format``, ``needs``, ``sha256`` and ``header_sha256``. Tuples come back
        as lists, and the keys of dicts as strings.
    limits
        Bounds on the header.
    allow_nonfinite
        Whether NaN and infinity may be among the numbers.

    Raises
    ------
    ModelFileError
        If something cannot be written, or could not be read back.
    ResourceError
        If the disk refuses; the old file is untouched.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_tensors(f"{folder}/net.safetensors", {"w_2": np.eye(2)}, {"sizes": [2, 2]})
    ...     read_tensors(f"{folder}/net.safetensors")
    ({'w_2': array([[1., 0.],
           [0., 1.]])}, {'sizes': [2, 2]})
    """
    with refused(path, "cannot be saved as a chainrule model: it"):
        pieces = packed(tensors, metadata, limits, allow_nonfinite=allow_nonfinite)
    durable.write_bytes(path, pieces)


def packed(
    tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, object], limits: Limits, *, allow_nonfinite: bool
) -> list[Buffer]:
    """The pieces that a file is made of."""
    arrays = _laid_out(tensors, limits)
    flat = [_bytes_of(array) for array in arrays.values()]
    header = _header(arrays, flat, metadata)
    raw = _serialised(header)
    parsed(raw, sum(view.nbytes for view in flat), limits)
    _check_length(raw, limits)
    for name, array in arrays.items():
        _check_numbers(name, array, allow_nonfinite=allow_nonfinite)
    return [len(raw).to_bytes(8, "little"), raw, *flat]


def read_tensors(
    path: str | os.PathLike[str], *, limits: Limits = LIMITS, allow_nonfinite: bool = False
) -> tuple[dict[str, NDArray[Any]], dict[str, object]]:
    """Read what `write_tensors` wrote, after checking all of it.

    Parameters
    ----------
    path
        The file; its content counts, not its name.
    limits
        What the file may ask for at most.
    allow_nonfinite
        Whether NaN and infinity may be among the numbers.

    Returns
    -------
    tensors : dict of str to ndarray
        Writable C-contiguous arrays that own their memory.
    metadata : dict
        As it was given to `write_tensors`.

    Raises
    ------
    ModelFileError
        For anything else than a sound file: what is wrong, in numbers, and what to do.
    ResourceError
        If memory does not suffice for the numbers.
    """
    tensors, header = _read(path, limits, allow_nonfinite=allow_nonfinite)
    return tensors, header.metadata


def verify_tensors(path: str | os.PathLike[str], *, limits: Limits = LIMITS) -> Stamp:
    """Read a file as `read_tensors` does (NaN and infinity included) and return its stamp: format and checksums.

    Raises
    ------
    ModelFileError
        As `read_tensors`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_tensors(f"{folder}/net.safetensors", {"b_2": np.zeros(3)}, {})
    ...     verify_tensors(f"{folder}/net.safetensors").sha256[:12]
    '9d908ecfb6b2'
    """
    return _read(path, limits, allow_nonfinite=True)[1].stamp


def _laid_out(tensors: Mapping[str, NDArray[Any]], limits: Limits) -> dict[str, NDArray[Any]]:
    """C-contiguous little-endian arrays, the widest numbers first (so that each is aligned), then by name."""
    arrays = {name: _storable(name, array, limits) for name, array in tensors.items()}
    return dict(sorted(arrays.items(), key=lambda item: (-item[1].itemsize, item[0])))


def _storable(name: str, array: NDArray[Any], limits: Limits) -> NDArray[Any]:
    check_name(name, limits)
    array = np.asarray(array)
    dtype = array.dtype.newbyteorder("<")
    if dtype not in CODES:
        kinds = ", ".join(str(known.newbyteorder("=")) for known in CODES)
        raise Unsound(f"has tensor {name} of dtype {array.dtype}; known are {kinds}", "Convert the array first.")
    return array.astype(dtype, order="C", copy=False)


def _bytes_of(array: NDArray[Any]) -> memoryview:
    return array.reshape(-1).view(np.uint8).data


def _header(arrays: dict[str, NDArray[Any]], flat: list[memoryview], metadata: Mapping[str, object]) -> Header:
    reserved = sorted(RESERVED & metadata.keys())
    if reserved:
        raise Unsound(f"has metadata named {', '.join(reserved)}, a name chainrule uses itself", "Rename it.")
    digest, slots, start = hashlib.sha256(), [], 0
    for (name, array), view in zip(arrays.items(), flat, strict=True):
        digest.update(view)
        slots.append(Slot(name, CODES[array.dtype], array.shape, start, start + view.nbytes))
        start += view.nbytes
    return Header(Stamp(FORMAT, NEEDS, digest.hexdigest()), dict(metadata), tuple(slots))


def _serialised(header: Header) -> bytes:
    try:
        return header.sealed().raw()
    except (ValueError, TypeError) as error:
        raise Unsound(f"has metadata that is not JSON: {error}", "Use strings, finite numbers, lists, dicts.") from error


def _check_length(raw: bytes, limits: Limits) -> None:
    if len(raw) > limits.header_bytes:
        raise Unsound(f"has a header of {len(raw)} bytes; at most {limits.header_bytes} are read", "Shorten the metadata.")


def _read(path: str | os.PathLike[str], limits: Limits, *, allow_nonfinite: bool) -> tuple[dict[str, NDArray[Any]], Header]:
    with refused(path, "is not a sound chainrule model: it"), _readable(Path(path)) as (file, size):
        return sound(file, size, limits, allow_nonfinite=allow_nonfinite)


def sound(
    file: FileIO | BytesIO, size: int, limits: Limits, *, allow_nonfinite: bool
) -> tuple[dict[str, NDArray[Any]], Header]:
    """The tensors and the header, all of them checked."""
    first = file.read(64)
    check_kind(first, size)
    file.seek(8)
    length = checked_length(first[:8], size, limits)
    header = parsed(file.read(length), size - 8 - length, limits)
    tensors = _block(file, header)
    for name, array in tensors.items():
        _check_numbers(name, array, allow_nonfinite=allow_nonfinite)
    return tensors, header


@contextmanager
def _readable(path: Path) -> Iterator[tuple[FileIO, int]]:
    """Turn the refusal of the system into a ModelFileError."""
    try:
        with _opened(path) as opened:
            yield opened
    except FileNotFoundError as error:
        raise ModelFileError(f"{named(path)} does not exist.\n{nearest(path)}") from error
    except Unsound:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        words = error.strerror if isinstance(error, OSError) else str(error)
        raise ModelFileError(f"{named(path)} cannot be read: {words}.\nCheck its name and its permissions.") from error


@contextmanager
def _opened(path: Path) -> Iterator[tuple[FileIO, int]]:
    """Open the file and tell its size; nothing but a regular file is opened (a pipe would wait for ever)."""
    if not stat.S_ISREG(path.stat().st_mode):
        what = "is a folder" if path.is_dir() else "is a device, a pipe or a socket"
        raise Unsound(f"{what}, not a regular file", "Give the model file itself.")
    with path.open("rb", buffering=0) as file:
        yield file, os.fstat(file.fileno()).st_size


def _block(file: FileIO | BytesIO, header: Header) -> dict[str, NDArray[Any]]:
    """Read each tensor straight into its own memory; then the sha256 of all of them."""
    tensors, digest = {}, hashlib.sha256()
    for slot in header.slots:
        array = np.empty(slot.shape, slot.dtype)
        _fill(file, _bytes_of(array), slot)
        digest.update(_bytes_of(array))
        tensors[slot.name] = array
    if digest.hexdigest() != header.stamp.sha256:
        found, said = digest.hexdigest()[:12], header.stamp.sha256[:12]
        raise Unsound(f"has tensors whose sha256 is {found}..., but its header says {said}...")
    return tensors


def _fill(file: FileIO | BytesIO, view: memoryview, slot: Slot) -> None:
    while view:
        count = file.readinto(view)
        if not count:
            raise Unsound(f"ended {view.nbytes} bytes before the end of tensor {slot.name}: it changed while being read")
        view = view[count:]


def _check_numbers(name: str, array: NDArray[Any], *, allow_nonfinite: bool) -> None:
    if array.dtype == np.bool_ and array.size and array.view(np.uint8).max() > 1:
        raise Unsound(f"has a byte {array.view(np.uint8).max()} in the bool tensor {name}; only 0 and 1 are known")
    if not allow_nonfinite and array.dtype.kind == "f" and not np.isfinite(array).all():
        bad = array.size - int(np.count_nonzero(np.isfinite(array)))
        raise Unsound(f"has {bad} of {array.size} numbers in tensor {name} that are not finite", NONFINITE)


@contextmanager
def refused(path: str | os.PathLike[str], verdict: str) -> Iterator[None]:
    """Name the file in every finding."""
    try:
        yield
    except Unsound as error:
        raise ModelFileError(f"{named(path)} {verdict} {error}.\n{error.advice}") from error
    except MemoryError as error:
        raise ResourceError(f"{named(path)}: memory does not suffice ({error}).\nClose other programs.") from error
