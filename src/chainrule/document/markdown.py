"""Documents as Markdown, with formulas between dollar signs as GitHub, Jupyter and pandoc read them.

Drawings are in the file itself, as addresses at its end that hold them whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chainrule.document import tex
from chainrule.document.blocks import (
    Block,
    Code,
    Document,
    Figure,
    Formula,
    Heading,
    Inline,
    Items,
    Listing,
    Math,
    Note,
    Paragraph,
    Strong,
    Table,
)
from chainrule.document.breaking import broken
from chainrule.document.characters import clean, clean_lines
from chainrule.document.images import data_uri
from chainrule.document.words import mark

_SPECIAL = re.compile(r"([\\`*_\[\]<>$#|~&])")
_STARTS = re.compile(r"^(\d*)([-+=.)])")  # what would begin a list, or underline a heading


def markdown(document: Document) -> str:
    """The document as a file."""
    writer = _Writer(document.language)
    title = [f"# {prose((document.title,))}"] if document.title else []
    body = writer.blocks(document.blocks)
    return "\n\n".join(filter(None, [*title, body, "\n".join(writer.addresses)])) + "\n"


class _Writer:
    """Writes blocks, and collects the addresses of the drawings."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.addresses: list[str] = []

    def blocks(self, blocks: Sequence[Block]) -> str:
        """One after the other; a list after a list is kept apart by a comment."""
        parts = []
        for last, block in zip([None, *blocks], blocks, strict=False):
            apart = isinstance(last, Items) and isinstance(block, Items)
            parts.append(("<!-- -->\n\n" if apart else "") + self.block(block))
        return "\n\n".join(parts)

    def block(self, block: Block) -> str:  # noqa: PLR0911 - one for each kind
        """One block."""
        match block:
            case Heading(parts, level):
                return f"{'#' * min(level + 1, 6)} {prose(parts)}"
            case Paragraph(parts):
                return _STARTS.sub(r"\1\\\2", prose(parts).lstrip(" "))
            case Formula():
                return formula(block)
            case Table():
                return table(block)
            case Items(items, ordered):
                return "\n".join(f"{f'{k}.' if ordered else '-'} {prose(item)}" for k, item in enumerate(items, start=1))
            case Listing(code, language):
                fence = "`" * max(3, _longest_run(code) + 1)
                return f"{fence}{re.sub(r'[^A-Za-z0-9+-]', '', language)}\n{clean_lines(code)}\n{fence}"
            case Figure():
                return self.figure(block)
            case Note():
                return self.note(block)

    def figure(self, figure: Figure) -> str:
        """A reference to the drawing."""
        name = f"drawing-{len(self.addresses) + 1}"
        self.addresses.append(f"[{name}]: {data_uri(figure.svg)}")
        caption = f"\n\n*{prose(figure.caption)}*" if figure.caption else ""
        return f"![{prose((figure.alt,))}][{name}]{caption}"

    def note(self, note: Note) -> str:
        """Blocks as a quotation."""
        title = f"**{mark(note.kind, self.language)}{prose(note.title)}**"
        return "\n".join(f"> {line}".rstrip() for line in f"{title}\n\n{self.blocks(note.blocks)}".split("\n"))


def formula(block: Formula) -> str:
    """Lines aligned at their signs, the equation's name as their tag."""
    lines = []
    for left, sign, right in broken(block.lines):
        first = tex.check(left.latex) if left else ""
        lines.append(f"{first} &{tex.COMMANDS.get(sign, sign)} {tex.check(right.latex)}".strip())
    name = rf" \tag{{{re.sub(r'[^A-Za-z0-9.*()+-]', '', block.name)}}}" if block.name else ""
    body = " \\\\\n".join(lines)
    return f"$$\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}{name}\n$$"


def table(block: Table) -> str:
    """A table of GitHub's kind."""
    rules = ["--:" if k in block.numbers else ":--" for k in range(len(block.header))]
    rows = [
        f"| {' | '.join(cells)} |"
        for cells in ([*map(_cell, block.header)], rules, *([*map(_cell, r)] for r in block.rows))
    ]
    return "\n".join([*([f"*{prose(block.caption)}*", ""] if block.caption else []), *rows])


def _cell(parts: Iterable[Inline]) -> str:
    """A cell, in which only an escaped bar is none between columns."""
    return "".join(_inline(part, bar=True) for part in parts)


def prose(parts: Iterable[Inline]) -> str:
    """Prose as Markdown."""
    return "".join(map(_inline, parts))


def _inline(part: Inline, bar: bool = False) -> str:
    match part:
        case str():
            return escape(part)
        case Math(latex):
            written = tex.check(latex)
            return f"${_without_bars(written) if bar else written}$"
        case Code(text):
            return _code(clean(text).replace("|", r"\|") if bar else clean(text))
        case Strong(text):
            return f"**{escape(text)}**"


def _without_bars(latex: str) -> str:
    return latex.replace(r"\|", r"\Vert ").replace("|", r"\vert ")


def escape(text: str) -> str:
    """Words, with every sign that means something to Markdown made harmless."""
    return _SPECIAL.sub(r"\\\1", clean(text))


def _code(text: str) -> str:
    """A span of code, its fence longer than any within."""
    fence = "`" * (_longest_run(text) + 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{edge}{text}{edge}{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
