"""The arrays that a training step works on, and what an engine is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np

from chainrule.architecture import Architecture
from chainrule.notation import Key
from chainrule.schedule import Recipe, Step

Values = dict[Key, Any]
ETA, SIZE, COUNT = Key("eta", 0), Key("m", 0), Key("t", 0)  # the numbers that change from step to step


class StepFunction(Protocol):
    """Does one step in place and gives the summed cost of the mini-batch."""

    def __call__(self, eta: float, m: float, t: int) -> float:
        """Do the step; ``m`` is the sum of the example weights, ``t`` the number of the update."""


class Engine(Protocol):
    """Makes a function of a schedule and the arrays that it works on."""

    def __call__(self, steps: Iterable[Step], values: Values, rates: Mapping[int, float]) -> StepFunction:
        """The step function; ``rates`` are the layers' factors on the learning rate."""


class Parameters:
    """Every parameter in one flat array with a view for each, weights first; and below it a row for each optimizer slot.

    Attributes
    ----------
    memory : ndarray, shape (1 + slots, n_parameters)
        Everything that training changes: one array, so that a snapshot or a check that all is finite is one operation.
    flat, views
        The parameters, as its first row and as a matrix each.
    slots, slot_views
        What the optimizer remembers, likewise.
    """

    def __init__(self, a: Architecture, slots: Iterable[str] = ()) -> None:
        names = tuple(slots)
        self.memory = np.zeros((1 + len(names), a.n_parameters), a.dtype)
        self.flat = self.memory[0]
        self.views = self._views(a, self.flat)
        self.slots = dict(zip(names, self.memory[1:], strict=True))
        self.slot_views: Values = {}
        for slot, flat in self.slots.items():
            for (of, l), view in self._views(a, flat).items():
                self.slot_views[Key(f"{slot}_{of}", l)] = view

    @staticmethod
    def _views(a: Architecture, flat: np.ndarray) -> dict[Key, np.ndarray]:
        views, at = {}, 0
        for key, shape in a.shapes():
            size = shape[0] * shape[1]
            views[key] = flat[at : at + size].reshape(shape)
            at += size
        return views


def functions(a: Architecture, r: Recipe | None = None) -> Values:
    """The values that are functions: each layer's sigma, the cost, the slope of the penalty."""
    found: Values = {Key("sigma", l): a.sigma(l) for l in a.layers}
    found[Key("cost", 0)] = a.cost
    if r and r.penalty:
        found[Key("penalty", 0)] = r.penalty
    return found


def constants(r: Recipe, n: int) -> Values:
    """The numbers that stay the same through the run."""
    found: Values = {Key("n", 0): float(n), Key("lmbda", 0): float(r.lmbda)}
    found |= {Key(name, 0): float(rate) for name, rate in r.optimizer.rates.items()}
    for name, bound in (("clip", r.clip_norm or r.clip_value), ("radius", r.max_norm)):
        if bound:
            found[Key(name, 0)] = float(bound)
    return found


class Workspace:
    """What a mini-batch of m examples needs beside the parameters: one array for each quantity of the pass.

    Attributes
    ----------
    values : dict
        Key to array, function or number; what the engine works on.
    x, y : ndarray, shape (m, n^1), (m, n^L)
        The rows that a step starts from; the schedule sees them as columns.
    """

    def __init__(self, a: Architecture, r: Recipe, m: int, shared: Values) -> None:
        self.x = np.empty((m, a.neurons(1)), a.dtype)
        self.y = np.empty((m, a.neurons(a.L)), a.dtype)
        self.weight = np.ones((1, m), a.dtype) if r.weighted else None
        self.values: Values = {**shared, Key("a", 1): self.x.T, Key("y", 0): np.empty(self.y.shape[::-1], a.dtype)}
        self.values[Key("cost_x", 0)] = np.zeros((1, m), a.dtype)
        if self.weight is not None:
            self.values[Key("weight", 0)] = self.weight
        for l in a.layers:
            for symbol in ("z", "a", "sigma_prime", "nabla_a", "delta"):
                self.values[Key(symbol, l)] = np.zeros((a.neurons(l), m), a.dtype)
        for l in r.dropout:
            self.values[Key("mask", l)] = np.zeros((a.neurons(l), m), a.dtype)
        if r.noise:
            self.values[Key("noise", 0)] = np.zeros((a.neurons(1), m), a.dtype)
        self.step: Callable[..., float]


def gradients(a: Architecture) -> Values:
    """Arrays for nabla_w and nabla_b; they serve mini-batches of any size."""
    views = Parameters(a).views
    return {Key(f"nabla_{of}", l): view for (of, l), view in views.items()}
