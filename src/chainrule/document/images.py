"""Drawings within documents."""

from __future__ import annotations

from base64 import b64encode


def data_uri(svg: str) -> str:
    """A drawing as an address that holds it whole, so that its styles and names touch nothing else on a page."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode('utf-8', 'replace')).decode()}"
