"""A training that waits for somebody who looks, one that ends before it has said anything, and who comes meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from chainrule.lab.live import Live


class Trainer:
    """A training that does nothing but note down what it is told."""

    alive = True

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.tell: Callable[[dict[str, Any]], None] = self.post
        self.show: Callable[[bytes], None] = len

    def held(self, on_event: Callable[[dict[str, Any]], None], on_frame: Callable[[bytes], None]) -> Trainer:
        """What takes its events and its frames."""
        self.tell, self.show = on_event, on_frame
        return self

    def post(self, said: dict[str, Any]) -> None:
        """Take a command."""
        self.told.append(dict(said))

    @property
    def runs(self) -> int:
        """How often it was told to run."""
        return sum(said["command"] == "run" for said in self.told)


class Viewer:
    """Somebody who looks, and gives no credit for a frame but the first."""

    credits = fps = seen = 0
    looks = False
    due = 0.0

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.frames: list[bytes] = []

    def tell(self, event: dict[str, Any]) -> None:
        """Take an event."""
        self.events.append(dict(event))

    def give(self, frame: bytes, number: int) -> None:
        """Take a frame."""
        self.frames.append(frame)


def waiting(seconds: float, then: Callable[[Live, Trainer], Any]) -> Trainer:
    """A training that waits so long at most, and what happens meanwhile."""
    trainer = Trainer()

    async def meanwhile() -> None:
        live = Live()
        live.take(trainer.held)
        live.run_when_seen(seconds)
        await then(live, trainer)
        live.trainer = None
        await live.close()

    asyncio.run(meanwhile())
    return trainer


@pytest.mark.parametrize("lookers", [1, 2])
def test_it_runs_when_the_first_looks(lookers: int):
    """Once: who comes later finds it as it is."""

    async def come(live: Live, _: Trainer) -> None:
        for _ in range(lookers):
            await live.join(Viewer())

    assert waiting(60.0, come).runs == 1


@pytest.mark.parametrize(("seconds", "runs"), [(0.0, 1), (60.0, 0)])
def test_where_nobody_looks_it_runs_after_a_while(seconds: float, runs: int):
    """And not before."""
    assert waiting(seconds, lambda *_: asyncio.sleep(0.05)).runs == runs


def test_a_training_that_ends_at_once_says_no_step():
    """Its page is told why; a state without a step would be shown as one."""
    viewer = Viewer()

    async def ends(live: Live, trainer: Trainer) -> None:
        await live.join(viewer)
        trainer.tell({"event": "gone", "message": "no room"})

    waiting(60.0, ends)
    assert [event["event"] for event in viewer.events] == ["error"]


def test_nothing_is_missed_by_who_comes():
    """What a training says and shows while its recording is read for somebody new, they are given too."""
    viewer, reading, read = Viewer(), threading.Event(), threading.Event()

    def opened() -> bytes:
        reading.set()
        read.wait(30)
        return b"old"

    async def ends(live: Live, trainer: Trainer) -> None:
        live.opened = opened
        coming = asyncio.create_task(live.join(viewer))
        await asyncio.to_thread(reading.wait, 30)
        trainer.tell({"event": "state", "step": 9, "finished": True})
        trainer.show(b"new")
        read.set()
        await coming

    waiting(60.0, ends)
    assert ([event["step"] for event in viewer.events], viewer.frames) == ([9], [b"new"])
