"""Every way in which IDX files, their folders and NumPy archives can be wrong, as tables."""

from __future__ import annotations

import gzip
import io
import os
import re
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from data_cases import Case, check, make

from chainrule.data import idx_folder, npz_file, read_idx
from chainrule.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def idx(shape: tuple[int, ...], body: bytes, code: int = 8, zero: bytes = b"\0\0") -> bytes:
    """Return an IDX file."""
    return zero + bytes([code, len(shape)]) + struct.pack(f">{len(shape)}i", *shape) + body


IDX = [
    Case("empty", b"", ("not an IDX file", "nothing")),
    Case("wrong magic", b"PK\3\4" + bytes(20), ("not an IDX file", "50 4b 03 04")),
    Case("unknown type of number", idx((2,), b"ab", code=7), ("not an IDX file",)),
    Case("no dimension", b"\0\0\x08\0", ("not an IDX file",)),
    Case("too many dimensions", b"\0\0\x08\x09" + bytes(36), ("not an IDX file",)),
    Case("header cut off", b"\0\0\x08\x03\0\0", ("within its header",)),
    Case("negative dimension", idx((-5,), b"abc"), ("claims -5", "damaged")),
    Case("overflowing dimensions", idx((2**31 - 1,) * 4, b"abc"), ("cannot hold",)),
    Case("two negatives", idx((-1, -3), b"abc"), ("claims -1 × -3",)),
    Case("short data", idx((5,), b"abc"), ("claims 5 bytes", "only 3")),
    Case("trailing data", idx((2,), b"abc"), ("more bytes follow the 2",)),
    Case("gzip cut off", gzip.compress(idx((50_000,), os.urandom(50_000)))[:30_000], ("cut off or damaged",)),
    Case("gzip bomb by claim", gzip.compress(idx((2**31 - 1,), bytes(1000))), ("cannot hold",)),
]


@pytest.mark.parametrize("case", IDX, ids=lambda case: case.name)
def test_a_bad_idx_file_is_refused_in_words(case, tmp_path):
    """Each row of the table gives its typed error before memory is taken."""
    path = tmp_path / "bad-images-idx3-ubyte"
    make(case, path)
    check(case, lambda: read_idx(path))


def pair(images: bytes | None, labels: bytes | None) -> Callable[[Path], None]:
    """Make a folder of images and labels."""

    def build(path: Path) -> None:
        path.mkdir()
        for content, part in ((images, "images-idx3"), (labels, "labels-idx1")):
            if content is not None:
                (path / f"train-{part}-ubyte").write_bytes(content)

    return build


def two_training_sets(path: Path) -> None:
    """Make a folder with two sets of images."""
    path.mkdir()
    for name in ("letters", "digits"):
        (path / f"{name}-images-idx3-ubyte").write_bytes(idx((1, 1, 1), b"a"))


def other_size(path: Path) -> None:
    """Make a folder whose test images are smaller."""
    pair(idx((3, 2, 2), b"abcdefghijkl"), idx((3,), b"\0\1\1"))(path)
    (path / "test-images-idx3-ubyte").write_bytes(idx((1, 1, 1), b"a"))
    (path / "test-labels-idx1-ubyte").write_bytes(idx((1,), b"\0"))


FOLDERS = [
    Case("no folder", lambda path: None, ("no folder",)),
    Case("a file", b"abc", ("cannot be read",)),
    Case("empty folder", lambda path: path.mkdir(), ("no such file", "train-images")),
    Case("two training sets", two_training_sets, ("one training set", "'digits', 'letters'")),
    Case("no labels", pair(idx((1, 1, 1), b"a"), None), ("no labels",)),
    Case("counts differ", pair(idx((2, 1, 1), b"ab"), idx((3,), b"abc")), ("2 images", "3 labels")),
    Case("no image", pair(idx((0, 2, 2), b""), idx((0,), b"")), ("0 sample(s)",)),
    Case("labels are images", pair(idx((1, 1, 1), b"a"), idx((1, 1, 1), b"a")), ("labels are one row",)),
    Case("NaN", pair(idx((1, 1), struct.pack(">f", np.nan), code=13), idx((1,), b"a")), ("not finite",)),
    Case("test of other size", other_size, ("1 pixels", "4")),
    Case(
        "validation of all",
        pair(idx((1, 1, 1), b"a"), idx((1,), b"a")),
        ("validation=1",),
        {"validation": 1},
        ConfigError,
    ),
]


@pytest.mark.parametrize("case", FOLDERS, ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore:.*every example has the label")
def test_a_bad_idx_folder_is_refused_in_words(case, tmp_path):
    """Each row of the table gives its typed error."""
    make(case, tmp_path / "folder")
    check(case, lambda: idx_folder(tmp_path / "folder", **case.options))


def npz(**arrays: Any) -> bytes:
    """Return an archive as NumPy writes it."""
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def zipped(method: int = zipfile.ZIP_STORED, **members: bytes) -> bytes:
    """Return an archive of hand-made members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def npy(header: str, body: bytes = b"", version: bytes = b"\1\0") -> bytes:
    """Return an array file with any header."""
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header.encode() + body


X, Y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 0])
HUGE = "{'descr': '<f8', 'fortran_order': False, 'shape': (34359738368,), }\n"

NPZ = [
    Case("not a zip", b"hello", ("not a sound .npz",)),
    Case("cut off", npz(x=X, y=Y)[:200], ("not a sound .npz",)),
    Case("keys missing", npz(data=X, labels=Y), ("x and y", "'data', 'labels'")),
    Case("y missing", npz(x=X), ("x and y", "'x'")),
    Case("test labels missing", npz(x=X, y=Y, x_test=X), ("x_test is there, but y_test is not",)),
    Case("pickled objects", npz(x=np.array([1, "a"], object), y=Y), ("pickled", "run code")),
    Case("records", npz(x=np.zeros(3, "f4,i4"), y=Y), ("header",)),
    Case("claims 256 GiB", zipped(x=npy(HUGE), y=npy(HUGE)), ("claims 274,877,906,944 bytes", "has 0")),
    Case("zip bomb", zipped(zipfile.ZIP_DEFLATED, x=bytes(80 * 2**20), y=b""), ("zip bomb",)),
    Case("not npy", zipped(x=b"hello", y=b""), ("NumPy's format",)),
    Case("nested header", zipped(x=npy("(" * 5000), y=b""), ("header",)),
    Case(
        "unknown type",
        zipped(x=npy("{'descr': 'zz', 'fortran_order': False, 'shape': (3,), }"), y=b""),
        ("unknown type",),
    ),
    Case("dates", npz(x=np.zeros(3, "M8[s]"), y=Y), ("datetime64", "needed")),
    Case("complex", npz(x=X * 1j, y=Y), ("Complex data not supported",)),
    Case("NaN", npz(x=np.where(X == 3, np.nan, X), y=Y), ("1 value(s)", "row 2, column 2", "nan")),
    Case("over float32", npz(x=X * 1e200, y=Y), ("5 value(s)", "row 1, column 2")),
    Case("one dimension", npz(x=X[0], y=Y[:2]), ("(2,)", "Reshape")),
    Case("four dimensions", npz(x=np.zeros((3, 1, 1, 1)), y=Y), ("Reshape",)),
    Case("a number", npz(x=5.0, y=Y), ("()", "Reshape")),
    Case("no rows", npz(x=X[:0], y=Y[:0]), ("0 sample(s)",)),
    Case("no columns", npz(x=X[:, :0], y=Y), ("0 feature(s)",)),
    Case("lengths differ", npz(x=X, y=Y[:2]), ("3 examples", "has 2")),
    Case("texts in x", npz(x=X.astype(str), y=Y), ("numbers are needed",)),
    Case("test of other width", npz(x=X, y=Y, x_test=X[:, :1], y_test=Y), ("1 features", "has 2")),
    Case("label only in the test", npz(x=X, y=Y, x_test=X, y_test=[0, 1, 7]), ("row 3", "unseen label '7'", "'0', '1'")),
    Case("continuous labels", npz(x=X, y=[0.5, 1, 2]), ("continuous",), {"task": "classification"}),
    Case("too many classes", npz(x=np.zeros((10_001, 1)), y=range(10_001)), ("10,001 classes", "regression")),
    Case("y of three dimensions", npz(x=X, y=Y.reshape(3, 1, 1)), ("(3, 1, 1)", "labels")),
    Case("bytes", npz(x=X.astype("S"), y=Y), ("needed",)),
    Case("NaN target", npz(x=X, y=[0.5, np.nan, 2]), ("not finite", "row 2")),
    Case("unknown task", npz(x=X, y=Y), ("task=",), {"task": "magic"}, ConfigError),
]


@pytest.mark.parametrize("case", NPZ, ids=lambda case: case.name)
def test_a_bad_npz_file_is_refused_in_words(case, tmp_path):
    """Each row of the table gives its typed error before memory is taken or code could run."""
    path = tmp_path / "bad.npz"
    make(case, path)
    check(case, lambda: npz_file(path, **case.options))


def test_names_in_an_archive_are_no_paths(tmp_path):
    """An array called like a path outside is not unpacked, only mentioned."""
    path = tmp_path / "sly.npz"
    content = npz(x=X, y=Y)
    with zipfile.ZipFile(stream := io.BytesIO(content), "a") as archive:
        archive.writestr("../../escaped.npy", b"oops")
    path.write_bytes(stream.getvalue())
    with pytest.warns(UserWarning, match=re.escape("'../../escaped'")):
        npz_file(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["sly.npz"]


@pytest.mark.parametrize("size", range(0, 500, 7))
def test_a_truncated_npz_is_refused_at_every_length(size, tmp_path):
    """No cut of a sound archive is read, and none gives another error."""
    path = tmp_path / "cut.npz"
    content = npz(x=X, y=Y)
    path.write_bytes(content[: min(size, len(content) - 1)])
    with pytest.raises(DataError):
        npz_file(path)
