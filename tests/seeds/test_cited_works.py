"""Numbers of the works that the study notes cite: Nielsen's chapters 3 and 5, and where those works are in error."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from seed_helpers import sigmoid

import chainrule
from chainrule.activations import ACTIVATIONS
from chainrule.architecture import architecture, first_values
from chainrule.data import mnist
from chainrule.errors import ShapeError
from chainrule.nielsen import Network, network2
from chainrule.notation import Key

# ------------------------------------------------------------------------------------------------ a neuron learns to say 0

TRAJECTORIES = [  # cost, eta, w, b: the output at first, after 150 and after 301 updates, with the digits as published
    ("quadratic", 0.15, 0.6, 0.9, ("0.817574", "0.1527", "0.093752")),
    ("quadratic", 0.15, 2.0, 2.0, ("0.982014", "0.9334", "0.201262")),
    ("cross_entropy", 0.005, 0.6, 0.9, ("0.817574", "0.6053", "0.4167")),
    ("cross_entropy", 0.005, 2.0, 2.0, ("0.982014", "0.9282", "0.7782")),
]


@pytest.mark.parametrize(("cost", "eta", "w", "b", "published"), TRAJECTORIES)
def test_a_single_neuron_learns_along_the_published_curve(cost, eta, w, b, published):
    """Nielsen, chapter 3: input 1, target 0; the output after 150 and after 301 updates along the true gradient."""
    net = chainrule.Network([1, 1], cost=cost, output="sigmoid", dtype="float64", initial=([[[w]]], [[b]]), seed=0)
    outputs = [net.feedforward([1.0])[0]]
    for updates in (150, 301 - 150):
        net.fit([[1.0]], [[0.0]], epochs=updates, batch_size=1, learning_rate=eta)
        outputs.append(net.feedforward([1.0])[0])
    assert net.state.updates == 301
    assert tuple(f"{a:.{len(figure) - 2}f}" for a, figure in zip(outputs, published, strict=True)) == published


@pytest.mark.parametrize(("w", "b", "published"), [row[2:] for row in TRAJECTORIES[2:]])
def test_e1_the_animations_step_along_the_wrong_derivative(w, b, published):
    """E1 (Nielsen, chapter 3): the cross-entropy animations step along dC/da = 1/(1-a); only so they end near 0.04."""
    cross_entropy = chainrule.COSTS["cross_entropy"]
    for _ in range(301):
        a, y = np.array([[sigmoid(w + b)]]), np.array([[0.0]])
        slope = cross_entropy.prime(a, y).item()
        assert slope == pytest.approx(1 / (1 - a.item()), rel=1e-15)
        w, b = w - 0.005 * slope, b - 0.005 * slope
    assert abs(sigmoid(w + b) - 0.04) < 0.01
    assert float(published[-1]) > 0.4  # where the true gradient ends: the test above


# ----------------------------------------------------------------------------------------------------------- first weights


@pytest.mark.parametrize(("initial", "variance", "published"), [("large", 501, "22.38"), ("small", 1.5, "1.2247")])
def test_how_widely_the_weighted_input_varies(initial, variance, published):
    """Nielsen, chapter 3: 1,000 inputs, 500 of them 1: z has sd sqrt(501) = 22.38; with 1/sqrt(n), 1.2247."""
    assert f"{np.sqrt(variance):.{len(published.partition('.')[2])}f}" == published
    values = dict(first_values(architecture([1000, 4000], dtype=np.float64), initial, seed=0))
    x = np.repeat([1.0, 0.0], 500)[:, None]
    z = values[Key("w", 2)] @ x + values[Key("b", 2)]
    assert z.std() == pytest.approx(np.sqrt(variance), rel=0.034)  # three standard errors of 4,000 draws


# ------------------------------------------------------------------------------------------------------- speed of learning


@pytest.fixture(scope="module")
def digits():
    """The first 1,000 training images, and their labels."""
    train = mnist(validation=10_000).train
    return train.x[:1000].astype(np.float64), train.y[:1000]


def speeds(hidden, seed, x, y):
    """The length of dC/db of each hidden layer, C the mean cross-entropy of the examples, at the default initialisation."""
    net = chainrule.Network([784, *[30] * hidden, 10], cost="cross_entropy", dtype="float64", seed=seed)
    p = net.backprop(x, y)
    return [np.linalg.norm(p.nabla_b[l]) / p.m for l in range(2, hidden + 2)]


@pytest.mark.parametrize(
    ("hidden", "published", "low", "high"), [(2, 4.7, 3.6, 6.2), (3, 23.9, 16.8, 37.5), (4, 95.8, 73, 188)]
)
def test_early_layers_learn_more_slowly(hidden, published, low, high, digits):
    """Nielsen, chapter 5: the last hidden layer learns 4.7, 23.9, 95.8 times as fast as the first (seeds: low to high)."""
    lengths = [speeds(hidden, seed, *digits) for seed in range(9)]
    ratios = sorted(v[-1] / v[0] for v in lengths)
    assert low <= published <= high
    assert low <= ratios[len(ratios) // 2] <= high
    assert sum(low <= r <= high for r in ratios) >= 7  # the ends of a span are themselves two draws of thirty
    assert all(slower < faster for v in lengths for slower, faster in pairwise(v))


SYNTHETIC = [[0.0574, 0.281], [0.012, 0.0575, 0.3003], [0.0023, 0.0105, 0.0562, 0.2796]]


@pytest.mark.parametrize("published", SYNTHETIC, ids=len)
def test_the_speeds_with_synthetic_images(published):
    """Nielsen, chapter 5, without the data: 19 % of the pixels on and random labels give the same speeds (medians)."""
    rng = np.random.default_rng(0)
    x, y = (rng.random((1000, 784)) < 0.19).astype(np.float64), rng.integers(0, 10, 1000)
    medians = np.median([speeds(len(published), seed, x, y) for seed in range(30)], axis=0)
    # both are medians of thirty random networks, and such a median has a standard error of 6 to 9 %
    assert medians == pytest.approx(published, rel=0.2)


# ------------------------------------------------------------------------------------------------- the vanishing gradient


def test_the_slope_of_the_sigmoid_is_a_quarter_at_most():
    """Nielsen, chapter 5: sigma'(0) = 1/4, its largest value."""
    row, z = ACTIVATIONS["sigmoid"], np.linspace(-8, 8, 1601)
    assert row.prime(np.zeros(1), row(np.zeros(1)))[0] == 0.25
    assert row.prime(z, row(z)).max() == 0.25


def widths(w):
    """How wide the interval of inputs a is where w sigma'(w a) >= 1, for each w > 4, by bisection (b only moves it)."""
    row, inside, outside = ACTIVATIONS["sigmoid"], np.zeros_like(w), np.full_like(w, 2.0)
    for _ in range(60):
        middle = (inside + outside) / 2
        steep = w * row.prime(w * middle, row(w * middle)) >= 1
        inside, outside = np.where(steep, middle, inside), np.where(steep, outside, middle)
    return 2 * inside


def test_where_the_gradient_does_not_vanish():
    """Nielsen, chapter 5: |w sigma'(w a + b)| >= 1 on an interval that is widest, 0.4477, at |w| = 6.894."""
    w = np.arange(4.001, 20, 0.001)
    found = widths(w)
    assert f"{w[found.argmax()]:.3f}" == "6.894"
    assert f"{found.max():.4f}" == "0.4477"


# ---------------------------------------------------------------------------------------------------------- learning rates


def test_a_rate_that_is_halved_down_to_a_128th_is_halved_seven_times():
    """Nielsen, chapter 3: halve after 10 epochs without improvement, stop at 1/128 of the first rate: seven halvings."""
    x, y = np.eye(2), np.array([0, 1])
    net = chainrule.Network([2, 2], cost="cross_entropy", dtype="float64", seed=0)
    history = net.fit(x, y, epochs=1000, batch_size=2, learning_rate=1e-9, validation=(x, y), schedule="halve")
    assert net.state.halvings == 7
    assert "halved 7 times" in history.stopped
    assert len(history) == 1 + 7 * 10  # the first epoch is the best, then ten for each halving
    assert sorted({1e-9 / e.eta for e in history}) == [1, 2, 4, 8, 16, 32, 64]


# ------------------------------------------------------------------------------------------------- errors in those programs


def test_e2_a_saturated_cross_entropy_is_finite():
    """E2: the book's formula, made finite, gives 1.8e308 at a = 1, y = 0; here it is computed from z, and is z."""
    with np.errstate(divide="ignore", invalid="ignore"):
        a, y = np.array([1.0]), np.array([0.0])
        assert np.nan_to_num(-y * np.log(a) - (1 - y) * np.log(1 - a))[0] == pytest.approx(1.797e308, rel=1e-3)
    net = chainrule.Network([1, 1], cost="cross_entropy", dtype="float64", initial=([[[50.0]]], [[0.0]]))
    assert net.feedforward([1.0])[0] == 1
    assert net.evaluate([[1.0]], [[0.0]]).cost == 50
    assert 0 < network2.CrossEntropyCost.fn(np.array([[1.0]]), np.array([[0.0]])) < 100


def test_e3_one_dimension_is_one_example_or_an_error():
    """E3: in the notes' program x of shape (3,) makes z a matrix; here it is one example, or refused."""
    w, b, x = np.ones((2, 3)), np.ones((2, 1)), np.ones(3)
    assert (w @ x + b).shape == (2, 2)
    program, core = Network([3, 2, 1], seed=0), chainrule.Network([3, 2, 1], seed=0)
    assert program.feedforward(x).shape == (1, 1)
    assert [v.shape for v in program.backprop(x, [1.0])[0]] == [(2, 1), (1, 1)]
    assert core.feedforward(x).shape == (1,)
    assert core.backprop(x, [1.0]).z[2].shape == (2, 1)
    for net in (program, core):
        with pytest.raises(ShapeError, match=r"shape|one-dimensional"):
            net.feedforward(np.ones(2))


def test_e4_early_stopping_reads_the_validation_set_and_gives_the_best_weights_back():
    """E4: it stops by the validation cost while the training cost falls, and gives the best epoch's weights back."""
    rng = np.random.default_rng(1)
    x, y, held = rng.standard_normal((20, 10)), rng.standard_normal((20, 1)), rng.standard_normal((200, 10))
    validation = held, rng.standard_normal((200, 1))
    net, kept = chainrule.Network([10, 20, 1], "tanh", output="identity", dtype="float64", seed=0), []
    keep = lambda record: kept.append(net.parameters.flat.copy())  # noqa: E731  None: a true value would stop
    history = net.fit(
        x, y, validation=validation, epochs=500, batch_size=20, learning_rate=0.1, early_stopping=10, callbacks=[keep],
        training_metrics=True,
    )  # fmt: skip
    costs, training = [e.metrics["cost"] for e in history], [e.training_metrics["cost"] for e in history]
    best = int(np.argmin(costs))
    assert len(history) == best + 1 + 10 < 500
    assert training[-1] < training[best]
    assert (net.parameters.flat == kept[best]).all()
    assert net.evaluate(*validation).cost == costs[best]
