"""Derivatives of functions, as functions: each may be differentiated again, in either mode."""

from __future__ import annotations

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
        Its argument and its result are arrays.
    argnum : int
    mode : {"auto", "forward", "reverse"}
        A pass for each element of the argument, or for each element of the result; ``"auto"`` takes the fewer.

    Returns
    -------
    callable
        Gives an array of the result's shape, then the argument's.

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
        x = as_array(x)
        back = None
        if mode != "forward":
            y, back = vjp(g, x)
            size = int(np.prod(shape(y)))
        if back is None or (mode == "auto" and x.size < size):
            columns = [jvp(g, (x,), (e,))[1] for e in basis(x)]
            return _joined(columns, (*shape(columns[0]), *x.shape) if columns else (0, *x.shape), last=True)
        rows = [back(e)[0] for e in basis(as_array(y))]
        return _joined(rows, (*shape(y), *x.shape), last=False)

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


def _joined(parts: Sequence[Any], whole: tuple[int, ...], *, last: bool) -> Any:
    """Rows or columns of a Jacobian, put together."""
    if not parts:
        return np.zeros(whole)
    return np.reshape(np.stack(list(parts), axis=-1 if last else 0), whole)


def _named(function: Function, name: str, f: Function) -> Function:
    """A function that says what it is."""
    function.__name__ = function.__qualname__ = f"{name}({getattr(f, '__name__', 'f')})"
    function.__doc__ = f"{name} of {getattr(f, '__name__', 'a function')}; see chainrule.graph.{name}."
    return function
