"""Where no slip explains the numbers: still the first quantity that is wrong, by the candidate's own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from chainrule import schedule
from chainrule.architecture import Architecture
from chainrule.auditing.comparing import WORDS, largest_error, listed, numbers, unseen, wanted
from chainrule.auditing.findings import Place, order_of
from chainrule.auditing.layouts import View
from chainrule.auditing.troubles import repeated
from chainrule.auditing.verdict import Finding, Layout, Quantity, Verdict
from chainrule.auditing.ways import Observation, close
from chainrule.auditing.wrong import right_formula
from chainrule.notation import Key

HINT = "Compute this quantity by hand for one example, from the numbers before it as your program has them."


class Wrong(NamedTuple):
    """A quantity that does not follow from the candidate's own numbers before it."""

    at: Place
    neurons: tuple[int, ...] = ()


def verdict(view: View, a: Architecture) -> Verdict:
    """The verdict from a view."""
    wrong = _walked(view, a) if view.finite else []
    found = [_finding(wrong[0], view, a) if wrong else _not_finite(view, a)]
    found += [repeated(view.trial, a)] if view.trial.state == "adds up" else []
    return Verdict(
        right=False, findings=tuple(found), layout=Layout(view.facts(a)), quantities=tuple(_quantities(wrong, a)),
        notes=(*view.notes, *unseen(view, a)), error=largest_error(view),
    )  # fmt: skip


def agreement(view: View) -> float:
    """How many of the gradients are right; of those that are not, how far they point in the right direction."""
    with np.errstate(all="ignore"):
        pairs = [(wanted(o, key), seen) for o in view.observations for key, seen in o.seen.items()]
        return sum(1.0 if close(one, two, view.tolerance) else 0.5 * _likeness(one, two) for one, two in pairs)


def right_alone(view: View) -> bool:
    """Whether the gradients of single examples are right."""
    rows = [(o, key, seen) for o in view.observations if o.m == 1 for key, seen in o.seen.items()]
    return bool(rows) and all(close(wanted(o, key), seen, view.tolerance) for o, key, seen in rows)


def _likeness(one: np.ndarray, two: np.ndarray) -> float:
    """The size of the cosine of two arrays."""
    if one.shape != two.shape:
        return 0.0
    cosine = abs(float((one * two).sum())) / (float(np.linalg.norm(one) * np.linalg.norm(two)) or 1.0)
    return cosine if np.isfinite(cosine) else 0.0


def _walked(view: View, a: Architecture) -> list[Wrong]:
    """The quantities that are wrong by themselves, in the order of the computation."""
    single = [o for o in view.observations if o.m == 1 and not o.updates]
    found: dict[Place, Wrong] = {}
    for row in (row for o in single for row in _of_example(o, view.tolerance, a)):
        found.setdefault(row.at, row)
    return sorted(found.values(), key=lambda row: order_of(row.at, a)) or list(_of_batches(view, a))


def _of_example(o: Observation, tolerance: float, a: Architecture) -> Iterator[Wrong]:
    """The walk back over one example: each error from the candidate's own error after it."""
    own = dict(o.right)
    errors = [s for s in schedule.backprop(a, glass=True) if s.writes.symbol == "delta" and s.layer < a.L]
    for l in reversed(a.layers):
        schedule.run([s for s in errors if s.layer == l], own)
        expected, seen = own[Key("delta", l)], _error(o, own, l)
        if seen is None:
            continue
        if not close(expected, seen, tolerance):
            rows = np.flatnonzero(~(np.abs(expected - seen) <= tolerance * np.abs(expected).max()).all(axis=1))
            neurons = tuple(int(j) for j in rows) if len(rows) < len(expected) else ()
            yield Wrong(Place("BP1" if l == a.L else "BP2", l, "delta"), neurons)
        own[Key("delta", l)] = seen
        for symbol, equation in (("b", "BP3"), ("w", "BP4")):
            gradient = o.seen.get(Key(symbol, l))
            made = o.scale * (seen if symbol == "b" else seen @ own[Key("a", l - 1)].T)
            if gradient is not None and not close(made, gradient, tolerance):
                yield Wrong(Place(equation, l, f"nabla_{symbol}"))


def _error(o: Observation, values: dict[Key, np.ndarray], l: int) -> np.ndarray | None:
    """The candidate's own error of layer l, by the gradient of its biases; or of its weights, which are error by input."""
    biases, weights, a_prev = o.seen.get(Key("b", l)), o.seen.get(Key("w", l)), values[Key("a", l - 1)]
    expected = values[Key("delta", l)]
    found = []
    if biases is not None and biases.shape == expected.shape:
        found.append(biases / o.scale)
    if weights is not None and weights.shape == (len(expected), len(a_prev)):
        found.append(weights @ a_prev / (float((a_prev * a_prev).sum()) or 1.0) / o.scale)
    return next((f for f in found if close(expected, f, 1e-6)), found[0] if found else None)


def _of_batches(view: View, a: Architecture) -> Iterator[Wrong]:
    """What is wrong of mini-batches where single examples are right, or of updates."""
    for symbol, layer, equation in listed(a):
        key = Key(symbol[-1], layer)
        if symbol not in {"nabla_w", "nabla_b"}:
            continue
        pairs = [(wanted(o, key), o.seen[key]) for o in view.observations if key in o.seen]
        if not all(close(one, two, view.tolerance) for one, two in pairs):
            yield Wrong(Place(equation, layer, symbol))


def _finding(row: Wrong, view: View, a: Architecture) -> Finding:
    equation, layer, quantity = row.at
    at = f" at neuron {row.neurons[0]} (counted from 0)" if row.neurons else ""
    right = right_formula(equation, a, layer)
    verb = "are" if quantity == "delta" else "is"
    return Finding(
        "unknown", equation, layer, quantity,
        f"The {WORDS[quantity]} of layer {layer} {verb} wrong{at}, and nothing before it. No slip that is known gives "
        "these numbers.",
        HINT, f"It should be {right} ({equation}).", layers=(layer,), neuron=row.neurons[0] if row.neurons else None,
        numbers=numbers(view, quantity, layer), right=right,
    )  # fmt: skip


def _not_finite(view: View, a: Architecture) -> Finding:
    """The first gradient, in the order of the computation, that holds NaN or infinity."""
    layers = [
        layer for symbol, layer, _ in listed(a) for o in view.observations
        if symbol.startswith("nabla") and not np.isfinite(o.seen.get(Key(symbol[-1], layer), np.zeros(1))).all()
    ]  # fmt: skip
    layer = layers[0] if layers else a.L
    return Finding(
        "not_finite", "BP1" if layer == a.L else "BP2", layer, "delta", f"The gradients of layer {layer} are not finite.",
        "Which division or logarithm meets a 0 there?",
        "Compute the output error in a form in which the 0 cancels, such as a - y.", layers=(layer,),
    )  # fmt: skip


def _quantities(wrong: Sequence[Wrong], a: Architecture) -> Iterator[Quantity]:
    """How each quantity stands: below a wrong error, every error follows from it."""
    at, started = {(row.at.quantity, row.at.layer) for row in wrong}, False
    first = next(((row.at.quantity, row.at.layer) for row in wrong), ("", 0))
    for symbol, layer, equation in listed(a):
        state = "unseen" if symbol in {"z", "a"} or not wrong else "right"
        if (symbol, layer) in at:
            state, started = "first wrong" if (symbol, layer) == first else "wrong", True
        elif started and first[0] == "delta" and state == "right":
            state = "follows"
        yield Quantity(WORDS[symbol], symbol, layer, equation, state)
