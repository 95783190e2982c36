"""Which value was the first that is not a number: in the forward pass, or on the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph import trees
from chainrule.graph.modes import fitted
from chainrule.graph.tracing import plain
from chainrule.graph.values import Node, Parts, new_level


def first_nan(f: Callable[..., Any], *args: Any) -> GraphError:
    """The error that names the first NaN of a computation."""
    level = new_level()
    inputs = [Node(np.asarray(plain(x))[()], level) for x in trees.leaves(args)]
    with np.errstate(all="ignore"):
        output = f(*trees.rebuilt(args, iter(inputs)))
    if any(is_nan(x.value) for x in inputs):
        return GraphError("NaN: an argument holds NaN already. Look for it with np.isnan.")
    nodes = sorted(reached(output), key=lambda node: node.serial)
    for node in nodes:
        if is_nan(node.value):
            return GraphError(f"NaN: {written(node)} gives it, the first of {len(nodes)} values in the program's order.\n"
                              f"Its operands are {', '.join(map(brief, node.operands))}.")  # fmt: skip
    return _on_the_way_back(output, nodes)


def _on_the_way_back(output: Node, nodes: list[Node]) -> GraphError:
    """The values are numbers; an adjoint is not."""
    adjoints: dict[int, Any] = {output.serial: np.ones_like(output.value)}
    with np.errstate(all="ignore"):
        for node in reversed(nodes):
            for k, parent in node.parents:
                assert node.operation is not None
                term = node.operation.adjoint(k, adjoints[node.serial], node.value, node.operands, node.options)
                term = term if isinstance(term, Parts) else fitted(term, parent.value)
                if not isinstance(term, Parts) and is_nan(term):
                    operands = ", ".join(map(brief, node.operands))
                    return GraphError(f"NaN: the derivative of {written(node)} by operand {k} gives it.\n"
                                      f"Its operands are {operands}: the slope is not finite there.")  # fmt: skip
                before = adjoints.get(parent.serial)
                adjoints[parent.serial] = term if before is None else before + term
    return GraphError("NaN: the gradient holds NaN.")


def reached(output: Any) -> list[Node]:
    """The nodes that a value came from, itself included."""
    found: dict[int, Node] = {}
    waiting = [output] if isinstance(output, Node) else []
    while waiting:
        node = waiting.pop()
        if node.serial not in found:
            found[node.serial] = node
            waiting += [parent for _, parent in node.parents]
    return list(found.values())


def is_nan(x: Any) -> bool:
    """Whether some of it is NaN."""
    x = plain(x)
    return any(map(is_nan, x)) if isinstance(x, tuple) else bool(np.isnan(x).any())


def written(node: Node) -> str:
    """A node's operation, with the shapes of its operands."""
    shapes = ", ".join(str(getattr(x, "shape", x)) for x in node.operands)
    return f"{node.operation.name if node.operation else 'an argument'}({shapes})"


def brief(x: Any) -> str:
    """A value, or where it is large its range."""
    x = plain(x)
    if not isinstance(x, np.ndarray) or x.size <= 6:
        return np.array2string(np.asarray(x), precision=6) if isinstance(x, np.ndarray | np.generic) else repr(x)
    return f"{x.shape} from {x.min():.6g} to {x.max():.6g}" if x.dtype.kind == "f" else f"{x.shape} of {x.dtype}"
