"""IDX, the file format of MNIST and its relatives: single files and whole folders.

An IDX file is two zero bytes, a byte for the type of its numbers, a byte for the number of its dimensions, each
dimension as a big-endian 32-bit number, and the numbers. Reading is strict: what the header claims is compared with
the size of the file before any memory is taken, and not a byte may be missing or left over.
"""

from __future__ import annotations

import hashlib
import math
import re
import struct
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from chainrule.choices import similar
from chainrule.data.dataset import Dataset, Splits, hold_out
from chainrule.data.labels import encode
from chainrule.data.source import Source, allowed_bytes, find, opened, shown
from chainrule.errors import DataError

if TYPE_CHECKING:
    import os

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MAX_DIMENSIONS = 8
_CHUNK = 1 << 20
_FILE = re.compile(r"(?P<set>.*?)[-_.]?(?P<part>images|labels)[-.]idx\d-ubyte(\.gz)?", re.IGNORECASE | re.DOTALL)
_TEST = re.compile(r"t10k|test", re.IGNORECASE)


def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """Read one IDX file, plain or compressed with gzip.

    Parameters
    ----------
    path : path
        The file. Gzip is told by its first bytes, not by the name.

    Returns
    -------
    ndarray
        In the shape and with the type of number that the file states, in this machine's byte order.

    Raises
    ------
    DataError
        When the file is missing, not IDX, shorter or longer than its header claims, damaged, or a gzip bomb.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "labels.idx1-ubyte")
    ...     _ = path.write_bytes(bytes([0, 0, 0x08, 1, 0, 0, 0, 3, 5, 0, 4]))
    ...     read_idx(path)
    array([5, 0, 4], dtype=uint8)
    """
    return read_array(find(path))[0]


def read_array(source: Source, *, unit: bool = False) -> tuple[np.ndarray, str]:
    """Read an IDX file; return its array and the sha256 of its unpacked bytes.

    With `unit`, the numbers become float32 while they stream in, bytes divided by 255: no copy of the whole as bytes.
    """
    digest = hashlib.sha256()
    with opened(source) as stream:
        dtype, shape, header = _header(stream, source)
        digest.update(header)
        out = np.empty(shape, np.float32 if unit else dtype.newbyteorder("="))
        _fill(out.reshape(-1), stream, dtype, source, digest)
    return out, digest.hexdigest()


def _header(stream: IO[bytes], source: Source) -> tuple[np.dtype[Any], tuple[int, ...], bytes]:
    """Read the header; refuse it unless such an array can stand in a file of this size."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES or not 1 <= magic[3] <= MAX_DIMENSIONS:
        raise DataError(
            f"{source.name}: not an IDX file: it starts with {magic.hex(' ') or 'nothing'}, but IDX starts with"
            f" 00 00, a type of number (08, 09, 0b to 0e) and 1 to {MAX_DIMENSIONS} dimensions."
        )
    dimensions = stream.read(4 * magic[3])
    if len(dimensions) < 4 * magic[3]:
        raise DataError(f"{source.name}: the file ends within its header of {4 + 4 * magic[3]} bytes.")
    shape = struct.unpack(f">{magic[3]}i", dimensions)
    dtype = np.dtype(TYPES[magic[2]])
    size = math.prod(shape) * dtype.itemsize
    if min(shape) < 0 or size > allowed_bytes(source.size):
        raise DataError(
            f"{source.name}: the header claims {' × '.join(f'{n:,}' for n in shape)} numbers,"
            f" which a file of {source.size:,} bytes cannot hold; the header is damaged."
        )
    return dtype, shape, magic + dimensions


def _fill(out: np.ndarray, stream: IO[bytes], dtype: np.dtype[Any], source: Source, digest: Any) -> None:
    """Read exactly as many numbers as `out` has places, piece by piece."""
    per_chunk = _CHUNK // dtype.itemsize
    for start in range(0, out.size, per_chunk):
        piece = out[start : start + per_chunk]
        raw = stream.read(piece.size * dtype.itemsize)
        if len(raw) < piece.size * dtype.itemsize:
            found = start * dtype.itemsize + len(raw)
            raise DataError(
                f"{source.name}: the header claims {out.size * dtype.itemsize:,} bytes of numbers, but only {found:,}"
                " follow; the file is cut off."
            )
        digest.update(raw)
        _convert(np.frombuffer(raw, dtype), piece)
    if stream.read(1):
        raise DataError(
            f"{source.name}: more bytes follow the {out.size * dtype.itemsize:,} that the header claims;"
            " the header or the file is damaged."
        )


def _convert(numbers: np.ndarray, out: np.ndarray) -> None:
    """Copy numbers; bytes that become real numbers are grey levels, and are divided by 255."""
    if out.dtype == np.float32 and numbers.dtype == np.uint8:
        np.divide(numbers, np.float32(255), out=out)
    else:
        out[:] = numbers


def idx_folder(path: str | os.PathLike[str], *, validation: int = 0) -> Splits:
    """Read a folder of IDX files like that of MNIST.

    Files are told by name: ``train-images-idx3-ubyte``, ``train-labels.idx1-ubyte``, ``t10k-...`` or ``test-...``, with
    or without ``.gz``. A folder with one pair of images and labels is a training set without test set. Grey levels are
    divided by 255; the classes are the labels that occur, in order.

    Parameters
    ----------
    path : path
        The folder.
    validation : int
        How many of the last training examples to hold out for validation.

    Returns
    -------
    Splits
        Its arrays for training and validation are views of one array.

    Raises
    ------
    DataError
        When a file is missing, unsound, or images and labels differ in number.
    ConfigError
        When `validation` is not a number of training examples.
    """
    folder = Path(path)
    pairs = _pairs(folder)
    data, test = _pair(*pairs["train"]), None
    if "test" in pairs:
        test = _pair(*pairs["test"], like=data)
    train, held = hold_out(data, validation)
    return Splits(folder.resolve().name, train, held, test)


def _pairs(folder: Path) -> dict[str, tuple[Source, Source]]:
    """Find the images and labels of the training and the test set."""
    found: dict[tuple[str, str], dict[str, Path]] = {}
    for entry in _listing(folder):
        match = _FILE.fullmatch(entry.name)
        if match:
            key = match["set"], match["part"].lower()
            found.setdefault(key, {})["packed" if match[3] else "plain"] = entry
    sets = sorted({name for name, _ in found})
    tests = [name for name in sets if _TEST.search(name)] if len(sets) > 1 else []
    trains = [name for name in sets if name not in tests]
    if len(trains) != 1 or len(tests) > 1:
        raise DataError(
            f"The folder {shown(folder, 200)} must hold one training set of IDX files, such as"
            f" train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz, and at most one test set;"
            f" found: {_names(sets)}."
        )
    return {role: _files(folder, name, found) for role, names in (("train", trains), ("test", tests)) for name in names}


def _files(folder: Path, name: str, found: dict[tuple[str, str], dict[str, Path]]) -> tuple[Source, Source]:
    """Return the images and the labels of one set, the unpacked file where there are both."""
    for part in ("images", "labels"):
        if (name, part) not in found:
            raise DataError(f"The folder {shown(folder, 200)} has no {part} for the set {shown(name)}; each needs both.")
    images, labels = (found[name, part] for part in ("images", "labels"))
    return find(images.get("plain") or images["packed"]), find(labels.get("plain") or labels["packed"])


def _listing(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        parent = folder.absolute().parent
        names = sorted(entry.name for entry in parent.iterdir()) if parent.is_dir() else []
        raise DataError(f"There is no folder {shown(folder, 200)}.{similar(folder.name, names)}") from None
    except (OSError, ValueError) as error:
        raise DataError(f"The folder {shown(folder, 200)} cannot be read: {error}.") from None


def _names(names: list[str]) -> str:
    return ", ".join(shown(name) for name in names[:8]) or "no such file"


def _pair(images: Source, labels: Source, like: Dataset | None = None) -> Dataset:
    """Read images and labels that belong together, in the classes of `like`."""
    x, _ = read_array(images, unit=True)
    y, _ = read_array(labels)
    if y.ndim != 1 or y.dtype.kind not in "iu":
        raise DataError(
            f"{labels.name}: labels are one row of whole numbers, but this file has shape {y.shape} of {y.dtype}."
        )
    if len(x) != len(y):
        raise DataError(f"{images.name} has {len(x):,} images, but {labels.name} has {len(y):,} labels.")
    if x.size == 0:
        raise DataError(f"{images.name}: 0 sample(s): shape {x.shape} holds no example to learn from.")
    if not np.isfinite(x).all():
        raise DataError(f"{images.name}: it holds numbers that are not finite in float32.")
    codes, classes = encode(y, like.classes if like else None, labels.name)
    image_shape = (x.shape[1], x.shape[2]) if x.ndim == 3 else None
    data = Dataset(x.reshape(len(x), -1), codes, classes=classes, image_shape=image_shape)
    if like is not None and like.n_features != data.n_features:
        raise DataError(
            f"{images.name} has {data.n_features:,} pixels an image, but the training set has {like.n_features:,}."
        )
    return data
