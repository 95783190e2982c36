"""Paths through a graph: how many, which, what each adds, and what it costs not to share them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph.vertices import Edge, Vertex, in_full, plain_number
from chainrule.graph.writing import brief, counted, many

if TYPE_CHECKING:
    from chainrule.graph.look import Graph

PATIENCE = 1_000_000  # edge touches of the naive recursion that are followed to see what it gives


@dataclass(frozen=True)
class Path:
    """One way through a graph: its edges, from the source to the target."""

    source: Vertex
    edges: tuple[Edge, ...] = field(repr=False)

    @property
    def vertices(self) -> tuple[Vertex, ...]:
        """Those that it goes through, both ends included."""
        return (self.source, *(edge.target for edge in self.edges))

    @property
    def product(self) -> Any:
        """The local derivatives along it, multiplied: what the path adds to the derivative of its end by its start."""
        return plain_number(in_full(self._back, self.source, self.vertices[-1]))

    def _back(self, g: Any) -> Any:
        for edge in reversed(self.edges):
            g = edge.back(g)
        return g

    def __str__(self) -> str:
        return " → ".join(vertex.name for vertex in self.vertices)


class PathSum(NamedTuple):
    """Each path with its product, and the sum: the derivative."""

    terms: list[tuple[Path, Any]]
    total: Any


class Naive(NamedTuple):
    """What recursion without a topological order does between two vertices.

    ``touches`` is how many times it goes over an edge, ``value`` what it gives (None where that are too many to follow),
    and ``derivative`` is what it should give; of an array, both are of its sum. One sweep touches each of the ``edges``
    once.
    """

    touches: int
    value: Any
    derivative: Any
    edges: int

    def __str__(self) -> str:
        gives = "cannot be followed" if self.value is None else f"gives {brief(self.value)}"
        return (
            f"naive recursion touches edges {counted(self.touches, 'time', 'times')} and {gives}; "
            f"a sweep touches {counted(self.edges, 'edge', 'edges')} once and gives {brief(self.derivative)}"
        )


def between(graph: Graph, source: Vertex, target: Vertex) -> dict[Vertex, list[Edge]]:
    """The vertices on the paths between two, in topological order, each with the edges of such paths into it."""
    after = {source}
    span = graph.vertices[source.position : target.position + 1]
    for vertex in span:
        if any(edge.source in after for edge in graph.incoming(vertex)):
            after.add(vertex)
    before = {target} & after
    for vertex in reversed(span):
        if vertex in after and any(edge.target in before for edge in graph.outgoing(vertex)):
            before.add(vertex)
    return {v: [e for e in graph.incoming(v) if v is not source and e.source in before] for v in span if v in before}


def count(graph: Graph, source: Vertex, target: Vertex) -> int:
    """How many paths there are: to each vertex, as many as to all those before it."""
    inside = between(graph, source, target)
    uses = dict.fromkeys(inside, 0)
    for into in inside.values():
        for edge in into:
            uses[edge.source] += 1
    ways = {source: 1}
    for vertex, into in inside.items():
        if into:
            ways[vertex] = sum(ways[edge.source] for edge in into)
        for edge in into:
            uses[edge.source] -= 1
            if not uses[edge.source]:
                del ways[edge.source]  # such numbers may have thousands of digits
    return ways[target] if inside else 0


def derivative(graph: Graph, source: Vertex, target: Vertex) -> Any:
    """The derivative of one vertex by another: back over the edges between them, once for each number of the target."""
    inside = between(graph, source, target)
    return plain_number(in_full(lambda e: _swept_back(inside, target, e).get(source, source.zero), source, target))


def _swept_back(inside: dict[Vertex, list[Edge]], target: Vertex, g: Any) -> dict[Vertex, Any]:
    found = {target: g} if inside else {}
    for vertex in reversed(inside):
        for edge in inside[vertex]:
            term = edge.back(found[vertex])
            with np.errstate(all="ignore"):
                found[edge.source] = found[edge.source] + term if edge.source in found else term
    return found


def paths(graph: Graph, source: Vertex, target: Vertex, limit: int) -> list[Path]:
    """All paths, where they are at most so many.

    Raises
    ------
    GraphError
        There are more; they were counted, not walked.
    """
    n = count(graph, source, target)
    if n > limit:
        raise GraphError(
            f"{many(n)} paths lead from {source.name} to {target.name}, more than limit = {limit:,}.\n"
            "Raise the limit to list them all, or take what needs no list: count_paths, derivative, factored."
        )
    return list(_walked(graph, source, target)) if n else []


def _walked(graph: Graph, source: Vertex, target: Vertex) -> Iterator[Path]:
    """One path after the other, in the order of the edges."""
    inside = between(graph, source, target)
    trail: list[Edge] = []
    ahead = [iter(graph.outgoing(source))]
    if source is target:
        yield Path(source, ())
    while ahead:
        edge = next((e for e in ahead[-1] if e.target in inside), None)
        if edge is None:
            ahead.pop()
            del trail[-1:]
        elif edge.target is target:
            yield Path(source, (*trail, edge))
        else:
            trail.append(edge)
            ahead.append(iter(graph.outgoing(edge.target)))


def summed(graph: Graph, source: Vertex, target: Vertex, limit: int) -> PathSum:
    """The products of all paths, and their sum."""
    terms = [(path, path.product) for path in paths(graph, source, target, limit)]
    total: Any = None
    for _, product in terms:
        total = product if total is None else total + product
    return PathSum(terms, derivative(graph, source, target) if total is None else total)


def naive(graph: Graph, source: Vertex, target: Vertex) -> Naive:
    """Recursion without a topological order, which goes on from a vertex as often as a path leads to it."""
    inside = between(graph, source, target)
    visits = dict.fromkeys(inside, 0) | {target: 1}
    touches = 0
    for vertex in reversed(inside):
        n = visits.pop(vertex)
        touches += n * len(inside[vertex])
        for edge in inside[vertex]:
            visits[edge.source] += n
    value = _followed(inside, source, target) if touches <= PATIENCE else None
    true = plain_number(_swept_back(inside, target, target.one).get(source, source.zero))
    return Naive(touches, value, true, sum(map(len, inside.values())))


def _followed(inside: dict[Vertex, list[Edge]], source: Vertex, target: Vertex) -> Any:
    """What the recursion gives: a visit hands on the adjoint so far, though more may come, and visits every operand."""
    found: dict[Vertex, Any] = {vertex: vertex.zero for vertex in inside} | {target: target.one}
    waiting = [target]
    while waiting:
        vertex = waiting.pop()
        for edge in inside.get(vertex, ()):
            with np.errstate(all="ignore"):
                found[edge.source] = found[edge.source] + edge.back(found[vertex])
        waiting += [edge.source for edge in reversed(inside.get(vertex, ()))]
    return plain_number(found.get(source, source.zero))
