"""Updates within the loop over the examples of a mini-batch: each example meets what the one before has changed.

No equation is wrong there, so no slip of the table explains the numbers: the steps are done again, one example at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule import schedule
from chainrule.architecture import Architecture
from chainrule.auditing.comparing import WORDS, largest_error, listed, numbers, unseen
from chainrule.auditing.layouts import View
from chainrule.auditing.verdict import Finding, Layout, Quantity, Verdict
from chainrule.auditing.ways import Observation, close
from chainrule.auditing.wrong import right_formula
from chainrule.notation import Key


def verdict(view: View, a: Architecture) -> Verdict | None:
    """The verdict, where steps after each example give what was seen, divided by m or not."""
    plain = all(not o.values[Key(name, 0)] for o in view.observations for name in ("mu", "lmbda"))
    if not plain or not any(o.updates and o.m > 1 for o in view.observations):
        return None
    if not any(all(_is_stepwise(o, a, view.tolerance, by) for o in view.observations) for by in ("m", "1")):
        return None
    found = Finding(
        "updated_within_batch", "GD", a.L, "theta",
        "The parameters are updated after each example of the mini-batch: the gradient of the next example is taken with "
        "other parameters than that of the one before.",
        "With which parameters does the second example of a mini-batch go forward through the network?",
        "Add up the gradients of all examples with the old parameters, and update once, after the loop.",
        layers=tuple(a.layers), numbers=numbers(view, "theta", a.L), right=right_formula("GD", a, a.L),
    )  # fmt: skip
    return Verdict(
        right=False, findings=(found,), layout=Layout(view.facts(a)), quantities=tuple(_quantities(a)),
        notes=(*view.notes, *unseen(view, a)), error=largest_error(view),
    )  # fmt: skip


def _is_stepwise(o: Observation, a: Architecture, tolerance: float, divisor: str) -> bool:
    """Whether the change of all parameters is that of one step after each example."""
    steps, now = schedule.backprop(a, glass=True), dict(o.values)
    share = o.values[Key("eta", 0)] / (o.m if divisor == "m" else 1)
    with np.errstate(all="ignore"):
        for i in range(o.m):
            values = now | {key: o.values[key][:, [i]] for key in (Key("a", 1), Key("y", 0))}
            schedule.run(steps, values)
            for key in o.seen:
                now[key] = now[key] - share * values[Key(f"nabla_{key.symbol}", key.layer)]
    return all(close((o.values[key] - now[key]) / o.values[Key("eta", 0)], seen, tolerance) for key, seen in o.seen.items())


def _quantities(a: Architecture) -> Iterator[Quantity]:
    """All is right but what is done with it."""
    for symbol, layer, equation in listed(a, updates=True):
        state = "right" if symbol != "theta" else "first wrong" if layer == a.layers[0] else "wrong"
        yield Quantity(WORDS[symbol], symbol, layer, equation, state)
