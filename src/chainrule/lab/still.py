"""A run that does not move: what stands in a notebook where no page can run, on a site that shows notebooks for instance.

A table and a picture, in HTML without a script and without a request. The picture is a PNG, which is all that such sites
let through: the network at its last step, and the cost of all steps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.io.blobs import unpack
from chainrule.lab.history import History
from chainrule.report.images import data_url
from chainrule.report.markup import Html, cut, element

WIDTH, HEIGHT, EDGE = 760, 240, 14  # of the picture, and the room around it
MOST_NEURONS, MOST_EDGES = 12, 40  # that are drawn of a layer, and between two layers
SHADES = 64
INKS = ((31, 119, 210), (224, 112, 16), (128, 128, 128))  # the page's; seen by day and by night
PALETTE = np.array([(*ink, round(255 * i / (SHADES - 1))) for ink in INKS for i in range(SHADES)], np.uint8)
BLUE, ORANGE, GREY = range(3)


def still(history: History) -> str:
    """The run as it is now."""
    hello, costs = history.hello(live=False), history.curves(buckets=WIDTH // 2)["costs"]
    drawing = Drawing()
    shown = network(drawing, hello["network"], parameters(hello["network"], history.frame()))
    curve(drawing, costs["mean"])
    picture = element("img", src=drawing.url(), alt=described(hello, costs), width=WIDTH, height=HEIGHT)
    title = element("p", element("b", cut(hello["name"], 120)), ": ", summary(hello))
    words = f"{caption(costs)} To ask a number where it comes from, run this cell."
    return element("div", title, picture, element("p", words), table(hello["network"], shown), class_="crl-still").text


def summary(hello: Mapping[str, Any]) -> str:
    """What was trained, in a line."""
    sizes, rule = " → ".join(f"{n:,}" for n in hello["network"]["sizes"]), hello["settings"]["optimizer"]
    name = rule["name"] if isinstance(rule, dict) else rule
    return (
        f"{sizes} neurons, {hello['network']['cost']} cost, {name}, {hello['examples']:,} examples in "
        f"mini-batches of {hello['batch_size']:,}; after {hello['last']:,} steps."
    )


def described(hello: Mapping[str, Any], costs: Mapping[str, Any]) -> str:
    """The picture in words, for who does not see it."""
    return f"The network after step {hello['last']:,}, and its cost by step. {caption(costs)}"


def caption(costs: Mapping[str, Any]) -> str:
    """What the picture shows, and its numbers."""
    found = [(step, cost) for step, cost in zip(costs["steps"], costs["mean"], strict=True) if cost is not None]
    edges = "Blue lines are positive weights, broken orange ones negative, the thicker the larger. "
    if not found:
        return f"{edges}No step has been recorded."
    (_, before), (last, after) = found[0], found[-1]
    scale = ", by powers of ten" if min(cost for _, cost in found) > 0 else ""
    return f"{edges}Right: the cost of each step{scale}, from {before:.4g} at first to {after:.4g} at step {last:,}."


def table(facts: Mapping[str, Any], shown: Mapping[int, int]) -> Html:
    """The layers, a row each."""
    rows = []
    for l, n in enumerate(facts["sizes"], 1):
        kind = "input" if l == 1 else facts["activations"][l - 2]
        name = "one a neuron" if isinstance(kind, list) else kind
        drawn = f"{shown[l]} drawn" if shown[l] < n else "all drawn"
        rows.append(element("tr", element("th", l), element("td", f"{n:,}"), element("td", name), element("td", drawn)))
    return element("table", element("tr", [element("th", word) for word in ("layer", "neurons", "activation", "")]), rows)


def parameters(facts: Mapping[str, Any], frame: bytes) -> dict[int, np.ndarray]:
    """The weights of each layer from 2 on, out of a frame."""
    flat, at, found = unpack(frame)[0]["parameters"], 0, {}
    for l, (before, n) in enumerate(zip(facts["sizes"], facts["sizes"][1:], strict=False), 2):
        found[l] = np.nan_to_num(flat[at : at + n * before].reshape(n, before).astype(np.float64))
        at += n * before
    return found


# --------------------------------------------------------------------------------------------------------- the picture


class Drawing:
    """Lines and dots in three inks."""

    def __init__(self) -> None:
        self._cover = np.zeros((len(INKS), HEIGHT, WIDTH))

    def line(self, a: tuple[float, float], b: tuple[float, float], ink: int, width: float, *, broken: bool = False) -> None:
        """A line from one point to another; the same with both is a dot."""
        reach = width / 2 + 1
        left, right = max(int(min(a[0], b[0]) - reach), 0), min(int(max(a[0], b[0]) + reach) + 1, WIDTH)
        top, foot = max(int(min(a[1], b[1]) - reach), 0), min(int(max(a[1], b[1]) + reach) + 1, HEIGHT)
        y, x = np.mgrid[top:foot, left:right] + 0.5
        dx, dy = b[0] - a[0], b[1] - a[1]
        length = math.hypot(dx, dy)
        along = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / (length or 1.0), 0, length)
        away = np.hypot(x - a[0] - along * dx / (length or 1.0), y - a[1] - along * dy / (length or 1.0))
        cover = np.clip(width / 2 + 0.5 - away, 0, 1) * min(1.0, width)
        if broken:
            cover = np.where(along % 10 < 6, cover, 0)
        place = self._cover[ink, top:foot, left:right]
        np.maximum(place, cover, out=place)

    def url(self) -> str:
        """The picture as data in an address."""
        ink = self._cover.argmax(axis=0)
        return data_url((ink * SHADES + np.rint(self._cover.max(axis=0) * (SHADES - 1))).astype(np.uint8), PALETTE)


def network(drawing: Drawing, facts: Mapping[str, Any], w: Mapping[int, np.ndarray]) -> dict[int, int]:
    """Neurons and their strongest weights, in the left half; gives how many of each layer are drawn."""
    sizes: list[int] = facts["sizes"]
    chosen = {l: strongest(w, l, n) for l, n in enumerate(sizes, 1)}
    across = np.linspace(EDGE, WIDTH / 2 - 2 * EDGE, len(sizes))
    place: dict[tuple[int, int], tuple[float, float]] = {}
    for l, rows in chosen.items():
        place |= {(l, int(j)): (float(across[l - 1]), HEIGHT * (i + 0.5) / len(rows)) for i, j in enumerate(rows)}
    for l, values in w.items():
        largest = float(np.abs(values).max()) or 1.0
        for j, k in edges(values, chosen[l], chosen[l - 1]):
            share = values[j, k] / largest
            drawing.line(place[l - 1, k], place[l, j], BLUE if share > 0 else ORANGE, 4 * abs(share), broken=share < 0)
    for at in place.values():
        drawing.line(at, at, GREY, 11)
    return {l: len(rows) for l, rows in chosen.items()}


def strongest(w: Mapping[int, np.ndarray], l: int, n: int) -> np.ndarray:
    """The neurons of a layer that are drawn, in their order: those with the longest weights."""
    own = np.linalg.norm(w[l], axis=1) if l in w else np.linalg.norm(w[l + 1], axis=0)
    return np.sort(np.argsort(-own, kind="stable")[: min(n, MOST_NEURONS)])


def edges(values: np.ndarray, to: np.ndarray, of: np.ndarray) -> Iterator[tuple[int, int]]:
    """The strongest weights between neurons that are drawn, the weaker first."""
    pairs = sorted(((int(j), int(k)) for j in to for k in of), key=lambda pair: abs(values[pair]))
    yield from pairs[-MOST_EDGES:]


def curve(drawing: Drawing, costs: list[float | None]) -> None:
    """The cost, in the right half; by powers of ten where all are positive."""
    left, right, foot = WIDTH / 2 + EDGE, WIDTH - EDGE, HEIGHT - EDGE
    drawing.line((left, EDGE), (left, foot), GREY, 1)
    drawing.line((left, foot), (right, foot), GREY, 1)
    known = np.array([math.nan if cost is None else cost for cost in costs])
    if not np.isfinite(known).any():
        return
    values = np.log10(known) if np.nanmin(known) > 0 else known
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    x = np.linspace(left + 2, right, len(values))
    y = foot - 4 - (values - low) / ((high - low) or 1.0) * (foot - EDGE - 8)
    points = [(float(a), float(b)) for a, b in zip(x, y, strict=True) if math.isfinite(b)]
    for a, b in zip(points, points[1:] or points, strict=False):
        drawing.line(a, b, BLUE, 2)
