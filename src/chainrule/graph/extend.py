"""Operations of the user's own, and graphs that are computed twice rather than kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.graph import trees
from chainrule.graph.modes import as_array, jvp, vjp
from chainrule.graph.table import OPERATIONS
from chainrule.graph.tracing import Operation, Rule, Traced


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

    It takes the memory of a long computation down to that of its longest part, for one more forward pass.

    Parameters
    ----------
    f : callable
        Of arrays; its arguments, by place or by name, and its result may be tuples, lists, dicts and named tuples. What it
        is to be differentiated by must be among its arguments.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import graph
    >>> wave = lambda x: np.sin(np.exp(x))
    >>> part = graph.checkpoint(wave)
    >>> bool(graph.grad(lambda x: part(part(x)))(0.0) == graph.grad(lambda x: wave(wave(x)))(0.0))
    True
    """

    def called(*args: Any, **kwargs: Any) -> Any:
        arguments, form = (args, kwargs), [None]

        def flat(*operands: Any) -> Any:
            by_place, by_name = trees.rebuilt(arguments, iter(operands))
            y = f(*by_place, **by_name)
            form[0] = trees.mapped(lambda _: 0, y)
            found = tuple(map(as_array, trees.leaves(y)))
            return found if isinstance(y, tuple | list | dict) else found[0]

        y = _again(flat, getattr(f, "__name__", "checkpoint"))(*trees.leaves(arguments))
        return trees.rebuilt(form[0], iter(y if isinstance(y, tuple) else (y,)))

    return called


def _again(f: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A function of arrays, as an operation whose rules compute it once more; once for the adjoints of all its operands."""

    def call(*operands: Any) -> Any:
        places = [k for k, x in enumerate(operands) if isinstance(x, Traced)]
        adjoints: dict[int, Any] = {}
        asked: list[Any] = [None]  # the adjoint of the result that they belong to

        def of_chosen(given: Any, chosen: list[int]) -> Callable[..., Any]:
            return lambda *values: f(*(values[chosen.index(k)] if k in chosen else x for k, x in enumerate(given)))

        def back(k: int, g: Any, y: Any, *given: Any) -> Any:
            if asked[0] is not g or k not in adjoints:
                seed = tuple(g[i] for i in range(len(y))) if isinstance(y, tuple) else g
                found = vjp(of_chosen(given, places), *(given[j] for j in places))[1](seed)
                asked[0] = g
                adjoints.update(zip(places, found, strict=True))
            return adjoints.pop(k)

        def forth(k: int, t: Any, y: Any, *given: Any) -> Any:  # noqa: ARG001  every rule is called alike
            return jvp(of_chosen(given, [k]), (given[k],), (t,))[1]

        return Operation(name, f, back, forth)(*operands)

    return call
