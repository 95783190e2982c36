"""The reverse network as an object, a drawing and a document; the chain of matrices."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

import chainrule.explaining.language.chinese_reverse as chinese
import chainrule.explaining.language.english_reverse as english
from chainrule import ConfigError, Network, ReverseNetwork, ShapeError, explain
from chainrule.algebra.reading import evaluate
from chainrule.document import Figure
from chainrule.explaining.convention import Convention
from chainrule.explaining.reverse_chain import matrix_chain
from chainrule.explaining.reverse_page import reverse_document

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def net():
    """A network with one saturated neuron in its hidden layer."""
    found = Network([2, 3, 2], seed=4, dtype="float64")
    found.biases[0][:, 0] = (0.0, 0.5, 8.0)
    return found


def texts(svg):
    """Every text in a drawing."""
    return [element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_it_is_the_network_mirrored(net):
    """Sizes are in the order of the backward pass, weights are transposed, gains are the slopes of the pass."""
    reverse = ReverseNetwork(net, [0.5, -1.0])
    pass_ = net.backprop([0.5, -1.0], [1.0, 0.0])
    assert reverse.sizes == [2, 3, 2]
    np.testing.assert_array_equal(reverse.weights[3], net.weights[1].T)
    np.testing.assert_array_equal(reverse.gains[2], pass_.sigma_prime[2])
    assert reverse.saturated(2).ravel().tolist() == [False, False, True]
    assert "1 of 5 saturated" in repr(reverse)


def test_it_runs_on_a_mini_batch_and_down_to_the_input(net):
    """Examples are columns; what leaves the last weights is dC/dx, as differences show it."""
    x, y = np.array([[0.5, -1.0], [0.2, 0.7]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    pass_ = net.backprop(x, y)
    run = ReverseNetwork(net, x)(pass_.nabla_a[3])
    np.testing.assert_allclose(run.delta[2], pass_.delta[2], rtol=0, atol=1e-16)
    moved = x.copy()
    moved[1, 0] += 1e-6
    slope = (net.backprop(moved, y).cost_x.sum() - pass_.cost_x.sum()) / 1e-6
    assert abs(run.nabla_a[1][0, 1] - slope) <= 1e-6  # a difference to one side is no better


def test_a_weight_that_is_changed_later_does_not_change_it(net):
    """It is the reverse of the network as it was."""
    reverse = ReverseNetwork(net, [0.5, -1.0])
    before = reverse.errors([1.0, 0.0]).delta[2]
    net.weights[1][...] = 0
    np.testing.assert_array_equal(reverse.errors([1.0, 0.0]).delta[2], before)


def test_a_saturated_output_starts_from_its_error():
    """Where dC/da is beyond all numbers and the gain is 0, the error a - y is what runs through."""
    net = Network([2, 3, 1], cost="cross_entropy", seed=0, dtype="float64")
    net.biases[1][...] = 800.0
    run = ReverseNetwork(net, [0.5, -1.0]).errors([0.0])
    assert 3 not in run.nabla_a
    assert run.delta[3].tolist() == [[1.0]]
    np.testing.assert_allclose(run.delta[2], net.backprop([0.5, -1.0], [0.0]).delta[2], rtol=0, atol=1e-16)
    assert "starts from their product" in reverse_document(net, [0.5, -1.0], [0.0]).text()


def test_a_start_of_another_shape_is_refused(net):
    """Both shapes are in the message, and where the right numbers are."""
    with pytest.raises(ShapeError, match=r"nabla_a has shape \(3,\).*must be \(2, 1\)"):
        ReverseNetwork(net, [0.5, -1.0])([1.0, 2.0, 3.0])


# --------------------------------------------------------------------------------------------------------- drawing


def test_the_drawing_has_every_amplifier_gain_error_and_weight(net):
    """One triangle for each neuron, hatched where it is saturated; each weight between the layers stands on its edge."""
    reverse = ReverseNetwork(net, [0.5, -1.0])
    svg = reverse.svg([1.0, 0.0])
    amplifiers = [e for e in ElementTree.fromstring(svg).iter(f"{SVG}polygon") if e.get("class") == "shape"]
    assert len(amplifiers) == 5
    assert sum(e.get("class") == "hatch" for e in ElementTree.fromstring(svg).iter(f"{SVG}path")) == 1
    written = texts(svg)
    for number in [*reverse.gains[3].ravel(), *net.weights[1].ravel(), *reverse.errors([1.0, 0.0]).delta[2].ravel()]:
        assert any(t and abs(float(t.replace("−", "-")) - number) <= 6e-3 * abs(number) for t in written if _is_number(t))
    assert "δ²₁" in written
    assert "currentColor" in svg


def _is_number(text):
    try:
        float(text.replace("−", "-"))
    except ValueError:
        return False
    return True


def test_without_a_desired_output_the_drawing_has_gains_alone(net):
    """There is no error in it, and no value of dC/da."""
    written = texts(ReverseNetwork(net, [0.5, -1.0]).svg())
    assert not any("δ" in text for text in written)
    assert "∂C/∂a³₁" in written


def test_wide_layers_are_folded():
    """Of many neurons some are drawn, and how many are not is written."""
    net = Network([5, 30, 2], seed=1)
    svg = ReverseNetwork(net, np.ones(5)).svg()
    assert "25 more" in texts(svg)
    assert len(svg) < 20_000


def test_softmax_is_drawn_as_one_box():
    """Its neurons depend on each other, so they are in one box, with their activations."""
    net = Network([2, 3, 3], "tanh", "log_likelihood", seed=1)
    svg = ReverseNetwork(net, [0.5, -1.0]).svg(2)
    boxes = [e for e in ElementTree.fromstring(svg).iter(f"{SVG}rect") if e.get("class") == "shape"]
    assert len(boxes) == 1
    assert any(text.startswith("a³₂ = ") for text in texts(svg))


# ----------------------------------------------------------------------------------------------- chain and document


def test_the_matrices_of_a_chain_multiply_to_the_error(net):
    """Slopes on diagonals, transposed weights, the slope of the cost; and NumPy's own product of them is the error."""
    chain = matrix_chain(net, [0.5, -1.0], [1.0, 0.0])
    factors = chain.factors(2)
    assert [factor.math.text for factor in factors] == ["Σ′(z²)", "(w³)ᵀ", "Σ′(z³)", "∇a³ C"]
    product = np.linalg.multi_dot([factor.value for factor in factors])
    delta = net.backprop([0.5, -1.0], [1.0, 0.0]).delta[2]
    np.testing.assert_allclose(product, delta, rtol=0, atol=1e-15)
    assert chain.multiplications(2) == (9 + 6 + 4, 3 * (6 + 4 + 2))


def test_the_printed_numbers_multiply_to_the_error(net):
    """The line with numbers, read back from its text, comes to the error within what its digits allow."""
    chain = matrix_chain(net, [0.5, -1.0], [1.0, 0.0])
    line, result = chain.numbers(2)
    delta = net.backprop([0.5, -1.0], [1.0, 0.0]).delta[2]
    np.testing.assert_allclose(evaluate(line.right.text, {}), delta, rtol=1e-4, atol=0)
    np.testing.assert_allclose(evaluate(result.right.text, {}), delta, rtol=1e-5, atol=0)


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("numbering", ["book", "zero"])
def test_the_document_is_written_in_every_convention(net, language, numbering):
    """Text, HTML and LaTeX, with the drawing and the chains; layers are counted by the convention."""
    document = reverse_document(net, [0.5, -1.0], [1.0, 0.0], Convention(language=language, numbering=numbering))
    last = "3" if numbering == "book" else "2"
    text = document.text()
    assert f"Σ′(z{'³' if numbering == 'book' else '²'})" in text
    drawing = next(block.svg for block in document.blocks if isinstance(block, Figure))
    assert {"en": f"layer {last}", "zh-Hant": f"第 {last} 層"}[language] in texts(drawing)
    assert "<figure>" in document.html()
    assert r"\Sigma'" in document.latex()


def test_explain_shows_it_for_an_example():
    """``explain(..., reverse=True)`` of a network, and of a worked example, which brings its own numbers."""
    assert explain([2, 3, 1], [0.5, -1.0], [1.0], reverse=True).title == "The reverse network 1-3-2"
    document = explain("udacity", reverse=True, sign="add", examples="rows", numbering="zero")
    assert "δ¹ = Σ′(z¹) (w²)ᵀ Σ′(z²) ∇a² C" in document.text()
    assert "In every convention" in document.text()


@pytest.mark.parametrize(
    ("given", "how", "message"),
    [
        (([2, 3, 1],), {}, "reverse= asks where numbers come from, so give an example too"),
        (([2, 3, 1], [1.0, 2.0], [1.0]), {"neuron": (2, 1)}, "neuron and reverse are given: ask for one of them"),
        (("olah",), {}, "olah is a graph"),
    ],
)
def test_what_it_cannot_be_shown_of_is_said(given, how, message):
    """Without an example there are no gains, and one question is asked at a time."""
    with pytest.raises(ConfigError, match=message):
        explain(*given, reverse=True, **how)


def test_both_languages_say_the_same():
    """Every sentence of English is there in Chinese, with the same places for numbers."""
    assert english.WORDS.keys() == chinese.WORDS.keys()
    for key, sentence in english.WORDS.items():
        assert [p for p in ("{l}", "{n}", "{m}", "{sizes}", "{error}") if p in sentence] == [
            p for p in ("{l}", "{n}", "{m}", "{sizes}", "{error}") if p in chinese.WORDS[key]
        ]


def test_the_words_of_a_drawing_name_what_is_drawn():
    """Of eight neurons four and the last are drawn, and the words for those who cannot see say the same."""
    reverse = ReverseNetwork(Network([2, 8, 1], seed=0, dtype="float64"), [0.5, -1.0])
    gains = [f"{gain:.3g}" for gain in reverse.gains[2].ravel()]
    assert f"gains {', '.join([*gains[:4], '…', gains[7]])}" in reverse.svg()


def test_a_large_network_has_its_chains_without_numbers():
    """What does not fit in a line is not written out, and that is said."""
    document = reverse_document(Network([20, 15, 5], seed=0), np.ones(20), [1.0, 0.0, 0.0, 0.0, 0.0])
    assert "[[" not in document.text()
    assert "(w³)ᵀ" in document.text()
    assert "too large to be written out" in document.text()
