"""A run in a notebook: the same page as a widget, or as one document that stays when the notebook is stored."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from chainrule.errors import ChainruleError, ResourceError
from chainrule.lab import study
from chainrule.lab.assets import Assets
from chainrule.lab.export import Extent, exported, listed, thinned
from chainrule.lab.history import History
from chainrule.lab.still import still
from chainrule.record import Recording
from chainrule.runs.recorded import RecordedRun

STATIC = 2 * 2**20  # bytes that a notebook may become larger by
FRAMES = 8 * 2**20  # bytes of frames that a widget is given; others are asked for
HEIGHT = 900
NAME = "A run of chainrule, as a page."
MISSING = "Runs in a notebook need anywidget: pip install 'chainrule[notebook]'. Without it: show(run, static=True)."
Send = Callable[..., None]


def shown(run: Any, *, static: bool = False) -> Any:
    """A widget, or a document with ``static``."""
    history = opened(run)
    if static:
        return Static(exported(history, Extent(STATIC)).html)
    given = facts(history, FRAMES, live=False)
    given["study"] = study.carried(history, given["hello"]["last"])
    return widget_class()(lambda said, send: send(*answer(history, said)), lambda: still(history), given)


def opened(run: Any) -> History:
    """What a user gives as a run: its folder, a recording's file, or either of them open."""
    if isinstance(run, RecordedRun):
        return History(run.run.folder)
    if isinstance(run, Recording):
        return History(run.path)
    return History(Path(os.fspath(run)))


def facts(history: History, most: int, *, live: bool) -> dict[str, Any]:
    """What a widget is given, with so many bytes of frames."""
    said = history.hello(live=live)
    steps = said["key_frames"]
    fit = most // max(len(history.frame(steps[-1])), 1)
    chosen = thinned(steps, max(fit, 2))
    frames = listed([history.frame(step) for step in chosen])
    said = {**said, "key_frames": chosen}
    return {"curves": history.curves(), "examples": history.examples(), "frames": frames, "hello": said}


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


class Picture:
    """What stands below a page in a notebook, for where no page can run; the page hides it where it runs.

    The two are displayed apart: a front end shows one part alone of what is displayed together, and one that opens a stored
    notebook without its kernel would choose the page, which it has no more.

    Parameters
    ----------
    make : callable
        Gives it as HTML.
    """

    def __init__(self, make: Callable[[], str]) -> None:
        self.make = make
        self._shown: list[Any] = []

    def display(self, page: Mapping[str, Any]) -> None:
        """Show a page, and the picture below it."""
        from IPython.display import display

        display(page, raw=True)  # type: ignore[no-untyped-call]
        self._shown.append(display(self._data(), raw=True, display_id=True))  # type: ignore[no-untyped-call]

    def renew(self) -> None:
        """Make it anew, wherever it stands."""
        for place in self._shown:
            place.update(self._data(), raw=True)

    def _data(self) -> dict[str, str]:
        return {"text/html": self.make(), "text/plain": "The same run as a picture."}


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
        """A run, and who answers the page that shows it."""

        _esm = assets.text("lab.js")
        _css = assets.text("lab.css")
        hello = traitlets.Dict().tag(sync=True)
        curves = traitlets.Dict().tag(sync=True)
        examples = traitlets.Bytes().tag(sync=True)
        frames = traitlets.Bytes().tag(sync=True)
        study = traitlets.Dict().tag(sync=True)
        watched = traitlets.Bool(False).tag(sync=True)  # a network whose training may begin at any time

        def __init__(self, hear: Callable[[Any, Send], None], picture: Callable[[], str], given: Mapping[str, Any]) -> None:
            super().__init__(**given)
            self._picture = Picture(picture)
            self.on_msg(lambda _, said, __: hear(said, self.send))
            heard_apart(self.comm)

        def _repr_mimebundle_(self, **how: Any) -> tuple[dict[str, Any], dict[str, Any]]:
            data, about = super()._repr_mimebundle_(**how) or ({}, {})
            return {**data, "text/plain": NAME, "text/html": self._picture.make()}, about

        def _ipython_display_(self) -> None:
            self._picture.display({**(super()._repr_mimebundle_() or ({},))[0], "text/plain": NAME})

        def renew(self, given: Mapping[str, Any]) -> None:
            """The run has gone on: what a page is given that opens now, and the picture."""
            with self.hold_sync():
                for name, value in given.items():
                    setattr(self, name, value)
            self._picture.renew()

    return LabWidget


def heard_apart(comm: Any) -> None:
    """Let a page be heard in the subshell that it asks for, while a cell runs.

    Since ipykernel 7.4 it would be heard where was spoken last, which is in that cell: at its end.
    """
    if comm is not None:
        comm._reply_subshell_for = None  # noqa: SLF001  there is no other way to say so


QUESTIONS: Mapping[str, tuple[str, Callable[[History, int], Any]]] = {  # which number each has, and its answer
    "frame": ("step", lambda history, step: history.frame(step)),
    "curves": ("", lambda history, _: history.curves()),
    "findings": ("step", study.findings),
    "measures": ("step", study.measures),
    "confusion": ("step", study.confusion),
    "example": ("row", lambda history, row: study.examples(history, [row])),
}


def answer(history: History | None, said: Any) -> tuple[dict[str, Any], list[bytes]]:
    """What a page in a notebook is answered, and what goes with it.

    >>> answer(None, {"id": 1, "command": "run"})[0]["id"]
    1
    """
    said = said if isinstance(said, dict) else {}
    number, (name, work) = said.get("id"), QUESTIONS.get(str(said.get("command")), ("", None))
    about = said.get(name, 0)
    if history is None or work is None or type(about) is not int:
        return {"id": number, "error": "a recorded run in a notebook can be looked at; to train on, use chainrule lab."}, []
    try:
        found = work(history, about)
    except ChainruleError as error:
        return {"id": number, "error": str(error)}, []
    if isinstance(found, bytes):
        return {"id": number, "ok": True}, [found]
    return {"id": number, "ok": True, "found": found}, []
