"""What the tests of the study notes share: the loop form of a step, and gradients by complex numbers."""

from __future__ import annotations

import numpy as np

from chainrule.engine.memory import functions
from chainrule.notation import Key
from chainrule.schedule import evaluation, run

STEP = 2.0**-100  # so small that its square vanishes: the imaginary part of the cost is the derivative, to rounding


def sigmoid(z):
    """1/(1 + e^-z), written again: an independent reference."""
    return 1 / (1 + np.exp(-z))


def loop_step(weights, biases, batch, eta):
    """One step of gradient descent as the notes' program does it: gradients added up example by example, then eta/m."""
    sum_w, sum_b = [np.zeros_like(w) for w in weights], [np.zeros_like(b) for b in biases]
    for x, y in batch:
        layers = [x]
        for w, b in zip(weights, biases, strict=True):
            layers.append(sigmoid(w @ layers[-1] + b))
        error = (layers[-1] - y) * layers[-1] * (1 - layers[-1])
        for i in reversed(range(len(weights))):
            sum_w[i] += error @ layers[i].T
            sum_b[i] += error
            error = (weights[i].T @ error) * layers[i] * (1 - layers[i])
    rate = eta / len(batch)
    new_w = [w - rate * s for w, s in zip(weights, sum_w, strict=True)]
    return new_w, [b - rate * s for b, s in zip(biases, sum_b, strict=True)]


def close(one, other, tolerance=1e-12):
    """Whether two lists of arrays agree in every shape and number."""
    return all(v.shape == w.shape and np.abs(v - w).max() <= tolerance for v, w in zip(one, other, strict=True))


def batch_of(sizes, n, seed=0):
    """N pairs of columns (x, y): random inputs, a random class each."""
    rng = np.random.default_rng(seed)
    return [(rng.standard_normal((sizes[0], 1)), np.eye(sizes[-1])[:, [rng.integers(sizes[-1])]]) for _ in range(n)]


def rows_of(batch):
    """The same examples as rows x and y."""
    return tuple(np.hstack(part).T for part in zip(*batch, strict=True))


def summed_cost(net, x, y, changed=None):
    """The cost of all rows by the forward equations; ``changed`` replaces parameters (complex ones too)."""
    values = {**net.parameters.views, **functions(net.architecture), Key("a", 1): x.T, Key("y", 0): y.T}
    values.update(changed or {})
    run(evaluation(net.architecture), values)
    return values[Key("cost_x", 0)].sum()


def complex_gradient(net, x, y):
    """DC/d(parameter) for every parameter: one forward pass on complex numbers for each."""
    found = {}
    for key, view in net.parameters.views.items():
        found[key] = np.empty(view.shape)
        for place in np.ndindex(view.shape):
            moved = view.astype(complex)
            moved[place] += STEP * 1j
            found[key][place] = summed_cost(net, x, y, {key: moved}).imag / STEP
    return found
