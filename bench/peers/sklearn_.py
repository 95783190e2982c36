"""scikit-learn: MLPClassifier and MLPRegressor, through partial_fit.

They have the quadratic cost for identity outputs alone. Where a workload has it with sigmoids, the classifier does the same
work with the cross-entropy, on several on-off outputs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from bench.peers.table import Setup, Trainer
from bench.peers.workloads import Arrays, Problem, Workload, order

CHUNK = 100  # mini-batches whose rows are gathered for one call; a call costs some checks, and more rows more memory


def does(work: Workload) -> Workload:
    """Cross-entropy for the quadratic cost of sigmoid outputs, at a lower rate; Adam with its epsilon in another place.

    It adds epsilon before the second moment is freed from its start at 0, so that small gradients make smaller steps.
    """
    if work.optimizer == "adam":
        return replace(work, apart=0.1)
    if work.output == "sigmoid" and work.cost == "quadratic":
        return replace(work, cost="cross_entropy", eta=work.eta / 4)
    return work


def prepare(work: Workload, problem: Problem, _setup: Setup) -> Trainer:
    """A new estimator for each run. Its BLAS takes the threads that the environment names."""
    work = does(work)

    def train(steps: int) -> tuple[float, Arrays]:
        net = _estimator(work, problem)
        rows, classes = order(work, steps).ravel(), {"classes": np.arange(work.sizes[-1])} if _classifies(work) else {}
        wanted = problem.y.argmax(1) if work.output == "softmax" else problem.y if _classifies(work) else problem.y[:, 0]
        begun = time.perf_counter()
        for at in range(0, len(rows), CHUNK * work.m):
            part = rows[at : at + CHUNK * work.m]
            net.partial_fit(problem.x.take(part, 0), wanted.take(part, 0), **classes)
        return time.perf_counter() - begun, [w.T for w in net.coefs_]

    return train


def _classifies(work: Workload) -> bool:
    return work.output != "identity"


def _estimator(work: Workload, problem: Problem) -> Any:
    """The estimator of this workload, which will begin with the given weights."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPClassifier if _classifies(work) else MLPRegressor
    names = {"sigmoid": "logistic"}
    net = kind(
        hidden_layer_sizes=work.sizes[1:-1], activation=names.get(work.activation, work.activation), solver=work.optimizer,
        alpha=0.0, batch_size=work.m, learning_rate_init=work.eta, momentum=0.0, nesterovs_momentum=False, shuffle=False,
    )  # fmt: skip
    net._init_coef = _first(problem)  # noqa: SLF001  the only way to give it first weights
    return net


def _first(problem: Problem) -> Callable[[int, int, Any], tuple[np.ndarray, np.ndarray]]:
    """In place of its drawing of first weights: the given ones, layer after layer."""
    layers = zip(*problem.start(), strict=True)

    def draw(_fan_in: int, _fan_out: int, _dtype: Any) -> tuple[np.ndarray, np.ndarray]:
        w, b = next(layers)
        return np.ascontiguousarray(w.T), b[:, 0].copy()

    return draw
