"""A graph as an object to look at: its values, its edges, both sweeps, its paths, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from chainrule.graph import factors, paths, sweeps
from chainrule.graph.build import joined, named, traced
from chainrule.graph.factors import Factored
from chainrule.graph.paths import Naive, Path, PathSum
from chainrule.graph.sweeps import Sweep
from chainrule.graph.vertices import Edge, Vertex, sound
from chainrule.graph.writing import brief, counted

if TYPE_CHECKING:
    from chainrule.graph.folding import Folded

__all__ = ["Edge", "Graph", "Vertex", "named", "trace"]

At = str | Vertex


def trace(f: Callable[..., Any], *args: Any, names: Sequence[str] | None = None, **kwargs: Any) -> Graph:
    """The graph of a computation: every value that it goes through, and how each enters the next.

    Parameters
    ----------
    f : callable
        Of NumPy functions; gives one number or array. ``named(value, "c")`` in it names a value; others are v1, v2 and so
        on. Plain numbers that it uses are no vertices: they stand in the expressions.
    *args
        What it is called with: numbers, arrays, and tuples, lists and dicts of them.
    names : sequence of str, optional
        Of the arguments; otherwise they are called as the function's parameters. Arrays in a dict are called as their keys.
    **kwargs
        Handed to f as they are.

    Raises
    ------
    GraphError
        The result is not one value that is computed from the arguments, or the function has no derivative.

    Examples
    --------
    >>> def f(a, b):
    ...     c = named(a + b, "c")
    ...     d = named(b + 1, "d")
    ...     return named(c * d, "e")
    >>> graph = trace(f, 2, 1)
    >>> graph
    Graph(5 vertices, 5 edges: a, b -> e = 6)
    >>> graph["d"].expression, float(graph["d"].value)
    ('b + 1', 2.0)
    >>> graph.reverse().values
    {'a': 2.0, 'b': 5.0, 'c': 2.0, 'd': 3.0, 'e': 1.0}
    >>> graph.forward("b").values
    {'a': 0.0, 'b': 1.0, 'c': 1.0, 'd': 1.0, 'e': 5.0}
    >>> print(graph.factored("b"))
    1·2 + 1·3
    """
    return Graph(*traced(f, args, names, kwargs))


class Graph:
    """Vertices and edges, each edge with its local derivative; made by :func:`trace` or :meth:`of_edges`.

    Attributes
    ----------
    vertices : tuple of Vertex
        In topological order: each comes after those that it was computed from. The inputs come first, in their order.
    edges : tuple of Edge
        In the order of their targets; parallel edges are kept apart.
    inputs : tuple of Vertex
    output : Vertex
    direction : Vertex or None
        By which vertex the tangents are, after ``forward``.

    Notes
    -----
    ``source`` and ``target`` of the methods are vertices or their names; a target that is left out is the output.
    """

    def __init__(self, vertices: Sequence[Vertex], edges: Sequence[Edge], n_inputs: int, output: Vertex) -> None:
        self.vertices, self.edges = tuple(vertices), tuple(edges)
        self.inputs, self.output = self.vertices[:n_inputs], output
        self.direction: Vertex | None = None
        self._named = {vertex.name: vertex for vertex in vertices}
        self._in: list[list[Edge]] = [[] for _ in vertices]
        self._out: list[list[Edge]] = [[] for _ in vertices]
        for edge in edges:
            self._in[edge.target.position].append(edge)
            self._out[edge.source.position].append(edge)

    @classmethod
    def of_edges(cls, links: Iterable[tuple[str, str, Any]], output: str | None = None) -> Graph:
        """A graph by hand.

        Parameters
        ----------
        links : iterable of (str, str, derivative)
            Each edge's source and target, and its local derivative: a number, or the name of a symbol. Several edges may
            join the same two vertices.
        output : str, optional
            Otherwise the last vertex in topological order.

        Raises
        ------
        GraphError
            There are no edges, or they lead in a circle.

        Examples
        --------
        >>> xy, yz = [("X", "Y", s) for s in "αβγ"], [("Y", "Z", s) for s in "δεζ"]
        >>> graph = Graph.of_edges(xy + yz)
        >>> form = graph.factored("X")
        >>> print(f"{form}: {form.touches} edge touches, {form.paths} paths")
        (α + β + γ)(δ + ε + ζ): 6 edge touches, 9 paths
        """
        vertices, edges, n, last = joined(links)
        graph = cls(vertices, edges, n, last)
        graph.output = last if output is None else graph[output]
        return graph

    def __getitem__(self, name: At) -> Vertex:
        if isinstance(name, Vertex):
            return name
        return sound(self._named.get(name), name, list(self._named))

    def __len__(self) -> int:
        return len(self.vertices)

    def __repr__(self) -> str:
        given = ", ".join(vertex.name for vertex in self.inputs[:6]) + ", ..." * (len(self.inputs) > 6)
        value = "" if self.output.value is None else f" = {brief(self.output.value)}"
        sizes = f"{counted(len(self), 'vertex', 'vertices')}, {counted(len(self.edges), 'edge', 'edges')}"
        return f"Graph({sizes}: {given} -> {self.output.name}{value})"

    def incoming(self, vertex: At) -> list[Edge]:
        """The edges into a vertex, in the order of its operands."""
        return self._in[self[vertex].position]

    def outgoing(self, vertex: At) -> list[Edge]:
        """The edges out of a vertex: one for each place that its value goes to."""
        return self._out[self[vertex].position]

    def reverse(self) -> Sweep:
        """Reverse mode: how the output changes with every vertex. An array as output stands for the sum of its elements.

        Sets the ``adjoint`` of each vertex, and gives the record of the sweep.
        """
        return sweeps.reverse(self)

    def forward(self, wrt: At) -> Sweep:
        """Forward mode: how every vertex changes with one; an array moves by 1 in all its elements.

        Sets the ``tangent`` of each vertex, and gives the record of the sweep.
        """
        return sweeps.forward(self, self[wrt])

    def derivative(self, source: At, target: At | None = None) -> Any:
        """The derivative of one vertex by another: a number, or an array of the target's shape and then the source's."""
        return paths.derivative(self, *self._ends(source, target))

    def count_paths(self, source: At, target: At | None = None) -> int:
        """How many paths lead from one vertex to another, counted without walking them."""
        return paths.count(self, *self._ends(source, target))

    def paths(self, source: At, target: At | None = None, limit: int = 100) -> list[Path]:
        """The paths themselves.

        Raises
        ------
        GraphError
            There are more than the limit.
        """
        return paths.paths(self, *self._ends(source, target), limit)

    def sum_over_paths(self, source: At, target: At | None = None, limit: int = 100) -> PathSum:
        """Each path with the product of its local derivatives, and the sum of these: the derivative.

        Raises
        ------
        GraphError
            There are more paths than the limit.
        """
        return paths.summed(self, *self._ends(source, target), limit)

    def factored(self, source: At, target: At | None = None) -> Factored:
        """The sum over all paths with common parts taken out: each edge's derivative stands in it once.

        Raises
        ------
        GraphError
            More than 2,000 edges lie between the two.
        """
        return factors.factored(self, *self._ends(source, target))

    def naive(self, source: At, target: At | None = None) -> Naive:
        """What recursion without a topological order does, and gives.

        It visits the target. A visit of a vertex multiplies the adjoint that the vertex has **so far** by the local
        derivative of each edge into it, adds that to the adjoint of the operand, and then visits the operands one after the
        other, each once for every edge. So it goes on from a vertex as often as a path leads there, and what an early visit
        has handed on is handed on again by the next.

        Examples
        --------
        >>> def twice(a):
        ...     b = named(a + a, "b")
        ...     return named(b + b, "c")
        >>> print(trace(twice, 1.0).naive("a"))
        naive recursion touches edges 6 times and gives 8; a sweep touches 4 edges once and gives 4
        """
        return paths.naive(self, *self._ends(source, target))

    def latex(self, source: At, target: At | None = None) -> str:
        """The chain rule for one derivative in LaTeX: its symbols, its numbers, and the result."""
        from chainrule.graph.latex import chain_rule

        return chain_rule(self, *self._ends(source, target))

    def folded(self, at_most: int = 16) -> Folded:
        """The graph in blocks: chains, and values with a common prefix (``layer1.z``); of too many, neighbours.

        Parameters
        ----------
        at_most : int
            How many blocks there may be.
        """
        from chainrule.graph.folding import folded

        return folded(self, at_most)

    def text(self, width: int = 100) -> str:
        """The graph for a terminal: a table of its vertices, and where it is small a drawing; a large one in blocks."""
        from chainrule.graph.text import text

        return text(self, width)

    def svg(self) -> str:
        """The graph as a drawing, inputs at the bottom and the output on top; a large one in blocks."""
        from chainrule.graph.svg import svg

        return svg(self)

    def _repr_svg_(self) -> str:
        return self.svg()

    def _ends(self, source: At, target: At | None) -> tuple[Vertex, Vertex]:
        return self[source], self.output if target is None else self[target]
