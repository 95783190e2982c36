"""A small problem and a small network for the tests of training."""

from __future__ import annotations

import numpy as np

from chainrule import Network


def spirals(n=90, seed=3):
    """Three classes in the plane."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    r = rng.random(n)
    angle = 3 * r + y * 2.1
    return np.stack([r * np.cos(angle), r * np.sin(angle)], 1) + 0.02 * rng.standard_normal((n, 2)), y


def net(seed=1, **how):
    """A small network for them."""
    return Network([2, 8, 3], "tanh", "log_likelihood", seed=seed, **how)
