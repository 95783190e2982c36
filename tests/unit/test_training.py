"""Training: what it promises of its trajectory, its stops and its failures."""

from __future__ import annotations

import time

import numpy as np
import pytest
from training_helpers import net, spirals

from chainrule import OPTIMIZERS, RATES, ConfigError, Network, optimizer, rate_schedule

HOW = {"batch_size": 32, "learning_rate": 0.01, "dropout": 0.2, "lmbda": 0.1}


@pytest.mark.parametrize("engine", ["reference", "numpy"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_one_epoch_k_times_is_k_epochs_to_the_bit(name, engine):
    """fit(1) three times and fit(3) once end with the same bits, for every optimizer (E8 of scikit-learn's is not ours)."""
    x, y = spirals()
    once, often = net(), net()
    once.fit(x, y, epochs=3, optimizer=name, engine=engine, **HOW)
    for _ in range(3):
        often.fit(x, y, epochs=1, optimizer=name, engine=engine, **HOW)
    assert once.parameters.memory.tobytes() == often.parameters.memory.tobytes()
    assert once.history.column("cost") == often.history.column("cost")


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_saved_training_goes_on_to_the_bit(name, tmp_path):
    """A network saved after one epoch and loaded trains on exactly as the one that stayed in memory."""
    x, y = spirals()
    stayed = net()
    stayed.fit(x, y, epochs=1, optimizer=name, **HOW)
    stayed.save(tmp_path / "net.safetensors")
    loaded = Network.load(tmp_path / "net.safetensors")
    for each in (stayed, loaded):
        each.fit(x, y, epochs=2, optimizer=name, **HOW)
    assert stayed.parameters.memory.tobytes() == loaded.parameters.memory.tobytes()


@pytest.mark.parametrize("schedule", RATES)
def test_every_schedule_trains(schedule):
    """Every row of the table of learning-rate schedules drives a training; only 'halve' needs a validation set."""
    x, y = spirals()
    trained = net()
    history = trained.fit(x, y, epochs=4, schedule=schedule, validation=0.2, **HOW)
    assert len(history) == 4
    assert all(0 <= eta <= 0.01 for eta in history.column("eta"))


def test_the_last_short_batch_is_divided_by_its_own_size():
    """25 examples in batches of 10 make three updates, the third with eta/5."""
    rng = np.random.default_rng(0)
    x, y = rng.random((25, 2)), rng.random((25, 1))
    trained = Network([2, 3, 1], dtype="float64", seed=4)
    by_hand = Network([2, 3, 1], dtype="float64", seed=4)
    trained.fit(x, y, epochs=1, batch_size=10, learning_rate=0.7)
    from chainrule.randomness import shuffled

    order = shuffled(4, 1, 25)
    for part in (order[:10], order[10:20], order[20:]):
        pass_ = by_hand.backprop(x[part], y[part])
        by_hand.weights = [w - 0.7 / len(part) * pass_.nabla_w[l] for l, w in enumerate(by_hand.weights, 2)]
        by_hand.biases = [b - 0.7 / len(part) * pass_.nabla_b[l] for l, b in enumerate(by_hand.biases, 2)]
    assert trained.state.updates == 3
    np.testing.assert_allclose(trained.parameters.flat, by_hand.parameters.flat, rtol=1e-13)


def test_weights_of_examples_are_repetitions():
    """Training with integer example weights in one full batch equals training on the rows so often repeated."""
    x, y = spirals(30)
    weight = np.arange(30) % 3
    weighted, repeated = net(dtype="float64"), net(dtype="float64")
    weighted.fit(x, y, epochs=5, batch_size=30, sample_weight=weight)
    rows = np.repeat(np.arange(30), weight)
    repeated.fit(x[rows], y[rows], epochs=5, batch_size=len(rows))
    np.testing.assert_allclose(weighted.parameters.flat, repeated.parameters.flat, rtol=1e-11)


def test_class_weights_are_example_weights():
    """class_weight gives every example the weight of its class; balanced weights sum to n."""
    x, y = spirals(30)
    by_class, by_example = net(), net()
    by_class.fit(x, y, epochs=2, class_weight={0: 2.0, 2: 0.5})
    by_example.fit(x, y, epochs=2, sample_weight=np.array([2.0, 1.0, 0.5])[y])
    assert by_class.parameters.flat.tobytes() == by_example.parameters.flat.tobytes()


def test_a_batch_of_zero_weight_changes_nothing():
    """Mini-batches whose weights are all 0 leave the parameters alone instead of dividing by 0."""
    x, y = spirals(30)
    weight = np.zeros(30)
    weight[0] = 1
    trained = net()
    trained.fit(x, y, epochs=1, batch_size=1, sample_weight=weight)
    assert np.isfinite(trained.parameters.flat).all()


def test_layers_with_rate_0_and_frozen_layers_stay():
    """A frozen layer and a layer of rate 0 keep their parameters; the others learn."""
    x, y = spirals()
    for how, freeze in (({"layer_rates": {2: 0.0}}, False), ({}, True)):
        trained, fresh = net(), net()
        if freeze:
            trained.freeze(2)
        trained.fit(x, y, epochs=2, learning_rate=0.1, **how)
        assert (trained.weights[0] == fresh.weights[0]).all()
        assert (trained.weights[1] != fresh.weights[1]).any()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_masked_weights_stay_0_and_held_ones_stay(name):
    """Cut connections stay 0 and held weights keep their value, whatever the optimizer, penalty and decay."""
    x, y = spirals()
    trained = net()
    keep = np.ones((8, 2), bool)
    keep[::2, 0] = False
    trained.mask(2, keep)
    where = np.zeros((3, 8), bool)
    where[1] = True
    trained.hold(3, where)
    before = trained.weights[1][1].copy()
    trained.fit(x, y, epochs=3, optimizer=name, lmbda=1.0, penalty="elastic", learning_rate=0.01)
    assert (trained.weights[0][~keep] == 0).all()
    assert (trained.weights[0][keep] != 0).all()
    assert (trained.weights[1][1] == before).all()


def test_max_norm_bounds_every_neuron():
    """After training with max_norm no neuron's incoming weights are longer than the bound."""
    x, y = spirals()
    trained = net()
    trained.fit(x, y, epochs=3, learning_rate=1.0, max_norm=0.8)
    for w in trained.weights:
        assert (np.sqrt((w**2).sum(axis=1)) <= 0.8 * (1 + 1e-6)).all()


def test_early_stopping_gives_the_best_weights_back():
    """The network ends with the weights of its best epoch, not of its last (E4 of the book's program is not ours)."""
    x, y = spirals(60)
    trained = net()
    history = trained.fit(
        x, y, validation=spirals(30, seed=9), epochs=200, early_stopping=5, monitor="cost", learning_rate=2.0, batch_size=8
    )
    costs = history.column("cost")
    best = min(e.metrics["cost"] for e in history)
    assert len(costs) < 200
    assert "no better cost in 5 epochs" in history.stopped
    assert trained.evaluate(*spirals(30, seed=9)).cost == pytest.approx(best, abs=1e-7)


def test_a_validation_share_holds_every_class_alike():
    """A share of the training set is held out by the seed, with equal shares of each class, and is not trained on."""
    from chainrule.train.training import held_out

    y = np.eye(3)[np.arange(300) % 3]
    held = held_out(y, 0.2, seed=5, by_class=True)
    assert y[held].sum(axis=0).tolist() == [20, 20, 20]
    assert (held == held_out(y, 0.2, seed=5, by_class=True)).all()
    assert (held != held_out(y, 0.2, seed=6, by_class=True)).any()


def test_halve_until_a_128th_makes_seven_halvings():
    """'Halve when there is no improvement in 2 epochs, stop at 1/128' halves exactly seven times."""
    x, y = spirals(30)
    trained = net()
    history = trained.fit(
        x, y, validation=(x, (y + 1) % 3), epochs=500, schedule=rate_schedule("halve", patience=2), learning_rate=0.5
    )
    assert trained.state.halvings == 7
    assert "halved 7 times" in history.stopped


def test_numpy_s_global_generator_is_left_alone():
    """Training draws nothing from numpy.random's global state and does not seed it."""
    x, y = spirals()
    np.random.seed(0)  # noqa: NPY002  it is this that is looked at
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    net().fit(x, y, epochs=1, dropout=0.5, noise=0.1, validation=0.1)
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002


def test_inputs_are_never_changed():
    """fit, evaluate and predict leave the user's arrays as they were, read-only ones too."""
    x, y = spirals()
    x.flags.writeable = y.flags.writeable = False
    trained = net(dtype="float64")
    trained.fit(x, y, epochs=1, noise=0.1, dropout={1: 0.1})
    trained.evaluate(x, y)
    trained.predict(x)
    assert (x == spirals()[0]).all()


@pytest.mark.parametrize("layout", ["fortran", "reversed", "strided", "big-endian", "broadcast"])
def test_the_memory_layout_of_x_does_not_matter(layout):
    """Fortran order, negative and zero strides, gaps and foreign byte order give the same network."""
    x, y = spirals(30)
    if layout == "broadcast":
        x = np.broadcast_to(x[:, :1], (30, 2))
    variant = {
        "fortran": np.asfortranarray(x),
        "reversed": x[::-1].copy()[::-1],
        "strided": np.repeat(np.repeat(x, 2, 0), 3, 1)[::2, ::3],
        "big-endian": x.astype(">f8"),
        "broadcast": x,
    }[layout]
    plain, other = net(), net()
    plain.fit(np.array(x), y, epochs=1)
    other.fit(variant, y, epochs=1)
    assert plain.parameters.flat.tobytes() == other.parameters.flat.tobytes()


def test_zero_epochs_leave_an_untrained_network():
    """epochs=0 is allowed, and changes nothing."""
    trained = net()
    assert len(trained.fit(*spirals(), epochs=0)) == 0
    assert (trained.parameters.flat == net().parameters.flat).all()


def test_a_change_of_optimizer_starts_its_memory_anew():
    """Going on with another optimizer keeps the weights and forgets the old one's moments."""
    x, y = spirals()
    trained = net()
    trained.fit(x, y, epochs=1, optimizer="adam")
    trained.fit(x, y, epochs=1, optimizer=optimizer("momentum", mu=0.5))
    assert list(trained.parameters.slots) == ["v"]
    assert trained.state.epoch == 2


def test_early_stopping_without_validation_is_refused():
    """Early stopping needs something to look at; the message says how to give it."""
    with pytest.raises(ConfigError, match=r"validation=0\.1"):
        net().fit(*spirals(), early_stopping=3)


def test_lbfgs_minimises_the_whole_set():
    """Full-batch L-BFGS reaches a lower cost than it started from, with its penalty, and says why it stopped."""
    pytest.importorskip("scipy")
    x, y = spirals()
    trained = net(dtype="float64")
    before = trained.evaluate(x, y, lmbda=0.01).cost
    history = trained.fit(x, y, optimizer="lbfgs", epochs=200, lmbda=0.01)
    assert history[-1].cost < before / 5
    assert trained.evaluate(x, y, lmbda=0.01).cost == pytest.approx(history[-1].cost, rel=1e-9)
    assert history.stopped


def test_an_epoch_takes_wall_time():
    """The record's seconds are measured around the epoch's steps."""
    x, y = spirals()
    begun = time.perf_counter()
    history = net().fit(x, y, epochs=1)
    assert 0 < history[0].seconds <= time.perf_counter() - begun


def test_hinge_takes_0_and_1_as_its_two_sides():
    """With one output the hinge cost takes labels 0 and 1 as -1 and 1, and a prediction is 1 above 0."""
    x, y = spirals()
    y = (y > 0).astype(int)
    zero_one, sides = (Network([2, 8, 1], "tanh", "hinge", seed=1) for _ in range(2))
    zero_one.fit(x, y, epochs=3)
    sides.fit(x, 2 * y - 1, epochs=3)
    assert zero_one.parameters.flat.tobytes() == sides.parameters.flat.tobytes()
    assert (zero_one.predict(x) == (zero_one.feedforward(x)[:, 0] > 0)).all()
    assert zero_one.evaluate(x, y).accuracy == np.mean(zero_one.predict(x) == y)


def test_a_monitor_that_is_not_measured_is_refused_before_training():
    """Accuracy of a regression cannot be watched; the message lists what can, and nothing has been trained."""
    x, y = spirals()
    trained = Network([2, 3, 1], "tanh", seed=0)
    with pytest.raises(ConfigError, match="what is measured of this network is: cost, r2, mean_absolute_error"):
        trained.fit(x, y / 3, validation=0.2, monitor="accuracy")
    assert trained.state.epoch == 0
