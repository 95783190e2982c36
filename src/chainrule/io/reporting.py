"""The refusals of the system (no space, no permission ...) in numbers, with what to do."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chainrule.errors import ResourceError
from chainrule.io.words import named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADVICE = {
    errno.ENOSPC: "Free some space or choose a folder on another disk, then try again.",
    errno.EDQUOT: "Your quota is used up: delete files of yours or choose another disk, then try again.",
    errno.EFBIG: "A limit on the size of files is in force (ulimit -f): raise it or write less.",
    errno.EACCES: "Choose a folder that you may write to, or ask for the permission.",
    errno.EPERM: "Choose a folder that you may write to, or ask for the permission.",
    errno.EROFS: "The disk is read-only: choose a folder on another one.",
    errno.ENOENT: "Make the folder first, or correct its name.",
    errno.ENOTDIR: "A part of the path is a file and not a folder: correct it.",
    errno.EISDIR: "A folder has that name: choose another name.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.EMFILE: "Too many files are open: close some, or raise the limit (ulimit -n).",
    errno.EIO: "The disk itself reported a fault: check it and choose another one.",
}


@contextmanager
def reported(path: Path, needed: int, outcome: str) -> Iterator[None]:
    """Turn the refusal of the system into a ResourceError with the numbers and what to do."""
    try:
        yield
    except ResourceError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path, or no file name at all
        number = error.errno if isinstance(error, OSError) else None
        words = os.strerror(number) if number else str(error)
        report = ResourceError(
            f"{named(path)} could not be written: {words}; {needed} bytes are needed, {_free(path)} are free there.\n"
            f"{outcome}\n{ADVICE.get(number or 0, 'Check the path and the disk, then try again.')}"
        )
        report.errno = number
        raise report from error


def _free(path: Path) -> str:
    try:
        return str(shutil.disk_usage(path.parent).free)
    except (OSError, ValueError):
        return "an unknown number"
