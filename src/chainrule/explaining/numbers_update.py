"""The update with its numbers: the optimizer's equations, one parameter after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule import optimizers as opt
from chainrule.document import Block, Line, Math
from chainrule.engine.memory import constants, functions
from chainrule.errors import DataError
from chainrule.explaining.example import Example
from chainrule.explaining.figures import number, value_of
from chainrule.explaining.numbers_backward import shown_biases, shown_weights
from chainrule.explaining.rewriting import tidy
from chainrule.notation import LEGEND, Equation, Key
from chainrule.schedule import Recipe, Step, evaluation, run, update

Place = tuple[str, int, tuple[int, int]]  # w or b, its layer, and its neurons

FEW = 2  # weights of a layer whose steps are shown, where a step has several equations


class Update:
    """One step of training: all parameters before and after it, and the lines of any of them."""

    def __init__(self, e: Example, recipe: Recipe, eta: float) -> None:
        self.e = e
        self.recipe = replace(recipe, penalty=recipe.penalty if recipe.lmbda else None, max_norm=None)
        self.steps = update(e.a, self.recipe)
        before = {**e.values, **constants(self.recipe, e.m), **functions(e.a, self.recipe)}
        before |= {Key("m", 0): float(e.m), Key("t", 0): 1.0, Key("norm2", 0): 0.0, **e.fixed.values(e.values)}
        before |= {Key("eta", l): eta * self.recipe.layer_rates.get(l, 1.0) for l in e.a.layers}
        for key, shape in e.a.shapes():
            before |= {Key(f"{slot}_{key.symbol}", key.layer): np.zeros(shape) for slot in self.recipe.optimizer.slots}
        self.before, self.after = before, dict(before)
        with np.errstate(all="ignore"):
            run(self.steps, self.after)
        self.before[Key("norm2", 0)] = self.after[Key("norm2", 0)]  # it is complete before a gradient is shortened
        if not all(np.isfinite(x).all() for x in self.after.values() if isinstance(x, np.ndarray)):
            raise DataError(
                f"a step of {recipe.optimizer.name} with learning rate {eta:g} makes numbers that are not finite, so no "
                "line with them can be checked.\nGive smaller inputs or a smaller learning rate."
            )

    @property
    def cost(self) -> float:
        """The cost of the same examples after the step."""
        values = dict(self.after)
        with np.errstate(all="ignore"):
            run(evaluation(self.e.a), values)
        return float(values[Key("cost_x", 0)].sum())

    @property
    def equations(self) -> list[Equation]:
        """Those that make the step of a weight, in order."""
        return list(dict.fromkeys(step.equation for step in self.steps if step.of == "w"))

    def changes(self, place: Place) -> bool:
        """Whether training changes a parameter at all."""
        return any((step.of, step.layer) == place[:2] for step in self.steps)

    def few(self, places: list[Place]) -> list[Place]:
        """The weights and the bias with the largest gradients, where the steps of all would fill pages."""
        order = sorted(places, key=lambda place: -abs(self.e.value(f"nabla_{place[0]}", place[1], *place[2])))
        return [p for p in order if p[0] == "w"][:FEW] + [p for p in order if p[0] == "b"][:1]

    def lines(self, place: Place, *, short: bool = True) -> list[Line]:
        """The step of one parameter: each equation with its numbers."""
        of, l, at = place
        letters: dict[Key, Any] = {
            Key(of, l): self.e.number(of, l, *at),
            Key(f"nabla_{of}", l): self.e.number(f"nabla_{of}", l, *at),
        }
        found: list[Line] = []
        for step in self.steps:
            if (step.of, step.layer) == (of, l) and step.equation is not opt.gradient_norm:
                found += self._line(step, place, letters, short=short)
        return found

    def _line(self, step: Step, place: Place, letters: dict[Key, Any], *, short: bool) -> tuple[Line, ...]:
        tree = tidy(step.equation(*(self._letter(key, place, letters) for key in step.reads)))
        value = _number(step.equation(*(_plain(self._letter(key, place, letters)) for key in step.reads)))
        left = self._name(step.writes, place)
        trees = self.e.lines.with_numbers(tree)
        lines = self.e.lines.of(left, trees[1:] if short else trees, value, sign="←", short=True)
        letters[step.writes] = number(left.latex, left.text, value, 4 * float(np.spacing(abs(value))))
        return lines

    def _letter(self, key: Key, place: Place, letters: Mapping[Key, Any]) -> Any:
        """An operand of an equation: a letter with its value, or a function."""
        if key in letters:
            return letters[key]
        value = self.before[key]
        if callable(value) or (key.symbol == "m" and value == 1):  # nothing is written of a division by 1
            return value if callable(value) else 1
        if key.symbol.endswith(("_w", "_b")):
            name = self._name(key, place)
            return number(name.latex, name.text, value[place[2]])
        s = LEGEND[key.symbol]
        return number(s.latex.format(), s.text.format(), value)

    def _name(self, key: Key, place: Place) -> Math:
        """What a number of this parameter is called."""
        of, l, at = place
        symbol = key.symbol.removesuffix(f"_{of}")
        if symbol in {of, "nabla"}:
            return self.e.math(key.symbol, l, *at)
        return Math(LEGEND[symbol].latex, LEGEND[symbol].text)


def _plain(x: Any) -> Any:
    return x if callable(x) else np.float64(value_of(x))


def _number(x: Any) -> float:
    return float(np.asarray(x).item())


def section(e: Example, step: Update) -> Iterator[Block]:
    """The update of the parameters that are shown, and what it does to the cost."""
    if step.recipe.clip_norm:
        value = float(step.after[Key("norm2", 0)])
        yield e.formula(e.lines.of(Math(LEGEND["norm2"].latex, LEGEND["norm2"].text), [], value), "GN")
    for l in e.a.layers:
        if l in step.recipe.frozen:
            continue
        places: list[Place] = [("w", l, p) for p in shown_weights(e, l)]
        places += [("b", l, (j, 0)) for j in shown_biases(e, l)]
        if len(step.equations) == 1:
            yield e.say("update layer", l=e.c.layer(l))
            yield e.formula([line for p in places for line in step.lines(p)])
        else:
            few = step.few(places)
            yield e.say("update layer" if len(few) == len(places) else "update layer few", l=e.c.layer(l))
            yield from (e.formula(step.lines(p)) for p in few)


def outcome(e: Example, step: Update) -> Block:
    """The cost before and after the step."""
    if not np.isfinite(step.cost):
        return e.say("cost overflows")
    costs = e.pass_.cost * e.m, step.cost
    before, after = (e.lines.of(Math("C", "C"), [], c)[0].right for c in costs)
    return e.say("cost falls" if costs[1] < costs[0] else "cost rises", before=before, after=after)
