"""Every way in which a CSV file can be wrong, as a table: what it holds, how it is read, what the error must say."""

from __future__ import annotations

import gzip
import os
import socket
from typing import TYPE_CHECKING

import pytest
from data_cases import Case, check, make

from chainrule.data import csv_file, load, toy
from chainrule.errors import ConfigError, DataError

if TYPE_CHECKING:
    from pathlib import Path


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
    Case(
        "too few numbers",
        b"a,y\n1,1.5\n,2.5\n,3.5\n,4.5\n",
        ("'a' has no number",),
        {"missing": "mean", "test_fraction": 0.75, "seed": 3},
    ),
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
    Case("wide over two lines", b'"a\nb",' + b"a," * 60_000 + b'"a\nb"' + b",a" * 60_000, (":1:", "120,002 columns")),
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
    Case("negative seed", table(rows=10), ("seed = -1",), {"seed": -1}, ConfigError),
    Case("seed too large", table(rows=10), ("seed = ",), {"seed": 2**64}, ConfigError),
    Case("class too rare to be in all parts", table("1,2,r\n", rows=9), ("class 'r' has 1 row",), {"test_fraction": 0.6}),
    Case("continuous labels", b"a,y\n1,1.5\n2,2\n3,2\n", (":2:2", "'1.5'", "whole number"), {"task": "classification"}),
    Case("texts for a regression", table(), (":2:3", "'p' is not a number"), {"task": "regression"}),
    Case(
        "too many categories",
        b"a,y\n" + b"".join(b"k%d,%d\n" % (i, i % 2) for i in range(1500)),
        (":1002:1", "more than 1,000", "--ignore"),
    ),
    Case("too many classes", b"a,y\n" + b"".join(b"1,k%d\n" % i for i in range(10_500)), (":10002:2", "more than 10,000")),
]


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
        (__file__, ("not a kind of file",)),
    ],
)
def test_an_unknown_data_set_is_refused_with_the_nearest_names(name, words):
    """A misspelt name is answered with those that exist."""
    with pytest.raises(DataError) as caught:
        load(name)
    assert all(word in str(caught.value) for word in words)


def test_a_pipe_is_called_a_pipe(tmp_path):
    """A name that exists is not suggested in place of itself."""
    os.mkfifo(tmp_path / "ff")
    with pytest.raises(DataError, match="is a pipe") as caught:
        load(str(tmp_path / "ff"))
    assert "Did you mean" not in str(caught.value)


def test_an_unknown_option_is_refused_with_the_known_ones():
    """An option of another kind of data is a ConfigError, not a TypeError."""
    with pytest.raises(ConfigError, match=r"no option 'nose'.*noise"):
        load("xor", nose=0.1)


def test_an_unknown_toy_is_refused_with_the_nearest():
    """A misspelt toy is answered with its name."""
    with pytest.raises(DataError, match="Did you mean 'spirals'"):
        toy("spiral")
