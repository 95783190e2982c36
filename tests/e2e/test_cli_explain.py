"""``chainrule explain``: derivations and numbers, printed or written, of sizes, runs and worked examples."""

from __future__ import annotations

import json
import re

import pytest

from chainrule.cli import main


@pytest.fixture
def chainrule(capfd, monkeypatch, tmp_path):
    """A command line in this process: the exit code, what went to stdout, what went to stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(words)
        return int(end.value.code or 0), *capfd.readouterr()

    return run


def test_sizes_alone_are_derived_plainly_in_a_pipe(chainrule):
    """The four equations, with no codes of colours."""
    code, out, err = chainrule("explain", "2,3,1")
    assert (code, err) == (0, "")
    for name in ("BP1", "BP2", "BP3", "BP4", "GD"):
        assert f"({name})" in out
    assert "\x1b" not in out


def test_the_flags_of_the_network_and_of_the_step_are_heeded(chainrule):
    """One activation for each layer, a cost, an optimizer with its rate, a penalty with its strength."""
    _, out, _ = chainrule(
        "explain", "2,3,2", "--activation", "relu,softmax", "--cost", "log_likelihood", "--optimizer", "momentum",
        "--rate", "0.25", "--penalty", "l1", "--lmbda", "0.5",
    )  # fmt: skip
    assert "δ² = ((w³)ᵀ δ³) ⊙ [z² > 0]" in out
    assert "Here η = 0.25, μ = 0.9 and λ = 0.5." in out
    assert "the L1 penalty" in out


def test_the_conventions_are_heeded(chainrule):
    """Chinese, target - output, layers from 0, examples as rows."""
    _, out, _ = chainrule(
        "explain", "2,3,1", "--cost", "cross_entropy", "--language", "zh-Hant", "--sign", "add", "--numbering", "zero",
        "--rows",
    )  # fmt: skip
    assert "2-3-1 網路的反向傳播" in out
    assert "δ² = y - a²" in out
    assert "δ¹ = (δ² (w²)ᵀ) ⊙ σ′(z¹)" in out


def test_an_example_on_the_command_line_gets_its_numbers(chainrule):
    """--x and --y, and of one weight where its gradient comes from."""
    code, out, _ = chainrule("explain", "2,3,1", "--x", "0.5,0.1", "--y", "0.6", "--digits", "4")
    assert code == 0
    assert "0.5" in out
    code, out, _ = chainrule("explain", "2,3,1", "--x", "0.5,0.1", "--y", "0.6", "--weight", "3,1,2")
    assert code == 0
    assert "w³₁" in out


def test_a_worked_example_is_called_by_its_name(chainrule):
    """The two-layer example: an output error term of 0.0287306695 where target - output is added."""
    _, out, _ = chainrule("explain", "udacity", "--sign", "add", "--digits", "9")
    assert "0.0287306695" in out


def test_the_reverse_network_of_an_example_is_shown(chainrule):
    """--reverse: the chain of matrices; without an example, exit code 2."""
    code, out, _ = chainrule("explain", "lecture", "--reverse")
    assert code == 0
    assert "δ³ = Σ′(z³) (w⁴)ᵀ Σ′(z⁴) ∇a⁴ C" in out
    assert chainrule("explain", "2,3,1", "--reverse")[0] == 2


def test_a_run_is_explained_with_its_own_optimizer_and_examples(chainrule):
    """Its derivation has Adam's equations; --example takes one of the examples that it was tested on."""
    assert chainrule("train", "moons", "--hidden", "3", "--epochs", "1", "--quiet")[0] == 0
    code, out, _ = chainrule("explain", "runs/moons-1")
    assert code == 0
    assert "(AT)" in out
    code, out, _ = chainrule("explain", "runs/moons-1", "--example", "2", "--neuron", "2,1")
    assert code == 0
    assert "δ²₁" in out


def test_what_a_run_was_trained_with_is_in_its_explanation(chainrule):
    """Dropout and smoothed targets are derived; among numbers they are said to be left out, and so is L-BFGS."""
    how = ("--dropout", "0.5", "--smoothing", "0.1")
    assert chainrule("train", "moons", "--hidden", "3", "--epochs", "1", "--quiet", *how)[0] == 0
    out = " ".join(chainrule("explain", "runs/moons-1")[1].split())
    assert "a² ← a² ⊙ r²" in out
    assert "y ← (1 - 0.1) y + 0.1/2" in out
    assert "Left out on this page, though the training has it: the schedule" in out
    out = " ".join(chainrule("explain", "runs/moons-1", "--example", "1")[1].split())
    assert "though the training has it: dropout, label smoothing and the schedule" in out
    assert chainrule("train", "moons", "--hidden", "3", "--optimizer", "lbfgs", "--epochs", "1", "--quiet")[0] == 0
    assert "L-BFGS" in chainrule("explain", "runs/moons-2")[1]


@pytest.mark.parametrize(
    ("name", "first"), [("a.html", "<!doctype html>"), ("a.md", "# Back"), ("a.tex", "% Compile"), ("a.txt", "Back")]
)
def test_it_is_written_by_its_suffix(chainrule, tmp_path, name, first):
    """The file is a whole document, and nothing but its name is printed."""
    code, out, err = chainrule("explain", "2,1", "-o", name)
    assert (code, out) == (0, "")
    assert name in err
    assert (tmp_path / name).read_text(encoding="utf-8").lower().startswith(first.lower())


def test_it_is_printed_in_other_forms(chainrule):
    """Markdown with LaTeX, and JSON with every formula in text and in LaTeX."""
    assert r"\delta^{l}_{j}" in chainrule("explain", "2,1", "--format", "md")[1]
    found = json.loads(chainrule("explain", "2,3,1", "--json")[1])
    named = {formula["name"]: formula["lines"][0] for formula in found["formulas"]}
    assert named["BP4"]["right"] == "δˡ (aˡ⁻¹)ᵀ"
    assert named["BP4"]["latex"] == r"\nabla_{w^{l}} C = \delta^{l} \left(a^{l-1}\right)^{T}"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere",), "there is no nowhere"),
        (("udacity", "--cost", "huber"), "--cost is for sizes"),
        (("2,3,1", "--sign", "up"), "there is no sign 'up'"),
        (("2,3,1", "--language", "de"), "There are: en, zh-Hant"),
        (("2,3,1", "--weight", "1,2"), "give 3 whole numbers"),
        (("2,3,1", "--weight", "2,1,1"), "give an example too"),
        (("2,3,1", "--x", "1,2"), "x is given without y"),
        (("2,3,1", "--x", "a", "--y", "1"), "'a' is no number"),
        (("2,3,1", "--example", "1"), "2,3,1 has none"),
        (("2,3,1", "--format", "pdf"), "A .pdf is written with -o"),
        (("2,3,1", "-o", "a.doc"), "a.doc ends with .doc"),
        (("2,3,1", "--digits", "0"), "1 to 17 digits"),
        (("2,3,1", "--optimizer", "adm"), "Did you mean 'adam'?"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
def test_what_cannot_be_explained_is_said_in_words(chainrule, words, message):
    """Exit code 2, and a sentence that says what fits."""
    code, out, err = chainrule("explain", *words)
    assert (code, out) == (2, "")
    assert message in re.sub(r"\s+", " ", err)
