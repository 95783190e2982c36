"""What is trained: a table of workloads, and the numbers that each begins with.

Every program gets the same rows, the same first weights and the same order of examples, and does the same steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

SEED = 1
STREAM_ROWS = 1_000_000
OPTIMIZERS = {"sgd": "SGD", "adam": "Adam"}
Arrays = list[np.ndarray]
Rows = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Workload:
    """A network, its data and its training, all in float32.

    ``apart`` bounds how far from a float64 reference a program may end, as a share of the way that the weights have
    gone in ``checked`` steps (README.md has the reasons).
    """

    name: str
    sizes: tuple[int, ...]
    m: int
    steps: int  # of a measured run
    checked: int  # steps after which the weights are compared
    apart: float
    activation: str = "sigmoid"
    output: str = "sigmoid"
    cost: str = "quadratic"
    optimizer: str = "sgd"
    eta: float = 1.0
    data: str = "mnist"
    loop_steps: int = 0  # of a measured run of the per-example loop, which is too slow for all of them; 0: it is left out

    @property
    def title(self) -> str:
        """One line for tables."""
        kind = f"{self.activation}, {self.cost.replace('_', '-')}, {OPTIMIZERS[self.optimizer]}"
        return f"[{', '.join(map(str, self.sizes))}] m = {self.m}, {kind}" + ", streaming" * self.streams

    @property
    def streams(self) -> bool:
        """Whether the rows stay in their file, and are read from there while training."""
        return self.data == "stream"

    @property
    def flop(self) -> int:
        """Operations of the matrix products of a step: forward, weight gradients, errors of layers 3 to L sent back."""
        products = [n_in * n_out for n_in, n_out in pairwise(self.sizes)]
        return 2 * self.m * (2 * sum(products) + sum(products[1:]))


WORKLOADS: dict[str, Workload] = {
    row.name: row
    for row in (
        Workload("tiny", (2, 8, 8, 2), 10, 10_000, 200, 1e-4, data="rings", loop_steps=500),
        Workload("mnist-30", (784, 30, 10), 10, 3000, 200, 1e-4, eta=3.0, loop_steps=300),
        Workload("mnist-100", (784, 100, 10), 10, 2000, 200, 1e-4, eta=3.0, loop_steps=100),
        Workload("relu-adam", (784, 128, 64, 10), 32, 1000, 30, 1e-3, "relu", "softmax", "log_likelihood", "adam", 1e-3),
        Workload("wide-sgd", (784, 512, 512, 10), 128, 100, 20, 1e-4, loop_steps=2),
        Workload("wide-adam", (784, 512, 512, 10), 128, 100, 3, 1e-3, "relu", "softmax", "log_likelihood", "adam", 1e-3),
        Workload("large", (784, 2048, 2048, 10), 256, 10, 5, 1e-4),
        Workload("tabular", (20, 64, 64, 1), 64, 2000, 100, 1e-3, "tanh", "identity", "quadratic", "adam", 1e-3, "table"),
        Workload("stream", (100, 64, 1), 256, 3900, 60, 1e-4, "tanh", "identity", eta=0.05, data="stream"),
    )
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Problem:
    """The numbers of a workload; rows are examples, biases are columns."""

    x: np.ndarray
    y: np.ndarray
    weights: Arrays
    biases: Arrays

    def start(self) -> tuple[Arrays, Arrays]:
        """Copies of the first weights and biases."""
        return [w.copy() for w in self.weights], [b.copy() for b in self.biases]


def order(work: Workload, steps: int) -> np.ndarray:
    """The rows of each step, (steps, m); a run of so many steps is an epoch on the first steps * m rows."""
    from chainrule.randomness import shuffled

    return shuffled(SEED, 1, steps * work.m).reshape(steps, work.m)


def problem(work: Workload, folder: Path, dtype: str = "float32") -> Problem:
    """The workload's rows, from the files that :func:`write` has made, and its first weights."""
    from chainrule import Network

    net = Network(work.sizes, work.activation, work.cost, output=work.output, seed=SEED, dtype=dtype)
    x, y = (np.load(folder / f"{work.name}-{part}.npy", mmap_mode="c" if work.streams else None) for part in "xy")
    return Problem(x, y, list(net.weights), list(net.biases))


def write(work: Workload, folder: Path) -> None:
    """Make the files of the workload's rows."""
    rows = max(work.steps, work.checked) * work.m
    if work.streams:
        _write_stream(work, folder)
        return
    x, y = DATA[work.data](rows)
    np.save(folder / f"{work.name}-x.npy", x.astype(np.float32))
    np.save(folder / f"{work.name}-y.npy", y.astype(np.float32))


def _write_stream(work: Workload, folder: Path) -> None:
    """More rows than are held in memory at once here: a part at a time."""
    shapes = {"x": (STREAM_ROWS, work.sizes[0]), "y": (STREAM_ROWS, work.sizes[-1])}
    files = {
        part: np.lib.format.open_memmap(folder / f"{work.name}-{part}.npy", "w+", np.float32, shape)
        for part, shape in shapes.items()
    }
    for at in range(0, STREAM_ROWS, 50_000):
        x, y = _table(50_000, work.sizes[0], at)
        files["x"][at : at + 50_000], files["y"][at : at + 50_000] = x, y


def _mnist(rows: int) -> Rows:
    """The first training images and their digits; from the beginning again where more are asked for."""
    from chainrule.data import mnist

    train, take = mnist().train, np.arange(rows) % 60_000
    return train.x[take], np.eye(10)[train.y[take]]


def _rings(rows: int) -> Rows:
    """Points of a square, and whether they are far from its middle."""
    x = np.random.default_rng(SEED).uniform(-1, 1, (rows, 2))
    return x, np.eye(2)[(np.hypot(*x.T) > 0.8).astype(int)]


def _table(rows: int, columns: int, part: int = 0) -> Rows:
    """Columns of normal numbers, and a target that is a smooth function of them with noise."""
    rng = np.random.default_rng([SEED, part])
    x = rng.standard_normal((rows, columns), dtype=np.float32)
    slopes = np.random.default_rng(SEED).standard_normal((columns, 2)) / math.sqrt(columns)
    first, second = (x @ slopes).T
    return x, (np.sin(first) + 0.5 * second**2 + 0.1 * rng.standard_normal(rows))[:, None]


DATA: dict[str, Callable[[int], Rows]] = {"mnist": _mnist, "rings": _rings, "table": lambda rows: _table(rows, 20)}
