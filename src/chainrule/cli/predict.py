"""chainrule predict."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli import output

if TYPE_CHECKING:
    import numpy as np

    from chainrule.runs.model import Model

SLICE = 10_000  # examples that are computed and written at a time


def command(
    model: Annotated[str, typer.Argument(help="A run's folder, or a model file.", metavar="RUN|MODEL")],
    examples: Annotated[
        str, typer.Argument(help="A table, an .npz, an IDX file; - for a table on stdin.", metavar="INPUT")
    ],
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Also the output for each class.", metavar="")
    ] = False,
    delimiter: Annotated[str | None, typer.Option("--delimiter", help="The table's separator.", metavar="TEXT")] = None,
    encoding: Annotated[str, typer.Option("--encoding", help="The table's encoding.", metavar="TEXT")] = "utf-8",
    json: Annotated[bool, typer.Option("--json", help="A JSON object for each example.", metavar="")] = False,
    threads: Annotated[str | None, typer.Option("--threads", help="For matrix products (1).", metavar="N")] = None,
) -> None:
    """Print what a network says of examples, as a table: a label, or values in your units.

    [bold]Examples[/]

    [cyan]chainrule predict runs/pets-1 new.csv > labels.csv[/]

    [cyan]chainrule predict runs/mnist-1 images.npz --probabilities[/]

    [cyan]cut -d, -f1-4 pets.csv | chainrule predict runs/pets-1 -[/]
    """
    output.use_threads(threads)
    from chainrule import checks
    from chainrule.runs.model import load_model

    found = load_model(model)
    x = checks.inputs(read(found, examples, delimiter, encoding), found.network.architecture)[:]
    write = _write_json if json else _write_csv
    write(found, x, probabilities=probabilities)


def read(model: Model, examples: str, delimiter: str | None, encoding: str) -> np.ndarray:
    """The inputs in a file, or on stdin."""
    if examples != "-":
        return model.inputs(Path(examples), delimiter=delimiter, encoding=encoding)
    from chainrule.errors import DataError

    with _kept(sys.stdin.buffer) as path:
        try:
            return model.inputs(path, delimiter=delimiter, encoding=encoding)
        except DataError as error:
            raise DataError(str(error).replace(str(path), "standard input")) from None


@contextmanager
def _kept(stream: Any) -> Iterator[Path]:
    """A file of what comes in: a table is read twice."""
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "stdin.csv")
        with path.open("wb") as file:
            shutil.copyfileobj(stream, file)
        yield path


def _write_csv(model: Model, x: np.ndarray, *, probabilities: bool) -> None:
    classes = model.classes
    writer = csv.writer(sys.stdout, lineterminator="\n")
    names = list(model.targets) if classes is None else [model.targets[0] if model.schema else "prediction"]
    writer.writerow(names + (list(classes) if probabilities and classes else []))
    for outputs in _slices(model, x):
        labels = None if classes is None else model.labels(outputs)
        for i, row in enumerate(outputs.tolist()):
            if labels is None:
                writer.writerow([f"{value:.9g}" for value in row])
            else:
                writer.writerow([labels[i], *([f"{value:.6g}" for value in row] if probabilities else [])])


def _write_json(model: Model, x: np.ndarray, *, probabilities: bool) -> None:
    classes = model.classes
    for outputs in _slices(model, x):
        labels = None if classes is None else model.labels(outputs)
        for i, row in enumerate(outputs.tolist()):
            if labels is None:
                output.as_json(dict(zip(model.targets, row, strict=True)))
            else:
                more = {"probabilities": dict(zip(classes or (), row, strict=True))} if probabilities else {}
                output.as_json({"prediction": labels[i], **more})


def _slices(model: Model, x: np.ndarray) -> Iterator[np.ndarray]:
    """The outputs for some examples at a time."""
    for start in range(0, len(x), SLICE):
        yield model.outputs(x[start : start + SLICE])
