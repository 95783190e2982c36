"""``chainrule runs``: which runs there are, and what came out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli import output

HEADER = ("run", "data", "network", "epochs", "result", "recorded", "begun", "")


def command(
    folder: Annotated[str, typer.Argument(help="Where the runs are.", metavar="[DIR]")] = "runs",
    json: Annotated[bool, typer.Option("--json", help="One JSON object.", metavar="")] = False,
) -> None:
    """List the runs of a folder: data, network, epochs, result.

    [bold]Examples[/]

    [cyan]chainrule runs[/]   those in runs/

    [cyan]chainrule runs experiments --json[/]
    """
    from chainrule.runs.listing import listed

    found = listed(Path(folder))
    if json:
        output.as_json({"runs": found})
    elif found:
        _show(found)
    else:
        output.note(f"There are no runs in {folder}. Begin one: chainrule train mnist")


def _show(rows: list[dict[str, Any]]) -> None:
    """Print them as columns, however wide that is: a folder's name is there to be copied."""
    table = [HEADER, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for i, row in enumerate(table):
        line = "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        output.say((line, "bold") if i == 0 else line)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    """One line of the table."""
    if "error" in row:
        return row["run"], "", "", "", row["error"], "", row["begun"], ""
    value, parent = row["value"], row["parent"]
    result = "" if value is None else f"{row['figure']} {value:.4g}"
    return (
        row["run"], row["data"], ",".join(map(str, row["hidden"])) or "no hidden layer",
        f"{row['epochs']:,}" + ("" if row["finished"] else f" of {row['of']:,}"), result,
        output.size(row["recorded"]) if row["recorded"] else "no", row["begun"],
        f"from {Path(parent['run']).name} at {parent['step']:,}" if parent else "",
    )  # fmt: skip
