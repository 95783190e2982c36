"""The whole audit: what a candidate is meant to compute, whether its gradients are right, and then its update."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.activations import Activation
from chainrule.auditing import assumed, witness
from chainrule.auditing.assumed import Functions, Read
from chainrule.auditing.candidates import Candidate, candidate_of, restored
from chainrule.auditing.judge import Case, by_one_slip, case_of, conventions, is_right, verdict_of
from chainrule.auditing.layouts import View
from chainrule.auditing.options import Options
from chainrule.auditing.owncost import by_own_cost
from chainrule.auditing.probes import Probe, probes, smooth
from chainrule.auditing.target import Target, target_of
from chainrule.auditing.updating import as_it_works, with_update
from chainrule.auditing.verdict import Layout, Verdict
from chainrule.costs import Cost
from chainrule.errors import ConfigError, DataError
from chainrule.network import Network

MOST = 6  # guesses that are tried out
SINGLES = 6  # examples that functions are read off from
Pairs = Sequence[tuple[Activation, Cost]]


@dataclass(frozen=True)
class Judged:
    """A verdict, and the options that it was made with."""

    verdict: Verdict
    options: Options


def judged(given: Any, network: Any, x: Any, y: Any, options: Options) -> Verdict:
    """The verdict on a candidate."""
    begun = time.perf_counter()
    candidate = candidate_of(given, network, options)
    if isinstance(network, Mapping):
        candidate, network = replace(candidate, options=replace(candidate.options, **network)), None
    back = restored(candidate)
    try:
        candidate = as_it_works(candidate, network)
        found = _of_gradients(candidate, network, x, y)
        verdict = with_update(found.verdict, given, candidate, network, found.options)
    finally:
        back()
    return replace(verdict, seconds=time.perf_counter() - begun)


def _of_gradients(candidate: Candidate, network: Any, x: Any, y: Any) -> Judged:
    """The verdict, with the functions that were said, or with those that are found out."""
    o = candidate.options
    if isinstance(network, Network) or (o.activation is not None and o.cost is not None):
        return Judged(verdict_of(case_of(candidate, network, x, y)), o)
    return Inquiry(candidate, network, x, y).judged()


@dataclass(frozen=True)
class Inquiry:
    """A candidate of which not all functions were said."""

    candidate: Candidate
    network: Any
    x: Any
    y: Any

    def judged(self) -> Judged:
        """The verdict with the likeliest functions that make it right; if none do, with the likeliest ones."""
        default, heard = self._default(), bool(witness.functions_beside(self.candidate))
        if not heard and is_right(usual_case := self._case(default)):
            return self._told(usual_case, default)
        view, read = self._read()
        pairs = self._allowed(view, read) if heard and view else []
        usual = [default] if not pairs or (default.layers[-1], default.cost) in pairs else []
        fits = self._fitting(read, pairs)
        for functions, case in self._cases(_unlike([*fits, *usual])[:MOST]):
            if is_right(case):
                return self._told(case, functions, heard=bool(pairs))
        meant = assumed.possible(read, self._may, pairs)
        likely = [*fits, *meant, *usual] if read.hidden is not None else [*usual, *meant]
        return self._by_own_cost(view) or self._accused(_unlike(likely), heard=bool(pairs))

    # ----------------------------------------------------------------------------------------- what may be meant

    @property
    def _may(self) -> assumed.Choices:
        a = self._target().architecture
        return assumed.choices(self.candidate.options, len(a.layers) - 1)

    def _target(self, options: Options | None = None) -> Target:
        return target_of(self.network, self.candidate.store, options or self.candidate.options)

    def _default(self) -> Functions:
        """What was said, and sigmoid neurons and the quadratic cost for the rest."""
        a = self._target().architecture
        return Functions(tuple(map(a.sigma, a.layers)), a.cost)

    def _case(self, functions: Functions) -> Case:
        return case_of(self._with(functions.told(self.candidate.options)), self.network, self.x, self.y)

    def _cases(self, listed: Sequence[Functions]) -> Iterator[tuple[Functions, Case]]:
        """The cases that can be: of some functions the examples that were given are none."""
        for functions in listed:
            with suppress(DataError, ConfigError):
                yield functions, self._case(functions)

    def _with(self, options: Options) -> Candidate:
        return replace(self.candidate, options=options)

    def _read(self) -> tuple[View | None, Read]:
        """The view that shows most, and what is read off in it."""
        try:
            case = self._case_of_singles("cross_entropy")  # with targets of classes, which every cost can take
        except DataError:
            case = self._case_of_singles("quadratic")  # the targets that were given are no classes
        views = {(id(v.trial), v.reading): v for v in case.seen[1] if "outputs" not in v.reduction}
        return assumed.read_off(list(views.values()), case.target.architecture, self._may)

    def _case_of_singles(self, cost: str) -> Case:
        options = replace(self.candidate.options, activation="sigmoid", output="sigmoid", cost=cost)
        target, candidate = self._target(options), self._with(options)
        tries = self._singles(target)
        return Case(candidate, target, conventions(candidate, target, tries), tries)

    def _singles(self, target: Target) -> list[Probe]:
        if self.x is not None:
            return [probe for probe in probes(target, self.candidate.options, self.x, self.y) if probe.m == 1]
        rng = np.random.default_rng(self.candidate.options.seed)
        return [replace(smooth(target, rng, 1), known={}) for _ in range(SINGLES)]

    def _allowed(self, view: View, read: Read) -> list[tuple[Activation, Cost]]:
        probe = next(call.probe for call in view.trial.calls)
        return witness.allowed(self.candidate, view.trial.convention, probe, read, self._may)

    def _fitting(self, read: Read, pairs: Pairs) -> list[Functions]:
        fits = [fit for fit in read.fits if not pairs or (fit.output, fit.cost) in pairs]
        k = self._target().architecture.sizes[-1]
        return assumed.likeliest(read, fits, k, free=self.candidate.options.cost is None)

    # ------------------------------------------------------------------------------------------------ what is said

    def _accused(self, guesses: Sequence[Functions], *, heard: bool) -> Judged:
        """The verdict with the first functions that make it right, or for which one slip explains all, or the likeliest."""
        listed = list(self._cases(guesses)) or [(self._default(), self._case(self._default()))]
        if (fitting := next((row for row in listed if is_right(row[1])), None)) is not None:
            return self._told(fitting[1], fitting[0], heard=heard)
        for functions, case in listed:
            if (found := by_one_slip(case)) is not None:
                return self._said(found, functions, heard=heard)
        return self._told(listed[0][1], listed[0][0], heard=heard)

    def _by_own_cost(self, view: View | None) -> Judged | None:
        """A cost that is in no table: its gradient, by differences, may still be what the candidate gives."""
        for f in witness.functions_beside(self.candidate).values() if view else ():
            candidate = replace(self.candidate, own_cost=f)
            if view and (found := by_own_cost(view, candidate, self._target())):
                return Judged(found, self.candidate.options)
        return None

    def _told(self, case: Case, functions: Functions, *, heard: bool = False) -> Judged:
        return self._said(verdict_of(case), functions, heard=heard)

    def _said(self, verdict: Verdict, functions: Functions, *, heard: bool) -> Judged:
        """The verdict, with what it was taken for, and whether its own cost speaks for that."""
        o = self.candidate.options
        unsaid = " and ".join(
            word for word, said in (("activation functions", o.activation), ("cost", o.cost)) if said is None
        )
        own = f" Its own functions are those of the {functions.cost.name} cost." if heard else ""
        if verdict.right:
            note = f"Nothing was said of its {unsaid}: it is right for {functions.words}.{own}"
        else:
            others = "" if heard else "; no others of the tables make it right"
            note = (
                f"Nothing was said of its {unsaid}: it was compared with {functions.words}{others}.{own} If it has others, "
                "say so: activation=, output=, cost=."
            )
        facts = (*verdict.layout.facts, ("functions", functions.words))
        found = replace(verdict, layout=Layout(facts), notes=(*verdict.notes, note))
        return Judged(found, functions.told(o))


def _unlike(listed: Sequence[Functions]) -> list[Functions]:
    """Each once, in their order."""
    return list({functions.words: functions for functions in listed}.values())
