"""The search: which slips, put into the schedule, give the numbers that were seen.

It walks back from the output layer. At each layer the right equations are tried first, then every slip; a way that does not
give what was seen there ends. So several slips at several layers are told apart at the price of one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar

import numpy as np

from chainrule import equations as eq
from chainrule import schedule
from chainrule.architecture import Architecture
from chainrule.auditing.slips import ERROR, EXAMPLES, FORWARD, GRADIENT, STAGES, UPDATE, Case, Slip, table
from chainrule.auditing.ways import MISFITS, Observation, Outer, Path, Use, Values, close
from chainrule.auditing.wrong import Wrong
from chainrule.notation import Key

BEFORE = {"z", "a", "sigma_prime", "nabla_a"}  # what is computed before the first error
STEP = Wrong(lambda theta, mu, v, eta, m, nabla: theta + mu * v - (eta / m) * nabla)
PENALISED = Wrong(lambda nabla, m, lmbda, n, theta: nabla + (m * lmbda / n) * theta)
GRADIENTS = {"w": Wrong(eq.weight_gradient.function), "b": Wrong(eq.bias_gradient.function)}
NAMES = {"w": ("BP4", "PGw"), "b": ("BP3", "PGb")}
FLOOR = 1e-6  # a gradient this much smaller than the largest is compared with the largest


Memo = dict[Hashable, Any]  # results that do not depend on what was seen, and what they were computed from


Result = TypeVar("Result")


class Choice(NamedTuple):
    """One case of one slip, and what tells it from others."""

    slip: Slip
    id: tuple[str, int]
    wrong: Case


@dataclass
class Search:
    """Explanations of what was seen of one network."""

    a: Architecture
    observations: tuple[Observation, ...]
    tolerance: float
    memo: Memo = field(default_factory=dict)

    def __post_init__(self) -> None:
        steps = schedule.backprop(self.a, glass=True)
        back = (eq.backpropagated_slope, eq.softmax_error)
        self.before = [s for s in steps if s.writes.symbol in BEFORE and s.equation not in back]
        rest = [s for s in steps if s not in self.before and s.writes.symbol in {"delta", "nabla_a"}]
        self.back = {l: [s for s in rest if s.layer == l] for l in self.a.layers}
        self.updates = self.observations[0].updates
        self.penalised = bool(self.observations[0].values[Key("lmbda", 0)])
        self.floors = [FLOOR * o.size for o in self.observations]
        self.errors, self.gradients = choices(ERROR), choices(GRADIENT)
        several = any(o.m > 1 for o in self.observations)
        self.outer: list[tuple[tuple[Use, ...], Outer]] = self._once(
            ("outer", several), (), lambda: list(self._outer_slips(several=several))
        )
        self.passed: dict[tuple[int, int], bool] = {}
        self.screen = replace(self, observations=self.observations[:1]) if len(self.observations) > 1 else None

    def explanations(self, limit: int) -> list[Path]:
        """All ways to what was seen with exactly so many different slips."""
        found: list[Path] = []
        with np.errstate(all="ignore"):
            for i, (uses, change) in enumerate(self._outers(limit)):
                if found and limit > 1 and uses:
                    break  # of two slips, those that both are within the walk
                if self._passes(i, uses, change, limit):
                    found += self.ways(uses, change, limit)
        return [path for path in found if len(path.ids) == limit]

    def plausible(self, limit: int) -> bool:
        """Whether the first observation can be explained by so many slips."""
        with np.errstate(all="ignore"):
            return any(self._passes(i, uses, change, limit) for i, (uses, change) in enumerate(self._outers(limit)))

    def _passes(self, i: int, uses: tuple[Use, ...], change: Outer, limit: int) -> bool:
        """Whether these slips outside of the walk leave a way for the first observation, which rules most of them out."""
        if self.screen is None:
            return True
        if (limit, i) not in self.passed:
            self.passed[limit, i] = bool(self.screen.ways(uses, change, limit))
        return self.passed[limit, i]

    def ways(self, uses: tuple[Use, ...], change: Outer, limit: int) -> list[Path]:
        """The ways with these slips outside of the walk."""
        values = tuple(o.values for o in self.observations)
        start = self._once(("start", *change.forward.items()), values, lambda: self._start(change))
        return self._walk(replace(start, uses=uses), change, limit) if start else []

    # ------------------------------------------------------------------------------- slips outside of the walk

    def _outers(self, limit: int) -> Iterator[tuple[tuple[Use, ...], Outer]]:
        """None, one, or two of different stages."""
        yield (), Outer()
        yield from self.outer if limit else ()
        for i, (uses, one) in enumerate(self.outer if limit > 1 else ()):
            for others, two in self.outer[i + 1 :]:
                if both := one.with_(two):
                    yield uses + others, both

    def _outer_slips(self, *, several: bool) -> Iterator[tuple[tuple[Use, ...], Outer]]:
        a, hidden = self.a, self.a.layers[:-1]
        for choice in choices(FORWARD).values():
            for layers in dict.fromkeys((l,) for l in a.layers) | dict.fromkeys((tuple(hidden), tuple(a.layers))):
                if layers and all(choice.slip.when(a, l) for l in layers):
                    name = next(n for n in choice.wrong if STAGES[n] == FORWARD)
                    uses = tuple(Use(*choice.id, name, l) for l in layers)
                    yield uses, Outer({(n, l): f for n, f in choice.wrong.items() for l in layers})
        for choice in choices(EXAMPLES).values():
            if choice.slip.when(a, a.L) and (several or not choice.slip.several):
                yield (Use(*choice.id, "EW", a.L),), Outer(examples=choice.wrong["EW"])
        for choice in choices(UPDATE).values() if self.updates else ():
            yield (Use(*choice.id, "GD", a.L),), Outer(step=choice.wrong["GD"])

    def _once(self, what: Hashable, states: tuple[Values, ...], make: Callable[[], Result]) -> Result:
        """The result for these values, computed once for all searches; they are kept, so that their ids stay theirs."""
        key = (what, *map(id, states))
        if key not in self.memo:
            self.memo[key] = (make(), states)
        found: Result = self.memo[key][0]
        return found

    def _start(self, change: Outer) -> Path | None:
        """The forward pass of each observation, with the slips in it."""
        states = []
        for o in self.observations:
            values = dict(o.values)
            try:
                for step in self.before:
                    wrong = change.forward.get((step.equation.name, step.layer))
                    found = wrong(values, step.layer) if wrong else step.equation(*(values[key] for key in step.reads))
                    shape = (self.a.neurons(step.layer), o.m)
                    values[step.writes] = np.broadcast_to(found, shape) if wrong else found
            except MISFITS:
                return None
            states.append(values)
        return Path((), tuple(states))

    def _walk(self, start: Path, change: Outer, limit: int) -> list[Path]:
        paths = [start] if len(start.ids) <= limit else []
        for l in reversed(self.a.layers):
            paths = [further for path in paths for further in self._layer(path, l, change, limit)]
        return paths

    # ------------------------------------------------------------------------------------------------ one layer

    def _layer(self, path: Path, l: int, change: Outer, limit: int) -> Iterator[Path]:
        """The ways through a layer: an error, and both gradients that fit it."""
        for way in self._errors(path, l, change, limit):
            for b in self._gradients(way, Key("b", l), change, limit):
                for w in self._gradients(way, Key("w", l), change, limit):
                    both = way.by((*b, *w), (v | {Key("nabla_w", l): GRADIENTS["w"](v, l)} for v in way.states))
                    if len(both.ids) <= limit:
                        yield both

    def _errors(self, path: Path, l: int, change: Outer, limit: int) -> Iterator[Path]:
        """The error of layer l: as it should be, or by a slip, at all neurons or at those that are seen to be wrong."""
        right = path.by((), self._once(("right", l), path.states, lambda: self._right_error(path, l)))
        weighted = self._weighted(right, l, change)
        yield weighted
        if all(self._fits(weighted, Key(s, l), change) for s in "bw"):
            return
        rows = self._wrong_rows(weighted, l, change) if len(path.ids) < limit else ()
        for choice in self._allowed(self.errors, path, l, limit):
            slipped = self._once((choice.id, l), path.states, partial(self._slipped, path, l, choice))
            if slipped is None:
                continue
            found = path.by((slipped[0]._replace(neurons=rows),), slipped[1])
            yield self._weighted(found, l, change)
            if rows:
                yield self._weighted(found.at_rows(right, rows, Key("delta", l)), l, change)

    def _weighted(self, path: Path, l: int, change: Outer) -> Path:
        """The output error with the examples weighted as the slip does."""
        wrong = change.examples
        if wrong is None or l != self.a.L:
            return path
        make = lambda: tuple(v | {Key("delta", l): wrong(v, l)} for v in path.states)  # noqa: E731  used once, below
        return path.by((), self._once((wrong, l), path.states, make))

    def _allowed(self, listed: Mapping[tuple[str, int], Choice], path: Path, l: int, limit: int) -> list[Choice]:
        """The slips that may be tried: any while there may be more, or else those that are in use."""
        if len(path.ids) >= limit:
            return [listed[id_] for id_ in path.ids if id_ in listed]
        found: list[Choice] = self._once(
            ("allowed", id(listed), l), (), lambda: [c for c in listed.values() if c.slip.when(self.a, l)]
        )
        return found

    def _right_error(self, path: Path, l: int) -> tuple[Values, ...]:
        states = tuple(dict(values) for values in path.states)
        for values in states:
            schedule.run(self.back[l], values)
        return states

    def _slipped(self, path: Path, l: int, choice: Choice) -> tuple[Use, tuple[Values, ...]] | None:
        """The error by a slip; None where it cannot be made here."""
        name, general = ("BP1", eq.output_error) if l == self.a.L else ("BP2", eq.backpropagated_error)
        wrong, slope = choice.wrong.get(name), choice.wrong.get("SP")
        if not (wrong or slope):
            return None
        states: list[Values] = []
        for values in path.states:
            own, shape = dict(values), values[Key("z", l)].shape
            try:
                if slope:
                    own[Key("sigma_prime", l)] = np.broadcast_to(slope(own, l), shape)
                delta = (wrong or Wrong(general.function))(own, l)
            except MISFITS:
                return None
            if np.shape(delta) != shape:
                return None
            states.append(own | {Key("delta", l): delta})
        if slope and not any(v[Key("sigma_prime", l)].any() for v in states):
            return None  # a slope of 0 throughout gives no error at all, whatever its function
        return Use(*choice.id, name if wrong else "SP", l), tuple(states)

    def _wrong_rows(self, path: Path, l: int, change: Outer) -> tuple[int, ...]:
        """The neurons whose gradients are not those that the right error gives; none where all are wrong."""
        wrong = np.zeros(self.a.neurons(l), bool)
        for o, values, floor in zip(self.observations, path.states, self.floors, strict=True):
            for symbol in "bw":
                seen = o.seen.get(Key(symbol, l))
                found = None if seen is None else self._prediction(o, values, Key(symbol, l), change)
                if seen is None or found is None or found.shape != seen.shape:
                    continue
                size = max(float(np.abs(found).max()), floor)
                wrong |= ~(np.abs(found - seen) <= self.tolerance * size).all(axis=1)
        return () if wrong.all() else tuple(int(j) for j in np.flatnonzero(wrong))

    def _gradients(self, path: Path, key: Key, change: Outer, limit: int) -> Iterator[tuple[Use, ...]]:
        """The gradients of a parameter that fit what was seen: the right one alone, or else every slip that does."""
        if self._fits(path, key, change):
            yield ()
            return
        for choice in self._allowed(self.gradients, path, key.layer, limit):
            for i, name in enumerate(NAMES[key.symbol]):
                wrong = choice.wrong.get(name)
                if wrong and self._fits(path, key, change, *((wrong, None) if i == 0 else (None, wrong))):
                    yield (Use(*choice.id, name, key.layer),)

    def _fits(
        self, path: Path, key: Key, change: Outer, gradient: Wrong | None = None, penalty: Wrong | None = None
    ) -> bool:
        for o, values, floor in zip(self.observations, path.states, self.floors, strict=True):
            seen = o.seen.get(key)
            if seen is None:
                continue
            found = self._prediction(o, values, key, change, gradient, penalty)
            if found is None or not close(found, seen, self.tolerance, floor):
                return False
        return True

    def _prediction(
        self, o: Observation, values: Values, key: Key, change: Outer, gradient: Wrong | None = None,
        penalty: Wrong | None = None,
    ) -> np.ndarray | None:  # fmt: skip
        """What would be seen of a parameter's gradient."""
        (symbol, l), nabla = key, Key(f"nabla_{key.symbol}", key.layer)
        try:
            equation = gradient or GRADIENTS[symbol]
            found = self._once((equation, l), (values,), lambda: equation(values, l))
            if not (self.updates or self.penalised):
                return np.asarray(o.scale * found)
            own = {**values, nabla: found}
            if self.penalised and (symbol == "w" or penalty):
                own[nabla] = (penalty or PENALISED)(own, l, symbol)
            if not self.updates:
                return np.asarray(o.scale * own[nabla])
            return np.asarray((own[key] - (change.step or STEP)(own, l, symbol)) / own[Key("eta", 0)])
        except MISFITS:
            return None


@cache
def choices(stage: str) -> Mapping[tuple[str, int], Choice]:
    """Every case of every slip that has an equation of this stage; those of the forward pass are of no other."""
    found = {}
    for slip in table().values():
        for i, case in enumerate(slip.cases):
            stages = {STAGES[name] for name in case}
            if stage in stages and (stage == FORWARD or FORWARD not in stages):
                found[slip.id, i] = Choice(slip, (slip.id, i), case)
    return found
