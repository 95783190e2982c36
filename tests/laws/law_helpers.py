"""What the laws share: operands of any kind for an equation, a network with a mini-batch, and witnesses of a gradient."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np

from chainrule import equations, optimizers  # noqa: F401  they fill EQUATIONS
from chainrule.activations import ACTIVATIONS
from chainrule.algebra.symbolic import Expr
from chainrule.architecture import Architecture, architecture
from chainrule.costs import COSTS, PENALTIES
from chainrule.engine import reference
from chainrule.engine.memory import Parameters, Workspace, constants, functions, gradients
from chainrule.errors import ChainruleWarning
from chainrule.notation import EQUATIONS, Equation, Key, Operand
from chainrule.schedule import Recipe, Step, backprop, run, update

STEP = 2.0**-100  # of the complex step: so small that its square vanishes, so no subtraction and no truncation error
EPS = 2.0**-52

# ------------------------------------------------------------------------------------------- operands of an equation

SHAPES: dict[str, Callable[[dict[int, int], int, int], tuple[int, ...]]] = {  # of (neurons by layer, layer, examples)
    "(n^l, n^{l-1})": lambda n, l, m: (n[l], n[l - 1]),
    "(n^l, 1)": lambda n, l, m: (n[l], 1),
    "(n^l, m)": lambda n, l, m: (n[l], m),
    "(n^L, m)": lambda n, l, m: (n[l], m),  # an equation with y in it stands at layer L
    "(n^1, m)": lambda n, l, m: (n[1], m),
    "(1, m)": lambda n, l, m: (1, m),
    "like w, b": lambda n, l, m: (n[l], n[l - 1]),
}
SIZES = {0: 3, 1: 3, 2: 5, 3: 4, 4: 2}
ROWS: dict[str, Any] = {"sigma": ACTIVATIONS["tanh"], "cost": COSTS["quadratic"], "penalty": PENALTIES["elastic"]}
SCALARS = {"eta": 0.3, "m": 4.0, "n": 50.0, "t": 3, "lmbda": 0.7, "norm2": 5.0, "mu": 0.9, "rho": 0.95, "beta_1": 0.9,
           "beta_2": 0.99, "epsilon": 1e-3, "decay": 0.02, "clip": 0.5, "radius": 0.8}  # fmt: skip


def layer_of(e: Equation) -> int:
    """A layer that the equation can stand at: the noise comes in at layer 1."""
    return 1 if any(o.symbol.name == "noise" for o in e.reads) else 3


def operand_value(o: Operand, l: int, rng: Any, sizes: dict[int, int] | None = None, m: int = 6, **rows: Any) -> Any:
    """An array of the shape that the legend says, the usual number, or a row of a table."""
    name = o.symbol.name
    if not o.symbol.shape:
        return (ROWS | rows)[name]
    if o.symbol.is_scalar:
        return SCALARS[name]
    x = rng.standard_normal(SHAPES[o.symbol.shape](sizes or SIZES, l + o.shift, m))
    return np.abs(x) if name in {"s", "weight", "mask"} else x


def operands(e: Equation, seed: int = 0, **rows: Any) -> list[Any]:
    """Real operands for an equation."""
    rng = np.random.default_rng(seed)
    return [operand_value(o, layer_of(e), rng, **rows) for o in e.reads]


def is_function(x: Any) -> bool:
    """Whether an operand is a row of a table rather than a number or an array."""
    return not isinstance(x, np.ndarray | Number)


def evaluate(x: Any, values: Callable[[Expr], Any], calls: dict[str, Callable[..., Any]] | None = None) -> Any:
    """The number or array that an expression tree stands for."""
    if not isinstance(x, Expr):
        return x
    if x.head == "leaf":
        return values(x)
    args = [evaluate(arg, values, calls) for arg in x.args]
    if x.head == "call":
        return (calls or {})[x.info["text"]](*args)
    heads: dict[Any, Callable[..., Any]] = {
        "T": np.transpose,
        "where": np.where,
        "reduce": lambda inner: x.info["ufunc"].reduce(inner, axis=x.info["axis"], keepdims=x.info["keepdims"]),
    }
    return heads.get(x.head, x.head)(*args)


# -------------------------------------------------------------------------------------------------- networks


def network(*args: Any, dtype: Any = np.float64, **options: Any) -> Architecture:
    """An architecture in float64, without the warnings about combinations that learn badly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChainruleWarning)
        return architecture(*args, dtype=dtype, **options)


@dataclass
class Problem:
    """A network, a mini-batch and everything else that a step of training works on."""

    a: Architecture
    r: Recipe
    parameters: Parameters
    values: dict[Key, Any]
    m: float
    n: int
    batch: dict[Key, np.ndarray]

    def restore(self) -> None:
        """Put the input back, which noise and dropout change in place."""
        for key, array in self.batch.items():
            self.values[key][...] = array


def desired(a: Architecture, rng: Any, m: int) -> np.ndarray:
    """Targets that the cost is defined for; those of log_likelihood are probabilities, which sum to 1."""
    shape, (low, high) = (a.neurons(a.L), m), a.cost.targets
    if a.cost.name == "hinge":
        return rng.choice([-1.0, 1.0], shape)
    if a.cost.name == "log_likelihood":
        y = rng.random(shape) + 0.1
        return y / y.sum(axis=0)
    return rng.random(shape) * (high if np.isfinite(high) else 3.0) if low == 0 else rng.standard_normal(shape)


def problem(a: Architecture, r: Recipe | None = None, *, m: int = 4, n: int = 20, seed: int = 0) -> Problem:
    """A mini-batch of m of n examples for a network whose parameters are random numbers."""
    r, rng = r or Recipe(), np.random.default_rng(seed)
    p = Parameters(a, r.optimizer.slots)
    scale = 0.3 if any("exponential" in sigma.name for sigma in a.activations) else 1.2  # e^(e^(e^z)) is soon no number
    for (of, l), view in p.views.items():
        view[...] = rng.standard_normal(view.shape) * (scale / 2 if of == "b" else scale / np.sqrt(a.neurons(l - 1)))
    w = Workspace(a, r, m, {**p.views, **p.slot_views, **gradients(a), **functions(a, r), **constants(r, n)})
    w.x[...] = rng.standard_normal(w.x.shape)
    w.values[Key("y", 0)][...] = desired(a, rng, m)
    if w.weight is not None:
        w.weight[...] = rng.random((1, m)) + 0.5
    for l, drop in r.dropout.items():
        mask = w.values[Key("mask", l)]
        mask[...] = (rng.random(mask.shape) >= drop) / (1 - drop)
    if r.noise:
        w.values[Key("noise", 0)][...] = r.noise * rng.standard_normal((a.neurons(1), m))
    for of, l in r.pinned:
        w.values[Key(f"free_{of}", l)] = free = (rng.random(p.views[Key(of, l)].shape) < 0.5).astype(a.dtype)
        w.values[Key(f"held_{of}", l)] = p.views[Key(of, l)] * (1 - free)
    summed = float(m if w.weight is None else w.weight.sum(dtype=np.float64))
    return Problem(a, r, p, w.values, summed, n, {Key("a", 1): w.x.T.copy()})


def scalars(p: Problem) -> dict[Key, float]:
    """The numbers that an engine is given with each step."""
    return {Key("m", 0): p.m, Key("t", 0): 1, Key("norm2", 0): 0.0, **{Key("eta", l): 0.1 for l in p.a.layers}}


# ------------------------------------------------------------------------------------------------------ gradients


def _is_forward(step: Step) -> bool:
    return step.equation.writes in {"z", "a", "cost_x"}


def total_cost(p: Problem, values: dict[Key, Any]) -> Any:
    """C = sum of C_x / m + (lambda/n) R(w), by the schedule's own forward and cost steps, on values of any kind."""
    now = values | scalars(p)
    run((s for s in backprop(p.a, p.r, glass=False) if _is_forward(s)), now)
    c = now[Key("cost_x", 0)].sum() / p.m
    if p.r.penalty:
        c = c + p.r.lmbda / p.n * sum(p.r.penalty.value(now[Key("w", l)]).sum() for l in p.a.layers)
    return c


def gradient(p: Problem, build: Any = reference.build, *, glass: bool = False) -> dict[Key, np.ndarray]:
    """The gradient of the total cost by the schedule: backprop and PG, run by an engine; the mean over the mini-batch."""
    steps = backprop(p.a, p.r, glass=glass) + [s for s in update(p.a, p.r) if s.equation is equations.penalised_gradient]
    build(steps, p.values, {})(0.1, p.m, 1)
    p.restore()
    return {key: p.values[Key(f"nabla_{key.symbol}", key.layer)] / p.m for key, _ in p.a.shapes()}


def _perturbed(p: Problem, step: complex, dtype: Any) -> Iterator[tuple[Key, tuple[int, ...], dict[Key, Any]]]:
    """The values with one parameter a step away, for each parameter in turn."""
    for key, shape in p.a.shapes():
        for index in np.ndindex(*shape):
            moved = p.values[key].astype(dtype)
            moved[index] += step
            yield key, index, p.values | {key: moved}


def complex_step(p: Problem) -> dict[Key, np.ndarray]:
    """The gradient of the total cost from one forward pass on complex numbers for every parameter."""
    found = {key: np.empty(shape) for key, shape in p.a.shapes()}
    for key, index, values in _perturbed(p, 1j * STEP, complex):
        found[key][index] = total_cost(p, values).imag / STEP
    return found


def central_difference(p: Problem, step: float = 1e-5) -> dict[Key, np.ndarray]:
    """The gradient of the total cost from two forward passes for every parameter."""
    found = {key: np.zeros(shape) for key, shape in p.a.shapes()}
    for sign in (1, -1):
        for key, index, values in _perturbed(p, sign * step, float):
            found[key][index] += sign * total_cost(p, values) / (2 * step)
    return found


def distance(x: dict[Key, np.ndarray], y: dict[Key, np.ndarray]) -> float:
    """The largest difference, relative to the largest component."""
    worst = max(float(np.abs(x[k] - y[k]).max()) for k in x)
    return worst / max(float(np.abs(v).max()) for v in y.values())


def all_equations() -> Iterable[Equation]:
    """Every equation there is, those of the optimizers too."""
    return EQUATIONS.values()
