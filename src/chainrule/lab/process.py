"""How the server holds a trainer's process: commands go in, events and frames come out, and its end is told in words."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chainrule.errors import ResourceError
from chainrule.io import strict_json
from chainrule.lab.pipe import HEAD, ROOM, TEXT, head
from chainrule.lab.trainer import PATIENCE

ANSWER = 30.0  # seconds that a training may take to answer; it answers between two stretches of steps
READY = 180.0  # seconds that it may take to read its data, to compile, and to begin


async def refusal(answer: asyncio.Future[dict[str, Any]]) -> str | None:
    """Why a command has not been done, in words; None where it has."""
    try:
        async with asyncio.timeout(ANSWER):
            found = await answer
    except TimeoutError:
        return f"the training has not answered within {ANSWER:.0f} seconds."
    return None if found.get("ok") else str(found.get("error"))


@dataclass(eq=False)
class Trainer:
    """A training in a process of its own.

    Attributes
    ----------
    on_event, on_frame : callable
        Take what it says; the last event of all is ``{"event": "gone", "message": ... or None}``.
    """

    on_event: Callable[[dict[str, Any]], None]
    on_frame: Callable[[bytes], None]
    _process: asyncio.subprocess.Process | None = None
    _answers: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    _ready: asyncio.Future[None] | None = None
    _tasks: list[asyncio.Task[Any]] = field(default_factory=list)
    _words: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    _number: int = 0
    _said: str | None = None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    async def begin(self, order: Mapping[str, Any]) -> None:
        """Start the process, and wait until its training has begun.

        Raises
        ------
        ResourceError
            It has not, for the reason that the message gives.
        """
        self._ready = asyncio.get_running_loop().create_future()
        self._ready.add_done_callback(lambda ready: ready.cancelled() or ready.exception())  # none may wait any more
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "chainrule.lab.trainer", stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=ROOM,
            start_new_session=os.name != "nt",  # Ctrl-C is for the server, which ends it in good order
        )  # fmt: skip
        self.post(order)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._overhear())]
        try:
            async with asyncio.timeout(READY):
                await asyncio.shield(self._ready)
        except TimeoutError:
            await self.kill()
            raise ResourceError(f"The training has not begun within {READY:.0f} seconds, and was ended.") from None

    def post(self, said: Mapping[str, Any]) -> None:
        """Send a command that needs no answer."""
        if self.alive and self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(ConnectionError, RuntimeError):
                self._process.stdin.write(strict_json.dumps(dict(said)).encode() + b"\n")

    async def ask(self, said: Mapping[str, Any]) -> str | None:
        """Send a command; gives None when it has been done, else why not."""
        if not self.alive:
            return "the training has ended."
        self._number += 1
        number = self._number
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self.post({**said, "id": number})
        try:
            return await refusal(answer)
        finally:
            self._answers.pop(number, None)

    async def end(self) -> None:
        """Let it finish its step and save; a process that does not end is killed."""
        if self._process is None:
            return
        if self.alive:
            self.post({"command": "end"})
        _, late = await asyncio.wait(self._tasks, timeout=PATIENCE)  # whose reading goes on: it tells of the end
        if late:
            await self.kill()

    async def kill(self) -> None:
        """End it at once."""
        if self._process is not None and self.alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self) -> None:
        """Pass on what it writes, until it ends."""
        assert self._process is not None
        assert self._process.stdout is not None
        assert self._ready is not None
        try:
            while True:
                kind, length = head(await self._process.stdout.readexactly(HEAD.size))
                body = await self._process.stdout.readexactly(length)
                if kind == TEXT:
                    self._take(strict_json.loads(body))
                else:
                    self.on_frame(body)
        except (asyncio.IncompleteReadError, ValueError, ConnectionError):
            pass
        code = await self._process.wait()
        why = self._said or (self._unexpected(code) if code else None)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result({"error": why or "the training has ended."})
        if not self._ready.done():
            self._ready.set_exception(ResourceError(why or "The training ended before it began."))
        self.on_event({"event": "gone", "message": why})

    def _take(self, said: Any) -> None:
        """An answer, or an event."""
        if "id" in said:
            answer = self._answers.get(said["id"])
            if answer is not None and not answer.done():
                answer.set_result(said)
        elif said["event"] == "ready":
            if self._ready is not None and not self._ready.done():
                self._ready.set_result(None)
        elif said["event"] == "error":
            self._said = str(said["message"])  # told with its end
        else:
            self.on_event(said)

    async def _overhear(self) -> None:
        """Keep the last lines that it prints, for the case that it ends without a word."""
        assert self._process is not None
        assert self._process.stderr is not None
        with contextlib.suppress(ValueError, asyncio.IncompleteReadError):
            while line := await self._process.stderr.readline():
                self._words.append(line.decode("utf-8", "replace"))

    def _unexpected(self, code: int) -> str:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        last = self._words[-1].strip()[:300] if self._words else ""
        return (
            f"The process of this training {how}{f' ({last})' if last else ''}. What it had recorded is kept; run or step "
            "takes it up again from its last checkpoint."
        )
