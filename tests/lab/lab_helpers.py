"""A lab that is served in a thread of this process, and a client that is no browser."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from chainrule.io.blobs import unpack
from chainrule.lab.assets import Assets
from chainrule.lab.serve import serve

SMALL = {
    "data": {"source": "moons", "n": 60}, "network": {"hidden": [4], "activation": "tanh"},
    "training": {"epochs": 200, "batch_size": 8, "engine": "numpy"}, "seed": 1, "paused": True, "speed": None,
}  # fmt: skip


@dataclass
class Client:
    """Somebody who has opened the printed address, or who has not."""

    port: int
    token: str
    root: Path
    cookie: str = ""
    links: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """What a page of this server sends as its origin."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: Any = None, **headers: str | None) -> tuple[int, dict[str, str], bytes]:
        """One request; a header that is None is left out."""
        own = {"Cookie": self.cookie or None, "Origin": self.origin if method == "POST" else None} | headers
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {key: value for key, value in own.items() if value is not None})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def json(self, path: str) -> Any:
        """What a question is answered with."""
        status, _, body = self.ask("GET", path)
        assert status == 200, body
        return json.loads(body)

    def enter(self) -> None:
        """Open the printed address."""
        status, headers, _ = self.ask("GET", f"/?token={self.token}")
        assert status == 302
        self.cookie = headers["set-cookie"].split(";")[0]

    def trainer(self, run: str) -> int:
        """The number of the process that trains a run: its lock names it."""
        return json.loads((self.root / run / ".chainrule.lock").read_text())["pid"]

    def start(self, **changes: Any) -> str:
        """Begin a run; gives its id."""
        status, _, body = self.ask("POST", "/api/start", json.dumps(SMALL | changes))
        assert status == 200, body
        return json.loads(body)["id"]

    @contextmanager
    def watch(self, run: str) -> Iterator[Page]:
        """Look at a run, as a page does."""
        with self.socket(run) as socket:
            yield Page(socket)

    def socket(self, run: str, **headers: str | None) -> ClientConnection:
        """The socket of a run; a header that is None is left out."""
        own = {"Cookie": self.cookie or None} | {"Origin": self.origin} | headers
        given = {key: value for key, value in own.items() if value is not None}
        address = f"ws://127.0.0.1:{self.port}/api/runs/{run}/live"
        return connect(address, additional_headers=given, compression=None, max_size=2**24, close_timeout=0.5)


@dataclass
class Page:
    """A page that looks at a run: it paints each frame at once."""

    socket: ClientConnection
    number: int = 0
    frames: list[tuple[int, bytes]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def take(self, seconds: float = 20.0, *, ack: bool = True) -> dict[str, Any]:
        """The next message that is no frame."""
        while (found := self.take_in(self.socket.recv(timeout=seconds), ack=ack)) is None:
            pass
        return found

    def take_in(self, message: str | bytes, *, ack: bool = True) -> dict[str, Any] | None:
        """A message; None of a frame."""
        if isinstance(message, str):
            return json.loads(message)
        self.frames.append((unpack(message)[1]["state"]["updates"], message))
        if ack:
            self.socket.send('{"command": "ack"}')
        return None

    def do(self, command: str, **values: Any) -> dict[str, Any]:
        """A command; gives its answer."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "command": command, **values}))
        while (found := self.take()).get("id") != self.number:
            self.events.append(found)
        return found

    def until(self, fits: Any, seconds: float = 30.0) -> dict[str, Any]:
        """The first event, of those that have come or will, that fits."""
        end = time.monotonic() + seconds
        for event in self.events:
            if fits(event):
                return event
        while time.monotonic() < end:
            event = self.take()
            self.events.append(event)
            if fits(event):
                return event
        raise AssertionError(f"no such event among {self.events[-5:]}")

    def is_closed(self, *messages: str | bytes, seconds: float = 10.0) -> bool:
        """Whether the server closes the socket when it is sent these messages."""
        try:
            for message in messages:
                self.socket.send(message)
            while True:
                self.take(seconds)
        except ConnectionClosed:
            return True
        except TimeoutError:
            return False

    def frame(self, step: int) -> bytes:
        """The frame after a step, once it has come."""
        while not self.frames or self.frames[-1][0] != step:
            message = self.socket.recv(timeout=20)
            self.take_in(message)
        return self.frames[-1][1]

    def stand(self, step: int) -> dict[str, Any]:
        """Wait until the training is paused after this step."""
        return self.until(lambda e: e.get("event") == "state" and not e["running"] and e["step"] >= step)


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@contextmanager
def served(root: Path, assets: Path) -> Iterator[Client]:
    """A lab whose runs are in a folder."""
    addresses: list[str] = []
    links: list[str] = []
    held: dict[str, Any] = {}

    async def run() -> None:
        held["loop"], held["task"] = asyncio.get_running_loop(), asyncio.current_task()
        try:
            await serve(root, port=0, assets=Assets(assets), opened=addresses.append, again=links.append)
        except asyncio.CancelledError:
            return

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    while not addresses and thread.is_alive():
        time.sleep(0.01)
    port, token = int(addresses[0].split(":")[2].split("/")[0]), addresses[0].partition("token=")[2]
    try:
        yield Client(port, token, root, links=links)
    finally:
        held["loop"].call_soon_threadsafe(held["task"].cancel)
        thread.join(40)
        assert not thread.is_alive()
