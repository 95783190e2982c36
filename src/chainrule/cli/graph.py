"""``chainrule graph``: an expression as a computational graph, and its derivatives as what they are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path as File
from typing import Annotated, Any

import numpy as np
import typer

from chainrule.choices import nearest
from chainrule.cli import output
from chainrule.errors import ConfigError, GraphError, ShapeError
from chainrule.graph.expression import parse
from chainrule.graph.look import Graph, Vertex, trace
from chainrule.graph.paths import Path
from chainrule.graph.sweeps import Sweep
from chainrule.graph.writing import brief, derivative_of
from chainrule.io import write_bytes

FEW = 8  # paths that are written out without being asked for
MOST = 100  # paths that are written out where they are asked for
ROOM = 12  # numbers of a derivative that are written out
SHOWN = 40  # characters of a text in a message
VALUE = re.compile(r"\s*([^\W\d]\w*)\s*=(.*)", re.DOTALL)


def command(
    expression: Annotated[
        str | None, typer.Argument(metavar="EXPRESSION", help="Such as (a+b)*(b+1), or parts with names: c = a+b; c*c")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=VALUE", help="A number, or a list: a=2 x=[1,2,3]")
    ] = None,
    forward: Annotated[str | None, typer.Option(metavar="NAME", help="Forward mode from this value, too.")] = None,
    paths: Annotated[str | None, typer.Option(metavar="A:B", help="Every path from A to B, and their sum.")] = None,
    steps: Annotated[bool, typer.Option("--steps", help="The sweeps step by step.")] = False,
    svg: Annotated[File | None, typer.Option(metavar="FILE", help="Write the drawing to a file.")] = None,
    latex: Annotated[bool, typer.Option("--latex", help="The derivatives by the chain rule, in LaTeX.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    operations: Annotated[bool, typer.Option("--operations", help="Which functions of NumPy have a derivative.")] = False,
) -> None:
    """Draw an expression as a graph, and differentiate it in both modes.

    [bold]Examples[/]

    [cyan]chainrule graph "(a+b)*(b+1)" a=2 b=1[/]

    [cyan]chainrule graph "c = a+b; d = b+1; e = c*d" a=2 b=1 --forward b --paths b:e --steps[/]

    [cyan]chainrule graph "sum(sigmoid(w @ x))" "w=[[1,-2],[-1,1]]" "x=[1,-1]" --svg graph.svg[/]

    The expression is read, not run. It has numbers, names, + - * / ** @, lists, and functions: sin, exp, max, dot, sigmoid
    and others. One that begins with a minus goes after two more: chainrule graph -- "-a*b" a=1 b=2
    """
    if operations:
        show_operations(json=json)
        return
    graph = traced(expression, values or [])
    start = None if forward is None else asked(graph, forward, "--forward")[0]
    ends = None if paths is None else asked(graph, paths, "--paths")
    sweeps = [graph.reverse()] + ([graph.forward(start)] if start else [])
    if svg:
        write_bytes(svg, graph.svg().encode())
    if json:
        output.as_json(facts(graph, sweeps, ends))
    elif latex:
        for source, target in [ends] if ends else [(vertex, graph.output) for vertex in graph.inputs]:
            output.say(graph.latex(source, target))
    else:
        show(graph, sweeps, ends, steps=steps)
    if svg:
        output.note(("drawing  ", "dim"), str(svg))
    for vertex in graph.vertices:
        if np.isnan(vertex.value).any():
            output.warn(f"{vertex.name} = {vertex.expression} is NaN: the derivatives through it are, too.")
            break


# ----------------------------------------------------------------------------------------------------- what is asked for


def traced(text: str | None, words: Sequence[str]) -> Graph:
    """The graph of an expression at these values.

    Raises
    ------
    ConfigError
        It is no expression, or a value is missing or is none.
    """
    if text is None:
        raise ConfigError('there is no expression. Give one, and values: chainrule graph "(a+b)*(b+1)" a=2 b=1')
    e = parse(text)
    if not e.names:
        raise ConfigError(f"{text[:SHOWN]!r} has no names that need values: a derivative is by a name, such as a in 2*a.")
    values: dict[str, Any] = {}
    for word in words:
        name, value = value_of(word)
        if name in values:
            raise ConfigError(f"{name} is given two values.")
        values[name] = value
    return trace(e, *e.arguments(**values).values(), names=e.names)


def value_of(word: str) -> tuple[str, Any]:
    """A name and its value, from NAME=VALUE.

    >>> name, value = value_of("x=[1, 1/2]")
    >>> name, value.tolist()
    ('x', [1.0, 0.5])
    """
    found = VALUE.fullmatch(word)
    if not found:
        raise ConfigError(
            f"{word[:SHOWN]!r} gives no value to a name.\nWrite a=2 or x=[1,2,3], without blanks or in quotes."
        )
    name, text = found[1], found[2].strip()
    try:
        value = parse(text)()
    except (ConfigError, ShapeError) as error:
        raise ConfigError(f"{name} = {text[:SHOWN]!r} is no number and no list: {str(error).splitlines()[0]}") from error
    return name, value


def asked(graph: Graph, words: str, option: str) -> tuple[Vertex, Vertex]:
    """The vertices that A:B names; of A alone, to the output.

    Raises
    ------
    ConfigError
        The graph has no such value.
    """
    named = {vertex.name: vertex for vertex in graph.vertices}
    parts = words.split(":")
    if len(parts) > 2 or (option == "--forward" and len(parts) > 1):
        raise ConfigError(f"{option} {words[:40]!r}: it takes {'a name' if option == '--forward' else 'two names, A:B'}.")
    found = [nearest(named, part.strip(), f"value in {option}") for part in parts]
    return found[0], found[-1] if len(found) > 1 else graph.output


# --------------------------------------------------------------------------------------------------------- what is shown


def show(graph: Graph, sweeps: Sequence[Sweep], ends: tuple[Vertex, Vertex] | None, *, steps: bool) -> None:
    """Print the graph, both sweeps and the derivatives."""
    console = output.out()
    output.say(graph.text(console.width if console.is_terminal else 100))
    if graph.output.shape:
        n = graph.output.value.size
        output.say(f"\n{graph.output.name} has {n} elements: the adjoints are those of their sum.")
    if steps:
        for sweep in sweeps:
            output.say(f"\n{sweep}")
    output.say("")
    output.say(("derivatives", "bold"))
    _aligned([_derivative(graph, vertex) for vertex in graph.inputs])
    output.say("")
    output.say(("edge touches", "bold"))
    _aligned([(f"{sweep.mode} mode from {sweep.start.name}", f"{sweep.touches:,}") for sweep in sweeps])
    if ends:
        output.say("")
        _paths(graph, *ends)


def _derivative(graph: Graph, source: Vertex) -> tuple[str, str, str]:
    """A derivative of the output: what it is, the sum over its paths where they are few, and how many there are."""
    n, value = graph.count_paths(source), graph.derivative(source)
    written = [_number(value)]
    if 0 < n <= FEW and np.ndim(value) == 0:
        terms = [_factors(path) for path in graph.paths(source)]
        written = [" + ".join(terms), *written] if all(terms) else written
    return derivative_of(graph.output.name, source.name), " = ".join(dict.fromkeys(written)), output.counted(n, "path")


def _factors(path: Path) -> str:
    """The product along a path, where its factors are numbers."""
    numbers = [edge.number for edge in path.edges]
    if any(x is None for x in numbers):
        return ""
    return "·".join(f"({text})" if text.startswith("−") and len(numbers) > 1 else text for text in map(brief, numbers))


def _number(x: Any) -> str:
    """A derivative; an array with all its numbers, where they are few."""
    if np.ndim(x) == 0 or np.size(x) > ROOM:
        return "a function" if callable(x) else brief(x)
    return f"[{', '.join(map(_number, x))}]"


def _paths(graph: Graph, source: Vertex, target: Vertex) -> None:
    """Print every path between two values, their sum, and what it costs to share them or not."""
    n = graph.count_paths(source, target)
    output.say((f"{output.counted(n, 'path')} from {source.name} to {target.name}", "bold"))
    rows: list[tuple[str, ...]] = []
    if n <= MOST:
        for path, product in graph.sum_over_paths(source, target, MOST).terms:
            rows.append((str(path), " = ".join(dict.fromkeys(filter(None, (_factors(path), _number(product)))))))
    rows.append(("sum", _number(graph.derivative(source, target))))
    try:
        form = graph.factored(source, target)
        rows += [("factored", form.text), *((f"  {name}", text) for name, text, _ in form.where)]
    except GraphError as error:
        rows.append(("factored", f"not written: {str(error).partition(':')[0]}"))
    _aligned(rows)
    if n:
        output.say("  " + str(graph.naive(source, target)).replace("; ", "\n  "))


def _aligned(rows: Sequence[Sequence[str]]) -> None:
    """Print columns, each as wide as it must be: the first coloured, the third dim."""
    widths = [max(len(row[k]) for row in rows if k < len(row)) for k in range(max(map(len, rows), default=0))]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)] + [row[-1]]
        styles = ("cyan", "", "dim")
        output.say("  ", *((cell + "   " * (k + 1 < len(cells)), styles[k]) for k, cell in enumerate(cells)))


# ---------------------------------------------------------------------------------------------------------------- as data


def facts(graph: Graph, sweeps: Sequence[Sweep], ends: tuple[Vertex, Vertex] | None) -> dict[str, Any]:
    """All that is shown, as plain data; null where a number is not finite, or an array is too large to be written."""
    found: dict[str, Any] = {
        "output": graph.output.name,
        "value": _plain(graph.output.value),
        "vertices": [_vertex(vertex, sweeps) for vertex in graph.vertices],
        "edges": [
            {"source": edge.source.name, "target": edge.target.name, "derivative": _plain(edge.derivative)}
            for edge in graph.edges
        ],
        "derivatives": {vertex.name: _plain(graph.derivative(vertex)) for vertex in graph.inputs},
        "paths": {vertex.name: graph.count_paths(vertex) for vertex in graph.inputs},
        "touches": {sweep.mode: sweep.touches for sweep in sweeps},
    }
    return found | ({"between": _between(graph, *ends)} if ends else {})


def _vertex(vertex: Vertex, sweeps: Sequence[Sweep]) -> dict[str, Any]:
    found = {"name": vertex.name, "expression": vertex.expression, "value": _plain(vertex.value)}
    names = {"reverse": "adjoint", "forward": "tangent"}
    return found | {names[sweep.mode]: _plain(sweep.values[vertex.name]) for sweep in sweeps}


def _between(graph: Graph, source: Vertex, target: Vertex) -> dict[str, Any]:
    """The paths from one value to another; the list is empty where there are too many."""
    n = graph.count_paths(source, target)
    listed = graph.sum_over_paths(source, target, MOST).terms if n <= MOST else []
    return {
        "source": source.name, "target": target.name, "count": n, "sum": _plain(graph.derivative(source, target)),
        "paths": [{"through": [v.name for v in path.vertices], "product": _plain(product)} for path, product in listed],
    }  # fmt: skip


def _plain(x: Any) -> Any:
    """A number or an array as JSON has it."""
    if callable(x):
        return None
    if np.ndim(x):
        return [_plain(part) for part in x]
    return float(x) if np.isfinite(x) else None


# --------------------------------------------------------------------------------------------------------------- the table


def show_operations(*, json: bool) -> None:
    """Print which functions have a derivative, each entry measured now."""
    from chainrule.graph.coverage import coverage

    rows = coverage()
    if json:
        output.as_json({"operations": [row._asdict() for row in rows]})
        return
    heads = ("forward", "reverse", "second_order", "complex")
    margin = max(len(row.operation) for row in rows) + 4
    for kind, members in groupby(rows, key=lambda row: row.kind):
        output.say((kind.ljust(margin), "bold"), ("  ".join(heads).replace("_", " "), "dim"))
        for row in members:
            marks = ("yes" if getattr(row, head) else "" for head in heads)
            cells = "  ".join(mark.ljust(len(head)) for mark, head in zip(marks, heads, strict=True))
            output.say((f"  {row.operation}".ljust(margin), "cyan"), cells.rstrip())
        output.say("")
    output.say(f"{output.counted(len(rows), 'operation')}: yes where the derivative agrees with differences of the values.")
