"""Training under control: paused, step by step, at another learning rate, looked at while it runs.

The loop asks its recorder how many steps may be done next. There, between two steps, all is consistent, and no lock is
needed: commands are heard, frames are handed out, and while the training is paused this is where it waits. Nothing is
added to a step. While somebody looks, a stretch is at most 30 ms, so that frames come in time; while nobody does, the only
cost is one look at an empty queue a stretch.
"""

from __future__ import annotations

import math
import queue
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.io.strict_json import finite
from chainrule.lab.frames import bucketed, frame
from chainrule.record.store import RATE
from chainrule.runs.session import Recording
from chainrule.runs.signals import Stopped
from chainrule.train.history import Epoch
from chainrule.train.interrupt import is_asked
from chainrule.train.loop import Loop

STRETCH = 0.03  # seconds between two looks at what a viewer wants
TELL = 0.1  # seconds between two reports of where the training stands
ALERT = 0.2  # seconds between two looks at Ctrl-C while the training waits
POINTS = 50  # of the curve of costs in one report
MARKS = 20  # reports over which steps a second are counted

Tell = Callable[[Mapping[str, Any] | bytes], None]
Inbox = queue.SimpleQueue[dict[str, Any]]


@dataclass
class Wishes:
    """What those who look on want.

    Attributes
    ----------
    running : bool
        Whether the training is to run as soon as it begins.
    speed : float, optional
        Steps a second, at most.
    watched, wanted : bool
        Whether anybody looks; whether a frame has been asked for.
    stop_cost, stop_epoch : float, int, optional
        Pause after the first epoch whose mean cost is under this; after this epoch. What has come true is forgotten.
    """

    running: bool = False
    speed: float | None = None
    watched: bool = False
    wanted: bool = False
    stop_cost: float | None = None
    stop_epoch: int | None = None


class Control:
    """A recorder that also does as it is told.

    Parameters
    ----------
    recorder : Recorder
        What writes the training down.
    inbox : queue
        Commands: ``{"command": "run" | "pause" | "step" | "set" | "frame" | "watch" | "end", ...}``.
    tell : callable
        Takes answers and events (as plain data) and frames (as bytes).
    wishes : Wishes
        They outlive it: a training that is finished may be gone on with.
    """

    def __init__(self, recorder: Recording, inbox: Inbox, tell: Tell, wishes: Wishes) -> None:
        self.recorder, self.inbox, self.tell, self.wishes = recorder, inbox, tell, wishes
        self.allowed = math.inf if wishes.running else 0.0  # steps that may be done before it pauses
        self._shown = -1  # the step of the frame that was handed out last
        self._pace, self._begun, self._due, self._told = 1, 0.0, 0.0, 0.0
        self._costs: list[np.ndarray] = []
        self._cost, self._marks = math.nan, deque[tuple[float, int]](maxlen=MARKS)
        self._epochs, self._stopped = 0, ""

    @property
    def running(self) -> bool:
        """Whether it goes on by itself."""
        return self.allowed == math.inf

    # ------------------------------------------------------------------------------------------- what the loop calls

    def begin(self, loop: Loop) -> None:
        """Training begins, or goes on."""
        self.recorder.begin(loop)
        self._epochs = loop.state.epoch + loop.settings.epochs
        self.tell({"event": "ready"})
        self._report(loop)

    def upcoming(self, loop: Loop, order: np.ndarray) -> int:
        """How many steps may be done; waits here while the training is paused, or ahead of its speed."""
        while True:
            self._hear(loop)
            self._show(loop)
            wait = self._ahead() if self.allowed else ALERT
            if wait <= 0:
                break
            self._hear(loop, min(wait, ALERT))
        steps = min(self.recorder.upcoming(loop, order), self.allowed)
        if self.wishes.speed and self.running:
            steps = min(steps, max(1, int(self.wishes.speed * STRETCH)))
        elif self.wishes.watched:
            steps = min(steps, self._pace)
        self._begun = time.perf_counter()
        return int(steps)

    def done(self, loop: Loop, costs: np.ndarray) -> None:
        """Some steps have been done."""
        now = time.perf_counter()
        per_step = max(now - self._begun, 1e-9) / len(costs)
        self._pace = max(1, min(4 * self._pace, int(STRETCH / per_step)))
        self.recorder.done(loop, costs)
        self.allowed -= len(costs)
        if self.wishes.speed:
            self._due = max(self._due, now - STRETCH) + len(costs) / self.wishes.speed
        self._cost = float(costs[-1])
        if self.wishes.watched:
            self._costs.append(costs)
        if not self.allowed:
            self._pause(loop)
        elif self.wishes.watched and now - self._told > TELL:
            self._report(loop)

    def epoch(self, loop: Loop, record: Epoch) -> None:
        """An epoch has ended."""
        self.recorder.epoch(loop, record)
        if self.wishes.watched and (not self.allowed or time.perf_counter() - self._told > TELL):
            self.tell(finite({"event": "epoch", "step": loop.state.updates, **record.as_dict()}))
        if self.running and (why := self._reached(record)):
            self._pause(loop, why=why)

    def end(self, loop: Loop, error: BaseException | None) -> None:
        """Training has ended: the last frame goes out unasked, so that what is seen is where it ended."""
        self.recorder.end(loop, error)
        self.allowed = 0.0
        self.tell(frame(loop.stepper.parameters, loop.state, self._cost, loop.eta(loop.state.step)))
        self._report(loop)

    def commit(self) -> None:
        """Let readers of the recording see all that is known."""
        self.recorder.commit()

    def event(self, step: int, kind: str, value: Any) -> None:
        """Something happened after this step."""
        self.recorder.event(step, kind, value)

    # ------------------------------------------------------------------------------------------------- what it is told

    def _hear(self, loop: Loop, wait: float = 0.0) -> None:
        """Do what has been asked for; ``wait`` so many seconds for it."""
        while wait or not self.inbox.empty():
            try:
                said = self.inbox.get(timeout=wait)
            except queue.Empty:
                if is_asked():
                    raise KeyboardInterrupt from None
                return
            wait = 0.0
            number = said.get("id")
            why = COMMANDS[said["command"]](self, loop, said)
            if number is not None:
                self.tell({"id": number, "error": why} if why else {"id": number, "ok": True})

    def _run(self, loop: Loop, _: Mapping[str, Any]) -> None:
        self.allowed, self._due, self._stopped = math.inf, 0.0, ""
        self._marks.clear()
        self._report(loop)

    def _pause(self, loop: Loop, _: Mapping[str, Any] | None = None, why: str = "") -> None:
        self.allowed, self._stopped = 0.0, why
        self._marks.clear()
        self.recorder.commit()
        self._report(loop)

    def _step(self, loop: Loop, said: Mapping[str, Any]) -> str | None:
        """One step is one mini-batch; an epoch is what is left of the one under way."""
        unit, count = said.get("unit", "batch"), said.get("count", 1)
        steps, size = loop.stepper.steps_in_epoch, loop.stepper.batch_size
        if unit == "example" and size > 1:
            return (
                f"one example alone does not change this network: a step is a mini-batch of {size} examples, and the "
                "update is their mean. Step by mini-batch, or start a training with batch size 1."
            )
        self._stopped = ""
        left = steps - loop.state.step % steps
        self.allowed = left + (count - 1) * steps if unit == "epoch" else count
        return None

    def _set(self, loop: Loop, said: Mapping[str, Any]) -> str | None:
        """Another learning rate from the next step on, which replays and resumed trainings honour; or another speed."""
        if (at := said.get("stop_epoch")) is not None and not loop.state.epoch < at <= self._epochs:
            return (
                f"it cannot stop after epoch {at:,}: {loop.state.epoch + 1:,} comes next, and {self._epochs:,} is the last."
            )
        for name in {"stop_cost", "stop_epoch"} & said.keys():
            setattr(self.wishes, name, said[name])
        if "speed" in said:
            self.wishes.speed, self._due = said["speed"], 0.0
            self._marks.clear()
        if "learning_rate" in said:
            base = loop.state.rate_over(loop.settings.eta)
            factor = loop.eta(loop.state.step) / base if base else 0.0  # of the schedule, which goes on
            if not factor > 0:
                return f"the schedule {loop.settings.rates.name!r} has brought the learning rate to 0: no other can be set."
            loop.set_learning_rate(said["learning_rate"] / factor)
            self.recorder.event(loop.state.updates, RATE, said["learning_rate"] / factor)
            self.recorder.commit()
        self._report(loop)
        return None

    def _frame(self, _loop: Loop, _: Mapping[str, Any]) -> None:
        self.wishes.wanted = True

    def _watch(self, loop: Loop, said: Mapping[str, Any]) -> None:
        self.wishes.watched = bool(said["on"])
        self._costs, self._pace = [], 1
        self._marks.clear()
        if self.wishes.watched:
            self._report(loop)

    def _end(self, _loop: Loop, _: Mapping[str, Any]) -> None:
        raise Stopped(15, at_once=False)

    # --------------------------------------------------------------------------------------------------- what it tells

    def _ahead(self) -> float:
        """How many seconds a training of a given speed is ahead of it."""
        return self._due - time.perf_counter() if self.wishes.speed and self.running else 0.0

    def _reached(self, record: Epoch) -> str:
        """Why the training is to stop after this epoch, in words; a rule that has come true is forgotten."""
        w, why = self.wishes, ""
        if w.stop_epoch is not None and record.epoch >= w.stop_epoch:
            why, w.stop_epoch = f"epoch {record.epoch:,} has ended", None
        if w.stop_cost is not None and record.cost < w.stop_cost:
            why, w.stop_cost = f"the mean cost of epoch {record.epoch:,}, {record.cost:.4g}, is under {w.stop_cost:g}", None
        return why

    def _speed(self, step: int) -> float:
        """Steps a second over the last reports; not a number while there is but one."""
        now = time.perf_counter()
        self._marks.append((now, step))
        then, before = self._marks[0]
        return (step - before) / (now - then) if now > then else math.nan

    def _show(self, loop: Loop) -> None:
        """Hand out a frame, if one is wanted and this one is new."""
        if self.wishes.wanted and self._shown != loop.state.updates:
            self.wishes.wanted, self._shown = False, loop.state.updates
            self.tell(frame(loop.stepper.parameters, loop.state, self._cost, loop.eta(loop.state.step)))

    def _report(self, loop: Loop) -> None:
        """Say where the training stands, and the costs of the steps since the last report."""
        self._told, s = time.perf_counter(), loop.state
        if self._costs:
            costs = np.concatenate(self._costs)
            points = bucketed(costs, s.updates - len(costs) + 1, POINTS)
            self._costs = []
            self.tell({"event": "cost", "steps": points["steps"], "costs": points["mean"]})
        self.tell(finite({
            "event": "state", "running": self.allowed > 0, "step": s.updates, "last": s.updates, "epoch": s.epoch,
            "learning_rate": loop.eta(s.step), "speed": self.wishes.speed, "cost": self._cost,
            "steps_per_second": self._speed(s.updates) if self.allowed else None, "epochs": self._epochs,
            "stop": {"cost": self.wishes.stop_cost, "epoch": self.wishes.stop_epoch}, "stopped": self._stopped or None,
            "finished": False, "closed": None,
        }))  # fmt: skip


COMMANDS: dict[str, Callable[[Control, Loop, Mapping[str, Any]], str | None]] = {
    "run": Control._run, "pause": Control._pause, "step": Control._step, "set": Control._set,  # noqa: SLF001
    "frame": Control._frame, "watch": Control._watch, "end": Control._end,  # noqa: SLF001
}  # fmt: skip
