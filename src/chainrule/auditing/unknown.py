"""Where no slip explains the numbers: still the first quantity that is wrong, by the candidate's own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from chainrule import schedule
from chainrule.architecture import Architecture
from chainrule.auditing import findings
from chainrule.auditing.candidates import Candidate
from chainrule.auditing.layouts import View
from chainrule.auditing.target import Target
from chainrule.auditing.verdict import Finding, Layout, Quantity, Verdict
from chainrule.auditing.ways import Observation, Use, Values, close
from chainrule.notation import Key

HINT = "Compute this quantity by hand for one example, with the numbers of the layer after it as your program has them."


class Wrong(NamedTuple):
    """A quantity that does not follow from the candidate's own numbers before it."""

    symbol: str
    layer: int
    equation: str
    neurons: tuple[int, ...]


def verdict(seen: Sequence[View], target: Target, candidate: Candidate) -> Verdict:
    """The verdict from the view in which most is right."""
    a = target.architecture
    view = max(seen, key=lambda v: agreement(v))
    right = [o.right for o in view.observations]
    wrong = walked(view, right, a)
    found = [_finding(row, view, right, a) for row in wrong[:1]] if view.finite else [_not_finite(view, a)]
    found += [findings.repeated_finding(view.trial, a)] if view.trial.state else []
    return Verdict(
        right=False, findings=tuple(found), layout=Layout(view.facts(a)), quantities=tuple(_quantities(wrong, a)),
        notes=(*view.notes, *findings.unseen(view, a)), error=findings.largest_error(view, right, a),
    )  # fmt: skip


def agreement(view: View) -> float:
    """How many of the gradients are right; of those that are not, how far they point in the right direction."""
    with np.errstate(all="ignore"):
        pairs = [(findings.wanted(o, o.right, key), seen) for o in view.observations for key, seen in o.seen.items()]
        return sum(1.0 if close(wanted, seen, view.tolerance) else 0.5 * _likeness(wanted, seen) for wanted, seen in pairs)


def _likeness(one: np.ndarray, two: np.ndarray) -> float:
    """The size of the cosine of two arrays."""
    if one.shape != two.shape:
        return 0.0
    cosine = abs(float((one * two).sum())) / (float(np.linalg.norm(one) * np.linalg.norm(two)) or 1.0)
    return cosine if np.isfinite(cosine) else 0.0


def walked(view: View, right: list[Values], a: Architecture) -> list[Wrong]:
    """The quantities that are wrong by themselves, in the order of the computation."""
    pairs = [(o, v) for o, v in zip(view.observations, right, strict=True) if o.m == 1 and not o.updates]
    single = [row for o, values in pairs for row in _of_example(o, values, view.tolerance, a)]
    if single:
        first: dict[tuple[str, int], Wrong] = {}
        for row in single:
            first.setdefault((row.symbol, row.layer), row)
        return sorted(first.values(), key=lambda row: findings.order_of(row.equation, row.layer, a))
    return list(_of_batches(view, right, a))


def _of_example(o: Observation, values: Values, tolerance: float, a: Architecture) -> Iterator[Wrong]:
    """The walk back over one example: each error from the candidate's own error after it."""
    own = dict(values)
    steps = schedule.backprop(a, glass=True)
    for l in reversed(a.layers):
        schedule.run([s for s in steps if s.layer == l and s.writes.symbol in {"delta"} and l < a.L], own)
        expected, seen = own[Key("delta", l)], _error(o, own, l)
        if seen is None:
            continue
        if not close(expected, seen, tolerance):
            rows = np.flatnonzero(~(np.abs(expected - seen) <= tolerance * np.abs(expected).max()).all(axis=1))
            neurons = tuple(int(j) for j in rows) if len(rows) < len(expected) else ()
            yield Wrong("delta", l, "BP1" if l == a.L else "BP2", neurons)
        own[Key("delta", l)] = seen
        for symbol, equation in (("b", "BP3"), ("w", "BP4")):
            gradient = o.seen.get(Key(symbol, l))
            wanted = o.scale * (seen if symbol == "b" else seen @ own[Key("a", l - 1)].T)
            if gradient is not None and not close(wanted, gradient, tolerance):
                yield Wrong(f"nabla_{symbol}", l, equation, ())


def _error(o: Observation, values: Values, l: int) -> np.ndarray | None:
    """The candidate's own error of layer l, by the gradient of its biases; or of its weights, which are error by input."""
    biases, weights, a_prev = o.seen.get(Key("b", l)), o.seen.get(Key("w", l)), values[Key("a", l - 1)]
    expected = values[Key("delta", l)]
    found = []
    if biases is not None and biases.shape == expected.shape:
        found.append(biases / o.scale)
    if weights is not None and weights.shape == (len(expected), len(a_prev)):
        found.append(weights @ a_prev / float((a_prev * a_prev).sum()) / o.scale)
    return next((f for f in found if close(expected, f, 1e-6)), found[0] if found else None)


def _of_batches(view: View, right: list[Values], a: Architecture) -> Iterator[Wrong]:
    """What is wrong of mini-batches where single examples are right, or of updates."""
    for symbol, layer, equation in findings.listed(a):
        if symbol not in {"nabla_w", "nabla_b"}:
            continue
        key = Key(symbol[-1], layer)
        for o, values in zip(view.observations, right, strict=True):
            seen = o.seen.get(key)
            if seen is not None and not close(findings.wanted(o, values, key), seen, view.tolerance):
                yield Wrong(symbol, layer, equation, ())
                break


def _finding(row: Wrong, view: View, right: list[Values], a: Architecture) -> Finding:
    use = Use("unknown", 0, row.equation, row.layer, row.neurons)
    at = f" at neuron {row.neurons[0]} (counted from 0)" if row.neurons else ""
    return Finding(
        "unknown", row.equation, row.layer, row.symbol,
        f"The {findings.WORDS[row.symbol]} of layer {row.layer} are the first that are wrong{at}; no slip that is known gives "
        "these numbers.",
        HINT, f"It should be {findings.right_formula(row.equation, a, row.layer)} ({row.equation}).", layers=(row.layer,),
        neuron=row.neurons[0] if row.neurons else None, numbers=findings.numbers(view, right, row.symbol, use, a),
        right=findings.right_formula(row.equation, a, row.layer),
    )  # fmt: skip


def _not_finite(view: View, a: Architecture) -> Finding:
    bad = next(
        Key(symbol[-1], layer) for symbol, layer, _ in findings.listed(a) for o in view.observations
        if symbol.startswith("nabla") and not np.isfinite(o.seen.get(Key(symbol[-1], layer), np.zeros(1))).all()
    )  # fmt: skip
    return Finding(
        "not_finite", "BP1" if bad.layer == a.L else "BP2", bad.layer, "delta",
        f"The gradients of layer {bad.layer} are not finite.",
        "Which division or logarithm meets a 0 there?", "Compute the output error in the form in which the 0 cancels.",
        layers=(bad.layer,),
    )  # fmt: skip


def _quantities(wrong: Sequence[Wrong], a: Architecture) -> Iterator[Quantity]:
    at = {(row.symbol, row.layer) for row in wrong}
    started = False
    for symbol, layer, equation in findings.listed(a):
        state = "unseen" if symbol in {"z", "a"} else "right"
        if (symbol, layer) in at:
            state = "wrong" if started else "first wrong"
            started = True
        elif started:
            state = "follows" if symbol == "delta" else "right"
        yield Quantity(findings.WORDS[symbol], symbol, layer, equation, state)
