"""A graph for a terminal: a table of its values, and where it is small a drawing made of lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from chainrule.graph.folding import LARGE, Folded
from chainrule.graph.layout import Layout, Place, layout
from chainrule.graph.picture import Picture, found, picture
from chainrule.graph.writing import brief, cut

if TYPE_CHECKING:
    from chainrule.graph.look import Graph

FEW_BOXES = 16  # of a graph that is drawn
NARROW = 8  # characters of a column that is made no narrower
UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
STROKES = " ││││╯╮┤─╰╭├─┴┬┼"  # by the sum of the directions that a line leaves a cell in
Cells = Counter[tuple[int, int]]


def text(graph: Graph, width: int) -> str:
    """The table, and the drawing where it fits."""
    if len(graph) > LARGE:
        table, boxes = table_of_blocks(graph.folded(), width), 0
    else:
        table, boxes = _table_of_vertices(graph, width), len(graph)
    drawn = drawing(picture(graph), width) if boxes <= FEW_BOXES else ""
    return "\n\n".join(part for part in (repr(graph).removeprefix("Graph(")[:-1], table, drawn) if part)


def _table_of_vertices(graph: Graph, width: int) -> str:
    """A row for each vertex."""
    swept, by = [], graph.direction
    if graph.output.adjoint is not None:
        swept.append(("adjoint", [found(graph, v.adjoint, v, graph.output, 6) for v in graph.vertices]))
    if by is not None:
        swept.append((f"tangent by {by.name}", [found(graph, v.tangent, by, v, 6) for v in graph.vertices]))
    head = ["name", "computed as", "value", *(name for name, _ in swept), "local derivatives"]
    rows = []
    for k, vertex in enumerate(graph.vertices):
        value = "" if vertex.value is None else brief(vertex.value)
        slopes = ", ".join(edge.slope for edge in graph.incoming(vertex))
        rows.append([vertex.name, vertex.expression, value, *(column[k] for _, column in swept), slopes])
    return table(head, rows, set(range(2, 3 + len(swept))), width)


def table_of_blocks(folded: Folded, width: int = 100) -> str:
    """A row for each block."""
    onward: dict[int, list[str]] = {}
    for (source, target), edges in folded.links.items():
        onward.setdefault(source, []).append(
            folded.blocks[target].name + (f" ({len(edges):,} edges)" if len(edges) > 1 else "")
        )
    rows = []
    for k, block in enumerate(folded.blocks):
        operations = ", ".join(block.summary)
        value = "" if block.last.value is None else brief(block.last.value)
        adjoint = "" if block.last.adjoint is None else brief(block.last.adjoint)
        leads = ", ".join(onward.get(k, []))
        rows.append([block.name, f"{len(block.vertices):,}", cut(operations, 34), value, cut(adjoint, 20), leads])
    head = ["block", "values", "operations", "last value", "its adjoint", "leads to"]
    if not any(row[4] for row in rows):
        head, rows = [*head[:4], head[5]], [[*row[:4], row[5]] for row in rows]
    return table(head, rows, {1, 3, 4} if len(head) == 6 else {1, 3}, width)


def table(head: Sequence[str], rows: list[list[str]], right: set[int], width: int) -> str:
    """Aligned columns, some of them to the right; empty ones are left out, and wide ones of words cut to fit the width."""
    kept = [k for k in range(len(head)) if any(row[k] for row in rows)]
    columns = [[cut(row[k]) if k < len(head) - 1 else row[k] for row in (list(head), *rows)] for k in kept]
    sizes = _fitting([max(map(len, column)) for column in columns], [k not in right for k in kept], width)
    lines = []
    for cells in zip(*columns, strict=True):
        padded = [c.rjust(n) if k in right else cut(c, n).ljust(n) for k, c, n in zip(kept, cells, sizes, strict=True)]
        lines.append(cut("  ".join(padded).rstrip(), width))
    return "\n".join([lines[0], "─" * max(map(len, lines)), *lines[1:]])


def _fitting(sizes: list[int], elastic: list[bool], width: int) -> list[int]:
    """The widths of columns: where they are too wide together, the widest elastic ones give way."""
    while sum(sizes) + 2 * (len(sizes) - 1) > width:
        size, widest = max((n * can, k) for k, (n, can) in enumerate(zip(sizes, elastic, strict=True)))
        if size <= NARROW:
            break
        sizes[widest] -= 1
    return sizes


def drawing(p: Picture, width: int) -> str:
    """The boxes and lines of a picture; nothing where they are too wide."""
    boxes = [box.short for box in p.boxes]
    links = [(source, target, float(len(label) | 1)) for source, target, label in p.links]
    places = layout([float(len(box) | 1) for box in boxes], links, (3.0, 2.0), 1.0)
    steps = {step for line in places.lines for step in pairwise(line)}
    if not steps or max(place.x + len(box) / 2 for place, box in zip(places.boxes, boxes, strict=True)) > width:
        return "" if steps else "\n".join(boxes)
    cells: Cells = Counter()
    rows = _wired(cells, places, steps)
    grid = {at: STROKES[mask] for at, mask in cells.items()}
    texts = [
        *zip(places.boxes, boxes, strict=True),
        *((at, link[2]) for at, link in zip(places.labels, p.links, strict=True)),
    ]
    for place, written in texts:
        begin = _column(place) - len(written) // 2
        grid.update({(rows[place.layer], begin + k): c for k, c in enumerate(written)})
    first, last = min(col for _, col in grid), max(col for _, col in grid)
    lines = [
        "".join(grid.get((row, col), " ") for col in range(first, last + 1)).rstrip()
        for row in range(rows[-1], rows[0] + 1)
    ]
    return "\n".join(lines)


def _column(place: Place) -> int:
    return int(place.x)


def _wired(cells: Cells, places: Layout, steps: set[tuple[Place, Place]]) -> list[int]:
    """Draw all lines; gives the row of each layer, the last of which is on top. Lines of one box share a track."""
    gaps: list[dict[Place, set[tuple[int, int]]]] = [{} for _ in range(places.layers - 1)]
    for low, high in steps:
        shared = high if low.layer % 2 else low
        gaps[low.layer].setdefault(shared, set()).add((_column(low), _column(high)))
    for k, gap in enumerate(gaps):
        gap.update({shared: _straightened(pairs, 1 - k % 2) for shared, pairs in gap.items() if shared in places.boxes})
    tracks = [_tracks(list(gap.values())) for gap in gaps]
    rows = [0] * places.layers
    for k in range(places.layers - 2, -1, -1):
        rows[k] = rows[k + 1] + 1 + max(1, *tracks[k], 1)
    for k, gap in enumerate(gaps):
        for pairs, track in zip(gap.values(), tracks[k], strict=True):
            for bottom, top in pairs:
                _draw(cells, (rows[k], bottom), (rows[k + 1], top), rows[k] - max(track, 1))
    return rows


def _straightened(pairs: set[tuple[int, int]], label: int) -> set[tuple[int, int]]:
    """A single line that would jog by one column goes straight on from its label, and meets its box beside the middle."""
    (pair, *more) = pairs
    return pairs if more or abs(pair[0] - pair[1]) > 1 else {(pair[label], pair[label])}


def _tracks(groups: list[set[tuple[int, int]]]) -> list[int]:
    """For each group of lines the row of its horizontal part, counted from below; 0 for one that goes straight up.

    Groups whose parts would touch have different rows; and where one comes down at the column at which another starts, it
    turns off above it.
    """
    level = [0] * len(groups)
    spans = [(min(min(pair) for pair in g), max(max(pair) for pair in g)) for g in groups]
    bent = [k for k, (left, right) in enumerate(spans) if left < right]
    below = {
        k: [j for j in bent if j != k and {high for _, high in groups[k]} & {low for low, _ in groups[j]}] for k in bent
    }
    for k in sorted(bent, key=lambda k: (len(below[k]), spans[k])):
        taken = {level[j] for j in bent if level[j] and spans[j][0] <= spans[k][1] + 1 and spans[k][0] <= spans[j][1] + 1}
        least = max((level[j] for j in below[k]), default=0) + 1
        level[k] = next(row for row in range(least, least + len(bent) + 1) if row not in taken)
    return level


def _draw(cells: Cells, low: tuple[int, int], high: tuple[int, int], track: int) -> None:
    """One line: up from the lower end, along the track, and up to the upper end."""
    for col, bottom, top in ((low[1], low[0], track), (high[1], track, high[0])):
        for row in range(top, bottom):
            cells[row, col] |= DOWN
            cells[row + 1, col] |= UP
    for col in range(min(low[1], high[1]), max(low[1], high[1])):
        cells[track, col] |= RIGHT
        cells[track, col + 1] |= LEFT
