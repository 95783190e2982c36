"""How many threads a program runs on: as many as make it faster just now.

The bits do not depend on it, so the number may change between any two calls. Two are tried, all of them and one. One thread
takes as long as it always does, so where all are better, none is tried again until they become slower. Where one thread is
better, all are tried now and then, since another program that wanted the processor may have left.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np

TRIAL = 0.02  # seconds of work by which a number of threads is judged
LOOK = 0.05  # seconds after which the number in use is looked at
SHORT = 0.001  # seconds of work that are not worth starting a thread for, and say nothing about how many are best
SOON, SHARE = 2, 20  # of so many seconds, trying all takes one: at first, and where one thread stays the better
WORTH = 0.95  # of one thread's time that all threads may take, or one does the work


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def team(program: str, most: int) -> Team:
    """The team for a program, by its name: what it has learnt about this machine holds for later trainings too."""
    del program
    return Team(most)


@dataclass
class Team:
    """Runs calls on one thread or on all, whichever is faster just now.

    Each number of threads is judged by its last stretch of work. Several trainings at once may share a team.

    Parameters
    ----------
    most : int
        The number of threads that is tried beside one.
    is_fixed : bool
        Whether the user has set the number: then it is always used.
    """

    most: int
    is_fixed: bool = False
    steps: dict[int, float] = field(default_factory=dict)  # seconds of a step on so many threads, when last judged
    trial: tuple[int, int, float] = (0, 0, 0.0)  # what is being judged: a number of threads, its steps and seconds so far
    pace: float = 0.0  # seconds of a step in the last call
    alone: float = 0.0  # seconds of work on one thread since all were tried
    share: int = SOON  # how rarely to try all: twice as rarely each time that one thread was better
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(
        self, call: Callable[[int, int, int, np.ndarray, int], int], costs: np.ndarray, words: int, *, cold: bool = False
    ) -> int:
        """Do steps by ``call(first, count, threads, control, thread)``, in stretches, to the first cost that is not finite.

        Gives how many were done. ``control`` has so many ``words``, all 0. A stretch may end early: at such a cost, or
        where a thread had to wait long. ``cold``: the first stretch of a training also fetches code and memory, so it says
        little about the number of threads.
        """
        done, steps = 0, len(costs)
        while done < steps:
            threads, count = self._choice(steps - done)
            begun = time.perf_counter()
            reached = together(partial(call, done, count, threads, np.zeros(words, np.int64)), threads)
            self._note(threads, reached, time.perf_counter() - begun, counts=done > 0 or not cold)
            done += reached
            if not math.isfinite(costs[done - 1]):
                break
        return done

    def _choice(self, steps: int) -> tuple[int, int]:
        """How many threads the next stretch gets, and how many of these steps it does."""
        if self.is_fixed or self.most == 1:
            return self.most, steps
        with self._lock:
            if self.pace and steps * self.pace < SHORT:
                return 1, steps
            threads = self._threads()
            seconds = LOOK if threads in self.steps else TRIAL
            return threads, max(1, min(steps, int(seconds / self.pace))) if self.pace else 1

    def _threads(self) -> int:
        """All until they are judged, then one, then the better."""
        untried = [n for n in (self.most, 1) if n not in self.steps]
        if untried:
            return untried[0]
        return self.most if self.steps[self.most] < WORTH * self.steps[1] else 1

    def _note(self, threads: int, steps: int, seconds: float, *, counts: bool) -> None:
        """Remember a stretch."""
        if self.is_fixed or self.most == 1:
            return
        with self._lock:
            if self.pace and seconds < SHORT:
                return
            self.pace = seconds / max(steps, 1)
            if not counts:
                return
            number, before, spent = self.trial if self.trial[0] == threads else (threads, 0, 0.0)
            self.trial = number, before + steps, spent + seconds
            if self.trial[2] >= TRIAL:
                self._judge(threads, self.trial[2] / self.trial[1])

    def _judge(self, threads: int, step: float) -> None:
        """A step on so many threads takes so long now; all are tried again after a time on one."""
        self.steps[threads], (_, _, seconds), self.trial = step, self.trial, (0, 0, 0.0)
        if self._threads() == self.most:
            self.alone, self.share = 0.0, SOON
        elif threads == 1:
            self.alone += seconds
            if self.alone > self.share * TRIAL:
                del self.steps[self.most]
                self.alone, self.share = 0.0, min(2 * self.share, SHARE)


def together(call: Callable[[int], int], threads: int) -> int:
    """The same call on so many threads, each with its number; this thread is number 0.

    None begins before all are there: where one cannot be started, the others must not wait for it in the program.
    """
    gate = threading.Event()
    are_there: list[bool] = []

    def work(k: int) -> None:
        gate.wait()
        if are_there:
            call(k)

    others = [threading.Thread(target=work, args=(k,), daemon=True) for k in range(1, threads)]
    try:
        for thread in others:
            thread.start()
        are_there.append(True)
    finally:
        gate.set()
    try:
        return call(0)
    finally:
        for thread in others:
            thread.join()
