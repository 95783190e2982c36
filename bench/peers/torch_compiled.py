"""torch.compile: the whole step (rows, loss, gradients, update) is one graph; of small networks, five or ten steps are."""

from __future__ import annotations

import time
from typing import Any

from bench.peers.table import Setup, Trainer
from bench.peers.workloads import Arrays, Problem, Workload, order

SMALL = 10**8  # operations of a step; below, several in one graph cost less each (75 us for 200 with [784, 30, 10])
TOGETHER = {"sgd": 10, "adam": 5}  # so many; more take minutes to compile and gain nothing


def does(work: Workload) -> Workload:
    """Everything."""
    return work


def prepare(work: Workload, problem: Problem, setup: Setup) -> Trainer:
    """The compiled function takes and gives back all parameters."""
    import torch

    torch.set_num_threads(setup.threads)
    x, y = torch.from_numpy(problem.x), torch.from_numpy(problem.y)
    together = TOGETHER[work.optimizer] if work.flop < SMALL else 1
    compiled = torch.compile(_several(work, together), fullgraph=True, dynamic=False)

    def train(steps: int) -> tuple[float, Arrays]:
        p = [torch.from_numpy(a) for pair in zip(*problem.start(), strict=True) for a in pair]
        state = (p, [torch.zeros_like(a) for a in p], [torch.zeros_like(a) for a in p])
        batches = torch.from_numpy(order(work, steps)).view(-1, together, work.m)
        counts = torch.arange(1.0, steps + 1).view(-1, together)
        begun = time.perf_counter()
        with torch.no_grad():
            for rows, t in zip(batches, counts, strict=True):
                state = compiled(state, x, y, rows, t)
        return time.perf_counter() - begun, [a.numpy() for a in state[0][::2]]

    return train


def _several(work: Workload, together: int) -> Any:
    """A function that does so many steps."""
    from torch.func import grad

    slope, update = grad(_cost(work)), {"sgd": _sgd, "adam": _adam}[work.optimizer]

    def steps(state: Any, x: Any, y: Any, rows: Any, t: Any) -> Any:
        for k in range(together):
            gradient = slope(state[0], x[rows[k]], y[rows[k]])
            state = update(work.eta, t[k], state, gradient)
        return state

    return steps


def _cost(work: Workload) -> Any:
    """The mean cost of a mini-batch as a function of the parameters w, b, w, b ..."""
    import torch
    from torch.nn.functional import cross_entropy, linear

    kinds = {"sigmoid": torch.sigmoid, "relu": torch.relu, "tanh": torch.tanh}
    hidden, last = kinds[work.activation], kinds.get(work.output, lambda z: z)

    def cost(p: Any, a: Any, wanted: Any) -> Any:
        for l in range(0, len(p), 2):
            z = linear(a, p[l], p[l + 1][:, 0])
            a = hidden(z) if l < len(p) - 2 else last(z)
        if work.cost == "log_likelihood":
            return cross_entropy(a, wanted)
        return ((a - wanted) ** 2).sum() * (0.5 / work.m)

    return cost


def _sgd(eta: float, _t: Any, state: Any, gradient: Any) -> Any:
    """Gradient descent."""
    p, v, s = state
    return [a - eta * g for a, g in zip(p, gradient, strict=True)], v, s


def _adam(eta: float, t: Any, state: Any, gradient: Any) -> Any:
    """Adam with its usual rates."""
    p, v, s = state
    v = [0.9 * a + 0.1 * g for a, g in zip(v, gradient, strict=True)]
    s = [0.999 * a + 0.001 * g * g for a, g in zip(s, gradient, strict=True)]
    rate, free = eta / (1 - 0.9**t), 1 / (1 - 0.999**t)
    p = [a - rate * one / ((two * free).sqrt() + 1e-8) for a, one, two in zip(p, v, s, strict=True)]
    return p, v, s
