"""Opening streams: every way in which files can be wrong, as tables; and Parquet, which is unpacked once."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from chainrule.data import stream
from chainrule.errors import ConfigError, DataError, ResourceError

X = np.random.default_rng(0).standard_normal((210, 6)).astype(np.float32)
Y = np.arange(210) % 3


def cut(path, array):
    """Write a .npy file without its last byte."""
    with path.open("wb") as file:
        np.save(file, array)
        file.truncate(file.tell() - 1)


BAD = {
    "other width": ({"x0": X, "x1": X[:, :4]}, {}, "shards must be alike, but .*x0.npy has 6 columns, and .*x1.npy 4"),
    "other kind": ({"x0": X, "x1": X.astype("float64")}, {}, "has float32 numbers, and .*x1.npy float64"),
    "unknown kind": ({"x0": X.astype("int64")}, {}, "holds int64; what can be streamed is uint8, int16, float32, float64"),
    "byte order": ({"x0": X.astype(">f4")}, {}, "float32 of the other byte order"),
    "Fortran order": ({"x0": np.asfortranarray(X)}, {}, "is not in C order"),
    "one column": ({"x0": X[:, 0]}, {}, r"has shape \(210,\); \(examples, features\) is needed"),
    "no rows": ({"x0": X[:0]}, {}, r"has shape \(0, 6\): there is no example"),
    "labels too few": ({"x0": X}, {"y": Y[:-1]}, "x0.npy has 210 examples, but the array has 209 targets"),
    "labels in all": ({"x0": X, "x1": X}, {"y": Y}, "x has 420 examples in 2 parts, but y has 210 targets in 1 parts"),
    "targets unlike": ({"x0": X, "x1": X}, {"y": [Y, Y[:, None]]}, r"shape \(210,\), and the array \(210, 1\)"),
    "target in the middle": ({"x0": X}, {"target": 2}, "the first or the last of its 6 columns"),
    "no such target": ({"x0": X}, {"target": 6}, "has columns 0 to 5"),
    "nothing to see": ({"x0": X}, {"target": [0, 1, 2, 3, 4, 5]}, "the first or the last of its 6 columns"),
}


@pytest.mark.parametrize("name", BAD)
def test_files_that_do_not_fit_are_refused_in_numbers(name, tmp_path):
    """Each row of the table gives its DataError when the files are opened."""
    files, options, words = BAD[name]
    for stem, array in files.items():
        np.save(tmp_path / f"{stem}.npy", array)
    with pytest.raises(DataError, match=words):
        stream(tmp_path / "x*.npy", **options)


DAMAGED = {
    "cut off": (lambda p: cut(p, X), r"claims 210 × 6 numbers of float32, 5,040 bytes, but 5,039 follow"),
    "objects": (lambda p: cut(p, np.array([[None]])), "holds Python objects"),
    "no header": (lambda p: p.write_bytes(b"\x93NUMPY\1\0\5\0{'a'}"), "is not a sound .npy file"),
    "a text": (lambda p: p.write_bytes(b"hello"), "begins with 68 65 6c 6c: it is no .npy, IDX or Parquet file"),
    "empty": (lambda p: p.write_bytes(b""), "begins with nothing"),
    "gzip": (
        lambda p: p.write_bytes(b"\x1f\x8b\x08\0"),
        "compressed with gzip: it cannot be mapped\\.\nUnpack .* gunzip --keep x",
    ),
    "IDX cut off": (lambda p: p.write_bytes(b"\0\0\x08\3\0\0\0\5"), "ends within its header of 16 bytes"),
    "no IDX": (lambda p: p.write_bytes(b"\0\0\7\3"), "is no IDX file: it begins with 00 00 07 03"),
    "missing": (lambda p: None, "There is no file"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_refused_before_they_are_mapped(name, tmp_path):
    """Each row of the table gives its DataError."""
    make, words = DAMAGED[name]
    make(tmp_path / "x")
    with pytest.raises(DataError, match=words):
        stream(tmp_path / "x")


def test_what_is_meant_must_be_clear(tmp_path):
    """An empty folder, a pattern that matches nothing, two kinds of targets and a scale of 0 are refused in words."""
    with pytest.raises(DataError, match=r"holds neither \.npy nor \.parquet"):
        stream(tmp_path)
    with pytest.raises(DataError, match="no file matches"):
        stream(tmp_path / "*.npy")
    np.save(tmp_path / "x.npy", X)
    with pytest.raises(DataError, match=r"has 1 files x\*.npy and 0 files y\*.npy"):
        stream(tmp_path)
    with pytest.raises(ConfigError, match="y and target are both given"):
        stream(X, Y, target=0)
    with pytest.raises(ConfigError, match=r"scale = 0"):
        stream(X, Y, scale=0)
    with pytest.raises(DataError, match="paths, arrays, or a list of these"):
        stream({"x": 1})


# ------------------------------------------------------------------------------------------------------------ Parquet


def parquet(path, rows_in_group=50, **columns):
    """Write a Parquet file with these columns."""
    pa = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    write_table(pa.table(columns), path, row_group_size=rows_in_group)
    return path


def columns_of(x):
    """The columns of x, named a, b, c ..."""
    return {chr(ord("a") + i): x[:, i] for i in range(x.shape[1])}


def test_parquet_is_unpacked_once_to_rows(tmp_path):
    """The rows are those of the columns; a second opening writes nothing; a file that changed is unpacked again."""
    path = parquet(tmp_path / "t.parquet", y=Y, **columns_of(X.astype("float64")))
    data = stream(path, target="y")
    assert np.array_equal(data.x[:], X)
    assert np.array_equal(data.y, Y)
    assert data.y.dtype == np.int64
    made = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    assert np.array_equal(stream(tmp_path, target="y").x[:], X)
    assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == made
    parquet(path, y=Y[:100], **columns_of(2 * X[:100]))
    assert np.array_equal(stream(path, target="y").x[:], 2 * X[:100])
    assert len([*tmp_path.iterdir()]) == len(made)


def test_what_is_unpacked_follows_the_choice(tmp_path):
    """Columns in the order that is asked for, float64 where it is, bytes as bytes, and in the folder that is named."""
    (tmp_path / "cache").mkdir()
    path = parquet(tmp_path / "t.parquet", y=Y / 2, z=Y, p=Y.astype("uint8"), **columns_of(X))
    data = stream(path, target=["y", "z"], columns=["c", "a"], dtype="float64", cache=tmp_path / "cache")
    assert np.array_equal(data.x[:], X[:, [2, 0]])
    assert data.x.dtype == np.float64
    assert np.array_equal(data.y, np.stack([Y / 2, Y], 1))
    assert repr(stream(path, columns=["p"], cache=tmp_path / "cache").x) == "Rows(210 × 1, uint8 * 0.00392157)"
    assert {p.name for p in tmp_path.iterdir()} == {"cache", "t.parquet"}


def test_parquet_that_holds_no_numbers_is_refused(tmp_path):
    """Missing values, texts, columns that are not there, no rows, damaged files and folders are each refused in words."""
    gaps = parquet(tmp_path / "gaps.parquet", a=[1.0, 2.0, None], s=["x", "y", "z"])
    bad = [
        ({"columns": ["a"]}, "column 'a' of .* has no value in row 2", DataError),
        ({}, "column 's' of .* holds string, not numbers", DataError),
        ({"target": "ss"}, "has 0 columns named 'ss'; it has 2. Did you mean 's'", DataError),
        ({"columns": ["a"], "cache": tmp_path / "no"}, "could not be written.*cache=", ResourceError),
        ({"dtype": "float16"}, "unpacked to 'float32' or 'float64'", ConfigError),
    ]
    for options, words, error in bad:
        with pytest.raises(error, match=f"(?s){words}"):
            stream(gaps, **options)
    with pytest.raises(DataError, match="has 0 rows"):
        stream(parquet(tmp_path / "none.parquet", a=np.zeros(0)))
    (tmp_path / "cut.parquet").write_bytes(gaps.read_bytes()[:100])
    with pytest.raises(DataError, match="is not a sound Parquet file"):
        stream(tmp_path / "cut.parquet")
    assert {p.suffix for p in tmp_path.iterdir()} == {".parquet"}


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    """Whoever lacks pyarrow is told what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    with pytest.raises(ConfigError, match=r"pip install 'chainrule\[tables\]'"):
        stream(tmp_path / "t.parquet")


def test_a_cache_that_was_cut_off_is_refused(tmp_path):
    """What was unpacked is looked at like any other file."""
    path = parquet(tmp_path / "t.parquet", **columns_of(X))
    stream(path)
    (unpacked,) = tmp_path.glob("*.x.npy")
    os.truncate(unpacked, 1000)
    with pytest.raises(DataError, match="it is cut off, damaged"):
        stream(path)
