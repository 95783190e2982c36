"""The reverse network as SVG: errors run from right to left through amplifiers; light and dark by currentColor."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

from chainrule.explaining.convention import Convention
from chainrule.explaining.letters import lowered, raised
from chainrule.explaining.words import Words

if TYPE_CHECKING:
    from chainrule.explaining.reverse import ReverseNetwork, ReversePass

SHOWN, FIRST = 7, 4  # neurons of a layer that are drawn; of a wider one, so many from its beginning, and its last
LABELS = 9  # edges between two layers that have their weights beside them
ROW, COLUMN, MARGIN, TOP, NARROWEST = 80.0, 230.0, 124.0, 58.0, 430.0
HALF, TALL, BOX = 38.0, 26.0, 62.0  # half the width and the height of an amplifier; half the width of softmax

STYLE = """
.rn:root { color: #1b2127; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { .rn:root { color: #e8ebee; } }
.rn { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; }
.rn text { fill: currentColor; font-size: 13px; text-anchor: middle; }
.rn .soft { opacity: .68; } .rn .small { font-size: 11.5px; } .rn .head { font-weight: 600; }
.rn .edge { stroke: currentColor; opacity: .42; fill: none; } .rn .tip { fill: currentColor; opacity: .42; }
.rn .amp { fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linejoin: round; }
.rn .hatch { stroke: currentColor; stroke-width: 1.2; opacity: .3; }
.rn .end { text-anchor: end; } .rn .start { text-anchor: start; }
"""


class Spot(NamedTuple):
    """A neuron that is drawn, and where."""

    neuron: int
    x: float
    y: float


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
    layers = {l: _shown(a.neurons(l)) for l in a.layers}
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
        f'<svg xmlns="http://www.w3.org/2000/svg" class="rn" role="img" aria-labelledby="{key}t {key}d" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'style="max-width:100%;height:auto"><title id="{key}t">{title}</title><desc id="{key}d">{escape(words)}</desc>'
        f"<style>{STYLE}</style>"
        "\n" + "\n".join(parts) + "\n</svg>"
    )


def _shown(n: int) -> list[int]:
    """The neurons that are drawn: all, or the first ones and the last."""
    return list(range(n)) if n <= SHOWN else [*range(FIRST), n - 1]


def _spots(l: int, shown: list[int], rows: int) -> list[Spot]:
    folded = len(shown) > 1 and shown[-1] - shown[-2] > 1
    slots = len(shown) + folded
    x = MARGIN + (l - 2) * COLUMN
    top = TOP + (rows - slots) / 2 * ROW + ROW / 2
    return [Spot(j, x, top + (i + (folded and i == len(shown) - 1)) * ROW) for i, j in enumerate(shown)]


def number(x: float, digits: int = 3) -> str:
    """A number in a few digits.

    >>> number(-0.25), number(1.25e-9), number(-0.0), number(9420.0)
    ('−0.25', '1.25e−9', '0', '9420')
    """
    x += 0.0  # not -0
    text = f"{x:.{digits - 1}e}" if x and not 1e-3 <= abs(x) < 1e5 else f"{x:.{max(digits, len(f'{abs(x):.0f}'))}g}"
    mantissa, e, exponent = text.partition("e")
    return (f"{mantissa}e{int(exponent)}" if e else text).replace("-", "−")


# ------------------------------------------------------------------------------------------------------------ edges


class Edge(NamedTuple):
    """A line from right to left, and its weight."""

    x0: float
    y0: float
    x1: float
    y1: float
    weight: float

    def y(self, x: float) -> float:
        """Where it is at x."""
        return self.y0 + (x - self.x0) / (self.x1 - self.x0) * (self.y1 - self.y0)


def _edges(reverse: ReverseNetwork, spots: dict[int, list[Spot]]) -> Iterator[str]:
    """The weights, from the tip of an amplifier to the base of each one before it; and the arrows that come in."""
    last = max(spots)
    half = {l: _half(reverse, l) for l in spots}
    for spot in spots[last]:
        yield _arrow(Edge(spot.x + half[last] + 84, spot.y, spot.x + half[last], spot.y, 1.0), 1.4)
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
        labels = _places(edges) if w.size <= LABELS else [None] * len(edges)
        for edge, at in zip(edges, labels, strict=True):
            yield _arrow(edge, 0.7 + 1.6 * abs(edge.weight) / (float(np.abs(w).max()) or 1.0), at)


def _arrow(edge: Edge, thick: float, label: float | None = None) -> str:
    """A line with a head, to the left; it is interrupted for its weight."""
    length = float(np.hypot(edge.x1 - edge.x0, edge.y1 - edge.y0))
    u, v = (edge.x1 - edge.x0) / length, (edge.y1 - edge.y0) / length
    end = (edge.x1 - 8 * u, edge.y1 - 8 * v)
    dash = ' stroke-dasharray="5 4"' if edge.weight < 0 else ""
    path, text = f"M{edge.x0:.1f} {edge.y0:.1f}L{end[0]:.1f} {end[1]:.1f}", ""
    if label is not None:
        words = number(edge.weight)
        reach = 3.6 * len(words) + 2
        left, right = label - reach, label + reach
        path = (
            f"M{edge.x0:.1f} {edge.y0:.1f}L{right:.1f} {edge.y(right):.1f}"
            f"M{left:.1f} {edge.y(left):.1f}L{end[0]:.1f} {end[1]:.1f}"
        )
        text = f'<text class="small" x="{label:.1f}" y="{edge.y(label) + 4:.1f}">{words}</text>'
    corners = [(edge.x1, edge.y1), (end[0] - 3.5 * v, end[1] + 3.5 * u), (end[0] + 3.5 * v, end[1] - 3.5 * u)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    return f'<path class="edge" d="{path}" stroke-width="{thick:.2f}"{dash}/><polygon class="tip" points="{points}"/>{text}'


def _places(edges: list[Edge]) -> list[float]:
    """Where along each edge its weight stands: as far from other edges, and from weights that stand, as can be."""
    placed: list[tuple[float, float]] = []
    found = []
    for edge in edges:
        ways = [edge.x0 + t * (edge.x1 - edge.x0) for t in np.linspace(0.2, 0.8, 25)]
        others = [other for other in edges if other is not edge]

        def room(x: float, edge: Edge = edge, others: list[Edge] = others) -> float:
            y = edge.y(x)
            lines = [abs(other.y(x + dx) - y) for other in others for dx in (-16.0, 0.0, 16.0)]
            words = [max(abs(x - px) / 3, abs(y - py)) for px, py in placed]
            return min([*lines, *words], default=0.0)

        best = float(max(ways, key=room))
        placed.append((best, edge.y(best)))
        found.append(best)
    return found


# ----------------------------------------------------------------------------------------------------------- layers


def _half(reverse: ReverseNetwork, l: int) -> float:
    """Half the width of what layer l is drawn as."""
    return HALF if reverse.architecture.sigma(l).elementwise else BOX


def _layer(sheet: Sheet, l: int, spots: list[Spot]) -> Iterator[str]:
    """The amplifiers of a layer, with their gains; below each, the error that leaves it."""
    reverse, run, example = sheet.reverse, sheet.run, sheet.example
    sigma, x, half = reverse.architecture.sigma(l), spots[0].x, _half(reverse, l)
    yield _text("head", x, 20, sheet.words.text("layer column", l=sheet.c.layer(l)))
    yield _text("soft small", x, 38, f"× σ′(z{sheet.layer(l)})" if sigma.elementwise else "softmax: × ∂a/∂z")
    if not sigma.elementwise:
        top, bottom = spots[0].y - TALL, spots[-1].y + TALL + 4
        yield f'<rect class="amp" x="{x - half:.1f}" y="{top:.1f}" width="{2 * half}" height="{bottom - top:.1f}" rx="6"/>'
    for spot in spots:
        if sigma.elementwise:
            gain = float(reverse.gains[l][spot.neuron, example])
            yield _amplifier(spot, gain, hatched=bool(reverse.saturated(l)[spot.neuron, example]))
        else:
            a = number(float(reverse.a[l][spot.neuron, example]))
            yield _text("small", x, spot.y - 3, f"a{sheet.name(spot, l)} = {a}")
        if run is not None:
            yield _error(sheet, l, spot, float(run.delta[l][spot.neuron, example]))
        if l == reverse.architecture.L:
            yield from _entering(sheet, l, spot, half)
    if len(spots) < reverse.architecture.neurons(l):
        more = f"{reverse.architecture.neurons(l) - len(spots):,}"
        yield _text("soft", x, spots[-1].y - ROW - 2, "⋮") + _text(
            "soft small", x, spots[-1].y - ROW + 15, sheet.words.text("more neurons drawn", n=more)
        )


def _text(kind: str, x: float, y: float, words: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def _amplifier(spot: Spot, gain: float, *, hatched: bool) -> str:
    x, y = spot.x, spot.y
    points = f"{x + HALF},{y - TALL:.1f} {x + HALF},{y + TALL:.1f} {x - HALF},{y:.1f}"
    words = number(gain, 3 if abs(gain) >= 1e-3 else 1)
    lines = f'<path class="hatch" d="{"".join(_hatching(spot))}"/>' if hatched else ""
    return f'{lines}<polygon class="amp" points="{points}"/>' + _text("small", x + 11, y + 4, words)


def _hatching(spot: Spot) -> Iterator[str]:
    """Upright lines within an amplifier; a pattern to fill it with is more than some programs can show."""
    for k in range(1, int(2 * HALF / 5)):
        tall = TALL * 5 * k / (2 * HALF)
        yield f"M{spot.x - HALF + 5 * k:.1f} {spot.y - tall:.1f}V{spot.y + tall:.1f}"


def _error(sheet: Sheet, l: int, spot: Spot, delta: float) -> str:
    """The error that leaves an amplifier: at its tip where nothing goes on from there."""
    name, value = f"δ{sheet.name(spot, l)}", number(delta)
    if not sheet.reverse.architecture.sigma(l).elementwise:
        return _text("small", spot.x, spot.y + 15, f"{name} = {value}")
    if l > 2:
        return _text("small", spot.x, spot.y + TALL + 14, f"{name} = {value}")
    x = spot.x - HALF - 8
    return _text("end", x, spot.y - 2, name) + _text("end small", x, spot.y + 14, value)


def _entering(sheet: Sheet, l: int, spot: Spot, half: float) -> Iterator[str]:
    """What comes in from the cost, at the right."""
    x = spot.x + half + 14
    yield _text("small start", x, spot.y - 8, f"∂C/∂a{sheet.name(spot, l)}")
    if sheet.run is not None and l in sheet.run.nabla_a:
        yield _text("small start", x, spot.y + 18, number(float(sheet.run.nabla_a[l][spot.neuron, sheet.example])))


def _legend(sheet: Sheet, height: float) -> Iterator[str]:
    reverse, words = sheet.reverse, sheet.words
    last = words.text("legend dashed")
    if any(reverse.saturated(l).any() for l in reverse.gains):
        last += words.text("legend hatched")
    for k, line in enumerate([words.text("legend direction"), words.text("legend amplifier"), last]):
        yield _text("soft small start", 12, height - 48 + 18 * k, line)


def described(sheet: Sheet) -> str:
    """What is to be seen, for those who do not see it."""
    said = []
    for l in reversed(sheet.reverse.architecture.layers):
        gains = ", ".join(number(float(g)) for g in sheet.reverse.gains[l][:SHOWN, sheet.example])
        line = sheet.words.text("described gains", l=sheet.c.layer(l), gains=gains)
        if sheet.run is not None:
            errors = ", ".join(number(float(d)) for d in sheet.run.delta[l][:SHOWN, sheet.example])
            line += sheet.words.text("described errors", errors=errors)
        said.append(line)
    return " ".join(said)
