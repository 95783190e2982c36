"""The arrays that a training step works on, and what an engine is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
    """Every parameter in one flat array with a view for each, weights first; and a like array for each optimizer slot.

    One array, so that a check, a checkpoint or an update that treats all parameters alike is one operation. The parameters
    stay where they are as long as the network lives; slots come and go with the optimizer.

    Attributes
    ----------
    flat : ndarray, shape (n_parameters,)
    views : dict
        Each parameter as a matrix; changing an element changes ``flat``.
    slots, slot_views
        What the optimizer remembers, likewise.
    """

    def __init__(self, a: Architecture, slots: Iterable[str] = ()) -> None:
        self.a = a
        self.flat = np.zeros(a.n_parameters, a.dtype)
        self.views = _views(a, self.flat)
        self.remember(slots)

    def remember(self, slots: Iterable[str]) -> None:
        """Make new slots, all 0, in place of the old ones."""
        self.slots = {slot: np.zeros_like(self.flat) for slot in slots}
        self.slot_views: Values = {
            Key(f"{slot}_{of}", l): view
            for slot, flat in self.slots.items()
            for (of, l), view in _views(self.a, flat).items()
        }

    @property
    def memory(self) -> np.ndarray:
        """A copy of everything that training changes, shape (1 + slots, n_parameters)."""
        return np.stack([self.flat, *self.slots.values()])

    def restore(self, memory: np.ndarray) -> None:
        """Put such a copy back."""
        for array, row in zip((self.flat, *self.slots.values()), memory, strict=True):
            array[:] = row

    def are_finite(self) -> bool:
        """Whether every number is. A dot product tells in nearly every case; where it overflows, each is looked at."""
        arrays = (self.flat, *self.slots.values())
        with np.errstate(over="ignore", invalid="ignore"):
            return all(math.isfinite(x @ x) or bool(np.isfinite(x).all()) for x in arrays)

    def __getstate__(self) -> dict[str, Any]:
        """What a copy is made of: the numbers, without the views of them."""
        return {"a": self.a, "flat": self.flat, "slots": self.slots}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the numbers over, and look at them through views of one's own."""
        self.__dict__.update(Parameters(state["a"], state["slots"]).__dict__)
        self.restore(np.stack([state["flat"], *state["slots"].values()]))


def _views(a: Architecture, flat: np.ndarray) -> dict[Key, np.ndarray]:
    """Each parameter's part of a flat array, as a matrix."""
    views, at = {}, 0
    for key, (rows, columns) in a.shapes():
        views[key] = flat[at : at + rows * columns].reshape(rows, columns)
        at += rows * columns
    return views


@dataclass
class Fixed:
    """What training leaves as it is.

    Attributes
    ----------
    layers : frozenset of int
        Frozen layers.
    elements : dict
        Parameter to an array of bool, True for each element that is held.
    """

    layers: frozenset[int] = frozenset()
    elements: dict[Key, np.ndarray] = field(default_factory=dict)

    def values(self, views: Mapping[Key, np.ndarray]) -> Values:
        """The arrays ``free`` and ``held`` of equations FG and FT."""
        found: Values = {}
        for (of, l), where in self.elements.items():
            view = views[Key(of, l)]
            found[Key(f"free_{of}", l)] = (~where).astype(view.dtype)
            found[Key(f"held_{of}", l)] = np.where(where, view, 0).astype(view.dtype)
        return found


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


def gradients(a: Architecture) -> Values:
    """Arrays for nabla_w and nabla_b; they serve mini-batches of any size."""
    views = Parameters(a).views
    return {Key(f"nabla_{of}", l): view for (of, l), view in views.items()}
