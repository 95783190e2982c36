"""A case: a network, its data and its training, and what all rows of the table need to know of them, computed once."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from chainrule import checks
from chainrule.architecture import Architecture, first_values
from chainrule.engine.rows import rows_of
from chainrule.errors import ChainruleWarning, DivergenceError
from chainrule.network import Network
from chainrule.passes import Pass
from chainrule.randomness import permutation
from chainrule.train import metrics
from chainrule.train.history import Epoch
from chainrule.train.settings import Settings

MOST = 2000  # examples of a pass: enough for a share of one percent, and done within the blink of an eye
LEARNED = 0.75  # of what can be learned: a network that has learned so much is not told how to learn


@dataclass(frozen=True, eq=False)
class Case:
    """What is diagnosed.

    Attributes
    ----------
    network : Network
    x, y : array-like, optional
        All training examples, as users have them.
    history : sequence of Epoch
    settings : Settings, optional
        How it was trained, or is to be.
    validation : (x, y), optional
    first : Network, optional
        The network with its first weights, where they are known.
    diverged : DivergenceError, optional
        What the next step of its training comes to.
    under_way : bool
        Whether its training is known to go on from here: what it has not learned yet, it may learn.
    """

    network: Network
    x: Any = None
    y: Any = None
    history: Sequence[Epoch] = ()
    settings: Settings | None = None
    validation: tuple[Any, Any] | None = None
    first: Network | None = None
    diverged: DivergenceError | None = field(default=None)
    under_way: bool = False

    # ------------------------------------------------------------------------------------------- the network

    @property
    def a(self) -> Architecture:
        """The architecture."""
        return self.network.architecture

    @property
    def hidden(self) -> range:
        """The hidden layers."""
        return range(2, self.a.L)

    @cached_property
    def epochs(self) -> int:
        """How many epochs it has been trained for."""
        return max([self.network.state.epoch, *(e.epoch for e in self.history)])

    @property
    def trained(self) -> bool:
        """Whether it has been trained at all."""
        return bool(self.epochs or self.network.state.updates)

    @cached_property
    def finite(self) -> bool:
        """Whether all its parameters are finite."""
        return bool(np.isfinite(self.network.parameters.flat).all())

    # ------------------------------------------------------------------------------------------- the examples

    @cached_property
    def n(self) -> int:
        """How many training examples there are."""
        return 0 if self.x is None else len(self.x)

    @cached_property
    def rows(self) -> np.ndarray:
        """The examples that are looked at, all or a sample, in order."""
        return np.arange(self.n) if self.n <= MOST else np.sort(permutation(0, "validation", self.n)[:MOST])

    @cached_property
    def sample(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of these examples, as rows of numbers."""
        return picked(self.a, self.x, self.y, self.rows)

    @cached_property
    def labels(self) -> np.ndarray:
        """The class of each of these examples."""
        return metrics.classes_of(self.sample[1], self.a.cost.middle)

    @cached_property
    def classifies(self) -> bool:
        """Whether it tells classes."""
        return self.network.classify or (self.x is not None and np.ndim(self.y) == 1 and self.a.neurons(self.a.L) > 1)

    # ------------------------------------------------------------------------------------------- one pass

    @cached_property
    def pass_(self) -> Pass:
        """One pass forward and back over these examples."""
        return passed(self.network, *self.sample)

    @cached_property
    def fresh(self) -> Pass:
        """The same pass with the first weights; where these are not known, with weights as they are drawn."""
        if not self.trained:
            return self.pass_
        a = self.a
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ChainruleWarning)  # it was said when the network itself was made
            net = self.first or Network(
                a.sizes, list(a.activations), a.cost, biases=a.biases, dtype=a.dtype, seed=self.network.seed
            )
        return passed(net, *self.sample)

    def drawn(self, initial: str) -> bool:
        """Whether its first weights are known to be drawn in this way, and so it need not be told to."""
        net = self.first if self.trained else self.first or self.network
        values = () if net is None else first_values(self.a, initial, net.seed)
        same = [np.array_equal(net.parameters.views[key], value.astype(self.a.dtype)) for key, value in values if net]
        return bool(same) and all(same)

    @cached_property
    def outputs(self) -> np.ndarray:
        """The outputs, as rows."""
        return np.asarray(self.pass_.a[self.a.L]).T

    @cached_property
    def skill(self) -> float:
        """How much of what can be learned it has learned: 0 for the best constant answer, 1 for all; NaN without data."""
        if self.x is None:
            return float("nan")
        return skill(self.outputs, self.sample[1], self.a.cost.middle, classify=self.classifies)

    @cached_property
    def gradients(self) -> np.ndarray:
        """The length of each example's gradient: of its parts at each layer, that of delta times that of a (and 1)."""
        p, ones = self.pass_, float(self.a.biases)
        squares = [per_example(p, l) + ones * (p.delta[l].astype(np.float64) ** 2).sum(axis=0) for l in self.a.layers]
        return np.asarray(np.sqrt(np.sum(squares, axis=0)))

    @property
    def troubled(self) -> bool:
        """Whether it has not learned well: yet, or in spite of training."""
        return not self.trained or not self.skill >= LEARNED

    @cached_property
    def score(self) -> float:
        """Accuracy, or R2, on these examples."""
        return score(self.outputs, self.sample[1], self.a.cost.middle, classify=self.classifies)

    @cached_property
    def validated(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Outputs and targets of the validation set, as rows; of a sample of a large one."""
        if self.validation is None:
            return None
        n = len(self.validation[0])
        rows = np.arange(n) if n <= MOST else np.sort(permutation(0, "validation", n)[:MOST])
        x, y = picked(self.a, *self.validation, rows)
        with np.errstate(all="ignore"):
            return self.network.feedforward(x), y

    @property
    def word(self) -> str:
        """What a score is called."""
        return "accuracy" if self.classifies else "R²"

    # ------------------------------------------------------------------------------------------- its training

    @cached_property
    def eta(self) -> float | None:
        """The learning rate, before a schedule lowered it."""
        if self.settings is not None:
            return self.settings.eta
        return max((e.eta for e in self.history), default=0.0) or None

    @cached_property
    def optimizer(self) -> str:
        """The optimizer's name."""
        return self.settings.optimizer_name if self.settings is not None else self.network.state.optimizer or "sgd"

    @cached_property
    def batch_size(self) -> int:
        """The number of examples in a mini-batch."""
        said = self.settings.batch_size if self.settings is not None else self.network.state.batch_size
        return min(said or 32, max(self.n, 1))


def picked(a: Architecture, x: Any, y: Any, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """These examples as rows of numbers in the network's dtype; what is no data set is refused in words."""
    if (stream := rows_of(x, a.dtype)) is not None:
        x = stream[rows]
    elif len(rows) < len(x):
        x = checks.numbers(x, "x")[rows]
    inputs = checks.inputs(x, a)
    wanted, _ = checks.targets(y if len(rows) == len(y) else checks.numbers(y, "y")[rows], len(rows), a)
    return np.asarray(inputs), wanted


def passed(network: Network, x: np.ndarray, y: np.ndarray) -> Pass:
    """One pass, whatever its numbers come to."""
    with np.errstate(all="ignore"):
        return network.backprop(x, y)


def per_example(p: Pass, l: int) -> np.ndarray:
    """The squared length of each example's gradient of the weights of layer l: that of a times that of delta, for free."""
    a, delta = (x.astype(np.float64) for x in (p.a[l - 1], p.delta[l]))
    return np.asarray((a * a).sum(axis=0) * (delta * delta).sum(axis=0))


def score(outputs: np.ndarray, targets: np.ndarray, middle: float, *, classify: bool) -> float:
    """Accuracy, or R2."""
    return metrics.accuracy(outputs, targets, middle) if classify else metrics.r2(outputs, targets)


def skill(outputs: np.ndarray, targets: np.ndarray, middle: float, *, classify: bool) -> float:
    """The score, from 0 for the best constant answer to 1; 1 where there is nothing to tell apart."""
    found = score(outputs, targets, middle, classify=classify)
    if not classify:
        return found
    chance = np.bincount(metrics.classes_of(targets, middle)).max() / len(targets)
    return 1.0 if chance == 1 and found == 1 else (found - chance) / max(1 - chance, 1 / len(targets))
