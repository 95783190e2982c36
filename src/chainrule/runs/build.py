"""From a config to data and a network: what is not said gets its default here, once the data is known."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.costs import COSTS
from chainrule.data import Dataset, Splits, load
from chainrule.errors import ConfigError
from chainrule.network import Network
from chainrule.randomness import drawn_seed
from chainrule.runs.config import Config
from chainrule.train.settings import Settings, settings

HELD_OUT = 0.1  # costs about a tenth of a percent of accuracy on MNIST; choices need not be made on the test set
FEWEST = 50  # training examples from which some are held out without being asked for
FALLING = ("adam", "adamw")  # if nothing else is said, their rate falls along a cosine: 0.4 % better on MNIST
APART = ("class_weight", "engine")  # what fit() takes beside its settings


def data_of(config: Config) -> Splits:
    """The data set of a config.

    Raises
    ------
    DataError, ConfigError
    """
    return load(config.source, **{key: value for key, value in config.data.items() if key != "validation"})


def completed(config: Config, splits: Splits) -> Config:
    """The config with every default that depends on the data.

    Raises
    ------
    ConfigError
        A setting is out of its range.
    """
    classes, n = splits.train.classes is not None, len(splits.train)
    network: dict[str, Any] = {"hidden": [128], "activation": "relu", "biases": True, "dtype": "float32"} | dict(
        config.network
    )
    network.setdefault("cost", "log_likelihood" if classes else "quadratic")
    cost = COSTS.get(network["cost"])
    if not classes and cost is not None and cost.default_output == "identity":
        network.setdefault("output", "identity")  # also behind sigmoid neurons, where classes get sigmoid outputs
    usual = {"epochs": usual_epochs(n), "batch_size": min(usual_batch(n), n), "optimizer": "adam"}
    training = usual | dict(config.training)
    if settings_of(training).rule.name in FALLING and "schedule" not in training:
        training = {"schedule": "cosine", "learning_rate": 0.005} | training
    how = settings_of(training).as_dict()
    training = {key: training[key] for key in APART if key in training} | how
    data = dict(config.data)
    if splits.validation is None:
        data.setdefault("validation", HELD_OUT if n >= FEWEST else 0)
    seed = drawn_seed() if config.seed is None else config.seed
    return replace(config, seed=seed, data=data, network=network, training=training)


def usual_epochs(n: int) -> int:
    """Ten, and up to 300 where n examples make short epochs.

    >>> usual_epochs(60_000), usual_epochs(4_000), usual_epochs(400)
    (10, 30, 300)
    """
    return min(max(round(120_000 / n), 10), 300)


def usual_batch(n: int) -> int:
    """Sixty-four, and less where n examples would make few steps."""
    return 64 if n >= 2_000 else 16


def settings_of(training: Any) -> Settings:
    """The settings that a config's section [training] stands for."""
    return settings(**{key: value for key, value in training.items() if key not in APART})


def network_of(config: Config, splits: Splits) -> Network:
    """The untrained network of a completed config.

    Raises
    ------
    ConfigError, ShapeError
    """
    how = dict(config.network)
    hidden = how.pop("hidden")
    train = splits.train
    sizes = [train.n_features, *hidden, max(train.n_outputs, 2 if train.classes else 1)]
    net = Network(sizes, how.pop("activation"), how.pop("cost"), seed=config.seed, **how)
    net.classes = train.classes
    net.classify = train.classes is not None
    return net


def validation_of(config: Config, splits: Splits) -> float | tuple[np.ndarray, np.ndarray] | None:
    """What ``fit`` takes as its validation set: a share to hold out, a set, or none."""
    said = config.data.get("validation")
    if said == 0:
        return None
    if splits.validation is not None and said is None:
        return splits.validation.x, splits.validation.y
    n = len(splits.train)
    share = 0.0 if said is None else said / n if isinstance(said, int) else float(said)
    if not 0 < round(share * n) < n:
        raise ConfigError(
            f"validation = {said}: of {n:,} training examples, hold out 1 to {n - 1:,}, or a share between 0 and 1."
        )
    return share


@dataclass(frozen=True)
class Counts:
    """How many examples a run learns from, is watched on and is judged on."""

    train: int
    validation: int
    test: int


def counts(config: Config, splits: Splits) -> Counts:
    """The sizes of the parts, the held-out one included."""
    given, n = validation_of(config, splits), len(splits.train)
    held = len(given[0]) if isinstance(given, tuple) else round((given or 0) * n)
    left = n if isinstance(given, tuple) else n - held
    return Counts(left, held, 0 if splits.test is None else len(splits.test))


def fingerprint(splits: Splits) -> dict[str, Any]:
    """What tells this data from other data: shapes, types and the sha256 of all numbers."""
    digest = hashlib.sha256()
    for part in (splits.train, splits.validation, splits.test):
        for array in (part.x, part.y) if isinstance(part, Dataset) else ():
            digest.update(f"{array.shape} {array.dtype.str};".encode())
            digest.update(np.ascontiguousarray(array).data)
    return {"examples": len(splits.train), "features": splits.train.n_features, "sha256": digest.hexdigest()}
