"""What passes between the server and a trainer's process: JSON and frames, each after its kind and its length."""

from __future__ import annotations

import contextlib
import struct
import threading
from collections.abc import Mapping
from typing import IO, Any

from chainrule.io import strict_json

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

HEAD = struct.Struct("<cI")
TEXT, BYTES = b"j", b"b"
LARGEST = 2**30
ROOM = 2**20  # bytes; what an ordinary user's pipe may have on Linux


def message(value: Mapping[str, Any] | bytes) -> bytes:
    """A message as it is written."""
    kind, body = (BYTES, value) if isinstance(value, bytes) else (TEXT, strict_json.dumps(dict(value)).encode())
    return HEAD.pack(kind, len(body)) + body


def head(raw: bytes) -> tuple[bytes, int]:
    """Kind and length of the message that follows.

    Raises
    ------
    ValueError
        It is none of ours.
    """
    kind, length = HEAD.unpack(raw)
    if kind not in {TEXT, BYTES} or length > LARGEST:
        raise ValueError("the trainer's process has written something that is no message")
    return kind, length


def widened(stream: IO[bytes]) -> IO[bytes]:
    """A pipe that takes a frame at once, where the system can: who writes need not wait for who reads."""
    if fcntl is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, ROOM)
    return stream


class Teller:
    """Writes messages, one at a time, from any thread; to a reader that is gone, nothing."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._turn = stream, threading.Lock()

    def __call__(self, value: Mapping[str, Any] | bytes) -> None:
        """Write one."""
        raw = message(value)
        try:
            with self._turn:
                self._stream.write(raw)
                self._stream.flush()
        except (ValueError, OSError):  # closed, or broken
            return  # the end of the input says so, too, and ends the training
