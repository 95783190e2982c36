"""A worker as the driver sees it: started with its thread settings, asked for runs, ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.peers.table import Peer, Setup
from bench.peers.workloads import Arrays, Workload

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class WorkerError(RuntimeError):
    """A worker ended before its answer; the message is its last error."""


@dataclass(eq=False)
class Session:
    """One process that trains one workload with one program in one setup."""

    peer: Peer
    setup: Setup
    work: Workload
    folder: Path
    microseconds: list[float] = field(default_factory=list)  # a step, of each measured run
    first: float = 0.0  # seconds of the first run, in which programs compile
    peak: int = 0

    def __post_init__(self) -> None:
        command = [sys.executable, "-m", "bench.peers.worker", self.peer.name, str(self.setup.threads), self.setup.mode]
        self._log = self.folder / f"{self.peer.name}-{self.setup.threads}-{self.setup.mode}.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                env=environment(self.setup.threads, self.folder),
            )  # fmt: skip
        self._send({"workload": self.work.name, "folder": str(self.folder)})

    @property
    def steps(self) -> int:
        """Of a measured run."""
        return self.work.loop_steps if self.peer.module == "loop" else self.work.steps

    @property
    def checked(self) -> int:
        """Steps after which the weights are compared."""
        return min(self.work.checked, self.steps)

    def run(self, steps: int, weights: str = "") -> dict[str, Any]:
        """Let it train so many steps."""
        self._send({"steps": steps, "weights": weights})
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            lines = self._log.read_text().strip().splitlines()
            raise WorkerError(next((line for line in reversed(lines) if "Error" in line), "it ended without a word"))
        answer: dict[str, Any] = json.loads(line)
        self.peak = answer["peak"]
        return answer

    def warm_up(self) -> None:
        """The first run: it is timed apart."""
        self.first = self.run(self.steps)["whole"]

    def measure(self) -> None:
        """One measured run."""
        self.microseconds.append(self.run(self.steps)["seconds"] / self.steps * 1e6)

    @property
    def cold(self) -> float:
        """How many seconds longer than a measured run the first one took."""
        return max(0.0, self.first - median(self.microseconds) * self.steps / 1e6)

    def weights(self) -> Arrays:
        """The weights after the checked steps."""
        path = self.folder / "weights.npz"
        self.run(self.checked, str(path))
        with np.load(path) as file:
            return [file[name] for name in file.files]

    def end(self) -> None:
        """Let the process go."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # it has ended; the missing answer tells why


def environment(threads: int, folder: Path) -> dict[str, str]:
    """The variables of a worker: so many threads everywhere (0: no word about them), no old compiler cache."""
    kept = {name: value for name, value in os.environ.items() if name not in THREADS}
    kept["TORCHINDUCTOR_CACHE_DIR"] = str(
        folder / "inductor"
    )  # else it would find what an earlier measurement has compiled
    return kept | (dict.fromkeys(THREADS, str(threads)) if threads else {})
