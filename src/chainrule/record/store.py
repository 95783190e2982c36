"""The file of a recording: SQLite, with a journal (WAL) so that it is read while it is written, and survives a kill.

    facts       name, value (JSON)      the network, the data, how it is trained
    costs       first, values           the cost of every step, a stretch a row (float32)
    measures    step, values            norms and shares of a step, layer by layer (float32, in the order of the facts)
    frames      step, frame             key frames: parameters, slots and state (safetensors)
    epochs      epoch, step, record     what was measured after an epoch (JSON)
    events      step, kind, value       what happened, such as a number that was not finite (JSON)
    examples    row, x, y               some examples, so that a recording can be looked at without its data

A step is counted from the first update of the training: step 0 is the untrained network.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainrule.errors import DataError, ResourceError
from chainrule.io import strict_json
from chainrule.io.words import named

if TYPE_CHECKING:
    import sqlite3

FORMAT = 1
RATE = "learning_rate"  # the event that it was set while training, and to what
WAIT = 5.0  # seconds that one who writes waits for another
READERS = 0.5  # seconds that one who closes waits for those who read just now
PAGES = 2**14  # of the journal, after which it is moved into the file, which waits for the disk: 64 MiB
TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS costs (first INTEGER PRIMARY KEY, "values" BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS measures (step INTEGER PRIMARY KEY, "values" BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS frames (step INTEGER PRIMARY KEY, frame BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS epochs (epoch INTEGER PRIMARY KEY, step INTEGER NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events
    (number INTEGER PRIMARY KEY, step INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS examples (row INTEGER PRIMARY KEY, x BLOB NOT NULL, y BLOB NOT NULL);
"""
LAST = """
SELECT max(ifnull((SELECT first + length("values") / 4 - 1 FROM costs ORDER BY first DESC LIMIT 1), 0),
           ifnull((SELECT max(step) FROM frames), 0))
"""


def connect(path: str | os.PathLike[str], *, write: bool = False) -> sqlite3.Connection:
    """Open a recording; to write, it is made where there is none.

    Raises
    ------
    DataError
        There is none to be read, or it is something else.
    ResourceError
        The disk refuses.
    """
    import sqlite3  # takes as long as a fifth of NumPy

    place = Path(path)
    if not write and not place.is_file():
        raise DataError(f"There is no recording {named(place)}.\nMake one: chainrule train SOURCE --record")
    with reported(place):
        uri = f"{place.absolute().as_uri()}?mode={'rwc' if write else 'ro'}"
        base = sqlite3.connect(uri, uri=True, timeout=WAIT, isolation_level=None, check_same_thread=False)
        try:
            _open(base, place, write=write)
        except BaseException:
            base.close()
            raise
    return base


def _open(base: sqlite3.Connection, place: Path, *, write: bool) -> None:
    """Look whether it is a recording of this format; to write, let it have its tables."""
    _refuse_other(place, {name for (name,) in base.execute("SELECT name FROM sqlite_master")}, write=write)
    if write:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = NORMAL")
        base.execute(f"PRAGMA wal_autocheckpoint = {PAGES}")
        base.executescript(TABLES)
    format_ = base.execute("SELECT value FROM facts WHERE name = 'format'").fetchone()
    if format_ and format_[0] != str(FORMAT):
        raise DataError(f"{named(place)} has format {format_[0][:20]}; this version of chainrule reads format {FORMAT}.")


def _refuse_other(place: Path, tables: set[str], *, write: bool) -> None:
    """Refuse somebody else's data base; and to read what holds nothing."""
    if tables and "facts" not in tables:
        raise DataError(
            f"{named(place)} is no recording of chainrule: it is a data base with {', '.join(sorted(tables))[:80]}."
        )
    if not tables and not write:
        raise DataError(
            f"{named(place)} is empty, or was cut off: nothing is recorded in it.\n"
            f"While a training is under way, most of it stands in {named(place.name + '-wal')}: copy both files, or wait "
            "until it has ended. If there is no other copy, train again."
        )


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn what SQLite says into our errors.

    Raises
    ------
    DataError
        The file is no data base, or a damaged one.
    ResourceError
        Locked, full, or not to be written.
    """
    import sqlite3

    try:
        yield
    except sqlite3.OperationalError as error:
        raise ResourceError(f"The recording {named(path)} cannot be used: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise DataError(f"{named(path)} is no recording of chainrule: {error}.") from error


class Store:
    """A recording that is being written; what is added stands in the file after :meth:`commit`.

    Raises
    ------
    ResourceError, DataError
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._base = connect(path, write=True)
        self._is_open = False

    def add(self, table: str, *values: Any) -> None:
        """Put a row into a table, in the place of one with the same number."""
        if not self._is_open:
            self._execute("BEGIN")
            self._is_open = True
        places = ", ".join("?" * len(values))
        self._execute(f"INSERT OR REPLACE INTO {table} VALUES ({places})", values)  # noqa: S608  a table of TABLES

    def fact(self, name: str, value: Any) -> None:
        """Keep a fact as JSON."""
        self.add("facts", name, strict_json.dumps(value))

    def commit(self) -> None:
        """Let readers see all that was added."""
        if self._is_open:
            self._execute("COMMIT")
            self._is_open = False

    def thin(self, stride: int, kept: Sequence[int] = ()) -> None:
        """Drop the key frames whose step is no multiple of the stride, but for those that are to be kept."""
        others = "step NOT IN (SELECT value FROM json_each(?))"
        self._execute(f"DELETE FROM frames WHERE step % ? != 0 AND {others}", (stride, strict_json.dumps(list(kept))))  # noqa: S608

    def frame(self, step: int) -> bytes | None:
        """The key frame of this very step, where there is one."""
        found = self._execute("SELECT frame FROM frames WHERE step = ?", (step,)).fetchone()
        return None if found is None else bytes(found[0])

    def trim(self, step: int) -> None:
        """Forget all that came after a step: it will be done again."""
        for table in ("measures", "frames", "epochs", "events"):
            self._execute(f"DELETE FROM {table} WHERE step > ?", (step,))  # noqa: S608  one of these four
        cut = self._execute(
            'SELECT first, "values" FROM costs WHERE first <= ? ORDER BY first DESC LIMIT 1', (step,)
        ).fetchone()
        self._execute("DELETE FROM costs WHERE first > ?", (step,))
        if cut:
            self._execute("DELETE FROM costs WHERE first = ?", (cut[0],))
            if kept := cut[1][: 4 * (step - cut[0] + 1)]:
                self._execute("INSERT INTO costs VALUES (?, ?)", (cut[0], kept))

    def last(self, kind: str) -> Any:
        """The value of the last event of a kind; None where there is none."""
        found = self._execute("SELECT value FROM events WHERE kind = ? ORDER BY number DESC LIMIT 1", (kind,)).fetchone()
        return strict_json.loads(found[0].encode()) if found else None

    def facts(self) -> dict[str, Any]:
        """The facts; none of a new file."""
        return {name: strict_json.loads(value) for name, value in self._execute("SELECT name, value FROM facts")}

    def last_step(self) -> int:
        """The last step that is recorded."""
        return int(self._execute(LAST).fetchone()[0])

    def frame_bytes(self) -> int:
        """The bytes of all key frames."""
        return int(self._execute("SELECT ifnull(sum(length(frame)), 0) FROM frames").fetchone()[0])

    def close(self) -> None:
        """Write what is left, move the journal into the file, and let it go.

        SQLite moves it by itself where no other connection is open; who looks on while a training ends has one.
        """
        import sqlite3

        self.commit()
        with suppress(sqlite3.OperationalError):  # then it stays in the journal, from where it is read all the same
            self._base.execute(f"PRAGMA busy_timeout = {int(1000 * READERS)}")
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._base.close()

    def _execute(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        with reported(self.path):
            return self._base.execute(statement, values)
