"""What the README says of the code is what the code is."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainrule import ACTIVATIONS, COSTS, EQUATIONS, OPTIMIZERS, RATES

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["BP1", "BP2", "BP3", "BP4"])
def test_the_four_equations_stand_with_their_formula_and_line(name):
    """The README's row of each equation has the computed formula and the line that the equation stands in."""
    equation = EQUATIONS[name]
    _, line = equation.where
    link = f"[equations.py, line {line}](src/chainrule/equations.py#L{line})"
    assert f"| {name} | ${equation.latex}$ | {link} |" in README


@pytest.mark.parametrize(
    ("what", "table", "more"),
    [("activations", ACTIVATIONS, ()), ("costs", COSTS, ()), ("optimizers", OPTIMIZERS, ()), ("learning rates", RATES, ())],
)
def test_the_lists_name_every_row_of_the_tables(what, table, more):
    """The README's lists of choices are those of the tables."""
    row = next(line for line in README.splitlines() if line.startswith(f"| {what} |"))
    assert all(name in row for name in table)
