"""How a graph comes about: by running a function on values that remember, or edge by edge."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from chainrule.algebra.symbolic import Expr, leaf
from chainrule.errors import GraphError
from chainrule.graph import trees
from chainrule.graph.blame import reached
from chainrule.graph.modes import number
from chainrule.graph.tracing import Traced
from chainrule.graph.values import ITEM, Node, new_level
from chainrule.graph.vertices import Edge, Rules, Vertex
from chainrule.graph.writing import constant, expression, latex_name

T = TypeVar("T")


def named(value: T, name: str) -> T:
    """Give a value of a traced computation its name, and give the value back.

    Where nothing is traced it does nothing, so it may stay in the program.

    Parameters
    ----------
    value
    name : str
        The second value of the name ``c`` becomes ``c2``.

    Examples
    --------
    >>> from chainrule.graph.look import named, trace
    >>> trace(lambda a, b: named(a + b, "c") * b, 2.0, 1.0)["c"].expression
    'a + b'
    >>> named(3.0, "c")
    3.0
    """
    x: Any = value
    while isinstance(x, Traced):
        if isinstance(x, Node):
            x.name = name
        x = x.value
    return value


def traced(
    f: Callable[..., Any], args: tuple[Any, ...], names: Sequence[str] | None, options: dict[str, Any]
) -> tuple[list[Vertex], list[Edge], int, Vertex]:
    """The vertices in topological order, the edges, how many inputs there are, and the output."""
    level = new_level()
    given = [float(x) if type(x) is int else x for x in trees.leaves(args)]
    inputs = [Node(number(x, k), level) for k, x in enumerate(given)]
    output = f(*trees.rebuilt(args, iter(inputs)), **options)
    if not (isinstance(output, Node) and output.level == level):
        raise GraphError(
            f"the function gives a {type(output).__name__} that no argument enters, or several values, but a graph leads "
            "from arguments to one value.\nReturn one number or array that is computed from them with NumPy."
        )
    computed = {node.serial: node for node in reached(output)}
    nodes = inputs + [computed[k] for k in sorted(computed) if computed[k].operation is not None]
    nodes = [node for node in nodes if not isinstance(node.value, tuple)]
    vertices = {node.serial: Vertex("", node.value, position=k) for k, node in enumerate(nodes)}
    edges: list[Edge] = []
    called = input_names(f, args, names)
    _name(nodes, vertices, called)
    for node in nodes[len(inputs) :]:
        edges += _connected(node, vertices)
    return list(vertices.values()), edges, len(inputs), vertices[output.serial]


def _connected(node: Node, vertices: dict[int, Vertex]) -> Iterator[Edge]:
    """The edges into a node; its operation is written down on the way. Of several results, each has edges of its own."""
    target, item = vertices[node.serial], node.operands[1] if node.operation is ITEM else None
    whole = node if item is None else node.parents[0][1]
    assert whole.operation is not None
    names = {k: vertices[parent.serial].name for k, parent in whole.parents}
    operands = [names[k] if k in names else constant(x) for k, x in enumerate(whole.operands)]
    result = "" if item is None else f"[{item}]"
    target.operation = whole.operation.name + result
    target.expression = expression(whole.operation.name, operands, whole.options) + result
    among = Counter(names.values())
    for k, parent in whole.parents:
        source, rules = vertices[parent.serial], Rules(whole.operation, k, whole.value, whole.operands, whole.options, item)
        yield Edge(source, target, k, rules, among[source.name])


def _name(nodes: list[Node], vertices: dict[int, Vertex], inputs: list[str]) -> None:
    """Names that differ: the inputs', those that the user gave, and v1, v2 and so on for the rest."""
    wanted = inputs + [getattr(node, "name", "") for node in nodes[len(inputs) :]]
    used = set(wanted)  # by those that come first
    again: dict[str, int] = {}
    free = (name for name in map("v{}".format, range(1, len(nodes) + len(used) + 1)) if name not in used)
    for node, name in zip(nodes, map(str, wanted), strict=True):
        again[name] = k = again.get(name, 0) + 1
        numbered = map(f"{name}{'_' * name[-1:].isdigit()}{{}}".format, range(k, len(nodes) + k))
        unique = name if k == 1 else next(x for x in numbered if x not in used)
        used.add(unique)
        vertices[node.serial].name = unique if name else next(free)


def input_names(f: Callable[..., Any], args: tuple[Any, ...], names: Sequence[str] | None) -> list[str]:
    """A name for each array of the arguments: the parameter's; of one in a dict its key, of one in a list its place.

    Raises
    ------
    GraphError
        There are not as many names as arguments.
    """
    if names is not None and len(names) != len(args):
        raise GraphError(f"names has {len(names)} names, but the function was called with {len(args)} arguments.")
    found = [leaf for name, x in zip(names or _parameters(f, len(args)), args, strict=True) for leaf in _leaves(x, name)]
    if len(set(found)) < len(found):
        raise GraphError(f"two inputs have one name: {', '.join(found)}. Give names=[...], all different.")
    return found


def _parameters(f: Callable[..., Any], n: int) -> list[str]:
    """The names of the first n parameters; x1, x2 and so on where the function does not say."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    found = [p.name for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}][:n]
    rest = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "x")
    return found + [f"{rest}{k}" for k in range(1, n - len(found) + 1)]


def _leaves(x: Any, name: str) -> list[str]:
    """A name for each array of a tree, in the order of ``trees.leaves``."""
    if isinstance(x, dict):
        return [leaf for key, part in x.items() for leaf in _leaves(part, str(key))]
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return [leaf for key, part in zip(x._fields, x, strict=True) for leaf in _leaves(part, key)]
    if isinstance(x, tuple | list):
        return [leaf for k, part in enumerate(x) for leaf in _leaves(part, f"{name}[{k}]")]
    return [] if x is None else [name]


def joined(links: Iterable[tuple[str, str, Any]]) -> tuple[list[Vertex], list[Edge], int, Vertex]:
    """As ``traced``, from edges (source, target, derivative) by hand; a derivative is a number, or a symbol's name.

    Raises
    ------
    GraphError
        There are no edges, or they lead in a circle.
    """
    links = [(str(source), str(target), derivative) for source, target, derivative in links]
    if not links:
        raise GraphError("a graph needs at least one edge: (source, target, derivative).")
    order = _topological([link[:2] for link in links])
    entered = {target for _, target, _ in links}
    order = [name for name in order if name not in entered] + [name for name in order if name in entered]
    vertices = {
        name: Vertex(name, operation="given" if name in entered else "", position=k) for k, name in enumerate(order)
    }
    places: dict[str, int] = {}
    among = Counter(link[:2] for link in links)
    edges = []
    for source, target, derivative in links:
        places[target] = place = places.get(target, -1) + 1
        edges.append(Edge(vertices[source], vertices[target], place, _derivative(derivative), among[source, target]))
    return list(vertices.values()), edges, len(order) - len(entered), vertices[order[-1]]


def _derivative(x: Any) -> Any:
    """A number as a float; a name as a symbol of it."""
    if isinstance(x, str):
        return leaf(x, latex=latex_name(x), text=x, scalar=True)
    return x if isinstance(x, Expr | complex) else float(np.asarray(x)[()])


def _topological(pairs: list[tuple[str, ...]]) -> list[str]:
    """The names so that each comes after those that lead to it; otherwise as they were given."""
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    waiting = dict.fromkeys(names, 0)
    leaving: dict[str, list[str]] = {name: [] for name in names}
    for source, target in pairs:
        waiting[target] += 1
        leaving[source].append(target)
    order = [name for name in names if not waiting[name]]
    for name in order:  # it grows while it is read
        for target in leaving[name]:
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    if len(order) < len(names):
        rest = [name for name in names if name not in set(order)]
        raise GraphError(
            f"the edges lead in a circle among {', '.join(rest[:12])}: no order has each value after its sources."
        )
    return order
