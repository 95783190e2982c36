"""Graphs that several tests look at."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from chainrule.graph.look import Graph, named, trace


def product_of_sums() -> Graph:
    """The worked example e = (a + b) * (b + 1), at a = 2, b = 1."""

    def f(a, b):
        c = named(a + b, "c")
        d = named(b + 1, "d")
        return named(c * d, "e")

    return trace(f, 2.0, 1.0)


def nine_paths() -> Graph:
    """Three edges from X to Y and three from Y to Z."""
    return Graph.of_edges([("X", "Y", s) for s in "αβγ"] + [("Y", "Z", s) for s in "δεζ"])


def doubled_twice() -> Graph:
    """First b = a + a, then c = b + b."""

    def f(a):
        b = named(a + a, "b")
        return named(b + b, "c")

    return trace(f, 1.0)


def small_network() -> Graph:
    """The forward pass of a 2-2-1 network, number by number."""

    def f(x, w, v):
        h = [named(np.tanh(w[j][0] * x[0] + w[j][1] * x[1]), f"h{j}") for j in range(2)]
        return named(np.tanh(v[0] * h[0] + v[1] * h[1]), "y")

    return trace(f, [0.5, -0.3], [[0.1, 0.2], [0.3, -0.4]], [0.7, -0.6])


def recurrence(steps: int = 12) -> Graph:
    """A recurrent computation whose values are named by its steps."""

    def f(h, w, xs):
        for k, x in enumerate(xs):
            h = named(np.tanh(named(w * h + x, f"step{k}.z")), f"step{k}.h")
        return named(h * h, "cost")

    return trace(f, 0.1, 0.5, [0.1 * k for k in range(steps)])


CASES = [product_of_sums, nine_paths, doubled_twice, small_network, recurrence]


@st.composite
def links(draw: st.DrawFn, most: int = 9) -> list[tuple[str, str, float]]:
    """Edges of a graph without circles, parallel ones among them; its derivatives are small whole numbers."""
    n = draw(st.integers(2, most))
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1])
    ends = draw(st.lists(pairs, min_size=1, max_size=18))
    slopes = draw(st.lists(st.integers(-3, 3), min_size=len(ends), max_size=len(ends)))
    return [(f"n{min(p)}", f"n{max(p)}", float(s)) for p, s in zip(ends, slopes, strict=True)]
