"""``chainrule inspect``: what a model file or a run's folder holds, without training and without running anything of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from chainrule import modelfile
from chainrule.cli import output
from chainrule.errors import ChainruleError, ModelFileError
from chainrule.io import read_tensors, verify_tensors
from chainrule.network import Network
from chainrule.runs.folder import Run
from chainrule.runs.model import load_model

LONGEST = 60  # characters of a value of unknown origin


def command(
    path: Annotated[Path, typer.Argument(metavar="MODEL|RUN", help="A model file, or the folder of a run.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show what is in a model file or in a run: layers, numbers, training, data.

    [bold]Examples[/]

    [cyan]chainrule inspect runs/mnist-1[/]

    [cyan]chainrule inspect runs/mnist-1/model.safetensors --json[/]

    Any file may be given: it is checked before anything of it is used, and nothing in it can run.
    """
    found = facts(path)
    if json:
        output.as_json(found)
    else:
        _print(found)


# ----------------------------------------------------------------------------------------------------- what there is


def facts(path: Path) -> dict[str, Any]:
    """All that a model file or a run's folder says, as plain data.

    Raises
    ------
    ModelFileError
        It is no sound model.
    """
    run = Run(path) if path.is_dir() else None
    file = (run.model_file if run.finished() else run.checkpoint_file) if run else path
    if run and not file.exists():
        raise ModelFileError(f"{path} holds no model: there is neither {run.model_file.name} nor {file.name} in it.")
    model = load_model(file)
    tensors, metadata = read_tensors(file)
    notes = metadata.get("notes")
    stamp, net = verify_tensors(file), model.network
    found: dict[str, Any] = {
        "file": str(file), "bytes": file.stat().st_size, "sha256": _sha256(file), "format": stamp.format,
        "tensors_sha256": stamp.sha256, "network": modelfile.describe(net.architecture),
        "parameters": net.architecture.n_parameters, "seed": net.seed, "classes": model.classes, "data": model.name,
        "layers": list(_layers(net)), "tensors": [_tensor(name, t) for name, t in sorted(tensors.items())],
        "training": _training(net) if "training" in metadata else None,
        "notes": sorted(notes) if isinstance(notes, dict) else [],
        "schema": None if model.schema is None else _schema(model.schema.as_dict()),
    }  # fmt: skip
    return found | ({"run": _run(run)} if run else {})


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _layers(net: Network) -> Iterator[dict[str, Any]]:
    a = net.architecture
    yield {"layer": 1, "neurons": a.neurons(1), "activation": "input", "parameters": 0}
    for l in a.layers:
        count = a.neurons(l) * (a.neurons(l - 1) + a.biases)
        yield {"layer": l, "neurons": a.neurons(l), "activation": a.sigma(l).name, "parameters": count}


def _tensor(name: str, tensor: np.ndarray) -> dict[str, Any]:
    """A tensor's shape, and how its numbers are spread."""
    found: dict[str, Any] = {"name": name, "dtype": str(tensor.dtype), "shape": list(tensor.shape)}
    if tensor.size:
        values = tensor.astype(np.float64)
        found |= {key: float(getattr(values, key)()) for key in ("min", "mean", "max", "std")}
    return found


def _training(net: Network) -> dict[str, Any]:
    """Where training stands."""
    state, last = net.state, net.history[-1].as_dict() if len(net.history) else None
    return {
        "optimizer": state.optimizer or None, "epochs": state.epoch, "steps_into_epoch": state.step,
        "updates": state.updates, "best_epoch": state.best_epoch or None, "stopped": net.history.stopped or None,
        "last_epoch": last,
    }  # fmt: skip


def _schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What the model knows of the user's table, in short."""
    names = {which: [f"{c['name']} ({c['kind']})" for c in schema[which]] for which in ("columns", "targets")}
    return {"task": schema["task"], "missing": schema["missing"], **names}


def _run(run: Run) -> dict[str, Any]:
    """What the folder of a run says beside its model; what of it cannot be read is said, and is no failure here."""
    found: dict[str, Any] = {"folder": str(run.folder), "finished": run.finished()}
    for name, read in (("config", lambda: run.config().as_dict()), ("epochs", lambda: len(run.metrics()))):
        try:
            found[name] = read()
        except (ChainruleError, OSError) as error:
            found[name] = f"unreadable: {error}"
    return found


# --------------------------------------------------------------------------------------------------------- printing


def shown(value: object, limit: int = LONGEST) -> str:
    r"""A text of unknown origin as a terminal may print it: no control characters, one line, not long.

    >>> shown("red\x1b[31m")
    'red\\x1b[31m'
    """
    text = str(value)
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: limit + 1])
    return safe if len(text) <= limit else safe[: limit - 1] + "…"


def _print(found: Mapping[str, Any]) -> None:
    output.facts(_lines(found, found["network"]))
    output.say("")
    _table(("layer", "neurons", "activation", "parameters"), {2}, [
        (row["layer"], f"{row['neurons']:,}", shown(row["activation"]), f"{row['parameters']:,}") for row in found["layers"]
    ])  # fmt: skip
    output.say("")
    spread = ("min", "mean", "max", "std")
    _table(("tensor", "dtype", "shape", "min", "mean", "max", "sd"), {0, 1, 2}, [
        (t["name"], t["dtype"], " × ".join(map(str, t["shape"])), *(_number(t.get(key)) for key in spread))
        for t in found["tensors"]
    ])  # fmt: skip


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}".replace("-", "−")


def _lines(found: Mapping[str, Any], network: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The facts that are one line each."""
    yield "file", f"{shown(found['file'], 200)}, {found['bytes']:,} bytes, format {found['format']}"
    yield "sha256", found["sha256"]
    sizes = " → ".join(f"{n:,}" for n in network["sizes"])
    biases = "" if network["biases"] else ", no biases"
    yield "network", f"{sizes}, {network['cost'].replace('_', ' ')} cost, {network['dtype']}{biases}"
    yield "parameters", f"{found['parameters']:,}"
    yield "seed", str(found["seed"])
    yield "data", shown(found["data"])
    if found["classes"]:
        yield "classes", _some(found["classes"])
    if schema := found["schema"]:
        yield "columns", _some(schema["columns"])
        yield "targets", f"{_some(schema['targets'])}; {schema['task']}, empty cells: {schema['missing']}"
    yield "training", _trained(found["training"])
    if run := found.get("run"):
        epochs = run["epochs"] if isinstance(run["epochs"], str) else f"{output.counted(run['epochs'], 'epoch')} recorded"
        yield (
            "run",
            f"{shown(run['folder'], 200)}, {'finished' if run['finished'] else 'not finished'}, {shown(epochs, 200)}",
        )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 12:,} more" if len(names) > 12 else ""
    return ", ".join(shown(name, 24) for name in names[:12]) + more


def _trained(training: Mapping[str, Any] | None) -> str:
    if training is None:
        return "not kept in this file: it predicts, and can be trained anew"
    last = training["last_epoch"]
    cost = f", cost {last['cost']:.4g}" if last else ""
    stopped = f"; {shown(training['stopped'], 100)}" if training["stopped"] else ""
    keys = (("epochs", "epoch"), ("steps_into_epoch", "step"), ("updates", "update"))
    epochs, steps, updates = (output.counted(training[key], noun) for key, noun in keys)
    done = f"{epochs} and {steps}, {updates}"
    return f"{training['optimizer'] or 'none'}, {done}{cost}{stopped}"


def _table(heads: tuple[str, ...], left: set[int], rows: list[tuple[Any, ...]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for i, head in enumerate(heads):
        table.add_column(head, justify="left" if i in left else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(output.styled(str(cell)) for cell in row))
    output.out().print(table, soft_wrap=True)
