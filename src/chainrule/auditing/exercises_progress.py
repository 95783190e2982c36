"""Progress: which exercises are done, and how many hints have been seen; one small JSON file."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from chainrule.auditing.exercises import EXERCISES
from chainrule.errors import DataError
from chainrule.io import strict_json, write_bytes
from chainrule.io.words import named

FORMAT = 1
LARGEST = 1 << 20


@dataclass(frozen=True)
class Done:
    """How far somebody is with one exercise: wrong attempts, the file that was graded last, and whether it was right."""

    wrong: int = 0
    digest: str = ""
    right: bool = False


@dataclass
class Progress:
    """What is kept of all exercises, in a file that is written whole after each grading."""

    path: Path
    done: dict[str, Done] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path | None = None) -> Progress:
        """What the file says; of one that is not there, nothing is done.

        Raises
        ------
        DataError
            It is there, and is no progress that chainrule has written: it is left as it is.
        """
        path = path or default_path()
        try:
            with path.open("rb") as file:
                raw = file.read(LARGEST)
        except FileNotFoundError:
            return cls(path)
        except OSError as error:
            raise DataError(f"The progress in {named(path)} cannot be read: {error.strerror}.\n{REMEDY}") from error
        try:
            return cls(path, _rows(strict_json.loads(raw)))
        except (ValueError, TypeError) as error:
            raise DataError(f"{named(path)} is no progress that chainrule has written: it {error}.\n{REMEDY}") from error

    def attempt(self, name: str, digest: str, *, right: bool | None) -> int:
        """Note a grading (None: a starter as it was), and write the file; gives how many hints are due.

        The same file graded again is no new attempt.
        """
        before = self.done.get(name, Done())
        new = right is False and digest != before.digest
        after = replace(before, wrong=before.wrong + new, digest=digest, right=before.right or right is True)
        if after != before:
            self.done[name] = after
            self.write()
        return after.wrong

    def write(self) -> None:
        """Write the file, whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        rows = {name: asdict(row) for name, row in self.done.items()}
        write_bytes(self.path, strict_json.dumps({"format": FORMAT, "exercises": rows}).encode() + b"\n")

    def next(self, after: str = "") -> str:
        """The first exercise after this one that is not done, and else the first of all; empty where all are done."""
        names = list(EXERCISES)
        at = names.index(after) + 1 if after in names else 0
        return next((name for name in names[at:] + names[:at] if not self.done.get(name, Done()).right), "")


REMEDY = "Move it away, or keep progress elsewhere: --progress FILE."


def default_path() -> Path:
    """Where progress is kept: in the folder that the system has for what programs remember."""
    if os.name == "nt":
        folder = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return folder / "chainrule" / "learn.json"


def _rows(value: Any) -> dict[str, Done]:
    """The exercises that a file speaks of; those that there are no more are kept, too."""
    if not isinstance(value, dict) or value.get("format") != FORMAT or not isinstance(value.get("exercises"), dict):
        raise ValueError(f'does not say "format": {FORMAT} and "exercises"')
    found = {}
    for name, row in value["exercises"].items():
        if not isinstance(row, dict):
            raise TypeError(f"says of {name[:40]!r} nothing that can be read")
        done = Done(**{key: row[key] for key in ("wrong", "digest", "right") if key in row})
        if not (type(done.wrong) is int and isinstance(done.digest, str) and type(done.right) is bool):
            raise TypeError(f"says of {name[:40]!r} nothing that can be read")
        found[name] = done
    return found
