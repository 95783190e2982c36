"""Opening somebody's file: what it is, gzip unpacked within limits, unchanged while it was read."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from chainrule.choices import similar
from chainrule.errors import ChainruleError, DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL = 16 * 2**20  # bytes that a compressed file may unpack to, however small it is
MAX_RATIO = 200  # above SMALL, times its own size (images and tables of numbers reach 5 to 50)
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def shown(text: object, limit: int = 40) -> str:
    """Return text of unknown origin as it may safely be printed: escaped, quoted and cut at `limit` characters."""
    raw = str(text)
    cut = raw[:limit]
    safe = "".join(c if c.isprintable() and c != "'" else c.encode("unicode_escape").decode() for c in cut)
    return f"'{safe}'" + ("..." if len(raw) > limit else "")


def allowed_bytes(stored: int) -> int:
    """Return how many bytes a compressed file of `stored` bytes may unpack to."""
    return max(SMALL, MAX_RATIO * stored)


@dataclass(frozen=True)
class Source:
    """A regular file as it was when it was first looked at."""

    path: Path
    size: int
    stamp: tuple[int, int, int]  # inode, time of change in ns, size

    @property
    def name(self) -> str:
        """The path, safe to print."""
        return shown(self.path, 200)[1:].removesuffix("'")


def find(path: str | os.PathLike[str]) -> Source:
    """Look at a file; refuse what is missing or not a regular file."""
    where = Path(path)
    name = shown(where, 200)
    try:
        info = where.stat()
    except FileNotFoundError:
        raise DataError(f"There is no file {name}.{_similar_files(where)}") from None
    except (OSError, ValueError) as error:  # a loop of links, a name too long, a NUL in the name, no permission
        raise DataError(f"The file {name} cannot be opened: {_reason(error)}.") from None
    for is_kind, kind in _KINDS:
        if is_kind(info.st_mode):
            raise DataError(f"{name} is {kind}; a regular file is needed.")
    return Source(where, info.st_size, _stamp(info))


@contextmanager
def opened(source: Source) -> Iterator[IO[bytes]]:
    """Open a file for reading, unpacking gzip (told by its first bytes); all that goes wrong is a DataError."""
    import zlib  # with gzip, only needed where a file is read

    try:
        with open(source.path, "rb", opener=_without_blocking) as file:
            if _stamp(os.fstat(file.fileno())) != source.stamp:
                raise DataError(f"{source.name}: the file changed while it was read; read it again when it is complete.")
            yield _unpacked(file, source)
        if _stamp(source.path.stat()) != source.stamp:
            raise DataError(f"{source.name}: the file changed while it was read; read it again when it is complete.")
    except ChainruleError:
        raise
    except (EOFError, zlib.error) as error:
        raise DataError(f"{source.name}: the gzip file is cut off or damaged ({_reason(error)}).") from None
    except OSError as error:  # BadGzipFile is one, too
        raise DataError(f"{source.name}: the file cannot be read ({_reason(error)}).") from None


def _unpacked(file: BufferedReader, source: Source) -> IO[bytes]:
    """Return the file, or what its gzip holds, up to the limit."""
    if file.peek(2)[:2] != b"\x1f\x8b":
        return file
    from gzip import GzipFile  # only needed for gzip

    return BufferedReader(cast("RawIOBase", _Metered(GzipFile(fileobj=file), source)), 1 << 17)


class _Metered(RawIOBase):
    """A stream of unpacked bytes that ends in an error when there are too many of them."""

    def __init__(self, stream: Any, source: Source) -> None:
        super().__init__()
        self.stream, self.source, self.left = stream, source, allowed_bytes(source.size)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes."""
        count: int = self.stream.readinto(buffer)
        self.left -= count
        if self.left < 0:
            raise DataError(
                f"{self.source.name}: its {self.source.size:,} bytes unpack to more than"
                f" {allowed_bytes(self.source.size):,}, as a gzip bomb does. Unpack it yourself if it is sound."
            )
        return count


def _without_blocking(path: str, flags: int) -> int:
    """Open so that a pipe put in the file's place cannot block."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _stamp(info: os.stat_result) -> tuple[int, int, int]:
    return info.st_ino, info.st_mtime_ns, info.st_size


def _similar_files(path: Path) -> str:
    """Return a hint with the files of the same folder that have nearly the same name."""
    try:
        return similar(path.name, sorted(entry.name for entry in path.parent.iterdir()))
    except OSError:
        return f" Nor is there a folder {shown(path.parent, 200)}."


def _reason(error: Exception) -> str:
    """Return the reason of a system's error without the path, which the message has already."""
    return str(getattr(error, "strerror", None) or error)
