"""The network with the numbers of an example as SVG: activations run from left to right, and each neuron has its error."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from zlib import crc32

import numpy as np

from chainrule.document import Figure
from chainrule.explaining.drawn import STYLE, Edge, Spot, arrow, number, places, text
from chainrule.explaining.example import Example
from chainrule.notation import Key

ROW, COLUMN, LEFT, RIGHT, TOP, BELOW = 88.0, 190.0, 60.0, 120.0, 26.0, 12.0
RADIUS, LABELS = 28.0, 6  # more weights between two layers do not have room beside their arrows


def figure(e: Example) -> Figure:
    """The drawing of the first example, and what is said of it."""
    edges = [len(e.shown[l]) * len(e.shown[l - 1]) for l in e.a.layers]
    caption = e.words("drawn network" if max(edges) <= LABELS else "drawn wide network")
    if e.m > 1:
        caption = e.words.sentences(caption, e.words("drawn first"))
    return Figure(drawing(e), e.words.text("drawn alt", sizes="-".join(map(str, e.a.sizes))), caption)


def drawing(e: Example) -> str:
    """The whole text; of a layer, the neurons that are shown in the tables, too."""
    rows = max(len(js) + (len(js) < e.a.neurons(l)) for l, js in e.shown.items())
    spots = {l: _spots(e, l, rows) for l in e.shown}
    width, height = LEFT + (e.a.L - 1) * COLUMN + RIGHT, TOP + rows * ROW + BELOW
    parts = [part for l in e.a.layers for part in _edges(e, l, spots)]
    parts += [part for l in spots for part in _layer(e, l, spots[l])]
    body = "\n".join(parts)
    title = escape(e.words.text("drawn alt", sizes="-".join(map(str, e.a.sizes))))
    key = f"nd{crc32(body.encode()):08x}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nd" role="img" aria-labelledby="{key}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'style="max-width:100%;height:auto"><title id="{key}">{title}</title><style>{STYLE}</style>\n{body}\n</svg>'
    )


def _spots(e: Example, l: int, rows: int) -> list[Spot]:
    slots = len(e.shown[l]) + (len(e.shown[l]) < e.a.neurons(l))
    top = TOP + (rows - slots) / 2 * ROW + ROW / 2
    return [Spot(j, LEFT + (l - 1) * COLUMN, top + i * ROW) for i, j in enumerate(e.shown[l])]


def _edges(e: Example, l: int, spots: dict[int, list[Spot]]) -> Iterator[str]:
    """The weights into a layer, the larger the thicker."""
    w, goals, sources = e.values[Key("w", l)], spots[l], spots[l - 1]
    step = min(10.0, 1.4 * RADIUS / len(sources))
    edges = [
        Edge(
            source.x + RADIUS, source.y, goal.x - RADIUS, goal.y + (i - (len(sources) - 1) / 2) * step,
            float(w[goal.neuron, source.neuron]),
        )
        for i, source in enumerate(sources) for goal in goals
    ]  # fmt: skip
    labels = places(edges) if len(edges) <= LABELS else [None] * len(edges)
    for edge, at in zip(edges, labels, strict=True):
        yield arrow(edge, 0.7 + 1.6 * abs(edge.weight) / (float(np.abs(w).max()) or 1.0), at)


def _layer(e: Example, l: int, spots: list[Spot]) -> Iterator[str]:
    """The neurons of a layer with their activations; below each its error, and at the right what is desired."""
    yield text("head", spots[0].x, 20, e.words.text("layer", l=e.c.layer(l)))
    for j, x, y in spots:
        yield f'<circle class="shape" cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS:.0f}"/>'
        yield text("soft small", x, y - 6, _name(e, "a", l, j))
        yield text("small", x, y + 10, number(e.value("a", l, j)))
        if l > 1:
            yield text("small", x, y + RADIUS + 14, f"{_name(e, 'delta', l, j)} = {number(e.printed('delta', l, j)[1])}")
        if l == e.a.L:
            yield text("small start", x + RADIUS + 8, y + 4, f"{_name(e, 'y', 0, j)} = {number(e.value('y', 0, j))}")
    if more := e.a.neurons(l) - len(spots):
        yield text("soft", spots[-1].x, spots[-1].y + ROW - 8, "⋮")
        yield text("soft small", spots[-1].x, spots[-1].y + ROW + 10, e.words.text("more terms", n=f"{more:,}"))


def _name(e: Example, symbol: str, l: int, j: int) -> str:
    """What a number of a neuron is called; which example it is of, the caption says."""
    return e.form(symbol, l, str(e.c.neuron(j)))[1]
