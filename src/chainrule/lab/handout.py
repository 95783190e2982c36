"""A lesson to hand out: one of the lab's by its name, or a teacher's own file, in the file of a run.

The page checks a lesson when it opens it, field by field. Here is only looked at what the command must know: that the file
is a lesson, and its id.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from chainrule.errors import ConfigError, DataError
from chainrule.lab.assets import Assets

LARGEST = 2**20  # bytes
LESSONS = re.compile(r"/\* lessons: ([a-z0-9 -]+) \*/")  # the first line of lab.js, which vite.config.ts writes
HEAD = re.compile(r"^```lesson[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


def names(assets: Assets) -> list[str]:
    """The lessons of the lab, in their order.

    Raises
    ------
    ResourceError
        The page is not built.
    """
    found = LESSONS.match(assets.text("lab.js")[:4_000])
    return found[1].split() if found else []


def lesson(name_or_file: str, assets: Assets) -> dict[str, str]:
    """What the page is told: the id of a lesson, and the text of a teacher's own.

    Raises
    ------
    ConfigError
        There is no lesson of this name, and no such file.
    DataError
        The file is no lesson.
    """
    known = names(assets)
    if name_or_file in known:
        return {"id": name_or_file}
    path = Path(name_or_file)
    if not path.is_file():
        raise ConfigError(
            f"--lesson {name_or_file[:60]!r}: there is no such file and no such lesson; the lessons are {', '.join(known)}."
        )
    return own(path)


def own(path: Path) -> dict[str, str]:
    """A teacher's own lesson.

    Raises
    ------
    DataError
        The file is no lesson.
    """
    raw = path.read_bytes()[: LARGEST + 1]
    if len(raw) > LARGEST:
        raise DataError(f"{path}: a lesson has at most 1 MB.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: this is no text in UTF-8 (byte {error.start}).") from None
    text = text.replace("\r\n", "\n")
    head = HEAD.search(text)
    if head is None or not re.search(r"^# \S", text, re.MULTILINE):
        raise DataError(
            f'{path}: a lesson begins with a line "# Title" and a block ```lesson. The lab\'s Lessons tab has an example.'
        )
    line = text.count("\n", 0, head.start(1)) + 1
    try:
        facts = json.loads(head[1])
    except json.JSONDecodeError as error:
        raise DataError(f"{path}, line {line + error.lineno - 1}: the block ```lesson is not JSON ({error.msg}).") from None
    name = facts.get("id") if isinstance(facts, dict) else None
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", name):
        raise DataError(f'{path}, line {line}: the block ```lesson needs an "id" of small letters, digits and hyphens.')
    return {"id": name, "text": text}
