"""chainrule evaluate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli import output, summary

if TYPE_CHECKING:
    import numpy as np

    from chainrule.data import Dataset
    from chainrule.runs.model import Model

WIDEST = 20  # classes of which a table of confusions can be read


def command(
    model: Annotated[str, typer.Argument(help="A run's folder, or a model file.", metavar="RUN|MODEL")],
    source: Annotated[
        str | None, typer.Argument(help="Data with answers; the run's own test set.", metavar="SOURCE")
    ] = None,
    delimiter: Annotated[str | None, typer.Option("--delimiter", help="The table's separator.", metavar="TEXT")] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="The table's encoding.", metavar="TEXT")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.", metavar="")] = False,
    threads: Annotated[str | None, typer.Option("--threads", help="For matrix products (1).", metavar="N")] = None,
) -> None:
    """Measure a network: its accuracy and what it confuses, or how far its values are off.

    [bold]Examples[/]

    [cyan]chainrule evaluate runs/mnist-1[/]   on the test set of its own data

    [cyan]chainrule evaluate runs/pets-1 more-pets.csv[/]
    """
    output.use_threads(threads)
    from chainrule.runs.model import load_model

    found = load_model(model)
    name, part, data = measured_on(found, model, source, delimiter, encoding)
    figures, confusion = found.figures(data)
    if json:
        output.as_json({
            "data": name, "part": part, "examples": len(data), **_finite(figures), "classes": found.classes,
            "confusion": None if confusion is None else confusion.tolist(),
        })  # fmt: skip
        return
    where = {"test": "the test part of ", "all": "all of "}[part]
    output.facts([("data", f"{where}{name}, {len(data):,} examples"), *summary.measured(figures, len(data))])
    if confusion is not None and found.classes is not None:
        confusions(found.classes, confusion)


def measured_on(
    model: Model, given: str, source: str | None, delimiter: str | None, encoding: str | None
) -> tuple[str, str, Dataset]:
    """The name of the data, which part of it, and that part."""
    from chainrule.errors import ConfigError
    from chainrule.runs import build
    from chainrule.runs.folder import Run

    how = {key: value for key, value in (("delimiter", delimiter), ("encoding", encoding)) if value is not None}
    if source is not None:
        return (Path(source).name or source, *model.data(source, **how))
    folder = Path(given) if Path(given).is_dir() else Path(given).parent
    if not Run(folder).config_file.is_file():
        raise ConfigError(
            f"{given} is not in a run's folder, which would name its data. Give it: chainrule evaluate {given} SOURCE"
        )
    splits = build.data_of(Run(folder).config())
    return (splits.name, *model.part(splits))


def _finite(figures: dict[str, float]) -> Any:
    from chainrule.io.strict_json import finite

    return finite(figures)


def confusions(classes: Sequence[str], counts: np.ndarray) -> None:
    """Print what was taken for what: as a table, or where there are many classes, the most frequent mistakes."""
    counts = counts[: len(classes), : len(classes)]
    output.say("")
    width = max(len(f"{counts.max():,}"), *(len(name) for name in classes)) + 1
    label = max(len(name) for name in classes)
    if len(classes) > WIDEST or label + len(classes) * width + 12 > max(output.out().width, 80):
        _mistakes(classes, counts)
        return
    output.say(("  true \\ said", "dim"))
    head = "".join(f"{name:>{width}}" for name in classes)
    output.say("  ", " " * label, (head, "cyan"), (f"{'right':>10}", "dim"))
    for i, name in enumerate(classes):
        cells = [(f"{f'{n:,}' if n else '·':>{width}}", _style(n, right=i == j)) for j, n in enumerate(counts[i].tolist())]
        total = int(counts[i].sum())
        output.say("  ", (f"{name:>{label}}", "cyan"), *cells, (f"{_share(int(counts[i, i]), total):>10}", "dim"))


def _share(n: int, total: int) -> str:
    return f"{100 * n / total:.1f} %" if total else "-"


def _style(n: int, *, right: bool) -> str:
    return "bold green" if right and n else "red" if n else "dim"


def _mistakes(classes: Sequence[str], counts: np.ndarray) -> None:
    import numpy as np

    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:10]
    pairs = [divmod(int(place), len(classes)) for place in order if wrong.flat[place]]
    output.say(("  the most frequent mistakes" if pairs else "  no mistakes", "bold"))
    width = len(f"{wrong.max():,}")
    output.facts([(f"{wrong[i, j]:>{width},} ×", f"{classes[i]} taken for {classes[j]}") for i, j in pairs])
