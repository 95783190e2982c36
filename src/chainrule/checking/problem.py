"""What is checked: a network and a mini-batch in double precision, away from kinks; what was done to get there is said."""

from __future__ import annotations

import inspect
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.checking.kinks import Kink, kinks
from chainrule.choices import nearest
from chainrule.costs import PENALTIES, Penalty
from chainrule.engine.memory import Parameters, Values, functions
from chainrule.errors import ConfigError, DataError
from chainrule.graph.bridge import examples
from chainrule.network import Network
from chainrule.notation import Key
from chainrule.passes import Pass

EXAMPLES = 64  # of a larger data set, so many are taken
NUDGE = 1e-2  # how far numbers move where every example stands at a kink
LARGEST = 1e100  # the square of a number in a pass is a number
DOUBLE = np.dtype(np.float64)


@dataclass(frozen=True)
class Problem:
    """A network in double precision, a mini-batch as rows, a penalty, and the pass that is checked."""

    network: Network
    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None = None
    penalty: Penalty | None = None
    lmbda: float = 0.0
    n: int = 1
    rows: tuple[int, ...] = ()  # which of the user's examples these are
    kinks: tuple[Kink, ...] = ()
    notes: tuple[str, ...] = ()
    pass_: Pass = field(init=False)

    def __post_init__(self) -> None:
        with np.errstate(all="ignore"):  # a pass that is not finite is refused in words
            object.__setattr__(self, "pass_", pass_of(self.network, self.x, self.y, self.weight))

    @property
    def m(self) -> float:
        """The number of examples, or the sum of their weights."""
        return float(len(self.x) if self.weight is None else self.weight.sum())

    @property
    def values(self) -> Values:
        """What a forward pass starts from."""
        a = self.network.architecture
        found: Values = {**self.network.parameters.views, **functions(a), Key("a", 1): self.x.T, Key("y", 0): self.y.T}
        return found if self.weight is None else found | {Key("weight", 0): self.weight[None]}

    def of(self, rows: Any) -> Problem:
        """The same with these examples alone."""
        weight = None if self.weight is None else self.weight[rows]
        kept = tuple(int(self.rows[k]) for k in rows)
        return replace(self, x=self.x[rows], y=self.y[rows], weight=weight, rows=kept)


def pass_of(network: Network, x: Any, y: Any, weight: np.ndarray | None) -> Pass:
    """A network's own pass; a subclass may have a backprop that takes no weights of examples, or gives no pass."""
    if weight is None:
        found = network.backprop(x, y)
    elif "sample_weight" in (taken := inspect.signature(network.backprop).parameters) or any(
        p.kind is p.VAR_KEYWORD for p in taken.values()
    ):
        found = network.backprop(x, y, sample_weight=weight)
    else:
        raise ConfigError(
            f"{type(network).__name__}.backprop({', '.join(taken)}) takes no sample_weight, but sample_weight was given.\n"
            "Write it as backprop(self, x, y, *, sample_weight=None), or check without weights."
        )
    if not isinstance(found, Pass):
        raise ConfigError(
            f"{type(network).__name__}.backprop gives a {type(found).__name__}, no Pass: check looks at every quantity.\n"
            "Return what Network.backprop returns, or audit it: chainrule.audit(network.backprop, network)."
        )
    return found


def in_double(network: Network) -> Network:
    """A copy of a network in float64; the numbers are the same."""
    twin = copy(network)
    twin.architecture = replace(network.architecture, dtype=DOUBLE)
    twin.parameters = Parameters(twin.architecture)
    twin.parameters.flat[:] = network.parameters.flat
    return twin


def problem(
    network: Network, x: Any, y: Any, sample_weight: Any, penalty: Any, lmbda: float, n: int | None, seed: int, *, all: bool  # noqa: A002  as users say it
) -> Problem:  # fmt: skip
    """The problem that a user's call is about."""
    twin, notes = in_double(network), []
    if network.architecture.dtype != DOUBLE:
        notes.append("The network is in float32: a copy of it in float64 is checked, with the same numbers.")
    values, weight = examples(twin.architecture, x, y, sample_weight)
    row = nearest(PENALTIES, penalty, "penalty") if isinstance(penalty, str) else penalty
    inputs = values[Key("a", 1)].T
    m = len(inputs)
    whole = Problem(twin, inputs, values[Key("y", 0)].T, weight, row, lmbda, n or m, tuple(range(m)))
    _finite(whole)
    rng = np.random.default_rng(seed)
    if len(whole.x) > EXAMPLES and not all:
        notes.append(f"{EXAMPLES} of the {len(whole.x):,} examples are taken, at random; all=True takes all.")
        whole = whole.of(np.sort(rng.choice(len(whole.x), EXAMPLES, replace=False)))
    return _smooth(whole, notes, rng)


def _finite(p: Problem) -> None:
    bad = next((key for key, value in p.pass_.values.items() if isinstance(value, np.ndarray) and _broken(value)), None)
    if bad is not None:
        raise DataError(
            f"{bad.symbol} of layer {bad.layer} is not finite in the pass, or beyond {LARGEST:g}: there are no "
            "gradients to compare.\n"
            "Look at the pass (network.backprop(x, y)), and use smaller weights or inputs."
        )


def _broken(value: np.ndarray) -> bool:
    return value.dtype.kind == "f" and not bool((np.abs(value) <= LARGEST).all())


def _smooth(p: Problem, notes: list[str], rng: Any) -> Problem:
    """The problem without the examples that stand at a kink; where all do, with numbers moved a little."""
    bent = kinks(p.pass_)
    kept = np.setdiff1d(np.arange(len(p.x)), [kink.example for kink in bent])
    found = [kink._replace(example=p.rows[kink.example]) for kink in bent]
    if len(kept) and (p.weight is None or p.weight[kept].any()):
        if found:
            notes.append(f"Left out, because of a kink: {len(p.x) - len(kept)} of the {len(p.x)} examples.")
            p = p.of(kept)
    else:
        notes.append(
            "Every example stands at a kink, where there are two slopes: weights, biases and inputs were moved by about "
            f"{NUDGE:g}, at random, and the check is of the network there."
        )
        p = _smoothed(p, rng)
    return replace(p, kinks=tuple(found), notes=tuple(notes))


def _smoothed(p: Problem, rng: Any) -> Problem:
    """The problem with all numbers moved, without the examples that stand at a kink even then, if others are left."""
    twin = in_double(p.network)
    twin.parameters.flat += NUDGE * rng.standard_normal(twin.parameters.flat.shape)
    moved = replace(p, network=twin, x=p.x + NUDGE * rng.standard_normal(p.x.shape))
    kept = np.setdiff1d(np.arange(len(p.x)), [kink.example for kink in kinks(moved.pass_)])
    return moved.of(kept) if len(kept) and (p.weight is None or p.weight[kept].any()) else moved
