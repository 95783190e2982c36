"""What a candidate says of its cost beside its gradients: its own cost, or the slope of it, compared with the tables'."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from chainrule.activations import Activation
from chainrule.auditing.arguments import PATTERNS
from chainrule.auditing.assumed import Choices, Read
from chainrule.auditing.candidates import Candidate, quiet
from chainrule.auditing.conventions import Convention
from chainrule.auditing.probes import Probe
from chainrule.costs import Cost

COST = r"(cost|loss|mse|bce|nll|sse|(binary_|categorical_)?cross_?entropy|error_function|objective)"
VALUE = re.compile(
    rf"^((compute|calculate|calc|get|total|own)_?)?{COST}(_?(function|fn|func|loss|error|cost))?$", re.IGNORECASE
)
SLOPE = re.compile(
    rf"^((d|grad)_?{COST}|{COST}(_?(function|loss|cost))?_?(derivative|deriv|prime|grad|gradient))$", re.IGNORECASE
)
OUTPUT = re.compile(
    r"^(a|a\d|al|o|p|out|outputs?|output_activations?|activations?|y_?hat|y_?p|y_?pred|pred|predictions?|predicted|probs?|actual)$",
    re.IGNORECASE,
)
EXAMPLES, TOLERANCE = 8, 1e-4


@dataclass(frozen=True)
class Witness:
    """What one function gives for examples: of outputs ``a``, or where that is None, of inputs that make the last ``z``."""

    name: str
    own: np.ndarray
    y: Sequence[np.ndarray]
    slope: bool
    a: Sequence[np.ndarray] | None = None
    z: Sequence[np.ndarray] = ()

    def agrees(self, output: Activation, row: Cost) -> bool:
        """Whether it is this cost, but for a factor (and for a value, but for what all examples have in common)."""
        with np.errstate(all="ignore"):
            acts = self.a if self.a is not None else [output(z) for z in self.z]
            pairs = zip(acts, self.y, strict=True)
            right = np.array([np.ravel(row.prime(a, y)) if self.slope else row(a, y).sum() for a, y in pairs])
            own, right = np.ravel(self.own), np.ravel(right)
            if not self.slope:
                own, right = own - own.mean(), right - right.mean()
            factor = float(own @ right) / (float(right @ right) or 1.0)
            fits = np.abs(factor * right - own).max() <= TOLERANCE * np.abs(own).max()
        return bool(fits and (factor > 0 or (self.slope and factor)))


def functions_beside(candidate: Candidate) -> dict[str, Callable[..., Any]]:
    """The candidate's own functions that are called like a cost or its slope."""
    found = dict(candidate.options.beside)
    if candidate.store is not None:
        holder = candidate.store.holder
        names = [name for name in dir(type(holder)) if VALUE.match(name) or SLOPE.match(name)]
        found |= {name: getattr(holder, name) for name in names if callable(getattr(holder, name, None))}
        fn = getattr(getattr(holder, "cost", None), "fn", None)  # the book's second program: a class with its cost in it
        found |= {"cost": fn} if callable(fn) else {}
    return {name: f for name, f in found.items() if VALUE.match(name) or SLOPE.match(name)}


def allowed(
    candidate: Candidate, convention: Convention, probe: Probe, read: Read, may: Choices
) -> list[tuple[Activation, Cost]]:
    """The output functions and costs that one of the candidate's own functions speaks for; none where none speaks."""
    heard = list(_heard(candidate, convention, probe, read))
    if not heard:
        return []
    rows = [
        (out, row) for out, row in product(may.outputs, may.costs)
        if out.range[0] >= row.domain[0] and out.range[1] <= row.domain[1]
    ]  # fmt: skip
    return [pair for pair in rows if any(witness.agrees(*pair) for witness in heard)]


def _heard(candidate: Candidate, convention: Convention, probe: Probe, read: Read) -> Iterator[Witness]:
    for name, f in functions_beside(candidate).items():
        slope = bool(SLOPE.match(name))
        try:
            at = _places(f)
            if at is None:
                continue
            found = _of_outputs(name, f, at, len(probe.y), slope=slope) if at["of"] == "a" else (
                None if slope else _of_inputs(name, f, candidate, convention, probe, read)
            )  # fmt: skip
        except Exception:  # noqa: BLE001, S112  somebody else's function may raise anything: then it says nothing
            continue
        if found is not None and np.isfinite(found.own).all() and np.ptp(found.own) > 0:
            yield found


def _places(f: Callable[..., Any]) -> dict[str, str] | None:
    """Which argument is the output (or the input), and which the target; None for another function."""
    listed = inspect.signature(f).parameters.values()
    names = [p.name for p in listed if p.default is p.empty and p.kind <= p.POSITIONAL_OR_KEYWORD]
    target = next((name for name in names if PATTERNS["y"].match(name)), None)
    others = [name for name in names if name != target]
    if target is None or len(others) != 1:
        return None
    kind = "a" if OUTPUT.match(others[0]) else "x" if PATTERNS["x"].match(others[0]) else ""
    return {"of": kind, "y": target, kind: others[0]} if kind else None


def _of_outputs(name: str, f: Callable[..., Any], at: Mapping[str, str], k: int, *, slope: bool) -> Witness:
    rng = np.random.default_rng(3)
    a = [rng.uniform(0.05, 0.95, (k, 1)) for _ in range(EXAMPLES)]
    on = rng.integers(k, size=EXAMPLES)
    y = [np.eye(k)[:, [i]] if k > 1 else np.array([[float(e % 2)]]) for e, i in enumerate(on)]
    order = [key for key in inspect.signature(f).parameters if key in {at["y"], at["a"]}]
    own = []
    for one, target in zip(a, y, strict=True):
        given = {at["a"]: one.copy(), at["y"]: target.copy()}
        with quiet():
            found = np.asarray(f(*(given[key] for key in order)), np.float64)
        own.append(found.ravel() if slope else found.sum())
    return Witness(name, np.array(own), y, slope, a)


def _of_inputs(
    name: str, f: Callable[..., Any], candidate: Candidate, convention: Convention, probe: Probe, read: Read
) -> Witness | None:
    """A cost of examples, through the network with the parameters of a probe."""
    if read.hidden is None or not (candidate.store and candidate.free):
        return None
    rng = np.random.default_rng(3)
    xs = [rng.standard_normal((len(probe.x), 1)) for _ in range(EXAMPLES)]
    ys = [np.roll(probe.y, e, axis=0) if len(probe.y) > 1 else np.array([[float(e % 2)]]) for e in range(EXAMPLES)]
    asked = Candidate(candidate.what, f, candidate.options, store=candidate.store, free=True, own_cost=f)
    pairs = zip(xs, ys, strict=True)
    own = [asked.cost(Probe(x, y, probe.parameters), convention) for x, y in pairs]
    return Witness(name, np.array(own), ys, slope=False, z=[_last(x, probe, read) for x in xs])


def _last(x: np.ndarray, probe: Probe, read: Read) -> np.ndarray:
    """The weighted input of the output layer."""
    weights = [w for key, w in probe.parameters.items() if key.symbol == "w"]
    biases = [b for key, b in probe.parameters.items() if key.symbol == "b"] or [np.zeros(1)] * len(weights)
    a = x
    for w, b, sigma in zip(weights, biases, read.hidden or (), strict=False):
        a = sigma(w @ a + b)
    return np.asarray(weights[-1] @ a + biases[-1])
