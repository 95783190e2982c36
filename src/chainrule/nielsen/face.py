"""What the two programs share: between their lists of columns and the schedule that chainrule runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from chainrule import checks
from chainrule import network as core
from chainrule.architecture import Architecture, architecture, first_values
from chainrule.costs import PENALTIES, Cost
from chainrule.engine import inference
from chainrule.engine.memory import ETA, SIZE, Values, constants, functions
from chainrule.errors import DivergenceError, ShapeError
from chainrule.nielsen.columns import Pair, examples
from chainrule.notation import Key
from chainrule.randomness import shuffled
from chainrule.schedule import Recipe, backprop, run, update
from chainrule.train.history import Epoch
from chainrule.train.settings import Settings

Gradient = tuple[list[np.ndarray], list[np.ndarray]]
Own = Callable[[Values], Any]  # the user's own function for one quantity, given the pass so far


class Face(Protocol):
    """What both programs' networks have."""

    sizes: list[int]
    weights: list[np.ndarray]
    biases: list[np.ndarray]
    seed: int
    epoch: int

    def feedforward(self, a: Any) -> np.ndarray:
        """The output for a column."""
        ...

    def backprop(self, x: Any, y: Any) -> Gradient:
        """The gradient for a column."""
        ...


def description(sizes: Sequence[int], cost: str | Cost) -> Architecture:
    """A network of sigmoid neurons in float64, as all of the book's are."""
    return architecture(sizes, "sigmoid", cost, output="sigmoid", dtype=np.float64)


def draw(net: Face, a: Architecture, initial: str) -> None:
    """Give the network its first weights and biases, by its seed."""
    values = dict(first_values(a, initial, net.seed))
    net.weights, net.biases = ([values[Key(of, l)] for l in a.layers] for of in "wb")


def matrices(a: Architecture, weights: Sequence[Any], biases: Sequence[Any], what: str = "") -> Values:
    """The lists as values of a schedule, after a look at every shape."""
    found: Values = {}
    for of, name, arrays in (("w", f"{what}weights", weights), ("b", f"{what}biases", biases)):
        if len(arrays) != a.L - 1:
            raise ShapeError(f"{name} has {len(arrays)} arrays, but sizes={list(a.sizes)} has {a.L - 1} layers with them.")
        for l, given in enumerate(arrays, 2):
            array = checks.numbers(given, f"{name}[{l - 2}]")
            wanted = (a.neurons(l), a.neurons(l - 1) if of == "w" else 1)
            if array.shape != wanted:
                raise ShapeError(f"{name}[{l - 2}] is {array.shape}, but sizes={list(a.sizes)} needs {wanted} there.")
            found[Key(of, l)] = np.asarray(array, np.float64)
    return found


def forward(net: Face, a: Architecture, x: np.ndarray) -> np.ndarray:
    """The outputs for rows of inputs, as rows."""
    return inference.outputs(a, matrices(a, net.weights, net.biases), x)


def outputs(net: Face, a: Architecture, base: type, x: np.ndarray) -> np.ndarray:
    """The same, by the network's own feedforward where a subclass has one."""
    if uses(net, base, "feedforward"):
        return forward(net, a, x)
    return np.array([np.ravel(net.feedforward(row[:, None])) for row in x])


def uses(net: Face, base: type, *names: str) -> bool:
    """Whether these methods are still those of ``base``, and not a subclass's or the object's own."""
    return all(getattr(getattr(net, name), "__func__", None) is getattr(base, name) for name in names)


# ------------------------------------------------------------------------------------------------------- one mini-batch


def gradient(net: Face, a: Architecture, x: np.ndarray, y: np.ndarray, given: Mapping[Key, Own]) -> Gradient:
    """Backpropagate columns; what ``given`` names is computed by it in place of the schedule's equation."""
    if x.shape[1] != y.shape[1]:
        raise ShapeError(f"x has {x.shape[1]} columns and y has {y.shape[1]}; each example needs its target.")
    values = matrices(a, net.weights, net.biases) | functions(a) | {Key("a", 1): x, Key("y", 0): y}
    with np.errstate(over="ignore", under="ignore"):
        for step in backprop(a, glass=False):
            if step.writes in given:
                values[step.writes] = _like(given[step.writes](values), values[Key("a", a.L)], step.writes.symbol)
            else:
                run([step], values)
    nabla_b, nabla_w = ([values[Key(name, l)] for l in a.layers] for name in ("nabla_b", "nabla_w"))
    return nabla_b, nabla_w


def _like(found: Any, a: np.ndarray, name: str) -> np.ndarray:
    """A user's own result, which must be a number for each output."""
    if np.shape(found) not in ((), a.shape):
        raise ShapeError(f"your own function for {name} gave shape {np.shape(found)} for outputs of shape {a.shape}.")
    return np.broadcast_to(found, a.shape)


def summed(net: Face, a: Architecture, batch: Sequence[Pair], *, together: bool) -> Gradient:
    """The gradient of a mini-batch: of all columns at once, or example by example where a subclass has its own rule."""
    if together:
        x, y = examples(batch, a, "mini_batch")
        return net.backprop(x.T, y.T)
    nabla_b, nabla_w = ([np.zeros_like(v) for v in arrays] for arrays in (net.biases, net.weights))
    for x, y in batch:
        of_biases, of_weights = net.backprop(x, y)
        nabla_b = [so_far + more for so_far, more in zip(nabla_b, of_biases, strict=True)]
        nabla_w = [so_far + more for so_far, more in zip(nabla_w, of_weights, strict=True)]
    return nabla_b, nabla_w


def step(net: Face, a: Architecture, nabla: Gradient, m: int, eta: float, lmbda: float = 0.0, n: int = 1) -> None:
    """Change the weights and biases by the schedule's update; the gradient is the sum over m of the n examples."""
    recipe = Recipe(penalty=PENALTIES["l2"] if lmbda else None, lmbda=lmbda)
    values = matrices(a, net.weights, net.biases) | functions(a, recipe) | constants(recipe, n)
    gradients = matrices(a, nabla[1], nabla[0], "gradients of ")
    values |= {Key(f"nabla_{of}", l): array for (of, l), array in gradients.items()}
    values |= {SIZE: float(m), **{Key(ETA.symbol, l): eta for l in a.layers}}
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        run(update(a, recipe), values)
    for of, l in gradients:
        if not np.isfinite(values[Key(of, l)]).all():
            raise DivergenceError(
                f"a step along the mini-batch left {of} of layer {l} not finite, at learning rate {eta:g}.\n"
                "The network keeps the weights of the step before: try a smaller rate, or smaller inputs.",
                epoch=max(net.epoch, 1), step=1, layer=l, quantity=of,
            )  # fmt: skip
    net.weights, net.biases = ([values[Key(of, l)] for l in a.layers] for of in "wb")


# ---------------------------------------------------------------------------------------------------------- all epochs


def fit(net: Face, a: Architecture, data: Sequence[Pair], how: Settings, after: Callable[[int], None]) -> None:
    """Train by the engine; after each epoch (counted from 0 in this call) the lists hold its weights."""
    x, y = examples(data, a, "training_data")
    first = net.epoch
    inner = core.Network(
        a.sizes, "sigmoid", a.cost, output="sigmoid", dtype=a.dtype, seed=net.seed, initial=(net.weights, net.biases)
    )
    inner.state.epoch = first

    def keep() -> None:
        net.weights, net.biases = [w.copy() for w in inner.weights], [b.copy() for b in inner.biases]

    def finish(record: Epoch) -> None:
        keep()
        net.epoch = record.epoch
        after(record.epoch - first - 1)

    try:
        inner.fit(
            x, y, epochs=how.epochs, batch_size=how.batch_size, learning_rate=how.eta, lmbda=how.lmbda, callbacks=[finish]
        )
    finally:
        keep()


def descend(
    net: Face, data: Sequence[Pair], how: Settings, change: Callable[[list[Pair]], None], after: Callable[[int], None]
) -> None:
    """Train by calls of the network's own ``update_mini_batch``, in the same order of examples as :func:`fit`."""
    size = how.batch_size or len(data)
    for epoch in range(how.epochs):
        net.epoch += 1
        order = shuffled(net.seed, net.epoch, len(data))
        for start in range(0, len(data), size):
            change([data[i] for i in order[start : start + size]])
        after(epoch)
