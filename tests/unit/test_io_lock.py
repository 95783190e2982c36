"""Locks on folders: one living holder, dead ones taken over."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

import pytest
from io_helpers import attempt, names

from chainrule.errors import ResourceError
from chainrule.io import lock, locking
from chainrule.io.locking import LOCK_NAME

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


def started(code: str, *args: object) -> subprocess.Popen[str]:
    """Start a Python program."""
    return subprocess.Popen([sys.executable, "-c", code, *map(str, args)], stdout=subprocess.PIPE, text=True)


def killed_holder(folder: Path) -> int:
    """Return the pid of a process that was killed while it held the folder and wrote a temporary file."""
    with started(HOLD, folder) as holder:
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    return holder.pid


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
        os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is a zombie until it is reaped
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


@pytest.mark.parametrize("content", [b"", b'{"pid":', b"[]", b'{"pid":-1,"start":0,"host":""}', b'{"pid":"1"}', b"\xff"])
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


def test_without_flock_a_lock_still_holds(tmp_path, monkeypatch):
    """Where the system has no flock (Windows), the lock file alone keeps others out."""
    monkeypatch.setattr(locking, "fcntl", None)
    with lock(tmp_path), pytest.raises(ResourceError, match="is in use"), lock(tmp_path):
        pass
    assert names(tmp_path) == set()


def test_a_living_holder_of_unknown_start_is_respected(tmp_path, monkeypatch):
    """Without a start time (no /proc), or with a process that may not be asked, a living pid counts."""
    with lock(tmp_path):
        record = json.loads((tmp_path / LOCK_NAME).read_text())
    (tmp_path / LOCK_NAME).write_text(json.dumps({**record, "start": 0}))
    with pytest.raises(ResourceError, match="is in use"), lock(tmp_path):
        pass

    def forbidden(pid, number):
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbidden)
    with pytest.raises(ResourceError, match="is in use"), lock(tmp_path):
        pass
