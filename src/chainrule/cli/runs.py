"""``chainrule runs``: which runs there are, and what came out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli import output

HEADER = ("run", "data", "network", "epochs", "result", "recorded", "begun")


def command(
    folder: Annotated[str, typer.Argument(help="Where the runs are.", metavar="[DIR]")] = "runs",
    json: Annotated[bool, typer.Option("--json", help="One JSON object.", metavar="")] = False,
) -> None:
    """List the runs of a folder, newest first: data, network, epochs, result.

    [bold]Examples[/]

    [cyan]chainrule runs[/]   those in runs/

    [cyan]chainrule runs experiments --json[/]
    """
    found = sorted(_runs(Path(folder)), key=lambda row: row["begun"], reverse=True)
    if json:
        output.as_json({"runs": found})
    elif found:
        _show(found)
    else:
        output.note(f"There are no runs in {folder}. Begin one: chainrule train mnist")


def _runs(folder: Path) -> Iterator[dict[str, Any]]:
    """What is known of each run; of one that cannot be read, why."""
    from chainrule.errors import ChainruleError
    from chainrule.runs.folder import Run

    if not folder.is_dir():
        return
    for place in sorted({folder, *folder.iterdir()}):
        run = Run(place)
        if not run.config_file.is_file():
            continue
        row = {
            "run": str(place),
            "begun": datetime.fromtimestamp(run.config_file.stat().st_mtime).isoformat(" ", "minutes"),
        }
        try:
            yield row | _about(run)
        except (ChainruleError, OSError) as error:
            yield row | {"error": str(error).splitlines()[0]}


def _about(run: Any) -> dict[str, Any]:
    """The settings and results of a run, from its small files."""
    config, lines = run.config(), run.metrics()
    last = lines[-1] if lines else {}
    metrics = last.get("metrics") or {}
    name = next((key for key in ("accuracy", "r2") if key in metrics), "cost")
    recorded = run.recording_file.stat().st_size if run.recording_file.is_file() else 0
    return {
        "data": Path(config.source).name, "hidden": list(config.network["hidden"]), "epochs": len(lines),
        "of": config.training["epochs"], "finished": run.finished(), "figure": name,
        "value": metrics.get(name, last.get("cost")), "recorded": recorded,
    }  # fmt: skip


def _show(rows: list[dict[str, Any]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in HEADER:
        right = name in {"epochs", "recorded"}
        table.add_column(name, justify="right" if right else "left", overflow="fold", no_wrap=name in {"run", "result"})
    for row in rows:
        table.add_row(*(output.styled(cell) for cell in _cells(row)))
    output.out().print(table)


def _cells(row: dict[str, Any]) -> list[str]:
    """One line of the table."""
    if "error" in row:
        return [row["run"], "", "", "", row["error"], "", row["begun"]]
    value = row["value"]
    result = "" if value is None else f"{row['figure']} {value:.4g}"
    return [
        row["run"], row["data"], ",".join(map(str, row["hidden"])) or "no hidden layer",
        f"{row['epochs']:,}" + ("" if row["finished"] else f" of {row['of']:,}"), result,
        output.size(row["recorded"]) if row["recorded"] else "no", row["begun"],
    ]  # fmt: skip
