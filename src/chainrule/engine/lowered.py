"""The numpy engine: the schedule lowered to one straight-line program of in-place NumPy calls.

Each equation runs once on symbols; the expression tree that comes out is written down as calls with ``out=`` arrays, and
the lines of all equations are one Python function. What cannot be run on symbols (a user's function that needs real
arrays) is called as it is. ``program`` gives the text, for reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from chainrule.algebra.formula import UNTRACEABLE
from chainrule.algebra.symbolic import Expr, leaf
from chainrule.engine.emit import Emitter
from chainrule.engine.fusion import MERGED, descended, merged
from chainrule.engine.memory import COUNT, SIZE, StepFunction, Values
from chainrule.notation import Key
from chainrule.schedule import Step

NORM = Key("norm2", 0)


def build(steps: Iterable[Step], values: Values, rates: Mapping[int, float]) -> StepFunction:
    """The schedule as a compiled Python function."""
    text, names = program(steps, values, rates)
    exec(compile(text, "<chainrule: lowered schedule>", "exec"), names)  # noqa: S102  the text is made above, of our own lines
    step: StepFunction = names["step"]
    return step


def program(steps: Iterable[Step], values: Values, rates: Mapping[int, float]) -> tuple[str, dict[str, Any]]:
    """The program's text, and the arrays and functions that its names stand for."""
    steps, stretches = merged(descended(steps), values, rates)
    values = values | stretches
    emitter = Emitter(values, _scalars(steps, values, rates))
    for step in steps:
        place = f"of {step.of.replace('_', ' ')} layer" if step.of.endswith(MERGED) else "at layer"
        emitter.comment(f"{step.equation.name} {place} {step.layer}: {step.equation.text}")
        _lower(step, values, emitter)
    cost = emitter.name_of(values[Key("cost_x", 0)])
    lines = ["def step(eta, m, t):", "norm2 = 0.0", *emitter.lines, f"return float(add_reduce({cost}, None))"]
    return "\n    ".join(lines) + "\n", emitter.names


def _scalars(steps: list[Step], values: Values, rates: Mapping[int, float]) -> dict[Key, str]:
    """How each number is written in the program: those that change by their name, the others by their value."""
    written = {key: repr(value) for key, value in values.items() if isinstance(value, float)}
    for l in {step.layer for step in steps}:
        written[Key("eta", l)] = f"(eta * {rates[l]!r})" if rates.get(l, 1.0) != 1.0 else "eta"
    return written | {SIZE: "m", COUNT: "t", NORM: "norm2"}


def _lower(step: Step, values: Values, emitter: Emitter) -> None:
    """Write one equation down: its tree as in-place calls, or the call itself where it has no tree."""
    if step.writes == NORM:
        emitter.assign("norm2", _traced(step, values, emitter))
        return
    target = values[step.writes]
    written = len(emitter.lines)
    try:
        tree = _traced(step, values, emitter)
    except UNTRACEABLE:
        tree = None
    try:
        if tree is not None:
            emitter.store(tree, target, reads=[values.get(key) for key in step.reads])
            return
    except RecursionError:  # a function of hundreds of operations in a row
        del emitter.lines[written:]
    emitter.call(step.equation.function, [values[key] for key in step.reads], target)


def _traced(step: Step, values: Values, emitter: Emitter) -> Any:
    """The equation run on symbols that stand for the arrays."""

    def symbol(key: Key) -> Any:
        if key in emitter.scalars:
            return leaf(key, scalar=True)
        return leaf(key) if isinstance(values[key], np.ndarray) else values[key]

    tree = step.equation(*(symbol(key) for key in step.reads))
    if not isinstance(tree, Expr | int | float):
        raise TypeError(f"{step.equation.name} gave {type(tree).__name__} for symbols")
    return tree
