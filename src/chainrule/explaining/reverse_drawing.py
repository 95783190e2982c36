"""The reverse network as SVG: errors run from right to left through amplifiers; light and dark by currentColor."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

from chainrule.explaining.convention import Convention
from chainrule.explaining.drawn import STYLE, Edge, Spot, arrow, number, places, shown, text
from chainrule.explaining.letters import lowered, raised
from chainrule.explaining.words import Words

if TYPE_CHECKING:
    from chainrule.explaining.reverse import ReverseNetwork, ReversePass

LABELS = 9  # edges between two layers that have their weights beside them
ROW, COLUMN, MARGIN, TOP, NARROWEST = 80.0, 230.0, 124.0, 58.0, 430.0
HALF, TALL, BOX = 38.0, 26.0, 62.0  # half the width and the height of an amplifier; half the width of softmax


class Sheet(NamedTuple):
    """What all parts of a drawing look at: the network, what runs through it for which example, words and counting."""

    reverse: ReverseNetwork
    run: ReversePass | None
    example: int
    words: Words
    c: Convention

    def layer(self, l: int) -> str:
        """A layer's number, set above."""
        return raised(self.c.layer(l))

    def name(self, spot: Spot, l: int) -> str:
        """The numbers of a layer and of a neuron, above and below."""
        return self.layer(l) + lowered(self.c.neuron(spot.neuron))


def drawing(reverse: ReverseNetwork, run: ReversePass | None, example: int, c: Convention) -> str:
    """The whole text."""
    sheet = Sheet(reverse, run, example, Words(c.language, "reverse"), c)
    a = reverse.architecture
    layers = {l: shown(a.neurons(l)) for l in a.layers}
    rows = max(len(shown) + (len(shown) < a.neurons(l)) for l, shown in layers.items())
    spots = {l: _spots(l, shown, rows) for l, shown in layers.items()}
    width = max(NARROWEST, 2 * MARGIN + (a.L - 2) * COLUMN + 70)
    height = TOP + rows * ROW + 84
    key = f"rn{crc32((repr(reverse) + repr(a.sizes) + str(example)).encode()):08x}"
    parts = [*_edges(reverse, spots)]
    for l in a.layers:
        parts += _layer(sheet, l, spots[l])
    parts += _legend(sheet, height)
    words = described(sheet)
    title = escape(sheet.words.text("reverse title", sizes="-".join(map(str, reverse.sizes))))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nd" role="img" aria-labelledby="{key}t {key}d" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'style="max-width:100%;height:auto"><title id="{key}t">{title}</title><desc id="{key}d">{escape(words)}</desc>'
        f"<style>{STYLE}</style>"
        "\n" + "\n".join(parts) + "\n</svg>"
    )


def _spots(l: int, shown: list[int], rows: int) -> list[Spot]:
    folded = len(shown) > 1 and shown[-1] - shown[-2] > 1
    slots = len(shown) + folded
    x = MARGIN + (l - 2) * COLUMN
    top = TOP + (rows - slots) / 2 * ROW + ROW / 2
    return [Spot(j, x, top + (i + (folded and i == len(shown) - 1)) * ROW) for i, j in enumerate(shown)]


# ------------------------------------------------------------------------------------------------------------ edges


def _edges(reverse: ReverseNetwork, spots: dict[int, list[Spot]]) -> Iterator[str]:
    """The weights, from the tip of an amplifier to the base of each one before it; and the arrows that come in."""
    last = max(spots)
    half = {l: _half(reverse, l) for l in spots}
    for spot in spots[last]:
        yield arrow(Edge(spot.x + half[last] + 84, spot.y, spot.x + half[last], spot.y, 1.0), 1.4)
    for l in range(3, last + 1):
        w = reverse.weights[l]  # (n^{l-1}, n^l)
        sources, goals = spots[l], spots[l - 1]
        step = min(9.0, 1.5 * TALL / len(sources))
        edges = [
            Edge(
                source.x - half[l], source.y, goal.x + half[l - 1], goal.y + (i - (len(sources) - 1) / 2) * step,
                float(w[goal.neuron, source.neuron]),
            )
            for i, source in enumerate(sources) for goal in goals
        ]  # fmt: skip
        labels = places(edges) if w.size <= LABELS else [None] * len(edges)
        for edge, at in zip(edges, labels, strict=True):
            yield arrow(edge, 0.7 + 1.6 * abs(edge.weight) / (float(np.abs(w).max()) or 1.0), at)


# ----------------------------------------------------------------------------------------------------------- layers


def _half(reverse: ReverseNetwork, l: int) -> float:
    """Half the width of what layer l is drawn as."""
    return HALF if reverse.architecture.sigma(l).elementwise else BOX


def _layer(sheet: Sheet, l: int, spots: list[Spot]) -> Iterator[str]:
    """The amplifiers of a layer, with their gains; below each, the error that leaves it."""
    reverse, run, example = sheet.reverse, sheet.run, sheet.example
    sigma, x, half = reverse.architecture.sigma(l), spots[0].x, _half(reverse, l)
    yield text("head", x, 20, sheet.words.text("layer column", l=sheet.c.layer(l)))
    yield text("soft small", x, 38, f"× σ′(z{sheet.layer(l)})" if sigma.elementwise else "softmax: × ∂a/∂z")
    if not sigma.elementwise:
        top, bottom = spots[0].y - TALL, spots[-1].y + TALL + 4
        at = f'x="{x - half:.1f}" y="{top:.1f}" width="{2 * half}" height="{bottom - top:.1f}"'
        yield f'<rect class="shape" {at} rx="6"/>'
    for spot in spots:
        if sigma.elementwise:
            gain = float(reverse.gains[l][spot.neuron, example])
            yield _amplifier(spot, gain, hatched=bool(reverse.saturated(l)[spot.neuron, example]))
        else:
            a = number(float(reverse.a[l][spot.neuron, example]))
            yield text("small", x, spot.y - 3, f"a{sheet.name(spot, l)} = {a}")
        if run is not None:
            yield _error(sheet, l, spot, float(run.delta[l][spot.neuron, example]))
        if l == reverse.architecture.L:
            yield from _entering(sheet, l, spot, half)
    if len(spots) < reverse.architecture.neurons(l):
        more = f"{reverse.architecture.neurons(l) - len(spots):,}"
        yield text("soft", x, spots[-1].y - ROW - 2, "⋮") + text(
            "soft small", x, spots[-1].y - ROW + 15, sheet.words.text("more neurons drawn", n=more)
        )


def _amplifier(spot: Spot, gain: float, *, hatched: bool) -> str:
    x, y = spot.x, spot.y
    points = f"{x + HALF},{y - TALL:.1f} {x + HALF},{y + TALL:.1f} {x - HALF},{y:.1f}"
    words = number(gain, 3 if abs(gain) >= 1e-3 else 1)
    lines = f'<path class="hatch" d="{"".join(_hatching(spot))}"/>' if hatched else ""
    return f'{lines}<polygon class="shape" points="{points}"/>' + text("small", x + 11, y + 4, words)


def _hatching(spot: Spot) -> Iterator[str]:
    """Upright lines within an amplifier; a pattern to fill it with is more than some programs can show."""
    for k in range(1, int(2 * HALF / 5)):
        tall = TALL * 5 * k / (2 * HALF)
        yield f"M{spot.x - HALF + 5 * k:.1f} {spot.y - tall:.1f}V{spot.y + tall:.1f}"


def _error(sheet: Sheet, l: int, spot: Spot, delta: float) -> str:
    """The error that leaves an amplifier: at its tip where nothing goes on from there."""
    name, value = f"δ{sheet.name(spot, l)}", number(delta)
    if not sheet.reverse.architecture.sigma(l).elementwise:
        return text("small", spot.x, spot.y + 15, f"{name} = {value}")
    if l > 2:
        return text("small", spot.x, spot.y + TALL + 14, f"{name} = {value}")
    x = spot.x - HALF - 8
    return text("end", x, spot.y - 2, name) + text("end small", x, spot.y + 14, value)


def _entering(sheet: Sheet, l: int, spot: Spot, half: float) -> Iterator[str]:
    """What comes in from the cost, at the right."""
    x = spot.x + half + 14
    yield text("small start", x, spot.y - 8, f"∂C/∂a{sheet.name(spot, l)}")
    if sheet.run is not None and l in sheet.run.nabla_a:
        yield text("small start", x, spot.y + 18, number(float(sheet.run.nabla_a[l][spot.neuron, sheet.example])))


def _legend(sheet: Sheet, height: float) -> Iterator[str]:
    reverse, words = sheet.reverse, sheet.words
    last = words.text("legend dashed")
    if any(reverse.saturated(l).any() for l in reverse.gains):
        last += words.text("legend hatched")
    for k, line in enumerate([words.text("legend direction"), words.text("legend amplifier"), last]):
        yield text("soft small start", 12, height - 48 + 18 * k, line)


def described(sheet: Sheet) -> str:
    """What is to be seen, for those who do not see it."""
    said = []
    for l in reversed(sheet.reverse.architecture.layers):
        gains = _listed(sheet.reverse.gains[l][:, sheet.example])
        line = sheet.words.text("described gains", l=sheet.c.layer(l), gains=gains)
        if sheet.run is not None:
            line += sheet.words.text("described errors", errors=_listed(sheet.run.delta[l][:, sheet.example]))
        said.append(line)
    return " ".join(said)


def _listed(values: np.ndarray) -> str:
    """The numbers of the neurons that are drawn, and a mark where some are left out."""
    found = [number(float(values[j])) for j in shown(len(values))]
    return ", ".join(found if len(found) == len(values) else [*found[:-1], "…", found[-1]])
