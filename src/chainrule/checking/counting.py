"""In what sense backpropagation is fast: every way to the whole gradient, with its passes counted and timed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.algebra.dual import Dual
from chainrule.checking.problem import Problem, in_double
from chainrule.checking.quantities import steps_of
from chainrule.checking.witnesses import STEP, TINY_STEP
from chainrule.engine.memory import Parameters
from chainrule.graph.bridge import examples, network_cost
from chainrule.graph.derivatives import grad
from chainrule.notation import Key
from chainrule.schedule import run

if TYPE_CHECKING:
    from chainrule.document import Document
    from chainrule.network import Network

TRIAL = 50  # parameters that tell how long all of them would take


@dataclass(frozen=True)
class Way:
    """One way to the gradient.

    Attributes
    ----------
    name : str
    forward, backward : int
        Passes for the whole gradient.
    seconds : float
    done : int
        Parameters that it was done for; of fewer than all, ``seconds`` is an estimate from these.
    error : float
        The largest difference from backpropagation, relative to the largest component.
    """

    name: str
    forward: int
    backward: int
    seconds: float
    done: int
    error: float


@dataclass(frozen=True)
class Count:
    """The ways to the gradient of one network."""

    network: str
    parameters: int
    examples: int
    ways: tuple[Way, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"network": self.network, "parameters": self.parameters, "examples": self.examples,
                "ways": [asdict(way) for way in self.ways]}  # fmt: skip

    def document(self) -> Document:
        """The table as a document."""
        from chainrule.checking.page import of_count

        return of_count(self)

    def __str__(self) -> str:
        return self.document().text()


def counted(network: Network, x: Any, y: Any, seconds: float) -> Count:
    """Every way, done."""
    twin = in_double(network)
    values, _ = examples(twin.architecture, x, y)
    p = Problem(twin, values[Key("a", 1)].T, values[Key("y", 0)].T)
    cost, parameters = network_cost(twin, p.x, p.y)
    keys = [f"{key.symbol}{key.layer}" for key, _ in twin.architecture.shapes()]

    def by_graph() -> np.ndarray:
        found = grad(cost)(parameters)
        return np.concatenate([found[name].ravel() for name in keys])

    reference, backprop = _timed(lambda: _by_backprop(p))
    of_graph, graph = _timed(by_graph)
    size = float(np.abs(reference).max()) or 1.0
    n = twin.architecture.n_parameters
    ways = [_one_by_one(p, name, reference, size, seconds) for name in WAYS]
    ways.append(Way("reverse mode on the graph", 1, 1, graph, n, float(np.abs(of_graph - reference).max()) / size))
    ways.append(Way("backpropagation", 1, 1, backprop, n, 0.0))
    return Count(repr(network), n, len(p.x), tuple(ways))


def _by_backprop(p: Problem) -> np.ndarray:
    pass_ = p.network.backprop(p.x, p.y)
    keys = [key for key, _ in p.network.architecture.shapes()]
    return np.concatenate([pass_.values[Key(f"nabla_{of}", l)].ravel() for of, l in keys])


def _timed(f: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    """What it gives, and the shortest of some times: the first one also wakes things up."""
    times = []
    for _ in range(5):
        start = perf_counter()
        found = f()
        times.append(perf_counter() - start)
    return found, min(times)


def _one_by_one(p: Problem, name: str, reference: np.ndarray, size: float, limit: float) -> Way:
    """A way that takes the parameters one by one: all of them, if that does not take too long."""
    passes, derivatives = WAYS[name]
    n = len(reference)
    start, found = perf_counter(), []
    for k, derivative in enumerate(derivatives(p), 1):
        found.append(derivative)
        if k == TRIAL and (perf_counter() - start) * n / k > limit:
            break
    done = len(found)
    error = float(np.abs(np.array(found) - reference[:done]).max()) / size
    return Way(name, passes * n, 0, (perf_counter() - start) * n / done, done, error)


def _cost(p: Problem, parameters: Any) -> Any:
    """The cost, summed, of these parameters: one whole forward pass."""
    values = p.values | parameters
    run(steps_of(p), values)
    return values[Key("cost_x", 0)].sum()


def _differences(p: Problem) -> Iterator[float]:
    moved = Parameters(p.network.architecture)
    moved.flat[:] = p.network.parameters.flat
    for k, middle in enumerate(p.network.parameters.flat):
        moved.flat[k] = middle + STEP
        above = _cost(p, moved.views)
        moved.flat[k] = middle - STEP
        yield (above - _cost(p, moved.views)) / (2 * STEP)
        moved.flat[k] = middle


def _complex_steps(p: Problem) -> Iterator[float]:
    for key, value in p.network.parameters.views.items():
        moved = value.astype(complex)
        for place in np.ndindex(*value.shape):
            moved[place] += 1j * TINY_STEP
            yield _cost(p, {key: moved}).imag / TINY_STEP
            moved[place] = value[place]


def _forward_mode(p: Problem) -> Iterator[float]:
    for key, value in p.network.parameters.views.items():
        tangent = np.zeros_like(value)
        for place in np.ndindex(*value.shape):
            tangent[place] = 1.0
            yield float(_cost(p, {key: Dual(value, tangent)}).tangent)
            tangent[place] = 0.0


WAYS: dict[str, tuple[int, Callable[[Problem], Iterator[float]]]] = {
    "central differences": (2, _differences),
    "complex step": (1, _complex_steps),
    "forward mode": (1, _forward_mode),
}
