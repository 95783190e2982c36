"""The results as a picture: bars of ratios on a logarithmic axis. It needs nothing but itself, by day and by night."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape
from typing import Any

from bench.peers.record import Record
from bench.peers.report import ratios
from bench.peers.table import OURS, PEERS

WIDTH, LEFT, RIGHT, TOP, BAR, HEAD = 900, 190, 70, 86, 17, 34
TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
Span = tuple[float, float]
STYLE = """
  svg { background: #fff; } text { font: 12px system-ui, sans-serif; fill: #1b2127; }
  .title { font-size: 17px; font-weight: 650; } .soft { fill: #59636e; }
  .work { font-weight: 650; font-size: 13px; paint-order: stroke; stroke: #fff; stroke-width: 6px; }
  .end { text-anchor: end; } .middle { text-anchor: middle; } .grid { stroke: #dcdfe3; }
  .one { stroke: #1b2127; stroke-width: 1.5; }
  .slower { fill: #0068a5; } .faster { fill: #b84e00; }
  @media (prefers-color-scheme: dark) { svg { background: #121518; } text { fill: #e8ebee; } .work { stroke: #121518; }
    .soft { fill: #9ba6b1; }
    .grid { stroke: #323941; } .one { stroke: #e8ebee; } .slower { fill: #62b5ee; } .faster { fill: #f2a25c; } }
"""


def picture(record: Record) -> str:
    """The SVG."""
    groups = [(found, _peers(found)) for found in record.get("workloads", {}).values()]
    groups = [(found, peers) for found, peers in groups if peers]
    height = TOP + sum(HEAD + BAR * len(peers) for _, peers in groups) + 16
    parts = [*_frame(height, _span(groups))]
    y = TOP
    for found, peers in groups:
        parts.append(f'<text class="work" x="14" y="{y + 22}">{escape(found["title"])}</text>')
        for k, (peer, ratio) in enumerate(peers):
            parts += _bar(PEERS[peer].title, ratio, y + HEAD + BAR * k, _span(groups))
        y += HEAD + BAR * len(peers)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="Time a step of each program over chainrule\'s">\n<style>{STYLE}</style>\n{body}\n</svg>\n'
    )


def _peers(found: dict[str, Any]) -> list[tuple[str, float]]:
    """All programs but ours, the fastest first."""
    return sorted(((peer, ratio) for peer, ratio in ratios(found).items() if peer != OURS), key=lambda pair: pair[1])


def _span(groups: list[tuple[dict[str, Any], list[tuple[str, float]]]]) -> Span:
    """The ticks that the axis begins and ends with: all bars lie between them."""
    found = [ratio for _, peers in groups for _, ratio in peers]
    first = max((tick for tick in TICKS if tick <= min([*found, 0.5])), default=TICKS[0])
    return first, min((tick for tick in TICKS if tick >= max([*found, 2])), default=TICKS[-1])


def _at(ratio: float, span: Span) -> float:
    """Where a ratio lies on the axis."""
    share = math.log(ratio / span[0]) / math.log(span[1] / span[0])
    return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)


def _frame(height: int, span: Span) -> Iterator[str]:
    """The title and the axis."""
    yield '<text class="title" x="14" y="28">Time a step, as a multiple of chainrule\'s</text>'
    yield '<text class="soft" x="14" y="47">Right of 1: slower than chainrule. Left of 1: faster.</text>'
    for tick in (tick for tick in TICKS if span[0] <= tick <= span[1]):
        x, kind = _at(tick, span), "one" if tick == 1 else "grid"
        yield f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - 12}"/>'
        yield f'<text class="soft middle" x="{x:.1f}" y="{TOP - 14}">{tick:g}</text>'


def _bar(title: str, ratio: float, y: int, span: Span) -> Iterator[str]:
    """One program's bar, its name and its number."""
    one, here = _at(1, span), _at(ratio, span)
    kind = "slower" if ratio >= 1 else "faster"
    yield f'<text class="end" x="{LEFT - 10}" y="{y + 12}">{escape(title)}</text>'
    left, width = min(one, here), max(abs(here - one), 1)
    yield f'<rect class="{kind}" x="{left:.1f}" y="{y + 2}" width="{width:.1f}" height="{BAR - 5}"/>'
    yield f'<text x="{max(one, here) + 6:.1f}" y="{y + 12}">{ratio:{".2f" if ratio < 10 else ".0f"}}</text>'
