"""What a traced value has in common with an array: operators, attributes, methods. Each is a function of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.graph.refusals import changed, cut
from chainrule.graph.table import OPERATIONS

Operator = Callable[[Any, Any], Any]
LISTS = frozenset({list, tuple})  # a ufunc takes one for an array; so that rules can compute with it, it becomes one


# The functions below look a rule up when they are called, since the table is filled later; and a method must be a function.


def _operator(ufunc: Any) -> Operator:
    def operator(self: Any, other: Any) -> Any:
        return OPERATIONS[ufunc](self, np.asarray(other) if other.__class__ in LISTS else other)

    return operator


def _reversed(ufunc: Any) -> Operator:
    return lambda self, other: OPERATIONS[ufunc](np.asarray(other) if other.__class__ in LISTS else other, self)


def _in_place(ufunc: Any, sign: str) -> Operator:
    def operator(self: Any, other: Any) -> Any:
        if self.ndim:
            raise changed(f"x {sign}= y")
        return OPERATIONS.get(ufunc, ufunc)(self, np.asarray(other) if other.__class__ in LISTS else other)

    return operator


def _compared(ufunc: Any) -> Operator:
    def operator(self: Any, other: Any) -> Any:
        return ufunc(self, other)

    return operator


def _method(function: Any) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return OPERATIONS[function](self, *args, **kwargs)

    return method


def _constant(function: Any) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    return method


def _refusing(how: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG001  whatever it is called with
        raise changed(how)

    return method


def _cutting(how: str, instead: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG001  whatever it is called with
        raise cut(how, instead)

    return method


class Array:
    """The part of an array's interface that a derivative can go through."""

    __slots__ = ()
    value: Any

    __add__, __radd__ = _operator(np.add), _reversed(np.add)
    __sub__, __rsub__ = _operator(np.subtract), _reversed(np.subtract)
    __mul__, __rmul__ = _operator(np.multiply), _reversed(np.multiply)
    __truediv__, __rtruediv__ = _operator(np.divide), _reversed(np.divide)
    __pow__, __rpow__ = _operator(np.power), _reversed(np.power)
    __mod__, __rmod__ = _operator(np.remainder), _reversed(np.remainder)
    __matmul__, __rmatmul__ = _operator(np.matmul), _reversed(np.matmul)
    __floordiv__, __rfloordiv__ = _compared(np.floor_divide), lambda self, other: np.floor_divide(other, self)
    __iadd__, __isub__ = _in_place(np.add, "+"), _in_place(np.subtract, "-")
    __imul__, __itruediv__ = _in_place(np.multiply, "*"), _in_place(np.divide, "/")
    __ipow__, __imatmul__ = _in_place(np.power, "**"), _in_place(np.matmul, "@")
    __imod__, __ifloordiv__ = _in_place(np.remainder, "%"), _in_place(np.floor_divide, "//")
    __divmod__, __rdivmod__ = _operator(np.divmod), _reversed(np.divmod)
    __lt__, __le__, __gt__, __ge__ = map(_compared, (np.less, np.less_equal, np.greater, np.greater_equal))
    __eq__, __ne__ = _compared(np.equal), _compared(np.not_equal)
    __hash__ = object.__hash__
    __setitem__ = _refusing("x[...] = y")
    __float__ = _cutting(
        "float()",
        "Leave it an array; np.exp(x) and the like work on it as math.exp(x) does on a number. An array is not filled with "
        "a[k] = x: np.stack([x, y]) makes one of traced numbers.",
    )
    __int__ = __index__ = _cutting("int()", "If no derivative is wanted, take x.value.")
    __complex__ = _cutting("complex()", "Leave it an array; 1j * x is complex.")
    __array__ = _cutting(
        "np.asarray() (called by you, or by a function that takes plain arrays only)",
        "np.stack([a, b]) makes an array of traced numbers, np.concatenate of traced arrays; other functions of np and "
        "scipy.special that have a rule take traced values as they are. Of scipy.special, softmax, logsumexp, polygamma "
        "and others are no ufuncs: take them from chainrule.graph.special. Or x.value if no derivative is wanted.",
    )

    def __neg__(self) -> Any:
        return OPERATIONS[np.negative](self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return OPERATIONS[np.absolute](self)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __getitem__(self, index: Any) -> Any:
        return OPERATIONS["getitem"](self, index)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        if not self.ndim:
            raise TypeError("a number cannot be iterated over")
        return (self[i] for i in range(len(self)))

    def __round__(self, ndigits: int | None = None) -> Any:
        return round(self.value, ndigits)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"

    @property
    def shape(self) -> tuple[int, ...]:
        """The value's shape."""
        return self.value.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return self.value.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """How many elements it has."""
        return self.value.size  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Its scalar type."""
        return self.value.dtype  # type: ignore[no-any-return]

    @property
    def T(self) -> Any:
        """The transpose."""
        return OPERATIONS[np.transpose](self)

    @property
    def mT(self) -> Any:
        """The transpose of each matrix of a stack."""
        return OPERATIONS[np.swapaxes](self, -1, -2)

    @property
    def real(self) -> Any:
        """The real part."""
        return OPERATIONS[np.real](self)

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return OPERATIONS[np.imag](self)

    @property
    def flat(self) -> Iterator[Any]:
        """The elements, one by one."""
        return iter(self.ravel())

    sum, prod, mean, var, std = map(_method, (np.sum, np.prod, np.mean, np.var, np.std))
    max, min, ptp = map(_method, (np.max, np.min, np.ptp))
    cumsum, cumprod, dot, clip = map(_method, (np.cumsum, np.cumprod, np.dot, np.clip))
    ravel, squeeze, swapaxes, repeat, take = map(_method, (np.ravel, np.squeeze, np.swapaxes, np.repeat, np.take))
    flatten = _method(np.ravel)
    trace, diagonal, conj, conjugate = map(_method, (np.trace, np.diagonal, np.conj, np.conj))
    argmax, argmin, argsort, nonzero = map(_constant, (np.argmax, np.argmin, np.argsort, np.nonzero))
    argpartition, searchsorted = _constant(np.argpartition), _constant(np.searchsorted)
    any, all, round = map(_constant, (np.any, np.all, np.round))
    sort, fill, put, partition = map(_refusing, ("x.sort()", "x.fill()", "x.put()", "x.partition()"))
    item = _cutting("x.item()", "x[0] stays in the graph.")
    tolist = _cutting("x.tolist()", "list(x) stays in the graph.")

    def reshape(self, *shape: Any, order: Any = "C") -> Any:
        """As of an array: the sizes one by one, or in a tuple."""
        return OPERATIONS[np.reshape](self, shape[0] if len(shape) == 1 else shape, order=order)

    def transpose(self, *axes: Any) -> Any:
        """As of an array: the axes one by one, in a tuple, or none."""
        order = axes[0] if len(axes) == 1 else axes or None
        return OPERATIONS[np.transpose](self, order)

    def astype(self, dtype: Any, **_: Any) -> Any:
        """Of another scalar type; a whole number or a truth value ends the graph."""
        return OPERATIONS["astype"](self, dtype)

    def copy(self, order: Any = "C") -> Any:  # noqa: ARG002  a traced value is never changed
        """The same: a traced value is never changed in its place."""
        return self
