"""Ctrl-C and SIGTERM during a run: the first finishes the step under way, to be saved; a second ends at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(KeyboardInterrupt):
    """The user, or the system, asked a run to stop.

    Attributes
    ----------
    number : int
        The signal.
    at_once : bool
        Whether it was a second one: then nothing has been saved.
    """

    def __init__(self, number: int, *, at_once: bool) -> None:
        super().__init__(number)
        self.number, self.at_once = number, at_once

    @property
    def exit_code(self) -> int:
        """What a shell expects of a program that a signal has ended: 130, 143."""
        return 128 + self.number


@dataclass
class Asked:
    """The signal that has asked for a stop, if one has."""

    number: int = 0

    def check(self) -> None:
        """Stop here, if that was asked for."""
        if self.number:
            raise Stopped(self.number, at_once=False)


@contextmanager
def graceful() -> Iterator[Asked]:
    """Within it, the first signal is only noted, and a second one raises :class:`Stopped` where it strikes.

    Signals reach the main thread alone; elsewhere this does nothing.
    """
    asked = Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def handle(number: int, _: FrameType | None) -> None:
        if asked.number:
            raise Stopped(number, at_once=True)
        asked.number = number

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
