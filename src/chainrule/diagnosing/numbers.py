"""Numbers that are not finite: which was the first, and which equation made it."""

from __future__ import annotations

import numpy as np

from chainrule import checks
from chainrule.architecture import Architecture
from chainrule.diagnosing.case import Case
from chainrule.diagnosing.finding import Row, Seen, said
from chainrule.engine.rows import rows_of
from chainrule.notation import LEGEND, Key
from chainrule.schedule import Recipe, training

NOT_FINITE = float("nan")


def first_not_finite(case: Case) -> Seen | None:
    """The first number that is not finite: of the data, the parameters, the next step of training, or the pass."""
    return _in_data(case) or _in_parameters(case) or _in_training(case) or _in_pass(case)


def _in_data(case: Case) -> Seen | None:
    """The first number of the data that is not finite."""
    for name, values in (("x", case.x), ("y", case.y)):
        if values is None or rows_of(values, case.a.dtype) is not None:
            continue
        array = checks.numbers(values, name)
        if not np.isfinite(array).all():
            at = np.argwhere(~np.isfinite(array))[0]
            place = f"row {at[0]}" + (f", column {at[1]}" if array.ndim > 1 else "")
            what = f"{name} is {array[tuple(at)]} in {place} (counted from 0)"
            facts = {"what": what, "producer": "It came with the data, before any equation."}
            return Seen(NOT_FINITE, facts | {"remedy": "Leave such rows out, or fill them in."}, equation="")
    return None


def _in_parameters(case: Case) -> Seen | None:
    """The first parameter that is not finite."""
    for key, view in case.network.parameters.views.items():
        if not np.isfinite(view).all():
            at = tuple(int(i) for i in np.argwhere(~np.isfinite(view))[0])
            what = f"{_named(key)} is {view[at]} at {at} (counted from 0)"
            facts = {"what": what, "producer": "A step of training put it there, or whoever set the weights."}
            remedy = "Load the network as it was before, and train with a lower learning rate or `clip_norm=1`."
            return Seen(NOT_FINITE, facts | {"remedy": remedy}, layer=key.layer, equation="GD")
    return None


def _in_pass(case: Case) -> Seen | None:
    """The first number of a pass that is not finite, and the equation that made it."""
    if case.x is None:
        return None
    values = case.pass_.values
    for key, found in values.items():
        if isinstance(found, np.ndarray) and not np.isfinite(found).all():
            at = np.argwhere(~np.isfinite(found))[0]
            equation = producer(case.a, key.symbol, key.layer)
            largest = max(float(np.abs(view).max()) for view in case.network.parameters.views.values())
            what = f"{_named(key)} is {found[tuple(at)]} for example {case.rows[at[1]]} (counted from 0)"
            said_of_it = f"{equation} made it of finite numbers; the largest parameter is {said(largest)} in size."
            remedy = "Make the weights smaller (train anew with a lower learning rate), or compute in `dtype='float64'`."
            return Seen(NOT_FINITE, {"what": what, "producer": said_of_it, "remedy": remedy}, None, key.layer, equation)
    return None


def _in_training(case: Case) -> Seen | None:
    """What the next step of an interrupted training comes to."""
    if (error := case.diverged) is None:
        return None
    equation = producer(case.a, error.quantity, error.layer)
    what = f"{_named(Key(error.quantity, error.layer))} is not finite in epoch {error.epoch}, step {error.step} of training"
    remedy = f"Train anew with a lower learning rate (it is {said(case.eta or 0.0)}), or with `clip_norm=1`."
    facts = {
        "what": what,
        "producer": f"{equation} made it; the weights kept are those before that step.",
        "remedy": remedy,
    }
    return Seen(NOT_FINITE, facts, None, error.layer, equation)


def producer(a: Architecture, symbol: str, layer: int) -> str:
    """The name of the equation that writes a symbol at a layer; "" where none does."""
    steps = training(a, Recipe())
    names = (s.equation.name for s in steps if s.equation.writes in {symbol, "theta"} and s.layer == layer)
    return next(names, next((s.equation.name for s in steps if s.equation.writes == symbol), ""))


def _named(key: Key) -> str:
    """A quantity in words: its letter, its layer, its meaning."""
    row = LEGEND[key.symbol]
    layer = f" of layer {key.layer}" if key.layer else ""
    return f"{row.name}{layer} ({row.word.partition(',')[0].removesuffix(' into layer l')})"


ROWS = (
    Row(
        id="not_finite",
        title="A number is not finite",
        measures="the first number that is not finite",
        measure=first_not_finite,
        usual=1.0,
        bound=0.0,
        above=False,
        equation="FP1",
        sentence="The first number that is not finite: {what}. {producer}",
        remedy="{remedy}",
        needs_data=False,
    ),
)
