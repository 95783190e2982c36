"""What training adds to a pass: smoothed targets, noise, dropout, weights of examples; each as an equation in its place."""

from __future__ import annotations

from typing import Any

from chainrule import equations as eq
from chainrule.algebra.symbolic import leaf
from chainrule.document import Math
from chainrule.explaining.claims import Table
from chainrule.explaining.figures import numeral
from chainrule.explaining.names import EVERY, Names
from chainrule.explaining.recipe import TrainingStep
from chainrule.explaining.witness import Witness
from chainrule.explaining.writing import Writer
from chainrule.notation import Equation, Key
from chainrule.schedule import Step

Tables = dict[int, list[tuple[Table, Table]]]
ADDED = (eq.noisy_input, eq.dropped_activation, eq.weighted_cost, eq.weighted_error)
OF_RUN = ("y", "weight", "noise", "cost_x")  # letters without a layer


class Trained:
    """A training pass of the small network: what each printed name stood for before and after each of its steps."""

    def __init__(self, d: Writer, step: TrainingStep, witness: Witness) -> None:
        self.d, self.names = d, Names(witness, d.letters)
        self.recipe = step.recipe
        self.steps = {s: (before, after) for s, before, after in witness.training(step.recipe)}

    def of(self, equation: Equation) -> list[int]:
        """The layers at which an equation is in the pass."""
        return [s.layer for s in self.steps if s.equation is equation]

    def tables(self, *steps: Step) -> Tables:
        """The names to the left and to the right of these steps, by layer."""
        return {s.layer: [(self._table(s.layer, after), self._table(s.layer, before))] for s in steps
                for before, after in [self.steps[s]]}  # fmt: skip

    def _table(self, l: int, values: Any) -> Table:
        """What each name stands for at a layer."""
        found = dict(self.names.matrices(l))
        for k, at in self.names.labels(l):
            found |= {self.names.text(s, at): self.names.shown(s, values[Key(s, k)])
                      for s in (*EVERY, "mask") if Key(s, k) in values}  # fmt: skip
        at = self.d.letters.label(l)
        return found | {
            self.names.text(s, at): self.names.shown(s, values[Key(s, 0)]) for s in OF_RUN if Key(s, 0) in values
        }

    def say(self, equation: Equation) -> None:
        """An equation of the pass, for all layers that it is at."""
        layers = self.of(equation)
        at = self.d.label(layers)
        left, right = self.d.stated(equation, at)
        tables = self.tables(*(Step(equation, l) for l in layers))
        self.d.say("sentence", text=self.d.words.sentence(equation))
        self.d.formula(left, right, sign="←", name=equation.name, layers=layers, tables=tables)


def in_training(d: Writer, step: TrainingStep, witness: Witness) -> Trained:
    """The section, where training adds anything; and the pass that it was checked on."""
    trained = Trained(d, step, witness)
    there = [equation for equation in ADDED if trained.of(equation)]
    if there or step.settings.smoothing:
        d.heading("in training")
        d.say("in training is")
    if step.settings.smoothing:
        smoothed(d, step.settings.smoothing)
    for equation in there:
        trained.say(equation)
        if equation is eq.noisy_input:
            d.say("noise is", xi=Math(r"\xi", "ξ"), sd=f"{step.recipe.noise:g}")
        if equation is eq.dropped_activation:
            dropout(d, trained)
    if step.recipe.weighted:
        d.say("m is the sum of weights", omega=Math(r"\omega", "ω"))
    return trained


def smoothed(d: Writer, share: float) -> None:
    """The lemma of label smoothing: what stands for y."""
    n = d.a.neurons(d.a.L)
    ends = [numeral((1 - share) * y + share / n, d.convention.digits) for y in (1, 0)]
    with d.note("lemma", "lemma smoothing"):
        d.say("smoothing is", n=str(n))
        y, s = d.letters.printed("y", d.letters.label(d.a.L)), leaf("share", text=repr(share), scalar=True)
        values = [({"y": (1 - share) * one + share / n}, {"y": one}) for one in (0.0, 1.0)]
        d.formula(y, (1 - s) * y + s / n, sign="←", tables={0: values})
        d.say("smoothing means", one=ends[0], zero=ends[1])


def dropout(d: Writer, trained: Trained) -> None:
    """What the mask is, and the factor that it is in the errors."""
    shares = [
        d.words("share dropped", share=f"{p!r}", l=d.convention.layer(l)) for l, p in sorted(trained.recipe.dropout.items())
    ]
    d.say("mask is", scale=Math("1/(1 - p)", "1/(1 - p)"), shares=d.words.listed(shares))
    layers = trained.of(eq.dropped_slope)
    if layers:
        at = d.label(layers)
        d.say("mask in errors")
        d.formula(
            *d.stated(eq.backpropagated_error, at, sigma_prime=dropped_slope(d, at)), name="BP2, DOp", layers=layers,
            tables=trained.tables(*(Step(eq.backpropagated_error, l) for l in layers)),
        )  # fmt: skip
    d.say("dropped goes on")


def dropped_slope(d: Writer, at: Any) -> Any:
    """The slopes of a layer with dropout."""
    return eq.dropped_slope.function(d.sigma_prime(at), d.letters.matrix("mask", at))
