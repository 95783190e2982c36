"""Expression trees as scalar code: which parts are equal, what each depends on, and how an operation is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np

from chainrule.algebra.symbolic import Expr
from chainrule.engine.compiled.mathematics import FUNCTIONS, OPERATORS
from chainrule.notation import LEGEND, Key


class Unprintable(TypeError):  # noqa: N818  a signal to the chooser of engines, which tells the user more
    """An expression has no form in the printed program; the message says which part."""


class Rank(IntEnum):
    """What a value depends on: nothing in the loops, the outer index alone, or the inner index too."""

    RUN = 0
    OUTER = 1
    INNER = 2


# How ufuncs are written: sums in brackets, since they may become operands; the others get theirs where they need them.
ARITHMETIC = {
    np.add: "({} + {})", np.subtract: "({} - {})", np.negative: "(-{})", np.conjugate: "{}",
    **{getattr(np, name): OPERATORS[name] for name in ("multiply", "divide", "positive")},
}  # fmt: skip
COMPARISONS = {
    getattr(np, name): OPERATORS[name] for name in ("greater", "less", "greater_equal", "less_equal", "equal", "not_equal")
} | {getattr(np, name): f"{name}({{}})" for name in ("isnan", "isinf", "isfinite")}
LOGICAL = {
    np.bitwise_and: "({} and {})", np.logical_and: "({} and {})", np.bitwise_or: "({} or {})",
    np.logical_or: "({} or {})", np.invert: "(not {})", np.logical_not: "(not {})",
}  # fmt: skip
POWERS = {2.0: "{0} * {0}", 3.0: "{0} * {0} * {0}", 1.0: "{0}", -1.0: "T(1.0) / {0}", 0.5: "sqrt({0})"}


def rank_of_leaf(key: Key) -> Rank:
    """What a symbol's value depends on, by its shape in the legend."""
    shape = LEGEND[key.symbol].shape if key.symbol in LEGEND else "(n^l, 1)"
    return Rank.RUN if shape == "()" else Rank.OUTER if shape == "(1, m)" else Rank.INNER


@dataclass
class Numbering:
    """Equal parts of all trees of a loop nest have the same number; a symbol that is written gets a new one."""

    versions: dict[Key, int] = field(default_factory=dict)
    _numbers: dict[Any, int] = field(default_factory=dict)
    _known: dict[tuple[int, int], int] = field(default_factory=dict)
    _kept: list[Any] = field(default_factory=list)
    _writes: int = 0

    def of(self, x: Any) -> int:
        """The number of a part, by what stands in it now."""
        known = (id(x), self._writes)
        if isinstance(x, Expr) and known in self._known:
            return self._known[known]
        number = self._numbers.setdefault(self._content(x), len(self._numbers))
        if isinstance(x, Expr):
            self._kept.append(x)  # its id must not come back as another's
            self._known[known] = number
        return number

    def _content(self, x: Any) -> Any:
        if not isinstance(x, Expr):
            if np.ndim(x):
                raise Unprintable("it computes with an array of its own")
            return "number", float(x)
        if x.head == "leaf":
            return "leaf", x.info["name"], self.versions.get(x.info["name"], 0)
        extra = tuple(sorted((k, str(v)) for k, v in x.info.items()))
        return x.head if isinstance(x.head, str) else x.head.__name__, extra, tuple(self.of(arg) for arg in x.args)

    def write(self, key: Key) -> int:
        """The symbol has a new value from here on; gives the number of its leaf."""
        self.versions[key] = self.versions.get(key, 0) + 1
        self._writes += 1
        return self._numbers.setdefault(("leaf", key, self.versions[key]), len(self._numbers))


def written(x: Expr, texts: list[str]) -> str:
    """One operation as Python writes it; its operands are names, numbers or expressions in brackets."""
    if x.head is np.power:
        exponent = x.args[1]
        if isinstance(exponent, int | float) and float(exponent) in POWERS:
            return POWERS[float(exponent)].format(texts[0])
        return f"power({texts[0]}, {texts[1]})"
    if x.head in ARITHMETIC:
        return ARITHMETIC[x.head].format(*texts)
    name = getattr(x.head, "__name__", str(x.head))
    if name in FUNCTIONS:
        return f"{name}({', '.join(texts)})"
    raise Unprintable(f"it uses {name}")


def nodes(x: Any) -> Iterator[Expr]:
    """Every node of a tree once, however often it is used."""
    waiting, seen = [x], set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, Expr) and id(part) not in seen:
            seen.add(id(part))
            yield part
            waiting += part.args


def needs_names(x: Expr) -> bool:
    """Whether an operand stands more than once in the text, so that it must be a name."""
    return x.head is np.power


def number(value: Any) -> str:
    """A number of the program's scalar type."""
    return f"T({float(value)!r})"


def reductions(x: Any) -> list[Expr]:
    """The outermost sums and the like in a tree."""
    if not isinstance(x, Expr):
        return []
    return [x] if x.head == "reduce" else [part for arg in x.args for part in reductions(arg)]


def is_product(x: Any) -> bool:
    """Whether a part is written with a multiplication or division, and needs brackets behind another."""
    return isinstance(x, Expr) and x.head in {np.multiply, np.divide, np.power}


def reads(x: Any, key: Key) -> bool:
    """Whether a symbol stands in a tree."""
    return any(part.head == "leaf" and part.info["name"] == key for part in nodes(x))


def scalar_text(x: Any, scalars: dict[Key, str]) -> str:
    """An expression of numbers as Python writes it."""
    if not isinstance(x, Expr):
        return repr(float(x))
    if x.head == "leaf":
        return scalars[x.info["name"]]
    texts = [scalar_text(arg, scalars) for arg in x.args]
    signs = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.power: "**"}
    if x.head in signs:
        return f"({texts[0]} {signs[x.head]} {texts[1]})"
    calls = {np.maximum: "max", np.minimum: "min", np.negative: "-", np.sqrt: "sqrt64"}
    if x.head not in calls:
        raise Unprintable(f"it uses {getattr(x.head, '__name__', x.head)} of plain numbers")
    return f"{calls[x.head]}({', '.join(texts)})"
