"""The judgement of one case: call the candidate, find out its layout, compare with what is right, then with the slips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.auditing import crossed, findings, unknown, within
from chainrule.auditing.candidates import Candidate
from chainrule.auditing.conventions import Convention, possible
from chainrule.auditing.layouts import View, views
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

Searches = list[tuple[View, Search]]


@dataclass(frozen=True)
class Explained:
    """The view that was chosen, the ways to what is seen in it, and whether they are so to rounding."""

    view: View
    paths: list[Path]
    exact: bool = True


@dataclass
class Case:
    """A candidate, what it is meant to compute, the conventions that fit it, and the probes to try it with."""

    candidate: Candidate
    target: Target
    rows: Sequence[Convention]
    tries: Sequence[Probe]

    @cached_property
    def seen(self) -> tuple[list[Trial], list[View]]:
        """The trials, and what they showed, the views in which most is right first."""
        return _seen(self, self.rows, self.tries)

    @cached_property
    def searches(self) -> Searches:
        """A search in each view whose numbers are finite."""
        memo: Memo = {}
        return [(v, Search(self.target.architecture, v.observations, v.tolerance, memo)) for v in self.seen[1] if v.finite]

    @cached_property
    def as_it_should_be(self) -> Explained | None:
        """The view in which all is right, if there is one."""
        if found := _first(self.searches, 0):
            return found
        loose = [(v, replace(search, tolerance=LENIENT)) for v, search in self.searches if v.tolerance < LENIENT]
        found = _first(loose, 0)
        return replace(found, exact=False) if found else None

    @property
    def varies(self) -> bool:
        """Whether two calls with the same numbers differ, in every convention."""
        return bool(self.seen[1]) and all(view.trial.state == "varies" for view in self.seen[1])


def case_of(candidate: Candidate, network: Any, x: Any, y: Any) -> Case:
    """The case that a candidate makes with the options that it has."""
    target = target_of(network, candidate.store, candidate.options)
    tries = probes(target, candidate.options, x, y, pairs=candidate.updates)
    return Case(candidate, target, conventions(candidate, target, tries), tries)


def conventions(candidate: Candidate, target: Target, tries: Sequence[Probe]) -> list[Convention]:
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


def is_right(case: Case) -> bool:
    """Whether its numbers are those that they should be."""
    return bool(case.seen[1]) and not case.varies and case.as_it_should_be is not None


def by_one_slip(case: Case) -> Verdict | None:
    """The verdict, if one slip explains what was seen."""
    if not case.seen[1] or case.varies:
        return None
    step = _of_step(case)
    found = None if step is not None else _by_slips(case, 1) or _explained_softly(case)
    return _told(case, found) if found else step


def verdict_of(case: Case) -> Verdict:
    """The verdict on a case."""
    a, (trials, seen) = case.target.architecture, case.seen
    if not seen:
        return no_gradients(trials, a)
    if case.varies:
        return Verdict(right=False, findings=(repeated(seen[0].trial, a),), layout=Layout(seen[0].facts(a)))
    found = case.as_it_should_be
    step = None if found else _of_step(case)
    if step is not None:
        return step
    for limit in range(1, MOST_SLIPS + 1):
        found = found or _by_slips(case, limit)
    return _told(case, found or _explained_softly(case))


def _told(case: Case, found: Explained | None) -> Verdict:
    """The verdict that an explanation makes, or that there is none."""
    a, candidate = case.target.architecture, case.candidate
    view = found.view if found else max(case.seen[1], key=unknown.agreement)
    verdict = findings.verdict(view, found.paths, a) if found else unknown.verdict(view, a)
    if found and not found.exact:
        said = f"The numbers agree to {verdict.error:.0e}, not to rounding: a guard such as + 1e-8 does that."
        verdict = replace(verdict, notes=(*verdict.notes, said))
    if (candidate.handed or candidate.store) and view.reading.across != view.trial.convention.across:
        verdict = replace(verdict, notes=(*verdict.notes, TURNED))
    return own_cost_verdict(verdict, view, candidate, case.target)


def _of_step(case: Case) -> Verdict | None:
    """The verdict on an update whose gradients are right, but not what is done with them."""
    a, views = case.target.architecture, [view for view in case.seen[1] if view.observations[0].updates and view.finite]
    found = (look(view, a) for view in views for look in (crossed.verdict, within.verdict))
    return next((verdict for verdict in found if verdict is not None), None)


def _seen(case: Case, rows: Sequence[Convention], tries: Sequence[Probe]) -> tuple[list[Trial], list[View]]:
    trials = [tried(case.candidate, c, tries) for c in rows]
    seen = [view for trial in trials for view in views(trial, case.candidate, case.target)]
    seen = [view for view in seen if not view.broken] or seen
    seen = [view for view in seen if any(o.size for o in view.observations)] or seen
    if any(view.many and unknown.right_alone(view) for view in seen):
        seen = [view for view in seen if view.many]  # it takes mini-batches: these count, too
    return trials, sorted(seen, key=lambda view: -unknown.agreement(view))


def _explained_softly(case: Case) -> Explained | None:
    """Targets of 0 and 1 make some wrong gradients infinite: targets between them may tell which slip it is."""
    a, (_, seen) = case.target.architecture, case.seen
    if any(view.finite for view in seen) or not a.cost.classifies:
        return None
    rng, shares = np.random.default_rng(case.candidate.options.seed), not a.sigma(a.L).elementwise
    rows = list({view.trial.convention: None for view in seen})
    again = Case(case.candidate, case.target, rows, [softened(probe, rng, shares=shares) for probe in case.tries])
    return None if again.as_it_should_be else _by_slips(again, 1) or _by_slips(again, 2)


def _by_slips(case: Case, limit: int) -> Explained | None:
    """So many slips that explain what was seen in one of the views, and all ways that do."""
    searches = sorted(case.searches, key=lambda row: not row[0].many)
    return _first(searches if limit < MOST_SLIPS else _likely(searches, limit), limit)


def _likely(searches: Searches, limit: int) -> Searches:
    """The views that the first observation allows; it does not tell reductions apart, so one view stands for all."""
    groups: dict[object, Searches] = {}
    for view, search in searches:
        key = (id(view.trial), view.reading, view.many, "outputs" in view.reduction)
        groups.setdefault(key, []).append((view, search))
    return [row for rows in list(groups.values())[:LIKELY] if rows[0][1].plausible(limit) for row in rows]


def _first(searches: Searches, limit: int) -> Explained | None:
    """The best explanation by so many slips, of the first few views that have one."""
    for at in range(0, len(searches), AT_ONCE):
        found = [Explained(view, search.explanations(limit)) for view, search in searches[at : at + AT_ONCE]]
        if best := [row for row in found if row.paths]:
            return min(best, key=lambda row: (not row.view.many, findings.rank(row.paths)))
    return None
