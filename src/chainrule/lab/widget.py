"""A run in a notebook: the same page as a widget, or as one document that stays when the notebook is stored."""

from __future__ import annotations

import os
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from chainrule.errors import ChainruleError, ResourceError
from chainrule.lab.assets import Assets
from chainrule.lab.export import exported, listed, thinned
from chainrule.lab.history import History
from chainrule.record import Recording
from chainrule.runs.recorded import RecordedRun

STATIC = 2 * 2**20  # bytes that a notebook may become larger by
FRAMES = 8 * 2**20  # bytes of frames that a widget is given; others are asked for
HEIGHT = 900
MISSING = "Runs in a notebook need anywidget: pip install 'chainrule[notebook]'. Without it: show(run, static=True)."


def shown(run: Any, *, static: bool = False) -> Any:
    """A widget, or a document with ``static``."""
    history = opened(run)
    return Static(exported(history, most=STATIC).html) if static else widget_class()(history)


def opened(run: Any) -> History:
    """What a user gives as a run: its folder, a recording's file, or either of them open."""
    if isinstance(run, RecordedRun):
        return History(run.run.folder)
    if isinstance(run, Recording):
        return History(run.path)
    return History(Path(os.fspath(run)))


class Static:
    """A document in a frame of its own: it runs its program there, and reaches nothing of the notebook.

    Parameters
    ----------
    html : str
    """

    def __init__(self, html: str) -> None:
        self.html = html

    def _repr_html_(self) -> str:
        style = f"width:100%;height:{HEIGHT}px;border:0"
        return f'<iframe sandbox="allow-scripts" style="{style}" srcdoc="{escape(self.html)}"></iframe>'


@cache
def widget_class() -> Any:
    """The widget, as a class: its libraries are imported where somebody wants one.

    Raises
    ------
    ResourceError
        They are not installed, or the page is not built.
    """
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise ResourceError(MISSING) from None
    assets = Assets()

    class LabWidget(anywidget.AnyWidget):
        """A recorded run; steps that it was not given are answered exactly, as long as the kernel runs."""

        _esm = assets.text("lab.js")
        _css = assets.text("lab.css")
        hello = traitlets.Dict().tag(sync=True)
        curves = traitlets.Dict().tag(sync=True)
        examples = traitlets.Bytes().tag(sync=True)
        frames = traitlets.Bytes().tag(sync=True)

        def __init__(self, history: History) -> None:
            said = history.hello(live=False)
            steps = said["key_frames"]
            fit = FRAMES // max(len(history.frame(steps[-1])), 1)
            chosen = thinned(steps, max(fit, 2))
            super().__init__(
                hello={**said, "key_frames": chosen}, curves=history.curves(), examples=history.examples(),
                frames=listed([history.frame(step) for step in chosen]),
            )  # fmt: skip
            self._history = history
            self.on_msg(lambda _, said, __: self.send(*answer(history, said)))

    return LabWidget


def answer(history: History, said: Any) -> tuple[dict[str, Any], list[bytes]]:
    """What a page in a notebook is answered, and what goes with it.

    >>> answer(None, {"id": 1, "command": "run"})[0]["id"]
    1
    """
    number = said.get("id") if isinstance(said, dict) else None
    try:
        if isinstance(said, dict) and said.get("command") == "frame" and isinstance(said.get("step"), int):
            return {"id": number, "ok": True}, [history.frame(said["step"])]
    except ChainruleError as error:
        return {"id": number, "error": str(error)}, []
    return {"id": number, "error": "a recorded run in a notebook can be looked at; to train on, use chainrule lab."}, []
