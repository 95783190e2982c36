"""The lab's page for a training of this process: a server in a thread beside it."""

from __future__ import annotations

import asyncio
import atexit
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chainrule.lab.desk import Desk
from chainrule.lab.history import History
from chainrule.lab.live import Live, OnEvent, OnFrame
from chainrule.lab.process import refusal
from chainrule.lab.serve import serve
from chainrule.lab.watching import OVER, Watch

END = 10.0  # seconds that the server may take to end with the program


class Here:
    """A training of this process, held as the server holds one of another process.

    Parameters
    ----------
    watch : Watch
    on_event, on_frame : callable
        Take what it says, in the server's thread.
    """

    def __init__(self, watch: Watch, on_event: OnEvent, on_frame: OnFrame) -> None:
        self.watch, self.on_event, self.on_frame = watch, on_event, on_frame
        self._loop = asyncio.get_running_loop()

    @property
    def alive(self) -> bool:
        """Whether it is under way."""
        return self.watch.under_way

    def post(self, said: Mapping[str, Any]) -> None:
        """Send a command that needs no answer."""
        self.watch.post(said)

    async def ask(self, said: Mapping[str, Any]) -> str | None:
        """Send a command; gives None when it has been done, else why not."""
        answer: asyncio.Future[dict[str, Any]] = self._loop.create_future()
        self.watch.ask(said, lambda found: self.soon(lambda: None if answer.done() else answer.set_result(found)))
        return await refusal(answer)

    async def end(self) -> None:
        """The server ends; the training is the program's."""

    def told(self, said: Mapping[str, Any] | bytes) -> None:
        """Pass on what it says, from its own thread."""
        self.soon(lambda: self.on_frame(said) if isinstance(said, bytes) else self.on_event(dict(said)))

    def soon(self, work: Callable[[], Any]) -> None:
        """Do something in the server's thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)


class Served:
    """Where a watch is looked at: a page that is served from when its first training begins until the program ends."""

    def __init__(self, watch: Watch, opened: Callable[[str], Any] | None = None) -> None:
        self.watch, self._opened = watch, opened or shown
        self._here: Here | None = None
        self._live: Live | None = None
        self._ready, self._error = threading.Event(), list[BaseException]()

    def begun(self, history: History) -> None:
        """Serve it, unless it is served already."""
        if self._here is None:
            self._thread = threading.Thread(target=self._run, args=(history,), name="chainrule lab", daemon=True)
            self._thread.start()
            self._ready.wait()
            atexit.register(self.close)
            if self._error:
                raise self._error[0]
        else:
            self._here.soon(self._take)

    def due(self) -> bool:
        """Frames are asked for by commands."""
        return False

    def told(self, said: Mapping[str, Any] | bytes) -> None:
        """An event, or a frame."""
        if self._here is not None:
            self._here.told(said)

    def ended(self, _: History) -> None:
        """There is nothing that could be told anything."""
        self.told({"event": "gone", "message": None, "state": OVER})

    def _run(self, history: History) -> None:
        try:
            asyncio.run(self._serve(history))
        except BaseException as error:  # noqa: BLE001  it is raised where it was asked for
            self._error.append(error)
        finally:
            self._ready.set()

    async def _serve(self, history: History) -> None:
        async def first(desk: Desk) -> str:
            self._live = Live(history.frame)
            self._take()
            return desk.library.enter(history.folder, self._live, history)

        def opened(url: str) -> None:
            self._opened(url)
            self._ready.set()

        self._task = asyncio.current_task()
        await serve(Path("runs"), first=first, opened=opened, again=self._opened)

    def _take(self) -> None:
        """A training has begun."""
        assert self._live is not None
        live = self._live
        live.take(lambda on_event, on_frame: Here(self.watch, on_event, on_frame))
        assert isinstance(live.trainer, Here)
        self._here = live.trainer

    def close(self) -> None:
        """End the server, which deletes what it has kept for a while; the program's end does it, too."""
        if self._here is not None and self._task is not None:
            self._here.soon(self._task.cancel)
            self._thread.join(END)


def shown(url: str) -> None:
    """Print an address."""
    sys.stdout.write(f"The lab: {url}\n")
    sys.stdout.flush()
