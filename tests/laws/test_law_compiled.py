"""The law of the compiled engine: the same trajectory as the reference, over every row of every table."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule.activations import ACTIVATIONS, activation, per_neuron
from chainrule.architecture import Architecture, architecture, first_values
from chainrule.costs import COSTS, PENALTIES
from chainrule.distortion import distortion
from chainrule.engine.compiled import build, runner
from chainrule.engine.compiled import program as printing
from chainrule.engine.compiled.products import Plan
from chainrule.engine.compiled.program import program
from chainrule.engine.compiled.scalars import Unprintable
from chainrule.engine.memory import Fixed, Parameters
from chainrule.engine.reference import build as reference
from chainrule.engine.stepper import Source, Stepper
from chainrule.errors import ChainruleWarning
from chainrule.network import Network
from chainrule.notation import Key
from chainrule.optimizers import OPTIMIZERS, optimizer
from chainrule.schedule import Recipe

pytest.importorskip("numba")
M, STEPS = 6, 4
ELEMENTWISE = [name for name, row in ACTIVATIONS.items() if row.elementwise]


@pytest.fixture(autouse=True, scope="module")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Programs are compiled anew in this module, and kept apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINRULE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def network(sizes: list[int], activation: Any, cost: Any, output: Any, dtype: str = "float64", **how: Any) -> Architecture:
    """The description of a network, without the advice that odd combinations draw."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChainruleWarning)
        named = None if isinstance(activation, list) else output
        return architecture(
            sizes, activation, cost, output=named, neurons=None, biases=how.get("biases", True), dtype=dtype
        )


def examples(a: Architecture, n: int = 40, *, weighted: bool = False) -> Source:
    """Inputs, and targets that the cost is defined for."""
    rng = np.random.default_rng(3)
    low, high = (max(a.cost.targets[0], -1.0), min(a.cost.targets[1], 1.0))
    x = rng.normal(0, 0.7, (n, a.neurons(1))).astype(a.dtype)
    y = (low + (high - low) * rng.random((n, a.neurons(a.L)))).astype(a.dtype)
    weight = (rng.random(n) + 0.1).astype(a.dtype) if weighted else None
    return Source(x, y, weight)


def trained(a: Architecture, r: Recipe, source: Source, *, compiled: bool, fixed: Fixed | None = None) -> list[np.ndarray]:
    """Parameters, what the optimizer remembers, costs and sizes after some steps of the second epoch."""
    p = Parameters(a, r.optimizer.slots)
    for key, value in first_values(a, None, 5):
        p.views[key][...] = value
    stepper = Stepper(a, r, p, source, M, 7, reference, fixed or Fixed())
    if compiled:
        stepper.runner = runner.build(stepper)
    order = np.random.default_rng(1).permutation(len(source))
    found = [stepper.run(2, order, range(k, k + 1), np.array([0.05]), 3 + k) for k in range(1, STEPS)]
    return [p.memory, np.array([[t.cost, t.size] for t in found])]


def distance(found: list[np.ndarray], expected: list[np.ndarray]) -> float:
    """The largest difference, of each array relative to its largest element."""
    return max(float(np.abs(x - y).max() / np.abs(y).max()) for x, y in zip(found, expected, strict=True))


def agree(a: Architecture, r: Recipe, fixed: Fixed | None = None, *, bound: float = 1e-12) -> None:
    """The compiled run and the reference end alike."""
    source = examples(a, weighted=r.weighted)
    expected = trained(a, r, source, compiled=False, fixed=fixed)
    assert distance(trained(a, r, source, compiled=True, fixed=fixed), expected) <= bound


@pytest.mark.parametrize("first", range(0, len(ELEMENTWISE), 4))
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_activation_trains_alike(first: int, dtype: str) -> None:
    """Four activations a network, one each layer: the same trajectory, to 1e-12 in float64 and 1e-5 in float32."""
    hidden = ELEMENTWISE[first : first + 4]
    a = network([5, *(7, 3, 9, 4)[: len(hidden)], 3], [*hidden, "identity"], "quadratic", "identity", dtype)
    agree(a, Recipe(), bound=1e-12 if dtype == "float64" else 1e-5)


def test_neurons_with_functions_of_their_own_train_alike() -> None:
    """A layer in which every neuron has another activation."""
    mixed = per_neuron([ACTIVATIONS[name] for name in ELEMENTWISE])
    agree(network([5, len(ELEMENTWISE), 3], [mixed, "tanh"], "quadratic", "tanh"), Recipe())


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("partner", [True, False])
def test_every_cost_trains_alike(cost: str, partner: bool) -> None:
    """With the activation that it matches, and with another; in a network with example weights."""
    row = COSTS[cost]
    output = row.partner if partner else "sigmoid" if row.partner != "sigmoid" else "softmax"
    if not output:
        pytest.skip("no partner")
    agree(network([5, 6, 4], ["tanh", output], cost, output), Recipe(weighted=not partner))


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_optimizer_trains_alike(name: str, dtype: str) -> None:
    """With a penalty and layers that learn at rates of their own."""
    a = network([5, 6, 4, 3], "sigmoid", "cross_entropy", None, dtype)
    r = Recipe(optimizer=OPTIMIZERS[name], penalty=PENALTIES["l2"], lmbda=0.3, layer_rates={3: 0.5})
    agree(a, r, bound=1e-12 if dtype == "float64" else 2e-5)


HELD = Fixed(frozenset({3}), {Key("w", 2): np.arange(30).reshape(6, 5) % 3 == 0})
RECIPES = {
    "plain, no biases": (Recipe(), Fixed()),
    "l1": (Recipe(penalty=PENALTIES["l1"], lmbda=0.3), Fixed()),
    "l2 folded into the product": (Recipe(penalty=PENALTIES["l2"], lmbda=0.3), Fixed()),
    "elastic, momentum": (Recipe(optimizer=OPTIMIZERS["momentum"], penalty=PENALTIES["elastic"], lmbda=0.3), Fixed()),
    "dropout and noise": (Recipe(dropout={1: 0.2, 2: 0.5, 3: 0.4}, noise=0.3), Fixed()),
    "clipped norm": (Recipe(optimizer=OPTIMIZERS["adam"], clip_norm=0.01), Fixed()),
    "clipped values": (Recipe(optimizer=OPTIMIZERS["momentum"], clip_value=0.003), Fixed()),
    "max norm": (Recipe(max_norm=0.4), Fixed()),
    "all at once": (
        Recipe(OPTIMIZERS["adamw"], PENALTIES["l2"], 0.2, {2: 0.3}, 0.1, 0.02, None, 0.6, True, layer_rates={2: 2.0}),
        Fixed(),
    ),
    "distorted pictures": (Recipe(distort=distortion((6, 6), alpha=8, sigma=2)), Fixed()),
    "frozen and held": (Recipe(frozen=HELD.layers, pinned=frozenset(HELD.elements)), HELD),
    "held, adam, max norm": (
        Recipe(OPTIMIZERS["adam"], max_norm=0.4, pinned=frozenset(HELD.elements)), replace(HELD, layers=frozenset())
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_trains_alike(name: str) -> None:
    """Penalties, dropout, noise, bounds, held and frozen parameters; alone and together."""
    r, fixed = RECIPES[name]
    inputs = 36 if r.distort else 5
    agree(
        network([inputs, 6, 4, 3], ["tanh", "sigmoid", "tanh"], "quadratic", "tanh", biases="no biases" not in name),
        r,
        fixed,
    )


@pytest.mark.parametrize("name", sorted(set(RECIPES) - {"plain, no biases", "dropout and noise", "distorted pictures"}))
@pytest.mark.parametrize("in_turn", [False, True])
def test_every_recipe_trains_alike_where_the_work_is_shared_out(
    name: str, in_turn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each update follows its gradient there, part by part, on two threads: those that are theirs, or any."""
    monkeypatch.setattr(printing, "planned", lambda *_: Plan(parts=2, narrow=2, in_turn=in_turn))
    r, fixed = RECIPES[name]
    agree(network([5, 6, 4, 3], ["tanh", "sigmoid", "tanh"], "quadratic", "tanh"), r, fixed)


@pytest.mark.parametrize("sizes", [[1, 1, 1], [17, 33, 2], [100, 31, 64, 1], [49, 50, 51, 52]])
def test_every_shape_trains_alike(sizes: list[int]) -> None:
    """Shapes with something left over at every edge of a tile, in both precisions."""
    for dtype, bound in (("float64", 1e-12), ("float32", 1e-5)):
        agree(network(sizes, "tanh", "quadratic", None, dtype), Recipe(), bound=bound)


def test_every_elementwise_function_trains_alike() -> None:
    """A function of one's own may use whatever has a derivative: each is printed, and computes what NumPy computes."""

    def all_sorts(z: Any) -> Any:
        a = np.abs(z) + 0.5
        found = np.sqrt(a) + np.square(z) * np.reciprocal(a) + np.log2(a) + np.log10(a) + np.cbrt(a) + np.exp2(-a)
        found = found + np.arctan(z) + np.arcsin(z / (1 + a)) + np.sinh(z / (1 + a)) + np.arctan2(z, a) + np.hypot(z, 1)
        return found + np.logaddexp(z, 0) + np.where(np.isfinite(z) & (z > 0.1), z, np.sign(z) * a) + a**1.5 + a**3

    agree(network([5, 6, 3], [activation(all_sorts), "tanh"], "quadratic", "tanh"), Recipe())


def test_a_hidden_softmax_trains_alike() -> None:
    """BPs in the middle of a network."""
    agree(network([5, 6, 4, 3], ["softmax", "tanh", "softmax"], "log_likelihood", "softmax"), Recipe())


def test_what_needs_real_arrays_is_refused_by_name() -> None:
    """A function that cannot be run on symbols has no program; the message says where."""
    from chainrule.activations import Activation

    own = Activation("sorted", lambda z: np.take(np.asarray(z, float), 0), lambda z, a: z)
    a = network([3, 4, 2], "tanh", "quadratic", None)
    a = replace(a, activations=(own, a.activations[1]))
    with pytest.raises(Unprintable, match="layer 2"):
        trained(a, Recipe(), examples(a), compiled=True)


def test_the_same_program_is_loaded_from_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged file is compiled again, and never run."""
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path))
    a = network([3, 5, 2], "tanh", "quadratic", None)
    agree(a, Recipe())
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:200])
    build.loaded.cache_clear()
    build.address.cache_clear()
    agree(a, Recipe())
    assert len(kept.read_bytes()) > 200


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_another_strength_of_the_same_form_is_the_same_program(name: str) -> None:
    """Penalty, rates, bounds, dropout, number of examples: numbers that a program is given, so a search compiles once."""
    net = Network([6, 5, 3], "relu", seed=0)
    kind = net.architecture.dtype
    source = Source(np.zeros((90, 6), kind), np.zeros((90, 3), kind))
    texts = set()
    for share in (0.1, 0.7):
        rule = optimizer(name, **dict.fromkeys(OPTIMIZERS[name].rates, share))
        recipe = Recipe(optimizer=rule, lmbda=share, dropout={2: share}, clip_norm=share, layer_rates={3: share})
        texts.add(program(net.architecture, recipe, 10, int(1000 * share), source).text)
    assert len(texts) == 1
