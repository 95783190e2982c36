"""Trainings that end otherwise than they should: killed, stuck, given up while they begin, or not to be read."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from lab_helpers import SMALL, Client
from websockets.exceptions import ConnectionClosed

from chainrule.errors import DataError
from chainrule.io.blobs import unpack
from chainrule.lab import process, start
from chainrule.lab.desk import Desk
from chainrule.lab.history import History
from chainrule.record import Recording

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def test_steps_that_are_done_anew_are_shown_anew(lab: Client):
    """After a kill a training goes on from its checkpoint, perhaps in another way: no later step is kept."""
    run = lab.start()
    with lab.watch(run) as page:
        assert page.do("step", count=2)["ok"]
        page.stand(2)
        assert page.do("set", learning_rate=5.0)["ok"]
        assert page.do("step", count=2)["ok"]
        page.stand(4)
        before = parameters(lab, run), lab.json(f"/api/runs/{run}/measures?step=4")
        os.kill(lab.trainer(run), signal.SIGKILL)
        page.until(lambda e: e.get("event") == "error")
        page.events.clear()
        assert page.do("step", count=4)["ok"]
        page.until(lambda e: e.get("event") == "state" and not e["running"] and e["step"] == 4 and e["live"])
        after = parameters(lab, run), lab.json(f"/api/runs/{run}/measures?step=4")
        assert page.do("pause")["ok"]
    recorded = unpack(History(lab.root / run).frame(4))[0]["parameters"]
    assert (after[0] == recorded).all()
    assert (before[0] != recorded).any()
    assert after[1] != before[1]


def parameters(lab: Client, run: str) -> np.ndarray:
    """What the server says of step 4."""
    return unpack(lab.ask("GET", f"/api/runs/{run}/frame?step=4")[2])[0]["parameters"]


def test_after_a_kill_it_stands_where_its_recording_ends(lab: Client):
    """Steps that were done and not yet recorded are gone; the next command goes on from what there is."""
    run = lab.start(paused=False, speed=None)
    with lab.watch(run) as page:
        page.until(lambda e: e.get("event") == "state" and e["step"] > 20)
        os.kill(lab.trainer(run), signal.SIGKILL)
        stands = page.until(lambda e: e.get("event") == "state" and not e["live"])
        last = lab.json(f"/api/runs/{run}/hello")["last"]
        assert (stands["step"], stands["last"]) == (last, last)


def test_of_a_training_that_is_stuck_the_end_is_told(lab: Client, monkeypatch: pytest.MonkeyPatch):
    """It does not answer, so it is killed; who looks at it is told so."""
    monkeypatch.setattr(process, "PATIENCE", 0.3)
    run = lab.start()
    with lab.watch(run) as page:
        os.kill(lab.trainer(run), signal.SIGSTOP)
        assert "run" in page.do("reset")
        assert "was killed by signal 9" in page.until(lambda e: e.get("event") == "error")["message"]
        assert not page.until(lambda e: e.get("event") == "state" and not e["live"])["running"]


def test_why_a_run_cannot_be_looked_at_is_told(lab: Client, monkeypatch: pytest.MonkeyPatch):
    """Before the connection is closed."""
    run = lab.start()

    def damaged(*_: object) -> None:
        raise DataError("the recording is damaged.")

    with lab.watch(run) as page:
        assert page.do("step")["ok"]
        page.stand(1)
        monkeypatch.setattr(Recording, "frame", damaged)
        os.kill(lab.trainer(run), signal.SIGKILL)
        page.until(lambda e: e.get("event") == "state" and not e["live"])
    with lab.watch(run) as page:
        with contextlib.suppress(ConnectionClosed):
            while True:
                page.events.append(page.take())
        assert page.events == [{"event": "error", "message": "the recording is damaged."}]


def test_a_training_that_is_given_up_while_it_begins_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Ctrl-C while its process reads the data: no process, and no run."""
    begun, real = asyncio.Event(), asyncio.create_subprocess_exec
    processes: list[asyncio.subprocess.Process] = []

    async def slow(*_: str, **how: object) -> asyncio.subprocess.Process:
        processes.append(await real(sys.executable, "-c", "import sys; sys.stdin.readline(); sys.stdin.readline()", **how))
        begun.set()
        return processes[0]

    async def give_up() -> None:
        desk = Desk(tmp_path)
        starting = asyncio.create_task(desk.start(*start.asked(SMALL)))
        await begun.wait()
        starting.cancel()
        await asyncio.wait([starting])
        assert starting.cancelled()
        await desk.close()

    monkeypatch.setattr(asyncio, "create_subprocess_exec", slow)
    asyncio.run(give_up())
    assert processes[0].returncode is not None
    assert list(tmp_path.iterdir()) == []
