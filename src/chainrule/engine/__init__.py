"""Engines: each runs the same schedule, and a law test holds each to the equations.

``reference``
    The definition: ``schedule.run`` on whatever the values are.
``numpy``
    The schedule lowered once to a straight-line program of in-place NumPy calls.
"""

from __future__ import annotations

from chainrule.choices import nearest
from chainrule.engine import lowered, reference
from chainrule.engine.memory import Engine

ENGINES: dict[str, Engine] = {"reference": reference.build, "numpy": lowered.build}


def engine(name: str) -> Engine:
    """The engine of this name; ``auto`` is the fastest that is installed."""
    return ENGINES["numpy"] if name == "auto" else nearest(ENGINES, name, "engine")


__all__ = ["ENGINES", "engine"]
