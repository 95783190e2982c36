"""``chainrule check``: sizes, a run and a model file; counts; exit codes."""

from __future__ import annotations

import json


def test_sizes_are_checked_and_the_exit_code_says_it(chainrule):
    """A network of these sizes passes: exit code 0, and the table by layer and equation on stdout."""
    code, out, err = chainrule("check", "4,5,3", "--activation", "tanh", "--cost", "cross_entropy")
    assert code == 0
    assert "Every gradient is right." in out
    assert "BP2" in out
    assert "10 random examples (seed 0)" in err


def test_json_has_every_row(chainrule):
    """One object, with the residuals of BP1 to BP4."""
    code, out, _ = chainrule("check", "4,5,3", "--penalty", "l2", "--lmbda", "0.5", "--json")
    found = json.loads(out)
    assert (code, found["passed"], found["target"]) == (0, True, "4,5,3")
    assert set(found["equations"]) == {"BP1", "BP2", "BP3", "BP4"}
    assert any(row["equation"] == "PG" for row in found["rows"])


def test_a_run_is_checked_with_its_own_data_and_penalty(chainrule, pets):
    """The examples come from the run's test part, and the penalty from its settings."""
    assert chainrule("train", "pets.csv", "--target", "kind", "--epochs", "1", "--lmbda", "0.5", "--out", "run")[0] == 0
    code, out, _ = chainrule("check", "run", "--json")
    assert code == 0
    assert any(row["equation"] == "PG" for row in json.loads(out)["rows"])
    assert "pets" in json.loads(out)["data"]


def test_passes_are_counted(chainrule):
    """Two passes for each parameter against one and one, with times."""
    code, out, _ = chainrule("check", "6,5,3", "--count")
    assert code == 0
    assert "106 forward passes against one forward and one backward" in out
    ways = json.loads(chainrule("check", "6,5,3", "--count", "--json")[1])["ways"]
    assert [(way["forward"], way["backward"]) for way in ways] == [(106, 0), (53, 0), (53, 0), (1, 1), (1, 1)]


def test_the_report_is_written_as_its_name_ends(chainrule, tmp_path):
    """A page, and nothing on stdout."""
    code, out, err = chainrule("check", "4,3,2", "-o", "check.html")
    assert (code, out) == (0, "")
    assert "check.html" in err
    assert "Every gradient is right." in (tmp_path / "check.html").read_text(encoding="utf-8")


def test_what_is_no_target_is_refused_in_words(chainrule):
    """A name that is nothing, and settings that are for sizes alone."""
    code, _, err = chainrule("check", "nothing")
    assert (code, "there is no nothing" in err) == (2, True)
    assert chainrule("check", "4,3,2", "--examples", "0")[0] == 2
    assert chainrule("check", "4,3,2", "data.csv")[0] == 2
