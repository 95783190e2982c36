"""What explanations do with each setting of a training: it is in the formulas, or one sentence says that it is left out.

A further setting is a further row here; a test goes over all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, NamedTuple

from chainrule.choices import nearest
from chainrule.costs import PENALTIES
from chainrule.document import Block, Paragraph
from chainrule.errors import ConfigError
from chainrule.explaining.words import Words
from chainrule.network import Network
from chainrule.optimizers import optimizer
from chainrule.schedule import Recipe
from chainrule.train.settings import Settings, recipe, settings
from chainrule.train.training import check_smoothing

WEIGHTS = ("sample_weight", "class_weight")  # which fit takes beside its settings


class Told(Enum):
    """What is done with a setting."""

    SHOWN = "it is in the formulas"
    LEFT_OUT = "it changes a step, and one sentence says that it is left out"
    AROUND = "no step looks different with it: it says which steps are made, and how many"


class Row(NamedTuple):
    """A setting, in a derivation and with numbers."""

    derivation: Told
    numbers: Told


BOTH, NEITHER, AROUND = Row(Told.SHOWN, Told.SHOWN), Row(Told.LEFT_OUT, Told.LEFT_OUT), Row(Told.AROUND, Told.AROUND)
FORMULAS = Row(Told.SHOWN, Told.LEFT_OUT)  # drawn anew in each step, or of examples that are not here
SETTINGS: Mapping[str, Row] = {  # of Settings, of Recipe, and of fit
    "optimizer": BOTH, "learning_rate": BOTH, "penalty": BOTH, "lmbda": BOTH, "clip_norm": BOTH, "clip_value": BOTH,
    "layer_rates": BOTH, "frozen": BOTH, "pinned": BOTH,
    "dropout": FORMULAS, "noise": FORMULAS, "max_norm": FORMULAS, "smoothing": FORMULAS, "weighted": FORMULAS,
    "distort": NEITHER, "schedule": NEITHER,
    "epochs": AROUND, "batch_size": AROUND, "schedule_epochs": AROUND, "early_stopping": AROUND, "monitor": AROUND,
    "training_metrics": AROUND,
}  # fmt: skip


class TrainingStep(NamedTuple):
    """How the parameters change: what belongs to a step, the learning rate, and the settings that both are from."""

    recipe: Recipe
    eta: float
    settings: Settings = Settings()

    def has(self, name: str) -> bool:
        """Whether the training has something of this name, beside what every training has."""
        if name == "schedule":
            return self.settings.rates.name != "constant"
        if name == "optimizer":
            return self.settings.optimizer == "lbfgs"
        return bool(getattr(self.recipe if hasattr(self.recipe, name) else self.settings, name))


def training_step(name: Any, eta: float | None, penalty: str | None, lmbda: float) -> TrainingStep:
    """The step of training that these settings stand for, checked."""
    row = optimizer("sgd" if name == "lbfgs" else name)
    for word, value in (("learning_rate", eta), ("lmbda", lmbda)):
        if value is not None and not (isinstance(value, int | float) and 0 <= value < float("inf")):
            raise ConfigError(f"{word} = {value!r}: it is a finite number, at least 0.")
    chosen = nearest(PENALTIES, penalty, "penalty") if penalty else PENALTIES["l2"] if lmbda else None
    found = Recipe(optimizer=row, penalty=chosen, lmbda=float(lmbda))
    return TrainingStep(found, row.eta if eta is None else float(eta), Settings(optimizer=name))


def of_training(step: TrainingStep, network: Network, how: Mapping[str, Any]) -> TrainingStep:
    """The same with further settings, as ``fit`` takes them, and with what the network keeps fixed.

    Raises
    ------
    ConfigError
        There is no such setting, or it is out of its range.
    """
    given = {name: value for name, value in how.items() if name not in WEIGHTS}
    s, a = settings(**given, optimizer=step.settings.optimizer), network.architecture
    check_smoothing(s, a)
    weighted = any(how.get(name) is not None for name in WEIGHTS)
    found = recipe(s, a, frozen=network.fixed.layers, pinned=frozenset(network.fixed.elements), weighted=weighted)
    own = step.recipe
    return step._replace(recipe=replace(found, optimizer=own.optimizer, penalty=own.penalty, lmbda=own.lmbda), settings=s)


def left_out(step: TrainingStep, words: Words, part: str) -> list[Block]:
    """One sentence that says what this training has and a derivation, or numbers, do not show; or nothing."""
    names = [name for name, row in SETTINGS.items() if step.has(name) and _leaves_out(name, getattr(row, part))]
    if not names:
        return []
    return [Paragraph(words("left out", parts=words.listed([words(f"part {name}") for name in names])))]


def _leaves_out(name: str, told: Told) -> bool:
    return told is Told.LEFT_OUT or name == "optimizer"  # that the training has beside its equations: L-BFGS
