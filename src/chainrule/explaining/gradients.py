"""The gradients (BP3, BP4): from the chain rule, then summed over the mini-batch."""

from __future__ import annotations

from typing import Any

from chainrule import equations as eq
from chainrule.document import Math
from chainrule.explaining.letters import dot, sum_over
from chainrule.explaining.rewriting import tidy
from chainrule.explaining.writing import Writer

J, JK = (("j", 0),), (("j", 0), ("k", -1))


def gradients(d: Writer) -> None:
    """BP3 and BP4."""
    d.heading("gradients")
    at, layers = d.letters.label(None), list(d.a.layers)
    z, later = ("z", at, "j"), d.letters.partial("cost_x", ("z", at, "j"))
    delta, a_prev = d.letters.component("delta", at, "j"), d.letters.component("a", at.plus(-1), "k")
    w, b = ("w", at, "jk"), ("b", at, "j")
    d.say("only its own z", w=Math.of(d.letters.component(*w)), z=Math.of(d.letters.component(*z)))
    d.formula(
        d.letters.partial("cost_x", w), dot(later, d.letters.partial(z, w)), tidy(_ordered(d, delta, a_prev)),
        layers=layers, free=JK,
    )  # fmt: skip
    d.say("both factors", a=Math.of(a_prev), delta=Math.of(d.letters.printed("delta", at, "j")))
    if d.a.biases:
        d.say("biases have the factor 1")
        d.formula(d.letters.partial("cost_x", b), dot(later, d.letters.partial(z, b)), tidy(delta), layers=layers, free=J)
    d.say("summed over the batch")
    delta_x, a_x = d.letters.component("delta", at, "jx"), d.letters.component("a", at.plus(-1), "kx")
    if d.a.biases:
        d.formula(d.letters.partial("cost", b), tidy(sum_over("x", delta_x)), layers=layers, free=J, batch=True)
    of_weight = tidy(sum_over("x", _ordered(d, delta_x, a_x)))
    d.formula(d.letters.partial("cost", w), of_weight, layers=layers, free=JK, batch=True)
    d.say("in matrices")
    for equation in (eq.bias_gradient, eq.weight_gradient)[not d.a.biases :]:
        d.formula(*d.stated(equation, at), name=equation.name, layers=layers)


def _ordered(d: Writer, delta: Any, a: Any) -> Any:
    """Both factors, in the order of the matrices."""
    return a * delta if d.convention.rows else delta * a
