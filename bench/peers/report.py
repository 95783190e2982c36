"""The table of results, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from statistics import median
from typing import Any

from bench.peers.record import Record
from bench.peers.table import OURS, PEERS, Setup

HEAD = (
    "| program | setup | us a step | best | times chainrule | GFLOP/s | of matmul | first call | peak memory |",
    "|---|---|---:|---:|---:|---:|---:|---:|---:|",
)


def markdown(record: Record) -> str:
    """The whole page."""
    parts = ["# chainrule beside its peers", _machine(record), "![times chainrule's time a step](results.svg)"]
    parts += ["\n".join(_workload(found, record)) for found in record.get("workloads", {}).values()]
    if "accuracy" in record:
        parts.append("\n".join(_accuracy(record["accuracy"])))
    return "\n\n".join(parts) + "\n"


def ratios(found: dict[str, Any]) -> dict[str, float]:
    """Of each program of a workload: how many times chainrule's time a step it needs."""
    times = {line["peer"]: median(line["microseconds"]) for line in found["lines"] if "microseconds" in line}
    return {peer: time / times[OURS] for peer, time in times.items()} if OURS in times else {}


def _machine(record: Record) -> str:
    m = record["machine"]
    libraries = ", ".join(f"{name} {number}" for name, number in m["libraries"].items())
    return (
        f"{m['cpu']}, {m['cores']} cores ({', '.join(m['flags'])}), {m['memory_gib']} GiB; {m['system']}; {libraries}; "
        f"{date.today().isoformat()}; load before the start {m['load_before']}.\n"
        f"chainrule's engine: `{record.get('engine', '?')}`. Its own float32 matrix product reaches "
        f"{m['matmul_gflops']:.0f} GFLOP/s here (2048 x 2048, all threads). How it was measured: ../../README.md."
    )


def _workload(found: dict[str, Any], record: Record) -> Iterator[str]:
    yield f"## {found['title']}\n"
    yield from HEAD
    times = ratios(found)
    for line in sorted(found["lines"], key=lambda one: times.get(one["peer"], 1e9)):
        yield _row(line, times, found["flop"], record["machine"]["matmul_gflops"])


def _row(line: dict[str, Any], times: dict[str, float], flop: int, most: float) -> str:
    title = PEERS[line["peer"]].title
    if "note" in line:
        return f"| {title} | {line['note'].replace('|', '/')} | | | | | | | |"
    usual = median(line["microseconds"])
    rate = flop / usual / 1e3
    ratio = f"{times[line['peer']]:.2f}" if times else ""
    return (
        f"| {title} | {Setup(**line['setup']).title} | {usual:,.1f} | {min(line['microseconds']):,.1f} | {ratio} | "
        f"{rate:,.1f} | {rate / most:.0%} | {line['cold']:.1f} s | {line['peak'] / 2**20:,.0f} MiB |"
    )


def _accuracy(found: dict[str, Any]) -> Iterator[str]:
    yield "## Time to accuracy on MNIST, from the start of the process, compilation included (median of the seeds)\n"
    yield "| target | program | recipe | seconds | of them training | test accuracy | times chainrule |"
    yield "|---|---|---|---:|---:|---:|---:|"
    for target, lines in found.items():
        ours = next((line["seconds"] for line in lines if line["peer"] == OURS), None)
        for line in sorted(lines, key=lambda one: float(one["seconds"])):
            missed = " (missed)" * (line["accuracy"] < float(target))
            ratio = f"{line['seconds'] / ours:.2f}" if ours else ""
            yield (
                f"| {float(target):.0%} | {line['title']} | {line['recipe']} | {line['seconds']:.2f} | "
                f"{line['training']:.2f} | {line['accuracy']:.2%}{missed} | {ratio} |"
            )
