"""How many threads a program runs on: as many as make it faster just now.

The bits do not depend on it, so the number may change between any two calls. Two are tried, all of them and one; the better
is used, and the other is tried again now and then, since another program may have come to want the processor, or have left.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

WORDS = 16  # in which threads count their arrivals: two cache lines of their own
AGAIN = 16  # one call of so many goes to the number of threads that was slower the last time
SHORT = 0.02  # seconds of work to compare by
LEAST = 0.003  # seconds below which a call says more of starting threads than of what they do


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class Team:
    """Runs calls on one thread or on all, and remembers how long a step took on each.

    Parameters
    ----------
    most : int
        The number of threads that are tried beside one.
    is_fixed : bool
        Whether the user has set the number: then it is always used.
    """

    most: int
    is_fixed: bool = False
    seconds: dict[int, float] = field(default_factory=dict)
    calls: int = 0
    pace: float = 0.0  # seconds of a step in the last call, however short that was

    def run(self, call: Callable[[int, int, int, np.ndarray, int], int], steps: int) -> int:
        """Do the steps by ``call(first, count, threads, control, thread)``, in stretches; gives how many were done."""
        done = 0
        while done < steps:
            threads = self._choice()
            count = self._stretch(threads, steps - done)
            begun = time.perf_counter()
            reached = _together(partial(call, done, count, threads, np.zeros(WORDS, np.int64)), threads)
            taken = time.perf_counter() - begun
            self.pace = taken / max(reached, 1)
            if taken >= LEAST:
                self.seconds[threads] = self.pace
            done += reached
            if reached < count:
                break
        return done

    def _choice(self) -> int:
        """How many threads the next stretch gets."""
        self.calls += 1
        if self.is_fixed or self.most == 1:
            return self.most
        untried = [n for n in (self.most, 1) if n not in self.seconds]
        if untried:
            return untried[0]
        best = min(self.seconds, key=lambda n: self.seconds[n])
        return next(n for n in self.seconds if n != best) if self.calls % AGAIN == 0 else best

    def _stretch(self, threads: int, steps: int) -> int:
        """How many steps to do before looking again: few, on a number of threads that is only being tried."""
        if self.is_fixed or self.most == 1:
            return steps
        if len(self.seconds) > 1 and self.seconds.get(threads) == min(self.seconds.values()):
            return steps
        return max(1, min(steps, int(SHORT / self.pace) if self.pace else 1))


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
