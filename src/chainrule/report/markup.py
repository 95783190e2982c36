"""HTML and SVG from Python, with everything escaped that is not markup already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

VOID = {"br", "img", "link", "meta"}  # elements that have no end tag
LONGEST_NAME = 40

# Control characters have pictures, and what turns the direction of the text around it is left out.
_CONTROLS = {code: 0x2400 + code for code in range(32)} | {0x7F: 0x2421}
_DIRECTIONS = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_PRINTABLE = _CONTROLS | dict.fromkeys(range(0x80, 0xA0), 0xFFFD) | _DIRECTIONS


@dataclass(frozen=True)
class Html:
    """A piece of finished markup."""

    text: str


Child: TypeAlias = "Html | str | int | float | Iterable[Child] | None"


def element(kind: str, /, *children: Child, **attributes: object) -> Html:
    """One element; strings in it are escaped, None is left out.

    ``class_="a"`` is written ``class="a"``, ``stroke_width=2`` is written ``stroke-width="2"``.

    >>> element("td", "<script>", class_="name").text
    '<td class="name">&lt;script&gt;</td>'
    """
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None)
    start = kind + "".join(f' {key}="{escape(clean(value))}"' for key, value in pairs)
    return Html(f"<{start}>" if kind in VOID else f"<{start}>{joined(children).text}</{kind}>")


def joined(children: Iterable[Child]) -> Html:
    """Several pieces, one after the other."""
    return Html("".join(map(_text, children)))


def _text(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child.text
    if isinstance(child, str | int | float):
        return escape(clean(child))
    return joined(child).text


def clean(value: object) -> str:
    r"""The text of a value as it may stand on a page: no control characters, no half characters.

    >>> clean("two\nlines")
    'two␊lines'
    """
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value).translate(_PRINTABLE).encode("utf-8", "replace").decode("utf-8")


def cut(value: object, limit: int = LONGEST_NAME) -> str:
    """A text from the user's data, no longer than a table can bear."""
    text = clean(str(value)[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def name(value: object, limit: int = LONGEST_NAME) -> Html:
    """A name from the user's data, whose direction of writing is its own affair."""
    return element("bdi", cut(value, limit) or "(empty)")


def table(head: Iterable[Child], rows: Iterable[Iterable[Child]], *, class_: str | None = None) -> Html:
    """A table with a row of headings; the first cell of each row is its heading."""
    top = element("tr", [element("th", cell, scope="col") for cell in head])
    body = []
    for first, *rest in rows:
        body.append(element("tr", element("th", first, scope="row"), [element("td", cell) for cell in rest]))
    return scrolling(element("table", element("thead", top), element("tbody", body), class_=class_))


def scrolling(wide: Html) -> Html:
    """Something that may be wider than a telephone: it scrolls by itself, not with the page."""
    return element("div", wide, class_="scroll", tabindex=0)
