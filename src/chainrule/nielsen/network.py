"""The calls of the book's first program: stochastic gradient descent on the quadratic cost, sigmoid neurons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from chainrule.activations import ACTIVATIONS
from chainrule.costs import COSTS
from chainrule.nielsen import face
from chainrule.nielsen.columns import Pair, columns, examples, pairs
from chainrule.notation import Key
from chainrule.randomness import checked_seed, drawn_seed
from chainrule.train.metrics import classes_of
from chainrule.train.settings import settings


class Network:
    """A network of sigmoid neurons that learns by stochastic gradient descent on the quadratic cost.

    A subclass may have its own ``cost_derivative``, ``backprop``, ``update_mini_batch``, ``feedforward`` or ``evaluate``;
    it is then used, example by example as in the book. Otherwise whole mini-batches run on the engine.

    Parameters
    ----------
    sizes : sequence of int
        Neurons in each layer, the input first.
    seed : int, optional
        Of the first weights and of the shuffles; drawn when it is not given, and kept as ``seed``.

    Attributes
    ----------
    num_layers : int
    sizes : list of int
    weights, biases : list of ndarray, float64, shapes (n^l, n^{l-1}) and (n^l, 1)
        From layer 2 on, at first N(0, 1). They may be assigned, whole or one by one.
    epoch : int
        Epochs trained so far, in all calls of ``SGD``.

    Raises
    ------
    ConfigError

    Examples
    --------
    >>> xor = [([[0], [0]], [[0]]), ([[0], [1]], [[1]]), ([[1], [0]], [[1]]), ([[1], [1]], [[0]])]
    >>> net = Network([2, 3, 1], seed=1)
    >>> net.SGD(xor, 2, 4, 3.0, test_data=[(x, y[0][0]) for x, y in xor])
    Epoch 0: 3 / 4
    Epoch 1: 3 / 4
    >>> net.feedforward([[0], [1]]).shape
    (1, 1)
    """

    seed = epoch = 0  # of a subclass that makes its own lists and leaves out this __init__
    sizes: list[int]
    weights: list[np.ndarray]
    biases: list[np.ndarray]

    def __init__(self, sizes: Sequence[int], *, seed: int | None = None) -> None:
        a = face.description(sizes, "quadratic")
        self.num_layers, self.sizes = a.L, list(a.sizes)
        self.seed = drawn_seed() if seed is None else checked_seed(seed)
        face.draw(self, a, "large")

    def feedforward(self, a: Any) -> np.ndarray:
        """The output for an input.

        Parameters
        ----------
        a : array-like, shape (n^1, 1); also (n^1,), or (n^1, m) for m inputs side by side

        Returns
        -------
        ndarray, shape (n^L, 1), or (n^L, m)

        Raises
        ------
        ShapeError, DataError
        """
        return face.forward(self, face.description(self.sizes, "quadratic"), columns(a, self.sizes[0], "a").T).T

    def SGD(
        self, training_data: Iterable[Pair], epochs: int, mini_batch_size: int, eta: float,
        test_data: Iterable[Pair] | None = None,
    ) -> None:  # fmt: skip
        """Train by mini-batches, and print a line after each epoch: how many of the tests are right, or that it is done.

        Parameters
        ----------
        training_data : iterable of (x, y)
            Columns (n^1, 1) and (n^L, 1). It is not reordered: the shuffle follows from the seed and the epoch.
        epochs, mini_batch_size : int
            The last mini-batch of an epoch may be shorter, and is divided by its own size.
        eta : float
            Learning rate.
        test_data : iterable of (x, y), optional
            y is the number of the class, or a column.

        Raises
        ------
        ConfigError, ShapeError, DataError, DivergenceError
        """
        data, tests = pairs(training_data, "training_data"), list(test_data or ())
        how = settings(epochs=epochs, batch_size=mini_batch_size, learning_rate=eta)

        def report(epoch: int) -> None:
            done = f"Epoch {epoch}: {self.evaluate(tests)} / {len(tests)}" if tests else f"Epoch {epoch} complete"
            print(done, flush=True)  # noqa: T201  the book's program prints

        if face.uses(self, Network, "update_mini_batch", "backprop", "cost_derivative"):
            face.fit(self, face.description(self.sizes, "quadratic"), data, how, report)
        else:
            face.descend(self, data, how, lambda batch: self.update_mini_batch(batch, eta), report)

    def update_mini_batch(self, mini_batch: Iterable[Pair], eta: float) -> None:
        """One step of gradient descent along the mean gradient of the mini-batch.

        Parameters
        ----------
        mini_batch : iterable of (x, y)
        eta : float

        Raises
        ------
        ShapeError, DataError
        """
        a, batch = face.description(self.sizes, "quadratic"), pairs(mini_batch, "mini_batch")
        nabla = face.summed(self, a, batch, together=face.uses(self, Network, "backprop", "cost_derivative"))
        face.step(self, a, nabla, len(batch), eta)

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
        a = face.description(self.sizes, "quadratic")
        slope = {Key("nabla_a", a.L): lambda v: self.cost_derivative(v[Key("a", a.L)], v[Key("y", 0)])}
        return face.gradient(self, a, columns(x, a.neurons(1), "x"), columns(y, a.neurons(a.L), "y"), slope)

    def evaluate(self, test_data: Iterable[Pair]) -> int:
        """How many of the tests the network gets right: its class is that of the largest output (of one: above 1/2).

        Parameters
        ----------
        test_data : iterable of (x, y)
            y is the number of the class, or a column.

        Raises
        ------
        ShapeError, DataError
        """
        a = face.description(self.sizes, "quadratic")
        x, y = examples(pairs(test_data, "test_data"), a, "test_data", labels=True)
        return int((classes_of(face.outputs(self, a, Network, x)) == classes_of(y)).sum())

    def cost_derivative(self, output_activations: Any, y: Any) -> Any:
        """The slope dC/da of the cost at the output; a subclass may have its own."""
        return COSTS["quadratic"].prime(output_activations, y)


def sigmoid(z: Any) -> Any:
    """The sigmoid function.

    >>> float(sigmoid(0.0))
    0.5
    """
    with np.errstate(over="ignore"):
        return ACTIVATIONS["sigmoid"](z)


def sigmoid_prime(z: Any) -> Any:
    """Its slope.

    >>> float(sigmoid_prime(0.0))
    0.25
    """
    return ACTIVATIONS["sigmoid"].prime(z, sigmoid(z))
