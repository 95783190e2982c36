"""The law of the check: it passes where backpropagation is right, and names the layer and the equation where it is not."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from law_helpers import network, problem

from chainrule import ACTIVATIONS, COSTS, PENALTIES, ChainruleWarning, ConfigError, Network, check, equations
from chainrule.notation import EQUATIONS, Equation, Key

DEPTHS = ([3, 2], [3, 2, 2], [2, 3, 2, 2])
WITNESSES = ["complex step", "central differences", "forward mode", "reverse mode"]


def permitted(output: str, name: str) -> bool:
    """Whether the cost takes what this output activation gives."""
    try:
        network([2, 2], "tanh", name, output=output)
    except ConfigError:
        return False
    return True


PERMITTED = [(s, c) for s in ACTIVATIONS for c in COSTS if permitted(s, c)]


def case(*args: Any, seed: int = 1, **options: Any) -> tuple[Network, np.ndarray, np.ndarray]:
    """A network whose parameters are random numbers, with a mini-batch."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChainruleWarning)
        net = Network(*args, dtype="float64", seed=seed, **options)
    p = problem(net.architecture, seed=seed)
    net.parameters.flat[:] = p.parameters.flat
    return net, p.values[Key("a", 1)].T.copy(), p.values[Key("y", 0)].T.copy()


@pytest.mark.parametrize(("output", "cost"), PERMITTED)
def test_every_witness_agrees_for_every_output_and_cost(output: str, cost: str) -> None:
    """At depths 1 to 3, with every hidden activation and penalty in turn, all four witnesses are heard and agree."""
    at = PERMITTED.index((output, cost))
    hidden, penalty = cycle([*ACTIVATIONS][at % 17 :] + [*ACTIVATIONS][: at % 17]), cycle(PENALTIES)
    for sizes in DEPTHS:
        found = check(*case(sizes, next(hidden), cost, output=output), penalty=next(penalty), lmbda=0.7, n=20)
        assert found.passed, str(found)
        assert all(row.passed for row in found.rows), str(found)
        assert [account.witness for account in found.accounts if not account.reason] == WITNESSES


OPTIONS: dict[str, dict[str, Any]] = {
    "no biases": {"biases": False},
    "neurons of their own": {"neurons": {(2, 0): "relu", (2, 1): "sine", (3, 0): "gelu"}},
    "an own activation": {"activation": lambda z: z / np.sqrt(1 + z * z)},
    "an own cost": {"cost": lambda a, y: (a - y) ** 4 / 4 + np.exp(a - y)},
    "softmax within": {"activation": ["softmax", "tanh", "sigmoid"]},
}


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_a_check_takes_whatever_a_network_has(option: str, *, weighted: bool) -> None:
    """Missing biases, mixed layers, own functions, hidden softmax and example weights."""
    net, x, y = case([3, 4, 3, 2], **OPTIONS[option])
    found = check(net, x, y, sample_weight=[0.5, 2.0, 0.0, 1.5] if weighted else None)
    assert found.passed, str(found)
    assert not any(account.reason for account in found.accounts)


# --------------------------------------------------------------------------------------------------------- sabotage

BROKEN: dict[str, tuple[str, Any, set[int]]] = {  # the equation, what stands in its place, and where it then is wrong
    "BP1": ("output_error", lambda nabla_a, sigma_prime: nabla_a, {4}),
    "BP1c": ("canonical_output_error", lambda a, y: y - a, {4}),
    "BPs": ("softmax_error", lambda a, nabla_a: a * (1 - a) * nabla_a, {4}),
    "BP2": ("backpropagated_error", lambda w_next, delta_next, sigma_prime: w_next.T @ delta_next, {2, 3}),
    "BP3": ("bias_gradient", lambda delta: delta[:, :1], {2, 3, 4}),
    "BP4": ("weight_gradient", lambda a_prev, delta: 2 * delta @ a_prev.T, {2, 3, 4}),
    "PG": ("penalised_gradient", lambda nabla, m, n, lmbda, penalty, theta: nabla + lmbda * penalty(theta), {2, 3, 4}),
    "EW": ("weighted_error", lambda delta, weight: delta, {4}),
}
COST = {"BP1c": ("cross_entropy", "sigmoid"), "BPs": ("quadratic", "softmax")}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_equation_is_named_with_its_layers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An equation with a slip in it is the cause that is named, at each of its layers; what follows from it is not."""
    function, slip, layers = BROKEN[name]
    e = EQUATIONS[name]
    monkeypatch.setattr(equations, function, Equation(e.name, e.writes, slip))
    cost, output = COST.get(name, ("quadratic", "sigmoid"))
    net, x, y = case([3, 4, 3, 2], "tanh", cost, output=output)
    found = check(net, x, y, penalty="l2", lmbda=0.7, n=20, sample_weight=[0.5, 2.0, 1.0, 1.5] if name == "EW" else None)
    assert not found
    assert {row.layer for row in found.causes} == layers
    assert all(name in row.equation.split(", ") for row in found.causes)
    assert f"{found.causes[0].equation} at layer {found.causes[0].layer} is wrong." in str(found)


@pytest.mark.parametrize("l", [2, 3, 4])
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "gelu", "softplus"])
def test_a_wrong_slope_is_named_with_its_layer(name: str, l: int) -> None:
    """An activation whose slope is not that of its values is SP at its layer, and all that follows is right by itself."""
    wrong = replace(ACTIVATIONS[name], slope=lambda z, a: 1.25 * ACTIVATIONS[name].prime(z, a) + 0.01)
    rows = ["tanh", "sigmoid", "sigmoid"]
    found = check(*case([3, 4, 3, 2], [*rows[: l - 2], wrong, *rows[l - 1 :]]))
    assert [(row.layer, row.equation) for row in found.causes] == [(l, "SP")]
    assert max(found.equations.values()) <= 1e-12
    assert {row.layer for row in found.failures} == set(range(2, l + 1))


def test_a_wrong_slope_of_one_neuron_is_named() -> None:
    """Of a mixed layer, the neuron with the wrong slope is where the worst error is."""
    wrong = replace(ACTIVATIONS["sine"], slope=lambda z, a: np.sin(z))
    found = check(*case([3, 4, 2], neurons={(2, 2): wrong}))
    assert [(row.layer, row.equation, row.at[0]) for row in found.causes] == [(2, "SP", 2)]


@pytest.mark.parametrize("name", ["quadratic", "huber", "log_cosh"])
def test_a_wrong_slope_of_the_cost_is_named(name: str) -> None:
    """A cost whose slope is not that of its values is NA at the output layer."""
    wrong = replace(COSTS[name], slope=lambda a, y: 2 * COSTS[name].prime(a, y))
    found = check(*case([3, 4, 2], "tanh", wrong, output="sigmoid"))
    assert [(row.layer, row.equation) for row in found.causes] == [(3, "NA")]


@pytest.mark.parametrize("name", PENALTIES)
def test_a_wrong_slope_of_a_penalty_is_named(name: str) -> None:
    """A penalty with twice its slope is PG, at every layer; the gradient without it is right."""
    wrong = replace(PENALTIES[name], slope=lambda w: 2 * PENALTIES[name].slope(w))
    found = check(*case([3, 4, 2]), penalty=wrong, lmbda=0.5)
    assert [(row.layer, row.equation) for row in found.causes] == [(3, "PG"), (2, "PG")]
