"""The whole step of training, in the order in which it is computed."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from chainrule import equations as eq
from chainrule import schedule
from chainrule.algebra.symbolic import function_symbol
from chainrule.document import Inline, Line, Math, Table
from chainrule.explaining.in_training import Trained, dropped_slope
from chainrule.explaining.letters import Label
from chainrule.explaining.textbook import cost_slope_steps, definition, traced
from chainrule.explaining.updating import of_parameters, parameter_line
from chainrule.explaining.writing import Writer
from chainrule.notation import LEGEND, Key
from chainrule.schedule import Recipe, Step

if TYPE_CHECKING:
    from chainrule.explaining.recipe import TrainingStep

Row = tuple[tuple[Inline, ...], ...]
UNSAID = {
    eq.cost,
    eq.cost_from_z,
    eq.slope,
    eq.dropped_slope,
    eq.weighted_cost,
}  # steps that no later one here reads: slopes are filled in


def whole_step(d: Writer, step: TrainingStep, trained: Trained) -> None:
    """Every step of the schedule, with its formula at its layer and the shape of what it gives."""
    d.heading("whole step")
    d.say("whole step is")
    rows = [_row(d, s, trained) for s in trained.steps if s.equation not in UNSAID]
    recipe: Recipe = replace(step.recipe, lmbda=step.recipe.lmbda or 0.1)
    steps = schedule.update(d.a, recipe)
    for equation in dict.fromkeys(s.equation for s in steps):
        of = d.words("w and b") if any(s.equation is equation and s.of == "b" for s in steps) else (Math("w", "w"),)
        shape = d.words("like", of=of) if of_parameters(equation) else d.words("one number")
        rows.append(((equation.name,), (written(parameter_line(d, equation, recipe)),), shape))
    d.blocks.append(Table(tuple(d.words(key) for key in ("equation", "formula", "shape")), tuple(rows)))


def _row(d: Writer, s: Step, trained: Trained) -> Row:
    """A step with the functions of its layer filled in."""
    at = d.letters.label(s.layer)
    left, right = d.stated(s.equation, at, **_filled(d, s, at, trained))
    (line,) = d.lines(left, right, sign="←" if s.equation.updates else "=", layers=[s.layer], tables=trained.tables(s))
    return (s.equation.name,), (written(line),), (_shape(d, s.writes),)


def written(line: Line) -> Math:
    """A line as one formula."""
    assert line.left is not None
    sign = {"←": r"\leftarrow"}.get(line.sign, line.sign)
    return Math(f"{line.left.latex} {sign} {line.right.latex}", f"{line.left.text} {line.sign} {line.right.text}")


def _filled(d: Writer, s: Step, at: Label, trained: Trained) -> dict[str, Any]:
    """The functions of the layer and of the cost, as far as they can be written."""
    if not s.layer > 1:
        return {}
    row, dropped = d.a.sigma(s.layer), s.layer in trained.recipe.dropout
    found: dict[str, Any] = {"sigma_prime": dropped_slope(d, at) if dropped else d.slope(row, at)}
    if not row.neurons and traced(definition(row), d.letters.matrix("z", at)) is not None:
        found["sigma"] = definition(row)
    steps, symbol = cost_slope_steps(d.a.cost), LEGEND["cost"]
    unknown = function_symbol(symbol.latex.format() + "'", symbol.text.format() + "′")
    return {**found, "cost": SimpleNamespace(prime=steps[-1] if steps else unknown)}


def _shape(d: Writer, key: Key) -> str:
    """The shape of what a step gives; a mini-batch has m examples."""
    n = d.a.neurons(key.layer)
    shapes: dict[str, tuple[Any, Any]] = {"nabla_w": (n, d.a.neurons(key.layer - 1)), "nabla_b": (n, 1)}
    found = shapes.get(key.symbol, (n, "m"))
    return " × ".join(map(str, found[::-1] if d.convention.rows else found))
