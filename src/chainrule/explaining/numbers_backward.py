"""The backward pass with its numbers: errors, case by case, and gradients as products of two factors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule import equations as eq
from chainrule.document import Block, Line
from chainrule.explaining.example import Example, largest
from chainrule.explaining.figures import matrix
from chainrule.explaining.textbook import cost_slope_steps, traced
from chainrule.explaining.writing import ranges

MOST_WEIGHTS = 12  # of a layer, that are shown


def cost_slope(e: Example, j: int, x: int = 0) -> tuple[Line, ...]:
    """How the cost changes with one output."""
    steps, place = cost_slope_steps(e.a.cost), (e.a.L, j, x)
    tree = traced(steps[0], e.number("a", *place), e.number("y", 0, j, x)) if steps else None
    keep = tree is not None and e.lines.sound(tree, e.value("nabla_a", *place))
    return e.solved("nabla_a", place, tree if keep else None)


def output_error(e: Example, j: int, x: int = 0) -> tuple[Line, ...]:
    """Case 1: the error of an output neuron, from the cost itself."""
    place = e.a.L, j, x
    plain = eq.canonical_output_error(e.number("a", *place), e.number("y", 0, j, x))
    if not e.a.sigma(e.a.L).elementwise:
        return e.solved("delta", place, plain if e.a.is_canonical else _softmax_error(e, *place))
    product = eq.output_error(e.number("nabla_a", *place), e.number("sigma_prime", *place))
    if not e.a.is_canonical:
        return e.solved("delta", place, product)
    short = e.solved("delta", place, plain)
    if not _multiplies(e, j, x):
        return short
    return (*e.solved("delta", place, product)[:-1], *(line._replace(left=None) for line in short))


def _multiplies(e: Example, j: int, x: int) -> bool:
    """Whether the factors can still be multiplied: those of a saturated neuron have lost their digits."""
    nabla, prime = e.value("nabla_a", e.a.L, j, x), e.value("sigma_prime", e.a.L, j, x)
    return bool(np.isclose(nabla * prime, e.value("delta", e.a.L, j, x), rtol=1e-12, atol=0))


def _softmax_error(e: Example, l: int, j: int, x: int) -> Any:
    """The error of a softmax neuron: all of its layer have a part in it."""
    pairs = [(e.number("a", l, i, x), e.number("nabla_a", l, i, x)) for i in range(e.a.neurons(l))]
    others, slopes = e.folded(pairs[:j] + pairs[j + 1 :]) if len(pairs) > 1 else ([], [])
    a, nabla_a = ([x] for x in pairs[j])
    return eq.softmax_error(matrix([[v] for v in a + others]), matrix([[v] for v in nabla_a + slopes]))[0, 0]


def hidden_error(e: Example, l: int, j: int, x: int = 0) -> tuple[Line, ...]:
    """Case 2: the error of a neuron that is not an output, from the errors of the layer after it."""
    if not e.a.sigma(l).elementwise:
        return e.solved("delta", (l, j, x), _softmax_error(e, l, j, x))
    row, column = e.product(ahead(e, l, j, x))
    tree = eq.backpropagated_error(row.T, column, e.number("sigma_prime", l, j, x))[0, 0]
    return e.solved("delta", (l, j, x), tree)


def ahead(e: Example, l: int, j: int, x: int) -> list[tuple[Any, Any]]:
    """Each weight out of a neuron, with the error that it leads to."""
    return [(e.number("w", l + 1, i, j), e.number("delta", l + 1, i, x)) for i in range(e.a.neurons(l + 1))]


def output_error_named(e: Example, j: int) -> tuple[tuple[Line, ...], str]:
    """The same, with the name of its equation."""
    softmax = not e.a.sigma(e.a.L).elementwise
    return output_error(e, j), "BPs" if softmax and not e.a.is_canonical else "BP1c" if softmax else "BP1"


def hidden_error_named(e: Example, l: int, j: int) -> tuple[tuple[Line, ...], str]:
    """The same, with the name of its equation."""
    return hidden_error(e, l, j), "BP2" if e.a.sigma(l).elementwise else "BPs"


def passed_back(e: Example, l: int, j: int, x: int = 0) -> tuple[Line, ...]:
    """dC/da of a hidden softmax neuron, which its error is made of."""
    row, column = e.product(ahead(e, l, j, x))
    return e.solved("nabla_a", (l, j, x), eq.backpropagated_slope(row.T, column)[0, 0])


def weight_gradient(e: Example, l: int, j: int, k: int, *, short: bool = True) -> tuple[Line, ...]:
    """dC/dw as the product of its two factors, summed over the examples."""
    row, column = e.product([(e.number("delta", l, j, x), e.number("a", l - 1, k, x)) for x in range(e.m)])
    return e.solved("nabla_w", (l, j, k), eq.weight_gradient(column.T, row)[0, 0], short=short)


def bias_gradient(e: Example, l: int, j: int) -> tuple[Line, ...]:
    """dC/db: the error itself, summed over the examples."""
    terms, _ = e.folded([(e.number("delta", l, j, x), 1) for x in range(e.m)])
    return e.solved("nabla_b", (l, j), eq.bias_gradient(matrix([terms]))[0, 0], short=True)


def errors(e: Example, l: int) -> Iterator[Block]:
    """The errors of one layer."""
    softmax = not e.a.sigma(l).elementwise
    if l == e.a.L:
        yield e.say("case 1" if not softmax else "case 1 matched" if e.a.is_canonical else "case 1 softmax")
    else:
        yield e.say("case 2" if l == e.a.L - 1 else "case 2 again", after=e.c.layer(l + 1))
    for j in e.shown[l]:
        if l == e.a.L:
            yield e.formula(cost_slope(e, j), "NA")
            yield e.formula(*output_error_named(e, j))
        else:
            if softmax:
                yield e.formula(passed_back(e, l, j), "BPa")
            yield e.formula(*hidden_error_named(e, l, j))
    if (hidden := e.a.neurons(l) - len(e.shown[l])) > 0:
        yield e.say("more errors", n=f"{hidden:,}", l=e.c.layer(l))
    flat = [] if softmax else [e.c.neuron(int(j)) for j in np.flatnonzero(e.pass_.sigma_prime[l][:, 0] == 0)]
    if flat and not (l == e.a.L and e.a.is_canonical):
        yield e.say("no slope", l=e.c.layer(l), neurons=ranges(flat))


def shown_weights(e: Example, l: int) -> list[tuple[int, int]]:
    """The weights into a layer that are shown: all of a few, of more those with the largest gradients."""
    gradient = e.pass_.nabla_w[l]
    places = list(np.ndindex(*gradient.shape))
    if len(places) <= MOST_WEIGHTS:
        return places
    order = np.argsort(-np.abs(gradient), axis=None, kind="stable")[:6]
    return sorted(places[i] for i in order)


def shown_biases(e: Example, l: int) -> list[int]:
    """The neurons of a layer whose biases are shown."""
    return largest(e.pass_.nabla_b[l][:, 0]) if e.a.biases else []


def gradients(e: Example, l: int) -> Iterator[Block]:
    """The gradients of one layer: each the product of a factor from the forward and one from the backward pass."""
    yield e.say("gradient layer", l=e.c.layer(l))
    lines = [line for j, k in shown_weights(e, l) for line in weight_gradient(e, l, j, k)]
    yield e.formula(lines, "BP4")
    if e.a.biases:
        yield e.formula([line for j in shown_biases(e, l) for line in bias_gradient(e, l, j)], "BP3")
    if (more := e.pass_.nabla_w[l].size - len(shown_weights(e, l))) > 0:
        rest = np.abs(e.pass_.nabla_w[l]).sum() - sum(abs(e.value("nabla_w", l, *p)) for p in shown_weights(e, l))
        total = np.abs(e.pass_.nabla_w[l]).sum()
        yield e.say("more weights", n=f"{more:,}", l=e.c.layer(l), share=f"{rest / total if total else 0:.0%}")
