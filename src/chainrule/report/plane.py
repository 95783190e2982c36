"""What a small network has learned, drawn: its regions of the plane, its curve, its predictions against the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from chainrule.network import Network
from chainrule.report.axes import Axis, Frame, axis
from chainrule.report.images import data_url
from chainrule.report.markup import Child, Html, cut, element, joined, name

GRID, MOST_POINTS, MOST_TARGETS, STEPS = 160, 1500, 4, 31
SIDE = 420.0

# Colours of Okabe and Ito, told apart by every eye; each class has a shape as well.
COLOURS = np.array([
    (0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233), (230, 159, 0), (150, 140, 20),
    (110, 110, 110),
])  # fmt: skip
SHAPES = (
    "M-3.6,0 a3.6,3.6 0 1 0 7.2,0 a3.6,3.6 0 1 0 -7.2,0", "M-3.2,-3.2 H3.2 V3.2 H-3.2 Z", "M0,-4.4 L4,2.8 L-4,2.8 Z",
    "M0,-4.6 L4.6,0 L0,4.6 L-4.6,0 Z",
)  # fmt: skip


def regions(network: Network, x: np.ndarray, y: np.ndarray, axes: tuple[str, str], labels: tuple[str, ...]) -> Html:
    """The plane as the network divides it, and the test points on it."""
    across, up = _plane(x, axes)
    grid = _grid(across, up)
    sure, said = _said(network.feedforward(grid))
    frame = Frame(across, up, SIDE + 70, SIDE + 54, grid=False)
    picture = _picture(frame, said.reshape(GRID, GRID), sure.reshape(GRID, GRID))
    shown = _some(len(x))
    _, found = _said(network.feedforward(x))
    points = [_point(frame, x[i], int(y[i]), int(found[i]), labels) for i in shown]
    wrong = int((found != y).sum())
    describe = f"The plane as the network divides it, with {len(shown)} test points, {wrong} of them on the wrong side."
    drawing = frame.draw(picture, points, describe=describe)
    key = [element("span", _mark(c), " ", name(labels[c])) for c in range(len(labels))]
    notes = element("span", _ring(), f" wrong: {wrong:,} of {len(x):,} test points")
    colour = element("span", "The stronger a region’s colour, the surer the network is of that class.")
    caption = element("figcaption", key, notes, colour, class_="key")
    return element("figure", drawing, caption, class_="wide")


def _plane(x: np.ndarray, axes: tuple[str, str]) -> tuple[Axis, Axis]:
    """Two axes of the same scale that hold all points."""
    centre, half = (x.min(axis=0) + x.max(axis=0)) / 2, float(np.ptp(x, axis=0).max()) * 0.55 or 1.0
    first, second = (
        axis([c - half, c + half], cut(a, 60), log=False, tight=True) for c, a in zip(centre, axes, strict=True)
    )
    return first, second


def _grid(across: Axis, up: Axis) -> np.ndarray:
    """The middle of every pixel, as rows; the first is the top left one."""
    steps = (np.arange(GRID) + 0.5) / GRID
    columns, rows = across.low + steps * (across.high - across.low), up.high - steps * (up.high - up.low)
    return np.column_stack([np.tile(columns, GRID), np.repeat(rows, GRID)])


def _said(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How sure the network is, from 0 to 1, and of which class."""
    if outputs.shape[1] == 1:
        return np.abs(2 * np.clip(outputs[:, 0], 0, 1) - 1), (outputs[:, 0] > 0.5).astype(np.int64)
    ordered = np.sort(outputs, axis=1)
    return np.clip(ordered[:, -1] - ordered[:, -2], 0, 1), outputs.argmax(axis=1)


def _picture(frame: Frame, said: np.ndarray, sure: np.ndarray) -> Html:
    """The regions: the class's colour, as strong as the network is sure."""
    opacity = np.linspace(12, 125, STEPS)
    palette = np.array([(*COLOURS[c], round(o)) for c in range(len(COLOURS)) for o in opacity], np.uint8)
    pixels = (said % len(COLOURS)) * STEPS + np.rint(sure * (STEPS - 1)).astype(np.int64)
    left, top = frame.at(frame.x.low, frame.y.high)
    right, foot = frame.at(frame.x.high, frame.y.low)
    return element(
        "image", href=data_url(pixels.astype(np.uint8), palette), x=left, y=top, width=right - left, height=foot - top,
        preserveAspectRatio="none",
    )  # fmt: skip


def _colour(c: int) -> str:
    return "rgb({}, {}, {})".format(*COLOURS[c % len(COLOURS)])


def _point(frame: Frame, at: np.ndarray, c: int, found: int, labels: tuple[str, ...]) -> Html:
    """One test point, ringed where the network is wrong."""
    x, y = frame.at(float(at[0]), float(at[1]))
    said = "" if found == c else f", said {cut(labels[found])}"
    parts: list[Child] = [element("title", f"({at[0]:.3g}, {at[1]:.3g}) is {cut(labels[c])}{said}")]
    parts += [element("path", d=SHAPES[c % len(SHAPES)], fill=_colour(c), class_="point")]
    if found != c:
        parts += [element("circle", r=7.5, class_="ring")]
    return element("g", parts, transform=f"translate({x:g} {y:g})")


def _mark(c: int) -> Html:
    shape = element("path", d=SHAPES[c % len(SHAPES)], fill=_colour(c), class_="point")
    return element("svg", shape, viewBox="-6 -6 12 12", class_="mark", aria_hidden="true")


def _ring() -> Html:
    return element("svg", element("circle", r=5, class_="ring"), viewBox="-6 -6 12 12", class_="mark", aria_hidden="true")


def _some(n: int) -> np.ndarray:
    """Not more points than a drawing can bear, evenly chosen."""
    return np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).astype(int))


# ------------------------------------------------------------------------------------------------------- regression

Decode = Callable[[np.ndarray], np.ndarray]  # from the network's targets to the user's units


def curve(network: Network, x: np.ndarray, y: np.ndarray, names: tuple[str, tuple[str, ...]], decode: Decode) -> Html:
    """The function of one number that the network has become, and the test points."""
    low, high = float(x.min()), float(x.max())
    margin = 0.05 * (high - low) or 1.0
    line = np.linspace(low - margin, high + margin, 300)
    found, true = decode(network.feedforward(line[:, None])), decode(y)
    across = axis([low - margin, high + margin], cut(names[0], 60), log=False, tight=True)
    shown = _some(len(x))
    return element("div", [
        _curve(across, np.column_stack([line, found[:, k]]), np.column_stack([x[shown, 0], true[shown, k]]), target)
        for k, target in enumerate(names[1][:MOST_TARGETS])
    ], class_="figures")  # fmt: skip


def _curve(across: Axis, line: np.ndarray, points: np.ndarray, target: str) -> Html:
    """One target over the input."""
    up = axis([*line[:, 1], *points[:, 1]], cut(target), log=False)
    frame = Frame(across, up)
    drawing = frame.draw(
        [_spot(frame, *p) for p in points], element("path", d=frame.path([(a, b) for a, b in line]), class_="line s0"),
        describe=f"{cut(target)}: the network’s curve and {len(points)} test points.",
    )  # fmt: skip
    sample = element(
        "svg", element("line", x1=1, x2=25, y1=6, y2=6, class_="line s0"), viewBox="0 0 26 12", class_="sample"
    )
    key = [element("span", sample, " the network"), element("span", _dot(), f" test points ({len(points):,} shown)")]
    return element("figure", drawing, element("figcaption", key, class_="key"))


def scatter(found: np.ndarray, true: np.ndarray, targets: tuple[str, ...]) -> Html:
    """Predictions against the truth: what is right lies on the diagonal."""
    shown = _some(len(true))
    figures = [_against(found[shown, k], true[shown, k], target) for k, target in enumerate(targets[:MOST_TARGETS])]
    more = f"The first {MOST_TARGETS} of {len(targets):,} targets." if len(targets) > MOST_TARGETS else None
    return joined([element("p", more) if more else None, element("div", figures, class_="figures")])


def _against(found: np.ndarray, true: np.ndarray, target: str) -> Html:
    both = [*map(float, found), *map(float, true)]
    across, up = axis(both, f"true {cut(target)}", log=False), axis(both, f"predicted {cut(target)}", log=False)
    frame = Frame(across, up, 400, 380)
    ends = [(across.low, up.low), (across.high, up.high)]
    drawing = frame.draw(
        element("path", d=frame.path(ends), class_="diagonal"), [_spot(frame, *p) for p in zip(true, found, strict=True)],
        describe=f"{cut(target)}: {len(true)} predictions against the truth.",
    )  # fmt: skip
    key = [element("span", _dot(), f" test examples ({len(true):,} shown)"), element("span", "┄ predicted = true")]
    return element("figure", drawing, element("figcaption", key, class_="key"))


def _spot(frame: Frame, x: float, y: float) -> Html:
    across, down = frame.at(float(x), float(y))
    said = element("title", f"({float(x):.4g}, {float(y):.4g})")
    return element("circle", said, cx=across, cy=down, r=3, class_="spot")


def _dot() -> Html:
    spot = element("circle", r=3.5, class_="spot")
    return element("svg", spot, viewBox="-6 -6 12 12", class_="mark", aria_hidden="true")


def names_of(labels: tuple[str, ...] | None, n: int, word: str) -> Iterator[str]:
    """The labels there are, and a word with a number for each one that is lacking."""
    for i in range(n):
        yield labels[i] if labels is not None and i < len(labels) else f"{word}{i}"
