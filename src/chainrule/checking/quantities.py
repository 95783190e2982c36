"""Every derivative that a pass consists of, as a function of what it is the derivative by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule import equations as eq
from chainrule.checking.kinks import END, bends, room
from chainrule.checking.problem import Problem
from chainrule.checking.witnesses import STEP
from chainrule.engine.memory import constants
from chainrule.notation import LEGEND, Key
from chainrule.schedule import Recipe, Step, backprop, evaluation, run, update

CHECKED = ("sigma_prime", "nabla_a", "delta", "nabla_b", "nabla_w")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Quantity:
    """One quantity of a pass: a derivative of ``f`` at ``point``.

    ``axes`` are summed over: f gives one number for the whole array, one for each column, or one for each element.
    """

    key: Key
    equation: str
    found: np.ndarray
    f: Callable[[Any], Any]
    point: np.ndarray
    axes: tuple[int, ...]
    step: Any
    counts: np.ndarray | None = None  # where it enters anything at all; everywhere if None

    @property
    def name(self) -> str:
        """What it is called in print."""
        if self.key.symbol == "penalty":
            return f"ℛ′(w{str(self.key.layer).translate(SUPERSCRIPTS)})"
        return LEGEND[self.key.symbol].text.replace("{l}", str(self.key.layer).translate(SUPERSCRIPTS))

    @property
    def units(self) -> int:
        """How many directions see all of it: an entry, a row or the whole each."""
        return int({0: 1, 1: len(self.point), 2: self.point.size}[len(self.axes)])

    def direction(self, k: int) -> tuple[np.ndarray, Any]:
        """The k-th direction, and the place that it sees."""
        v = np.zeros_like(self.point)
        place: Any = (slice(None), k, np.unravel_index(k, v.shape))[len(self.axes)]
        v[place] = 1.0
        return v, place

    def seen(self, v: np.ndarray) -> np.ndarray:
        """What the derivative along v must be, if the pass is right."""
        return np.asarray((self.found * v).sum(axis=self.axes, keepdims=True) if self.axes else self.found * v)


def quantities(p: Problem) -> Iterator[Quantity]:
    """All of them, from the output layer to layer 2, in the order in which one makes the next wrong."""
    a, values = p.network.architecture, p.pass_.values
    steps = backprop(a, Recipe(weighted=p.weight is not None))
    names: dict[Key, list[str]] = {}
    for step in steps:
        names.setdefault(step.writes, []).append(step.equation.name)
    for l in reversed(a.layers):
        for symbol in CHECKED:
            key = Key(symbol, l)
            if key in names and not (symbol in {"sigma_prime", "nabla_a"} and l == a.L and a.is_canonical):
                yield _quantity(p, key, ", ".join(names[key]), np.asarray(values[key]))
        if p.penalty and p.lmbda:
            yield _penalty(p, l)


def _penalty(p: Problem, l: int) -> Quantity:
    """What PG adds to the gradient of the weights, as the derivative of the penalty's values."""
    recipe = Recipe(penalty=p.penalty, lmbda=p.lmbda)
    values = dict(p.pass_.values) | constants(recipe, p.n) | {Key("penalty", 0): p.penalty, Key("m", 0): p.m}
    run((s for s in update(p.network.architecture, recipe) if s.equation is eq.penalised_gradient), values)
    w = p.network.parameters.views[Key("w", l)]
    found = values[Key("nabla_w", l)] - p.pass_.nabla_w[l]
    return Quantity(Key("penalty", l), "PG", found, penalty_of(p), w, (), STEP, ~bends(penalty_of(p), w))


def penalty_of(p: Problem) -> Callable[[Any], Any]:
    """What each weight adds to the cost, summed over the mini-batch."""
    assert p.penalty is not None
    value, factor = p.penalty.value, p.m * p.lmbda / p.n
    return lambda w: factor * value(w)


def _quantity(p: Problem, key: Key, equation: str, found: np.ndarray) -> Quantity:
    a, l = p.network.architecture, key.layer
    if key.symbol == "sigma_prime":
        return Quantity(key, equation, found, a.sigma(l), p.pass_.z[l], (), STEP)
    if key.symbol in {"nabla_w", "nabla_b"}:
        of = Key(key.symbol[-1], l)
        widest = float(np.abs(p.pass_.a[l - 1]).max(initial=0.0)) if of.symbol == "w" else 1.0
        value = p.network.parameters.views[of]
        return Quantity(key, equation, found, _after(p, of, total=True), value, (0, 1), STEP / max(1.0, widest))
    of = Key("z" if key.symbol == "delta" else "a", l)
    point = np.asarray(p.pass_.values[of])
    if of != Key("a", a.L):
        return Quantity(key, equation, found, _after(p, of), point, (0,), STEP)
    near = room(point, a.cost.domain)
    counts = near >= END
    if a.sigma(l).elementwise:
        counts &= p.pass_.sigma_prime[l] != 0
    return Quantity(key, equation, found, lambda x: a.cost(x, p.y.T), point, (), STEP * np.maximum(near, END), counts)


def steps_of(p: Problem) -> list[Step]:
    """The forward pass and the cost of each example."""
    a = p.network.architecture
    return [*evaluation(a), *([Step(eq.weighted_cost, a.L)] if p.weight is not None else [])]


def _after(p: Problem, of: Key, *, total: bool = False) -> Callable[[Any], Any]:
    """The cost as a function of a parameter, or of z or a of a layer; of each example, or of all."""
    steps = steps_of(p)
    made = next((k for k, step in enumerate(steps) if step.writes == of), -1)
    known = p.pass_.values if made >= 0 else p.values

    def f(value: Any) -> Any:
        now = dict(known) | {of: value}
        with np.errstate(over="ignore", under="ignore"):
            run(steps[made + 1 :], now)
        cost = now[Key("cost_x", 0)]
        return cost.sum(axis=1, keepdims=True) if total else cost

    return f
