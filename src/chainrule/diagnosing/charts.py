"""Drawings of a diagnosis as SVG: each is one text, loads nothing, and is legible by day and by night."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

WIDTH = 480.0  # on a telephone, where it is shrunk to 350, words can still be read
STYLE = """
.dg text { font: 14px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  fill: #1b2127; }
.dg .soft { fill: #59636e; } .dg .strong { font-weight: 600; }
.dg .end { text-anchor: end; } .dg .mid { text-anchor: middle; }
.dg .grid { stroke: #d5dade; stroke-width: 1; } .dg .axis { stroke: #77828d; stroke-width: 1; }
.dg .fill0 { fill: #0068a5; } .dg .fill1 { fill: #b84e00; }
.dg .line0 { fill: none; stroke: #0068a5; stroke-width: 2.2; stroke-linejoin: round; }
.dg .line1 { fill: none; stroke: #b84e00; stroke-width: 2.2; stroke-dasharray: 7 4; stroke-linejoin: round; }
@media (prefers-color-scheme: dark) {
  .dg text { fill: #e8ebee; } .dg .soft { fill: #a3adb7; }
  .dg .grid { stroke: #3a424a; } .dg .axis { stroke: #87929d; }
  .dg .fill0 { fill: #62b5ee; } .dg .fill1 { fill: #f2a25c; }
  .dg .line0 { stroke: #62b5ee; } .dg .line1 { stroke: #f2a25c; }
}
"""
Point = tuple[float, float]


def drawing(height: float, parts: Iterable[str], alt: str) -> str:
    """The whole SVG."""
    size = f'width="{WIDTH:g}" height="{height:g}" viewBox="0 0 {WIDTH:g} {height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="dg" {size} role="img">'
    return f"{head}<title>{escape(alt)}</title><style>{STYLE}</style>{''.join(parts)}</svg>"


def text(x: float, y: float, words: str, kind: str = "") -> str:
    """A text at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>{escape(words)}</text>'


def rule(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def box(x: float, y: float, width: float, height: float, kind: str) -> str:
    """A filled rectangle."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" class="{kind}"/>'


# ------------------------------------------------------------------------------------------------------------- bars


def bars(labels: Sequence[str], values: Sequence[float], label: str, said: Sequence[str], alt: str) -> str:
    """A bar for each value on a logarithmic axis; a value of 0 has none."""
    there = [v for v in values if v > 0 and math.isfinite(v)]
    low, high = (math.floor(math.log10(min(there)) - 0.3), math.ceil(math.log10(max(there)) + 1e-9)) if there else (-1, 0)
    low = min(low, high - 1)
    left, right, top, pitch = 20 + 7.6 * max(map(len, labels)), WIDTH - 92, 12.0, 34.0
    foot = top + pitch * len(labels)

    def at(power: float) -> float:
        return left + (power - low) / (high - low) * (right - left)

    step = max(1, math.ceil((high - low) / 5))
    parts = []
    for power in range(low, high + 1, step):
        parts += [rule(at(power), top, at(power), foot, "grid"), text(at(power), foot + 19, ten(power), "soft mid")]
    for i, (name, value, words) in enumerate(zip(labels, values, said, strict=True)):
        y = top + pitch * i
        end = at(math.log10(value)) if value > 0 and math.isfinite(value) else left
        parts += [text(left - 10, y + 21, name, "end"), box(left, y + 7, end - left, 19, "fill0")]
        parts += [text(end + 8, y + 21, words, "strong")]
    parts += [rule(left, top, left, foot, "axis"), text((left + right) / 2, foot + 42, label, "soft mid")]
    return drawing(foot + 52, parts, alt)


def ten(power: int) -> str:
    """A power of ten beside an axis.

    >>> ten(0), ten(-1), ten(-4)
    ('1', '0.1', '10⁻⁴')
    """
    if -3 <= power <= 3:
        return f"{10.0**power:,g}"
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


# ------------------------------------------------------------------------------------------------------- histograms


def histograms(
    titles: Sequence[str], shares: Sequence[Sequence[float]], ends: Sequence[float], label: str, alt: str
) -> str:
    """A histogram for each title: shares in equal bins from 0 to its end; the first bin stands out."""
    across = min(len(titles), 3)
    gap, tall = 22.0, 84.0
    wide = (WIDTH - 16 - gap * (across - 1)) / across
    parts: list[str] = []
    for i, (title, bins, end) in enumerate(zip(titles, shares, ends, strict=True)):
        x, y = 8 + (i % across) * (wide + gap), 8 + (i // across) * (tall + 78)
        parts += [text(x, y + 13, title, "strong"), text(x, y + 31, f"{100 * bins[0]:.0f} % in the first bin", "soft")]
        foot, bar = y + 40 + tall, wide / len(bins)
        for k, share in enumerate(bins):
            height = tall * share / max(*bins, 1e-12)
            parts += [box(x + k * bar + 0.5, foot - height, bar - 1, height, "fill1" if k == 0 else "fill0")]
        parts += [rule(x, foot, x + wide, foot, "axis"), text(x, foot + 17, "0", "soft")]
        parts += [text(x + wide, foot + 17, f"{end:.3g}", "soft end")]
    height = 8 + math.ceil(len(titles) / across) * (tall + 78) + 14
    return drawing(height, [*parts, text(WIDTH / 2, height - 6, label, "soft mid")], alt)


# ------------------------------------------------------------------------------------------------------------ curves


def curves(lines: Sequence[tuple[str, Sequence[Point]]], across: str, up: str, alt: str) -> str:
    """One or two lines, each with its name at its end; logarithmic upwards where numbers are far apart."""
    values = [y for _, points in lines for _, y in points]
    log = min(values) > 0 and max(values) / min(values) > 30
    scale = math.log10 if log else float
    marks = _marks(min(values), max(values), log=log)
    low, high = scale(marks[0]), scale(marks[-1])
    first, last = min(p[0] for _, line in lines for p in line), max(p[0] for _, line in lines for p in line)
    left, right, top, foot = 78.0, WIDTH - 86, 14.0, 226.0

    def at(x: float, y: float) -> Point:
        share = (x - first) / max(last - first, 1e-12)
        return left + share * (right - left), foot - (scale(y) - low) / (high - low) * (foot - top)

    parts = []
    for mark in marks:
        y = at(first, mark)[1]
        parts += [rule(left, y, right, y, "grid"), text(left - 8, y + 5, f"{mark:.6g}", "soft end")]
    for x in sorted({first, last, *_whole(first, last)}):
        parts += [text(at(x, marks[0])[0], foot + 19, f"{x:g}", "soft mid")]
    ends: list[float] = []
    for i, (name, points) in enumerate(lines):
        path = " L".join("{:.1f},{:.1f}".format(*at(*p)) for p in points)
        y = at(*points[-1])[1]
        y = y if not ends or abs(y - ends[0]) >= 18 else ends[0] + math.copysign(18, y - ends[0])
        ends.append(y)
        parts += [f'<path d="M{path}" class="line{i}"/>', text(right + 6, y + 5, name, f"fill{i} strong")]
    parts += [rule(left, foot, right, foot, "axis"), text((left + right) / 2, foot + 42, across, "soft mid")]
    parts += [f'<g transform="translate(16 {(top + foot) / 2:g}) rotate(-90)">{text(0, 0, up, "soft mid")}</g>']
    return drawing(foot + 54, parts, alt)


def _marks(low: float, high: float, *, log: bool) -> list[float]:
    """Round numbers around a range."""
    if log:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high) + 1e-9) + 1)
        return [10.0**p for p in powers][:: max(1, len(powers) // 6)] + ([10.0 ** powers[-1]] if len(powers) > 6 else [])
    wide = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(wide / 4))
    step = next(m * power for m in (1, 2, 5, 10) if m * power * 4 >= wide * (1 - 1e-9))
    count = max(math.ceil(high / step - 1e-9) - math.floor(low / step + 1e-9), 1)
    return [float(f"{(math.floor(low / step + 1e-9) + i) * step:.12g}") for i in range(count + 1)]


def _whole(first: float, last: float) -> list[float]:
    """Some epochs between the first and the last, which keep away from these."""
    step = next(m * 10**p for p in range(9) for m in (1, 2, 5) if m * 10**p * 5 >= last - first)
    return [float(x) for x in range(step, int(last), step) if x - first > 0.6 * step and last - x > 0.6 * step]
