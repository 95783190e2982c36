"""Lines with numbers in: each is computed from letters that carry their values, and read back before it is given out.

A formula is a tree of letters. Written, it is the formula; with each letter's number in its place, it is the line below.
Both are read back from their printed characters: every printed decimal stands for all numbers that are printed so, and the
number that the network computed must be one that can come out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from chainrule.algebra.formula import Form
from chainrule.algebra.interval import Interval, as_interval, exact_below
from chainrule.algebra.reading import evaluate
from chainrule.algebra.symbolic import Expr
from chainrule.document import Line, Math
from chainrule.explaining.rewriting import VALUES

TIMES = Form(r"{0} \cdot {1}", "{0} · {1}", 3, (3, 3))  # binds as a product does
TOLERANCE = 1e-12  # relative: two ways of computing the same number may differ so much
MOST = 50  # points at which a formula within prose is read
_ULPS = 8  # by which two ways of computing the same number may differ


class MisprintError(RuntimeError):
    """A line that does not say what was computed: an error of this program, never shown as an explanation."""


def number(latex: str, text: str, value: float, slack: float = 0.0) -> Expr:
    """A letter with its value; ``slack`` is how far rounding can have moved it."""
    return Expr("leaf", scalar=True, name=text, latex=latex, text=text, value=float(value), slack=float(slack))


def called(function: Callable[..., Any], latex: str, text: str, *operands: Any) -> Expr:
    """A function of letters, written by its name."""
    return Expr("call", operands, latex=latex, text=text, function=function)


def value_of(x: Any) -> float:
    """The value of a letter, or of its negative."""
    if not isinstance(x, Expr):
        return float(x)
    return -value_of(x.args[0]) if x.head is np.negative else float(x.info["value"])


def matrix(rows: Sequence[Sequence[Any]]) -> np.ndarray:
    """A matrix of letters, which equations run on."""
    found = np.empty((len(rows), len(rows[0])), object)
    for place in np.ndindex(*found.shape):
        found[place] = rows[place[0]][place[1]]
    return found


def numeral(x: float, digits: int) -> str:
    """A number in so many significant digits; one that needs fewer has fewer, and is exact but for the last bits.

    >>> numeral(0.5, 6), numeral(1 / 3, 6), numeral(0.5000000001, 6), numeral(-2e-5, 3), numeral(0.1 + 0.2, 6)
    ('0.5', '0.333333', '0.500000', '-2e-05', '0.3')
    """
    x += 0.0  # not -0
    short = f"{x:.{max(digits - 1, 1)}g}"
    return short if digits > 1 and x in around(float(short)) else f"{x:#.{digits}g}".removesuffix(".").replace(".e", "e")


def printed(x: float, digits: int) -> Math:
    """A number by itself."""
    text = numeral(x, digits)
    mantissa, _, exponent = text.partition("e")
    return Math(rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else mantissa, text)


def written(tree: Any) -> Math:
    """A formula as it is printed."""
    return Math.of(signed(tree))


def signed(tree: Any) -> Any:
    """The same, with a negative term subtracted where it would be added."""
    if not isinstance(tree, Expr) or not tree.args:
        return tree
    args = tuple(map(signed, tree.args))
    if tree.head is np.add and isinstance(args[1], Expr) and args[1].head is np.negative:
        return Expr(np.subtract, (args[0], args[1].args[0]), scalar=True)
    return Expr(tree.head, args, scalar=tree.scalar, **tree.info)


def filled(tree: Any, digits: int) -> Any:
    """The formula with numbers for its letters, and dots between numbers that are multiplied."""
    if not isinstance(tree, Expr):
        return tree
    if tree.head == "leaf":
        return _figure(tree.info["value"], digits) if "value" in tree.info else tree
    args = tuple(filled(x, digits) for x in tree.args)
    if tree.head is np.multiply:
        return Expr("dot", args, form=TIMES, scalar=True)
    return Expr(tree.head, args, scalar=tree.scalar, **tree.info)


def _figure(x: float, digits: int) -> Expr:
    math = printed(abs(x), digits)
    found = Expr("leaf", scalar=True, name=math.text, latex=math.latex, text=math.text)
    return Expr(np.negative, (found,), scalar=True) if numeral(x, digits).startswith("-") else found


def parts(tree: Any) -> Iterator[Expr]:
    """The nodes of a tree."""
    if isinstance(tree, Expr):
        yield tree
        for x in tree.args:
            yield from parts(x)


class Lines:
    """Lines of one explanation, each read back before it is given out."""

    def __init__(self, digits: int) -> None:
        self.digits, self.read = digits, 0

    def of(
        self, left: Any, trees: Sequence[Any], value: float, *, sign: str = "=", short: bool = False
    ) -> tuple[Line, ...]:
        """What something is: formulas, each that differs from the one before, and the number that they come to.

        The formulas stand below each other; ``short`` puts the last one and the number on one line.
        """
        rights: list[Math] = []  # a formula that is only a number is the result itself
        for tree in trees:
            right = written(tree)
            if right.text not in {math.text for math in rights[-1:]}:
                self.checked(right.text, tree, value)
                rights.append(right)
        result = printed(value, self.digits)
        self.checked(result.text, None, value)
        if not rights or rights[-1].text != result.text:
            rights.append(result)
        if short and len(rights) > 1:
            first, last = rights[-2:]
            rights[-2:] = [Math(f"{first.latex} = {{{last.latex}}}", f"{first.text} = {last.text}")]
        head = left if isinstance(left, Math) else written(left)
        return tuple(Line(None if i else head, "=" if i else sign, right) for i, right in enumerate(rights))

    def with_numbers(self, tree: Any) -> list[Any]:
        """A formula, and the same with its numbers in."""
        return [tree, filled(tree, self.digits)]

    def formula(self, tree: Any, points: Iterable[tuple[Mapping[str, Any], Any]]) -> Math:
        """A formula of a function, read back at these operands; where its digits are lost, as in e^z, nothing is told.

        Raises
        ------
        MisprintError
            It gives other values.
        """
        math = written(tree)
        own = {x.info["text"]: x.info["function"] for x in parts(tree) if "function" in x.info}
        for names, value in islice(points, MOST):
            with np.errstate(all="ignore"):
                found = np.asarray(evaluate(math.text, {**VALUES, **own, **names}), float)
            if np.isfinite(found).all() and not np.allclose(found, value, rtol=1e-9, atol=1e-12):
                raise MisprintError(f"{math.text} at {names} reads as {found}, and {value} was computed")
        self.read += 1
        return math

    def sound(self, tree: Any, value: float) -> bool:
        """Whether the formula, computed in floats as it is written, gives the number: saturated neurons lose digits."""
        names = {x.info["text"]: x.info.get("value", x.info.get("function")) for x in parts(tree) if "text" in x.info}
        with np.errstate(all="ignore"):
            found = evaluate(written(tree).text, {**VALUES, **{k: v for k, v in names.items() if v is not None}})
        return bool(np.isclose(float(found), value, rtol=1e-9, atol=0))

    def checked(self, text: str, tree: Any, value: float) -> None:
        """Read a printed formula back.

        Raises
        ------
        MisprintError
            The value cannot come out of it.
        """
        names: dict[str, Any] = dict(VALUES)
        for node in parts(tree):
            if "value" in node.info:
                names[node.info["text"]] = around(node.info["value"], node.info["slack"])
            if "function" in node.info:
                names[node.info["text"]] = node.info["function"]
        with np.errstate(all="ignore"):
            found = as_interval(evaluate(text, names, number=self.figure))
        self.read += 1
        reach = TOLERANCE * abs(value)
        if not found.low - reach <= value <= found.high + reach:
            raise MisprintError(f"{text} reads as {found!r}, and {value!r} was computed")

    def figure(self, text: str) -> Interval:
        """What a printed number stands for."""
        read = exact_below(self.digits)(text)
        return around(read.low) if read.low == read.high else read


def around(x: float, slack: float = 0.0) -> Interval:
    """A number and those next to it."""
    reach = _ULPS * float(np.spacing(abs(x))) + slack
    return Interval(x - reach, x + reach)
