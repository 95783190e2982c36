"""Exercises: derivatives on graphs, by both modes and by paths, and the network that runs backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import equations as eq
from chainrule.auditing.exercise import Exercise, Slip
from chainrule.auditing.exercises_layers import BOOK, network, traced
from chainrule.graph.look import Graph, named, trace

Arrays = list[np.ndarray]
Links = list[list[Any]]
OLAH = "Olah, Calculus on Computational Graphs: Backpropagation"
EXAMPLE = "The graph: c = a + b, d = b + 1, e = c d. At a = 2, b = 1 it has the values c = 3, d = 2, e = 6."


def _e(a: float, b: float) -> Any:
    c, d = named(a + b, "c"), named(b + 1, "d")
    return named(c * d, "e")


def _forward(start: str) -> Callable[..., dict[str, float]]:
    return lambda a, b: trace(_e, float(a), float(b)).forward(start).values


def _reverse(a: float, b: float) -> dict[str, float]:
    return trace(_e, float(a), float(b)).reverse().values


def _adjoints(vertices: list[str], edges: Links) -> dict[str, float]:
    return Graph.of_edges([tuple(edge) for edge in edges], vertices[-1]).reverse().values


def _naive(vertices: list[str], edges: Links) -> dict[str, float]:
    """What recursion without an order gives: each arrival hands on all that has arrived so far."""
    found = dict.fromkeys(vertices, 0.0)

    def visit(vertex: str) -> None:
        for source, target, derivative in edges:
            if target == vertex:
                found[source] += derivative * found[vertex]
                visit(source)

    found[vertices[-1]] = 1.0
    visit(vertices[-1])
    return found


def _last_edge(vertices: list[str], edges: Links) -> dict[str, float]:
    """What comes out when each edge overwrites what the others have brought."""
    found = dict.fromkeys(vertices, 0.0) | {vertices[-1]: 1.0}
    for vertex in reversed(vertices):
        for source, target, derivative in edges:
            if target == vertex:
                found[source] = derivative * found[vertex]
    return found


def _products(weights: Arrays, slopes: Arrays, nabla_a: np.ndarray, a_k: float, j: int) -> np.ndarray:
    """The products along all paths from a weight into neuron j of layer 2 of a network of four layers."""
    (w3, w4), (s2, s3, s4) = weights, slopes
    return np.sort(np.ravel(nabla_a * s4 * w4 * (s3 * w3[:, [j]]).T * s2[j, 0] * a_k))


def _path_case(seed: int, j: int, k: int) -> tuple[Any, ...]:
    w, b, x, y = network(2, 3, 2, 2, seed=seed)
    found = traced(w, b, x, y, "sigmoid")
    return w[1:], list(found.sigma_prime.values()), found.nabla_a[4], float(x[k, 0]), j


def _run_back(
    weights: Arrays, slopes: Arrays, nabla_a: np.ndarray, back: Callable[..., Any] = eq.backpropagated_error
) -> Arrays:
    """The errors of all layers, of layer 2 first: ``weights`` are those of layers 3 to L, ``slopes`` those of 2 to L."""
    deltas = [nabla_a * slopes[-1]]
    for w, s in zip(weights[::-1], slopes[-2::-1], strict=True):
        deltas.insert(0, back(w, deltas[0], s))
    return deltas


def _back_case(*sizes: int, seed: int) -> tuple[Any, ...]:
    w, b, x, y = network(*sizes, seed=seed)
    found = traced(w, b, x, y, "sigmoid")
    return w[1:], list(found.sigma_prime.values()), found.nabla_a[len(sizes)]


TWICE = (["a", "b", "c"], [["a", "b", 1.0], ["a", "b", 1.0], ["b", "c", 1.0], ["b", "c", 1.0]])
DIAMOND = (["a", "b", "c", "d", "e"],
           [["a", "c", 1.0], ["b", "c", 1.0], ["b", "d", 1.0], ["c", "e", 2.0], ["d", "e", 3.0]])  # fmt: skip
LADDER = (["u", "v", "w", "x", "y"],
          [["u", "v", 2.0], ["u", "w", -1.0], ["v", "w", 3.0], ["v", "x", 0.5], ["w", "x", 2.0], ["w", "y", 1.5],
           ["x", "y", -2.0]])  # fmt: skip

ROWS = (
    Exercise(
        "path-sum", "The gradient as a sum over paths",
        "A network of sizes 2, 3, 2, 2, and one example. A weight into layer 2 acts on the cost over every path from "
        "its neuron to the cost: through one neuron of layer 3 and one of layer 4, four paths. Each path gives a "
        "product; their sum is the gradient.",
        "path_products(weights, slopes, nabla_a, a_k, j)",
        "The four products, in any order, for a weight into neuron j of layer 2 that an input a_k comes in by. weights "
        "= [w3, w4] are those of layers 3 and 4, (2, 3) and (2, 2); slopes = [s2, s3, s4] are the slopes sigma'(z) of "
        "layers 2 to 4, columns; nabla_a = dC/da of layer 4, a column.",
        (("Follow one path: from the weight to z_j, to a_j, over a weight of w3 to a neuron p of layer 3, over one of "
         "w4 to q of layer 4, to the cost. Every step has a factor."),
         "Seven factors: what comes in by the weight, three slopes, two weights on the way, and dC/da.",
         "The weight from neuron j to neuron p is w3[p, j]; two loops, over p and over q."),
        f"{BOOK}, equation (53)",
        _products,
        lambda: [_path_case(0, 0, 1), _path_case(5, 2, 0)],
        (Slip(lambda w, s, g, a, j: _products(w, s, g, 1.0, j),
              "The first factor is missing: what comes in by the weight, a_k."),
         Slip(lambda w, s, g, a, j: _products(w, [s[0], s[1], 1 + 0 * s[2]], g, a, j), "The slope of layer 4 is missing."),
         Slip(lambda w, s, g, a, j: _products(w, [1 + 0 * s[0], *s[1:]], g, a, j),
              "The slope of layer 2, at neuron j, is missing."),
         Slip(lambda w, s, g, a, j: _products(w, s, 1 + 0 * g, a, j), "The last factor is missing: dC/da."),
         Slip(lambda w, s, g, a, j: _products([w[0], w[1].T], s, g, a, j),
              "w4 is the wrong way round: the weight from neuron p to neuron q is w4[q, p]."),
         Slip(lambda w, s, g, a, j: np.array([_products(w, s, g, a, j).sum()]),
              "That is the sum: the gradient, and it is right. Give the four products that it is made of.")),
        view=lambda v: np.sort(np.ravel(np.array(v, float))),
    ),
    Exercise(
        "forward-mode", "Forward mode on a graph",
        f"{EXAMPLE}\n\nForward mode: begin with db/db = 1, and follow the graph from the inputs on. Give the "
        "derivative of every value by b. To reach, at a = 2, b = 1: 0, 1, 1, 1, 5.",
        "forward_mode(a, b)",
        "A dict of numbers: the derivatives of a, b, c, d and e by b, under the keys 'a', 'b', 'c', 'd', 'e'.",
        ("Write the five values in their order; below each line, the same line differentiated by b.",
         "The derivative of a sum is the sum of the derivatives; a does not depend on b.",
         "e is a product: its derivative has two terms, and both c and d change with b."),
        OLAH,
        _forward("b"),
        lambda: [(2, 1), (-1.5, 3), (0.25, -2)],
        (Slip(_forward("a"), "These are the derivatives by a. Forward mode from b begins with 1 at b, and 0 at a."),
         Slip(_reverse, "These are the derivatives of e by each value: reverse mode. Here: of each value by b."),
         Slip(lambda a, b: {**_forward("b")(a, b),
                            "e": 1.0},
              "e is a product: its derivative is not that of the factors multiplied."),
         Slip(lambda a, b: {**_forward("b")(a, b), "e": b + 1.0}, "e has two paths to b, and one is there."),
         Slip(lambda a, b: {**_forward("b")(a, b), "e": a + b}, "e has two paths to b, and one is there."),
         Slip(lambda a, b: {"a": a, "b": b, "c": a + b, "d": b + 1, "e": (a + b) * (b + 1)},
              "These are the values themselves. Their derivatives by b are asked for.")),
    ),
    Exercise(
        "reverse-mode", "Reverse mode on a graph",
        f"{EXAMPLE}\n\nReverse mode: begin with de/de = 1, and follow the graph back. Give the derivative of e by "
        "every value. To reach, at a = 2, b = 1: 1 for e, 2 for c, 3 for d, 2 for a, 5 for b.",
        "reverse_mode(a, b)",
        "A dict of numbers: the derivatives of e by a, b, c, d and e, under the keys 'a', 'b', 'c', 'd', 'e'.",
        ("First c and d: e is their product.",
         "Then a and b: each is reached back over the edges that leave it, times the derivative at the edge.",
         "Two edges leave b, one to c and one to d; what comes back over them is added."),
        OLAH,
        _reverse,
        lambda: [(2, 1), (-1.5, 3), (0.25, -2)],
        (Slip(_forward("b"), "These are the derivatives of each value by b: forward mode. Here: of e by each value."),
         Slip(lambda a, b: {**_reverse(a, b), "b": a + b}, "b has two edges; what comes back from c is missing."),
         Slip(lambda a, b: {**_reverse(a, b), "b": b + 1}, "b has two edges; what comes back from d is missing."),
         Slip(lambda a, b: {**_reverse(a, b), "c": a + b, "d": b + 1},
              "c and d have each other's: the derivative of a product by one factor is the other factor."),
         Slip(lambda a, b: {**_reverse(a, b),
                            "b": (a + b) * (b + 1)},
              "What comes back over two edges is added, not multiplied.")),
    ),
    Exercise(
        "fan-out", "Values that are used twice",
        "a = 1; b = a + a; c = b + b: the derivative of c by a is 4. Recursion that hands on everything whenever "
        "something arrives gives more. Write reverse mode for any graph, so that each edge is gone over once.",
        "adjoints(vertices, edges)",
        "A dict: the derivative of the last vertex by every vertex. vertices: names, each after those that it is "
        "computed from. edges: a list of [source, target, derivative]; two edges may join the same two.",
        ("Begin with 1 at the last vertex and 0 at all others.",
         ("A vertex may hand on what it has when all that leaves it has come back. In which order are the vertices to "
         "be gone through?"),
         ("From the last vertex to the first; for each, every edge that leads into it adds derivative times its value "
         "to the source.")),
        f"{OLAH}; the case of a value that is used twice",
        _adjoints,
        lambda: [TWICE, DIAMOND, LADDER],
        (Slip(_naive,
              "Something is counted more than once: a vertex hands on what it has before all of it has come back, and "
              "then again."),
         Slip(_last_edge, "What comes back over several edges is added; here the last one overwrites the others."),
         Slip(lambda v, e: _adjoints(v, [list(x) for x in dict.fromkeys(map(tuple, e))]),
              "Two edges that join the same two vertices are taken for one. b = a + a has two edges from a to b."),
         Slip(lambda v, e: {x: y for x, y in _adjoints(v, e).items() if x != v[-1]},
              "The last vertex is missing: its derivative by itself is 1.")),
    ),
    Exercise(
        "reverse-network", "The reverse network",
        "Backpropagation is a network that runs the other way: the same weights transposed, and every neuron "
        "multiplies by a constant, its slope. Run it: dC/da of the output goes in, and the errors of all layers come "
        "out.",
        "reverse_network(weights, slopes, nabla_a)",
        "A list of errors, of layer 2 first and of the output layer last. weights: those of layers 3 to L; slopes: "
        "sigma'(z) of layers 2 to L, columns; nabla_a: dC/da of the output layer, a column.",
        (("The first layer of the reverse network has no weights: what goes in is multiplied by the slopes of the "
         "output layer."),
         "Each next layer: the transposed weights times what came out before, and then the slopes.",
         "The lists are in forward order, and the network runs backwards: reversed() or [::-1]; put each error in front."),
        "Lee, Machine Learning (the reversed network of the backward pass)",
        _run_back,
        lambda: [_back_case(2, 3, 2, seed=1), _back_case(2, 3, 3, 3, seed=2), _back_case(3, 2, 4, 3, 2, seed=3)],
        (Slip(lambda w, s, g: _run_back(w, s, g)[::-1],
              "The errors are right, and their order is turned round: layer 2 first."),
         Slip(lambda w, s, g: _run_back(w, [*s[:-1], 1 + 0 * s[-1]], g), "The slopes of the output layer are missing."),
         Slip(lambda w, s, g: _run_back(w, s, g, lambda w, d, s: w.T @ d),
              "The neurons of the hidden layers must multiply by their slopes, too."),
         Slip(lambda w, s, g: _run_back(w, s, g)[:-1], "The error of the output layer is missing in the list."),
         Slip(lambda w, s, g: _run_back([v.T if v.shape[0] == v.shape[1] else v for v in w], s, g),
              "Square weights are not transposed.")),
    ),
)  # fmt: skip
