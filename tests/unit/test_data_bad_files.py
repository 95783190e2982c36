"""Every way in which a file can be wrong, as a table: what it holds, how it is read, what the error must say."""

from __future__ import annotations

import gzip
import io
import os
import re
import socket
import struct
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from chainrule.data import csv_file, idx_folder, load, npz_file, read_idx
from chainrule.errors import ChainruleError, ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One bad file: its bytes (or a function that makes it), options, and the words of its error."""

    name: str
    content: bytes | Callable[[Path], object]
    words: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)
    error: type[ChainruleError] = DataError


def make(case: Case, path: Path) -> None:
    """Write the file of a case."""
    if isinstance(case.content, bytes):
        path.write_bytes(case.content)
    else:
        case.content(path)


def table(bad: str = "", rows: int = 3) -> bytes:
    """Return a sound table of columns a, b, y, and one more line."""
    return ("a,b,y\n" + "".join(f"{i}.5,{i},{'pq'[i % 2]}\n" for i in range(rows)) + bad).encode()


def fifo(path: Path) -> None:
    """Put a pipe in the place of the file."""
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    """Put a socket in the place of the file."""
    here = os.open(".", os.O_RDONLY)
    os.chdir(path.parent)  # the path of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    finally:
        os.fchdir(here)
        os.close(here)


def link_loop(path: Path) -> None:
    """Put a link to itself in the place of the file."""
    path.symlink_to(path)


def similar(path: Path) -> None:
    """Write a file of nearly the same name."""
    path.with_name("bed.csv").write_bytes(table())


def bomb(path: Path) -> None:
    """Write 20 MB of rows as a small gzip file."""
    row = ",".join("0" * 1000) + "\n"
    path.write_bytes(gzip.compress(row.replace("0", "{}").format(*range(999), "y").encode() + row.encode() * 10_000))


CSV = [
    Case("missing file names the nearest", similar, ("no file", "Did you mean 'bed.csv'")),
    Case("folder", lambda path: path.mkdir(), ("is a folder",)),
    Case("pipe", fifo, ("is a pipe",)),
    Case("socket", unix_socket, ("is a socket",)),
    Case("device", lambda path: path.symlink_to("/dev/zero"), ("is a device",)),
    Case("loop of links", link_loop, ("cannot be opened", "symbolic links")),
    Case("empty file", b"", ("is empty",)),
    Case("blanks only", b" \n\n", ("is empty",)),
    Case("first line blank", b"\na,b,y\n1,2,3\n", (":1:", "first line is blank")),
    Case("header only", b"a,b,y\n", ("0 sample(s)", "no rows")),
    Case("target only", b"y\n1\n2\n", ("0 feature(s)",)),
    Case("short row", table("1,2\n"), (":5:3:", "2 cells", "3 columns")),
    Case("long row", table("1,2,p,4\n"), (":5:4:", "4 cells", "3 columns", "quotes")),
    Case("decimal commas among commas", b"a,b\n1,5,2,5\n", (":2:", "4 cells", "decimal"), {"target": "b"}),
    Case("blank line between rows", table("\n1,2,p\n"), (":5:", "blank")),
    Case("text in a numeric column", table("oops,2,p\n"), (":5:1 (column 'a')", "'oops' is not a number")),
    Case("text is escaped", table("\x1b[31m\u202e,2,p\n"), (r"'\x1b[31m\u202e' is not a number",)),
    Case("text is cut at 40 characters", table("x" * 50 + ",2,p\n"), ("'" + "x" * 40 + "'...",)),
    Case("a word for missing", table("NA,2,p\n"), (":5:1", "'NA' stands for a missing value", "--missing mean")),
    Case("empty cell", table(",2,p\n"), (":5:1", "is empty", "--missing mean")),
    Case("empty label", table("1,2,\n"), (":5:3", "label is missing")),
    Case("empty label with imputation", table("1,2,\n"), (":5:3", "label is missing"), {"missing": "mean"}),
    Case("empty column", b"a,b,y\n1,,p\n2,,q\n", ("(column 'b')", "all cells", "empty"), {"missing": "mean"}),
    Case("UTF-16 with mark", table().decode().encode("utf-16"), ("UTF-16", "--encoding utf-16")),
    Case("UTF-16 without mark", table().decode().encode("utf-16-le"), ("UTF-16", "--encoding utf-16")),
    Case("latin-1", table("1,2,caf\u00e9\n").replace(b"\xc3\xa9", b"\xe9"), (":5:8:", "0xe9", "--encoding latin-1")),
    Case("cp1252", table() + b"1,2,\x93p\n", (":5:5:", "0x93", "--encoding cp1252")),
    Case("wrong encoding named", table("1,2,\u00e9\n"), ("0xc3", "not ascii text"), {"encoding": "ascii"}),
    Case("unknown encoding", table(), ("encoding='klingon'",), {"encoding": "klingon"}, ConfigError),
    Case("NUL byte", table("1,\0,p\n"), (":5:3:", "NUL")),
    Case("decimal comma among semicolons", b"a;y\n1,5;p\n2,5;q\n", (":2:1", "'1,5' has a comma", "1.5")),
    Case("unclosed quote", table('1,"2,p\n3,4,q\n'), (":5:", "never closed")),
    Case("unclosed quote in a long file", table('1,"2,p\n') + b"1,2,p\n" * 30_000, (":5:", "never closed")),
    Case("text after a quote", table('"1"2,2,p\n'), (":5:", "quote")),
    Case("duplicate header", b"a,b,a\n1,2,3\n", (":1:3:", "columns 1 and 3", "'a'")),
    Case("empty header", b"a,,y\n1,2,3\n", (":1:2:", "no name")),
    Case("no header", b"5.1,3.5,setosa\n4.9,3,setosa\n", (":1:", "'5.1' is a number", "--no-header")),
    Case("unknown target", table(), ("no column 'z'", "'a', 'b', 'y'"), {"target": "z"}),
    Case("target of another separator", b"a:b:y\n1:2:p\n", ("no column 'y'", "--delimiter"), {"target": "y"}),
    Case("no target", table(), ("--target", "'a', 'b', 'y'"), {"target": None}, ConfigError),
    Case("target twice", table(), ("twice",), {"target": "a,a"}, ConfigError),
    Case("target ignored", table(), ("ignored",), {"ignore": "y"}, ConfigError),
    Case("several text targets", table(), ("2 targets",), {"target": "a,y"}),
    Case("1e400", table("1e400,2,p\n"), (":5:1", "beyond the largest number")),
    Case("inf", table("inf,2,p\n"), (":5:1", "not a finite number")),
    Case("nan", table("-NaN,2,p\n"), (":5:1", "not a finite number")),
    Case("column of nan", b"a,y\nnan,p\nnan,q\n", (":2:1", "not a finite number")),
    Case("underscores", table("1_000,2,p\n"), (":5:1", "underscores")),
    Case("hexadecimal", table("0x10,2,p\n"), (":5:1", "not a decimal number")),
    Case("thousands", table('"1,000",2,p\n'), (":5:1", "has a comma", "1000")),
    Case("other digits", table("\u0663,2,p\n"), (":5:1", "is not a number")),
    Case("wide table", b"a," * 100_001 + b"y\n", (":1:", "100,000 columns")),
    Case("endless line", b"a" * (8 * 2**20 + 2), ("characters",)),
    Case("gzip bomb", bomb, ("unpack to more than", "bomb")),
    Case("gzip cut off", gzip.compress(table(rows=5000))[:-9], ("gzip", "cut off or damaged")),
    Case("gzip damaged", gzip.compress(table(rows=500))[:30] + b"\xff" * 200, ("gzip", "damaged")),
    Case("gzip with garbage behind", gzip.compress(table()) + b"garbage", ("Not a gzipped file",)),
    Case("delimiter of two characters", table(), ("one character",), {"delimiter": ";;"}, ConfigError),
    Case("unknown treatment of missing", table(), ("missing='zero'",), {"missing": "zero"}, ConfigError),
    Case("unknown task", table(), ("task='clustering'",), {"task": "clustering"}, ConfigError),
    Case("negative fraction", table(), ("test_fraction=-1",), {"test_fraction": -1}, ConfigError),
    Case("fraction that is no number", table(), ("nan",), {"validation_fraction": float("nan")}, ConfigError),
    Case("fraction of everything", table(), ("at least 0",), {"test_fraction": 1}, ConfigError),
    Case(
        "fractions that leave nothing",
        table(),
        ("leave 0 of 3",),
        {"test_fraction": 0.5, "validation_fraction": 0.4},
        ConfigError,
    ),
    Case("fraction of no row", table(), ("leaves no row",), {"test_fraction": 0.01}, ConfigError),
    Case("negative seed", table(rows=10), ("seed=-1",), {"seed": -1}, ConfigError),
    Case("seed too large", table(rows=10), ("seed=",), {"seed": 2**64}, ConfigError),
    Case(
        "class too rare to be in all parts", table("1,2,r\n", rows=9), ("class 'r' has 1 row",), {"test_fraction": 0.6}
    ),
    Case("continuous labels", b"a,y\n1,1.5\n2,2\n3,2\n", (":2:2", "'1.5'", "whole number"), {"task": "classification"}),
    Case("texts for a regression", table(), (":2:3", "'p' is not a number"), {"task": "regression"}),
    Case(
        "too many categories",
        b"a,y\n" + b"".join(b"k%d,%d\n" % (i, i % 2) for i in range(1500)),
        (":1002:1", "more than 1,000", "--ignore"),
    ),
    Case(
        "too many classes", b"a,y\n" + b"".join(b"1,k%d\n" % i for i in range(10_500)), (":10002:2", "more than 10,000")
    ),
]


def check(case: Case, read: Callable[[], object]) -> None:
    """Require the error and its words, printable and of bearable length."""
    with pytest.raises(case.error) as caught:
        read()
    message = str(caught.value)
    for word in case.words:
        assert word in message
    assert message.isprintable()
    assert len(message) < 800


@pytest.mark.parametrize("case", CSV, ids=lambda case: case.name)
def test_a_bad_csv_file_is_refused_in_words(case, tmp_path):
    """Each row of the table gives its typed error, with place and remedy, and no bare traceback."""
    path = tmp_path / "bad.csv"
    make(case, path)
    check(case, lambda: csv_file(path, **{"target": "y", "test_fraction": 0, **case.options}))


@pytest.mark.parametrize(
    "name",
    ["with space.csv", "new\nline.csv", os.fsdecode(b"\xff\xfe.csv"), "\u202egnp.csv"],
    ids=["space", "newline", "not UTF-8", "right to left"],
)
def test_a_strange_name_is_read_and_shown_safely(name, tmp_path):
    """A file may have any name; messages show it escaped."""
    path = tmp_path / name
    path.write_bytes(table())
    assert len(csv_file(path, target="y", test_fraction=0).train) == 3
    path.write_bytes(table("oops,1,p\n"))
    with pytest.raises(DataError) as caught:
        csv_file(path, target="y", test_fraction=0)
    assert str(caught.value).isprintable()
    assert str(caught.value).encode()


@pytest.mark.parametrize("path", ["x" * 5000 + ".csv", "nul\0.csv", ""], ids=["long", "NUL", "empty"])
def test_an_impossible_name_is_a_data_error(path):
    """A path that no file can have is refused like any other."""
    with pytest.raises(DataError):
        csv_file(path, target="y")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    """A file that grows between or during the two readings is not silently half read."""
    from chainrule.data import csv_file as read
    from chainrule.data import csv_read

    path = tmp_path / "log.csv"
    path.write_bytes(table())
    true_records = csv_read.csv.reader

    def growing(*args, **kwargs):
        with path.open("ab") as stream:
            stream.write(b"9,9,p\n")
        return true_records(*args, **kwargs)

    monkeypatch.setattr(csv_read.csv, "reader", growing)
    with pytest.raises(DataError, match="changed while it was read"):
        read(path, target="y", test_fraction=0)


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
    Case(
        "label only in the test", npz(x=X, y=Y, x_test=X, y_test=[0, 1, 7]), ("row 3", "unseen label '7'", "'0', '1'")
    ),
    Case("continuous labels", npz(x=X, y=[0.5, 1, 2]), ("continuous",), {"task": "classification"}),
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


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mnits", ("Did you mean 'mnist'",)),
        ("spirls", ("Did you mean 'spirals'",)),
        ("no/such/thing", ("is no data set", "the toys circle")),
        ("bad\0name", ("is no data set",)),
        ("x" * 5000, ("is no data set",)),
        ("photo.jpeg", ("is no data set",)),
        ("table.csv", ("no file",)),
    ],
)
def test_an_unknown_data_set_is_refused_with_the_nearest_names(name, words):
    """A misspelt name is answered with those that exist."""
    with pytest.raises(DataError) as caught:
        load(name)
    assert all(word in str(caught.value) for word in words)


def test_an_unknown_option_is_refused_with_the_known_ones():
    """An option of another kind of data is a ConfigError, not a TypeError."""
    with pytest.raises(ConfigError, match=r"no option 'nose'.*noise"):
        load("xor", nose=0.1)
