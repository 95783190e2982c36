"""A network as introductory books program it: one example at a time, column vectors, gradients in lists."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from bench.peers.table import Setup, Trainer
from bench.peers.workloads import Arrays, Problem, Workload, order


def does(work: Workload) -> Workload | None:
    """Only what those books program: sigmoid neurons, the quadratic cost, plain gradient descent."""
    usual = (work.activation, work.output, work.cost, work.optimizer) == ("sigmoid", "sigmoid", "quadratic", "sgd")
    return work if usual and work.loop_steps else None


def prepare(work: Workload, problem: Problem, _setup: Setup) -> Trainer:
    """A list of (x, y) columns, as those programs hold their data."""
    dtype = problem.weights[0].dtype

    def train(steps: int) -> tuple[float, Arrays]:
        rows = slice(steps * work.m)
        x, y = problem.x[rows].astype(dtype), problem.y[rows].astype(dtype)
        net = LoopNetwork(*problem.start(), work.eta)
        examples = [(row[:, None], wanted[:, None]) for row, wanted in zip(x, y, strict=True)]
        batches = order(work, steps)
        begun = time.perf_counter()
        for batch in batches:
            net.update([examples[i] for i in batch])
        return time.perf_counter() - begun, net.weights

    return train


class LoopNetwork:
    """The weights, and a step."""

    def __init__(self, weights: Arrays, biases: Arrays, eta: float) -> None:
        self.weights, self.biases, self.eta = weights, biases, eta

    def update(self, batch: list[tuple[np.ndarray, np.ndarray]]) -> None:
        """Add up the gradients of the examples, then take a step."""
        sum_b, sum_w = [np.zeros_like(b) for b in self.biases], [np.zeros_like(w) for w in self.weights]
        for x, y in batch:
            one_b, one_w = self.gradients(x, y)
            sum_b = [total + one for total, one in zip(sum_b, one_b, strict=True)]
            sum_w = [total + one for total, one in zip(sum_w, one_w, strict=True)]
        self.weights = [w - (self.eta / len(batch)) * g for w, g in zip(self.weights, sum_w, strict=True)]
        self.biases = [b - (self.eta / len(batch)) * g for b, g in zip(self.biases, sum_b, strict=True)]

    def gradients(self, x: np.ndarray, y: np.ndarray) -> tuple[Arrays, Arrays]:
        """Backpropagation for one example."""
        grad_b, grad_w = [np.zeros_like(b) for b in self.biases], [np.zeros_like(w) for w in self.weights]
        activations, zs = [x], []
        for b, w in zip(self.biases, self.weights, strict=True):
            zs.append(np.dot(w, activations[-1]) + b)
            activations.append(sigmoid(zs[-1]))
        delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
        for back in range(1, len(self.weights) + 1):
            if back > 1:
                delta = np.dot(self.weights[1 - back].T, delta) * sigmoid_prime(zs[-back])
            grad_b[-back], grad_w[-back] = delta, np.dot(delta, activations[-back - 1].T)
        return grad_b, grad_w


def sigmoid(z: np.ndarray) -> Any:
    """As the formula says."""
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z: np.ndarray) -> Any:
    """From z, as such programs do."""
    return sigmoid(z) * (1 - sigmoid(z))
