"""The law of the bridge: reverse mode on the graph of a network's cost is backpropagation, BP1 to BP4."""

from __future__ import annotations

import warnings
from itertools import product
from typing import Any

import numpy as np
import pytest
from law_helpers import network, problem

from chainrule import ACTIVATIONS, COSTS, ChainruleWarning, ConfigError, Network, Pass, ShapeError, activation, cost
from chainrule.graph import grad, jvp
from chainrule.graph.bridge import network_cost, network_hvp
from chainrule.graph.look import trace
from chainrule.notation import Key

MIXED = {(2, 0): "relu", (2, 1): "sine", (3, 0): "gelu", (3, 2): "softplus"}


def permitted(output: str, name: str) -> bool:
    """Whether the cost takes what this output activation gives."""
    try:
        network([2, 2], "tanh", name, output=output)
    except ConfigError:
        return False
    return True


PERMITTED = [pair for pair in product(ACTIVATIONS, COSTS) if permitted(*pair)]


class Case:
    """A network with a mini-batch, and its pass by the equations BP1 to BP4."""

    def __init__(self, *args: Any, seed: int, **options: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ChainruleWarning)
            self.net = Network(*args, dtype="float64", seed=seed, **options)
        p = problem(self.net.architecture, seed=seed)
        self.net.weights = [view for key, view in p.parameters.views.items() if key.symbol == "w"]
        if self.net.architecture.biases:
            self.net.biases = [view for key, view in p.parameters.views.items() if key.symbol == "b"]
        self.x, self.y = p.values[Key("a", 1)].T, p.values[Key("y", 0)].T

    def passed(self, **how: Any) -> Pass:
        """The pass."""
        return self.net.backprop(self.x, self.y, **how)

    def cost(self, **how: Any) -> Any:
        """The cost as a function, and the parameters."""
        return network_cost(self.net, self.x, self.y, **how)


def case(*args: Any, **options: Any) -> Case:
    """The first case that has a gradient: where all outputs of a rectifier are 0, there is none."""
    found = (Case(*args, seed=seed, **options) for seed in range(1, 20))
    return next(c for c in found if max(np.abs(g).max() for g in gradients(c.passed()).values()) > 1e-3)


def gradients(pass_: Pass) -> dict[str, np.ndarray]:
    """The gradient of each parameter by BP3 and BP4."""
    return {f"{of}{l}": g for of in "wb" for l, g in getattr(pass_, f"nabla_{of}").items()}


def distance(x: dict[str, np.ndarray], y: dict[str, np.ndarray]) -> float:
    """The largest difference, relative to the largest component."""
    assert {name: v.shape for name, v in x.items()} == {name: v.shape for name, v in y.items()}
    return max(np.abs(x[name] - y[name]).max() for name in y) / max(np.abs(v).max() for v in y.values())


def dot(x: dict[str, np.ndarray], y: dict[str, np.ndarray]) -> float:
    """The sum of all products of their elements."""
    return sum(float((x[name] * y[name]).sum()) for name in x)


def directions(parameters: dict[str, np.ndarray], seed: int = 0) -> dict[str, np.ndarray]:
    """A random number for each parameter."""
    rng = np.random.default_rng(seed)
    return {name: rng.standard_normal(value.shape) for name, value in parameters.items()}


def check(c: Case, **how: Any) -> None:
    """The cost, both gradients, the errors and a directional derivative are those of the pass, to 1e-12."""
    pass_ = c.passed(**how)
    expected = gradients(pass_)
    for inside in (False, True):
        f, parameters = c.cost(inside=inside, **how)
        np.testing.assert_allclose(f(parameters), pass_.cost_x.sum(), rtol=1e-14)
        assert distance(grad(f)(parameters), expected) <= 1e-12
        of_each = {name: np.repeat(v, pass_.m, axis=1) if name[0] == "b" else v for name, v in parameters.items()}
        found = grad(f)(of_each)
        deltas = {f"b{l}": delta for l, delta in pass_.delta.items() if f"b{l}" in found}
        assert not deltas or distance({name: found[name] for name in deltas}, deltas) <= 1e-12
        v = directions(parameters)
        terms = {name: np.abs(expected[name] * v[name]) for name in v}
        tangent = jvp(f, (parameters,), (v,))[1]
        assert abs(tangent - dot(expected, v)) <= 1e-12 * sum(t.sum() for t in terms.values())


# ------------------------------------------------------------------------------------------------------- first order


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_reverse_mode_is_backpropagation_for_every_hidden_activation(hidden):
    """With every cost: gradients, errors and a direction agree with BP1 to BP4, outside and inside of the functions."""
    for name, row in COSTS.items():
        check(case([3, 4, 3, 2], hidden, name, output=row.default_output))


@pytest.mark.parametrize(("output", "name"), PERMITTED)
def test_reverse_mode_is_backpropagation_for_every_output_and_cost(output, name):
    """The 97 pairs of output activation and cost, whether they are partners or not."""
    check(case([3, 4, 2], "tanh", name, output=output))


def test_all_pairs_are_there():
    """Of the 17 x 8 pairs, 97 are permitted."""
    assert len(PERMITTED) == 97


@pytest.mark.parametrize(
    "options",
    [{"neurons": MIXED}, {"biases": False}, {"biases": False, "neurons": MIXED}],
    ids=["neurons of their own", "no biases", "both"],
)
def test_reverse_mode_is_backpropagation_with_every_option(options):
    """Neurons with functions of their own, and networks without biases."""
    check(case([3, 4, 3, 2], "tanh", "quadratic", **options))


def test_example_weights_are_in_the_graph():
    """A weight of an example multiplies its cost and its error."""
    weight = np.array([0.5, 2.0, 0.0, 1.5])
    for name in ("quadratic", "cross_entropy", "log_likelihood"):
        check(case([3, 4, 2], "tanh", name), sample_weight=weight)


def rounded(z):
    """An activation that a graph cannot look into."""
    return np.vectorize(lambda t: t * t / (1 + abs(t)), otypes=[float])(z)


def test_a_user_s_own_functions_are_in_the_graph():
    """Functions of NumPy are differentiated; those that come with a slope need not be written in NumPy."""
    smooth = [lambda z: z / np.sqrt(1 + z * z), lambda z: np.where((z > 0) & (z < 9), z, np.expm1(np.minimum(z, 0)))]
    costs = [lambda a, y: (a - y) ** 4 / 4 + np.exp(a - y), lambda a, y: np.where(a > y, 2 * (a - y), y - a)]
    for sigma, c in product(smooth, costs):
        check(case([3, 4, 3, 2], sigma, c, output=np.arctan))
    opaque = activation(rounded, slope=lambda z, a: (2 * z + np.sign(z) * z * z) / (1 + np.abs(z)) ** 2)
    square = cost(np.vectorize(lambda s, t: (s - t) ** 2), slope=lambda a, y: 2 * (a - y))
    check(case([3, 4, 2], opaque, square, neurons={(2, 1): "gelu"}))


def test_the_graph_s_values_have_the_names_of_the_pass():
    """In the graph of the cost, z2 is the weighted input of layer 2: its adjoint is the error, to 1e-15."""
    for name in ("quadratic", "cross_entropy"):
        c = case([3, 4, 3, 2], "tanh", name)
        f, parameters = c.cost()
        graph, pass_ = trace(f, parameters), c.passed()
        graph.reverse()
        for l in (2, 3, 4):
            np.testing.assert_array_equal(graph[f"z{l}"].value, pass_.z[l])
            np.testing.assert_allclose(graph[f"z{l}"].adjoint, pass_.delta[l], rtol=0, atol=1e-15)
            np.testing.assert_allclose(graph[f"w{l}"].adjoint, pass_.nabla_w[l], rtol=0, atol=1e-15)


def test_saturated_neurons_have_the_gradient_of_backpropagation():
    """Where e^-z overflows the slope is 0, not NaN: a function is one operation with the slope of its row."""
    net = Network([1, 1, 1], initial=([[[2000.0]], [[1.0]]], [[[0.0]], [[0.0]]]), dtype="float64", seed=0)
    f, parameters = network_cost(net, [[-1.0]], [[1.0]])
    pass_ = net.backprop([[-1.0]], [[1.0]])
    assert distance(grad(f)(parameters), gradients(pass_)) <= 1e-15


def test_a_single_precision_network_has_a_single_precision_gradient():
    """The graph computes in the network's dtype."""
    net = Network([2, 3, 1], "gelu", seed=1)
    f, parameters = network_cost(net, [0.5, -1.0], [1.0])
    found = grad(f)(parameters)
    assert {v.dtype for v in found.values()} == {np.dtype(np.float32)}
    assert distance(found, gradients(net.backprop([0.5, -1.0], [1.0]))) <= 1e-6
    assert {v.dtype for v in network_hvp(net, [0.5, -1.0], [1.0], directions(parameters)).values()} == {
        np.dtype(np.float32)
    }


def test_the_network_is_left_as_it_is():
    """The parameters are copies."""
    net = Network([2, 3, 1], seed=1)
    _, parameters = network_cost(net, [0.5, -1.0], [1.0])
    parameters["w2"][...] = 0
    assert net.weights[0].all()


# ------------------------------------------------------------------------------------------------------ second order


def moved(c: Case, v: dict[str, np.ndarray], step: float) -> dict[str, np.ndarray]:
    """The gradient by backpropagation, the parameters moved a step along v."""
    views = {f"{key.symbol}{key.layer}": view for key, view in c.net.parameters.views.items()}
    before = {name: view.copy() for name, view in views.items()}
    for name, view in views.items():
        view[...] = before[name] + step * v[name]
    found = gradients(c.passed())
    for name, view in views.items():
        view[...] = before[name]
    return found


def difference(c: Case, v: dict[str, np.ndarray], h: float = 1e-3) -> dict[str, np.ndarray]:
    """How the gradient by backpropagation changes along v, by differences of fourth order."""
    one, two = ((moved(c, v, k * h), moved(c, v, -k * h)) for k in (1, 2))
    return {name: (8 * (one[0][name] - one[1][name]) - (two[0][name] - two[1][name])) / (12 * h) for name in v}


SMOOTH = [name for name in ACTIVATIONS if name not in {"relu", "leaky_relu", "elu", "selu", "hard_tanh", "softsign"}]
SMOOTH_COSTS = [name for name in COSTS if name not in {"absolute", "huber", "hinge"}]


@pytest.mark.parametrize("hidden", SMOOTH)
def test_the_hessian_product_is_the_change_of_the_gradient(hidden):
    """Differences of backpropagation's gradients agree to 1e-7: what truncation and rounding leave at this step."""
    for name in SMOOTH_COSTS:
        c = case([3, 4, 2], hidden, name, output=COSTS[name].default_output)
        v = directions(c.cost()[1])
        v = {key: 0.1 * x for key, x in v.items()}
        assert distance(network_hvp(c.net, c.x, c.y, v), difference(c, v)) <= 1e-7, name


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_the_hessian_is_symmetric(hidden):
    """The product u H v is v H u, for every activation and cost."""
    for name, row in COSTS.items():
        c = case([3, 4, 3, 2], hidden, name, output=row.default_output)
        parameters = c.cost()[1]
        u, v = directions(parameters, 1), directions(parameters, 2)
        of_u, of_v = (network_hvp(c.net, c.x, c.y, x) for x in (u, v))
        size = sum(float(np.abs(u[key] * of_v[key]).sum()) for key in u)
        assert abs(dot(u, of_v) - dot(v, of_u)) <= 1e-12 * max(size, 1e-300)


# ---------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda v: v.pop("b3"), "direction has w2, w3, b2, but this network has w2, w3, b2, b3"),
        (lambda v: v.update(w4=1), "w4, but this network has w2, w3, b2, b3"),
        (lambda v: v.update(w2=np.ones((2, 3))), r"w2 has shape \(2, 3\), but the parameter has \(3, 2\)"),
    ],
)
def test_a_direction_of_another_form_is_refused(change, says):
    """The message names the parameter and both shapes."""
    net = Network([2, 3, 1], seed=0)
    direction = {"w2": np.ones((3, 2)), "w3": np.ones((1, 3)), "b2": np.ones((3, 1)), "b3": np.ones((1, 1))}
    change(direction)
    with pytest.raises(ShapeError, match=says):
        network_hvp(net, [0.5, -1.0], [1.0], direction)


def test_the_order_of_a_direction_s_names_does_not_matter():
    """Parameters are found by name."""
    net = Network([2, 3, 1], seed=0, dtype="float64")
    v = directions(network_cost(net, [0.5, -1.0], [1.0])[1])
    found = network_hvp(net, [0.5, -1.0], [1.0], v)
    again = network_hvp(net, [0.5, -1.0], [1.0], dict(reversed(v.items())))
    assert all((found[name] == again[name]).all() for name in v)


def test_parameters_that_are_no_dict_are_refused():
    """The message says which names there are."""
    f, parameters = network_cost(Network([2, 3, 1], seed=0), [0.5, -1.0], [1.0])
    with pytest.raises(ShapeError, match=r"no names \(list\), but this network has w2, w3, b2, b3"):
        f(list(parameters.values()))
