"""explain: its arguments, its conventions, and the rewriting of formulas."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import EQUATIONS, ConfigError, Network, explain
from chainrule.algebra import formula
from chainrule.algebra.symbolic import Expr, leaf
from chainrule.explaining.convention import Convention
from chainrule.explaining.rewriting import tidy
from chainrule.explaining.transposing import carried, transposed
from chainrule.explaining.words import Words
from chainrule.explaining.writing import ranges

X, Y = (leaf(letter, scalar=True) for letter in "xy")
A, B = (leaf(letter) for letter in "AB")


@pytest.mark.parametrize(
    ("expr", "written"),
    [
        (-(X - Y), "y - x"), (X - (-Y), "x + y"), (-X * Y, "-x y"), (2 * (3 * X), "6 x"), (X * X, "x²"),
        (X**2 / 2, "x²/2"), (np.negative(-X), "x"), (X * (1 / Y), "x/y"), ((-X) ** 2, "x²"), (np.tanh(-X), "-tanh(x)"),
        (X + X, "2 x"), (X**1, "x"), (X / np.sqrt(2), "x/√(2)"), (0.1 * X, "0.1 x"), (X / 3.0000001, "x/3.0000001"),
    ],
    ids=str,
)  # fmt: skip
def test_formulas_are_put_in_order(expr, written):
    """Signs in front, numbers together, squares as squares, and each number in digits that read back as itself."""
    assert formula.text(tidy(expr)) == written


def test_a_derivative_becomes_one_quotient():
    """Factors that stand above and below cancel, a root twice is what it is the root of."""
    root = np.sqrt(1 + X * X)
    assert formula.text(tidy(X / root / root * (Y / root), together=True)) == "x y/((1 + x²) √(1 + x²))"
    assert formula.text(tidy(X * Y / Y, together=True)) == "x"


@pytest.mark.parametrize(
    ("expr", "written"),
    [(A @ B, "Bᵀ Aᵀ"), (A * B, "Aᵀ ⊙ Bᵀ"), (A.T @ B, "Bᵀ A"), (X * A, "x Aᵀ"), (np.tanh(A), "tanh(Aᵀ)"), (A.T, "A")],
    ids=str,
)
def test_a_transpose_goes_inwards_to_the_letters(expr, written):
    """A product is turned round, what works on single elements is not."""
    assert formula.text(transposed(expr)) == written


@pytest.mark.parametrize(
    "name", [name for name, e in EQUATIONS.items() if e.writes in {"z", "a", "delta", "nabla_w", "nabla_b"}]
)
def test_transposed_twice_is_the_same(name):
    """And a sum over neurons is written as one either way."""
    found = EQUATIONS[name].expr
    assert formula.text(transposed(transposed(found))) == formula.text(carried(found))


def test_tidy_does_not_change_a_value():
    """Not even of a product of everything."""
    for x, y in np.random.default_rng(0).uniform(0.1, 2, (20, 2)):
        for made in (
            lambda a, b: -a * (b - a) / (-b) ** 2,
            lambda a, b: a * 0.5 * a / (b * 2) - -b,
            lambda a, b: a / b / a,
        ):
            tree = tidy(made(X, Y), together=True)
            assert _value(tree, {"x": x, "y": y}) == pytest.approx(made(x, y), rel=1e-14)


def _value(tree: object, names: dict[str, float]) -> object:
    if not isinstance(tree, Expr):
        return tree
    return names[tree.info["name"]] if tree.head == "leaf" else tree.head(*(_value(arg, names) for arg in tree.args))


# ---------------------------------------------------------------------------------------------------------- arguments


def test_printed_numbers_mean_layers_and_neurons():
    """(3, 1, 2) of the book is (2, 0, 1) from zero, and both are layer 3, neurons 0 and 1."""
    assert Convention().place((3, 1, 2)) == Convention(numbering="zero").place((2, 0, 1)) == (3, 0, 1)
    assert Convention().place((2, 1), "neuron") == (2, 0)
    with pytest.raises(ConfigError, match=r"give 3 whole numbers \(l, j, k\), counted as they are printed"):
        Convention().place((1, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"language": "fr"}, "no language 'fr'"), ({"examples": "row"}, "Did you mean 'rows'"),
        ({"digits": 0}, "1 to 17 digits"),
        ({"digits": True}, "1 to 17 digits"), ({"penalty": "l3"}, "no penalty 'l3'"), ({"lmbda": -1}, "lmbda = -1"),
        ({"learning_rate": float("nan")}, "learning_rate = nan"), ({"weight": (2, 1, 1)}, "give an example too"),
        ({"x": [1, 2]}, "x is given without y"),
    ],
    ids=str,
)  # fmt: skip
def test_arguments_that_do_not_fit_are_named(arguments, message):
    """Before anything is computed."""
    with pytest.raises(ConfigError, match=message):
        explain([2, 1], **arguments)


def test_what_is_no_network_is_refused():
    """A network, sizes, or the name of a worked example."""
    with pytest.raises(ConfigError, match="give a Network, sizes such as"):
        explain(3.5)
    with pytest.raises(ConfigError, match=r"no worked example 'udacty'\. Did you mean 'udacity'"):
        explain("udacty")


def test_a_derivation_leaves_the_network_as_it_is():
    """Weights are read by nothing: the derivation is of the form, and its numbers are its own."""
    network = Network([2, 3, 1], seed=0)
    before = [w.copy() for w in network.weights]
    text = explain(network).text(80)
    assert all((w == b).all() for w, b in zip(network.weights, before, strict=True))
    network.weights = [0 * w for w in before]
    assert explain(network).text(80) == text


def test_large_networks_cost_no_more_than_small_ones():
    """Formulas are checked on a few neurons of each layer: nothing of the size of a large network is made."""
    assert "784" in explain([784, 3000, 10], digits=3).text(100)


# --------------------------------------------------------------------------------------------------------------- words


def test_a_sentence_has_its_places_filled():
    """By texts and formulas, and neighbouring texts become one."""
    found = Words("en", "derivation")("layer of a kind", layers="2", name="tanh")
    assert found == ("Layer 2: tanh",)
    assert Words("en", "derivation").text("targets sum to 1").startswith("The outputs")


def test_chinese_has_a_blank_beside_latin_letters():
    """A name within a sentence stands apart, a Chinese one does not."""
    words = Words("zh-Hant", "derivation")
    assert words.text("lemma slope", name="tanh") == "tanh 的斜率"
    assert words.text("lemma slope", name="恆等函數") == "恆等函數的斜率"


def test_runs_of_numbers_are_written_in_short():
    """Three or more that follow each other are a range."""
    assert ranges([1, 2, 3, 5, 8, 9]) == "1–3, 5, 8, 9"
