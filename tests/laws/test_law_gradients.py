"""The law of backpropagation: over the whole table, its gradient is the derivative that other arithmetic finds."""

from __future__ import annotations

from itertools import cycle, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from law_helpers import central_difference, complex_step, distance, gradient, network, problem, scalars

from chainrule.activations import ACTIVATIONS
from chainrule.algebra.dual import Dual
from chainrule.costs import COSTS, PENALTIES
from chainrule.engine import ENGINES
from chainrule.errors import ConfigError
from chainrule.notation import Key
from chainrule.schedule import Recipe, forward, run

if TYPE_CHECKING:
    from law_helpers import Problem

    from chainrule.architecture import Architecture

SIZES = {1: [3, 2], 2: [3, 2, 2], 3: [2, 3, 2, 2]}  # by depth, which is the number of layers with weights
HIDDEN = list(ACTIVATIONS)
PENALTY = [None, *PENALTIES]
POSITIVE = {"sigmoid", "relu", "softplus", "exponential", "softmax"}
REFUSED = {(s, c) for s in ACTIVATIONS for c in ("log_likelihood", "poisson") if s not in POSITIVE} | {
    (s, "cross_entropy") for s in ACTIVATIONS if s not in {"sigmoid", "softmax"}
}
PERMITTED = [(s, c) for s in ACTIVATIONS for c in COSTS if (s, c) not in REFUSED]


def recipe(penalty: str | None, **options: Any) -> Recipe:
    """A recipe with this penalty, strong enough to be seen."""
    return Recipe(penalty=PENALTIES[penalty] if penalty else None, lmbda=0.7 if penalty else 0.0, **options)


def error(a: Architecture, r: Recipe, m: int = 4) -> float:
    """How far backpropagation is from the complex step in all parameters, relative to the largest component."""
    for seed in range(1, 20):  # where all outputs of a rectifier are 0, so is the gradient: then other numbers are tried
        p = problem(a, r, seed=seed, m=m)
        found = gradient(p)
        if max(np.abs(g).max() for g in found.values()) > 1e-3:
            return distance(found, complex_step(p))
    raise AssertionError("no seed has a gradient")


# ------------------------------------------------------------------------------------------- the table is complete


def test_every_pair_of_output_and_cost_is_refused_or_permitted() -> None:
    """Of all 17 x 8 pairs of output activation and cost, 39 that need a logarithm are refused, and 97 are checked."""
    refused = set()
    for s in ACTIVATIONS:
        for c, row in COSTS.items():
            try:
                network([2, 2], "tanh", c, output=s)
            except ConfigError as message:
                assert row.name in str(message)  # noqa: PT017  whether it is raised at all is the question here
                refused.add((s, c))
    assert refused == REFUSED
    assert len(refused) + len(PERMITTED) == len(ACTIVATIONS) * len(COSTS)
    assert (len(refused), len(PERMITTED)) == (39, 97)


# ------------------------------------------------------------------------------------------------- the whole table


@pytest.mark.parametrize("hidden", HIDDEN)
def test_gradient_is_the_complex_step_s_for_every_hidden_activation(hidden: str) -> None:
    """At depths 2 and 3, with every cost and penalty: each dC/dw and dC/db is that of the complex step, to 1e-12."""
    errors = {}
    for cost in COSTS:
        for penalty in PENALTY:
            for depth in (2, 3):
                a = network(SIZES[depth], hidden, cost, output=COSTS[cost].default_output)
                errors[cost, penalty, depth] = error(a, recipe(penalty))
    assert len(errors) == len(COSTS) * len(PENALTY) * 2
    assert max(errors.values()) <= 1e-12, max(errors, key=errors.__getitem__)


@pytest.mark.parametrize(("output", "cost"), PERMITTED)
def test_gradient_is_the_complex_step_s_for_every_output_and_cost(output: str, cost: str) -> None:
    """Every output that a cost takes, at depths 1 to 3 with every penalty and, in turn, every hidden activation."""
    at = PERMITTED.index((output, cost))
    turn = cycle(HIDDEN[at % len(HIDDEN) :] + HIDDEN[: at % len(HIDDEN)])
    errors = {}
    for depth, sizes in SIZES.items():
        for penalty in PENALTY:
            hidden = next(turn)
            a = network(sizes, hidden, cost, output=output)
            errors[depth, penalty, hidden] = error(a, recipe(penalty))
    assert len(errors) == 3 * len(PENALTY)
    assert max(errors.values()) <= 1e-12, max(errors, key=errors.__getitem__)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_gradient_is_the_complex_step_s_for_every_pair_of_activations(hidden: str) -> None:
    """Every hidden activation stands before every output activation with every cost that takes it, at depth 2."""
    errors = {}
    for (output, cost), penalty in zip(PERMITTED, cycle(PENALTY), strict=False):
        a = network(SIZES[2], hidden, cost, output=output)
        errors[output, cost] = error(a, recipe(penalty), m=2)
    assert len(errors) == len(PERMITTED)
    assert max(errors.values()) <= 1e-12, max(errors, key=errors.__getitem__)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_engine_has_the_gradient_of_the_complex_step(name: str, hidden: str) -> None:
    """Every engine's arithmetic gives the derivative, for each activation and, in turn, each cost and penalty."""
    for cost, penalty in zip(COSTS, cycle(PENALTY), strict=False):
        a = network(SIZES[3], hidden, cost, output=COSTS[cost].default_output)
        p = problem(a, recipe(penalty), seed=3)
        assert distance(gradient(p, ENGINES[name]), complex_step(p)) <= 1e-12


# ------------------------------------------------------------------------------------------ what else a step may have

MIXED = {(2, 0): "relu", (2, 1): "sine", (3, 0): "gelu", (3, 2): "softplus", (4, 1): "softsign"}
OPTIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # of the architecture, of the recipe
    "dropout": ({}, {"dropout": {2: 0.4, 3: 0.3}}),
    "dropout of the input": ({}, {"dropout": {1: 0.5}}),
    "noise": ({}, {"noise": 0.3}),
    "example weights": ({}, {"weighted": True}),
    "no biases": ({"biases": False}, {}),
    "neurons of their own": ({"neurons": MIXED}, {}),
    "all of them": ({"biases": False, "neurons": MIXED}, {"dropout": {1: 0.3, 2: 0.4}, "noise": 0.2, "weighted": True}),
}


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("glass", [False, True])
def test_gradient_is_right_with_every_option(option: str, name: str, *, glass: bool) -> None:
    """Masks, noise, weights, missing biases and neurons of their own are all in the gradient, with each cost."""
    of_a, of_r = OPTIONS[option]
    turn = ("tanh", "silu", "elu", "mish", "sigmoid", "softplus", "selu", "leaky_relu")
    for cost, hidden in zip(COSTS, turn, strict=True):
        # A logarithm takes outputs above 0, and so no mixture with tanh in it.
        output = COSTS[cost].default_output if COSTS[cost].domain[0] == 0 else "tanh"
        own = {k: v for k, v in of_a.get("neurons", {}).items() if k[0] < 4 or output == "tanh"}
        a = network([4, 3, 4, 2], hidden, cost, output=output, **of_a | {"neurons": own})
        p = problem(a, recipe("elastic", **of_r), seed=7, m=5)
        assert distance(gradient(p, ENGINES[name], glass=glass), complex_step(p)) <= 1e-12, cost


def test_frozen_layers_have_no_gradient_and_the_others_theirs() -> None:
    """A frozen layer's gradient is not computed; the gradient of the layers before and after it is unchanged."""
    a = network([3, 3, 3, 2], "tanh")
    free, frozen = problem(a, recipe("l2")), problem(a, recipe("l2", frozen=frozenset({3})))
    expected, found = gradient(free), gradient(frozen)
    for key in expected:
        np.testing.assert_array_equal(found[key], 0 if key.layer == 3 else expected[key])


def test_a_user_s_own_functions_are_differentiated() -> None:
    """An activation and a cost that are given as functions have the gradient of the complex step in every engine."""
    own = [lambda z: z / np.sqrt(1 + z * z), lambda z: np.where((z > 0) & (z < 9), z, np.expm1(np.minimum(z, 0)))]
    costs = [lambda a, y: (a - y) ** 4 / 4 + np.exp(a - y), lambda a, y: np.where(a > y, 2 * (a - y), (a > -9) * (y - a))]
    for sigma, cost, engine in product(own, costs, ENGINES.values()):
        p = problem(network([3, 4, 3, 2], sigma, cost, output=np.arctan), recipe("l2"))
        assert distance(gradient(p, engine), complex_step(p)) <= 1e-12


# ------------------------------------------------------------------------------------------------- other witnesses


def first_order(p: Problem, directions: dict[Key, np.ndarray]) -> Any:
    """The change of the output activations along a direction of all parameters, by dual numbers."""
    now = p.values | scalars(p) | {key: Dual(p.values[key], v) for key, v in directions.items()}
    run(forward(p.a), now)
    return now[Key("a", p.a.L)].tangent


@pytest.mark.parametrize("output", HIDDEN)
def test_forward_mode_is_the_transpose_of_backpropagation(output: str) -> None:
    """<J v, u> by dual numbers is <v, J^T u> by backpropagation, where J is the Jacobian of all outputs."""
    for hidden in HIDDEN:
        # With the cost sum(a y), dC/da is y: backpropagation of this cost is the product of J^T with u = y.
        p = problem(network(SIZES[3], hidden, lambda a, y: a * y, output=output), seed=4)
        rng = np.random.default_rng(6)
        v = {key: rng.standard_normal(shape) for key, shape in p.a.shapes()}
        forwards = np.sum(first_order(p, v) * p.values[Key("y", 0)])
        terms = [p.m * v[key] * g for key, g in gradient(p).items()]
        assert abs(forwards - sum(t.sum() for t in terms)) <= 1e-12 * sum(np.abs(t).sum() for t in terms)


@pytest.mark.parametrize("cost", COSTS)
def test_central_differences_witness_the_gradient(cost: str) -> None:
    """Central differences, which need no arithmetic but the real one, agree to 1e-7: all that their rounding allows."""
    for hidden in HIDDEN:
        a = network(SIZES[3], hidden, cost, output=COSTS[cost].default_output)
        p = problem(a, recipe("l2"), seed=5)
        assert distance(gradient(p), central_difference(p)) <= 1e-7, hidden
