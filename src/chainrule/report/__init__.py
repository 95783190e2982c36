"""The page of a run: one HTML file that needs no server, no script and no network.

    write(folder, ...)   writes folder/report.html

Drawings are inline SVG, pictures are PNG data of our own making; whatever comes from the user's data is escaped.
"""

from __future__ import annotations

from chainrule.report.page import write

__all__ = ["write"]
