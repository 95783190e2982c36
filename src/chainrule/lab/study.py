"""What the engine says of a run after a step: what is wrong with it, and which classes it takes for which."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import numpy as np

from chainrule.diagnosing.case import picked
from chainrule.diagnosing.result import Diagnosis
from chainrule.diagnosing.table import BY_ID, measured
from chainrule.diagnosing.table import findings as found_in
from chainrule.errors import ChainruleError, ConfigError, DataError
from chainrule.lab import frames
from chainrule.lab.cell import cell
from chainrule.lab.history import History
from chainrule.randomness import permutation
from chainrule.train import metrics

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
    case = history.asked(lambda it, recording: it.case(recording, recording.last if step is None else step))
    begun = time.perf_counter()
    numbers = measured(case)
    said = Diagnosis("", found_in(numbers), numbers, time.perf_counter() - begun, case).as_dict()
    told = [{**found, "measures": BY_ID[found["id"]].measures} for found in said["findings"]]
    return {"step": case.network.state.updates, "examples": said["examples"], "findings": told}


def measures(history: History, step: int) -> dict[str, Any]:
    """The figures of a step, layer by layer, as curves have them of measured steps; of step 0, those of the first.

    Raises
    ------
    DataError
        The step is not recorded, or the data is not there any more.
    """
    done = max(step, 1)
    found = history.asked(lambda it, recording: it.measures(recording, done))
    table = {name: {str(l): frames.plain(np.array([value])) for l, value in row.items()} for name, row in found.items()}
    return {"step": step, "steps": [done], **table}


def confusion(history: History, step: int | None = None) -> dict[str, Any]:
    """How often each class (row) is taken for each (column) after a step, and the place of one example of each kind.

    Raises
    ------
    ConfigError
        The network tells no classes, or too many for a table.
    DataError
        The step is not recorded, or the data is not there any more.
    """
    net = history.asked(lambda it, recording: it.at(recording, recording.last if step is None else step))
    a = net.architecture
    classes = max(a.neurons(a.L), 2)
    if not net.classify or classes > CLASSES:
        what = f"{classes:,} classes, and a table is made of {CLASSES} at most" if net.classify else "no classes"
        raise ConfigError(f"this network tells {what}.")
    by = history.asked(lambda it, _: it.judged())
    rows = np.arange(len(by.x)) if len(by.x) <= MOST else np.sort(permutation(0, "validation", len(by.x))[:MOST])
    inputs, wanted = picked(a, by.x, by.y, rows)
    with np.errstate(all="ignore"):
        outputs = net.feedforward(inputs)
    pairs = metrics.classes_of(wanted, a.cost.middle) * classes + metrics.classes_of(outputs, a.cost.middle)
    sample = np.full(classes * classes, -1)
    kinds, first = np.unique(pairs, return_index=True)
    sample[kinds] = rows[first]
    return {
        "step": net.state.updates, "part": by.part, "examples": len(rows), "of": len(by.x),
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
    by = history.asked(lambda it, _: it.judged())
    if rows and not 0 <= min(rows) <= max(rows) < len(by.x):
        raise DataError(f"row {max(rows):,} is not there: there are {len(by.x):,} examples.")
    return frames.examples(*picked(by.a, by.x, by.y, np.array(rows, int)))


def batch(history: History, step: int) -> bytes:
    """The mini-batch that comes after a step, as tensors: what the page walks through, example by example.

    Raises
    ------
    ConfigError
        It has more examples than one would walk through.
    DataError
        The step is not recorded, or the data is not there any more.
    """
    size = int(history.hello(live=False)["batch_size"])
    if size > WALKED:
        raise ConfigError(f"a mini-batch of {size:,} examples is too long to walk through; up to {WALKED} are.")
    return frames.examples(*history.asked(lambda it, recording: it.batch(recording, step)))


def carried(history: History, step: int) -> dict[str, Any]:
    """What a file has of all this, of its last step; and the cell that trains the run again. Nothing without the data."""
    found: dict[str, Any] = {}
    with suppress(ChainruleError):  # a training of this process has none
        found["cell"] = {"text": cell(history)}
    try:
        found["findings"] = findings(history, step)
        found["measures"] = measures(history, step)
        found["confusion"] = table = confusion(history, step)
    except ChainruleError:
        return found
    room = max(1, CARRIED // history.hello(live=False)["network"]["sizes"][0])
    # the mistakes first: they are what one wants to look at
    kinds = [(i, j) for i, row in enumerate(table["sample"]) for j, at in enumerate(row) if at is not None]
    kept = sorted(kinds, key=lambda kind: (kind[0] == kind[1], -table["counts"][kind[0]][kind[1]]))[:room]
    found["held-out"] = examples(history, [table["sample"][i][j] for i, j in kept])
    places = {kind: place for place, kind in enumerate(kept)}
    table["sample"] = [[places.get((i, j)) for j in range(len(row))] for i, row in enumerate(table["sample"])]
    return found
