"""``chainrule learn``: from the list to an exercise that is done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chainrule.auditing.exercises import EXERCISES

LINE = "    return None  # TODO"


@pytest.fixture
def learn(chainrule, tmp_path):
    """``chainrule learn`` with progress in the test's own folder."""

    def call(*words: object) -> tuple[int, str, str]:
        return chainrule("learn", *words, CHAINRULE_PROGRESS=str(tmp_path / "progress.json"), COLUMNS="100")

    return call


def write(name: str, line: str) -> None:
    """Do the line of a starter."""
    path = Path(name)
    path.write_text(path.read_text().replace(LINE, f"    {line}"))


def test_the_list_shows_every_exercise_and_the_next_one(learn):
    """Without words: all exercises, chapter by chapter, how many are done, and where to begin."""
    code, out, err = learn()
    assert (code, err) == (0, "")
    assert all(f" {name} " in out for name in EXERCISES)
    assert out.rstrip().endswith("0 of 20 done. Next: chainrule learn output-error")


def test_from_a_starter_over_hints_to_a_right_answer(learn):
    """Written, to do, wrong twice with one hint more each time, right, and the next one is named."""
    code, out, err = learn("bp4")
    assert (code, err) == (0, "")
    assert "chainrule learn bp4 bp4.py" in out
    code, out, _ = learn("check", "bp4.py")
    assert code == 1
    assert "To do" in out
    assert "Hint" not in out
    for n, line in enumerate(("return a_prev @ delta.T", "return -delta @ a_prev.T"), 1):
        Path(f"bp4_{n}.py").write_text(Path("bp4.py").read_text().replace(LINE, f"    {line}"))
        code, out, err = learn("bp4", f"bp4_{n}.py")
        assert (code, err) == (1, "")
        assert out.count("Hint ") == n
    assert "The sign is turned round" in out
    write("bp4.py", "return delta @ a_prev.T")
    code, out, _ = learn("check")
    assert code == 0
    assert "✓ Right" in out
    assert out.rstrip().endswith("Next: chainrule learn two-factors")
    listed = json.loads(learn("--json")[1])
    assert [e["name"] for e in listed["exercises"] if e["right"]] == ["bp4"]
    assert [e["name"] for e in listed["exercises"]] == list(EXERCISES)


def test_a_file_that_is_there_is_left_as_it_is(learn):
    """A starter is never written over anything."""
    Path("bp1.py").write_text("mine")
    code, _, err = learn("bp1")
    assert code == 2
    assert "is there already" in err
    assert Path("bp1.py").read_text() == "mine"


def test_a_file_that_cannot_be_run_says_why(learn):
    """Exit code 3, the line, and a hint; prints of the file are not in the report."""
    learn("bp1")
    write("bp1.py", "print('noise'); return undefined")
    code, out, _ = learn("check", "bp1.py")
    assert code == 3
    assert "name 'undefined' is not defined" in out
    assert "in output_error:" in out
    assert "\nnoise" not in out


def test_json_has_the_grade_and_the_hints(learn):
    """One object, for a program."""
    learn("bp1")
    write("bp1.py", "return a - y")
    code, out, _ = learn("bp1", "bp1.py", "--json")
    (row,) = json.loads(out)["grades"]
    assert code == 1
    assert (row["exercise"], row["state"], row["file"]) == ("bp1", "wrong", "bp1.py")
    assert row["hint"].startswith("The slope of the sigmoid is missing")
    assert len(row["hints"]) == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["bp9"], 2, "Did you mean 'bp4'"),
        (["check", "other.py"], 2, "is called after no exercise"),
        (["bp1", "missing.py"], 3, "there is no file"),
        (["bp1", "-o", "no/where.py"], 3, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(words, code, said, learn):
    """Wrong names and missing files: the fact, and what to do."""
    found = learn(*words)
    assert found[0] == code
    assert said in found[2]


def test_damaged_progress_stops_no_grading(learn, tmp_path):
    """The grade is given, a warning says that it is not noted, and the file stays as it is."""
    (tmp_path / "progress.json").write_text("damaged")
    learn("bp1")
    write("bp1.py", "return (a - y) * sigmoid_prime(z)")
    code, out, err = learn("check")
    assert code == 0
    assert "✓ Right" in out
    assert "not noted" in err
    assert (tmp_path / "progress.json").read_text() == "damaged"
