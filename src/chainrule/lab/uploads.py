"""Files that were dropped on the page: kept apart, bounded, looked at, and moved into the folder of the run that uses them.

A name that comes with a file is never used as a path: letters, digits and its suffix are kept of it, and files of IDX must
be called as MNIST's are.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from chainrule.data.csv_read import Table, open_table
from chainrule.data.idx import read_idx
from chainrule.data.npz import read_npz
from chainrule.data.source import find
from chainrule.errors import ChainruleError, DataError, ResourceError

DATA = "data"  # the folder within a run's
LARGEST = 64 * 2**20  # bytes of one file
MOST = 8  # uploads that wait for their run; the oldest are dropped
AT_ONCE = 8  # that may be on their way
FILES = 4
ROWS = 5  # of a table, to look at
COLUMNS = 1_000  # that can be chosen from
FEWEST = 10  # rows: some are held out
OPTION = re.compile(r"\((--[a-z-]+(?: [^)]+)?)\)")  # as the messages of chainrule.data name them
SUFFIX = re.compile(r"\.(csv|tsv|txt|npz)$", re.IGNORECASE)
IDX = re.compile(r"(train|t10k|test)[-_.](images|labels)[-.]idx[13]-ubyte(\.gz)?")


@dataclass
class Upload:
    """Some files that belong together.

    Attributes
    ----------
    folder : Path
    kind : {"table", "npz", "idx"}
    title : str
        What the user calls it.
    """

    folder: Path
    kind: str
    title: str
    files: list[Path] = field(default_factory=list)


class Uploads:
    """What has been dropped, and not yet been used."""

    def __init__(self) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="chainrule-lab-"))
        self._coming = 0
        self._there: dict[str, Upload] = {}

    def close(self) -> None:
        """Delete what was not used."""
        shutil.rmtree(self._root, ignore_errors=True)

    async def take(self, name: str, body: AsyncIterator[bytes], number: str = "") -> dict[str, Any]:
        """Keep a file, and say what is in it; ``number`` is that of an upload which it belongs to.

        Raises
        ------
        DataError
            It is too large, or nothing that can be learned from.
        """
        kind, plain = _kind(name)
        if number and (number not in self._there or kind != "idx" or len(self._there[number].files) >= FILES):
            raise DataError("this file does not belong to that upload: a folder of IDX files has up to four of them.")
        key = number or secrets.token_hex(8)
        upload = self._there.get(key) or Upload(self._root / key, kind, "IDX files" if kind == "idx" else plain)
        if self._coming >= AT_ONCE:
            raise ResourceError("Too many files are on their way; wait until one of them is here.")
        upload.folder.mkdir(exist_ok=True)
        path = upload.folder / plain
        self._coming += 1
        try:
            await _write(path, body)
            found = await asyncio.to_thread(_about, kind, path)
        except (ChainruleError, OSError) as error:
            path.unlink(missing_ok=True)
            said = str(error) if isinstance(error, ChainruleError) else "the file cannot be kept: the disk refuses."
            raise DataError(with_options(said.replace(str(path), upload.title))) from None
        except BaseException:  # it was given up, or came too slowly
            path.unlink(missing_ok=True)
            raise
        finally:
            self._coming -= 1
        upload.files = sorted({*upload.files, path})
        self._there[key] = upload
        self._drop_old()
        return {"upload": key, "name": upload.title, "kind": kind, **found}

    def title(self, number: str) -> str:
        """What an upload is called.

        Raises
        ------
        DataError
            There is none of this number any more.
        """
        return self._found(number).title

    def copied(self, number: str, folder: Path) -> Path:
        """Put an upload's files into a run's folder; gives the source of its data.

        Raises
        ------
        DataError
            There is none of this number any more.
        """
        upload, place = self._found(number), folder / DATA
        place.mkdir(exist_ok=True)
        for path in upload.files:
            shutil.copyfile(path, place / path.name)  # not moved: it may be started from again, with other settings
        return place if upload.kind == "idx" else place / upload.files[0].name

    def _found(self, number: str) -> Upload:
        if number not in self._there:
            raise DataError("the file that was dropped is not there any more: drop it again.")
        return self._there[number]

    def _drop_old(self) -> None:
        for key in list(self._there)[: max(len(self._there) - MOST, 0)]:
            shutil.rmtree(self._there.pop(key).folder, ignore_errors=True)


def with_options(said: str) -> str:
    """What is said of a file; where it names options, for which a page has no fields, how they are given in a terminal.

    >>> with_options('a.csv:2:1: nothing here. Complete it, or pass missing="mean" (--missing mean).').splitlines()[1]
    'Here is no field for that. In a terminal: chainrule train a.csv --missing mean --lab'
    """
    options = " ".join(option for option in OPTION.findall(said) if option != "--target")
    file = said.partition(":")[0]
    return f"{said}\nHere is no field for that. In a terminal: chainrule train {file} {options} --lab" if options else said


def _kind(name: str) -> tuple[str, str]:
    """What kind of file a name says it is, and the name that it gets here."""
    last = name.replace("\\", "/").rpartition("/")[2]
    if IDX.fullmatch(last):
        return "idx", last
    if match := SUFFIX.search(last):
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", last[: match.start()]).strip("-")[:40] or "data"
        suffix = match[0].lower()
        return "npz" if suffix == ".npz" else "table", stem + suffix
    raise DataError(
        f"{last[:60]!r} is no kind of file that can be learned from. Drop a table (.csv, .tsv, .txt), an archive (.npz), "
        "or the files of an IDX folder (train-images-idx3-ubyte ...)."
    )


async def _write(path: Path, body: AsyncIterator[bytes]) -> None:
    size = 0
    with path.open("wb") as file:
        async for part in body:
            size += len(part)
            if size > LARGEST:
                raise DataError(f"the file is larger than {LARGEST // 2**20} MB. Train it with: chainrule train FILE")
            file.write(part)


def _about(kind: str, path: Path) -> dict[str, Any]:
    """What the start screen shows of a file: its columns, or its arrays."""
    if kind == "idx":
        array = read_idx(path)
        return {"arrays": [{"name": path.name, "shape": list(array.shape)}]}
    if kind == "npz":
        return {"arrays": [{"name": name[:60], "shape": list(a.shape)} for name, a in read_npz(find(path)).items()]}
    table = _table(path)
    rows = list(islice((row for _, some in table.chunks() for row in some), FEWEST))
    if len(rows) < FEWEST:
        raise DataError(f"{path}: {len(rows)} row(s) of data; {FEWEST} or more are needed, of which some are held out.")
    n = len(table.names)
    shown = [*range(min(n, COLUMNS) - 1), n - 1]  # the last is often what is to be predicted
    columns = [{"name": table.names[i][:80], "examples": [row[i][:40] for row in rows[:ROWS]]} for i in shown]
    return {"columns": columns, "more": n - len(shown), "header": table.header}


def _table(path: Path) -> Table:
    """A table; one whose first row is data has no header."""
    try:
        return open_table(path, delimiter=None, encoding="utf-8", header=True)
    except DataError as error:
        if "header=False" not in str(error):
            raise
        return open_table(path, delimiter=None, encoding="utf-8", header=False)
