"""A process that runs one program: ``python -m bench.peers.worker PEER THREADS [MODE]``.

It reads lines of JSON from its input and answers each with one. The first names a workload and the folder of its data;
each further one asks for a run of so many steps, and perhaps names a file for the final weights. Thread settings are the
environment's, set by the driver, since BLAS libraries read them once.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from bench.peers.table import PEERS, Setup, Trainer
from bench.peers.workloads import WORKLOADS, problem


def main() -> None:
    """Answer until the input ends."""
    peer, setup = PEERS[sys.argv[1]], Setup(int(sys.argv[2]), "".join(sys.argv[3:]))
    answers, sys.stdout = sys.stdout, sys.stderr  # nothing that a library prints may come between the answers
    begin = json.loads(sys.stdin.readline())
    work = WORKLOADS[begin["workload"]]
    module = import_module(f"bench.peers.{peer.module}")
    train = module.prepare(work, problem(work, Path(begin["folder"]), peer.dtype), setup)
    for line in sys.stdin:
        answers.write(json.dumps(run(train, **json.loads(line))) + "\n")
        answers.flush()


def run(train: Trainer, steps: int, weights: str = "") -> dict[str, Any]:
    """Train once: the seconds of the loop, those of the whole call, and the most memory that the process has held."""
    begun = perf_counter()
    seconds, final = train(steps)
    if weights:
        np.savez(weights, *final)
    return {"seconds": seconds, "whole": perf_counter() - begun, "peak": peak_memory()}


def peak_memory() -> int:
    """In bytes; 0 where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return int(fields["VmHWM"].split()[0]) * 1024


if __name__ == "__main__":
    main()
