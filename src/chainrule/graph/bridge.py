"""A bridge to networks: the equations that train them, run on the values of a graph.

The forward pass of a network is then a graph like any other. Reverse mode on it is backpropagation, found once more and
by other means: it knows FP1, FP2 and C, and nothing of BP1 to BP4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from chainrule import checks
from chainrule import equations as eq
from chainrule.activations import ACTIVATIONS, Activation, per_neuron
from chainrule.architecture import Architecture
from chainrule.costs import COSTS, Cost
from chainrule.engine.memory import Values, functions
from chainrule.errors import ShapeError
from chainrule.graph.build import named
from chainrule.graph.derivatives import hessian_vector_product
from chainrule.graph.tracing import Operation
from chainrule.network import Network
from chainrule.notation import Key
from chainrule.schedule import Step, evaluation, run

Parameters = dict[str, Any]
Row = TypeVar("Row", Activation, Cost)


def network_cost(
    network: Network, x: Any, y: Any, *, sample_weight: Any = None, inside: bool = False
) -> tuple[Callable[[Parameters], Any], dict[str, np.ndarray]]:
    """The cost of a network as a function of its weights and biases, and these: all that a gradient needs.

    Parameters
    ----------
    network : Network
    x : array-like, shape (m, n^1), or (n^1,) for one example
    y : array-like
        Class indices (m,), or target rows (m, n^L); for one example, one index or (n^L,).
    sample_weight : array-like, shape (m,), optional
    inside : bool
        Whether the graph goes inside the activation functions and the cost, operation by operation. Otherwise each of
        them is one operation, whose slope is that of its row in the tables.

    Returns
    -------
    cost : callable
        Of a dict of parameters; the cost **summed** over the mini-batch, as ``Network.backprop`` sums gradients.
    parameters : dict
        Copies of the network's: ``w2`` is the weights of layer 2, (n^2, n^1), and ``b2`` its biases, (n^2, 1).

    Raises
    ------
    ShapeError, DataError
        The examples do not fit the network.

    Notes
    -----
    In the graph of the cost, ``graph.trace(cost, parameters)``, the weighted inputs of layer 2 are called ``z2`` and the
    activations ``a2``. The adjoint of ``z2`` is the error of the layer, ``pass_.delta[2]``.

    Examples
    --------
    >>> from chainrule import Network
    >>> from chainrule.graph import grad
    >>> from chainrule.graph.bridge import network_cost
    >>> net = Network([2, 3, 1], seed=0, dtype="float64")
    >>> cost, parameters = network_cost(net, [0.5, -1.0], [1.0])
    >>> gradient = grad(cost)(parameters)
    >>> bool(abs(gradient["w2"] - net.backprop([0.5, -1.0], [1.0]).nabla_w[2]).max() < 1e-15)
    True
    """
    a = network.architecture
    values, weight = examples(a, x, y, sample_weight)
    rows = functions(a)
    fixed: Values = {**values, **{key: row if inside and _of_table(row) else folded(row) for key, row in rows.items()}}
    steps = evaluation(a) if weight is None else [*evaluation(a), Step(eq.weighted_cost, a.L)]
    keys = {name_of(key): key for key, _ in a.shapes()}

    def cost(parameters: Parameters) -> Any:
        """The cost, summed over the mini-batch."""
        now = Naming({**fixed, **{keys[name]: x for name, x in _named_like(parameters, keys, "parameters").items()}})
        with np.errstate(over="ignore", under="ignore"):
            run(steps, now)
        return np.sum(now[Key("cost_x", 0)])

    return cost, {name: network.parameters.views[key].copy() for name, key in keys.items()}


def network_hvp(
    network: Network, x: Any, y: Any, direction: Mapping[str, Any], *, sample_weight: Any = None
) -> dict[str, np.ndarray]:
    """The Hessian of a network's cost times a direction: how the gradient changes as the parameters move along it.

    Parameters
    ----------
    network, x, y, sample_weight
        As for :func:`network_cost`.
    direction : mapping
        An array for each parameter, by the names and in the shapes of :func:`network_cost`.

    Returns
    -------
    dict
        Of the same names and shapes; summed over the mini-batch.

    Raises
    ------
    ShapeError
        The direction is not of the form of the parameters.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import Network
    >>> net = Network([2, 3, 1], seed=0, dtype="float64")
    >>> ones = {"w2": np.ones((3, 2)), "w3": np.ones((1, 3)), "b2": np.ones((3, 1)), "b3": np.ones((1, 1))}
    >>> network_hvp(net, [0.5, -1.0], [1.0], ones)["w3"].shape
    (1, 3)
    """
    cost, parameters = network_cost(network, x, y, sample_weight=sample_weight)
    along = _named_like(direction, parameters, "direction")
    for name, value in parameters.items():
        if np.shape(along[name]) != value.shape:
            raise ShapeError(
                f"direction: {name} has shape {np.shape(along[name])}, but the parameter has {value.shape}.\n"
                "A direction has a number for each number that it moves."
            )
    found: dict[str, np.ndarray] = hessian_vector_product(cost)(
        parameters, {name: np.asarray(v, network.architecture.dtype) for name, v in along.items()}
    )
    return found


def folded(row: Row) -> Row:
    """The same activation or cost as one operation, whose derivative is the slope of its row.

    One without a slope of its own, and softmax, stay open: the graph goes inside.
    """
    if isinstance(row, Activation):
        if row.neurons:
            return per_neuron([folded(own) for own in row.neurons])
        slope: Any = lambda g, y, z: g * row.prime(z, y)  # noqa: E731  a rule of a table
        rules: tuple[Any, ...] = (slope,)
        if not row.elementwise:
            return row
    else:
        slope = lambda g, y, a, target: g * row.prime(a, target)  # noqa: E731  a rule of a table
        rules = (slope, None)
    return row if row.slope is None else replace(row, value=Operation(row.name, row.value, rules, rules))


def _of_table(row: Activation | Cost) -> bool:
    """Whether it is one of ours, of which each value and slope is written in NumPy."""
    if isinstance(row, Activation) and row.neurons:
        return all(map(_of_table, row.neurons))
    return row.slope is None or row in {**ACTIVATIONS, **COSTS}.values()


def examples(a: Architecture, x: Any, y: Any, sample_weight: Any = None) -> tuple[Values, Any]:
    """A mini-batch as columns, checked; and its weights, if it has any."""
    if np.ndim(x) == 1 and np.shape(y) in ((), (a.neurons(a.L),)):
        y = np.reshape(np.asarray(y), (1, -1) if np.ndim(y) else (1,))
    rows = checks.inputs(x, a, one=True)
    wanted, _ = checks.targets(y, len(rows), a)
    weight = checks.sample_weights(sample_weight, len(rows), a.dtype)
    values: Values = {Key("a", 1): rows.T, Key("y", 0): wanted.T}
    return values | ({} if weight is None else {Key("weight", 0): weight[None]}), weight


class Naming(dict[Key, Any]):
    """The values of a pass, each with its name in the graph."""

    def __setitem__(self, key: Key, value: Any) -> None:
        super().__setitem__(key, named(value, name_of(key)))


def name_of(key: Key) -> str:
    """What a value is called: its symbol and its layer."""
    return f"{key.symbol}{key.layer or ''}"


def _named_like(given: Any, wanted: Mapping[str, Any], what: str) -> Parameters:
    """A dict in the order of the parameters.

    Raises
    ------
    ShapeError
        A name is missing, or is of no parameter.
    """
    names = list(given) if isinstance(given, Mapping) else []
    if set(names) != set(wanted):
        raise ShapeError(
            f"{what} has {', '.join(map(str, names[:12])) or f'no names ({type(given).__name__})'}, but this network has "
            f"{', '.join(wanted)}.\nGive a dict with an array for each of them, as network_cost does."
        )
    return {name: given[name] for name in wanted}
