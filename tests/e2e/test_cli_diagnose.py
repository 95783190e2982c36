"""``chainrule diagnose`` as a program."""

from __future__ import annotations

import json
from importlib.util import find_spec


def train(chainrule, *more):
    """A short run."""
    code, _, error = chainrule(
        "train", "moons", "--epochs", "30", "--seed", "1", "--out", "run", "--engine", "numpy", *more
    )
    assert code == 0, error


def test_a_run_is_diagnosed_as_text_json_pages_and_drawings(chainrule, tmp_path):
    """One run, every output; the findings are the same in all of them."""
    train(chainrule, "--optimizer", "sgd", "--learning-rate", "0.1", "--lmbda", "500")
    code, out, _ = chainrule("diagnose", "run", COLUMNS="100")
    assert code == 0
    assert "1. Regularisation too strong" in out
    assert "PG:" in out
    code, out, _ = chainrule("diagnose", "run", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["findings"][0]["id"] == "decay"
    assert found["seconds"] > 0
    assert chainrule("diagnose", "run", "-o", "report.xyz")[0] == 2
    code, out, error = chainrule("diagnose", "run", "-o", "report.html", "--plots", "drawings")
    assert (code, out) == (0, "")
    assert "Regularisation too strong" in (tmp_path / "report.html").read_text(encoding="utf-8")
    drawings = sorted(path.name for path in (tmp_path / "drawings").iterdir())
    assert len(drawings) == 3
    assert all(name.endswith(".svg") for name in drawings)
    assert "report.html" in error


def test_a_run_without_a_finding_says_so(chainrule, tmp_path):
    """Nothing to say is said plainly; its drawings are there all the same, as PNG too where Typst is."""
    train(chainrule)
    code, out, _ = chainrule("diagnose", "run")
    assert code == 0
    assert "Nothing to report." in out
    if find_spec("typst"):
        code, _, error = chainrule("diagnose", "run", "--plots", "drawings", "--png")
        assert code == 0, error
        pictures = sorted((tmp_path / "drawings").glob("*.png"))
        assert len(pictures) == 3
        assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)


def test_what_is_no_run_is_refused(chainrule):
    """A folder that is not there, and pictures without a place for them."""
    code, _, error = chainrule("diagnose", "nowhere")
    assert code == 2
    assert "nowhere" in error
    assert chainrule("diagnose")[0] == 2
    code, _, error = chainrule("diagnose", "nowhere", "--png")
    assert code == 2
    assert "--plots FOLDER" in error


def test_the_rules_are_listed(chainrule):
    """Every row of the table, with its bound, as text and as JSON."""
    code, out, _ = chainrule("diagnose", "--rules")
    assert code == 0
    rules = json.loads(chainrule("diagnose", "--rules", "--json")[1])["rules"]
    assert len(rules) >= 25
    assert all(rule["title"] in out and rule["measures"] in out for rule in rules)
