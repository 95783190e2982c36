"""Large graphs in blocks: values that stand next to each other in the computation, drawn as one box."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING

from chainrule.graph.vertices import Edge, Vertex

if TYPE_CHECKING:
    from chainrule.graph.look import Graph

LARGE = 40  # vertices; a graph that has more is shown in blocks
BLOCKS = 16  # of them, at most


@dataclass(frozen=True, eq=False)
class Block:
    """Some vertices in one box.

    Attributes
    ----------
    name : str
        The prefix that their names share, or the first and the last name.
    vertices : tuple of Vertex
        In topological order; the last one is what the block gives, or one of several.
    """

    name: str
    vertices: tuple[Vertex, ...]

    @property
    def last(self) -> Vertex:
        """The last value that it computes."""
        return self.vertices[-1]

    @property
    def operations(self) -> list[tuple[str, int]]:
        """Its operations and how many there are of each, the most frequent first, inputs last."""
        found = Counter(vertex.operation for vertex in self.vertices)
        inputs = found.pop("", 0)
        return found.most_common() + [("inputs" if inputs > 1 else "input", inputs)] * bool(inputs)

    @property
    def summary(self) -> list[str]:
        """Each operation in words: ``16 add``."""
        return [f"{n:,} {name}" if n > 1 else name for name, n in self.operations]


@dataclass(frozen=True)
class Folded:
    """A graph in blocks.

    Attributes
    ----------
    blocks : list of Block
        In topological order.
    links : dict
        From pairs of blocks, by their places in the list, to the edges that lead from one to the other.
    """

    blocks: list[Block]
    links: dict[tuple[int, int], list[Edge]]

    def __str__(self) -> str:
        from chainrule.graph.text import table_of_blocks

        return table_of_blocks(self)


def folded(graph: Graph, at_most: int) -> Folded:
    """Blocks of vertices that follow each other in a topological order, so that no block leads back to an earlier one."""
    order = _order(graph)
    runs = _merged(_runs(graph, order), at_most)
    blocks = [Block(_name(run), tuple(run)) for run in runs]
    place = {vertex: k for k, block in enumerate(blocks) for vertex in block.vertices}
    links: dict[tuple[int, int], list[Edge]] = {}
    for edge in graph.edges:
        ends = place[edge.source], place[edge.target]
        if ends[0] != ends[1]:
            links.setdefault(ends, []).append(edge)
    return Folded(blocks, links)


def _order(graph: Graph) -> list[Vertex]:
    """A topological order in which each input stands before its first use, and a chain is not interrupted."""
    done: set[Vertex] = set()
    order: list[Vertex] = []
    for root in (graph.output, *reversed(graph.vertices)):
        stack = [(root, iter(graph.incoming(root)))] if root not in done else []
        done.add(root)
        while stack:
            vertex, left = stack[-1]
            edge = next((edge for edge in left if edge.source not in done), None)
            if edge is None:
                order.append(vertex)
                stack.pop()
            else:
                done.add(edge.source)
                stack.append((edge.source, iter(graph.incoming(edge.source))))
    return order


def _runs(graph: Graph, order: list[Vertex]) -> list[list[Vertex]]:
    """Neighbours of the order with a common prefix, or of which each is reached only through the one before."""
    prefix = _prefixes(graph, order)
    runs = [[order[0]]]
    for before, vertex in pairwise(order):
        either = prefix[before] or prefix[vertex]
        if prefix[before] == prefix[vertex] if either else _is_chain(graph, before, vertex):
            runs[-1].append(vertex)
        else:
            runs.append([vertex])
    return runs


def _prefixes(graph: Graph, order: list[Vertex]) -> dict[Vertex, str]:
    """What names have before their last full stop; a vertex without it has that of all that it goes into."""
    found: dict[Vertex, str] = {}
    for vertex in reversed(order):
        own = vertex.name.rpartition(".")[0]
        onward = {found[edge.target] for edge in graph.outgoing(vertex)}
        found[vertex] = own or (onward.pop() if len(onward) == 1 else "")
    return found


def _is_chain(graph: Graph, before: Vertex, vertex: Vertex) -> bool:
    """Whether one leads to the other and nowhere else; inputs and the output stand alone."""
    if before.position < len(graph.inputs) or vertex is graph.output:
        return False
    return {e.source for e in graph.incoming(vertex)} == {before} and {e.target for e in graph.outgoing(before)} == {vertex}


def _merged(runs: list[list[Vertex]], at_most: int) -> list[list[Vertex]]:
    """As many runs as there may be: again and again the two neighbours that are smallest together become one."""
    following = [*range(1, len(runs)), -1]
    preceding = list(range(-1, len(runs) - 1))
    heap = [(len(runs[k]) + len(runs[k + 1]), k, len(runs[k])) for k in range(len(runs) - 1)]
    heapify(heap)
    left = len(runs)
    while left > max(at_most, 1):
        size, k, own = heappop(heap)
        after = following[k] if runs[k] else -1
        if after < 0 or len(runs[k]) != own or size != own + len(runs[after]):
            continue  # one of the two has grown since
        runs[k], runs[after] = runs[k] + runs[after], []
        following[k] = following[after]
        if following[after] >= 0:
            preceding[following[after]] = k
        left -= 1
        for first in (preceding[k], k):
            if first >= 0 and following[first] >= 0:
                heappush(heap, (len(runs[first]) + len(runs[following[first]]), first, len(runs[first])))
    return [run for run in runs if run]


def _name(run: list[Vertex]) -> str:
    """The first and the last of the prefixes that names in it have, or else of the names."""
    names = [vertex.name for vertex in run]
    prefixes = [prefix for name in names if (prefix := name.rpartition(".")[0])]
    shown = prefixes if prefixes and len(run) > 1 else names
    return shown[0] if shown[0] == shown[-1] else f"{shown[0]} … {shown[-1]}"
