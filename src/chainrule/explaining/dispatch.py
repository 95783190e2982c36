"""What is asked of ``explain``: about which network, with which example, and which of its explanations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from chainrule.choices import nearest
from chainrule.document import Document
from chainrule.errors import ConfigError
from chainrule.explaining.convention import Convention
from chainrule.explaining.recipe import TrainingStep
from chainrule.network import Network


class Subject(NamedTuple):
    """What is explained: a network, and an example where there are to be numbers."""

    network: Any  # a Network; None of a worked example that is a graph
    x: Any = None
    y: Any = None
    example: Any = None  # the worked example that it is

    def rate(self, optimizer: Any, learning_rate: float | None) -> float | None:
        """The learning rate: a worked example has its own for gradient descent."""
        own = getattr(self.example, "learning_rate", None)
        return own if learning_rate is None and optimizer == "sgd" else learning_rate


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
    about: Subject, convention: Convention, step: TrainingStep,
    *, weight: Any = None, neuron: Any = None, reverse: bool = False,
) -> Document:  # fmt: skip
    """The explanation that is asked for: the derivation, all numbers, those of one weight or one neuron, or in reverse."""
    wanted = {"weight": weight is not None, "neuron": neuron is not None, "reverse": bool(reverse)}
    asked = [name for name, is_wanted in wanted.items() if is_wanted]
    if len(asked) > 1:
        raise ConfigError(f"{' and '.join(asked)} are given: ask for one of them.")
    if about.example and about.network is None:
        if asked:
            raise ConfigError(f"the worked example {about.example.name} is a graph: it has no weights and no neurons.")
        page: Document = about.example.document(convention)
        return page
    if about.x is not None:
        return _with_numbers(about, convention, step, weight=weight, neuron=neuron, reverse=reverse)
    if asked:
        raise ConfigError(f"{asked[0]}= asks where numbers come from, so give an example too: x and y.")
    from chainrule.explaining.derivation import derivation

    return derivation(about.network, convention, step)


def _with_numbers(
    about: Subject, convention: Convention, step: TrainingStep, *, weight: Any, neuron: Any, reverse: bool
) -> Document:
    """The explanation of an example."""
    example = about.network, about.x, about.y
    if weight is not None:
        from chainrule.explaining.place import of_weight

        return of_weight(*example, convention.place(weight), convention, step)
    if neuron is not None:
        from chainrule.explaining.place import of_neuron

        return of_neuron(*example, convention.place(neuron, "neuron"), convention, step)
    if reverse:
        from chainrule.explaining.reverse_page import reverse_document

        return reverse_document(*example, convention)
    if about.example:
        from chainrule.explaining import worked as examples

        return examples.document(about.example, convention, step)
    from chainrule.explaining.numbers import worked

    return worked(*example, convention, step)
