"""The update beside the gradients: of an object that has both, both must be right."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.auditing.arguments import PATTERNS, roles_of
from chainrule.auditing.candidates import Candidate, candidate_of, update_of
from chainrule.auditing.comparing import wanted
from chainrule.auditing.judge import TURNED, Case, case_of, is_right, verdict_of
from chainrule.auditing.options import RATE, Options
from chainrule.auditing.verdict import Finding, Verdict
from chainrule.errors import ConfigError

PENALTY = {"lmbda": 0.7, "n": 20}  # tried where an update is given both
SURE = {"penalty_missing", "penalty_sign", "penalty_without_n"}  # slips of a penalty that no other definition of it makes


def with_update(verdict: Verdict, given: Any, candidate: Candidate, network: Any, options: Options) -> Verdict:
    """The verdict on the gradients, and on the update of the same object where it has one."""
    turned = [f.slip for f in verdict.findings] == ["outer_swapped"] and candidate.store is not None
    if candidate.updates or options.kind or not (verdict.right or turned) or not (name := update_of(given)):
        return verdict
    try:
        found = _judged(given, network, name, options)
    except ConfigError as error:
        return _noted(verdict, f"Its {name} was not looked at: {str(error).splitlines()[0]}")
    if found is None:
        return _noted(verdict, f"Its {name} was not looked at: it takes no examples, or no learning rate that is known.")
    if found.right:
        meant = turned and found.quantities  # an update that was not judged excuses nothing
        return _as_meant(verdict) if meant else replace(verdict, notes=(*verdict.notes, *found.notes))
    if turned:
        return verdict
    said = f"Its {candidate.what.rpartition('.')[2]} is right, but its {name} is not."
    return _of_step(replace(found, notes=(said, *verdict.notes, *found.notes), layout=verdict.layout), name)


def _of_step(found: Verdict, name: str) -> Verdict:
    """The verdict on an update whose gradients are right: what is wrong is the step."""
    findings = tuple(_finding_of_step(f, name) if f.layer else f for f in found.findings)
    layers, quantities, first = {l for f in findings for l in f.layers}, [], True
    for q in found.quantities:
        wrong = q.symbol == "theta" and q.layer in layers
        quantities.append(replace(q, state="right" if not wrong else "first wrong" if first else "wrong"))
        first = first and not wrong
    return replace(found, findings=findings, quantities=tuple(quantities))


def _finding_of_step(f: Finding, name: str) -> Finding:
    if f.slip != "unknown":
        return replace(f, equation="GD", quantity="theta", sentence=f"In {name}: {f.sentence}")
    what = {"nabla_w": "weights are", "nabla_b": "biases are"}.get(f.quantity, "parameters are")
    return replace(
        f, equation="GD", quantity="theta", right="θ ← θ - η/m ∇C", answer="θ ← θ - η/m ∇C, for each parameter (GD).",
        sentence=f"In {name}: layer {f.layer}'s {what} not changed by their gradient. No slip that is known gives these "
        "numbers.", hint="Work out the step of one of these parameters by hand, from the gradient that your program has.",
    )  # fmt: skip


def _noted(verdict: Verdict, note: str) -> Verdict:
    return replace(verdict, notes=(*verdict.notes, note))


def _as_meant(verdict: Verdict) -> Verdict:
    """Gradients that lie across their weights, which the update takes as they are: a layout."""
    return replace(verdict, right=True, findings=(), quantities=(), error=math.nan, notes=(*verdict.notes, TURNED))


# ------------------------------------------------------------------------------------------------------- the update


def as_it_works(candidate: Candidate, network: Any) -> Candidate:
    """The candidate, as one that changes its parameters where it does that and gives nothing back; with its learning rate.

    Raises
    ------
    ConfigError
        It takes no examples.
    """
    roles = {*roles_of(candidate.function).values()}
    if not {"x", "pairs"} & roles:
        raise ConfigError(
            f"{candidate.what} takes no examples, so it cannot be tried on any.\nWrite it as backprop(x, y), with the "
            "inputs and the targets as arguments, and let it return the gradients."
        )
    if candidate.store is not None and not (candidate.updates or candidate.options.kind) and _silent(candidate, network):
        candidate = replace(candidate, updates=True)
    if candidate.updates and "eta" not in roles and candidate.options.learning_rate == RATE and candidate.store:
        rate = _rate(candidate, network) or RATE
        candidate = replace(candidate, options=replace(candidate.options, learning_rate=rate))
    return candidate


def _silent(candidate: Candidate, network: Any) -> bool:
    """Whether a call gives nothing back, but changes the parameters."""
    case = _case(candidate, network, candidate.options)
    for convention in case.rows:
        own = case.candidate.fresh()
        with suppress(Exception):  # somebody else's program may raise anything: another convention may fit
            given = own.call(case.tries[0], convention)
            kept, put = own.store.arrays() if own.store else {}, convention.parameters(case.tries[0].parameters)
            return not given and any(not np.allclose(kept[key], put[key]) for key in kept)
    return False


def _rate(candidate: Candidate, network: Any) -> float:
    holder = candidate.store.holder if candidate.store else None
    return _attribute(holder, "eta") or _inferred(candidate, network, candidate.options)


def _judged(given: Any, network: Any, name: str, options: Options) -> Verdict | None:
    """The verdict on an update with the rates that the object has; None where these cannot be known."""
    told = replace(options, kind="update", method=name, own_cost=None)
    candidate = candidate_of(given, network, told)
    roles = {*roles_of(candidate.function).values()}
    if not ("pairs" in roles or {"x", "y"} <= roles):
        return None
    rate = told.learning_rate if "eta" in roles else _rate(candidate, network)
    if not rate:
        return None
    listed = [replace(told, **rates) for rates in _rates(given, rate, told)]
    case = next((case for case in (_case(candidate, network, o) for o in listed) if is_right(case)), None)
    if case is None:
        wrong = verdict_of(_case(candidate, network, listed[0]))
        unknown = {f.slip for f in wrong.findings} <= {"unknown", "momentum_missing"}
        return _not_judged(name) if unknown and _remembers(candidate, network, listed[0]) else wrong
    at = "" if "eta" in roles else f", with a learning rate of {rate:.6g}"
    right = replace(verdict_of(case), notes=(f"Its {name} is right, too{at}.",))
    return _with_more(right, candidate, network, case.candidate.options, roles)


def _case(candidate: Candidate, network: Any, options: Options) -> Case:
    return case_of(replace(candidate, options=options), network, None, None)


def _attribute(given: Any, role: str) -> float:
    """A number that the object keeps under a name of this role; 0 where it keeps none."""
    kept = vars(given) if hasattr(given, "__dict__") else {}
    named = (value for name, value in kept.items() if PATTERNS[role].match(name) and np.ndim(value) == 0)
    return next((float(value) for value in named if isinstance(value, int | float | np.number)), 0.0)


def _rates(given: Any, rate: float, told: Options) -> Iterator[dict[str, Any]]:
    """The numbers of a step, as the object keeps them: first those that say most."""
    mu, lmbda, n = (_attribute(given, role) for role in ("mu", "lmbda", "n"))
    mu, lmbda = mu or told.momentum, lmbda or told.lmbda
    plain: dict[str, Any] = {"learning_rate": rate, "momentum": mu, "lmbda": lmbda, "n": told.n or int(n) or None}
    yield plain
    changes: tuple[dict[str, Any], ...] = ({"n": None}, {"n": 1}, {"lmbda": 0.0})
    yield from (plain | change for change in changes if lmbda)
    if mu:
        yield plain | {"learning_rate": rate * (1 - mu)}  # the velocity as a moving average
        yield plain | {"momentum": 0.0}


def _inferred(candidate: Candidate, network: Any, options: Options) -> float:
    """The learning rate that is written into an update: its step over the gradient."""
    views = _case(candidate, network, replace(options, learning_rate=1.0)).seen[1]
    pairs = [
        (wanted(o, key), seen) for view in views[:1] for o in view.observations if o.m == 1 for key, seen in o.seen.items()
    ]
    shaped = [(w, seen) for w, seen in pairs if w.shape == seen.shape and w.any()]
    found = [abs(float((w * seen).sum() / (w * w).sum())) for w, seen in shaped]
    return float(np.median(found)) if found and np.isfinite(found).all() else 0.0


def _with_more(right: Verdict, candidate: Candidate, network: Any, options: Options, roles: set[str]) -> Verdict:
    """A look at the penalty and the velocity, too, where the update is given their strengths."""
    extra: list[dict[str, Any]] = [PENALTY] if {"lmbda", "n"} <= roles else []
    extra += [{"momentum": 0.6}] if "mu" in roles else []
    for more in extra:
        found = verdict_of(_case(candidate, network, replace(options, **more)))
        if not found.right and {f.slip for f in found.findings} <= SURE:
            return found
        if not found.right:
            right = _noted(
                right, f"With {', '.join(f'{k} = {v}' for k, v in more.items())} its step is none that is known."
            )
    return right


def _remembers(candidate: Candidate, network: Any, options: Options) -> bool:
    """Whether a step is another one after a step with other examples, though it begins with the same parameters."""
    case = _case(candidate, network, options)
    probe, before = case.tries[-1], case.tries[0]
    for convention in case.rows:
        with suppress(Exception):  # somebody else's update may raise anything: another convention may fit
            used, new = case.candidate.fresh(), case.candidate.fresh()
            used.call(before, convention)
            pairs = zip(used.call(probe, convention), new.call(probe, convention), strict=True)
            return any(not np.allclose(one.value, two.value, rtol=1e-9) for one, two in pairs)
    return False


def _not_judged(name: str) -> Verdict:
    said = (
        f"{name} keeps something from one step to the next, and its steps are not those of gradient descent with momentum: "
        "whether they are those of another optimizer was not judged."
    )
    return Verdict(right=True, notes=(said,))
