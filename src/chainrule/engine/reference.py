"""The reference engine: the schedule, run as it stands. It is the definition that every other engine is held to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from chainrule.engine.memory import COUNT, SIZE, StepFunction, Values
from chainrule.notation import Key
from chainrule.schedule import Step, run


def build(steps: Iterable[Step], values: Values, rates: Mapping[int, float]) -> StepFunction:
    """A step that runs the equations one by one, and writes their results into the arrays."""
    steps = list(steps)
    layers = {step.layer for step in steps}
    kept = {step.writes for step in steps} & {key for key, value in values.items() if isinstance(value, np.ndarray)}

    def step(eta: float, m: float, t: int) -> float:
        now = values | {Key("eta", l): eta * rates.get(l, 1.0) for l in layers}
        now |= {SIZE: m, COUNT: t, Key("norm2", 0): 0.0}
        run(steps, now)
        for key in kept:
            values[key][...] = now[key]
        return float(values[Key("cost_x", 0)].sum())

    return step
