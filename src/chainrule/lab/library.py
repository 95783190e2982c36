"""The runs that the lab can show: those in one folder, and any that were given. A page names a run by its id alone."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainrule.errors import DataError
from chainrule.io.words import quoted
from chainrule.lab.history import History
from chainrule.lab.live import Live
from chainrule.lab.slow import Studied
from chainrule.runs.folder import Run
from chainrule.runs.listing import alone, listed, row

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
OPEN = 16  # recordings that are kept open
NAMED = 10  # runs that a message names


class NoSuchRun(LookupError):  # noqa: N818  an answer
    """There is no run of this id."""

    def __init__(self, name: str, there: Sequence[str]) -> None:
        some = ", ".join(there[:NAMED]) + (f" and {len(there) - NAMED:,} more" if len(there) > NAMED else "")
        super().__init__(
            f"There is no run {quoted(name)}. " + (f"There are {some}." if there else "There are no runs yet.")
        )


@dataclass(eq=False)
class Entry:
    """A run that somebody has asked for."""

    place: Path
    history: History
    live: Live
    studied: Studied = field(init=False)

    def __post_init__(self) -> None:
        self.studied = Studied(self.history)


class Library:
    """Runs by id; the only place where an id becomes a folder, by looking it up among those that are there.

    Parameters
    ----------
    root : path
        The folder of the runs, in which new ones are begun.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._given: dict[str, Path] = {}
        self._open: OrderedDict[str, Entry] = OrderedDict()

    def add(self, place: Path) -> str:
        """A run, wherever it is; gives its id."""
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", place.absolute().name).strip(".-")[:60] or "run"
        found, count = name, 1
        while self._place(found) not in {None, place.absolute()}:
            count += 1
            found = f"{name}-{count}"
        self._given[found] = place.absolute()
        return found

    def enter(self, place: Path, live: Live, history: History | None = None) -> str:
        """A run whose training has just begun; gives its id."""
        name = self.add(place)
        history = history or History(place)
        live.opened = history.frame
        self._open[name] = Entry(place, history, live)
        return name

    def _place(self, name: str) -> Path | None:
        """Where the run of this id is."""
        if name in self._given:
            return self._given[name]
        return self._there().get(name)

    def _there(self) -> dict[str, Path]:
        """Those in the folder of the runs, by id."""
        found = self.root.iterdir() if self.root.is_dir() else ()
        return {
            place.name: place.absolute() for place in found
            if NAME.fullmatch(place.name) and Run(place).config_file.is_file()
        }  # fmt: skip

    def place(self, name: str) -> Path:
        """Where the run of this id is.

        Raises
        ------
        NoSuchRun
        """
        found = self._place(name)
        if found is None:
            raise NoSuchRun(name, sorted({*self._given, *self._there()}))
        return found

    def entry(self, name: str) -> Entry:
        """The run of this id, open.

        Raises
        ------
        NoSuchRun
        ChainruleError
            It cannot be read.
        """
        if name not in self._open:
            place = self.place(name)
            try:
                history = History(place)
            except DataError as error:
                raise DataError(str(error).replace(str(place), name)) from None
            self._open[name] = Entry(place, history, Live(history.frame))
            self._close_some()
        self._open.move_to_end(name)
        return self._open[name]

    def _close_some(self) -> None:
        idle = [name for name, entry in self._open.items() if not entry.live.under_way and not entry.live.viewers]
        for name in idle[: max(len(self._open) - OPEN, 0)]:
            self._open.pop(name).history.close()

    def entries(self) -> list[Entry]:
        """All that are open."""
        return list(self._open.values())

    def under_way(self) -> list[str]:
        """The ids of the runs that have a process."""
        return [name for name, entry in list(self._open.items()) if entry.live.under_way]

    def rows(self) -> list[dict[str, Any]]:
        """What the start screen says of each run, newest first; no path among it. Another thread may ask."""
        given = [(name, place) for name, place in list(self._given.items()) if place.exists()]
        own = {name: (row if place.is_dir() else alone)(place) for name, place in given}
        there = {Path(found["run"]).name: found for found in listed(self.root) if Path(found["run"]) != self.root}
        live = {name: entry.live for name, entry in list(self._open.items()) if entry.live.under_way}
        found = [
            {**values, "id": name, "name": name, "live": name in live, "running": name in live and live[name].runs}
            for name, values in (there | own).items()
        ]
        for values in found:
            values.pop("run")
            if parent := values.setdefault("parent", None):
                values["parent"] = {**parent, "run": Path(parent["run"]).name}
            if "error" in values:
                values["error"] = "It cannot be read."
        return sorted(found, key=lambda values: str(values["begun"]), reverse=True)[:500]
