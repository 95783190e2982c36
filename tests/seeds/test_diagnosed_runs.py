"""Runs that the cited works show as bad, each with its diagnosis; those at full size are smaller here."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Network, diagnose
from chainrule.data import mnist

SEEDS = range(20, 25)  # others than those that the bounds were chosen on
CE = {"cost": "cross_entropy"}


@pytest.fixture(scope="module")
def data():
    """Training images, and 1,000 for validation."""
    found = mnist(validation=10_000)
    return found.train.x, found.train.y, (found.validation.x[:1000], found.validation.y[:1000])


def digit_run(data, sizes, n, *, network, **how):
    """The diagnosis of a network trained on the first n images."""
    x, y, validation = data
    net = Network(sizes, seed=SEEDS[0], **network)
    net.fit(x[:n], y[:n], batch_size=10, validation=validation, **how)
    return diagnose(net, x[:n], y[:n], validation=validation, batch_size=10, **how)


# ---------------------------------------------------------------------------------------------------------- one neuron


def neuron(w, b):
    """The diagnosis of a single sigmoid neuron with the quadratic cost, which is to learn to say 0."""
    return diagnose(Network([1, 1], output="sigmoid", initial=([[[w]]], [[b]])), [[1.0]], [[0.0]], learning_rate=0.15)


def test_the_neuron_that_is_sure_and_wrong_is_slowed_down():
    """Nielsen, chapter 3, w = b = 2: dC/da is 0.982, delta 0.0173; w = 0.6, b = 0.9 learns at once, and has no finding."""
    found = neuron(2.0, 2.0)
    assert [f.id for f in found] == ["slowed"]
    assert found[0].equation == "BP1"
    slope = 0.9820138 * (1 - 0.9820138)
    assert found[0].number == pytest.approx(1 / slope, rel=1e-5)
    assert "0.982" in found[0].sentence
    assert "0.0173" in found[0].sentence
    assert not neuron(0.6, 0.9)


# ------------------------------------------------------------------------------------------------------ first weights


@pytest.mark.parametrize("seed", SEEDS)
def test_wide_first_weights_are_told_by_the_published_numbers(seed):
    """Nielsen, chapter 3: 1,000 inputs, 500 of them 1: sd(z) is 22.38 with N(0,1), 1.2247 with 1/sqrt(n)."""
    x, y = np.repeat([[1.0, 0.0]], 500, axis=1), [0]
    found = diagnose(Network([1000, 300, 2], seed=seed, initial="large", **CE), x, y)
    assert found[0].id == "wide_start"
    assert found[0].layer == 2
    assert found[0].number == pytest.approx(22.38, rel=0.17)  # four standard errors of 300 draws
    assert found[0].usual == pytest.approx(1.2247, rel=0.1)  # its biases are 300 draws, too
    assert "22.3" in found[0].sentence or "22.4" in found[0].sentence
    assert not diagnose(Network([1000, 300, 2], seed=seed, initial="small", **CE), x, y)


# --------------------------------------------------------------------------------------------------- vanishing errors


def ratios(hidden, x, y):
    """The first finding's number for networks of so many hidden layers; each must be vanishing errors."""
    found = [diagnose(Network([784, *[30] * hidden, 10], seed=seed, **CE), x, y)[0] for seed in SEEDS]
    assert {f.id for f in found} == {"vanishing"}
    assert {f.equation for f in found} == {"BP2"}
    return [f.number for f in found]


@pytest.mark.parametrize(("hidden", "low", "high"), [(2, 3.6, 6.2), (3, 16.8, 37.5), (4, 73, 188)])
def test_deep_sigmoid_networks_have_vanishing_errors(hidden, low, high, data):
    """Nielsen, chapter 5: the last hidden layer learns 4.7, 23.9, 95.8 times as fast as the first (seeds: low to high)."""
    found = ratios(hidden, data[0][:1000], data[1][:1000])
    assert low <= np.median(found) <= high
    assert all(0.8 * low <= ratio <= 1.25 * high for ratio in found)


@pytest.mark.parametrize(("hidden", "published"), [(2, 0.281 / 0.0574), (3, 0.3003 / 0.012), (4, 0.2796 / 0.0023)])
def test_the_same_without_the_images(hidden, published):
    """19 % of the pixels on and random labels give the published ratios of medians, within what five seeds allow."""
    rng = np.random.default_rng(0)
    x, y = (rng.random((1000, 784)) < 0.19).astype(np.float64), rng.integers(0, 10, 1000)
    assert np.median(ratios(hidden, x, y)) == pytest.approx(published, rel=0.45)


def test_the_factor_is_that_of_weights_times_slopes(data):
    """The factor that is told for each layer is the product of its two causes, and its power the ratio of the errors."""
    net = Network([784, 30, 30, 30, 10], seed=SEEDS[0], dtype="float64", **CE)
    found = diagnose(net, data[0][:500], data[1][:500])[0]
    p = net.backprop(data[0][:500], data[1][:500])
    factor = (np.linalg.norm(p.delta[2]) / np.linalg.norm(p.delta[4])) ** 0.5
    assert f"{factor:.4g} in all" in found.sentence


# ------------------------------------------------------------------------------------------------------ whole trainings


def test_the_learning_rate_that_reaches_21_percent_is_too_low(data):
    """[784,100,10], quadratic, N(0,1), eta 0.001 (published: 21.42 % after 30 epochs of all images)."""
    found = digit_run(data, [784, 100, 10], 4000, network={"initial": "large"}, epochs=6, learning_rate=0.001)
    assert found[0].id == "rate_low"
    assert found[0].number < 1e-5


def test_the_first_thousand_images_without_a_penalty_are_learned_by_heart(data):
    """1,000 images, lambda 0 (published: 82.27 %, the cost lowest near epoch 14, training accuracy 100 % from epoch 67)."""
    found = digit_run(data, [784, 30, 10], 1000, network=CE, epochs=100, learning_rate=0.5)
    assert found[0].id == "overfitting"
    assert "accuracy 100\N{NO-BREAK SPACE}%" in found[0].sentence
    assert "was lowest in epoch" in found[0].sentence


def test_the_penalty_that_keeps_a_network_at_chance(data):
    """Eta 10, lambda 1000 on 50,000 images: each step multiplies every weight by 0.8."""
    found = digit_run(data, [784, 30, 10], 50_000, network=CE, epochs=1, learning_rate=10.0, lmbda=1000.0)
    assert found[0].id == "decay"
    assert found[0].number == pytest.approx(0.2)
    assert "= 0.8 " in found[0].sentence
    assert "constant" in {f.id for f in found}


def test_e4_weights_that_are_past_their_best():
    """E4: a training that does not watch the validation set ends far past its best; with early stopping it does not."""
    rng = np.random.default_rng(2)
    x, y, held = rng.standard_normal((20, 10)), rng.standard_normal((20, 1)), rng.standard_normal((200, 10))
    validation = held, rng.standard_normal((200, 1))
    found = []
    for how in ({}, {"early_stopping": 10}):
        net = Network([10, 20, 1], "tanh", output="identity", dtype="float64", seed=SEEDS[0])
        net.fit(x, y, validation=validation, epochs=300, batch_size=20, learning_rate=0.1, **how)
        found.append([f.id for f in diagnose(net, x, y, validation=validation)])
    assert found[0] == ["overfitting", "past_best"]
    assert "past_best" not in found[1]
