"""The driver: all programs on one workload after the other, in turns; then the report."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.peers import machine, record
from bench.peers.ours import ENGINE, trained
from bench.peers.session import Session, WorkerError
from bench.peers.table import PEERS, Peer, Setup
from bench.peers.workloads import WORKLOADS, Arrays, Workload, problem, write

PAUSE = 0.5  # seconds between two programs: threads of the one before may still be waiting for work, busily
HOPELESS = 1.5  # a setup that needs so many times as long as its program's best is run no more


class OtherWorkError(SystemExit):
    """A program ended with other weights: the comparison would mean nothing."""


def main() -> int:
    """Measure what the command line asks for, and write table and picture."""
    options = _options()
    kept = record.load(options.out) | {"machine": machine.describe(), "engine": ENGINE}
    found = kept.setdefault("workloads", {})
    with TemporaryDirectory(prefix="chainrule-bench-") as place:
        for name in options.only or WORKLOADS:
            work = _shorter(WORKLOADS[name]) if options.quick else WORKLOADS[name]
            found[name] = compare(work, options.rounds, [PEERS[peer] for peer in options.peer or PEERS], Path(place))
            # Its best moment counts here too: a machine that was busy at the start would seem slow.
            kept["machine"]["matmul_gflops"] = max(kept["machine"]["matmul_gflops"], round(machine.matmul_rate(), 1))
            kept["workloads"] = {name: found[name] for name in WORKLOADS if name in found}
            record.save(options.out, kept)
    return 0


def _shorter(work: Workload) -> Workload:
    """The same work in a tenth of the steps, of which there must be whole tens (ten are one graph of torch.compile)."""
    return replace(work, steps=max(work.steps // 100 * 10, 10), loop_steps=-(-work.loop_steps // 10))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--only", choices=WORKLOADS, action="append", help="this workload (may be repeated)")
    parser.add_argument("--peer", choices=PEERS, action="append", help="this program (may be repeated)")
    parser.add_argument("--rounds", type=int, default=5, help="measured runs of each program")
    parser.add_argument("--quick", action="store_true", help="a tenth of the steps: shows that it works, not how fast")
    parser.add_argument("--out", type=Path, default=record.folder(), help="where results are kept")
    return parser.parse_args()


def compare(work: Workload, rounds: int, peers: Sequence[Peer], folder: Path) -> dict[str, Any]:
    """The figures of these programs on this workload, as plain data."""
    print(f"\n{work.title}", file=sys.stderr)
    write(work, folder)
    sessions: list[Session] = []
    notes = []
    for peer in peers:
        ready, why = _ready(peer, work, folder)
        sessions += ready
        notes += [{"peer": peer.name, "note": why}] if why and not ready else []
    sessions = _measured(sessions, rounds)
    lines = [_line(session) for session in _best(sessions)]
    for session in sessions:
        session.end()
    for file in folder.glob(f"{work.name}-*"):
        file.unlink()
    return {"title": work.title, "flop": work.flop, "lines": lines + notes}


def _measured(sessions: list[Session], rounds: int) -> list[Session]:
    """Let them run in turns, so that a busy moment of the machine meets them all; gives those that were not dropped."""
    for turn in range(rounds):
        for session in sessions:
            time.sleep(PAUSE)
            session.measure()
        if turn == 0:
            sessions = _without_hopeless(sessions)
    return sessions


def _ready(peer: Peer, work: Workload, folder: Path) -> tuple[list[Session], str]:
    """Its sessions, warm and found to do the same work; or none, and why."""
    if find_spec(peer.needs) is None:
        return [], f"{peer.needs} is not installed"
    does = import_module(f"bench.peers.{peer.module}").does(work)
    if does is None:
        return [], "left out: it does no such training, or takes too long"
    sessions: list[Session] = []
    try:
        for setup in peer.setups:
            if setup.threads <= machine.cores():
                sessions.append(_warm(peer, setup, work, does, folder))
    except WorkerError as error:
        return sessions, f"{setup.title}: {error}"
    return sessions, ""


def _warm(peer: Peer, setup: Setup, work: Workload, does: Workload, folder: Path) -> Session:
    session = Session(peer, setup, work, folder)
    session.warm_up()
    apart = distance(session.weights(), does, folder, session.checked)
    print(f"  {peer.title}, {setup.title}: first run in {session.first:.1f} s, {apart:.1e} apart", file=sys.stderr)
    if not apart <= does.apart:
        raise OtherWorkError(f"{peer.title} ended {apart:.2g} from the reference on {work.name}; at most {does.apart:g}.")
    return session


def distance(weights: Arrays, work: Workload, folder: Path, steps: int) -> float:
    """How far weights are from those of the float64 reference, as a share of the way from the first weights."""
    first = problem(work, folder, "float64")
    _, expected = trained(work, first, steps, "reference", "float64")

    def length(pairs: Any) -> float:
        return float(np.sqrt(sum(np.sum((a - b.astype(float)) ** 2) for a, b in pairs)))

    return length(zip(expected, weights, strict=True)) / length(zip(expected, first.weights, strict=True))


def _without_hopeless(sessions: list[Session]) -> list[Session]:
    """Only setups that may still be their program's best one; the others end."""
    best = {s.peer.name: median(s.microseconds) for s in _best(sessions)}
    kept = [s for s in sessions if median(s.microseconds) <= HOPELESS * best[s.peer.name]]
    for session in sessions:
        if session not in kept:
            session.end()
    return kept


def _best(sessions: list[Session]) -> list[Session]:
    """Of each program the session with the lowest median."""
    ranked = sorted(sessions, key=lambda s: median(s.microseconds), reverse=True)
    return list({s.peer.name: s for s in ranked}.values())


def _line(session: Session) -> dict[str, Any]:
    """What is kept of a session."""
    return {
        "peer": session.peer.name, "setup": asdict(session.setup), "microseconds": session.microseconds,
        "cold": session.cold, "peak": session.peak,
    }  # fmt: skip
