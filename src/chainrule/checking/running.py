"""The check itself: every quantity of a pass against every witness that can see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np

from chainrule.activations import ACTIVATIONS, Activation
from chainrule.checking.components import by_components, rounding
from chainrule.checking.kinks import bends
from chainrule.checking.problem import Problem
from chainrule.checking.quantities import Quantity, quantities
from chainrule.checking.result import Account, Row
from chainrule.checking.reverse_mode import adjoints, opened
from chainrule.checking.witnesses import (
    CENTRAL,
    EPS,
    EQUATION,
    FAILURES,
    REVERSE,
    WITNESSES,
    Function,
    Witness,
    obstacle,
)
from chainrule.costs import COSTS
from chainrule.errors import GraphError

EXACT = 1e-12


@dataclass
class Worst:
    """The largest error so far, and where it is."""

    error: float = 0.0
    at: tuple[int, ...] = ()
    found: float = 0.0
    wanted: float = 0.0
    largest: float = 0.0
    seen: int = 0
    unseen: int = 0

    def look(self, found: np.ndarray, wanted: Any, place: Any, among: tuple[int, ...]) -> None:
        """Compare; ``place`` is where these numbers lie in the array of this shape."""
        wanted = np.broadcast_to(wanted, found.shape)
        finite = np.isfinite(wanted)
        self.seen, self.unseen = self.seen + int(finite.sum()), self.unseen + int((~finite).sum())
        self.largest = max(self.largest, float(np.abs(wanted[finite]).max(initial=0.0)))
        error = np.where(finite, np.abs(found - np.where(finite, wanted, 0)), 0.0)
        error = np.where(np.isnan(error), np.inf, error)
        k = np.unravel_index(int(error.argmax()), error.shape)
        if error[k] > self.error or not self.at:
            self.error, self.found, self.wanted = float(error[k]), float(found[k]), float(wanted[k])
            self.at = _index(k, place, found.shape, among)

    def row(self, q: Quantity, witness: str, tolerance: float, floor: float, **more: Any) -> Row:
        """The row of the table."""
        largest = max(self.largest, float(np.abs(q.found).max(initial=0.0)))
        scale = largest or 1.0
        return Row(
            q.key.layer, q.equation, q.name, q.key.symbol, witness, self.error / scale, tolerance + floor / scale, largest,
            self.at, self.found, self.wanted, self.seen, self.unseen, **more,
        )  # fmt: skip


def _index(k: tuple[Any, ...], place: Any, shape: tuple[int, ...], among: tuple[int, ...]) -> tuple[int, ...]:
    """Where the k-th number of a result lies in the whole array; nothing if it is of a random direction."""
    if place is None:
        return ()
    if isinstance(place, tuple):
        return tuple(int(i) for i in place)
    return (int(place), int(k[1])) if isinstance(place, int) and shape != among else tuple(int(i) for i in k)


def run_check(p: Problem, sample: int | None, seed: int) -> tuple[list[Row], list[Account]]:
    """All rows, and what each witness cost."""
    asked, floors = [*quantities(p)], rounding(p)
    reasons = {w.name: _obstacle(p, w) for w in WITNESSES if w is not CENTRAL}
    rows = [row for q in asked for row in _by_equation(p, q, floors[q.key])]
    accounts = []
    for w in WITNESSES:
        reason = reasons.get(w.name, "")
        mine = [] if reason else [_by_witness(p, q, w, floors[q.key], sample, seed) for q in asked]
        rows += mine
        accounts.append(Account(w.name, reason, sum(r.passes for r in mine), 0, sum(r.seconds for r in mine), w.exact))
    mine, account = _by_reverse_mode(p, asked, floors)
    return [_placed(p, row) for row in (*rows, *mine)], [*accounts, account]


def _placed(p: Problem, row: Row) -> Row:
    """The row with its example counted as the user's examples are, before any were left out."""
    of_examples = row.symbol in {"sigma_prime", "nabla_a", "delta"} and len(row.at) == 2
    return replace(row, at=(row.at[0], p.rows[row.at[1]])) if of_examples else row


def _by_equation(p: Problem, q: Quantity, floor: float) -> Iterator[Row]:
    wanted = by_components(p, q.key)
    if wanted is not None:
        worst = Worst()
        worst.look(q.found, wanted, slice(None), q.found.shape)
        yield worst.row(q, EQUATION, EXACT, floor)


def _by_witness(p: Problem, q: Quantity, w: Witness, floor: float, sample: int | None, seed: int) -> Row:
    """One quantity by one witness: each of its directions, or some and one random direction through all."""
    start, worst, directions = perf_counter(), Worst(), 0
    for v, place in _directions(q, sample, seed):
        with np.errstate(all="ignore"):
            derivative = np.asarray(w.along(q.f, q.point, v, q.step), dtype=float)
        found = q.seen(v)
        if q.counts is not None:
            found, derivative = np.where(q.counts, found, 0.0), np.where(q.counts, derivative, 0.0)
        worst.look(found, derivative, place, q.found.shape)
        directions += 1
    if not w.exact:
        floor += _rounding_of_differences(p, q)
    passes = w.passes * directions * bool(q.axes or q.key.symbol == "delta")
    row = worst.row(q, w.name, w.tolerance, floor)
    return replace(row, passes=passes, seconds=perf_counter() - start, directions=directions, of=q.units)


def _directions(q: Quantity, sample: int | None, seed: int) -> Iterator[tuple[np.ndarray, Any]]:
    if not q.axes:
        yield np.ones_like(q.point), slice(None)
        return
    if sample is None or q.units <= sample:
        yield from map(q.direction, range(q.units))
        return
    rng = np.random.default_rng([seed, q.key.layer, len(q.key.symbol)])
    yield from map(q.direction, np.sort(rng.choice(q.units, sample, replace=False)).tolist())
    v = rng.standard_normal(q.point.shape)
    yield v / np.sqrt((v * v).sum(axis=q.axes, keepdims=True)), None


def _rounding_of_differences(p: Problem, q: Quantity) -> float:
    """What the rounding of two values makes of their difference over a small step."""
    step = float(np.min(q.step))
    size = float(np.abs(q.f(q.point)).max(initial=0.0))
    if q.axes:
        size += float(np.abs(p.pass_.z[p.network.architecture.L]).max(initial=0.0)) * (len(p.x) if len(q.axes) == 2 else 1)
    largest = float(np.abs(q.found).max(initial=0.0)) * float(np.abs(q.point).max(initial=0.0))
    return 16 * EPS * (size + largest) / step


def _by_reverse_mode(p: Problem, asked: list[Quantity], floors: Any) -> tuple[list[Row], Account]:
    start = perf_counter()
    try:
        found = adjoints(p)
        pairs = [(q, np.asarray(found(q.key), dtype=float)) for q in asked]
    except (GraphError, *FAILURES) as error:
        return [], Account(REVERSE, str(error).splitlines()[0].rstrip("."), 0, 0, 0.0, exact=True)
    rows = []
    for q, wanted in pairs:
        worst, counts = Worst(), True if q.counts is None else q.counts
        worst.look(np.where(counts, q.found, 0.0), np.where(counts, wanted, 0.0), slice(None), q.found.shape)
        rows.append(worst.row(q, REVERSE, EXACT, floors[q.key]))
    return rows, Account(REVERSE, "", 1, 1, perf_counter() - start, exact=True)


# ------------------------------------------------------------------------------------------------ users' own functions


def _obstacle(p: Problem, w: Witness) -> str:
    """Why a witness cannot follow a function of this network: each that is not of the tables is tried first."""
    for name, f, z in _own_functions(p):
        reason = obstacle(w, f, z, ~bends(f, z))
        if reason:
            return f"it cannot follow {name}: {reason}"
    return ""


def _own_functions(p: Problem) -> Iterator[tuple[str, Function, np.ndarray]]:
    a = p.network.architecture
    for l in a.layers:
        sigma = a.sigma(l)
        if sigma.elementwise and not _of_table(sigma):
            yield sigma.name, opened(sigma), p.pass_.z[l]
    if a.cost not in COSTS.values():
        yield f"the cost {a.cost.name}", lambda x: a.cost(x, p.y.T), p.pass_.a[a.L]


def _of_table(sigma: Activation) -> bool:
    return all(map(_of_table, sigma.neurons)) if sigma.neurons else sigma in ACTIVATIONS.values()
