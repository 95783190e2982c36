"""``chainrule diagnose``: what is wrong with a run, and what to try."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chainrule.cli import output

if TYPE_CHECKING:
    from chainrule.document import Document


def command(
    run: Annotated[str | None, typer.Argument(help="A run's folder.", metavar="RUN")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write the report: .html, .md, .pdf, .txt or .tex.", metavar="FILE")
    ] = None,
    plots: Annotated[
        Path | None, typer.Option("--plots", help="Write its drawings as SVG files.", metavar="FOLDER")
    ] = None,
    step: Annotated[
        str | None, typer.Option("--step", help="Of a recorded run: as it was after so many updates.", metavar="N")
    ] = None,
    png: Annotated[bool, typer.Option("--png", help="And as PNG files, too (needs Typst).", metavar="")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.", metavar="")] = False,
    rules: Annotated[bool, typer.Option("--rules", help="All that can be found, and from where on.", metavar="")] = False,
    threads: Annotated[str | None, typer.Option("--threads", help="For matrix products (1).", metavar="N")] = None,
) -> None:
    """Say what is wrong with a run, and what to try.

    The worst comes first, and each finding has its number and its equation.

    [bold]Examples[/]

    [cyan]chainrule diagnose runs/mnist-1[/]

    [cyan]chainrule diagnose runs/mnist-1 -o diagnosis.html[/]   with drawings

    [cyan]chainrule diagnose runs/mnist-1 --step 0[/]   as it was before training; any recorded step

    [cyan]chainrule diagnose runs/mnist-1 --json[/]   for programs

    It ends with exit code 0, whatever it finds.
    """
    output.use_threads(threads)
    from chainrule.diagnosing import diagnose
    from chainrule.errors import ConfigError

    if rules:
        show_rules(json=json)
        return
    if run is None:
        raise ConfigError("there is no run. Give its folder: chainrule diagnose runs/mnist-1")
    if png and not plots:
        raise ConfigError("--png says how drawings are written: say where, too: --plots FOLDER.")

    if step is not None and not (step.isascii() and step.isdigit()):
        raise ConfigError(f"--step {step!r}: it is a whole number, counted from the first update.")
    found = diagnose(run, step=None if step is None else int(step))
    if json:
        output.as_json(found.as_dict())
    document = found.document() if out or plots or not json else None
    if document and out:
        document.save(out)
        output.note(("report   ", "dim"), str(out))
    if document and plots:
        draw(document, plots, png=png)
    if document and not (json or out or plots):
        sys.stdout.write(document.text(color=output.out().color_system is not None))


def show_rules(*, json: bool) -> None:
    """Print the table of all that can be found."""
    from chainrule.diagnosing.finding import said
    from chainrule.diagnosing.table import ROWS

    if json:
        names = ("id", "title", "measures", "usual", "bound", "above", "when", "equation", "sentence", "remedy", "after")
        output.as_json({"rules": [{name: getattr(row, name) for name in names} for row in ROWS]})
        return
    for row in ROWS:
        output.say((row.title, "bold"), (f"  {row.equation}", "cyan"))
        beyond = "" if row.id == "not_finite" else f" is {'above' if row.above else 'below'} {said(row.bound)}"
        when = row.when.replace("\N{NO-BREAK SPACE}", " ")
        output.say(f"  {row.measures}{beyond}{', ' if when else ''}{when}")
    output.say("")
    output.say(f"{output.counted(len(ROWS), 'finding')}; one that follows from another is told after it.")


def draw(document: Document, folder: Path, *, png: bool) -> None:
    """Write the drawings of a document into a folder."""
    from chainrule.document import Figure
    from chainrule.document.raster import png as as_png
    from chainrule.errors import ResourceError
    from chainrule.io import write_bytes

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceError(f"The folder {folder} cannot be made: {error.strerror}.") from error
    for i, figure in enumerate((block for block in document.blocks if isinstance(block, Figure)), 1):
        words = re.match(r"[\w ]+", figure.alt)
        path = folder / f"{i}-{words[0].lower().replace(' ', '-') if words else 'drawing'}.svg"
        files = {path: figure.svg.encode()} | ({path.with_suffix(".png"): as_png(figure.svg)} if png else {})
        for name, content in files.items():
            write_bytes(name, content)
            output.note(("drawing  ", "dim"), str(name))
