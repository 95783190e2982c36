"""What a command that looks into a network is about: a run's folder, a model file, or sizes such as 784,30,10."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chainrule.errors import ConfigError
from chainrule.network import Network

SIZES = re.compile(r"\[?\s*\d+\s*(?:,\s*\d+\s*)+\]?")


class Target(NamedTuple):
    """A network, examples for it, where these come from, and how it was trained (a run's settings, or nothing)."""

    network: Network
    x: np.ndarray
    y: np.ndarray
    data: str
    training: Mapping[str, Any]


def target(given: str, source: str | None, examples: int, seed: int, **how: Any) -> Target:
    """What the words on the command line stand for; ``how`` are the settings of a network that is only sizes.

    Raises
    ------
    ConfigError
        It is neither, or a setting is for sizes alone.
    """
    chosen = {key: value for key, value in how.items() if value is not None}
    if SIZES.fullmatch(given):
        network = Network([int(n) for n in re.findall(r"\d+", given)], seed=seed, dtype="float64", **chosen)
        if source is not None:
            raise ConfigError(
                f"{given} has no data of its own kind: {source} would not say what its inputs are. Leave it out."
            )
        return Target(network, *drawn(network, examples, seed), _random(examples, seed), {})
    if chosen:
        raise ConfigError(f"--{next(iter(chosen))} is for sizes, such as 784,30,10; {given} has a network of its own.")
    if not Path(given).exists():
        raise ConfigError(f"there is no {given}. Give the folder of a run, a model file, or sizes such as 784,30,10.")
    return _of_file(given, source, examples, seed)


def _of_file(given: str, source: str | None, examples: int, seed: int) -> Target:
    from chainrule.cli.evaluate import measured_on
    from chainrule.runs.folder import Run
    from chainrule.runs.model import load_model

    model = load_model(given)
    run = Run(Path(given) if Path(given).is_dir() else Path(given).parent)
    training = run.config().training if run.config_file.is_file() else {}
    if source is None and not run.config_file.is_file():
        network = model.network
        return Target(network, *drawn(network, examples, seed), _random(examples, seed), training)
    name, part, data = measured_on(model, given, source, None, None)
    rows = np.sort(np.random.default_rng(seed).choice(len(data), min(examples, len(data)), replace=False))
    where = {"test": "the test part of ", "all": ""}[part]
    return Target(model.network, data.x[rows], data.y[rows], f"{len(rows)} examples of {where}{name}", training)


def _random(examples: int, seed: int) -> str:
    return f"{examples:,} random example{'s' * (examples != 1)} (seed {seed})"


def drawn(network: Network, m: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random examples: inputs from N(0, 1), and targets that the cost is defined for."""
    rng, c, outputs = np.random.default_rng(seed), network.architecture.cost, network.sizes[-1]
    x = rng.standard_normal((m, network.sizes[0]))
    if c.classifies:
        return x, rng.integers(0, max(2, outputs), m)
    low, high = (max(-1.0, c.targets[0]), min(1.0, c.targets[1]))
    sigma = network.architecture.sigma(network.architecture.L)
    return x, rng.uniform(max(low, sigma.range[0]), min(high, sigma.range[1]), (m, outputs))
