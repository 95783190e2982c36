"""Values that remember how they were computed, and values that carry their derivative along.

NumPy hands every function of a :class:`Traced` value to the value itself (``__array_ufunc__``, ``__array_function__``). It
looks the function up in ``OPERATIONS``, computes the result on the plain values inside, and gives back a value of its own
kind: a :class:`Node` of a graph, for reverse mode, or a :class:`Carrier` of a tangent, for forward mode. A value inside may
be traced again, for another derivative: ``level`` tells them apart, the innermost has the highest.
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from itertools import count
from typing import Any

import numpy as np

from chainrule.graph.arrays import Array
from chainrule.graph.refusals import no_rule, refused
from chainrule.graph.table import CONSTANT, OPERATIONS, REDUCTIONS

Rule = Callable[..., Any]
new_level = count().__next__
_serial = count().__next__


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


class Record:
    """What reverse mode has to know of a value: how it was computed, and of its numbers only what a rule needs.

    Attributes
    ----------
    value : ndarray, NumPy scalar, Traced or None
        The result, where the rule of the operation needs it; else None, and the rule gets the record in its place.
    operands : tuple
        Of those that the rule does not need, the record stands here: it has their shape and dtype.

    The others are those of :class:`Node`.
    """

    __slots__ = ("dtype", "operands", "operation", "options", "parents", "serial", "shape", "value")

    def __init__(self, y: Any, operation: Any = None, operands: Any = (), options: Any = None, parents: Any = ()) -> None:
        self.serial, self.operation, self.operands, self.options = _serial(), operation, operands, options
        self.parents, self.value = parents, None
        if not isinstance(y, tuple):
            self.shape, self.dtype = y.shape, y.dtype

    @property
    def ndim(self) -> int:
        """How many axes the value has."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many elements the value has."""
        return math.prod(self.shape)


class Recorded(Traced):
    """A value of which reverse mode will need the record; its numbers go when the program has no more use for them."""

    __slots__ = ("record",)

    def __init__(self, value: Any, level: int, record: Record | None = None) -> None:
        self.value, self.level, self.record = value, level, record or Record(value)

    def after(self, operation: Operation, operands: Any, values: Any, options: Any, y: Any) -> Any:
        """The result, recorded; for a function of several results, each."""
        level = self.level
        parents = [(k, x.record) for k, x in enumerate(operands) if isinstance(x, Recorded) and x.level == level]
        keeps = operation.keeps if operation.forth is not None else "x" if len(parents) > 1 else ""
        if "x" not in keeps:
            kept = list(values)
            for k, record in parents:
                kept[k] = record
            values = tuple(kept)
        record = Record(y, operation, values, options, parents)
        if "y" in keeps:
            record.value = y
        if not isinstance(y, tuple):
            return Recorded(y, level, record)
        parts = [Recorded(v, level, Record(v, ITEM, (record, k), {}, [(0, record)])) for k, v in enumerate(y)]
        return type(y)(*parts) if hasattr(y, "_fields") else tuple(parts)


class Node(Traced):
    """A value in a graph that is looked at: it keeps everything that it was computed from.

    Attributes
    ----------
    operation : Operation or None
        None for a value that nothing was computed to get.
    operands, options : tuple, dict
        What the operation was called with; values of this graph are replaced by what they stand for.
    parents : list of (int, Node)
        The operands that are nodes of this graph, with their places.
    serial : int
        Later nodes have higher numbers: an order in which each node comes after those that it was computed from.
    name : str
        What it is called where the graph is looked at; unset unless ``graph.named`` sets it.
    """

    __slots__ = ("name", "operands", "operation", "options", "parents", "serial")
    name: str

    def __init__(
        self, value: Any, level: int, operation: Operation | None = None, operands: tuple[Any, ...] = (),
        options: dict[str, Any] | None = None, parents: list[tuple[int, Node]] | None = None,
    ) -> None:  # fmt: skip
        self.value, self.level, self.serial = value, level, _serial()
        self.operation, self.operands, self.options, self.parents = operation, operands, options or {}, parents or []

    def after(self, operation: Operation, operands: Any, values: Any, options: Any, y: Any) -> Any:
        """A node for the result; for a function of several results, a node for each."""
        level = self.level
        parents = [(k, x) for k, x in enumerate(operands) if isinstance(x, Node) and x.level == level]
        node = Node(y, level, operation, values, options, parents)
        return _each(node, y) if isinstance(y, tuple) else node


class Carrier(Traced):
    """A value with its tangent: how it changes with what the derivative is taken by.

    Attributes
    ----------
    tangent : ndarray, NumPy scalar or Traced
        Of the value's shape; None is 0.
    """

    __slots__ = ("tangent",)

    def __init__(self, value: Any, level: int, tangent: Any) -> None:
        self.value, self.level, self.tangent = value, level, tangent

    def after(self, operation: Operation, operands: Any, values: Any, options: Any, y: Any) -> Any:
        """The result with its tangent: the sum of what each operand's tangent adds."""
        total: Any = None
        for k, x in enumerate(operands):
            if isinstance(x, Carrier) and x.level == self.level and x.tangent is not None:
                term = operation.tangent(k, x.tangent, y, values, options)
                total = term if total is None else _sum(total, term)
        if not isinstance(y, tuple):
            if total is not None and total.shape != y.shape:
                total = np.broadcast_to(total, y.shape)
            return Carrier(y, self.level, total)
        parts = [Carrier(v, self.level, None if total is None else total[i]) for i, v in enumerate(y)]
        return type(y)(*parts) if hasattr(y, "_fields") else tuple(parts)


@dataclass
class Parts:
    """Adjoints of some of several results; the others are 0."""

    found: dict[int, Any] = field(default_factory=dict)

    def __add__(self, other: Parts) -> Parts:
        total = dict(self.found)
        for k, g in other.found.items():
            total[k] = total[k] + g if k in total else g
        return Parts(total)

    def __getitem__(self, k: int) -> Any:
        """The adjoint of result k; the number 0 where it has none."""
        return self.found.get(k, 0.0)

    def __iter__(self) -> Iterator[Any]:
        return iter([self[k] for k in range(max(self.found) + 1)])


ITEM = Operation(
    "item", lambda parts, k: parts[k], (lambda g, y, parts, k: Parts({k: g}), None), (lambda t, y, parts, k: t[k], None)
)


def _each(node: Node, y: tuple[Any, ...]) -> Any:
    """A node for each of several results."""
    parts = [Node(v, node.level, ITEM, (y, k), {}, [(0, node)]) for k, v in enumerate(y)]
    return type(y)(*parts) if hasattr(y, "_fields") else tuple(parts)


def _sum(x: Any, y: Any) -> Any:
    """The sum of two tangents, of one result or of several."""
    return tuple(_sum(a, b) for a, b in zip(x, y, strict=True)) if isinstance(x, tuple) else x + y


def plain(x: Any) -> Any:
    """The array inside, out of every level; in a list or tuple too."""
    while isinstance(x, Traced):
        x = x.value
    return type(x)(map(plain, x)) if type(x) in {list, tuple} else x
