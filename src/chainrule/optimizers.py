"""Optimizers: equations in the same notation, and one row each that says which equations make a step.

    theta  one parameter, w or b     v    velocity, or first moment      eta  learning rate    m  mini-batch size
    nabla  its gradient, summed      s    running square of the gradient t    number of this update, from 1

``nabla / m`` is the mean gradient of the mini-batch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.choices import nearest
from chainrule.equations import gradient_descent
from chainrule.errors import ConfigError
from chainrule.notation import Equation, M, equation


@equation("MV", writes="v")
def velocity(v: M, mu: M, eta: M, m: M, nabla: M) -> M:
    """The velocity keeps a share mu of itself and is pushed downhill."""
    return mu * v - (eta / m) * nabla


@equation("MT", writes="theta")
def momentum_step(theta: M, v: M) -> M:
    """The parameter moves with its velocity."""
    return theta + v


@equation("NT", writes="theta")
def nesterov_step(theta: M, mu: M, v: M, eta: M, m: M, nabla: M) -> M:
    """The parameter moves as its velocity will be after one more push by the same gradient (Nesterov 1983)."""
    return theta + mu * v - (eta / m) * nabla


@equation("AGS", writes="s")
def summed_square(s: M, nabla: M, m: M) -> M:
    """The sum of all squared gradients so far."""
    return s + (nabla / m) ** 2


@equation("RMS", writes="s")
def running_square(s: M, rho: M, nabla: M, m: M) -> M:
    """A running mean of the squared gradient."""
    return rho * s + (1 - rho) * (nabla / m) ** 2


@equation("RT", writes="theta")
def scaled_step(theta: M, eta: M, nabla: M, m: M, s: M, epsilon: M) -> M:
    """Each parameter steps by its gradient over the size that its gradients have had (Duchi 2011, Hinton 2012)."""
    return theta - eta * (nabla / m) / (s**0.5 + epsilon)


@equation("AM", writes="v")
def first_moment(v: M, beta_1: M, nabla: M, m: M) -> M:
    """A running mean of the gradient."""
    return beta_1 * v + (1 - beta_1) * (nabla / m)


@equation("AS", writes="s")
def second_moment(s: M, beta_2: M, nabla: M, m: M) -> M:
    """A running mean of the squared gradient."""
    return beta_2 * s + (1 - beta_2) * (nabla / m) ** 2


@equation("AT", writes="theta")
def adam_step(theta: M, eta: M, v: M, s: M, t: M, beta_1: M, beta_2: M, epsilon: M) -> M:
    """Both means, freed from their start at 0, make the step (Kingma and Ba 2015)."""
    return theta - (eta / (1 - beta_1**t)) * v / ((s / (1 - beta_2**t)) ** 0.5 + epsilon)


@equation("WD", writes="theta")
def weight_decay(theta: M, eta: M, decay: M) -> M:
    """The weights shrink apart from their gradient (Loshchilov and Hutter 2019)."""
    return theta * (1 - eta * decay)


@equation("LT", writes="theta")
def lion_step(theta: M, eta: M, beta_1: M, v: M, nabla: M, m: M) -> M:
    """Every parameter steps by the same size, in the direction of a mean (Chen et al. 2023)."""
    return theta - eta * np.sign(beta_1 * v + (1 - beta_1) * (nabla / m))


@equation("LV", writes="v")
def lion_moment(v: M, beta_2: M, nabla: M, m: M) -> M:
    """A running mean of the gradient, slower than the one that Lion steps along."""
    return beta_2 * v + (1 - beta_2) * (nabla / m)


# ------------------------------------------------------------------------------------- bounds, before and after a step


@equation("GN", writes="norm2")
def gradient_norm(norm2: M, nabla: M, m: M) -> M:
    """The squared length of the mean gradient, added up over all parameters."""
    return norm2 + ((nabla / m) ** 2).sum()


@equation("CN", writes="nabla")
def clipped_norm(nabla: M, clip: M, norm2: M) -> M:
    """A gradient longer than the bound is shortened to it, in its own direction."""
    return nabla * (clip / np.maximum(norm2**0.5, clip))


@equation("CV", writes="nabla")
def clipped_value(nabla: M, clip: M, m: M) -> M:
    """Each component of the mean gradient is kept within the bound."""
    return np.minimum(np.maximum(nabla, -(clip * m)), clip * m)


@equation("MN", writes="theta")
def max_norm(theta: M, radius: M) -> M:
    """A neuron's incoming weights longer than the bound are shortened to it."""
    return theta * (radius / np.maximum(((theta * theta).sum(axis=1, keepdims=True)) ** 0.5, radius))


@equation("FG", writes="nabla")
def free_gradient(nabla: M, free: M) -> M:
    """A held parameter has no gradient."""
    return nabla * free


@equation("FT", writes="theta")
def held_parameter(theta: M, free: M, held: M) -> M:
    """A held parameter keeps its value."""
    return theta * free + held


# ---------------------------------------------------------------------------------------------------------- the table


@dataclass(frozen=True)
class Optimizer:
    """One optimizer: the equations of a step, the letters it remembers from step to step, its rates.

    Parameters
    ----------
    name : str
    equations : tuple of Equation
        What happens to each parameter, in this order.
    slots : tuple of str
        What is kept for each parameter; all start at 0.
    eta : float
        The learning rate when none is given.
    rates : mapping
        The optimizer's own numbers and their defaults.
    """

    name: str
    equations: tuple[Equation, ...] = field(repr=False)
    slots: tuple[str, ...] = ()
    eta: float = 0.01
    rates: Mapping[str, float] = field(default_factory=dict)


_MOMENTS = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}
_ADAM = (first_moment, second_moment, adam_step)

OPTIMIZERS: dict[str, Optimizer] = {
    row.name: row
    for row in (
        Optimizer("sgd", (gradient_descent,), eta=0.1),
        Optimizer("momentum", (velocity, momentum_step), ("v",), 0.05, {"mu": 0.9}),
        Optimizer("nesterov", (velocity, nesterov_step), ("v",), 0.05, {"mu": 0.9}),
        Optimizer("adagrad", (summed_square, scaled_step), ("s",), 0.01, {"epsilon": 1e-8}),
        Optimizer("rmsprop", (running_square, scaled_step), ("s",), 0.001, {"rho": 0.99, "epsilon": 1e-8}),
        Optimizer("adam", _ADAM, ("v", "s"), 0.001, _MOMENTS),
        Optimizer("adamw", (weight_decay, *_ADAM), ("v", "s"), 0.001, {**_MOMENTS, "decay": 0.01}),
        Optimizer(
            "lion",
            (weight_decay, lion_step, lion_moment),
            ("v",),
            0.0001,
            {"beta_1": 0.9, "beta_2": 0.99, "decay": 0.0},
        ),
    )
}


def optimizer(spec: Any, **rates: float) -> Optimizer:
    """The optimizer that a name stands for, with some of its rates changed.

    Raises
    ------
    ConfigError
        The name or a rate is unknown, or a rate is not a finite number that is at least 0 (below 1 for mu, rho, beta).

    Examples
    --------
    >>> optimizer("adam", beta_1=0.8).rates["beta_1"]
    0.8
    """
    row = spec if isinstance(spec, Optimizer) else nearest(OPTIMIZERS, spec, "optimizer")
    for name, value in rates.items():
        nearest(row.rates, name, f"rate of {row.name}")
        if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise ConfigError(f"{name} = {value!r}: a rate of {row.name} is a finite number, at least 0.")
        if value >= 1 and name in {"mu", "rho", "beta_1", "beta_2"}:
            raise ConfigError(f"{name} = {value!r}: this share of the past must be below 1, or the past never fades.")
    return Optimizer(row.name, row.equations, row.slots, row.eta, {**row.rates, **rates})
