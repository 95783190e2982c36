"""Probes: examples and parameters to try a candidate on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule import checks
from chainrule.architecture import Architecture
from chainrule.auditing.options import Options
from chainrule.auditing.target import Arrays, Target
from chainrule.engine.memory import functions
from chainrule.notation import Key
from chainrule.schedule import backprop, run

NUDGE = 1e-7  # a slope that changes within it has a kink there: both sides are right
MOST = 12  # of given examples in a mini-batch


@dataclass(frozen=True)
class Probe:
    """One call: examples as columns, and the parameters that they go through."""

    x: np.ndarray
    y: np.ndarray
    parameters: Arrays
    velocity: Arrays = field(default_factory=dict)
    known: dict[str, dict[Key, Any]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def m(self) -> int:
        """How many examples."""
        return int(self.x.shape[1])

    def values(self, a: Architecture, options: Options) -> dict[Key, Any]:
        """What the equations run on; computed once, and not to be changed."""
        if "values" not in self.known:
            numbers = {"m": self.m, "n": options.n or self.m, "eta": options.learning_rate, "lmbda": options.lmbda}
            numbers["mu"] = options.momentum
            velocity = {key: np.zeros_like(value) for key, value in self.parameters.items()} | self.velocity
            self.known["values"] = {
                **functions(a),
                **self.parameters,
                **{Key(f"v_{key.symbol}", key.layer): v for key, v in velocity.items()},
                **{Key(name, 0): value for name, value in numbers.items()},
                Key("a", 1): self.x,
                Key("y", 0): self.y,
            }
        return self.known["values"]

    def right(self, a: Architecture, options: Options) -> dict[Key, Any]:
        """Every quantity as it should be; likewise."""
        if "right" not in self.known:
            self.known["right"] = dict(self.values(a, options))
            with np.errstate(all="ignore"):
                run(backprop(a, glass=True), self.known["right"])
        return self.known["right"]


def probes(target: Target, options: Options, x: Any, y: Any, *, pairs: bool = False) -> list[Probe]:
    """Single examples first, then mini-batches of sizes that no layer has; in ``pairs``, two of each size."""
    rng = np.random.default_rng(options.seed)
    if x is None:
        return list(_drawn(target, rng, pairs=pairs))
    found = list(_given(target, rng, *_columns(target.architecture, x, y)))
    return [twin for probe in found for twin in (probe, replace(probe, known={}))] if pairs else found


def _drawn(target: Target, rng: np.random.Generator, *, pairs: bool) -> Iterator[Probe]:
    one, two = batch_sizes(target.architecture)
    for m in (1, 1, one, one, two, two) if pairs else (1, 1, one, two):
        probe = smooth(target, rng, m)
        yield Probe(probe.x, probe.y, probe.parameters)


def smooth(target: Target, rng: np.random.Generator, m: int) -> Probe:
    """Examples of which none lies at a kink, through a network of which no layer is dead."""
    a = target.architecture
    for _ in range(30):
        probe = Probe(*drawn_inputs(a, rng, m), target.parameters or drawn_parameters(a, rng))
        if not at_kink(a, probe).any() and alive(a, probe):
            break
    return probe


def alive(a: Architecture, probe: Probe) -> bool:
    """Whether errors go through every hidden layer, by way of two neurons where there are two."""
    right = probe.right(a, Options())
    slopes = [right[Key("sigma_prime", l)] for l in a.layers[:-1] if a.sigma(l).elementwise]
    return all((np.abs(s) > 0.02).any(axis=1).sum() >= min(2, len(s)) for s in slopes)


def _given(target: Target, rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> Iterator[Probe]:
    """The examples that are given, without those at a kink: there both slopes are right."""
    parameters = target.parameters or drawn_parameters(target.architecture, rng)
    keep = ~at_kink(target.architecture, Probe(x, y, parameters))
    if keep.any():
        x, y = x[:, keep], y[:, keep]
    for columns in (slice(0, 1), slice(1, 2), slice(0, MOST), slice(1, MOST + 1)):
        if x[:, columns].shape[1] and (columns.stop <= 2 or x.shape[1] > 1):
            yield Probe(x[:, columns], y[:, columns], parameters)


def _columns(a: Architecture, x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """The user's examples, checked as a network checks them."""
    if np.ndim(x) == 1 and np.shape(y) in ((), (a.neurons(a.L),)):
        y = np.reshape(np.asarray(y), (1, -1) if np.ndim(y) else (1,))
    rows = np.asarray(checks.inputs(x, a, one=True))
    wanted, _ = checks.targets(y, len(rows), a)
    return rows.T, wanted.T


def batch_sizes(a: Architecture) -> tuple[int, int]:
    """Two sizes of a mini-batch that cannot be taken for a layer."""
    taken = {n + extra for n in a.sizes for extra in (0, 1)} | {1, 2, a.neurons(a.L)}
    free = (m for m in range(4, max(taken) + 20) if m not in taken)
    return next(free), next(free)


def drawn_parameters(a: Architecture, rng: np.random.Generator) -> Arrays:
    """Parameters of a size at which slopes differ from neuron to neuron."""
    found = {}
    for key, shape in a.shapes():
        spread = 1.3 / math.sqrt(shape[1]) if key.symbol == "w" else 0.5
        found[key] = _short(rng.standard_normal(shape) * spread)
    return found


def _short(values: np.ndarray) -> np.ndarray:
    """The nearest numbers of single precision, so that a program that computes in it is given the same ones."""
    short: np.ndarray = np.array(values, np.float32)
    return np.array(short, np.float64)


def drawn_inputs(a: Architecture, rng: np.random.Generator, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Examples, with targets that the cost is defined for."""
    x, k = _short(rng.standard_normal((a.neurons(1), m))), a.neurons(a.L)
    on, off = a.cost.on_off
    if a.cost.classifies or not a.sigma(a.L).elementwise:
        if k > 1:
            y = np.full((k, m), float(off))
            y[rng.integers(k, size=m), np.arange(m)] = on
        else:
            y = np.where(rng.random((1, m)) < 0.5, float(on), float(off))
        return x, y
    low, high = a.cost.targets
    if math.isinf(low) and math.isinf(high):
        return x, _short(rng.uniform(-0.2, 1.2, (k, m)))
    return x, _short(rng.uniform(max(low, 0.0) + 0.1, min(high, 3.0) - 0.1, (k, m)))


def softened(probe: Probe, rng: np.random.Generator, *, shares: bool) -> Probe:
    """The same examples with targets between those of the classes, where more slips can be told apart."""
    y = probe.y * 0.7 + 0.05 + 0.2 * rng.random(probe.y.shape)
    return replace(probe, y=y / y.sum(axis=0, keepdims=True) if shares else y, known={})


def at_kink(a: Architecture, probe: Probe) -> np.ndarray:
    """Which examples meet a slope that changes at once, shape (m,)."""
    values = probe.right(a, Options())
    with np.errstate(all="ignore"):
        found = np.zeros(probe.m, bool)
        for l in a.layers:
            if a.sigma(l).elementwise:
                z, sigma = values[Key("z", l)], a.sigma(l)
                found |= _jumps(lambda z, s=sigma: s.prime(z, s(z)), z)
        output, y = values[Key("a", a.L)], probe.y
        found |= _jumps(lambda out: a.cost.prime(out, y), output)
        return found


def _jumps(slope: Any, at: np.ndarray) -> np.ndarray:
    left, here, right = (np.asarray(slope(at + by)) for by in (-NUDGE, 0, NUDGE))
    change = np.maximum(np.abs(right - here), np.abs(here - left))
    return np.asarray((change > 1e-3 * np.maximum(1, np.abs(here))).any(axis=0))
