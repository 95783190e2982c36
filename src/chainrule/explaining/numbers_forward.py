"""The forward pass with its numbers: what comes in, every z, a and slope, and the cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule import equations as eq
from chainrule.activations import Activation
from chainrule.algebra.symbolic import Expr
from chainrule.document import Block, Line, Math
from chainrule.explaining.example import Example, largest
from chainrule.explaining.figures import called, matrix, number, value_of
from chainrule.explaining.textbook import definition, short, traced
from chainrule.notation import Key


def weighted_input(e: Example, l: int, j: int, x: int = 0) -> tuple[Line, ...]:
    """One z: what comes in times its weights, and the bias."""
    n = e.a.neurons(l - 1)
    row, column = e.product([(e.number("w", l, j, k), e.number("a", l - 1, k, x)) for k in range(n)])
    if e.a.biases:
        tree = eq.weighted_input(row, column, matrix([[e.number("b", l, j)]]))[0, 0]
    else:
        tree = eq.weighted_input_without_bias(row, column)[0, 0]
    return e.lines.of(e.math("z", l, j, x), e.lines.with_numbers(tree), e.value("z", l, j, x))


def activation(e: Example, l: int, j: int, x: int = 0) -> tuple[Line, ...]:
    """One a: sigma of z, as the formula of sigma has it."""
    left, value = e.math("a", l, j, x), e.value("a", l, j, x)
    if not e.a.sigma(l).elementwise:
        return _softmax(e, l, j, x)
    row, z = e.sigma(l, j), e.number("z", l, j, x)
    inside = formula_of(row, definition(row), [z])
    by_name = eq.activation(lambda z: called(row, r"\sigma", "σ", z), z)
    return e.lines.of(left, [by_name, e.lines.with_numbers(inside)[1]], value)


def _softmax(e: Example, l: int, j: int, x: int) -> tuple[Line, ...]:
    """One a of a softmax layer: its share of the sum of all e^z."""
    left, value = e.math("a", l, j, x), e.value("a", l, j, x)
    total = _sum_of_powers(e, l, x)
    if total is None:
        return e.lines.of(left, [], value)
    return e.lines.of(left, e.lines.with_numbers(np.exp(e.number("z", l, j, x)) / total), value)


def softmax_sum(e: Example, l: int, x: int = 0) -> tuple[Line, ...]:
    """The sum that the activations of a softmax layer are shares of; nothing where it is too large for a number."""
    total = _sum_of_powers(e, l, x)
    if total is None:
        return ()
    z = [e.number("z", l, j, x) for j in range(e.a.neurons(l))]
    powers = np.exp([value_of(v) for v in z])
    keep = largest(powers)
    terms = [np.exp(z[j]) for j in keep]
    if len(keep) < len(z):
        terms.append(e.rest(np.delete(powers, keep)))
    return e.lines.of(total, e.lines.with_numbers(sum(terms[1:], terms[0])), value_of(total))


def _sum_of_powers(e: Example, l: int, x: int) -> Expr | None:
    with np.errstate(over="ignore"):
        powers = np.exp(e.pass_.z[l][:, x])
    total = float(powers.sum())
    if not 0 < total < np.inf:
        return None
    return number(*e.name("sum", l, 0, x), total, len(powers) * float(np.spacing(total)))


def slope(e: Example, l: int, j: int, x: int = 0) -> tuple[Line, ...]:
    """One slope, as it is computed from z and a."""
    row = e.sigma(l, j)
    z, a = e.number("z", l, j, x), e.number("a", l, j, x)
    left, value = e.math("sigma_prime", l, j, x), e.value("sigma_prime", l, j, x)
    step = short(row)
    tree = None if step is None else traced(step, z, a)
    return e.lines.of(left, [] if tree is None else e.lines.with_numbers(tree), value)


def factors(e: Example, l: int, x: int = 0) -> Iterator[Line]:
    """dz/dw for each weight into a layer: the activation that it is multiplied by."""
    for k in largest(e.pass_.a[l - 1][:, x]):
        a = e.number("a", l - 1, k, x)
        yield from e.lines.of(dz_dw(e, l, k, x), [a], value_of(a), short=True)


def dz_dw(e: Example, l: int, k: int, x: int = 0) -> Math:
    """The name dz/dw, for any neuron j of the layer."""
    place = [str(e.c.neuron(k)), "j"] if e.c.rows else ["j", str(e.c.neuron(k))]
    wide = max(e.a.neurons(l), e.a.neurons(l - 1)) - 1 + e.c.first > 9
    mark = f"({x + 1})" if e.m > 1 else ""
    z, w = e.form("z", l, "j", mark), e.form("w", l, ("," if wide else "").join(place))
    return Math(rf"\frac{{\partial {z[0]}}}{{\partial {w[0]}}}", f"∂{z[1]}/∂{w[1]}")


def formula_of(row: Any, f: Any, operands: list[Any]) -> Any:
    """A function run on letters; of one that does not run on them, its name."""
    tree = traced(f, *operands)
    if tree is not None:
        return tree
    plain = row.name if row.name.isidentifier() else "f"
    return called(row, rf"\operatorname{{{plain.replace('_', chr(92) + '_')}}}", plain, *operands)


def cost(e: Example, x: int = 0) -> tuple[Line, ...]:
    """The cost of one example: the sum over the output neurons."""
    L = e.a.L
    pairs = [(e.number("a", L, j, x), e.number("y", 0, j, x)) for j in range(e.a.neurons(L))]
    sizes = e.a.cost(e.pass_.a[L][:, x], e.values[Key("y", 0)][:, x])
    keep = largest(sizes)
    terms = [formula_of(e.a.cost, definition(e.a.cost), list(pairs[j])) for j in keep]
    if len(keep) < len(pairs):
        terms.append(e.rest(np.delete(sizes, keep)))
    tree = eq.cost(lambda *_: matrix([[term] for term in terms]), None, None)[0, 0]
    value = float(e.pass_.cost_x[0, x])
    trees = e.lines.with_numbers(tree) if tells(e, x) else []
    return e.lines.of(Math(*e.name("cost_x", 0, 0, x)), trees, value)


def tells(e: Example, x: int = 0) -> bool:
    """Whether the outputs, as floats, still give the cost: those of saturated neurons do not."""
    with np.errstate(all="ignore"):
        found = definition(e.a.cost)(e.pass_.a[e.a.L][:, x], e.values[Key("y", 0)][:, x]).sum()
    return bool(np.isclose(found, e.pass_.cost_x[0, x], rtol=1e-13, atol=0))


def total_cost(e: Example) -> tuple[Line, ...]:
    """The cost of the mini-batch: the sum over its examples, whose gradient is the sum of theirs."""
    terms, _ = e.folded([(e.number("cost_x", 0, 0, x), 1) for x in range(e.m)])
    return e.lines.of(Math("C", "C"), e.lines.with_numbers(sum(terms[1:], terms[0])), e.pass_.cost * e.m)


def layer(e: Example, l: int) -> Iterator[Block]:
    """The forward pass through one layer."""
    yield e.say("factors", l=e.c.layer(l))
    yield e.formula(list(factors(e, l)))
    if not e.a.sigma(l).elementwise and (lines := softmax_sum(e, l)):
        yield e.formula(lines)
    for j in e.shown[l]:
        yield e.formula(weighted_input(e, l, j), "FP1" if e.a.biases else "FP1o")
        slopes = slope(e, l, j) if e.a.sigma(l).elementwise else ()
        yield e.formula(activation(e, l, j), "FP2")
        if slopes:
            yield e.formula(slopes, "SP")
    if (hidden := e.a.neurons(l) - len(e.shown[l])) > 0:
        yield e.say("more neurons", n=f"{hidden:,}", l=e.c.layer(l))


def kinds(e: Example, l: int) -> Iterator[tuple[Activation, list[int]]]:
    """Each activation of a layer with the neurons that have it."""
    rows = e.a.sigma(l).neurons or (e.a.sigma(l),)
    for row in dict.fromkeys(rows):
        yield row, [j for j, r in enumerate(rows) if r == row]
