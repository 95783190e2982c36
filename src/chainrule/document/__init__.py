"""Documents: what is said, apart from how it is shown.

An explanation, a report of an audit or a diagnosis is a :class:`Document`, a list of blocks. One writer each makes text for
a terminal, Markdown, LaTeX, a page of HTML, and PDF of it.
"""

from __future__ import annotations

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

__all__ = [
    "Block",
    "Code",
    "Document",
    "Figure",
    "Formula",
    "Heading",
    "Inline",
    "Items",
    "Line",
    "Listing",
    "Math",
    "Note",
    "Paragraph",
    "Strong",
    "Table",
]
