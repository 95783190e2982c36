"""Files that survive: whole or not there at all, on the disk and not only in its cache."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from chainrule.errors import DataError
from chainrule.io import strict_json
from chainrule.io.owner import this_process
from chainrule.io.reporting import reported
from chainrule.io.words import named, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from typing_extensions import Buffer

NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
LOG_FILE = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
UNTOUCHED = "What stood there before is untouched."


def write_bytes(path: str | os.PathLike[str], data: bytes | Sequence[Buffer]) -> None:
    """Write a file so that a crash at any moment leaves either the old file or the new one, whole.

    A temporary file in the same folder is written, flushed to the disk (fsync), put in the place of the old one in one
    step (rename), and the folder is flushed too. The permissions are those of any new file (umask).

    Parameters
    ----------
    path
        Where to; a symbolic link is replaced, not followed.
    data
        The content: bytes, or a sequence of C-contiguous buffers that are written one after the other.

    Raises
    ------
    ResourceError
        If the system refuses any step. The old file is then as it was and no temporary file stays, except when the
        very last step fails (flushing the folder): then the new file stands, and the message says so.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(f"{folder}/note.txt", b"whole or not at all")
    ...     Path(folder, "note.txt").read_bytes()
    b'whole or not at all'
    """
    target = Path(path)
    pieces = [data] if isinstance(data, bytes | bytearray | memoryview) else data
    views = [memoryview(piece).cast("B") for piece in pieces if memoryview(piece).nbytes]
    needed = sum(view.nbytes for view in views)
    with reported(target, needed, UNTOUCHED), _folder(target.parent) as folder:
        _refuse_special(target)
        _write_and_rename(target, views)
        with reported(target, needed, "The new file stands whole in its place, but the disk has not confirmed it."):
            _sync_folder(folder)


def append_line(path: str | os.PathLike[str], text: str) -> None:
    r"""Append one JSON object as a line to a log, whole or not at all.

    A torn last line (left by a kill) is cut off first. The line is with the system, so that a killed process loses
    nothing; it is not forced onto the disk (no fsync), so that logging stays cheap. One writer at a time: see `lock`.

    Raises
    ------
    DataError
        If the text is not one JSON object on one line (``NaN`` and ``Infinity`` are not JSON: write null).
    ResourceError
        If the system refuses; the log then ends with its last whole line.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     append_line(f"{folder}/log.jsonl", '{"epoch": 1}')
    ...     Path(folder, "log.jsonl").read_bytes()
    b'{"epoch": 1}\n'
    """
    target = Path(path)
    if "\n" in text:
        raise DataError(f"A line for {named(target)} holds a line break: {quoted(text)}.\nWrite the object on one line.")
    _object(text, f"A line for {named(target)}")
    line = memoryview(f"{text}\n".encode())
    with reported(target, line.nbytes, "Its earlier lines are untouched."):
        descriptor = os.open(target, LOG_FILE, 0o666)
        try:
            _append(descriptor, line)
        finally:
            os.close(descriptor)


def read_lines(path: str | os.PathLike[str]) -> Iterator[dict[str, object]]:
    r"""Yield the JSON objects of a log, one a line; a torn last line (no line break) is left out.

    A log that does not exist has no lines.

    Raises
    ------
    DataError
        If the file cannot be read, or a whole line is not a JSON object (the line is named).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "log.jsonl").write_text('{"epoch": 1}\n{"epo')
    ...     list(read_lines(f"{folder}/log.jsonl"))
    [{'epoch': 1}]
    """
    target = Path(path)
    for number, line in enumerate(_whole_lines(target), start=1):
        yield _object(line, f"Line {number} of {named(target)}")


def truncate_lines(path: str | os.PathLike[str], keep: int) -> int:
    """Keep at most the first ``keep`` whole lines of a log, in one step; return how many were kept.

    Fewer may be kept: after a power failure a log can be shorter than the checkpoint that it belongs to.

    Raises
    ------
    DataError, ResourceError
        As `read_lines` (without looking into the lines) and `write_bytes`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for epoch in range(3):
    ...         append_line(f"{folder}/log.jsonl", f'{{"epoch": {epoch}}}')
    ...     truncate_lines(f"{folder}/log.jsonl", 2), list(read_lines(f"{folder}/log.jsonl"))
    (2, [{'epoch': 0}, {'epoch': 1}])
    """
    target = Path(path)
    kept = list(islice(_whole_lines(target), max(keep, 0)))
    if target.exists():
        write_bytes(target, b"".join(kept))
    return len(kept)


def temporary_name() -> str:
    """Make a name that no other process uses, and that tells who made it."""
    owner = this_process()
    return f".chainrule-{owner.pid}-{owner.start}-{os.urandom(8).hex()}.tmp"


def _refuse_special(target: Path) -> None:
    """Replace only files: a rename would put one in the place of a device (`--output /dev/null`)."""
    with suppress(FileNotFoundError):
        mode = target.lstat().st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
            raise ValueError("it is a device, a pipe or a socket, not a file")


def _write_and_rename(target: Path, views: list[memoryview]) -> None:
    temporary = target.with_name(temporary_name())
    try:
        _write_new(temporary, views)
        os.replace(temporary, target)  # noqa: PTH105 - the calls to the system stand together, as os functions
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _write_new(path: Path, views: list[memoryview]) -> None:
    descriptor = os.open(path, NEW_FILE, 0o666)
    try:
        for view in views:
            _write_all(descriptor, view)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, view: memoryview) -> None:
    while view:
        view = view[os.write(descriptor, view) :]


@contextmanager
def _folder(path: Path) -> Iterator[int | None]:
    """Open the folder before anything is changed, so that only its flush can fail afterwards (not on Windows)."""
    descriptor = None if os.name == "nt" else os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _sync_folder(descriptor: int | None) -> None:
    if descriptor is None:
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # file systems that cannot flush a folder
            raise


def _append(descriptor: int, line: memoryview) -> None:
    """Write after the last whole line; on failure cut back to it."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    end = _end_of_whole_lines(descriptor, size)
    if end < size:
        os.ftruncate(descriptor, end)
    os.lseek(descriptor, end, os.SEEK_SET)
    try:
        _write_all(descriptor, line)
    except BaseException:
        with suppress(OSError):
            os.ftruncate(descriptor, end)
        raise


def _end_of_whole_lines(descriptor: int, end: int, step: int = 4096) -> int:
    """Return the place after the last line break, looked for from the end."""
    while end > 0:
        start = max(end - step, 0)
        os.lseek(descriptor, start, os.SEEK_SET)
        found = os.read(descriptor, end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _whole_lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from (line for line in file if line.endswith(b"\n"))
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise DataError(f"The log {named(path)} cannot be read: {error}.\nCheck its name and permissions.") from error


def _object(text: bytes | str, what: str) -> dict[str, object]:
    try:
        value = strict_json.loads(text)
    except ValueError as error:
        raise DataError(f"{what} {error}.\nEach line of a log is one JSON object; a missing number is null.") from error
    if not isinstance(value, dict):
        raise DataError(f"{what} is {quoted(value)}, not a JSON object.\nEach line of a log is one JSON object.")
    return value
