"""Naming the first number that was not finite: the step is done again, slowly, by the reference equations."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.engine.memory import ETA, SIZE, Values
from chainrule.engine.stepper import Stepper
from chainrule.errors import DivergenceError
from chainrule.notation import LEGEND, Key
from chainrule.schedule import Step, training


def divergence(stepper: Stepper, order: np.ndarray, epoch: int, step: int, eta: float) -> DivergenceError:
    """The error for this step (counted from 0), from the last finite parameters."""
    rows = order[step * stepper.batch_size : (step + 1) * stepper.batch_size]
    work = stepper.load(rows, epoch, step)
    culprit, largest = _first_not_finite(stepper, work.values, eta, float(len(rows)))
    symbol = culprit.equation.writes if culprit else "cost_x"
    layer = culprit.layer if culprit else stepper.a.L
    key = culprit.writes if culprit else Key(symbol, 0)
    equation = f"{culprit.equation.name} ({culprit.equation.text})" if culprit else "C"
    word = LEGEND[symbol].word
    fix = f"Try learning_rate={min(eta / 10, stepper.recipe.optimizer.eta):.2g}, clip_norm=1.0"
    fix += "." if stepper.a.dtype == np.float64 else ", or dtype='float64'."
    return DivergenceError(
        f"training diverged in epoch {epoch}, step {step + 1}: {key.symbol} of layer {layer} ({word}) is not finite after "
        f"{equation}.\nThe largest weighted input |z| in that step was {largest:.3g} at learning rate {eta:g}: the weights "
        f"have grown too large to compute with. {fix}\nThe network keeps the weights of the step before.",
        epoch=epoch, step=step + 1, layer=layer, quantity=key.symbol,
    )  # fmt: skip


def _first_not_finite(stepper: Stepper, values: Values, eta: float, m: float) -> tuple[Step | None, float]:
    """The first step of the schedule whose result is not finite, and the largest |z| before it."""
    now: dict[Key, Any] = {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in values.items()}
    now |= {Key("eta", l): eta * stepper.recipe.layer_rates.get(l, 1.0) for l in stepper.a.layers}
    now |= {SIZE: m, ETA: eta, Key("t", 0): 1, Key("norm2", 0): 0.0}
    largest = 0.0
    with np.errstate(all="ignore"):
        for step in training(stepper.a, stepper.recipe):
            now[step.writes] = found = step.equation(*(now[key] for key in step.reads))
            if not np.isfinite(found).all():
                return step, largest
            if step.writes.symbol == "z":
                largest = max(largest, float(np.abs(found).max()))
    return None, largest
