"""Backpropagation as people write it, right and wrong, for the tests of the audit."""

from __future__ import annotations

import numpy as np

from chainrule import Network


def sigmoid(z):
    """The logistic function."""
    return 1 / (1 + np.exp(-z))


def passed(x, weights, biases):
    """Forward with columns: all activations."""
    acts = [x]
    for w, b in zip(weights, biases, strict=True):
        acts.append(sigmoid(w @ acts[-1] + b))
    return acts


def right(x, y, weights, biases):
    """Gradients of the quadratic cost, of columns, summed."""
    acts = passed(x, weights, biases)
    delta = (acts[-1] - y) * acts[-1] * (1 - acts[-1])
    nabla_b, nabla_w = [], []
    for l in reversed(range(len(weights))):
        nabla_b.insert(0, delta.sum(axis=1, keepdims=True))
        nabla_w.insert(0, delta @ acts[l].T)
        delta = (weights[l].T @ delta) * acts[l] * (1 - acts[l])
    return nabla_b, nabla_w


def without_slope(x, y, weights, biases):
    """The same, but for the slope at the hidden layer."""
    acts = passed(x, weights, biases)
    delta3 = (acts[-1] - y) * acts[-1] * (1 - acts[-1])
    delta2 = weights[1].T @ delta3
    return [delta2.sum(1), delta3.sum(1)], [delta2 @ x.T, delta3 @ acts[1].T]


def net_of(seed=1, sizes=(3, 4, 2), **how):
    """A small network in double precision."""
    return Network(list(sizes), dtype="float64", seed=seed, **how)


def by(net):
    """A function of examples alone, right by our own trace."""

    def backprop(x, y):
        p = net.backprop(x, y)
        return [*p.nabla_b.values()], [*p.nabla_w.values()]

    return backprop


class Learner:
    """A network as students write it, that learns mini-batch by mini-batch."""

    def __init__(self, step="mean"):
        rng = np.random.default_rng(0)
        self.weights = [rng.standard_normal((4, 3)), rng.standard_normal((2, 4))]
        self.biases = [rng.standard_normal((4, 1)), rng.standard_normal((2, 1))]
        self.step = step

    def update_mini_batch(self, mini_batch, eta):
        """One step."""
        x, y = (np.hstack(columns) for columns in zip(*mini_batch, strict=True))
        nabla_b, nabla_w = right(x, y, self.weights, self.biases)
        rate = eta / len(mini_batch) if self.step == "mean" else eta
        self.weights = [w - rate * g for w, g in zip(self.weights, nabla_w, strict=True)]
        self.biases = [b - rate * g for b, g in zip(self.biases, nabla_b, strict=True)]
