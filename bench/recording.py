"""What a recording costs: the same training with and without it, in turns; and whether any step comes out again."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from chainrule import Network, Recorder, Recording
from chainrule.data import load
from chainrule.record.replay import replayed

ROUNDS, STEPS = 8, 50
MOST = 1.05
WORKLOADS: dict[str, tuple[tuple[int, ...], int, int]] = {  # sizes, mini-batch, epochs
    "[784, 100, 10] m = 10": ((784, 100, 10), 10, 24),
    "[784, 30, 10] m = 10": ((784, 30, 10), 10, 40),
    "[2, 8, 8, 2] m = 10": ((2, 8, 8, 2), 10, 400),
}


class Digests(Recorder):
    """A recorder that also keeps the sha256 of the parameters now and then."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.kept: dict[int, str] = {}

    def done(self, loop: Any, costs: np.ndarray) -> None:
        """Note down where the training stands, about fifty times."""
        super().done(loop, costs)
        if len(self.kept) < 20 * STEPS:
            self.kept[loop.state.updates] = sha256(loop.stepper.parameters.flat)


def sha256(array: np.ndarray) -> str:
    """The digest of an array's bytes."""
    return hashlib.sha256(array.tobytes()).hexdigest()


def rows(n_in: int) -> tuple[np.ndarray, np.ndarray]:
    """MNIST, or as many points of two classes."""
    if n_in == 784:
        found = load("mnist").train
        return found.x, found.y
    x = np.random.default_rng(0).normal(size=(60_000, n_in)).astype(np.float32)
    return x, (x[:, 0] * x[:, 1] > 0).astype(int)


def seconds(sizes: tuple[int, ...], m: int, epochs: int, recorder: Recorder | None, data: Any) -> float:
    """The time of one training by the compiled engine."""
    net = Network(sizes, seed=1)
    begun = perf_counter()
    net.fit(*data, epochs=epochs, batch_size=m, learning_rate=0.5, engine="compiled", recorder=recorder)
    return perf_counter() - begun


def overhead(name: str) -> float:
    """The median of the ratios of neighbouring runs, which take turns in being first: a machine is not always as fast."""
    sizes, m, epochs = WORKLOADS[name]
    data, times = rows(sizes[0]), {True: list[float](), False: list[float]()}
    seconds(sizes, m, 1, None, data)
    for number in range(2 * ROUNDS):
        is_recorded = number % 4 in (1, 2)
        with tempfile.TemporaryDirectory() as folder:
            recorder = Recorder(Path(folder) / "a.sqlite") if is_recorded else None
            times[is_recorded].append(seconds(sizes, m, epochs, recorder, data))
    ratios = sorted(a / b for a, b in zip(times[True], times[False], strict=True))
    print(
        f"{name:<24} {median(times[False]):6.2f} s   recorded {median(times[True]):6.2f} s"
        f"   {median(ratios):.3f} times ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )
    return median(ratios)


def again() -> int:
    """How many of fifty steps, chosen at random, come out to the bit."""
    sizes, m, _ = WORKLOADS["[784, 30, 10] m = 10"]
    data = rows(784)
    with tempfile.TemporaryDirectory() as folder:
        recorder = Digests(Path(folder) / "a.sqlite")
        seconds(sizes, m, 3, recorder, data)
        steps = np.random.default_rng(0).permutation(sorted(recorder.kept))[:STEPS]
        begun = perf_counter()
        with Recording(recorder.path) as recording:
            same = sum(
                sha256(replayed(recording, int(t), *data).stepper.parameters.flat) == recorder.kept[int(t)] for t in steps
            )
        print(f"{same} of {len(steps)} steps again, bit for bit, {(perf_counter() - begun) / len(steps):.2f} s each")
    return len(steps) - same


def main() -> int:
    """Print the ratios and what they are held to; 1 where a target is missed."""
    ratios = [overhead(name) for name in WORKLOADS]
    print(f"a recording may make a training {MOST} times as long")
    return int(max(ratios) > MOST or again() > 0)


if __name__ == "__main__":
    sys.exit(main())
