"""Formulas as trees, which every writer translates."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Atom(NamedTuple):
    """One sign.

    ``kind`` is "letter" (italic), "upright", "number", "operator", "bracket" (of fixed size), "function" (a name),
    "limits" (a name with its scripts below), "large" (such as a sum), "text" or "space" (``text`` is its width in em).
    """

    kind: str
    text: str


class Row(NamedTuple):
    """Parts beside each other."""

    items: tuple[Node, ...]


class Fraction(NamedTuple):
    """One part over another."""

    top: Node
    bottom: Node


class Scripts(NamedTuple):
    """A base with what stands at its lower and upper corner (below and above it, where the base has limits)."""

    base: Node
    lower: Node | None
    upper: Node | None


class Fenced(NamedTuple):
    """A part between brackets of its height; a bracket may be empty."""

    left: str
    inside: Node
    right: str


class Grid(NamedTuple):
    """Rows of cells: ``kind`` is "cases", or "matrix" with the brackets around it."""

    kind: str
    rows: tuple[tuple[Node, ...], ...]
    left: str = ""
    right: str = ""


class Dressed(NamedTuple):
    """A part with something done to it: ``how`` is a command of DRESSES, ``note`` what it takes beside the part."""

    how: str
    inside: Node
    note: Node | None = None


Node: TypeAlias = "Atom | Row | Fraction | Scripts | Fenced | Grid | Dressed"
