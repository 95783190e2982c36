"""Where one number comes from: the places that can be asked for, and what is said of them."""

from __future__ import annotations

import re
from itertools import product

import numpy as np
import pytest

from chainrule import Network
from chainrule.errors import ConfigError, DataError, ShapeError
from chainrule.explaining import explain

X, Y = [0.5, -1.0], [1.0, 0.0]


@pytest.fixture(scope="module")
def net() -> Network:
    """A network with four paths from each of its first weights to the cost."""
    return Network([2, 3, 2, 2], seed=0, dtype="float64")


def numbers_after(text: str, start: str) -> list[float]:
    """The numbers that stand by themselves at the end of lines, from a line on."""
    return [float(found) for found in re.findall(r"^ .*= (-?[\d.]+(?:e-\d+)?)$", text[text.index(start) :], re.MULTILINE)]


@pytest.mark.parametrize("sign", ["subtract", "add"])
@pytest.mark.parametrize(("j", "k"), list(product(range(3), range(2))))
def test_the_paths_of_a_weight_sum_to_its_gradient(net: Network, j: int, k: int, sign: str) -> None:
    """Each of the four paths of a first weight is multiplied out, and their sum is dC/dw."""
    text = explain(net, X, Y, weight=(2, j + 1, k + 1), sign=sign, digits=10).text(width=200)
    assert "2 · 2 = 4" in text
    paths = text[text.index("The sum over all paths") : text.index("Their sum")]
    terms = numbers_after(paths, "The sum")
    assert paths.count(" → C") == len(terms) == 4
    exact = net.backprop(X, Y).nabla_w[2][j, k] * (1 if sign == "subtract" else -1)
    assert sum(terms) == pytest.approx(exact, rel=1e-7)
    assert numbers_after(text, "Their sum")[0] == pytest.approx(exact, rel=1e-9)


def test_many_paths_are_counted_layer_by_layer() -> None:
    """From a first weight of [784, 30, 30, 30, 10], 9,000 paths lead to the cost; the table shows how they multiply."""
    net = Network([784, 30, 30, 30, 10], seed=0)
    text = explain(net, np.linspace(0, 1, 784), 3, weight=(2, 7, 400)).text(width=100)
    assert "30 · 30 · 10 = 9,000" in text
    rows = re.findall(r"^(\d)\s+(\d+)\s+([\d,]+)$", text, re.MULTILINE)
    assert rows == [("5", "10", "1"), ("4", "30", "10"), ("3", "30", "300"), ("2", "30", "9,000")]


def test_places_are_counted_as_they_are_printed(net: Network) -> None:
    """The weight (2, 1, 2) of the book's numbering is (1, 0, 1) where layers and neurons count from 0."""
    book = explain(net, X, Y, weight=(2, 1, 2))
    zero = explain(net, X, Y, weight=(1, 0, 1), numbering="zero")
    assert (book.title, zero.title) == ("Where ∂C/∂w²₁₂ comes from", "Where ∂C/∂w¹₀₁ comes from")
    assert "Layers and neurons are counted from 0" in zero.text()


def test_the_first_factor_is_followed_back_to_the_inputs(net: Network) -> None:
    """An activation is followed through every layer before it until it is made of inputs."""
    text = explain(net, X, Y, weight=(4, 1, 1)).text(width=120)
    back = text[text.index("The factor from the forward pass") : text.index("The factor from the backward pass")]
    assert [back.count(f"z{l}") > 0 for l in "³²"] == [True, True]
    assert "a¹₁" in back
    assert "inputs, layer 1" in back
    assert "is 0.5, an input" in explain(net, X, Y, weight=(2, 1, 1)).text()


def test_the_error_of_a_neuron_is_followed_to_the_cost(net: Network) -> None:
    """The error of a hidden neuron is followed through the errors of all later layers to the cost."""
    text = explain(net, X, Y, neuron=(2, 3)).text(width=120)
    at = [text.index(name) for name in ("δ²₃ =", "δ³₁ =", "δ⁴₁ =", "C = ")]
    assert at == sorted(at)
    assert "∂C/∂b²₃ = δ²₃" in text


def test_a_hidden_softmax_layer_and_a_mini_batch_have_no_paths_to_walk(net: Network) -> None:
    """Where paths cross, or each example has its own, they are counted and not walked."""
    crossed = Network([2, 3, 2], ["softmax", "identity"], seed=0)
    assert "paths cross" in explain(crossed, X, Y, weight=(2, 1, 1)).text(width=200)
    assert "own sum over these paths" in explain(net, [X, X], [Y, Y], weight=(2, 1, 1)).text(width=200)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"weight": (1, 1, 1)}, "layer 1 has no weights and no errors: counted from 1, layers 2 to 4 have"),
        ({"weight": (2, 4, 1)}, "layer 2 has no neuron 4: it has 3, counted from 1"),
        ({"weight": (2, 1, 0)}, "layer 1 has no neuron 0: it has 2, counted from 1"),
        ({"neuron": (4, 3)}, "layer 4 has no neuron 3"),
        (
            {"neuron": (0, 0), "numbering": "zero"},
            "layer 0 has no weights and no errors: counted from 0, layers 1 to 3 have",
        ),
    ],
)
def test_a_place_that_is_not_there_is_refused(net: Network, place: dict[str, object], said: str) -> None:
    """The message says which layers and neurons there are, by the numbers that are printed."""
    with pytest.raises(ShapeError, match=re.escape(said)):
        explain(net, X, Y, **place)  # type: ignore[arg-type]


def test_numbers_that_are_not_finite_are_refused() -> None:
    """No line can be checked with an infinite number in it; a step that makes one is refused too."""
    net = Network([1, 1], "identity", initial=([[[1e308]]], [[[0.0]]]), dtype="float64")
    with pytest.raises(DataError, match="not all of these numbers are finite"):
        explain(net, [100.0], [0.0])
    with pytest.raises(DataError, match="a step of sgd with learning rate"):
        explain(Network([1, 1], "identity", seed=0, dtype="float64"), [1e154], [0.0], learning_rate=1e100)


def test_a_graph_has_no_weights() -> None:
    """The worked example that is a graph is explained as one, and has no weight to ask for."""
    with pytest.raises(ConfigError, match="is a graph"):
        explain("olah", weight=(2, 1, 1))
