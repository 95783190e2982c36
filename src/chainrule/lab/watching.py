"""A network that is watched while this process trains it, whoever calls ``fit``, and from whichever thread.

A watch is what `Control` is for a training in a process of its own; its commands come from a page of a server in this
process (`here`) or from a notebook's widget (`widget`). They are heard between two stretches of steps, in the thread that
trains. Where no watch is, ``fit`` asks once a stretch whether there is one, and does nothing else.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np

from chainrule.lab.assets import ready
from chainrule.lab.control import Control, Inbox, Wishes
from chainrule.lab.history import History
from chainrule.lab.subject import Held
from chainrule.modelfile import describe
from chainrule.network import Network
from chainrule.record import Recorder, Recording
from chainrule.record.recorder import EXAMPLES
from chainrule.record.same import refuse_another
from chainrule.train.history import Epoch
from chainrule.train.loop import Loop

IDLE = "no training is under way: call fit, which goes on where the last one ended."
OVER = {"finished": True, "closed": IDLE}  # where a training stands that has ended
NAME = "a watched network"
Reply = Callable[[dict[str, Any]], None]


class Outlet(Protocol):
    """Where a watch is looked at."""

    def begun(self, history: History) -> None:
        """A training has begun; its recording can be read."""

    def due(self) -> bool:
        """Whether a frame is wanted now."""

    def told(self, said: Mapping[str, Any] | bytes) -> None:
        """An event, or a frame."""

    def ended(self, history: History) -> None:
        """The training has ended."""


class Watch:
    """What is seen of a network's trainings, from now on and until it is detached; see :func:`chainrule.lab.watch`.

    Attributes
    ----------
    network : Network
    path : Path
        Of the recording.
    """

    def __init__(self, network: Network, path: str | os.PathLike[str] | None = None, *, paused: bool = False) -> None:
        if path is not None:
            _refuse_another(Path(os.fspath(path)), network)
        if isinstance(network.watcher, Watch):
            network.watcher.detach()
        if path is None:
            folder = tempfile.mkdtemp(prefix="chainrule-watch-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            path = f"{folder}/watched.sqlite"
        self.path = Path(os.fspath(path))
        self.network, self.outlets = network, list[Outlet]()
        self.wishes = Wishes(running=not paused)
        self._inbox: Inbox = queue.SimpleQueue()
        self._replies: dict[int, Reply] = {}
        self._number, self._turn = 0, threading.Lock()
        self._control: Control | None = None
        self.history: History | None = None
        self.widget: Any = None
        network.watcher = self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.detach()

    def _ipython_display_(self) -> None:
        if self.widget is None:
            raise NotImplementedError  # IPython then shows the text
        from IPython.display import display

        display(self.widget)  # type: ignore[no-untyped-call]

    def detach(self) -> None:
        """Look no longer: trainings go on unseen, also one that is under way, and one that was paused."""
        if self.network.watcher is self:
            self.network.watcher = None
            self.post({"command": "run"})

    def stay(self) -> None:
        """Keep the page until Ctrl-C, also when nothing is trained any more."""
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()

    # ------------------------------------------------------------------------------------- what the training calls

    def begin(self, loop: Loop) -> None:
        """A training begins, or somebody has come while it is under way."""
        held = Held(loop)
        known = {"classes": self.network.classes, "name": NAME}
        recorder = Recorder(self.path, examples=held.rows(EXAMPLES), facts=known, own=self.history is not None)
        control = Control(recorder, self._inbox, self._tell, self.wishes)
        control.begin(loop)
        if self.history is None:
            self.history = History(self.path, held)
        else:
            self.history.renew(held)
        with self._turn:
            self._control = control
        for outlet in self.outlets:
            outlet.begun(self.history)

    def upcoming(self, loop: Loop, order: np.ndarray) -> int:
        """How many steps may be done; commands are heard here."""
        self.wishes.wanted |= any([outlet.due() for outlet in self.outlets])  # noqa: C419  each is asked
        return self._now.upcoming(loop, order)

    def done(self, loop: Loop, costs: np.ndarray) -> None:
        """Some steps have been done."""
        self._now.done(loop, costs)

    def epoch(self, loop: Loop, record: Epoch) -> None:
        """An epoch has ended."""
        self._now.epoch(loop, record)

    def end(self, loop: Loop, error: BaseException | None) -> None:
        """The training has ended; who still waits for an answer is told so."""
        self._now.end(loop, error)
        with self._turn:
            self._control, replies, self._replies = None, self._replies, {}
            while not self._inbox.empty():
                self._inbox.get()
        for reply in replies.values():
            reply({"error": IDLE})
        assert self.history is not None
        for outlet in self.outlets:
            outlet.ended(self.history)

    @property
    def _now(self) -> Control:
        assert self._control is not None
        return self._control

    # -------------------------------------------------------------------------------------------- what outlets call

    @property
    def under_way(self) -> bool:
        """Whether the network is being trained."""
        return self._control is not None

    def post(self, said: Mapping[str, Any]) -> None:
        """A command that needs no answer."""
        with self._turn:
            if self._control is not None:
                self._inbox.put(dict(said))

    def ask(self, said: Mapping[str, Any], reply: Reply) -> None:
        """A command; ``reply`` takes its answer, in whichever thread it comes."""
        with self._turn:
            if self._control is not None:
                self._number += 1
                self._replies[self._number] = reply
                self._inbox.put({**said, "id": self._number})
                return
        reply({"ok": True} if said["command"] == "pause" else {"error": IDLE})

    def _tell(self, said: Mapping[str, Any] | bytes) -> None:
        """Pass on what the training says."""
        if not isinstance(said, bytes) and "id" in said:
            with self._turn:
                reply = self._replies.pop(said["id"], None)
            if reply is not None:
                reply({key: value for key, value in said.items() if key != "id"})
            return
        for outlet in self.outlets:
            outlet.told(said)


def _refuse_another(path: Path, network: Network) -> None:
    """Refuse a recording of another network here, and not when the training begins; that looks at the rest."""
    if path.is_file() and path.stat().st_size:
        with Recording(path) as there:
            now = {"network": describe(network.architecture), "seed": network.seed}
            refuse_another(path, there.facts, there.last, now, network.state.updates)


def watched(network: Network, path: str | os.PathLike[str] | None, *, paused: bool, notebook: bool) -> Watch:
    """A watch, and where it is looked at."""
    place = _in_a_notebook if notebook else _served
    look = place()  # first: a network is not watched where it cannot be looked at
    found = Watch(network, path, paused=paused)
    look(found)
    return found


def _in_a_notebook() -> Callable[[Watch], None]:
    from chainrule.lab.beside import Beside
    from chainrule.lab.widget import widget_class

    widget_class()

    def look(watch: Watch) -> None:
        beside = Beside(watch)
        watch.outlets.append(beside)
        watch.widget = beside.widget

    return look


def _served() -> Callable[[Watch], None]:
    ready()
    from chainrule.lab.here import Served

    return lambda watch: watch.outlets.append(Served(watch))
