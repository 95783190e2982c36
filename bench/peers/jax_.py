"""JAX: one jitted call is a scan over the whole epoch; data on the device, parameters donated.

XLA takes as many threads as the process may use cores. For small networks one is several times faster, so that the number
is a setup. So is whether weights are held as (out, in) or as (in, out): which is faster differs by size.
"""

from __future__ import annotations

import math
import os
import time
from typing import Any

import numpy as np

from bench.peers.table import Setup, Trainer
from bench.peers.workloads import Arrays, Problem, Workload, order

CHUNK = 60  # mini-batches that are sent to the device at once where the data stays in its file


def does(work: Workload) -> Workload:
    """Everything."""
    return work


def prepare(work: Workload, problem: Problem, setup: Setup) -> Trainer:
    """The function of an epoch is compiled once for each number of steps."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-setup.threads :])
    import jax

    scan = jax.jit(_scan(work, setup.mode == "w.T"), donate_argnums=0)
    run = _streamed(work, problem, scan) if work.streams else _whole(problem, scan)

    def train(steps: int) -> tuple[float, Arrays]:
        weights, biases = problem.start()
        p = [
            (np.ascontiguousarray(w.T) if setup.mode == "w.T" else w, b[:, 0]) for w, b in zip(weights, biases, strict=True)
        ]
        zeros = [tuple(np.zeros_like(a) for a in pair) for pair in p]
        state = jax.block_until_ready(jax.tree.map(jax.numpy.array, (p, zeros, zeros)))
        seconds, (p, *_) = run(state, order(work, steps).astype(np.int32))
        return seconds, [np.asarray(w.T if setup.mode == "w.T" else w) for w, _ in p]

    return train


def _whole(problem: Problem, scan: Any) -> Any:
    """A run on data that lies on the device."""
    import jax

    x, y = jax.device_put(problem.x), jax.device_put(problem.y)

    def run(state: Any, rows: np.ndarray) -> tuple[float, Any]:
        rows, count = jax.device_put(rows), jax.numpy.arange(1.0, len(rows) + 1)
        jax.block_until_ready((x, y, rows, count))
        begun = time.perf_counter()
        state = jax.block_until_ready(scan(state, x, y, rows, count))
        return time.perf_counter() - begun, state

    return run


def _streamed(work: Workload, problem: Problem, scan: Any) -> Any:
    """A run on data that stays in its file: while a chunk is trained on, the next is read."""
    import jax

    def run(state: Any, rows: np.ndarray) -> tuple[float, Any]:
        chunk = math.gcd(len(rows), CHUNK)
        here = jax.device_put(np.arange(chunk * work.m, dtype=np.int32).reshape(chunk, work.m))
        counts = jax.numpy.arange(1.0, len(rows) + 1).reshape(-1, chunk)
        begun = time.perf_counter()
        for part, count in zip(rows.reshape(-1, chunk * work.m), counts, strict=True):
            state = scan(state, problem.x.take(part, 0), problem.y.take(part, 0), here, count)
        jax.block_until_ready(state)
        return time.perf_counter() - begun, state

    return run


def _scan(work: Workload, transposed: bool) -> Any:
    """The function of an epoch: (parameters and moments), x, y, the rows and the number of each step."""
    import jax

    slope, update = jax.grad(cost_of(work, transposed)), {"sgd": sgd, "adam": adam}[work.optimizer]

    def scan(state: Any, x: Any, y: Any, rows: Any, count: Any) -> Any:
        def step(state: Any, now: Any) -> Any:
            taken, t = now
            return update(work.eta, t, state, slope(state[0], x[taken], y[taken])), None

        return jax.lax.scan(step, state, (rows, count))[0]

    return scan


def cost_of(work: Workload, transposed: bool) -> Any:
    """The mean cost of a mini-batch as a function of the parameters (w, b), (w, b) ..."""
    import jax

    outputs = outputs_of(work, transposed)

    def cost(p: Any, x: Any, wanted: Any) -> Any:
        a = outputs(p, x)
        if work.cost == "log_likelihood":
            return -(wanted * jax.nn.log_softmax(a)).sum() / work.m
        return ((a - wanted) ** 2).sum() * (0.5 / work.m)

    return cost


def outputs_of(work: Workload, transposed: bool) -> Any:
    """The outputs as a function of the parameters and the rows; those of a softmax layer are its logits."""
    import jax

    kinds = {"sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "tanh": jax.numpy.tanh}
    hidden, last = kinds[work.activation], kinds.get(work.output, lambda z: z)

    def outputs(p: Any, a: Any) -> Any:
        for l, (w, b) in enumerate(p, 2):
            z = a @ (w if transposed else w.T) + b
            a = hidden(z) if l <= len(p) else last(z)
        return a

    return outputs


def sgd(eta: float, _t: Any, state: Any, gradient: Any) -> Any:
    """Gradient descent."""
    import jax

    p, v, s = state
    return jax.tree.map(lambda a, g: a - eta * g, p, gradient), v, s


def adam(eta: float, t: Any, state: Any, gradient: Any) -> Any:
    """Adam with its usual rates."""
    import jax

    p, v, s = state
    v = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, v, gradient)
    s = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, s, gradient)
    rate, free = eta / (1 - 0.9**t), 1 / (1 - 0.999**t)
    return jax.tree.map(lambda a, one, two: a - rate * one / (jax.numpy.sqrt(two * free) + 1e-8), p, v, s), v, s
