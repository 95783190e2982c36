"""Derivatives of functions, as functions: each may be differentiated again, in either mode."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph import trees
from chainrule.graph.blame import first_nan
from chainrule.graph.modes import as_array, jvp, shape, traced, vjp

Function = Callable[..., Any]


def grad(f: Function, argnum: int | tuple[int, ...] = 0) -> Function:
    """The gradient of a function with one real number as its result (reverse mode).

    Parameters
    ----------
    f : callable
        Of NumPy functions.
    argnum : int or tuple of int
        By which argument, counted from 0; of several, a tuple of gradients.

    Returns
    -------
    callable
        Takes the arguments of f; gives arrays in the form of the argument. For a complex argument x + iy it is
        dC/dx - i dC/dy.

    Raises
    ------
    GraphError
        When it is called: the result of f is not one real number, or is NaN, or f has no derivative.

    Examples
    --------
    >>> import numpy as np
    >>> grad(lambda w: np.sum(np.tanh(w) ** 2))(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.6397])
    """
    found = value_and_grad(f, argnum)
    return _named(lambda *args, **kwargs: found(*args, **kwargs)[1], "grad", f)


def value_and_grad(f: Function, argnum: int | tuple[int, ...] = 0) -> Function:
    """The result of a function and its gradient, in one pass; see :func:`grad`.

    Examples
    --------
    >>> y, dy = value_and_grad(lambda x: x**3)(2.0)
    >>> float(y), float(dy)
    (8.0, 12.0)
    """

    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        y, back = vjp(*_of(f, argnum, args, kwargs))
        _one_real_number(y)
        gradients = back(1.0)
        _sound((y, gradients), f, argnum, args, kwargs)
        return y, gradients[0] if isinstance(argnum, int) else gradients

    return _named(both, "value_and_grad", f)


def elementwise_grad(f: Function, argnum: int = 0) -> Function:
    """The derivative of each element of the result by the element of the argument that it comes from.

    It is the gradient of the sum of the results: for functions that work on each element by itself.

    Examples
    --------
    >>> import numpy as np
    >>> elementwise_grad(np.sin)(np.array([0.0, np.pi]))
    array([ 1., -1.])
    """

    def slopes(*args: Any, **kwargs: Any) -> Any:
        y, back = vjp(*_of(f, argnum, args, kwargs))
        return back(trees.mapped(lambda x: np.ones(shape(x)), y))[0]

    return _named(slopes, "elementwise_grad", f)


def jacobian(f: Function, argnum: int = 0, mode: str = "auto") -> Function:
    """All derivatives of all results by all elements of an argument.

    Parameters
    ----------
    f : callable
        Of complex numbers to complex ones, it is taken to be analytic.
    argnum : int
    mode : {"auto", "forward", "reverse"}
        A pass for each element of the argument, or for each element of the result; ``"auto"`` takes the fewer.

    Returns
    -------
    callable
        Gives an array of the result's shape, then the argument's; where these are tuples, dicts and the like, in the form
        of the result, for each of its arrays in the form of the argument. A real number's derivative by a complex one is
        as :func:`grad` gives it.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda x: x[:2] * x[2])(np.array([1.0, 2.0, 3.0]))
    array([[3., 0., 1.],
           [0., 3., 2.]])
    """
    if mode not in {"auto", "forward", "reverse"}:
        raise GraphError(
            f"mode = {mode!r}: a Jacobian is computed in mode 'forward' or 'reverse', or in the cheaper: 'auto'."
        )

    def matrix(*args: Any, **kwargs: Any) -> Any:
        g, x = _of(f, argnum, args, kwargs)
        if mode != "forward":
            y, back = vjp(g, x)
            if mode == "reverse" or _size(y) <= _size(x):
                return _by_rows(y, back, x)
        return _by_columns(g, x)

    return _named(matrix, "jacobian", f)


def hessian(f: Function, argnum: int = 0) -> Function:
    """All second derivatives of a function with one real number as its result: forward mode over reverse mode.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return _named(jacobian(grad(f, argnum), argnum, "forward"), "hessian", f)


def hessian_vector_product(f: Function, argnum: int = 0) -> Function:
    """The Hessian times a direction, without the Hessian: the gradient's derivative along it.

    Returns
    -------
    callable
        Takes the arguments of f, then the direction, in the form of the argument; gives the product in the same form.

    Examples
    --------
    >>> import numpy as np
    >>> x, v = np.array([1.0, 2.0]), np.array([1.0, 0.0])
    >>> hessian_vector_product(lambda x: x[0] ** 2 * x[1])(x, v)
    array([4., 2.])
    """

    def product(*args: Any, **kwargs: Any) -> Any:
        *args_of_f, direction = args
        g, x = _of(grad(f, argnum), argnum, tuple(args_of_f), kwargs)
        return jvp(g, (x,), (direction,))[1]

    return _named(product, "hessian_vector_product", f)


def basis(x: Any) -> list[np.ndarray]:
    """The unit vectors of a space of x's shape."""
    flat = np.eye(x.size, dtype=x.dtype)
    return [row.reshape(x.shape) for row in flat]


def _of(f: Function, argnum: int | tuple[int, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The function f as a function of the chosen arguments, and these."""
    chosen = (argnum,) if isinstance(argnum, int) else argnum
    for k in chosen:
        if not 0 <= k < len(args):
            raise GraphError(f"argnum = {k}: the function was called with {len(args)} arguments, counted from 0.")

    def of_chosen(*values: Any) -> Any:
        all_ = list(args)
        for k, value in zip(chosen, values, strict=True):
            all_[k] = value
        return f(*all_, **kwargs)

    return of_chosen, *(args[k] for k in chosen)


def _one_real_number(y: Any) -> None:
    """Refuse what has no gradient."""
    if isinstance(y, tuple | list | dict) or y is None:
        raise GraphError(
            f"the function gives a {type(y).__name__}, but a gradient belongs to one number: return that alone."
        )
    y = as_array(y)
    if y.shape != ():
        raise GraphError(
            f"the function gives an array of shape {y.shape}, but a gradient belongs to one number.\n"
            "Take the sum (or mean) of it, or use jacobian for all derivatives, elementwise_grad for one of each element."
        )
    if y.dtype.kind != "f":
        raise GraphError(
            f"the function gives a number of dtype {y.dtype}, but a gradient belongs to a real number.\n"
            "Take its real part, or its absolute value."
        )


def _sound(found: Any, f: Function, argnum: Any, args: Any, kwargs: Any) -> None:
    """Refuse NaN, and say where it came from."""
    plain = [x for x in trees.leaves(found) if not traced(x)]
    if any(np.isnan(x).any() for x in plain):
        raise first_nan(*_of(f, argnum, args, kwargs))


def _size(tree: Any) -> int:
    """How many numbers it has."""
    return sum(math.prod(shape(x)) for x in trees.leaves(tree))


def _by_rows(y: Any, back: Function, x: Any) -> Any:
    """The Jacobian in reverse mode: the adjoints of the argument for each number of the result."""
    xs, ys = trees.leaves(x), [as_array(part) for part in trees.leaves(y)]

    def row(k: int, e: Any) -> list[Any]:
        """Adjoints say how the real part of a result changes; the imaginary one is the real part of -i times it."""
        found, turn = trees.leaves(back(_alone(y, k, e))[0]), e.dtype.kind == "c"
        if not turn or all(g.dtype.kind == "c" for g in found):
            return found
        turned = trees.leaves(back(_alone(y, k, -1j * e))[0])
        return [g if g.dtype.kind == "c" else g + 1j * h for g, h in zip(found, turned, strict=True)]

    rows = [[row(k, e) for e in basis(part)] for k, part in enumerate(ys)]
    blocks = [
        [_joined([row[i] for row in rows[k]], (*part.shape, *shape(xs[i])), 0) for i in range(len(xs))]
        for k, part in enumerate(ys)
    ]
    return trees.rebuilt(y, iter([trees.rebuilt(x, iter(block)) for block in blocks]))


def _by_columns(g: Function, x: Any) -> Any:
    """The Jacobian in forward mode: the tangents of the result for each number of the argument."""
    xs = [as_array(part) for part in trees.leaves(x)]

    def column(k: int, e: Any) -> Any:
        """Of a real result by a complex number, what it changes by along both axes."""
        found = jvp(g, (x,), (_alone(x, k, e),))[1]
        if e.dtype.kind != "c" or all(t.dtype.kind == "c" for t in trees.leaves(found)):
            return found
        turned = jvp(g, (x,), (_alone(x, k, 1j * e),))[1]
        return trees.mapped(lambda t, u: t if t.dtype.kind == "c" else t - 1j * u, found, turned)

    columns = [[column(k, e) for e in basis(part)] for k, part in enumerate(xs)]
    y = next((found for part in columns for found in part), None)
    y = g(x) if y is None else y
    parts = [[trees.leaves(found) for found in part] for part in columns]
    blocks = [
        [_joined([found[k] for found in parts[i]], (*shape(part), *xs[i].shape), -1) for i in range(len(xs))]
        for k, part in enumerate(trees.leaves(y))
    ]
    return trees.rebuilt(y, iter([trees.rebuilt(x, iter(block)) for block in blocks]))


def _alone(tree: Any, k: int, e: Any) -> Any:
    """A direction in which array k of a tree moves, and the others do not."""
    return trees.rebuilt(tree, iter([e if i == k else 0.0 for i in range(len(trees.leaves(tree)))]))


def _joined(parts: Sequence[Any], whole: tuple[int, ...], axis: int) -> Any:
    """Rows or columns of a Jacobian, put together."""
    return np.reshape(np.stack(list(parts), axis), whole) if parts else np.zeros(whole)


def _named(function: Function, name: str, f: Function) -> Function:
    """A function that says what it is."""
    function.__name__ = function.__qualname__ = f"{name}({getattr(f, '__name__', 'f')})"
    function.__doc__ = f"{name} of {getattr(f, '__name__', 'a function')}; see chainrule.graph.{name}."
    return function
