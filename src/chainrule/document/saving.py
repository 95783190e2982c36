"""Documents as files, by what their names end with."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from chainrule.document.blocks import Document
from chainrule.errors import ConfigError
from chainrule.io.durable import write_bytes

SUFFIXES: dict[str, Callable[[Document], str | bytes]] = {
    ".txt": lambda document: document.text(100),
    ".md": Document.markdown,
    ".tex": Document.latex,
    ".html": Document.html,
    ".pdf": Document.pdf,
}


def save(document: Document, path: str | os.PathLike[str]) -> Path:
    """Write the document; what cannot be written leaves an old file as it is."""
    target = Path(path)
    write = SUFFIXES.get(target.suffix.lower())
    if write is None:
        ends = f"ends with {target.suffix}" if target.suffix else "has no suffix"
        raise ConfigError(f"{target.name} {ends}, which no document is written as.\nEnd it with {', '.join(SUFFIXES)}.")
    content = write(document)
    write_bytes(target, content if isinstance(content, bytes) else content.encode("utf-8"))
    return target
