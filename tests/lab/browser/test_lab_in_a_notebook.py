"""A run in a notebook: the document that stays in it opens, and JupyterLab shows the widget where it is installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from browser_helpers import opened, settled

from chainrule.lab import show

pytestmark = pytest.mark.slow


def test_the_document_in_a_stored_notebook_opens(browser: Any, recorded: Path, tmp_path: Path):
    """As a stored notebook has it: in a sandboxed frame, without a network and without a kernel; its controls work."""
    pytest.importorskip("anywidget")
    frame = show(recorded / "runs" / "circle-1", static=True)._repr_html_()
    page = tmp_path / "notebook.html"
    page.write_text(f"<!doctype html><meta charset='utf-8'><body>{frame}</body>", "utf-8")
    with opened(browser, page.as_uri(), offline=True) as seen:
        inside = seen.page.frame_locator("iframe")
        inside.get_by_label("Timeline").wait_for()
        inside.get_by_role("button", name="A hidden neuron").click()
        inside.get_by_label("Inspector").get_by_role("heading", name="Neuron 1 of layer 2").wait_for()
        settled(seen.page.frames[1])
        assert [url for url in seen.requests if not url.startswith(("file:", "data:", "about:"))] == []


def test_the_widget_is_made_of_the_same_page(recorded: Path):
    """What anywidget sends to a notebook: the program, the facts, the frames that fit."""
    pytest.importorskip("anywidget")
    widget = show(recorded / "runs" / "circle-1")
    assert "autoboot" in str(widget._esm)  # noqa: SLF001
    assert widget.hello["network"]["sizes"] == [2, 6, 2]
    assert len(widget.frames) > 100
    widget.close()


@pytest.mark.skipif(find_spec("jupyterlab") is None, reason="jupyterlab is not installed")
def test_jupyterlab_finds_the_widget():
    """Its front end knows anywidget; what it shows there is the page that the other tests look at."""
    from jupyterlab.commands import get_app_info

    assert "anywidget" in get_app_info()["federated_extensions"]
