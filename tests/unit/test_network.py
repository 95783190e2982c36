"""The network as its user holds it: files, passes, reprs, functions of the user's own."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest

from chainrule import ACTIVATIONS, COSTS, ChainruleError, Cost, Epoch, ModelFileError, Network, activation

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


@pytest.mark.parametrize("how", ["deepcopy", "pickle", "file"])
def test_a_copy_is_a_network_of_its_own(how, tmp_path):
    """A deep copy trains on as the original would, to the bit, also with another optimizer, and leaves it alone."""
    net = Network([3, 4, 2], "tanh", "log_likelihood", neurons={(2, 1): "sine"}, seed=0)
    net.fit(X, LABELS, epochs=2, optimizer="adam")
    net.save(tmp_path / "net.safetensors")
    twin = {
        "deepcopy": lambda: copy.deepcopy(net),
        "pickle": lambda: pickle.loads(pickle.dumps(net)),
        "file": lambda: Network.load(tmp_path / "net.safetensors"),
    }[how]()
    before = net.parameters.memory.tobytes()
    for optimizer in ("adam", "momentum"):
        twin.fit(X, LABELS, epochs=2, optimizer=optimizer)
    assert net.parameters.memory.tobytes() == before
    for optimizer in ("adam", "momentum"):
        net.fit(X, LABELS, epochs=2, optimizer=optimizer)
    assert net.parameters.memory.tobytes() == twin.parameters.memory.tobytes()
    assert np.shares_memory(twin.weights[0], twin.parameters.flat)


def test_weights_stay_the_network_s_when_the_optimizer_changes():
    """An array from net.weights goes on showing the network's weights, whatever optimizer trains it."""
    net = Network([3, 4, 2], "tanh", "log_likelihood", seed=0)
    w = net.weights[0]
    net.fit(X, LABELS, epochs=1, optimizer="adam")
    assert w is net.weights[0]
    w[0, 0] = 0.25
    assert net.parameters.flat[0] == 0.25
    with pytest.raises(TypeError, match="does not support item assignment"):
        net.weights[0] = w


def test_thousands_of_epochs_fit_into_a_file(tmp_path):
    """The history of a long training is kept whole, and is not limited by the file's header."""
    net = Network([3, 2], "identity", seed=0)
    net.history.epochs += [Epoch(i, 0.5, {"cost": 0.25, "accuracy": 0.5}) for i in range(1, 8001)]
    net.save(tmp_path / "net.safetensors")
    assert Network.load(tmp_path / "net.safetensors").history.epochs == net.history.epochs


def test_functions_that_share_a_name_are_told_apart(tmp_path):
    """A function of one's own with a built-in name is not taken for it; two of one name are refused at saving."""

    def relu(z):
        return np.maximum(z, 0.3 * z)

    net = Network([3, 4, 2], relu, "log_likelihood", seed=0)
    net.save(tmp_path / "net.safetensors")
    with pytest.raises(ModelFileError, match="'relu', which is not a function of chainrule"):
        Network.load(tmp_path / "net.safetensors")
    loaded = Network.load(tmp_path / "net.safetensors", functions={"relu": relu})
    assert (loaded.feedforward(X) == net.feedforward(X)).all()
    two = Network([3, 4, 4, 2], [lambda z: z * z, lambda z: z**3, "softmax"], "log_likelihood", seed=0)
    with pytest.raises(ModelFileError, match="two different functions are named '<lambda>'"):
        two.save(tmp_path / "two.safetensors")


def test_a_small_file_makes_no_large_network(tmp_path):
    """A file of a few bytes whose sizes ask for much memory is refused before memory is taken."""
    import tracemalloc

    from chainrule.io.tensors import read_tensors, write_tensors

    Network([3, 4, 1], seed=0).save(tmp_path / "net.safetensors", training=False)
    tensors, metadata = read_tensors(tmp_path / "net.safetensors")
    metadata["network"]["sizes"] = [12000, 12000, 3]
    write_tensors(tmp_path / "bad.safetensors", tensors, metadata)
    tracemalloc.start()
    with pytest.raises(ModelFileError, match="need 144,"):
        Network.load(tmp_path / "bad.safetensors")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**24


def test_a_history_that_is_none_is_refused(tmp_path):
    """Records whose figures are not numbers are refused at loading, not when they are shown."""
    from chainrule.io.tensors import read_tensors, write_tensors

    net = Network([3, 4, 1], seed=0)
    net.history.epochs.append(Epoch(1, 0.5))
    net.save(tmp_path / "net.safetensors")
    tensors, metadata = read_tensors(tmp_path / "net.safetensors")
    for junk in (b'[{"epoch":"x","cost":"y","metrics":5}]', b"{}", b"[1]", b"not json"):
        tensors["history"] = np.frombuffer(junk, np.uint8)
        write_tensors(tmp_path / "bad.safetensors", tensors, metadata)
        with pytest.raises(ModelFileError):
            Network.load(tmp_path / "bad.safetensors")


@pytest.mark.parametrize("axis", [0, 1, -1, -2, (0, 1)])
def test_a_slope_of_one_s_own_may_sum_along_any_axis(axis):
    """A cost whose slope centres along an axis, however it is named, trains lowered as it does by the equations."""

    def centred(a, y):
        e = a - y
        return e - 0.5 * np.sum(e, axis=axis, keepdims=True)

    nets = []
    for engine in ("numpy", "reference"):
        net = Network([3, 4, 2], "tanh", Cost("centred", lambda a, y: (a - y) ** 2, centred), dtype="float64", seed=0)
        net.fit(X, np.eye(2)[LABELS], epochs=3, engine=engine)
        nets.append(net.parameters.flat)
    np.testing.assert_allclose(nets[0], nets[1], rtol=1e-12, atol=1e-13)
