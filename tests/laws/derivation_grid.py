"""Random networks with random conventions, for the laws of derivations."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule import ACTIVATIONS, COSTS, OPTIMIZERS, PENALTIES, ConfigError, Network

ELEMENTWISE = [name for name, row in ACTIVATIONS.items() if row.elementwise]


def bent(z: Any) -> Any:
    """An activation of a user's own, whose slope dual numbers find."""
    return z / np.sqrt(1 + z * z)


def quartic(a: Any, y: Any) -> Any:
    """A cost of a user's own."""
    return (a - y) ** 4


def networks(n: int, seed: int) -> Iterator[tuple[Network, dict[str, Any]]]:
    """Networks of mixed functions, half of them with a matching cost, each with arguments of explain."""
    rng = np.random.default_rng(seed)
    found = 0
    while found < n:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                network = _network(rng)
        except ConfigError:  # outputs that the cost is not defined for
            continue
        found += 1
        yield network, _arguments(rng) | (_training(rng, network) if rng.random() < 0.5 else {})


def _pick(rng: np.random.Generator, among: Any) -> Any:
    return list(among)[rng.integers(len(among))]


def _network(rng: np.random.Generator) -> Network:
    sizes = [int(n) for n in rng.integers(1, 6, rng.integers(2, 6))]
    layers = [_pick(rng, [*ACTIVATIONS, bent]) for _ in sizes[1:]]
    cost = _pick(rng, [*COSTS, quartic])
    if rng.random() < 0.5 and cost != quartic and COSTS[cost].partner:
        layers[-1] = COSTS[cost].partner
    l = int(rng.integers(2, len(sizes) + 1))
    single = rng.random() < 0.4 and layers[l - 2] != "softmax"
    neurons = {(l, int(rng.integers(sizes[l - 1]))): _pick(rng, ELEMENTWISE)} if single else None
    return Network(sizes, layers, cost, neurons=neurons, biases=bool(rng.random() < 0.85), seed=0)


def _training(rng: np.random.Generator, network: Network) -> dict[str, Any]:
    """Some further settings of a training; some layers may be frozen, some weights held."""
    a = network.architecture
    places = [1, *(l for l in a.layers[:-1] if a.sigma(l).elementwise)]
    choices: dict[str, Any] = {
        "dropout": dict.fromkeys(places, 0.25), "noise": 0.1, "max_norm": 2.0, "clip_norm": 0.5, "clip_value": 0.5,
        "layer_rates": {a.L: 0.3}, "class_weight": "balanced",
    }  # fmt: skip
    how = {name: value for name, value in choices.items() if rng.random() < 0.5}
    if "clip_norm" in how:
        how.pop("clip_value", None)
    if rng.random() < 0.3:
        network.freeze(int(rng.integers(2, a.L + 1)))
    if rng.random() < 0.3:
        w = network.weights[-1]
        network.hold(a.L, rng.random(w.shape) < 0.5)
    return how


def _arguments(rng: np.random.Generator) -> dict[str, Any]:
    choices = {
        "optimizer": OPTIMIZERS, "penalty": [None, *PENALTIES], "language": ["en", "zh-Hant"], "sign": ["subtract", "add"],
        "numbering": ["book", "zero"], "examples": ["columns", "rows"],
    }  # fmt: skip
    return {name: _pick(rng, among) for name, among in choices.items()}
