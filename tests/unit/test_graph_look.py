"""The graph as an object: its vertices, its edges, and both sweeps as records."""

from __future__ import annotations

from collections import Counter, namedtuple

import numpy as np
import pytest
from graph_cases import CASES, doubled_twice, links, nine_paths, product_of_sums
from hypothesis import given

from chainrule.errors import GraphError
from chainrule.graph import grad, jacobian
from chainrule.graph.look import Graph, named, trace
from chainrule.graph.writing import brief


def test_the_worked_example_has_its_values_and_local_derivatives():
    """At a = 2, b = 1: c = 3, d = 2, e = 6, and on the edges 1, 1, 1, 2, 3."""
    graph = product_of_sums()
    assert {v.name: float(v.value) for v in graph.vertices} == {"a": 2, "b": 1, "c": 3, "d": 2, "e": 6}
    assert {(e.source.name, e.target.name): e.derivative for e in graph.edges} == {
        ("a", "c"): 1, ("b", "c"): 1, ("b", "d"): 1, ("c", "e"): 2, ("d", "e"): 3,
    }  # fmt: skip
    assert [v.expression for v in graph.vertices] == ["", "", "a + b", "b + 1", "c * d"]
    assert [v.operation for v in graph.vertices] == ["", "", "add", "add", "multiply"]
    assert repr(graph) == "Graph(5 vertices, 5 edges: a, b -> e = 6)"


def test_reverse_mode_on_the_worked_example():
    """Adjoints e 1, c 2, d 3, a 2, b 5."""
    graph = product_of_sums()
    assert graph.reverse().values == {"e": 1, "c": 2, "d": 3, "a": 2, "b": 5}
    assert graph["b"].adjoint == 5


def test_forward_mode_on_the_worked_example():
    """Tangents from b: a 0, b 1, c 1, d 1, e 5; from a, e 2."""
    graph = product_of_sums()
    assert graph.forward("b").values == {"a": 0, "b": 1, "c": 1, "d": 1, "e": 5}
    assert graph["e"].tangent == 5
    assert graph.forward("a").values["e"] == 2


@pytest.mark.parametrize("case", CASES)
def test_each_mode_touches_each_edge_once(case):
    """The record of a sweep has one step for every edge, and its counter says so."""
    graph = case()
    for sweep in (graph.reverse(), graph.forward(graph.inputs[0])):
        assert Counter(step.edge for step in sweep.steps) == Counter(graph.edges)
        assert sweep.touches == len(graph.edges)


@given(links())
def test_each_mode_touches_each_edge_once_in_any_graph(edges):
    """So it is in every graph; and each factor is handed on only when it is complete."""
    graph = Graph.of_edges(edges)
    for sweep in (graph.reverse(), graph.forward(graph.inputs[0])):
        assert Counter(step.edge for step in sweep.steps) == Counter(graph.edges)
        complete = {step.vertex for step in sweep.steps if step.complete}
        last = {step.vertex: step.total for step in sweep.steps}
        assert complete == set(last)
        assert all(sweep.values[vertex.name] == total for vertex, total in last.items())


@pytest.mark.parametrize("case", CASES)
def test_running_backward_twice_gives_the_same(case):
    """Nothing is left over from the first sweep."""
    graph = case()
    first, second = graph.reverse(), graph.reverse()
    assert repr(first.values) == repr(second.values)
    assert first.text() == second.text()


def test_a_step_says_in_words_what_it_does():
    """It names the edge, its local derivative, the contribution and the running sum."""
    text = product_of_sums().reverse().text().splitlines()
    assert text[0] == "reverse mode from e: its adjoint is 1"
    assert text[1] == "1. c → e: ∂e/∂c = 2 times the adjoint of e, 1, is 2; the adjoint of c is 2."
    assert text[3] == "3. b → d: ∂d/∂b = 1 times the adjoint of d, 3, is 3; the adjoint of b is so far 3."
    assert text[-1] == "5 edge touches"
    step = product_of_sums().forward("b").steps[-1]
    assert (step.vertex.name, step.derivative, step.factor, step.contribution, step.total) == ("e", 3, 1, 3, 5)


def test_sweeps_of_symbols_give_formulas():
    """Reverse mode carries sums of symbols along, as forward mode does."""
    graph = nine_paths()
    assert str(graph.reverse().values["Y"]) == "δ + ε + ζ"
    assert str(graph.forward("X").values["Y"]) == "α + β + γ"


def test_a_formula_that_would_fill_a_library_is_not_written():
    """With 200 times two symbols in a row, the adjoint of the first vertex has more than 2**200 of them, written out."""
    graph = Graph.of_edges([(f"n{k:03}", f"n{k + 1:03}", f"{s}{k}") for k in range(200) for s in "ab"])
    text = graph.reverse().text()
    assert "the adjoint of n198 is a198 (a199 + b199) + b198 (a199 + b199)." in text
    assert "the adjoint of n000 is a formula of 3.21e+60 symbols." in text


def test_parallel_edges_are_kept_apart():
    """Of b = a + a there are two edges, with places 0 and 1."""
    graph = doubled_twice()
    assert [(e.source.name, e.place, e.among) for e in graph.incoming("b")] == [("a", 0, 2), ("a", 1, 2)]
    assert graph.reverse().values["a"] == 4


def test_reverse_mode_agrees_with_grad_on_arrays():
    """Arrays, broadcasting and several results of one function: the adjoints are the gradient."""

    def f(w, x):
        values, vectors = np.linalg.eigh(np.tanh(w @ w.T) + x)
        return np.sum(values * values) + vectors[0, 0] * values[1]

    w, x = np.array([[1.0, 0.3], [0.2, 2.0]]), np.array([[0.5], [0.5]]) * np.ones((2, 2))
    graph = trace(f, w, x)
    graph.reverse()
    for k, name in enumerate("wx"):
        np.testing.assert_allclose(graph[name].adjoint, grad(f, k)(w, x), rtol=1e-12)


def test_an_edge_between_arrays_has_a_jacobian():
    """Small ones are written out; a large one is the function that takes adjoints back."""
    graph = trace(np.tanh, np.array([0.0, 1.0, 2.0]))
    (edge,) = graph.edges
    np.testing.assert_allclose(edge.derivative, np.diag(1 - np.tanh([0.0, 1.0, 2.0]) ** 2))
    np.testing.assert_allclose(graph.derivative("x"), edge.derivative)
    (edge,) = trace(np.exp, np.zeros(200)).edges
    np.testing.assert_array_equal(edge.derivative(np.ones(200)), np.ones(200))


def test_complex_numbers_keep_the_convention_of_grad():
    """|z^2| at 1 + 2i has the adjoint that grad gives."""
    graph = trace(lambda z: np.abs(z * z), 1 + 2j)
    graph.reverse()
    assert graph["z"].adjoint == pytest.approx(grad(lambda z: np.abs(z * z))(1 + 2j), rel=1e-14)
    assert graph.sum_over_paths("z").total == pytest.approx(graph["z"].adjoint)


def test_an_array_as_output_stands_for_its_sum():
    """Its adjoint is 1 in every element; its Jacobian is there too."""
    x = np.array([1.0, 2.0])
    graph = trace(lambda x: x * x, x)
    np.testing.assert_array_equal(graph.reverse().values["x"], 2 * x)
    np.testing.assert_array_equal(graph.derivative("x"), jacobian(lambda x: x * x)(x))


def test_float32_stays_float32():
    """Values and adjoints have the dtype of the computation."""
    graph = trace(lambda x: np.tanh(x) * x, np.float32(0.5))
    graph.reverse()
    assert {v.adjoint.dtype for v in graph.vertices} == {np.dtype(np.float32)}


def test_inputs_are_named_as_the_parameters():
    """Parts of lists by their places, of dicts by their keys, of named tuples by their fields; or as names= says."""
    pair = namedtuple("pair", ["left", "right"])

    def f(x, ws, parameters, *rest):
        return x * ws[0] + ws[1] * parameters["b"] + rest[0].left * rest[0].right

    graph = trace(f, 1.0, [2.0, 3.0], {"b": 4.0}, pair(5.0, 6.0))
    assert [v.name for v in graph.inputs] == ["x", "ws[0]", "ws[1]", "b", "left", "right"]
    assert [v.name for v in trace(lambda *xs: xs[0] * xs[1], 1.0, 2.0).inputs] == ["xs1", "xs2"]
    assert [v.name for v in trace(np.multiply, 1.0, 2.0, names=["p", "q"]).inputs] == ["p", "q"]


def test_names_never_clash():
    """A name that comes again gets a number, and v1, v2 and so on leave out names that are taken."""

    def f(v1, h):
        for _ in range(3):
            h = named(np.sin(h + v1), "h")
        return h

    names = [v.name for v in trace(f, 1.0, 2.0).vertices]
    assert names == ["v1", "h", "v2", "h2", "v3", "h3", "v4", "h4"]


def test_naming_a_plain_value_does_nothing():
    """The program runs as it is, also inside of grad."""
    assert named(3.0, "c") == 3.0
    assert grad(lambda x: named(x * x, "y"))(3.0) == 6.0


def test_an_input_that_is_not_used_is_there():
    """It has no edges, and the adjoint 0."""
    graph = trace(lambda a, u: a * 2, 1, 3)
    assert graph.reverse().values == {"a": 2, "u": 0, "v1": 1}
    assert graph.outgoing("u") == []


def test_constants_stand_in_expressions():
    """Numbers as they are, negative ones in brackets, arrays by their shapes, indices as they are written."""
    w = np.ones((2, 3))
    graph = trace(lambda x: np.sum((w @ x)[0:1] * -2.0, axis=0) ** 2, np.ones(3))
    assert [v.expression for v in graph.vertices[1:]] == ["2×3 array @ x", "v1[0:1]", "v2 * (−2)", "sum(v3, axis=0)", "v4²"]


@pytest.mark.slow
def test_chains_of_100000_operations_are_traced_swept_and_counted():
    """Nothing in it calls itself."""

    def f(x):
        for _ in range(100_000):
            x = x * 1.00001
        return x

    graph = trace(f, 1.0)
    assert len(graph) == 100_001
    sweep = graph.reverse()
    assert sweep.touches == 100_000
    assert sweep.values["x"] == pytest.approx(grad(f)(1.0), rel=1e-12)
    assert graph.forward("x").values[graph.output.name] == pytest.approx(sweep.values["x"], rel=1e-9)
    assert graph.count_paths("x") == 1
    assert len(graph.paths("x")[0].vertices) == 100_001
    assert "99,940 more" in sweep.text()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: trace(lambda a: 3.0, 1.0), "no argument enters"),
        (lambda: trace(lambda a: (a, a), 1.0), "several values"),
        (lambda: trace(lambda a: a, np.array([1, 2])), "int64"),
        (lambda: trace(lambda a: a, 1.0, names=["p", "q"]), "2 names"),
        (lambda: trace(lambda a, b: a * b["a"], 1.0, {"a": 2.0}), "two inputs have one name"),
        (lambda: product_of_sums()["z"], "no value named 'z'"),
        (lambda: Graph.of_edges([]), "at least one edge"),
        (lambda: Graph.of_edges([("a", "b", 1), ("b", "c", 1), ("c", "b", 1)]), "circle among b, c"),
    ],
)
def test_what_is_no_graph_is_refused_in_words(make, words):
    """The error says what is wrong."""
    with pytest.raises(GraphError, match=words):
        make()


def test_a_graph_by_hand_may_choose_its_output():
    """Otherwise it is the last in topological order."""
    edges = [("a", "b", 2.0), ("a", "c", 3.0)]
    assert Graph.of_edges(edges).output.name == "c"
    assert Graph.of_edges(edges, output="b").reverse().values == {"a": 2, "b": 1, "c": 0}


# ------------------------------------------------------------------------------------------------------ as a table


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_table_too_wide_cuts_its_words_and_keeps_its_numbers(width):
    """The widest columns give way, however narrow the terminal: every value stands in its row."""

    def f(a_rather_long_name, another_long_name):
        product = named(a_rather_long_name * another_long_name + a_rather_long_name, "an_intermediate_result")
        return named(np.exp(product) / (product + another_long_name), "the_final_result_of_all")

    graph = trace(f, 1.25, 0.5)
    _, rule, *rows = graph.text(width).split("\n\n")[1].splitlines()
    assert len(rule) <= width
    for vertex, row in zip(graph.vertices, rows, strict=True):
        assert len(row) <= width
        assert brief(vertex.value) in row


def test_an_array_of_one_number_is_written_out():
    """A 1 x 1 matrix by its number; a larger one by its size."""
    graph = trace(lambda w, x: w @ x, np.array([[2.0]]), np.array([[0.25]]))
    assert "[[0.5]]" in graph.text()
    assert "1×1" not in graph.text() + graph.svg()


def test_one_edge_is_touched_one_time():
    """A count of one is written in the singular."""
    assert str(Graph.of_edges([("a", "b", 2.0)]).naive("a")).startswith(
        "naive recursion touches edges 1 time and gives 2; "
    )
