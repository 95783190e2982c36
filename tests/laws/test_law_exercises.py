"""Every exercise: its starter, its solution, its right answer, its slips and its hints."""

from __future__ import annotations

import ast

import numpy as np
import pytest
from exercise_helpers import solved, written

from chainrule.auditing.exercise import Slip
from chainrule.auditing.exercises import CHAPTERS, EXERCISES, exercise
from chainrule.auditing.exercises_compare import difference, right, seen, slip_of
from chainrule.auditing.exercises_grading import grade
from chainrule.errors import ConfigError

ROWS = list(EXERCISES.values())
COMPARED = [row for row in ROWS if row.right is not None]
SLIPS = [pytest.param(row, slip, id=f"{row.name}-{i}") for row in COMPARED for i, slip in enumerate(row.slips)]


def answers(row, slip: Slip) -> tuple[list, list]:
    """The cases that the slip gives an answer to, and the answers."""
    cases, found = [], []
    for case in row.cases():
        try:
            found.append(seen(row, slip.wrong(*case)))
        except ValueError:  # shapes that do not fit: a student's program raises there
            continue
        cases.append(case)
    return cases, found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_starter_is_to_do_and_a_solution_is_right(row, tmp_path):
    """The starter as it is written is no mistake; with the solution in its place, all cases agree."""
    for name, source, state in (("starter.py", row.starter_source(), "unfinished"), ("solved.py", solved(row), "right")):
        (tmp_path / name).write_text(source)
        found = grade(row, tmp_path / name)
        assert (found.state, found.hint) == (state, ""), found.sentence


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_starter_is_readable_python(row):
    """It compiles, no line is long, and it says how it is graded."""
    source = row.starter_source()
    ast.parse(source)
    assert max(map(len, source.splitlines())) <= 100
    assert f"chainrule learn check {row.file_name}" in source
    assert "TODO" in source
    assert source == source.rstrip() + "\n"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_exercise_has_hints_in_steps_and_a_source(row):
    """Two hints or three, each a sentence, none twice."""
    assert 2 <= len(row.hints) <= 3
    assert len({*row.hints, *(slip.hint for slip in row.slips)}) == len(row.hints) + len({s.hint for s in row.slips})
    assert all(hint[-1] in ".?)" for hint in row.hints)
    assert row.source
    assert row.goal
    assert row.title


@pytest.mark.parametrize(("row", "slip"), SLIPS)
def test_a_wrong_answer_gets_its_own_hint(row, slip):
    """What a slip gives is wrong, and is told apart from all other slips of the exercise."""
    cases, found = answers(row, slip)
    assert any(difference(answer, right(row, case)) for answer, case in zip(found, cases, strict=True))
    assert slip_of(row, cases, found) == slip.hint


@pytest.mark.parametrize("row", COMPARED, ids=lambda row: row.name)
def test_the_right_answer_gets_no_hint_and_another_gets_none_either(row):
    """Hints are for the slips that the numbers show, and for nothing else."""
    cases = list(row.cases())
    rights = [right(row, case) for case in cases]
    assert not any(difference(answer, wanted) for answer, wanted in zip(rights, rights, strict=True))
    assert slip_of(row, cases, rights) == ""
    assert slip_of(row, cases, [np.full(7, 0.123)] * len(cases)) == ""


@pytest.mark.parametrize("row", COMPARED, ids=lambda row: row.name)
def test_cases_are_the_same_each_time(row):
    """A file graded twice is compared with the same numbers."""
    once, again = ([right(row, case) for case in row.cases()] for _ in range(2))
    assert not any(difference(one, other) for one, other in zip(once, again, strict=True))


def test_there_are_exercises_of_every_kind():
    """The lines of the two-layer example, the four equations, and what follows from them; no name twice."""
    names = [row.name for rows in CHAPTERS.values() for row in rows]
    assert len(names) == len(set(names)) >= 20
    assert {"output-error", "bp1", "bp2", "bp3", "bp4", "backprop", "modified-neuron", "linear-neurons", "matrix-form",
            "path-sum", "forward-mode", "reverse-mode", "fan-out", "reverse-network"} <= set(names)  # fmt: skip
    assert len({row.file_name for row in ROWS}) == len(ROWS)
    assert all(row.file_name.removesuffix(".py").isidentifier() for row in ROWS)


def test_an_exercise_is_found_by_the_name_of_its_file():
    """bp1, BP1 and output_error are names; for another one the nearest is suggested."""
    assert exercise("BP1").name == "bp1"
    assert exercise("output_error").name == "output-error"
    with pytest.raises(ConfigError, match="Did you mean 'matrix-form'"):
        exercise("matrixform")


# What a student may write, what is said of it, and how it ends.
WRITTEN = {
    "the sign": ("bp1", "return (y - a) * sigmoid_prime(z)", "wrong", "The sign: the cost rises where a is above y."),
    "twice": ("bp4", "return 2 * np.dot(delta, a_prev.T)", "wrong", "It is twice what it should be."),
    "a shape": ("bp3", "return delta.sum(axis=1)", "wrong", "Biases are columns"),
    "rounded": ("output-error-term", "return round(error * output * (1 - output), 6)", "wrong", "should be 0.02873067"),
    "a text": ("output-error", "return 'target - output'", "wrong", "is a str, and it should be a number"),
    "a list for an array": ("hidden-output-change", "return [learning_rate * output_error_term * h for h in hidden_output]",
                            "right", "agree"),
    "NaN": ("bp1", "return (a - y) * sigmoid_prime(z) * np.nan", "wrong", "is not finite: nan"),
    "a key": ("reverse-mode", "return {'e': 1, 'c': b + 1, 'd': a + b, 'a': b + 1}", "wrong", "has no 'b'"),
    "a generator": ("linear-neurons", "return (w for w in weights)", "failed", "gives a generator"),
    "shapes": ("bp2", "return w_next @ delta_next * sigmoid_prime(z)", "failed", "The shapes do not fit"),
    "a name": ("bp2", "return w.T @ delta_next", "failed", "name 'w' is not defined"),
    "its arguments": ("bp2", "z[:] = 0\nw_next[:] = 0\nreturn z", "wrong", "should be"),
    "a loop": ("matrix-form", """
        sums = None
        for i in range(x.shape[1]):
            a, activations, zs = x[:, [i]], [x[:, [i]]], []
            for w, b in zip(weights, biases):
                zs.append(w @ a + b)
                a = sigmoid(zs[-1])
                activations.append(a)
            delta, found = (a - y[:, [i]]) * sigmoid_prime(zs[-1]), []
            for l in range(len(weights) - 1, -1, -1):
                found.insert(0, (delta, delta @ activations[l].T))
                delta = (weights[l].T @ delta) * sigmoid_prime(zs[l - 1]) if l else None
            sums = found if sums is None else [(b + c, w + v) for (b, w), (c, v) in zip(sums, found)]
        return [b for b, _ in sums], [w for _, w in sums]
     """, "wrong", "there is a loop over the examples"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRITTEN)
def test_what_is_written_is_graded_in_words(what, tmp_path):
    """A typical answer, right or wrong, gets the state and the words that fit."""
    name, body, state, words = WRITTEN[what]
    (tmp_path / "answer.py").write_text(written(EXERCISES[name], body))
    found = grade(EXERCISES[name], tmp_path / "answer.py")
    assert found.state == state
    assert words in f"{found.sentence} {found.hint}"
    assert EXERCISES[name].title in found.document(hints=1).text(80)


def test_the_two_layer_example_prints_its_numbers(tmp_path):
    """Done right, the changes of the weights are shown as NumPy prints them."""
    shown = {
        "output-error": "0.11502656915007464", "output-error-term": "0.028730669543515018",
        "hidden-error-term": "[ 0.00070802 -0.00204471]", "hidden-output-change": "[0.00804047 0.00555918]",
        "input-hidden-change": "[-7.08022187e-05  2.04471402e-04]",
    }  # fmt: skip
    for name, number in shown.items():
        (tmp_path / "answer.py").write_text(solved(EXERCISES[name]))
        assert number in grade(EXERCISES[name], tmp_path / "answer.py").example


def test_a_function_of_another_name_is_asked_for(tmp_path):
    """The file says what it has, and how it should be called."""
    (tmp_path / "answer.py").write_text("def error(a, y, z): return a - y")
    found = grade(EXERCISES["bp1"], tmp_path / "answer.py")
    assert found.state == "wrong"
    assert "its functions: error" in found.sentence
    assert "output_error(a, y, z)" in found.hint
