"""What can be wrong with the data: sizes of inputs and targets, classes, labels, a leak."""

from __future__ import annotations

import numpy as np

from chainrule.diagnosing.case import Case
from chainrule.diagnosing.finding import Row, Seen, percent
from chainrule.engine.rows import rows_of
from chainrule.train import metrics

SURE, RULED_OUT = 0.8, 0.1  # an output that is sure of a class, and one that has ruled a class out
RELIABLE = 0.8  # a network that has learned so much may be asked whether a label is right


def unscaled(case: Case) -> Seen | None:
    """The size (root mean square) of the largest column of inputs."""
    if not case.troubled:
        return None
    x = case.sample[0].astype(np.float64)
    sizes = np.sqrt((x * x).mean(axis=0))
    column, whole = int(sizes.argmax()), float(np.sqrt((x * x).mean()))
    return Seen(float(sizes.max()), {"column": f"{column}", "whole": whole, "low": float(x.min()), "high": float(x.max())})


def uneven(case: Case) -> Seen | None:
    """How many times larger the largest column of inputs is than the smallest that is not 0."""
    if not case.troubled:
        return None
    sizes = np.abs(case.sample[0]).max(axis=0).astype(np.float64)
    there = np.flatnonzero(sizes)
    if not there.size:
        return None
    least, most = there[sizes[there].argmin()], int(sizes.argmax())
    facts = {"small": f"{least}", "least": sizes[least], "large": f"{most}", "most": sizes[most]}
    return Seen(float(sizes[most] / sizes[least]), facts)


def different(case: Case) -> Seen | None:
    """How many different inputs there are."""
    n = len(case.sample[0])
    return Seen(len(set(hashes(case.sample[0]))), {"n": f"{n:,}"}, usual=n) if n > 1 else None


def targets_out_of_range(case: Case) -> Seen | None:
    """The share of targets that the output activation cannot reach."""
    low, high = case.a.sigma(case.a.L).range
    y = case.sample[1]
    out = (y < low) | (y > high)
    facts = {"low": low, "high": high, "least": float(y.min()), "most": float(y.max())}
    return Seen(float(out.mean()), facts | {"share": percent(float(out.mean())), "output": case.a.sigma(case.a.L).name})


def unscaled_targets(case: Case) -> Seen | None:
    """The size (root mean square) of the targets of a regression."""
    if case.classifies or not case.troubled:
        return None
    y = case.sample[1].astype(np.float64)
    return Seen(float(np.sqrt((y * y).mean())), {"mean": float(y.mean()), "sd": float(y.std())})


def imbalance(case: Case) -> Seen | None:
    """How many times as frequent the most frequent class is as the rarest, where the rarest is not learned."""
    if not case.classifies:
        return None
    labels = case.labels
    counts = np.bincount(labels, minlength=max(case.a.neurons(case.a.L), 2))
    rare, often = int(np.where(counts > 0, counts, len(labels) + 1).argmin()), int(counts.argmax())
    if rare == often:
        return None
    right = float((metrics.classes_of(case.outputs, case.a.cost.middle)[labels == rare] == rare).mean())
    if case.trained and right > 0.5 * case.score:
        return None
    facts = {
        "rare": f"{rare}",
        "often": f"{often}",
        "few": percent(float(counts[rare] / len(labels))),
        "right": percent(right),
    }
    return Seen(float(counts[often] / counts[rare]), facts | {"score": percent(case.score)})


def wrong_labels(case: Case) -> Seen | None:
    """The share of examples of whose label a network that has learned well is sure that it is another."""
    if not case.classifies or case.a.cost.on_off != (1, 0) or case.skill < RELIABLE:
        return None
    doubted, said_to_be = doubts(case)
    share = float(doubted.mean())
    worst = np.argsort(-case.gradients * doubted)[:5]
    rows, first = ", ".join(f"{case.rows[i]}" for i in worst), int(worst[0])
    facts = {
        "share": percent(share),
        "count": f"{int(doubted.sum()):,}",
        "rows": rows,
        "first": f"{case.rows[first]}",
        "label": f"{case.labels[first]}",
        "other": f"{said_to_be[first]}",
    }
    return Seen(share, facts)


def doubts(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Of which examples the network is sure that their class is another one; and which."""
    outputs, labels = case.outputs, case.labels
    if outputs.shape[1] == 1:
        outputs = np.hstack([1 - outputs, outputs])
    own = outputs[np.arange(len(labels)), labels]
    return (outputs.max(axis=1) > SURE) & (own < RULED_OUT), outputs.argmax(axis=1)


def contradictions(case: Case) -> Seen | None:
    """The share of examples whose inputs occur with another class, too."""
    if not case.classifies or rows_of(case.x, case.a.dtype) is not None:
        return None
    classes: dict[int, set[int]] = {}
    keys = hashes(case.sample[0])
    for key, label in zip(keys, case.labels.tolist(), strict=True):
        classes.setdefault(key, set()).add(label)
    split = [len(classes[key]) > 1 for key in keys]
    first = f"{case.rows[split.index(True)]}" if any(split) else ""
    return Seen(float(np.mean(split)), {"share": percent(float(np.mean(split))), "first": first})


def leak(case: Case) -> Seen | None:
    """The share of validation examples whose inputs are trained on; None where such data repeats itself."""
    if case.validation is None or any(rows_of(x, case.a.dtype) is not None for x in (case.x, case.validation[0])):
        return None
    train, held = (hashes(np.asarray(x, dtype=case.a.dtype)) for x in (case.x, case.validation[0]))
    known = set(train)
    share = float(np.mean([key in known for key in held]))
    repeated = 1 - len(known) / len(train)
    if share <= 2 * repeated:
        return None
    return Seen(share, {"share": percent(share), "count": f"{sum(key in known for key in held):,}", "of": f"{len(held):,}"})


def hashes(rows: np.ndarray) -> list[int]:
    """A number for each row; equal rows have equal numbers, others all but surely different ones."""
    return [hash(row.tobytes()) for row in np.ascontiguousarray(rows) + 0]  # −0 and 0 are equal


ROWS = (
    Row(
        id="same_inputs",
        title="All inputs are the same",
        measures="different inputs among the examples",
        measure=different,
        usual=100.0,
        bound=2.0,
        above=False,
        equation="FP1",
        sentence="All {n} examples have the same inputs, so all get the same outputs.",
        remedy="Look at how the data is read.",
    ),
    Row(
        id="unscaled_inputs",
        title="Unscaled inputs",
        measures="size of the largest column of inputs (root mean square)",
        measure=unscaled,
        usual=1.0,
        bound=10.0,
        when="and the network has not learned well",
        equation="FP1",
        sentence=(
            "Inputs go from {low} to {high}; column {column} has a root mean square of {number}, where weights are drawn "
            "for inputs of about 1. So the weighted inputs z are as many times too large."
        ),
        remedy="Standardise the columns: (x − mean) / standard deviation, both of the training set; divide pixels by 255.",
    ),
    Row(
        id="tiny_inputs",
        title="Inputs close to 0",
        measures="size of the largest column of inputs (root mean square)",
        measure=unscaled,
        usual=1.0,
        bound=0.01,
        above=False,
        when="and the network has not learned well",
        equation="BP4",
        sentence=(
            "Inputs go from {low} to {high}; the largest column has a root mean square of {number}. The gradient of a "
            "weight is its input times δ, so the weights of layer 2 hardly change."
        ),
        remedy="Standardise the columns: (x − mean) / standard deviation, both of the training set.",
    ),
    Row(
        id="uneven_inputs",
        title="Columns of different sizes",
        measures="largest column of inputs over the smallest",
        measure=uneven,
        usual=10.0,
        bound=1000.0,
        when="and the network has not learned well",
        equation="BP4",
        sentence=(
            "Column {large} of the inputs goes up to {most} in size, column {small} only to {least}: {number} times as "
            "far. One learning rate cannot suit both."
        ),
        remedy="Standardise the columns: (x − mean) / standard deviation, both of the training set.",
    ),
    Row(
        id="targets_out_of_range",
        title="Targets that no output can reach",
        measures="share of targets outside the outputs' range",
        measure=targets_out_of_range,
        usual=0.001,
        bound=0.001,
        equation="FP2",
        sentence=(
            "{share} of the targets lie outside of {low} to {high}, which is all that {output} outputs can be; the "
            "targets go from {least} to {most}. The output neurons saturate without reaching them."
        ),
        remedy="Use `output='identity'` for values, or scale the targets into that range.",
    ),
    Row(
        id="unscaled_targets",
        title="Unscaled targets",
        measures="size of the targets (root mean square)",
        measure=unscaled_targets,
        usual=1.0,
        bound=30.0,
        when="and the network has not learned well",
        equation="BP1",
        sentence=(
            "The targets have mean {mean} and standard deviation {sd}. The errors δ are as large at first, and a learning "
            "rate that suits them does not suit what comes later."
        ),
        remedy="Standardise the targets, and turn predictions back; or lower the learning rate.",
    ),
    Row(
        id="imbalance",
        title="One class is rare",
        measures="most frequent class over the rarest",
        measure=imbalance,
        usual=1.0,
        bound=10.0,
        when="and the rare class is not learned",
        equation="EW",
        sentence=(
            "Class {often} is {number} times as frequent as class {rare}, which makes {few} of the examples; {right} of "
            "these are told right, and {score} of all. The cost is nearly the frequent class's alone."
        ),
        remedy="Train with `class_weight='balanced'`, and judge by what is told right of each class.",
    ),
    Row(
        id="contradictions",
        title="Equal inputs with different classes",
        measures="share of examples with a contradicting twin",
        measure=contradictions,
        usual=0.001,
        bound=0.01,
        equation="BP1",
        sentence=(
            "{share} of the examples have inputs that occur with another class, too (the first is example {first}): "
            "nothing can tell both right."
        ),
        remedy="Look for what tells them apart, or for wrong labels.",
        after=("same_inputs",),
    ),
    Row(
        id="wrong_labels",
        title="Labels that may be wrong",
        measures="share of examples that it is sure belong to another class",
        measure=wrong_labels,
        usual=0.001,
        bound=0.012,
        when="and it has learned well otherwise",
        equation="BP4",
        sentence=(
            "The network is sure that {share} of the examples ({count}) have another class than their label says. Those "
            "with the largest gradients are {rows}: example {first} is labelled {label}, and it says {other}."
        ),
        remedy="Look at these examples, and correct the labels that are wrong.",
    ),
    Row(
        id="leak",
        title="Validation examples are in the training set",
        measures="share of validation examples that are trained on",
        measure=leak,
        usual=0.001,
        bound=0.01,
        when="and rows are not that often equal",
        equation="C",
        sentence=(
            "{count} of the {of} validation examples ({share}) are in the training set, input for input: the validation "
            "figures say little about new examples."
        ),
        remedy="Take equal rows out of one of the sets, and split before any row is copied.",
    ),
)
