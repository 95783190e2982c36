"""Drawings as PNG, made by Typst."""

from __future__ import annotations

from chainrule.document.pdf import library

PAGE = '#set page(width: auto, height: auto, margin: 6pt, fill: white)\n#image(bytes("{}"), format: "svg")\n'


def png(svg: str, *, dots: float = 144.0) -> bytes:
    """A drawing on white, with so many dots to the inch.

    Raises
    ------
    ConfigError
        Typst is not installed.
    """
    quoted = svg.replace("\\", "\\\\").replace('"', '\\"')
    return bytes(library().compile(PAGE.format(quoted).encode(), format="png", ppi=dots))
