"""Documents for a terminal: as wide as it is, in colour or plain."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from typing import TypeAlias

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
from chainrule.document.characters import TIED, clean, clean_lines, longest, pad, width, wrapped
from chainrule.document.columns import shares
from chainrule.document.words import mark, words

Span: TypeAlias = "tuple[str, str]"  # a text and its style
Spans: TypeAlias = "list[Span]"

WIDEST = 100  # that prose is still read with ease; a terminal may be wider
ANSI = {
    "head": "1", "strong": "1", "code": "36", "name": "36", "soft": "2", "good": "32", "bad": "31", "lemma": "34",
    "note": "2",
}  # fmt: skip
RULES = {0: "═", 1: "─", 2: "┄"}  # below the title and the headings
MARGIN = 4  # before a formula and a listing
_SPLITS = re.compile(r" (?=[-+−=≈⊙] )")


def text(document: Document, columns: int | None = None, *, color: bool = False) -> str:
    """The document, no line wider than so many columns where that can be (the terminal's, at most 100)."""
    wide = columns or min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)
    writer = _Writer(document.language, color)
    lines = writer.heading((document.title,), 0, wide) if document.title else []
    return "\n".join(line.rstrip() for line in [*lines, *writer.blocks(document.blocks, wide, after=bool(lines))]) + "\n"


class _Writer:
    """Writes blocks as lines."""

    def __init__(self, language: str, color: bool) -> None:
        self.language, self.color = language, color

    def paint(self, spans: Iterable[Span]) -> str:
        """A line of spans, with the codes of their styles where there is colour."""
        if not self.color:
            return "".join(piece for piece, _ in spans)
        return "".join(f"\x1b[{ANSI[style]}m{piece}\x1b[0m" if style in ANSI else piece for piece, style in spans)

    def blocks(self, blocks: Sequence[Block], wide: int, *, after: bool) -> list[str]:
        """Blocks with an empty line between them, two before a section."""
        lines: list[str] = []
        for block in blocks:
            section = isinstance(block, Heading) and block.level == 1
            lines += [""] * ((1 + section) if lines or after else 0) + self.block(block, wide)
        return lines

    def block(self, block: Block, wide: int) -> list[str]:  # noqa: PLR0911 - one for each kind
        """The lines of one block."""
        match block:
            case Heading(parts, level):
                return self.heading(parts, level, wide)
            case Paragraph(parts):
                return self.prose(parts, wide)
            case Formula():
                return self.formula(block, wide)
            case Table():
                return self.table(block, wide)
            case Items(items, ordered):
                return self.items(items, ordered, wide)
            case Listing(code):
                return [" " * MARGIN + line for line in clean_lines(code).split("\n")]
            case Figure():
                return self.figure(block, wide)
            case Note():
                return self.note(block, wide)

    def prose(self, parts: Iterable[Inline], wide: int, style: str = "") -> list[str]:
        """Prose in lines."""
        return [self.paint(line) for line in _broken(_spans(parts, style), wide)]

    def heading(self, parts: Iterable[Inline], level: int, wide: int) -> list[str]:
        """A heading with its rule."""
        lines = _broken(_spans(parts, "head"), wide)
        rule = RULES.get(level, "") * max(sum(width(piece) for piece, _ in line) for line in lines)
        return [self.paint(line) for line in lines] + ([self.paint([(rule, "soft")])] if rule else [])

    def items(self, items: Iterable[tuple[Inline, ...]], ordered: bool, wide: int) -> list[str]:
        """A list; the lines of an item are below each other."""
        lines = []
        for number, parts in enumerate(items, start=1):
            first = f"{number:>2}. " if ordered else "  • "
            found = self.prose(parts, wide - len(first))
            lines += [(first if k == 0 else " " * len(first)) + line for k, line in enumerate(found)]
        return lines

    def figure(self, figure: Figure, wide: int) -> list[str]:
        """What is to be seen, in words."""
        own = words(self.language)
        said = self.prose([f"[{own['drawing']}{own['stop']}{figure.alt}]"], wide, "soft")
        return said + (self.prose(figure.caption, wide) if figure.caption else [])

    def note(self, note: Note, wide: int) -> list[str]:
        """Blocks beside a bar."""
        title = _broken([(mark(note.kind, self.language), "head"), *_spans(note.title, "head")], wide - 2)
        inside = [self.paint(line) for line in title] + self.blocks(note.blocks, wide - 2, after=False)
        bar = self.paint([("┃", note.kind)])
        return [f"{bar} {line}" if line else bar for line in inside]

    def formula(self, block: Formula, wide: int) -> list[str]:
        """Lines aligned at their signs, the equation's name at the right of the first."""
        name = f"({clean(block.name)})" if block.name else ""
        margin = MARGIN if wide >= 60 else 2
        lefts = [_math(line.left) if line.left else "" for line in block.lines]
        signs = max((width(line.sign) for line in block.lines), default=0)
        column = max(map(width, lefts), default=0)
        apart = column > (wide - margin) // 2  # a long left side has a line of its own
        room = wide - width(name) - 2  # beside the name
        lines: list[Spans] = []
        for left, (_, sign, right) in zip(lefts, block.lines, strict=True):
            if apart and left:
                lines += [[(" " * margin + left, "")]]
            start = " " * (margin + 2) if apart else " " * margin + pad(left, column, right=True) + " " * bool(column)
            start += pad(clean(sign), signs)
            beside = 0 if lines or width(start) + 1 + longest(_tied(_math(right))) > room else wide - room
            lines += _right_side(start, _math(right), wide - beside)
        return [self.paint(line) for line in _named(lines, name, wide)]

    def table(self, table: Table, wide: int) -> list[str]:
        """Columns that share the width; a row of its own for each cell where they do not fit."""
        caption = [*self.prose(table.caption, wide, "strong"), ""] if table.caption else []
        cells = [
            [_spans(cell, "head" if k == 0 else "") for cell in row] for k, row in enumerate((table.header, *table.rows))
        ]
        sizes = shares([[_plain(spans) for spans in row] for row in cells], wide)
        if sizes is None:
            return caption + self.records(cells, wide)
        head, *rows = [self.row(row, sizes, table.numbers) for row in cells]
        rule = self.paint([("─" * (sum(sizes) + 2 * len(sizes) - 2), "soft")])
        tall = any(len(row) > 1 for row in rows) and len(sizes) > 1
        body = [line for k, row in enumerate(rows) for line in ([""] if tall and k else []) + row]
        return [*caption, *head, rule, *body]

    def row(self, cells: Sequence[Spans], sizes: Sequence[int], numbers: frozenset[int]) -> list[str]:
        """The lines of one row."""
        columns = [_broken(spans, size) for spans, size in zip(cells, sizes, strict=True)]
        lines = []
        for k in range(max(map(len, columns))):
            padded = []
            for j, (column, size) in enumerate(zip(columns, sizes, strict=True)):
                line = column[k] if k < len(column) else []
                blanks = " " * (size - sum(width(piece) for piece, _ in line))
                padded.append(blanks + self.paint(line) if j in numbers else self.paint(line) + blanks)
            lines.append("  ".join(padded))
        return lines

    def records(self, cells: Sequence[Sequence[Spans]], wide: int) -> list[str]:
        """Each row as lines of "heading: cell"."""
        head, *rows = cells
        lines = []
        for k, row in enumerate(rows):
            lines += [""] * (k > 0)
            for name, cell in zip(head, row, strict=True):
                lines += [self.paint(line) for line in _broken([*name, (": " if _plain(name) else "", ""), *cell], wide)]
        return lines


def _named(lines: list[Spans], name: str, wide: int) -> list[Spans]:
    """The lines with the equation's name at the right: of the first if it has room there, above them if not."""
    if not name or not lines:
        return lines
    used = sum(width(piece) for piece, _ in lines[0])
    if used + 2 + width(name) > wide:
        return [[(pad(name, wide, right=True), "name")], *lines]
    return [[*lines[0], (pad(name, wide - used, right=True), "name")], *lines[1:]]


def _right_side(start: str, right: str, wide: int) -> list[Spans]:
    """What follows the sign, broken before + and - that stand in no brackets."""
    column = width(start) + 1
    tied = _tied(right)
    lines = wrapped(tied, wide - column)
    rest = lines[1:] and [(a + lines[0][1], b + lines[0][1]) for a, b in wrapped(tied[lines[0][1] :], wide - column - 2)]
    written = [tied[a:b].replace(TIED, " ").strip() for a, b in [lines[0], *rest]]
    return [[((f"{start} " if k == 0 else " " * (column + 2)) + piece, "")] for k, piece in enumerate(written)]


def _tied(formula: str) -> str:
    """A formula whose blanks are tied, apart from those where a line may end."""
    ends = {found.start() for found in _SPLITS.finditer(formula)}
    depth, chars = 0, []
    for k, char in enumerate(formula):
        depth += (char in "([{") - (char in ")]}")
        chars.append(TIED if char == " " and (depth or k not in ends) else char)
    return "".join(chars)


def _math(math: Math) -> str:
    return clean(math.text)


def _spans(parts: Iterable[Inline], style: str = "") -> Spans:
    """Prose as texts with styles; what belongs together is tied."""
    spans = []
    for part in parts:
        match part:
            case str():
                spans.append((clean(part), style))
            case Math():
                spans.append((_math(part).replace(" ", TIED), style))
            case Code(code):
                spans.append((clean(code).replace(" ", TIED), "code"))
            case Strong(strong):
                spans.append((clean(strong), "strong"))
    return spans


def _plain(spans: Iterable[Span]) -> str:
    return "".join(piece for piece, _ in spans)


def _broken(spans: Spans, wide: int) -> list[Spans]:
    """The spans in lines, their ties untied."""
    lines = []
    for a, b in wrapped(_plain(spans), wide):
        line, at = [], 0
        for piece, style in spans:
            part = piece[max(a - at, 0) : max(b - at, 0)]
            at += len(piece)
            if part:
                line.append((part.replace(TIED, " "), style))
        lines.append(line)
    return lines
