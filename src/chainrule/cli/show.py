"""``chainrule show``: how a run learned, in the terminal; and any step of it once more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli import output
from chainrule.cli.live import sparkline
from chainrule.cli.plot import curve

if TYPE_CHECKING:
    from chainrule.record import Recording
    from chainrule.runs.recorded import RecordedRun

WIDEST = 100
FIGURES = {
    "gradient": "gradient |dC/dw|", "bias_gradient": "error |dC/db|", "weight": "weights |w|", "ratio": "update / weights",
    "saturated": "saturated neurons",
}  # fmt: skip


def command(
    run: Annotated[str, typer.Argument(help="The run's folder, or a recording's file.", metavar="RUN")],
    at: Annotated[int | None, typer.Option("--at", help="Do this step once more, bit for bit.", metavar="STEP")] = None,
    out: Annotated[
        str | None, typer.Option("-o", "--out", help="Write the network at that step to a file.", metavar="FILE")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.", metavar="")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that stands there.", metavar="")] = False,
) -> None:
    """Draw how a run learned: the cost of every step, the health of every layer.

    [bold]Examples[/]

    [cyan]chainrule show runs/mnist-1[/]   curves

    [cyan]chainrule show runs/mnist-1 --at 500 -o early.safetensors[/]   the network as it was after 500 steps

    Steps are counted from the first update; step 0 is the untrained network.
    """
    from chainrule.errors import ConfigError
    from chainrule.record import Recording
    from chainrule.runs import folder
    from chainrule.runs.recorded import RecordedRun

    if out and at is None:
        raise ConfigError(f"--out {out} needs a step: give --at STEP.")
    if out and Path(out).exists() and not force:
        raise ConfigError(f"{out} is there already; nothing was changed. Choose another name with -o, or add --force.")
    place = folder.recorded(run)
    if at is not None:
        if place.is_file():
            raise ConfigError(f"--at {at}: {run} is a recording alone, without the data that its steps need. Give a run.")
        with RecordedRun(place) as recorded:
            _at(recorded, at, out, json=json)
        return
    with Recording(place) if place.is_file() else RecordedRun(place).recording as recording:
        if json:
            output.as_json(_as_dict(recording))
        else:
            _draw(recording, place)


def _at(recorded: RecordedRun, step: int, out: str | None, *, json: bool) -> None:
    """The network after a step, measured; and written, if that was asked for."""
    import hashlib

    net = recorded.at(step)
    data = recorded.splits.validation or recorded.splits.test or recorded.splits.train
    found = net.evaluate(data.x, data.y)
    if out:
        net.save(out)
    figures = {"cost": found.cost, **found.metrics}
    digest = hashlib.sha256(net.parameters.flat.tobytes()).hexdigest()
    if json:
        output.as_json({"step": step, "epoch": net.state.epoch, **figures, "sha256": digest, "file": out})
        return
    where = "test" if data is recorded.splits.test else "training" if data is recorded.splits.train else "validation"
    output.facts([
        ("step", f"{step:,} of {recorded.recording.last:,} (epoch {net.state.epoch + 1:,}, its step {net.state.step:,})"),
        *((f"{where} {name.replace('_', ' ')}", output.figure(value)) for name, value in figures.items()),
        ("sha256", f"{digest[:16]}… of the parameters"),
        *([("written", out)] if out else []),
    ])  # fmt: skip


def _as_dict(recording: Recording) -> dict[str, Any]:
    steps, measures = recording.measures()
    plain = {
        name: {str(l): [_finite(v) for v in values] for l, values in layers.items()} for name, layers in measures.items()
    }
    costs = [_finite(c) for c in recording.costs()]
    facts = {key: recording.facts[key] for key in ("network", "seed", "batch_size", "steps_in_epoch", "engine")}
    return {
        **facts, "steps": recording.last, "costs": costs, "key_frames": recording.key_frames.tolist(),
        "measured": steps.tolist(), "measures": plain, "epochs": recording.epochs(), "events": recording.events(),
    }  # fmt: skip


def _finite(value: Any) -> float | None:
    """A number of JSON's, which has none that is not finite."""
    return float(value) if math.isfinite(value) else None


def _draw(recording: Recording, place: Path) -> None:
    """The curves, and a line for each layer and figure."""
    facts, width = recording.facts, min(output.out().width, WIDEST)
    output.facts([
        ("run", str(place)),
        ("network", " → ".join(map(str, facts["network"]["sizes"])) + f", {facts['network']['cost']}"),
        ("steps", f"{recording.last:,} ({facts['steps_in_epoch']:,} an epoch), {len(recording.key_frames):,} key frames"),
        *_parent(facts),
    ])  # fmt: skip
    costs = recording.costs()
    output.say("\n", ("cost of each step", "bold"))
    _lines(curve(range(1, len(costs) + 1), costs.tolist(), width=width))
    epochs = recording.epochs()
    for name in ("accuracy", "r2"):
        points = [(e["step"], e["metrics"][name]) for e in epochs if name in e["metrics"]]
        if len(points) > 1:
            output.say("\n", (f"validation {name}", "bold"))
            _lines(curve(*zip(*points, strict=True), width=width, height=6))
    _health(recording, width)
    for event in recording.events():
        output.say("\n", (event["kind"], "bold red"), f" after step {event['step']:,}: {event['value']}")


def _parent(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if parent := facts.get("parent"):
        yield "parent", f"{parent['run']}, after step {parent['step']:,}"


def _lines(lines: list[str]) -> None:
    for line in lines:
        output.say(line)


def _health(recording: Recording, width: int) -> None:
    """How each layer fared: a curve of blocks with its first and its last value."""
    import numpy as np

    steps, measures = recording.measures()
    if not len(steps):
        return
    measures["ratio"] = {l: v / measures["weight"][l] for l, v in measures["update"].items()}
    output.say("\n", (f"layers, at {len(steps):,} measured steps", "bold"), "   (each curve has its own scale)")
    for name, title in FIGURES.items():
        for l, values in measures[name].items():
            good = values[np.isfinite(values)]
            if len(good):
                line = sparkline(good.tolist(), max(width - 58, 8))
                output.say(f"  {title:<18} layer {l:<3} ", (f"{line}", "cyan"), f"  {good[0]:.3g} → {good[-1]:.3g}")
