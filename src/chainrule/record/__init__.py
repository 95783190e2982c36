"""Recordings: what a training did, step by step, in one file that can be read while it is written.

The recorder pulls: it tells the loop how many steps may be done before it looks again, and asks for what it wants to know
then. There is no hook in a step; without a recorder nothing is different.
"""

from __future__ import annotations

from chainrule.record.reading import Frame, Recording
from chainrule.record.recorder import Recorder

__all__ = ["Frame", "Recorder", "Recording"]
