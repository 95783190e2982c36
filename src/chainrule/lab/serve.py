"""The server as a program: a socket on this machine alone, bounded connections, an end in good order."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from chainrule.errors import ResourceError
from chainrule.lab.assets import Assets
from chainrule.lab.desk import Desk
from chainrule.lab.guard import Guard
from chainrule.lab.server import app
from chainrule.lab.wire import LONGEST

HOST = "127.0.0.1"
USUAL = 7272
CONNECTIONS = 64
SILENT = 10.0  # seconds after which a connection that has not asked for anything is closed


class Bounded(H11Protocol):
    """Connections, but not more than so many, and none that keeps silent.

    Where there are enough, a new one takes the place of the oldest that has not asked for anything yet: silent ones keep
    nobody out.
    """

    turned_away = False
    since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its own base does
        """Take a connection, or end it where all others have work."""
        if len(self._open()) >= CONNECTIONS and not self._room():
            self.turned_away = True
            transport.abort()
            return
        self.since = self.loop.time()
        super().connection_made(transport)
        self.loop.call_later(SILENT, self._hurry)

    def _open(self) -> list[Any]:
        """The connections that there are; one that is being closed is none any more."""
        return [each for each in self.connections if not each.transport.is_closing()]

    def _room(self) -> bool:
        """End the oldest connection on which no request has come; whether there was one."""
        silent = [each for each in self._open() if isinstance(each, Bounded) and each.cycle is None]
        if silent:
            min(silent, key=lambda each: each.since).transport.abort()
        return bool(silent)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        if not self.turned_away:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what it says."""
        if not self.turned_away:
            super().data_received(data)

    def _hurry(self) -> None:
        if self.cycle is None and not self.transport.is_closing() and self.transport.get_protocol() is self:
            self.transport.close()


def bound(port: int | None) -> socket.socket:
    """A socket on this machine; without a port, on the usual one, or where that is taken on any.

    Raises
    ------
    ResourceError
        The port that was asked for cannot be had.
    """
    for choice in (USUAL, 0) if port is None else (port,):
        try:
            return socket.create_server((HOST, choice), backlog=CONNECTIONS)
        except OSError as error:
            why = error.strerror or str(error)
    raise ResourceError(
        f"Port {port} of {HOST} cannot be used: {why}.\nTake another with --port, or any free one: --port 0"
    )


async def serve(
    root: Path, *, port: int | None = None, assets: Assets | None = None,
    first: Callable[[Desk], Awaitable[str]] | None = None, opened: Callable[[str], Any] = print,
    again: Callable[[str], Any] = lambda url: None,
) -> None:  # fmt: skip
    """Serve the lab until a signal ends it; then all trainings are saved.

    Parameters
    ----------
    root : path
        The folder of the runs.
    port : int, optional
    assets : Assets, optional
        The page, if not the package's own.
    first : callable, optional
        What to do first; gives the id of the run to be shown.
    opened : callable
        Is given the address to open.
    again : callable
        Is given another address, where the first was used twice.

    Raises
    ------
    ResourceError, ChainruleError
        The port is taken; what was to be done first has failed.
    """
    listening = bound(port)
    desk = Desk(root)
    inner = app(desk, assets or Assets(), closing(desk))
    guard = Guard(inner, listening.getsockname()[1], again)
    server = uvicorn.Server(uvicorn.Config(
        guard, http=Bounded, ws="websockets-sansio", ws_max_size=LONGEST, ws_per_message_deflate=False, lifespan="on",
        log_level="error", access_log=False, server_header=False, proxy_headers=False, timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=LONGEST,
    ))  # fmt: skip
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        run = await first(desk) if first else ""
        opened(guard.url(run))
        await asyncio.shield(serving)
    except BaseException:
        server.should_exit = True
        await serving
        raise


def closing(desk: Desk) -> Callable[[Starlette], Any]:
    """What ends with the server: its trainings, each saved."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await desk.close()

    return lifespan
