"""An independent witness for graphs: 200 random programs, whose values and derivatives are JAX's."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from chainrule import graph
from chainrule.graph import special

pytestmark = pytest.mark.oracle
PROGRAMS, LENGTH, TOLERANCE = 200, 12, 1e-10
SHAPES = [(3, 4), (4, 3), (4,), (3,), (), (2, 3, 4), (4, 4), (1, 4)]


class Step(NamedTuple):
    """One line of a program: a function of a library and of earlier values, and the places of these."""

    name: str
    f: Callable[..., Any]
    places: tuple[int, ...]


class Libraries(NamedTuple):
    """What a program may call: the names of NumPy and SciPy, of either library."""

    np: Any
    special: Any


OURS = Libraries(np, special)

# Every function keeps its operand within a few units, and far from where it is not smooth.
UNARY: dict[str, Callable[..., Any]] = {
    "tanh": lambda m, x: m.np.tanh(x),
    "sin": lambda m, x: m.np.sin(x),
    "cos": lambda m, x: m.np.cos(x) * 1.5,
    "arctan": lambda m, x: m.np.arctan(2 * x),
    "exp": lambda m, x: m.np.exp(-x * x),
    "expm1": lambda m, x: m.np.expm1(m.np.tanh(x)),
    "log": lambda m, x: m.np.log(1.5 + x * x),
    "log1p": lambda m, x: m.np.log1p(m.np.square(x)),
    "sqrt": lambda m, x: m.np.sqrt(0.3 + x**2),
    "reciprocal": lambda m, x: 1 / (1 + x**2),
    "power": lambda m, x: (2 + m.np.sin(x)) ** 1.7,
    "arcsinh": lambda m, x: m.np.arcsinh(x),
    "cbrt": lambda m, x: m.np.cbrt(2 + m.np.cos(x)),
    "logaddexp": lambda m, x: m.np.logaddexp(x, 0.3),
    "absolute": lambda m, x: m.np.abs(x) * m.np.tanh(x),
    "maximum": lambda m, x: m.np.maximum(x, 0.123),
    "clip": lambda m, x: m.np.clip(x, -1.37, 1.41),
    "where": lambda m, x: m.np.where(x > 0.0871, m.np.sin(x), 0.5 * x),
    "sinc": lambda m, x: m.np.sinc(0.4 * x),
    "expit": lambda m, x: m.special.expit(x),
    "erf": lambda m, x: m.special.erf(x),
    "gammaln": lambda m, x: m.special.gammaln(1.5 + x * x),
    "log_ndtr": lambda m, x: m.special.log_ndtr(x),
    "xlogy": lambda m, x: 0.3 * m.special.xlogy(x, 1.2 + x * x),
    "digamma": lambda m, x: m.special.digamma(2 + m.np.tanh(x)),
}
BINARY: dict[str, Callable[..., Any]] = {
    "add": lambda m, a, b: 0.7 * a + b,
    "subtract": lambda m, a, b: a - 0.6 * b,
    "multiply": lambda m, a, b: m.np.tanh(a) * b,
    "divide": lambda m, a, b: a / (1.3 + b * b),
    "arctan2": lambda m, a, b: m.np.arctan2(a, 2.5 + m.np.sin(b)),
    "hypot": lambda m, a, b: m.np.hypot(a, 1 + b * b),
    "minimum": lambda m, a, b: m.np.minimum(a, b + 0.0317),
    "logaddexp2": lambda m, a, b: m.np.logaddexp(a, b),
}
ARRAY: dict[str, Callable[..., Any]] = {
    "sum": lambda m, x: m.np.sum(x, axis=-1) / 3,
    "mean": lambda m, x: m.np.mean(x, axis=0, keepdims=True),
    "var": lambda m, x: m.np.var(x, axis=0),
    "std": lambda m, x: m.np.std(m.np.concatenate([m.np.ravel(x), m.np.array([0.4, -0.9])])),
    "max": lambda m, x: m.np.max(x, axis=-1),
    "prod": lambda m, x: m.np.prod(1 + 0.2 * m.np.tanh(x), axis=0),
    "cumsum": lambda m, x: 0.4 * m.np.cumsum(x, axis=-1),
    "sort": lambda m, x: m.np.sort(x, axis=-1),
    "logsumexp": lambda m, x: m.special.logsumexp(x, axis=0),
    "softmax": lambda m, x: m.special.softmax(x, axis=-1),
    "log_softmax": lambda m, x: 0.5 * m.special.log_softmax(x, axis=0),
    "norm": lambda m, x: m.np.linalg.norm(m.np.ravel(x) + 1.1) / 4,
    "slice": lambda m, x: x[..., ::2],
    "last": lambda m, x: x[-1],
    "gather": lambda m, x: x[m.np.array([0, -1, 0])],
    "reverse": lambda m, x: x[::-1] + m.np.flip(x, axis=-1),
    "roll": lambda m, x: m.np.roll(x, 1, axis=0),
    "pad": lambda m, x: m.np.pad(x, 1),
    "tile": lambda m, x: m.np.tile(x, 2),
    "ravel": lambda m, x: m.np.ravel(x),
    "transpose": lambda m, x: m.np.transpose(x),
    "expand": lambda m, x: m.np.expand_dims(x, 0) * m.np.ones((2, 1) + (1,) * (x.ndim - 1)),
    "diff": lambda m, x: m.np.diff(m.np.repeat(x, 2, axis=-1) ** 2, axis=-1),
    "outer": lambda m, x: m.np.outer(x, m.np.sin(m.np.ravel(x)[:3])),
    "fft": lambda m, x: m.np.real(m.np.fft.fft(x)) + 0.3 * m.np.imag(m.np.fft.fft(x)) ** 2 / x.size,
}
MATRIX: dict[str, Callable[..., Any]] = {
    "gram": lambda m, x: m.np.tanh(x @ m.np.swapaxes(x, -1, -2)),
    "einsum": lambda m, x: m.np.einsum("...ij,...kj->...ik", x, m.np.cos(x)) / 4,
    "trace": lambda m, x: m.np.trace(x, axis1=-2, axis2=-1),
    "tril": lambda m, x: m.np.tril(x) - 0.5 * m.np.triu(x, 1),
    "solve": lambda m, x: m.np.linalg.solve(_positive(m, x), m.np.sin(x)),
    "inv": lambda m, x: m.np.linalg.inv(_positive(m, x)),
    "logdet": lambda m, x: m.np.linalg.slogdet(_positive(m, x))[1],
    "cholesky": lambda m, x: m.np.linalg.cholesky(_positive(m, x)),
    "tensordot": lambda m, x: m.np.tensordot(x, m.np.sin(x), axes=([0], [0])) / 5,
    "kron": lambda m, x: m.np.kron(x[..., :2, :2], x[..., :1, :1]),
}


def _positive(m: Libraries, x: Any) -> Any:
    """A positive definite matrix, far from singular."""
    return 1.5 * m.np.eye(x.shape[-2]) + m.np.tanh(x) @ m.np.swapaxes(m.np.tanh(x), -1, -2) / 3


def broadcast(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two shapes go together, into no more than a small array."""
    try:
        return np.broadcast(a, b).size <= 64
    except ValueError:
        return False


def drawn_step(rng: np.random.Generator, values: list[np.ndarray]) -> Step:
    """A function at random, of values at random, one of the last among them."""
    k = len(values) - 1 - int(rng.integers(min(3, len(values))))
    x = values[k]
    tables = [UNARY] + [ARRAY] * (x.ndim > 0 and x.shape[-1] > 1 and x.size < 40) + [MATRIX] * (x.ndim > 1 and x.size < 40)
    mates = [j for j, other in enumerate(values) if broadcast(x, other)] or [k]
    products = [j for j, other in enumerate(values) if x.ndim and other.ndim and x.shape[-1] == other.shape[-1] and j != k]
    draw = rng.random()
    if draw < 0.3:
        return _chosen(rng, BINARY, (k, int(rng.choice(mates))))
    if draw < 0.45 and products and x.size < 40:
        pair = (k, int(rng.choice(products)))
        joined = {"inner": lambda m, a, b: m.np.inner(a, b) / 4, "concatenate": _concatenated, "stack": _stacked}
        return _chosen(rng, joined, pair)
    return _chosen(rng, tables[int(rng.integers(len(tables)))], (k,))


def _concatenated(m: Libraries, a: Any, b: Any) -> Any:
    return m.np.concatenate([m.np.atleast_2d(a).reshape(-1, a.shape[-1]), m.np.reshape(b, (-1, b.shape[-1]))], axis=0)


def _stacked(m: Libraries, a: Any, b: Any) -> Any:
    return m.np.stack([m.np.ravel(a)[:3], m.np.ravel(b)[:3]], axis=-1) if min(a.size, b.size) > 2 else m.np.ravel(a)


def _chosen(rng: np.random.Generator, table: dict[str, Callable[..., Any]], places: tuple[int, ...]) -> Step:
    name = str(rng.choice(sorted(table)))
    return Step(name, table[name], places)


def run(steps: list[Step], inputs: list[Any], m: Libraries) -> Any:
    """The program: all values that no later line takes, added up."""
    values, used = list(inputs), set()
    for step in steps:
        values.append(step.f(m, *(values[k] for k in step.places)))
        used.update(step.places)
    return sum(m.np.sum(m.np.tanh(x)) for k, x in enumerate(values) if k not in used)


def program(seed: int) -> tuple[list[Step], list[np.ndarray]]:
    """Random lines, each a smooth function of what is there, and inputs at random."""
    rng = np.random.default_rng(seed)
    inputs = [rng.uniform(-1.5, 1.5, SHAPES[k]) for k in rng.choice(len(SHAPES), 3, replace=False)]
    values, steps = list(inputs), []
    while len(steps) < LENGTH:
        step = drawn_step(rng, values)
        values.append(np.asarray(step.f(OURS, *(values[k] for k in step.places))))
        steps.append(step)
    return steps, inputs


@pytest.fixture(scope="module")
def jax():
    """JAX, in float64 for these tests alone."""
    pytest.importorskip("scipy")
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        yield jax


@pytest.fixture(scope="module")
def theirs(jax):
    """What a program calls when JAX runs it; softmax is among the networks' functions there."""
    found = {name: getattr(jax.scipy.special, name) for name in dir(jax.scipy.special) if not name.startswith("_")}
    return Libraries(jax.numpy, SimpleNamespace(**{**found, "softmax": jax.nn.softmax, "log_softmax": jax.nn.log_softmax}))


def agree(found: Any, wanted: Any, what: str) -> None:
    """Equal to 1e-10, relative to the largest number."""
    for k, (x, y) in enumerate(zip(found, map(np.asarray, wanted), strict=True)):
        assert x.shape == y.shape, f"{what} {k}"
        assert np.max(np.abs(x - y), initial=0.0) <= TOLERANCE * max(1.0, np.max(np.abs(y), initial=0.0)), f"{what} {k}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_values_gradients_and_curvature_are_jaxs(jax, theirs, seed):
    """Value, and gradient by every input; of one program in four also the Hessian times a direction."""
    steps, inputs = program(seed)
    found = list(graph.value_and_grad(lambda *xs: run(steps, xs, OURS), (0, 1, 2))(*inputs))
    f = jax.value_and_grad(lambda *xs: run(steps, xs, theirs), (0, 1, 2))
    theirs_at = f
    if seed % 4 == 0:
        v = tuple(np.random.default_rng(seed).standard_normal(x.shape) for x in inputs)
        found += graph.hessian_vector_product(lambda xs: run(steps, xs, OURS))(tuple(inputs), v)

        def theirs_at(*xs):
            answer, (_, curvature) = jax.jvp(f, xs, v)
            return answer, curvature

    what = " ".join(f"{step.name}{step.places}" for step in steps)
    try:
        agree(jax.tree.leaves(found), jax.tree.leaves(jax.jit(theirs_at)(*inputs)), what)
    except (AssertionError, jax.errors.JaxRuntimeError):
        # XLA 0.10.2 compiles some of these programs wrongly (the compiled one differs from the one run operation by
        # operation, and is right with the fusion pass off). The slower way is the witness.
        agree(jax.tree.leaves(found), jax.tree.leaves(theirs_at(*map(jax.numpy.asarray, inputs))), what)


def test_the_programs_go_through_every_function_of_the_tables():
    """Nothing is listed that the 200 programs do not use; each depends on its inputs."""
    used = {step.name for seed in range(PROGRAMS) for step in program(seed)[0]}
    assert {*UNARY, *BINARY, *ARRAY, *MATRIX, "inner", "concatenate", "stack"} - used == set()
