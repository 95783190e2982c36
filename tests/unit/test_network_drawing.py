"""The drawing of a network with its numbers, and drawings on narrow screens."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from chainrule import Network, explain
from chainrule.document import Document, Figure
from chainrule.explaining.drawn import number


def drawn(*given, **how) -> list[str]:
    """All words of the drawing of an explanation."""
    (figure,) = [block for block in explain(*given, **how).blocks if isinstance(block, Figure)]
    return [element.text or "" for element in ElementTree.fromstring(figure.svg).iter() if element.tag.endswith("text")]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("first", [0, 1])
def test_every_number_of_a_small_network_is_drawn(sign, first):
    """Activations, errors with the sign of the convention, weights and desired outputs, counted by the convention."""
    net = Network([2, 3, 1], dtype="float64", seed=0)
    found = drawn(net, [0.5, -1.0], [1.0], sign="add" if sign < 0 else "subtract", numbering="book" if first else "zero")
    p = net.backprop([0.5, -1.0], [1.0])
    for l in (2, 3):
        above = "⁰¹²³"[l - 1 + first]
        for j, (a, delta) in enumerate(zip(p.a[l].ravel(), p.delta[l].ravel(), strict=True)):
            below = "₀₁₂₃"[j + first]
            assert f"a{above}{below}" in found
            assert number(a) in found
            assert f"δ{above}{below} = {number(sign * delta)}" in found
        assert {number(w) for w in net.weights[l - 2].ravel()} <= {*found}
    assert f"y{'₀₁'[first]} = 1" in found


def test_of_a_wide_layer_the_largest_are_drawn():
    """The rest is counted."""
    found = drawn([784, 30, 10], np.linspace(0, 1, 784), 3)
    assert "(781 more)" in found
    assert sum(word.startswith("δ") for word in found) == 6


def test_of_several_examples_the_first_is_drawn():
    """The caption says so."""
    document = explain([2, 2, 1], [[1.0, 2.0], [3.0, 4.0]], [[0.0], [1.0]])
    assert "Drawn is the first example." in document.text(200)


def test_a_drawing_can_be_read_on_a_telephone():
    """It shrinks to two thirds of its width and then scrolls, where the keyboard reaches it."""
    wide, narrow = (Figure(f'<svg xmlns="http://www.w3.org/2000/svg" width="{n}" height="9"/>', "It.") for n in (778, 200))
    html = Document("", (wide, narrow)).html()
    assert re.findall(r"min-width:(\d+)px", html) == ["518", "133"]
    assert html.count('<div class="scroll" tabindex="0"') == 1


def test_the_title_of_a_pdf_is_not_hyphenated():
    """Words of a title stay whole."""
    from chainrule.document.typesetting import source

    assert "hyphenate: false" in source(Document("Backpropagation in the network 2-1, with numbers"))
