"""Softmax layers: their activations, the lemma on their derivatives, and their errors (BPs)."""

from __future__ import annotations

import numpy as np

from chainrule import equations as eq
from chainrule.algebra.symbolic import Expr, leaf
from chainrule.document import Math
from chainrule.explaining.letters import Label, lowered, sum_over
from chainrule.explaining.writing import Writer


def identity(k: str, j: str) -> Expr:
    """An element of the identity matrix: 1 where k is j, 0 elsewhere."""
    return leaf("I", latex=f"I_{{{k}{j}}}", text=f"I{lowered(k + j)}", scalar=True)


def softmax_activation(d: Writer, at: Label, layers: list[int]) -> None:
    """The activations: shares of the whole."""
    z = {i: d.letters.component("z", at, i) for i in "jk"}
    share = np.exp(z["j"]) / sum_over("k", np.exp(z["k"]))
    d.formula(d.letters.component("a", at, "j"), share, layers=layers, free=(("j", 0),))


def softmax_lemma(d: Writer) -> None:
    """The derivative of each activation of a softmax layer by each of its weighted inputs; it is shown once."""
    layers = d.softmax_layers()
    at = d.label(layers)
    a, z = ({i: d.letters.component(s, at, i) for i in "jki"} for s in "az")
    left, one = d.letters.partial(("a", at, "k"), ("z", at, "j")), identity("k", "j")
    if any(claim.left == Math.of(left) for claim in d.claims):
        return
    total = sum_over("i", np.exp(z["i"]))
    with d.note("lemma", "lemma softmax"):
        d.say("lemma softmax quotient", I=Math.of(one))
        quotient = (one * np.exp(z["k"]) * total - np.exp(z["k"]) * np.exp(z["j"])) / np.square(total)
        steps = (quotient, one * a["k"] - a["k"] * a["j"], a["k"] * (one - a["j"]))
        d.formula(left, *steps, layers=layers, free=(("k", 0), ("j", 0)))


def softmax_error(d: Writer, l: int, at: Label) -> None:
    """BPs, of one neuron and in matrices."""
    a = {i: d.letters.component("a", at, i) for i in "jk"}
    by_a = {i: d.letters.partial("cost_x", ("a", at, i)) for i in "jk"}
    terms = sum_over("k", by_a["k"] * (a["k"] * (identity("k", "j") - a["j"])))
    short = a["j"] * (by_a["j"] - sum_over("k", a["k"] * by_a["k"]))
    d.formula(d.letters.partial("cost_x", ("z", at, "j")), terms, short, layers=[l], free=(("j", 0),))
    d.formula(*d.stated(eq.softmax_error, at), name="BPs", layers=[l])
