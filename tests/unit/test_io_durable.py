"""Durable writes under faults: the old file or the new one, whole."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from itertools import count

import numpy as np
import pytest
from io_helpers import attempt, names

from chainrule.errors import ResourceError
from chainrule.io import write_bytes

OLD, NEW = b"the old content", b"the new and longer content"

DIE = """
import os, sys
from itertools import count
from pathlib import Path
from chainrule.io import lock, write_bytes

def dying(real, before):
    def call(*args, **kwargs):
        global left
        left -= 1
        if left == 0 and before:
            os._exit(9)
        result = real(*args, **kwargs)
        if left == 0:
            os._exit(9)
        return result
    return call

for before in (True, False):
    for k in count(1):
        folder = Path(sys.argv[1], f"{before}{k}")
        folder.mkdir()
        (folder / "file").write_bytes(b"old")
        child = os.fork()
        if child == 0:
            left = k
            for name in ("open", "write", "fsync", "replace", "close"):
                setattr(os, name, dying(getattr(os, name), before))
            write_bytes(folder / "file", [b"n", b"e", b"w"])
            os._exit(0)
        died = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        content = (folder / "file").read_bytes().decode()
        with lock(folder):
            files = len(list(folder.iterdir()))
        print(content, files, died)
        if not died:
            break
"""

LIMITED = """
import json, resource, sys
from chainrule.errors import ResourceError
from chainrule.io import append_line, write_bytes
LINE = json.dumps({"text": "x" * 5000})
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for action in (lambda: write_bytes(sys.argv[1], bytes(5000)), lambda: append_line(sys.argv[2], LINE)):
    try:
        action()
    except ResourceError as error:
        print(error)
"""


@pytest.mark.parametrize("data", [b"", b"bytes", [b"a", b"", memoryview(b"bc")], [np.eye(2), np.zeros((0, 3)), b"x"]])
def test_write_bytes_writes_all_pieces(tmp_path, data):
    """The file holds the pieces one after the other, and nothing else is in the folder."""
    write_bytes(tmp_path / "file", data)
    expected = data if isinstance(data, bytes) else b"".join(bytes(memoryview(piece).tobytes()) for piece in data)
    assert (tmp_path / "file").read_bytes() == expected
    assert names(tmp_path) == {"file"}


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_write_bytes_honours_umask(tmp_path, mask, mode):
    """A new file has the permissions that the umask leaves."""
    before = os.umask(mask)
    try:
        write_bytes(tmp_path / "file", NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode


@pytest.mark.parametrize("old", [OLD, None])
def test_each_failing_call_leaves_the_old_file_or_the_new(tmp_path, monkeypatch, old):
    """Whichever call to the system fails: old or new file whole, no temporary file, a clear error, a retry works."""
    failed = []
    for k in count(1):
        target = tmp_path / f"{k}" / "file"
        target.parent.mkdir()
        if old is not None:
            target.write_bytes(old)
        call, error = attempt(lambda: write_bytes(target, NEW), k, errno.ENOSPC, monkeypatch)  # noqa: B023
        if not call:
            break
        failed.append(call)
        last = failed[-2:] == ["replace", "fsync"]  # only the flush of the folder comes after the rename
        assert (target.read_bytes() if target.exists() else None) == (NEW if last else old)
        assert names(target.parent) <= {"file"}
        assert error.errno == errno.ENOSPC
        for words in (
            repr(str(target)),
            os.strerror(errno.ENOSPC),
            f"{len(NEW)} bytes are needed",
            "Free some space",
            "disk has not confirmed" if last else "is untouched",
        ):
            assert words in str(error)
        write_bytes(target, NEW)
        assert target.read_bytes() == NEW
    writes = -(-len(NEW) // 3)
    assert failed == ["open", "open", *["write"] * writes, "fsync", "replace", "fsync"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_death_at_any_call_leaves_the_old_file_or_the_new(tmp_path):
    """A process that dies before or after any call to the system leaves a whole file, and the next lock tidies up."""
    done = subprocess.run([sys.executable, "-c", DIE, tmp_path], capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    assert {tuple(row) for row in rows} == {("old", "2", "9"), ("new", "2", "9"), ("new", "2", "0")}
    assert len(rows) == 2 * (1 + len(["open"] * 2 + ["write"] * 3 + ["fsync", "close", "replace", "fsync", "close"]))


def test_an_interrupt_leaves_no_temporary_file(tmp_path, monkeypatch):
    """Ctrl-C in the middle of a write is passed on, with the old file whole and nothing left over."""

    def interrupted(descriptor, view):
        raise KeyboardInterrupt

    (tmp_path / "file").write_bytes(OLD)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_bytes(tmp_path / "file", NEW)
    assert (tmp_path / "file").read_bytes() == OLD
    assert names(tmp_path) == {"file"}


def test_a_folder_that_cannot_be_flushed_is_no_error(tmp_path, monkeypatch):
    """Some file systems answer EINVAL to fsync on a folder; the write still counts."""
    real = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        write_bytes(tmp_path / "file", NEW)
    assert (tmp_path / "file").read_bytes() == NEW


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "missing" / "file", "Make the folder first"),
        (lambda folder: folder, "A folder has that name"),
        (lambda folder: folder / "plain" / "file", "is a file and not a folder"),
        (lambda folder: folder / ("x" * 300), "shorter name"),
        (lambda folder: folder / "a\0b", "embedded null"),
        (lambda folder: folder / "pipe", "not a file"),
    ],
)
def test_impossible_targets_are_refused(tmp_path, make, words):
    """A path that cannot be a file is refused in words, and nothing changes."""
    (tmp_path / "plain").write_bytes(OLD)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ResourceError, match=words):
        write_bytes(make(tmp_path), NEW)
    assert names(tmp_path) == {"plain", "pipe"}
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_symbolic_link_is_replaced_and_not_followed(tmp_path):
    """Writing to a link leaves alone what it points to."""
    (tmp_path / "victim").write_bytes(OLD)
    (tmp_path / "link").symlink_to("victim")
    write_bytes(tmp_path / "link", NEW)
    assert (tmp_path / "victim").read_bytes() == OLD
    assert (tmp_path / "link").read_bytes() == NEW


def test_a_real_limit_on_file_size_is_reported(tmp_path):
    """With RLIMIT_FSIZE the kernel itself stops the write; the old file is whole and nothing is left over."""
    (tmp_path / "file").write_bytes(OLD)
    (tmp_path / "log.jsonl").write_bytes(b'{"epoch":1}\n')
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, tmp_path / "file", tmp_path / "log.jsonl"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count(os.strerror(errno.EFBIG)) == 2
    assert "5000 bytes are needed" in done.stdout
    assert "ulimit -f" in done.stdout
    assert (tmp_path / "file").read_bytes() == OLD
    assert (tmp_path / "log.jsonl").read_bytes() == b'{"epoch":1}\n'
    assert names(tmp_path) == {"file", "log.jsonl"}
