"""A lesson to hand out: found by its name, or read from a file, and what is wrong with it said."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainrule.errors import ConfigError, DataError, ResourceError
from chainrule.lab import handout
from chainrule.lab.assets import Assets

LESSON = '# Mine\n\nAbout.\n\n```lesson\n{"id": "mine",\n "minutes": 5}\n```\n\n## First\n\nText.\n'


@pytest.fixture
def built(tmp_path: Path) -> Assets:
    """A page that has two lessons."""
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "lab.js").write_text("/* lessons: one-neuron two-layer */\nexport default {};\n")
    return Assets(folder)


def test_a_lesson_of_the_lab_is_named(built: Assets):
    """Only its name goes into the file: the page has its text."""
    assert handout.names(built) == ["one-neuron", "two-layer"]
    assert handout.lesson("two-layer", built) == {"id": "two-layer"}


def test_a_lesson_of_ones_own_goes_with_its_text(built: Assets, tmp_path: Path):
    """Whatever the editor made of its line ends and its first bytes."""
    (tmp_path / "mine.md").write_bytes(b"\xef\xbb\xbf" + LESSON.replace("\n", "\r\n").encode())
    assert handout.lesson(str(tmp_path / "mine.md"), built) == {"id": "mine", "text": LESSON}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"# Mine\n", r'begins with a line "# Title" and a block ```lesson'),
        (LESSON.replace('"minutes": 5', '"minutes" 5').encode(), r"line 7: the block ```lesson is not JSON"),
        (LESSON.replace('"mine"', '"My lesson"').encode(), r'line 6: the block ```lesson needs an "id"'),
        (LESSON.replace('{"id": "mine",\n "minutes": 5}', "[]").encode(), r'needs an "id"'),
        (b"# \xff\n" + LESSON.encode(), r"no text in UTF-8 \(byte 2\)"),
        (LESSON.encode() + b" " * 2**20, r"at most 1 MB"),
    ],
)
def test_what_is_no_lesson_is_refused_with_its_line(tmp_path: Path, raw: bytes, words: str):
    """Before a file is made of it that would open with an error."""
    path = tmp_path / "mine.md"
    path.write_bytes(raw)
    with pytest.raises(DataError, match=words):
        handout.own(path)


def test_a_name_that_is_none_is_answered_with_those_that_there_are(built: Assets):
    """A file of that name is looked for, too."""
    with pytest.raises(ConfigError, match="no such file and no such lesson; the lessons are one-neuron, two-layer"):
        handout.lesson("three-layer", built)


def test_without_the_page_there_is_nothing_to_hand_out(tmp_path: Path):
    """The page of results has no lessons in it."""
    with pytest.raises(ResourceError, match="is not built"):
        handout.lesson("one-neuron", Assets(tmp_path))
