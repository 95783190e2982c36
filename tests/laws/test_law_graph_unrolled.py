"""The law of the paths: a gradient by backpropagation is the sum over all paths from the parameter to the cost."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from chainrule import ACTIVATIONS, COSTS, ChainruleWarning, ConfigError, Network, Pass, ShapeError
from chainrule.graph.scalars import unrolled, weight_paths

SIZES = [2, 3, 2, 2]  # Nielsen, chapter 2: four paths from each weight of the first layer
X, Y = [0.5, -1.0], [0.25, 0.75]


def network(sizes: list[int], *args: Any, seed: int = 3, **options: Any) -> Network:
    """A network in float64."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChainruleWarning)
        return Network(sizes, *args, dtype="float64", seed=seed, **options)


def gradient(pass_: Pass) -> dict[str, float]:
    """The gradient by BP3 and BP4, by the names of the unrolled graph."""
    found = {f"w{l}[{j}][{k}]": v for l, g in pass_.nabla_w.items() for (j, k), v in np.ndenumerate(g)}
    return found | {f"b{l}[{j}]": v for l, g in pass_.nabla_b.items() for (j, _), v in np.ndenumerate(g)}


def targets(cost: str) -> list[float]:
    """Desired outputs that the cost is defined for."""
    return [1.0, -1.0] if COSTS[cost].targets[0] == -1 else Y


# ------------------------------------------------------------------------------------------------------------- paths


def test_a_weight_of_the_first_layer_acts_over_four_paths():
    """In [2, 3, 2, 2], each of the six weights has four paths to the cost, each bias as many; later layers have 2 and 1."""
    graph = unrolled(network(SIZES), X, Y)
    for name in gradient(network(SIZES).backprop(X, Y)):
        assert graph.count_paths(name, "C") == {"2": 4, "3": 2, "4": 1}[name[1]] == weight_paths(SIZES, int(name[1]))
        assert len(graph.paths(name, "C")) == graph.count_paths(name, "C")


def test_a_path_goes_through_one_neuron_of_each_later_layer():
    """The four paths of a weight are all choices of a neuron of layer 3 and one of layer 4."""
    graph = unrolled(network(SIZES), X, Y)
    found = {tuple(v.name for v in path.vertices if v.name[0] in "za") for path in graph.paths("w2[1][0]", "C")}
    assert found == {("z2[1]", "a2[1]", f"z3[{j}]", f"a3[{j}]", f"z4[{k}]", f"a4[{k}]") for j in range(2) for k in range(2)}


@pytest.mark.parametrize("cost", ["quadratic", "cross_entropy", "log_cosh"])
def test_the_sum_over_all_paths_is_backpropagation(cost):
    """For every weight and bias, the products along all paths sum to its gradient, to 1e-15."""
    net = network(SIZES, cost=cost, output="sigmoid")
    graph, expected = unrolled(net, X, Y), gradient(net.backprop(X, Y))
    for name, value in expected.items():
        terms, total = graph.sum_over_paths(name, "C")
        assert abs(total - value) <= 1e-15
        assert len(terms) == graph.count_paths(name, "C")


def test_the_product_along_a_path_is_that_of_equation_53():
    """dC/da^L times sigma' and w for each layer, times sigma' and the activation that the weight comes from."""
    net = network(SIZES)
    pass_, graph = net.backprop(X, Y), unrolled(net, X, Y)
    w, prime = dict(zip((2, 3, 4), net.weights, strict=True)), pass_.sigma_prime
    products = {str(path): product for path, product in graph.sum_over_paths("w2[1][0]", "C").terms}
    for text, product in products.items():
        j, k = (int(text.split(f"a{l}[")[1][0]) for l in (3, 4))
        last = pass_.nabla_a[4][k, 0] * prime[4][k, 0] * w[4][k, j] * prime[3][j, 0] * w[3][j, 1]
        assert abs(product - last * prime[2][1, 0] * pass_.a[1][0, 0]) <= 1e-16


def test_thousands_of_paths_are_counted_without_being_walked():
    """One weight into the first hidden layer of [784, 30, 30, 30, 10] acts over 30 x 30 x 10 = 9,000 paths."""
    assert weight_paths([784, 30, 30, 30, 10], 2) == 9000
    assert [weight_paths([784, 30, 30, 30, 10], l) for l in (3, 4, 5)] == [300, 10, 1]
    net = network([9, 30, 30, 30, 10])  # the paths of a weight do not depend on how many inputs there are
    graph = unrolled(net, np.linspace(-1, 1, 9), np.zeros(10))
    assert graph.count_paths("w2[7][3]", "C") == 9000


# ------------------------------------------------------------------------------------------------------------ sweeps


def check(net: Network, x: Any, y: Any, tolerance: float = 1e-14) -> None:
    """One sweep back gives every z, a, delta and gradient of the pass."""
    graph, pass_ = unrolled(net, x, y), net.backprop(x, y)
    np.testing.assert_allclose(graph.output.value, pass_.cost_x.sum(), rtol=1e-14)
    sweep = graph.reverse()
    assert sweep.touches == len(graph.edges)
    expected = gradient(pass_)
    size = max(map(abs, expected.values()))
    assert max(abs(graph[name].adjoint - value) for name, value in expected.items()) <= tolerance * size
    for l, delta in pass_.delta.items():
        for (j, k), error in np.ndenumerate(delta):
            z = graph[f"z{l}[{j}]" + f"[{k}]" * (pass_.m > 1)]
            assert abs(z.value - pass_.z[l][j, k]) <= 1e-14
            assert abs(z.adjoint - error) <= tolerance * max(np.abs(delta).max(), size)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_the_adjoints_of_the_graph_are_the_errors_of_the_pass(hidden):
    """For every hidden activation, softmax too: adjoints of z are delta, and those of w and b the gradients."""
    check(network([3, 3, 3, 2], hidden, "quadratic", output="identity"), [0.3, -0.8, 1.1], Y)


@pytest.mark.parametrize("cost", COSTS)
def test_the_adjoints_are_the_errors_for_every_cost(cost):
    """For every cost with its usual output, and a function that the user wrote."""
    check(network(SIZES, "tanh", cost, output=COSTS[cost].default_output), X, targets(cost), 1e-13)
    check(network(SIZES, lambda z: z / np.sqrt(1 + z * z), lambda a, y: (a - y) ** 4, output=np.arctan), X, Y)


def test_neurons_of_their_own_no_biases_and_several_examples():
    """Each neuron has its function, a network without biases has none, and examples are added up."""
    mixed = {(2, 0): "relu", (2, 1): "sine", (3, 1): "gelu"}
    x, y = [[0.5, -1.0], [1.5, 0.2], [-0.7, 0.1]], [[0.2, 0.8], [0.5, 0.5], [1.0, 0.0]]
    check(network(SIZES, "tanh", neurons=mixed), x, y)
    check(network(SIZES, "tanh", neurons=mixed, biases=False), X, Y)
    check(network([2, 3, 2], "tanh", "log_likelihood"), x, y)


def test_the_gradient_by_the_input_is_there_too():
    """Inputs are vertices: how the cost changes with one is the sum of weights times errors."""
    net = network(SIZES)
    graph, pass_ = unrolled(net, X, Y), net.backprop(X, Y)
    graph.reverse()
    by_input = net.weights[0].T @ pass_.delta[2]
    assert max(abs(graph[f"a1[{k}]"].adjoint - by_input[k, 0]) for k in range(2)) <= 1e-16


# ---------------------------------------------------------------------------------------------------------- refusals


def test_a_network_that_is_too_large_is_refused():
    """The message has both numbers, and says what there is instead."""
    net = Network([784, 200, 10], seed=0)
    with pytest.raises(ConfigError, match=r"159,794 numbers, and 100,000 can be unrolled.*\n.*weight_paths"):
        unrolled(net, np.zeros(784), np.zeros(10))


@pytest.mark.parametrize("layer", [0, 1, 5])
def test_a_layer_without_weights_has_no_paths(layer):
    """The message says which layers there are."""
    with pytest.raises(ShapeError, match=f"layer {layer} has no weights: .* layers 2 to 4 have"):
        weight_paths(SIZES, layer)
