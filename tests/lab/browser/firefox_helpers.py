"""Firefox as it is installed, driven by WebDriver BiDi: JSON over a socket, which Firefox speaks by itself."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
PATIENCE = 60.0  # seconds
EVENTS = ["network.beforeRequestSent", "log.entryAdded"]
PREFERENCES = {"browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False}


@dataclass
class Firefox:
    """One page of it, and what went on there."""

    socket: ClientConnection
    page: str = ""
    number: int = 0
    requests: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def ask(self, method: str, **params: Any) -> Any:
        """A command, and its result."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while (said := json.loads(self.socket.recv(timeout=PATIENCE))).get("id") != self.number:
            self._hear(said)
        assert said["type"] == "success", said
        return said["result"]

    def _hear(self, said: dict[str, Any]) -> None:
        if said.get("method") == "network.beforeRequestSent":
            self.requests.append(said["params"]["request"]["url"])
        elif said.get("method") == "log.entryAdded" and said["params"]["level"] in {"error", "warn"}:
            self.wrong.append(said["params"]["text"])

    def open(self, url: str) -> None:
        """Go to a page."""
        self.page = self.ask("browsingContext.getTree")["contexts"][0]["context"]
        self.ask("session.subscribe", events=EVENTS)
        self.ask("browsingContext.navigate", context=self.page, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """What an expression is in the page; of what is no plain value, nothing."""
        found = self.ask("script.evaluate", expression=expression, target={"context": self.page}, awaitPromise=True)
        assert found["type"] == "success", found
        return found["result"].get("value")

    def wait(self, expression: str) -> Any:
        """Wait until an expression is true, or something at all."""
        end = time.monotonic() + PATIENCE
        while not (found := self.evaluate(expression)):
            assert time.monotonic() < end, expression
            time.sleep(0.1)
        return found

    def click(self, element: str) -> None:
        """Press on an element, which an expression gives, as a hand does."""
        self.evaluate(f"{element}.scrollIntoView({{ block: 'center' }})")
        box = f"(() => {{ const b = {element}.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2] }})()"
        x, y = (round(each["value"]) for each in self.evaluate(box))
        steps = [{"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "actions": [*steps, {"type": "pointerUp", "button": 0}]}
        self.ask("input.performActions", context=self.page, actions=[mouse])


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """Start it, without a window, with a profile of its own; no process of it is left."""
    lines = [f'user_pref("{name}", {json.dumps(value)});\n' for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    command = [FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port=0", "about:blank"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        address = next(filter(None, (re.search(r"ws://\S+", line) for line in process.stderr)))[0]
        with connect(f"{address}/session", max_size=None) as socket:
            found = Firefox(socket)
            found.ask("session.new", capabilities={})
            yield found
            found.ask("session.end")
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
