"""Trying a program: what it gives, and whether that differs from what the same program gives without its slip."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from bench.audited.corpus import Program, source
from bench.audited.prelude import PRELUDE
from bench.audited.styles import Setting


def results(program: Program) -> list[np.ndarray]:
    """What a program gives for a few examples."""
    candidate, _, _ = program.candidate()
    s, rng = program.setting, np.random.default_rng(5)
    m = 1 if s.form == "single" else 5
    x, y = rng.standard_normal((s.sizes[0], m)), rng.uniform(0.1, 0.9, (s.sizes[-1], m))
    if s.functions[-1] == "softmax":
        y = np.eye(s.sizes[-1])[:, rng.integers(s.sizes[-1], size=m)]
    found: list[np.ndarray] = []
    if s.form == "update":
        for _ in range(2):
            candidate.update_mini_batch([(x[:, [i]], y[:, [i]]) for i in range(m)], 0.3)
        return [*candidate.weights, *candidate.biases]
    x, y = (x[:, 0], y[:, 0]) if s.form == "single" else (x.T, y.T) if s.style == "rows" else (x, y)
    space = _parameters(program)
    if s.form == "train_step":
        weights, biases = candidate(x, y, *space, 0.3)
        return [*weights, *biases]
    for _ in range(2):
        found = _flat(_given(candidate, s, x, y, *space))
    return found


def _parameters(program: Program) -> tuple[list[np.ndarray], list[np.ndarray]]:
    clean = replace(program, setting=replace(program.setting, form="update", step="plain"), source=PRELUDE + UPDATE_FREE)
    net, _, _ = clean.candidate()
    return net.weights, net.biases


UPDATE_FREE = """
class Net:
    def __init__(self, weights, biases):
        self.weights, self.biases = weights, biases
"""


def _given(candidate: Any, s: Setting, x: Any, y: Any, weights: Any, biases: Any) -> Any:
    if s.head == "class":
        return candidate.backprop(x, y)
    if s.head == "closure":
        return candidate(x, y)
    if s.head == "numbered":
        return candidate(x, y, *(a for pair in zip(weights, biases, strict=True) for a in pair))
    if s.head == "parameters":
        named = {f"W{i}": w for i, w in enumerate(weights, 1)} | {f"b{i}": b for i, b in enumerate(biases, 1)}
        return candidate(named, x, y)
    return candidate(x, y, weights, biases)


def _flat(given: Any) -> list[np.ndarray]:
    if isinstance(given, dict):
        return [a for value in given.values() for a in _flat(value)]
    if isinstance(given, list | tuple):
        return [a for value in given for a in _flat(value)]
    return [np.asarray(given)]


def is_wrong(program: Program) -> bool:
    """Whether it gives other numbers than the same program without the slip."""
    right = replace(program, source=source(program.setting), mistake=None)
    with np.errstate(all="ignore"):
        try:
            pairs = list(zip(results(program), results(right), strict=True))
        except (ValueError, IndexError):
            return False
    if not all(np.isfinite(a).all() for a, _ in pairs):
        return False
    return any(a.shape != b.shape or np.abs(a - b).max() > 1e-3 * np.abs(b).max() for a, b in pairs)
