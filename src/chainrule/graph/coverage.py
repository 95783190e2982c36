"""What a graph can go through: the table of operations, each with what of its derivatives was measured to be right.

``python -m chainrule.graph.coverage`` writes it to ``docs/operations.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from chainrule.errors import GraphError
from chainrule.graph.check import check_grads
from chainrule.graph.examples import REFUSED, Example, examples
from chainrule.graph.refusals import full_name
from chainrule.graph.table import CONSTANT, OPERATIONS, REDUCTIONS

OURS = ("np.", "scipy.", "chainrule.", "x.", "x[")
TITLES = {
    "elementwise": "Functions of each element", "shapes": "Moving numbers about", "reductions": "Sums, products, extremes",
    "products": "Products", "linalg": "Linear algebra", "fourier": "Fourier transforms", "special": "scipy.special",
}  # fmt: skip
HEAD = """\
# What can be differentiated

Written by `python -m chainrule.graph.coverage`, which measured every entry: a yes says that the derivative agrees with
differences of the function's values (`graph.check_grads`) at every example of the operation. Second order is each mode
through each. Complex says that complex arguments were among the examples.

Operators and methods (`x + y`, `x @ y`, `x[1:]`, `x.sum(axis=0)`) are the functions of the same meaning; `outer` of a ufunc
is the ufunc. A function that is not here raises an error that shows how to give it rules: `graph.operation`.

At a point without a derivative, one of those around it is taken. The slope of a size, a norm or a standard deviation that
is 0 is 0 (where JAX and autograd give NaN for the last two), and its second derivative NaN. Elements that are the largest
or smallest together share the slope; `np.maximum(x, y)` goes with y where the two are equal, `np.clip` with its bound.
"""
COLUMNS = "| operation | forward | reverse | second order | complex |\n|---|---|---|---|---|"
CONSTANTS = """
## Constants

Their result does not change with their arguments where it is smooth, or says something about an array: it is a plain value.
"""


class Row(NamedTuple):
    """An operation, and which of its derivatives agree with differences of its values."""

    operation: str
    kind: str
    forward: bool
    reverse: bool
    second_order: bool
    complex: bool


def name_of(key: Any) -> str:
    """An entry of the tables as a user writes it: np.linalg.det, np.add.reduce, x[...]."""
    if isinstance(key, tuple):
        return f"{full_name(key[0])}.{key[1]}"
    if isinstance(key, str):
        return "x[...]" if key == "getitem" else f"x.{key}"
    return full_name(key)


def operations() -> dict[str, Any]:
    """The operations that chainrule has rules for, without those that users added: names, and entries of the tables.

    ufunc.outer is left out: it is the ufunc, of operands with more axes.
    """
    if find_spec("scipy") is not None:
        import_module("chainrule.graph.rules.special")
    functions = [key for key in OPERATIONS if not isinstance(key, tuple | str) and key not in REFUSED]
    methods = [key for key in REDUCTIONS if key[1] != "outer"]
    named = {name_of(key): key for key in (*functions, *methods, "getitem", "astype")}
    return {name: key for name, key in sorted(named.items()) if name.startswith(OURS)}


def constants() -> list[str]:
    """The functions that give plain values."""
    operations()
    return sorted({name_of(key) for key in CONSTANT})


def coverage() -> list[Row]:
    """The table, measured: a row for each operation, by kind and name.

    Returns
    -------
    list of Row

    Examples
    --------
    >>> from chainrule.graph.coverage import coverage
    >>> next(row for row in coverage() if row.operation == "np.tanh")
    Row(operation='np.tanh', kind='elementwise', forward=True, reverse=True, second_order=True, complex=True)
    """
    known = operations()
    found: dict[str, list[Example]] = {}
    for example in examples():
        found.setdefault(name_of(example.operation), []).append(example)
    kinds = [*TITLES]
    rows = [_measured(name, found[name]) for name in known if name in found]
    return sorted(rows, key=lambda row: (kinds.index(row.kind), row.operation))


def _measured(name: str, tried: list[Example]) -> Row:
    def agree(**how: Any) -> bool:
        return all(agrees(example, **how) for example in tried)

    complex_ = any(example.is_complex for example in tried)
    if agree():
        return Row(name, tried[0].kind, True, True, True, complex_)
    forward, reverse = agree(modes=("forward",), order=1), agree(modes=("reverse",), order=1)
    return Row(name, tried[0].kind, forward, reverse, False, complex_)


def agrees(example: Example, **how: Any) -> bool:
    """Whether the derivatives of an example are there, and are what differences of its values show."""
    f, args = example.call()
    try:
        check_grads(f, *args, **how)
    except GraphError:
        return False
    return True


def page(rows: Iterable[Row]) -> str:
    """The table as a page of the documentation."""
    rows = list(rows)
    lines = [HEAD, f"{len(rows)} operations."]
    for kind, title in TITLES.items():
        chosen = [row for row in rows if row.kind == kind]
        lines += ["", f"## {title}", "", COLUMNS]
        lines += [f"| `{row.operation}` | {' | '.join('yes' if x else '' for x in row[2:])} |" for row in chosen]
    return "\n".join([*lines, CONSTANTS, ", ".join(f"`{name}`" for name in constants()) + ".", ""])


def write(path: Path, measure: Callable[[], Iterable[Row]] = coverage) -> None:
    """Write the page."""
    path.write_text(page(measure()), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/operations.md"))
