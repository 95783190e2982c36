"""chainrule as a user calls it."""

from __future__ import annotations

from bench.peers.table import Setup, Trainer
from bench.peers.workloads import SEED, Arrays, Problem, Workload

ENGINE = "compiled"


def does(work: Workload) -> Workload:
    """Everything."""
    return work


def prepare(work: Workload, problem: Problem, _setup: Setup) -> Trainer:
    """Each run is one epoch of ``fit``; the history says how long its steps took."""
    return lambda steps: trained(work, problem, steps)


def trained(
    work: Workload, problem: Problem, steps: int, engine: str = ENGINE, dtype: str = "float32"
) -> tuple[float, Arrays]:
    """The seconds and the weights of a network after so many steps."""
    from chainrule import Network

    net = Network(
        work.sizes, work.activation, work.cost, output=work.output, initial=problem.start(), seed=SEED, dtype=dtype
    )
    rows = slice(steps * work.m)
    history = net.fit(
        problem.x[rows], problem.y[rows], epochs=1, batch_size=work.m, learning_rate=work.eta, optimizer=work.optimizer,
        engine=engine,
    )  # fmt: skip
    return history[0].seconds, [w.copy() for w in net.weights]
