"""The law of the array engine: under JAX, a training goes where the equations take it."""

from __future__ import annotations

import math
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from law_helpers import desired, network

from chainrule.activations import ACTIVATIONS, Activation
from chainrule.activations import activation as own_activation
from chainrule.algebra.special import erf
from chainrule.architecture import Architecture
from chainrule.costs import COSTS, PENALTIES
from chainrule.costs import cost as own_cost
from chainrule.engine import array, reference
from chainrule.engine.memory import Fixed, Parameters
from chainrule.engine.stepper import Source, Stepper
from chainrule.errors import ConfigError, ResourceError
from chainrule.notation import Key
from chainrule.optimizers import OPTIMIZERS
from chainrule.schedule import Recipe

jax = pytest.importorskip("jax")

N, M, STEPS = 20, 4, 5
ORDER = np.random.default_rng(3).permutation(N)
PINNED = {Key("w", 2): np.arange(12).reshape(4, 3) % 3 == 0, Key("b", 3): np.arange(3).reshape(3, 1) == 1}
OPTIONS: dict[str, dict[str, Any]] = {
    "dropout": {"dropout": {1: 0.2, 2: 0.5, 3: 0.3}},
    "noise": {"noise": 0.3},
    "weighted": {"weighted": True},
    "clip_norm": {"clip_norm": 0.05},
    "clip_value": {"clip_value": 0.02},
    "max_norm": {"max_norm": 0.4},
    "pinned": {"pinned": frozenset(PINNED)},
    "frozen": {"frozen": frozenset({3})},
    "layer_rates": {"layer_rates": {2: 0.5, 4: 2.0}},
    **{name: {"penalty": row, "lmbda": 0.5} for name, row in PENALTIES.items()},
}
OPTIONS["everything"] = {k: v for name, options in OPTIONS.items() if name != "clip_value" for k, v in options.items()}


def stepper(a: Architecture, r: Recipe, *, weight: Any = None) -> Stepper:
    """A training at its beginning; the same numbers each time."""
    rng = np.random.default_rng(0)
    p = Parameters(a, r.optimizer.slots)
    for (of, l), view in p.views.items():
        view[...] = rng.standard_normal(view.shape) * (0.4 if of == "b" else 0.8 / math.sqrt(a.neurons(l - 1)))
    x = rng.standard_normal((N, a.neurons(1))).astype(a.dtype)
    y = np.ascontiguousarray(desired(a, rng, N).T.astype(a.dtype))
    if weight is None and r.weighted:
        weight = (rng.random(N) + 0.5).astype(a.dtype)
    fixed = Fixed(r.frozen, {key: where for key, where in PINNED.items() if key in r.pinned})
    return Stepper(a, r, p, Source(x, y, weight), M, 7, reference.build, fixed)


def eta(step: int) -> float:
    """A learning rate that changes."""
    return 0.05 / (1 + step)


def by_the_equations(s: Stepper, first: int, stop: int, epoch: int = 2, done: int = 10) -> tuple[Any, Any]:
    """The cost and the size of each of these steps, done by the reference."""
    found = [s.run(epoch, ORDER, range(k, k + 1), np.array([eta(k)]), done + k) for k in range(first, stop)]
    return np.array([t.cost for t in found]), np.array([t.size for t in found])


def by_jax(run: Any, first: int, stop: int, epoch: int = 2, done: int = 10) -> tuple[Any, Any]:
    """The same steps, done by a runner."""
    steps = range(first, stop)
    return run(epoch, ORDER.reshape(-1, M)[first:stop], first, np.array([eta(k) for k in steps]), done + first)


def distance(x: Stepper, y: Stepper) -> float:
    """The largest difference of parameters and slots, relative to the largest number of each kind."""
    mine, other = x.parameters.memory, y.parameters.memory
    return float((np.abs(mine - other).max(1) / np.maximum(np.abs(other).max(1), 1e-300)).max())


def assert_same_trajectory(a: Architecture, r: Recipe) -> None:
    """One step, then four in one call, are those of the reference: in float64 to 1e-12 and 1e-10, in float32 to 1e-5.

    In float32 both round differently where the equations keep a part in float64, and Adam divides by small numbers.
    """
    expected, found = stepper(a, r), stepper(a, r)
    run = array.build(found)
    for first, stop, double in ((0, 1, 1e-12), (1, STEPS, 1e-10)):
        bound = double if a.dtype == np.float64 else 1e-5
        cost, size = by_the_equations(expected, first, stop)
        their_cost, their_size = by_jax(run, first, stop)
        np.testing.assert_allclose(their_cost, cost, rtol=bound)
        np.testing.assert_allclose(their_size, size, rtol=1e-15)
        assert np.isfinite(expected.parameters.memory).all()
        assert distance(found, expected) <= bound


# ----------------------------------------------------------------------------------------------------- trajectories

NAMES = list(ACTIVATIONS)
STACKS = [NAMES[i : i + 6] for i in range(0, len(NAMES), 6)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("hidden", STACKS, ids="-".join)
def test_every_activation(hidden: list[str], dtype: Any) -> None:
    """Layers of every activation learn under JAX as the equations say."""
    a = network([3, *range(4, 4 + len(hidden)), 2], [*hidden, "sigmoid"], "cross_entropy", dtype=dtype)
    assert_same_trajectory(a, Recipe(OPTIMIZERS["momentum"]))


@pytest.mark.parametrize(("cost", "optimizer"), list(zip(COSTS, OPTIMIZERS, strict=True)))
def test_every_cost_and_optimizer(cost: str, optimizer: str) -> None:
    """Every cost, with its partner and without, and every optimizer step under JAX as the equations say."""
    partner = COSTS[cost].partner or COSTS[cost].default_output
    other = "softplus" if partner != "sigmoid" else "softmax"
    for output, dtype in ((partner, np.float64), (other, np.float64), (partner, np.float32)):
        a = network([3, 4, 2], "tanh", cost, output=output, dtype=dtype)
        assert_same_trajectory(a, Recipe(OPTIMIZERS[optimizer]))


@pytest.mark.parametrize(("option", "optimizer"), list(zip(OPTIONS, cycle(OPTIMIZERS))))
def test_every_option_of_a_step(option: str, optimizer: str) -> None:
    """With each option of a recipe, training under JAX is that of the equations."""
    a = network([3, 4, 3, 2], "tanh", "cross_entropy", biases=option != "max_norm")
    assert_same_trajectory(a, Recipe(OPTIMIZERS[optimizer], **OPTIONS[option]))


def test_everything_in_float32() -> None:
    """All options together, in single precision."""
    a = network([3, 4, 3, 2], "gelu", "cross_entropy", dtype=np.float32)
    assert_same_trajectory(a, Recipe(OPTIMIZERS["adamw"], **OPTIONS["everything"]))


# --------------------------------------------------------------------------------------------------- users' functions

OWN = {
    "truths": lambda z: np.where((z > -1) & ~(z > 1), z * z, abs(z)) + (z > 0) * z,
    "numbers of NumPy": lambda z: np.float64(0.25) * z * np.int64(3) + np.sqrt(np.float32(2.0)) * np.array(2.0) * z,
    "special functions": lambda z: erf(z) + np.logaddexp(z, 0) + np.arctan2(z, 2.0) + np.clip(z, -0.5, 0.7),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_functions_of_one_s_own(dtype: Any) -> None:
    """A user's functions run under JAX as they are, and so do the slopes that dual numbers find."""
    cost = own_cost(lambda a, y: np.where(a > y, a - y, 0.3 * (y - a)))
    assert_same_trajectory(network([3, 4, 3, 4, 2], [*OWN.values(), "identity"], cost, dtype=dtype), Recipe())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_neuron_its_own(dtype: Any) -> None:
    """Neurons of one layer may have different activations, also those whose slope is a single number or a truth."""
    neurons = {(2, 0): "relu", (2, 2): "identity", (2, 3): OWN["truths"], (3, 1): "gelu", (4, 0): "identity"}
    a = network([3, 4, 3, 2], "tanh", "quadratic", neurons=neurons, dtype=dtype)
    assert_same_trajectory(a, Recipe())


def test_slopes_that_are_one_number() -> None:
    """A cost and an output whose slopes do not depend on anything have an error for every neuron and example."""
    cost = own_cost(lambda a, y: a, slope=lambda a, y: 1.0)
    assert_same_trajectory(network([3, 4, 2], ["tanh", "identity"], cost), Recipe())


SLOPE_1 = {"slope": lambda z, a: 1 - a * a}
REFUSED = {
    "math.tanh": own_activation(np.vectorize(math.tanh), **SLOPE_1),
    "an if": Activation("an if", lambda z: np.tanh(z) if (z < 100).all() else z, **SLOPE_1),
    "a loop": Activation("a loop", lambda z: np.linalg.multi_dot([np.eye(len(z)), np.tanh(z)]), **SLOPE_1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_functions_that_jax_cannot_run_are_refused(name: str) -> None:
    """The message names the equation, the layer and the function, and the way out."""
    run = array.build(stepper(network([3, 4, 2], REFUSED[name]), Recipe()))
    with pytest.raises(ConfigError, match=r"(?s)FP2 at layer 2 cannot run on JAX with .*NumPy operations.*engine='numpy'"):
        by_jax(run, 0, 1)


# ------------------------------------------------------------------------------------------------------ the runner

SMALL = network([3, 4, 2], "tanh", "cross_entropy")


def test_where_a_stretch_ends_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps in one call, in several, or in several blocks of a call end with the same bits."""
    r = Recipe(OPTIMIZERS["adam"], dropout={2: 0.5}, noise=0.1)
    whole, pieces, blocks = (stepper(SMALL, r) for _ in range(3))
    cost, _ = by_jax(array.build(whole), 0, STEPS)
    run = array.build(pieces)
    np.testing.assert_array_equal(np.concatenate([by_jax(run, *ends)[0] for ends in ((0, 1), (1, 4), (4, 5))]), cost)
    monkeypatch.setattr(array, "BLOCK", 2)
    np.testing.assert_array_equal(by_jax(array.build(blocks), 0, STEPS)[0], cost)
    for other in (pieces, blocks):
        np.testing.assert_array_equal(other.parameters.memory, whole.parameters.memory)


def test_a_batch_size_is_compiled_once() -> None:
    """The functions run in Python when a batch size first comes; after that any number of steps runs what was compiled."""
    calls = []
    sigma = Activation("counted", lambda z: calls.append(1) or np.tanh(z), lambda z, a: 1 - a * a)
    run = array.build(stepper(network([3, 4, 2], [sigma, "tanh"]), Recipe()))
    by_jax(run, 0, 1)
    before = len(calls)
    by_jax(run, 1, 3)
    by_jax(run, 3, STEPS)
    assert len(calls) == before > 0


def test_masks_and_noise_that_take_much_memory_come_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little is drawn at a time, at least one mini-batch is, and the numbers are the same."""
    monkeypatch.setattr(array, "MOST_DRAWN", 1)
    assert_same_trajectory(SMALL, Recipe(dropout={2: 0.5}, noise=0.1))


def test_a_mini_batch_may_be_short() -> None:
    """The last mini-batch of an epoch, of fewer examples, is divided by its own size."""
    expected, found = stepper(SMALL, Recipe()), stepper(SMALL, Recipe())
    t = expected.run(1, ORDER[:11], range(3), np.full(3, 0.1), 0)
    run = array.build(found)
    first, _ = run(1, ORDER[:8].reshape(2, 4), 0, np.full(2, 0.1), 0)
    last, size = run(1, ORDER[None, 8:11], 2, np.full(1, 0.1), 2)
    assert size.tolist() == [3.0]
    assert math.isclose(first.sum() + last.sum(), t.cost, rel_tol=1e-12)
    assert distance(found, expected) <= 1e-12


def test_numbers_set_between_calls_are_taken_up() -> None:
    """Parameters and slots that are put back between two calls are the ones that the next call starts from."""
    s = stepper(SMALL, Recipe(OPTIMIZERS["adam"]))
    run, before = array.build(s), s.parameters.memory
    cost, _ = by_jax(run, 0, STEPS)
    after = s.parameters.memory
    s.parameters.restore(before)
    np.testing.assert_array_equal(by_jax(run, 0, STEPS)[0], cost)
    np.testing.assert_array_equal(s.parameters.memory, after)


def test_examples_without_weight_change_nothing() -> None:
    """A mini-batch whose weights sum to 0 costs 0, has size 0, and leaves parameters and slots as they are."""
    weight = np.ones(N)
    weight[ORDER[M : 2 * M]] = 0
    r = Recipe(OPTIMIZERS["adam"], weighted=True)
    expected, found = stepper(SMALL, r, weight=weight), stepper(SMALL, r, weight=weight)
    run = array.build(found)
    by_jax(run, 0, 1)
    before = found.parameters.memory
    cost, size = by_jax(run, 1, 2)
    assert (cost.tolist(), size.tolist()) == ([0.0], [0.0])
    np.testing.assert_array_equal(found.parameters.memory, before)
    by_jax(run, 2, STEPS)
    by_the_equations(expected, 0, STEPS)
    assert distance(found, expected) <= 1e-10


def test_weights_that_are_not_given_are_1() -> None:
    """A recipe with weights and a source without them weigh every example alike."""
    weighted, plain = stepper(SMALL, Recipe(weighted=True)), stepper(SMALL, Recipe())
    for s in (weighted, plain):
        object.__setattr__(s, "source", Source(s.source.x, s.source.y))
        by_jax(array.build(s), 0, STEPS)
    assert distance(weighted, plain) <= 1e-12


def test_the_first_cost_that_is_not_finite_is_the_last() -> None:
    """The runner stops after the step whose cost is not finite, and gives the costs up to it."""
    s = stepper(SMALL, Recipe())
    s.source.x[ORDER[2 * M]] = np.nan
    cost, size = by_jax(array.build(s), 0, STEPS)
    assert np.isfinite(cost).tolist() == [True, True, False]
    assert size.tolist() == [4.0, 4.0, 4.0]


def test_no_steps_are_no_costs() -> None:
    """A stretch of no steps gives nothing and changes nothing."""
    s = stepper(SMALL, Recipe())
    before = s.parameters.memory
    assert [len(x) for x in by_jax(array.build(s), 0, 0)] == [0, 0]
    np.testing.assert_array_equal(s.parameters.memory, before)


def test_jax_s_own_settings_stay() -> None:
    """Outside the engine, JAX computes in the precision that its user has set."""
    before = jax.config.jax_enable_x64, jax.config.jax_default_matmul_precision
    by_jax(array.build(stepper(SMALL, Recipe())), 0, 1)
    assert (jax.config.jax_enable_x64, jax.config.jax_default_matmul_precision) == before
    assert jax.numpy.asarray(1.5).dtype == (np.float64 if before[0] else np.float32)


def test_too_little_memory_is_said_in_words() -> None:
    """Examples that the device cannot hold are a ResourceError that says what would help."""
    s = stepper(SMALL, Recipe())
    x = np.broadcast_to(s.source.x[:1], (2**44, 3))
    with pytest.raises(ResourceError, match=r"(?s)has not enough memory.*engine='numpy'"):
        array.build(Stepper(s.a, s.recipe, s.parameters, Source(x, s.source.y), M, 7, reference.build))
