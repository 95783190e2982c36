"""The settings of a training: plain data with defaults, checked once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from chainrule.architecture import Architecture
from chainrule.choices import nearest
from chainrule.costs import PENALTIES
from chainrule.distortion import Distortion, distortion
from chainrule.errors import ConfigError
from chainrule.notation import Key
from chainrule.optimizers import OPTIMIZERS, Optimizer, optimizer
from chainrule.schedule import Recipe
from chainrule.train.metrics import CLASSIFICATION, REGRESSION
from chainrule.train.rates import RateSchedule, rate_schedule

USUAL_BATCH = 32


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to train.

    Parameters
    ----------
    epochs : int
        Passes over the training set.
    batch_size : int, optional
        Examples in a mini-batch, 32 when it is not given; the last one of an epoch may be shorter and is divided by its
        own size.
    learning_rate : float, optional
        eta; the optimizer's usual one when it is not given.
    optimizer : str or Optimizer
        ``"sgd"``, ``"momentum"``, ``"nesterov"``, ``"adagrad"``, ``"rmsprop"``, ``"adam"``, ``"adamw"``, ``"lion"``, or
        ``"lbfgs"`` (full batch, needs SciPy). :func:`chainrule.optimizer` changes its rates.
    schedule : str or RateSchedule
        ``"constant"``, ``"step"``, ``"exponential"``, ``"cosine"``, ``"one_cycle"`` or ``"halve"``.
        :func:`chainrule.rate_schedule` changes its settings.
    schedule_epochs : int, optional
        The length that the schedule is laid out for: this call's end when it is not given.
    penalty : str
        ``"l2"``, ``"l1"`` or ``"elastic"``, on the weights, not the biases.
    lmbda : float
        Its strength: C = C_0 + (lmbda/n) R(w), with n the size of the training set.
    dropout : float or mapping
        Probability that a hidden neuron is dropped; or one for each layer, ``{1: 0.2, 2: 0.5}``.
    noise : float
        Standard deviation of the noise added to the input, new in each step.
    clip_norm, clip_value : float, optional
        Bound of the mean gradient's length, of each of its components.
    max_norm : float, optional
        Bound of the length of a neuron's incoming weights.
    layer_rates : mapping
        Layer to a factor on the learning rate.
    distort : mapping, optional
        Elastic and affine distortions of the training pictures, new in each step: any of ``alpha``, ``sigma``,
        ``rotate``, ``scale``, ``shear``, ``shift`` of :class:`~chainrule.distortion.Distortion`; with ``shape`` for
        pictures that are not square.
    smoothing : float
        Label smoothing: a target y becomes (1 - smoothing) y + smoothing / n^L.
    early_stopping : int, optional
        Stop after so many epochs without a better validation result, and give the best weights back.
    monitor : str, optional
        What "better" means: ``"cost"`` or a metric; accuracy for classes and cost for values when it is not given.
    training_metrics : bool
        Also measure on the training set after each epoch.
    """

    epochs: int = 10
    batch_size: int | None = None
    learning_rate: float | None = None
    optimizer: str | Optimizer = "sgd"
    schedule: str | RateSchedule = "constant"
    schedule_epochs: int | None = None
    penalty: str = "l2"
    lmbda: float = 0.0
    dropout: float | Mapping[int, float] = 0.0
    noise: float = 0.0
    clip_norm: float | None = None
    clip_value: float | None = None
    max_norm: float | None = None
    layer_rates: Mapping[int, float] = field(default_factory=dict)
    distort: Mapping[str, Any] | None = None
    smoothing: float = 0.0
    early_stopping: int | None = None
    monitor: str | None = None
    training_metrics: bool = False

    @property
    def rule(self) -> Optimizer:
        """The optimizer's row."""
        return OPTIMIZERS["sgd"] if self.optimizer == "lbfgs" else optimizer(self.optimizer)

    @property
    def optimizer_name(self) -> str:
        """The optimizer's name."""
        return "lbfgs" if self.optimizer == "lbfgs" else self.rule.name

    @property
    def eta(self) -> float:
        """The learning rate."""
        return self.rule.eta if self.learning_rate is None else float(self.learning_rate)

    @property
    def rates(self) -> RateSchedule:
        """The learning-rate schedule's row."""
        return rate_schedule(self.schedule)

    def as_dict(self) -> dict[str, Any]:
        """The settings as data for a file."""
        data = {k: v for k, v in asdict(self).items() if k not in {"optimizer", "schedule"}}
        data["optimizer"] = "lbfgs" if self.optimizer == "lbfgs" else {"name": self.rule.name, **self.rule.rates}
        data["schedule"] = {"name": self.rates.name, **self.rates.settings}
        if self.distort is not None:
            data["distort"] = {k: list(v) if k == "shape" else v for k, v in self.distort.items()}
        for name in ("dropout", "layer_rates"):
            if isinstance(data[name], Mapping):
                data[name] = {str(l): v for l, v in data[name].items()}
        return data


def settings(**given: Any) -> Settings:
    """The settings, checked as far as they can be without a network.

    Raises
    ------
    ConfigError
        A name is unknown (the nearest is suggested) or a value is out of its range.

    Examples
    --------
    >>> settings(epochs=3, optimizer="adam").eta
    0.001
    """
    names = {f.name: f for f in fields(Settings)}
    for name in given:
        nearest(names, name, "training setting")
    for name in ("optimizer", "schedule"):
        if isinstance(given.get(name), dict):
            row = dict(given[name])
            given[name] = (optimizer if name == "optimizer" else rate_schedule)(row.pop("name", None), **row)
    for name in ("dropout", "layer_rates"):
        if isinstance(given.get(name), Mapping):
            given[name] = {_layer(l): v for l, v in given[name].items()}
    found = Settings(**given)
    _check_numbers(found)
    _check_distortion(found.distort)
    _ = found.rule, found.rates, nearest(PENALTIES, found.penalty, "penalty")
    if found.monitor is not None:
        nearest(dict.fromkeys(("cost", *CLASSIFICATION, *REGRESSION)), found.monitor, "metric to monitor")
    return found


def _check_distortion(said: Any) -> None:
    """Refuse strengths that are unknown or out of their range."""
    if said is not None and not isinstance(said, Mapping):
        raise ConfigError(f"distort = {str(said)[:40]!r}: give strengths, such as {{'alpha': 30, 'sigma': 5}}.")
    if said is not None:
        distortion(**{"shape": (28, 28), **said})


def _distortion(said: Mapping[str, Any] | None, a: Architecture) -> Distortion | None:
    """The distortion of pictures of the input's size."""
    if said is None:
        return None
    side = math.isqrt(a.neurons(1))
    shape = tuple(said.get("shape", (side, side)))
    if math.prod(shape) != a.neurons(1):
        raise ConfigError(
            f"distort: the input has {a.neurons(1)} neurons, which are no picture of {' x '.join(map(str, shape))} pixels. "
            "Give the pictures' rows and columns: distort={'shape': (rows, columns), ...}."
        )
    return distortion(**{**said, "shape": shape})


def _layer(l: Any) -> int:
    try:
        return int(l)
    except (TypeError, ValueError):
        raise ConfigError(f"{l!r} is not a layer: layers are numbered 1 to L, the input is layer 1.") from None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


# whole numbers only, the least, whether the least itself is allowed
_RANGES: dict[str, tuple[bool, float, bool]] = {
    "epochs": (True, 0, True),
    "batch_size": (True, 1, True),
    "learning_rate": (False, 0, False),
    "schedule_epochs": (True, 1, True),
    "lmbda": (False, 0, True),
    "noise": (False, 0, True),
    "clip_norm": (False, 0, False),
    "clip_value": (False, 0, False),
    "max_norm": (False, 0, False),
    "early_stopping": (True, 1, True),
}


def _check_numbers(s: Settings) -> None:
    for name, (whole, least, allowed) in _RANGES.items():
        value: Any = getattr(s, name)
        if value is None and name not in {"epochs", "lmbda", "noise"}:
            continue
        good = _is_number(value) and (value >= least if allowed else value > least)
        if not good or (whole and not isinstance(value, int)):
            kind = "a whole number" if whole else "a finite number"
            raise ConfigError(f"{name} = {value!r}: it must be {kind}, {'at least' if allowed else 'above'} {least:g}.")
    if not _is_number(s.smoothing) or not 0 <= s.smoothing < 1:
        raise ConfigError(f"smoothing = {s.smoothing!r}: it is a share of the target, from 0 to below 1.")
    if s.clip_norm and s.clip_value:
        raise ConfigError("clip_norm and clip_value are both given: bound the gradient one way.")
    for l, p in (s.dropout if isinstance(s.dropout, Mapping) else {0: s.dropout}).items():
        if not _is_number(p) or not 0 <= p < 1:
            where = f" of layer {l}" if l else ""
            raise ConfigError(f"dropout{where} = {p!r}: it is a probability, from 0 to below 1.")
    if not isinstance(s.layer_rates, Mapping):
        raise ConfigError(f"layer_rates = {s.layer_rates!r}: give a factor for some layers, such as {{2: 0.5}}.")
    if not isinstance(s.training_metrics, bool):
        raise ConfigError(f"training_metrics = {s.training_metrics!r}: it is True or False.")
    for l, rate in s.layer_rates.items():
        if not _is_number(rate) or rate < 0:
            raise ConfigError(f"layer_rates of layer {l} = {rate!r}: a factor is a finite number, at least 0.")


def recipe(s: Settings, a: Architecture, *, frozen: frozenset[int], pinned: frozenset[Key], weighted: bool) -> Recipe:
    """What training does in a step, for this network.

    Raises
    ------
    ConfigError
        A layer is named that the network does not have, or dropout is put where it cannot be.
    """
    drop = s.dropout if isinstance(s.dropout, Mapping) else dict.fromkeys(range(2, a.L), s.dropout)
    drop = {l: float(p) for l, p in drop.items() if p}
    for name, layers, first, last in (("dropout", drop, 1, a.L - 1), ("layer_rates", s.layer_rates, 2, a.L)):
        for l in layers:
            if not first <= l <= last:
                raise ConfigError(f"{name} names layer {l}; of a network with {a.L} layers it takes {first} to {last}.")
    for l in drop:
        if l > 1 and not a.sigma(l).elementwise:
            raise ConfigError(f"dropout on layer {l}: its {a.sigma(l).name} outputs sum to 1, which dropping would break.")
    return Recipe(
        optimizer=s.rule, penalty=PENALTIES[s.penalty] if s.lmbda else None, lmbda=float(s.lmbda), dropout=drop,
        noise=float(s.noise), clip_norm=s.clip_norm, clip_value=s.clip_value, max_norm=s.max_norm, weighted=weighted,
        frozen=frozen, pinned=pinned, layer_rates={l: float(f) for l, f in s.layer_rates.items()},
        distort=_distortion(s.distort, a),
    )  # fmt: skip
