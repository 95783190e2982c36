"""Documents in a terminal."""

from __future__ import annotations

import re

import pytest
from document_cases import BP1C, CHINESE, DELTA, HOSTILE, LONG, everything

from chainrule.document import Document, Formula, Line, Listing, Math, Note, Paragraph, Table
from chainrule.document.characters import width

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def lines(*blocks, columns: int = 60) -> list[str]:
    """What a document of these blocks looks like."""
    return Document("", blocks).text(columns).rstrip("\n").split("\n")


@pytest.mark.parametrize("columns", [30, 50, 80, 120])
@pytest.mark.parametrize("prose", ["The error of a layer. " * 6, CHINESE * 3, HOSTILE])
def test_no_line_is_wider_than_the_terminal(columns, prose):
    """Whatever is said, each line fits, with Chinese letters counted as two columns."""
    written = everything(prose=prose).text(columns)
    assert max(map(width, written.split("\n"))) <= columns


@pytest.mark.parametrize("columns", [30, 80])
def test_colour_changes_nothing_but_the_colour(columns):
    """Without its codes the coloured text is the plain one, so nothing is said by colour alone."""
    document = everything()
    assert "\x1b[" not in document.text(columns)
    assert ANSI.search(document.text(columns, color=True))
    assert ANSI.sub("", document.text(columns, color=True)) == document.text(columns)


def test_formulas_are_aligned_at_their_signs_with_the_name_at_the_right():
    """The signs of all lines stand below each other, and the name ends where the line ends."""
    written = lines(LONG)
    signs = [line.index(sign) for line, sign in zip((written[0], written[1], written[-1]), "==≈", strict=True)]
    assert len(set(signs)) == 1
    assert written[0].endswith("(FP1)")
    assert len(written[0]) == 60


def test_a_long_formula_goes_on_before_a_sign():
    """No term is torn apart: each further line begins with the + before its first term."""
    written = lines(LONG)
    assert len(written) > 4
    assert all(line.strip().startswith("+ ") for line in written[2:-1])
    assert "".join(written).count("·") == 14


def test_a_name_without_room_stands_above():
    """Where formula and name do not fit in one line, the name has a line of its own."""
    wide = Formula((Line(DELTA, "=", Math("x", "x" * 30)),), "BP1")
    assert [line.strip() for line in lines(wide, columns=38)] == ["(BP1)", "δˡ = " + "x" * 30]


def test_a_table_shares_the_width_and_sets_numbers_to_the_right():
    """Long cells are broken, short ones and numbers stay whole."""
    rows = ((("a",), ("words " * 12,), ("1.5",)), (("b",), ("few",), ("22.25",)))
    written = lines(Table((("x",), ("what",), ("n",)), rows, numbers=frozenset({2})), columns=40)
    assert {width(line) for line in written if "─" in line} == {40}
    assert [line[-5:] for line in written if line[:1] in "ab" and line] == ["  1.5", "22.25"]


def test_a_table_that_cannot_fit_becomes_records():
    """Each cell then stands beside its heading."""
    table = Table(tuple((f"column{k}",) for k in range(9)), (tuple((f"{k}",) for k in range(9)),))
    assert lines(table, columns=30) == [f"column{k}: {k}" for k in range(9)]


def test_an_empty_table_has_its_heading():
    """A table without rows is its heading and a rule."""
    assert lines(Table((("layer",), ("error",)), ())) == ["layer  error", "────────────"]


def test_control_characters_cannot_steer_the_terminal():
    """A user's text with escape codes is shown with pictures of them."""
    hostile = "\x1b[2J\r\x07\x9b31m\u202edlrow"
    written = Document(hostile, (Paragraph((hostile,)), Listing(hostile), Note((hostile,), (BP1C,)))).text(60)
    assert not [c for c in written if c != "\n" and not c.isprintable()]
    assert "␛[2J␍␇" in written


def test_the_kind_of_a_note_is_a_word_or_a_sign():
    """A lemma says so, right and wrong have signs; in Chinese, too."""
    notes = [Note(("x",), (), kind) for kind in ("lemma", "note", "good", "bad")]
    assert [line for line in lines(*notes) if line] == ["┃ Lemma: x", "┃ x", "┃ ✓ x", "┃ ✗ x"]
    assert Document("", (notes[0],), "zh-Hant").text(40) == "┃ 引理：x\n"


def test_a_document_says_in_short_what_it_is():
    """The representation is one line; str is the text."""
    document = everything()
    assert repr(document).startswith("<Document 'Backpropagation in [2, 3, 1]': 15 blocks")
    assert str(document) == document.text()
    assert str(Document("")) == "\n"
