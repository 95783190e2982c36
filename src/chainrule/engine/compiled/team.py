"""How many threads a program runs on: as many as make it faster just now.

The bits do not depend on it, so the number may change between any two calls. Two are tried, all of them and one; the better
is used, and the other is tried again now and then, since another program may have come to want the processor, or have left.
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

WORDS = 16  # in which threads count their arrivals: two cache lines of their own
TRIAL = 0.005  # seconds of work by which two numbers of threads are compared
LOOK = 0.05  # seconds after which the number in use is looked at
SOON, SHARE = 2, 20  # of so many seconds, comparing takes one: at first, and where it always says the same
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

    The two are tried in turn, for a moment each. What was better is used until it becomes slower than the other was, or
    until it is time to try both anew. Several trainings at once may share a team.

    Parameters
    ----------
    most : int
        The number of threads that is tried beside one.
    is_fixed : bool
        Whether the user has set the number: then it is always used.
    """

    most: int
    is_fixed: bool = False
    tried: dict[int, tuple[int, float]] = field(default_factory=dict)  # steps and seconds, since both were last compared
    pace: float = 0.0  # seconds of a step in the last call
    used: float = 0.0  # seconds of work since both were last compared
    share: int = SOON  # how rarely to compare: twice as rarely each time that the same number was better
    last: int = 0  # the number that was better the last time
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, call: Callable[[int, int, int, np.ndarray, int], int], costs: np.ndarray, *, cold: bool = False) -> int:
        """Do steps by ``call(first, count, threads, control, thread)``, in stretches, to the first cost that is not finite.

        Gives how many were done. A stretch may end early: at such a cost, or where a thread had to wait long. ``cold``: the
        first stretch of a training also fetches code and memory, so it says little about the number of threads.
        """
        done, steps = 0, len(costs)
        while done < steps:
            threads, count = self._choice(steps - done)
            begun = time.perf_counter()
            reached = together(partial(call, done, count, threads, np.zeros(WORDS, np.int64)), threads)
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
            untried = [n for n in (self.most, 1) if self.tried.get(n, (0, 0.0))[1] < TRIAL]
            threads = untried[0] if untried else self._better()
            seconds = TRIAL if untried else LOOK
            return threads, max(1, min(steps, int(seconds / self.pace))) if self.pace else 1

    def _step(self, threads: int) -> float:
        """Seconds of a step on so many threads, when it was tried."""
        steps, seconds = self.tried[threads]
        return seconds / max(steps, 1)

    def _better(self) -> int:
        """The number of threads that was better when both were tried."""
        return self.most if self._step(self.most) < WORTH * self._step(1) else 1

    def _note(self, threads: int, steps: int, seconds: float, *, counts: bool) -> None:
        """Remember a stretch."""
        if self.is_fixed or self.most == 1:
            return
        with self._lock:
            self.pace = seconds / max(steps, 1)
            before = self.tried.get(threads, (0, 0.0))
            if not counts:
                return
            if before[1] < TRIAL:
                self.tried[threads] = before[0] + steps, before[1] + seconds
            elif len(self.tried) > 1:
                self.used += seconds
                is_time = self.used > self.share * sum(seconds for _, seconds in self.tried.values())
                if is_time or (threads > 1 and WORTH * self._step(1) < self.pace):
                    self.share = min(2 * self.share, SHARE) if self._better() == self.last else SOON
                    self.last, self.tried, self.used = self._better(), {}, 0.0


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
