"""BP1 to BP4 once more, written out by components, as four checks of a pass's own numbers; and how exact they can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.checking.problem import Problem, in_double, pass_of
from chainrule.checking.witnesses import EPS
from chainrule.notation import Key

TRIALS, MARGIN = 3, 16.0  # how often all numbers are moved by their last bit, and how many bits rounding may take
FACTOR = 64.0  # rounding errors of so many operations in a row


def jacobian(a: np.ndarray) -> np.ndarray:
    """da_k/dz_j of a softmax layer for each example, a_k (1[j = k] - a_j), shape (m, n, n)."""
    columns = a.T
    diagonal = columns[:, :, None] * np.eye(columns.shape[1])
    return np.asarray(diagonal - columns[:, :, None] * columns[:, None, :])


def by_components(p: Problem, key: Key) -> np.ndarray | None:
    """A quantity from those that its equation reads, as the sum that the equation is; None where functions make it."""
    a, s, l = p.network.architecture, p.pass_, key.layer
    if key.symbol == "nabla_w":
        return np.asarray(np.einsum("jx,kx->jk", s.delta[l], s.a[l - 1]))
    if key.symbol == "nabla_b":
        return np.asarray(np.einsum("jx->j", s.delta[l])[:, None])
    if key.symbol == "nabla_a" and l < a.L:
        return np.asarray(np.einsum("kj,kx->jx", _w(p, l + 1), s.delta[l + 1]))
    return _error(p, l) if key.symbol == "delta" else None


def _error(p: Problem, l: int) -> np.ndarray:
    """BP1 or BP2: delta_j is the sum over k of da_k/dz_j dC/da_k."""
    a, s = p.network.architecture, p.pass_
    weight = 1.0 if p.weight is None or l < a.L else p.weight
    if l == a.L and a.is_canonical:
        return np.asarray((s.a[l] - p.y.T) * weight)
    if a.sigma(l).elementwise:
        slope_of_cost = s.nabla_a[l] if l == a.L else np.einsum("kj,kx->jx", _w(p, l + 1), s.delta[l + 1])
        return np.asarray(s.sigma_prime[l] * slope_of_cost * weight)
    return np.asarray(np.einsum("xkj,kx->jx", jacobian(s.a[l]), s.nabla_a[l]) * weight)


def _w(p: Problem, l: int) -> np.ndarray:
    return np.asarray(p.network.parameters.views[Key("w", l)])


def rounding(p: Problem) -> Mapping[Key, float]:
    """What rounding alone may do to each quantity of a pass, beside the tolerance.

    It counts where numbers cancel (a saturated output's a - y, a sum over many examples), and where the last bit of z
    is much to a function (the sine of a large number). The first is added up along the pass as squares are; the second is
    measured, by moving every number by its last bit.
    """
    moved = measured(p)
    return {key: bound + moved.get(key, 0.0) for key, bound in _cancelled(p).items()}


def measured(p: Problem) -> dict[Key, float]:
    """How far each quantity of the pass moves where every parameter and input moves by its last bit."""
    found: dict[Key, float] = {}
    rng = np.random.default_rng(0)
    for _ in range(TRIALS):
        twin = in_double(p.network)
        twin.parameters.flat *= 1 + EPS * rng.choice([-1.0, 1.0], twin.parameters.flat.shape)
        x = p.x * (1 + EPS * rng.choice([-1.0, 1.0], p.x.shape))
        with np.errstate(all="ignore"):
            pass_ = pass_of(twin, x, p.y, p.weight)
        for key, value in p.pass_.values.items():
            if key.symbol in {"sigma_prime", "nabla_a", "delta", "nabla_b", "nabla_w"}:
                change = float(np.abs(pass_.values[key] - value).max(initial=0.0))
                found[key] = max(found.get(key, 0.0), MARGIN * change)
    return found


def _cancelled(p: Problem) -> dict[Key, float]:
    """The rounding of sums and products along the pass."""
    a, s = p.network.architecture, p.pass_
    weight = 1.0 if p.weight is None else p.weight
    found: dict[Key, Any] = {}
    for l in reversed(a.layers):
        slope = np.abs(s.sigma_prime[l]) if l in s.sigma_prime else np.ones_like(s.a[l])
        if l == a.L:
            of_cost = np.abs(s.nabla_a[l]) * (not a.is_canonical) + np.abs(s.a[l]) + np.abs(p.y.T)
            error = of_cost * (1.0 if a.is_canonical else 1 + slope) * weight
        else:
            w = _w(p, l + 1)
            of_cost = np.sqrt((w * w).T @ (error * error)) + np.abs(w).T @ np.abs(s.delta[l + 1])
            error = slope * of_cost + np.abs(w).T @ np.abs(s.delta[l + 1])
        size = np.abs(s.delta[l])
        rows = {"sigma_prime": 1 + slope, "nabla_a": of_cost, "delta": error + size}
        rows["nabla_b"] = np.sqrt((error * error).sum(axis=1)) + size.sum(axis=1)
        before = np.abs(s.a[l - 1])
        rows["nabla_w"] = np.sqrt((error * error) @ (before * before).T) + size @ before.T
        rows["penalty"] = rows["nabla_w"] + np.abs(_w(p, l)) * abs(p.m * p.lmbda / p.n)
        found |= {Key(name, l): FACTOR * EPS * float(x.max(initial=0.0)) for name, x in rows.items()}
    return found
