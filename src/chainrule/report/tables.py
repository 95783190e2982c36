"""The figures of a run as tables: headline, confusion, layers, equations, settings."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from chainrule.evaluation import Evaluation
from chainrule.network import Network
from chainrule.notation import EQUATIONS
from chainrule.report.curves import Record, series
from chainrule.report.markup import Child, Html, cut, element, joined, name, scrolling, table
from chainrule.runs.figures import duration, percent
from chainrule.schedule import Recipe, backprop

MOST_CLASSES, MOST_PAIRS, MOST_TEXT = 20, 10, 300
STRONGEST = 0.5  # opacity of the deepest shade: text stays readable on it


# ----------------------------------------------------------------------------------------------------- headline


def headline(
    network: Network, history: Sequence[Record], found: Evaluation | None, n: int, error: float | None = None
) -> Html:
    """The figures that a reader looks for first; ``error`` is the mean error in the user's units."""
    cards = [*_quality(history, found, n, error), *_cost(history, found)]
    seconds = math.fsum(v for _, v in series(history, "", "seconds"))
    examples = math.fsum(v for _, v in series(history, "", "examples"))
    speed = f"{examples / seconds:,.0f} examples/s" if seconds else None
    cards += [
        ("epochs", f"{len(history):,}", None),
        ("training time", duration(seconds), speed),
        ("parameters", f"{network.architecture.n_parameters:,}", str(network.architecture.dtype)),
        ("seed", str(network.seed), None),
    ]
    return element("dl", [_card(*card) for card in cards], class_="cards")


Card = tuple[str, str, str | None]


def _card(word: str, figure: str, beside: str | None) -> Html:
    small = element("dd", beside, class_="small") if beside else None
    return element("div", element("dt", word), element("dd", figure, class_="figure"), small)


def _quality(history: Sequence[Record], found: Evaluation | None, n: int, error: float | None) -> Iterator[Card]:
    """Accuracy or R², on the test set, or else the last on the validation set."""
    if found is None:
        for figure, word in (("accuracy", "validation accuracy"), ("r2", "validation R²")):
            if points := series(history, "metrics", figure):
                yield word, _score(figure, points[-1][1]), f"after epoch {points[-1][0]:.0f}"
    elif "accuracy" in found.metrics:
        wrong = round((1 - found.accuracy) * n)
        yield "test accuracy", _score("accuracy", found.accuracy), f"{wrong:,} of {n:,} wrong"
    else:
        distance = found.mean_absolute_error if error is None else error
        beside = f"mean |error| {distance:,.0f}" if distance >= 1000 else f"mean |error| {distance:.4g}"
        yield "test R²", _score("r2", found.r2), beside


def _score(figure: str, value: float) -> str:
    return percent(value) if figure == "accuracy" else f"{value:.4f}".replace("-", "−")


def _cost(history: Sequence[Record], found: Evaluation | None) -> Iterator[Card]:
    trained = series(history, "", "cost")
    beside = f"training {trained[-1][1]:.4g}" if trained else None
    validated = series(history, "metrics", "cost")
    if found is not None:
        yield "test cost", f"{found.cost:.4g}", beside
    elif validated:
        yield "validation cost", f"{validated[-1][1]:.4g}", beside
    elif trained:
        yield "training cost", f"{trained[-1][1]:.4g}", None


# ---------------------------------------------------------------------------------------------------- confusion


def confusion(matrix: np.ndarray, labels: Sequence[str]) -> Html:
    """How often each class was taken for which: as a table, or, of many classes, the most frequent mistakes."""
    pairs = _mistakes(matrix, labels)
    if len(labels) > MOST_CLASSES:
        words = f"{len(labels):,} classes are too many for a table of all; these are the most frequent mistakes."
        return joined([element("p", words, class_="note"), pairs])
    note = "Rows: what it is. Columns: what the network said. Recall: the share of a row that was recognised; precision: "
    note += "the share of a column that was right."
    both = element("div", scrolling(_matrix(matrix, labels)), pairs, class_="beside")
    return joined([element("p", note, class_="note"), both])


def _matrix(matrix: np.ndarray, labels: Sequence[str]) -> Html:
    of_row, of_column, right = matrix.sum(axis=1), matrix.sum(axis=0), matrix.diagonal()
    worst = max(int((matrix - np.diag(right)).max()), 1)
    heads = [element("th", name(label, 14), scope="col", title=cut(label, 200)) for label in labels]
    head = element("tr", element("th", "is ╲ said", scope="col"), heads, element("th", "recall %", scope="col"))
    rows = [
        element("tr", element("th", name(label, 14), scope="row", title=cut(label, 200)),
                [_cell(int(n), i == j, worst, int(of_row[i])) for j, n in enumerate(matrix[i])],
                element("td", _share(right[i], of_row[i]), class_="sum"))
        for i, label in enumerate(labels)
    ]  # fmt: skip
    sums = [element("td", _share(r, of), class_="sum") for r, of in zip(right, of_column, strict=True)]
    all_right = element("td", _share(right.sum(), matrix.sum()), class_="sum")
    foot = element("tr", element("th", "precision %", scope="row"), sums, all_right)
    return element("table", element("thead", head), element("tbody", rows), element("tfoot", foot), class_="confusion")


def _share(part: int, whole: int) -> Html | str:
    return f"{100 * part / whole:.1f}" if whole else element("span", "none", title="no such example")


def _cell(n: int, is_right: bool, worst: int, of_row: int) -> Html:
    """A count; its shade is its share of the row where it is right, and of the worst mistake where it is wrong."""
    strength = n / max(of_row, 1) if is_right else n / worst
    shade = f"--shade: {STRONGEST * strength:.3f}" if n else None
    return element("td", str(n) if n else "·", class_="right" if is_right else "wrong" if n else "none", style=shade)


def _mistakes(matrix: np.ndarray, labels: Sequence[str]) -> Html:
    """The most frequent mistakes in words."""
    wrong = matrix - np.diag(matrix.diagonal())
    order = [int(i) for i in np.argsort(-wrong, axis=None, kind="stable")[:MOST_PAIRS] if wrong.flat[i]]
    if not order:
        return element("p", "No mistakes.", class_="note")
    items = []
    for i, j in (divmod(i, len(labels)) for i in order):
        count = element("span", f" {wrong[i, j]:,} of {matrix[i].sum():,}", class_="soft")
        items.append(element("li", name(labels[i]), " taken for ", name(labels[j]), ":", count))
    return element("div", element("h3", "Most frequent mistakes"), element("ul", items))


# ------------------------------------------------------------------------------------- layers, equations, settings


def layers(network: Network) -> Html:
    """Each layer: its size, its activation, how many parameters it has and how large they are."""
    a = network.architecture
    rows: list[list[Child]] = [["1", f"{a.neurons(1):,}", "input", "", "", "", ""]]
    for l, w in zip(a.layers, network.weights, strict=True):
        biases = network.biases[l - 2] if a.biases else None
        count = w.size + (0 if biases is None else biases.size)
        size = "none" if biases is None else f"{np.abs(biases).mean():.4f}"
        weights = f"{np.abs(w).mean():.4f}", f"{np.abs(w).max():.3f}"
        rows.append([str(l), f"{a.neurons(l):,}", cut(a.sigma(l).name), f"{count:,}", *weights, size])
    head = ["layer", "neurons", "activation", "parameters", "mean |w|", "max |w|", "mean |b|"]
    return table(head, rows, class_="numbers")


def equations(network: Network) -> Html:
    """The four equations of backpropagation, and the form that BP1 takes in this network; the formulas are computed."""
    steps = backprop(network.architecture, Recipe(), glass=False)
    last = next(s.equation.name for s in steps if s.writes == ("delta", network.architecture.L))
    names = list(dict.fromkeys(["BP1", last, "BP2", "BP3", "BP4"]))
    rows: list[list[Child]] = []
    for equation in (EQUATIONS[n] for n in names):
        file, line = equation.where
        formula = element("span", equation.text.replace(" - ", " − "), class_="formula")
        sentence = equation.sentence
        if equation.name == last != "BP1":
            sentence = f"{sentence} This network: BP1 comes to this."
        rows.append([equation.name, formula, sentence, element("code", f"{PurePath(file).name}:{line}")])
    return table(["name", "formula", "in words", "where"], rows, class_="equations")


def settings(config: Mapping[str, Any]) -> Html:
    """The settings as used, nested ones by their path."""
    pairs = [
        element(
            "div",
            element("dt", element("code", name(key, 80))),
            element("dd", element("bdi", cut(_plain(value), MOST_TEXT))),
        )
        for key, value in _flat(config)
    ]
    return element("dl", pairs, class_="settings") if pairs else element("p", "No settings were kept.", class_="empty")


def _flat(config: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def _plain(value: Any) -> str:
    """A setting's value as it stands in a file; nothing where there is none."""
    if value is None:
        return "—"
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
