"""The gradient of a weight as the sum over all paths from it to the cost: walked where few, counted where many."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import pairwise, product
from operator import add, mul
from typing import Any

import numpy as np

from chainrule import equations as eq
from chainrule.document import Block, Line, Math, Table
from chainrule.explaining.example import Example
from chainrule.explaining.figures import number, value_of
from chainrule.explaining.rewriting import tidy

FEW = 16  # as many paths are walked


def count(e: Example, l: int) -> list[tuple[int, int]]:
    """Over how many paths a neuron of each layer acts on the cost: BP2 with ones for weights and slopes counts them."""
    found = [(e.a.L, np.ones((e.a.neurons(e.a.L), 1), int))]
    for layer in range(e.a.L - 1, l - 1, -1):
        ones = np.ones((e.a.neurons(layer + 1), e.a.neurons(layer)), int)
        found.append((layer, eq.backpropagated_error(ones, found[-1][1], 1)))
    return [(layer, int(each[0, 0])) for layer, each in found]


def section(e: Example, l: int, j: int, k: int) -> Iterator[Block]:
    """The sum over all paths."""
    counts = count(e, l)
    total = counts[-1][1]
    yield e.say(
        "path head" if total > 1 else "path head one",
        n=f"{total:,}",
        sizes=" · ".join(sizes(e, l)) + " = " if e.a.L - l > 1 else "",
    )
    if e.m > 1 or not all(e.a.sigma(layer).elementwise for layer in range(l, e.a.L)):
        yield e.say("paths not walked many" if e.m > 1 else "paths not walked softmax")
    elif total <= FEW:
        yield from walked(e, l, j, k)
        return
    if total > 1:
        yield table(e, counts)


def sizes(e: Example, l: int) -> list[str]:
    """The numbers of neurons that a path can choose from, layer by layer."""
    return [str(e.a.neurons(layer)) for layer in range(l + 1, e.a.L + 1)]


def table(e: Example, counts: list[tuple[int, int]]) -> Block:
    """How many paths there are from a neuron of each layer."""
    rows = [((str(e.c.layer(layer)),), (f"{e.a.neurons(layer):,}",), (f"{n:,}",)) for layer, n in counts]
    header = tuple(e.words(key) for key in ("column layer", "column neurons", "column paths"))
    return Table(header, tuple(rows), e.words("path table"), frozenset({1, 2}))


def walked(e: Example, l: int, j: int, k: int) -> Iterator[Block]:
    """Each path with its factors, and their sum."""
    ways = [(j, *way) for way in product(*(range(e.a.neurons(layer)) for layer in range(l + 1, e.a.L + 1)))]
    lines: list[Line] = []
    terms: list[float] = []
    for way in ways:
        along = factors(e, l, way, k)
        sign = -1 if e.negated("nabla_w") else 1
        terms.append(sign * reduce(mul, map(value_of, along)))
        lines += e.lines.of(route(e, l, way, k), e.lines.with_numbers(tidy(sign * reduce(mul, along))), terms[-1])
    yield e.formula(lines)
    if len(terms) > 1:
        yield e.say("path sum")
        yield e.formula(total(e, l, j, k, terms))


def factors(e: Example, l: int, way: tuple[int, ...], k: int) -> list[Any]:
    """The factors along a path, from the input of the weight to the error of an output."""
    found: list[Any] = [e.number("a", l - 1, k)]
    for layer, (j, after) in enumerate(pairwise(way), l):
        found += [e.number("sigma_prime", layer, j), e.number("w", layer + 1, after, j)]
    return [*found, e.number("delta", e.a.L, way[-1])]


def route(e: Example, l: int, way: tuple[int, ...], k: int) -> Math:
    """The weight and the neurons that a path goes through."""
    stops = [e.math("w", l, way[0], k), *(e.math("z", layer, j) for layer, j in enumerate(way, l)), Math("C", "C")]
    return Math(r" \to ".join(s.latex for s in stops), " → ".join(s.text for s in stops))


def total(e: Example, l: int, j: int, k: int, terms: list[float]) -> tuple[Line, ...]:
    """The sum of the paths, which is the gradient."""
    tree = reduce(add, (number("", "", x) for x in terms))
    left, value = e.printed("nabla_w", l, j, k)
    return e.lines.of(left, e.lines.with_numbers(tree)[1:], value)
