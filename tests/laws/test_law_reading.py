"""The law of the reader: what is printed, read back from its own characters, is what was computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainrule.activations import ACTIVATIONS
from chainrule.algebra import formula
from chainrule.algebra.interval import Interval, rounded_to
from chainrule.algebra.reading import ReadingError, evaluate
from chainrule.algebra.symbolic import leaf
from chainrule.costs import COSTS, PENALTIES
from chainrule.notation import EQUATIONS, Equation
from chainrule.optimizers import OPTIMIZERS

RNG = np.random.default_rng(0)
SHAPES = {  # m = 3 examples; layers l-1, l, l+1 of 2, 4 and 5 neurons
    "w": (4, 2), "w_next": (5, 4), "b": (4, 1), "a_prev": (2, 3), "delta_next": (5, 3), "nabla_w": (4, 2),
    "theta": (4, 2), "nabla": (4, 2), "v": (4, 2), "s": (4, 2), "free": (4, 2), "held": (4, 2), "weight": (1, 3),
}  # fmt: skip


class Sigma:
    """A function with a slope, on arrays and on intervals."""

    def __call__(self, *args: Any) -> Any:
        """Its value."""
        return args[0] * args[0] * (args[1] if len(args) == 2 else 1)

    from_z = __call__

    def prime(self, *args: Any) -> Any:
        """Its slope."""
        return 3 * args[0]


def operands(equation: Equation) -> list[Any]:
    """A value for each operand of an equation."""
    found: list[Any] = []
    for operand in equation.reads:
        name = operand.symbol.name + {-1: "_prev", 0: "", 1: "_next"}[operand.shift]
        if operand.symbol.arity:
            found.append(Sigma() if name != "penalty" else np.tanh)
        elif operand.symbol.is_scalar:
            found.append(float(RNG.uniform(0.2, 0.9)))
        else:
            found.append(RNG.uniform(0.1, 0.9, SHAPES.get(name, (4, 3))))
    return found


@pytest.mark.parametrize("name", EQUATIONS)
def test_an_equation_is_read_back_as_it_runs(name: str) -> None:
    """The text of every equation, with arrays for its letters, gives what running the equation gives."""
    equation = EQUATIONS[name]
    values = operands(equation)
    names: dict[str, Any] = {}
    for operand, value in zip(equation.reads, values, strict=True):
        symbol = operand.expr()
        if operand.symbol.arity:
            layer = {-1: "ˡ⁻¹", 0: "ˡ", 1: "ˡ⁺¹"}[operand.shift]
            text = operand.symbol.text.format(l=layer)
            names |= {text: value, text + "′": getattr(value, "prime", None)}
        else:
            names[formula.text(symbol)] = value
    found = evaluate(equation.text.split(" = " if not equation.updates else " ← ", 1)[1], names)
    assert np.abs(found - equation(*values)).max() <= 1e-12


Z = [-2.3, -0.4, 0.0, 0.7, 1.9]


def agree(text: str, exact: Any, **names: Any) -> bool:
    """Whether the text, its printed constants known to six digits, can be this number, and hardly any other."""
    found = evaluate(text, names, number=rounded_to(6))
    found = found if isinstance(found, Interval) else Interval(found)
    width = max(abs(found.low - exact), abs(found.high - exact))
    return exact in found and width <= 1e-4 * max(1, abs(exact))


@pytest.mark.parametrize("name", [name for name, row in ACTIVATIONS.items() if row.elementwise])
def test_an_activation_is_read_back_as_it_runs(name: str) -> None:
    """The text of every activation is its value, and the text of its slope its slope, as far as constants are printed."""
    row = ACTIVATIONS[name]
    slope = formula.text(row.slope(leaf("z", scalar=True), leaf("a", scalar=True)))
    for z in Z:
        a = float(row(np.array([z]))[0])
        assert agree(row.text, a, z=z)
        assert agree(slope, float(row.prime(np.array([z]), np.array([a]))[0]), z=z, a=a)


def test_softmax_is_read_back_as_it_runs() -> None:
    """Softmax, whose activations depend on each other, is read with a whole layer for z."""
    row, z = ACTIVATIONS["softmax"], RNG.normal(size=(4, 3))
    assert np.abs(evaluate(row.text, {"z": z}) - row(z)).max() <= 1e-12


@pytest.mark.parametrize("name", COSTS)
def test_a_cost_is_read_back_as_it_runs(name: str) -> None:
    """The text of every cost is its value."""
    for a, y in ((0.3, 1.0), (0.8, 0.0), (0.45, 0.4), (0.9, -1.0)):
        row = COSTS[name]
        if not row.targets[0] <= y <= row.targets[1]:
            continue
        assert evaluate(row.text, {"a": a, "y": y}) == pytest.approx(float(row(np.array([a]), np.array([y]))[0]), abs=1e-12)


@pytest.mark.parametrize("name", PENALTIES)
def test_a_penalty_is_read_back_as_it_runs(name: str) -> None:
    """The text of every penalty is its value."""
    row = PENALTIES[name]
    text = formula.text(row.value(leaf("w", scalar=True)))
    for w in Z:
        assert evaluate(text, {"w": w}) == pytest.approx(float(row.value(w)), abs=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_steps_of_an_optimizer_are_equations_of_the_table(name: str) -> None:
    """Every equation that an optimizer is made of is among those read above."""
    assert all(EQUATIONS[e.name] is e for e in OPTIMIZERS[name].equations)


W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
X = np.array([[1.0], [10.0], [100.0]])
READ = [
    ("w²₁₃ - x₂", -7.0),
    ("Σₖ w²₂ₖ xₖ", 654.0),
    ("Σⱼₖ w²ⱼₖ", 21.0),
    ("Σₖ w²₁ₖ Σₗ xₗ", 666.0),
    ("w²₁,₃ · 2", 6.0),
    ("-2 · 3 + 1e-05", -5.99999),
    ("x₁ -0.5", -0.5),
    ("2 - -0.5", 2.5),
    ("2^-1 + 3²", 9.5),
    ("-2^2", -4.0),
    ("|1 - |2 - 5||", 2.0),
    ("(1 if [2 > 3] else 5)", 5.0),
    ("((1, 2, 3))ᵀ (1, 10, 100)", [[321.0]]),
    ("[[1, 2], [3, 4]] (1, -1)", [[-1.0], [-1.0]]),
    ("∂C/∂w²₁₂ 3", 6.0),
    ("(e^(0) + 1)/4/2", 0.25),
]


@pytest.mark.parametrize(("text", "exact"), READ, ids=[row[0] for row in READ])
def test_what_explanations_add_is_read(text: str, exact: Any) -> None:
    """Elements, sums over an index, numbers with signs, columns and matrices mean what they mean on paper."""
    found = evaluate(text, {"w²": W, "x": X, "∂C/∂w²": W})
    assert np.abs(np.asarray(found) - np.asarray(exact)).max() <= 1e-12


@pytest.mark.parametrize("text", ["", "1 +", "(1", "w²₁₄", "q", "2 * 3", "w²ⱼ₁", "1 2)", "x", "e", "ln 2", "w²₁₁₁"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    """A text that is cut off, has an unknown name or an index out of range is an error, never a guess."""
    with pytest.raises(ReadingError):
        evaluate(text, {"w²": W})
