"""What a graph is made of: vertices with their values, and edges with their local derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph.derivatives import basis
from chainrule.graph.modes import fitted
from chainrule.graph.tracing import Operation
from chainrule.graph.values import Parts
from chainrule.graph.writing import brief, derivative_of

SMALL = 10_000  # numbers of a Jacobian that is written out where an edge is asked for its derivative


@dataclass(eq=False)
class Vertex:
    """A value of a computation.

    Attributes
    ----------
    name : str
    value : ndarray or NumPy scalar; None in a graph made by hand
    operation : str
        What computed it; empty for an input, ``given`` in a graph made by hand.
    expression : str
        How, in the names of the values that it was computed from: ``"a + b"``. Empty for an input.
    position : int
        Its place in the topological order, counted from 0.
    adjoint
        How the output changes with it, after ``graph.reverse()``.
    tangent
        How it changes with an input, after ``graph.forward(input)``.
    """

    name: str
    value: Any = None
    operation: str = ""
    expression: str = ""
    position: int = 0
    adjoint: Any = None
    tangent: Any = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its value; () for a number."""
        return np.shape(self.value)

    @property
    def one(self) -> Any:
        """The number 1, or ones, of the value's shape and dtype: where a sweep starts."""
        return 1.0 if self.value is None else np.ones_like(self.value)[()]

    @property
    def zero(self) -> Any:
        """The number 0, or zeros, of the value's shape and dtype."""
        return 0.0 if self.value is None else np.zeros_like(self.value)[()]

    @property
    def directions(self) -> list[Any]:
        """The unit vectors of its space; for a number, 1."""
        return [self.one] if self.shape == () else basis(self.value)

    def __repr__(self) -> str:
        value = "" if self.value is None else f": {brief(self.value)}"
        return f"Vertex({self.name}{f' = {self.expression}' if self.expression else ''}{value})"


@dataclass(frozen=True)
class Rules:
    """An operation at the point where it was computed, seen from one of its operands."""

    operation: Operation
    place: int
    y: Any
    operands: tuple[Any, ...]
    options: dict[str, Any]
    item: int | None = None  # of several results, which

    def back(self, g: Any) -> Any:
        """The adjoint of the operand from that of the result."""
        of_all = g if self.item is None else Parts({self.item: g})
        term = self.operation.adjoint(self.place, of_all, self.y, self.operands, self.options)
        return fitted(term, self.operands[self.place])

    def forth(self, t: Any) -> Any:
        """The tangent of the result from that of the operand."""
        found = self.operation.tangent(self.place, t, self.y, self.operands, self.options)
        y, found = (self.y, found) if self.item is None else (self.y[self.item], found[self.item])
        return found if found.shape == y.shape else np.broadcast_to(found, y.shape)


@dataclass(frozen=True, eq=False)
class Edge:
    """How one value enters another. In ``b = a + a`` there are two.

    Attributes
    ----------
    source, target : Vertex
    place : int
        Which operand of the target the source is, counted from 0.
    rule
        The derivative itself, a number or a symbol, or the rules that give it.
    among : int
        How many edges join the same two vertices.
    """

    source: Vertex
    target: Vertex
    place: int
    rule: Any
    among: int = 1

    @cached_property
    def number(self) -> Any:
        """The local derivative where it is one real number or a symbol; None where arrays or complex numbers are joined."""
        if not isinstance(self.rule, Rules):
            return self.rule
        ends = self.source.value, self.target.value
        if any(x.shape != () or x.dtype.kind != "f" for x in ends):
            return None
        with np.errstate(all="ignore"):
            return plain_number(self.rule.back(self.target.one))

    @property
    def derivative(self) -> Any:
        """The local derivative of the target by the source, everything else that the target is made of held fixed.

        A number; for arrays the Jacobian, of the target's shape and then the source's; where that has more than 10,000
        numbers, the function that takes the target's adjoint to what it adds to the source's.
        """
        if self.number is not None:
            return self.number
        if self.source.value.size * self.target.value.size > SMALL:
            return self.back
        return self.jacobian()

    def jacobian(self) -> Any:
        """The local derivative as an array of the target's shape and then the source's."""
        return in_full(self.back, self.source, self.target)

    def back(self, g: Any) -> Any:
        """What the edge adds to the adjoint of its source, from g, the adjoint of its target."""
        with np.errstate(all="ignore"):
            return self.rule.back(g) if self.number is None else self.number * g

    def forth(self, t: Any) -> Any:
        """What the edge adds to the tangent of its target, from t, the tangent of its source."""
        with np.errstate(all="ignore"):
            return self.rule.forth(t) if self.number is None else self.number * t

    @property
    def slope(self) -> str:
        """The derivative in words: ``∂e/∂c = 2``; of one edge among several that join the same two, its number alone."""
        name = derivative_of(self.target.name, self.source.name)
        if self.among > 1:
            return f"part {self.place + 1} of {name}" if self.number is None else brief(self.number)
        return name if self.number is None else f"{name} = {brief(self.number)}"

    def __repr__(self) -> str:
        return f"Edge({self.source.name} -> {self.target.name}, operand {self.place})"


def in_full(back: Callable[[Any], Any], source: Vertex, target: Vertex) -> Any:
    """The derivative of one vertex by another, of their shapes, from what takes an adjoint of the one to that of the other.

    Adjoints of a real source say how the real part of a complex target changes; the imaginary one is that of -i times it.
    """
    turn = np.iscomplexobj(target.value) and not np.iscomplexobj(source.value)
    rows = [back(e) + 1j * back(-1j * e) if turn else back(e) for e in target.directions]
    return rows[0] if target.shape == () else np.reshape(np.array(rows), target.shape + source.shape)


def plain_number(x: Any) -> Any:
    """A NumPy number as Python's; anything else as it is."""
    return x.item() if isinstance(x, np.generic) else x


def sound(vertex: Vertex | None, name: str, known: list[str]) -> Vertex:
    """The vertex that was asked for.

    Raises
    ------
    GraphError
        There is none of this name.
    """
    if vertex is None:
        some = ", ".join(known[:12]) + (f" and {len(known) - 12:,} more" if len(known) > 12 else "")
        raise GraphError(
            f"the graph has no value named {name!r}. It has {some}.\nName one with graph.named(value, {name!r})."
        )
    return vertex
