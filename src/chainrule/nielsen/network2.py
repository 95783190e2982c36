"""The calls of the book's improved program: costs, a penalty, smaller first weights, monitoring, files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from chainrule.architecture import Architecture
from chainrule.costs import PENALTIES
from chainrule.engine import inference
from chainrule.errors import ConfigError
from chainrule.nielsen import face, json_file
from chainrule.nielsen.columns import Pair, columns, examples, pairs, unit
from chainrule.nielsen.costs import COST_CLASSES, CrossEntropyCost, QuadraticCost
from chainrule.nielsen.network import sigmoid, sigmoid_prime
from chainrule.notation import Key
from chainrule.randomness import checked_seed, drawn_seed
from chainrule.train.metrics import classes_of
from chainrule.train.settings import settings

Monitored = tuple[list[float], list[int], list[float], list[int]]


class Network:
    """A network of sigmoid neurons with a choice of cost, a penalty on its weights, and monitoring.

    A subclass may have its own ``backprop``, ``update_mini_batch``, ``feedforward`` or first weights, and ``cost`` may be
    a class of your own with ``fn(a, y)`` and ``delta(z, a, y)``; they are then used, example by example.

    Parameters
    ----------
    sizes : sequence of int
        Neurons in each layer, the input first.
    cost : class
        ``CrossEntropyCost``, ``QuadraticCost``, or one of your own.
    seed : int, optional
        Of the first weights and of the shuffles; drawn when it is not given, and kept as ``seed``.

    Attributes
    ----------
    num_layers, sizes, weights, biases, epoch
        As those of :class:`chainrule.nielsen.network.Network`; the first weights are N(0, 1/n_in).
    cost : class

    Raises
    ------
    ConfigError

    Examples
    --------
    >>> xor = [([[0], [0]], [[0]]), ([[0], [1]], [[1]]), ([[1], [0]], [[1]]), ([[1], [1]], [[0]])]
    >>> net = Network([2, 3, 1], cost=QuadraticCost, seed=1)
    >>> net.large_weight_initializer()
    >>> _ = net.SGD(xor, 1, 2, 3.0, lmbda=0.1, evaluation_data=xor, monitor_evaluation_accuracy=True)
    Epoch 0 training complete
    Accuracy on evaluation data: 2 / 4
    <BLANKLINE>
    """

    seed = epoch = 0  # of a subclass that makes its own lists and leaves out this __init__
    cost: Any = CrossEntropyCost
    sizes: list[int]
    weights: list[np.ndarray]
    biases: list[np.ndarray]

    def __init__(self, sizes: Sequence[int], cost: Any = CrossEntropyCost, *, seed: int | None = None) -> None:
        a = face.description(sizes, "quadratic")
        self.num_layers, self.sizes, self.cost = a.L, list(a.sizes), cost
        self.seed = drawn_seed() if seed is None else checked_seed(seed)
        self.default_weight_initializer()

    def default_weight_initializer(self) -> None:
        """Draw first weights from N(0, 1/n_in) and biases from N(0, 1), by the seed."""
        face.draw(self, self._described, "small")

    def large_weight_initializer(self) -> None:
        """Draw first weights and biases from N(0, 1), by the seed."""
        face.draw(self, self._described, "large")

    @property
    def _row(self) -> str:
        """The name of the cost in COSTS; nothing for one of the user's own."""
        return next((row for kind, row in COST_CLASSES.values() if self.cost is kind), "")

    @property
    def _described(self) -> Architecture:
        return face.description(self.sizes, self._row or "quadratic")

    def feedforward(self, a: Any) -> np.ndarray:
        """The output (n^L, 1) for an input (n^1, 1), or (n^L, m) for m inputs side by side; (n^1,) is one input.

        Raises
        ------
        ShapeError, DataError
        """
        return face.forward(self, self._described, columns(a, self.sizes[0], "a").T).T

    def SGD(
        self, training_data: Iterable[Pair], epochs: int, mini_batch_size: int, eta: float, lmbda: float = 0.0,
        evaluation_data: Iterable[Pair] | None = None, monitor_evaluation_cost: bool = False,
        monitor_evaluation_accuracy: bool = False, monitor_training_cost: bool = False,
        monitor_training_accuracy: bool = False,
    ) -> Monitored:  # fmt: skip
        """Train by mini-batches, and print after each epoch what is monitored.

        Parameters
        ----------
        training_data : iterable of (x, y)
            Columns (n^1, 1) and (n^L, 1).
        epochs, mini_batch_size : int
        eta : float
            Learning rate.
        lmbda : float
            Strength of the penalty (lambda/2n) sum of w^2, with n the number of examples in the data that is measured.
        evaluation_data : iterable of (x, y), optional
            y is the number of the class, or a column.
        monitor_evaluation_cost, monitor_evaluation_accuracy, monitor_training_cost, monitor_training_accuracy : bool

        Returns
        -------
        evaluation_cost, evaluation_accuracy, training_cost, training_accuracy : list
            A figure for each epoch; empty where it is not monitored. An accuracy is the number of examples that are right.

        Raises
        ------
        ConfigError, ShapeError, DataError, DivergenceError
        """
        data, held = pairs(training_data, "training_data"), list(evaluation_data or ())
        how = settings(epochs=epochs, batch_size=mini_batch_size, learning_rate=eta, lmbda=lmbda)
        if not held and (monitor_evaluation_cost or monitor_evaluation_accuracy):
            raise ConfigError("evaluation is to be monitored, but there is no evaluation_data: give pairs (x, y).")
        found: Monitored = [], [], [], []
        table: tuple[tuple[list[Any], bool, str, Callable[[], float]], ...] = (
            (found[2], monitor_training_cost, "Cost on training data: {}", lambda: self.total_cost(data, lmbda)),
            (found[3], monitor_training_accuracy, f"Accuracy on training data: {{}} / {len(data)}",
             lambda: self.accuracy(data, convert=True)),
            (found[0], monitor_evaluation_cost, "Cost on evaluation data: {}",
             lambda: self.total_cost(held, lmbda, convert=True)),
            (found[1], monitor_evaluation_accuracy, f"Accuracy on evaluation data: {{}} / {len(held)}",
             lambda: self.accuracy(held)),
        )  # fmt: skip

        def report(epoch: int) -> None:
            lines = [f"Epoch {epoch} training complete"]
            for figures, asked, line, measure in table:
                if asked:
                    figures.append(measure())
                    lines.append(line.format(figures[-1]))
            print(*lines, "", sep="\n", flush=True)  # noqa: T201  the book's program prints

        if self._row and face.uses(self, Network, "update_mini_batch", "backprop"):
            face.fit(self, self._described, data, how, report)
        else:
            n = len(data)
            face.descend(self, data, how, lambda batch: self.update_mini_batch(batch, eta, lmbda, n), report)
        return found

    def update_mini_batch(self, mini_batch: Iterable[Pair], eta: float, lmbda: float, n: int) -> None:
        """One step of gradient descent along the mean gradient of the mini-batch, with the penalty of n examples.

        Parameters
        ----------
        mini_batch : iterable of (x, y)
        eta, lmbda : float
        n : int
            Size of the training set.

        Raises
        ------
        ShapeError, DataError
        """
        a, batch = self._described, pairs(mini_batch, "mini_batch")
        nabla = face.summed(self, a, batch, together=bool(self._row) and face.uses(self, Network, "backprop"))
        face.step(self, a, nabla, len(batch), eta, lmbda, n)

    def backprop(self, x: Any, y: Any) -> face.Gradient:
        """The gradient of the cost of one example (of m examples, side by side: their sum).

        Parameters
        ----------
        x, y : array-like, shapes (n^1, 1) and (n^L, 1), or (n^1, m) and (n^L, m)

        Returns
        -------
        nabla_b, nabla_w : list of ndarray, shapes as ``biases`` and ``weights``

        Raises
        ------
        ShapeError, DataError
        """
        a = self._described
        z, activation, target = Key("z", a.L), Key("a", a.L), Key("y", 0)
        error = {Key("delta", a.L): lambda v: self.cost.delta(v[z], v[activation], v[target])}
        return face.gradient(self, a, columns(x, a.neurons(1), "x"), columns(y, a.neurons(a.L), "y"), error)

    def accuracy(self, data: Iterable[Pair], convert: bool = False) -> int:  # noqa: ARG002
        """How many of the examples the network gets right.

        Parameters
        ----------
        data : iterable of (x, y)
            y is the number of the class, or a column.
        convert : bool
            In the book's program, whether y is a column; here y itself tells.

        Raises
        ------
        ShapeError, DataError
        """
        a = self._described
        x, y = examples(pairs(data, "data"), a, "data", labels=True)
        return int((classes_of(face.outputs(self, a, Network, x)) == classes_of(y)).sum())

    def total_cost(self, data: Iterable[Pair], lmbda: float, convert: bool = False) -> float:  # noqa: ARG002
        """The mean cost of the examples, with the penalty (lambda/2n) sum of w^2, n being their number.

        Parameters
        ----------
        data : iterable of (x, y)
            y is the number of the class, or a column.
        lmbda : float
        convert : bool
            In the book's program, whether y is a number; here y itself tells.

        Raises
        ------
        ShapeError, DataError
        """
        a = self._described
        x, y = examples(pairs(data, "data"), a, "data", labels=True)
        views = face.matrices(a, self.weights, self.biases)
        if self._row and face.uses(self, Network, "feedforward"):
            costs = inference.outputs_and_cost(a, views, x, y)[1]
        else:
            found = face.outputs(self, a, Network, x)
            costs = np.array([self.cost.fn(v[:, None], t[:, None]) for v, t in zip(found, y, strict=True)])
        return float(costs.mean()) + inference.penalty_cost(views, PENALTIES["l2"], lmbda, len(x))

    def save(self, filename: str | os.PathLike[str]) -> None:
        """Write sizes, weights, biases and the name of the cost as JSON, at once and durably.

        Raises
        ------
        ModelFileError, ResourceError
        """
        a, name = self._described, getattr(self.cost, "__name__", type(self.cost).__name__)
        json_file.write(filename, a, face.matrices(a, self.weights, self.biases), name)


def load(filename: str | os.PathLike[str], *, costs: Sequence[Any] = ()) -> Network:
    """Read a network that :meth:`Network.save` wrote; no code in the file can run.

    Parameters
    ----------
    filename : path
    costs : sequence of class, optional
        Cost classes of your own: a file holds a name only.

    Raises
    ------
    ModelFileError
    """
    known = {name: kind for name, (kind, _) in COST_CLASSES.items()} | {kind.__name__: kind for kind in costs}
    a, values, name = json_file.read(filename, set(known))
    net = Network(a.sizes, cost=known[name])
    net.weights, net.biases = ([values[Key(of, l)] for l in a.layers] for of in "wb")
    return net


def vectorized_result(j: Any, n: int = 10) -> np.ndarray:
    """The column of n zeros with a 1 in place j: the wanted output for the digit j.

    Raises
    ------
    DataError

    Examples
    --------
    >>> vectorized_result(2, n=3).tolist()
    [[0.0], [0.0], [1.0]]
    """
    return unit(j, n)


__all__ = [
    "CrossEntropyCost", "Network", "QuadraticCost", "load", "sigmoid", "sigmoid_prime", "vectorized_result",
]  # fmt: skip
