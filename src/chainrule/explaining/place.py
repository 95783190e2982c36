"""Where one number comes from: the gradient of a weight, or the error of a neuron, followed back to inputs and cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chainrule.document import Block, Document, Math
from chainrule.errors import ShapeError
from chainrule.explaining import numbers_backward as backward
from chainrule.explaining import numbers_forward as forward
from chainrule.explaining import paths
from chainrule.explaining.convention import Convention
from chainrule.explaining.example import Example
from chainrule.explaining.numbers import cell, counting, heading, with_brackets
from chainrule.explaining.numbers_update import Place, Update
from chainrule.explaining.recipe import left_out
from chainrule.network import Network


def of_weight(network: Network, x: Any, y: Any, place: tuple[int, ...], convention: Convention, step: Any) -> Document:
    """Where dC/dw of one weight comes from, and what becomes of the weight."""
    e, (l, j, k) = Example(network, x, y, convention), place
    checked(e, l, j, k)
    name, gradient = e.math("w", l, j, k), e.math("nabla_w", l, j, k)
    where = {"l": e.c.layer(l), "j": e.c.neuron(j), "k": e.c.neuron(k), "before": e.c.layer(l - 1)}
    blocks = [
        e.say("weight head", weight=name, digits=e.c.digits, **where),
        *counting(e, l),
        e.say("many examples", m=f"{e.m:,}") if e.m > 1 else None,
        e.formula(backward.weight_gradient(e, l, j, k, short=False), "BP4"),
        heading(e, "factor forward", factor=Math(*e.name("a", l - 1, k))),
        *back_to_inputs(e, l - 1, k),
        heading(e, "factor backward", factor=Math(*e.name("delta", l, j))),
        *on_to_cost(e, l, j),
        heading(e, "paths"),
        *paths.section(e, l, j, k),
        *update_of(e, ("w", l, (j, k)), step),
        e.say("read back", n=f"{e.lines.read:,}"),
    ]
    title = e.words.text("weight title", gradient=gradient.text)
    return Document(title, tuple(with_brackets(e, [b for b in blocks if b is not None])), convention.language)


def of_neuron(network: Network, x: Any, y: Any, place: tuple[int, ...], convention: Convention, step: Any) -> Document:
    """Where the error of one neuron comes from, and the gradients that it is part of."""
    e, (l, j) = Example(network, x, y, convention), place
    checked(e, l, j)
    error = Math(*e.name("delta", l, j))
    blocks = [
        e.say("neuron head", l=e.c.layer(l), j=e.c.neuron(j), error=error, digits=e.c.digits),
        *counting(e, l),
        e.say("many examples", m=f"{e.m:,}") if e.m > 1 else None,
        heading(e, "neuron forward"),
        *back_to_inputs(e, l, j),
        heading(e, "neuron backward", factor=error),
        *on_to_cost(e, l, j),
        heading(e, "neuron gradients"),
        *gradients_of(e, l, j),
        *update_of(e, ("b", l, (j, 0)) if e.a.biases else None, step),
        e.say("read back", n=f"{e.lines.read:,}"),
    ]
    title = e.words.text("neuron title", l=e.c.layer(l), j=e.c.neuron(j))
    return Document(title, tuple(with_brackets(e, [b for b in blocks if b is not None])), convention.language)


def checked(e: Example, l: int, j: int, k: int = 0) -> None:
    """Refuse a place that the network does not have.

    Raises
    ------
    ShapeError
        There is no such layer or neuron.
    """
    first = e.c.first
    if l not in e.a.layers:
        raise ShapeError(
            f"layer {e.c.layer(l)} has no weights and no errors: counted from {first}, layers {e.c.layer(2)} to "
            f"{e.c.layer(e.a.L)} have."
        )
    for layer, n in ((l, j), (l - 1, k)):
        if not 0 <= n < e.a.neurons(layer):
            raise ShapeError(
                f"layer {e.c.layer(layer)} has no neuron {e.c.neuron(n)}: it has {e.a.neurons(layer):,}, "
                f"counted from {first}."
            )


def back_to_inputs(e: Example, l: int, j: int) -> Iterator[Block]:
    """An activation, followed back layer by layer to the inputs."""
    if l == 1:
        yield e.say("is input", name=e.math("a", 1, j), value=cell(e, e.value("a", 1, j, 0)))
        return
    yield from neuron_forward(e, l, j)
    for before in range(l - 1, 1, -1):
        yield e.say("whose inputs", l=e.c.layer(before))
        for i in e.shown[before]:
            yield from neuron_forward(e, before, i)
        yield from hidden(e, before)
    yield e.say("inputs reached", l=e.c.layer(1))


def neuron_forward(e: Example, l: int, j: int) -> Iterator[Block]:
    """The z and the a of one neuron."""
    if not e.a.sigma(l).elementwise:
        yield e.formula(forward.softmax_sum(e, l) or forward.weighted_input(e, l, j))
    yield e.formula((*forward.weighted_input(e, l, j), *forward.activation(e, l, j)), "FP1, FP2")


def hidden(e: Example, l: int) -> Iterator[Block]:
    """That a layer has more neurons than are shown."""
    if (more := e.a.neurons(l) - len(e.shown[l])) > 0:
        yield e.say("more neurons", n=f"{more:,}", l=e.c.layer(l))


def on_to_cost(e: Example, l: int, j: int) -> Iterator[Block]:
    """An error, followed layer by layer to the cost."""
    yield from error(e, l, j)
    for after in range(l + 1, e.a.L + 1):
        yield e.say("whose errors", l=e.c.layer(after))
        for i in e.shown[after]:
            yield from error(e, after, i)
        yield from hidden(e, after)
    yield e.say("cost reached")
    yield e.formula(forward.cost(e), "C")


def error(e: Example, l: int, j: int) -> Iterator[Block]:
    """One error with the slope that it has as a factor."""
    softmax = not e.a.sigma(l).elementwise
    if l == e.a.L:
        yield e.formula(backward.cost_slope(e, j), "NA")
    elif softmax:
        yield e.formula(backward.passed_back(e, l, j), "BPa")
    if not softmax:
        yield e.formula(forward.slope(e, l, j), "SP")
    yield e.formula(*(backward.output_error_named(e, j) if l == e.a.L else backward.hidden_error_named(e, l, j)))


def gradients_of(e: Example, l: int, j: int) -> Iterator[Block]:
    """The gradients of the bias and of the weights into a neuron."""
    if e.a.biases:
        yield e.formula(backward.bias_gradient(e, l, j), "BP3")
    weights = [p for p in backward.shown_weights(e, l) if p[0] == j] or [(j, k) for k in e.shown[l - 1]]
    yield e.formula([line for _, k in weights for line in backward.weight_gradient(e, l, j, k)], "BP4")
    if (more := e.a.neurons(l - 1) - len(weights)) > 0:
        yield e.say("more weights into", n=f"{more:,}")


def update_of(e: Example, place: Place | None, step: Any) -> Iterator[Block]:
    """The step of one parameter."""
    if place is None:
        return
    update = Update(e, step.recipe, step.eta)
    if not update.changes(place):
        yield e.say("frozen", layers=str(e.c.layer(place[1])))
        return
    yield heading(e, "update of", name=e.math(*place[:2], *place[2]))
    eta = step.eta * step.recipe.layer_rates.get(place[1], 1.0)
    yield from left_out(step, e.words, "numbers")
    yield e.say("update one", optimizer=e.words.name(step.recipe.optimizer.name), eta=cell(e, eta))
    yield e.formula(update.lines(place, short=False))
