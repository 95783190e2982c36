"""Paths: counted, listed, summed, factored; and what it costs not to share them."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from graph_cases import doubled_twice, links, nine_paths, product_of_sums, small_network
from hypothesis import given

from chainrule.errors import GraphError
from chainrule.graph import jacobian
from chainrule.graph.look import Graph, named, trace


def doubled(times: int):
    """A function of so many additions x + x."""

    def f(x):
        for _ in range(times):
            x = x + x
        return x

    return f


def test_nine_paths_in_six_touches():
    """X to Z: the sum over paths has nine products, the factored form six symbols."""
    graph = nine_paths()
    assert graph.count_paths("X") == 9
    terms, _ = graph.sum_over_paths("X")
    assert [str(product) for _, product in terms] == [f"{a} {b}" for a in "αβγ" for b in "δεζ"]
    form = graph.factored("X")
    assert (form.text, form.touches, form.paths) == ("(α + β + γ)(δ + ε + ζ)", 6, 9)
    assert form.latex == (
        r"\left(\alpha + \beta + \gamma\right) \, \left(\delta + \epsilon + \zeta\right)"
    )  # fmt: skip


def test_the_worked_example_as_a_sum_over_paths():
    """de/db = 1*2 + 1*3 = 5, and de/da = 2."""
    graph = product_of_sums()
    terms, total = graph.sum_over_paths("b")
    assert [(str(path), product) for path, product in terms] == [("b → c → e", 2), ("b → d → e", 3)]
    assert total == 5
    assert graph.factored("b").text == "1·2 + 1·3"
    assert graph.sum_over_paths("a").total == graph.derivative("a") == 2


def test_naive_recursion_gives_8_where_the_derivative_is_4():
    """With a = 1, b = a + a, c = b + b: 4 paths, 4 edges; recursion touches 6 edges and counts what it handed on twice."""
    graph = doubled_twice()
    assert graph.count_paths("a") == 4
    naive = graph.naive("a")
    assert (naive.touches, naive.value, naive.derivative, naive.edges) == (6, 8, 4, 4)


def naive_by_recursion(graph: Graph, source: str) -> tuple[int, float]:
    """The recursion itself, as its description says, in Python."""
    adjoint = dict.fromkeys(graph.vertices, 0.0) | {graph.output: 1.0}
    leads = {v for v in graph.vertices if graph.count_paths(source, v)}
    touches = 0

    def visit(vertex):
        nonlocal touches
        into = [] if vertex is graph[source] else [edge for edge in graph.incoming(vertex) if edge.source in leads]
        for edge in into:
            touches += 1
            adjoint[edge.source] += edge.derivative * adjoint[vertex]
        for edge in into:
            visit(edge.source)

    visit(graph.output)
    return touches, adjoint[graph[source]]


@given(links(most=6))
def test_naive_recursion_is_what_it_is_said_to_be(edges):
    """Touches and value are those of the recursion, run as it is described."""
    graph = Graph.of_edges(edges)
    source = graph.inputs[0].name
    if graph.count_paths(source):
        naive = graph.naive(source)
        assert (naive.touches, naive.value) == naive_by_recursion(graph, source)


def test_two_to_the_300_paths_are_counted_at_once():
    """A count is a sum over edges, and so is the number of touches that recursion would need."""
    graph = trace(doubled(300), 1.0)
    assert graph.count_paths("x") == 2**300
    assert graph.derivative("x") == 2.0**300
    naive = graph.naive("x")
    assert naive.touches == sum(2**k for k in range(1, 301))
    assert naive.value is None
    assert "4.07e+90" in str(naive)
    assert "cannot be followed" in str(naive)
    assert graph.factored("x").touches == 600


def test_too_many_paths_are_not_listed():
    """The error says how many there are, and what to take instead."""
    graph = trace(doubled(300), 1.0)
    with pytest.raises(GraphError, match=r"2\.04e\+90 paths lead from x to v300.*limit = 100"):
        graph.paths("x")
    assert len(doubled_twice().paths("a", limit=4)) == 4
    with pytest.raises(GraphError, match="limit = 3"):
        doubled_twice().sum_over_paths("a", limit=3)


@given(links())
def test_sum_over_paths_both_modes_and_the_factored_form_agree(edges):
    """They are four ways to the same number; the derivatives are whole numbers, so to the same bits."""
    graph = Graph.of_edges(edges)
    adjoints = graph.reverse().values
    for vertex in graph.inputs:
        terms, total = graph.sum_over_paths(vertex, limit=10**6)
        assert len(terms) == graph.count_paths(vertex)
        assert total == adjoints[vertex.name] == graph.derivative(vertex) == graph.forward(vertex).values[graph.output.name]
        assert value_of(graph.factored(vertex)) == total


def value_of(form) -> float:
    """A factored form, computed as a reader would: names from the bottom up, signs for operators."""
    known = {}
    for name, text, _ in form.where:
        known[name] = computed(text, known)
    return computed(form.text, known)


def computed(text: str, known: dict[str, float]) -> float:
    """A formula in numbers and known names."""
    for name, value in sorted(known.items(), key=lambda item: -len(item[0])):
        text = text.replace(name, f"({value})")
    text = text.replace("−", "-").replace("·", "*").replace(")(", ")*(")
    assert re.fullmatch(r"[-+*() \d.e]+", text)
    return eval(text)


@given(links())
def test_the_factored_form_names_every_edge_once(edges):
    """With a symbol on every edge, each symbol between source and output is written once."""
    symbols = [chr(0x4E00 + k) for k in range(len(edges))]
    graph = Graph.of_edges([(source, target, s) for (source, target, _), s in zip(edges, symbols, strict=True)])
    for vertex in graph.inputs:
        form = graph.factored(vertex)
        written = form.text + "".join(text for _, text, _ in form.where)
        used = {str(edge.derivative) for path in graph.paths(vertex, limit=10**6) for edge in path.edges}
        assert form.touches == len(used)
        assert {s: written.count(s) for s in symbols if s in written} == dict.fromkeys(used, 1)


@given(links())
def test_paths_are_paths_and_differ(edges):
    """Each leads from the source to the target, edge by edge, and none is listed twice."""
    graph = Graph.of_edges(edges)
    for vertex in graph.inputs:
        found = graph.paths(vertex, limit=10**6)
        assert len({path.edges for path in found}) == len(found)
        for path in found:
            assert (path.vertices[0], path.vertices[-1]) == (vertex, graph.output)
            assert all(
                edge.source is u and edge.target is v
                for edge, (u, v) in zip(path.edges, pairwise(path.vertices), strict=True)
            )


def test_paths_between_arrays_add_up_to_the_jacobian():
    """Products of Jacobians along the paths of tanh(x) * x + x."""

    def f(x):
        return np.tanh(x) * x + np.sum(x) * x[::-1]

    x = np.array([0.5, -1.0, 2.0])
    graph = trace(f, x)
    total = graph.sum_over_paths("x").total
    np.testing.assert_allclose(total, jacobian(f)(x), rtol=1e-12)
    np.testing.assert_allclose(graph.derivative("x"), total, rtol=1e-12)


def test_between_inner_vertices():
    """Source and target may be any two; where no path leads there is none, and the derivative is 0."""
    graph = small_network()
    assert graph.count_paths("x[0]") == 2
    assert graph.count_paths("x[0]", "h1") == 1
    assert (graph.count_paths("h1", "h0"), graph.paths("h1", "h0"), graph.derivative("h1", "h0")) == (0, [], 0)
    assert (graph.count_paths("y", "y"), graph.derivative("y", "y"), graph.factored("y").text) == (1, 1, "1")
    assert graph.factored("h1", "h0").text == "0"
    assert graph.naive("y").touches == 0


def test_what_is_used_several_times_gets_a_name():
    """A graph that is no ladder of sums and products is factored with names; for arrays, derivatives stay symbols."""
    crossed = ["xpa", "xqb", "prc", "psd", "qre", "qsf", "ryg", "syh"]
    assert str(Graph.of_edges(crossed).factored("x")) == (
        "a(c·∂y/∂r + d·∂y/∂s) + b(e·∂y/∂r + f·∂y/∂s)\n  where ∂y/∂s = h\n  where ∂y/∂r = g"
    )
    graph = trace(lambda x: named(np.sum(named(np.tanh(x), "t")), "s"), np.ones(2))
    assert graph.factored("x").text == "∂s/∂t·∂t/∂x"


def test_a_formula_that_nobody_could_read_is_refused():
    """The sweep still gives the number."""
    graph = trace(doubled(1001), 1.0)
    with pytest.raises(GraphError, match="2,002 edges lie between"):
        graph.factored("x")
    assert graph.derivative("x") == 2.0**1001


def test_the_chain_rule_in_latex():
    """Symbols, numbers and the result."""
    assert product_of_sums().latex("b") == (
        r"\frac{\partial e}{\partial b} = \frac{\partial e}{\partial c} \, \frac{\partial c}{\partial b}"
        r" + \frac{\partial e}{\partial d} \, \frac{\partial d}{\partial b} = 2 \cdot 1 + 3 \cdot 1 = 5"
    )
    assert doubled_twice().latex("b") == (
        r"\frac{\partial c}{\partial b}"
        r" = \frac{\partial c}{\partial b^{(1)}} + \frac{\partial c}{\partial b^{(2)}} = 1 + 1 = 2"
    )
    assert nine_paths().latex("X").endswith(nine_paths().factored("X").latex)
    assert product_of_sums().latex("e") == r"\frac{\partial e}{\partial e} = 1"


def test_the_chain_rule_of_many_paths_takes_one_step():
    """The derivatives by what follows stand for the rest of the way; negative numbers are in brackets."""

    def f(x):
        y = named(-x, "y")
        for k in range(5):
            y = named(np.sin(y) + y, f"y{k}")
        return y

    latex = trace(f, 0.5).latex("x")
    assert latex.startswith(
        r"\frac{\partial y_{4}}{\partial x} = \frac{\partial y_{4}}{\partial y} \, \frac{\partial y}{\partial x} = "
    )
    assert r"\cdot (-1) = " in latex
    arrays = trace(lambda x: named(np.sum(np.tanh(x)), "s"), np.ones(3)).latex("x")
    assert (
        arrays == r"\frac{\partial s}{\partial x} = \frac{\partial s}{\partial v_{1}} \, \frac{\partial v_{1}}{\partial x}"
    )


def test_derivatives_of_complex_values_by_real_ones_keep_their_imaginary_part():
    """The edge x -> i x is i, and not 0; so is the derivative, and the path's product."""
    for x in (2.0, np.ones(2)):
        graph = trace(lambda x: 1j * x, x)
        wanted = 1j * np.eye(2) if np.ndim(x) else 1j
        for found in (graph.edges[0].derivative, graph.derivative("x"), graph.sum_over_paths("x").total):
            np.testing.assert_array_equal(found, wanted)
    graph = trace(lambda x: np.abs(np.exp(1j * x) + 1), 2.0)
    assert graph.edges[0].derivative == 1j
    assert graph.derivative("x") == pytest.approx(-np.sin(1.0))
