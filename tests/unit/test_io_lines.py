"""JSON-lines logs: whole lines only, whatever happens."""

from __future__ import annotations

import errno
import json
import os
from itertools import count
from pathlib import Path

import pytest
from io_helpers import attempt, names

from chainrule.errors import DataError, ResourceError
from chainrule.io import append_line, read_lines, truncate_lines

LINES = [{"epoch": 1}, {"epoch": 2}]


def log(path: Path, tail: bytes = b"") -> Path:
    """Make a log of two lines, and perhaps a torn one."""
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in LINES) + tail)
    return path


def test_lines_come_back_as_they_were_appended(tmp_path):
    """read_lines yields what append_line wrote."""
    for line in LINES:
        append_line(tmp_path / "log.jsonl", json.dumps(line))
    assert list(read_lines(tmp_path / "log.jsonl")) == LINES


def test_a_log_that_is_not_there_has_no_lines(tmp_path):
    """A run that was killed before its first line has an empty log."""
    assert list(read_lines(tmp_path / "log.jsonl")) == []
    assert truncate_lines(tmp_path / "log.jsonl", 3) == 0
    assert names(tmp_path) == set()


@pytest.mark.parametrize("cut", range(1, 13))
def test_a_torn_last_line_is_dropped_and_then_written_over(tmp_path, cut):
    """However much of the last line a kill left, the reader drops it and the next line starts where it started."""
    path = log(tmp_path / "log.jsonl", b'{"epoch": 3}'[:cut])
    assert list(read_lines(path)) == LINES
    append_line(path, '{"epoch": 4}')
    assert list(read_lines(path)) == [*LINES, {"epoch": 4}]


def test_a_torn_line_longer_than_a_block_is_found(tmp_path):
    """The last line break is looked for across blocks."""
    path = log(tmp_path / "log.jsonl", b"x" * 10_000)
    append_line(path, '{"epoch": 4}')
    assert list(read_lines(path)) == [*LINES, {"epoch": 4}]
    only = tmp_path / "only.jsonl"
    only.write_bytes(b"x" * 10_000)
    append_line(only, "{}")
    assert only.read_bytes() == b"{}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"cost": NaN}', "NaN"),
        ('{"cost": 1e999}', "too large"),
        ("[1]", "not a JSON object"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{\n"a": 1}', "line break"),
        ('{"a": ', "not JSON"),
        ("", "not JSON"),
    ],
)
def test_append_line_refuses_what_could_not_be_read_back(tmp_path, text, words):
    """A line that is not one JSON object never enters the log."""
    path = log(tmp_path / "log.jsonl")
    with pytest.raises(DataError, match=words):
        append_line(path, text)
    assert list(read_lines(path)) == LINES


@pytest.mark.parametrize("bad", [b"\0\0\0\n", b"{]\n", b"3\n", b"\xff\n", b"\n"])
def test_a_damaged_whole_line_is_named(tmp_path, bad):
    """A line that ends with a line break and is no object is an error that names it."""
    path = log(tmp_path / "log.jsonl", bad)
    with pytest.raises(DataError, match="Line 3 of"):
        list(read_lines(path))


def test_a_log_that_cannot_be_read_is_an_error(tmp_path):
    """A folder in the place of a log is refused in words."""
    with pytest.raises(DataError, match="cannot be read"):
        list(read_lines(tmp_path))


@pytest.mark.parametrize(("keep", "kept"), [(0, 0), (1, 1), (2, 2), (9, 2), (-1, 0)])
def test_truncate_keeps_the_first_lines(tmp_path, keep, kept):
    """At most `keep` whole lines stay, a torn one never."""
    path = log(tmp_path / "log.jsonl", b'{"ep')
    assert truncate_lines(path, keep) == kept
    assert list(read_lines(path)) == LINES[:kept]
    assert path.read_bytes() == b"".join(json.dumps(line).encode() + b"\n" for line in LINES[:kept])


@pytest.mark.parametrize(
    ("action", "done"),
    [
        (lambda path: append_line(path, '{"epoch": 3}'), [*LINES, {"epoch": 3}]),
        (lambda path: truncate_lines(path, 1), LINES[:1]),
    ],
    ids=["append", "truncate"],
)
def test_each_failing_call_leaves_the_log_whole(tmp_path, monkeypatch, action, done):
    """Whichever call fails, the log holds its old lines or the finished ones, and a retry works."""
    for k in count(1):
        (tmp_path / str(k)).mkdir()
        path = log(tmp_path / str(k) / "log.jsonl")
        call, error = attempt(lambda: action(path), k, errno.EIO, monkeypatch)  # noqa: B023
        if not call:
            break
        assert "log.jsonl" in str(error)
        assert os.strerror(errno.EIO) in str(error)
        assert path.read_bytes().endswith(b"\n")
        assert list(read_lines(path)) in (LINES, done)
        assert names(path.parent) == {"log.jsonl"}
        action(path)
        assert list(read_lines(path)) == done


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_reported():
    """The real ENOSPC of /dev/full becomes a ResourceError that says what to do."""
    with pytest.raises(ResourceError, match="No space left on device") as caught:
        append_line("/dev/full", "{}")
    assert caught.value.errno == errno.ENOSPC
    assert "Free some space" in str(caught.value)
