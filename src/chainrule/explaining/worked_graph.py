"""The worked example that is no network: a graph of two inputs, and its derivatives by both modes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import pairwise
from operator import add, mul
from typing import Any

import numpy as np

from chainrule.algebra.symbolic import Expr
from chainrule.document import Block, Document, Formula, Heading, Line, Math, Paragraph, Table
from chainrule.document import Figure as Drawing
from chainrule.explaining.convention import Convention
from chainrule.explaining.figures import Lines, number
from chainrule.explaining.words import Words
from chainrule.graph import named, trace

SOURCE = "Olah, Calculus on Computational Graphs: Backpropagation"
VALUES = {"a": 2.0, "b": 1.0}
VERTICES: dict[str, Any] = {  # what each vertex is computed as
    "c": lambda v: v["a"] + v["b"],
    "d": lambda v: v["b"] + 1,
    "e": lambda v: v["c"] * v["d"],
}


def program(a: Any, b: Any) -> Any:
    """The program e = (a + b)(b + 1), its vertices named."""
    values = {"a": a, "b": b}
    for name, rule in VERTICES.items():
        values[name] = named(rule(values), name)
    return values["e"]


class GraphExample:
    """A worked example that is a graph."""

    name, source = "olah", SOURCE
    network = x = y = None  # it is none

    def document(self, convention: Convention) -> Document:
        """Values, local derivatives, the sum over paths, and both modes."""
        words = Words(convention.language)
        blocks = (*_Olah(words, convention).blocks(),)
        return Document(words.text("graph title"), blocks, convention.language)


class _Olah:
    def __init__(self, words: Words, convention: Convention) -> None:
        self.words, self.lines = words, Lines(convention.digits)
        self.graph = trace(program, *VALUES.values())
        self.letters = {v.name: number(v.name, v.name, float(v.value)) for v in self.graph.vertices}

    def blocks(self) -> Iterator[Block]:
        yield self.say("graph head", source=SOURCE)
        yield Drawing(self.graph.svg(), self.words.text("graph alt"))
        yield Formula(tuple(self.values()))
        yield Heading(self.words("graph edges"))
        yield self.say("graph edges say")
        yield Formula(tuple(self.edges()))
        yield Heading(self.words("graph paths"))
        yield self.say("graph paths say")
        yield Formula((*self.paths("a"), *self.paths("b")))
        yield Heading(self.words("graph modes"))
        yield self.say("graph modes say")
        yield self.modes()
        yield Paragraph(self.words("read back", n=f"{self.lines.read:,}"))

    def say(self, key: str, **parts: Any) -> Paragraph:
        """A paragraph of the table of sentences."""
        return Paragraph(self.words(key, **parts))

    def values(self) -> Iterator[Line]:
        """Each vertex from those that it is computed from."""
        for name, rule in VERTICES.items():
            letter = self.letters[name]
            yield from self.lines.of(letter, self.lines.with_numbers(rule(self.letters)), letter.info["value"])

    def edge(self, source: str, target: str) -> Expr:
        """The local derivative on an edge, with its name."""
        value = self.graph.derivative(source, target)
        return number(rf"\frac{{\partial {target}}}{{\partial {source}}}", f"∂{target}/∂{source}", value)

    def edges(self) -> Iterator[Line]:
        """The derivative on each edge."""
        for edge in self.graph.edges:
            letter = self.edge(edge.source.name, edge.target.name)
            yield from self.lines.of(letter, [], letter.info["value"])

    def paths(self, source: str) -> tuple[Line, ...]:
        """A derivative as the sum over all paths."""
        found = self.graph.sum_over_paths(source, "e")
        ways = [path.vertices for path, _ in found.terms]
        products = [reduce(mul, (self.edge(v.name, w.name) for v, w in pairwise(way))) for way in ways]
        left = Math(rf"\frac{{\partial e}}{{\partial {source}}}", f"∂e/∂{source}")
        return self.lines.of(left, self.lines.with_numbers(reduce(add, products)), found.total)

    def modes(self) -> Block:
        """What forward mode from each input and reverse mode from the output give at each vertex."""
        sweeps = [self.graph.forward("a"), self.graph.forward("b"), self.graph.reverse()]
        header = (self.words("column vertex"), *(self.words("forward from", name=n) for n in "ab"),
                  self.words("reverse from", name="e"))  # fmt: skip
        rows = []
        for vertex in self.graph.vertices:
            cells = [self.lines.of(Math("", ""), [], float(np.asarray(s.values[vertex.name])))[0].right for s in sweeps]
            rows.append(((Math(vertex.name, vertex.name),), *((cell,) for cell in cells)))
        return Table(header, tuple(rows), self.words("modes table", touches=str(sweeps[-1].touches)), frozenset({1, 2, 3}))
