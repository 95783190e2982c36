"""Letters as they stand in a terminal: how wide they are, where a line may end, and none that could steer it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

# Control characters have pictures; what turns the direction of the text around it is left out.
_CONTROLS = {code: 0x2400 + code for code in range(32)} | {0x7F: 0x2421}
_DIRECTIONS = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_PRINTABLE = (
    _CONTROLS | dict.fromkeys(range(0x80, 0xA0), 0xFFFD) | dict.fromkeys(range(0xD800, 0xE000), 0xFFFD) | _DIRECTIONS
)

_NOT_FIRST = "、。，．・：；！？）」』】〉》〕］｝’”…"
_NOT_LAST = "（「『【〈《〔［｛‘“"
TIED = "\u00a0"  # a blank where a line does not end


def clean(text: object) -> str:
    r"""A text on one line, without control characters and halves of characters.

    >>> clean("two\nlines, \x1b[31mred")
    'two lines, ␛[31mred'
    """
    return " ".join(str(text).split("\n")).translate(_PRINTABLE)


def clean_lines(text: str) -> str:
    """The same, with its lines kept."""
    return "\n".join(clean(line) for line in text.expandtabs(4).splitlines())


def width(text: str) -> int:
    """How many columns of a terminal it takes: Chinese letters take two, accents none.

    >>> width("誤差 δ")
    6
    """
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    return 0 if unicodedata.combining(char) or char in "\u200b\u200d\ufe0f" else 1


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Blanks after it, or before it, up to a width."""
    blanks = " " * max(columns - width(text), 0)
    return blanks + text if right else text + blanks


def wrapped(text: str, columns: int) -> list[tuple[int, int]]:
    """Where each line of a text begins and ends, no line wider than so many columns."""
    lines: list[tuple[int, int]] = []
    start = end = used = 0
    for piece in _pieces(text, max(columns, 2)):
        size, seen = width(piece), width(piece.rstrip(" "))
        if used and used + seen > columns:
            lines.append((start, end))
            start, used = end, 0
        end, used = end + len(piece), used + size
    lines.append((start, end))
    return [(a, a + len(text[a:b].rstrip(" "))) for a, b in lines]


def longest(text: str) -> int:
    """How wide the widest part is that no line would break."""
    return max((width(piece.rstrip(" ")) for piece in _chunks(text)), default=0)


def _pieces(text: str, columns: int) -> Iterator[str]:
    """The chunks; one that is wider than a line in parts, at tied blanks if it has any."""
    for chunk in _chunks(text):
        rest = chunk
        while width(rest.rstrip(" ")) > columns:
            fits = next(k for k in range(len(rest), 0, -1) if k == 1 or width(rest[:k]) <= columns)
            tied = rest.rfind(TIED, 1, fits) + 1
            yield rest[: tied or fits]
            rest = rest[tied or fits :]
        yield rest


def _chunks(text: str) -> Iterator[str]:
    """Parts that a line ends between only: words with the blanks after them, and single Chinese letters."""
    start = 0
    for k in range(1, len(text)):
        if _breaks(text[k - 1], text[k]):
            yield text[start:k]
            start = k
    if text[start:]:
        yield text[start:]


def _breaks(last: str, first: str) -> bool:
    if first == " ":
        return False
    if last == " ":
        return True
    wide = _columns(last) == 2 or _columns(first) == 2
    return wide and first not in _NOT_FIRST and last not in _NOT_LAST and TIED not in {last, first}
