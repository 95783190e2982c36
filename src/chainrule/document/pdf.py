"""Documents as PDF, made by Typst: a library, with no LaTeX installed."""

from __future__ import annotations

import re
from typing import Any

from chainrule.document.blocks import Document
from chainrule.document.typesetting import source
from chainrule.errors import ConfigError

_LACKING = re.compile(r"the text `(.*?)` could not be displayed")


def pdf(document: Document) -> bytes:
    """The document as a file that readers for the blind can read (PDF/UA-1).

    Raises
    ------
    ConfigError
        Typst is not installed, or no font of this machine has some of the letters.
    """
    typst = library()
    try:
        return bytes(typst.compile(source(document).encode(), format="pdf", pdf_standards="ua-1"))
    except typst.TypstError as error:
        lacking = _LACKING.search(str(error))
        if lacking is None:
            raise
        raise ConfigError(
            f"No font on this machine has the letters {lacking[1]}, which the document needs as PDF.\nInstall one that has "
            "them, such as Noto Serif CJK TC for Chinese (Debian: apt-get install fonts-noto-cjk), or save the document as "
            "HTML."
        ) from error


def library() -> Any:
    """Typst, or a ConfigError that says how to get it."""
    try:
        import typst
    except ImportError:
        raise ConfigError("PDF needs Typst: pip install 'chainrule[pdf]'.") from None
    return typst
