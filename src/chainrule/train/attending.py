"""Whoever looks on just now: one may come while a training is under way, and go again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from chainrule.train.history import Epoch

if TYPE_CHECKING:
    from chainrule.train.loop import Loop, Recorder

ALL = 2**62  # steps: nobody looks


class Watched(Protocol):
    """What somebody may look at."""

    watcher: Recorder | None


class Attending:
    """A recorder that passes on to the one who watches a network, whenever there is one.

    Between two stretches of steps it sees who is there: who has come is told of the beginning, who has gone of the end.

    Parameters
    ----------
    net : Network
        Whose ``watcher`` is asked for.
    """

    def __init__(self, net: Watched) -> None:
        self.net = net
        self._present: Recorder | None = None

    def begin(self, loop: Loop) -> None:
        """Training begins, or goes on."""
        now, before = self.net.watcher, self._present
        if now is not before:
            self._present = None
            if before is not None:
                before.end(loop, None)
            if now is not None:
                now.begin(loop)
            self._present = now

    def upcoming(self, loop: Loop, order: np.ndarray) -> int:
        """How many steps may be done."""
        self.begin(loop)
        return ALL if self._present is None else self._present.upcoming(loop, order)

    def done(self, loop: Loop, costs: np.ndarray) -> None:
        """Some steps have been done."""
        if self._present is not None:
            self._present.done(loop, costs)

    def epoch(self, loop: Loop, record: Epoch) -> None:
        """An epoch has ended."""
        if self._present is not None:
            self._present.epoch(loop, record)

    def end(self, loop: Loop, error: BaseException | None) -> None:
        """Training has ended."""
        if self._present is not None:
            self._present.end(loop, error)
            self._present = None
