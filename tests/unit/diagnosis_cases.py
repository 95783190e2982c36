"""Trainings to be diagnosed: good ones in which nothing is to be found, and the data that they share."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from chainrule import ChainruleWarning, Network, diagnose
from chainrule.data import mnist, toy
from chainrule.diagnosing.result import Diagnosis

CE = {"cost": "cross_entropy"}
RELU, TANH = ({"activation": name, "cost": "log_likelihood"} for name in ("relu", "tanh"))


class Training(NamedTuple):
    """A network, the data that it was trained with, and how."""

    network: Network
    x: np.ndarray
    y: np.ndarray
    validation: tuple[np.ndarray, np.ndarray]
    how: dict[str, Any]

    def diagnosis(self) -> Diagnosis:
        """What is found with all that is known of it."""
        return diagnose(self.network, self.x, self.y, validation=self.validation, **self.how)


@cache
def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training and validation images of MNIST with their labels."""
    data = mnist(validation=10_000)
    assert data.validation is not None
    return data.train.x, data.train.y, data.validation.x[:1000], data.validation.y[:1000]


def digit_training(sizes: list[int], n: int, seed: int, network: dict[str, Any], **how: Any) -> Training:
    """A network trained on n of the digits."""
    x, y, *validation = digits()
    rows = np.random.default_rng(seed).permutation(len(x))[:n]
    return trained(sizes, x[rows], y[rows], (validation[0], validation[1]), seed, network, how)


def toy_training(sizes: list[int], name: str, seed: int, network: dict[str, Any], **how: Any) -> Training:
    """A network trained on a toy."""
    data = toy(name, seed=seed)
    assert data.test is not None
    return trained(sizes, data.train.x, data.train.y, (data.test.x, data.test.y), seed, network, how)


def trained(
    sizes: list[int], x: Any, y: Any, validation: Any, seed: int, network: dict[str, Any], how: dict[str, Any]
) -> Training:
    """A network trained as it is said."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChainruleWarning)  # bad trainings are warned of
        net = Network(sizes, seed=seed, **network)
        net.fit(x, y, validation=validation, **how)
    return Training(net, np.asarray(x), np.asarray(y), validation, how)


def noisy(sizes: list[int], seed: int, network: dict[str, Any], *, classes: bool, **how: Any) -> Training:
    """A network trained on targets that are mostly noise: nobody can learn more of them."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((600, 5))
    y = x[:, 0] + np.sin(x[:, 1]) + 1.2 * rng.standard_normal(600)
    y = (y > 0).astype(np.int64) if classes else y[:, None]
    return trained(sizes, x[:500], y[:500], (x[500:], y[500:]), seed, network, how)


@cache
def good(name: str, seed: int) -> Training:
    """The good training of this name."""
    return GOOD[name](seed)


SGD10 = {"batch_size": 10}
ADAM = {"optimizer": "adam", "batch_size": 16}
GOOD: dict[str, Callable[[int], Training]] = {
    "digits, sigmoid, cross-entropy, sgd with l2": lambda s: digit_training(
        [784, 30, 10], 8000, s, CE, epochs=5, learning_rate=0.5, lmbda=1.0, **SGD10
    ),
    "digits, sigmoid, quadratic, sgd": lambda s: digit_training(
        [784, 30, 10], 8000, s, {}, epochs=8, learning_rate=3.0, **SGD10
    ),
    "digits, sigmoid, quadratic, N(0,1)": lambda s: digit_training(
        [784, 30, 10], 8000, s, {"initial": "large"}, epochs=10, learning_rate=3.0, **SGD10
    ),
    "digits, relu, adam": lambda s: digit_training(
        [784, 64, 10], 8000, s, RELU, epochs=5, batch_size=64, optimizer="adam"
    ),
    "digits, two layers of tanh, momentum": lambda s: digit_training(
        [784, 32, 32, 10], 8000, s, TANH, epochs=5, batch_size=32, optimizer="momentum", learning_rate=0.01
    ),
    "moons, relu, adam": lambda s: toy_training([2, 16, 16, 2], "moons", s, RELU, epochs=80, learning_rate=0.005, **ADAM),
    "circle, tanh, sgd": lambda s: toy_training([2, 12, 2], "circle", s, TANH, epochs=80, learning_rate=0.1, **SGD10),
    "gauss, sigmoid, one output": lambda s: toy_training([2, 8, 1], "gauss", s, CE, epochs=50, learning_rate=0.5, **SGD10),
    "sine, tanh, adam": lambda s: toy_training(
        [1, 24, 1], "sine", s, {"activation": "tanh"}, epochs=150, learning_rate=0.01, **ADAM
    ),
    "parabola, relu, momentum": lambda s: toy_training(
        [1, 24, 1], "parabola", s, {"activation": "relu"}, epochs=80, batch_size=16,
        optimizer="momentum", learning_rate=0.01,
    ),
    "bump, sigmoid with linear output, adam": lambda s: toy_training(
        [1, 16, 1], "bump", s, {"output": "identity"}, epochs=200, learning_rate=0.02, **ADAM
    ),
    "noisy values, tanh, sgd": lambda s: noisy(
        [5, 16, 1], s, {"activation": "tanh"}, classes=False, epochs=30, batch_size=32, learning_rate=0.02
    ),
    "classes that overlap, tanh, adam": lambda s: noisy([5, 4, 2], s, TANH, classes=True, epochs=20, **ADAM),
    "line, tanh, sgd": lambda s: toy_training(
        [1, 8, 1], "line", s, {"activation": "tanh"}, epochs=50, batch_size=16, learning_rate=0.05
    ),
}  # fmt: skip
