"""One writer a folder: a lock file that names its holder, and is taken over when the holder is dead."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from chainrule.errors import ResourceError
from chainrule.io import strict_json
from chainrule.io.durable import write_bytes
from chainrule.io.owner import Owner, owner_from, this_process
from chainrule.io.reporting import reported
from chainrule.io.words import named

if TYPE_CHECKING:
    from collections.abc import Iterator

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK_NAME = ".chainrule.lock"
LEFTOVER = re.compile(r"\.chainrule-(\d{1,10})-(\d{1,20})-[0-9a-f]{16}\.tmp")


@contextmanager
def lock(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Hold a folder for writing, against other processes and other threads.

    The lock of a process that has died is taken over (a process number that was given to a new process is told apart by
    its start time, where there is a /proc), and the temporary files that dead processes left in the folder are deleted.

    Raises
    ------
    ResourceError
        If a living process holds the folder (it is named), or the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, lock(folder):
    ...     Path(folder, LOCK_NAME).exists()
    True
    """
    place, me = Path(folder), this_process()
    file = place / LOCK_NAME
    with _turn(place):
        _refuse_living(place, _holder(file), me)
        try:
            write_bytes(file, strict_json.dumps(asdict(me)).encode())
        except BaseException:
            _release(file, me)
            raise
        _sweep(place)
    try:
        yield
    finally:
        _release(file, me)


def _release(file: Path, me: Owner) -> None:
    if this_process() == me == _holder(file):  # a forked child leaves the lock to its parent
        with suppress(OSError):
            file.unlink()


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Let two takers of a leftover lock go one after the other (the kernel ends a turn with its process)."""
    if fcntl is None:
        yield
        return
    with reported(folder / LOCK_NAME, 0, "Nothing was changed."):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network file systems have no flock
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _holder(file: Path) -> Owner | None:
    """Who the lock file names; a file that names nobody was torn by a crash and is a leftover."""
    try:
        return owner_from(strict_json.loads(file.read_bytes())) if file.is_file() else None
    except (OSError, ValueError):
        return None


def _refuse_living(folder: Path, holder: Owner | None, me: Owner) -> None:
    if holder is None or not holder.living():
        return
    who = "this process" if holder == me else f"a process on {holder.host!r}"
    raise ResourceError(
        f"{named(folder)} is in use by {who} (pid {holder.pid}): two writers would spoil each other's files.\n"
        f"Wait until it has ended or choose another folder. If you are sure that it no longer runs, "
        f"delete {named(folder / LOCK_NAME)}."
    )


def _sweep(folder: Path) -> None:
    """Delete the temporary files of dead processes."""
    host = this_process().host
    with suppress(OSError):
        for entry in folder.iterdir():
            match = LEFTOVER.fullmatch(entry.name)
            if match and not Owner(int(match[1]), int(match[2]), host).living():
                entry.unlink(missing_ok=True)
