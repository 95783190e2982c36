"""Documents as one page of HTML: MathML, no script, nothing loaded, by day and by night, on any screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import count
from zlib import crc32

from chainrule.document import mathml
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
from chainrule.document.characters import clean, clean_lines, width
from chainrule.document.columns import plain
from chainrule.document.images import data_uri
from chainrule.document.style import CSS, PAGE
from chainrule.document.words import mark, words

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
ROOM = 84  # signs of a formula that fit on a line of a wide screen
MANY = 4  # sections that are worth a list of contents
NARROW = 38  # columns that fit on a telephone: what is wider scrolls, and can be reached with the keyboard
POINTS = 9  # of a column


def page(document: Document) -> str:
    """The document as a file of its own."""
    writer = _Writer(document)
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{_text(document.title)}</title><style>{CSS}{PAGE}</style>"
    )
    footer = f"<footer>{words(document.language)['made']}</footer>"
    body = f'<main class="chainrule-document">{writer.document(2)}{footer}</main>'
    return f'<!doctype html>\n<html lang="{_text(document.language)}"><head>{head}</head><body>\n{body}\n</body></html>\n'


def fragment(document: Document) -> str:
    """The document as a part of a page, such as a notebook's."""
    language = _text(document.language)
    return f'<div class="chainrule-document" lang="{language}"><style>{CSS}</style>{_Writer(document).document(2)}</div>'


class _Writer:
    """Writes blocks as elements; headings and figures are counted."""

    def __init__(self, document: Document) -> None:
        self.whole, self.language = document, document.language
        self.key = f"d{crc32(repr(document.blocks).encode()):08x}"  # a notebook has several documents on one page
        self.sections = count(1)

    def document(self, level: int) -> str:
        """Title, contents and blocks; a section's heading is of this level."""
        self.level = level
        title = f"<h1>{_text(self.whole.title)}</h1>" if self.whole.title else ""
        return f"{title}{self.contents()}{self.blocks(self.whole.blocks)}"

    def contents(self) -> str:
        """Where the sections are, if there are many."""
        sections = [b for b in self.whole.blocks if isinstance(b, Heading) and b.level == 1]
        if len(sections) < MANY:
            return ""
        links = "".join(f'<li><a href="#{self.key}-{k}">{prose(b.text)}</a></li>' for k, b in enumerate(sections, start=1))
        name = words(self.language)["contents"]
        return f'<nav aria-label="{name}"><ol>{links}</ol></nav>'

    def blocks(self, blocks: Sequence[Block]) -> str:
        """One after the other."""
        return "\n".join(self.block(block) for block in blocks)

    def block(self, block: Block) -> str:  # noqa: PLR0911 - one for each kind
        """One block."""
        match block:
            case Heading(parts, level):
                depth = min(self.level + level - 1, 6)
                anchor = f' id="{self.key}-{next(self.sections)}"' if level == 1 else ""
                return f"<h{depth}{anchor}>{prose(parts)}</h{depth}>"
            case Paragraph(parts):
                return f"<p>{prose(parts)}</p>"
            case Formula():
                return formula(block)
            case Table():
                return table(block)
            case Items(items, ordered):
                kind = "ol" if ordered else "ul"
                return f"<{kind}>{''.join(f'<li>{prose(item)}</li>' for item in items)}</{kind}>"
            case Listing(code):
                return _scrolling(f"<pre><code>{escape(clean_lines(code))}</code></pre>", _widest(code.splitlines()), code)
            case Figure(svg, alt, caption):
                return (
                    f"<figure>{drawing(svg, alt)}{f'<figcaption>{prose(caption)}</figcaption>' if caption else ''}</figure>"
                )
            case Note():
                return self.note(block)

    def note(self, note: Note) -> str:
        """Blocks that stand apart."""
        own = words(self.language)
        before, spoken = mark(note.kind, self.language), {"good": own["right"], "bad": own["wrong"]}.get(note.kind)
        sign = f'<span role="img" aria-label="{spoken}">{before.strip()}</span> ' if spoken else before
        title = f'<p class="title">{sign}{prose(note.title)}</p>'
        return f'<section class="note {note.kind}">{title}\n{self.blocks(note.blocks)}</section>'


def prose(parts: Iterable[Inline]) -> str:
    """Prose as elements."""
    return "".join(map(_inline, parts))


def _inline(part: Inline) -> str:
    match part:
        case str():
            return _text(part)
        case Math(latex):
            return mathml.element(latex)
        case Code(text):
            return f"<code>{_text(text)}</code>"
        case Strong(text):
            return f"<strong>{_text(text)}</strong>"


def formula(block: Formula) -> str:
    """Lines of a formula beside the equation's name."""
    rows = []
    for left, sign, right in broken(block.lines, ROOM):
        first = mathml.inside(left.latex) if left else ""
        cells = (first, mathml.sign(clean(sign)) if sign else "", mathml.inside(right.latex))
        rows.append(f"<mtr>{''.join(f'<mtd>{cell}</mtd>' for cell in cells)}</mtr>")
    kind = 'class="lines" columnalign="right center left" displaystyle="true"'
    math = f'<math display="block"><mtable {kind}>{"".join(rows)}</mtable></math>'
    texts = [f"{left.text if left else ''} {sign} {right.text}" for left, sign, right in block.lines]
    name = f'<span class="name">({_text(block.name)})</span>' if block.name else ""
    return f'<div class="formula">{_scrolling(math, _widest(texts), texts[0] if texts else "")}{name}</div>'


def table(block: Table) -> str:
    """A table that scrolls by itself where it is too wide."""
    heads = "".join(_cell("th", cell, k in block.numbers, ' scope="col"') for k, cell in enumerate(block.header))
    rows = ("".join(_cell("td", cell, k in block.numbers) for k, cell in enumerate(row)) for row in block.rows)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    name = plain(block.caption or (block.header[0] if block.header else ()))
    # A caption within the table would be as narrow as the table.
    caption = f'<p class="caption">{prose(block.caption)}</p>' if block.caption else ""
    labelled = f' aria-label="{_text(name)}"' if block.caption else ""
    whole = f"<table{labelled}><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return caption + _scrolling(whole, NARROW + 1, name)


def drawing(svg: str, alt: str) -> str:
    """A drawing that shrinks to two thirds on a narrow screen, where it can still be read, and then scrolls."""
    found = re.search(r'<svg\b[^>]*?\swidth="(\d+)', svg)
    least = 2 * int(found[1]) // 3 if found else 0
    image = f'<img alt="{_text(alt)}" src="{data_uri(svg)}" style="min-width:{least}px">'
    return _scrolling(image, least // POINTS, alt)


def _cell(kind: str, parts: Iterable[Inline], number: bool, more: str = "") -> str:
    parts = tuple(parts)
    if kind == "td" and not number and width(plain(parts)) > 28:
        more += ' class="wide"'
    elif number:
        more += ' class="number"'
    return f"<{kind}{more}>{prose(parts)}</{kind}>"


def _scrolling(inside: str, columns: int, name: str) -> str:
    """A box that scrolls; one that will have to on a telephone is a stop for the keyboard."""
    stop = f' tabindex="0" role="region" aria-label="{_text(name[:80])}"' if columns > NARROW else ""
    return f'<div class="scroll"{stop}>{inside}</div>'


def _widest(lines: Iterable[str]) -> int:
    return max(map(width, lines), default=0)


def _text(text: str) -> str:
    return escape(clean(text))
