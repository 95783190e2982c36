"""What a drawing of a graph says, apart from how it is drawn: boxes with lines of text, links with labels, a legend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainrule.algebra.symbolic import Expr
from chainrule.graph.folding import BLOCKS, LARGE, Block, Folded
from chainrule.graph.vertices import Edge, Vertex
from chainrule.graph.writing import brief, cut, derivative_of, many, sizes

if TYPE_CHECKING:
    from chainrule.graph.look import Graph

DIGITS = 4
SHORT_NAME = 4  # characters of a name that may stand in a fraction
FEW_EDGES = 12  # of a drawing whose labels have room for a fraction


@dataclass(frozen=True)
class Box:
    """A box: lines, each with what it is (name, value, note, adjoint, tangent); its role; and all that is known of it."""

    lines: tuple[tuple[str, str], ...]
    role: str
    words: str

    @property
    def short(self) -> str:
        """Its name and its value in one line."""
        name, *rest = [text for kind, text in self.lines if kind in {"name", "value"}]
        return f"{name}{': ' if self.role == 'block' else ' = '}{rest[0]}" if rest else name


@dataclass(frozen=True)
class Picture:
    """A drawing in words."""

    title: str
    boxes: list[Box]
    links: list[tuple[int, int, str]]
    legend: list[tuple[str, str]]


def picture(graph: Graph) -> Picture:
    """The drawing of a graph; of a large one in blocks."""
    folds = len(graph) > LARGE
    drawn = _of_blocks(graph, graph.folded(BLOCKS)) if folds else _of_vertices(graph)
    return Picture(_title(graph), *drawn, _legend(graph, folds))


def _title(graph: Graph) -> str:
    value = "" if graph.output.value is None else f" = {brief(graph.output.value)}"
    given = ", ".join(vertex.name for vertex in graph.inputs[:8]) + ", …" * (len(graph.inputs) > 8)
    return f"Computational graph from {given} to {graph.output.name}{value}"


def _of_vertices(graph: Graph) -> tuple[list[Box], list[tuple[int, int, str]]]:
    full = len(graph.edges) <= FEW_EDGES and all(len(vertex.name) < SHORT_NAME for vertex in graph.vertices)
    boxes = [Box(tuple(_lines(graph, vertex)), _role(graph, vertex), words(graph, vertex)) for vertex in graph.vertices]
    return boxes, [(edge.source.position, edge.target.position, label(edge, full=full)) for edge in graph.edges]


def _role(graph: Graph, vertex: Vertex) -> str:
    return "output" if vertex is graph.output else "input" if vertex.position < len(graph.inputs) else "inner"


def _lines(graph: Graph, vertex: Vertex) -> list[tuple[str, str]]:
    """The name with its expression, the value, and what the sweeps found."""
    name = f"{vertex.name} = {vertex.expression}" if vertex.expression else vertex.name
    lines = [("name", cut(name, 26))]
    if vertex.value is not None:
        lines.append(("value", brief(vertex.value, DIGITS)))
    if vertex.adjoint is not None:
        lines.append(("adjoint", f"{_adjoint(graph, vertex)} {found(graph, vertex.adjoint, vertex, graph.output)}"))
    if vertex.tangent is not None and graph.direction is not None:
        lines.append(("tangent", f"{_tangent(graph, vertex)} {found(graph, vertex.tangent, graph.direction, vertex)}"))
    return lines


def found(graph: Graph, x: object, source: Vertex, target: Vertex, digits: int = DIGITS) -> str:
    """What a sweep found, in a few characters; of symbols, the factored form."""
    symbols = isinstance(x, Expr) and len(graph) <= LARGE
    return cut(graph.factored(source, target).text if symbols else brief(x, digits), 36)


def _adjoint(graph: Graph, vertex: Vertex) -> str:
    exact = graph.output.shape == () and _short(graph, graph.output)
    return f"{derivative_of(graph.output.name, vertex.name)} =" if exact else "adjoint"


def _tangent(graph: Graph, vertex: Vertex) -> str:
    by = graph.direction
    exact = by is not None and by.shape == () and _short(graph, by)
    return f"{derivative_of(vertex.name, by.name)} =" if exact and by is not None else "tangent"


def _short(graph: Graph, vertex: Vertex) -> bool:
    """Whether derivatives of and by a vertex can be written as fractions, all of them."""
    return len(vertex.name) + max(len(other.name) for other in graph.vertices) <= 2 * SHORT_NAME


def words(graph: Graph, vertex: Vertex) -> str:
    """All that is known of a vertex, in a sentence."""
    parts = [f"{vertex.name} = {vertex.expression}" if vertex.expression else vertex.name]
    parts += [] if vertex.value is None else [f"value {brief(vertex.value)}"]
    parts += [] if vertex.adjoint is None else [f"adjoint {brief(vertex.adjoint)}"]
    parts += [] if vertex.tangent is None or graph.direction is None else [
        f"tangent {brief(vertex.tangent)} by {graph.direction.name}"
    ]  # fmt: skip
    return ", ".join(parts)


def label(edge: Edge, *, full: bool = False) -> str:
    """What stands on an edge: its number or symbol; between arrays, the size of its Jacobian."""
    size = (1, 1) if edge.number is not None else (edge.target.value.size, edge.source.value.size)
    if size != (1, 1):
        return sizes(size)
    number = brief(edge.number if edge.number is not None else edge.jacobian().item(), DIGITS)
    named = full and edge.among == 1 and edge.target.value is not None
    return f"{derivative_of(edge.target.name, edge.source.name)} = {number}" if named else number


def _of_blocks(graph: Graph, folded: Folded) -> tuple[list[Box], list[tuple[int, int, str]]]:
    boxes = [_block(graph, block) for block in folded.blocks]
    return boxes, [
        (source, target, label(edges[0]) if len(edges) == 1 else f"{len(edges):,} edges")
        for (source, target), edges in folded.links.items()
    ]


def _block(graph: Graph, block: Block) -> Box:
    if len(block.vertices) == 1:
        (vertex,) = block.vertices
        return Box(tuple(_lines(graph, vertex)), _role(graph, vertex), words(graph, vertex))
    operations = block.summary
    shown = ", ".join(operations[:3]) + ", …" * (len(operations) > 3)
    lines = [("name", cut(block.name, 26)), ("value", f"{len(block.vertices):,} values"), ("note", cut(shown, 30))]
    last = block.last
    known = [("adjoint", last.adjoint, _adjoint(graph, last)), ("tangent", last.tangent, _tangent(graph, last))]
    if last.value is not None:
        lines.append(("note", cut(f"last {last.name} = {brief(last.value, DIGITS)}", 30)))
    lines += [(kind, f"{what} {brief(x, DIGITS)}") for kind, x, what in known if x is not None]
    return Box(tuple(lines), "block", f"{block.name}: {', '.join(operations)}; {words(graph, last)}")


def _legend(graph: Graph, folds: bool) -> list[tuple[str, str]]:
    """What the numbers mean."""
    out, by = graph.output, graph.direction
    valued = out.value is not None
    lines = [("value", "in a box: how the value is computed, and the value")] if valued and not folds else []
    if folds:
        lines.append(("value", f"{many(len(graph))} values in blocks; the numbers below are of each block's last value"))
    lines.append(("edge", "on an edge: the derivative of its upper end by its lower end alone"))
    if any(edge.number is None and edge.source.value.size * edge.target.value.size != 1 for edge in graph.edges):
        lines.append(("edge", "m×n on an edge: the Jacobian between arrays has m×n numbers"))
    if out.adjoint is not None:
        whole = out.name if out.shape == () else f"the sum of {out.name}"
        lines.append(("adjoint", f"adjoint: the derivative of {whole} by this value (reverse mode)"))
    if by is not None:
        all_of_it = "" if by.shape == () else ", moved by 1 in all elements"
        lines.append(("tangent", f"tangent: the derivative of this value by {by.name}{all_of_it} (forward mode)"))
    return lines
