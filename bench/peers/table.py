"""The programs that are compared, and how each is set up: its best configuration counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.peers.workloads import Arrays, Problem, Workload

Trainer = Callable[[int], tuple[float, Arrays]]  # steps -> seconds of the training loop, final weights
Prepare = Callable[[Workload, Problem, "Setup"], Trainer]


@dataclass(frozen=True)
class Setup:
    """One way to run a program: its threads (0: its own choice), and which of its variants."""

    threads: int
    mode: str = ""

    @property
    def title(self) -> str:
        """Two words for tables."""
        threads = f"{self.threads} thread{'s' * (self.threads > 1)}" if self.threads else "own choice"
        return f"{threads}, {self.mode}" if self.mode else threads


@dataclass(frozen=True)
class Peer:
    """A program: ``module`` has ``prepare(work, problem, setup) -> Trainer`` and ``does(work)``.

    ``does`` gives the workload that the program really does, which differs where it lacks a cost, or None where it
    can't do any such thing.
    """

    name: str
    title: str
    module: str
    needs: str
    setups: tuple[Setup, ...]
    dtype: str = "float32"


ONE, EITHER = (Setup(1),), (Setup(1), Setup(2))
OURS = "chainrule"

PEERS: dict[str, Peer] = {
    row.name: row
    for row in (
        Peer(OURS, "chainrule", "ours", "chainrule", (Setup(0),)),
        Peer("jax", "JAX, jit + scan", "jax_", "jax", tuple(Setup(n, w) for n in (1, 2) for w in ("w", "w.T"))),
        Peer("torch", "PyTorch eager", "torch_", "torch", EITHER),
        Peer("torch-compile", "torch.compile", "torch_compiled", "torch", EITHER),
        Peer("sklearn", "scikit-learn", "sklearn_", "sklearn", EITHER),
        Peer("loop", "per-example loop, float32", "loop", "numpy", ONE),
        Peer("loop-64", "per-example loop, float64", "loop", "numpy", ONE, "float64"),
    )
}
