"""Full-batch L-BFGS, by SciPy's minimiser on the network's flat parameters. It needs the extra ``lbfgs``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.architecture import Architecture
from chainrule.engine.inference import SLICE, penalty_cost
from chainrule.engine.memory import Parameters, Values, functions
from chainrule.engine.stepper import Source
from chainrule.errors import ConfigError
from chainrule.notation import Key
from chainrule.schedule import Recipe, backprop, run


def cost_and_gradient(a: Architecture, r: Recipe, parameters: Parameters, source: Source) -> tuple[float, np.ndarray]:
    """The mean cost of the whole set with its penalty, and the gradient in the order of ``parameters.flat``."""
    gradient = np.zeros(parameters.flat.size, np.float64)
    cost = size = 0.0
    steps, shared = backprop(a, r, glass=False), {**parameters.views, **functions(a, r)}
    rows = np.arange(len(source.x)) if source.rows is None else source.rows
    for start in range(0, len(rows), SLICE):
        part = rows[start : start + SLICE]
        values: Values = {**shared, Key("a", 1): source.x[part].T, Key("y", 0): source.y[part].T}
        if source.weight is not None:
            values[Key("weight", 0)] = source.weight[None, part]
        with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
            run(steps, values)
        gradient += np.concatenate([values[Key(f"nabla_{of}", l)].ravel() for (of, l), _ in a.shapes()])
        cost += float(values[Key("cost_x", 0)].sum())
        size += len(part) if source.weight is None else float(source.weight[part].sum())
    gradient /= size
    at = 0
    for key, shape in a.shapes():
        n = shape[0] * shape[1]
        if r.penalty and key.symbol == "w":
            gradient[at : at + n] += r.lmbda / len(source) * r.penalty.slope(parameters.views[key]).ravel()
        at += n
    return cost / size + penalty_cost(parameters.views, r.penalty, r.lmbda, len(source)), gradient


def minimise(
    a: Architecture, r: Recipe, parameters: Parameters, source: Source, iterations: int, each: Callable[[int], None]
) -> tuple[str, float]:  # fmt: skip
    """Change the parameters to SciPy's minimum; gives SciPy's reason for stopping, and the cost there.

    ``each`` is called after every iteration; whatever it raises leaves the parameters of that iteration.

    Raises
    ------
    ConfigError
        SciPy is not installed.
    """
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise ConfigError("optimizer 'lbfgs' needs SciPy: pip install 'chainrule[lbfgs]'.") from None

    def evaluate(theta: np.ndarray) -> Any:
        parameters.flat[:] = theta
        return cost_and_gradient(a, r, parameters, source)

    best, count = parameters.flat.astype(np.float64), 0

    def accepted(theta: np.ndarray) -> None:
        nonlocal best, count
        best, count = theta.copy(), count + 1
        each(count)

    options = {"maxiter": iterations, "maxfun": 15 * iterations}
    try:
        found = minimize(evaluate, best, jac=True, method="L-BFGS-B", options=options, callback=accepted)
    finally:
        parameters.flat[:] = best
    return str(found.message), float(found.fun)
