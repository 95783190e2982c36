"""What the commands train and resume share: training before the user's eyes, and the end of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from chainrule.cli import output, summary
from chainrule.cli.live import Watcher

if TYPE_CHECKING:
    from chainrule.runs.session import Session


def trained(
    session: Session, *, quiet: bool, json: bool, every: float | None, threads: int | None, record: bool = True
) -> None:
    """Train a session to its end, watched; then say how good the network is and what to do next."""
    from chainrule.io.strict_json import finite
    from chainrule.runs.build import counts
    from chainrule.runs.model import load_model
    from chainrule.runs.signals import Stopped

    folder, examples = session.run.folder, counts(session.config, session.splits).train
    done = session.network.state.step * (session.config.training["batch_size"] or examples) / examples
    history = session.network.history
    start(session, quiet=quiet, json=json)
    try:
        with Watcher(session.epochs, examples, done=done, quiet=quiet, json=json, history=history) as watcher:
            session.train(watcher, every=every, threads=threads, record=record)
    except Stopped as stop:
        stopped(session, stop)
        raise typer.Exit(stop.exit_code) from None
    model = load_model(session.run.model_file)  # what is measured is what has been written
    part, data = session.judged_on
    figures, _ = model.figures(data)
    report(session)
    if json:
        output.as_json({
            "event": "result", "folder": str(folder), "part": part, **finite(figures),
            "epochs": session.network.state.epoch, "seed": session.config.seed, "stopped": history.stopped,
            "engine": session.network.state.engine or None, "engine_reason": history.engine.partition(": ")[2] or None,
        })  # fmt: skip
        return
    if not quiet:
        output.note("")
    output.facts(summary.result(session, part, figures, len(data), watcher))
    output.say("")
    output.facts(summary.next_steps(session, folder))


def start(session: Session, *, quiet: bool, json: bool) -> None:
    """Say what is about to be trained, and where it is kept; the watcher adds what trains it, once that is chosen."""
    if json:
        output.as_json({"event": "start", "folder": str(session.run.folder), "config": session.config.as_dict()})
    if not quiet:
        facts: list[tuple[str, Any]] = list(summary.about(session.config, session.splits, session.network))
        output.facts([*facts, ("folder", str(session.run.folder))], stderr=True)


def stopped(session: Session, stop: Any) -> None:
    """Say what has been kept, and how to go on."""
    state, folder = session.network.state, session.run.folder
    if stop.at_once:
        output.note("\n", ("stopped at once", "bold"), f"; the last checkpoint is in {folder}.")
    else:
        epoch = f" after epoch {state.epoch:,}" if state.epoch else ""  # L-BFGS has no more than one
        where = f" after step {state.step:,} of epoch {state.epoch + 1:,}" if state.step else epoch
        output.note("\n", ("stopped", "bold"), f"{where}; all of it is saved.")
    output.note("  go on   ", (f"chainrule resume {folder}", "bold"))


def report(session: Session) -> None:
    """Make the page that a person opens."""
    from chainrule.report import write

    s = session
    write(
        s.run.folder, title=s.splits.name, config=s.config.as_dict(), history=s.run.metrics(), network=s.network,
        test=s.splits.test, schema=s.splits.schema,
    )  # fmt: skip


def seconds(text: str | None) -> float | None:
    """What ``--checkpoint-every`` says."""
    from chainrule.errors import ConfigError

    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise ConfigError(f"--checkpoint-every {text!r}: it is a number of seconds, at least 0.")
    return value


def default_folder(name: str) -> Path:
    """Where a run goes that was not told where."""
    from chainrule.runs.folder import numbered

    return numbered(Path("runs"), name)
