"""Formulas read back: the text that :mod:`chainrule.algebra.formula` writes, computed from its own characters.

What is shown to a user is read by the rules a person reads by, and the number that comes out is compared with the number
that was computed. So a formula, or a line with numbers in it, that is printed wrongly is found before it is seen::

    sum      - product   + product   - product ...
    product  power  power ⊙ power · power / power, from left to right; side by side: of matrices, or with a number
             Σⱼ product over neurons, Σₓ product over examples, Σ product over all, maxⱼ product
             Σₖ w²₁ₖ a¹ₖ over an index, where the product has elements with it
    power    atom ᵀ  atom ²  atom^atom
    atom     0.25  1e-05  name  w²₁₃ (an element)  σ(z, ...)  e^(z)  √(z)  |z|  [z > 0]  (x if c else y)
             (1, 2, 3) a column  [[1, 2], [3, 4]] a matrix
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.algebra.operands import apply, beside, chosen, raised, reduced, stacked, truth
from chainrule.algebra.scanning import ReadingError, Scanner
from chainrule.algebra.special import erf

__all__ = ["ReadingError", "evaluate"]

_FUNCTIONS: dict[str, Any] = {"ln": np.log, "max": np.maximum, "min": np.minimum, "erf": erf}
_COMPARISONS = {">": np.greater, "<": np.less, "≥": np.greater_equal, "≤": np.less_equal}
_DIGITS = "₀₁₂₃₄₅₆₇₈₉"
_LETTERS = dict(zip("ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "aehijklmnoprstuvx", strict=True))
_NUMBER = re.compile(r"\d+(\.\d+)?(e[+-]?\d+)?")
_FUNCTION = re.compile(r"([A-Za-z_]\w*)\(")
_OVER = re.compile(rf"(Σ|max|min)([{''.join(_LETTERS)}]*) ")
_ELEMENT = re.compile(rf"[{_DIGITS}{''.join(_LETTERS)},]*[{_DIGITS}{''.join(_LETTERS)}]")
_GOES_ON = re.compile(r"[\w′⁺⁻]")  # what a name that has ended is not followed by


def evaluate(
    text: str,
    names: Mapping[str, Any],
    *,
    number: Callable[[str], Any] = float,
    indices: Mapping[str, int] | None = None,
    first: int = 1,
    rows: bool = False,
) -> Any:
    """What a printed formula comes to.

    Parameters
    ----------
    text : str
        One side of an equation.
    names : mapping of str to number, array, Interval or callable
        What each printed name stands for; of two that fit, the longer one is meant.
    number : callable
        What a printed number stands for; :func:`chainrule.algebra.interval.printed` gives its interval.
    indices : mapping of str to int, optional
        Where the letters of free indices stand, from 0: ``{"j": 0}``.
    first : int
        The number that the first neuron has in print: ``w²₁₃`` is ``names["w²"][1 - first, 3 - first]``.
    rows : bool
        Whether examples are the rows of each matrix: where Σⱼ and Σₓ have no index, they go along the other axis.

    Raises
    ------
    ReadingError
        The text is no formula, or has an unknown name.

    Examples
    --------
    >>> import numpy as np
    >>> evaluate("1/(1 + e^(-z))", {"z": 0.0})
    0.5
    >>> evaluate("(w³)ᵀ δ³ ⊙ s", {"w³": np.array([[2.0, 3.0]]), "δ³": np.array([[0.5]]), "s": np.ones((2, 1))}).tolist()
    [[1.0], [1.5]]
    >>> evaluate("Σₖ w²₂ₖ xₖ", {"w²": np.array([[1.0, 2.0], [3.0, 4.0]]), "x": np.array([[1.0], [10.0]])})
    43.0
    """
    reader = _Reader(text, names, number, dict(indices or {}), first)
    reader.axes = {"j": 1, "x": 0} if rows else {"j": 0, "x": 1}
    found = reader.sum()
    if reader.at != len(text):
        raise reader.error("an operator or the end")
    return found


class _Reader(Scanner):
    """A place in a text, and the rules by which it goes on from there, each computing what it has read."""

    def __init__(
        self, text: str, names: Mapping[str, Any], number: Callable[[str], Any], indices: dict[str, int], first: int
    ) -> None:
        super().__init__(text)
        self.names, self.number, self.indices, self.first = names, number, indices, first
        self.lengths = sorted({len(name) for name in names}, reverse=True)
        self.axes: Mapping[str, int] = {}  # an index: its axis, where the matrices are without indices
        self.ranges: dict[str, int] = {}  # an index: how many values it has, as far as has been seen

    def sum(self) -> Any:
        found = self.signed()
        while True:
            if self.take(" + "):
                found = apply(np.add, found, self.signed())
            elif self.take(" - "):
                found = apply(np.subtract, found, self.signed())
            else:
                return found

    def signed(self) -> Any:
        return apply(np.negative, self.product()) if self.take("-") else self.product()

    def product(self) -> Any:
        found = self.power()
        while True:
            if self.take(" ⊙ ") or self.take(" · "):
                found = apply(np.multiply, found, self.signed_power())
            elif self.take("/"):
                found = apply(np.divide, found, self.signed_power())
            elif self.stands_beside():
                self.take(" ")
                found = beside(found, self.signed_power())
            else:
                return found

    def stands_beside(self) -> bool:
        """Whether a blank is followed by a further factor."""
        after = self.text[self.at + 1 : self.at + 3]
        words = self.text.startswith((" if ", " else "), self.at)
        operator = after[:1] in "+,=←≈" or after == "- " or after[:1] in _COMPARISONS
        return self.text.startswith(" ", self.at) and bool(after) and not words and not operator

    def signed_power(self) -> Any:
        return apply(np.negative, self.power()) if self.take("-") else self.power()

    def power(self) -> Any:
        found = self.over() if _OVER.match(self.text, self.at) and self.name_here() is None else self.atom()
        while True:
            if self.take("ᵀ"):
                found = found.T if isinstance(found, np.ndarray) else found
            elif self.take("²"):
                found = apply(np.square, found)
            elif self.take("^"):
                found = raised(found, self.exponent())
            else:
                return found

    def exponent(self) -> Any:
        """What stands above; a whole number there is exact."""
        sign = -1 if self.take("-") else 1
        whole = re.compile(r"\d+(?![.e\d])").match(self.text, self.at)
        if whole:
            self.at = whole.end()
            return sign * int(whole.group())
        return self.atom() if sign == 1 else apply(np.negative, self.atom())

    def over(self) -> Any:
        """A sum, or a largest or smallest, over an index or an axis."""
        kind, letters = self.match(_OVER).groups()
        combine = {"Σ": np.add, "max": np.maximum, "min": np.minimum}[kind]
        return self.over_index(combine, [_LETTERS[c] for c in letters])

    def over_index(self, combine: Any, letters: list[str]) -> Any:
        """The product that follows, for each value of the first letter; where it is no index of it, over its axis."""
        if not letters:
            return reduced(combine, self.product(), None)
        start, (letter, *rest) = self.at, letters
        outer, self.indices[letter] = self.indices.get(letter), 0
        self.ranges.pop(letter, None)
        found = self.over_index(combine, rest) if rest else self.product()
        for value in range(1, self.ranges.get(letter, 1)):
            self.at, self.indices[letter] = start, value
            found = apply(combine, found, self.over_index(combine, rest) if rest else self.product())
        self.indices.pop(letter)
        if outer is not None:
            self.indices[letter] = outer
        return found if letter in self.ranges else reduced(combine, found, self.axes.get(letter))

    def atom(self) -> Any:
        for opening, rule in (("(", self.bracket), ("[", self.square), ("|", self.size), ("√(", self.root)):
            if self.name_here() is None and self.take(opening):
                return rule()
        name = self.name_here()
        if name is not None:
            return self.named(name)
        if self.take("e^("):
            return apply(np.exp, self.closed(")"))
        found = _NUMBER.match(self.text, self.at)
        if found:
            self.at = found.end()
            return self.number(found.group())
        called = _FUNCTION.match(self.text, self.at)
        function = called and (_FUNCTIONS.get(called.group(1)) or getattr(np, called.group(1), None))
        if called and callable(function):
            self.at = called.end()
            return apply(function, *self.arguments())
        raise self.error("a number, a name or a bracket")

    def bracket(self) -> Any:
        """What stands in round brackets: a formula, one with conditions, or a column."""
        found = self.sum()
        if self.take(" if "):
            condition = self.sum()
            self.expect(" else ")
            return chosen(condition, found, self.closed(")"))
        if self.take(", "):
            return stacked([[x] for x in (found, *self.arguments())])
        self.expect(")")
        return found

    def square(self) -> Any:
        """What stands in square brackets: a condition, a row or a matrix."""
        if self.text.startswith("[", self.at):
            rows = []
            while self.take("["):
                rows.append(self.arguments("]"))
                self.take(", ")
            self.expect("]")
            return stacked(rows)
        found = self.sum()
        for sign, compare in _COMPARISONS.items():
            if self.take(f" {sign} "):
                return truth(apply(compare, found, self.closed("]")))
        self.take(", ")
        return stacked([[found, *self.arguments("]")]])

    def size(self) -> Any:
        return apply(np.absolute, self.closed("|"))

    def root(self) -> Any:
        return apply(np.sqrt, self.closed(")"))

    def named(self, name: str) -> Any:
        """A name, an element of it, or a call of it."""
        self.at += len(name)
        found = self.names[name]
        if callable(found):
            self.expect("(")
            return found(*self.arguments())
        element = _ELEMENT.match(self.text, self.at)
        if element and isinstance(found, np.ndarray):
            self.at = element.end()
            return self.element(found, element.group())
        return found

    def element(self, array: np.ndarray, written: str) -> Any:
        """An element of a column or a matrix, or all examples of a neuron."""
        one = array.ndim == 1 or array.shape[1] == 1
        parts = written.split(",") if "," in written else [written] if one and written[0] in _DIGITS else list(written)
        if len(parts) > array.ndim:
            raise self.error("fewer indices")
        places = tuple(self.place(part, size) for part, size in zip(parts, array.shape, strict=False))
        found = array[places]
        return found if np.ndim(found) == 0 else found[0] if found.size == 1 else found[None]

    def place(self, written: str, size: int) -> int:
        if written in _LETTERS:
            letter = _LETTERS[written]
            if letter not in self.indices:
                raise self.error(f"a value of the index {letter}")
            self.ranges[letter] = size
            return self.indices[letter]
        place = int("".join(str(_DIGITS.index(c)) for c in written)) - self.first
        if not 0 <= place < size:
            raise self.error(f"an index from {self.first} to {size - 1 + self.first}")
        return place

    def name_here(self) -> str | None:
        """The longest known name that stands here and ends where it ends."""
        for length in self.lengths:
            name = self.text[self.at : self.at + length]
            if len(name) == length and name in self.names and not self.goes_on(self.at + length, self.names[name]):
                return name
        return None

    def goes_on(self, end: int, value: Any) -> bool:
        after = self.text[end : end + 1]
        element = isinstance(value, np.ndarray) and (after in _LETTERS or after in _DIGITS)
        return after not in {"ᵀ", "²"} and not element and bool(_GOES_ON.match(after))

    def arguments(self, closing: str = ")") -> list[Any]:
        """Formulas with commas between them, and the bracket that ends them."""
        if self.take(closing):
            return []
        found = [self.sum()]
        while self.take(", "):
            found.append(self.sum())
        self.expect(closing)
        return found

    def closed(self, closing: str) -> Any:
        found = self.sum()
        self.expect(closing)
        return found
