"""The blocks that documents are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from chainrule.algebra import formula


@dataclass(frozen=True)
class Math:
    """A formula: the same in LaTeX and in one line of Unicode."""

    latex: str
    text: str

    @classmethod
    def of(cls, expr: Any) -> Math:
        """The formula of an expression tree."""
        return cls(formula.latex(expr), formula.text(expr))


@dataclass(frozen=True)
class Code:
    """Words of a program, within prose."""

    text: str


@dataclass(frozen=True)
class Strong:
    """Words that stand out, within prose."""

    text: str


Inline: TypeAlias = "str | Math | Code | Strong"


class Line(NamedTuple):
    """One line of a formula: what it is of (None where that is the line above's), a sign, and what it is."""

    left: Math | None
    sign: str  # =, ←, ≈, <, ...
    right: Math


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (a section) to 3."""

    text: tuple[Inline, ...]
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Prose."""

    parts: tuple[Inline, ...]


@dataclass(frozen=True)
class Formula:
    """Lines of a formula, aligned at their signs; ``name`` is the equation's, such as BP2."""

    lines: tuple[Line, ...]
    name: str = ""


@dataclass(frozen=True)
class Table:
    """A table: a cell is prose; ``numbers`` are the columns that are set to the right."""

    header: tuple[tuple[Inline, ...], ...]
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]
    caption: tuple[Inline, ...] = ()
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Items:
    """A list, with numbers where the order counts."""

    items: tuple[tuple[Inline, ...], ...]
    ordered: bool = False


@dataclass(frozen=True)
class Listing:
    """Lines of a program, or of what it prints."""

    code: str
    language: str = ""


@dataclass(frozen=True)
class Figure:
    """A drawing; ``alt`` says in words what is to be seen."""

    svg: str
    alt: str
    caption: tuple[Inline, ...] = ()


@dataclass(frozen=True)
class Note:
    """Blocks that stand apart under a title of their own: a lemma, a finding, a hint.

    ``kind`` is "lemma", "note", "good" or "bad"; colour alone never tells them apart.
    """

    title: tuple[Inline, ...]
    blocks: tuple[Block, ...]
    kind: str = "note"


Block: TypeAlias = "Heading | Paragraph | Formula | Table | Items | Listing | Figure | Note"


@dataclass(frozen=True)
class Document:
    """What is said, in order."""

    title: str
    blocks: tuple[Block, ...] = field(default=())
    language: str = "en"
