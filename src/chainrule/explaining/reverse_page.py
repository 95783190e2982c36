"""The reverse network as an explanation: its drawing, its gains, and the chain of matrices that it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.checking.problem import in_double
from chainrule.document import Block, Document, Figure, Formula, Heading, Paragraph, Table
from chainrule.explaining.convention import Convention
from chainrule.explaining.drawn import number
from chainrule.explaining.reverse_chain import MatrixChain, matrix_chain
from chainrule.explaining.reverse_drawing import Sheet, described, drawing
from chainrule.explaining.words import Words
from chainrule.network import Network

FIRST = 6  # layers whose chains are shown, from the output layer


def reverse_document(network: Network, x: Any, y: Any, convention: Convention | None = None) -> Document:
    """The explanation of a network's reverse network, at an example (the first of several).

    Parameters
    ----------
    network : Network
    x, y : array-like
    convention : Convention, optional
        Its language, numbering and digits; errors are dC/dz, and examples are columns.

    Examples
    --------
    >>> document = reverse_document(Network([2, 3, 1], seed=0), [0.5, -1.0], [1.0])
    >>> document.title
    'The reverse network 1-3-2'
    """
    c = replace(convention or Convention(), sign="subtract", examples="columns")
    words = Words(c.language, "reverse")
    chain = replace(matrix_chain(in_double(network), x, y), convention=c)
    blocks = [*_opening(chain, words), *_gains(chain, words), *_chain(chain, words), *_order(chain, words)]
    return Document(words.text("reverse title", sizes="-".join(map(str, chain.reverse.sizes))), tuple(blocks), c.language)


def _opening(chain: MatrixChain, words: Words) -> Iterator[Block]:
    reverse, a = chain.reverse, chain.reverse.architecture
    yield Paragraph(words("reverse head"))
    yield Paragraph(words("reverse convention"))
    if not all(a.sigma(l).elementwise for l in a.layers):
        yield Paragraph(words("reverse softmax"))
    if a.L not in chain.run.nabla_a:
        yield Paragraph(words("reverse saturated start"))
    if reverse.m > 1:
        yield Paragraph(words("reverse one of", m=reverse.m))
    alt = described(Sheet(reverse, chain.run, chain.example, words, chain.convention))
    yield Figure(drawing(reverse, chain.run, chain.example, chain.convention), alt, words("drawing"))


def _gains(chain: MatrixChain, words: Words) -> Iterator[Block]:
    reverse = chain.reverse
    names = ("layer", "neurons", "least", "most", "saturated", "error")
    rows = []
    for l in reversed(reverse.architecture.layers):
        gains, errors = reverse.gains[l][:, chain.example], chain.run.delta[l][:, chain.example]
        flat = int(reverse.saturated(l)[:, chain.example].sum())
        cells = (str(chain.convention.layer(l)), f"{gains.size:,}", number(float(gains.min())), number(float(gains.max())))
        rows.append(tuple((cell,) for cell in (*cells, str(flat), number(float(np.abs(errors).max())))))
    yield Heading(words("gains"))
    header = tuple(words(f"column {name}") for name in names)
    yield Table(header, tuple(rows), words("gains table"), frozenset(range(6)))


def _chain(chain: MatrixChain, words: Words) -> Iterator[Block]:
    layers = [*reversed(chain.reverse.architecture.layers)][:FIRST]
    yield Heading(words("chain"))
    yield Paragraph(words("chain head"))
    lines = [chain.line(l) for l in layers]
    yield from (Formula((line,)) for line in lines)
    short = [l for l in layers if chain.is_short(l)]
    yield Paragraph(words("chain numbers" if short else "chain too large"))
    numbered = [chain.numbers(l) for l in short]
    yield from (Formula(tuple(found)) for found in numbered)
    n = len(lines) + sum(map(len, numbered))
    yield Paragraph(words("chain read back", n=str(n), error=number(max(chain.error, 1e-16), 1)))


def _order(chain: MatrixChain, words: Words) -> Iterator[Block]:
    yield Heading(words("order"))
    yield Paragraph(words("order head"))
    rows = []
    for l in [*reversed(chain.reverse.architecture.layers)][:FIRST]:
        counts = chain.multiplications(l)
        rows.append(tuple((cell,) for cell in (str(chain.convention.layer(l)), *(f"{count:,}" for count in counts))))
    header = tuple(words(f"column {name}") for name in ("layer", "right", "left"))
    yield Table(header, tuple(rows), (), frozenset(range(3)))
