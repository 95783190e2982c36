"""The laws of explanations with numbers in: each printed line is true, by what is printed alone."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from chainrule import Network
from chainrule.activations import ACTIVATIONS
from chainrule.algebra.interval import as_interval, exact_below
from chainrule.algebra.reading import ReadingError, evaluate
from chainrule.algebra.symbolic import Expr
from chainrule.costs import COSTS
from chainrule.document import Document, Formula
from chainrule.explaining import explain
from chainrule.explaining.figures import Lines, MisprintError, filled, number, written
from chainrule.optimizers import OPTIMIZERS

OUTPUTS = {"cross_entropy": "sigmoid", "log_likelihood": "softmax", "poisson": "exponential", "hinge": "tanh"}
ELEMENTWISE = [name for name, row in ACTIVATIONS.items() if row.elementwise]
SIGNS, NUMBERINGS, EXAMPLES = ("subtract", "add"), ("book", "zero"), ("columns", "rows")


def right_sides(document: Document) -> list[list[str]]:
    """What each number of the document is said to be, form after form."""
    found: list[list[str]] = []
    for block in document.blocks:
        for line in block.lines if isinstance(block, Formula) else ():
            if line.left is not None:
                found.append([])
            found[-1] += line.right.text.split(" = ")
    return found


def only_numbers(text: str, digits: int) -> Any:
    """What a form comes to by its digits alone; None where it has letters."""
    try:
        return as_interval(evaluate(text, {}, number=exact_below(digits)))
    except ReadingError:
        return None


def assert_true(document: Document, digits: int = 6) -> int:
    """Every form of a number without letters can be the number at its end; how many there are."""
    count = 0
    for forms in right_sides(document):
        result = only_numbers(forms[-1], digits)
        assert result is not None
        for form in forms[:-1]:
            found = only_numbers(form, digits)
            if found is not None:
                count += 1
                reach = 1e-12 * max(abs(result.low), abs(result.high))
                assert found.low <= result.high + reach
                assert found.high >= result.low - reach
    return count


def mini_batch(sizes: list[int], cost: str, m: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random examples that the cost is defined for."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(m, sizes[0]))
    y = np.eye(sizes[-1])[rng.integers(0, sizes[-1], m)]
    return x, 2 * y - 1 if cost == "hinge" else y


def rows() -> list[Any]:
    """Each cost and each activation at least twice, under every convention, with each optimizer."""
    found = []
    for i in range(34):
        hidden = [ELEMENTWISE[i % len(ELEMENTWISE)], ELEMENTWISE[(i * 7 + 3) % len(ELEMENTWISE)]]
        cost, optimizer = list(COSTS)[i % len(COSTS)], list(OPTIMIZERS)[i % len(OPTIMIZERS)]
        style = {"sign": SIGNS[i % 2], "numbering": NUMBERINGS[i // 2 % 2], "examples": EXAMPLES[i // 4 % 2]}
        found.append(pytest.param(hidden, cost, optimizer, style, 1 + i % 3, i, id=f"{cost}-{hidden[0]}-{optimizer}-{i}"))
    return found


@pytest.mark.parametrize(("hidden", "cost", "optimizer", "style", "m", "seed"), rows())
def test_every_line_is_true_by_its_own_digits(
    hidden: list[str], cost: str, optimizer: str, style: dict[str, str], m: int, seed: int
) -> None:
    """In any explanation, what stands before a number comes to that number, read from the printed digits."""
    sizes = [2, 3, 8, 2]
    net = Network(sizes, [*hidden, OUTPUTS.get(cost, "identity")], cost, biases=seed % 5 > 0, seed=seed)
    x, y = mini_batch(sizes, cost, m, seed)
    digits = (6, 4, 9)[seed % 3]
    document = explain(net, x, y, optimizer=optimizer, lmbda=0.1 * (seed % 2), digits=digits, **style)  # type: ignore[arg-type]
    assert assert_true(document, digits) > 50


@pytest.mark.parametrize("sign", SIGNS)
def test_the_printed_gradients_are_those_of_the_network(sign: str) -> None:
    """The gradient lines end with the gradients of the pass; with errors added, with their negatives."""
    net = Network([2, 3, 1], seed=4, dtype="float64")
    x, y = [0.5, -1.0], [1.0]
    text = explain(net, x, y, sign=sign, digits=9).text(width=200)
    gradient = net.backprop(x, y).nabla_w
    for l, j, k in ((2, 0, 0), (2, 2, 1), (3, 0, 1)):
        name = "∂C/∂w" + "⁰¹²³"[l] + "₀₁₂₃"[j + 1] + "₀₁₂₃"[k + 1]
        line = re.search(rf"{'-' * (sign == 'add')}{name} = .*\n.* = (\S+)", text)
        assert line is not None
        exact = gradient[l][j, k] * (-1 if sign == "add" else 1)
        assert float(line.group(1)) == pytest.approx(exact, rel=1e-8)


@pytest.mark.parametrize("sizes", [[784, 30, 10], [40, 20, 30, 12]], ids=str)
def test_a_large_network_is_folded(sizes: list[int]) -> None:
    """Of many inputs, neurons and weights the largest are shown, the rest is one term, and the sums still hold."""
    net = Network(sizes, cost="cross_entropy", seed=0)
    x, y = mini_batch(sizes, "cross_entropy", 1, 1)
    document = explain(net, x[0], y[0])
    text = document.text(width=100)
    assert f"({sizes[0] - 3} more)" in text
    assert len(text.splitlines()) < 500
    assert assert_true(document) > 60


@pytest.mark.parametrize("change", [1e-5, -1e-5])
def test_a_line_that_is_wrong_is_never_shown(change: float) -> None:
    """A formula whose printed numbers do not come to the result is an error, however little is amiss."""
    w, a = number("w", "w", 0.3123456), number("a", "a", -1.2)
    lines = Lines(6)
    assert len(lines.of(number("z", "z", 0), lines.with_numbers(w * a), 0.3123456 * -1.2)) == 3
    with pytest.raises(MisprintError):
        lines.of(number("z", "z", 0), [w * a], 0.3123456 * -1.2 * (1 + change))
    with pytest.raises(MisprintError):
        lines.of(number("z", "z", 0), [filled(w * a, 6)], 0.3123456 * -1.2 * (1 + change))
    swapped = number("w", "w", 0.3123465)  # two digits changed places
    with pytest.raises(MisprintError):
        lines.of(number("z", "z", 0), [filled(swapped * a, 6)], 0.3123456 * -1.2)


def test_saturated_outputs_are_explained_without_false_formulas() -> None:
    """Where digits are lost in a formula (1 - a of a saturated a), the number stands without it, and that is said."""
    net = Network([1, 2], cost="cross_entropy", initial=([[[60.0], [-60.0]]], [[[0.0], [0.0]]]), dtype="float64")
    text = explain(net, [1.0], [0.0, 1.0]).text()
    assert "computed from z" in text
    assert "ln(" not in text.partition("Forward pass")[2]


def test_a_network_in_float32_is_explained_in_float64() -> None:
    """The weights are those of the network; what is computed from them is exact to float64."""
    single = Network([3, 4, 2], seed=1)
    double = Network([3, 4, 2], seed=1, dtype="float64")
    double.weights, double.biases = single.weights, single.biases
    x, y = [0.1, 0.2, 0.3], [1.0, 0.0]
    assert explain(single, x, y, digits=12) == explain(double, x, y, digits=12)


def test_letters_carry_their_values() -> None:
    """A formula filled with numbers is the same tree, with dots where numbers are multiplied."""
    tree: Expr = number("w", "w", -0.5) * number("a", "a", 2.0) + number("b", "b", -1.0)
    assert written(filled(tree, 6)).text == "(-0.5) · 2 - 1"
