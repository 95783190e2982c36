"""The blocks that documents are made of."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
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


@dataclass(frozen=True, repr=False)
class Document:
    r"""What is said, in order; one writer each makes text, Markdown, LaTeX, HTML and PDF of it.

    Parameters
    ----------
    title : str
    blocks : tuple of Block
    language : str
        Of what is said, as HTML names it: "en", "zh-Hant".

    Examples
    --------
    >>> from chainrule.document import Document, Formula, Line, Math
    >>> line = Line(Math(r"\delta^{l}", "δˡ"), "=", Math("a^{l} - y", "aˡ - y"))
    >>> print(Document("The output error", (Formula((line,), "BP1c"),)).text(60))
    The output error
    ════════════════
    <BLANKLINE>
        δˡ = aˡ - y                                       (BP1c)
    <BLANKLINE>
    """

    title: str
    blocks: tuple[Block, ...] = field(default=())
    language: str = "en"

    def text(self, width: int | None = None, *, color: bool = False) -> str:
        """The document for a terminal.

        Parameters
        ----------
        width : int, optional
            Columns; the terminal's, but at most 100, where it is not given. Program listings are not broken.
        color : bool
            With ANSI codes. What they say is also said without them.
        """
        from chainrule.document.text import text

        return text(self, width, color=color)

    def markdown(self) -> str:
        """The document as Markdown, with its formulas in LaTeX and its drawings within."""
        from chainrule.document.markdown import markdown

        return markdown(self)

    def latex(self) -> str:
        """The document as a file of LaTeX, for pdflatex, or for xelatex and lualatex where its letters ask for these.

        A drawing is not in it: the words that describe it stand in its place.
        """
        from chainrule.document.latex import latex

        return latex(self)

    def html(self) -> str:
        """The document as one page of HTML that loads nothing and runs no script; formulas are MathML."""
        from chainrule.document.html import page

        return page(self)

    def pdf(self) -> bytes:
        """The document as PDF, which readers for the blind can read too (PDF/UA-1). No LaTeX is needed.

        Raises
        ------
        ConfigError
            The library typst is not installed (``pip install 'chainrule[pdf]'``), or no font of this machine has some of
            the letters.
        """
        from chainrule.document.pdf import pdf

        return pdf(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        r"""Write the document to a file, as what the file's name ends with: .txt, .md, .tex, .html or .pdf.

        Raises
        ------
        ConfigError
            The name ends with something else, or PDF cannot be made.
        ResourceError
            The system refuses to write the file.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Document("Nothing to say").save(f"{folder}/note.md").read_text()
        '# Nothing to say\n'
        """
        from chainrule.document.saving import save

        return save(self, path)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return (
            f"<Document {self.title!r}: {len(self.blocks)} blocks; print it, or save it as .txt, .md, .tex, .html or .pdf>"
        )

    def _repr_html_(self) -> str:
        from chainrule.document.html import fragment

        return fragment(self)
