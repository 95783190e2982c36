"""From a user's arrays and settings to a loop under way."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from chainrule import checks
from chainrule.architecture import Architecture
from chainrule.engine.choice import choose, step_engine
from chainrule.engine.memory import Fixed, Parameters
from chainrule.engine.rows import Rows
from chainrule.engine.stepper import Source, Stepper
from chainrule.errors import ChainruleWarning, ConfigError, DataError
from chainrule.randomness import permutation
from chainrule.schedule import Recipe
from chainrule.train.attending import Attending
from chainrule.train.doubts import warn_of, warn_of_depth
from chainrule.train.history import History
from chainrule.train.loop import Callback, Loop, Progress, Recorder
from chainrule.train.metrics import CLASSIFICATION, REGRESSION, TOP
from chainrule.train.settings import USUAL_BATCH, Settings, recipe
from chainrule.train.state import State


class Trainable(Protocol):
    """What training needs of a network, and changes in it."""

    architecture: Architecture
    parameters: Parameters
    state: State
    history: History
    classify: bool
    seed: int
    fixed: Fixed
    watcher: Recorder | None


def train(
    net: Trainable, x: Any, y: Any, s: Settings, *, validation: Any, sample_weight: Any, class_weight: Any,
    engine: str, threads: int | None, callbacks: Sequence[Callback] = (), progress: Progress | None = None,
    recorder: Recorder | None = None,
) -> History:  # fmt: skip
    """Check everything, then train; nothing of the network changes before the checks are done."""
    if recorder is not None and net.watcher is not None:
        raise ConfigError("this network is watched, which records its training: leave recorder out, or detach the watch.")
    loop = prepared(
        net, x, y, s, validation=validation, sample_weight=sample_weight, class_weight=class_weight, engine=engine,
        threads=threads,
    )  # fmt: skip
    loop.callbacks, loop.progress, loop.recorder = callbacks, progress, recorder or Attending(net)
    if s.optimizer == "lbfgs":
        loop.minimise(s.epochs)
    else:
        loop.run(s.epochs)
    return net.history


def prepared(
    net: Trainable, x: Any, y: Any, s: Settings, *, validation: Any, sample_weight: Any, class_weight: Any,
    engine: str, threads: int | None,
) -> Loop:  # fmt: skip
    """The loop of a training that is about to begin, or to go on, with everything checked."""
    a, single = net.architecture, step_engine(engine)
    _check_threads(threads)
    rows = checks.inputs(x, a)
    wanted, indices = checks.targets(y, len(rows), a)
    classify = net.classify or indices
    weight = _weights(sample_weight, class_weight, wanted, a, classify=classify)
    check_smoothing(s, a)
    source, held_out = _split(rows, wanted, weight, validation, net, by_class=classify)
    r = recipe(s, a, frozen=net.fixed.layers, pinned=frozenset(net.fixed.elements), weighted=weight is not None)
    _check_some_weight(source)
    size = _batch_size(s, len(source))
    _check_monitoring(s, a, held_out is not None, classify=classify)
    if s.optimizer == "lbfgs":
        _check_full_batch(s, r)
    _check_parameters(net)
    warn_of(rows, wanted, classify=classify)
    if not net.state.epoch:
        warn_of_depth(a, dict(net.parameters.views), rows, wanted)
    net.classify = classify
    _prepare(net, s)
    if s.smoothing:
        source = replace(source, y=((1 - s.smoothing) * source.y + s.smoothing / a.neurons(a.L)).astype(a.dtype))
    stepper = Stepper(a, r, net.parameters, source, size, net.seed, single, net.fixed)
    if s.optimizer != "lbfgs":
        choice = choose(engine, stepper, net.state.engine if net.state.updates else "", threads)
        net.state.engine, net.history.engine = choice.name, f"{choice.name}: {choice.why}"
    return Loop(stepper, s, net.state, net.history, held_out, classify)


def _weights(
    sample_weight: Any, class_weight: Any, wanted: np.ndarray, a: Architecture, *, classify: bool
) -> np.ndarray | None:
    """The product of example weights and class weights."""
    ours = checks.sample_weights(sample_weight, len(wanted), a.dtype)
    theirs = checks.class_weights(class_weight, wanted, a.dtype, classify=classify)
    return ours * theirs if ours is not None and theirs is not None else ours if theirs is None else theirs


def _check_threads(threads: Any) -> None:
    """A number of threads, or none."""
    if threads is not None and (isinstance(threads, bool) or not isinstance(threads, int) or threads < 1):
        raise ConfigError(
            f"threads = {str(threads)[:40]!r}: it is a whole number, at least 1; or None, for as many as help."
        )


def check_smoothing(s: Settings, a: Architecture) -> None:
    """Smoothed targets must be targets still."""
    low, high = a.cost.on_off[1], a.cost.on_off[0]
    if s.smoothing and (not a.cost.classifies or (low, high) != (0, 1) or a.neurons(a.L) == 1):
        raise ConfigError(
            f"smoothing = {s.smoothing}: it softens targets of 0 and 1 in several output neurons, which the {a.cost.name} "
            f"cost with {a.neurons(a.L)} outputs does not have. Leave it out."
        )


def _check_some_weight(source: Source) -> None:
    """What is left to train on must count for something."""
    rows = slice(None) if source.rows is None else source.rows
    if source.weight is not None and not source.weight[rows].any():
        raise DataError(
            f"the {len(source)} examples to train on all have weight 0: those with a weight are held out for validation.\n"
            "Hold out others: give validation=(x, y)."
        )


def _check_monitoring(s: Settings, a: Architecture, validates: bool, *, classify: bool) -> None:
    """What stops early, or changes the learning rate by results, needs results; and the right ones."""
    if not validates and (s.early_stopping or s.rates.name == "halve"):
        what = "early_stopping" if s.early_stopping else "the schedule 'halve'"
        raise ConfigError(f"{what} needs a validation set: give validation=0.1, or validation=(x, y).")
    names = ["cost", *((CLASSIFICATION if a.neurons(a.L) > TOP else CLASSIFICATION[:1]) if classify else REGRESSION)]
    if s.monitor and s.monitor not in names:
        raise ConfigError(f"monitor = {s.monitor!r}, but what is measured of this network is: {', '.join(names)}.")


def _batch_size(s: Settings, n: int) -> int:
    """As asked for, but not more than there are examples."""
    if s.batch_size is None:
        return min(USUAL_BATCH, n)
    if s.batch_size > n:
        warnings.warn(
            f"batch_size = {s.batch_size} is more than the {n} examples: one batch of {n} is used.",
            ChainruleWarning, stacklevel=4,
        )  # fmt: skip
    return min(s.batch_size, n)


def _check_full_batch(s: Settings, r: Recipe) -> None:
    """L-BFGS minimises the cost of the whole set; what belongs to mini-batches is refused rather than ignored."""
    asked = {
        "dropout": r.dropout, "noise": r.noise, "clip_norm": r.clip_norm, "clip_value": r.clip_value,
        "max_norm": r.max_norm, "held weights": r.pinned, "frozen layers": r.frozen, "layer_rates": r.layer_rates,
        "distort": r.distort,
        "learning_rate": s.learning_rate, "schedule": s.rates.name != "constant", "early_stopping": s.early_stopping,
    }  # fmt: skip
    given = [name for name, value in asked.items() if value]
    if given:
        raise ConfigError(
            f"optimizer 'lbfgs' minimises the cost of the whole set in one go: {' and '.join(given)} belong to mini-batch "
            "training. Leave them out, or take another optimizer."
        )


def _check_parameters(net: Trainable) -> None:
    """Training starts from finite numbers, or not at all."""
    for (of, l), view in net.parameters.views.items():
        if not np.isfinite(view).all():
            at = tuple(int(i) for i in np.argwhere(~np.isfinite(view))[0])
            raise DataError(
                f"{of}^{l} of the network is {view[at]} at {at}: training starts from finite numbers. Set it, or load the "
                "network from a file."
            )


def _prepare(net: Trainable, s: Settings) -> None:
    """Make room for what the optimizer remembers, unless it is there from an earlier call."""
    if tuple(net.parameters.slots) != s.rule.slots or net.state.optimizer not in ("", s.optimizer_name):
        net.parameters.remember(s.rule.slots)
        net.state.updates = 0
    net.state.optimizer = s.optimizer_name
    if net.history.stopped:
        net.state.stale = 0


def _split(
    x: np.ndarray | Rows, y: np.ndarray, weight: np.ndarray | None, validation: Any, net: Trainable, *, by_class: bool
) -> tuple[Source, Source | None]:
    """The training set, and the validation set where there is one; a share of x is told by its rows, and not copied."""
    if validation is None:
        return Source(x, y, weight), None
    if isinstance(validation, tuple | list) and len(validation) == 2:
        rows = checks.inputs(validation[0], net.architecture, name="validation x")
        wanted, _ = checks.targets(validation[1], len(rows), net.architecture, name="validation y")
        return Source(x, y, weight), Source(rows, wanted)
    if isinstance(validation, bool) or not isinstance(validation, int | float) or not 0 < validation < 1:
        raise ConfigError(f"validation = {str(validation)[:40]}: give a share between 0 and 1, or a pair (x, y).")
    held = held_out(y, validation, net.seed, by_class=by_class)
    if not 0 < held.sum() < len(x):
        raise ConfigError(f"validation = {validation} of {len(x)} examples leaves {len(x) - held.sum()} to train on.")
    return Source(x, y, weight, np.flatnonzero(~held)), Source(x, y, rows=np.flatnonzero(held))


def held_out(y: np.ndarray, share: float, seed: int, *, by_class: bool) -> np.ndarray:
    """True for the rows of a validation set: a share chosen by the seed, of every class alike."""
    n = len(y)
    order = permutation(seed, "validation", n)
    if by_class:
        labels = y[:, 0] > 0.5 if y.shape[1] == 1 else y.argmax(axis=1)
        order = order[np.argsort(labels[order], kind="stable")]
    chosen = np.zeros(n, bool)
    count = round(n * share)
    chosen[order[(np.arange(count) * n + n // 2) // max(count, 1)]] = True
    return chosen
