"""The chain rule for one derivative of a graph, in LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chainrule.algebra.symbolic import Expr
from chainrule.graph import paths
from chainrule.graph.factors import factored
from chainrule.graph.vertices import Edge, Vertex
from chainrule.graph.writing import latex_derivative, latex_number

if TYPE_CHECKING:
    from chainrule.graph.look import Graph

FEW_PATHS, LONG = 12, 8  # paths, and edges of a path, that are written out
Line = list[list[str | None]]  # summands, each made of factors; None where one is no number


def chain_rule(graph: Graph, source: Vertex, target: Vertex) -> str:
    """The derivative as the sum over paths: in symbols, in numbers, and the result.

    Where there are many paths, or long ones, it is the sum over what the source goes into, and the derivatives by these
    stand for the rest of the way.
    """
    left = latex_derivative(target.name, source.name)
    inside = paths.between(graph, source, target)
    if not inside or source is target:
        return f"{left} = {int(source is target)}"
    lines = _over_paths(graph, source, target)
    if lines is None:
        lines = _one_step(graph, [edge for edge in graph.outgoing(source) if edge.target in inside], target)
    symbols, numbers = lines
    if source.value is None and any(edge.among > 1 for into in inside.values() for edge in into):
        symbols = numbers  # edges by hand have no places, but symbols of their own
    written = [
        left,
        *(" + ".join(map(_product, line)) for line in (symbols, numbers) if all(None not in term for term in line)),
    ]
    if source.shape == target.shape == ():
        total = paths.derivative(graph, source, target)
        few = isinstance(total, Expr) and sum(map(len, inside.values())) <= FEW_PATHS
        written.append(factored(graph, source, target).latex if few else latex_number(total))
    return " = ".join(dict.fromkeys(written))


def _over_paths(graph: Graph, source: Vertex, target: Vertex) -> tuple[Line, Line] | None:
    """The sum over all paths, where they are few and short; the first edge is the last factor, as with matrices."""
    if paths.count(graph, source, target) > FEW_PATHS:
        return None
    found = [path.edges[::-1] for path in paths.paths(graph, source, target, FEW_PATHS)]
    if max(map(len, found)) > LONG:
        return None
    return [[_symbol(edge) for edge in path] for path in found], [[_number(edge) for edge in path] for path in found]


def _one_step(graph: Graph, first: list[Edge], target: Vertex) -> tuple[Line, Line]:
    """The sum over the edges out of the source, each times the derivative by where it leads."""
    symbols: Line = []
    numbers: Line = []
    for edge in first[:FEW_PATHS]:
        rest = None if edge.number is None else _bracketed(latex_number(paths.derivative(graph, edge.target, target)))
        on = edge.target is not target
        symbols.append([*[latex_derivative(target.name, edge.target.name)] * on, _symbol(edge)])
        numbers.append([rest] * on + [_number(edge)])
    if len(first) > FEW_PATHS:
        symbols += [[r"\cdots"]]
        numbers += [[r"\cdots"]]
    return symbols, numbers


def _symbol(edge: Edge) -> str:
    """The local derivative by its name; of one edge among several, with the place that it enters at."""
    return latex_derivative(edge.target.name, edge.source.name, edge.place if edge.among > 1 else None)


def _number(edge: Edge) -> str | None:
    """The local derivative as a number, a negative one in brackets; None where it is no number."""
    if edge.number is None:
        return None
    return _bracketed(latex_number(edge.number))


def _bracketed(text: str) -> str:
    """A negative number in brackets."""
    return f"({text})" if text.startswith("-") else text


def _product(factors: list[Any]) -> str:
    r"""Fractions stand beside each other, numbers have a dot between them.

    >>> _product([r"\frac{1}{2}", r"\alpha"]), _product(["2", "3"])
    ('\\frac{1}{2} \\, \\alpha', '2 \\cdot 3')
    """
    return (r" \, " if all(factor.startswith("\\") for factor in factors) else r" \cdot ").join(factors)
