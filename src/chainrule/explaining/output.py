"""The errors of the output layer: BP1 from the chain rule, and the lemma that the slope cancels (BP1c)."""

from __future__ import annotations

from typing import Any

from chainrule import equations as eq
from chainrule.activations import Activation
from chainrule.document import Math
from chainrule.explaining.letters import Label, dot, sum_over
from chainrule.explaining.rewriting import tidy
from chainrule.explaining.softmax import identity, softmax_error, softmax_lemma
from chainrule.explaining.textbook import cost_slope_steps, traced
from chainrule.explaining.writing import Writer

J = (("j", 0),)


def output_error(d: Writer) -> None:
    """BP1 in the form that the output layer and the cost allow."""
    at, row = d.letters.label(d.a.L), d.a.sigma(d.a.L)
    d.heading("output error", layers=d.numbers([d.a.L]))
    if row.elementwise:
        _through_one(d, at)
    else:
        _through_all(d, at)
    cost_slope(d, at)
    if d.a.is_canonical:
        canonical(d, at)
    elif row.elementwise:
        filled_in(d, at)
    else:
        d.say("softmax error of the output")
        softmax_error(d, d.a.L, at)


def _chain(d: Writer, at: Label) -> Any:
    """The chain rule: the cost depends on z_j through every a_k."""
    one = d.letters.partial(("a", at, "k"), ("z", at, "j"))
    return sum_over("k", dot(d.letters.partial("cost_x", ("a", at, "k")), one))


def _through_one(d: Writer, at: Label) -> None:
    """BP1: of the terms of the chain rule one is not 0."""
    by_z, by_a = (d.letters.partial("cost_x", (s, at, "j")) for s in "za")
    a, z = (Math.of(d.letters.component(s, at, "j")) for s in "az")
    d.say("only its own a", a=a, z=z)
    own = d.letters.partial(("a", at, "j"), ("z", at, "j"))
    found = by_a * d.sigma_prime(at, "j")
    d.formula(by_z, _chain(d, at), dot(by_a, own), found, layers=[d.a.L], free=J)
    if d.letters.adds:
        d.say("sign of delta")
        delta = d.letters.solved("delta", found, component=True)
        d.formula(d.letters.printed("delta", at, "j"), delta, layers=[d.a.L], free=J)
    d.say("BP1 in matrices")
    d.formula(*d.stated(eq.output_error, at, sigma_prime=d.sigma_prime(at)), name="BP1", layers=[d.a.L])


def _through_all(d: Writer, at: Label) -> None:
    """A softmax layer: every term of the chain rule counts."""
    d.say("every a depends on every z", z=Math.of(d.letters.component("z", at, "j")))
    d.formula(d.letters.partial("cost_x", ("z", at, "j")), _chain(d, at), layers=[d.a.L], free=J)
    softmax_lemma(d)


def cost_slope(d: Writer, at: Label) -> None:
    """The derivative of the user's cost by an output."""
    steps, name = cost_slope_steps(d.a.cost), d.words.name(d.a.cost.name)
    if not steps:
        d.say("cost slope as given", name=name)
        return
    d.say("cost slope", name=name)
    a, y = (d.letters.component(s, at, "j") for s in "ay")
    rights = [traced(step, a, y) for step in steps]
    d.formula(d.letters.partial("cost_x", ("a", at, "j")), *rights, layers=[d.a.L], free=J)
    d.explain_brackets(len(d.claims) - 1)


def filled_in(d: Writer, at: Label) -> None:
    """The error with both slopes filled in, for each kind of neuron."""
    steps = cost_slope_steps(d.a.cost)
    for neurons, row in d.kinds(d.a.sigma(d.a.L)) if steps else ():
        key = "with both filled in" if neurons is None else "with both filled in for neurons"
        d.say(key, neurons=d.neurons(neurons))
        d.formula(d.letters.printed("delta", at, "j"), _product(d, at, row), layers=[d.a.L], free=J, neurons=neurons)


def _product(d: Writer, at: Label, row: Activation) -> Any:
    """The product of the cost's slope and the activation's, as the convention has it."""
    a, y = (d.letters.component(s, at, "j") for s in "ay")
    found = traced(cost_slope_steps(d.a.cost)[-1], a, y) * d.slope(row, at, "j")
    return d.letters.solved("delta", tidy(found), component=True)


# ------------------------------------------------------------------------------------------------------------ a - y


def canonical(d: Writer, at: Label) -> None:
    """The lemma that the slope cancels, and BP1c."""
    row, cost = d.a.sigma(d.a.L), d.a.cost
    title = "lemma no slope" if row.name == "identity" else "lemma canonical"
    with d.note("lemma", title, activation=d.words.name(row.name), cost=d.words.name(cost.name)):
        if row.elementwise:
            _cancelled(d, at)
        else:
            _cancelled_softmax(d, at)
    d.say("so the output error is")
    a, y = (d.letters.component(s, at, "j") for s in "ay")
    delta = d.letters.solved("delta", a - y, component=True)
    d.formula(d.letters.printed("delta", at, "j"), delta, layers=[d.a.L], free=J)
    d.formula(*d.stated(eq.canonical_output_error, at), name="BP1c", layers=[d.a.L])
    if row.name != "identity":
        d.say("no slope is left")


def _cancelled(d: Writer, at: Label) -> None:
    """The product of both slopes is a - y."""
    a, y = (d.letters.component(s, at, "j") for s in "ay")
    product = dot(traced(cost_slope_steps(d.a.cost)[-1], a, y), d.slope(d.a.sigma(d.a.L), at, "j"))
    d.say("lemma canonical why")
    d.formula(d.letters.partial("cost_x", ("z", at, "j")), product, a - y, layers=[d.a.L], free=J)


def _cancelled_softmax(d: Writer, at: Label) -> None:
    """Softmax with log-likelihood: the desired outputs sum to 1."""
    (a, y), (a_k, y_k) = ([d.letters.component(s, at, i) for s in "ay"] for i in "jk")
    d.say("lemma softmax why", one=d.equation(sum_over("k", y_k), 1, layers=[d.a.L], free=J))
    chain = dot(traced(cost_slope_steps(d.a.cost)[-1], a_k, y_k), a_k * (identity("k", "j") - a))
    steps = (sum_over("k", chain), sum_over("k", y_k * (a - identity("k", "j"))), a * sum_over("k", y_k) - y, a - y)
    d.formula(d.letters.partial("cost_x", ("z", at, "j")), *steps, layers=[d.a.L], free=J)
