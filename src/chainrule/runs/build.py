"""From a config to data and a network: what is not said gets its default here, once the data is known.

A run's file has every default, so that a later version with other defaults goes on with the run as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.activations import activation
from chainrule.architecture import architecture
from chainrule.data import Dataset, Splits, load
from chainrule.data.load import options
from chainrule.errors import ConfigError
from chainrule.network import Network
from chainrule.randomness import drawn_seed
from chainrule.runs.config import KNOWN, Config, Table
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
    """The config with every default, those that depend on the data included: what a run was made with.

    Raises
    ------
    ConfigError
        A setting is out of its range.
    """
    seed = drawn_seed() if config.seed is None else config.seed
    data, network, training = (section(config, splits) for section in (_data, _network, _training))
    return replace(config, seed=seed, data=data, network=network, training=training)


def _data(config: Config, splits: Splits) -> dict[str, Any]:
    """How the data is read and parted."""
    n, usual = len(splits.train), {key: v for key, v in options(config.source).items() if key in KNOWN["data"]}
    if "task" in usual:
        usual["task"] = splits.train.task
    usual["validation"] = None if splits.validation is not None else HELD_OUT if n >= FEWEST else 0
    found = usual | dict(config.data)
    return {key: list(v) if isinstance(v, tuple) else v for key, v in found.items() if v is not None}


def _network(config: Config, splits: Splits) -> dict[str, Any]:
    """What the network is, and how its first weights are drawn."""
    classes = splits.train.classes is not None
    network: dict[str, Any] = {
        "hidden": [128], "activation": "relu", "biases": True, "dtype": "float32",
        "cost": "log_likelihood" if classes else "quadratic",
    } | dict(config.network)  # fmt: skip
    names = hidden_activations(network)
    if "output" not in network:  # numbers get no sigmoid output behind sigmoid neurons, as classes do
        last = (names[-1] if names else network["activation"]) if classes else "identity"
        network["output"] = architecture([1, 1, 2], last, network["cost"]).sigma(3).name
    drawn = {activation(name).initial for name in names or [network["output"]]}
    if len(drawn) == 1:  # layers of several kinds have each its own, which no single name says
        network.setdefault("initial", drawn.pop())
    return network


def _training(config: Config, splits: Splits) -> dict[str, Any]:
    """How the network is trained."""
    n = len(splits.train)
    training = {"epochs": usual_epochs(n), "optimizer": "adam", "engine": "auto"} | dict(config.training)
    s = settings_of(training)
    full, classes = s.optimizer == "lbfgs", splits.train.classes is not None
    if not full:
        training = {"batch_size": min(usual_batch(n), n)} | training
    if s.rule.name in FALLING and "schedule" not in training:
        training = {"schedule": "cosine", "learning_rate": 0.005} | training
    s = settings_of(training)
    found = {key: training[key] for key in APART if key in training} | s.as_dict()
    found["monitor"] = s.monitor or ("accuracy" if classes else "cost")
    return found if full else found | {"learning_rate": s.eta}


def hidden_activations(network: Mapping[str, Any]) -> list[str]:
    """The activation of each hidden layer.

    Raises
    ------
    ConfigError
        There are more or fewer of them than layers.
    """
    said, n = network["activation"], len(network["hidden"])
    if isinstance(said, str):
        return [said] * n
    if len(said) != n:
        raise ConfigError(
            f"activation = {','.join(said)[:80]}: {len(said)} names, but hidden = {network['hidden']}. "
            "Give one name for all hidden layers, or one for each."
        )
    return list(said)


def for_source(table: Table, source: str | None) -> Table:
    """A run's settings for other data than its own: what the new data has no option for is left out."""
    data = table.get("data", {})
    if source is None or "source" not in data:
        return table
    has = {"validation", *options(source)}
    return {**table, "data": {key: value for key, value in data.items() if key in has}}


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
    how, train = dict(config.network), splits.train
    sizes = [train.n_features, *how["hidden"], max(train.n_outputs, 2 if train.classes else 1)]
    names = [*hidden_activations(how), how["output"]]
    rest = {key: how[key] for key in ("initial", "biases", "dtype") if key in how}
    net = Network(sizes, names, how["cost"], seed=config.seed, **rest)
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
