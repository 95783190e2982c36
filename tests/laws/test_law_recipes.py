"""Every setting of a training is in the explanation, or the explanation says that it is left out; none is forgotten."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pytest

from chainrule import ConfigError, Network, explain
from chainrule.explaining.convention import LANGUAGES
from chainrule.explaining.recipe import SETTINGS, Told
from chainrule.explaining.words import Words
from chainrule.schedule import Recipe
from chainrule.train.settings import Settings

X, Y = [0.5, -1.0], [1.0, 0.0, 0.0]
GIVEN: dict[str, dict[str, Any]] = {  # arguments of explain, each of which turns on one setting
    "optimizer": {"optimizer": "lbfgs"}, "learning_rate": {"learning_rate": 0.25}, "penalty": {"penalty": "l1", "lmbda": 1},
    "lmbda": {"lmbda": 0.5}, "clip_norm": {"clip_norm": 0.1}, "clip_value": {"clip_value": 0.1},
    "layer_rates": {"layer_rates": {3: 0.5}}, "dropout": {"dropout": 0.5}, "noise": {"noise": 0.1},
    "max_norm": {"max_norm": 2.0}, "smoothing": {"smoothing": 0.1}, "weighted": {"class_weight": "balanced"},
    "distort": {"distort": {"alpha": 3, "shape": (1, 2)}}, "schedule": {"schedule": "cosine"}, "epochs": {"epochs": 3},
    "batch_size": {"batch_size": 7}, "schedule_epochs": {"schedule_epochs": 9}, "early_stopping": {"early_stopping": 3},
    "monitor": {"monitor": "cost"}, "training_metrics": {"training_metrics": True}, "frozen": {}, "pinned": {},
}  # fmt: skip


def network(name: str = "") -> Network:
    """Three layers that classify; with a frozen layer, or a held weight, where that is the setting."""
    net = Network([2, 3, 3], "tanh", "log_likelihood", seed=0)
    if name == "frozen":
        net.freeze(2)
    if name == "pinned":
        net.hold(2, np.arange(6).reshape(3, 2) == 1)
    return net


@cache
def text(name: str, part: str = "derivation", **how: str) -> str:
    """The explanation with one setting, in one line."""
    example = (X, Y) if part == "numbers" else ()
    return " ".join(explain(network(name), *example, **GIVEN.get(name, {}), **how).text(100).split())


def test_every_setting_has_its_row():
    """A field that is added to Settings or to Recipe needs a row, and an example here."""
    assert {f.name for f in (*fields(Settings), *fields(Recipe))} == set(SETTINGS) == set(GIVEN)


@pytest.mark.parametrize("part", ["derivation", "numbers"])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_shown_or_said_to_be_left_out(name, part):
    """What is shown changes the page, what is left out is named in both languages, and what is neither changes nothing."""
    told = getattr(SETTINGS[name], part)
    plain, found = text("", part), text(name, part)
    assert (found == plain) == (told is Told.AROUND)
    said = told is Told.LEFT_OUT or name == "optimizer"
    assert ("Left out on this page" in found) == said
    for language in LANGUAGES if said else ():
        part_of_it = Words(language).table[f"part {name}"]
        assert "".join(part_of_it.split()) in "".join(text(name, part, language=language).split())


def test_frozen_layers_take_no_step():
    """No gradient and no update of a frozen layer is in the derivation or among the numbers; its error is."""
    derived, numbers = text("frozen"), text("frozen", "numbers")
    assert "∇w² C = δ² (a¹)ᵀ" not in derived.partition("The whole step")[2]
    assert "δ² = ((w³)ᵀ δ³) ⊙ (1 - (a²)²)" in derived
    assert "w²₁₁ ←" not in numbers
    assert "w³₁₁ ←" in numbers
    assert "Frozen layers: 2." in explain(network("frozen"), X, Y, weight=(2, 1, 1)).text()


def test_a_network_that_is_frozen_altogether_is_derived():
    """There is no update left, and the rest stands."""
    net = network()
    net.freeze(2, 3)
    found = explain(net, optimizer="adam").text()
    assert "Frozen layers: 2, 3." in found
    assert "(AT)" not in found


def test_dropout_is_in_the_activation_and_in_the_error():
    """The mask multiplies both; the line of BP2 with it was compared with a pass that has a mask."""
    found = explain(network(), dropout={1: 0.25, 2: 0.5}).text(100)
    assert "δ² = ((w³)ᵀ δ³) ⊙ σ′(z²) ⊙ r²" in found
    assert "aˡ ← aˡ ⊙ rˡ" in found
    assert "p is 0.25 in layer 1 and 0.5 in layer 2" in " ".join(found.split())


def test_smoothed_targets_are_what_training_uses():
    """(1 - 0.1) y + 0.1/3 for three outputs: 0.9333 for the right class, 0.0333 for the others."""
    found = text("smoothing")
    assert "y ← (1 - 0.1) y + 0.1/3" in found
    assert "pushed to 0.933333, any other to 0.0333333" in found


def test_decay_is_of_weights_alone():
    """AdamW's decay leaves biases as they are: that is said, and the table of the step says so."""
    found = text("", optimizer="adamw")
    assert "This is done to the weights alone, not to the biases." in found
    assert "like w" in found.partition("WD θ ← θ (1 - η κ)")[2][:10]


def test_a_clipped_gradient_has_its_length_in_the_numbers():
    """|∇C|² is the squared length of the whole gradient, and each gradient is shortened by it."""
    net = network()
    p = net.backprop(X, Y)
    length = sum(float((g**2).sum()) for g in (*p.nabla_w.values(), *p.nabla_b.values()))
    found = explain(net, X, Y, clip_norm=0.1, digits=6).text(100)
    assert f"|∇C|² = {length:#.6g}" in found
    assert "0.1/max(√(" in found


def test_held_weights_stay():
    """The step of a held weight ends where it began."""
    net = network("pinned")
    w = float(net.weights[0][0, 1])
    found = explain(net, X, Y, weight=(2, 1, 2)).text(100)
    assert found.partition("w²₁₂ f + h")[2].partition("= ")[2].partition("\n")[0].endswith(f"= {w:#.6g}")


def test_settings_that_do_not_exist_or_fit_are_refused():
    """As fit refuses them."""
    with pytest.raises(ConfigError, match="Did you mean 'dropout'"):
        explain([2, 1], dropot=0.5)
    with pytest.raises(ConfigError, match=r"dropout = 1\.5"):
        explain([2, 3, 1], dropout=1.5)
    with pytest.raises(ConfigError, match="it softens targets of 0 and 1"):
        explain([2, 1], smoothing=0.1)
