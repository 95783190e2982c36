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
from functools import partial

import numpy as np

WORDS = 16  # in which threads count their arrivals: two cache lines of their own
TRIAL = 0.01  # seconds of work by which two numbers of threads are compared
LOOK = 0.05  # seconds after which the number in use is looked at
AGAIN = 0.4  # seconds after which the comparison is made anew
WORTH = 0.95  # of one thread's time that all threads may take, or one does the work


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class Team:
    """Runs calls on one thread or on all, whichever is faster just now.

    The two are tried in turn, for a moment each. What was better is used until it becomes slower than the other was, or
    for ``AGAIN`` seconds; then both are tried anew.

    Parameters
    ----------
    most : int
        The number of threads that is tried beside one.
    is_fixed : bool
        Whether the user has set the number: then it is always used.
    """

    most: int
    is_fixed: bool = False
    tried: dict[int, tuple[int, float]] = field(default_factory=dict)  # steps and seconds since both were last compared
    pace: float = 0.0  # seconds of a step in the last call
    used: float = 0.0  # seconds of work since both were last compared

    def run(self, call: Callable[[int, int, int, np.ndarray, int], int], costs: np.ndarray) -> int:
        """Do steps by ``call(first, count, threads, control, thread)``, in stretches, to the first cost that is not finite.

        Gives how many were done. A stretch may end early: at such a cost, or where a thread had to wait long.
        """
        done, steps = 0, len(costs)
        while done < steps:
            threads, seconds = self._choice()
            count = max(1, min(steps - done, int(seconds / self.pace) if self.pace else 1)) if seconds else steps - done
            begun = time.perf_counter()
            reached = _together(partial(call, done, count, threads, np.zeros(WORDS, np.int64)), threads)
            self._note(threads, reached, time.perf_counter() - begun)
            done += reached
            if not math.isfinite(costs[done - 1]):
                break
        return done

    def _choice(self) -> tuple[int, float]:
        """How many threads the next stretch gets, and for how long; 0 seconds are to the end."""
        if self.is_fixed or self.most == 1:
            return self.most, 0.0
        for threads in (self.most, 1):
            if self.tried.get(threads, (0, 0.0))[1] < TRIAL:
                return threads, TRIAL
        return (self.most if self._second(self.most) < WORTH * self._second(1) else 1), LOOK

    def _second(self, threads: int) -> float:
        """Seconds of a step on so many threads, when it was tried."""
        steps, seconds = self.tried[threads]
        return seconds / max(steps, 1)

    def _note(self, threads: int, steps: int, seconds: float) -> None:
        """Remember a stretch; the very first one is not counted, since it also fetches code and memory."""
        is_first, self.pace = not self.pace, seconds / max(steps, 1)
        if is_first or self.is_fixed or self.most == 1:
            return
        before = self.tried.get(threads, (0, 0.0))
        if before[1] < TRIAL:
            self.tried[threads] = before[0] + steps, before[1] + seconds
            return
        self.used += seconds
        other = self._second(1 if threads > 1 else self.most)
        if self.used > AGAIN or (threads > 1 and WORTH * other < self.pace):
            self.tried, self.used = {}, 0.0


def _together(call: Callable[[int], int], threads: int) -> int:
    """The same call on so many threads, each with its number; this thread is number 0."""
    others = [threading.Thread(target=call, args=(k,), daemon=True) for k in range(1, threads)]
    for thread in others:
        thread.start()
    try:
        return call(0)
    finally:
        for thread in others:
            thread.join()
