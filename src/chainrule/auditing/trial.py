"""A trial: the candidate called with every probe in one convention."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from chainrule.auditing.candidates import Candidate
from chainrule.auditing.conventions import Convention
from chainrule.auditing.probes import Probe
from chainrule.auditing.returned import Leaf
from chainrule.auditing.student_errors import StudentError

REPEATED = 1e-9  # two calls with the same numbers may differ by so much: sums in another order


@dataclass(frozen=True)
class Call:
    """One call: what came back, or what was raised; ``after`` is the call whose parameters it went on with."""

    probe: Probe
    leaves: tuple[Leaf, ...] = ()
    error: Exception | None = None
    after: Call | None = None


@dataclass(frozen=True)
class Trial:
    """All calls in one convention. ``state`` is "", "adds up" or "varies": what a repeated call showed."""

    convention: Convention
    calls: tuple[Call, ...]
    state: str = ""

    @property
    def done(self) -> list[Call]:
        """The calls that gave something back."""
        return [call for call in self.calls if call.error is None and call.leaves]


def tried(candidate: Candidate, c: Convention, probes: Sequence[Probe]) -> Trial:
    """Call a candidate in a convention: with each probe, or in pairs of updates, one after the other."""
    if candidate.updates:
        return Trial(c, tuple(_updates(candidate, c, probes)))
    fitting = [probe for probe in probes if probe.m == 1 or not c.single or candidate.many]
    calls = [_called(candidate, c, probe) for probe in fitting]
    again = _repeated(candidate, c, calls)
    if not again:
        return Trial(c, tuple(calls))
    if again == "adds up":
        calls = [_difference(call, _called(candidate, c, call.probe), candidate, c) for call in calls]
    return Trial(c, tuple(calls), again)


def _called(candidate: Candidate, c: Convention, probe: Probe, *, after: Call | None = None) -> Call:
    try:
        return Call(probe, tuple(candidate.call(probe, c, keep=after is not None)), None, after)
    except Exception as error:  # somebody else's program may raise anything: it is a finding
        if isinstance(error, StudentError):
            raise  # its process has ended: it cannot be called any more
        return Call(probe, (), error, after)


def _updates(candidate: Candidate, c: Convention, probes: Sequence[Probe]) -> Iterable[Call]:
    """Two updates one after the other, so that what is kept from one to the next is seen; mini-batches first."""
    ordered = [probe for probe in probes[::-1] if probe.m == 1 or not c.single or candidate.many]
    for probe, then in zip(ordered[::2], ordered[1::2], strict=False):
        fresh = candidate.fresh()
        first = _called(fresh, c, probe)
        yield first
        if candidate.store is None:
            yield _called(fresh, c, then)
        elif first.error is None and first.leaves:
            yield _called(fresh, c, then, after=first)


def _repeated(candidate: Candidate, c: Convention, calls: Sequence[Call]) -> str:
    """Whether the same numbers give the same result again: "" where they do."""
    first = next((call for call in calls if call.error is None and call.leaves), None)
    if first is None:
        return ""
    one, two, three = (_called(candidate, c, first.probe) for _ in range(3))
    if _same(one, two):
        return ""
    return "adds up" if _same(_minus(two, one), _minus(three, two)) else "varies"


def _difference(call: Call, first: Call, candidate: Candidate, c: Convention) -> Call:
    """What one more call adds."""
    return _minus(_called(candidate, c, call.probe), first)


def _minus(call: Call, before: Call) -> Call:
    if len(call.leaves) != len(before.leaves):
        return call
    pairs = zip(call.leaves, before.leaves, strict=True)
    return replace(
        call, leaves=tuple(Leaf(x.label, x.value - y.value) if x.value.shape == y.value.shape else x for x, y in pairs)
    )


def _same(one: Call, two: Call) -> bool:
    if len(one.leaves) != len(two.leaves):
        return False
    pairs = [(x.value, y.value) for x, y in zip(one.leaves, two.leaves, strict=True)]
    return all(
        x.shape == y.shape
        and np.allclose(x, y, rtol=1e-6, atol=REPEATED * np.abs(x[np.isfinite(x)]).max(initial=1), equal_nan=True)
        for x, y in pairs
    )


def place_of(error: Exception) -> str:
    """The line of the candidate's program that raised: the last one outside of this package and of NumPy."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if "chainrule" not in f.filename and "numpy" not in f.filename
    ]
    if not frames:
        return ""
    return f"line {frames[-1].lineno}: {frames[-1].line}" if frames[-1].line else f"line {frames[-1].lineno}"
