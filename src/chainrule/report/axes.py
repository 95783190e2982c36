"""Axes: from numbers to places on a drawing, with round numbers beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chainrule.report.markup import Child, Html, element

WIDE_RANGE = 30.0  # the ratio from which positive numbers are drawn on a logarithmic axis
TINIEST = 1e-290  # what is smaller is drawn as 0: a step between such numbers would be no number any more


def plain(value: float) -> str:
    """A number beside an axis, with a true minus sign.

    >>> plain(-0.5), plain(20000.0)
    ('−0.5', '20,000')
    """
    text = f"{value:,.10g}" if abs(value) >= 1000 else f"{value:.6g}"
    return text.replace("-", "−")


@dataclass(frozen=True)
class Axis:
    """One axis: what it spans, its ticks, its words."""

    low: float
    high: float
    ticks: tuple[float, ...]
    label: str
    log: bool = False
    write: Callable[[float], str] = field(default=plain, repr=False)

    def share(self, value: float) -> float:
        """How far along the axis a value lies, from 0 to 1."""
        low, high, at = (math.log10(v) if self.log else v for v in (self.low, self.high, value))
        return (at - low) / (high - low)


def axis(
    values: Iterable[float], label: str, *, log: bool | None = None, tight: bool = False, n: int = 5,
    write: Callable[[float], str] = plain,
) -> Axis:  # fmt: skip
    """The axis for these values; ``tight`` ends at the data, otherwise it ends at round numbers.

    >>> axis([0.1, 0.97], "accuracy").ticks
    (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    """
    found = [v for v in values if math.isfinite(v)] or [0.0, 1.0]
    low, high = min(found), max(found)
    if log or (log is None and low > 0 and high / low > WIDE_RANGE):
        return _log_axis(low, high, label)
    largest = max(abs(low), abs(high))
    if high - low <= max(1e-9 * largest, TINIEST):
        around = 0.1 * largest if largest > TINIEST else 0.1
        low, high = low - around, high + around
    step = _round_step((high - low) / n)
    write = _as_exact_as(step) if write is plain else write
    first, last = low / step, high / step
    inner, outer = (math.ceil(first - 1e-9), math.floor(last + 1e-9)), (math.floor(first + 1e-9), math.ceil(last - 1e-9))
    begin, end = inner if tight else outer
    marks = tuple(i * step for i in range(begin, end + 1))
    marks = tuple(float(f"{m:.12g}") for m in marks)
    return Axis(low, high, marks, label, write=write) if tight else Axis(marks[0], marks[-1], marks, label, write=write)


def _as_exact_as(step: float) -> Callable[[float], str]:
    """How numbers are written whose steps are this long: all with the same decimals."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return (lambda v: plain(v) if v == 0 else f"{v:,.{decimals}f}".replace("-", "−")) if decimals < 7 else plain


def epochs_axis(last: int) -> Axis:
    """The axis of epochs: whole numbers from 1."""
    step = max(1, int(_round_step(last / 6)))
    marks = [float(i) for i in range(step, last + 1, step)]
    ticks = [1.0, *(m for m in marks if m > 1 + step / 2)]
    return Axis(1.0 if last > 1 else 0.0, float(max(last, 2)), tuple(ticks), "epoch")


def _log_axis(low: float, high: float, label: str) -> Axis:
    """Powers of ten, and 2 and 5 times these where they are few."""
    ends = math.floor(math.log10(low)), math.ceil(math.log10(high))
    marks = [m * 10.0**e for e in range(ends[0], ends[1] + 1) for m in ((1, 2, 5) if ends[1] - ends[0] <= 3 else (1,))]
    within = [float(f"{m:.3g}") for m in marks]
    below = max(m for m in within if m <= low * (1 + 1e-9))
    above = min([m for m in within if m >= high * (1 - 1e-9)] or [within[-1]])
    ticks = tuple(m for m in within if below <= m <= above)
    return Axis(below, above, ticks, f"{label} (logarithmic)", log=True)


def _round_step(rough: float) -> float:
    """1, 2 or 5 times a power of ten, near a rough step."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(float(f"{m * power:.12g}") for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))


@dataclass(frozen=True)
class Frame:
    """Where on a drawing the plot is, and between which axes."""

    x: Axis
    y: Axis
    width: float = 440
    height: float = 270
    right: float = 16
    top: float = 12
    bottom: float = 42
    grid: bool = True

    @property
    def left(self) -> float:
        """Room for the ticks of y and its label."""
        return 24 + 7.5 * max(len(self.y.write(tick)) for tick in self.y.ticks)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where the point (x, y) is drawn."""
        across = self.left + self.x.share(x) * (self.width - self.left - self.right)
        down = self.height - self.bottom - self.y.share(y) * (self.height - self.top - self.bottom)
        return round(across, 1), round(down, 1)

    @property
    def _stride(self) -> int:
        """Of so many ticks of x one has its number, so that the numbers do not run into each other."""
        places = sorted(self.at(tick, self.y.low)[0] for tick in self.x.ticks)
        closest = min((b - a for a, b in pairwise(places)), default=self.width)
        return math.ceil((8 + 7 * max(len(self.x.write(tick)) for tick in self.x.ticks)) / max(closest, 1))

    def path(self, points: Sequence[tuple[float, float]]) -> str:
        """The line through these points, as SVG writes it."""
        return "M" + " L".join(f"{x:g},{y:g}" for x, y in (self.at(*p) for p in points))

    def draw(self, *inside: Child, describe: str) -> Html:
        """The drawing: axes, grid, and what is inside."""
        right, foot = self.width - self.right, self.height - self.bottom
        parts: list[Html] = []
        for value in self.y.ticks:
            _, y = self.at(self.x.low, value)
            start, kind = (self.left, "grid") if self.grid else (self.left - 4, "axis")
            parts += [element("line", x1=start, x2=right if self.grid else self.left, y1=y, y2=y, class_=kind)]
            parts += [element("text", self.y.write(value), x=self.left - 7, y=y + 4, class_="tick end")]
        for i, value in enumerate(self.x.ticks):
            x, _ = self.at(value, self.y.low)
            parts += [element("line", x1=x, x2=x, y1=foot, y2=foot + 4, class_="axis")]
            if i % self._stride == 0:
                parts += [element("text", self.x.write(value), x=x, y=foot + 17, class_="tick middle")]
        parts += [element("line", x1=self.left, x2=right, y1=foot, y2=foot, class_="axis")]
        middle = (self.left + right) / 2, (self.top + foot) / 2
        parts += [element("text", self.x.label, x=middle[0], y=self.height - 6, class_="label middle")]
        turned = f"translate(11 {middle[1]:g}) rotate(-90)"
        parts += [element("text", self.y.label, transform=turned, class_="label middle")]
        return element(
            "svg", element("title", describe), parts, inside, viewBox=f"0 0 {self.width:g} {self.height:g}", role="img"
        )
