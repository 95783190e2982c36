"""The factored form: the sum over all paths, written so that each local derivative stands in it once."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from chainrule.errors import GraphError
from chainrule.graph import paths
from chainrule.graph.vertices import Edge, Vertex
from chainrule.graph.writing import brief, derivative_of, latex_derivative, latex_number

if TYPE_CHECKING:
    from chainrule.graph.look import Graph

LONGEST = 2_000  # edges of which a formula is written
Links = dict[int, dict[int, "Term"]]  # from position to position


@dataclass(frozen=True)
class Factored:
    """The sum over all paths between two vertices, factored.

    Attributes
    ----------
    text, latex : str
    touches : int
        How many local derivatives stand in it: one for each edge.
    paths : int
        How many products the sum over all paths has.
    where : tuple of (str, str, str)
        Parts that are used several times: their derivative, and how it is written as text and as LaTeX.
    """

    text: str
    latex: str
    touches: int
    paths: int
    where: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        return "\n".join([self.text, *(f"  where {name} = {text}" for name, text, _ in self.where)])


class Part(NamedTuple):
    """A piece of a formula; ``first`` is the place of its first edge, which orders sums."""

    first: int
    text: str
    latex: str


@dataclass(frozen=True)
class Term:
    """Parts that are added or multiplied; matrices are multiplied from the right to the left."""

    parts: tuple[Part, ...]
    summed: bool = False
    matrices: bool = False

    def __add__(self, other: Term) -> Term:
        return replace(self, parts=tuple(sorted(self._summands() + other._summands())), summed=True)

    def __mul__(self, other: Term) -> Term:
        first, second = (other, self) if self.matrices else (self, other)
        return replace(self, parts=first._factors() + second._factors(), summed=False)

    def written(self) -> Part:
        """All of it."""
        first = min(part.first for part in self.parts)
        if self.summed:
            return Part(first, _sum([part.text for part in self.parts]), _sum([part.latex for part in self.parts]))
        texts, latexes = [part.text for part in self.parts], [part.latex for part in self.parts]
        return Part(first, _product(texts, "·", "", "−"), _product(latexes, r" \cdot ", r" \, ", "-"))

    def _summands(self) -> tuple[Part, ...]:
        return self.parts if self.summed else (self.written(),)

    def _factors(self) -> tuple[Part, ...]:
        if not self.summed:
            return self.parts
        first, text, latex = self.written()
        return (Part(first, f"({text})", rf"\left({latex}\right)"),)


def _sum(parts: list[str]) -> str:
    """Summands; the sign of a negative one is the sign between."""
    text = parts[0]
    for part in parts[1:]:
        text += f" {part[0]} {part[1:]}" if part[0] in "−-" else f" + {part}"
    return text


def _product(parts: list[str], times: str, beside: str, minus: str) -> str:
    """Factors: symbols and brackets stand beside each other, numbers have a sign between them."""
    parts = [f"({part})" if part.startswith(minus) and len(parts) > 1 else part for part in parts]
    text = parts[0]
    for before, part in pairwise(parts):
        text += (beside if _stands_alone(before) and _stands_alone(part) else times) + part
    return text


def _stands_alone(part: str) -> bool:
    """Whether it is one letter, a fraction, or in brackets."""
    return part.isalpha() if len(part) == 1 else part.startswith(("\\", "(")) and not part[-1].isdigit()


def factored(graph: Graph, source: Vertex, target: Vertex) -> Factored:
    """Parallel edges are added and chains multiplied until one term is left; what is then left has names.

    Raises
    ------
    GraphError
        More than 2,000 edges lie between the two.
    """
    inside = paths.between(graph, source, target)
    touches = sum(map(len, inside.values()))
    if touches > LONGEST:
        raise GraphError(
            f"{touches:,} edges lie between {source.name} and {target.name}: nobody could read a formula of more than "
            f"{LONGEST:,}.\ngraph.derivative and graph.reverse take any number of them."
        )
    n = paths.count(graph, source, target)
    if source is target or not n:
        return Factored("1" if n else "0", "1" if n else "0", touches, n)
    links = _reduced(inside, source, target, _labels(inside))
    formula, where = _with_names(links, inside, source, target)
    return Factored(formula.text, formula.latex, touches, n, where)


def _labels(inside: dict[Vertex, list[Edge]]) -> dict[Edge, Term]:
    """What is written for each edge: its number or symbol, or where one of them is neither, derivatives as such."""
    edges = sorted(
        (edge for into in inside.values() for edge in into), key=lambda e: (e.source.position, e.target.position)
    )
    numbers = all(edge.number is not None for edge in edges)
    labels = {}
    for k, edge in enumerate(edges):
        text = brief(edge.number) if numbers else derivative_of(edge.target.name, edge.source.name)
        latex = latex_number(edge.number) if numbers else latex_derivative(edge.target.name, edge.source.name)
        labels[edge] = Term((Part(k, text, latex),), matrices=not numbers)
    return labels


def _reduced(inside: dict[Vertex, list[Edge]], source: Vertex, target: Vertex, labels: dict[Edge, Term]) -> Links:
    """One term for parallel edges; and one in place of a vertex that one term leads to and one leads from."""
    onward: Links = {v.position: {} for v in inside}
    back: dict[int, set[int]] = {v.position: set() for v in inside}

    def add(u: int, w: int, term: Term) -> None:
        onward[u][w] = onward[u][w] + term if w in onward[u] else term
        back[w].add(u)

    for edge, label in labels.items():
        add(edge.source.position, edge.target.position, label)
    waiting = deque(onward)
    while waiting:
        v = waiting.popleft()
        if v in {source.position, target.position} or v not in onward or len(onward[v]) != 1 or len(back[v]) != 1:
            continue
        (u,), ((w, after),) = back.pop(v), onward.pop(v).items()
        before = onward[u].pop(v)
        back[w].discard(v)
        add(u, w, before * after)
        waiting += (u, w)
    return onward


def _with_names(
    links: Links, inside: dict[Vertex, list[Edge]], source: Vertex, target: Vertex
) -> tuple[Part, tuple[tuple[str, str, str], ...]]:
    """The derivative by the source from those by what follows; one that several follow has a name."""
    uses = dict.fromkeys(links, 0)
    for onward in links.values():
        for w in onward:
            uses[w] += 1
    found: dict[int, Term | None] = {target.position: None}
    where = []
    for vertex in reversed(inside):
        v = vertex.position
        if v not in links or vertex is target:
            continue
        total: Term | None = None
        for w, step in links[v].items():
            rest = found[w]
            term = step if rest is None else step * rest
            total = term if total is None else total + term
        assert total is not None
        if uses[v] > 1 and vertex is not source:
            name = derivative_of(target.name, vertex.name)
            part = total.written()
            where.append((name, part.text, part.latex))
            total = replace(
                total, parts=(Part(part.first, name, latex_derivative(target.name, vertex.name)),), summed=False
            )
        found[v] = total
    whole = found[source.position]
    assert whole is not None
    return whole.written(), tuple(where)
