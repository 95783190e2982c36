"""The judgement: call the candidate, find out its layout, and compare, first with what is right, then with the slips."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.architecture import Architecture
from chainrule.auditing import findings, unknown, within
from chainrule.auditing.candidates import Candidate, candidate_of, restored, update_of
from chainrule.auditing.conventions import Convention, possible
from chainrule.auditing.layouts import View, views
from chainrule.auditing.options import Options
from chainrule.auditing.owncost import own_cost_verdict
from chainrule.auditing.probes import Probe, probes, softened
from chainrule.auditing.search import Memo, Search
from chainrule.auditing.target import Target, target_of
from chainrule.auditing.trial import Trial, tried
from chainrule.auditing.troubles import no_gradients, repeated
from chainrule.auditing.verdict import Layout, Verdict
from chainrule.auditing.ways import Path
from chainrule.errors import ShapeError

MOST_SLIPS = 2
LIKELY = 4  # readings that two slips are looked for in
AT_ONCE = 6  # views that are looked at before one of them is chosen
TURNED = (
    "The gradients of its weights lie the other way round than its weights. If that is not meant, input and error have "
    "changed places in BP4; if it is, they have to be transposed before they are subtracted."
)
LENIENT = 1e-4  # right, but for a guard against 0 or the like


@dataclass(frozen=True)
class Explained:
    """The view that was chosen, the ways to what is seen in it, and whether they are so to rounding."""

    view: View
    paths: list[Path]
    exact: bool = True


def judged(given: Any, network: Any, x: Any, y: Any, options: Options) -> Verdict:
    """The verdict on a candidate."""
    begun = time.perf_counter()
    candidate = candidate_of(given, network, options)
    options = candidate.options
    target = target_of(network, candidate.store, options)
    tries = probes(target, options, x, y, pairs=candidate.updates)
    back = restored(candidate)
    try:
        verdict = _judged(candidate, target, _conventions(candidate, target, tries), tries)
    finally:
        back()
    notes = (*verdict.notes, *_left_open(given, network, candidate, verdict))
    return replace(verdict, notes=notes, seconds=time.perf_counter() - begun)


def _left_open(given: Any, network: Any, candidate: Candidate, verdict: Verdict) -> Iterator[str]:
    """What was taken for granted, or not looked at."""
    o = candidate.options
    if not verdict.right and network is None and (o.activation, o.cost, o.output) == ("sigmoid", "quadratic", None):
        yield (
            "Nothing was said of its functions: it was compared with sigmoid neurons and the quadratic cost. If it has "
            "others, say so: activation=, output=, cost=."
        )
    if verdict.right and not candidate.updates and (name := update_of(given)):
        yield f"Its {name} was not looked at: name it, and it is audited, too."


def _conventions(candidate: Candidate, target: Target, tries: Sequence[Probe]) -> list[Convention]:
    """The conventions that fit the shapes in which the candidate keeps its parameters."""
    kept, a = candidate.store.arrays() if candidate.store else None, target.architecture
    classes = a.cost.classifies and a.neurons(a.L) > 1
    found = possible(candidate.options.examples, kept, tries[0].parameters, given=candidate.handed, classes=classes)
    if not found:
        shapes = {f"{key.symbol}{key.layer}": value.shape for key, value in (kept or {}).items()}
        raise ShapeError(
            f"the parameters of {candidate.what} have shapes {shapes}, but the network has sizes {list(a.sizes)}.\n"
            "Weights are (out, in) or (in, out) in all layers, biases (n, 1), (1, n) or (n,). Give the network that the "
            "candidate is meant to be, or none where it has its parameters itself."
        )
    return found


def _judged(candidate: Candidate, target: Target, rows: Sequence[Convention], tries: Sequence[Probe]) -> Verdict:
    a = target.architecture
    trials, seen = _seen(candidate, target, rows, tries)
    if not seen:
        return no_gradients(trials, a)
    if all(view.trial.state == "varies" for view in seen):
        return Verdict(right=False, findings=(repeated(seen[0].trial, a),), layout=Layout(seen[0].facts(a)))
    found = _explained(seen, target) or _explained_softly(seen, candidate, target, tries)
    view = found.view if found else max(seen, key=unknown.agreement)
    verdict = findings.verdict(view, found.paths, a) if found else _unexplained(view, a)
    if found and not found.exact:
        said = f"The numbers agree to {verdict.error:.0e}, not to rounding: a guard such as + 1e-8 does that."
        verdict = replace(verdict, notes=(*verdict.notes, said))
    if (candidate.handed or candidate.store) and view.reading.across != view.trial.convention.across:
        verdict = replace(verdict, notes=(*verdict.notes, TURNED))
    return own_cost_verdict(verdict, view, candidate, target)


def _unexplained(view: View, a: Architecture) -> Verdict:
    """The verdict where no slip of the table gives the numbers."""
    stepwise = within.verdict(view, a)
    return unknown.verdict(view, a) if stepwise is None else stepwise


def _seen(
    candidate: Candidate, target: Target, rows: Sequence[Convention], tries: Sequence[Probe]
) -> tuple[list[Trial], list[View]]:
    """The trials, and what they showed, the views in which most is right first."""
    trials = [tried(candidate, c, tries) for c in rows]
    seen = [view for trial in trials for view in views(trial, candidate, target)]
    seen = [view for view in seen if not view.broken] or seen
    seen = [view for view in seen if any(o.size for o in view.observations)] or seen
    if any(view.many and unknown.right_alone(view) for view in seen):
        seen = [view for view in seen if view.many]  # it takes mini-batches: these count, too
    return trials, sorted(seen, key=lambda view: -unknown.agreement(view))


def _explained_softly(
    seen: Sequence[View], candidate: Candidate, target: Target, tries: Sequence[Probe]
) -> Explained | None:
    """Targets of 0 and 1 make some wrong gradients infinite: targets between them may tell which slip it is."""
    a = target.architecture
    if any(view.finite for view in seen) or not a.cost.classifies:
        return None
    rng, shares = np.random.default_rng(candidate.options.seed), not a.sigma(a.L).elementwise
    rows = list({view.trial.convention: None for view in seen})
    _, again = _seen(candidate, target, rows, [softened(probe, rng, shares=shares) for probe in tries])
    found = _explained(again, target)
    return found if found and any(path.uses for path in found.paths) else None


def _explained(seen: Sequence[View], target: Target) -> Explained | None:
    """The fewest slips that explain what was seen in one of the views, and all ways that do."""
    memo: Memo = {}
    searches = [(view, _search(view, target, memo, view.tolerance)) for view in seen if view.finite]
    if found := _first(searches, 0):
        return found
    loose = [(view, _search(view, target, memo, LENIENT)) for view, _ in searches if view.tolerance < LENIENT]
    if found := _first(loose, 0):
        return replace(found, exact=False)
    searches.sort(key=lambda row: not row[0].many)
    for limit in range(1, MOST_SLIPS + 1):
        if found := _first(searches if limit < MOST_SLIPS else _likely(searches, limit), limit):
            return found
    return None


def _likely(searches: Sequence[tuple[View, Search]], limit: int) -> list[tuple[View, Search]]:
    """The views that the first observation allows; it does not tell reductions apart, so one view stands for all."""
    groups: dict[object, list[tuple[View, Search]]] = {}
    for view, search in searches:
        key = (id(view.trial), view.reading, view.many, "outputs" in view.reduction)
        groups.setdefault(key, []).append((view, search))
    return [row for rows in list(groups.values())[:LIKELY] if rows[0][1].plausible(limit) for row in rows]


def _search(view: View, target: Target, memo: Memo, tolerance: float) -> Search:
    return Search(target.architecture, view.observations, tolerance, memo)


def _first(searches: Sequence[tuple[View, Search]], limit: int) -> Explained | None:
    """The best explanation by so many slips, of the first few views that have one."""
    for at in range(0, len(searches), AT_ONCE):
        found = [Explained(view, search.explanations(limit)) for view, search in searches[at : at + AT_ONCE]]
        if best := [row for row in found if row.paths]:
            return min(best, key=lambda row: (not row.view.many, findings.rank(row.paths)))
    return None
