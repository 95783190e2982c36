"""The law of the printers: a formula as it is written means what was computed, brackets and all."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from law_helpers import evaluate

from chainrule.algebra import formula
from chainrule.algebra.dual import derivative
from chainrule.algebra.symbolic import Expr, leaf

VALUES = {"a": 1.3, "b": 0.7, "c": 2.1}
LEAVES = {name: leaf(name, scalar=True) for name in VALUES}
BINARY = (np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum)
UNARY = (np.negative, np.tanh, np.cos, np.exp, np.expm1, np.square)
WITH_NUMBERS = (lambda x: x**2, lambda x: x**3, lambda x: 0.5 * x, lambda x: 2 - x, lambda x: 1 / x, lambda x: x - 2)


def grown(inner: Any) -> Any:
    """Every operation on smaller formulas."""
    two = st.builds(lambda f, x, y: f(x, y), st.sampled_from(BINARY), inner, inner)
    return two | st.builds(lambda f, x: f(x), st.sampled_from(UNARY + WITH_NUMBERS), inner)


TREES = st.recursive(st.sampled_from(list(LEAVES.values())), grown, max_leaves=8)


def value(x: Any) -> float:
    """The number that the tree stands for."""
    return float(evaluate(x, lambda symbol: VALUES[symbol.info["name"]]))


def read(written: str) -> float:
    """The number that a reader makes of a formula to whom side by side means times."""
    times = re.sub(r"(?<=[\w)]) (?=[\w(])", "*", written)  # two things side by side; a function stands close to its bracket
    powers = times.replace("^", "**").replace("²", "**2")
    return float(eval(powers, {"e": math.e, "tanh": math.tanh, "cos": math.cos, "ln": math.log} | VALUES))


def from_latex(written: str) -> str:
    """The same formula with the marks of LaTeX turned into those of the text."""
    for mark, plain in (
        (r"\left", ""),
        (r"\right", ""),
        (r" \, ", " "),
        (r"\frac", ""),
        ("{", "("),
        ("}", ")"),
        ("\\", ""),
    ):
        written = written.replace(mark, plain)
    return written.replace(")(", ")/(")  # only a fraction has two braces next to each other


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(TREES)
def test_a_formula_reads_as_what_it_computes(tree: Any) -> None:
    """Text and LaTeX of any formula, read by the rules of arithmetic, give the number that the formula computes."""
    with np.errstate(all="ignore"):
        exact = value(tree)
    if not 1e-6 < abs(exact) < 1e6:
        return  # a number so far out is the difference or the power of rounding errors
    try:
        found = [read(formula.text(tree)), read(from_latex(formula.latex(tree)))]
    except OverflowError:
        return  # Python's e^x raises where NumPy's is inf, on the way to a number that does not depend on it
    assert found == pytest.approx([exact, exact], rel=1e-6)


a, b, c = LEAVES.values()
BRACKETS = [
    (a - (b + c), "a - (b + c)", r"a - \left(b + c\right)"),
    (a - b - c, "a - b - c", "a - b - c"),
    ((a + b) * c, "(a + b) c", r"\left(a + b\right) \, c"),
    (a / (b * c), "a/(b c)", r"\frac{a}{b \, c}"),
    (a / b / c, "a/b/c", r"\frac{\frac{a}{b}}{c}"),
    ((-a) ** 2, "(-a)²", r"\left(-a\right)^{2}"),
    (-(a**2), "-a²", "-a^{2}"),
    (-(a - b), "-(a - b)", r"-\left(a - b\right)"),
]


@pytest.mark.parametrize(("tree", "text", "latex"), BRACKETS, ids=[row[1] for row in BRACKETS])
def test_brackets_stand_where_they_are_needed_and_nowhere_else(tree: Expr, text: str, latex: str) -> None:
    """A formula has the brackets that change its meaning and no others."""
    assert (formula.text(tree), formula.latex(tree)) == (text, latex)


def test_a_derivative_of_symbols_is_a_formula_with_its_value() -> None:
    """Dual numbers on symbols give the derivative as a formula, with conditions and truths in it kept."""
    z = leaf("a")
    for f in (np.tanh, lambda x: x**3 / 3, lambda x: np.where(x > 1, x * x, -x), lambda x: (x > 1) * x + np.exp(-x)):
        found = evaluate(derivative(f, z), lambda symbol: VALUES["a"])
        assert found == pytest.approx(derivative(f, np.array([VALUES["a"]]))[0], rel=1e-14)
