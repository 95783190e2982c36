"""The page: which sections a run has, and the one file that they become."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from chainrule.data.dataset import Dataset
from chainrule.data.schema import Schema
from chainrule.io.durable import write_bytes
from chainrule.network import Network
from chainrule.report import images, plane, tables
from chainrule.report.curves import Record, curves
from chainrule.report.markup import Child, Html, cut, element
from chainrule.report.style import CSS

Part: TypeAlias = tuple[str, Child, bool]  # title, body, and whether it is narrow

NARROW = 6  # classes whose table fills half a row at most
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def write(
    folder: str | os.PathLike[str], *, title: str, config: Mapping[str, Any], history: Sequence[Record], network: Network,
    test: Dataset | None, schema: Schema | None = None,
) -> Path:  # fmt: skip
    """Write the page of a run to ``folder/report.html``.

    Parameters
    ----------
    folder : path
        Of the run; it must exist.
    title : str
        What the run is called.
    config : mapping
        The settings as used, for the table at the end.
    history : sequence of mappings
        The epochs, as :meth:`~chainrule.train.history.Epoch.as_dict` gives them; may be empty.
    network : Network
    test : Dataset, optional
        What the network is judged on; without it, the page shows learning and weights only.
    schema : Schema, optional
        How the user's columns became the network's numbers, so that predictions are drawn in the user's units.

    Returns
    -------
    Path
        Of the page: one file, which asks for nothing else and runs no script.

    Raises
    ------
    ResourceError
        The disk refuses.
    ShapeError, DataError
        The test set is not one for this network.

    Examples
    --------
    >>> import tempfile
    >>> from chainrule import Network
    >>> with tempfile.TemporaryDirectory() as run:
    ...     write(run, title="untrained", config={}, history=[], network=Network([2, 2], seed=0), test=None).name
    'report.html'
    """
    path = Path(folder) / "report.html"
    write_bytes(path, page(title, config, history, network, test, schema).encode("utf-8"))
    return path


def page(
    title: str, config: Mapping[str, Any], history: Sequence[Record], network: Network, test: Dataset | None,
    schema: Schema | None = None,
) -> str:  # fmt: skip
    """The page's text."""
    head = element(
        "head", element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),  # or browsers ask the server for one
        element("title", f"{cut(title, 120)} · chainrule"), element("style", Html(CSS)),
    )  # fmt: skip
    judged = test if test is not None and len(test) else None
    found = network.evaluate(judged.x, judged.y) if judged else None
    parts = list(_sections(network, history, judged, schema))
    single = sum(narrow for _, _, narrow in parts) % 2 == 1
    parts += [("Layers", tables.layers(network), single)]  # where a narrow part has room beside it, this stands there
    parts += [("Settings as used", tables.settings(config), False)]
    body = element(
        "main", element("h1", cut(title, 120)), element("p", _lead(network, judged), class_="lead"),
        tables.headline(network, history, found, len(judged) if judged else 0, _error(network, judged, schema)),
        element("div", [section(*part) for part in parts], class_="sections"),
        element("footer", "Made by chainrule. This file is whole: it runs no script and asks no network for anything."),
    )  # fmt: skip
    return "<!doctype html>\n" + element("html", head, element("body", body), lang="en").text + "\n"


def section(title: str, body: Child, narrow: bool = False) -> Html:
    """One part of the page; two narrow ones share a row where there is room."""
    return element("section", element("h2", title), body, class_="narrow" if narrow else None)


def _error(network: Network, test: Dataset | None, schema: Schema | None) -> float | None:
    """The mean error of a regression in the user's units, where they are known."""
    if test is None or schema is None or test.classes is not None:
        return None
    return float(np.abs(schema.decode(network.feedforward(test.x)) - schema.decode(test.y)).mean())


def _lead(network: Network, test: Dataset | None) -> str:
    """The network in one line."""
    a = network.architecture
    sizes = " → ".join(f"{n:,}" for n in a.sizes)
    names = ", ".join(dict.fromkeys(cut(s.name) for s in a.activations))
    biases = "" if a.biases else ", no biases"
    tested = f" Judged on {len(test):,} test examples." if test else " There is no test set."
    return f"{sizes} neurons; {names}; {cut(a.cost.name).replace('_', ' ')} cost{biases}.{tested}"


def _sections(network: Network, history: Sequence[Record], test: Dataset | None, schema: Schema | None) -> Iterator[Part]:
    """What there is to show of this run, each with its title."""
    yield "Learning", curves(history), False
    if test is not None:
        yield from _classes(network, test, schema) if test.classes is not None else _values(network, test, schema)
    if test is not None and test.image_shape:
        yield "First-layer weights", images.first_weights(network, test.image_shape), False
    yield "The equations behind it", tables.equations(network), False


def _classes(network: Network, test: Dataset, schema: Schema | None) -> Iterator[Part]:
    """Of a classifier: where it goes wrong."""
    outputs = network.feedforward(test.x)
    matrix = network.evaluate(test.x, test.y).confusion
    assert matrix is not None, "class indices were given"
    n = max(test.n_classes, int(np.flatnonzero(matrix.sum(axis=0) + matrix.sum(axis=1)).max()) + 1)
    labels = tuple(plane.names_of(test.classes, n, "class "))
    if test.n_features == 2 and not test.image_shape:
        first, second = _inputs(test, schema)
        yield "What it has learned", plane.regions(network, test.x, test.y, (first, second), labels), True
    yield "Confusion", tables.confusion(matrix[:n, :n], labels), n <= NARROW
    if test.image_shape and outputs.shape[1] > 1:
        sums = not network.architecture.sigma(network.architecture.L).elementwise
        yield "Most wrong", images.most_wrong(outputs, test.y, test.x, test.image_shape, labels, sums=sums), False


def _inputs(test: Dataset, schema: Schema | None) -> list[str]:
    """What the axes of the inputs are called; a schema has moved and scaled them."""
    names = test.features or [f"x{i + 1}" for i in range(test.n_features)]
    return [f"{cut(name)}, standardised" if schema else name for name in names]


def _values(network: Network, test: Dataset, schema: Schema | None) -> Iterator[Part]:
    """Of a regression: its curve, or its predictions against the truth."""
    decode = schema.decode if schema else np.asarray
    targets = tuple(plane.names_of(test.targets, test.y.shape[1], "y"))
    if test.n_features == 1:
        names = _inputs(test, schema)[0], targets
        yield "What it has learned", plane.curve(network, test.x, test.y, names, decode), len(targets) == 1
    found, true = decode(network.feedforward(test.x)), decode(test.y)
    yield "Predicted and true", plane.scatter(found, true, targets), len(targets) == 1


__all__ = ["page", "write"]
