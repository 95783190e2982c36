"""Wrong equations: functions in the same notation, to be put in the place of the right ones.

As in an equation, a parameter's name says what it stands for: ``w_next`` is w of the layer after. A slip may reach two
layers away (``delta_next2``, ``a_prev2``), and ``last`` is the number of the output layer.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chainrule import equations as eq
from chainrule.algebra import formula
from chainrule.algebra.symbolic import leaf
from chainrule.architecture import Architecture
from chainrule.notation import LAYER, LEGEND, PARAMETER, Equation, Key, M, operand

SHIFTS = {"_prev2": -2, "_next2": 2, "_prev": -1, "_next": 1}
LEVELS = {-2: ("l-2", "ˡ⁻²"), 2: ("l+2", "ˡ⁺²")}


@dataclass(frozen=True)
class Wrong:
    """A function of operands that are named by the notation."""

    function: Callable[..., M] = field(repr=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its parameters."""
        return tuple(inspect.signature(self.function).parameters)

    @cached_property
    def reads(self) -> tuple[tuple[str, int], ...]:
        """The symbol and the shift of each."""
        return tuple(_parsed(name) for name in self.names)

    def __call__(self, values: Mapping[Key, Any], layer: int, of: str = "") -> M:
        """Run it at a layer; KeyError where an operand is not there."""
        return self.function(*(values[_key(name, shift, layer, of)] for name, shift in self.reads))

    def expr(self, given: Mapping[str, Any] | None = None) -> Any:
        """Its formula, with the formulas that are given in the place of symbols."""
        return self.function(*((given or {}).get(name, _symbol(name)) for name in self.names))


def _parsed(name: str) -> tuple[str, int]:
    for suffix, shift in SHIFTS.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix), shift
    return name, 0


def _key(name: str, shift: int, layer: int, of: str) -> Key:
    symbol = LEGEND[name]
    if symbol.per == PARAMETER:
        return Key(of if name == "theta" else f"{name}_{of}", layer)
    return Key(name, layer + shift if symbol.per == LAYER and name != "eta" else 0)


def _symbol(name: str) -> Any:
    symbol, shift = _parsed(name)
    if abs(shift) < 2:
        return operand(name).expr()
    latex, text = LEVELS[shift]
    row = LEGEND[symbol]
    return leaf(name, latex=row.latex.format(l=latex), text=row.text.format(l=text))


RIGHT: dict[str, Equation] = {
    "FP1": eq.weighted_input, "FP2": eq.activation, "SP": eq.slope, "BP1": eq.output_error, "BP2": eq.backpropagated_error,
    "BP3": eq.bias_gradient, "BP4": eq.weight_gradient, "PG": eq.penalised_gradient, "GD": eq.gradient_descent,
}  # fmt: skip


def written(equation: str, wrong: Wrong, a: Architecture, layer: int) -> str:
    """The formula that a slip writes in the place of an equation; nothing where it has none, or none that differs."""
    place = {"SP": "BP1" if layer == a.L else "BP2", "EW": "BP1", "PGw": "PG", "PGb": "PG"}.get(equation, equation)
    try:
        within = Wrong(RIGHT[place].function) if equation == "SP" else wrong
        expr = within.expr({"sigma_prime": wrong.expr()} if equation == "SP" else {})
        line = f"{formula.text(operand(RIGHT[place].writes).expr())} = {formula.text(expr)}"
    except (TypeError, AttributeError, ValueError, IndexError):
        return ""
    return "" if formula.text(expr) == formula.text(RIGHT[place].expr) else line


def right_formula(equation: str, a: Architecture, layer: int) -> str:
    """The right equation in one line; of an output layer whose slope cancels, that form."""
    row = RIGHT.get(equation)
    if equation == "BP1" and layer == a.L:
        softmax = None if a.sigma(a.L).elementwise else eq.softmax_error
        row = eq.canonical_output_error if a.is_canonical else softmax or eq.output_error
    return row.text if row else ""
