"""Progress is kept in a small file, whole, and a damaged one is left as it is."""

from __future__ import annotations

import json

import pytest

from chainrule.auditing.exercises import EXERCISES
from chainrule.auditing.exercises_progress import Progress, default_path
from chainrule.errors import DataError


def test_each_new_wrong_answer_gets_another_hint_and_the_same_file_does_not(tmp_path):
    """An attempt is another file; a starter is none; being right once is kept."""
    progress = Progress.read(tmp_path / "learn.json")
    asked = (("a", None), ("b", False), ("b", False), ("c", False), ("d", True), ("e", False))
    assert [progress.attempt("bp1", digest, right=right) for digest, right in asked] == [0, 1, 1, 2, 2, 3]
    again = Progress.read(tmp_path / "learn.json")
    assert again.done == progress.done
    assert again.done["bp1"].right


def test_the_next_exercise_is_the_first_after_this_one_that_is_not_done(tmp_path):
    """After the last one it begins again with those that were left out; when all are done there is none."""
    progress, names = Progress.read(tmp_path / "learn.json"), list(EXERCISES)
    assert progress.next() == names[0]
    progress.attempt(names[4], "x", right=True)
    assert progress.next(names[3]) == names[5]
    assert progress.next(names[-1]) == names[0]
    for name in names:
        progress.attempt(name, "x", right=True)
    assert progress.next() == ""


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": 2, "exercises": {}}', '{"format": 1, "exercises": {"bp1": 3}}',
     '{"format": 1, "exercises": {"bp1": {"wrong": "many"}}}', '{"format": 1, "exercises": {"bp1": {"right": 1}}}'],
)  # fmt: skip
def test_a_damaged_file_is_refused_and_left_as_it_is(text, tmp_path):
    """The message names the file and what to do; nothing is written over it."""
    path = tmp_path / "learn.json"
    path.write_text(text)
    with pytest.raises(DataError, match="--progress"):
        Progress.read(path)
    assert path.read_text() == text


def test_exercises_of_another_version_are_kept(tmp_path):
    """A row of an exercise that there is no more stays in the file."""
    path = tmp_path / "learn.json"
    path.write_text('{"format": 1, "exercises": {"old": {"wrong": 2, "digest": "", "right": true}}}')
    Progress.read(path).attempt("bp1", "x", right=True)
    assert set(json.loads(path.read_text())["exercises"]) == {"old", "bp1"}


def test_it_is_kept_where_the_system_keeps_such_things(tmp_path, monkeypatch):
    """On Linux: $XDG_STATE_HOME, or .local/state."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_path() == tmp_path / "chainrule" / "learn.json"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_path() == tmp_path / ".local" / "state" / "chainrule" / "learn.json"
