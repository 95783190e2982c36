"""Ctrl-C during training: the step under way ends first, so that no weight is half updated."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Interrupt:
    """Whether the user asked to stop."""

    asked: bool = False


_WITHIN: list[Interrupt] = []  # the trainings of the main thread that run now, of which there is seldom more than one


def is_asked() -> bool:
    """Whether the user has asked to stop; for who waits between two steps."""
    return threading.current_thread() is threading.main_thread() and any(interrupt.asked for interrupt in _WITHIN)


@contextmanager
def interruptible() -> Iterator[Interrupt]:
    """Within it, the first SIGINT only sets ``asked``; a second one interrupts at once.

    Signals reach the main thread alone; elsewhere this does nothing. A handler that the program has set for itself is kept.
    """
    interrupt = Interrupt()
    ours = threading.current_thread() is threading.main_thread() and (
        signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if not ours:
        yield interrupt
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if interrupt.asked:
            signal.default_int_handler(number, frame)
        interrupt.asked = True

    signal.signal(signal.SIGINT, handle)
    _WITHIN.append(interrupt)
    try:
        yield interrupt
    finally:
        _WITHIN.remove(interrupt)
        signal.signal(signal.SIGINT, signal.default_int_handler)
