"""Kinks: where a function has one slope to the left and another to the right, its derivative is a matter of taste.

They are found by differences of three steps. Of a smooth function, the slopes to the right and to the left differ by an
amount that halves with the step, and their mean stays the same; near a kink, one of the two is broken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chainrule.passes import Pass

REACH = 1e-4  # nearer than this to a kink is at the kink: a difference may step over it
END = 1e-20  # nearer than this to the end of its domain a cost is bounded, which its slope is not
DOUBT = 1e-7  # of the slope: a smooth function shows less


class Kink(NamedTuple):
    """A neuron that stands at a kink for an example; of the output layer it may be the cost's."""

    layer: int
    neuron: int
    example: int
    function: str
    at: float


def bends(f: Callable[[Any], Any], z: np.ndarray, reach: Any = REACH) -> np.ndarray:
    """Where an elementwise function has a kink within reach, or bends as sharply as one.

    >>> bends(lambda z: np.maximum(z, 0), np.array([-1.0, 1e-9, 0.5])).tolist()
    [False, True, False]
    """
    with np.errstate(all="ignore"):
        here = np.asarray(f(z))
        rises, middles = [], []
        for h in (reach, reach / 2, reach / 4):
            right, left = (f(z + h) - here) / h, (here - f(z - h)) / h
            rises.append(right - left)
            middles.append((right + left) / 2)
        steep = np.abs(middles[0]) + np.abs(rises[0])
        allowed = DOUBT * (np.abs(here) + (1 + np.abs(z)) * steep + 0.1 * reach)
        smooth = (
            (np.abs(rises[1] - rises[0] / 2) <= allowed)
            & (np.abs(rises[2] - rises[0] / 4) <= allowed)
            & (np.abs(middles[1] - middles[0]) <= allowed)
            & (np.abs(middles[2] - middles[0]) <= allowed)
        )
    return np.asarray(~smooth)


def kinks(pass_: Pass) -> list[Kink]:
    """Every neuron and example of a pass that stands at a kink."""
    a, found = pass_.architecture, []
    for l in a.layers:
        if a.sigma(l).elementwise:
            found += _listed(bends(a.sigma(l), pass_.z[l]), l, a.sigma(l).name, pass_.z[l])
    if not a.is_canonical:
        y = next(value for key, value in pass_.values.items() if key.symbol == "y")
        near = room(pass_.a[a.L], a.cost.domain)
        bent = bends(lambda s: a.cost(s, y), pass_.a[a.L], REACH * near) | (near < END)
        if a.sigma(a.L).elementwise:
            bent &= pass_.sigma_prime[a.L] != 0
        found += _listed(bent, a.L, f"{a.cost.name} cost", pass_.a[a.L])
    return found


def room(x: np.ndarray, domain: tuple[float, float]) -> Any:
    """How far it is to the nearer end of where a function is defined; 1 where it is farther."""
    return np.minimum(1.0, np.minimum(np.abs(x - domain[0]), np.abs(domain[1] - x)))


def _listed(bent: np.ndarray, l: int, name: str, at: np.ndarray) -> list[Kink]:
    return [Kink(l, int(j), int(x), name, float(at[j, x])) for j, x in np.argwhere(bent)]
