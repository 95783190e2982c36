"""Arrays of JAX under NumPy's protocols, so that functions written for NumPy run on them as they are."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

_REDUCTIONS = {np.add: "sum", np.maximum: "max", np.minimum: "min", np.multiply: "prod"}


class Traced(NDArrayOperatorsMixin):
    """An array of JAX under NumPy's protocols: NumPy's functions on it are those of the same name in ``jax.numpy``."""

    __slots__ = ("value",)
    __hash__ = object.__hash__

    def __init__(self, value: Any) -> None:
        self.value = value

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """NumPy hands every ufunc on it to this method."""
        if not all(_is_operand(type(x)) for x in inputs):
            return NotImplemented
        if method == "reduce" and ufunc in _REDUCTIONS:
            return _call(_named(_REDUCTIONS[ufunc]), *inputs, **{"axis": 0, **options})
        if method != "__call__" or options:
            return NotImplemented
        return _call(_named(ufunc.__name__), *_of_one_precision(inputs))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """NumPy hands the functions that are not ufuncs to this method."""
        if not all(_is_operand(t) for t in types):
            return NotImplemented
        return _call(_named(function.__name__), *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        """Its methods and attributes are the array's: ``T``, ``sum``, ``shape``."""
        if name.startswith("_"):
            raise AttributeError(f"a traced array has no attribute {name!r}")
        found = getattr(self.value, name)
        return partial(_call, found) if callable(found) else _lent(found)

    def __getitem__(self, index: Any) -> Any:
        parts = index if isinstance(index, tuple) else (index,)
        return Traced(self.value[tuple(np.asarray(i) if isinstance(i, list) else bare(i) for i in parts)])

    def __bool__(self) -> bool:
        raise TypeError("an array has no single truth value: write np.where, np.maximum or np.minimum instead of if")


def bare(x: Any) -> Any:
    """The array of JAX itself; anything else as it is."""
    return x.value if isinstance(x, Traced) else x


def like(x: Any, array: Any) -> Traced:
    """It in the shape and precision of an array."""
    import jax.numpy as jnp

    return Traced(jnp.broadcast_to(jnp.asarray(bare(x)), array.shape).astype(array.dtype))


def _is_operand(kind: type) -> bool:
    """Whether JAX can take it: not a dual number, which holds traced arrays rather than stands among them."""
    return issubclass(kind, Traced | np.ndarray | np.generic) or not hasattr(kind, "__array_ufunc__")


def _named(name: str) -> Any:
    """The function of this name in JAX."""
    import jax

    for room in (jax.numpy, jax.scipy.special):
        if hasattr(room, name):
            return getattr(room, name)
    raise NotImplementedError(f"jax.numpy has no {name}")


def _of_one_precision(inputs: tuple[Any, ...]) -> list[Any]:
    """Single numbers in the precision of the arrays they meet, as Python's numbers are in NumPy."""
    found = [bare(x) for x in inputs]
    kinds = [x.dtype for x in found if np.ndim(x) and x.dtype.kind == "f"]
    if not kinds:
        return found
    return [x.astype(max(kinds)) if hasattr(x, "dtype") and x.ndim == 0 and x.dtype.kind == "f" else x for x in found]


def _call(function: Any, *args: Any, **options: Any) -> Any:
    """A function of JAX on traced arrays."""
    import jax

    args, options = jax.tree.map(bare, (args, options))
    return _lent(function(*args, **options))


def _lent(x: Any) -> Any:
    import jax

    return Traced(x) if isinstance(x, jax.Array) else x
