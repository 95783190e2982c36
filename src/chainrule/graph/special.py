"""The functions of ``scipy.special``, for plain and for traced values.

Its ufuncs (expit, erf, gammaln ...) take traced values as they are, like NumPy's. Those of its functions that are written
in Python turn what they are given into plain arrays first: take these from here. Any other name is looked up there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph.modes import as_array
from chainrule.graph.table import OPERATIONS
from chainrule.graph.tracing import plain

__all__ = ["log_softmax", "logsumexp", "multigammaln", "softmax"]

Axis = int | tuple[int, ...] | None


def logsumexp(a: Any, axis: Axis = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """The logarithm of the sum of exponentials, without overflow: log sum b exp(a).

    Parameters
    ----------
    a : array_like
    axis : int, tuple of int or None
        Which axes are summed over; all of them by default.
    b : array_like, optional
        A factor for each term, of a shape that broadcasts with a.
    keepdims : bool
        Whether the axes stay, with length 1.
    return_sign : bool
        Whether the sum may be negative: then the logarithm of its size, and its sign, are given.

    Returns
    -------
    array, or a tuple of two

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import graph
    >>> float(logsumexp(np.array([1000.0, 1000.0])).round(4))
    1000.6931
    >>> graph.grad(logsumexp)(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    a = as_array(a)
    top = _top(plain(a) if b is None else np.where(plain(b) != 0, plain(a), -np.inf), axis)
    with np.errstate(divide="ignore"):  # a sum of no size has the logarithm -inf
        terms = np.exp(a - top) if b is None else b * np.exp(np.minimum(a - top, _largest(a)))
        total = np.sum(terms, axis=axis, keepdims=keepdims)
        top = top if keepdims else np.squeeze(top, axis)
        if return_sign:
            return np.log(np.abs(total)) + top, np.sign(total)
        return np.log(total) + top


def softmax(x: Any, axis: Axis = None) -> Any:
    """Exponentials over their sum, without overflow.

    Parameters
    ----------
    x : array_like
    axis : int, tuple of int or None
        Along which axes they add up to 1; over the whole array by default.

    Examples
    --------
    >>> import numpy as np
    >>> softmax(np.array([0.0, np.log(3.0)]))
    array([0.25, 0.75])
    """
    x = as_array(x)
    terms = np.exp(x - _top(plain(x), axis))
    return terms / np.sum(terms, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: Axis = None) -> Any:
    """The logarithm of :func:`softmax`, also where that is too small for a number.

    Examples
    --------
    >>> import numpy as np
    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    x = as_array(x)
    x = x - _top(plain(x), axis)
    return x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True))


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the gamma function of d dimensions, which scales the Wishart distribution (needs SciPy).

    Parameters
    ----------
    a : array_like
        Each above (d - 1) / 2.
    d : int
        How many dimensions.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(np.exp(multigammaln(1.5, 2))), 4)
    1.5708
    """
    if not (isinstance(d, int | np.integer) and d > 0) or np.any(plain(a) <= 0.5 * (d - 1)):
        raise GraphError(f"multigammaln(a, d = {d}) is there for whole d >= 1 and a > (d - 1) / 2.")
    gammaln = __getattr__("gammaln")
    total: Any = sum(gammaln(a - 0.5 * j) for j in range(d))
    return total + 0.25 * d * (d - 1) * math.log(math.pi)


# What takes the place of scipy.special's functions of these names.
SUMS: dict[str, Callable[..., Any]] = {
    "logsumexp": logsumexp, "softmax": softmax, "log_softmax": log_softmax, "multigammaln": multigammaln,
}  # fmt: skip


def _top(x: Any, axis: Axis) -> Any:
    """The largest along axes, which stay, with length 1; 0 where it is not finite."""
    top = np.max(np.real(x) * 1.0, axis=axis, keepdims=True, initial=-np.inf)
    return np.where(np.isfinite(top), top, 0.0)


def _largest(x: Any) -> float:
    """The largest exponent of e that gives a number; that of a term with factor 0 may be above it."""
    return math.log(np.finfo(x.dtype if x.dtype.kind in "fc" else np.float64).max) - 1


def __getattr__(name: str) -> Any:
    """Everything else of ``scipy.special``."""
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        source = import_module("scipy.special")
    except ImportError as error:
        raise GraphError(f"{__name__}.{name} is SciPy's, which is not installed: pip install scipy.") from error
    function = getattr(source, name)
    import_module("chainrule.graph.rules.special")
    return function if isinstance(function, np.ufunc) else OPERATIONS.get(function, function)
