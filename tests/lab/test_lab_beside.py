"""A network that is watched in a notebook: its page is told and answered, and a picture stays where there is none."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from watch_helpers import HOW, Script, X, Y, network

from chainrule.io.blobs import unpack
from chainrule.lab import study, widget
from chainrule.lab.assets import Assets
from chainrule.lab.beside import Beside
from chainrule.lab.live import FPS
from chainrule.lab.watching import Watch


@pytest.fixture
def beside(tmp_path, monkeypatch, assets) -> Iterator[Beside]:
    """A network's place in a notebook."""
    pytest.importorskip("anywidget")
    monkeypatch.setattr(Assets, "text", lambda self, name: (assets / name).read_text())
    widget.widget_class.cache_clear()
    yield Beside(Watch(network(), tmp_path / "a.sqlite", paused=True))
    widget.widget_class.cache_clear()


def picture(beside: Beside) -> str:
    """What stands in the notebook where there is no page."""
    return beside.widget._repr_mimebundle_()[0]["text/html"]


class Notebook(Script):
    """A page in a notebook, which sends a message whenever the training stands paused, and keeps the answers."""

    def __init__(self, beside: Beside, *messages: dict[str, Any]) -> None:
        super().__init__(beside.watch, *messages)
        self.beside = beside

    def begun(self, history: Any) -> None:
        """Its facts have come before."""
        assert self.beside.widget.hello["live"] is True
        super().begun(history)

    def _next(self) -> None:
        while self.watch.under_way and self.commands:
            said = self.commands.pop(0)
            self.beside.hear(said, lambda *told: self.answers.append(told))
            if said.get("command") in {"step", "run"}:
                return


def test_a_notebook_commands_its_training(beside):
    """Its page is drawn when a training begins, its commands are done, and each question is answered."""
    assert (beside.widget.hello, "as soon as it is trained" in picture(beside)) == ({}, True)
    beside.watch.outlets.append(beside)
    page = Notebook(
        beside, {"id": 1, "command": "step", "count": 5}, {"id": 2, "command": "curves"},
        {"id": 3, "command": "frame", "step": 3}, {"id": 4, "command": "reset"}, {"id": 5, "command": "eval"},
        {"id": 6, "command": "frame", "step": 99}, {"id": 7, "command": "set", "learning_rate": -1},
        {"id": 8, "command": "findings", "step": 5}, {"id": 9, "command": "example", "row": 2},
        {"id": 10, "command": "run"},
    )  # fmt: skip
    beside.watch.network.fit(X, Y, epochs=2, **HOW)
    answers = {told[0]["id"]: told for told in page.answers}
    assert answers[1] == ({"id": 1, "ok": True},)
    assert answers[2][0]["found"]["costs"]["steps"] == [1, 2, 3, 4, 5]
    assert unpack(answers[3][1][0])[1]["state"]["updates"] == 3
    assert answers[8][0]["found"] == study.findings(beside.watch.history, 5)
    assert answers[9][1] == [study.examples(beside.watch.history, [2])]
    words = {number: answers[number][0]["error"] for number in (4, 5, 6, 7)}
    assert ["belongs to the notebook" in words[4], "there are run" in words[5], "has steps 0 to 5" in words[6]] == [
        True
    ] * 3
    assert "it must be a number above 0" in words[7]
    assert (beside.widget.hello["live"], beside.widget.hello["last"]) == (False, 10)
    assert "after 10 steps" in picture(beside)


def test_a_page_that_paints_nothing_is_given_nothing(beside):
    """Once it has said that it paints, a frame is sent for each that was painted; before, as often as the rate allows."""
    assert beside.due()
    beside.told(b"first")
    beside.hear({"command": "ack"}, lambda *told: None)
    beside.told(b"second")
    beside.told(b"third")
    beside.told(b"one that nobody asked for, such as where it is paused")
    time.sleep(2 / FPS)
    assert not beside.due()
    beside.hear({"command": "ack"}, lambda *told: None)
    assert beside.due()


def test_the_picture_has_no_script_and_asks_for_nothing(beside):
    """A stored notebook shows it wherever it is opened: a small table, and a picture that is within it."""
    beside.watch.wishes.running = True
    beside.watch.network.fit(X, Y, epochs=2, **HOW)
    text = picture(beside)
    assert len(text) < 60_000
    assert re.findall(r"<(script|iframe|link|style|svg|object)", text) == []
    assert re.findall(r'(?:src|href)="(.{22})', text) == ["data:image/png;base64,"]
    assert re.search(r'alt="The network after step 10, .* to [0-9.e-]+ at step 10\."', text)
