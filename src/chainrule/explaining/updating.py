"""The update: penalty and optimizer, of a whole parameter and of one weight, and where the error goes in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule import equations as eq
from chainrule import optimizers as opt
from chainrule.algebra.symbolic import Expr, leaf
from chainrule.costs import Penalty
from chainrule.document import Line, Math
from chainrule.explaining.letters import Label, lowered, plain, raised, sum_over
from chainrule.explaining.rewriting import tidy
from chainrule.explaining.textbook import traced
from chainrule.explaining.witness import Witness
from chainrule.explaining.writing import Writer
from chainrule.notation import LEGEND, PARAMETER, Equation, Key, Operand
from chainrule.schedule import Recipe, Step

if TYPE_CHECKING:
    from chainrule.engine.memory import Values
    from chainrule.explaining.recipe import TrainingStep

History = list[tuple[Step, "Values", "Values"]]  # each step of an update, with all values before and after it
WHOLE = {name: s.text.format() for name, s in LEGEND.items() if s.per == PARAMETER and not s.arity}  # of a parameter
OF_L = {name: f"{text}ˡ" for name, text in WHOLE.items()} | {"theta": "wˡ", "nabla": "∂C/∂wˡ"}  # of layer l's weights
OF_WEIGHTS = {opt.weight_decay, opt.max_norm}


def update(d: Writer, step: TrainingStep, witness: Witness) -> None:
    """What is done with the gradients."""
    recipe = step.recipe
    d.heading("update")
    and_b = d.words("and_b") if d.a.biases else ""
    d.say(
        "update is",
        name=d.words.name(recipe.optimizer.name),
        and_b=and_b,
        theta=math("theta"),
        nabla=math("nabla"),
        m=math("m"),
    )
    if recipe.frozen:
        d.say("frozen", layers=d.numbers(sorted(recipe.frozen)))
    history = list(witness.updates(replace(recipe, lmbda=recipe.lmbda or 0.1)))
    for equation in dict.fromkeys(s.equation for s, _, _ in history):
        one_equation(d, equation, recipe, history)
    if not history:
        return
    settings(d, step)
    if {s.equation for s, _, _ in history} <= {eq.penalised_gradient, eq.gradient_descent}:
        gradient_step(d, recipe, history)


def one_equation(d: Writer, equation: Equation, recipe: Recipe, history: History) -> None:
    """What an equation of the update says, of a whole parameter, and of one weight."""
    if equation is eq.penalised_gradient and recipe.penalty:
        penalty(d, recipe.penalty)
    else:
        d.say("sentence", text=d.words.sentence(equation))
        if equation is opt.free_gradient:
            d.say("held weights", layers=d.numbers(sorted(l for _, l in recipe.pinned)), f=math("free"), h=math("held"))
        if d.a.biases and equation in OF_WEIGHTS:
            d.say("of weights alone")
    first = len(d.claims)
    if equation is not opt.max_norm:
        whole_parameter(d, equation, recipe, history)
    if of_parameters(equation):
        one_weight(d, equation, recipe, history)
    d.explain_brackets(first)


def of_parameters(equation: Equation) -> bool:
    """Whether an equation gives a number for each parameter; else it is one number of all."""
    return LEGEND[equation.writes].per == PARAMETER


def math(name: str) -> Math:
    """A letter of the legend, within prose."""
    return Math.of(plain(name))


def penalty(d: Writer, row: Penalty) -> None:
    """What large weights cost, and the slope of that."""
    w = leaf("w", scalar=True)
    value, slope = traced(row.value, w), traced(row.slope, w)
    d.say(
        "the penalty",
        name=d.words.name(row.name),
        w=Math.of(w),
        R=Math.of(value),
        slope=Math.of(slope),
        lmbda=math("lmbda"),
        n=math("n"),
    )


def settings(d: Writer, step: TrainingStep) -> None:
    """The numbers that the letters stand for, as far as they are settled."""
    o, r = step.recipe.optimizer, step.recipe
    bounds = {"lmbda": r.lmbda, "clip": r.clip_norm or r.clip_value, "radius": r.max_norm}
    rates = {"eta": step.eta, **o.rates, **{name: bound for name, bound in bounds.items() if bound}}
    d.say("rates", rates=d.words.listed([d.value(math(name), value) for name, value in rates.items()]))
    for l, factor in sorted(r.layer_rates.items()):
        d.say("layer rate", l=d.convention.layer(l), eta=math("eta"), value=d.value(math("eta"), factor * step.eta))
    if r.clip_norm:
        d.say("length starts at 0", length=math("norm2"))
    if o.slots:
        d.say(
            "slots start at 0" if len(o.slots) > 1 else "slot starts at 0",
            letters=d.words.listed([math(name) for name in o.slots]),
        )
    if any(operand.symbol.name == "t" for e in o.equations for operand in e.reads):
        d.say("updates are counted", t=math("t"))


# ------------------------------------------------------------------------------------------------- its equations


def sides(d: Writer, equation: Equation, recipe: Recipe, at: Label | None = None) -> tuple[Any, Any, str]:
    """What an equation gives, its formula, and the sign between; of a whole parameter, or of one weight of a layer."""
    if equation is opt.max_norm:
        return _bounded(d, d.letters.label(None))
    right = tidy(equation.function(*(_argument(d, o, recipe, at) for o in equation.reads)))
    left = plain(equation.writes) if at is None else _of_weight(d, equation.writes, at)
    return left, right, "←" if equation.updates else "="


def _bounded(d: Writer, at: Label) -> tuple[Any, Any, str]:
    """The bound of a neuron's incoming weights, of one of them: a matrix has no letter for the length of a row."""
    w, other, r = d.letters.component("w", at, "jk"), d.letters.component("w", at, "ji"), plain("radius")
    return w, w * (r / np.maximum(np.sqrt(sum_over("i", np.square(other))), r)), "←"


def parameter_line(d: Writer, equation: Equation, recipe: Recipe) -> Line:
    """The line of a whole parameter."""
    left, right, sign = sides(d, equation, recipe)
    return Line(Math.of(left), sign, Math.of(right))


def whole_parameter(d: Writer, equation: Equation, recipe: Recipe, history: History) -> None:
    """An equation of a parameter as a whole."""
    left, right, sign = sides(d, equation, recipe)
    steps = [h for h in history if h[0].equation is equation]
    tables = {0: [(_names(d, s, after, WHOLE), _names(d, s, before, WHOLE)) for s, before, after in steps]}
    d.formula(left, right, sign=sign, name=equation.name, tables=tables)


def one_weight(d: Writer, equation: Equation, recipe: Recipe, history: History) -> None:
    """The same equation of the weight into neuron j from neuron k."""
    left, right, sign = sides(d, equation, recipe, d.letters.label(None))
    steps = [h for h in history if h[0].equation is equation and h[0].of == "w"]
    tables = {s.layer: [(_names(d, s, after, OF_L), _names(d, s, before, OF_L))] for s, before, after in steps}
    d.formula(left, right, sign=sign, layers=list(tables), free=(("j", 0), ("k", -1)), tables=tables)


def _of_weight(d: Writer, name: str, at: Label) -> Any:
    """A letter of the optimizer, of one weight."""
    if name == "nabla":
        return d.letters.partial("cost", ("w", at, "jk"))
    if name == "theta":
        return d.letters.component("w", at, "jk")
    s, indices = LEGEND[name], "kj" if d.convention.rows else "jk"
    latex = f"{s.latex.format()}^{{{at.word}}}_{{{indices}}}"
    return leaf(name, latex=latex, text=s.text.format() + raised(at.word) + lowered(indices), scalar=True)


def _argument(d: Writer, o: Operand, recipe: Recipe, at: Label | None = None) -> Any:
    """An operand of an equation: of a whole parameter, or of one weight of a layer."""
    if o.symbol.name == "penalty":
        assert recipe.penalty is not None
        return recipe.penalty.slope
    return plain(o.symbol.name) if at is None or o.symbol.per != PARAMETER else _of_weight(d, o.symbol.name, at)


def _names(d: Writer, step: Step, values: Values, spelled: Mapping[str, str]) -> dict[str, Any]:
    """What each printed name stands for: numbers of the run, and what belongs to the parameter."""
    found = {
        math(o.symbol.name).text: values[o.key(step.layer, step.of)] for o in step.equation.reads if o.symbol.is_scalar
    }
    for name, text in spelled.items():
        key = Key(step.of if name == "theta" else f"{name}_{step.of}", step.layer)
        if key in values:
            found[text] = values[key].T if d.letters.rows else values[key]
    return found


# ------------------------------------------------------------------------------------------------ with BP4 filled in


def gradient_step(d: Writer, recipe: Recipe, history: History) -> None:
    """Gradient descent with BP4 filled in: the error's share is subtracted, or added."""
    d.say("share is added" if d.letters.adds else "share is subtracted")
    at = d.letters.label(None)
    theta, nabla = d.letters.matrix("w", at), weight_gradient(d, at)
    eta, m, n, lmbda = map(plain, ("eta", "m", "n", "lmbda"))
    if recipe.penalty:
        nabla = eq.penalised_gradient.function(nabla, m, n, lmbda, recipe.penalty.slope, theta)
    rights = [eq.gradient_descent.function(theta, eta, m, nabla)]
    if recipe.penalty and recipe.penalty.name == "l2":
        rights = [(1 - eta * lmbda / n) * theta - (eta / m) * weight_gradient(d, at)]
    first = {s.layer: before for s, before, _ in reversed(history) if s.of == "w"}
    last = {s.layer: after for s, _, after in history if s.of == "w"}
    tables = {0: [(_matrices(d, l, last[l]), _matrices(d, l, first[l])) for l in first]}
    d.formula(d.letters.printed("w", at), *(d.letters.solved("w", right) for right in rights), sign="←", tables=tables)
    if recipe.penalty and recipe.penalty.name == "l2":
        d.say("weights shrink", factor=Math.of(1 - eta * lmbda / n))


def weight_gradient(d: Writer, at: Label) -> Expr:
    """BP4, as an expression."""
    found: Expr = eq.weight_gradient.function(d.letters.matrix("a", at.plus(-1)), d.letters.matrix("delta", at))
    return found


def _matrices(d: Writer, l: int, values: Values) -> dict[str, Any]:
    """The names of a line with w, delta and a in it."""
    shown = {"wˡ": values[Key("w", l)], "aˡ⁻¹": values[Key("a", l - 1)], "δˡ": values[Key("delta", l)]}
    shown["δˡ"] = -shown["δˡ"] if d.letters.adds else shown["δˡ"]
    numbers = {math(name).text: values[Key(name, l if name == "eta" else 0)] for name in ("eta", "lmbda", "m", "n")}
    return {**numbers, **{name: x.T if d.letters.rows else x for name, x in shown.items()}}
