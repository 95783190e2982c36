"""From the schedule to what the program consists of: products, loop nests, and in which order.

Each equation is run on symbols. A matrix product in the tree that comes out is taken out of it; what is left is
elementwise, or sums over neurons, and goes into a loop nest together with its neighbours over the same elements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.activations import Activation
from chainrule.algebra.formula import UNTRACEABLE
from chainrule.algebra.symbolic import Expr, leaf
from chainrule.engine.compiled.scalars import Unprintable, nodes
from chainrule.engine.memory import Values
from chainrule.notation import PARAMETER, Key
from chainrule.schedule import Recipe, Step

NORM = Key("norm2", 0)


@dataclass
class Line:
    """One equation's part of a loop nest: what it gives, and the equation for the reader."""

    key: Key
    tree: Any
    note: str


@dataclass
class Item:
    """A piece of the program.

    Attributes
    ----------
    kind : str
        ``"product"``, ``"layer"`` (a nest over a layer's neurons and examples), ``"sum"`` (over the examples), ``"flat"``
        (a stretch of parameters), ``"rows"`` (parameters by neuron).
    layer : int
    note : str
        The equation, for the reader.
    """

    kind: str
    layer: int
    note: str = ""
    lines: list[Line] = field(default_factory=list)
    form: str = ""
    out: Key = NORM
    left: Key = NORM
    right: Key = NORM
    factor: Any = None
    keep: Any = None
    stretch: tuple[int, int] = (0, 0)
    rate: float = 1.0
    reads: set[Key] = field(default_factory=set)
    writes: set[Key] = field(default_factory=set)


def items(steps: Iterable[Step], r: Recipe, values: Values, where: Mapping[Key, tuple[int, int]]) -> list[Item]:
    """The pieces of the program, in order; neighbours that can share a loop nest are one."""
    found: list[Item] = []
    for step in steps:
        for item in _lowered(step, r, values, where):
            last = found[-1] if found else None
            if last and _can_wait(last, item):  # a slope joins the loop after the product that it is multiplied with
                found[-1:] = [item, last]
            elif last and _continues(item, last):
                last.lines += item.lines
                last.reads |= item.reads
                last.writes |= item.writes
            else:
                found.append(item)
    return _joined(found)


def _continues(item: Item, last: Item) -> bool:
    """Whether the item goes over the same elements as the one before it."""
    same = item.kind == last.kind and item.layer == last.layer and item.stretch == last.stretch
    return item.kind in {"layer", "flat"} and same and item.rate == last.rate


def _can_wait(last: Item, item: Item) -> bool:
    """Whether the nest before a product only prepares what is done with its result."""
    alone = item.kind == "product" and last.kind == "layer" and last.layer == item.layer
    return (
        alone and {line.key.symbol for line in last.lines} == {"sigma_prime"} and not last.writes & {item.left, item.right}
    )


def _joined(found: list[Item]) -> list[Item]:
    """Neighbouring stretches of parameters to which the same is done, as one."""
    joined: list[Item] = []
    for item in found:
        last = joined[-1] if joined else None
        if last and _adjoins(item, last):
            last.stretch = last.stretch[0], item.stretch[1]
            last.reads |= item.reads
            last.writes |= item.writes
        else:
            joined.append(item)
    return joined


def _adjoins(item: Item, last: Item) -> bool:
    """Whether the same is done to the parameters that come next."""
    same = item.kind == last.kind == "flat" and item.rate == last.rate and item.stretch[0] == last.stretch[1]
    return same and [line.note for line in item.lines] == [line.note for line in last.lines]


def _lowered(step: Step, r: Recipe, values: Values, where: Mapping[Key, tuple[int, int]]) -> list[Item]:
    """The pieces that one step becomes."""
    note = f"{step.equation.name}: {step.equation.text}"
    try:
        tree = step.equation(
            *(_symbol(o.symbol, key, step, values) for o, key in zip(step.equation.reads, step.reads, strict=True))
        )
    except UNTRACEABLE as error:
        raise Unprintable(f"{step.equation.name} at layer {step.layer} uses a function that needs real arrays") from error
    reads = _leaves(tree) if not step.of else set(step.reads)
    if step.of:
        kind = "rows" if has_sum(tree) and step.writes != NORM else "flat"
        letter = Key(step.equation.writes, 0) if step.equation.writes != "norm2" else NORM
        rate = r.layer_rates.get(step.layer, 1.0)
        item = Item(kind, step.layer if kind == "rows" else 0, note, [Line(letter, tree, note)], rate=rate)
        item.stretch = where[Key(step.of, step.layer)]
        item.reads, item.writes = reads, {step.writes}
        return [item]
    item = Item("layer", step.layer, note, reads=reads, writes={step.writes})
    product = _product_in(tree)
    if product is not None:
        return _product_items(step, tree, product, item, note)
    if isinstance(tree, Expr) and tree.head == "reduce" and tree.info["axis"] == 1:
        item.kind, item.out = "sum", step.writes
        item.lines = [Line(step.writes, tree.args[0], note)]
        return [item]
    item.lines = [Line(step.writes, tree, note)]
    return [item]


def _symbol(symbol: Any, key: Key, step: Step, values: Values) -> Any:
    """What stands for an operand while the equation runs."""
    if symbol.per == PARAMETER:
        return leaf(Key(symbol.name, 0))
    value = values.get(key)
    if isinstance(value, Activation) and value.neurons:
        return ByNeuron(value, step.layer)
    if value is not None and not isinstance(value, np.ndarray | float):
        return value
    return leaf(key, scalar=symbol.is_scalar)


class ByNeuron:
    """The activation of a layer whose neurons have their own: every function, and for each neuron the one that is its."""

    def __init__(self, sigma: Activation, l: int) -> None:
        self.rows = list(dict.fromkeys(sigma.neurons))
        self.which = leaf(Key("kind", l))

    def __call__(self, z: Any) -> Any:
        """The activations."""
        return self._chosen([row(z) for row in self.rows])

    def prime(self, z: Any, a: Any) -> Any:
        """The slopes."""
        return self._chosen([row.prime(z, a) for row in self.rows])

    def _chosen(self, found: list[Any]) -> Any:
        chosen = found[-1]
        for k in range(len(found) - 2, -1, -1):
            chosen = np.where(self.which < k + 0.5, found[k], chosen)
        return chosen


def _leaves(x: Any) -> set[Key]:
    """The symbols in a tree."""
    return {part.info["name"] for part in nodes(x) if part.head == "leaf"}


def has_sum(x: Any) -> bool:
    """Whether a tree has a sum, or the like, in it."""
    return any(part.head == "reduce" for part in nodes(x))


def _product_in(x: Any) -> Expr | None:
    """The matrix product in a tree."""
    return next((part for part in nodes(x) if part.head is np.matmul), None)


def _product_items(step: Step, tree: Expr, product: Expr, item: Item, note: str) -> list[Item]:
    """A product, and the nest that does the rest of the equation with its result."""
    left, right = product.args
    item.kind, item.note, item.out = "product", note, step.writes
    if left.head == "T":
        item.form, item.left, item.right = "backward", right.info["name"], left.args[0].info["name"]
    elif right.head == "T":
        item.form, item.right = "gradient", right.args[0].info["name"]
        item.factor, item.left = _scaled(left)
        item.keep = _kept(tree, product)
        if item.keep is not None:
            assert item.factor is not None
            item.factor = -item.factor
        return [item]
    else:
        item.form, item.left, item.right = "forward", right.info["name"], left.info["name"]
    if tree is product:
        return [item]
    rest = _replaced(tree, product, leaf(step.writes))
    tail = Item("layer", step.layer, note, [Line(step.writes, rest, note)])
    tail.reads, tail.writes = item.reads | {step.writes}, {step.writes}
    return [item, tail]


def _scaled(x: Expr) -> tuple[Any, Key]:
    """A number times an array, as these two; None for the number 1."""
    if x.head == "leaf":
        return None, x.info["name"]
    assert x.head is np.multiply
    return x.args[0], x.args[1].info["name"]


def _kept(tree: Expr, product: Expr) -> Any:
    """What the result starts from: nothing (None), or a multiple of the old value: w - product, w * number - product."""
    if tree is product:
        return None
    assert tree.head is np.subtract
    start = tree.args[0]
    return 1.0 if start.head == "leaf" else start.args[1]


def _replaced(x: Any, part: Expr, by: Expr) -> Any:
    """The tree with one part replaced."""
    if x is part:
        return by
    if not isinstance(x, Expr) or x.head == "leaf":
        return x
    return Expr(x.head, tuple(_replaced(arg, part, by) for arg in x.args), scalar=x.scalar, **x.info)
