"""``chainrule equations``: every equation with its formula, what it says, and where it stands."""

from __future__ import annotations

import inspect
import linecache
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from chainrule import activations, costs, optimizers, schedule
from chainrule.choices import nearest
from chainrule.cli import output
from chainrule.notation import EQUATIONS, Equation

PACKAGE = Path(schedule.__file__).parent
WIDEST = 48  # formulas longer than this do not push the column after them to the right
HEADING = re.compile(r"#\s*-{20,}\s*(\S.*)")  # what parts a source file into sections, such as "# ----- forward"


@dataclass(frozen=True)
class Row:
    """One line of a table: a name, the section it stands in, its formula, what it says, and where."""

    name: str
    section: str
    formula: str
    latex: str
    sentence: str
    where: str


def command(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these.")] = None,
    latex: Annotated[bool, typer.Option("--latex", help="Formulas in LaTeX.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    with_activations: Annotated[bool, typer.Option("--activations", help="The activation functions.")] = False,
    with_costs: Annotated[bool, typer.Option("--costs", help="The cost functions.")] = False,
    with_optimizers: Annotated[bool, typer.Option("--optimizers", help="Which equations an optimizer is.")] = False,
) -> None:
    """Show the equations: name, formula, meaning, file and line.

    [bold]Examples[/]

    [cyan]chainrule equations[/]

    [cyan]chainrule equations BP1 BP2 --latex[/]

    [cyan]chainrule equations --activations --costs[/]

    [cyan]chainrule equations sigmoid adam --json[/]

    Each formula is computed: the very function that trains the networks is run on symbols.
    """
    asked = [
        table for table, flag in zip(TABLES, (False, with_activations, with_costs, with_optimizers), strict=True) if flag
    ]
    tables = asked or (list(TABLES) if names else ["equations"])
    rows = {row.name: row for table in tables for row in TABLES[table]()}
    if names:
        word = tables[0].removesuffix("s") if len(tables) == 1 else "equation, activation, cost or optimizer"
        rows = {row.name: row for row in (nearest(rows, _spelled(name, rows), word) for name in names)}
    if json:
        output.as_json({"equations": [asdict(row) for row in rows.values()]})
    else:
        show(rows.values(), latex=latex)


def _spelled(name: str, known: Iterable[str]) -> str:
    """The name as it is written, whatever letters are large: bp2 is BP2, where that is no other name."""
    return next((k for k in known if k.casefold() == name.casefold()), name) if name not in known else name


def show(rows: Iterable[Row], *, latex: bool = False) -> None:
    """Print the rows, section by section."""
    listed = list(rows)
    margin = max((len(row.name) for row in listed), default=0) + 4
    for heading, members in groupby(listed, key=lambda row: row.section):
        output.say((heading, "bold"))
        lines = [(row, row.latex if latex else row.formula) for row in members]
        width = min(max(len(formula) for _, formula in lines), WIDEST)
        for row, formula in lines:
            output.say((f"  {row.name}".ljust(margin), "bold cyan"), f"{formula:<{width}}  ", (row.where, "dim"))
            output.say(" " * margin + row.sentence)
        output.say("")


# --------------------------------------------------------------------------------------------------- the tables


def _equations() -> Iterator[Row]:
    for e in EQUATIONS.values():
        file, line = e.where
        yield Row(e.name, section(e), once(e.text), once(e.latex), e.sentence, place(file, line))


def once(formula: str) -> str:
    """A formula; of one that only gives a symbol its name, such as the slope of an activation, the symbol alone.

    >>> once("σ′(zˡ) = σ′(zˡ)"), once("aˡ = σ(zˡ)")
    ('σ′(zˡ)', 'aˡ = σ(zˡ)')
    """
    left, _, right = formula.partition(" = ")
    return left if left == right else formula


def section(equation: Equation) -> str:
    """The heading in the source file that an equation stands under; before the first one, the file's name."""
    file, line = equation.where
    above = reversed(linecache.getlines(file)[: line - 1])
    found = (HEADING.match(text) for text in above)
    return next((match[1].strip() for match in found if match), Path(file).stem)


def place(file: str, line: int) -> str:
    """A file and a line, as seen from the working directory or else from the package."""
    path = Path(file)
    for root in (Path.cwd(), PACKAGE.parent):
        if path.is_relative_to(root):
            return f"{path.relative_to(root)}:{line}"
    return f"{path}:{line}"


def _activations() -> Iterator[Row]:
    for a in activations.ROWS:
        low, high = (f"{v:.4g}".replace("-", "−").replace("inf", "∞") for v in a.range)
        words = f"Values from {low} to {high}."
        yield Row(a.name, "activations", f"σ(z) = {a.text}", rf"\sigma(z) = {a.latex}", words, _row(activations, a.name))


def _costs() -> Iterator[Row]:
    for c in costs.ROWS:
        words = f"With {c.partner}, the output error is a − y (BP1c)." if c.partner else "Of each output neuron."
        yield Row(c.name, "costs", f"C(a, y) = {c.text}", f"C(a, y) = {c.latex}", words, _row(costs, c.name))


def _optimizers() -> Iterator[Row]:
    for o in optimizers.OPTIMIZERS.values():
        rates = "".join(f", {name} {value:g}" for name, value in o.rates.items())
        formula, latex = ("; ".join(getattr(e, form) for e in o.equations) for form in ("text", "latex"))
        words = f"{', '.join(e.name for e in o.equations)}. Learning rate {o.eta:g}{rates}."
        yield Row(o.name, "optimizers", formula, latex, words, _row(optimizers, o.name))


def _row(module: ModuleType, name: str) -> str:
    """Where a table's row of this name stands."""
    source = inspect.getsource(module)
    found = re.search(rf'^ +(?:Activation|Cost|Optimizer)\(\s*"{name}"', source, re.MULTILINE)
    return place(os.fspath(module.__file__ or ""), source.count("\n", 0, found.start() if found else 0) + 1)


TABLES: dict[str, Callable[[], Iterator[Row]]] = {
    "equations": _equations,
    "activations": _activations,
    "costs": _costs,
    "optimizers": _optimizers,
}
