"""What the search goes along: observations, slips in use, and the values that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from chainrule.auditing.wrong import Wrong
from chainrule.notation import Key

Values = dict[Key, Any]
MISFITS = (KeyError, ValueError, TypeError, IndexError)  # an operand that is not there, or shapes that do not fit


class Use(NamedTuple):
    """A slip in the place of an equation at a layer, at all of its neurons or at some."""

    slip: str
    case: int
    equation: str
    layer: int
    neurons: tuple[int, ...] = ()


@dataclass(frozen=True)
class Observation:
    """What the equations ran on, and what was seen: gradients by key, in our layout, times ``scale``."""

    values: Values
    right: Values
    seen: Mapping[Key, np.ndarray]
    scale: float = 1.0
    updates: bool = False

    @property
    def m(self) -> int:
        """How many examples."""
        return int(self.values[Key("a", 1)].shape[1])

    @property
    def size(self) -> float:
        """The largest number that was seen."""
        return float(max((np.abs(s).max(initial=0) for s in self.seen.values()), default=0.0))


@dataclass(frozen=True)
class Path:
    """One explanation: the slips used so far, and for each observation the values that follow from them."""

    uses: tuple[Use, ...]
    states: tuple[Values, ...] = field(repr=False)

    @cached_property
    def ids(self) -> frozenset[tuple[str, int]]:
        """The different slips."""
        return frozenset((use.slip, use.case) for use in self.uses)

    def by(self, uses: Iterable[Use], states: Iterable[Values]) -> Path:
        """The way further."""
        return Path(self.uses + tuple(uses), tuple(states))

    def at_rows(self, right: Path, rows: tuple[int, ...], key: Key) -> Path:
        """The last slip at some neurons alone, the right values at the others."""
        states = []
        for good, bad in zip(right.states, self.states, strict=True):
            value = good[key].copy()
            value[list(rows)] = bad[key][list(rows)]
            states.append(good | {key: value})
        return Path((*self.uses[:-1], self.uses[-1]._replace(neurons=rows)), tuple(states))


@dataclass(frozen=True)
class Outer:
    """Slips outside of the walk from layer to layer: in the forward pass, in the mini-batch, in the step."""

    forward: Mapping[tuple[str, int], Wrong] = field(default_factory=dict)
    examples: Wrong | None = None
    step: Wrong | None = None

    def with_(self, other: Outer) -> Outer | None:
        """Both, where they are of different stages."""
        pairs = ((self.forward, other.forward), (self.examples, other.examples), (self.step, other.step))
        if any(one and two for one, two in pairs):
            return None
        return Outer({**self.forward, **other.forward}, self.examples or other.examples, self.step or other.step)


def close(found: np.ndarray, seen: np.ndarray, tolerance: float, floor: float = 0.0) -> bool:
    """Whether two arrays are the same to this part of their largest number."""
    if found.shape != seen.shape:
        return False
    size = max(float(np.abs(found).max(initial=0.0)), floor)
    return bool((np.abs(found - seen) <= tolerance * size).all())
