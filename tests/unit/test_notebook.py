"""What a notebook shows: small tables, in which nothing that a user named is HTML."""

from __future__ import annotations

import re

import numpy as np
import pytest

from chainrule import Activation, Epoch, Evaluation, History, Network, ShapeError

X, LABELS = np.random.default_rng(0).random((6, 2)), np.arange(6) % 3


def net() -> Network:
    """A small classifier."""
    return Network([2, 4, 3], "tanh", "log_likelihood", seed=0)


def cells(html: str) -> list[str]:
    """What stands in the cells of a table."""
    return re.findall(r"<td>(.*?)</td>", html)


def test_a_history_is_a_table_of_its_epochs():
    """All epochs of a short training, the first and the last of a long one, and no row of none."""
    epochs = [Epoch(i, 1 / i, {"accuracy": i / 100}, eta=0.5) for i in range(1, 41)]
    html = History(epochs[:11])._repr_html_()
    assert cells(html)[::5] == [str(i) for i in range(1, 12)]
    assert cells(html)[:5] == ["1", "1", "0.01", "0.5", "0"]
    assert cells(History(epochs)._repr_html_())[::5] == ["1", "2", "3", "4", "5", "…", "36", "37", "38", "39", "40"]
    assert cells(History()._repr_html_()) == []


def test_an_evaluation_is_a_table_of_metrics_and_one_of_confusion():
    """Every figure and every count is there; of many classes, the figures alone."""
    found = Evaluation(0.25, {"accuracy": 0.75}, np.array([[2, 1], [0, 1]]))._repr_html_()
    assert cells(found) == ["0.25", "0.75", "class 0", "2", "1", "class 1", "0", "1"]
    assert cells(Evaluation(0.25, {"r2": 0.5})._repr_html_()) == ["0.25", "0.5"]
    assert len(cells(Evaluation(0.25, {"accuracy": 0.5}, np.eye(500, dtype=int))._repr_html_())) == 2


def test_a_pass_is_a_table_of_its_quantities():
    """Each quantity of each layer has its shape and its mean size."""
    pass_ = net().backprop(X, LABELS)
    html = pass_._repr_html_()
    assert f"(4, 6), {np.abs(pass_.delta[2]).mean():.3g}" in cells(html)
    assert f"(3, 4), {np.abs(pass_.nabla_w[3]).mean():.3g}" in cells(html)
    assert "<th>delta</th>" in html
    assert html.count("<tr>") == 4


def test_names_are_escaped():
    """A name with HTML in it is text, and so is a metric's."""
    for html in (
        History([Epoch(1, 0.5, {"<b>": 1.0})])._repr_html_(),
        Evaluation(0.5, {"<b>": 1.0})._repr_html_(),
        Network([2, 1], Activation("<b>", np.tanh))._repr_html_(),
    ):
        assert "<b>" not in html


@pytest.mark.parametrize("layer", [1, 4, 0, "two"])
def test_a_layer_without_weights_has_no_gradients(layer):
    """Asked for the gradients of such a layer, a pass says which have them."""
    with pytest.raises(ShapeError, match=f"layer {layer!r} has no gradient: layers 2 to 3 have weights"):
        net().backprop(X, LABELS).per_example(layer)
