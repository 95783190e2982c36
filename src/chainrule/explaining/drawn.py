"""What drawings of networks are made of: places of neurons, arrows with their weights, words and numbers."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

import numpy as np

SHOWN, FIRST = 7, 4  # neurons of a layer that are drawn; of a wider one, so many from its beginning, and its last

STYLE = """
.nd:root { color: #1b2127; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { .nd:root { color: #e8ebee; } }
.nd { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; }
.nd text { fill: currentColor; font-size: 13px; text-anchor: middle; }
.nd .soft { opacity: .68; } .nd .small { font-size: 11.5px; } .nd .head { font-weight: 600; }
.nd .edge { stroke: currentColor; opacity: .42; fill: none; } .nd .tip { fill: currentColor; opacity: .42; }
.nd .shape { fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linejoin: round; }
.nd .hatch { stroke: currentColor; stroke-width: 1.2; opacity: .3; }
.nd .end { text-anchor: end; } .nd .start { text-anchor: start; }
"""


class Spot(NamedTuple):
    """A neuron that is drawn, and where."""

    neuron: int
    x: float
    y: float


def shown(n: int) -> list[int]:
    """The neurons that are drawn: all, or the first ones and the last."""
    return list(range(n)) if n <= SHOWN else [*range(FIRST), n - 1]


def number(x: float, digits: int = 3) -> str:
    """A number in a few digits.

    >>> number(-0.25), number(1.25e-9), number(-0.0), number(9420.0)
    ('−0.25', '1.25e−9', '0', '9420')
    """
    x += 0.0  # not -0
    text = f"{x:.{digits - 1}e}" if x and not 1e-3 <= abs(x) < 1e5 else f"{x:.{max(digits, len(f'{abs(x):.0f}'))}g}"
    mantissa, e, exponent = text.partition("e")
    return (f"{mantissa}e{int(exponent)}" if e else text).replace("-", "−")


class Edge(NamedTuple):
    """A line from one neuron to another, and its weight."""

    x0: float
    y0: float
    x1: float
    y1: float
    weight: float

    def y(self, x: float) -> float:
        """Where it is at x."""
        return self.y0 + (x - self.x0) / (self.x1 - self.x0) * (self.y1 - self.y0)


def arrow(edge: Edge, thick: float, label: float | None = None) -> str:
    """A line with a head; it is interrupted for its weight, which stands at x = ``label``."""
    length = float(np.hypot(edge.x1 - edge.x0, edge.y1 - edge.y0))
    u, v = (edge.x1 - edge.x0) / length, (edge.y1 - edge.y0) / length
    end = (edge.x1 - 8 * u, edge.y1 - 8 * v)
    dash = ' stroke-dasharray="5 4"' if edge.weight < 0 else ""
    path, beside = f"M{edge.x0:.1f} {edge.y0:.1f}L{end[0]:.1f} {end[1]:.1f}", ""
    if label is not None:
        words = number(edge.weight)
        reach = (3.6 * len(words) + 2) * np.sign(u)
        near, far = label - reach, label + reach
        path = (
            f"M{edge.x0:.1f} {edge.y0:.1f}L{near:.1f} {edge.y(near):.1f}"
            f"M{far:.1f} {edge.y(far):.1f}L{end[0]:.1f} {end[1]:.1f}"
        )
        beside = f'<text class="small" x="{label:.1f}" y="{edge.y(label) + 4:.1f}">{words}</text>'
    corners = [(edge.x1, edge.y1), (end[0] - 3.5 * v, end[1] + 3.5 * u), (end[0] + 3.5 * v, end[1] - 3.5 * u)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    return (
        f'<path class="edge" d="{path}" stroke-width="{thick:.2f}"{dash}/><polygon class="tip" points="{points}"/>{beside}'
    )


def places(edges: list[Edge]) -> list[float]:
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


def text(kind: str, x: float, y: float, words: str) -> str:
    """Words at a place."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'
