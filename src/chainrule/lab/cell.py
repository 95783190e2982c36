"""The cell of a notebook that trains a run once more, to the same bits."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from chainrule.data.load import options
from chainrule.lab.history import History
from chainrule.optimizers import OPTIMIZERS
from chainrule.record.store import RATE
from chainrule.runs import build
from chainrule.runs.config import Config, versions
from chainrule.runs.recorded import RecordedRun
from chainrule.train.rates import RATES
from chainrule.train.settings import Settings

WIDTH = 100
USUAL = {field.name: field.default for field in fields(Settings)} | {"layer_rates": {}, "engine": "auto"}
NAMED: Mapping[str, Mapping[str, Any]] = {
    "optimizer": {name: row.rates for name, row in OPTIMIZERS.items()},
    "schedule": {name: row.settings for name, row in RATES.items()},
}
ALWAYS = ("epochs", "batch_size", "learning_rate", "optimizer")


def cell(history: History) -> str:
    """Python that trains the same network on the same data; no path of this machine is in it.

    Raises
    ------
    DataError
        It is a recording alone, or the data is not there any more.
    """
    return history.looked(lambda run: _written(run, history.folder.name))


def _written(run: RecordedRun, name: str) -> str:
    parent = run.recording.facts.get("parent")
    imports = "from chainrule.runs.recorded import RecordedRun" if parent else "from chainrule import Network"
    net = _from_parent(parent) if parent else _from_nothing(run.config, run)
    lines = [
        *_notes(run, name),
        imports,
        "from chainrule.data import load",
        "",
        *_data(run.config),
        *net,
        _fit(run, parent),
    ]
    return "\n".join(lines) + "\n"


def _notes(run: RecordedRun, name: str) -> list[str]:
    """What one has to know of it."""
    used = ", ".join(f"{name} {version}" for name, version in versions().items())
    said = [f"{name}: the same numbers, bit for bit, on a machine of the same kind ({used})."]
    if Path(run.config.source).is_absolute():
        said.append("The data is a file of your own: put its path in place of its name.")
    if rates := [event for event in run.recording.events() if event["kind"] == RATE]:
        changes = ", ".join(f"{event['value']:g} after step {event['step']:,}" for event in rates[:5])
        more = ", and more" if len(rates) > 5 else ""
        said.append(
            f"The learning rate was changed by hand ({changes}{more}); this cell leaves that out, so it differs from there."
        )
    return [line for text in said for line in textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ")]


def _data(config: Config) -> list[str]:
    """How the data is loaded."""
    usual = options(config.source)
    given = {k: v for k, v in config.data.items() if k != "validation" and (k not in usual or usual[k] != v)}
    source = Path(config.source).name if Path(config.source).is_absolute() else config.source
    return [_call("data = load", repr(source), **given)]


def _from_nothing(config: Config, run: RecordedRun) -> list[str]:
    """The network with its first weights."""
    facts, how = run.recording.facts["network"], config.network
    kept = {k: how[k] for k in ("initial", "dtype") if k in how} | ({} if how.get("biases", True) else {"biases": False})
    names = [*build.hidden_activations(how), how["output"]]
    return [_call("net = Network", repr(facts["sizes"]), repr(names), repr(how["cost"]), **kept, seed=config.seed)]


def _from_parent(parent: Mapping[str, Any]) -> list[str]:
    """The network as it was where the run branched off."""
    folder = Path(str(parent["run"])).name
    lines = [
        f"with RecordedRun({f'runs/{folder}'!r}) as parent:  # the run that this one branched off from",
        f"    net = parent.at({parent['step']})",
    ]
    return [*lines, "net.state.learning_rate = net.state.in_place_of = None  # the new one counts"]


def _fit(run: RecordedRun, parent: Any) -> str:
    """How it is trained."""
    training = dict(run.config.training)
    classes = run.splits.train.classes is not None
    epochs, usual = training["epochs"], {**USUAL, "monitor": "accuracy" if classes else "cost"}
    training["schedule_epochs"] = training.get("schedule_epochs") or epochs
    named = {key: _name(key, value) for key, value in training.items()} | {"engine": run.recording.facts["engine"]}
    if named["schedule"] == "constant" or (named["schedule_epochs"] == epochs and not parent):
        named.pop("schedule_epochs")
    given = {key: value for key, value in named.items() if key in ALWAYS or value != usual.get(key)}
    first = [f"validation={_held_out(run)}", f"epochs={epochs}{' - net.state.epoch' * bool(parent)}"]
    return _call("net.fit", "data.train.x", "data.train.y", *first, **{k: v for k, v in given.items() if k != "epochs"})


def _held_out(run: RecordedRun) -> str:
    """What is held out, as Python."""
    found = build.validation_of(run.config, run.splits)
    return "(data.validation.x, data.validation.y)" if isinstance(found, tuple) else repr(found)


def _name(key: str, value: Any) -> Any:
    """A table with a name and the usual numbers, as the name alone."""
    if key not in NAMED or not isinstance(value, Mapping):
        return value
    usual = {"name": value["name"], **NAMED[key].get(value["name"], {})}
    return value["name"] if dict(value) == usual else dict(value)


def _call(function: str, *first: str, **named: Any) -> str:
    """A call, on as many lines as it needs."""
    parts = [*first, *(f"{key}={value!r}" for key, value in named.items())]
    line = f"{function}({', '.join(parts)})"
    if len(line) <= WIDTH:
        return line
    lines, begun = [], "   "
    for part in parts:
        if len(begun) + len(part) + 2 > WIDTH:
            lines.append(begun)
            begun = "   "
        begun += f" {part},"
    return "\n".join([f"{function}(", *lines, begun, ")"])
