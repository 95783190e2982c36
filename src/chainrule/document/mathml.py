"""Formulas as MathML, which browsers draw without a script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from chainrule.document.tex import parse
from chainrule.document.tree import Atom, Dressed, Fenced, Fraction, Grid, Node, Row, Scripts

_KINDS = {"letter": "mi", "number": "mn", "operator": "mo", "function": "mi", "limits": "mo", "large": "mo"}
_ACCENTS = {"hat": "ˆ", "tilde": "˜", "vec": "→", "dot": "˙", "overbrace": "⏞"}
_BELOW = {"underbrace": "⏟"}
_STYLED = {"boldsymbol": "bold", "bar": "overline"}

PRIME = Atom("upright", "′")
_SIDES = {"cases": "left", "matrix": "right"}
THIN = '<mspace width="0.167em"/>'

# Where the letters of an alphabet begin in Unicode, and those that stood elsewhere before there was one.
_ALPHABETS = {"mathcal": (0x1D49C, 0x1D4B6), "mathbb": (0x1D538, 0x1D552), "mathbf": (0x1D400, 0x1D41A)}
_MOVED = {
    "mathcal": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "mathbb": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
}


def element(latex: str, *, block: bool = False) -> str:
    r"""The formula as a ``math`` element.

    >>> element("a - 1")
    '<math><mi>a</mi><mo>−</mo><mn>1</mn></math>'
    """
    display = ' display="block"' if block else ""
    return f"<math{display}>{inside(latex)}</math>"


def inside(latex: str) -> str:
    """The formula as what stands within a ``math`` element."""
    tree = parse(latex)
    return _row(tree.items) if isinstance(tree, Row) else _written(tree)


def sign(text: str) -> str:
    """A sign between two sides."""
    return f"<mo>{escape(text)}</mo>"


def _written(node: Node) -> str:  # noqa: PLR0911 - one for each kind
    """A node as exactly one element."""
    match node:
        case Atom():
            return _atom(node)
        case Row(items):
            return f"<mrow>{_row(items)}</mrow>"
        case Fraction(top, bottom):
            return f"<mfrac>{_written(top)}{_written(bottom)}</mfrac>"
        case Scripts(base, lower, upper):
            return _scripts(base, lower, upper)
        case Fenced(left, within, right):
            tall = _is_tall(within)
            return f"<mrow>{_bracket(left, 'prefix', tall)}{_written(within)}{_bracket(right, 'postfix', tall)}</mrow>"
        case Grid():
            return _grid(node)
        case Dressed():
            return _dressed(node)


def _row(items: Sequence[Node]) -> str:
    """Parts beside each other; a function's name has a little room, but for brackets and operators."""
    written = []
    for k, item in enumerate(items):
        last = items[k - 1] if k else None
        apart = (_is_function(last) and not _is_close(item)) or (
            _is_function(item) and last is not None and not _is_open(last)
        )
        written.append((THIN if apart else "") + _written(item))
    return "".join(written)


def _is_function(node: Node | None) -> bool:
    return (
        _is_function(node.base)
        if isinstance(node, Scripts)
        else isinstance(node, Atom) and node.kind in {"function", "limits"}
    )


def _is_close(node: Node) -> bool:
    """Whether a function's name stands right before it."""
    return isinstance(node, Fenced) or (isinstance(node, Atom) and node.kind in {"bracket", "operator", "space"})


def _is_open(node: Node) -> bool:
    """Whether a function's name stands right after it."""
    return isinstance(node, Atom) and (node.kind in {"operator", "space"} or node.text in {"(", "[", "{", "|"})


def _atom(atom: Atom) -> str:  # noqa: PLR0911 - one for each kind
    kind, text = atom.kind, escape(atom.text)
    match kind:
        case "space":
            return f'<mspace width="{text}em"/>'
        case "bracket":
            return f'<mo stretchy="false" lspace="0" rspace="0">{text}</mo>'
        case "limits":
            return f'<mo movablelimits="true" lspace="0" rspace="0">{text}</mo>'
        case "upright" if text == "′":
            return f'<mo lspace="0" rspace="0">{text}</mo>'
        case "upright" if len(atom.text) == 1 and atom.text.isalpha():
            return f'<mi mathvariant="normal">{text}</mi>'
        case "upright":
            return f"<mi>{text}</mi>" if atom.text.isalpha() else f"<mn>{text}</mn>"
        case "operator" if atom.text in "!/":
            return f'<mo lspace="0" rspace="0">{text}</mo>'
        case "text":
            return f"<mtext>{text.replace(' ', chr(0xA0))}</mtext>"  # blanks at its ends would be left out
        case "function" if len(atom.text) == 1:
            return f'<mi mathvariant="normal">{text}</mi>'
    return f"<{_KINDS[kind]}>{text}</{_KINDS[kind]}>"


def _bracket(text: str, form: str, tall: bool = True) -> str:
    """A bracket; around what is not tall it does not stretch, since browsers leave room beside one that could."""
    return f'<mo form="{form}" fence="true" stretchy="{str(tall).lower()}">{escape(text)}</mo>' if text else ""


def _is_tall(node: Node | None) -> bool:
    """Whether it is clearly higher than a letter with scripts."""
    match node:
        case Fraction() | Grid():
            return True
        case Row(items):
            return any(map(_is_tall, items))
        case Scripts(base, lower, upper):
            return (isinstance(base, Atom) and base.kind == "large" and bool(lower or upper)) or _is_tall(base)
        case Fenced(_, within, _):
            return _is_tall(within)
        case Dressed(how, within, note):
            return how in {"sqrt", "boxed"} or note is not None or _is_tall(within)
    return False


def _scripts(base: Node, lower: Node | None, upper: Node | None) -> str:
    if lower is None and upper == PRIME:  # fonts have it raised already
        return f"<mrow>{_written(base)}{_written(PRIME)}</mrow>"
    below = isinstance(base, Atom) and (base.kind == "limits" or base.text in {"∑", "∏"})
    kind = ("munder", "mover") if below else ("msub", "msup")
    within = _written(base) + "".join(_written(part) for part in (lower, upper) if part is not None)
    name = "munderover" if below else "msubsup"
    if lower is None or upper is None:
        name = kind[lower is None]
    return f"<{name}>{within}</{name}>"


def _grid(grid: Grid) -> str:
    rows = "".join(f"<mtr>{''.join(f'<mtd>{_written(cell)}</mtd>' for cell in row)}</mtr>" for row in grid.rows)
    table = f'<mtable class="{grid.kind}" columnalign="{_SIDES[grid.kind]}">{rows}</mtable>'
    return f"<mrow>{_bracket(grid.left, 'prefix')}{table}{_bracket(grid.right, 'postfix')}</mrow>"


def _dressed(node: Dressed) -> str:
    how, within = node.how, _written(node.inside)
    if how == "sqrt":
        return f"<msqrt>{within}</msqrt>"
    if how in _ALPHABETS:
        return _alphabet(node)
    if how in _ACCENTS or how in _BELOW:
        name, mark = ("mover", _ACCENTS[how]) if how in _ACCENTS else ("munder", _BELOW[how])
        stretched = str(how in {"overbrace", "underbrace"}).lower()
        marked = f'<{name} accent="true">{within}<mo stretchy="{stretched}">{mark}</mo></{name}>'
        return f"<{name}>{marked}{_written(node.note)}</{name}>" if node.note else marked
    return f'<mrow class="{_STYLED.get(how, how)}">{within}</mrow>'


def _alphabet(node: Dressed) -> str:
    """Letters of an alphabet of their own."""
    atoms = node.inside.items if isinstance(node.inside, Row) else (node.inside,)
    text = "".join(atom.text if isinstance(atom, Atom) else "?" for atom in atoms)
    return f"<mi>{''.join(_letter(char, node.how) for char in text)}</mi>"


def _letter(char: str, alphabet: str) -> str:
    capital, small = _ALPHABETS[alphabet]
    if not (char.isascii() and char.isalpha()):
        return escape(char)
    moved = _MOVED.get(alphabet, {}).get(char)
    return moved or chr(capital + ord(char) - 65 if char.isupper() else small + ord(char) - 97)
