"""Values that remember how they were computed, and values that carry their derivative along.

NumPy hands every function of a :class:`Traced` value to the value itself (``__array_ufunc__``, ``__array_function__``). It
looks the function up in ``OPERATIONS``, computes the result on the plain values inside, and gives back a value of its own
kind (:mod:`chainrule.graph.values`). A value inside may be traced again, for another derivative: ``level`` tells them
apart, the innermost has the highest.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from chainrule.graph.arrays import LISTS, Array
from chainrule.graph.refusals import closed_over, no_rule, refused
from chainrule.graph.table import CONSTANT, OPERATIONS, REDUCTIONS

Rule = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Operation:
    """A function with its rules.

    Parameters
    ----------
    name : str
    function : callable
        On plain arrays.
    back : tuple of callable, or callable
        Reverse mode: for each operand, ``rule(g, y, *operands, **options)`` gives its adjoint from g, the adjoint of the
        result y; None for an operand without derivative. It may leave out what the adjoint's shape and dtype follow from:
        sums over broadcast axes, and the real part for a real operand.
        One callable for all: ``rule(k, g, y, *operands, **options)`` for operand k.
    forth : tuple of callable, callable or None
        Forward mode: ``rule(t, y, *operands, **options)`` gives the tangent of y from the tangent t of the operand.
        None where the function is linear in each of its operands: the tangent is the function itself, with t in place of
        the operand.
    keeps : str
        What the rules of reverse mode need the numbers of: ``"x"`` the operands, ``"y"`` the result, ``"xy"`` both, ``""``
        none. Of the rest they get the shape and dtype alone. A function that is linear in each operand needs the others.
    """

    name: str
    function: Callable[..., Any]
    back: tuple[Rule | None, ...] | Rule
    forth: tuple[Rule | None, ...] | Rule | None = None
    keeps: str = "xy"

    def __call__(self, *operands: Any, **options: Any) -> Any:
        """The function on plain or traced values."""
        return apply(self, operands, options)

    def adjoint(self, k: int, g: Any, y: Any, operands: Any, options: Any) -> Any:
        """The adjoint of operand k."""
        if isinstance(self.back, tuple):
            rule = self.back[k] if k < len(self.back) else None
            if rule is None:
                raise refused(self.name, k)
            return rule(g, y, *operands, **options)
        return self.back(k, g, y, *operands, **options)

    def tangent(self, k: int, t: Any, y: Any, operands: Any, options: Any) -> Any:
        """What the tangent of operand k adds to the tangent of the result."""
        if self.forth is None:
            return self(*operands[:k], t, *operands[k + 1 :], **options)
        if isinstance(self.forth, tuple):
            rule = self.forth[k] if k < len(self.forth) else None
            if rule is None:
                raise refused(self.name, k)
            return rule(t, y, *operands, **options)
        return self.forth(k, t, y, *operands, **options)


def apply(operation: Operation, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """The operation on operands of which the innermost traced ones remember it."""
    top, level = None, -1
    for x in operands:
        if isinstance(x, Traced) and x.level > level:
            top, level = x, x.level
    if top is None:
        return operation.function(*operands, **options)
    values = tuple([x.value if isinstance(x, Traced) and x.level == level else x for x in operands])
    y = apply(operation, values, options)
    if isinstance(y, Traced) and y.level >= level:  # its derivative by that value would be lost
        raise closed_over(operation.name)
    return top.after(operation, operands, values, options, y)


class Traced(Array):
    """A value in a computation that is being looked at; it does what an array does.

    Attributes
    ----------
    value : ndarray, NumPy scalar or Traced
        What it stands for.
    level : int
        Which derivative it takes part in.
    """

    __slots__ = ("level", "value")
    __array_priority__ = 1000.0

    value: Any
    level: int

    def after(self, operation: Operation, operands: Any, values: Any, options: Any, y: Any) -> Any:
        """The result y of an operation, as a value of this kind."""
        raise NotImplementedError

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """NumPy hands every ufunc on a traced value to this method."""
        if method == "__call__":
            if len(inputs) > 1:
                inputs = tuple([np.asarray(x) if x.__class__ in LISTS else x for x in inputs])
            if not options:
                found = OPERATIONS.get(ufunc)
                if found is not None:
                    return found(*inputs)
            if ufunc in CONSTANT:
                return ufunc(*map(plain, inputs), **options)
            return called(ufunc, inputs, options)
        reduction = REDUCTIONS.get((ufunc, method))
        if reduction is None:
            raise no_rule(ufunc, method)
        if options.get("out") is not None:
            raise refused(ufunc.__name__, "out")
        return OPERATIONS[reduction](*inputs, **({"axis": 0} | options if method != "outer" else options))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """NumPy hands the functions that are not ufuncs to this method."""
        found = OPERATIONS.get(function)
        if found is None:
            if function in CONSTANT:
                return function(*map(plain, args), **{name: plain(x) for name, x in kwargs.items()})
            raise no_rule(function)
        if kwargs:
            if kwargs.get("out") is not None:
                raise refused(function.__name__, "out")
            if any(isinstance(x, Traced) for x in kwargs.values()):  # an operand by its name: rules know it by its place
                bound = inspect.signature(function).bind(*args, **kwargs)
                args, kwargs = bound.args, bound.kwargs
        return found(*args, **kwargs)


def called(ufunc: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """A ufunc that is called with options, or that has no rule."""
    out = options.pop("out", None)
    if out is not None and any(x is not None for x in out):
        raise refused(ufunc.__name__, "out")
    dtype, where = options.pop("dtype", None), options.pop("where", True)
    if where is not True:
        raise refused(ufunc.__name__, "where")
    options.pop("casting", None)
    options.pop("subok", None)
    found = OPERATIONS.get(ufunc) or of_scipy(ufunc)
    if found is None:
        raise no_rule(ufunc)
    return found(*inputs, **options) if dtype is None else found(*(x.astype(dtype) for x in inputs), **options)


def of_scipy(ufunc: Any) -> Rule | None:
    """What a ufunc of scipy.special stands for: their rules are loaded with the first of them, where SciPy is."""
    if "scipy.special" in sys.modules:
        import_module("chainrule.graph.rules.special")
    if ufunc in CONSTANT:
        return lambda *inputs, **options: ufunc(*map(plain, inputs), **options)
    return OPERATIONS.get(ufunc)


def plain(x: Any) -> Any:
    """The array inside, out of every level; in a list or tuple too."""
    while isinstance(x, Traced):
        x = x.value
    return type(x)(map(plain, x)) if type(x) in {list, tuple} else x
