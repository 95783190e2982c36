"""The two modes: reverse, from one result back to everything, and forward, from one direction to every result.

Reverse mode is backpropagation: nodes are visited from the last to the first, each once, when its adjoint is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np

from chainrule.errors import GraphError, ShapeError
from chainrule.graph import trees
from chainrule.graph.tracing import Traced
from chainrule.graph.values import Carrier, Parts, Record, Recorded, new_level


def sweep(output: Record, seed: Any, wanted: Sequence[Record]) -> list[Any]:
    """The adjoints of the wanted values, from that of the output; None for those that it does not depend on."""
    nodes, adjoints, heap = {output.serial: output}, {output.serial: seed}, [-output.serial]
    own: set[int] = set()  # sums that were made here: no other node has them, so the next term may be added in place
    kept = {node.serial: None for node in wanted}
    while heap:
        serial = -heappop(heap)
        node, g = nodes.pop(serial), adjoints.pop(serial)
        if serial in kept:
            kept[serial] = g
        operation = node.operation
        if operation is None:
            continue
        y = node if node.value is None else node.value
        for k, parent in node.parents:
            term = operation.adjoint(k, g, y, node.operands, node.options)
            term = term if isinstance(term, Parts) else fitted(term, parent)
            at = parent.serial
            if at not in adjoints:
                nodes[at], adjoints[at] = parent, term
                heappush(heap, -at)
            elif at in own and term.__class__ is np.ndarray:
                adjoints[at] += term
            else:
                adjoints[at] = total = adjoints[at] + term
                if total.__class__ is np.ndarray and total.ndim:
                    own.add(at)
                else:
                    own.discard(at)
    return [kept[node.serial] for node in wanted]


def fitted(g: Any, x: Any) -> Any:
    """An adjoint of x's shape and dtype: summed over axes that x was broadcast along, real where x is real.

    x is an array, or the record of one.
    """
    shape, dtype = x.shape, x.dtype
    if g.shape != shape:
        if g.ndim > len(shape):
            g = g.sum(axis=tuple(range(g.ndim - len(shape))))
        along = tuple(k for k, n in enumerate(shape) if n == 1 and g.shape[k] != 1)
        g = g.sum(axis=along, keepdims=True) if along else g
        g = np.broadcast_to(g, shape) if g.shape != shape else g
    if g.dtype is not dtype and g.dtype != dtype:
        g = g.real if g.dtype.kind == "c" and dtype.kind != "c" else g
        g = g.astype(dtype)
    return g


def vjp(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The result of f, and a function from its adjoint to the adjoints of the arguments (reverse mode).

    Parameters
    ----------
    f : callable
        Of NumPy functions; its arguments and its result may be tuples, lists, dicts and named tuples of arrays.
    *args
        What it is called with: floating-point or complex numbers.

    Returns
    -------
    y
        The result, plain.
    back : callable
        ``back(g)``, with g of the form of y, gives a tuple with a tree of adjoints for each argument. It may be called any
        number of times.

    Raises
    ------
    GraphError
        f goes through something that has no derivative rule; or an argument is a whole number.

    Notes
    -----
    Plain arrays that f uses are not copied: do not change one in its place before ``back`` is called.

    Examples
    --------
    >>> y, back = vjp(lambda x, b: x * x + b, 3.0, 1.0)
    >>> float(y), [float(g) for g in back(1.0)]
    (10.0, [6.0, 1.0])
    """
    level = new_level()
    inputs = [Recorded(number(x, k), level) for k, x in enumerate(trees.leaves(args))]
    result = f(*trees.rebuilt(args, iter(inputs)))
    outputs = trees.leaves(result)
    y = trees.mapped(lambda x: of_level(x, level), result)

    def back(g: Any) -> tuple[Any, ...]:
        """The adjoints of the arguments."""
        found: list[Any] = [None] * len(inputs)
        for output, seed in zip(outputs, matching(g, y, "g"), strict=True):
            if isinstance(output, Recorded) and output.level == level:
                start = fitted(as_array(seed), output.value)
                for k, term in enumerate(sweep(output.record, start, [x.record for x in inputs])):
                    found[k] = term if found[k] is None else found[k] if term is None else found[k] + term
        zeros = [np.zeros_like(x)[()] if g is None else g for g, x in zip(found, inputs, strict=True)]
        adjoints: tuple[Any, ...] = trees.rebuilt(args, iter(unshared(zeros, trees.leaves(g))))
        return adjoints

    return y, back


def jvp(f: Callable[..., Any], args: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    """The result of f and its tangent: how it changes as the arguments move along their tangents (forward mode).

    Parameters
    ----------
    f : callable
    args : tuple
        What it is called with.
    tangents : tuple
        Of the same form.

    Returns
    -------
    y, tangent
        Both of the form of f's result.

    Raises
    ------
    GraphError
        As for :func:`vjp`; or the arguments are no tuple.

    Examples
    --------
    >>> y, t = jvp(lambda x: x**3, (2.0,), (1.0,))
    >>> float(y), float(t)
    (8.0, 12.0)
    """
    if not isinstance(args, tuple | list):
        raise GraphError(f"jvp(f, args, tangents): args is a {type(args).__name__}; give tuples, also of one: (x,), (t,).")
    level = new_level()
    moves = matching(tangents, args, "tangents")
    points = [number(x, k) for k, x in enumerate(trees.leaves(args))]
    inputs = [Carrier(x, level, _along(x, t)) for x, t in zip(points, moves, strict=True)]
    result = f(*trees.rebuilt(args, iter(inputs)))
    y = trees.mapped(lambda x: of_level(x, level), result)
    found = unshared([_tangent(x, level) for x in trees.leaves(result)], moves)
    return y, trees.rebuilt(result, iter(found))


def unshared(found: Sequence[Any], given: Sequence[Any]) -> list[Any]:
    """Arrays that nothing else holds, so that the caller may change them: copies of views, and of what was given."""
    seen = set(map(id, given))
    results = []
    for x in found:
        is_shared = isinstance(x, np.ndarray) and (id(x) in seen or not (x.flags.owndata and x.flags.writeable))
        seen.add(id(x))
        results.append(x.copy() if is_shared else x)
    return results


def _along(x: Any, t: Any) -> Any:
    """A tangent in full: of x's shape, and of its dtype or a wider one."""
    t = as_array(t)
    t = t if t.shape == x.shape else np.broadcast_to(t, x.shape)
    kind = np.result_type(x.dtype, t.dtype)
    return t if t.dtype == kind else t.astype(kind)


def _tangent(x: Any, level: int) -> Any:
    """The tangent of a result; zeros where it does not depend on the arguments."""
    if isinstance(x, Carrier) and x.level == level and x.tangent is not None:
        return x.tangent
    value = as_array(of_level(x, level))
    return np.zeros(value.shape, value.dtype if value.dtype.kind in "fc" else np.float64)


def of_level(x: Any, level: int) -> Any:
    """What a result stands for, one level further out."""
    return x.value if isinstance(x, Traced) and x.level == level else x


def traced(x: Any) -> bool:
    """Whether it takes part in another derivative, further out."""
    return isinstance(x, Traced)


def as_array(x: Any) -> Any:
    """An array or NumPy scalar; a traced value is one."""
    return x if isinstance(x, Traced | np.ndarray | np.generic) else np.asarray(x)[()]


def number(x: Any, k: int) -> Any:
    """An argument that can be differentiated by.

    Raises
    ------
    GraphError
        It is of whole numbers, or of no numbers at all.
    """
    x = as_array(x)
    if x.dtype.kind in "fc":
        return x
    if x.dtype.kind in "iub":
        raise GraphError(
            f"argument {k} (counted from 0) is of dtype {x.dtype}: a derivative needs numbers that can change a little.\n"
            "Give floats: 2.0 for 2, x.astype(float) for an array."
        )
    raise GraphError(f"argument {k} (counted from 0) is of dtype {x.dtype}; a derivative needs float or complex numbers.")


def matching(given: Any, like: Any, name: str) -> list[Any]:
    """The leaves of a tree that must have the form of another.

    Raises
    ------
    ShapeError
    """
    found, wanted = trees.leaves(given), trees.leaves(like)
    if len(found) != len(wanted):
        raise ShapeError(f"{name} has {len(found)} arrays, but {len(wanted)} are needed: one for each it belongs to.")
    for k, (x, y) in enumerate(zip(found, wanted, strict=True)):
        if shape(x) not in {shape(y), ()}:
            raise ShapeError(f"{name}: array {k} has shape {shape(x)}, but {shape(y)} is needed.")
    return found


def shape(x: Any) -> tuple[int, ...]:
    """The shape of an array, of a traced value, or of what makes an array."""
    found: tuple[int, ...] = x.shape if hasattr(x, "shape") else np.shape(x)
    return found
