"""The numpy engine against a per-example loop and PyTorch eager: the same mini-batches, the same end.

Every program trains [784, 30, 10] (sigmoid, quadratic cost, plain SGD, m = 10) on the same shuffle of the same MNIST
images. They run in turn, several times over; the best time of each counts. That all end with the same weights is checked.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

if "numpy" not in sys.modules:  # BLAS reads these once, when NumPy is loaded: products this small want one thread
    os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")

import numpy as np

from bench.peers.loop import LoopNetwork
from chainrule import Network
from chainrule.data import mnist
from chainrule.randomness import shuffled

SIZES, M, ETA, SEED = [784, 30, 10], 10, 3.0, 1
OURS = "chainrule, numpy engine"
Arrays = list[np.ndarray]


def start(dtype: str) -> tuple[Arrays, Arrays]:
    """The same first weights and biases for all."""
    net = Network(SIZES, initial="large", seed=SEED, dtype=dtype)
    return [w.copy() for w in net.weights], [b.copy() for b in net.biases]


def ours(x: np.ndarray, y: np.ndarray, dtype: str, _threads: int) -> tuple[float, Arrays]:
    """One epoch of Network.fit with the numpy engine."""
    net = Network(SIZES, initial=start(dtype), seed=SEED, dtype=dtype)
    history = net.fit(x, y, epochs=1, batch_size=M, learning_rate=ETA, engine="numpy")
    return history[0].seconds, list(net.weights)


def per_example_loop(x: np.ndarray, y: np.ndarray, dtype: str, _threads: int) -> tuple[float, Arrays]:
    """The same epoch, one example at a time."""
    net = LoopNetwork(*start(dtype), ETA)
    examples = [(row[:, None], wanted[:, None]) for row, wanted in zip(x.astype(dtype), y.astype(dtype), strict=True)]
    order = shuffled(SEED, 1, len(x))
    begun = time.perf_counter()
    for at in range(0, len(x), M):
        net.update([examples[i] for i in order[at : at + M]])
    return time.perf_counter() - begun, net.weights


def torch_eager(x: np.ndarray, y: np.ndarray, dtype: str, threads: int) -> tuple[float, Arrays]:
    """PyTorch eager: nn.Sequential, SGD, batches taken from one tensor by the shuffled index."""
    import torch

    torch.set_num_threads(threads)
    weights, biases = start(dtype)
    layers: list[Any] = []
    for w, b in zip(weights, biases, strict=True):
        linear = torch.nn.Linear(w.shape[1], w.shape[0], dtype=getattr(torch, dtype))
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w))
            linear.bias.copy_(torch.from_numpy(b[:, 0]))
        layers += [linear, torch.nn.Sigmoid()]
    net = torch.nn.Sequential(*layers)
    rule = torch.optim.SGD(net.parameters(), lr=ETA)
    data, wanted = torch.from_numpy(x.astype(dtype)), torch.from_numpy(y.astype(dtype))
    order = torch.from_numpy(shuffled(SEED, 1, len(x)))
    begun = time.perf_counter()
    for at in range(0, len(x), M):
        rows = order[at : at + M]
        rule.zero_grad(set_to_none=True)
        loss = 0.5 * ((net(data[rows]) - wanted[rows]) ** 2).sum() / len(rows)
        loss.backward()
        rule.step()
    taken = time.perf_counter() - begun
    return taken, [layer.weight.detach().numpy() for layer in layers[::2]]


Program = Callable[[np.ndarray, np.ndarray, str, int], tuple[float, Arrays]]


def programs() -> dict[str, tuple[Program, int]]:
    """The programs and their threads; PyTorch where it is installed, with each number of threads."""
    found: dict[str, tuple[Program, int]] = {
        OURS: (ours, 1),
        "per-example loop": (per_example_loop, 1),
    }
    try:
        import torch  # noqa: F401
    except ImportError:
        print("PyTorch is not installed here: its rows are left out.", file=sys.stderr)
        return found
    return found | {f"PyTorch eager, {n} thread{'s' * (n > 1)}": (torch_eager, n) for n in (1, 2)}


def measure(dtype: str, steps: int = 1000, rounds: int = 7) -> dict[str, float]:
    """Microseconds a step of each program: the best of the rounds, in which they take turns."""
    train = mnist().train
    x, y = train.x[: steps * M], np.eye(10, dtype=np.float32)[train.y[: steps * M]]
    best: dict[str, float] = {}
    for turn in range(rounds):
        ends = {}
        for name, (program, threads) in programs().items():
            part = steps if program is not per_example_loop else steps // 5
            taken, ends[name] = program(x[: part * M], y[: part * M], dtype, threads)
            best[name] = min(best.get(name, np.inf), taken / part * 1e6)
            if turn == 0:
                check_end(name, ends[name], x[: part * M], y[: part * M], dtype)
    return best


def check_end(name: str, weights: Arrays, x: np.ndarray, y: np.ndarray, dtype: str) -> None:
    """All programs must have done the same work: the same weights as ours, to rounding."""
    _, expected = ours(x, y, dtype, 1)
    apart = max(float(np.abs(w - e).max() / np.abs(e).max()) for w, e in zip(weights, expected, strict=True))
    if apart > (1e-10 if dtype == "float64" else 2e-2):
        raise SystemExit(f"{name} ended with other weights ({dtype}: {apart:.2g} apart): the comparison would mean nothing")


def memory_ratio() -> float:
    """Peak memory of a process that trains on the full MNIST, over the data set as held in float32."""
    import subprocess

    program = (
        "from pathlib import Path; from chainrule import Network; from chainrule.data import mnist\n"
        "s = mnist(); net = Network([784, 30, 10], seed=0)\n"
        "net.fit(s.train.x, s.train.y, epochs=1, batch_size=10, validation=(s.test.x, s.test.y))\n"
        "held = s.train.x.nbytes + s.test.x.nbytes\n"
        "status = dict(line.split(':', 1) for line in Path('/proc/self/status').read_text().splitlines())\n"
        "print(int(status['VmHWM'].split()[0]) * 1024 / held)"
    )
    return float(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print the table."""
    print("[784, 30, 10], m = 10, sigmoid, quadratic cost, plain SGD; best of 7 interleaved runs\n")
    print("| dtype | program | us a step | times chainrule |\n|---|---|---:|---:|")
    for dtype in ("float32", "float64"):
        best = measure(dtype)
        unit = best[OURS]
        for name, microseconds in best.items():
            print(f"| {dtype} | {name} | {microseconds:.1f} | {microseconds / unit:.1f} |")
    print(f"\nPeak memory of training on MNIST: {memory_ratio():.2f} times the data set in float32.")


if __name__ == "__main__":
    main()
