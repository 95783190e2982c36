"""The kinds of traced values: recorded or kept for reverse mode, carried along for forward mode."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np

from chainrule.graph.tracing import Operation, Traced

new_level = count().__next__
_serial = count().__next__


class Record:
    """What reverse mode has to know of a value: how it was computed, and of its numbers only what a rule needs.

    Attributes
    ----------
    value : ndarray, NumPy scalar, Traced or None
        The result, where the rule of the operation needs it; else None, and the rule gets the record in its place.
    operands : tuple
        Of those that the rule does not need, the record stands here: it has their shape and dtype.

    The others are those of :class:`Node`.
    """

    __slots__ = ("dtype", "operands", "operation", "options", "parents", "serial", "shape", "value")

    def __init__(self, y: Any, operation: Any = None, operands: Any = (), options: Any = None, parents: Any = ()) -> None:
        self.serial, self.operation, self.operands, self.options = _serial(), operation, operands, options
        self.parents, self.value = parents, None
        if not isinstance(y, tuple):
            self.shape, self.dtype = y.shape, y.dtype

    @property
    def ndim(self) -> int:
        """How many axes the value has."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many elements the value has."""
        return math.prod(self.shape)


class Recorded(Traced):
    """A value of which reverse mode will need the record; its numbers go when the program has no more use for them."""

    __slots__ = ("record",)

    def __init__(self, value: Any, level: int, record: Record | None = None) -> None:
        self.value, self.level, self.record = value, level, record or Record(value)

    def after(self, operation: Operation, operands: Any, values: Any, options: Any, y: Any) -> Any:
        """The result, recorded; for a function of several results, each."""
        level = self.level
        parents = [(k, x.record) for k, x in enumerate(operands) if isinstance(x, Recorded) and x.level == level]
        keeps = operation.keeps if operation.forth is not None else "x" if len(parents) > 1 else ""
        if "x" not in keeps:
            kept = list(values)
            for k, record in parents:
                kept[k] = record
            values = tuple(kept)
        record = Record(y, operation, values, options, parents)
        if "y" in keeps:
            record.value = y
        if not isinstance(y, tuple):
            return Recorded(y, level, record)
        parts = [Recorded(v, level, Record(v, ITEM, (record, k), {}, [(0, record)])) for k, v in enumerate(y)]
        return type(y)(*parts) if hasattr(y, "_fields") else tuple(parts)


class Node(Traced):
    """A value in a graph that is looked at: it keeps everything that it was computed from.

    Attributes
    ----------
    operation : Operation or None
        None for a value that nothing was computed to get.
    operands, options : tuple, dict
        What the operation was called with; values of this graph are replaced by what they stand for.
    parents : list of (int, Node)
        The operands that are nodes of this graph, with their places.
    serial : int
        Later nodes have higher numbers: an order in which each node comes after those that it was computed from.
    name : str
        What it is called where the graph is looked at; unset unless ``graph.named`` sets it.
    """

    __slots__ = ("name", "operands", "operation", "options", "parents", "serial")
    name: str

    def __init__(
        self, value: Any, level: int, operation: Operation | None = None, operands: tuple[Any, ...] = (),
        options: dict[str, Any] | None = None, parents: list[tuple[int, Node]] | None = None,
    ) -> None:  # fmt: skip
        self.value, self.level, self.serial = value, level, _serial()
        self.operation, self.operands, self.options, self.parents = operation, operands, options or {}, parents or []

    def after(self, operation: Operation, operands: Any, values: Any, options: Any, y: Any) -> Any:
        """A node for the result; for a function of several results, a node for each."""
        level = self.level
        parents = [(k, x) for k, x in enumerate(operands) if isinstance(x, Node) and x.level == level]
        node = Node(y, level, operation, values, options, parents)
        return _each(node, y) if isinstance(y, tuple) else node


class Carrier(Traced):
    """A value with its tangent: how it changes with what the derivative is taken by.

    Attributes
    ----------
    tangent : ndarray, NumPy scalar or Traced
        Of the value's shape; None is 0.
    """

    __slots__ = ("tangent",)

    def __init__(self, value: Any, level: int, tangent: Any) -> None:
        self.value, self.level, self.tangent = value, level, tangent

    def after(self, operation: Operation, operands: Any, values: Any, options: Any, y: Any) -> Any:
        """The result with its tangent: the sum of what each operand's tangent adds."""
        total: Any = None
        for k, x in enumerate(operands):
            if isinstance(x, Carrier) and x.level == self.level and x.tangent is not None:
                term = operation.tangent(k, x.tangent, y, values, options)
                total = term if total is None else _sum(total, term)
        if not isinstance(y, tuple):
            if total is not None:
                if total.shape != y.shape:
                    total = np.broadcast_to(total, y.shape)
                if total.dtype != y.dtype and y.dtype.kind in "fc":  # of float32 and a plain float64, float64
                    total = total.astype(y.dtype)
            return Carrier(y, self.level, total)
        parts = [Carrier(v, self.level, None if total is None else total[i]) for i, v in enumerate(y)]
        return type(y)(*parts) if hasattr(y, "_fields") else tuple(parts)


@dataclass
class Parts:
    """Adjoints of some of several results; the others are 0."""

    found: dict[int, Any] = field(default_factory=dict)

    def __add__(self, other: Parts) -> Parts:
        total = dict(self.found)
        for k, g in other.found.items():
            total[k] = total[k] + g if k in total else g
        return Parts(total)

    def __getitem__(self, k: int) -> Any:
        """The adjoint of result k; the number 0 where it has none."""
        return self.found.get(k, 0.0)

    def __iter__(self) -> Iterator[Any]:
        return iter([self[k] for k in range(max(self.found) + 1)])


ITEM = Operation(
    "item", lambda parts, k: parts[k], (lambda g, y, parts, k: Parts({k: g}), None), (lambda t, y, parts, k: t[k], None)
)


def _each(node: Node, y: tuple[Any, ...]) -> Any:
    """A node for each of several results."""
    parts = [Node(v, node.level, ITEM, (y, k), {}, [(0, node)]) for k, v in enumerate(y)]
    return type(y)(*parts) if hasattr(y, "_fields") else tuple(parts)


def _sum(x: Any, y: Any) -> Any:
    """The sum of two tangents, of one result or of several."""
    return tuple(_sum(a, b) for a, b in zip(x, y, strict=True)) if isinstance(x, tuple) else x + y
