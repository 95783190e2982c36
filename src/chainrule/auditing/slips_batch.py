"""Slips of the mini-batch, the penalty and the update."""

from __future__ import annotations

import numpy as np

from chainrule.architecture import Architecture
from chainrule.auditing.slips import Slip, cases
from chainrule.notation import M


def _columns(delta: M) -> M:
    return np.arange(delta.shape[1])


def _outputs(delta: M) -> int:
    return int(delta.shape[0])


def several(a: Architecture, _l: int) -> bool:
    """Whether there is more than one output."""
    return a.neurons(a.L) > 1


MEAN = "Work out the update for two equal examples: it should be the same as for one of them alone."
ROWS = (
    Slip(
        "wrong_sign",
        cases(
            {"EW": lambda delta: -delta, "GD": lambda theta, eta, m, nabla: theta + (eta / m) * nabla},
            {"BP3": lambda delta: -delta.sum(axis=1, keepdims=True), "BP4": lambda delta, a_prev: -(delta @ a_prev.T)},
        ),
        "The sign is wrong: this leads uphill.",
        "Raise the output a little above its target: which sign should the output error have?",
        "Subtract the target from the output, a - y, and subtract the step from the parameters. (If your program adds the "
        'step, tell the audit: sign="add".)',
    ),
    Slip(
        "factor_two",
        cases({"EW": lambda delta: 2 * delta}, {"EW": lambda delta: delta / 2}),
        "The gradient is twice (or half) what it should be.",
        "Differentiate the cost that was given, with its factor in front.",
        "The quadratic cost has a factor 1/2, so that dC/da = a - y. (If your cost is without it, tell the audit: cost=.)",
    ),
    Slip(
        "mean_missing",
        cases(
            {"EW": lambda delta, m: delta * m, "GD": lambda theta, eta, nabla: theta - eta * nabla},
            {
                "BP3": lambda delta, m: m * delta.sum(axis=1, keepdims=True),
                "BP4": lambda delta, a_prev, m: m * (delta @ a_prev.T),
            },
        ),
        "The division by the size m of the mini-batch is missing.",
        MEAN,
        "Divide the summed gradient by the number m of examples in the mini-batch.",
        several=True,
    ),
    Slip(
        "mean_twice",
        cases(
            {"EW": lambda delta, m: delta / m, "GD": lambda theta, eta, m, nabla: theta - (eta / m / m) * nabla},
            {
                "BP3": lambda delta, m: delta.sum(axis=1, keepdims=True) / m,
                "BP4": lambda delta, a_prev, m: (delta @ a_prev.T) / m,
            },
        ),
        "The gradient is divided by the size m of the mini-batch twice.",
        MEAN,
        "Divide by m once: in the gradient or in the step, not in both.",
        several=True,
    ),
    Slip(
        "outputs_factor",
        cases({"EW": lambda delta: delta * len(delta)}, {"EW": lambda delta: delta / len(delta)}),
        "The gradient is off by a factor: the number of output neurons.",
        "Is the cost of an example the sum over its outputs, or their mean? And the cost whose gradient this is?",
        "Divide by the number of outputs in both the cost and its gradient, or in neither.",
        several,
    ),
    Slip(
        "last_example_only",
        cases(
            {"EW": lambda delta: delta * (_columns(delta) == delta.shape[1] - 1)},
            {"EW": lambda delta: delta * (_columns(delta) == 0)},
        ),
        "Of a mini-batch only one example counts.",
        "Give your program a mini-batch of two different examples, and then each of them alone.",
        "Add the gradients of all examples up; do not overwrite them.",
        several=True,
    ),
    Slip(
        "example_dropped",
        cases(
            {"EW": lambda delta: delta * (_columns(delta) < delta.shape[1] - 1)},
            {"EW": lambda delta: delta * (_columns(delta) > 0)},
            {"EW": lambda delta, m: delta * (_columns(delta) < m - 1) * m / max(m - 1, 1)},
            {"EW": lambda delta, m: delta * (_columns(delta) > 0) * m / max(m - 1, 1)},
        ),
        "One example of the mini-batch is left out.",
        "Count how often your loop over the examples runs.",
        "Let the loop reach every example of the mini-batch.",
        several=True,
    ),
    Slip(
        "accumulated_twice",
        cases(
            {"EW": lambda delta: delta * 2.0 ** np.maximum(delta.shape[1] - 1 - _columns(delta), 0)},
            {
                "BP3": lambda delta: 2 * delta.sum(axis=1, keepdims=True),
                "BP4": lambda delta, a_prev: 2 * (delta @ a_prev.T),
            },
            {"EW": lambda delta: delta * (2.0 ** (delta.shape[1] - _columns(delta)))},
        ),
        "Gradients are added up more than once.",
        "Follow the gradient of the first example through your program: how often is it added?",
        "Add the gradient of each example to the sum once.",
    ),
    Slip(
        "not_reset",
        cases(
            {"EW": lambda delta: delta * (delta.shape[1] - _columns(delta))},
            {"GD": lambda theta, v, eta, m, nabla: theta + v - (eta / m) * nabla},
            {
                "PGw": lambda nabla, m, lmbda, n, theta, v, eta: (
                    nabla + (m * lmbda / n) * theta - v.any() * (v * m / eta + (m * lmbda / n) * (theta - v))
                ),
                "PGb": lambda nabla, v, m, eta: nabla - v * m / eta,
            },
        ),
        "The sums of the gradients are not set back to 0 before the next example or mini-batch.",
        "Call your program twice with the same numbers: are the results the same?",
        "Begin every mini-batch with gradients of 0, and give each example's own gradient back.",
    ),
    Slip(
        "rate_twice",
        cases({"GD": lambda theta, eta, m, nabla: theta - (eta * eta / m) * nabla}),
        "The learning rate is multiplied in twice.",
        "Double the learning rate: by which factor does the step grow?",
        "Multiply by the learning rate once (GD).",
    ),
    Slip(
        "rate_missing",
        cases({"GD": lambda theta, m, nabla: theta - nabla / m}, {"GD": lambda theta, nabla: theta - nabla}),
        "The learning rate has no effect.",
        "Double the learning rate: by which factor does the step grow?",
        "Multiply by the learning rate (GD).",
    ),
    Slip(
        "momentum_sign",
        cases({"GD": lambda theta, mu, v, eta, m, nabla: theta - mu * v - (eta / m) * nabla}),
        "The velocity of the step before is taken with the wrong sign.",
        "Two steps along the same slope: is the second longer or shorter than the first?",
        "v ← μ v - (η/m) ∇C, then θ ← θ + v.",
    ),
    Slip(
        "momentum_missing",
        cases(
            {"GD": lambda theta, eta, m, nabla: theta - (eta / m) * nabla},
            {"GD": lambda theta, mu, v, eta, m, nabla: theta + mu * v - (1 - mu) * (eta / m) * nabla},
        ),
        "The share μ of the velocity that is kept is not used as it should be.",
        "Two steps along the same slope: how much longer is the second than the first?",
        "v ← μ v - (η/m) ∇C, then θ ← θ + v.",
    ),
    Slip(
        "penalty_missing",
        cases({"PGw": lambda nabla: nabla}),
        "The penalty's term is missing in the gradient of layer {l}'s weights.",
        "How does the cost C_0 + (λ/2n) Σ w² change with a weight that no example reaches?",
        "Add (λ/n) w to the mean gradient of the weights (PG).",
    ),
    Slip(
        "penalty_without_n",
        cases(
            {"PGw": lambda nabla, m, lmbda, theta: nabla + m * lmbda * theta},
            {"PGw": lambda nabla, lmbda, theta: nabla + lmbda * theta},
            {"PGw": lambda nabla, lmbda, n, theta: nabla + (lmbda / n) * theta},
        ),
        "The penalty's term at layer {l} is not divided by the size n of the training set.",
        "The mean gradient does not grow with the training set: does your penalty's term?",
        "Add (λ/n) w to the mean gradient, n being the size of the whole training set (PG).",
    ),
    Slip(
        "penalty_on_biases",
        cases({"PGb": lambda nabla, m, lmbda, n, theta: nabla + (m * lmbda / n) * theta}),
        "The penalty is also on the biases of layer {l}.",
        "Which parameters does the sum in the penalty run over?",
        "Leave the biases out: the penalty is on the weights alone.",
    ),
    Slip(
        "penalty_sign",
        cases({"PGw": lambda nabla, m, lmbda, n, theta: nabla - (m * lmbda / n) * theta}),
        "The penalty's term at layer {l} has the wrong sign: weights grow instead of decaying.",
        "Leave the examples out: do the weights shrink?",
        "Add (λ/n) w to the mean gradient (PG).",
    ),
    Slip(
        "penalty_factor",
        cases(
            {"PGw": lambda nabla, m, lmbda, n, theta: nabla + (2 * m * lmbda / n) * theta},
            {"PGw": lambda nabla, m, lmbda, n, theta: nabla + (m * lmbda / n / 2) * theta},
            {"PGw": lambda nabla, m, lmbda, n, theta: nabla + (m * m * lmbda / n) * theta},
        ),
        "The penalty's term at layer {l} has a wrong factor.",
        "Differentiate (λ/2n) Σ w² by one weight.",
        "Its derivative is (λ/n) w: the 2 cancels (PG).",
    ),
    Slip(
        "all_zero",
        cases({"EW": lambda delta: 0 * delta}),
        "All gradients are 0.",
        "Follow one number from the output error to what your program gives back.",
        "Give back the arrays that were computed, rather than those that were made at the start.",
        several=True,
    ),
)
