"""What the engine says of a run after a step: what is wrong with it, and which classes it takes for which."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.checks import targets
from chainrule.diagnosing.case import picked
from chainrule.diagnosing.opened import next_step, recorded
from chainrule.diagnosing.result import Diagnosis
from chainrule.diagnosing.table import BY_ID, measured
from chainrule.diagnosing.table import findings as found_in
from chainrule.errors import ChainruleError, ConfigError, DataError, DivergenceError
from chainrule.lab import frames
from chainrule.lab.cell import cell
from chainrule.lab.history import History
from chainrule.network import Network
from chainrule.randomness import permutation
from chainrule.runs import build
from chainrule.runs.recorded import RecordedRun
from chainrule.train import metrics
from chainrule.train.training import held_out

MOST = 10_000  # examples that are judged: enough for a hundredth of a percent
CLASSES = 20  # of a table that can still be read
WALKED = 64  # examples of a mini-batch that one would look at one by one
CARRIED = 2**18  # numbers of examples that a file carries beside its table of classes


def findings(history: History, step: int | None = None) -> dict[str, Any]:
    """What `diagnose` finds of the network after a step, as plain data; without a number, after the last.

    Raises
    ------
    DataError
        The step is not recorded, or the data is not there any more.
    """
    case = history.looked(lambda run: recorded(run, _last(run) if step is None else step))
    begun = time.perf_counter()
    numbers = measured(replace(case, diverged=_diverged(history, case.network)))
    said = Diagnosis("", found_in(numbers), numbers, time.perf_counter() - begun, case).as_dict()
    told = [{**found, "measures": BY_ID[found["id"]].measures} for found in said["findings"]]
    return {"step": case.network.state.updates, "examples": said["examples"], "findings": told}


def _last(run: RecordedRun) -> int:
    return run.recording.last


def _diverged(history: History, net: Network) -> DivergenceError | None:
    """What the step after this one comes to, where the training broke off there."""
    step, events = net.state.updates, history.looked(lambda run: run.recording.events())
    if not any(event["kind"].endswith("Error") and event["step"] <= step for event in events):
        return None
    return history.looked(lambda run: next_step(run.config, run.splits, run.at(step)))


def judged_on(run: RecordedRun, net: Network) -> tuple[str, Any, Any]:
    """Examples that the network has not learned from, or where there are none, those that it has; and which they are."""
    validation, splits = build.validation_of(run.config, run.splits), run.splits
    if isinstance(validation, tuple):
        return "held-out", *validation
    if validation:
        x, y = splits.train.x, splits.train.y
        rows, _ = targets(y, len(y), net.architecture)
        held = held_out(rows, validation, net.seed, by_class=splits.train.classes is not None)
        return "held-out", x[held], y[held]
    chosen, part = (splits.train, "training") if splits.test is None else (splits.test, "test")
    return part, chosen.x, chosen.y


def confusion(history: History, step: int | None = None) -> dict[str, Any]:
    """How often each class (row) is taken for each (column) after a step, and the place of one example of each kind.

    Raises
    ------
    ConfigError
        The network tells no classes, or too many for a table.
    DataError
        The step is not recorded, or the data is not there any more.
    """
    run, net = history.looked(lambda run: (run, run.at(_last(run) if step is None else step)))
    a = net.architecture
    classes = max(a.neurons(a.L), 2)
    if not net.classify or classes > CLASSES:
        what = f"{classes:,} classes, and a table is made of {CLASSES} at most" if net.classify else "no classes"
        raise ConfigError(f"this network tells {what}.")
    part, x, y = judged_on(run, net)
    rows = np.arange(len(x)) if len(x) <= MOST else np.sort(permutation(0, "validation", len(x))[:MOST])
    inputs, wanted = picked(a, x, y, rows)
    with np.errstate(all="ignore"):
        outputs = net.feedforward(inputs)
    pairs = metrics.classes_of(wanted, a.cost.middle) * classes + metrics.classes_of(outputs, a.cost.middle)
    sample = np.full(classes * classes, -1)
    kinds, first = np.unique(pairs, return_index=True)
    sample[kinds] = rows[first]
    return {
        "step": net.state.updates, "part": part, "examples": len(rows), "of": len(x),
        "counts": metrics.confusion(outputs, wanted, a.cost.middle).tolist(),
        "sample": [[i if i >= 0 else None for i in row] for row in sample.reshape(classes, classes).tolist()],
    }  # fmt: skip


def examples(history: History, rows: list[int]) -> bytes:
    """Some of the examples that `confusion` judges by, by their places, as tensors.

    Raises
    ------
    DataError
        There is no such example.
    """
    run, net = history.looked(lambda run: (run, build.network_of(run.config, run.splits)))
    _, x, y = judged_on(run, net)
    if rows and not 0 <= min(rows) <= max(rows) < len(x):
        raise DataError(f"row {max(rows):,} is not there: there are {len(x):,} examples.")
    return frames.examples(*picked(net.architecture, x, y, np.array(rows, int)))


def batch(history: History, step: int) -> bytes:
    """The mini-batch that comes after a step, as tensors: what the page walks through, example by example.

    Raises
    ------
    ConfigError
        It has more examples than one would walk through.
    DataError
        The step is not recorded, or the data is not there any more.
    """
    run, size = history.looked(lambda run: (run, int(run.recording.facts["batch_size"])))
    if size > WALKED:
        raise ConfigError(f"a mini-batch of {size:,} examples is too long to walk through; up to {WALKED} are.")
    return frames.examples(*history.looked(lambda _: run.batch(step)))


def carried(history: History, step: int) -> dict[str, Any]:
    """What a file has of all this, of its last step; and the cell that trains the run again. Nothing without the data."""
    found: dict[str, Any] = {}
    try:
        found["cell"] = {"text": cell(history)}
        found["findings"] = findings(history, step)
        found["confusion"] = table = confusion(history, step)
    except ChainruleError:
        return found
    room = max(1, CARRIED // history.looked(lambda run: run.splits.train.n_features))
    # the mistakes first: they are what one wants to look at
    kinds = [(i, j) for i, row in enumerate(table["sample"]) for j, at in enumerate(row) if at is not None]
    kept = sorted(kinds, key=lambda kind: (kind[0] == kind[1], -table["counts"][kind[0]][kind[1]]))[:room]
    found["held-out"] = examples(history, [table["sample"][i][j] for i, j in kept])
    places = {kind: place for place, kind in enumerate(kept)}
    table["sample"] = [[places.get((i, j)) for j in range(len(row))] for i, row in enumerate(table["sample"])]
    return found
