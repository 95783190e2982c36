"""Laws of the schedule: the order of the equations, and the forms that the book's exercises give them."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from law_helpers import EPS, distance, gradient, network, problem, scalars

from chainrule.activations import ACTIVATIONS
from chainrule.costs import COSTS, PENALTIES
from chainrule.notation import Key
from chainrule.optimizers import OPTIMIZERS
from chainrule.schedule import Recipe, backprop, evaluation, forward, run, training, update

if TYPE_CHECKING:
    from law_helpers import Problem

    from chainrule.architecture import Architecture

HIDDEN = pytest.mark.parametrize("hidden", ACTIVATIONS)
ELEMENTWISE = [name for name, row in ACTIVATIONS.items() if row.elementwise]


def passed(p: Problem, **other: Any) -> dict[Key, Any]:
    """Everything that one pass forward and back computes, on new arrays; ``other`` values replace the mini-batch's."""
    now = p.values | scalars(p) | {Key(name, 1 if name == "a" else 0): x for name, x in other.items()}
    run(backprop(p.a, p.r), now)
    return now


# ------------------------------------------------------------------------------------------------- loop and matrix


@HIDDEN
def test_a_mini_batch_is_the_loop_over_its_examples(hidden: str) -> None:
    """Each column of the matrix form is the pass of one example, and the gradient is the sum over the examples."""
    for cost in COSTS:
        p = problem(network([3, 4, 3, 2], hidden, cost, output=COSTS[cost].default_output), m=5, seed=1)
        together = passed(p)
        one_by_one = [passed(p, a=p.values[Key("a", 1)][:, [x]], y=p.values[Key("y", 0)][:, [x]]) for x in range(5)]
        for key in (Key(s, l) for s in ("z", "a", "delta") for l in p.a.layers):
            np.testing.assert_allclose(together[key], np.hstack([now[key] for now in one_by_one]), rtol=1e-12, atol=1e-12)
        for key, _ in p.a.shapes():
            nabla = Key(f"nabla_{key.symbol}", key.layer)
            summed = sum(now[nabla] for now in one_by_one)
            assert np.abs(together[nabla] - summed).max() <= 1e-12 * max(1.0, np.abs(summed).max())


def test_example_weights_are_repeated_examples() -> None:
    """An example of weight 2 counts as that example twice, in the gradient and in the cost."""
    a = network([3, 4, 2], "tanh", "cross_entropy")
    once, twice = problem(a, Recipe(weighted=True), m=3), problem(a, m=4)
    once.values[Key("weight", 0)][...] = [[2, 1, 1]]
    for key in (Key("a", 1), Key("y", 0)):
        twice.values[key][...] = once.values[key][:, [0, 0, 1, 2]]
    for key, view in twice.parameters.views.items():
        view[...] = once.parameters.views[key]
    weighted, repeated = passed(once), passed(twice)
    for key in (Key("nabla_w", 2), Key("nabla_w", 3), Key("nabla_b", 2), Key("nabla_b", 3)):
        np.testing.assert_allclose(weighted[key], repeated[key], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(weighted[Key("cost_x", 0)].sum(), repeated[Key("cost_x", 0)].sum(), rtol=1e-14)


# --------------------------------------------------------------------------------------- the forms in the exercises


@pytest.mark.parametrize("hidden", ELEMENTWISE)
def test_error_is_the_chain_of_matrices(hidden: str) -> None:
    """delta^l = Sigma'(z^l) (w^{l+1})^T ... Sigma'(z^L) grad_a C, with diagonal matrices Sigma', is delta to 1e-15."""
    for cost, output in product(("quadratic", "log_cosh", "absolute", "hinge"), ("sigmoid", "tanh", "softplus")):
        p = problem(network([3, 4, 3, 2], hidden, cost, output=output), m=1, seed=2)
        now = passed(p)
        chain = np.diag(now[Key("sigma_prime", p.a.L)][:, 0]) @ now[Key("nabla_a", p.a.L)]
        for l in reversed(p.a.layers):
            if l < p.a.L:
                chain = np.diag(now[Key("sigma_prime", l)][:, 0]) @ now[Key("w", l + 1)].T @ chain
            # The products are taken in another order, so a last place of the largest component may differ in each factor.
            np.testing.assert_allclose(now[Key("delta", l)], chain, rtol=0, atol=8 * EPS * max(np.abs(chain).max(), EPS))


def test_gradient_of_a_weight_is_the_sum_over_all_paths() -> None:
    """In a 2-3-2-2 network each first-layer weight has four paths to the cost, and their sum is backpropagation's."""
    p = problem(network([2, 3, 2, 2], "sigmoid"), m=1, seed=3)
    now = passed(p)
    slope = {l: now[Key("sigma_prime", l)][:, 0] for l in p.a.layers}
    x, nabla_a = now[Key("a", 1)][:, 0], now[Key("nabla_a", 4)][:, 0]
    w3, w4, nabla_w = now[Key("w", 3)], now[Key("w", 4)], now[Key("nabla_w", 2)]
    for j, k in np.ndindex(3, 2):
        paths = [
            nabla_a[q] * slope[4][q] * w4[q, i] * slope[3][i] * w3[i, j] * slope[2][j] * x[k]
            for i, q in product(range(2), range(2))
        ]
        assert len(paths) == 4
        assert abs(sum(paths) - nabla_w[j, k]) <= 1e-15


def test_error_of_linear_neurons_is_carried_back_by_the_weights_alone() -> None:
    """Where sigma(z) = z, delta^l is (w^{l+1})^T delta^{l+1} and nothing else, and delta^L is grad_a C."""
    for cost in ("quadratic", "absolute", "huber", "log_cosh", "hinge"):
        now = passed(problem(network([3, 4, 3, 2], "identity", cost, output="identity"), seed=4))
        np.testing.assert_array_equal(now[Key("delta", 4)], now[Key("nabla_a", 4)])
        for l in (2, 3):
            np.testing.assert_array_equal(now[Key("delta", l)], now[Key("w", l + 1)].T @ now[Key("delta", l + 1)])


@pytest.mark.parametrize("own", [name for name in ELEMENTWISE if name != "exponential"])  # problem() scales its weights
def test_a_modified_neuron_changes_only_its_own_slope(own: str) -> None:
    """A neuron with another function changes its own activation and slope in its layer, and no equation."""
    plain = network([3, 4, 3, 2], "tanh")
    modified = network([3, 4, 3, 2], "tanh", neurons={(3, 1): own})
    assert [*training(plain, Recipe())] == [*training(modified, Recipe())]
    before, after = passed(problem(plain, seed=5)), passed(problem(modified, seed=5))
    for symbol in ("z", "a", "sigma_prime"):
        np.testing.assert_array_equal(before[Key(symbol, 2)], after[Key(symbol, 2)])
        np.testing.assert_array_equal(before[Key(symbol, 3)][[0, 2]], after[Key(symbol, 3)][[0, 2]])
    np.testing.assert_array_equal(before[Key("z", 3)], after[Key("z", 3)])
    z, a = after[Key("z", 3)], after[Key("a", 3)]
    np.testing.assert_array_equal(after[Key("sigma_prime", 3)][1], ACTIVATIONS[own].prime(z, a)[1])


@HIDDEN
def test_permuted_hidden_neurons_have_the_permuted_gradient(hidden: str) -> None:
    """Hidden neurons have no order: numbered otherwise, they have the same gradient, numbered otherwise."""
    a = network([3, 4, 3, 2], hidden, "cross_entropy")
    p, q, order = problem(a, seed=6), problem(a, seed=6), [2, 0, 3, 1]
    q.values[Key("w", 2)][...] = p.values[Key("w", 2)][order]
    q.values[Key("b", 2)][...] = p.values[Key("b", 2)][order]
    q.values[Key("w", 3)][...] = p.values[Key("w", 3)][:, order]
    expected, found = gradient(p), gradient(q)
    for key in (Key("w", 2), Key("b", 2)):
        expected[key] = expected[key][order]
    expected[Key("w", 3)] = expected[Key("w", 3)][:, order]
    assert distance(found, expected) <= 1e-14


# -------------------------------------------------------------------------------------------------- order and extent

RECIPES = [
    Recipe(),
    Recipe(OPTIMIZERS["adamw"], PENALTIES["elastic"], 0.5, noise=0.1, clip_norm=1.0, max_norm=1.0, weighted=True),
    Recipe(OPTIMIZERS["nesterov"], clip_value=0.1, frozen=frozenset({2}), layer_rates={3: 2.0}),
    Recipe(OPTIMIZERS["lion"], pinned=frozenset({Key("w", 2), Key("w", 4)}), dropout={1: 0.2}),
]


def known_at_first(a: Architecture, r: Recipe) -> set[Key]:
    """What a step of training starts from: the mini-batch, the parameters, the optimizer's memory, rates and functions."""
    given = problem(a, r).values.keys()
    computed = {"z", "sigma_prime", "nabla_a", "delta", "cost_x", "nabla_w", "nabla_b"}
    inputs = {key for key in given if key.symbol not in computed and (key.symbol != "a" or key.layer == 1)}
    return inputs | scalars(problem(a, r)).keys()


@HIDDEN
@pytest.mark.parametrize("biases", [True, False])
def test_nothing_is_read_before_it_is_written(hidden: str, *, biases: bool) -> None:
    """Whatever the network and the recipe, each step reads what the step before it knew or an earlier step wrote."""
    recipes = [*RECIPES, Recipe(dropout={2: 0.5, 3: 0.5})] if ACTIVATIONS[hidden].elementwise else RECIPES
    for cost, r in product(COSTS, recipes):
        a = network([3, 4, 3, 2], hidden, cost, output=COSTS[cost].default_output, biases=biases)
        for steps in (training(a, r), backprop(a, r), evaluation(a), [*forward(a)]):
            known = known_at_first(a, r)
            for step in steps:
                assert set(step.reads) <= known, step
                known.add(step.writes)
        written = {step.writes for step in training(a, r)}
        assert written >= {key for key, _ in a.shapes() if key.layer not in r.frozen}


@HIDDEN
def test_glass_shows_more_and_computes_the_same(hidden: str) -> None:
    """The pass that shows dC/da and slopes where they cancel has the same errors and gradients, bit for bit."""
    for cost in COSTS:
        p = problem(network([3, 4, 2], hidden, cost, output=COSTS[cost].default_output))
        glass, plain = passed(p), p.values | scalars(p)
        run(backprop(p.a, p.r, glass=False), plain)
        assert Key("nabla_a", p.a.L) in {step.writes for step in backprop(p.a)}
        for key in (Key("delta", 2), Key("delta", 3), Key("nabla_w", 2), Key("nabla_b", 3)):
            np.testing.assert_array_equal(glass[key], plain[key])


def test_a_pass_has_each_equation_once_for_each_layer() -> None:
    """A network of L layers has L-1 FP1, FP2, BP3 and BP4, one BP1 and L-2 BP2, and the errors come from last to first."""
    for L in range(2, 7):
        a = network([3] * L, "tanh", output="sigmoid")
        steps = backprop(a)
        count = {
            name: sum(step.equation.name == name for step in steps) for name in ("FP1", "FP2", "BP1", "BP2", "BP3", "BP4")
        }
        assert count == {"FP1": L - 1, "FP2": L - 1, "BP1": 1, "BP2": L - 2, "BP3": L - 1, "BP4": L - 1}
        assert [step.layer for step in steps if step.writes.symbol == "delta"] == list(range(L, 1, -1))
        assert len({step.writes for step in steps}) == len(steps)


def test_a_step_of_training_is_the_pass_and_then_the_update() -> None:
    """Training is backpropagation and then what the optimizer does to each parameter, in the order of its equations."""
    a = network([3, 4, 2], "tanh")
    for optimizer in OPTIMIZERS.values():
        r = Recipe(optimizer)
        assert training(a, r) == backprop(a, r, glass=False) + update(a, r)
        of_w = [step.equation for step in update(a, r) if (step.of, step.layer) == ("w", 3)]
        assert tuple(of_w) == optimizer.equations
