"""Starters with something written at the line to do."""

from __future__ import annotations

from textwrap import dedent, indent

from exercise_solutions import FUNCTIONS, METHODS

from chainrule.auditing.exercise import Exercise

TODO = "    return None  # TODO\n"


def written(row: Exercise, body: str) -> str:
    """The starter of an exercise with this body in its function."""
    starter = row.starter_source()
    assert TODO in starter
    return starter.replace(TODO, indent(dedent(body).strip(), "    ") + "\n")


def solved(row: Exercise) -> str:
    """The starter of an exercise, solved."""
    if row.name in FUNCTIONS:
        return written(row, FUNCTIONS[row.name])
    mark, body = METHODS[row.name]
    starter = row.starter_source()
    assert starter.count(mark) == 1
    return starter.replace(mark, indent(dedent(body).strip(), " " * 8) + "\n" + mark)
