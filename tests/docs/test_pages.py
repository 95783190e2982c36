"""The documentation runs: every Python block of every page, from top to bottom, as a reader would."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sybil.document import Document
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_python_block_of_the_page_runs(page, tmp_path, monkeypatch):
    """The blocks of a page are one program; what stands after a ``>>>`` prints what the page says."""
    monkeypatch.chdir(tmp_path)
    for example in Document.parse(str(page), PythonCodeBlockParser(), SkipParser()).examples():
        example.evaluate()


def test_every_picture_is_there_and_shown():
    """Pages show pictures that exist, with words for those who cannot see them, and no picture is left over."""
    shown = [(page, *link) for page in PAGES for link in re.findall(r"!\[(.*?)\]\((.*?)\)", page.read_text())]
    assert all(words for _, words, _ in shown)
    assert {(page.parent / path).resolve() for page, _, path in shown} == set((ROOT / "docs" / "assets").iterdir())
