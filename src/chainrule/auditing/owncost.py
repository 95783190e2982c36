"""The candidate's own cost: whether its gradient is the gradient of that, by central differences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from chainrule.auditing.candidates import Candidate
from chainrule.auditing.layouts import View
from chainrule.auditing.probes import Probe
from chainrule.auditing.slips import table
from chainrule.auditing.target import Target
from chainrule.auditing.verdict import Finding, Layout, Number, Quantity, Verdict
from chainrule.auditing.ways import Observation
from chainrule.notation import Key

STEP, TOLERANCE = 1e-5, 1e-4
OF_COST = {"factor_two", "outputs_factor"}  # slips that are none where the candidate's own cost has the factor, too
FORWARD = {"FP1", "FP2"}


def own_cost_verdict(found: Verdict, view: View, candidate: Candidate, target: Target) -> Verdict:
    """The verdict, after a look at the candidate's own cost where it has one."""
    if candidate.own_cost is None:
        return found
    if not candidate.free:
        return replace(found, notes=(*found.notes, "Its own cost was not looked at: its parameters cannot be changed."))
    o = max(view.observations, key=lambda o: o.m)
    ratios = _ratios(o, view, candidate, target)
    c = float(np.mean(ratios))
    if not np.isfinite(c) or float(np.ptp(ratios)) > TOLERANCE * max(abs(c), 1):
        return _other_cost(found)
    return _with_factor(found, c, o.m, target.architecture.neurons(target.architecture.L))


def by_own_cost(view: View, candidate: Candidate, target: Target) -> Verdict | None:
    """The verdict on gradients that are those of the candidate's own cost, but for a factor above 0; None for others."""
    try:
        ratios = _ratios(max(view.observations, key=lambda o: o.m), view, candidate, target)
    except Exception:  # noqa: BLE001  somebody else's cost may raise anything: then it says nothing
        return None
    c = float(np.mean(ratios)) if ratios else 0.0
    if not (np.isfinite(c) and c > 0 and float(np.ptp(ratios)) <= TOLERANCE * c):
        return None
    by = "" if _is(c, 1) else f"{c:.6g} times "
    note = f"Its gradient is {by}the gradient of its own cost, by central differences; that cost is in no table."
    return Verdict(right=True, layout=Layout(view.facts(target.architecture)), notes=(*view.notes, note))


def _ratios(o: Observation, view: View, candidate: Candidate, target: Target) -> list[float]:
    """For each parameter, its gradient along a random direction over the central difference of the own cost."""
    rng, found = np.random.default_rng(1), []
    probe = Probe(o.values[Key("a", 1)], o.values[Key("y", 0)], {k: o.values[k] for k, _ in target.architecture.shapes()})
    for key, value in probe.parameters.items():
        if key not in o.seen or o.seen[key].shape != value.shape:
            continue
        direction = rng.standard_normal(value.shape)
        costs = [
            candidate.cost(
                replace(probe, parameters=probe.parameters | {key: value + by * direction}), view.trial.convention
            )
            for by in (-STEP, STEP)
        ]
        penalty = o.scale * o.m * _penalty(o, key, direction)
        difference = (costs[1] - costs[0]) / (2 * STEP) - penalty
        found.append((float((o.seen[key] * direction).sum()) - penalty) / difference if difference else np.inf)
    return found


def _penalty(o: Observation, key: Key, direction: np.ndarray) -> float:
    """The share of the penalty in a weight's gradient, along the direction."""
    if key.symbol == "b":
        return 0.0
    return float(o.values[Key("lmbda", 0)] / o.values[Key("n", 0)] * (o.values[key] * direction).sum())


def _other_cost(found: Verdict) -> Verdict:
    """The gradient and the own cost do not belong together."""
    if found.findings:
        said = "Nor is its gradient the gradient of its own cost, by central differences."
        return replace(found, notes=(*found.notes, said))
    row = Finding(
        "other_cost", "C", _last(found), "cost_x", "Its gradient is right, but it is not the gradient of the cost that it "
        "reports, by central differences.", "Compute the cost of one example by hand.",
        "Let the cost be the one whose gradient this is.", layers=(_last(found),),
    )  # fmt: skip
    return replace(found, right=False, findings=(row,))


def _with_factor(found: Verdict, c: float, m: int, k: int) -> Verdict:
    """The gradient is c times that of the own cost: 1 is right; the size of the mini-batch is how sums are taken."""
    note = "Its gradient is the gradient of its own cost, by central differences"
    if _is(c, 1) or _is(c, m) or _is(c, 1 / m):
        how = "." if _is(c, 1) else f", which is {'averaged' if c > 1 else 'summed'} over the examples."
        kept = tuple(f for f in found.findings if f.slip not in OF_COST and f.slip != "unknown")
        more = () if len(kept) == len(found.findings) else ("Its own cost is another one than that of the network given.",)
        return replace(found, right=not kept, findings=kept, notes=(*found.notes, note + how, *more))
    factors = {"outputs_factor": (k, 1 / k), "factor_two": (2, 0.5), "wrong_sign": (-1,)}
    names = [
        id_ for id_, row in factors.items() if any(f != 1 and any(_is(c, f * by) for by in (1, m, 1 / m)) for f in row)
    ]
    return _found(found, names or ["factor_two"], c)


def _is(c: float, value: float) -> bool:
    return abs(c - value) <= TOLERANCE * abs(value)


def _found(found: Verdict, names: list[str], c: float) -> Verdict:
    row, last = table()[names[0]], _last(found)
    sentence = (
        f"It back-propagates {c:.6g} times the gradient of the cost that it reports, by central differences. {row.sentence}"
    )
    pair = (Number("the gradient over that of the cost", c, 1.0),)
    new = Finding(
        row.id, "BP1", last, "delta", sentence, row.hint, row.answer, layers=(last,), numbers=pair,
        alternatives=tuple(names[1:]),
    )  # fmt: skip
    rest = tuple(f for f in found.findings if f.slip not in names)
    return replace(found, right=False, findings=(new, *rest), quantities=tuple(_after(found.quantities, last)))


def _after(quantities: tuple[Quantity, ...], last: int) -> Iterator[Quantity]:
    """All errors and gradients are wrong by the factor."""
    for q in quantities:
        first = (q.symbol, q.layer) == ("delta", last)
        backward = q.symbol in {"delta", "nabla_b", "nabla_w"} and q.state == "right"
        yield replace(q, state="first wrong" if first else "follows" if backward else q.state)


def _last(found: Verdict) -> int:
    return max((q.layer for q in found.quantities), default=2)
