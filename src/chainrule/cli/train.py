"""chainrule train."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli import output, training
from chainrule.cli.flags import option, with_settings


def command(source: str | None = None, **flags: Any) -> None:
    """Train a network, and keep all of it in a run folder.

    [bold]Examples[/]

    [cyan]chainrule train mnist[/]   handwritten digits, which come with chainrule

    [cyan]chainrule train pets.csv --target kind --hidden 64,32[/]   a table with a header

    [cyan]chainrule train moons --activation tanh --epochs 200 --seed 7[/]   a toy

    [cyan]chainrule train digits/ --dropout 0.2 --patience 5[/]   a folder of IDX files, with early stopping

    [cyan]chainrule train --config runs/mnist-1/config.toml[/]   the same run again

    Each setting may also come from the environment (--clip-norm: CHAINRULE_CLIP_NORM) or from a config file; flags go
    before the environment, that before the file.
    """
    threads = output.use_threads(flags["threads"])
    from chainrule.runs import build, folder, session

    every = training.seconds(flags["checkpoint_every"])
    config = settled(source, flags)
    splits = build.data_of(config)
    config = build.completed(config, splits)
    network = build.network_of(config, splits)
    build.counts(config, splits)
    place = Path(flags["out"]) if flags["out"] else training.default_folder(splits.name)
    if flags["lab"]:
        refuse_without(flags, config)
    if flags["dry_run"]:
        dry_run(config, splits, network, place, json=flags["json"])
        return
    run = folder.prepare(place, force=flags["force"])
    if flags["lab"]:
        watched(run, config, flags)
        return
    with folder.held(run.folder):
        begun = session.new(run, config, splits, network, force=flags["force"])
        training.trained(
            begun, quiet=flags["quiet"], json=flags["json"], every=every, threads=threads, record=flags["record"]
        )


def refuse_without(flags: Mapping[str, Any], config: Any) -> None:
    """What the lab needs must be there before anything is written."""
    from chainrule.cli import lab
    from chainrule.errors import ConfigError

    lab.ready(flags["port"])
    if not flags["record"] or config.training["optimizer"] == "lbfgs":
        raise ConfigError("--lab shows a recording as it grows: it needs mini-batches, and no --no-record.")


def watched(run: Any, config: Any, flags: Mapping[str, Any]) -> None:
    """Train in the lab: a process of its own takes up the run that begins here."""
    from chainrule.cli import lab
    from chainrule.runs import folder

    with folder.held(run.folder):
        folder.begin(run, config, force=flags["force"])
    try:
        lab.serve(
            run.folder.parent, port=flags["port"], browser=flags["browser"],
            first=lambda desk: desk.begin_here(run.folder),
        )  # fmt: skip
    finally:
        output.note("  go on   ", (f"chainrule resume {run.folder}", "bold"))


def settled(source: str | None, flags: Mapping[str, Any]) -> Any:
    """The config that file, environment and flags make together."""
    from chainrule.runs import build, recipes, toml
    from chainrule.runs.config import checked, gathered, said

    begin = [checked(recipes.recipe(flags["recipe"]), where="recipe")] if flags.get("recipe") else []
    layers = [checked(toml.read(flags["config"]), where=flags["config"])] if flags["config"] else []
    return gathered(source, *begin, *(build.for_source(layer, source) for layer in layers), said(flags))


def dry_run(config: Any, splits: Any, network: Any, place: Path, *, json: bool) -> None:
    """Show what would be trained."""
    from chainrule.cli import summary

    if json:
        output.as_json({
            "event": "plan", "folder": str(place), "config": config.as_dict(), "sizes": network.sizes,
            "parameters": network.architecture.n_parameters, "task": splits.train.task,
        })  # fmt: skip
    else:
        output.facts(summary.plan(config, splits, network, place))


Text, Flag = str | None, bool
SOURCE = typer.Argument(
    help="mnist, a toy (circle, xor, moons, spirals, sine ...), a folder of IDX files, or a file .csv or .npz.",
    metavar="SOURCE", show_default=False,
)  # fmt: skip
RUN: tuple[tuple[str, Any, Any], ...] = (
    ("out", Annotated[Text, option("--out", "The run's folder (runs/NAME-1, runs/NAME-2 ...).", "DIR")], None),
    ("force", Annotated[Flag, option("--force", "Replace a run that stands there.")], False),
    ("config", Annotated[Text, option("--config", "Settings from a TOML file, such as a run's own.", "FILE")], None),
    ("recipe", Annotated[Text, option("--recipe", "Settings that go well together: best, for images of digits.", "NAME")],
     None),
    ("dry_run", Annotated[Flag, option("--dry-run", "Show what would be trained; write nothing.")], False),
    ("json", Annotated[Flag, option("--json", "Results as JSON, one object a line.")], False),
    ("quiet", Annotated[Flag, option("--quiet", "No progress on stderr.", "", "-q")], False),
    ("threads", Annotated[Text, option("--threads", "Processors to compute with (as many as are faster).", "N")], None),
    ("record", Annotated[Flag, option("--record/--no-record", "Write down what happens, step by step.")], True),
    ("lab", Annotated[Flag, option("--lab", "Watch it in the browser, and control it there.")], False),
    ("port", Annotated[Text, option("--port", "Of --lab; 0 for any that is free (7272).", "N")], None),
    ("browser", Annotated[Flag, option("--browser/--no-browser", "Of --lab: open the page.")], True),
    (
        "checkpoint_every",
        Annotated[Text, option("--checkpoint-every", "Save so often (after each epoch).", "SECONDS")], None,
    ),
)  # fmt: skip

with_settings(command, SOURCE, RUN)
