"""What it costs to be watched: the steps of a compiled [784, 100, 10] training with and without a page that looks on.

The page is a client without a browser, which gives each frame back at once. A browser is to run elsewhere: so the training
and the server have one core to themselves, and the client has another. With and without take turns, a second each, so that
what else the machine does meets both alike.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

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


async def measured(address: str) -> float:
    """Print what each rate costs; gives the share of the usual one."""
    origin, _, token = address.partition("/?token=")
    cookie, run, pid = await asyncio.to_thread(begun, origin.removeprefix("http://"), token)
    place = f"ws{origin.removeprefix('http')}/api/runs/{run}/live"
    async with connect(place, additional_headers={"Cookie": cookie}, origin=origin, max_size=None) as socket:  # type: ignore[arg-type]
        page = Page(socket)
        listening = asyncio.create_task(page.listen())
        await page.trained(0, pid)  # compiled, and its data read
        shares = [await share(page, fps, pid) for fps in RATES]
        listening.cancel()
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
        f"alone, {watched[0]:,.0f} watched: {100 * steps:.1f} % of the steps lost, {100 * spent:.1f} % to its own work"
    )
    return float(steps)


def begun(host: str, token: str) -> tuple[str, str, int]:
    """Begin the run, as the page would; gives the cookie, the run's id, and its process."""
    from http.client import HTTPConnection

    connection = HTTPConnection(host, timeout=300)
    connection.request("GET", f"/?token={token}")
    answer = connection.getresponse()
    answer.read()
    cookie = answer.headers["set-cookie"].split(";")[0]
    connection.request("POST", "/api/start", json.dumps(RUN), {"Cookie": cookie, "Origin": f"http://{host}"})
    run = str(json.loads(connection.getresponse().read())["id"])
    return cookie, run, json.loads(Path(run, ".chainrule.lock").read_text())["pid"]


def main() -> int:
    """Print what being watched costs, and what it may; 1 where it is more."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        command = [sys.executable, "-m", "chainrule", "lab", "--runs", ".", "--no-browser", "--port", "0"]
        os.sched_setaffinity(0, cores[:1])  # what begins now has this core, and so has what it begins
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        os.sched_setaffinity(0, cores[1:] or cores)
        try:
            assert server.stdout is not None
            lost = asyncio.run(measured(server.stdout.readline().split()[-1]))
        finally:
            server.terminate()
            server.wait(60)
    print(f"the usual rate may cost {100 * MOST:.0f} % of the steps")
    return int(lost > MOST)


if __name__ == "__main__":
    sys.exit(main())
