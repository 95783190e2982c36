"""The settings of an audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from chainrule.choices import nearest, similar
from chainrule.errors import ConfigError

RATE = 0.3  # of an update that is given one
CHOICES: dict[str, tuple[Any, ...]] = {
    "kind": (None, "gradient", "update"),
    "examples": (None, "columns", "rows", "single"),
    "reduction": (None, "sum", "mean"),
    "sign": ("subtract", "add"),
}


@dataclass(frozen=True)
class Options:
    """What an audit is told; what is None is found out.

    Parameters
    ----------
    kind : {"gradient", "update"}, optional
        Whether the candidate gives gradients or changes the parameters. Of an object that does both, both are looked at,
        or the one that is asked for here.
    activation, cost, output
        What the network computes, as :class:`~chainrule.network.Network` takes them. Where the activation or the cost is
        not given, it is found out which of the tables' functions make the gradients right.
    weights, biases : sequence of array, optional
        The parameters that a function without any works with. ``biases=False``: the network has none.
    examples : {"columns", "rows", "single"}, optional
        How the candidate takes examples; with "single" it is given one at a time only.
    reduction : {"sum", "mean"}, optional
        Whether it adds up or averages the gradients of a mini-batch. Both are right where it is not said.
    sign : {"subtract", "add"}
        Whether its result is the gradient, or what is to be added to the parameters.
    method : str, optional
        The name of an object's method.
    learning_rate, lmbda, momentum : float
        For an update; ``lmbda`` also for gradients that have the L2 penalty in them.
    n : int, optional
        The size of the training set, for the penalty (lmbda / n).
    loss : callable, optional
        Of a torch module: loss(outputs, targets).
    own_cost : callable, optional
        The candidate's own cost; it is called as the candidate is.
    beside : mapping of str to callable
        Functions that belong to the candidate, by their names, such as its cost and the derivative of it: they tell which
        cost is meant.
    seed : int
        Of the examples and parameters that are drawn.
    """

    kind: str | None = None
    activation: Any = None
    cost: Any = None
    output: Any = None
    weights: Sequence[Any] | None = None
    biases: Sequence[Any] | bool | None = None
    examples: str | None = None
    reduction: str | None = None
    sign: str = "subtract"
    method: str | None = None
    learning_rate: float = RATE
    lmbda: float = 0.0
    n: int | None = None
    momentum: float = 0.0
    loss: Callable[..., Any] | None = None
    own_cost: Callable[..., Any] | None = None
    beside: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    seed: int = 0


def options_of(given: Mapping[str, Any]) -> Options:
    """The settings, or a ConfigError that names the one that there is not."""
    known = [f.name for f in fields(Options)]
    for name in given:
        if name not in known:
            raise ConfigError(f"audit has no option {name!r}.{similar(name, known)} There are: {', '.join(known)}.")
    for name, choices in CHOICES.items():
        if given.get(name) is not None:
            nearest({choice: choice for choice in choices if choice}, given[name], name)
    if not float(given.get("learning_rate", 1)) > 0:
        raise ConfigError(f"learning_rate = {given['learning_rate']}: an update is seen only if it is above 0.")
    return Options(**given)
