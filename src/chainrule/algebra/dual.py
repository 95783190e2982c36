"""Dual numbers: run any function on them and it carries its derivative along (forward mode).

A :class:`Dual` is ``value + tangent * epsilon`` with ``epsilon ** 2 = 0``. Values may be numbers, arrays, or symbols: on
symbols the derivative comes out as a formula, which the engines lower like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from chainrule.algebra.special import erf

# d ufunc / d each operand, from the operands and the result y.
PARTIALS: dict[Any, tuple[Callable[..., Any], ...]] = {
    np.add: (lambda a, b, y: 1, lambda a, b, y: 1),
    np.subtract: (lambda a, b, y: 1, lambda a, b, y: -1),
    np.multiply: (lambda a, b, y: b, lambda a, b, y: a),
    np.divide: (lambda a, b, y: 1 / b, lambda a, b, y: -y / b),
    np.power: (lambda a, b, y: b * a ** (b - 1), lambda a, b, y: np.log(a) * y),
    np.maximum: (lambda a, b, y: a > b, lambda a, b, y: a <= b),
    np.minimum: (lambda a, b, y: a < b, lambda a, b, y: a >= b),
    np.logaddexp: (lambda a, b, y: np.exp(a - y), lambda a, b, y: np.exp(b - y)),
    np.hypot: (lambda a, b, y: a / y, lambda a, b, y: b / y),
    np.arctan2: (lambda a, b, y: b / (a * a + b * b), lambda a, b, y: -a / (a * a + b * b)),
    np.negative: (lambda x, y: -1,),
    np.positive: (lambda x, y: 1,),
    np.reciprocal: (lambda x, y: -y * y,),
    np.square: (lambda x, y: 2 * x,),
    np.sqrt: (lambda x, y: 0.5 / y,),
    np.cbrt: (lambda x, y: 1 / (3 * y * y),),
    np.exp: (lambda x, y: y,),
    np.exp2: (lambda x, y: np.log(2.0) * y,),
    np.expm1: (lambda x, y: y + 1,),
    np.log: (lambda x, y: 1 / x,),
    np.log2: (lambda x, y: 1 / (np.log(2.0) * x),),
    np.log10: (lambda x, y: 1 / (np.log(10.0) * x),),
    np.log1p: (lambda x, y: 1 / (1 + x),),
    np.sin: (lambda x, y: np.cos(x),),
    np.cos: (lambda x, y: -np.sin(x),),
    np.tan: (lambda x, y: 1 + y * y,),
    np.arcsin: (lambda x, y: 1 / np.sqrt(1 - x * x),),
    np.arccos: (lambda x, y: -1 / np.sqrt(1 - x * x),),
    np.arctan: (lambda x, y: 1 / (1 + x * x),),
    np.sinh: (lambda x, y: np.cosh(x),),
    np.cosh: (lambda x, y: np.sinh(x),),
    np.tanh: (lambda x, y: 1 - y * y,),
    np.arcsinh: (lambda x, y: 1 / np.sqrt(x * x + 1),),
    np.arccosh: (lambda x, y: 1 / np.sqrt(x * x - 1),),
    np.arctanh: (lambda x, y: 1 / (1 - x * x),),
    np.absolute: (lambda x, y: np.sign(x),),
    np.fabs: (lambda x, y: np.sign(x),),
    erf: (lambda x, y: 2 / np.sqrt(np.pi) * np.exp(-x * x),),
}
# Their derivative is 0 wherever it exists, so the result is a plain value.
CONSTANT = frozenset({
    np.greater, np.less, np.greater_equal, np.less_equal, np.equal, np.not_equal, np.sign, np.floor, np.ceil, np.rint,
    np.isfinite, np.isnan, np.isinf, np.logical_and, np.logical_or, np.logical_not, np.bitwise_and, np.bitwise_or,
})  # fmt: skip


class Dual(NDArrayOperatorsMixin):
    """A value and its derivative along one direction.

    Parameters
    ----------
    value, tangent : number, ndarray or Expr
        The value, and its derivative: of the value's shape, or a number that stands for all its elements.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.tanh(Dual(0.5, 1.0)) * 3
    >>> bool(abs(y.tangent - 3 * (1 - np.tanh(0.5) ** 2)) < 1e-15)
    True
    """

    __slots__ = ("tangent", "value")
    __hash__ = object.__hash__

    def __init__(self, value: Any, tangent: Any = 0) -> None:
        self.value, self.tangent = value, tangent

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Run the ufunc on the values and its rule on the tangents."""
        if method == "reduce" and not set(options) - {"axis", "keepdims"}:
            return _reduce(ufunc, inputs[0], **{"axis": 0, **options})
        if method != "__call__" or options:
            return NotImplemented
        values = [value_of(x) for x in inputs]
        if ufunc in CONSTANT:
            return ufunc(*values)
        if ufunc is np.matmul:
            a, b = inputs
            terms = [_times(value_of(a), tangent_of(b), np.matmul), _times(tangent_of(a), value_of(b), np.matmul)]
            return Dual(ufunc(*values), _total(terms))
        if ufunc not in PARTIALS:
            raise NotImplementedError(f"np.{ufunc.__name__} has no derivative rule; PARTIALS in {__name__} has the rules")
        y = ufunc(*values)
        rules = zip(PARTIALS[ufunc], inputs, strict=True)
        terms = [rule(*values, y) * tangent_of(x) for rule, x in rules if not _is_zero(tangent_of(x))]
        return Dual(y, _total(terms))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """NumPy's functions that are not ufuncs, where they have a rule here."""
        if function not in _FUNCTIONS:
            raise NotImplementedError(f"np.{function.__name__} has no derivative rule for dual numbers")
        return _FUNCTIONS[function](*args, **kwargs)

    @property
    def shape(self) -> tuple[int, ...]:
        """The value's shape."""
        return np.shape(self.value)

    @property
    def T(self) -> Dual:
        """The transpose."""
        return _linear(self, lambda x: x.T)

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Dual:
        """The sum along an axis."""
        return _reduce(np.add, self, axis=axis, keepdims=keepdims)

    def max(self, axis: int | None = None, keepdims: bool = False) -> Dual:
        """The largest along an axis."""
        return _reduce(np.maximum, self, axis=axis, keepdims=keepdims)

    def __getitem__(self, index: Any) -> Dual:
        return _linear(self, lambda x: x[index])

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, {self.tangent!r})"


def derivative(f: Callable[[Any], Any], z: Any) -> Any:
    """The derivative of an elementwise function at each element of z; works on arrays and on symbols."""
    found = f(Dual(z, 1))
    if isinstance(found, np.ndarray) and found.dtype == object and any(isinstance(x, Dual) for x in found.flat):
        raise TypeError("it takes its operand apart into Python objects, as np.vectorize and np.array([...]) do")
    return tangent_of(found)


def is_elementwise(f: Callable[..., Any], *matrices: np.ndarray) -> bool:
    """Whether f gives each element the value that it has alone: only then is ``derivative`` its derivative."""
    with np.errstate(all="ignore"):
        together = f(*matrices)
        alone = [f(*(x[i : i + 1, j : j + 1] for x in matrices)) for i, j in np.ndindex(*together.shape)]
    return np.allclose(together, np.reshape(alone, together.shape), equal_nan=True)


def value_of(x: Any) -> Any:
    """The value of a dual; anything else is its own."""
    return x.value if isinstance(x, Dual) else x


def tangent_of(x: Any) -> Any:
    """The tangent of a dual; anything else is constant."""
    return x.tangent if isinstance(x, Dual) else 0


def _is_zero(x: Any) -> bool:
    """Whether a tangent is the plain number 0, so that its term can be left out."""
    return isinstance(x, int | float) and x == 0


def _times(a: Any, b: Any, product: Callable[[Any, Any], Any]) -> Any:
    return 0 if _is_zero(a) or _is_zero(b) else product(a, b)


def _total(terms: list[Any]) -> Any:
    """The sum of the terms; 0 of none."""
    terms = [t for t in terms if not _is_zero(t)]
    return sum(terms[1:], terms[0]) if terms else 0


def _full(x: Dual) -> Any:
    """The tangent at the value's full shape."""
    return np.broadcast_to(x.tangent, np.shape(x.value)) if isinstance(x.value, np.ndarray) else x.tangent


def _linear(x: Dual, f: Callable[[Any], Any]) -> Dual:
    """A linear rearrangement: the tangent moves as the value does."""
    return Dual(f(x.value), f(_full(x)))


def _reduce(ufunc: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Dual:
    """Sum: the sum of tangents. Max: the tangent of the largest, shared where several are."""
    if ufunc is np.add:
        return _linear(x, lambda v: v.sum(axis=axis, keepdims=keepdims))
    if ufunc is not np.maximum:
        raise NotImplementedError(f"np.{ufunc.__name__}.reduce has no derivative rule for dual numbers")
    largest = x.value.max(axis=axis, keepdims=True)
    chosen = x.value == largest
    tangent = (_full(x) * chosen).sum(axis=axis, keepdims=keepdims) / chosen.sum(axis=axis, keepdims=keepdims)
    return Dual(x.value.max(axis=axis, keepdims=keepdims), tangent)


def _where(condition: Any, x: Any, y: Any) -> Dual:
    condition = value_of(condition)
    return Dual(np.where(condition, value_of(x), value_of(y)), np.where(condition, tangent_of(x), tangent_of(y)))


def _clip(x: Any, low: Any = None, high: Any = None) -> Any:
    x = x if low is None else np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


def _concatenate(parts: Any, axis: int = 0) -> Dual:
    full = [p if isinstance(p, Dual) else Dual(p) for p in parts]
    return Dual(np.concatenate([p.value for p in full], axis), np.concatenate([_full(p) for p in full], axis))


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.clip: _clip,
    np.concatenate: _concatenate,
    np.transpose: lambda x: x.T,
    np.sum: lambda x, axis=None, keepdims=False: x.sum(axis, keepdims),
    np.max: lambda x, axis=None, keepdims=False: x.max(axis, keepdims),
}
