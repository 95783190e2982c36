"""Views: ways to take what a candidate gave back, each with what it then says of the gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from chainrule.architecture import Architecture
from chainrule.auditing.candidates import Candidate
from chainrule.auditing.conventions import EXAMPLE_WORDS
from chainrule.auditing.options import Options
from chainrule.auditing.probes import Probe
from chainrule.auditing.returned import Reading, readings, words
from chainrule.auditing.target import Arrays, Target
from chainrule.auditing.trial import Call, Trial
from chainrule.auditing.ways import Observation

TOLERANCES = {2: 3e-2, 4: 2e-4, 8: 1e-6}  # by the bytes of a number: right programs differ by rounding
OF_UPDATES = 20  # the difference of parameters loses digits
WORDS = {
    "sum": "summed over the examples",
    "mean": "averaged over the examples",
    "sum, outputs averaged": "summed over the examples, averaged over the outputs",
    "mean, outputs averaged": "averaged over the examples and the outputs",
    "one": "of one example at a time",
    "step": "the change of the parameters",
    "summed step": "the change of the parameters, summed over the examples: it grows with the mini-batch",
}


@dataclass(frozen=True)
class View:
    """One way: a convention, a reading, a reduction; and the observations that it makes."""

    trial: Trial
    reading: Reading
    reduction: str
    observations: tuple[Observation, ...]
    tolerance: float
    notes: tuple[str, ...] = ()
    broken: Call | None = field(default=None)  # a mini-batch that the candidate could not take

    @property
    def finite(self) -> bool:
        """Whether all numbers are."""
        return all(np.isfinite(s).all() for o in self.observations for s in o.seen.values())

    @property
    def many(self) -> bool:
        """Whether mini-batches are among the observations."""
        return any(o.m > 1 for o in self.observations)

    def facts(self, a: Architecture) -> tuple[tuple[str, str], ...]:
        """What was found out, as labels and words."""
        c = self.trial.convention
        first = [("examples", EXAMPLE_WORDS[c.examples])]
        if c.indices:
            first.append(("targets", "numbers of classes"))
        return (*first, *words(self.reading, a), ("gradients", WORDS[self.reduction]))


def views(trial: Trial, candidate: Candidate, target: Target) -> Iterator[View]:
    """Every way to take what came back in one convention."""
    a, options = target.architecture, candidate.options
    batch = next((call for call in trial.done if call.probe.m > 1), None)
    first = batch or next(iter(trial.done), None)
    if first is None:
        return
    for reading in _readings(first, trial, candidate, a):
        seen = [(call, read) for call in trial.done if (read := _read(call, reading, candidate, a)) is not None]
        kept, notes, broken = _usable(seen, trial, candidate, a)
        if not kept:
            continue
        many = any(call.probe.m > 1 for call, _ in kept)
        tolerance = _tolerance(kept, candidate)
        for reduction in _reductions(options, candidate, a, many=many):
            observations = tuple(_observation(call, read, reading, reduction, candidate, a) for call, read in kept)
            yield View(trial, reading, reduction, observations, tolerance, notes, broken)


def _readings(call: Call, trial: Trial, candidate: Candidate, a: Architecture) -> list[Reading]:
    """The readings; where the candidate has weights of its own, those in which a gradient can be subtracted from them."""
    way, m = trial.convention.across, call.probe.m
    own_way = candidate.store is not None and readings(call.leaves, a, m, across=way, turned=False)
    return own_way or readings(call.leaves, a, m, across=way)


def _read(call: Call, reading: Reading, candidate: Candidate, a: Architecture) -> Arrays | None:
    columns = call.probe.m > 1 and len(call.leaves) > 0
    read = reading.read(call.leaves, a, call.probe.m, columns=columns)
    if read is None:
        return None
    expected = dict(a.shapes())
    if candidate.updates:
        return {key: value for key, value in read.items() if key in expected}
    sign = -1.0 if candidate.options.sign == "add" else 1.0
    return {key: sign * value for key, value in read.items() if key in expected}


Seen = list[tuple[Call, Arrays]]


def _usable(seen: Seen, trial: Trial, candidate: Candidate, a: Architecture) -> tuple[Seen, tuple[str, ...], Call | None]:
    """Without the mini-batches, where a candidate takes one example at a time and was not said to take more."""
    singles = [row for row in seen if row[0].probe.m == 1]
    whole = [row for row in seen if row[0].probe.m > 1]
    failed = [call for call in trial.calls if call.probe.m > 1 and (call.error or not call.leaves)]
    one_only = candidate.options.examples == "single"
    shapes = dict(a.shapes())
    odd = [row for row in whole if any(v.shape != shapes[k] and v.T.shape != shapes[k] for k, v in row[1].items())]
    if singles and (one_only or (trial.convention.single and not candidate.many)):
        return singles, (), None
    told = candidate.options.examples is not None or trial.convention.examples == "rows" or candidate.updates
    told = told or candidate.many
    if singles and not told and (odd or failed or not whole):
        note = "It takes one example at a time, so mini-batches were not looked at"
        return singles, (f'{note} (if it should take them, say so: examples="columns").',), None
    return singles + whole, (), failed[0] if failed and told else None


def _tolerance(kept: Seen, candidate: Candidate) -> float:
    sizes = [leaf.value.dtype.itemsize for call, _ in kept for leaf in call.leaves if leaf.value.dtype.kind == "f"]
    found = TOLERANCES.get(min(sizes, default=8), TOLERANCES[8])
    return found * OF_UPDATES if candidate.updates and found > TOLERANCES[8] else found


def _reductions(options: Options, candidate: Candidate, a: Architecture, *, many: bool) -> Sequence[str]:
    if candidate.updates:  # of arrays of examples the sum may be meant, where no mean is asked for
        return ("step", "summed step") if many and not candidate.many and options.reduction != "mean" else ("step",)
    if options.reduction:
        return (options.reduction,)
    outputs = a.neurons(a.L) > 1 and not a.cost.classifies and a.sigma(a.L).elementwise
    if not many:
        return ("one", "sum, outputs averaged") if outputs else ("one",)
    found = ("mean", "sum")
    return (*found, *(f"{name}, outputs averaged" for name in found)) if outputs else found


def _scale(reduction: str, m: int, k: int) -> float:
    return (1 / m if reduction.startswith("mean") else 1.0) * (1 / k if "outputs" in reduction else 1.0)


def _observation(
    call: Call, read: Arrays, reading: Reading, reduction: str, candidate: Candidate, a: Architecture
) -> Observation:
    if not candidate.updates:
        known = call.probe.values(a, candidate.options), call.probe.right(a, candidate.options)
        return Observation(*known, read, _scale(reduction, call.probe.m, a.neurons(a.L)))
    probe = call.probe if call.after is None else _continued(call.probe, call.after, reading, a)
    eta = candidate.options.learning_rate * (probe.m if reduction == "summed step" else 1)
    seen = {key: _change(probe.parameters[key], after) / eta for key, after in read.items()}
    probe, options = replace(probe, known={}), replace(candidate.options, learning_rate=eta)
    known = probe.values(a, options), probe.right(a, options)
    return Observation(*known, seen, 1.0, updates=True)


def _continued(probe: Probe, first: Call, reading: Reading, a: Architecture) -> Probe:
    """An update that begins with the parameters that the one before has left; their change is the velocity."""
    begun = first.probe.parameters
    left = reading.read(first.leaves, a, first.probe.m, columns=True) or {}
    now = {key: left.get(key, value) for key, value in begun.items()}
    velocity = {key: now[key] - value for key, value in begun.items() if now[key].shape == value.shape}
    return replace(probe, parameters=now, velocity=velocity, known={})


def _change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    try:
        return np.asarray(before - after)
    except ValueError:
        return after
