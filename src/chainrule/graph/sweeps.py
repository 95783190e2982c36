"""The two sweeps over a graph, step by step: each step is one edge, and each edge is touched once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.graph.vertices import Edge, Vertex, plain_number
from chainrule.graph.writing import brief, counted

if TYPE_CHECKING:
    from chainrule.graph.look import Graph

SHOWN = 60  # steps of a record that its text shows


@dataclass(frozen=True)
class Step:
    """One edge of a sweep.

    Attributes
    ----------
    edge : Edge
    vertex : Vertex
        Whose adjoint or tangent grows: the edge's source in reverse mode, its target in forward mode.
    factor
        The adjoint or tangent at the other end, which is complete.
    contribution
        The local derivative times the factor.
    total
        The vertex's adjoint or tangent so far, with this contribution.
    complete : bool
        Whether no other edge adds to it.
    mode : {"reverse", "forward"}
    """

    edge: Edge
    vertex: Vertex
    factor: Any
    contribution: Any
    total: Any
    complete: bool
    mode: str

    @property
    def derivative(self) -> Any:
        """The edge's local derivative."""
        return self.edge.derivative

    @property
    def words(self) -> str:
        """The step as a sentence."""
        name, given = ("adjoint", self.edge.target) if self.mode == "reverse" else ("tangent", self.edge.source)
        return (
            f"{self.edge.source.name} → {self.edge.target.name}: {self.edge.slope} times the {name} of {given.name}, "
            f"{brief(self.factor)}, is {brief(self.contribution)}; the {name} of {self.vertex.name} is "
            f"{'' if self.complete else 'so far '}{brief(self.total)}."
        )


@dataclass(frozen=True)
class Sweep:
    """The record of a sweep.

    Attributes
    ----------
    mode : {"reverse", "forward"}
    start : Vertex
        The output in reverse mode, an input in forward mode: it has the adjoint or tangent 1.
    steps : list of Step
    values : dict
        The adjoint or tangent of each vertex, by its name.
    """

    mode: str
    start: Vertex
    steps: list[Step] = field(repr=False)
    values: dict[str, Any]

    @property
    def touches(self) -> int:
        """How many times an edge was touched."""
        return len(self.steps)

    def text(self, shown: int = SHOWN) -> str:
        """The steps as numbered sentences; of many, the first and the last."""
        name = "adjoint" if self.mode == "reverse" else "tangent"
        head = f"{self.mode} mode from {self.start.name}: its {name} is 1"
        width = len(f"{self.touches:,}")
        lines = [f"{k:>{width},}. {step.words}" for k, step in _ends(self.steps, shown)]
        if self.touches > shown:
            lines.insert(shown // 2, f"{'':>{width}}  ... {self.touches - shown:,} more")
        return "\n".join([head, *lines, counted(self.touches, "edge touch", "edge touches")])

    def __str__(self) -> str:
        return self.text()


def _ends(steps: list[Step], shown: int) -> list[tuple[int, Step]]:
    """The first and the last steps, with their numbers."""
    numbered = list(enumerate(steps, 1))
    return numbered if len(steps) <= shown else numbered[: shown // 2] + numbered[len(steps) - (shown - shown // 2) :]


def reverse(graph: Graph) -> Sweep:
    """From the output back: a vertex hands its adjoint on when everything that it goes into has added to it."""
    order = list(reversed(graph.vertices))
    found, steps = _swept(graph.output, order, graph.incoming, graph.outgoing, "reverse")
    for vertex in graph.vertices:
        vertex.adjoint = found[vertex]
    return Sweep("reverse", graph.output, steps, {v.name: plain_number(v.adjoint) for v in graph.vertices})


def forward(graph: Graph, start: Vertex) -> Sweep:
    """From one vertex on: the tangent of each vertex is the sum over the edges into it."""
    found, steps = _swept(start, graph.vertices, graph.outgoing, graph.incoming, "forward")
    graph.direction = start
    for vertex in graph.vertices:
        vertex.tangent = found[vertex]
    return Sweep("forward", start, steps, {v.name: plain_number(v.tangent) for v in graph.vertices})


def _swept(
    start: Vertex, order: Sequence[Vertex], onward: Callable[[Vertex], Sequence[Edge]],
    entering: Callable[[Vertex], Sequence[Edge]], mode: str,
) -> tuple[dict[Vertex, Any], list[Step]]:  # fmt: skip
    """What each vertex gets, and the steps: each vertex in this order hands on what it has."""
    found: dict[Vertex, Any] = {start: start.one}
    waiting = {vertex: len(entering(vertex)) for vertex in order}
    steps = []
    for vertex in order:
        factor = found.setdefault(vertex, vertex.zero)
        for edge in onward(vertex):
            to = edge.source if mode == "reverse" else edge.target
            term = edge.back(factor) if mode == "reverse" else edge.forth(factor)
            with np.errstate(all="ignore"):
                found[to] = found[to] + term if to in found else term
            waiting[to] -= 1
            steps.append(Step(edge, to, factor, term, found[to], waiting[to] == 0, mode))
    return found, steps
