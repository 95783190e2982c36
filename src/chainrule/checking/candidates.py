"""Functions with a backward of their own, in whatever form they come: all become the same two functions.

``value(arrays)`` gives the outputs, ``gradients(arrays, seeds)`` the adjoint of each array, for the sum of the outputs
times the seeds.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph import trees
from chainrule.graph.modes import vjp

Arrays = list[np.ndarray]


class Candidate(NamedTuple):
    """A function and its own gradients.

    ``kind`` says in words what the function was taken for; ``arrays`` are what it is differentiated by.
    """

    kind: str
    names: tuple[str, ...]
    arrays: Arrays
    value: Callable[[Arrays], Arrays]
    gradients: Callable[[Arrays, Arrays], Sequence[Any]]


def candidate(f: Any, inputs: Any) -> Candidate:
    """The form that f has.

    Raises
    ------
    GraphError
        It has none of the forms.
    """
    given = separate(inputs)
    if any(map(is_tensor, given)):
        from chainrule.checking.tensors import of_tensors

        return of_tensors(f, given)
    if callable(f) and any(isinstance(x, dict) for x in given):
        f, given = _flattened(f, given), trees.leaves(given)
    arrays, call = [np.array(given[k], dtype=np.float64) for k in _chosen(given)], _caller(given)
    names = _names(f, given)
    if _is_pair(f):
        return Candidate("a pair (f, gradient)", names, arrays, lambda x: leaves(call(f[0], x)), _of_pair(f, call, names))
    if callable(getattr(f, "forward", None)) and callable(getattr(f, "backward", None)):
        return _layer(f, names, arrays, call)
    if not callable(f):
        raise GraphError(
            f"{type(f).__name__} is neither a function nor a pair (f, gradient) nor has it forward and backward.\n{FORMS}"
        )
    if _gives_gradients(call(f, arrays), arrays):
        both = "a function that returns (value, gradients)"
        return Candidate(
            both, names, arrays, lambda x: leaves(call(f, x)[0]), lambda x, _: matched(call(f, x)[1], x, names)
        )
    return Candidate(
        "a function of NumPy, differentiated by its graph", names, arrays, lambda x: leaves(call(f, x)), _by_graph(f, call)
    )


FORMS = (
    "Give a function that returns (value, gradients), a pair (f, gradient), an object with forward(x) and backward(dy), a "
    "function of NumPy operations, or a torch function or module with tensors."
)


def separate(inputs: Any) -> list[Any]:
    """The inputs: a tuple, or a list of arrays, is several of them."""
    several = isinstance(inputs, tuple) or (isinstance(inputs, list) and all(np.ndim(x) or is_tensor(x) for x in inputs))
    return list(inputs) if several else [inputs]


def is_tensor(x: Any) -> bool:
    """Whether it is a torch tensor; torch itself is not needed to tell."""
    return any(c.__name__ == "Tensor" and c.__module__.partition(".")[0] == "torch" for c in type(x).__mro__)


def _flattened(f: Callable[..., Any], given: list[Any]) -> Callable[..., Any]:
    """A function of dicts as one of the arrays in them, which have the names of their keys."""

    def flat(*now: Any) -> Any:
        y = f(*trees.rebuilt(given, iter(now)))
        both = isinstance(y, tuple) and len(y) == 2 and isinstance(y[1], dict | tuple | list)
        return (y[0], trees.leaves(y[1])) if both else y

    names = [str(key) for x in given if isinstance(x, dict) for key in x]
    if len(names) == len(trees.leaves(given)) and all(name.isidentifier() for name in names):
        parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
        flat.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # a function may have one
    return flat


def _chosen(given: list[Any]) -> list[int]:
    """Which inputs are differentiated by: the floating-point ones, or where there are none, whole numbers.

    Raises
    ------
    GraphError
        There are none.
    """
    kinds = [np.asarray(x).dtype.kind for x in given]
    at = [k for k, kind in enumerate(kinds) if kind == "f" or (kind == "i" and "f" not in kinds)]
    if not at:
        raise GraphError(
            f"there is nothing to differentiate by: the inputs are {', '.join(type(x).__name__ for x in given)}.\n"
            "Give arrays of floating-point numbers."
        )
    return at


def _caller(given: list[Any]) -> Callable[[Any, Any], Any]:
    """How a function is called with other numbers in place of the inputs that are differentiated by."""

    def call(function: Any, now: Any) -> Any:
        full = list(given)
        for k, x in zip(_chosen(given), now, strict=True):
            full[k] = x.copy() if isinstance(x, np.ndarray) else x
        return function(*full)

    return call


def _names(f: Any, given: list[Any]) -> tuple[str, ...]:
    """The names of the inputs that are differentiated by, as the function calls them."""
    function = f[0] if _is_pair(f) else getattr(f, "forward", f)
    try:
        known = [p.name for p in inspect.signature(function).parameters.values() if p.kind <= p.POSITIONAL_OR_KEYWORD]
    except (TypeError, ValueError):
        known = []
    return tuple(known[k] if k < len(known) else f"input {k}" for k in _chosen(given))


def leaves(y: Any) -> Arrays:
    """The outputs as arrays."""
    parts = y if isinstance(y, tuple | list) else y.values() if isinstance(y, Mapping) else [y]
    return [np.asarray(part, dtype=np.float64) for part in parts]


def _is_pair(f: Any) -> bool:
    return isinstance(f, tuple | list) and len(f) == 2 and all(map(callable, f))


def _gives_gradients(result: Any, arrays: Arrays) -> bool:
    """Whether a result is one number and something in the form of the inputs."""
    if not (isinstance(result, tuple | list) and len(result) == 2 and np.ndim(result[0]) < 2 and np.size(result[0]) == 1):
        return False
    second = result[1]
    if isinstance(second, Mapping):
        return len(second) == len(arrays)
    if isinstance(second, tuple | list) and len(second) == len(arrays):
        return True
    return len(arrays) == 1 and (np.shape(second) == arrays[0].shape or arrays[0].ndim > 0)


def matched(found: Any, arrays: Arrays, names: Sequence[str]) -> list[Any]:
    """Gradients in the order of the inputs.

    Raises
    ------
    GraphError
        There is not one for each input.
    """
    if isinstance(found, Mapping):
        named = all(name in found for name in names)
        return [found[name] for name in names] if named else list(found.values())
    if (
        isinstance(found, tuple | list)
        and len(found) == len(arrays)
        and (len(arrays) > 1 or np.shape(found) != arrays[0].shape)
    ):
        return list(found)
    if len(arrays) == 1:
        return [found]
    raise GraphError(
        f"there are {len(arrays)} inputs ({', '.join(names)}), but the gradients are {type(found).__name__} of length "
        f"{len(found) if hasattr(found, '__len__') else 1}.\nGive one gradient for each input, in their order."
    )


def _of_pair(f: Any, call: Any, names: Sequence[str]) -> Callable[[Arrays, Arrays], Sequence[Any]]:
    def gradients(arrays: Arrays, seeds: Arrays) -> Sequence[Any]:
        """The gradients; of Jacobians, their sum over the outputs times the seeds."""
        found = matched(call(f[1], arrays), arrays, names)
        seed = seeds[0]
        full = [seed.ndim and np.shape(g) == seed.shape + x.shape for g, x in zip(found, arrays, strict=True)]
        return [np.tensordot(seed, g, seed.ndim) if jac else g for g, jac in zip(found, full, strict=True)]

    return gradients


def _layer(f: Any, names: tuple[str, ...], arrays: Arrays, call: Any) -> Candidate:
    def gradients(now: Arrays, seeds: Arrays) -> Sequence[Any]:
        call(f.forward, now)
        return matched(f.backward(*(s.copy() for s in seeds)), now, names)

    kind = "an object with forward and backward"
    return Candidate(kind, names, arrays, lambda x: leaves(call(f.forward, x)), gradients)


def _by_graph(f: Any, call: Any) -> Callable[[Arrays, Arrays], Sequence[Any]]:
    def gradients(arrays: Arrays, seeds: Arrays) -> Sequence[Any]:
        def flat(*now: Any) -> Any:
            y = call(f, list(now))
            return tuple(y.values()) if isinstance(y, Mapping) else tuple(y) if isinstance(y, tuple | list) else (y,)

        found: Sequence[Any] = vjp(flat, *arrays)[1](tuple(seeds))
        return found

    return gradients
