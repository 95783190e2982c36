"""Checking a backward: its gradients against differences of the function's own values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.checking.candidates import Arrays, Candidate, candidate
from chainrule.checking.gradient_report import GradientCheck, GradientRow
from chainrule.checking.witnesses import EPS
from chainrule.errors import GraphError
from chainrule.graph.check import FACTORS, OFFSETS

NEAR = 1e-7  # the step of slopes to one side
Scalar = Callable[[Arrays], float]


def run_gradcheck(
    f: Any, inputs: Any, eps: float, atol: float, rtol: float, sample: int | None, seed: int
) -> GradientCheck:
    """The report of a function's gradients."""
    c = candidate(f, inputs)
    notes, rng = [], np.random.default_rng(seed)
    outputs = c.value(c.arrays)
    if not all(np.isfinite(y).all() for y in outputs):
        raise GraphError("the function's value is not finite at these inputs: there is no derivative to compare.")
    if any((a != b).any() for a, b in zip(outputs, c.value(c.arrays), strict=True)):
        raise GraphError(
            "the function gives another value the second time, for the same inputs: its differences are noise.\n"
            "Fix its random numbers (a seed, or dropout switched off: module.eval()), and check again."
        )
    single = len(outputs) == 1 and outputs[0].size == 1
    seeds = [np.ones_like(y) if single else rng.standard_normal(y.shape) for y in outputs]
    if not single:
        shapes = " and ".join(str(y.shape) for y in outputs)
        notes.append(f"Its outputs have shape {shapes}: what is differentiated is their sum times fixed random numbers.")

    def scalar(arrays: Arrays) -> float:
        return float(sum((s * y).sum() for s, y in zip(seeds, c.value(arrays), strict=True)))

    gradients = c.gradients([x.copy() for x in c.arrays], seeds)
    rows = [_row(c, k, g, scalar, (eps, atol, rtol), sample, rng) for k, g in enumerate(gradients)]
    return GradientCheck(c.kind, tuple(rows), tuple(notes), eps, atol, rtol)


def _row(
    c: Candidate, k: int, gradient: Any, scalar: Scalar, bounds: tuple[float, float, float], sample: int | None, rng: Any
) -> GradientRow:
    """One input's gradient, entry by entry."""
    x, name = c.arrays[k], c.names[k]
    found = np.asarray(gradient, dtype=np.float64) if np.size(gradient) else np.zeros(0)
    if found.shape != x.shape and not (x.ndim == 0 and found.size == 1):
        return GradientRow(name, x.shape, found.shape, 0, 0, 0, (), 0.0, 0.0, np.inf, 0.0, ())
    found = found.reshape(x.shape)
    size = abs(scalar(c.arrays))
    entries = _entries(x, sample, rng)
    wrong: list[tuple[float, tuple[int, ...], float, float]] = []
    kinks, largest, ratios = 0, 0.0, []
    for place in entries:
        f = _along(c, k, place, scalar)
        wanted, verdict = _judged(float(found[place]), f, size, bounds)
        kinks += verdict == "kink"
        largest = max(largest, abs(wanted))
        if verdict == "wrong":
            wrong.append((
                abs(found[place] - wanted) if np.isfinite(found[place]) else np.inf,
                place,
                float(found[place]),
                wanted,
            ))
        if abs(wanted) > 1e-6 * largest and verdict != "kink":
            ratios.append(found[place] / wanted)
    error, at, have, want = max(wrong, default=(0.0, (), 0.0, 0.0))
    return GradientRow(
        name, x.shape, found.shape, len(entries), x.size, len(wrong), at, have, want, error, largest, tuple(ratios), kinks
    )


def _entries(x: np.ndarray, sample: int | None, rng: Any) -> list[tuple[int, ...]]:
    flat = np.arange(x.size)
    if sample is not None and x.size > sample:
        flat = np.sort(rng.choice(x.size, sample, replace=False))
    return [tuple(int(i) for i in np.unravel_index(j, x.shape)) for j in flat]


def _along(c: Candidate, k: int, place: tuple[int, ...], scalar: Scalar) -> Callable[[float], float]:
    """The scalar as a function of how far one entry moves."""

    def f(by: float) -> float:
        moved = list(c.arrays)
        moved[k] = moved[k].copy()
        moved[k][place] += by
        return scalar(moved)

    return f


def _judged(
    found: float, f: Callable[[float], float], size: float, bounds: tuple[float, float, float]
) -> tuple[float, str]:
    """What differences give, and whether the entry is right, wrong, or at a kink where there are two slopes."""
    eps, atol, rtol = bounds

    def measured(h: float) -> tuple[float, float]:
        """The difference over a step, and what its rounding may be."""
        found = sum(factor * f(offset * h) for offset, factor in zip(OFFSETS, FACTORS, strict=True)) / h
        return float(found), 8 * EPS * size / h

    wanted, noise = measured(eps)
    if abs(found - wanted) <= atol + rtol * max(abs(found), abs(wanted)) + noise:
        return wanted, "right"
    for h in (eps / 100, eps / 10000):  # a kink nearby: a shorter step does not reach it, and shows another slope
        shorter, noise = measured(h)
        allowed = atol + rtol * max(abs(found), abs(shorter)) + noise
        if abs(found - shorter) <= allowed < abs(wanted - shorter):
            return shorter, "right"
    here, right, left = f(0.0), f(NEAR), f(-NEAR)
    slopes = sorted(((right - here) / NEAR, (here - left) / NEAR))
    slack = 1e-5 * (1e-3 + abs(slopes[0]) + abs(slopes[1])) + 8 * EPS * size / NEAR
    if slopes[1] - slopes[0] > 10 * slack and slopes[0] - slack <= found <= slopes[1] + slack:
        return found, "kink"
    return wanted, "wrong"
