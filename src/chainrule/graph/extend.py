"""Operations of the user's own, and graphs that are computed twice rather than kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.graph.modes import jvp, vjp
from chainrule.graph.table import OPERATIONS
from chainrule.graph.tracing import Operation, Rule


def operation(
    function: Callable[..., Any], back: tuple[Rule | None, ...] | Rule, forth: tuple[Rule | None, ...] | Rule | None = None,
    name: str = "",
) -> Operation:  # fmt: skip
    """Give a function its derivative rules.

    Parameters
    ----------
    function : callable
        Of plain arrays: a function of NumPy or SciPy, which then works on traced values as it is, or one of your own, of
        which the result of this call takes the place.
    back : tuple of callable
        Reverse mode: for each operand ``rule(g, y, *operands, **options)``, which gives the operand's adjoint from g, the
        adjoint of the result y; None for an operand without derivative.
    forth : tuple of callable, optional
        Forward mode: for each operand ``rule(t, y, *operands, **options)``, which gives the tangent of y from the tangent t
        of the operand. Left out, the function is taken to be linear in each of its operands.
    name : str
        What the graph calls it; the function's own name if it is not given.

    Returns
    -------
    Operation
        To be called like the function.

    Notes
    -----
    Rules are written with NumPy, so that they can be differentiated in their turn.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import graph
    >>> slope = lambda g, y, x: g * 3 * x**2
    >>> cube = graph.operation(lambda x: x * x * x, back=(slope,), forth=(slope,), name="cube")
    >>> float(graph.grad(cube)(2.0)), float(graph.grad(graph.grad(cube))(2.0))
    (12.0, 12.0)
    """
    found = Operation(name or getattr(function, "__name__", "operation"), function, back, forth)
    OPERATIONS[function] = found
    return found


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, of which a graph keeps nothing but the arguments: reverse mode computes it once more.

    It takes the memory of a long computation down to that of its longest part, for at most one more forward pass.

    Parameters
    ----------
    f : callable
        Of arrays; gives an array, or a tuple of arrays.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import graph
    >>> wave = lambda x: np.sin(np.exp(x))
    >>> part = graph.checkpoint(wave)
    >>> bool(graph.grad(lambda x: part(part(x)))(0.0) == graph.grad(lambda x: wave(wave(x)))(0.0))
    True
    """

    def back(k: int, g: Any, y: Any, *operands: Any) -> Any:  # noqa: ARG001  every rule is called alike
        def of_one(x: Any) -> Any:
            return f(*operands[:k], x, *operands[k + 1 :])

        return vjp(of_one, operands[k])[1](g)[0]

    def forth(k: int, t: Any, y: Any, *operands: Any) -> Any:  # noqa: ARG001  every rule is called alike
        def of_one(x: Any) -> Any:
            return f(*operands[:k], x, *operands[k + 1 :])

        return jvp(of_one, (operands[k],), (t,))[1]

    return Operation(getattr(f, "__name__", "checkpoint"), f, back, forth)
