"""Formulas as Typst, which makes the PDF.

Every sign is given as itself, quoted, so that nothing in a formula could be read as a program.
"""

from __future__ import annotations

from chainrule.document.tex import parse
from chainrule.document.tree import Atom, Dressed, Fenced, Fraction, Grid, Node, Row, Scripts

_DRESSES = {
    "sqrt": "sqrt", "hat": "hat", "bar": "overline", "overline": "overline", "tilde": "tilde", "vec": "arrow", "dot": "dot",
    "underline": "underline", "mathcal": "cal", "mathbf": "upright(bold", "boldsymbol": "bold", "mathbb": "bb",
    "underbrace": "underbrace", "overbrace": "overbrace",
}  # fmt: skip
COLOURS = {"red": "#b3202a", "green": "#1a7f37", "blue": "#0a5dc2", "orange": "#9a4a00", "gray": "#666666"}


def mathematics(latex: str) -> str:
    r"""The formula as what stands between dollar signs.

    >>> mathematics(r"\frac{1}{m}")
    'frac(1, m)'
    """
    return _written(parse(latex))


def quoted(text: str) -> str:
    r"""A text as a string of Typst's.

    >>> quoted('a "b" \\')
    '"a \\"b\\" \\\\"'
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _written(node: Node) -> str:  # noqa: PLR0911 - one for each kind
    match node:
        case Atom():
            return _atom(node)
        case Row(items):
            return " ".join(map(_written, items)) if items else '""'
        case Fraction(top, bottom):
            return f"frac({_written(top)}, {_written(bottom)})"
        case Scripts(base, lower, upper):
            parts = [f"{place}: {_written(part)}" for place, part in (("b", lower), ("t", upper)) if part is not None]
            return f"attach({', '.join([_written(base), *parts])})"
        case Fenced(left, inside, right):
            return f"lr({sign(left)} {_written(inside)} {sign(right)})"
        case Grid():
            return _grid(node)
        case Dressed():
            return _dressed(node)


def _atom(atom: Atom) -> str:  # noqa: PLR0911 - one for each kind
    kind, text = atom.kind, atom.text
    match kind:
        case "space":
            return f"#h({text}em)"
        case "number":
            return text
        case "function":
            return f"op({quoted(text)})"
        case "limits":
            return f"op({quoted(text)}, limits: #true)"
        case "text":
            return f"#text({quoted(text)})" if text else '""'
        case "upright" if text == "′":
            return "′"
        case "upright":
            return f'class("normal", upright({quoted(text) if len(text) > 1 or text.isalpha() else sign(text)}))'
        case "letter" | "large":
            return text
        case "bracket" if text in "|‖":
            return f'class("normal", {sign(text)})'  # else it is a relation, with room around it
    return sign(text)


def sign(text: str) -> str:
    """A sign as itself; one that Typst has a meaning for, escaped."""
    return f"\\{text}" if text and text.isascii() and not text.isalnum() else text


def _grid(grid: Grid) -> str:
    rows = [[_written(cell) for cell in row] for row in grid.rows]
    if grid.kind == "cases":
        return f"cases({', '.join(' & quad '.join(row) for row in rows)})"
    delim = f"delim: #({_side(grid.left)}, {_side(grid.right)})"
    return f"mat({delim}, {'; '.join(', '.join(row) for row in rows)})"


def _side(bracket: str) -> str:
    return quoted(bracket) if bracket else "none"


def _dressed(node: Dressed) -> str:
    inside = _written(node.inside)
    if node.how in COLOURS:
        return f"#text(fill: rgb({quoted(COLOURS[node.how])}), ${inside}$)"
    if node.how == "boxed":
        return f"#box(stroke: 0.6pt, inset: (x: 3pt), outset: (y: 3pt), ${inside}$)"
    name = _DRESSES[node.how]
    note = f", {_written(node.note)}" if node.note else ""
    return f"{name}({inside}{note}{')' * (name.count('(') + 1)}"
