"""The network as its user holds it: files, passes, reprs, functions of the user's own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chainrule import ACTIVATIONS, COSTS, ChainruleError, Epoch, ModelFileError, Network, activation

X = np.random.default_rng(1).standard_normal((20, 3))
LABELS = np.arange(20) % 2


def bent(z):
    """An activation of the user's own."""
    return z / np.sqrt(1 + z * z)


def quartic(a, y):
    """A cost of the user's own."""
    return (a - y) ** 4


def many_parts(z):
    """As a tree it would have 2^60 leaves; as a graph it has 180 nodes."""
    for _ in range(60):
        z = (z + z * z) / (1 + z * z) * 0.5
    return z


def many_steps(z):
    """More operations in a row than Python's recursion goes deep."""
    for _ in range(700):
        z = z * 0.999 + 0.0001
    return z


@pytest.mark.parametrize("own", [bent, many_parts, many_steps])
@pytest.mark.parametrize("engine", ["numpy", "reference"])
def test_a_function_of_one_s_own_trains_like_a_built_in_one(own, engine):
    """An ordinary Python function of NumPy operations is an activation; its slope is derived, and the cost falls."""
    net = Network([3, 4, 1], own, quartic, dtype="float64", seed=0)
    history = net.fit(X, LABELS, epochs=30, learning_rate=0.1, engine=engine)
    assert history[-1].cost < history[0].cost


def test_engines_agree_on_a_function_of_one_s_own():
    """The lowered program of a user's activation and cost takes the reference's path to 1e-12."""
    nets = []
    for engine in ("numpy", "reference"):
        net = Network([3, 5, 2], bent, quartic, dtype="float64", seed=0)
        net.fit(X, np.eye(2)[LABELS], epochs=5, engine=engine, optimizer="adam")
        nets.append(net.parameters.flat)
    np.testing.assert_allclose(nets[0], nets[1], rtol=1e-12, atol=1e-13)


def test_a_file_holds_names_and_the_functions_are_given_at_loading(tmp_path):
    """A network with functions of one's own is saved by their names, and loads when they are given; else in words."""
    net = Network([3, 4, 1], bent, quartic, seed=0)
    net.save(tmp_path / "net.safetensors")
    loaded = Network.load(tmp_path / "net.safetensors", functions={"bent": bent, "quartic": quartic})
    assert (loaded.feedforward(X) == net.feedforward(X)).all()
    with pytest.raises(ModelFileError, match=r"'bent', which is not a function of chainrule.*\n.*functions="):
        Network.load(tmp_path / "net.safetensors")


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_every_network_comes_back_from_its_file(hidden, tmp_path):
    """Whatever the activation and cost: saving, loading and saving again gives the same bytes and the same outputs."""
    for cost in COSTS:
        net = Network([3, 4, 3, 2], hidden, cost, output=COSTS[cost].default_output, seed=3)
        net.save(tmp_path / "one.safetensors")
        loaded = Network.load(tmp_path / "one.safetensors")
        loaded.save(tmp_path / "two.safetensors")
        assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()
        assert (loaded.feedforward(X) == net.feedforward(X)).all()
        assert repr(loaded) == repr(net)


def test_neurons_of_their_own_masks_and_frozen_layers_come_back(tmp_path):
    """Per-neuron activations, masks, frozen layers, class labels and bias-free layers survive a file."""
    net = Network([3, 4, 2], "tanh", "cross_entropy", neurons={(2, 1): "relu", (2, 3): "sine"}, biases=False, seed=0)
    net.mask(2, np.arange(12).reshape(4, 3) % 2 == 0)
    net.freeze(3)
    net.classes = ("cat", "dog")
    net.save(tmp_path / "net.safetensors")
    loaded = Network.load(tmp_path / "net.safetensors")
    for each in (net, loaded):
        each.fit(X, LABELS, epochs=2)
    assert loaded.classes == ("cat", "dog")
    assert loaded.parameters.flat.tobytes() == net.parameters.flat.tobytes()


def test_a_cost_that_overflowed_is_kept_as_no_number(tmp_path):
    """JSON has no infinity: a record with one is saved, and comes back as NaN."""
    net = Network([3, 2, 1], seed=0)
    net.history.epochs.append(Epoch(1, math.inf, {"cost": math.nan, "r2": 0.5}))
    net.save(tmp_path / "net.safetensors")
    record = Network.load(tmp_path / "net.safetensors").history[0]
    assert math.isnan(record.cost)
    assert math.isnan(record.metrics["cost"])
    assert record.metrics["r2"] == 0.5


HOSTILE = {
    "os.system as activation": {"activations": ["os.system", "sigmoid"]},
    "a dotted path": {"activations": ["chainrule.activations.ACTIVATIONS", "sigmoid"]},
    "import as cost": {"cost": "__import__"},
    "negative size": {"sizes": [3, -4, 1]},
    "huge sizes": {"sizes": [10**9, 10**9, 1]},
    "sizes of text": {"sizes": ["3", 4, 1]},
    "activations of no layer": {"activations": []},
    "other dtype": {"dtype": "object"},
    "one more word": {"hooks": ["run"]},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_description_is_refused(name, tmp_path):
    """A file whose description names code, or sizes that cannot be, raises ModelFileError and runs nothing."""
    from chainrule.io.tensors import read_tensors, write_tensors

    Network([3, 4, 1], seed=0).save(tmp_path / "net.safetensors")
    tensors, metadata = read_tensors(tmp_path / "net.safetensors")
    metadata["network"] |= HOSTILE[name]
    write_tensors(tmp_path / "bad.safetensors", tensors, metadata)
    with pytest.raises(ModelFileError, match=r"bad\.safetensors"):
        Network.load(tmp_path / "bad.safetensors")


@pytest.mark.parametrize("change", ["missing", "extra", "shape", "dtype"])
def test_tensors_that_do_not_fit_the_description_are_refused(change, tmp_path):
    """Missing, extra, misshapen and mistyped tensors are named."""
    from chainrule.io.tensors import read_tensors, write_tensors

    Network([3, 4, 1], seed=0).save(tmp_path / "net.safetensors")
    tensors, metadata = read_tensors(tmp_path / "net.safetensors")
    changes = {
        "missing": {k: v for k, v in tensors.items() if k != "w.2"},
        "extra": tensors | {"w.9": tensors["w.2"]},
        "shape": tensors | {"w.2": tensors["w.2"].T.copy()},
        "dtype": tensors | {"w.2": tensors["w.2"].astype(np.float64)},
    }
    write_tensors(tmp_path / "bad.safetensors", changes[change], metadata)
    with pytest.raises(ModelFileError, match=r"w\.[29]"):
        Network.load(tmp_path / "bad.safetensors")


def test_a_pass_shows_everything_by_the_book_s_numbering():
    """Every quantity of every layer, the two factors of one dC/dw, and the gradients of single examples."""
    net = Network([3, 4, 2], "tanh", "log_likelihood", dtype="float64", seed=0)
    pass_ = net.backprop(X, LABELS)
    assert list(pass_.a) == [1, 2, 3]
    assert list(pass_.delta) == list(pass_.nabla_w) == [*list(pass_.sigma_prime), 3] == [2, 3]
    a_k, delta_j = pass_.factors(2, 1, 2)
    assert a_k @ delta_j == pytest.approx(pass_.nabla_w[2][1, 2], rel=1e-13)
    nabla_w, nabla_b = pass_.per_example(2)
    np.testing.assert_allclose(nabla_w.sum(axis=0), pass_.nabla_w[2], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(nabla_b.sum(axis=0), pass_.nabla_b[2], rtol=1e-12, atol=1e-14)
    assert repr(pass_) == f"Pass(20 examples through [3, 4, 2]; mean cost {pass_.cost:.6g})"
    with pytest.raises(ChainruleError, match=r"there is no weight \(3, 2, 0\)"):
        pass_.factors(3, 2, 0)
    with pytest.raises(AttributeError, match="it has z, a, sigma_prime"):
        _ = pass_.gradient


def test_the_notebook_s_table_escapes_names():
    """A name with markup is text in the notebook's table."""
    row = activation(bent)
    row = type(row)("<script>", row.value)
    page = Network([2, 3, 1], row, seed=0)._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
