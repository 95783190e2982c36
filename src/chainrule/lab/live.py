"""What everybody who looks at one run is sent: the newest frame alone, at their own rate, and only while they look.

A page has two credits; a frame takes one, and the page gives it back when it has painted the frame. A hidden page paints
nothing, so it gives none back, and nothing is built for it. The training is asked for a frame when somebody has a credit
and is due for one: there is no backlog, and a page that is stuck slows nobody down.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from chainrule.errors import ChainruleError
from chainrule.io import strict_json
from chainrule.io.blobs import unpack
from chainrule.lab.process import Trainer

CREDITS = 2
FPS = 15.0
WAITING = 256  # events that may wait for one page; the oldest are dropped
HIDDEN = 1.0  # seconds without a credit after which a page is taken to be hidden


OnEvent: TypeAlias = Callable[[dict[str, Any]], None]
OnFrame: TypeAlias = Callable[[bytes], None]


class Training(Protocol):
    """A training that goes on elsewhere, as the server holds it."""

    @property
    def alive(self) -> bool:
        """Whether it is under way."""

    def post(self, said: Mapping[str, Any], /) -> None:
        """Send a command that needs no answer."""

    async def ask(self, said: Mapping[str, Any], /) -> str | None:
        """Send a command; gives None when it has been done, else why not."""

    async def end(self) -> None:
        """End it."""


@dataclass(eq=False)
class Viewer:
    """One page that looks on: what it is owed."""

    send_text: Callable[[str], Awaitable[None]]
    send_bytes: Callable[[bytes], Awaitable[None]]
    credits: int = CREDITS
    fps: float = FPS
    due: float = 0.0
    seen: int = 0  # the number of the frame that it was given last
    spent_at: float = 0.0
    events: deque[str] = field(default_factory=lambda: deque(maxlen=WAITING))
    frame: bytes | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def looks(self) -> bool:
        """Whether it wants frames, as far as one can know."""
        return self.fps > 0 and (self.credits > 0 or time.monotonic() - self.spent_at < HIDDEN)

    def tell(self, event: Mapping[str, Any]) -> None:
        """Put an event into its queue."""
        self.events.append(strict_json.dumps(dict(event)))
        self.wake.set()

    def give(self, frame: bytes, number: int) -> None:
        """Give it a frame for one of its credits; one that still waits is replaced."""
        now = time.monotonic()
        self.credits -= 1
        self.spent_at, self.seen, self.frame = now, number, frame
        self.due = max(self.due, now - 1 / max(self.fps, 0.1)) + 1 / max(self.fps, 0.1)
        self.wake.set()

    def ack(self) -> None:
        """It has painted a frame."""
        self.credits = min(self.credits + 1, CREDITS)

    async def serve(self) -> None:
        """Send what it is owed, as fast as it takes it."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.events:
                await self.send_text(self.events.popleft())
            if self.frame is not None:
                frame, self.frame = self.frame, None
                await self.send_bytes(frame)


class Live:
    """A run that may be under way, and all who look at it.

    Parameters
    ----------
    opened : callable, optional
        Gives the run's last frame, where its trainer has not handed one out; it may be set when that is known.
    """

    def __init__(self, opened: Callable[[], bytes] | None = None) -> None:
        self.viewers: set[Viewer] = set()
        self.trainer: Training | None = None
        self.state: dict[str, Any] = {}
        self.opened = opened
        self._newest: bytes | None = None
        self._number = 0
        self._asked = False
        self._is_watched: bool | None = None  # as the training was told last
        self._changed = asyncio.Event()
        self._turn = asyncio.Lock()
        self._pump: asyncio.Task[None] | None = None
        self._back: asyncio.Task[None] | None = None
        self._waits = False  # for somebody who looks, to run

    @property
    def under_way(self) -> bool:
        """Whether it has a process."""
        return self.trainer is not None and self.trainer.alive

    @property
    def runs(self) -> bool:
        """Whether it trains just now: it is neither paused nor at its end."""
        return self.under_way and bool(self.state.get("running"))

    async def begin(self, order: Mapping[str, Any]) -> None:
        """Start a process for it, if it has none.

        Raises
        ------
        ResourceError
            The training has not begun; the message says why.
        """
        async with self._turn:
            if not self.under_way:
                trainer = Trainer(self._on_event, self._on_frame)
                self.take(lambda *_: trainer)
                await trainer.begin(order)
                self.changed()

    def take(self, make: Callable[[OnEvent, OnFrame], Training]) -> None:
        """Hold a training; it is given what takes its events and its frames."""
        self.trainer = make(self._on_event, self._on_frame)
        self._asked, self._is_watched = False, None
        self.changed()

    def run_when_seen(self, seconds: float) -> None:
        """Let the training, which is paused, run as soon as somebody looks, or after so many seconds."""
        self._waits = True
        asyncio.get_running_loop().call_later(seconds, self._run)

    def _run(self) -> None:
        if self._waits and self.under_way:
            assert self.trainer is not None
            self.trainer.post({"command": "run"})
        self._waits = False

    async def end(self) -> None:
        """Let the training save and end."""
        if self.trainer is not None:
            await self.trainer.end()

    async def close(self) -> None:
        """End the training, and stop sending."""
        await self.end()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    # ---------------------------------------------------------------------------------------------------- who looks on

    async def join(self, viewer: Viewer) -> None:
        """Somebody looks: they get the state and the newest frame at once, and then all that comes."""
        if self._pump is None:
            self._pump = asyncio.create_task(self._send())
        if self._newest is None and self.opened is not None:
            last = await asyncio.to_thread(self.opened)
            self._newest = self._newest or last  # one may have come meanwhile
        if self.state:
            viewer.tell(self.state)
        if self._newest is not None:
            viewer.give(self._newest, self._number)
        self.viewers.add(viewer)
        self._run()
        self.changed()

    def leave(self, viewer: Viewer) -> None:
        """They have gone."""
        self.viewers.discard(viewer)
        self.changed()

    def changed(self) -> None:
        """Somebody has a credit again, or has come or gone: see who is to be sent what."""
        self._changed.set()

    # ------------------------------------------------------------------------------------------------ what is sent, when

    async def _send(self) -> None:
        """Ask for a frame whenever somebody is due for one."""
        while True:
            self._changed.clear()
            self._watch()
            wait = self._ask()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):  # wait_for of Python 3.11 can lose a cancellation
                    await self._changed.wait()

    def _ask(self) -> float:
        """Ask the training for a frame, if somebody is due for one; gives the seconds until it is time to look again."""
        ready = [v for v in self.viewers if v.credits and v.fps]
        if not ready:
            return HIDDEN
        wait = min(v.due for v in ready) - time.monotonic()
        if wait > 0:
            return wait
        if not self.under_way or self.state.get("finished"):
            self._hand_out()
        elif not self._asked:
            assert self.trainer is not None
            self._asked = True
            self.trainer.post({"command": "frame"})
        return HIDDEN

    def _hand_out(self) -> None:
        """Give the newest frame to all who are due for it."""
        if self._newest is None:
            return
        soon = time.monotonic() + 0.005
        for viewer in self.viewers:
            if viewer.credits and viewer.fps and viewer.seen < self._number and viewer.due <= soon:
                viewer.give(self._newest, self._number)

    def _watch(self) -> None:
        """Let the training know whether anybody looks."""
        looks = any(viewer.looks for viewer in self.viewers)
        if self.under_way and looks != self._is_watched:
            assert self.trainer is not None
            self._is_watched = looks
            self.trainer.post({"command": "watch", "on": looks})

    # ------------------------------------------------------------------------------------------- what the training says

    def _on_frame(self, frame: bytes) -> None:
        self._newest, self._number, self._asked = frame, self._number + 1, False
        self._hand_out()
        self.changed()

    def _on_event(self, event: dict[str, Any]) -> None:
        if event["event"] == "gone":
            self.state = {**self.state, **event.get("state", {}), "event": "state", "running": False, "live": False}
            if event["message"]:
                self._newest = None
                self._tell({"event": "error", "message": event["message"]})
                if self.opened is not None:
                    self._back = asyncio.create_task(self._fall_back(self.opened))
                    return
            if "step" not in self.state:  # it has ended before it said anything
                self.state = {}
                self.changed()
                return
            event = self.state
        if event["event"] == "state":
            event = self.state = {**self.state, "live": True, **event} if event is not self.state else event
            self.changed()
        self._tell(event)

    async def _fall_back(self, opened: Callable[[], bytes]) -> None:
        """After a mistake it stands where its recording ends."""
        with contextlib.suppress(ChainruleError):
            last = await asyncio.to_thread(opened)
            state = unpack(last)[1]["state"]
            assert isinstance(state, dict)
            if self.under_way:
                return
            self._newest, self.state = last, {**self.state, "step": state["updates"], "last": state["updates"]}
        self.changed()
        self._tell(self.state)

    def _tell(self, event: Mapping[str, Any]) -> None:
        for viewer in self.viewers:
            viewer.tell(event)
