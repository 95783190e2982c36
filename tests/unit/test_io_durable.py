"""Durable writes, JSON-lines logs and locks, under faults."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from io_helpers import attempt

from chainrule.errors import DataError, ResourceError
from chainrule.io import append_line, lock, read_lines, truncate_lines, write_bytes
from chainrule.io.locking import LOCK_NAME

OLD, NEW = b"the old content", b"the new and longer content"
LINES = [{"epoch": 1}, {"epoch": 2}]

HOLD = """
import sys, time
from pathlib import Path
from chainrule.io import lock
from chainrule.io.durable import temporary_name
with lock(sys.argv[1]):
    Path(sys.argv[1], temporary_name()).write_bytes(b"half")
    print("held", flush=True)
    time.sleep(600)
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


def names(folder: Path) -> set[str]:
    """Return what is in a folder."""
    return {entry.name for entry in folder.iterdir()}


def log(path: Path, tail: bytes = b"") -> Path:
    """Make a log of two lines, and perhaps a torn one."""
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in LINES) + tail)
    return path


def started(code: str, *args: object) -> subprocess.Popen[str]:
    """Start a Python program."""
    return subprocess.Popen([sys.executable, "-c", code, *map(str, args)], stdout=subprocess.PIPE, text=True)


def killed_holder(folder: Path) -> int:
    """Return the pid of a process that was killed while it held the folder and wrote a temporary file."""
    with started(HOLD, folder) as holder:
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    return holder.pid


# ---- write_bytes


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
        (lambda folder: folder / "a\0b", "null byte"),
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
    log(tmp_path / "log.jsonl")
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
    assert list(read_lines(tmp_path / "log.jsonl")) == LINES
    assert (tmp_path / "log.jsonl").read_bytes().endswith(b"\n")
    assert names(tmp_path) == {"file", "log.jsonl"}


# ---- logs


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


# ---- locks


def test_a_lock_is_there_while_it_is_held(tmp_path):
    """The lock file names this process, and is gone afterwards, also after an error."""
    with lock(tmp_path):
        assert json.loads((tmp_path / LOCK_NAME).read_text())["pid"] == os.getpid()
    assert names(tmp_path) == set()
    with pytest.raises(KeyError), lock(tmp_path):
        raise KeyError
    assert names(tmp_path) == set()
    with lock(tmp_path):
        pass


def test_a_folder_is_locked_once_in_a_process(tmp_path):
    """A second lock of the same process is refused, and leaves the first one in force."""
    for _ in range(2):
        with lock(tmp_path):
            with pytest.raises(ResourceError, match=f"this process .pid {os.getpid()}"), lock(tmp_path):
                pass
            assert (tmp_path / LOCK_NAME).exists()


def test_a_living_holder_is_named(tmp_path):
    """While another process holds the folder, the error gives its pid and the way out; killed, it is taken over."""
    with started(HOLD, tmp_path) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ResourceError, match=rf"pid {holder.pid}") as caught, lock(tmp_path):
            pass
        assert LOCK_NAME in str(caught.value)
        holder.send_signal(signal.SIGKILL)
        holder.stdout.read()  # ends when the process does; it is not waited for yet, so it is a zombie
        with lock(tmp_path):
            assert names(tmp_path) == {LOCK_NAME}


def test_a_dead_holder_is_taken_over_and_swept(tmp_path):
    """The lock and the temporary file of a killed process go; every other file stays."""
    pid = killed_holder(tmp_path)
    others = {"model.safetensors", f".chainrule-{os.getpid()}-0-{'a' * 16}.tmp", ".chainrule-x.tmp", "notes.tmp"}
    for name in others:
        (tmp_path / name).write_bytes(b"")
    assert any(f"-{pid}-" in name for name in names(tmp_path))
    with lock(tmp_path):
        assert names(tmp_path) == {LOCK_NAME, *others}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_reused_pid_is_recognised(tmp_path):
    """A lock that names a living pid with another start time belongs to a dead process."""
    with lock(tmp_path):
        record = json.loads((tmp_path / LOCK_NAME).read_text())
    (tmp_path / LOCK_NAME).write_text(json.dumps({**record, "start": record["start"] - 1}))
    with lock(tmp_path):
        assert json.loads((tmp_path / LOCK_NAME).read_text()) == record


def test_a_holder_on_another_machine_is_not_taken_for_dead(tmp_path):
    """On a shared disk nobody can see whether a process of another machine lives."""
    (tmp_path / LOCK_NAME).write_text('{"host":"elsewhere","pid":1,"start":5}')
    with pytest.raises(ResourceError, match="'elsewhere'"), lock(tmp_path):
        pass


@pytest.mark.parametrize(
    "content", [b"", b'{"pid":', b"[]", b'{"pid":-1,"start":0,"host":""}', b'{"pid":"1"}', b"\xff"]
)
def test_a_torn_lock_is_taken_over(tmp_path, content):
    """A lock file that names nobody was left by a crash."""
    (tmp_path / LOCK_NAME).write_bytes(content)
    with lock(tmp_path):
        pass
    assert names(tmp_path) == set()


def test_a_folder_that_is_not_there_cannot_be_locked(tmp_path):
    """The error says that the folder is missing."""
    with pytest.raises(ResourceError, match="Make the folder first"), lock(tmp_path / "missing"):
        pass


def test_each_failing_call_leaves_the_folder_unlocked(tmp_path, monkeypatch):
    """Whichever call fails while locking, the next attempt succeeds."""
    for k in count(1):
        call, error = attempt(lambda: lock(tmp_path).__enter__(), k, errno.ENOSPC, monkeypatch)
        if not call:
            break
        assert os.strerror(errno.ENOSPC) in str(error)
        with lock(tmp_path):
            assert names(tmp_path) == {LOCK_NAME}
    assert k > 5


def test_of_many_takers_one_wins(tmp_path):
    """Threads that go for the same leftover lock at once: exactly one holds it at a time."""
    (tmp_path / LOCK_NAME).write_bytes(b"")
    barrier, done, outcomes = threading.Barrier(8), threading.Event(), []

    def take():
        barrier.wait()
        try:
            with lock(tmp_path):
                outcomes.append("held")
                done.wait(60)
        except ResourceError:
            outcomes.append("refused")
        if len(outcomes) == 8:
            done.set()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    while len(outcomes) < 8:
        threading.Event().wait(0.01)
    done.set()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["held"] + ["refused"] * 7
