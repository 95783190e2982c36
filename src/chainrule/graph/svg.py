"""A drawing of a graph as SVG: one text, nothing loaded, light and dark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING
from zlib import crc32

from chainrule.graph.layout import Layout, layout
from chainrule.graph.picture import Box, Picture, picture

if TYPE_CHECKING:
    from chainrule.graph.look import Graph

Point = tuple[float, float]

MARGIN, PADDING, GAPS = 24.0, 14.0, (28.0, 20.0)
BETWEEN = 56.0  # from one layer of boxes to the next, at least
ARROW = 8.0
BOW = 24.0  # how far apart lines go that join the same two boxes
STEEP = 1.1  # how far a line may lean where it meets a box
SIZES = {"name": 16.0, "value": 16.0, "note": 12.5, "adjoint": 13.0, "tangent": 13.0, "edge": 13.0, "legend": 12.5}
LEADING = 1.36
NARROWEST = 400.0

STYLE = """
.cg text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  fill: #1b2127; font-variant-numeric: tabular-nums; }
.cg .mid { text-anchor: middle; }
.cg .page { fill: #ffffff; }
.cg .card { fill: #f6f8fa; stroke: #8a949e; stroke-width: 1.2; }
.cg .input .card { fill: #ffffff; } .cg .output .card { stroke: #1b2127; stroke-width: 2; }
.cg .behind { fill: #e7ebef; stroke: #8a949e; stroke-width: 1; }
.cg .line { fill: none; stroke: #7d8792; stroke-width: 1.5; } .cg .head { fill: #7d8792; }
.cg .under { fill: #ffffff; }
.cg text.name { font-family: "STIX Two Text", "Cambria", "Latin Modern Roman", "Liberation Serif", Georgia, serif;
  font-style: italic; }
.cg text.value { font-weight: 600; }
.cg text.note, .cg text.legend { fill: #59636e; }
.cg text.edge { fill: #3b444d; }
.cg text.adjoint { fill: #a84700; } .cg .dot.adjoint { fill: #a84700; }
.cg text.tangent { fill: #0063a0; } .cg .dot.tangent { fill: #0063a0; }
.cg .dot.value { fill: #1b2127; } .cg .dot.edge { fill: #7d8792; } .cg .rule { stroke: #dcdfe3; stroke-width: 1; }
@media (prefers-color-scheme: dark) {
  .cg text { fill: #e8ebee; }
  .cg .page { fill: #15191d; } .cg .under { fill: #15191d; }
  .cg .card { fill: #20262c; stroke: #77828d; } .cg .input .card { fill: #15191d; }
  .cg .output .card { stroke: #e8ebee; } .cg .behind { fill: #2c343c; stroke: #77828d; }
  .cg .line { stroke: #87929d; } .cg .head { fill: #87929d; }
  .cg text.note, .cg text.legend { fill: #a3adb7; } .cg text.edge { fill: #c9d0d7; }
  .cg text.adjoint { fill: #f5a662; } .cg .dot.adjoint { fill: #f5a662; }
  .cg text.tangent { fill: #6bbcf2; } .cg .dot.tangent { fill: #6bbcf2; }
  .cg .dot.value { fill: #e8ebee; } .cg .dot.edge { fill: #87929d; } .cg .rule { stroke: #323941; }
}
"""


def svg(graph: Graph) -> str:
    """The drawing of a graph."""
    return drawn(picture(graph))


def drawn(p: Picture) -> str:
    """A picture as SVG."""
    widths, heights = [_width(box) for box in p.boxes], [_height(box) for box in p.boxes]
    among = Counter((i, j) for i, j, _ in p.links)
    labels = [(i, j, measure(text, "edge") + (8 if among[i, j] == 1 else BOW)) for i, j, text in p.links]
    found = layout(widths, labels, GAPS, 6.0)
    rows = _rows(found, heights)
    right = max(place.x + width / 2 for place, width in zip(found.boxes, widths, strict=True))
    right = max([right, *(place.x + 40 for line in found.lines for place in line)])
    legend = max(measure(text, "legend") for _, text in p.legend) + 24
    whole = max(right, legend, NARROWEST)
    shift = MARGIN + (whole - right) / 2
    middles = [(place.x + shift, rows[place.layer][0]) for place in found.boxes]
    lines = _lines(found, middles, widths, heights, rows, shift)
    below = rows[0][0] + rows[0][1] / 2 + 22
    height = below + len(p.legend) * 19 + MARGIN
    parts = [_line(points) for points in lines]
    parts += [
        _label(place.x + shift, rows[place.layer][0], text)
        for place, (_, _, text) in zip(found.labels, p.links, strict=True)
    ]
    parts += [_box(box, at, w, h) for box, at, w, h in zip(p.boxes, middles, widths, heights, strict=True)]
    return _framed(p, [*parts, *_legend(p, below, whole)], whole + 2 * MARGIN, height)


def _framed(p: Picture, parts: list[str], width: float, height: float) -> str:
    """The whole text; its words are there for those who do not see it."""
    words = "; ".join(box.words for box in p.boxes)
    key = f"cg{crc32((words + str(p.links)).encode()):08x}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="cg" role="img" aria-labelledby="{key}t {key}d" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}" '
        f'style="max-width:100%;height:auto">'
        f'<title id="{key}t">{escape(p.title)}</title><desc id="{key}d">{escape(words)}</desc><style>{STYLE}</style>'
        f'<rect class="page" width="{_n(width)}" height="{_n(height)}" rx="10"/>\n' + "\n".join(parts) + "\n</svg>"
    )


def measure(text: str, kind: str) -> float:
    """About how wide a text is; rather too wide, since fonts differ."""
    ems = sum(0.33 if c in " .,:;ijltf()[]|′'" else 0.9 if c in "mwMW@…→%" else 0.7 if c.isupper() else 0.6 for c in text)
    return ems * SIZES[kind]


def _width(box: Box) -> float:
    return max(54.0, *(measure(text, kind) for kind, text in box.lines)) + 2 * PADDING


def _height(box: Box) -> float:
    return sum(SIZES[kind] * LEADING for kind, _ in box.lines) + 16


def _rows(found: Layout, heights: Sequence[float]) -> list[tuple[float, float]]:
    """The y of each layer's middle, and its height; the last layer is on top. Lines that go far need room to do so."""
    tall = [0.0] * found.layers
    for place, height in zip(found.boxes, heights, strict=True):
        tall[place.layer] = max(tall[place.layer], height)
    for line in found.lines:
        for low, high in pairwise(line):
            odd = low.layer if low.layer % 2 else high.layer
            tall[odd] = max(tall[odd], BETWEEN + min(120.0, 0.3 * abs(high.x - low.x)))
    tops = [MARGIN + sum(tall[k + 1 :]) for k in range(found.layers)]
    return [(top + height / 2, height) for top, height in zip(tops, tall, strict=True)]


def _lines(
    found: Layout, middles: list[Point], widths: Sequence[float], heights: Sequence[float], rows: list[tuple[float, float]],
    shift: float,
) -> list[list[Point]]:  # fmt: skip
    """The points of each line, from the top of its lower box to the bottom of its upper."""
    at = {id(place): k for k, place in enumerate(found.boxes)}
    tops, bottoms = _ports(found, at, widths, 0), _ports(found, at, widths, -1)
    lines = []
    for k, line in enumerate(found.lines):
        low, high = at[id(line[0])], at[id(line[-1])]
        points = [(middles[low][0] + tops[k], middles[low][1] - heights[low] / 2)]
        for place in line[1:-1]:
            y, tall = rows[place.layer]
            points += (
                [(place.x + shift, y + side * tall / 2) for side in (1, -1)]
                if place.layer % 2 == 0
                else [(place.x + shift, y)]
            )
        lines.append([*points, (middles[high][0] + bottoms[k], middles[high][1] + heights[high] / 2)])
    return lines


def _ports(found: Layout, at: dict[int, int], widths: Sequence[float], end: int) -> dict[int, float]:
    """How far from the middle of its box each line ends, so that lines of one box do not end in one point."""
    ends: dict[int, list[tuple[float, int]]] = {}
    for k, line in enumerate(found.lines):
        ends.setdefault(at[id(line[end])], []).append((line[1 if end == 0 else -2].x, k))
    offsets = {}
    for box, here in ends.items():
        step = min(20.0, 0.6 * widths[box] / max(1, len(here) - 1))
        for i, (_, k) in enumerate(sorted(here)):
            offsets[k] = (i - (len(here) - 1) / 2) * step
    return offsets


def _slopes(points: list[Point]) -> list[float]:
    """dx/dy at each point, so that the curve through the points never swings beyond them."""
    steps = [(x1 - x0) / (y1 - y0) for (x0, y0), (x1, y1) in pairwise(points)]
    inner = [0.0 if a * b <= 0 else 2 * a * b / (a + b) for a, b in pairwise(steps)]
    if not inner:
        return steps * 2
    ends = (1.5 * steps[0] - 0.5 * inner[0], 1.5 * steps[-1] - 0.5 * inner[-1])
    first, last = (max(-STEEP, min(STEEP, end)) for end in ends)
    return [first, *inner, last]


def _line(points: list[Point]) -> str:
    """A curve that ends in an arrow."""
    slopes = _slopes(points)
    (x, y), m = points[-1], slopes[-1]
    length = (1 + m * m) ** 0.5
    back = (x + m * ARROW / length, y + ARROW / length)
    curve = [*points[:-1], back]
    path = f"M{_n(curve[0][0])} {_n(curve[0][1])}"
    for ((x0, y0), (x1, y1)), (m0, m1) in zip(pairwise(curve), pairwise(slopes), strict=True):
        third = (y1 - y0) / 3
        path += f"C{_n(x0 + m0 * third)} {_n(y0 + third)} {_n(x1 - m1 * third)} {_n(y1 - third)} {_n(x1)} {_n(y1)}"
    side = (3.8 / length, -3.8 * m / length)
    tip = " ".join(
        f"{_n(a)},{_n(b)}"
        for a, b in [(x, y), (back[0] + side[0], back[1] + side[1]), (back[0] - side[0], back[1] - side[1])]
    )
    return f'<path class="line" d="{path}"/><polygon class="head" points="{tip}"/>'


def _label(x: float, y: float, text: str) -> str:
    """The number on a line, which is interrupted for it."""
    width = measure(text, "edge") + 4
    return f'<rect class="under" x="{_n(x - width / 2)}" y="{_n(y - 10)}" width="{_n(width)}" height="20" rx="4"/>' + _text(
        "edge mid", x, y + 4.5, SIZES["edge"], text
    )


def _box(box: Box, at: Point, width: float, height: float) -> str:
    x, y = at[0] - width / 2, at[1] - height / 2
    rect = f'width="{_n(width)}" height="{_n(height)}" rx="{_n(min(height / 2, 16))}"/>'
    behind = f'<rect class="behind" x="{_n(x + 5)}" y="{_n(y - 5)}" {rect}' if box.role == "block" else ""
    baselines = accumulate([SIZES[kind] * LEADING for kind, _ in box.lines], initial=y + 8)
    lines = [
        _text(f"{kind} mid", at[0], top + SIZES[kind] * 1.02, SIZES[kind], text)
        for (kind, text), top in zip(box.lines, baselines, strict=False)
    ]
    card = f'<rect class="card" x="{_n(x)}" y="{_n(y)}" {rect}'
    return f'<g class="{box.role}"><title>{escape(box.words)}</title>{behind}{card}{"".join(lines)}</g>'


def _legend(p: Picture, y: float, width: float) -> list[str]:
    parts = [f'<path class="rule" d="M{_n(MARGIN)} {_n(y)}H{_n(MARGIN + width)}"/>']
    for k, (kind, text) in enumerate(p.legend):
        at = y + 22 + 19 * k
        parts.append(f'<circle class="dot {kind}" cx="{_n(MARGIN + 5)}" cy="{_n(at - 4.5)}" r="4"/>')
        parts.append(_text("legend", MARGIN + 18, at, SIZES["legend"], text))
    return parts


def _text(kind: str, x: float, y: float, size: float, text: str) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}">{escape(text)}</text>'


def _n(x: float) -> str:
    """A length with as many decimals as can be seen."""
    return f"{x:.1f}".removesuffix(".0")
