"""Engines: each runs the same schedule, and a law test holds each to the equations.

``reference``
    The definition: ``schedule.run`` on whatever the values are.
``numpy``
    The schedule lowered once to a straight-line program of in-place NumPy calls.
``compiled``
    The schedule printed as a plain Python program and compiled by Numba: a whole run of mini-batches in one call.
``array``
    The same equations under JAX's jit, on the CPU or a GPU.
"""

from __future__ import annotations

from chainrule.engine import lowered, reference
from chainrule.engine.memory import Engine

ENGINES: dict[str, Engine] = {"reference": reference.build, "numpy": lowered.build}  # of single steps
NAMES = ("auto", "compiled", "numpy", "reference", "array")

__all__ = ["ENGINES", "NAMES"]
