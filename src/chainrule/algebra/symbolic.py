"""Symbols: run any equation on them and the result is its formula.

An :class:`Expr` is a node of an expression tree. It takes part in Python's operators and in NumPy's protocols, so code
written for arrays builds the tree by running. Printers (:mod:`chainrule.algebra.formula`) write the tree as LaTeX or as
text; the engines lower it to programs. One tree, so that the formula shown is the program that runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin


class Expr(NDArrayOperatorsMixin):
    """One node: a leaf with a name, or an operation on further nodes and numbers.

    Parameters
    ----------
    head : str or ufunc
        ``"leaf"``, ``"T"``, ``"where"``, ``"reduce"``, ``"call"``, or the NumPy ufunc itself.
    args : tuple
        The operands: nodes, numbers or arrays.
    info : dict
        What the head needs beside its operands: a leaf's ``name``, ``latex``, ``text``; a reduction's ``ufunc``, ``axis``.
    scalar : bool
        Whether it stands for one number; a product with it is written without the elementwise sign.
    """

    __slots__ = ("args", "head", "info", "scalar")
    __hash__ = object.__hash__

    def __init__(self, head: Any, args: tuple[Any, ...] = (), *, scalar: bool | None = None, **info: Any) -> None:
        self.head, self.args, self.info = head, args, info
        self.scalar = all(_is_scalar(x) for x in args) if scalar is None else scalar

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """NumPy hands every ufunc on a symbol to this method."""
        if method == "reduce":
            return _reduce(ufunc, inputs[0], options.get("axis", 0), options.get("keepdims", False))
        if method != "__call__" or options:
            return NotImplemented
        if not all(_is_operand(type(x)) for x in inputs):
            return NotImplemented
        if any(isinstance(x, np.ndarray) and x.dtype == object and x.ndim for x in inputs):
            return NotImplemented if ufunc is np.matmul else _of_each(ufunc, inputs)
        return _simplified(ufunc, inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """NumPy hands the functions that are not ufuncs to this method."""
        rule = _FUNCTIONS.get(function) if all(_is_operand(t) for t in types) else None
        return NotImplemented if rule is None else rule(*args, **kwargs)

    def __getattr__(self, name: str) -> Callable[[], Any]:
        """Object arrays call ``x.exp()`` for ``np.exp``: an array of symbols works like one symbol."""
        ufunc = getattr(np, name, None)
        if isinstance(ufunc, np.ufunc) and ufunc.nin == 1:
            return lambda: _simplified(ufunc, (self,))
        raise AttributeError(f"a symbol has no attribute {name!r}")

    def __bool__(self) -> bool:
        raise TypeError("a symbol has no truth value: write np.where, np.maximum or np.minimum instead of if")

    @property
    def T(self) -> Expr:
        """The transpose."""
        return Expr("T", (self,))

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Any:
        """The sum along an axis."""
        return _reduce(np.add, self, axis, keepdims)

    def max(self, axis: int | None = None, keepdims: bool = False) -> Any:
        """The largest along an axis."""
        return _reduce(np.maximum, self, axis, keepdims)

    def __repr__(self) -> str:
        from chainrule.algebra.formula import text

        return text(self)


def leaf(name: Any, *, latex: str = "", text: str = "", scalar: bool = False) -> Expr:
    """A symbol; ``name`` is whatever the caller needs to find it again."""
    return Expr("leaf", scalar=scalar, name=name, latex=latex or str(name), text=text or str(name))


def function_symbol(latex: str, text: str) -> Callable[..., Expr]:
    """A symbol that can be called, such as sigma: ``sigma(z)`` is a node of its own."""

    def call(*args: Any) -> Expr:
        return Expr("call", args, latex=latex, text=text)

    return call


def _is_operand(kind: type) -> bool:
    """Whether a node may hold it: not a dual number, which holds symbols rather than stands among them."""
    return issubclass(kind, Expr | np.ndarray | np.generic) or not hasattr(kind, "__array_ufunc__")


def _is_scalar(x: Any) -> bool:
    """Whether an operand stands for one number."""
    return bool(x.scalar) if isinstance(x, Expr) else np.ndim(x) == 0


def _is_number(x: Any, value: float) -> bool:
    """Whether an operand is exactly this plain number."""
    return isinstance(x, int | float) and x == value


def _of_each(ufunc: Any, inputs: tuple[Any, ...]) -> Any:
    """An operation on an array of symbols and a single symbol: one node for each component."""
    return np.frompyfunc(ufunc, ufunc.nin, 1)(*(_boxed(x) for x in inputs))


def _boxed(x: Any) -> Any:
    """A symbol as an array without axes, which NumPy broadcasts as it does a number."""
    if not isinstance(x, Expr):
        return x
    box = np.empty((), object)
    box[()] = x
    return box


def _simplified(ufunc: Any, inputs: tuple[Any, ...]) -> Any:
    """A node, or its operand where 0 or 1 makes the operation idle (derivative rules produce these)."""
    if ufunc is np.multiply:
        if any(_is_number(x, 0) for x in inputs):
            return 0.0
        for x, other in (inputs, inputs[::-1]):
            if _is_number(x, 1):
                return other
    if ufunc is np.add:
        for x, other in (inputs, inputs[::-1]):
            if _is_number(x, 0):
                return other
    if ufunc is np.subtract and _is_number(inputs[1], 0):
        return inputs[0]
    return Expr(ufunc, inputs)


def _reduce(ufunc: Any, x: Any, axis: Any, keepdims: bool) -> Expr:
    """A sum or the like: over everything, or along one axis of neurons (0) and examples (1)."""
    if not (axis is None or (isinstance(axis, int) and -2 <= axis < 2)):
        raise TypeError(f"axis = {axis!r}: a symbol is reduced along axis 0 or 1, or over everything")
    axis = axis if axis is None else axis % 2
    return Expr("reduce", (x,), scalar=axis is None, ufunc=ufunc, axis=axis, keepdims=bool(keepdims))


def _where(condition: Any, x: Any, y: Any) -> Expr:
    return Expr("where", (condition, x, y))


def _clip(x: Any, low: Any = None, high: Any = None, **_: Any) -> Any:
    x = x if low is None else np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.clip: _clip,
    np.transpose: lambda x: x.T,
    np.sum: lambda x, axis=None, keepdims=False: _reduce(np.add, x, axis, keepdims),
    np.max: lambda x, axis=None, keepdims=False: _reduce(np.maximum, x, axis, keepdims),
}
