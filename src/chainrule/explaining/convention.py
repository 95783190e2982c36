"""How an explanation is written: its language, which sign errors have, what is counted from what, where examples lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.choices import nearest
from chainrule.errors import ConfigError

LANGUAGES = {"en": "English", "zh-Hant": "繁體中文"}
SIGNS = {"subtract": "error = a - y, and its share is subtracted", "add": "error = y - a, and its share is added"}
NUMBERINGS = {"book": 1, "zero": 0}  # the number of the first layer, of the first neuron
EXAMPLES = {"columns": "z = w a + b", "rows": "z = a w + b"}
MOST_DIGITS = 17  # as many as tell any two float64 apart


@dataclass(frozen=True)
class Convention:
    """How an explanation is written.

    Parameters
    ----------
    language : "en" or "zh-Hant"
    sign : "subtract" or "add"
        Whether delta is dC/dz, as in the book, or -dC/dz: "target - output", which is added.
    numbering : "book" or "zero"
        Whether the input is layer 1 and each layer's first neuron is 1, or both are 0.
    examples : "columns" or "rows"
        Where the examples of a mini-batch lie; in rows, weights are (n_in, n_out) and each formula is transposed.
    digits : int
        Significant digits of a number.

    Raises
    ------
    ConfigError
        There is no such language, sign ..., or digits is not from 1 to 17.
    """

    language: str = "en"
    sign: str = "subtract"
    numbering: str = "book"
    examples: str = "columns"
    digits: int = 6

    def __post_init__(self) -> None:
        tables = (("language", LANGUAGES), ("sign", SIGNS), ("numbering", NUMBERINGS), ("examples", EXAMPLES))
        for name, table in tables:
            nearest(table, getattr(self, name), name)
        if isinstance(self.digits, bool) or not isinstance(self.digits, int) or not 1 <= self.digits <= MOST_DIGITS:
            raise ConfigError(f"digits = {self.digits!r}: a number is written with 1 to {MOST_DIGITS} digits.")

    @property
    def first(self) -> int:
        """The number of the first layer, and of the first neuron of a layer."""
        return NUMBERINGS[self.numbering]

    @property
    def adds(self) -> bool:
        """Whether delta is target - output, and is added."""
        return self.sign == "add"

    @property
    def rows(self) -> bool:
        """Whether examples are rows."""
        return self.examples == "rows"

    def layer(self, l: int) -> int:
        """How layer l (the input is 1) is printed."""
        return l - 1 + self.first

    def neuron(self, j: int) -> int:
        """How neuron j (counted from 0, as in arrays) is printed."""
        return j + self.first

    def place(self, weight: Any, what: str = "weight") -> tuple[int, ...]:
        """The layer (the input is 1) and the neurons (from 0) that printed numbers such as (3, 1, 2) mean.

        Raises
        ------
        ConfigError
            They are not three whole numbers (l, j, k), or for a neuron two (l, j).
        """
        letters = ("l", "j", "k") if what == "weight" else ("l", "j")
        numbers = list(weight) if isinstance(weight, tuple | list) else []
        if len(numbers) != len(letters) or not all(isinstance(n, int) and not isinstance(n, bool) for n in numbers):
            raise ConfigError(
                f"{what} = {weight!r}: give {len(letters)} whole numbers ({', '.join(letters)}), counted as they are "
                f"printed: layers and neurons both from {self.first}."
            )
        return numbers[0] - self.first + 1, *(n - self.first for n in numbers[1:])
