"""The numbers that printed formulas are compared with: a small network of the same form, its pass, and forward mode.

The network keeps a few neurons of each layer (of each kind, where neurons differ): formulas hold at any size. Its weights
and examples are random. Derivatives are found with dual numbers, which know nothing of backpropagation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from chainrule import equations as eq
from chainrule import schedule
from chainrule.activations import ACTIVATIONS, Activation, per_neuron
from chainrule.algebra.dual import Dual, tangent_of, value_of
from chainrule.algebra.formula import UNTRACEABLE
from chainrule.architecture import Architecture
from chainrule.costs import Cost
from chainrule.engine.memory import Values, functions
from chainrule.notation import Key
from chainrule.schedule import Recipe, Step

M = 3  # examples
FEW = 3  # neurons kept of a layer, or of each kind in it
MOST = 30.0  # a number of the pass is smaller; exponentials of sums soon are not
TRIES = 20  # draws of masks, until the cost is defined with one
N = 50.0  # examples of the training set
T = 3.0  # updates so far, this one included


@dataclass(frozen=True)
class Section:
    """A small network of the same form, and which neurons of each layer it keeps."""

    architecture: Architecture
    kept: tuple[tuple[int, ...], ...]


def section(a: Architecture) -> Section:
    """A few neurons of each layer."""
    rows: list[Activation] = []
    kept = [tuple(range(min(a.neurons(1), FEW)))]
    for l in a.layers:
        row = a.sigma(l)
        of_each = [[j for j, r in enumerate(row.neurons) if r == kind][:2] for kind in dict.fromkeys(row.neurons)]
        few = min(a.neurons(l), FEW) if row.elementwise else FEW  # a softmax of one neuron is always 1
        kept.append(tuple(sorted(chain.from_iterable(of_each))) or tuple(range(few)))
        rows.append(per_neuron([row.neurons[j] for j in kept[-1]]) if row.neurons else row)
    small = replace(a, sizes=tuple(map(len, kept)), activations=tuple(rows), dtype=np.dtype(np.float64))
    return Section(small, tuple(kept))


class Differentiable:
    """A function of a row of a table that runs on dual numbers, whatever it is made of."""

    def __init__(self, row: Activation | Cost) -> None:
        self.row = row
        self.own = row.slope is not None and row != ACTIVATIONS.get(row.name)
        self.prime = row.prime

    def __call__(self, x: Any, *others: Any) -> Any:
        """The value, with its derivative by the first operand."""
        if not isinstance(x, Dual):
            return self.row(x, *others)
        if not self.own or (isinstance(self.row, Activation) and self.row.neurons):
            try:
                return self.row(x, *others)
            except UNTRACEABLE:
                pass
        value = self.row(x.value, *others)
        second = value if isinstance(self.row, Activation) else others[0]
        return Dual(value, self.row.prime(x.value, second) * x.tangent)


class Witness:
    """One pass of the small network on random numbers, and derivatives of it by forward mode."""

    def __init__(self, a: Architecture, seed: int = 0) -> None:
        self.section = section(a)
        self.a = self.section.architecture
        self.rng = np.random.default_rng(seed)
        tries = [(size, positive) for positive in (False, True) for size in (1.0, 0.3, 0.1, 0.03)]
        passes = (self._pass(*how) for how in tries)
        self.values = next(filter(self._fits, passes), self._pass(*tries[-1]))

    def _pass(self, size: float, positive: bool) -> Values:
        """Every quantity of a pass on random numbers: smaller ones, or positive ones, where these do not fit."""
        values: Values = dict(functions(self.a))
        for key, shape in self.a.shapes():
            drawn = size * self.rng.standard_normal(shape) / np.sqrt(shape[1] if key.symbol == "w" else 4)
            values[key] = abs(drawn) if positive else drawn
        values[Key("a", 1)] = self.rng.uniform(0 if positive else -1, 1, (self.a.neurons(1), M))
        values[Key("y", 0)] = self.targets(self.rng)
        with np.errstate(all="ignore"):
            schedule.run(schedule.backprop(self.a), values)
        return values

    def _fits(self, values: Values) -> bool:
        """Whether the cost is defined, no z is at the kink of a function, and no number drowns the others."""
        low, high = self.a.cost.domain
        outputs = values[Key("a", self.a.L)]
        arrays = [value for key, value in values.items() if isinstance(value, np.ndarray)]
        moderate = all((abs(array) < MOST).all() for array in arrays)
        steep = all((values[Key("z", l)] != 0).all() for l in self.a.layers)  # dead neurons make the next z exactly 0
        return bool(moderate and steep and (outputs > low).all() and (outputs < high).all())

    def targets(self, rng: np.random.Generator) -> np.ndarray:
        """Desired outputs that the cost is defined for; they sum to 1 where the outputs do."""
        low, high = (max(min(bound, 1.0), -1.0) for bound in self.a.cost.targets)
        y = rng.uniform(low, high, (self.a.neurons(self.a.L), M))
        if self.a.cost.classifies and low < 0:
            return np.asarray(np.sign(y))
        return np.asarray(y if self.a.sigma(self.a.L).elementwise else abs(y) / abs(y).sum(axis=0, keepdims=True))

    def _onwards(self, values: dict[Key, Any], l: int, *, after_z: bool) -> None:
        """The forward pass from layer l on, and the cost of each example."""
        steps = [
            s for s in schedule.forward(self.a) if s.layer > l or (after_z and s.layer == l and s.equation is eq.activation)
        ]
        schedule.run([*steps, Step(eq.cost, self.a.L)], values)

    @cached_property
    def _functions(self) -> dict[Key, Any]:
        rows = ((key, value) for key, value in self.values.items() if isinstance(value, Activation | Cost))
        return {**self.values, **{key: Differentiable(row) for key, row in rows}}

    def derivatives(self, symbol: str, l: int) -> dict[str, np.ndarray]:
        """By each z or a of layer l: of the cost, of a, of the next z; the axis of that neuron comes last but one.

        Examples are the last axis. All neurons go through forward mode at once, each with columns of its own.
        """
        value = self.values[Key(symbol, l)]
        n, m = value.shape
        start = Dual(np.tile(value, (1, n)), np.repeat(np.eye(n), m, axis=1))
        y = np.tile(self.values[Key("y", 0)], (1, n))
        found = {**self._functions, Key(symbol, l): start, Key("y", 0): y}
        with np.errstate(all="ignore"):
            self._onwards(found, l, after_z=symbol == "z")
        wanted = {"cost_x": Key("cost_x", 0), "a": Key("a", l), "z_next": Key("z", l + 1)}
        return {name: _untiled(found[key], n, m) for name, key in wanted.items() if isinstance(found.get(key), Dual)}

    def by_parameters(self, of: str, l: int) -> np.ndarray:
        """The derivative of each example's cost by each parameter of layer l: its axes, then examples."""
        value = self.values[Key(of, l)]
        found = np.zeros((*value.shape, M))
        for place in np.ndindex(*value.shape):
            tangent = np.zeros_like(value)
            tangent[place] = 1
            values = {**self._functions, Key(of, l): Dual(value, tangent)}
            self._onwards(values, l - 1, after_z=False)
            found[place] = _full(values[Key("cost_x", 0)])[0]
        return found

    def z_by_weights(self, l: int) -> np.ndarray:
        """The derivative of each z of layer l by each weight into it: axes j of z, then w's, then examples."""
        w, a = self.values[Key("w", l)], self.values[Key("a", l - 1)]
        found = np.zeros((len(w), *w.shape, M))
        for place in np.ndindex(*w.shape):
            tangent = np.zeros_like(w)
            tangent[place] = 1
            found[(slice(None), *place)] = _full(eq.weighted_input_without_bias(Dual(w, tangent), a))
        return found

    def training(self, recipe: Recipe) -> Iterator[tuple[Step, Values, Values]]:
        """Each step of a pass in training with all values before and after it, on random masks, noise and weights."""
        steps = schedule.backprop(self.a, recipe, glass=False)
        drawn = (self._drawn(recipe, share) for share in (*[0.5] * TRIES, 0.0))
        values = next(filter(lambda found: self._fits(_done(steps, found)), drawn), self._drawn(recipe, 0.0))
        for step in steps:
            before = dict(values)
            values = _done([step], values)
            yield step, before, values

    def _drawn(self, recipe: Recipe, share: float) -> Values:
        """What a pass in training begins with; so large a share of the neurons is dropped."""
        values = {**functions(self.a), **{key: self.values[key] for key, _ in self.a.shapes()}}
        values |= {Key(s, l): self.values[Key(s, l)] for s, l in (("a", 1), ("y", 0))}
        values[Key("noise", 0)] = 0.1 * self.rng.uniform(0, 1, (self.a.neurons(1), M))
        values[Key("weight", 0)] = self.rng.uniform(0.5, 2, (1, M))
        for l, p in recipe.dropout.items():
            values[Key("mask", l)] = (self.rng.random((self.a.neurons(l), M)) >= share) / (1 - p)
        return values

    def updates(self, recipe: Recipe) -> Iterator[tuple[Step, Values, Values]]:
        """Each step of the update with all values before and after it, on random rates, velocities and squares.

        A rate as small as the usual epsilon would hide its own sign.
        """
        values = {**self.values, **functions(self.a, recipe), Key("m", 0): float(M), Key("t", 0): T, Key("n", 0): N}
        for name in ("lmbda", "clip", "radius", *recipe.optimizer.rates):
            values[Key(name, 0)] = self.rng.uniform(0.2, 0.9)
        values[Key("norm2", 0)] = 0.0
        for key, shape in self.a.shapes():
            values[Key("eta", key.layer)] = 0.7 * recipe.layer_rates.get(key.layer, 1)
            free = self.rng.random(shape) < 0.5
            values[Key(f"free_{key.symbol}", key.layer)] = free.astype(float)
            values[Key(f"held_{key.symbol}", key.layer)] = np.where(free, 0, self.values[key])
            for slot in recipe.optimizer.slots:
                values[Key(f"{slot}_{key.symbol}", key.layer)] = self.rng.uniform(0.1, 1, shape)
        for step in schedule.update(self.a, recipe):
            before = dict(values)
            schedule.run([step], values)
            yield step, before, dict(values)


def _done(steps: Iterable[Step], values: Values) -> Values:
    """The values after these steps."""
    found = dict(values)
    with np.errstate(all="ignore"):
        schedule.run(steps, found)
    return found


def _full(x: Any) -> np.ndarray:
    """A tangent at the shape of its value."""
    return np.broadcast_to(np.asarray(tangent_of(x), float), np.shape(value_of(x)))


def _untiled(x: Any, n: int, m: int) -> np.ndarray:
    """The tangents with the neurons whose columns they are as the last axis but one."""
    full = _full(x)
    return full.reshape(len(full), n, m)
