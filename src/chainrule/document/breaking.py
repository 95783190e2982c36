"""Long lines of a formula in parts: paper does not scroll."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chainrule.document.blocks import Line, Math
from chainrule.document.tex import TOKEN, parse
from chainrule.document.tree import Atom, Dressed, Fenced, Fraction, Grid, Node, Row, Scripts

PAGE = 78  # signs of a formula that fit on a line of A4


def broken(lines: Iterable[Line], room: int = PAGE) -> Iterator[Line]:
    """The lines; one that is too long goes on below, before a + or - that stands in no brackets."""
    for left, sign, right in lines:
        pieces = list(_pieces(right.latex))
        first, *more = _filled(pieces, room - (size(parse(left.latex)) if left else 0))
        yield Line(left, sign, right if not more else Math(first, right.text))
        for part in more:
            yield Line(None, "", Math(rf"\quad {{}} {part}", right.text))


def scale(lines: Iterable[Line], room: int = PAGE) -> float:
    """How much smaller the letters must be for the longest line to fit; 1 where it does."""
    needed = max((sum(size(parse(side.latex)) for side in (left, right) if side) for left, _, right in lines), default=0)
    return min(1.0, room / max(needed + 3, 1))


def _filled(pieces: Iterable[str], room: float) -> list[str]:
    """The pieces put together to parts of this size."""
    parts: list[str] = []
    used = room
    for piece in pieces:
        needed = size(parse(piece))
        if parts and used + needed <= room:
            parts[-1] += piece
            used += needed
        else:
            parts.append(piece)
            used = needed
    return [part.strip() for part in parts] or [""]


def _pieces(latex: str) -> Iterator[str]:
    """The terms of a sum, each with its sign."""
    depth, piece, tokens = 0, "", TOKEN.findall(latex)
    for k, token in enumerate(tokens):
        bracket = k and tokens[k - 1] in {r"\left", r"\right"}  # \left counts, its bracket does not
        if not bracket:
            depth += (token in _OPENING) - (token in _CLOSING)
        if token in {"+", "-"} and depth == 0 and piece.strip():
            yield piece
            piece = ""
        piece += token
    yield piece


_OPENING = {"{", "(", "[", r"\left", r"\begin"}
_CLOSING = {"}", ")", "]", r"\right", r"\end"}


def size(node: Node | None) -> float:  # noqa: PLR0911 - one for each kind
    """About how many letters wide a formula is."""
    match node:
        case None:
            return 0
        case Atom(kind, text):
            return 2 * float(text) if kind == "space" else len(text) + 2 * (kind == "operator" and text not in "./,;!")
        case Row(items):
            return sum(map(size, items))
        case Fraction(top, bottom):
            return max(size(top), size(bottom))
        case Scripts(base, lower, upper):
            return size(base) + 0.7 * max(size(lower), size(upper))
        case Fenced(left, inside, right):
            return size(inside) + len(left) + len(right)
        case Grid(_, rows):
            return sum(max(map(size, column)) + 2 for column in zip(*rows, strict=False)) + 2
        case Dressed(_, inside, note):
            return max(size(inside) + 1, 0.7 * size(note))
