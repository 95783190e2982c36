"""The lemmas on slopes: of each activation function that the network has."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.activations import Activation
from chainrule.algebra import formula
from chainrule.algebra.symbolic import function_symbol
from chainrule.document import Formula, Math
from chainrule.explaining.rewriting import VALUES
from chainrule.explaining.textbook import A, Z, definition, slope_steps, traced
from chainrule.explaining.writing import Writer

POINTS = (-1.3, -0.4, 0.2, 0.7, 2.1)  # on both sides of 0, of -1 and of 1


def slopes(d: Writer) -> None:
    """The slope of each activation function that the network has."""
    rows = [row for l in d.a.layers for row in d.a.sigma(l).neurons or (d.a.sigma(l),)]
    wanted = list(dict.fromkeys(row for row in rows if row.elementwise))
    if not wanted:
        return
    d.heading("slopes")
    first = len(d.claims)
    for row in wanted:
        slope_lemma(d, row)
    d.explain_brackets(first)


def slope_lemma(d: Writer, row: Activation) -> None:
    """Where the slope of an activation function comes from."""
    tables = {0: _tables(row)}
    function = traced(definition(row), Z)
    steps = [traced(step, Z, A) for step in slope_steps(row)]
    sigma, prime = (function_symbol(rf"\sigma{dash}", f"σ{mark}") for dash, mark in (("", ""), ("'", "′")))
    with d.note("lemma", "lemma slope", name=d.words.name(row.name)):
        if function is None or not steps:
            d.say("slope as given", name=d.words.name(row.name))
            return
        if function is not Z:
            d.say("with a for", a=Math.of(A), sigma=Math.of(sigma(Z)))
        lines = d.lines(sigma(Z), function, tables=tables) + d.lines(prime(Z), *steps, tables=tables)
        d.blocks.append(Formula(tuple(lines)))
        values = [f"{letter} = {VALUES[letter]!r}" for letter in "αβ" if letter in formula.text(function)]
        if values:
            d.say("constants", values=d.words.listed(values))


def _tables(row: Activation) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The names at some points z."""
    found = []
    for z in POINTS:
        point = np.full((1, 1), z)
        a = row(point)
        prime = float(row.prime(point, a)[0, 0])
        table = {**VALUES, "z": z, "a": float(a[0, 0]), "σ": lambda z, row=row: float(row(np.full((1, 1), z))[0, 0]),
                 "σ′": lambda z, prime=prime: prime}  # fmt: skip
        found.append((table, table))
    return found
