"""Learning curves: how cost, accuracy and learning rate went from epoch to epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.report.axes import Axis, Frame, axis, epochs_axis, plain
from chainrule.report.markup import Child, Html, element, joined

Record = Mapping[str, Any]  # one epoch, as Epoch.as_dict() gives it
Point = tuple[float, float]

LABELS = 92  # room right of a plot for the names of its lines
APART = 30  # how far two such names keep from each other
MOST_SHOWN, MOST_DOTS = 30, 200  # with more epochs, dots are seen only when pointed at; or there are none
WORDS = {"accuracy": "accuracy", "r2": "R²", "cost": "cost"}


@dataclass(frozen=True)
class Series:
    """One line: its name, what it was measured on, its points."""

    name: str
    meaning: str
    points: tuple[Point, ...]


def series(history: Sequence[Record], where: str, figure: str) -> tuple[Point, ...]:
    """One figure of every epoch that has it; ``where`` is "" or the name of a group of metrics.

    >>> series([{"epoch": 1, "metrics": {"accuracy": 0.9}}, {"epoch": 2}], "metrics", "accuracy")
    ((1.0, 0.9),)
    """
    found = ((record.get("epoch"), (record.get(where) or {} if where else record).get(figure)) for record in history)
    return tuple((float(e), float(v)) for e, v in found if e is not None and v is not None and math.isfinite(v))


def curves(history: Sequence[Record]) -> Html:
    """The figures of learning: cost, the score, and the learning rate where it changed."""
    if not history:
        return element("p", "The network has not been trained: 0 epochs.", class_="empty")
    score = next((f for f in ("accuracy", "r2") if _measured(history, f)), None)
    figures = [
        _figure("Cost", _cost_lines(history), "mean cost"),
        _figure(WORDS[score].capitalize(), _score_lines(history, score), WORDS[score]) if score else None,
        _figure("Learning rate", _rate_lines(history), "learning rate η"),
    ]
    return element("div", figures, class_="figures")


def _measured(history: Sequence[Record], figure: str) -> bool:
    return bool(series(history, "metrics", figure) or series(history, "training_metrics", figure))


def _cost_lines(history: Sequence[Record]) -> list[Series]:
    return [
        Series("validation", "validation set, after the epoch", series(history, "metrics", "cost")),
        Series("training", "training set, mean over the epoch’s mini-batches", series(history, "", "cost")),
    ]


def _score_lines(history: Sequence[Record], score: str) -> list[Series]:
    return [
        Series("validation", "validation set, after the epoch", series(history, "metrics", score)),
        Series("training", "training set, after the epoch", series(history, "training_metrics", score)),
    ]


def _rate_lines(history: Sequence[Record]) -> list[Series]:
    """The learning rate, if it changed."""
    points = series(history, "", "eta")
    return [Series("rate", "at the epoch’s last step", points)] if len({v for _, v in points}) > 1 else []


# ------------------------------------------------------------------------------------------------------ one figure


def percent(value: float) -> str:
    """A share in percent, as it stands beside an axis.

    >>> percent(0.975)
    '97.5 %'
    """
    return f"{100 * value:.6g} %"


def _figure(title: str, lines: list[Series], label: str) -> Html | None:
    """A chart with its title and the key to its lines; None where nothing was measured."""
    lines = [line for line in lines if line.points]
    if not lines:
        return None
    write = percent if label == "accuracy" else plain
    values = [v for line in lines for _, v in line.points]
    across = epochs_axis(int(max(e for line in lines for e, _ in line.points)))
    up = axis(values, label, log=None if title == "Cost" else False, write=write)
    frame = Frame(across, _capped(up) if label == "accuracy" else up, right=LABELS)
    describe = f"{title} by epoch. " + ". ".join(_said(line, write) for line in lines)
    drawing = frame.draw(list(_drawn(frame, lines, write)), describe=describe)
    key = [element("span", _sample(i), " ", line.name, ": ", line.meaning) for i, line in enumerate(lines)]
    best = _best(lines[0], label) if lines[0].name == "validation" else None
    missing = None if lines[0].name != "training" else element("span", "No validation set was used.")
    return element("figure", element("h3", title), drawing, element("figcaption", key, missing, best, class_="key"))


def _capped(up: Axis) -> Axis:
    """An axis of shares ends at 100 %."""
    ticks = tuple(t for t in up.ticks if 0 <= t <= 1)
    return Axis(max(up.low, 0.0), min(up.high, 1.0), ticks, up.label, write=up.write)


def _said(line: Series, write: Callable[[float], str]) -> str:
    return f"{line.name}: from {write(line.points[0][1])} to {write(line.points[-1][1])}"


def _best(line: Series, label: str) -> Html:
    """When the validation set was at its best."""
    epoch, value = (min if "cost" in label else max)(line.points, key=lambda p: p[1])
    text = percent(round(value, 6)) if label == "accuracy" else f"{value:.4g}"
    which = "lowest" if "cost" in label else "best"
    return element("span", f"{which[0].upper()}{which[1:]} on the validation set: {text}, epoch {epoch:.0f}")


def _sample(i: int) -> Html:
    """A short piece of line i, for the key."""
    line = element("line", x1=1, x2=25, y1=6, y2=6, class_=f"line s{i}")
    return element("svg", line, viewBox="0 0 26 12", class_="sample", aria_hidden="true")


def _drawn(frame: Frame, lines: list[Series], write: Callable[[float], str]) -> Iterator[Child]:
    """The lines, their dots (which say their numbers when pointed at), and their names at their ends."""
    for i, line in enumerate(lines):
        yield element("path", d=frame.path(line.points), class_=f"line s{i}")
        if len(line.points) <= MOST_DOTS:
            yield [_dot(frame, i, line, point, write) for point in line.points]
    ends = _apart([frame.at(*line.points[-1])[1] for line in lines], APART)
    over = max(0.0, max(ends) - (frame.height - frame.bottom - 16))  # two lines must not reach the ticks of x
    for i, (line, y) in enumerate(zip(lines, (end - over for end in ends), strict=True)):
        x = frame.width - frame.right + 7
        last = line.points[-1][1]
        value = f"{100 * last:.2f} %" if write is percent else f"{last:.4g}".replace("-", "−")
        words = element("tspan", line.name, x=x), element("tspan", value, x=x, dy=14, class_="value")
        yield element("text", joined(words), x=x, y=round(y, 1), class_=f"name s{i}")


def _dot(frame: Frame, i: int, line: Series, point: Point, write: Callable[[float], str]) -> Html:
    x, y = frame.at(*point)
    said = f"{line.name}, epoch {point[0]:.0f}: {write(point[1])}"
    few = len(line.points) <= MOST_SHOWN
    dot = element("circle", cx=x, cy=y, r=3 if few else 4, class_=f"dot s{i}" if few else f"dot s{i} hidden")
    return element("g", element("title", said), dot, element("circle", cx=x, cy=y, r=7, class_="near"))


def _apart(places: list[float], gap: float) -> list[float]:
    """The same places, moved until no two are nearer than the gap (there are one or two of them)."""
    if len(places) < 2 or abs(places[0] - places[1]) >= gap:
        return places
    middle, half = sum(places) / 2, gap / 2
    return [middle - half, middle + half] if places[0] <= places[1] else [middle + half, middle - half]
