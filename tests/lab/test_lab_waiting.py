"""A training that waits for somebody who looks, and one that ends before it has said anything."""

from __future__ import annotations

import asyncio
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

    def held(self, on_event: Callable[[dict[str, Any]], None], _: Any) -> Trainer:
        """What takes its events."""
        self.tell = on_event
        return self

    def post(self, said: dict[str, Any]) -> None:
        """Take a command."""
        self.told.append(dict(said))

    @property
    def runs(self) -> int:
        """How often it was told to run."""
        return sum(said["command"] == "run" for said in self.told)


class Viewer:
    """Somebody who looks, but has no use for frames."""

    credits = fps = 0
    seen = 0
    due = 0.0

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def tell(self, event: dict[str, Any]) -> None:
        """Take an event."""
        self.events.append(dict(event))

    def give(self, frame: bytes, number: int) -> None:
        """Take a frame."""


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
