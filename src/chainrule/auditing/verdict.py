"""What an audit found: the verdict and its parts, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.document import Document


@dataclass(frozen=True)
class Number:
    """One number of the candidate beside what it should be: ``place`` says which, such as ``"∇w² C [0, 1]"``."""

    place: str
    found: float
    wanted: float


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Parameters
    ----------
    slip : str
        Its name in the table of slips; ``"unknown"`` where none explains the numbers.
    equation : str
        The equation that it breaks, such as ``"BP2"``.
    layer : int
        The first wrong layer in the order of the computation, counted as in the book (the input is layer 1).
    layers : tuple of int
        All layers where it is.
    neuron : int or None
        The first wrong neuron, counted from 0, where only some neurons of the layer are wrong.
    quantity : str
        The code name of the first wrong quantity, such as ``"delta"``.
    numbers : tuple of Number
        The first wrong numbers that can be seen.
    sentence, hint, answer : str
        What is wrong; what to look at, without the answer; and how it should be.
    written, right : str
        The formula that the candidate's numbers follow, and the right one.
    alternatives : tuple of str
        Names of other slips that give the same numbers here.
    """

    slip: str
    equation: str
    layer: int
    quantity: str
    sentence: str
    hint: str
    answer: str
    layers: tuple[int, ...] = ()
    neuron: int | None = None
    numbers: tuple[Number, ...] = ()
    written: str = ""
    right: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """What was found out about how the candidate is called and what it gives back: labels and words."""

    facts: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, label: str) -> str:
        """What was found out under this label."""
        return dict(self.facts)[label]


@dataclass(frozen=True)
class Quantity:
    """One quantity in the order of the computation, and how it stands.

    ``state`` is "right", "first wrong", "wrong", "follows" (wrong because of what went before), or "unseen".
    """

    name: str
    symbol: str
    layer: int
    equation: str
    state: str


@dataclass(frozen=True)
class Verdict:
    """The result of an audit; true where the candidate is right.

    Attributes
    ----------
    right : bool
    findings : tuple of Finding
        What is wrong, in the order of the computation; empty where all is right.
    layout : Layout
        What was found out about the candidate's conventions.
    quantities : tuple of Quantity
        Every quantity in the order of the computation.
    notes : tuple of str
        What should be known beside it, such as what could not be looked at.
    error : float
        The largest relative difference of a gradient.
    seconds : float
    """

    right: bool
    findings: tuple[Finding, ...] = ()
    layout: Layout = Layout()
    quantities: tuple[Quantity, ...] = ()
    notes: tuple[str, ...] = ()
    error: float = 0.0
    seconds: float = 0.0

    def __bool__(self) -> bool:
        return self.right

    def document(self, answers: bool = False) -> Document:
        """The report as a document; ``answers`` puts the answers beside the hints."""
        from chainrule.auditing.report import document

        return document(self, answers=answers)

    def as_dict(self) -> Mapping[str, Any]:
        """The verdict as plain data, for JSON."""
        found: dict[str, Any] = _plain(asdict(self) | {"layout": dict(self.layout.facts)})
        return found

    def __str__(self) -> str:
        return str(self.document())


def _plain(value: Any) -> Any:
    """Numbers that are not finite as None, which JSON has, too."""
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
