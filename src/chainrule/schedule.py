"""The schedule: which equation, at which layer, in which order. It is data, and everything reads it.

The engines run it, the recorder names its quantities, the explainer prints it: one list, so none can disagree with another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chainrule import equations as eq
from chainrule import optimizers as opt
from chainrule.architecture import Architecture
from chainrule.costs import Penalty
from chainrule.distortion import Distortion
from chainrule.notation import Equation, Key, operand
from chainrule.optimizers import OPTIMIZERS, Optimizer


class Step(NamedTuple):
    """One equation at one layer; an optimizer's also says of which parameter, w or b."""

    equation: Equation
    layer: int
    of: str = ""

    @property
    def writes(self) -> Key:
        """Where its result is kept."""
        return operand(self.equation.writes).key(self.layer, self.of)

    @property
    def reads(self) -> tuple[Key, ...]:
        """Where its operands are kept."""
        return tuple(o.key(self.layer, self.of) for o in self.equation.reads)


def run(steps: Iterable[Step], values: MutableMapping[Key, Any]) -> None:
    """Do the steps on whatever the values are: arrays, complex arrays, duals, fractions, symbols."""
    for step in steps:
        values[step.writes] = step.equation(*(values[key] for key in step.reads))


@dataclass(frozen=True)
class Recipe:
    """What training does in a step, beside forward and backward: the rule of change and its bounds.

    Parameters
    ----------
    optimizer : Optimizer
    penalty : Penalty, optional
        On the weights; ``lmbda`` is its strength, C = C_0 + (lmbda/n) R(w).
    dropout : mapping
        Layer to the probability that one of its neurons is dropped.
    noise : float
        Standard deviation of the noise on the input.
    clip_norm, clip_value : float, optional
        Bounds of the mean gradient: of its length, of each component.
    max_norm : float, optional
        Bound of the length of a neuron's incoming weights.
    weighted : bool
        Whether examples have weights.
    frozen : frozenset of int
        Layers whose parameters do not change.
    pinned : frozenset of Key
        Parameters of which some elements do not change.
    layer_rates : mapping
        Layer to a factor on the learning rate.
    distort : Distortion, optional
        How the pictures of a mini-batch are distorted before the step.
    """

    optimizer: Optimizer = OPTIMIZERS["sgd"]
    penalty: Penalty | None = None
    lmbda: float = 0.0
    dropout: Mapping[int, float] = field(default_factory=dict)
    noise: float = 0.0
    clip_norm: float | None = None
    clip_value: float | None = None
    max_norm: float | None = None
    weighted: bool = False
    frozen: frozenset[int] = frozenset()
    pinned: frozenset[Key] = frozenset()
    layer_rates: Mapping[int, float] = field(default_factory=dict)
    distort: Distortion | None = None


def forward(a: Architecture) -> Iterator[Step]:
    """The forward pass: FP1 and FP2 from layer 2 to layer L."""
    for l in a.layers:
        yield Step(eq.weighted_input if a.biases else eq.weighted_input_without_bias, l)
        yield Step(eq.activation, l)


def _forward_in_training(a: Architecture, r: Recipe) -> Iterator[Step]:
    """The forward pass with the slopes, input noise and dropout."""
    if r.noise:
        yield Step(eq.noisy_input, 1)
    if 1 in r.dropout:
        yield Step(eq.dropped_activation, 1)
    for step in forward(a):
        yield step
        l = step.layer
        if step.equation is eq.activation and l < a.L:
            if a.sigma(l).elementwise:
                yield Step(eq.slope, l)
            if l in r.dropout:
                yield from (Step(eq.dropped_slope, l), Step(eq.dropped_activation, l))


def _cost(a: Architecture, r: Recipe) -> Iterator[Step]:
    yield Step(eq.cost_from_z if a.is_canonical else eq.cost, a.L)
    if r.weighted:
        yield Step(eq.weighted_cost, a.L)


def _output_error(a: Architecture, r: Recipe, *, glass: bool) -> Iterator[Step]:
    """BP1, in the form that the cost and the output activation allow; glass shows its factors even where they cancel."""
    softmax = not a.sigma(a.L).elementwise
    if glass or not a.is_canonical:
        yield Step(eq.cost_slope, a.L)
        if not softmax:
            yield Step(eq.slope, a.L)
    yield Step(eq.canonical_output_error if a.is_canonical else eq.softmax_error if softmax else eq.output_error, a.L)
    if r.weighted:
        yield Step(eq.weighted_error, a.L)


def _backward(a: Architecture) -> Iterator[Step]:
    """BP2 from layer L-1 down to layer 2."""
    for l in reversed(a.layers[:-1]):
        if a.sigma(l).elementwise:
            yield Step(eq.backpropagated_error, l)
        else:
            yield from (Step(eq.backpropagated_slope, l), Step(eq.softmax_error, l))


def evaluation(a: Architecture) -> list[Step]:
    """The forward pass and the cost of each example."""
    return [*forward(a), *_cost(a, Recipe())]


def _parameters(a: Architecture, r: Recipe) -> list[Key]:
    """The parameters that training changes."""
    return [key for key, _ in a.shapes() if key.layer not in r.frozen]


def _gradient(a: Architecture, r: Recipe) -> Iterator[Step]:
    """BP3 and BP4 for the parameters that change."""
    for of, l in _parameters(a, r):
        yield Step(eq.weight_gradient if of == "w" else eq.bias_gradient, l)


def backprop(a: Architecture, r: Recipe | None = None, *, glass: bool = True) -> list[Step]:
    """One pass forward and back: every z, a, delta and gradient."""
    r = r or Recipe()
    return [
        *_forward_in_training(a, r),
        *_cost(a, r),
        *_output_error(a, r, glass=glass),
        *_backward(a),
        *_gradient(a, r),
    ]


def update(a: Architecture, r: Recipe) -> list[Step]:
    """What happens to the gradient and to each parameter after the pass."""
    changing = _parameters(a, r)
    steps = []
    for of, l in changing:
        if r.penalty and r.lmbda and of == "w":
            steps.append(Step(eq.penalised_gradient, l, of))
        if Key(of, l) in r.pinned:
            steps.append(Step(opt.free_gradient, l, of))
    if r.clip_norm:
        steps += [Step(opt.gradient_norm, l, of) for of, l in changing]
        steps += [Step(opt.clipped_norm, l, of) for of, l in changing]
    if r.clip_value:
        steps += [Step(opt.clipped_value, l, of) for of, l in changing]
    for e in r.optimizer.equations:
        steps += [Step(e, l, of) for of, l in changing if of == "w" or e is not opt.weight_decay]
    for of, l in changing:
        if r.max_norm and of == "w":
            steps.append(Step(opt.max_norm, l, of))
        if Key(of, l) in r.pinned:
            steps.append(Step(opt.held_parameter, l, of))
    return steps


def training(a: Architecture, r: Recipe) -> list[Step]:
    """One whole step of training: forward, cost, backward, gradient, update."""
    return backprop(a, r, glass=False) + update(a, r)
