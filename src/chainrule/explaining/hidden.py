"""The errors of the hidden layers: BP2 from the chain rule, and what it is for each kind of layer."""

from __future__ import annotations

from typing import Any

from chainrule import equations as eq
from chainrule.activations import Activation
from chainrule.document import Math
from chainrule.explaining.letters import Label, dot, sum_over
from chainrule.explaining.rewriting import tidy
from chainrule.explaining.softmax import softmax_error, softmax_lemma
from chainrule.explaining.writing import Writer

J = (("j", 0),)
KJ = (("k", 1), ("j", 0))


def hidden_errors(d: Writer) -> None:
    """BP2, for any layer and then for each kind."""
    hidden = list(d.a.layers[:-1])
    d.heading("hidden errors")
    if not hidden:
        d.say("no hidden layer")
        return
    elementwise = [l for l in hidden if d.a.sigma(l).elementwise]
    if elementwise:
        _any_layer(d, elementwise)
    for row in dict.fromkeys(d.a.sigma(l) for l in reversed(hidden)):
        layers = [l for l in hidden if d.a.sigma(l) == row]
        if row.elementwise:
            _of_kind(d, row, layers)
        else:
            for l in reversed(layers):
                _softmax(d, l)


def weighted(d: Writer, at: Label) -> Any:
    """The sum of the errors of the next layer, each times its weight, in the order of the matrices."""
    weight, delta = d.letters.component("w", at.plus(1), "kj"), d.letters.printed("delta", at.plus(1), "k")
    return sum_over("k", delta * weight if d.convention.rows else weight * delta)


def _any_layer(d: Writer, layers: list[int]) -> None:
    """BP2 for any activation function."""
    at = d.label(layers)
    after, z = at.plus(1), Math.of(d.letters.component("z", at, "j"))
    later, step = (d.letters.partial(of, by) for of, by in (
        ("cost_x", ("z", after, "k")), (("z", after, "k"), ("z", at, "j"))))  # fmt: skip
    key = "through the next layer" + " one" * (len(layers) == 1)
    d.say(key, layers=d.numbers(layers), z=z, after=d.numbers([layers[0] + 1]))
    d.formula(d.letters.partial("cost_x", ("z", at, "j")), sum_over("k", dot(later, step)), layers=layers, free=J)
    _next_z(d, at, layers)
    weight, slope = d.letters.component("w", after, "kj"), d.sigma_prime(at, "j")
    d.formula(step, weight * slope, layers=layers, free=KJ)
    d.say("put together", known=Math.of(tidy(d.letters.component("delta", after, "k"))))
    terms = sum_over("k", d.letters.printed("delta", after, "k") * weight * slope)
    d.formula(d.letters.printed("delta", at, "j"), terms, weighted(d, at) * slope, layers=layers, free=J)
    key = "matrix form of BP2 in rows" if d.convention.rows else "matrix form of BP2"
    d.say(key, w=Math.of(d.letters.printed("w", after)))
    d.formula(*d.stated(eq.backpropagated_error, at, sigma_prime=d.sigma_prime(at)), name="BP2", layers=layers)


def _next_z(d: Writer, at: Label, layers: list[int]) -> None:
    """How the weighted inputs of the next layer come about."""
    weight, a = d.letters.component("w", at.plus(1), "ki"), d.letters.component("a", at, "i")
    total = sum_over("i", a * weight if d.convention.rows else weight * a)
    biased = total + d.letters.component("b", at.plus(1), "k") if d.a.biases else total
    d.say("next z is")
    d.formula(d.letters.component("z", at.plus(1), "k"), biased, layers=layers, free=(("k", 1),))


def _heading(d: Writer, row: Activation, layers: list[int]) -> None:
    name = d.words.text("functions of their own") if row.neurons else d.words.name(row.name)
    d.heading("layer of a kind" if len(layers) == 1 else "layers of a kind", 2, layers=d.numbers(layers), name=name)


def _of_kind(d: Writer, row: Activation, layers: list[int]) -> None:
    """BP2 with the slope of one activation function filled in."""
    _heading(d, row, layers)
    at = d.label(layers)
    if row.name == "identity":
        linear(d, at, layers)
        return
    if row.neurons:
        d.say("one modified neuron")
    for neurons, kind in d.kinds(row):
        if neurons is not None:
            d.say("for these neurons", neurons=d.neurons(neurons), name=d.words.name(kind.name))
        found = weighted(d, at) * d.slope(kind, at, "j")
        d.formula(d.letters.printed("delta", at, "j"), found, layers=layers, free=J, neurons=neurons)
    if not row.neurons:
        d.formula(*d.stated(eq.backpropagated_error, at, sigma_prime=d.slope(row, at)), layers=layers)


def linear(d: Writer, at: Label, layers: list[int]) -> None:
    """The lemma that linear neurons hand errors on as they are."""
    total = weighted(d, at)
    with d.note("lemma", "lemma linear"):
        d.say("lemma linear why")
        d.formula(d.letters.printed("delta", at, "j"), dot(total, 1), total, layers=layers, free=J)
        d.formula(*d.stated(eq.backpropagated_error, at, sigma_prime=1), layers=layers)


def _softmax(d: Writer, l: int) -> None:
    """BPa and BPs of a hidden softmax layer."""
    _heading(d, d.a.sigma(l), [l])
    at = d.letters.label(l)
    d.say("hidden softmax")
    d.formula(*d.stated(eq.backpropagated_slope, at), name="BPa", layers=[l])
    softmax_lemma(d)
    softmax_error(d, l, at)
