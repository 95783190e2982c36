"""``chainrule report``: a run as one file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from chainrule.cli import output

UNITS = {"": 10**6, "kb": 1000, "mb": 10**6, "gb": 10**9}


def command(
    run: Annotated[str, typer.Argument(help="The run's folder.", metavar="RUN")],
    out: Annotated[str | None, typer.Option("-o", "--out", help="The file (lab.html in the run).", metavar="FILE")] = None,
    max_size: Annotated[str, typer.Option("--max-size", help="Of the file: 500kB, 20MB.", metavar="SIZE")] = "8MB",
    steps: Annotated[
        str | None, typer.Option("--steps", help="From one step to another, such as 0:500 (all).", metavar="A:B")
    ] = None,
    precision: Annotated[
        str, typer.Option("--precision", help="Of its numbers: float16, float32 or float64.", metavar="NAME")
    ] = "float32",
    beside: Annotated[
        str | None, typer.Option("--with", help="Another run, whose curves are laid over those of this one.", metavar="RUN")
    ] = None,
    lesson: Annotated[
        str | None,
        typer.Option("--lesson", help="The lesson that it opens with: a name, or a file of your own.", metavar="NAME|FILE"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that stands there.", metavar="")] = False,
) -> None:
    """Write a run as one file that anybody can open, with the lab in it.

    [bold]Examples[/]

    [cyan]chainrule report runs/mnist-1 -o mnist.html[/]   send it to somebody

    [cyan]chainrule report runs/mnist-1 --max-size 2MB[/]   fewer of its steps, in a smaller file

    [cyan]chainrule report runs/mnist-1 --steps 0:500 --precision float64[/]   how it began, with every digit

    [cyan]chainrule report runs/mnist-2 --with runs/mnist-1[/]   with the curves of another run beside its own

    [cyan]chainrule report runs/circle-1 -o homework.html --lesson my-lesson.md[/]   a file to hand out: it opens there

    Of the recorded key frames as many are kept as the size allows: twice as many in float16, with three digits each.
    """
    from chainrule.errors import ConfigError
    from chainrule.io.durable import write_bytes
    from chainrule.lab.assets import MISSING, Assets
    from chainrule.lab.export import Extent, exported
    from chainrule.lab.handout import lesson as handed_out
    from chainrule.lab.history import History
    from chainrule.runs import folder

    first, last = between(steps)
    extent = Extent(size(max_size), precision, first, last)
    place = folder.recorded(run)
    other = None if beside is None else History(folder.recorded(beside))
    target = Path(out) if out else place.with_suffix(".html") if place.is_file() else place / "lab.html"
    if target.exists() and not force:
        raise ConfigError(f"{target} is there already; nothing was changed. Choose another name with -o, or add --force.")
    if not Assets().built and lesson is None:
        output.note(("note: ", "bold yellow"), MISSING, "\nInstead, the page of results is written, without the lab.")
        write_bytes(target, plain(run).encode())
    else:
        handed = None if lesson is None else handed_out(lesson, Assets())
        found = exported(History(place), extent, other=other, lesson=handed)
        kept = f"{found.frames:,} of {found.of:,} key frames" if found.frames < found.of else f"{found.of:,} key frames"
        output.note(f"  {output.size(found.size)}: the lab, and {kept} in {precision}")
        write_bytes(target, found.html.encode())
    output.say("written   ", (str(target), "bold"))


def size(text: str) -> int:
    """Bytes, of ``500kB`` or ``2.5MB``; without a unit, megabytes."""
    from chainrule.errors import ConfigError

    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?) ?([kmg]b)?", text.strip(), re.IGNORECASE)
    if not match or not float(match[1]):
        raise ConfigError(f"--max-size {text[:20]!r}: it is a size, such as 500kB or 20MB.")
    return int(float(match[1]) * UNITS[(match[2] or "").lower()])


def between(text: str | None) -> tuple[int, int | None]:
    """The two steps of ``100:500``, ``100:`` or ``:500``."""
    from chainrule.errors import ConfigError

    match = re.fullmatch(r"(\d{0,15}):(\d{0,15})", "0:" if text is None else text.strip(), re.ASCII)
    if not match:
        raise ConfigError(f"--steps {str(text)[:20]!r}: they are two steps with a colon between them, such as 0:500.")
    return int(match[1] or 0), int(match[2]) if match[2] else None


def plain(run: str) -> str:
    """The page of results of a run, which needs nothing built."""
    from chainrule.report.page import page
    from chainrule.runs import build, folder
    from chainrule.runs.model import load_model

    found, model = folder.find(run), load_model(run)
    config = found.config()
    splits = build.data_of(config)
    return page(splits.name, config.as_dict(), found.metrics(), model.network, splits.test, splits.schema)
