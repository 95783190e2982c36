"""A network unrolled to numbers: every weight, every neuron and the cost a vertex, so that each path can be followed.

It is equation (53) of Nielsen's second chapter as a graph: dC/dw is the sum, over all paths from the weight to the cost, of
the products of the derivatives along the path.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule import equations as eq
from chainrule.activations import Activation
from chainrule.costs import Cost
from chainrule.engine.memory import Values
from chainrule.errors import ConfigError, ShapeError
from chainrule.graph.bridge import examples, name_of
from chainrule.graph.build import named
from chainrule.graph.tracing import Operation
from chainrule.network import Network
from chainrule.notation import Key
from chainrule.schedule import Step, forward, run

if TYPE_CHECKING:
    from chainrule.graph.look import Graph

MOST = 100_000  # numbers that become vertices


def unrolled(network: Network, x: Any, y: Any) -> Graph:
    """The cost of a network as a graph of numbers, in which each path from a weight to the cost can be followed.

    Parameters
    ----------
    network : Network
    x, y : array-like
        As for :meth:`chainrule.Network.backprop`.

    Returns
    -------
    Graph
        Its inputs are the network's: ``w2[0][1]`` is the weight into neuron 0 of layer 2 from neuron 1 of layer 1,
        ``b2[0]`` a bias, ``a1[1]`` an input (``a1[1][3]`` of example 3, where there are several). ``z2[0]`` and ``a2[0]``
        are a neuron's weighted input and activation; ``C``, the output, is the cost, summed over the examples. Neurons
        count from 0.

    Raises
    ------
    ConfigError
        The network has more than 100,000 numbers.
    ShapeError, DataError
        The examples do not fit the network.

    Examples
    --------
    >>> from chainrule import Network
    >>> net = Network([2, 3, 2, 2], seed=0, dtype="float64")
    >>> graph = unrolled(net, [0.5, -1.0], [1.0, 0.0])
    >>> graph.count_paths("w2[0][1]", "C")
    4
    >>> pass_ = net.backprop([0.5, -1.0], [1.0, 0.0])
    >>> bool(abs(graph.sum_over_paths("w2[0][1]", "C").total - pass_.nabla_w[2][0, 1]) < 1e-15)
    True
    """
    from chainrule.graph.look import trace

    a = network.architecture
    values, _ = examples(a, x, y)
    matrices = {**network.parameters.views, Key("a", 1): values[Key("a", 1)]}
    size = sum(matrix.size for matrix in matrices.values())
    if size > MOST:
        raise ConfigError(
            f"the network and its input have {size:,} numbers, and {MOST:,} can be unrolled.\n"
            "To count paths alone, use weight_paths."
        )
    fixed: Values = {Key("y", 0): values[Key("y", 0)], Key("cost", 0): _CostOfEach(a.cost)}
    fixed |= {Key("sigma", l): _Neurons(a.sigma(l)) for l in a.layers}

    def cost(numbers: dict[str, Any]) -> Any:
        """The cost, summed over the examples."""
        now = _Naming(fixed)
        for key, matrix in matrices.items():
            now[key] = Scalars([[numbers[name] for name in row] for row in _names(key, matrix.shape)])
        run([*forward(a), Step(eq.cost, a.L)], now)
        (each,) = now[Key("cost_x", 0)].rows
        return named(each[0] if len(each) == 1 else TOTAL(*each), "C")

    places = {key: chain.from_iterable(_names(key, matrix.shape)) for key, matrix in matrices.items()}
    return trace(
        cost, {name: x for key, names in places.items() for name, x in zip(names, matrices[key].flat, strict=True)}
    )


def weight_paths(sizes: Sequence[int], layer: int) -> int:
    """Over how many paths a weight of this layer acts on the cost: the terms of the sum over all paths.

    A path goes from the weight's neuron through one neuron of each later layer. They are counted layer by layer, and none
    is walked.

    Parameters
    ----------
    sizes : sequence of int
        Neurons in each layer, of activations that work on each neuron by itself.
    layer : int
        2 to L: the layer that the weight leads to.

    Raises
    ------
    ShapeError
        There is no such layer.

    Examples
    --------
    >>> weight_paths([2, 3, 2, 2], layer=2), weight_paths([784, 30, 30, 30, 10], layer=2)
    (4, 9000)
    """
    if not 2 <= layer <= len(sizes):
        raise ShapeError(f"layer {layer} has no weights: of sizes {list(sizes)}, layers 2 to {len(sizes)} have.")
    return prod(int(n) for n in sizes[layer:])


class Scalars:
    """A matrix whose elements are values of a graph, one by one; it has what the equations of the forward pass need."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self.rows = rows

    def __matmul__(self, other: Scalars) -> Scalars:
        return Scalars([[DOT(*row, *column) for column in zip(*other.rows, strict=True)] for row in self.rows])

    def __add__(self, bias: Scalars) -> Scalars:
        return Scalars([[x + b for x in row] for row, (b,) in zip(self.rows, bias.rows, strict=True)])

    def sum(self, axis: int, keepdims: bool) -> Scalars:
        """The sum of each column."""
        assert axis == 0
        assert keepdims
        return Scalars([[TOTAL(*column) for column in zip(*self.rows, strict=True)]])


def _dot_slope(k: int, g: Any, y: Any, *xs: Any) -> Any:  # noqa: ARG001  every rule is called alike
    return g * xs[(k + len(xs) // 2) % len(xs)]


def _dot(*xs: Any) -> Any:
    """The sum of the products of the first half of the numbers with the second."""
    half = len(xs) // 2
    return sum(x * y for x, y in zip(xs[1:half], xs[half + 1 :], strict=True)) + xs[0] * xs[half]


DOT = Operation("dot", _dot, _dot_slope, _dot_slope)
TOTAL = Operation("sum", lambda *xs: sum(xs[1:], xs[0]), lambda k, g, y, *xs: g, lambda k, t, y, *xs: t)


class _Neurons:
    """An activation function as one vertex for each neuron."""

    def __init__(self, row: Activation) -> None:
        self.row = row

    def __call__(self, z: Scalars) -> Scalars:
        """The activations of a layer."""
        if not self.row.elementwise:
            columns = [
                [_component(self.row, j)(*column) for j in range(len(column))] for column in zip(*z.rows, strict=True)
            ]
            return Scalars([list(row) for row in zip(*columns, strict=True)])
        each = [_vertex(own) for own in self.row.neurons or [self.row] * len(z.rows)]
        return Scalars([[sigma(x) for x in row] for sigma, row in zip(each, z.rows, strict=True)])


class _CostOfEach:
    """A cost function as one vertex for each output."""

    def __init__(self, row: Cost) -> None:
        self.row = row

    def __call__(self, a: Scalars, y: np.ndarray) -> Scalars:
        """The cost of each output neuron, for each example."""
        cost = _vertex(self.row)
        return Scalars([[cost(x, target) for x, target in zip(*pair, strict=True)] for pair in zip(a.rows, y, strict=True)])


def _vertex(row: Activation | Cost) -> Operation:
    """A function of a table as an operation on numbers: it is given matrices of one element, as it is in a network."""
    value, prime = _of_one(row.value), _of_one(row.prime)
    if isinstance(row, Cost):
        rules: tuple[Any, ...] = (lambda g, y, a, target: g * prime(a, target), None)
    else:
        rules = (lambda g, y, z: g * prime(z, y),)
    return Operation(row.name, value, rules, rules)


def _of_one(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs: f(*(np.reshape(x, (1, 1)) for x in xs))[0, 0]


def _component(row: Activation, j: int) -> Operation:
    """One activation of a softmax layer, as an operation on all weighted inputs of it; its slope is that of BPs."""

    def column(zs: tuple[Any, ...]) -> Any:
        return row.value(np.reshape(zs, (-1, 1)))[:, 0]

    def slope(k: int, g: Any, y: Any, *zs: Any) -> Any:
        return g * y * ((j == k) - column(zs)[k])

    return Operation(row.name, lambda *zs: column(zs)[j], slope, slope)


class _Naming(dict[Key, Any]):
    """The values of a pass, each with the name of its place."""

    def __setitem__(self, key: Key, value: Scalars) -> None:
        super().__setitem__(key, value)
        shape = len(value.rows), len(value.rows[0])
        for row, names in zip(value.rows, _names(key, shape), strict=True):
            for x, name in zip(row, names, strict=True):
                named(x, name)


def _names(key: Key, shape: tuple[int, ...]) -> list[list[str]]:
    """What the elements of a matrix are called: ``w2[0][1]``, and ``b2[0]`` where there is one column."""
    rows, columns = shape
    both = columns > 1 or key.symbol == "w"
    return [[f"{name_of(key)}[{j}]" + f"[{k}]" * both for k in range(columns)] for j in range(rows)]
