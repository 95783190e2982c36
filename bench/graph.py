"""chainrule.graph beside HIPS autograd: gradients of the same NumPy programs, in turns, and the memory that each takes."""

from __future__ import annotations

import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from statistics import median
from typing import Any

if "numpy" not in sys.modules:  # BLAS reads these once: what is measured is the graph, not threads of products
    os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")

import numpy

ROUNDS, LONG = 15, 0.1  # measured turns of each program, of so many seconds each
Program = Callable[..., Any]


def chain(np: Any) -> Program:
    """1,000 operations on one number."""

    def f(x: Any) -> Any:
        for _ in range(250):
            x = np.sin(x) * 1.1 + 0.1
            x = x / 1.05
        return x

    return f


def network(np: Any) -> Program:
    """[784, 128, 10], tanh and softmax with log-likelihood, m = 32."""

    def f(parameters: Any, x: Any, y: Any) -> Any:
        w2, b2, w3, b3 = parameters
        a = np.tanh(np.dot(x, w2) + b2)
        z = np.dot(a, w3) + b3
        largest = np.max(z, axis=1, keepdims=True)
        logs = z - largest - np.log(np.sum(np.exp(z - largest), axis=1, keepdims=True))
        return -np.sum(y * logs) / len(y)

    return f


def recurrence(np: Any) -> Program:
    """50 steps of a tanh recurrence of 64 neurons, m = 16."""

    def f(parameters: Any, x: Any) -> Any:
        w, u, b = parameters
        h = 0.0 * np.dot(x[0], u)
        for now in x:
            h = np.tanh(np.dot(h, w) + np.dot(now, u) + b)
        return np.sum(h * h)

    return f


def arguments() -> dict[str, tuple[Callable[[Any], Program], tuple[Any, ...]]]:
    """Each program with what it is called with."""
    rng = numpy.random.default_rng(0)

    def draw(*shape: int) -> numpy.ndarray:
        return rng.standard_normal(shape) * 0.1

    y = numpy.eye(10)[rng.integers(0, 10, 32)]
    return {
        "chain of 1,000 operations": (chain, (0.3,)),
        "[784, 128, 10], m = 32": (
            network,
            ((draw(784, 128), draw(128), draw(128, 10), draw(10)), rng.random((32, 784)), y),
        ),
        "recurrence of 50 steps": (recurrence, ((draw(64, 64), draw(32, 64), draw(64)), draw(50, 16, 32))),
    }


def ours(f: Callable[[Any], Program]) -> Program:
    """The gradient by chainrule."""
    from chainrule import graph

    return graph.value_and_grad(f(numpy))


def peer(f: Callable[[Any], Program]) -> Program:
    """The gradient by autograd, which has a numpy of its own."""
    import autograd
    import autograd.numpy as own

    found: Program = autograd.value_and_grad(f(own))
    return found


def compare(name: str, f: Callable[[Any], Program], args: tuple[Any, ...]) -> float:
    """Print a line for a program; gives our time over the peer's."""
    programs = {"chainrule": ours(f), "autograd": peer(f)}
    one, other = (_flat(program(*args)) for program in programs.values())
    numpy.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
    counts = {who: max(1, int(LONG / _seconds(program, args, 3))) for who, program in programs.items()}
    taken: dict[str, list[float]] = {who: [] for who in programs}
    for _ in range(ROUNDS):
        for who, program in programs.items():
            taken[who].append(_seconds(program, args, counts[who]))
    memory = {who: _peak(program, args) for who, program in programs.items()}
    ratio = median(taken["chainrule"]) / median(taken["autograd"])
    times = "   ".join(f"{who} {median(taken[who]) * 1e3:8.3f} ms {memory[who] / 1024:8.0f} KiB" for who in programs)
    print(f"{name:28}{times}   ratio {ratio:.2f} (best {min(taken['chainrule']) / min(taken['autograd']):.2f})")
    return ratio


def _seconds(program: Program, args: tuple[Any, ...], count: int) -> float:
    begun = time.perf_counter()
    for _ in range(count):
        program(*args)
    return (time.perf_counter() - begun) / count


def _peak(program: Program, args: tuple[Any, ...]) -> int:
    """The most memory that one call holds."""
    tracemalloc.start()
    program(*args)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def _flat(tree: Any) -> numpy.ndarray:
    if isinstance(tree, tuple | list):
        return numpy.concatenate([_flat(branch) for branch in tree])
    return numpy.ravel(tree)


if __name__ == "__main__":
    for name, (f, args) in arguments().items():
        compare(name, f, args)
