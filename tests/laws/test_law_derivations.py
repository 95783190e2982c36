"""Derivations: every line of every one is true, in every convention and language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from string import Formatter
from typing import Any

import numpy as np
import pytest
from derivation_grid import ELEMENTWISE, bent, networks

from chainrule import ACTIVATIONS, COSTS, EQUATIONS, OPTIMIZERS, PENALTIES, Network, activation, cost, explain
from chainrule.document import Block, Document, Formula, Heading, Line, Math, Note, Paragraph, Table
from chainrule.explaining.claims import FalseLineError, verify
from chainrule.explaining.convention import LANGUAGES, Convention
from chainrule.explaining.derivation import written_down
from chainrule.explaining.recipe import training_step
from chainrule.explaining.words import PARTS, spoken, table

pytestmark = pytest.mark.filterwarnings("ignore::chainrule.ChainruleWarning")

SMALL = Network([2, 3, 3, 2], ["relu", "tanh", "softmax"], "log_likelihood", neurons={(2, 0): "identity"}, seed=0)


def blocks(found: tuple[Block, ...]) -> Iterator[Block]:
    """Every block, those within notes too."""
    for block in found:
        yield block
        if isinstance(block, Note):
            yield from blocks(block.blocks)


def lines(document: Document) -> list[Line]:
    """Every line of every formula."""
    return [line for block in blocks(document.blocks) if isinstance(block, Formula) for line in block.lines]


def names(document: Document) -> set[str]:
    """The equations that the formulas are named as."""
    return {block.name for block in blocks(document.blocks) if isinstance(block, Formula)} - {""}


def lemmas(document: Document) -> list[str]:
    """The titles of the lemmas."""
    notes = (block for block in blocks(document.blocks) if isinstance(block, Note) and block.kind == "lemma")
    return ["".join(map(str, note.title)) for note in notes]


# -------------------------------------------------------------------------------------------------- every line is true


@pytest.mark.parametrize("seed", range(8))
def test_derivations_of_random_networks_verify(seed):
    """Functions, costs, single neurons, penalties, optimizers, signs, numberings, rows and languages are mixed."""
    for network, arguments in networks(5, seed):
        assert len(lines(explain(network, **arguments))) > 20


@pytest.mark.slow
def test_three_hundred_derivations_verify():
    """A line that is not true of its network, from its own printed text, raises an error."""
    assert sum(len(lines(explain(network, **arguments))) > 20 for network, arguments in networks(300, 1000)) == 300


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_has_a_derivation_in_hidden_and_output_layers(name):
    """The quadratic cost takes any outputs, so each activation can stand in both places."""
    assert {"FP2", "BP4"} <= names(explain(Network([2, 3, 2], [name, name], "quadratic", seed=0)))


@pytest.mark.parametrize("name", COSTS)
def test_every_cost_has_a_derivation(name):
    """With the activation that its output layer has by default."""
    network = Network([2, 2], "tanh", cost=name, seed=0)
    assert ("BP1c" in names(explain(network))) == network.architecture.is_canonical


@pytest.mark.parametrize("penalty", [None, *PENALTIES])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_is_written_with_its_equations(name, penalty):
    """Its equations, in order, and PG before them where there is a penalty."""
    found = explain([2, 1], optimizer=name, penalty=penalty)
    formulas = [block.name for block in blocks(found.blocks) if isinstance(block, Formula)]
    written = [n for n in formulas if n in {"PG", *(e.name for e in OPTIMIZERS[name].equations)}]
    assert written == ["PG"] * bool(penalty) + [e.name for e in OPTIMIZERS[name].equations]


def changed(text: str) -> Iterator[str]:
    """The text with one slip in it."""
    slips = (
        ("⊙", "+"), (" + ", " - "), ("ⱼₖ", "ₖⱼ"), ("ₖⱼ", "ⱼₖ"), ("ᵀ", ""), ("ˡ⁺¹", "ˡ"), ("ˡ⁻¹", "ˡ"),
        ("σ′", "σ"), ("1 - ", "1 + "), ("η/m", "η m"), ("Σₖ ", ""),
    )  # fmt: skip
    for wrong, right in slips:
        if wrong in text:
            yield text.replace(wrong, right, 1)


def test_a_line_with_a_slip_in_its_text_is_not_shown():
    """Whatever is changed in what is printed, reading it back finds out: the check does not look at the tree."""
    claims, numbers = written_down(SMALL.architecture, Convention(), training_step("adam", None, "l2", 0.0))
    tried = 0
    for claim in claims:
        for text in changed(claim.line.right.text.replace("Iₖⱼ", "I")):  # which is symmetric
            wrong = replace(claim, line=claim.line._replace(right=Math("", text.replace("I", "Iₖⱼ"))))
            with pytest.raises(FalseLineError, match="line of the derivation"):
                verify([wrong], numbers)
            tried += 1
    assert tried > 60


def test_a_line_that_cannot_be_read_is_not_shown():
    """A name that stands for nothing is an error, and so is a text that is no formula."""
    claims, numbers = written_down(SMALL.architecture, Convention(), training_step("sgd", None, None, 0.0))
    for text in ("q", "zˡ +", "Σₖ"):
        with pytest.raises(FalseLineError, match="cannot be read"):
            verify([replace(claims[0], line=claims[0].line._replace(right=Math("", text)))], numbers)


def test_a_line_of_a_table_is_one_that_was_verified():
    """Each formula of the whole step is among the claims."""
    claims, _ = written_down(SMALL.architecture, Convention(), training_step("sgd", None, None, 0.0))
    known = {f"{claim.left.text} {claim.line.sign} {claim.line.right.text}" for claim in claims}
    table = [block for block in explain(SMALL).blocks if isinstance(block, Table)][-1]
    assert len(table.rows) > 10
    assert {row[1][0].text for row in table.rows} <= known


# ------------------------------------------------------------------------------------------------------------- lemmas


@pytest.mark.parametrize("name", [name for name, row in COSTS.items() if row.partner])
def test_the_slope_cancels_with_the_partner_and_only_there(name):
    """BP1c comes after its lemma; with another activation there are BP1 and no lemma on a - y."""
    partner = explain(Network([2, 3, 2], cost=name, output=COSTS[name].partner, seed=0))
    other = explain(Network([2, 3, 2], cost=name, output="sigmoid" if name != "cross_entropy" else "softmax", seed=0))
    assert any(COSTS[name].partner in title or "exponential" in title for title in lemmas(partner))
    assert "BP1c" in names(partner)
    assert "BP1c" not in names(other)
    assert {"δ³ = a³ - y"} <= {f"{line.left.text} = {line.right.text}" for line in lines(partner) if line.left}


def test_linear_neurons_hand_errors_on_as_they_are():
    """The derivation itself says that delta^l = (w^{l+1})^T delta^{l+1}."""
    found = explain(Network([2, 3, 3, 1], "identity", seed=0))
    assert any("linear" in title for title in lemmas(found))
    assert ("δˡ", "(wˡ⁺¹)ᵀ δˡ⁺¹") in {(line.left.text, line.right.text) for line in lines(found) if line.left}


def test_of_one_modified_neuron_only_the_slope_differs():
    """Each kind of neuron has a line of BP2, equal but for the last factor."""
    found = explain(Network([2, 3, 1], "sigmoid", neurons={(2, 1): "tanh"}, seed=0))
    of_neurons = [line.right.text for line in lines(found) if line.left and line.left.text == "δ²ⱼ"]
    assert {"(Σₖ w³ₖⱼ δ³ₖ) a²ⱼ (1 - a²ⱼ)", "(Σₖ w³ₖⱼ δ³ₖ) (1 - (a²ⱼ)²)"} <= set(of_neurons)


def test_softmax_layers_have_their_own_equations_and_their_lemma_once():
    """BPs in the output with another cost than its own, BPa and BPs in a hidden layer, one lemma for all."""
    found = explain(Network([2, 3, 3, 2], "softmax", "quadratic", output="softmax", seed=0))
    assert {"BPa", "BPs"} <= names(found)
    assert len([title for title in lemmas(found) if "softmax" in title]) == 1


def test_every_slope_that_is_used_has_its_lemma():
    """One for each activation function, ending in the slope that is filled in."""
    found = explain(Network([2, 3, 2, 1], ["relu", "gelu", "sigmoid"], "cross_entropy", seed=0))
    assert [title.rpartition(" ")[2] for title in lemmas(found)[:3]] == ["ReLU", "GELU", "sigmoid"]


def test_functions_of_the_users_own_are_derived():
    """The slope comes from dual numbers; a slope that cannot be written is named, and its numbers still hold."""
    given = activation(np.vectorize(np.tanh), slope=lambda z, a: 1 - a * a)
    text = explain(Network([2, 3, 1], bent, cost(lambda a, y: np.cosh(a - y) - 1), neurons={(2, 0): given}, seed=0)).text(
        100
    )
    assert "z²/((1 + z²) √(1 + z²))" in text
    assert "∂Cₓ/∂a³ⱼ = sinh(a³ⱼ - yⱼ)" in text
    assert "is a program that was given with it" in text


# -------------------------------------------------------------------------------------------- conventions and languages


def test_errors_are_subtracted_or_added():
    """The error target - output is added where a - y is subtracted."""
    network = Network([2, 3, 1], cost="cross_entropy", seed=0)
    found = {sign: explain(network, sign=sign).text(100) for sign in ("subtract", "add")}
    assert "δ³ = a³ - y" in found["subtract"]
    assert "wˡ ← wˡ - η/m (δˡ (aˡ⁻¹)ᵀ)" in found["subtract"]
    assert "δ³ = y - a³" in found["add"]
    assert "wˡ ← wˡ + η/m (δˡ (aˡ⁻¹)ᵀ)" in found["add"]


def test_examples_as_rows_turn_every_product_round():
    """The formulas are transposed from those of the equations, not typed."""
    text = explain([2, 3, 1], examples="rows").text(100)
    for line in (
        "zˡ = aˡ⁻¹ wˡ + bˡ",
        "δ² = (δ³ (w³)ᵀ) ⊙ σ′(z²)",
        "∇wˡ C = (aˡ⁻¹)ᵀ δˡ",
        "∇bˡ C = Σₓ δˡ",
        "zˡⱼ = Σₖ aˡ⁻¹ₖ wˡₖⱼ + bˡⱼ",
    ):
        assert line in text


def test_numbering_from_zero_shifts_what_is_printed_and_nothing_else():
    """Layer 3 of the book is layer 2; the formulas in l are the same."""
    network = Network([2, 3, 1], neurons={(2, 0): "tanh"}, seed=0)
    book, zero = (explain(network, numbering=n) for n in ("book", "zero"))
    lower = str.maketrans("¹²³", "⁰¹²")
    for one, other in zip(lines(book), lines(zero), strict=True):
        shifted = re.sub("(?<=[zawbδ])[²³]|(?<=a)¹", lambda m: m[0].translate(lower), one.right.text)
        assert shifted == other.right.text or one.right.text == other.right.text == "1 - a²"  # a square, in a lemma
    assert "tanh (neuron 0)" in zero.text(100)


@pytest.mark.parametrize("network", [SMALL, Network([2, 1], "sine", "huber", seed=0)], ids=str)
def test_a_language_changes_the_words_and_not_the_formulas(network):
    """The same lines in the same order, and not one English sentence left."""
    english, chinese = (explain(network, optimizer="adam", penalty="l2", language=language) for language in LANGUAGES)
    assert lines(english) == lines(chinese)
    prose = [p for block in blocks(chinese.blocks) if isinstance(block, Paragraph | Heading) for p in
             (block.parts if isinstance(block, Paragraph) else block.text) if isinstance(p, str)]  # fmt: skip
    assert not [text for text in prose if re.search(r"[a-z]+ [a-z]+ [a-z]+", text)]
    assert chinese.language == "zh-Hant"


@pytest.mark.parametrize("part", PARTS)
def test_languages_say_the_same_things(part):
    """The same keys, and in each sentence the same places, in every language; equations are docstrings in English."""
    english, chinese = (table(language, part) for language in ("en", "zh-Hant"))
    assert set(english) == set(chinese) - spoken()
    for key, text in english.items():
        assert _places(text) == _places(chinese[key]), key


def _places(text: str) -> set[Any]:
    return {place for _, place, _, _ in Formatter().parse(text)} - {None}


def test_every_equation_has_a_sentence_in_every_language():
    """A new equation needs a sentence in Chinese; in English its docstring is it."""
    assert spoken() <= set(table("zh-Hant", "derivation"))
    assert all(re.search("[\u4e00-\u9fff]", table("zh-Hant", "derivation")[f"equation {name}"]) for name in EQUATIONS)


# ---------------------------------------------------------------------------------------------- slopes of the textbook


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_formula_of_a_function_and_its_slope_can_be_written(name):
    """No row of the table needs the words that stand in for a formula."""
    text = explain(Network([1, 1], name, "quadratic", output=name, seed=0)).text(100)
    assert "no formula to show" not in text
    assert "0.70710678" not in text
