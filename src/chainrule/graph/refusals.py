"""What cannot be differentiated, said in words: which function, why, and what to do."""

from __future__ import annotations

import sys
from typing import Any

from chainrule.errors import GraphError


def no_rule(function: Any, method: str = "") -> GraphError:
    """A function that nobody has written a rule for."""
    name = full_name(function) + (f".{method}" if method and method != "__call__" else "")
    return GraphError(
        f"{name} has no derivative rule, so a graph cannot go through it.\nWrite it with functions that have one "
        "(chainrule graph --operations lists them), or give it one:\n\n"
        f"    graph.operation({name}, back=(lambda g, y, x: g * slope(x),), forth=(lambda t, y, x: t * slope(x),))\n\n"
        "g is the adjoint of the result y, t the tangent of the operand x."
    )


def refused(name: str, what: int | str) -> GraphError:
    """A use of a function that does have a rule."""
    if what == "out":
        return GraphError(
            f"{name}(..., out=...) would change an array that the graph remembers; use what {name} gives back."
        )
    if what == "where":
        return GraphError(f"{name}(..., where=...) leaves numbers undefined; use np.where(condition, {name}(x), other).")
    return GraphError(
        f"{name} has no derivative with respect to operand {what} (counted from 0); it must be a plain value."
    )


def changed(how: str) -> GraphError:
    """An array that would change under the graph's hands."""
    return GraphError(
        f"{how} would change an array in its place, and the graph still needs what it was.\nMake a new one: x = x + 1, "
        "np.where(mask, new, x), or np.concatenate."
    )


def closed_over(name: str) -> GraphError:
    """An operation whose function found a traced value elsewhere than among its operands."""
    return GraphError(
        f"{name} computes with a traced value that is none of its operands (an option, or a variable from around the "
        "function), so its derivative by that value would be lost.\nHand the value over as an argument of its own."
    )


def cut(how: str, instead: str) -> GraphError:
    """A traced value that would become a plain number, without a derivative."""
    return GraphError(f"{how} of a traced value would cut the graph here: no derivative could flow through. {instead}")


def full_name(function: Any) -> str:
    """A function as the user wrote it: np.linalg.det, scipy.special.erf."""
    name = getattr(function, "__name__", str(function))
    module = getattr(function, "__module__", None) or _module_of_ufunc(function, name)
    module = module.split("._")[0]  # scipy.special._basic is where a function was written, not where it is offered
    return f"{module}.{name}".replace("numpy.", "np.", 1) if module else name


def _module_of_ufunc(function: Any, name: str) -> str:
    """NumPy's ufuncs and SciPy's do not say where they are from; np.frompyfunc and others make some of no module."""
    known = ("numpy", "scipy.special")
    return next((module for module in known if getattr(sys.modules.get(module), name, None) is function), "")
