"""The exercises of ``chainrule learn``, in the order in which they are learned."""

from __future__ import annotations

from chainrule.auditing import exercises_graphs, exercises_layers, exercises_two_layer, exercises_whole
from chainrule.auditing.exercise import Exercise
from chainrule.choices import nearest

CHAPTERS: dict[str, tuple[Exercise, ...]] = {
    "Two layers, line by line": exercises_two_layer.ROWS,
    "The equations, one by one": exercises_layers.ROWS[:5],
    "The whole": exercises_whole.ROWS,
    "What follows": exercises_layers.ROWS[5:],
    "Graphs": exercises_graphs.ROWS,
}
EXERCISES: dict[str, Exercise] = {row.name: row for rows in CHAPTERS.values() for row in rows}


def exercise(name: str) -> Exercise:
    """The exercise of this name, or of the file that its starter was written to.

    Raises
    ------
    ConfigError
        There is none; the nearest name is suggested.

    Examples
    --------
    >>> exercise("bp2").title
    'BP2: the error of a hidden layer'
    """
    return nearest(EXERCISES, name.strip().lower().replace("_", "-"), "exercise")
