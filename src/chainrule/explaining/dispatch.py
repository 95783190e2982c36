"""What is asked of ``explain``: about which network, with which example, and which of its explanations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from chainrule.choices import nearest
from chainrule.costs import PENALTIES
from chainrule.document import Document
from chainrule.errors import ConfigError
from chainrule.explaining.convention import Convention
from chainrule.network import Network
from chainrule.optimizers import optimizer
from chainrule.schedule import Recipe


class TrainingStep(NamedTuple):
    """How the parameters change: the optimizer and the penalty, and the learning rate."""

    recipe: Recipe
    eta: float


class Subject(NamedTuple):
    """What is explained: a network, and an example where there are to be numbers."""

    network: Network
    x: Any = None
    y: Any = None
    example: Any = None  # the worked example that it is

    def rate(self, optimizer: Any, learning_rate: float | None) -> float | None:
        """The learning rate: a worked example has its own for gradient descent."""
        own = getattr(self.example, "learning_rate", None)
        return own if learning_rate is None and optimizer == "sgd" else learning_rate


def training_step(name: Any, eta: float | None, penalty: str | None, lmbda: float) -> TrainingStep:
    """The step of training that these settings stand for, checked."""
    row = optimizer(name)
    for word, value in (("learning_rate", eta), ("lmbda", lmbda)):
        if value is not None and not (isinstance(value, int | float) and 0 <= value < float("inf")):
            raise ConfigError(f"{word} = {value!r}: it is a finite number, at least 0.")
    chosen = nearest(PENALTIES, penalty, "penalty") if penalty else PENALTIES["l2"] if lmbda else None
    return TrainingStep(Recipe(optimizer=row, penalty=chosen, lmbda=float(lmbda)), row.eta if eta is None else float(eta))


def subject(network: Any, x: Any, y: Any) -> Subject:
    """The network and the example that these stand for; sizes alone get weights drawn with seed 0."""
    if isinstance(network, str):
        from chainrule.explaining.worked import EXAMPLES

        example = nearest(EXAMPLES, network, "worked example")
        if x is None and y is None:
            return Subject(example.network, example.x, example.y, example)
        network = example.network
    if isinstance(network, Sequence):
        network = Network(network, dtype="float64", seed=0)
    if not isinstance(network, Network):
        raise ConfigError(
            f"explain({network!r}): give a Network, sizes such as [2, 3, 1], or the name of a worked example."
        )
    if (x is None) != (y is None):
        given, missing = ("y", "x") if x is None else ("x", "y")
        raise ConfigError(f"{given} is given without {missing}: an example is both, the input and the desired output.")
    return Subject(network, x, y)


def document(
    about: Subject, convention: Convention, step: TrainingStep, *, weight: Any = None, neuron: Any = None
) -> Document:
    """The explanation that is asked for: the derivation, or numbers: all of them, of one weight, of one neuron."""
    if about.example and about.network is None:
        if weight is not None or neuron is not None:
            raise ConfigError(f"the worked example {about.example.name} is a graph: it has no weights and no neurons.")
        return about.example.document(convention)  # type: ignore[no-any-return]
    if weight is not None and neuron is not None:
        raise ConfigError("weight and neuron are both given: ask for one of them.")
    if about.x is None:
        if weight is not None or neuron is not None:
            raise ConfigError("weight= and neuron= ask where a number comes from, so give an example too: x and y.")
        from chainrule.explaining.derivation import derivation

        return derivation(about.network, convention, step)
    if weight is not None:
        from chainrule.explaining.place import of_weight

        return of_weight(about.network, about.x, about.y, convention.place(weight), convention, step)
    if neuron is not None:
        from chainrule.explaining.place import of_neuron

        return of_neuron(about.network, about.x, about.y, convention.place(neuron, "neuron"), convention, step)
    if about.example:
        from chainrule.explaining import worked as examples

        return examples.document(about.example, convention, step)
    from chainrule.explaining.numbers import worked

    return worked(about.network, about.x, about.y, convention, step)
