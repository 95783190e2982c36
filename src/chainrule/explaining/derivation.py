"""The derivation of backpropagation for one architecture, from the chain rule to the update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule import equations as eq
from chainrule.activations import Activation
from chainrule.architecture import Architecture
from chainrule.document import Document, Inline, Math, Table
from chainrule.explaining.claims import Claim, verify
from chainrule.explaining.convention import Convention
from chainrule.explaining.gradients import gradients
from chainrule.explaining.hidden import hidden_errors
from chainrule.explaining.in_training import in_training
from chainrule.explaining.lemmas import slopes
from chainrule.explaining.letters import plain, sum_over
from chainrule.explaining.names import Names
from chainrule.explaining.output import output_error
from chainrule.explaining.recipe import TrainingStep, left_out
from chainrule.explaining.rewriting import tidy
from chainrule.explaining.softmax import softmax_activation
from chainrule.explaining.textbook import Z, definition, named, traced
from chainrule.explaining.updating import update
from chainrule.explaining.whole import whole_step
from chainrule.explaining.witness import Witness
from chainrule.explaining.writing import Writer, ranges

if TYPE_CHECKING:
    from chainrule.network import Network


def derivation(network: Network, convention: Convention, step: TrainingStep) -> Document:
    """The derivation for this network; every line of it has been read back and compared before it is given out."""
    d, names = _written(network.architecture, convention, step)
    done = verify(d.claims, names)
    d.say("checked", lines=f"{len(d.claims):,}", comparisons=f"{done:,}")
    sizes = "-".join(map(str, network.sizes))
    return Document(d.words.text("title", sizes=sizes), tuple(d.blocks), convention.language)


def written_down(a: Architecture, convention: Convention, step: TrainingStep) -> tuple[list[Claim], Names]:
    """Every line of a derivation as a claim, before it is verified, and what its names stand for."""
    d, names = _written(a, convention, step)
    return d.claims, names


def _written(a: Architecture, convention: Convention, step: TrainingStep) -> tuple[Writer, Names]:
    d, witness = Writer(a, convention), Witness(a)
    _conventions(d)
    d.blocks += left_out(step, d.words, "derivation")
    for section in (_network, _cost, _forward, _error, slopes, output_error, hidden_errors, gradients):
        section(d)
    trained = in_training(d, step, witness)
    update(d, step, witness)
    whole_step(d, step, trained)
    return d, Names(witness, d.letters)


def _conventions(d: Writer) -> None:
    """What is counted from what, where examples lie, which sign an error has."""
    c, L = d.convention, d.a.L
    counting = d.words("counting", first=str(c.first), input=str(c.layer(1)), output=str(c.layer(L)))
    examples = d.words("examples in rows" if c.rows else "examples in columns")
    sign = d.words("error is added" if c.adds else "error is subtracted")
    d.say("conventions", counting=counting, examples=examples, sign=sign)


def _network(d: Writer) -> None:
    d.heading("the network")
    headings = ["layer", "number of neurons", "activation function", "shape of w"] + ["shape of b"] * d.a.biases
    rows = [_row(d, l) for l in range(1, d.a.L + 1)]
    d.blocks.append(Table(tuple(d.words(h) for h in headings), tuple(rows), numbers=frozenset({0, 1})))
    if d.own:
        d.say("own functions")


def _row(d: Writer, l: int) -> tuple[tuple[Inline, ...], ...]:
    """A layer's row of the table."""
    n = d.a.neurons(l)
    number = (str(d.convention.layer(l)),)
    if l == 1:
        return (number, (str(n),), d.words("the input"), ("",), *[("",)] * d.a.biases)
    shapes = [(n, d.a.neurons(l - 1)), (n, 1)][: 1 + d.a.biases]
    cells = tuple((" × ".join(map(str, shape[::-1] if d.convention.rows else shape)),) for shape in shapes)
    return (number, (str(n),), functions(d, d.a.sigma(l)), *cells)


def functions(d: Writer, row: Activation) -> tuple[Inline, ...]:
    """The activation function of a layer by name, and by formula where it has one; of several, each with its neurons."""
    if not row.neurons:
        written = traced(definition(row), Z) if row.elementwise else None
        name = d.words.name(row.name)
        return (name,) if written is None or row.name == "identity" else d.words("function", name=name, f=Math.of(written))
    parts = []
    for kind in dict.fromkeys(row.neurons):
        members = [d.convention.neuron(j) for j, r in enumerate(row.neurons) if r == kind]
        parts.append(
            d.words(f"function of neuron{'s' * (len(members) > 1)}", name=d.words.name(kind.name), neurons=ranges(members))
        )
    return d.words.listed(parts)


def _cost(d: Writer) -> None:
    """What is made small."""
    row, at = d.a.cost, d.letters.label(d.a.L)
    a, y = d.letters.component("a", at, "j"), d.letters.component("y", at, "j")
    d.say("the cost", name=d.words.name(row.name))
    written = traced(definition(row), a, y)
    if written is None:
        written = named(row.name)(a, y)
    d.formula(plain("cost_x"), tidy(sum_over("j", written)), layers=[d.a.L])
    d.say("the cost of a mini-batch", C=Math("C", "C"), m=Math("m", "m"))
    if not d.a.sigma(d.a.L).elementwise:
        d.say("targets sum to 1")


def _forward(d: Writer) -> None:
    d.heading("forward")
    at, layers = d.letters.label(None), list(d.a.layers)
    z, a, w, a_prev, b = (d.letters.component(s, k, i) for s, k, i in (
        ("z", at, "j"), ("a", at, "j"), ("w", at, "jk"), ("a", at.plus(-1), "k"), ("b", at, "j")))  # fmt: skip
    d.say("forward is", layers=d.numbers(layers), biased=d.words("biased") if d.a.biases else "")
    total = sum_over("k", w * a_prev if not d.convention.rows else a_prev * w)
    d.formula(z, total + b if d.a.biases else total, layers=layers, free=(("j", 0),))
    steep = [l for l in layers if d.a.sigma(l).elementwise]
    if steep:
        d.say("activation is" if steep == layers else "activation of layers is", layers=d.numbers(steep))
        d.formula(a, d.letters.sigma(own=d.own)(z), layers=steep, free=(("j", 0),))
    if softmax := d.softmax_layers():
        d.say("softmax is" if len(softmax) == 1 else "softmax of layers is", layers=d.numbers(softmax))
        softmax_activation(d, d.label(softmax), softmax)
    d.say("in matrices")
    first = eq.weighted_input if d.a.biases else eq.weighted_input_without_bias
    for equation in (first, eq.activation):
        d.formula(*d.stated(equation, at), name=equation.name, layers=layers)


def _error(d: Writer) -> None:
    """What delta is, and why."""
    d.heading("the error")
    at = d.letters.label(None)
    d.say("what is wanted add" if d.letters.adds else "what is wanted subtract")
    left, by_z = d.letters.printed("delta", at, "j"), d.letters.partial("cost_x", ("z", at, "j"))
    d.formula(left, d.letters.solved("delta", by_z, component=True), layers=list(d.a.layers), free=(("j", 0),))
    d.say("why delta", delta=Math.of(left), z=Math.of(d.letters.component("z", at, "j")))
    if d.a.L > 2:
        d.say("plan")
