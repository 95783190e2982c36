"""A watched network in a notebook: its page stands below a cell, beside the training that another cell does.

Commands come from the page as messages to the kernel. A kernel that trains in a cell hears them where its front end sends
them to a subshell (JupyterLab 4.4 and later with ipykernel 7); elsewhere, where ``fit`` is called in a thread of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from chainrule.io import strict_json
from chainrule.lab import wire
from chainrule.lab.history import History
from chainrule.lab.live import CREDITS, FPS
from chainrule.lab.still import still
from chainrule.lab.watching import OVER, Watch
from chainrule.lab.widget import QUESTIONS, Send, answer, facts, widget_class

FRAMES = 2**20  # bytes of frames that stay in the page when the kernel has gone
REST = 2.0  # seconds between two trainings after which what stays is made anew
COMMANDS = ("run", "pause", "step", "set")
REFUSED = "this network belongs to the notebook: make another there, or call fit again."
YET = "<p>A network is watched here as soon as it is trained: call its fit.</p>"


class Beside:
    """Where a watch is looked at in a notebook; ``widget`` is what the notebook displays."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.widget = widget_class()(self.hear, self._picture, {"watched": True})
        self._credits, self._hears, self._shown_at = CREDITS, False, 0.0
        self._rest: threading.Timer | None = None
        self._made, self._state = 0.0, dict[str, Any]()

    def _picture(self) -> str:
        return still(self.watch.history) if self.watch.history else f'<div class="crl-still">{YET}</div>'

    # ------------------------------------------------------------------------------------------- what the watch calls

    def begun(self, history: History) -> None:
        """A training has begun: a page that waits for the first can be drawn."""
        if self._rest is not None:
            self._rest.cancel()
        self.watch.wishes.watched = True
        self._credits = CREDITS
        if not self.widget.hello:
            self.widget.renew(facts(history, FRAMES, live=True))

    def due(self) -> bool:
        """Whether a frame is wanted now: by a page that has painted the others, or that cannot say so while a cell runs."""
        return (self._credits > 0 or not self._hears) and time.monotonic() - self._shown_at > 1 / FPS

    def told(self, said: Mapping[str, Any] | bytes) -> None:
        """An event, or a frame."""
        if isinstance(said, bytes):
            self._credits, self._shown_at = max(self._credits - 1, 0), time.monotonic()
            self.widget.send({"event": "frame"}, [said])
            return
        if said["event"] == "state":
            self._state = dict(said)
            if not said["running"]:
                self.watch.wishes.wanted = True  # where it stands is seen, whatever was painted
        self.widget.send(dict(said))

    def ended(self, history: History) -> None:
        """The training has ended; another may begin at once."""
        self.widget.send({**self._state, "event": "state", "running": False, "live": False, **OVER})
        self._rest = threading.Timer(REST, self._stay, (history,))
        self._rest.daemon = True
        if time.monotonic() - self._made > REST:
            self._stay(history)
        else:
            self._rest.start()

    def _stay(self, history: History) -> None:
        self._made = time.monotonic()
        self.widget.renew(facts(history, FRAMES, live=False))

    # -------------------------------------------------------------------------------------------- what the page says

    def hear(self, said: Any, send: Send) -> None:
        """Do what the page asks for."""
        if isinstance(said, dict) and said.get("command") in QUESTIONS:
            send(*answer(self.watch.history, said))
            return
        try:
            command = wire.command(strict_json.dumps(said))
        except (wire.Refused, ValueError, TypeError) as error:
            send({"id": getattr(error, "number", None), "error": str(error)[:300]})
            return
        if command.name == "ack":
            self._credits, self._hears = min(self._credits + 1, CREDITS), True
        elif command.name in COMMANDS:
            order = {"command": command.name, **command.values}
            self.watch.ask(order, lambda found: send({"id": command.number, **found}))
        else:
            send({"id": command.number, "error": REFUSED})
