"""Worked examples by name: networks whose numbers are printed in well-known texts, with these printed numbers.

A further example is a further row. The numbers are those of the sources; what stands beside them is computed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from chainrule.document import Block, Document, Heading, Listing, Math, Table
from chainrule.explaining.convention import Convention
from chainrule.explaining.example import Example
from chainrule.explaining.worked_graph import GraphExample
from chainrule.network import Network


class Figure(NamedTuple):
    """A number as a source prints it, and which number that is.

    ``of`` is a symbol, a layer (1 is the input), a neuron and, of a weight, the neuron that it leads from, both from 0.
    ``sign`` is -1 where the source prints the negative. ``updates`` are made first, and ``x`` is another input.
    """

    printed: str
    of: tuple[Any, ...]
    sign: int = 1
    updates: int = 0
    x: Sequence[float] | None = None


@dataclass(frozen=True)
class Worked:
    """A worked example: a network with its numbers, one example, a learning rate, and what its source prints."""

    name: str
    source: str
    weights: tuple[Any, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]
    learning_rate: float
    biases: tuple[Any, ...] = ()
    cost: str = "quadratic"
    figures: tuple[Figure, ...] = ()
    changes: tuple[str, ...] = ()  # the printed changes of the weights, the last layer's first

    @property
    def network(self) -> Network:
        """The network, in float64."""
        sizes = [len(self.x), *(len(w) for w in self.weights)]
        initial = ([np.array(w, float) for w in self.weights], [np.array(b, float) for b in self.biases])
        return Network(
            sizes, cost=self.cost, output="sigmoid", biases=bool(self.biases), dtype="float64", initial=initial, seed=0
        )

    def value(self, figure: Figure) -> float:
        """The number that a figure is of, computed."""
        network = self.network
        if figure.updates:
            network.fit([self.x], [self.y], epochs=figure.updates, batch_size=1, learning_rate=self.learning_rate)
        example = Example(network, self.x if figure.x is None else figure.x, self.y, Convention())
        return figure.sign * example.value(*figure.of)

    def printed_changes(self) -> list[str]:
        """What is added to the weights of each layer, the last one first, as NumPy prints it, a row for each input."""
        p = self.network.backprop(self.x, self.y)
        return [str(np.squeeze(-self.learning_rate * p.nabla_w[l].T)) for l in range(len(self.weights) + 1, 1, -1)]


def as_printed(value: float, like: str) -> str:
    """A number with as many digits as a printed one has.

    >>> as_printed(0.126999, "0.127"), as_printed(2 / 3, "0.6667")
    ('0.127', '0.6667')
    """
    return repr(value) if _is_whole(like) else f"{value:.{len(like.partition('.')[2])}f}"


def _is_whole(printed: str) -> bool:
    """Whether a number is printed with all the digits of a float64."""
    return len(printed.lstrip("-0.")) >= 15


_INPUT_HIDDEN = ((0.5, 0.1, 0.1), (-0.6, -0.2, 0.7))
_LECTURE_W = (((1, -2), (-1, 1)), ((2, -1), (-2, -1)), ((3, -1), (-1, 4)))
_LECTURE_B = (((1,), (0,)), ((0,), (0,)), ((-2,), (2,)))


def _neuron(name: str, cost: str, eta: float, w: float, b: float, outputs: tuple[str, str, str]) -> Worked:
    """One sigmoid neuron that learns to turn the input 1 into 0."""
    figures = tuple(Figure(a, ("a", 2, 0), updates=n) for n, a in zip((0, 150, 301), outputs, strict=True))
    source = "Nielsen, Neural Networks and Deep Learning, chapter 3"
    return Worked(name, source, (((w,),),), (1.0,), (0.0,), eta, (((b,),),), cost, figures)


ROWS: tuple[Worked | GraphExample, ...] = (
    Worked(
        "udacity", "Udacity, Deep Learning Nanodegree: backpropagation, a two-layer example",
        (_INPUT_HIDDEN, ((0.1, -0.3),)), (0.5, 0.1, -0.2), (0.6,), 0.5,
        figures=(
            Figure("0.24", ("z", 2, 0)), Figure("-0.46", ("z", 2, 1)),
            Figure("0.559713649", ("a", 2, 0)), Figure("0.386985824", ("a", 2, 1)),
            Figure("-0.06012438223148007", ("z", 3, 0)), Figure("0.48497343084992534", ("a", 3, 0)),
            Figure("0.11502656915007464", ("nabla_a", 3, 0), -1), Figure("0.006615555805218451", ("cost_x", 0, 0)),
            Figure("0.028730669543515018", ("delta", 3, 0), -1),
            Figure("0.000708022", ("delta", 2, 0), -1), Figure("-0.002044714", ("delta", 2, 1), -1),
        ),
        changes=(
            "[ 0.00804047  0.00555918]",
            ("[[  1.77005547e-04  -5.11178506e-04]\n [  3.54011093e-05  -1.02235701e-04]\n"
             " [ -7.08022187e-05   2.04471402e-04]]"),
        ),
    ),
    Worked(
        "lecture", "Hung-yi Lee, Machine Learning: backpropagation; its desired output is chosen here",
        _LECTURE_W, (1.0, -1.0), (1.0, 0.0), 0.1, _LECTURE_B,
        figures=(
            Figure("0.98201379", ("a", 2, 0)), Figure("0.11920292", ("a", 2, 1)),
            Figure("0.86351831", ("a", 3, 0)), Figure("0.11073744", ("a", 3, 1)),
            Figure("0.61770478", ("a", 4, 0)), Figure("0.82912398", ("a", 4, 1)),
            Figure("0.51184738", ("a", 4, 0), x=(0.0, 0.0)), Figure("0.85438390", ("a", 4, 1), x=(0.0, 0.0)),
        ),
    ),
    _neuron("neuron", "quadratic", 0.15, 0.6, 0.9, ("0.817574", "0.1527", "0.093752")),
    _neuron("neuron-saturated", "quadratic", 0.15, 2.0, 2.0, ("0.982014", "0.9334", "0.201262")),
    _neuron("neuron-cross-entropy", "cross_entropy", 0.005, 0.6, 0.9, ("0.817574", "0.6053", "0.4167")),
    _neuron("neuron-saturated-cross-entropy", "cross_entropy", 0.005, 2.0, 2.0, ("0.982014", "0.9282", "0.7782")),
    GraphExample(),
)  # fmt: skip
EXAMPLES = {row.name: row for row in ROWS}


def document(example: Worked, convention: Convention, step: Any) -> Document:
    """The example worked with its numbers, and beside them those that its source prints."""
    from chainrule.explaining.numbers import worked

    found = worked(example.network, example.x, example.y, convention, step)
    return replace(found, blocks=(*found.blocks[:-1], *figures(example, convention), found.blocks[-1]))


def figures(example: Worked, convention: Convention) -> list[Block]:
    """The printed figures of the source, and the computed numbers."""
    e = Example(example.network, example.x, example.y, convention)
    header = tuple(e.words(key) for key in ("column number", "column printed", "column computed"))
    rows = tuple((_name(e, f), (f.printed,), (as_printed(example.value(f), f.printed),)) for f in example.figures)
    caption = e.words("figures of", source=example.source)
    if any(_is_whole(f.printed) for f in example.figures):
        caption = e.words.sentences(caption, e.words("last digit"))
    blocks: list[Block] = [
        Heading(e.words("printed figures")),
        Table(header, rows, caption, frozenset({1, 2})),
    ]
    if example.changes:
        blocks += [e.say("printed changes"), Listing("\n".join(example.printed_changes()))]
    return blocks


def _name(e: Example, figure: Figure) -> tuple[Any, ...]:
    """What a printed figure is called."""
    math = e.math(*figure.of)
    if figure.sign < 0 and not (e.c.adds and figure.of[0] == "delta"):
        math = Math(f"-{math.latex}", f"-{math.text}")
    if figure.updates:
        return e.words("after updates", name=math, n=figure.updates)
    if figure.x is not None:
        return e.words("with input", name=math, x=", ".join(re.sub(r"\.0$", "", str(v)) for v in figure.x))
    return (math,)
