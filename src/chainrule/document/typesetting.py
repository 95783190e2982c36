"""Documents as a program of Typst's, whose texts are all quoted strings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
from chainrule.document.breaking import broken, scale
from chainrule.document.characters import clean, clean_lines
from chainrule.document.typst_math import mathematics, quoted, sign
from chainrule.document.words import mark

# Letters that the first font lacks are taken from the next; those after the second are not Typst's own.
FONTS = ("Libertinus Serif", "Noto Serif CJK TC", "Noto Serif TC", "Source Han Serif TC", "Noto Sans CJK TC", "Songti TC",
         "PMingLiU", "Microsoft JhengHei", "PingFang TC")  # fmt: skip
MOST = 12  # lines of a formula that are kept on one page
MONO = ("DejaVu Sans Mono", "Noto Sans Mono CJK TC", *FONTS[1:])
MATH = ("New Computer Modern Math", *FONTS[1:])
_BARS = {"lemma": "#0a5dc2", "note": "#8a949e", "good": "#1a7f37", "bad": "#b3202a"}
_PAGE = """#set page("a4", margin: (x: 24mm, y: 24mm), numbering: "1")
#set par(justify: true, leading: 0.68em, spacing: 0.95em)
#set block(spacing: 0.95em)
#set heading(numbering: none)
#set table(stroke: none, inset: (x: 5pt, y: 4.5pt))
#show table: set par(justify: false)
#show heading: set block(above: 1.5em, below: 0.8em)
#show heading.where(level: 1): set text(15pt)
#show heading.where(level: 2): set text(12pt)
#show raw: set text(9pt)
#show math.equation.where(block: true): set align(left)
#show math.equation.where(block: true): it => pad(left: 8mm, it)
#show figure: set align(left)
#show figure.caption: set text(9.5pt)
#set figure(numbering: none, gap: 6pt)
"""


def source(document: Document) -> str:
    """The program that makes the document."""
    language, _, script = document.language.partition("-")
    region = {"Hant": ', region: "TW"', "Hans": ', region: "CN"'}.get(script, "")
    title = quoted(clean(document.title))
    head = [
        f"#set document(title: {title if document.title else quoted('chainrule')}, date: none)",
        f"#set text(10.5pt, font: {_list(FONTS)}, lang: {quoted(language)}{region})",
        _PAGE.rstrip(),
        f"#show raw: set text(font: {_list(MONO)})",
        f"#show math.equation: set text(font: {_list(MATH)})",
        f"#align(center, block(below: 1.6em, text(20pt, weight: 700, hyphenate: false, {title})))"
        if document.title
        else "",
    ]
    return "\n".join([*head, _Writer(document.language).blocks(document.blocks), ""])


class _Writer:
    """Writes blocks; a heading is at most one level below the one before it, as readers for the blind ask for."""

    def __init__(self, language: str) -> None:
        self.language, self.depth = language, 0

    def blocks(self, blocks: Sequence[Block]) -> str:
        """One after the other; a paragraph stays on the page of the formula or the table after it."""
        parts = []
        for block, after in zip(blocks, [*blocks[1:], None], strict=False):
            leads = isinstance(block, Paragraph) and isinstance(after, Formula | Table | Listing)
            parts.append(f"#block(sticky: true)[{self.block(block)}]" if leads else self.block(block))
        return "\n\n".join(parts)

    def block(self, block: Block) -> str:  # noqa: PLR0911 - one for each kind
        """One block."""
        match block:
            case Heading(parts, level):
                self.depth = min(level, self.depth + 1)
                return f"#heading(level: {self.depth}, {prose(parts)})"
            case Paragraph(parts):
                return f"#par({prose(parts)})"
            case Formula():
                return formula(block)
            case Table():
                return table(block)
            case Items(items, ordered):
                return f"#{'enum' if ordered else 'list'}({', '.join(map(prose, items))})"
            case Listing(code):
                return f"#block(width: 100%, inset: 8pt, radius: 3pt, fill: luma(245), raw(block: true, {_raw(code)}))"
            case Figure():
                return figure(block)
            case Note():
                return self.note(block)

    def note(self, note: Note) -> str:
        """Blocks beside a bar."""
        title = f"#strong({prose((mark(note.kind, self.language), *note.title))})"
        look = f"width: 100%, inset: (left: 10pt, y: 5pt), stroke: (left: 2.5pt + rgb({quoted(_BARS[note.kind])}))"
        return f"#block({look})[\n{title}\n\n{self.blocks(note.blocks)}\n]"


def formula(block: Formula) -> str:
    """Lines aligned at their signs, the equation's name at the right."""
    rows, whole = [], list(broken(block.lines))
    for left, between, right in whole:
        first = mathematics(left.latex) if left else ""
        rows.append(f"{first} & {sign(between)} {mathematics(right.latex)}")
    said = "; ".join(
        clean(f"{left.text if left else ''} {between} {right.text}".strip()) for left, between, right in block.lines
    )
    name = f"numbering: _ => {quoted(f'({clean(block.name)})')}, " if block.name else ""
    lines = " \\ ".join(rows)
    equation = f"math.equation(block: true, {name}alt: {quoted(said)}, $ {lines} $)"
    if len(whole) > MOST:
        equation = f"[#show math.equation: set block(breakable: true)\n#{equation}]"
    smaller = scale(whole)
    return f"#{equation}" if smaller == 1 else f"#[#show math.equation: set text({smaller:.2f}em)\n#{equation}]"


def table(block: Table) -> str:
    """A table between rules, with its heading on each page."""
    sides = ", ".join("right" if k in block.numbers else "left" for k in range(len(block.header)))
    head = ", ".join(f"strong({prose(cell)})" for cell in block.header)
    cells = "".join(f"{', '.join(map(prose, row))},\n" for row in block.rows)
    body = (
        f"table(columns: {len(block.header)}, align: ({sides},), table.hline(stroke: 0.8pt),\ntable.header({head}),\n"
        f"table.hline(stroke: 0.4pt),\n{cells}table.hline(stroke: 0.8pt))"
    )
    caption = (
        f"#block(below: 5pt, sticky: true, text(9.5pt, style: {quoted('italic')}, {prose(block.caption)}))\n"
        if block.caption
        else ""
    )
    return f"{caption}#{body}"


def figure(block: Figure) -> str:
    """A drawing, no wider than the page."""
    image = f'image(bytes({quoted(block.svg)}), format: "svg", alt: {quoted(clean(block.alt))})'
    narrowed = "if measure(drawn).width > size.width { set image(width: 100%); drawn } else { drawn }"
    fitted = f"layout(size => {{ let drawn = {image}; {narrowed} }})"
    caption = f", caption: {prose(block.caption)}" if block.caption else ""
    return f"#figure({fitted}{caption})"


def prose(parts: Iterable[Inline]) -> str:
    """Prose as content."""
    return f"[{''.join(map(_inline, parts))}]"


def _inline(part: Inline) -> str:
    match part:
        case str():
            return f"#{quoted(clean(part))};"
        case Math(latex, text):
            return f"#math.equation(alt: {quoted(clean(text))}, ${mathematics(latex)}$);"
        case Code(text):
            return f"#raw({quoted(clean(text))});"
        case Strong(text):
            return f"#strong({quoted(clean(text))});"


def _raw(code: str) -> str:
    return quoted(clean_lines(code))


def _list(fonts: Iterable[str]) -> str:
    return f"({', '.join(map(quoted, fonts))})"
