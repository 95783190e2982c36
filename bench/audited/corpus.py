"""The programs of the corpus: the text of one, and what of it is audited."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.audited.mistakes import Mistake
from bench.audited.prelude import CANONICAL, PRELUDE
from bench.audited.styles import (
    HEADS,
    LOOP,
    LOOP_LINES,
    PACKINGS,
    PASS,
    STEPS,
    STYLES,
    TRAIN_STEP,
    UPDATE,
    UPDATE_LINES,
    WHOLE,
    Lines,
    Setting,
)
from chainrule import ChainruleWarning, Network

LMBDA, N, MU = 0.7, 20, 0.6


Slip = tuple[Mistake, tuple[int, ...], str]  # a mistake, its layers, and the name of another function's slope


@dataclass(frozen=True)
class Program:
    """One program, what it is about, and which slip was put in where; ``said``: whether its functions are told."""

    source: str
    setting: Setting
    mistake: Mistake | None = None
    layers: tuple[int, ...] = ()
    second: Mistake | None = None
    options: dict[str, Any] = field(default_factory=dict)
    said: bool = True

    def candidate(self) -> tuple[Any, Any, dict[str, Any]]:
        """What to audit: the candidate, the network, the options."""
        s = self.setting
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ChainruleWarning)  # of combinations that learn badly
            net = Network(s.sizes, list(s.functions), s.cost, dtype="float64", seed=3)
        net.biases = [b + np.linspace(-0.4, 0.6, b.size).reshape(b.shape) for b in net.biases]
        across, flat = s.style == "rows", s.style == "rows"
        weights = [np.array(w.T if across else w, order="C") for w in net.weights]
        biases = [b.ravel().copy() if flat else b.copy() for b in net.biases]
        space: dict[str, Any] = {"WEIGHTS": weights, "BIASES": biases, "LMBDA": self.options.get("lmbda", 0.0), "N": N,
                                 "MU": self.options.get("momentum", 0.0)}  # fmt: skip
        exec(compile(self.source, f"<{s.style} {s.form}>", "exec"), space)  # the corpus's own text
        told = {"activation": list(s.functions), "cost": s.cost, **self.options} if self.said else self.options
        if "Net" in space:
            return space["Net"](weights, biases), None, told
        if s.form == "train_step":
            return space["train_step"], list(s.sizes), told
        if s.head == "closure":
            return space["backprop"], net, self.options
        return space["backprop"], list(s.sizes), told


def _names(s: Setting) -> Lines:
    k = range(1, len(s.sizes))
    ws, bs = ", ".join(f"W{i}" for i in k), ", ".join(f"b{i}" for i in k)
    return {"names": ", ".join(f"W{i}, b{i}" for i in k), "ws": ws, "bs": bs}


def output_line(s: Setting) -> str:
    """How the output error is written."""
    pair = (s.cost, s.functions[-1])
    if pair in CANONICAL and (s.canonical or pair == ("log_likelihood", "softmax")):
        return "canonical"
    return "jacobian" if s.functions[-1] == "softmax" else "general"


def source(s: Setting, *slips: Slip) -> str:
    """The text of a program, with slips or without."""
    style = STYLES[s.style]
    lines = {**style, "out": style[output_line(s)], "before": "pass", **LOOP_LINES, **UPDATE_LINES, "step": STEPS[s.step]}
    lines |= {"fb": "g / m" if s.mean else "g", "fw": "g / m" if s.mean else "g", "take": "x[:, i], y[:, i]"}
    if s.form == "update":
        lines["reset"], lines["add"] = UPDATE_LINES["reset"], UPDATE_LINES["add"]
    else:
        lines["reset"], lines["add"] = LOOP_LINES["reset"], LOOP_LINES["add"]
    for slip in slips:
        _put(lines, s, *slip)
    return PRELUDE + function_lines(s) + _body(s, lines)


def function_lines(s: Setting) -> str:
    """The line that says which functions a program uses."""
    softmax = "softmax0" if s.style == "columns" else "softmax1"
    functions = ", ".join(f'F["{f}"]' if f != "softmax" else softmax for f in s.functions)
    slopes = ", ".join(f'D["{f}"]' if f != "softmax" else "None" for f in s.functions)
    return f'f, df, dcost = [{functions}], [{slopes}], COST["{s.cost}"]\n'


def _body(s: Setting, lines: Lines) -> str:
    give = PACKINGS[s.packing]
    if s.form == "update":
        return PASS.format(**lines) + UPDATE.format(**lines)
    if s.form == "train_step":
        return TRAIN_STEP.format(**lines)
    if s.form == "single":
        calls = "def gradients(x, y, weights, biases):\n    return one_pass(x, y, weights, biases)\n"
        return PASS.format(**lines) + calls + HEADS[s.head].format(give=give, **_names(s))
    whole = (LOOP if s.form == "loop" else WHOLE).format(**lines)
    return PASS.format(**lines) + whole + HEADS[s.head].format(give=give, **_names(s))


def _put(lines: Lines, s: Setting, mistake: Mistake, layers: tuple[int, ...], other: str) -> None:
    """Write the slip into its line."""
    text = mistake.text(s.style)
    if mistake.where == "train_step":
        lines["back"] = text.replace("weights", "new_weights")
        return
    if mistake.where == "step":
        old, new = text.split("->", 1)
        assert old in lines["step"], (old, lines["step"])
        lines["step"] = lines["step"].replace(old, new)
        return
    if mistake.line == "f":
        lines["fb"] = lines["fw"] = text
        return
    if mistake.line == "reset" and s.form == "loop":
        lines["store"] = "STORE = []"
        lines["add"] = "for s, g in zip(sum_b + sum_w, db + dw): s += g.reshape(s.shape)"
    right = lines[mistake.line]
    text = text.replace("{right}", right).replace("{k}", str(s.sizes[-1])).replace("{other}", other)
    lines[mistake.line] = f"({text}) if l in {layers!r} else ({right})" if layers else text
