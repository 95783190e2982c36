"""The reverse network: the same weights, transposed, and in place of each neuron an amplifier with a constant gain.

Fed with dC/da of the output layer, it computes every error: backpropagation is this network, run forward. A neuron's gain
is its slope sigma'(z), which the forward pass has fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule import checks
from chainrule.engine.memory import Values, functions
from chainrule.errors import ShapeError
from chainrule.network import Network
from chainrule.notation import Key
from chainrule.schedule import forward, run

SATURATED = 0.05  # a gain below this passes next to nothing on


@dataclass(frozen=True, eq=False)
class ReversePass:
    """What runs through a reverse network.

    Attributes
    ----------
    nabla_a : mapping of int to ndarray, shape (n^l, m)
        What enters the amplifiers of layer l, dC/da; of layer 1 it is dC/dx.
    delta : mapping of int to ndarray, shape (n^l, m)
        What leaves them, the errors dC/dz.
    """

    nabla_a: Mapping[int, np.ndarray]
    delta: Mapping[int, np.ndarray]


class ReverseNetwork:
    """The network whose forward pass is the backward pass of another, at one example or a mini-batch.

    Parameters
    ----------
    network : Network
    x : array-like, shape (n^1,), or (m, n^1)
        The example, or examples, whose forward pass fixes the gains.

    Attributes
    ----------
    sizes : list of int
        Neurons in each layer, from the output layer of the network to its input.
    weights : mapping of int to ndarray, shape (n^{l-1}, n^l)
        The transposed weights of layer l, which lead from layer l to layer l-1.
    gains : mapping of int to ndarray, shape (n^l, m)
        sigma'(z) of layer l; of a softmax layer the diagonal a (1 - a) of its Jacobian.
    a : mapping of int to ndarray, shape (n^l, m)
        The activations of the forward pass.

    Raises
    ------
    ShapeError, DataError
        x does not fit the network.

    Examples
    --------
    >>> from chainrule import Network
    >>> net = Network([2, 3, 1], seed=0, dtype="float64")
    >>> reverse = ReverseNetwork(net, [0.5, -1.0])
    >>> reverse
    ReverseNetwork([1, 3, 2]; gains of 1 example, from 0.099 to 0.243)
    >>> pass_ = net.backprop([0.5, -1.0], [1.0])
    >>> bool(abs(reverse(pass_.nabla_a[3]).delta[2] - pass_.delta[2]).max() < 1e-15)
    True
    """

    def __init__(self, network: Network, x: Any) -> None:
        self.architecture = a = network.architecture
        rows = checks.inputs(x, a, one=True)
        values: Values = {**network.parameters.views, **functions(a), Key("a", 1): rows.T}
        with np.errstate(over="ignore", under="ignore"):
            run(forward(a), values)
        self.weights = {l: values[Key("w", l)].T.copy() for l in a.layers}
        self.a = {l: np.asarray(values[Key("a", l)]) for l in (1, *a.layers)}
        self.gains = {l: np.asarray(a.sigma(l).prime(values[Key("z", l)], self.a[l])) for l in a.layers}

    @property
    def sizes(self) -> list[int]:
        """Neurons in each layer, in the order in which they are passed."""
        return list(reversed(self.architecture.sizes))

    @property
    def m(self) -> int:
        """The number of examples."""
        return int(self.a[1].shape[1])

    def _wanted(self, y: Any) -> np.ndarray:
        """The desired outputs as columns."""
        a = self.architecture
        if self.m == 1 and np.shape(y) in {(), (a.neurons(a.L),)}:
            y = np.reshape(np.asarray(y), (1, -1) if np.ndim(y) else (1,))
        return np.asarray(checks.targets(y, self.m, a)[0].T)

    def __call__(self, nabla_a: Any) -> ReversePass:
        """Run it forward.

        Parameters
        ----------
        nabla_a : array-like, shape (n^L, m), or (n^L,) for one example
            dC/da of the output layer, as ``pass_.nabla_a`` of a :class:`~chainrule.passes.Pass` has it.

        Returns
        -------
        ReversePass
            ``.delta[l]`` are the errors of each layer.

        Raises
        ------
        ShapeError
        """
        a = self.architecture
        start = np.asarray(nabla_a, dtype=np.result_type(self.a[1].dtype, np.float32))
        start = start[:, None] if start.ndim == 1 else start
        if start.shape != self.a[a.L].shape:
            raise ShapeError(
                f"nabla_a has shape {np.shape(nabla_a)}, but the output layer has {a.neurons(a.L)} neurons and there are "
                f"{self.m} examples: it must be {self.a[a.L].shape}.\n"
                f"It is dC/da, with examples as columns, as pass_.nabla_a[{a.L}] is."
            )
        return self._run({a.L: start}, self.amplified(a.L, start))

    def _run(self, entering: dict[int, np.ndarray], error: np.ndarray) -> ReversePass:
        """From the error of the output layer on."""
        a = self.architecture
        leaving = {a.L: error}
        for l in reversed(a.layers):
            if l < a.L:
                leaving[l] = self.amplified(l, entering[l])
            entering[l - 1] = self.weights[l] @ leaving[l]
        return ReversePass(entering, leaving)

    def errors(self, y: Any) -> ReversePass:
        """Run it forward from the slope of the cost for these desired outputs.

        An output that is wrong and saturated has a dC/da too large and a gain too small for numbers, where their product
        is a - y: then it starts behind the amplifiers, with this error (BP1c), and ``nabla_a`` has no output layer.

        Parameters
        ----------
        y : array-like
            A class index or (n^L,) for one example; class indices (m,) or rows (m, n^L).
        """
        a, wanted = self.architecture, self._wanted(y)
        start = np.asarray(a.cost.prime(self.a[a.L], wanted))
        error = self.amplified(a.L, start)
        if a.is_canonical and not np.allclose(error, self.a[a.L] - wanted, rtol=1e-5, atol=1e-6):
            return self._run({}, self.a[a.L] - wanted)
        return self._run({a.L: start}, error)

    def amplified(self, l: int, nabla_a: np.ndarray) -> np.ndarray:
        """What the amplifiers of layer l make of dC/da: each multiplies; those of softmax also take from each other."""
        if self.architecture.sigma(l).elementwise:
            return np.asarray(nabla_a * self.gains[l])
        return np.asarray(self.a[l] * (nabla_a - (self.a[l] * nabla_a).sum(axis=0, keepdims=True)))

    def matrix(self, l: int, example: int = 0) -> np.ndarray:
        """The amplifiers of layer l for one example as a matrix, Sigma'(z): diagonal, or the Jacobian of softmax."""
        if self.architecture.sigma(l).elementwise:
            return np.asarray(np.diag(self.gains[l][:, example]))
        a = self.a[l][:, example]
        return np.asarray(np.diag(a) - np.outer(a, a))

    def saturated(self, l: int) -> np.ndarray:
        """Which neurons of layer l pass next to nothing on: their gain is under 0.05; shape (n^l, m)."""
        return np.asarray(np.abs(self.gains[l]) < SATURATED)

    def svg(self, y: Any = None, *, example: int = 0) -> str:
        """A drawing as SVG: the network mirrored, with each amplifier's gain; with y, also the errors that run through."""
        from chainrule.explaining.convention import Convention
        from chainrule.explaining.reverse_drawing import drawing

        return drawing(self, None if y is None else self.errors(y), example, Convention())

    def __repr__(self) -> str:
        gains = np.concatenate([g.ravel() for g in self.gains.values()])
        flat = sum(int(self.saturated(l).sum()) for l in self.gains)
        more = f"; {flat} of {gains.size} saturated" if flat else ""
        examples = f"{self.m} example{'s' * (self.m != 1)}"
        return f"ReverseNetwork({self.sizes}; gains of {examples}, from {gains.min():.3g} to {gains.max():.3g}{more})"

    def _repr_svg_(self) -> str:
        return self.svg()
