"""Where everything is in the memory of a compiled run: names for stretches of a few flat arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from chainrule.architecture import Architecture
from chainrule.notation import LEGEND, Key
from chainrule.schedule import Recipe

LINE = 16  # arrays begin at multiples of so many numbers: a cache line of float32
FLAT = {"theta": "parameters", "nabla": "gradients", "free": "free_", "held": "held_"}  # letters of an update


@dataclass
class Layout:
    """Names of arrays: parameters and gradients one after the other as ``Parameters`` keeps them, the rest in ``work``.

    Attributes
    ----------
    names : dict
        The name of each quantity in the program.
    views : list of str
        Lines that define these names.
    work, words, panel : int
        Numbers of working memory, and of random words; numbers of room that each thread has for copies.
    constants : dict
        What stands in the working memory from the start.
    stretches : dict
        Where a parameter is: first and last position in the flat array.
    """

    a: Architecture
    recipe: Recipe
    m: int
    names: dict[Key, str] = field(default_factory=dict)
    views: dict[Key, str] = field(default_factory=dict)
    stretches: dict[Key, tuple[int, int]] = field(default_factory=dict)
    offsets: dict[Key, int] = field(default_factory=dict)
    constants: dict[Key, np.ndarray] = field(default_factory=dict)
    work: int = 0
    words: int = 0
    panel: int = 0

    def __post_init__(self) -> None:
        at = 0
        for key, (rows, columns) in self.a.shapes():
            self.stretches[key] = (at, at + rows * columns)
            self._name(key, "parameters", at, rows * columns)
            self._name(Key(f"nabla_{key.symbol}", key.layer), "gradients", at, rows * columns)
            at += rows * columns
        for letter, name in FLAT.items():
            self.names[Key(letter, 0)] = name
        for slot in self.recipe.optimizer.slots:
            self.names[Key(slot, 0)] = f"slot_{slot}"

    def _name(self, key: Key, memory: str, at: int, size: int) -> None:
        self.names[key] = f"{key.symbol}_{key.layer or ''}"
        self.views[key] = f"{self.names[key]} = part({memory}, {at}, {size})"

    def size(self, key: Key) -> int:
        """How many numbers a quantity of a mini-batch has."""
        shape = LEGEND[key.symbol].shape if key.symbol in LEGEND else "(n^l, 1)"
        layer = {"y": self.a.L, "noise": 1}.get(key.symbol, key.layer)
        return {"(1, m)": self.m, "(n^l, 1)": self.a.neurons(layer or 1)}.get(shape, self.m * self.a.neurons(layer or 1))

    def place(self, key: Key) -> str:
        """The name of a quantity, which gets room in the working memory when it is first asked for."""
        if key not in self.names:
            self.room(key, self.size(key))
            if key.symbol == "kind":
                rows = self.a.sigma(key.layer).neurons
                order = list(dict.fromkeys(rows))
                self.constants[key] = np.array([order.index(row) for row in rows], self.a.dtype)
        return self.names[key]

    def draw(self, words: int) -> int:
        """Room for random words; gives where it begins."""
        start, whole = self.words, -(-words // LINE) * LINE
        self.words += whole
        return start

    def room(self, key: Key, size: int) -> str:
        """A stretch of working memory."""
        self._name(key, "work", self.work, size)
        self.offsets[key] = self.work
        self.work += -(-size // LINE) * LINE
        return self.names[key]
