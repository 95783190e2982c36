"""A pass whose numbers have names: what is explained with numbers in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.activations import Activation
from chainrule.algebra.symbolic import Expr
from chainrule.document import Block, Formula, Line, Math, Paragraph
from chainrule.engine.memory import Values, functions
from chainrule.errors import DataError
from chainrule.explaining.convention import Convention
from chainrule.explaining.figures import Lines, matrix, number, value_of
from chainrule.explaining.letters import lowered, raised
from chainrule.explaining.rewriting import tidy
from chainrule.explaining.words import Words
from chainrule.graph.bridge import examples
from chainrule.network import Network
from chainrule.notation import LEGEND, Key
from chainrule.passes import Pass
from chainrule.schedule import Recipe, backprop, run

WHOLE = 6  # as many terms, neurons or examples are all shown; of more, the largest
FEW = 3

_NAMES = {  # of one number, in LaTeX and in text: {l} its layer, {i} its neurons, {x} its example
    "w": ("w^{{{l}}}_{{{i}}}", "w{l}{i}"),
    "b": ("b^{{{l}}}_{{{i}}}", "b{l}{i}"),
    "z": ("z^{{{l}{x}}}_{{{i}}}", "z{l}{i}{x}"),
    "a": ("a^{{{l}{x}}}_{{{i}}}", "a{l}{i}{x}"),
    "y": ("y^{{{x}}}_{{{i}}}", "y{i}{x}"),
    "sigma_prime": (r"\sigma'(z^{{{l}{x}}}_{{{i}}})", "σ′(z{l}{i}{x})"),
    "nabla_a": (r"\frac{{\partial C}}{{\partial a^{{{l}{x}}}_{{{i}}}}}", "∂C/∂a{l}{i}{x}"),
    "delta": (r"\delta^{{{l}{x}}}_{{{i}}}", "δ{l}{i}{x}"),
    "nabla_w": (r"\frac{{\partial C}}{{\partial w^{{{l}}}_{{{i}}}}}", "∂C/∂w{l}{i}"),
    "nabla_b": (r"\frac{{\partial C}}{{\partial b^{{{l}}}_{{{i}}}}}", "∂C/∂b{l}{i}"),
    "cost_x": ("C^{{{x}}}", "C{x}"),
    "sum": ("S^{{{l}{x}}}", "S{l}{x}"),
}


_DERIVATIVES = frozenset({"delta", "nabla_a", "nabla_w", "nabla_b"})


class Example:
    """A network, an example or a mini-batch, and the pass of it, in float64.

    Numbers are asked for as in the equations: layers from 1 (the input), neurons and examples from 0.
    """

    def __init__(self, network: Network, x: Any, y: Any, convention: Convention) -> None:
        self.c, self.words, self.lines = convention, Words(convention.language), Lines(convention.digits)
        self.a = replace(network.architecture, dtype=np.dtype(np.float64))
        start, _ = examples(self.a, x, y)
        values: Values = {key: np.asarray(view, np.float64) for key, view in network.parameters.views.items()}
        values |= {**functions(self.a), **start}
        with np.errstate(all="ignore"):
            run(backprop(self.a, Recipe()), values)
        self.values, self.pass_, self.fixed = values, Pass(self.a, values), network.fixed
        self.m = self.pass_.m
        self._finite()

    def _finite(self) -> None:
        for key, value in self.values.items():
            if isinstance(value, np.ndarray) and not np.isfinite(value).all():
                where = f" of layer {self.c.layer(key.layer)}" if key.layer else ""
                raise DataError(
                    f"{LEGEND[key.symbol].word}{where}: not all of these numbers are finite, so no line with them can be "
                    "checked.\nGive smaller weights or inputs, or ask diagnose where they come from."
                )

    # --------------------------------------------------------------------------------------------------- its numbers

    def value(self, symbol: str, l: int, j: int, k: int = 0) -> float:
        """One number of the pass."""
        return float(self.values[Key(symbol, l)][j, k])

    def number(self, symbol: str, l: int, j: int, k: int = 0) -> Any:
        """One number with its name: of the weight into j from k, or of neuron j at example k.

        With the sign "add", a derivative of the cost is the negative of what is printed.
        """
        latex, text = self.name(symbol, l, j, k)
        value = self.value(symbol, l, j, k)
        if not self.negated(symbol):
            return number(latex, text, value)
        if symbol != "delta":
            latex, text = rf"\left(-{latex}\right)", f"(-{text})"
        return np.negative(number(latex, text, -value))

    def negated(self, symbol: str) -> bool:
        """Whether a quantity is printed as its negative."""
        return self.c.adds and symbol in _DERIVATIVES

    def printed(self, symbol: str, l: int, j: int, k: int = 0) -> tuple[Math, float]:
        """The left side of a number's lines, and its value, by the sign that is printed."""
        math, value = self.math(symbol, l, j, k), self.value(symbol, l, j, k)
        if not self.negated(symbol):
            return math, value
        return math if symbol == "delta" else Math(f"-{math.latex}", f"-{math.text}"), -value

    def solved(self, symbol: str, place: Sequence[int], tree: Any, *, short: bool = False) -> tuple[Line, ...]:
        """The lines of a number that a formula gives; none but the number itself without a formula."""
        left, value = self.printed(symbol, *place)
        found = tree if tree is None or not self.negated(symbol) else np.negative(tree)
        return self.lines.of(left, [] if found is None else self.lines.with_numbers(tidy(found)), value, short=short)

    def name(self, symbol: str, l: int, j: int, k: int = 0) -> tuple[str, str]:
        """What a number is called, in LaTeX and in text."""
        both = symbol in {"w", "nabla_w"}
        indices = "" if symbol in {"cost_x", "sum"} else self.indices(l, [j, k]) if both else str(self.c.neuron(j))
        example = self.m > 1 and not both
        mark = ("(" + str(k + 1) + ")") if example else ""
        return self.form(symbol, l, indices, mark)

    def form(self, symbol: str, l: int, indices: str, mark: str = "") -> tuple[str, str]:
        """A name with these indices, which may be letters."""
        at = str(self.c.layer(l)) if l else ""
        latex, text = _NAMES[symbol]
        above = raised(mark).replace("(", "⁽").replace(")", "⁾")
        comma = "," if mark and at and symbol not in {"y", "cost_x"} else ""
        latex = latex if indices else latex.replace("_{{{i}}}", "")
        return latex.format(l=at, i=indices, x=comma + mark), text.format(l=raised(at), i=lowered(indices), x=above)

    def indices(self, l: int, place: Sequence[int]) -> str:
        """The indices of a weight, in the order of the convention, with a comma where one has two digits."""
        order = [self.c.neuron(n) for n in (reversed(place) if self.c.rows else place)]
        wide = max(self.a.neurons(l), self.a.neurons(l - 1)) - 1 + self.c.first > 9
        return ("," if wide else "").join(map(str, order))

    def math(self, symbol: str, l: int, j: int, k: int = 0) -> Math:
        """The name of a number."""
        return Math(*self.name(symbol, l, j, k))

    def general(self, symbol: str, l: int, letters: str) -> Math:
        """The name of any number of a layer: w with the indices j and k."""
        return Math(*self.form(symbol, l, letters[::-1] if self.c.rows else letters))

    def sigma(self, l: int, j: int) -> Activation:
        """The activation of one neuron."""
        row = self.a.sigma(l)
        return row.neurons[j] if row.neurons else row

    # ------------------------------------------------------------------------------------------------ what is shown

    @cached_property
    def shown(self) -> Mapping[int, list[int]]:
        """The neurons of each layer that are shown: all of a few, of more those with the largest errors."""
        found = {}
        for l in range(1, self.a.L + 1):
            size = np.abs(self.pass_.delta[l]).sum(axis=1) if l > 1 else np.abs(self.pass_.a[1]).sum(axis=1)
            found[l] = largest(size)
        return found

    def folded(self, pairs: Sequence[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
        """The factors of a sum of products: all of a few; of many, those of the largest, and the rest as one term."""
        products = np.array([value_of(x) * value_of(y) for x, y in pairs])
        keep = largest(products)
        chosen = [pairs[i] for i in keep]
        if len(keep) < len(pairs):
            others = np.delete(products, keep)
            chosen.append((self.rest(others), 1))
        return [x for x, _ in chosen], [y for _, y in chosen]

    def product(self, pairs: Sequence[tuple[Any, Any]]) -> tuple[np.ndarray, np.ndarray]:
        """The same as a row and a column, whose matrix product is the sum."""
        row, column = self.folded(pairs)
        return matrix([row]), matrix([[x] for x in column])

    def rest(self, others: np.ndarray) -> Expr:
        """What further terms come to, as one number with the name "(781 more)"."""
        text = self.words.text("more terms", n=f"{len(others):,}")
        slack = len(others) * float(np.finfo(float).eps) * float(np.abs(others).sum())
        return number(rf"\text{{{text}}}", text, math.fsum(others), slack)

    # ----------------------------------------------------------------------------------------------------- sentences

    def say(self, key: str, **parts: Any) -> Paragraph:
        """A paragraph of the table of sentences."""
        return Paragraph(self.words(key, **parts))

    def formula(self, lines: Sequence[Line], name: str = "") -> Block:
        """Lines of a formula."""
        return Formula(tuple(lines), name)


def largest(sizes: Any) -> list[int]:
    """The places of the largest numbers, in order; all where there are few."""
    sizes = np.abs(np.asarray(sizes))
    if len(sizes) <= WHOLE:
        return list(range(len(sizes)))
    return sorted(int(i) for i in np.argsort(-sizes, kind="stable")[:FEW])
