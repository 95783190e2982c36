"""Where the boxes of a layered drawing stand, and which way its lines go.

Boxes stand in layers by the longest way from an input; an input stands right below its first use. Between any two layers of
boxes is a layer of labels: each line has a place of its own in every layer that it passes, so that labels and lines do not
run into each other. Lines that cross are uncrossed by barycentres; the coordinates are least squares that keep the order
and the distances.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

UNCROSSING, DRAWING = 24, 600  # rounds, at most
PATIENCE = 200_000  # moves of an item; a drawing of very many lines has fewer rounds
STILL = 1e-3  # of the gap: what moves less stands still
LOOSE = 0.2  # how much less a box that hangs on one line matters to what it hangs on
STRAIGHT, SLACK = 8.0, 0.1  # how much a long line wants to be straight, and to be near the boxes at its ends


Near = tuple[list[list[int]], list[list[int]]]  # for each item its neighbours below, and those above


@dataclass(frozen=True)
class Place:
    """A box, or where a line passes a layer: its layer, and the x of its middle."""

    layer: int
    x: float


@dataclass(frozen=True)
class Layout:
    """Places of the boxes, on even layers; and of each line from its lower end to its upper, with that of its label."""

    boxes: list[Place]
    lines: list[list[Place]]
    labels: list[Place]
    layers: int


def layout(
    widths: Sequence[float], links: Sequence[tuple[int, int, float]], gaps: tuple[float, float], line: float
) -> Layout:  # fmt: skip
    """The layout of boxes of these widths, joined by links (from, to, width of the label).

    ``gaps`` are the least distances between boxes and between labels; ``line`` is the width of a line without a label.
    """
    levels = _levels(len(widths), [(source, target) for source, target, _ in links])
    items = [2 * level for level in levels]  # the layer of each item: boxes first, then where lines pass
    wide = list(widths)
    chains: list[list[int]] = []
    labels: list[int] = []
    for source, target, label in links:
        between = range(items[source] + 1, items[target])
        middle = len(between) // 4 * 2  # the label stands on an odd layer, where no boxes are
        chains.append([source, *range(len(items), len(items) + len(between)), target])
        labels.append(len(items) + middle)
        wide += [label if k == middle else line for k in range(len(between))]
        items += between
    order = _ordered(items, chains)
    x = _coordinates(order, _steps(chains, len(widths)), wide, gaps)
    places = [Place(layer, at) for layer, at in zip(items, x, strict=True)]
    return Layout(
        places[: len(widths)], [[places[k] for k in chain] for chain in chains], [places[k] for k in labels], len(order)
    )


def _steps(chains: list[list[int]], boxes: int) -> list[tuple[int, int, float]]:
    """What is joined, and how strongly: long lines want to be straight, and what hangs on one line gives way."""
    lines = Counter(end for chain in chains for end in (chain[0], chain[-1]))
    found = []
    for chain in chains:
        loose = LOOSE if min(lines[chain[0]], lines[chain[-1]]) == 1 < max(lines[chain[0]], lines[chain[-1]]) else 1.0
        ends = SLACK if len(chain) > 3 else loose
        found += [(low, high, ends if min(low, high) < boxes else STRAIGHT) for low, high in pairwise(chain)]
    return found


def _levels(n: int, links: list[tuple[int, int]]) -> list[int]:
    """How many links lie below each box on the longest way; boxes come in topological order."""
    levels = [0] * n
    above: list[list[int]] = [[] for _ in range(n)]
    below: list[list[int]] = [[] for _ in range(n)]
    for source, target in links:
        below[target].append(source)
        above[source].append(target)
    for k in range(n):
        levels[k] = max((levels[j] + 1 for j in below[k]), default=0)
    for k in range(n):
        if above[k] and not below[k]:
            levels[k] = min(levels[j] for j in above[k]) - 1
    return levels


def _ordered(layer: list[int], chains: list[list[int]]) -> list[list[int]]:
    """The items of each layer from left to right: the even layers uncrossed, the odd ones between what they join."""
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    for k, at in enumerate(layer):
        rows[at].append(k)
    rows[::2] = _uncrossed(rows[::2], _neighbours(len(layer), [pair for chain in chains for pair in pairwise(chain[::2])]))
    share = {k: (i + 1) / (len(row) + 1) for row in rows[::2] for i, k in enumerate(row)}
    ends = {chain[k]: share[chain[k - 1]] + share[chain[k + 1]] for chain in chains for k in range(1, len(chain), 2)}
    for row in rows[1::2]:
        row.sort(key=ends.__getitem__)
    return rows


def _uncrossed(rows: list[list[int]], near: Near) -> list[list[int]]:
    """Layers with few crossings: each item moves to the middle of its neighbours, then neighbours swap where that helps."""
    best, fewest = rows, _crossings(rows, near)
    rows = [list(row) for row in rows]
    place = {k: i for row in rows for i, k in enumerate(row)}
    for turn in range(UNCROSSING):
        upward = turn % 2 == 0
        for row in rows[1:] if upward else rows[-2::-1]:
            _by_barycentre(row, near[0] if upward else near[1], place)
        while turn > UNCROSSING // 3 and sum(_swapped(row, near, place) for row in rows):
            pass
        crossings = _crossings(rows, near)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _swapped(row: list[int], near: Near, place: dict[int, int]) -> bool:
    """Swap neighbours of a layer whose lines then cross less; whether any were."""
    found = False
    for i in range(len(row) - 1):
        left, right = row[i], row[i + 1]
        gain = 0
        for side in near:
            ends = [place[j] for j in side[right]]
            gain += sum((place[j] > end) - (place[j] < end) for j in side[left] for end in ends)
        if gain > 0:
            row[i : i + 2] = right, left
            place[left], place[right] = i + 1, i
            found = True
    return found


def _by_barycentre(row: list[int], near: list[list[int]], place: dict[int, int]) -> None:
    """Sort a layer by the mean place of the neighbours; what has none stays where it is."""
    middle = {k: sum(place[j] for j in near[k]) / len(near[k]) if near[k] else place[k] for k in row}
    row.sort(key=lambda k: middle[k])
    place.update((k, i) for i, k in enumerate(row))


def _neighbours(n: int, steps: list[tuple[int, int]]) -> Near:
    """For each item the neighbours below, and those above."""
    below: list[list[int]] = [[] for _ in range(n)]
    above: list[list[int]] = [[] for _ in range(n)]
    for low, high in steps:
        below[high].append(low)
        above[low].append(high)
    return below, above


def _crossings(order: list[list[int]], near: Near) -> int:
    """How many pairs of lines cross: inversions of the upper ends, taken in the order of the lower."""
    total = 0
    for row, higher in pairwise(order):
        place = {k: i for i, k in enumerate(higher)}
        ends: list[int] = []
        for k in row:
            mine = [place[j] for j in near[1][k]]
            total += sum(len(ends) - bisect_right(ends, j) for j in mine)
            for j in mine:
                insort(ends, j)
    return total


def _coordinates(
    order: list[list[int]], steps: list[tuple[int, int, float]], wide: list[float], gaps: tuple[float, float]
) -> list[float]:
    """The x of each item: the weighted mean of its neighbours', as far as order and distances allow, layer by layer."""
    near: list[list[tuple[int, float]]] = [[] for _ in wide]
    for low, high, weight in steps:
        near[low].append((high, weight))
        near[high].append((low, weight))
    pull = [sum(weight for _, weight in mine) or 1e-3 for mine in near]
    x = [0.0] * len(wide)
    for turn in range(min(DRAWING, PATIENCE // len(wide) + 1)):
        before = list(x)
        for k in range(len(order))[:: 1 if turn % 2 == 0 else -1]:
            wish = [sum(x[j] * weight for j, weight in near[i]) / pull[i] if near[i] else x[i] for i in order[k]]
            _spread(order[k], x, wish, pull, wide, gaps[k % 2])
        if max(abs(now - then) for now, then in zip(x, before, strict=True)) < STILL * gaps[0]:
            break
    left = min(at - width / 2 for at, width in zip(x, wide, strict=True))
    return [at - left for at in x]


def _spread(row: list[int], x: list[float], wish: list[float], pull: list[float], wide: list[float], gap: float) -> None:
    """Move a layer's items as near to where they wish to be as their order and distances allow.

    With the distances taken off, that is a regression that must not fall: neighbours that would are pooled.
    """
    offsets = [0.0]
    for before, k in pairwise(row):
        offsets.append(offsets[-1] + (wide[before] + wide[k]) / 2 + gap)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for k, at, offset in zip(row, wish, offsets, strict=True):
        pools.append((at - offset, pull[k], 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (b, v, n), (a, u, m) = pools.pop(), pools.pop()
            pools.append(((a * u + b * v) / (u + v), u + v, m + n))
    means = [mean for mean, _, n in pools for _ in range(n)]
    for k, mean, offset in zip(row, means, offsets, strict=True):
        x[k] = mean + offset
