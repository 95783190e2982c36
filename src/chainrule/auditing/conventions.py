"""How a candidate may take its examples and parameters: one row each, tried in this order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.auditing.target import Arrays
from chainrule.notation import Key


@dataclass(frozen=True)
class Convention:
    """One way: ``examples`` is "columns", "rows" or "single"; ``across`` means weights of shape (in, out)."""

    examples: str
    across: bool
    bias: str  # "column" (n, 1), "row" (1, n) or "flat" (n,)
    indices: bool = False  # targets are numbers of classes

    @property
    def single(self) -> bool:
        """Whether it is for one example at a time."""
        return self.examples == "single"

    def example(self, values: np.ndarray) -> np.ndarray:
        """Examples, which are columns here, as the candidate takes them."""
        return EXAMPLES[self.examples](values)

    def target(self, y: np.ndarray) -> Any:
        """Targets likewise."""
        if not self.indices:
            return self.example(y)
        classes = y.argmax(axis=0)
        return int(classes[0]) if self.single else classes

    def parameter(self, key: Key, value: np.ndarray) -> np.ndarray:
        """A parameter as the candidate takes it."""
        if key.symbol == "w":
            return np.array(value.T if self.across else value, order="C")
        return np.array(BIASES[self.bias](value), order="C")

    def parameters(self, values: Arrays) -> Arrays:
        """All of them."""
        return {key: self.parameter(key, value) for key, value in values.items()}


EXAMPLES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "columns": np.array,
    "rows": lambda x: np.array(x.T, order="C"),
    "single": lambda x: np.array(x[:, 0]),
}
EXAMPLE_WORDS = {
    "columns": "columns: x of shape (inputs, m)",
    "rows": "rows: x of shape (m, inputs)",
    "single": "one at a time: x of shape (inputs,)",
}
BIASES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "column": lambda b: b.reshape(-1, 1),
    "row": lambda b: b.reshape(1, -1),
    "flat": lambda b: b.reshape(-1),
}
CONVENTIONS = (
    Convention("columns", across=False, bias="column"),
    Convention("rows", across=True, bias="flat"),
    Convention("rows", across=True, bias="row"),
    Convention("rows", across=False, bias="flat"),
    Convention("single", across=False, bias="flat"),
    Convention("single", across=True, bias="flat"),
    Convention("columns", across=True, bias="column"),
    Convention("rows", across=False, bias="row"),
    Convention("rows", across=False, bias="column"),
    Convention("single", across=False, bias="column"),
)


def possible(examples: str | None, shapes: Arrays | None, ours: Arrays, *, given: bool, classes: bool) -> list[Convention]:
    """The conventions that fit what is known: what was asked for, and the shapes in which parameters are kept.

    Where no parameters are handed over, conventions that differ in them alone are one.
    """
    rows = [c for c in CONVENTIONS if examples in {None, c.examples}]
    if examples == "single":
        rows += [c for c in CONVENTIONS if c.examples == "columns"]
    if classes:
        rows += [Convention(c.examples, c.across, c.bias, indices=True) for c in rows]
    if shapes is not None:
        return [c for c in rows if _fits(c, shapes, ours)]
    if given:
        return rows
    return list({(c.examples, c.indices): c for c in reversed(rows)}.values())[::-1]


def _fits(c: Convention, shapes: Arrays, ours: Arrays) -> bool:
    return all(c.parameter(key, ours[key]).shape == kept.shape for key, kept in shapes.items() if key in ours)
