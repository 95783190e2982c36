"""What it costs to be watched: the steps of a compiled [784, 100, 10] training with and without a page that looks on.

The page is a client without a browser, which gives each frame back at once; a browser is to run elsewhere. Both take turns,
a second each, so that what else the machine does meets both alike. On a machine that others use, steps a second say little;
so the training's own processor time for a step is compared, too, and that is what is held to the target.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from chainrule.lab.assets import Assets
from chainrule.lab.serve import serve

ROUNDS, SECONDS = 40, 1.0
MOST = 0.10  # of the steps
RATES = (15.0, 2.0)  # frames a second: the usual, and the economical
RUN = {
    "data": {"source": "mnist"}, "network": {"hidden": [100], "activation": "sigmoid", "cost": "cross_entropy"},
    "training": {"epochs": 100_000, "batch_size": 10, "learning_rate": 0.5, "engine": "compiled"},
    "seed": 1, "paused": True,
}  # fmt: skip


class Page:
    """A client that paints nothing."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket, self.number, self.frames, self.bytes = socket, 0, 0, 0
        self.answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.state: dict[str, Any] = {}

    async def listen(self) -> None:
        """Take what comes, and give the frames back."""
        async for message in self.socket:
            if isinstance(message, bytes):
                self.frames, self.bytes = self.frames + 1, self.bytes + len(message)
                await self.socket.send('{"command": "ack"}')
                continue
            said = json.loads(message)
            if "id" in said:
                self.answers.pop(said["id"]).set_result(said)
            elif said["event"] == "state":
                self.state = said

    async def do(self, command: str, **values: Any) -> None:
        """A command, and its answer."""
        self.number += 1
        answer = self.answers[self.number] = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps({"id": self.number, "command": command, **values}))
        said = await answer
        if "error" in said:
            raise RuntimeError(said["error"])

    async def trained(self, fps: float, pid: int) -> tuple[float, float]:
        """Steps a second, and processor seconds a step, while this page looks so often."""
        await self.do("view", fps=fps)
        before, used, began = self.state["step"], processor_time(pid), perf_counter()
        await self.do("run")
        await asyncio.sleep(SECONDS)
        await self.do("pause")
        steps = self.state["step"] - before
        return steps / (perf_counter() - began), (processor_time(pid) - used) / steps


def processor_time(pid: int) -> float:
    """The seconds that all threads of a process have computed (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measured(root: Path) -> float:
    """Print what each rate costs; gives the share of the usual one."""
    addresses: list[str] = []
    server = asyncio.create_task(serve(root, port=0, assets=Assets(root), opened=addresses.append))
    while not addresses:
        await asyncio.sleep(0.01)
    origin, _, token = addresses[0].partition("/?token=")
    cookie, run = await asyncio.to_thread(begun, origin.removeprefix("http://"), token)
    address = f"ws{origin.removeprefix('http')}/api/runs/{run}/live"
    async with connect(address, additional_headers={"Cookie": cookie}, origin=origin, max_size=None) as socket:  # type: ignore[arg-type]
        page = Page(socket)
        listening = asyncio.create_task(page.listen())
        pid = json.loads((root / run / ".chainrule.lock").read_text())["pid"]
        await page.trained(0, pid)  # compiled, and its data read
        shares = [await share(page, fps, pid) for fps in RATES]
        listening.cancel()
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)
    return shares[0]


async def share(page: Page, fps: float, pid: int) -> float:
    """The share of its processor time that a training spends on being looked at so often."""
    frames, size = page.frames, page.bytes
    pairs = [(await page.trained(0, pid), await page.trained(fps, pid)) for _ in range(ROUNDS)]
    (alone, watched), seen = (np.median([pair[i] for pair in pairs], axis=0) for i in (0, 1)), page.frames - frames
    steps = 1 - median(b[0] / a[0] for a, b in pairs)
    spent = 1 - sum(a[1] for a, _ in pairs) / sum(b[1] for _, b in pairs)
    each = (page.bytes - size) / max(seen, 1) / 1000
    print(
        f"{fps:4.0f} frames a second: {seen / ROUNDS / SECONDS:4.1f} came, {each:.0f} kB each; {alone[0]:,.0f} steps/s "
        f"alone, {watched[0]:,.0f} watched: {100 * steps:.1f} % of the steps lost, {100 * spent:.1f} % of the processor"
    )
    return float(spent)


def begun(host: str, token: str) -> tuple[str, str]:
    """Begin the run, as the page would; gives the cookie and the run's id."""
    from http.client import HTTPConnection

    connection = HTTPConnection(host, timeout=300)
    connection.request("GET", f"/?token={token}")
    answer = connection.getresponse()
    answer.read()
    cookie = answer.headers["set-cookie"].split(";")[0]
    connection.request("POST", "/api/start", json.dumps(RUN), {"Cookie": cookie, "Origin": f"http://{host}"})
    return cookie, str(json.loads(connection.getresponse().read())["id"])


def main() -> int:
    """Print what being watched costs, and what it may; 1 where it is more."""
    with tempfile.TemporaryDirectory() as folder:
        lost = asyncio.run(measured(Path(folder)))
    print(f"the usual rate may cost {100 * MOST:.0f} %")
    return int(lost > MOST)


if __name__ == "__main__":
    sys.exit(main())
