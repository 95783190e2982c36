"""The judgement: call the candidate, find out its layout, and compare, first with what is right, then with the slips."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.auditing import findings, layouts, unknown
from chainrule.auditing.candidates import Candidate, candidate_of, restored
from chainrule.auditing.conventions import Convention, possible
from chainrule.auditing.layouts import View, views
from chainrule.auditing.options import Options
from chainrule.auditing.owncost import own_cost_verdict
from chainrule.auditing.probes import Probe, probes, softened
from chainrule.auditing.search import Memo, Search
from chainrule.auditing.target import Target, target_of
from chainrule.auditing.trial import Trial, tried
from chainrule.auditing.verdict import Verdict
from chainrule.auditing.ways import Path

MOST_SLIPS = 2
LIKELY = 2  # views that two slips are looked for in
AT_ONCE = 6  # views that are looked at before one of them is chosen


def judged(given: Any, network: Any, x: Any, y: Any, options: Options) -> Verdict:
    """The verdict on a candidate."""
    begun = time.perf_counter()
    candidate = candidate_of(given, network, options)
    options = candidate.options
    target = target_of(network, candidate.store, options)
    back = restored(candidate)
    try:
        verdict = _judged(candidate, target, options, probes(target, options, x, y, pairs=candidate.updates))
    finally:
        back()
    return replace(verdict, seconds=time.perf_counter() - begun)


def _judged(candidate: Candidate, target: Target, options: Options, tries: list[Probe]) -> Verdict:
    kept = candidate.store.arrays() if candidate.store else None
    a = target.architecture
    rows = possible(
        options.examples, kept, tries[0].parameters, given=candidate.handed,
        classes=a.cost.classifies and a.neurons(a.L) > 1,
    )  # fmt: skip
    trials, seen = _seen(candidate, target, rows, tries)
    if not seen:
        return findings.no_gradients(trials, candidate, target)
    found = explained(seen, target) or _explained_softly(seen, candidate, target, tries, options)
    if found is None:
        return unknown.verdict(seen, target, candidate)
    view, paths = found
    verdict = findings.verdict(view, paths, target, candidate)
    return own_cost_verdict(verdict, view, candidate, target)


def _seen(
    candidate: Candidate, target: Target, rows: Sequence[Convention], tries: list[Probe]
) -> tuple[list[Trial], list[View]]:
    """The trials, and what they showed, the views in which most is right first."""
    trials = [tried(candidate, c, tries) for c in rows]
    seen = [view for trial in trials for view in views(trial, candidate, target)]
    seen = [view for view in seen if not view.broken] or seen
    return trials, sorted(seen, key=lambda view: -unknown.agreement(view))


def _explained_softly(
    seen: Sequence[View], candidate: Candidate, target: Target, tries: list[Probe], options: Options
) -> tuple[View, list[Path]] | None:
    """Targets of 0 and 1 make some wrong gradients infinite: targets between them may tell which slip it is."""
    a = target.architecture
    if any(view.finite for view in seen) or not a.cost.classifies:
        return None
    rng, shares = np.random.default_rng(options.seed), not a.sigma(a.L).elementwise
    rows = list({view.trial.convention: None for view in seen})
    _, again = _seen(candidate, target, rows, [softened(probe, rng, shares=shares) for probe in tries])
    found = explained(again, target)
    return found if found and any(path.uses for path in found[1]) else None


def explained(seen: Sequence[View], target: Target) -> tuple[View, list[Path]] | None:
    """The fewest slips that explain what was seen in one of the views, and all ways that do."""
    memo: Memo = {}
    searches = [(view, Search(target.architecture, view.observations, view.tolerance, memo)) for view in seen if view.finite]
    for limit in range(MOST_SLIPS + 1):
        if limit:
            searches.sort(key=lambda row: not row[0].many)
        likely = searches if limit < MOST_SLIPS else searches[:LIKELY]
        for at in range(0, len(likely), AT_ONCE):
            found = [(view, search.explanations(limit)) for view, search in likely[at : at + AT_ONCE]]
            if best := [(view, paths) for view, paths in found if paths]:
                return min(best, key=lambda row: (not row[0].many, findings.rank(row[1])))
    return None
