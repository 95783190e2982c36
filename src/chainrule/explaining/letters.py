"""The letters of a derivation: quantities of a layer and their components, as symbols that print by the convention.

A symbol that is asked for here is the quantity of the equations (examples in columns, delta = dC/dz), expressed by what
is printed: with examples as rows it is a printed letter's transpose, and with the sign "add" delta is a printed one's
negative. So an equation that is run on them, and solved by :meth:`Letters.solved`, is the equation of that convention.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.algebra.formula import Form
from chainrule.algebra.symbolic import Expr, function_symbol, leaf
from chainrule.explaining.convention import Convention
from chainrule.explaining.rewriting import tidy
from chainrule.explaining.transposing import transposed
from chainrule.notation import LEGEND

_RAISED = str.maketrans("0123456789+-l", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ˡ")
_LOWERED = str.maketrans("0123456789jkix", "₀₁₂₃₄₅₆₇₈₉ⱼₖᵢₓ")
_MATMUL, _PRODUCT, _ATOM = 2, 3, 5  # how tightly a form binds, as in chainrule.algebra.formula
DOT = Form(r"{0} \, {1}", "{0} · {1}", _PRODUCT, (_PRODUCT, _PRODUCT))


def raised(text: Any) -> str:
    """A text set above, such as a layer's number."""
    return str(text).translate(_RAISED)


def lowered(text: Any) -> str:
    """A text set below, such as an index."""
    return str(text).translate(_LOWERED)


@dataclass(frozen=True)
class Label:
    """A layer as it is printed: a number, or l for any of several."""

    number: int | None
    shift: int = 0

    def plus(self, n: int) -> Label:
        """The layer n further on."""
        return Label(self.number, self.shift + n)

    @property
    def word(self) -> str:
        """The number, or "l", "l+1", "l-1"."""
        if self.number is not None:
            return str(self.number + self.shift)
        return f"l{self.shift:+d}" if self.shift else "l"


def dot(x: Any, y: Any) -> Expr:
    """A product of two derivatives, as the chain rule has it."""
    return Expr("dot", (x, y), form=DOT, scalar=True)


def sum_over(letter: str, body: Any) -> Expr:
    """The sum over an index."""
    form = Form(rf"\sum_{{{{{letter}}}}} {{0}}", f"Σ{lowered(letter)} {{0}}", _MATMUL, (_MATMUL,))
    return Expr("sum", (body,), form=form, scalar=True)


def plain(name: str) -> Expr:
    """A letter of the legend that has no layer: eta, m, y ..."""
    symbol = LEGEND[name]
    return leaf(name, latex=symbol.latex.format(), text=symbol.text.format(), scalar=symbol.is_scalar)


class Letters:
    """The letters of one convention."""

    def __init__(self, convention: Convention) -> None:
        self.rows, self.adds = convention.rows, convention.adds
        self.convention = convention

    def label(self, l: int | None) -> Label:
        """How layer l is printed; None is any layer."""
        return Label(None if l is None else self.convention.layer(l))

    def name(self, symbol: str, at: Label, indices: str = "") -> tuple[str, str]:
        """A letter's LaTeX and text."""
        s = LEGEND[symbol]
        indices = indices[::-1] if self.rows else indices
        latex = s.latex.format(l=at.word) + (f"_{{{indices}}}" if indices else "")
        return latex, s.text.format(l=raised(at.word)) + lowered(indices)

    def printed(self, symbol: str, at: Label, indices: str = "") -> Expr:
        """The letter that is printed, whatever it is by the convention."""
        latex, text = self.name(symbol, at, indices)
        return leaf(symbol, latex=latex, text=text, scalar=bool(indices) or LEGEND[symbol].is_scalar)

    def matrix(self, symbol: str, at: Label) -> Any:
        """A quantity of a whole layer and mini-batch."""
        found: Any = self.printed(symbol, at)
        found = Expr("T", (found,), scalar=False) if self.rows and not found.scalar else found
        return np.negative(found) if self.adds and symbol == "delta" else found

    def component(self, symbol: str, at: Label, indices: str) -> Any:
        """One number of it: of a neuron, of a weight (into j, from k), of a neuron at an example."""
        found: Any = self.printed(symbol, at, indices)
        return np.negative(found) if self.adds and symbol == "delta" else found

    def solved(self, symbol: str, found: Any, *, component: bool = False) -> Any:
        """What the printed letter is, where this is what the quantity is."""
        found = np.negative(found) if self.adds and symbol == "delta" else found
        return tidy(transposed(found) if self.rows and not component else found)

    def partial(self, of: tuple[str, Label, str] | str, by: tuple[str, Label, str]) -> Expr:
        """A partial derivative; of the cost of one example ("cost_x") or of the mini-batch ("cost")."""
        top = {"cost_x": ("C_x", "Cₓ"), "cost": ("C", "C")}[of] if isinstance(of, str) else self.name(*of)
        below = self.name(*by)
        return leaf("partial", latex=rf"\frac{{\partial {top[0]}}}{{\partial {below[0]}}}",
                    text=f"∂{top[1]}/∂{below[1]}", scalar=True)  # fmt: skip

    def sigma(self, *, own: bool = False, prime: bool = False) -> Any:
        """The activation function, or its slope; with an index where each neuron has its own."""
        dash = ("'", "′") if prime else ("", "")
        index = ("_j", "ⱼ") if own else ("", "")
        return function_symbol(rf"\sigma{dash[0]}{index[0]}", f"σ{dash[1]}{index[1]}")
