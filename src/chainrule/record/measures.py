"""What a step is measured by: a table of figures, one for each layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.architecture import Architecture
from chainrule.engine.stepper import Stepper
from chainrule.notation import Key
from chainrule.schedule import backprop, run

FLAT = 0.05  # a slope below this: the neuron is saturated, and little of its error is sent on

Figure = Callable[[Mapping[Key, Any], int, float], float]


def _norm(symbol: str) -> Figure:
    """The length of a gradient, of the mean over the mini-batch."""
    return lambda values, l, m: _length(values[Key(symbol, l)]) / m if Key(symbol, l) in values else 0.0


def _length(x: np.ndarray) -> float:
    """The length of an array as a vector; the squares of float32 could overflow."""
    return float(np.linalg.norm(x.astype(np.float64)))


def _flat(values: Mapping[Key, Any], l: int, _: float) -> float:
    """The share of slopes that are nearly 0; NaN where the layer has no slopes (softmax)."""
    return float((np.abs(values[Key("sigma_prime", l)]) < FLAT).mean()) if values[Key("sigma", l)].elementwise else np.nan


FIGURES: dict[str, Figure | None] = {
    "gradient": _norm("nabla_w"),  # |dC/dw|
    "bias_gradient": _norm("nabla_b"),  # |dC/db|, which is the length of the errors: the layer's speed of learning
    "weight": lambda values, l, m: _length(values[Key("w", l)]),
    "update": None,  # known after the step alone
    "saturated": _flat,
}


def columns(a: Architecture) -> list[list[Any]]:
    """The figures of a step in the order in which they are kept: name and layer."""
    return [[name, l] for name in FIGURES for l in a.layers]


def measured(stepper: Stepper, order: np.ndarray, epoch: int, step: int) -> np.ndarray:
    """The figures of a step that is about to be done, by the reference equations; those not known yet are NaN."""
    rows = order[step * stepper.batch_size : (step + 1) * stepper.batch_size]
    work = stepper.load(rows, epoch, step)
    values = dict(work.values)
    m = float(len(rows)) if work.weight is None else float(work.weight.sum())
    with np.errstate(all="ignore"):
        run(backprop(stepper.a, stepper.recipe), values)
        found = [figure(values, l, m or 1.0) if figure else np.nan for figure in FIGURES.values() for l in stepper.a.layers]
    return np.array(found)


def with_update(a: Architecture, found: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The figures of a step that has been done: how far each layer's weights went between these flat parameters, too."""
    change = after - before.astype(np.float64)  # whose squares do not overflow
    places, at = columns(a), 0
    for (of, l), (rows, width) in a.shapes():
        if of == "w":
            found[places.index(["update", l])] = np.linalg.norm(change[at : at + rows * width])
        at += rows * width
    return found
