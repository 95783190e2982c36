"""Drawings of graphs: as SVG, in a terminal, and of large graphs in blocks."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from graph_cases import CASES, doubled_twice, links, nine_paths, product_of_sums, recurrence
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.graph.layout import layout
from chainrule.graph.look import Graph, named, trace

SVG = "{http://www.w3.org/2000/svg}"


def swept(case) -> Graph:
    """A graph on which both sweeps were run."""
    graph = case()
    graph.reverse()
    graph.forward(graph.inputs[0])
    return graph


def texts(svg: str) -> list[str]:
    """Everything that is written in a drawing."""
    return [x.text for x in ET.fromstring(svg).iter(f"{SVG}text")]


def rectangles(svg: str, kind: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of all rectangles of a kind."""
    found = [x.attrib for x in ET.fromstring(svg).iter(f"{SVG}rect") if x.get("class") == kind]
    return [
        (x, y, x + w, y + h) for x, y, w, h in ([float(a[key]) for key in ("x", "y", "width", "height")] for a in found)
    ]


def curves(svg: str) -> list[list[tuple[float, float]]]:
    """Points along each line, close together."""
    found = []
    for path in ET.fromstring(svg).iter(f"{SVG}path"):
        if path.get("class") == "line":
            numbers = [float(x) for x in re.findall(r"-?[\d.]+", path.get("d"))]
            points = list(zip(numbers[::2], numbers[1::2], strict=True))
            curve = []
            for k in range(0, len(points) - 1, 3):
                a, b, c, d = np.array(points[k : k + 4])
                t = np.linspace(0.02, 1, 50)[:, None]
                s = 1 - t
                curve += map(tuple, s**3 * a + 3 * s * s * t * b + 3 * s * t * t * c + t**3 * d)
            found.append(curve)
    return found


def overlap(one, other) -> bool:
    """Whether two rectangles have points in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def inside(point, box, margin: float = 0.0) -> bool:
    """Whether a point lies in a rectangle that is larger by a margin."""
    return box[0] - margin < point[0] < box[2] + margin and box[1] - margin < point[1] < box[3] + margin


def test_the_worked_example_is_drawn_as_in_its_sources():
    """Inputs at the bottom, the output on top; in the boxes names, expressions and values, on the edges derivatives."""
    svg = product_of_sums().svg()
    written = texts(svg)
    for text in (
        "e = c * d",
        "6",
        "c = a + b",
        "3",
        "d = b + 1",
        "2",
        "a",
        "b",
        "1",
        "∂e/∂c = 2",
        "∂e/∂d = 3",
        "∂c/∂a = 1",
    ):
        assert text in written
    a, b, c, d, e = rectangles(svg, "card")  # in topological order
    assert a[1] == b[1] > c[3]
    assert c[1] == d[1] > e[3]
    assert a[0] < b[0]
    assert c[0] < d[0]
    assert c[0] < (e[0] + e[2]) / 2 < d[2]


def test_adjoints_and_tangents_are_drawn_after_their_sweeps():
    """Each in its own colour, with a line of the legend."""
    assert not any("adjoint" in text for text in texts(product_of_sums().svg()))
    graph = product_of_sums()
    graph.reverse()
    graph.forward("b")
    written = texts(graph.svg())
    assert "∂e/∂b = 5" in written
    assert "∂c/∂b = 1" in written
    assert "adjoint: the derivative of e by this value (reverse mode)" in written
    assert "tangent: the derivative of this value by b (forward mode)" in written


def test_symbols_are_drawn_factored():
    """The adjoint of X is the product of two sums."""
    graph = nine_paths()
    graph.reverse()
    assert "∂Z/∂X = (α + β + γ)(δ + ε + ζ)" in texts(graph.svg())
    assert "(α + β + γ)(δ + ε + ζ)" in graph.text()


@pytest.mark.parametrize("case", CASES)
def test_a_drawing_is_one_text_and_loads_nothing(case):
    """Well-formed, with words for those who do not see it, colours for light and dark, and no address but its own names."""
    svg = swept(case).svg()
    root = ET.fromstring(svg)
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [title.get("id"), desc.get("id")]
    assert title.text.startswith("Computational graph from ")
    assert desc.text
    assert "prefers-color-scheme: dark" in svg
    assert svg.count("http") == 1
    assert not re.search(r"href|url\(|@import|<script|NaN|nan|inf\b", svg)


@pytest.mark.parametrize("case", CASES)
def test_nothing_in_a_drawing_covers_anything_else(case):
    """Boxes and labels are apart, lines run through no box, and through no label but their own."""
    svg = swept(case).svg()
    boxes, labels, lines = rectangles(svg, "card"), rectangles(svg, "under"), curves(svg)
    assert not any(overlap(one, other) for one, other in combinations(boxes + labels, 2))
    assert len(lines) == len(labels)
    for k, line in enumerate(lines):
        assert not any(inside(p, box, -1) for p in line for box in boxes)
        touched = [j for j, label in enumerate(labels) if any(inside(p, label, -3) for p in line)]
        assert touched == [k]
    width, height = map(float, ET.fromstring(svg).get("viewBox").split()[2:])
    assert all(min(x0, y0) > 0 and x1 < width and y1 < height for x0, y0, x1, y1 in boxes + labels)


@given(links(most=12))
@settings(max_examples=40)
def test_boxes_and_labels_are_apart_in_any_graph(edges):
    """Also where many lines cross."""
    svg = Graph.of_edges(edges).svg()
    places = rectangles(svg, "card") + rectangles(svg, "under")
    assert not any(overlap(one, other) for one, other in combinations(places, 2))


@given(links(most=10), st.floats(10, 80))
@settings(max_examples=40)
def test_a_layout_keeps_layers_and_distances(edges, width):
    """Lines go up layer by layer; a box is above all that leads to it; neighbours of a layer keep their distance."""
    names = sorted({name for edge in edges for name in edge[:2]})
    ends = [(names.index(source), names.index(target), 12.0) for source, target, _ in edges]
    found = layout([width] * len(names), ends, (20.0, 10.0), 4.0)
    for (source, target, _), line, label in zip(ends, found.lines, found.labels, strict=True):
        assert (line[0], line[-1]) == (found.boxes[source], found.boxes[target])
        assert [place.layer for place in line] == list(range(line[0].layer, line[-1].layer + 1))
        assert label in line
        assert label.layer % 2 == 1
    for layer in range(0, found.layers, 2):
        row = sorted(place.x for place in found.boxes if place.layer == layer)
        assert all(right - left > width + 20 - 1e-6 for left, right in pairwise(row))


def test_names_are_escaped():
    """Whatever a name holds, the drawing is well-formed and shows it."""
    graph = Graph.of_edges([("<b>&", '"x"', 1.0)])
    assert {"<b>&", '"x"'} <= set(texts(graph.svg()))


def test_one_vertex_alone_is_drawn():
    """A function that gives its argument back."""
    graph = trace(lambda a: a, 1.0)
    assert graph.text().endswith("a = 1")
    assert "a" in texts(graph.svg())


def test_notebooks_show_the_drawing():
    """Jupyter asks for it by this name."""
    assert product_of_sums()._repr_svg_() == product_of_sums().svg()


def test_the_text_of_the_worked_example():
    """A table with all numbers, and the graph drawn with lines."""
    graph = product_of_sums()
    graph.reverse()
    graph.forward("b")
    assert (
        graph.text()
        == """\
5 vertices, 5 edges: a, b -> e = 6

name  computed as  value  adjoint  tangent by b  local derivatives
─────────────────────────────────────────────────────────────────────
a                      2        2             0
b                      1        5             1
c     a + b            3        2             1  ∂c/∂a = 1, ∂c/∂b = 1
d     b + 1            2        3             1  ∂d/∂b = 1
e     c * d            6        1             5  ∂e/∂c = 2, ∂e/∂d = 3

              e = c * d = 6
              ╭─────┴────╮
          ∂e/∂c = 2  ∂e/∂d = 3
            ╭─╯          ╰──╮
      c = a + b = 3   d = b + 1 = 2
    ╭───────┴──╮          ╭─╯
∂c/∂a = 1  ∂c/∂b = 1  ∂d/∂b = 1
    │          ╰─────┬────╯
  a = 2            b = 1"""
    )


def test_parallel_edges_are_drawn_apart_as_text():
    """Three lines from X to Y, three from Y to Z."""
    assert (
        nine_paths()
        .text()
        .endswith("""\
   Z
╭──┼──╮
δ  ε  ζ
╰──┼──╯
   Y
╭──┼──╮
α  β  γ
╰──┼──╯
   X""")
    )
    assert "c = b + b = 4\n     ╭┴─╮\n     1  1\n     ╰┬─╯" in doubled_twice().text()


def test_a_drawing_that_is_too_wide_is_left_out():
    """The table is there all the same, no wider than asked for."""
    narrow = product_of_sums().text(24)
    assert "╭" not in narrow
    assert max(map(len, narrow.splitlines()[2:])) <= 24


def test_large_graphs_fold_by_the_prefix_of_their_names():
    """step3.z and step3.h, and what leads to these alone, are the block step3."""
    graph = recurrence()
    folded = graph.folded()
    names = [block.name for block in folded.blocks]
    assert [name for name in names if name.startswith("step")] == [f"step{k}" for k in range(12)]
    (block,) = [block for block in folded.blocks if block.name == "step3"]
    assert [v.name.partition("3")[0] for v in block.vertices if "." in v.name] == ["step", "step"]
    assert block.last.name == "step3.h"
    assert "step3" in str(folded)
    assert "4 values" in texts(graph.svg())


def test_a_long_chain_folds_into_one_block():
    """Between its input and its output; the drawing of 20,000 values is small."""

    def f(x):
        for _ in range(20_000):
            x = np.sin(x)
        return named(x, "y")

    graph = trace(f, 1.0)
    blocks = {block.name: len(block.vertices) for block in graph.folded().blocks}
    assert blocks == {"x": 1, "v1 … v19999": 19_999, "y": 1}
    assert "19,999 values" in texts(graph.svg())
    assert len(graph.text().splitlines()) < 30
    assert len(graph.svg()) < 10_000


@given(links(most=12), st.integers(1, 6))
@settings(max_examples=40)
def test_folding_keeps_every_vertex_and_every_edge(edges, at_most):
    """No more blocks than asked for; each vertex is in one; links lead onward only, and hold all edges between blocks."""
    graph = Graph.of_edges(edges)
    folded = graph.folded(at_most)
    assert len(folded.blocks) <= at_most
    assert sorted(v.position for block in folded.blocks for v in block.vertices) == list(range(len(graph)))
    assert all(source < target for source, target in folded.links)
    home = {v: k for k, block in enumerate(folded.blocks) for v in block.vertices}
    crossing = [edge for edge in graph.edges if home[edge.source] != home[edge.target]]
    assert sorted(map(id, crossing)) == sorted(id(edge) for edges_ in folded.links.values() for edge in edges_)


def test_a_graph_that_folds_into_many_ladders_is_drawn():
    """25 times sin x + cos x: no chains and no prefixes, so neighbours are put together."""

    def f(x):
        for _ in range(25):
            x = np.sin(x) + np.cos(x)
        return x

    graph = trace(f, 0.3)
    assert len(graph.folded().blocks) == 16
    assert "76 values in blocks; the numbers below are of each block's last value" in texts(graph.svg())
