"""Which process wrote a lock or a temporary file, and whether it still lives."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

LARGEST_PID = 2**31 - 1


@dataclass(frozen=True)
class Owner:
    """A process: its number, when it started (clock ticks since boot; 0 where there is no /proc), its machine."""

    pid: int
    start: int
    host: str

    def living(self) -> bool:
        """Whether it runs; where that cannot be known (another machine, Windows), it is taken to run."""
        if self.host != platform.node() or os.name == "nt":  # on Windows os.kill(pid, 0) would end the process
            return True
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            pass
        now = _stat(self.pid)
        return now is None or (now[0] not in {"Z", "X"} and self.start in {0, now[1]})


def this_process() -> Owner:
    """Name the owner of what is written now (asked anew each time: a fork changes it)."""
    now = _stat(os.getpid())
    return Owner(os.getpid(), now[1] if now else 0, platform.node())


def owner_from(record: object) -> Owner | None:
    """Return the owner that a record names, or None where it names none."""
    match record:
        case {"pid": int(pid), "start": int(start), "host": str(host)} if 0 < pid <= LARGEST_PID:
            return Owner(pid, start, host)
    return None


def _stat(pid: int) -> tuple[str, int] | None:
    """State and start of a process from /proc (fields 3 and 22; the command, field 2, may hold blanks and brackets)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return fields[0].decode("ascii"), int(fields[19])
    except (OSError, IndexError, ValueError):
        return None
