r"""Documents as LaTeX: a file that pdflatex compiles, or xelatex and lualatex where its letters ask for these.

A drawing is not in it, since LaTeX reads no SVG: its place has the words that describe it.
"""

from __future__ import annotations

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
    Line,
    Listing,
    Math,
    Note,
    Paragraph,
    Strong,
    Table,
)
from chainrule.document.breaking import broken, scale
from chainrule.document.characters import clean, clean_lines
from chainrule.document.columns import plain, shares
from chainrule.document.preamble import preamble
from chainrule.document.words import mark, words

WIDTH = 80  # letters on a line
_HEADINGS = {1: "section*", 2: "subsection*", 3: "subsubsection*"}
_SIZES = {"": 1.0, r"\small": 0.9, r"\footnotesize": 0.8, r"\scriptsize": 0.7}  # of letters, beside the usual one
_BARS = {"lemma": "NavyBlue", "note": "Gray", "good": "ForestGreen", "bad": "BrickRed"}
_SPECIAL = {
    **{sign: rf"\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}", "[": "{[}", "]": "{]}",
}  # fmt: skip
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱˡᵀᵗᴸʲᵏᵐʳˣ", "0123456789+-=()nilTtLjkmrx", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-=()aehijklmnoprstuvx", strict=True))
_SIGNS = {
    **{char: rf"\ensuremath{{{name}}}" for char, name in tex.COMMANDS.items() if not char.isascii()},
    **{char: rf"\ensuremath{{^{{{base}}}}}" for char, base in _RAISED.items()},
    **{char: rf"\ensuremath{{_{{{base}}}}}" for char, base in _LOWERED.items()},
    "′": r"\ensuremath{'}", "−": r"\ensuremath{-}", "✗": r"\ensuremath{\times}", "√": r"\ensuremath{\surd}",
    "Σ": r"\ensuremath{\Sigma}", "𝒞": r"\ensuremath{\mathcal{C}}", "ℛ": r"\ensuremath{\mathcal{R}}", "\u00a0": "~",
}  # fmt: skip


def latex(document: Document) -> str:
    """The document as a file."""
    body = _Writer(document.language).blocks(document.blocks)
    title = prose((document.title,))
    head = preamble(title + body, document.language)
    return f"{head}\n\\title{{{title}}}\n\\begin{{document}}\n\\maketitle\n\n{body}\n\\end{{document}}\n"


class _Writer:
    """Writes blocks; within a note nothing may go over to the next page by itself."""

    def __init__(self, language: str) -> None:
        self.language, self.inside = language, False

    def blocks(self, blocks: Sequence[Block]) -> str:
        """One after the other; a formula belongs to the paragraph before it."""
        parts: list[str] = []
        for last, block in zip([None, *blocks], blocks, strict=False):
            close = isinstance(last, Paragraph | Formula) and isinstance(block, Formula)
            parts.append(("\n" if close else "\n\n" if parts else "") + self.block(block))
        return "".join(parts)

    def block(self, block: Block) -> str:  # noqa: PLR0911 - one for each kind
        """One block."""
        match block:
            case Heading(parts, level):
                return rf"\{_HEADINGS.get(level, 'paragraph*')}{{{prose(parts)}}}"
            case Paragraph(parts):
                return prose(parts)
            case Formula():
                return formula(block)
            case Table():
                return self.table(block)
            case Items(items, ordered):
                kind = "enumerate" if ordered else "itemize"
                return _environment(kind, "\n".join(rf"\item {prose(item)}" for item in items))
            case Listing(code):
                return listing(code)
            case Figure(_, alt, caption):
                said = escape(f"[{words(self.language)['drawing']}{words(self.language)['stop']}{alt}]")
                below = rf"\\[2pt] {{\small {prose(caption)}}}" if caption else ""
                return _environment("quote", rf"\itshape {said}{below}")
            case Note():
                return self.note(block)

    def note(self, note: Note) -> str:
        """Blocks beside a bar."""
        was, self.inside = self.inside, True
        body = self.blocks(note.blocks)
        self.inside = was
        title = rf"\textbf{{{escape(mark(note.kind, self.language))}{prose(note.title)}}}"
        return f"\\begin{{besidebar}}{{{_BARS[note.kind]}}}\n{title}\n\n{body}\n\\end{{besidebar}}"

    def table(self, table: Table) -> str:
        """A table that goes on on the next page, and whose long cells are broken."""
        columns = _columns(table)
        rows = [" & ".join(map(prose, row)) + r" \\" for row in table.rows]
        head = " & ".join(rf"\textbf{{{prose(cell)}}}" for cell in table.header) + r" \\"
        caption = rf"\textit{{{prose(table.caption)}}}" if table.caption else ""
        body = "\n".join([
            r"\toprule",
            head,
            r"\midrule",
            *([r"\endhead"] if not self.inside else []),
            *rows,
            r"\bottomrule",
        ])
        kind = "tabular" if self.inside else "longtable"
        whole = f"\\begin{{{kind}}}{'' if self.inside else '[l]'}{{{columns}}}\n{body}\n\\end{{{kind}}}"
        above = caption + ("\\\\[3pt]\n" if self.inside else "\n\n\\nopagebreak\\vspace{-10pt}\n") if caption else ""
        return ("\\noindent " if caption or self.inside else "") + above + whole


def _columns(table: Table) -> str:
    """How the columns are set: numbers to the right, long texts broken."""
    rows = [[plain(cell) for cell in row] for row in (table.header, *table.rows)]
    whole = shares(rows, 10**6) or []
    sizes = shares(rows, WIDTH) or [max(WIDTH // len(whole) - 2, 4)] * len(whole)
    found = []
    for k, (size, natural) in enumerate(zip(sizes, whole, strict=True)):
        if size < natural:
            found.append(rf">{{\raggedright\arraybackslash}}p{{{0.96 * size / WIDTH:.3f}\linewidth}}")
        else:
            found.append("r" if k in table.numbers else "l")
    return f"@{{}}{''.join(found)}@{{}}"


def prose(parts: Iterable[Inline]) -> str:
    """Prose as LaTeX."""
    return "".join(map(_inline, parts))


def _inline(part: Inline) -> str:
    match part:
        case str():
            return escape(part)
        case Math():
            return rf"\({mathematics(part)}\)"
        case Code(text):
            return rf"\texttt{{{_typed(text)}}}"
        case Strong(text):
            return rf"\textbf{{{escape(text)}}}"


def mathematics(math: Math) -> str:
    """A formula, which every writer must know, with its signs as commands."""
    return "".join(_SIGNS.get(char, char) for char in tex.check(math.latex))


def formula(block: Formula) -> str:
    """Lines aligned at their signs, the equation's name as the tag of the first."""
    whole = list(broken(block.lines))
    lines = [_line(line) for line in whole]
    if block.name and lines:
        lines[0] += rf" \tag{{{escape(block.name)}}}"
    written = _environment("align*", " \\\\\n".join(lines))
    smaller = next((name for name, factor in _SIZES.items() if factor <= scale(whole)), r"\tiny")
    return f"{{{smaller}\n{written}}}" if smaller else written


def _line(line: Line) -> str:
    left = mathematics(line.left) if line.left else ""
    sign = tex.COMMANDS.get(line.sign, line.sign)
    return f"{left} & {sign} {mathematics(line.right)}" if sign else f"{left} & {mathematics(line.right)}"


def listing(code: str) -> str:
    """Lines of a program as they are."""
    lines = []
    for line in clean_lines(code).split("\n"):
        rest = line.lstrip(" ")  # blanks before it stay together; at the others a long line goes on below
        lines.append("~" * (len(line) - len(rest)) + _typed(rest).replace(" ", r"\ ") or "~")
    return _environment("quote", r"\small\ttfamily\raggedright " + "\\\\\n".join(lines))


def escape(text: str) -> str:
    """Words, with every sign that means something to LaTeX made harmless."""
    return "".join(_SPECIAL.get(char) or _SIGNS.get(char, char) for char in clean(text))


def _typed(text: str) -> str:
    """Words of a program: no sign becomes another one."""
    return "".join({"-": "-{}", "'": r"\textquotesingle{}"}.get(char) or escape(char) for char in clean(text))


def _environment(kind: str, body: str) -> str:
    return f"\\begin{{{kind}}}\n{body}\n\\end{{{kind}}}"
