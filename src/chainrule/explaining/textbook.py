"""Slopes as a textbook derives them: each step is a function, so its formula is computed and its numbers are compared.

Of a function that has no row here, the derivative is found with dual numbers on symbols.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.activations import ACTIVATIONS, SELU_ALPHA, SELU_SCALE, Activation
from chainrule.algebra import formula
from chainrule.algebra.dual import derivative
from chainrule.algebra.formula import UNTRACEABLE
from chainrule.algebra.special import erf
from chainrule.algebra.symbolic import Expr, function_symbol, leaf
from chainrule.costs import COSTS, Cost
from chainrule.explaining.rewriting import same, tidy
from chainrule.notation import M

Step = Callable[[M, M], M]
ROOT2, ROOT2PI = np.sqrt(2.0).item(), np.sqrt(2 * np.pi).item()


def _e(z: M) -> M:
    return np.exp(-z)


def _gelu(z: M, _a: M) -> M:
    return (1 + erf(z / ROOT2)) / 2 + z * (np.exp(-(z**2) / 2) / ROOT2PI)


def _mish(z: M, _a: M) -> M:
    return np.tanh(np.log(1 + np.exp(z))) + z * ((1 - np.tanh(np.log(1 + np.exp(z))) ** 2) / (1 + _e(z)))


SLOPES: dict[str, tuple[Step, ...]] = {  # of z and a = sigma(z), from the definition to what is used
    "sigmoid": (lambda z, a: _e(z) / (1 + _e(z)) ** 2, lambda z, a: 1 / (1 + _e(z)) * (1 - 1 / (1 + _e(z))),
                lambda z, a: a * (1 - a)),
    "tanh": (lambda z, a: (np.cosh(z) ** 2 - np.sinh(z) ** 2) / np.cosh(z) ** 2, lambda z, a: 1 - np.tanh(z) ** 2,
             lambda z, a: 1 - a**2),
    "leaky_relu": (lambda z, a: np.where(z > 0, 1, 0.01),),
    "selu": (lambda z, a: np.where(z > 0, SELU_SCALE, SELU_SCALE * (SELU_ALPHA * np.exp(z))),
             lambda z, a: np.where(z > 0, SELU_SCALE, a + SELU_SCALE * SELU_ALPHA)),
    "softplus": (lambda z, a: np.exp(z) / (1 + np.exp(z)), lambda z, a: 1 / (1 + _e(z))),
    "softsign": (lambda z, a: ((1 + np.abs(z)) - z * np.sign(z)) / (1 + np.abs(z)) ** 2,
                 lambda z, a: 1 / (1 + np.abs(z)) ** 2),
    "gelu": (_gelu,),
    "silu": (lambda z, a: 1 / (1 + _e(z)) + z * (_e(z) / (1 + _e(z)) ** 2), lambda z, a: (1 + a * _e(z)) / (1 + _e(z))),
    "mish": (_mish,),
    "hard_tanh": (lambda z, a: (z > -1) * (z < 1),),
}  # fmt: skip
COST_SLOPES: dict[str, tuple[Step, ...]] = {  # dC/da of a and y
    "quadratic": (lambda a, y: a - y,),
    "cross_entropy": (lambda a, y: (1 - y) / (1 - a) - y / a, lambda a, y: (a - y) / (a * (1 - a))),
    "log_likelihood": (lambda a, y: -y / a,),
    "poisson": (lambda a, y: 1 - y / a, lambda a, y: (a - y) / a),
    "log_cosh": (lambda a, y: np.sinh(a - y) / np.cosh(a - y), lambda a, y: np.tanh(a - y)),
    "absolute": (lambda a, y: np.sign(a - y),),
    "huber": (lambda a, y: np.where(np.abs(a - y) > 1, np.sign(a - y), a - y),),
    "hinge": (lambda a, y: -y * (y * a < 1),),
}
_AS_WRITTEN = frozenset(step for table in (SLOPES, COST_SLOPES) for steps in table.values() for step in steps)
Z, A, Y = (leaf(letter, scalar=True) for letter in "zay")


def traced(function: Callable[..., Any], *symbols: Any) -> Any:
    """What a function is on these symbols, in order; None of one that does not run on symbols."""
    with suppress(*UNTRACEABLE):
        found = function(*symbols)
        if isinstance(found, Expr | int | float):
            return tidy(found, together=function not in _AS_WRITTEN)
    return None


@dataclass(frozen=True)
class Derived:
    """The derivative of a function by its first operand, found with dual numbers; other operands stay."""

    function: Callable[..., M]
    of_value: bool  # whether the second operand is the function's value, which it does not take

    def __call__(self, x: M, other: M) -> M:
        """The derivative."""
        return derivative(self.function if self.of_value else (lambda x: self.function(x, other)), x)


def named(name: str) -> Callable[..., Expr]:
    """A function that is written by its name alone."""
    plain = name if name.isidentifier() else "f"
    return function_symbol(rf"\operatorname{{{plain.replace('_', chr(92) + '_')}}}", plain)


def definition(row: Activation | Cost) -> Callable[..., M]:
    """The function as a textbook writes it."""
    return row.definition or row.value


def slope_steps(row: Activation) -> list[Step]:
    """How the slope of an activation comes about; nothing where it cannot be written."""
    if ACTIVATIONS.get(row.name) == row and row.name in SLOPES:
        return list(SLOPES[row.name])
    return _distinct([Derived(definition(row), of_value=True), row.slope], Z, A)


def cost_slope_steps(row: Cost) -> list[Step]:
    """How dC/da comes about; nothing where it cannot be written."""
    if COSTS.get(row.name) == row and row.name in COST_SLOPES:
        return list(COST_SLOPES[row.name])
    return _distinct([Derived(definition(row), of_value=False)] if row.slope is None else [row.slope], A, Y)


def _distinct(steps: list[Any], *symbols: Expr) -> list[Step]:
    """The steps that can be written, each of which differs from the one before."""
    found: list[Step] = []
    for step in steps:
        written = None if step is None else traced(step, *symbols)
        if written is not None and not (found and same(written, traced(found[-1], *symbols))):
            found.append(step)
    return found


def short(row: Activation, longest: int = 36) -> Step | None:
    """The slope as it is filled into other formulas; None where it is too long for that."""
    steps = slope_steps(row)
    return steps[-1] if steps and len(formula.text(traced(steps[-1], Z, A))) <= longest else None
