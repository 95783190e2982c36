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


def written(equation: str, wrong: Wrong, a: Architecture, layer: int, style: str = "text") -> str:
    """The formula that a wrong equation makes of the equation that it is put into; nothing where it has none."""
    printed = formula.text if style == "text" else formula.latex
    whole = equation
    try:
        if equation == "SP":
            whole = "BP1" if layer == a.L else "BP2"
            expr = Wrong(RIGHT[whole].function).expr({"sigma_prime": wrong.expr()})
        elif equation == "EW":
            expr = wrong.expr()
        else:
            expr = wrong.expr()
        return _line(whole, printed(expr), style)
    except (TypeError, AttributeError, ValueError, KeyError, IndexError):
        return ""


def _line(equation: str, right_side: str, style: str) -> str:
    target = RIGHT[equation].writes if equation in RIGHT else "delta"
    left = operand(target).expr()
    return f"{formula.text(left) if style == 'text' else formula.latex(left)} = {right_side}"


def right_formula(equation: str, a: Architecture, layer: int) -> str:
    """The right equation in one line; of an output layer whose slope cancels, that form."""
    if equation == "BP1" and layer == a.L:
        row = eq.canonical_output_error if a.is_canonical else eq.output_error if a.sigma(a.L).elementwise else eq.softmax_error
        return row.text
    return RIGHT[equation].text if equation in RIGHT else ""
