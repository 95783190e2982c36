"""The law of the engines: each computes the equations, and nothing else."""

from __future__ import annotations

import math
from itertools import cycle, groupby, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from law_helpers import SCALARS, all_equations, layer_of, network, operand_value, problem

from chainrule.activations import ACTIVATIONS, activation
from chainrule.algebra.special import erf
from chainrule.costs import COSTS, PENALTIES
from chainrule.costs import cost as own_cost
from chainrule.engine import ENGINES, lowered, reference
from chainrule.engine.emit import Emitter
from chainrule.equations import activation as fp2
from chainrule.equations import slope
from chainrule.notation import EQUATIONS, Equation, Key, operand
from chainrule.optimizers import OPTIMIZERS
from chainrule.schedule import Recipe, Step, training

EPS32 = float(np.finfo(np.float32).eps)
SUMS = {"FP1", "FP1o", "C", "Cz", "BP2", "BP3", "BP4", "BPa", "BPs", "MN"}
TABLES = {"sigma": ACTIVATIONS, "cost": COSTS, "penalty": PENALTIES}


def cases() -> list[Any]:
    """Every equation, with every row of the table that it takes a function from."""
    found = []
    for e in all_equations():
        table = next((o.symbol.name for o in e.reads if o.symbol.name in TABLES), "")
        for name, row in TABLES.get(table, {"": None}).items():
            if e.name != "Cz" or row.partner:
                found.append(pytest.param(e, {table: row} if table else {}, id=f"{e.name}-{name}".rstrip("-")))
    return found


def memory(e: Equation, rows: dict[str, Any], sizes: list[int], m: int, seed: int, dtype: Any) -> dict[Key, Any]:
    """What the equation works on at its layer, in arrays of this precision; the target holds other numbers at first."""
    l, rng = layer_of(e), np.random.default_rng(seed)
    layers = dict(enumerate(sizes))
    values: dict[Key, Any] = {Key("cost_x", 0): np.zeros((1, m), dtype)}
    for o in (operand(e.writes), *e.reads):
        x = operand_value(o, l, rng, layers, m, **rows)
        if isinstance(x, np.ndarray):  # a has no more than a range: the outputs that a logarithm takes lie within (0, 1)
            x = (1 / (1 + np.exp(-x)) if "cost" in rows and o.symbol.name == "a" else x).astype(dtype)
            x = np.asfortranarray(x) if o.symbol.name in {"a", "y", "noise"} and seed % 2 else x
        values[o.key(l, "w")] = x
    return values


def arguments(e: Equation, values: dict[Key, Any]) -> list[Any]:
    """The equation's operands; the squared length starts from 0 in each step."""
    found = [values[o.key(layer_of(e), "w")] for o in e.reads]
    return [0.0 if o.symbol.name == "norm2" else x for o, x in zip(e.reads, found, strict=True)]


@pytest.mark.parametrize(("e", "rows"), cases())
@settings(max_examples=8, deadline=None, derandomize=True, database=None)
@given(
    sizes=st.lists(st.integers(1, 7), min_size=5, max_size=5), m=st.integers(1, 7), seed=st.integers(0, 99),
    dtype=st.sampled_from([np.float64, np.float32]),
)  # fmt: skip
def test_lowered_equation_is_the_equation(e: Any, rows: Any, sizes: list[int], m: int, seed: int, dtype: Any) -> None:
    """The program of one equation fills its target as the equation does, and leaves every other array as it is.

    In float64 bit for bit, but for sums, whose terms an engine may add in another order. In float32 to a few last places,
    since the equation run on arrays may keep a part in float64.
    """
    if e.name == "GN":
        return  # its result is a number within the program: tested with CN below
    l, values = layer_of(e), memory(e, rows, sizes, m, seed, dtype)
    step = Step(e, l, "w")
    expected = e(*arguments(e, values))
    before = {key: x.copy() for key, x in values.items() if isinstance(x, np.ndarray)}
    floats = {key: float(x) for key, x in values.items() if isinstance(x, int | float)}
    lowered.build([step], values | floats, {})(SCALARS["eta"], SCALARS["m"], SCALARS["t"])
    target = values[step.writes]
    assert target.dtype == dtype
    sums = e.name in SUMS or not getattr(rows.get("sigma"), "elementwise", True)
    if dtype == np.float64 and not sums:
        np.testing.assert_array_equal(target, expected)
    else:
        bound = 20 * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(target, expected, rtol=bound, atol=bound * max(1.0, float(np.abs(expected).max())))
    for key in before.keys() - {step.writes}:
        np.testing.assert_array_equal(values[key], before[key])


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_lowered_length_of_the_gradient_is_the_equation(scale: float) -> None:
    """GN adds up over parameters, and CN shortens by it: with both, the lowered gradient is the equations', bit for bit."""
    gn, cn, rng = EQUATIONS["GN"], EQUATIONS["CN"], np.random.default_rng(8)
    nablas = {Key(f"nabla_{of}", 2): scale * rng.standard_normal(s) for of, s in (("w", (4, 3)), ("b", (4, 1)))}
    norm2 = 0.0
    for nabla in nablas.values():
        norm2 = gn(norm2, nabla, 4.0)
    expected = {key: cn(nabla, 0.5, norm2) for key, nabla in nablas.items()}
    values = {key: x.copy() for key, x in nablas.items()} | {Key("clip", 0): 0.5, Key("cost_x", 0): np.zeros((1, 2))}
    lowered.build([Step(e, 2, of) for e in (gn, cn) for of in "wb"], values, {})(0.1, 4.0, 1)
    for key, x in expected.items():
        np.testing.assert_array_equal(values[key], x)
    length = math.sqrt(sum(float(((x / 4) ** 2).sum()) for x in expected.values()))
    assert length <= 0.5 * (1 + 1e-12)


# ---------------------------------------------------------------------------------------------- whole steps of training


def after(build: Any, a: Any, r: Recipe, steps: int = 3, seed: int = 1) -> tuple[list[float], np.ndarray]:
    """The costs of a few steps of training by an engine, and everything that training changes."""
    p = problem(a, r, seed=seed)
    step = build(training(a, r), p.values, r.layer_rates)
    costs = []
    for t in range(1, steps + 1):
        p.restore()
        costs.append(step(0.05, p.m, t))
    return costs, np.concatenate([p.parameters.flat, *p.parameters.slots.values()])


def disagreement(a: Any, r: Recipe) -> float:
    """How far the lowered engine is from the reference after three steps, relative to the largest number."""
    (costs, expected), (lowered_costs, found) = after(reference.build, a, r), after(lowered.build, a, r)
    assert np.isfinite(expected).all()
    assert np.isfinite(costs).all()
    np.testing.assert_allclose(lowered_costs, costs, rtol=1e-12 if a.dtype == np.float64 else 1e-4)
    return float(np.abs(found - expected).max() / np.abs(expected).max())


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_three_steps_of_training_are_the_reference_s(hidden: str) -> None:
    """With every activation, cost and optimizer, three lowered steps are the three of the equations, to 1e-12."""
    errors = {}
    for cost in COSTS:
        a = network([3, 4, 2], hidden, cost, output=COSTS[cost].default_output)
        for name, optimizer in OPTIMIZERS.items():
            errors[cost, name] = disagreement(a, Recipe(optimizer))
    assert len(errors) == len(COSTS) * len(OPTIMIZERS)
    assert max(errors.values()) <= 1e-12, max(errors, key=errors.__getitem__)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_three_steps_in_float32_are_the_reference_s(hidden: str) -> None:
    """In float32 three lowered steps are those of the equations to 1e-4.

    The two round differently where the equations keep a part in float64, and Adam divides by roots of small numbers.
    """
    for cost, optimizer in zip(COSTS, OPTIMIZERS.values(), strict=True):
        a = network([3, 4, 2], hidden, cost, output=COSTS[cost].default_output, dtype=np.float32)
        assert disagreement(a, Recipe(optimizer)) <= 1e-4, cost


PINNED = frozenset({Key("w", 2), Key("b", 3)})
RECIPES: dict[str, dict[str, Any]] = {
    "dropout": {"dropout": {1: 0.2, 2: 0.5, 3: 0.3}},
    "noise": {"noise": 0.3},
    "weighted": {"weighted": True},
    "clip_norm": {"clip_norm": 0.05},
    "clip_value": {"clip_value": 0.02},
    "max_norm": {"max_norm": 0.4},
    "pinned": {"pinned": PINNED},
    "frozen": {"frozen": frozenset({3})},
    "layer_rates": {"layer_rates": {2: 0.5, 4: 2.0}},
    "l1": {"penalty": PENALTIES["l1"], "lmbda": 0.5},
    "l2": {"penalty": PENALTIES["l2"], "lmbda": 0.5},
    "elastic": {"penalty": PENALTIES["elastic"], "lmbda": 0.5},
}
RECIPES["everything"] = {k: v for name, options in RECIPES.items() if name != "clip_value" for k, v in options.items()}
NEURONS = {(2, 0): "relu", (2, 3): "sine", (3, 1): "gelu"}


@pytest.mark.parametrize("option", RECIPES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_option_of_a_step_is_the_reference_s(name: str, option: str) -> None:
    """With each option of a recipe, with and without biases and neurons of their own, the engines agree."""
    for biases, neurons, dtype in ((True, None, np.float64), (False, NEURONS, np.float64), (True, NEURONS, np.float32)):
        pinned = {"pinned": frozenset({Key("w", 2)})} if not biases and "pinned" in RECIPES[option] else {}
        r = Recipe(OPTIMIZERS[name], **RECIPES[option] | pinned)
        a = network([3, 4, 3, 2], "tanh", "cross_entropy", biases=biases, neurons=neurons, dtype=dtype)
        assert disagreement(a, r) <= (1e-12 if dtype == np.float64 else 1e-4)


@pytest.mark.parametrize("engine", ENGINES)
def test_options_do_what_they_are_for(engine: str) -> None:
    """Frozen layers and pinned elements keep their values, max-norm bounds the weights, a layer's rate scales its step."""
    a = network([3, 4, 3, 2], "tanh", "cross_entropy")
    r = Recipe(frozen=frozenset({3}), pinned=frozenset({Key("w", 2)}), max_norm=0.7, layer_rates={4: 3.0})
    p, plain = problem(a, r), problem(a, Recipe())
    first = {key: view.copy() for key, view in p.parameters.views.items()}
    ENGINES[engine](training(a, r), p.values, r.layer_rates)(0.1, p.m, 1)
    ENGINES[engine](training(a, plain.r), plain.values, {})(0.1, plain.m, 1)
    now, free = p.parameters.views, p.values[Key("free_w", 2)]
    for key in (Key("w", 3), Key("b", 3)):
        np.testing.assert_array_equal(now[key], first[key])
    np.testing.assert_array_equal(now[Key("w", 2)][free == 0], first[Key("w", 2)][free == 0])
    assert (now[Key("w", 2)][free == 1] != first[Key("w", 2)][free == 1]).all()
    assert np.linalg.norm(now[Key("w", 4)], axis=1).max() <= 0.7 * (1 + 1e-12)
    step = plain.parameters.views[Key("b", 4)] - first[Key("b", 4)]
    np.testing.assert_allclose(now[Key("b", 4)] - first[Key("b", 4)], 3 * step, rtol=1e-12)


def test_program_names_every_equation_in_the_order_of_the_schedule() -> None:
    """The text of the program has a comment for each step, in order, with the equation's name, layer and formula."""
    for options, cost in zip(RECIPES.values(), cycle(COSTS)):
        r = Recipe(OPTIMIZERS["adamw"], **options)
        a = network([3, 4, 3, 2], "gelu", cost, output=COSTS[cost].default_output)
        steps = training(a, r)
        lines = [line.strip() for line in lowered.program(steps, problem(a, r).values, r.layer_rates)[0].splitlines()]
        comments = [line.split() for line in lines if line.startswith("#")]
        # Neighbouring steps with one equation, each for another parameter, may be one step for all of them.
        named = [name for name, _ in groupby(words[1] for words in comments)]
        assert named == [name for name, _ in groupby(s.equation.name for s in steps)]
        assert all(" ".join(words).endswith(EQUATIONS[words[1]].text) for words in comments)
        assert not any(x.startswith("#") and y.startswith("#") for x, y in pairwise(lines))


@pytest.mark.parametrize("hidden", ["softmax", "gelu"])
def test_program_is_the_same_every_time(hidden: str) -> None:
    """One schedule has one program: no name in it depends on where Python happens to keep an object."""
    p = problem(network([2, 3, 2, 2], hidden, "log_likelihood"), Recipe(OPTIMIZERS["adam"], clip_norm=1.0))
    programs = {lowered.program(training(p.a, p.r), p.values, {})[0] for _ in range(20)}
    assert len(programs) == 1


def test_a_name_in_the_program_belongs_to_one_object() -> None:
    """An object that Python makes anew at each look, such as np.add.reduce, never gets the name of another."""
    emitter = Emitter({}, {})
    for f in (np.add, np.maximum, np.minimum, np.multiply) * 50:
        assert emitter.name_of(f.reduce, f"{f.__name__}_reduce") == f"{f.__name__}_reduce"


# --------------------------------------------------------------------------------------------------- users' functions

HALF = np.array([[0.5]])
OWN = {
    "both sides of a condition": lambda z: np.where(z <= 0, np.expm1(np.minimum(z, 0)), z),
    "a condition of two": lambda z: np.where((z > -1) & (z < 1), z * z, abs(z)),
    "a condition of three": lambda z: np.where(~((z > 1) | (z < -1)) & (z != 0.5), np.sin(z), z),
    "logical functions": lambda z: np.where(np.logical_and(z > 0, np.logical_not(z > 1)), z, 0.1 * z),
    "a truth as a number": lambda z: (z > 0) * z + 0.1 * ((z > -1) & (z < 0)) * z,
    "a condition within a condition": lambda z: np.where(np.where(z > 0, z, -z) > 1, np.sign(z), z),
    "infinite bounds": lambda z: np.minimum(np.maximum(z, -np.inf), np.inf) + np.where(z > 9, np.nan, z),
    "numbers of NumPy": lambda z: np.float32(0.5) * z + np.float64(0.25) * z * np.int64(3) + np.sqrt(np.float32(2.0)),
    "an array of one number": lambda z: HALF * z + np.array(2.0) * np.tanh(z),
    "powers": lambda z: z**2 + z**3 / 9 + 2.0 ** (z / 4) + (1 + z * z) ** 0.5 + abs(z) ** 1.5,
    "shared parts": lambda z: np.tanh(z) * np.exp(-np.tanh(z)) + np.exp(-np.tanh(z)) * z,
    "signs": lambda z: -z + +z - (-z) * abs(z) + np.negative(np.square(z)),
    "bounds": lambda z: np.clip(z, -0.5, 0.7) + np.clip(z, None, 0.2),
    "special functions": lambda z: erf(z) + np.logaddexp(z, 0) + np.arctan2(z, 2.0) + np.hypot(z, 1.0),
    "no change at all": lambda z: z,
    "a constant": lambda z: 0 * z + 1,
    "functions that stay calls": lambda z: np.concatenate([z[:1], z[1:]]),
}


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_user_s_function_is_lowered_to_itself(name: str, dtype: Any) -> None:
    """Whatever NumPy operations a user's function is made of, its lowered value and slope are the function's own."""
    sigma, rng = activation(OWN[name]), np.random.default_rng(4)
    z = rng.standard_normal((5, 6)).astype(dtype)
    values = {Key("sigma", 2): sigma, Key("z", 2): z, Key("cost_x", 0): np.zeros((1, 6), dtype)}
    values |= {Key(s, 2): np.full_like(z, 7) for s in ("a", "sigma_prime")}
    lowered.build([Step(fp2, 2), Step(slope, 2)], values, {})(0.1, 6.0, 1)
    tolerance = 1e-14 if dtype == np.float64 else 20 * EPS32
    np.testing.assert_allclose(values[Key("a", 2)], sigma(z), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(values[Key("sigma_prime", 2)], sigma.prime(z, sigma(z)), rtol=tolerance, atol=tolerance)


OWN_COSTS = {
    "a condition": lambda a, y: np.where(a > y, a - y, 0.3 * (y - a)),
    "truths": lambda a, y: (a > y) * (a - y) ** 2 + ((a < y) & (y < 9)) * abs(a - y),
    "a logarithm": lambda a, y: np.logaddexp(a - y, y - a) - np.float32(0.5),
    "one without its target": lambda a, y: a * a,
}


@pytest.mark.parametrize("name", OWN_COSTS)
def test_a_user_s_cost_is_lowered_to_itself(name: str) -> None:
    """Whatever a user's cost is made of, its lowered value and slope are the function's own."""
    c, rng = own_cost(OWN_COSTS[name]), np.random.default_rng(5)
    a, y = rng.standard_normal((2, 4, 6))
    values = {Key("cost", 0): c, Key("a", 3): a, Key("y", 0): y, Key("cost_x", 0): np.ones((1, 6))}
    values[Key("nabla_a", 3)] = np.full_like(a, 7)
    lowered.build([Step(EQUATIONS["C"], 3), Step(EQUATIONS["NA"], 3)], values, {})(0.1, 6.0, 1)
    np.testing.assert_allclose(values[Key("cost_x", 0)], c(a, y).sum(axis=0, keepdims=True), rtol=1e-14)
    np.testing.assert_allclose(values[Key("nabla_a", 3)], c.prime(a, y), rtol=1e-14)


def test_functions_that_cannot_be_run_on_symbols_are_called() -> None:
    """A function outside NumPy's operations, given with its slope, is called by the lowered program as it stands."""
    sigma = activation(np.vectorize(math.tanh), slope=lambda z, a: 1 - a * a)
    a = network([3, 4, 2], sigma)
    assert disagreement(a, Recipe()) <= 1e-12
