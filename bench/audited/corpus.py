"""The corpus: programs drawn over slips, functions, costs, layouts and sizes, each one tried to be wrong where it says so."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bench.audited.mistakes import DEEP, MISTAKES, SQUARE, WIDE, Mistake
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
HIDDEN = ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "elu")
OUTPUTS = (
    ("quadratic", "sigmoid"), ("quadratic", "identity"), ("quadratic", "tanh"), ("cross_entropy", "sigmoid"),
    ("log_likelihood", "softmax"), ("log_cosh", "sigmoid"), ("log_cosh", "identity"), ("quadratic", "softmax"),
)  # fmt: skip
SIZES = ((2, 3, 1), (3, 5, 2), (4, 3, 3), (3, 4, 2, 3), (2, 6, 4, 2), (5, 3, 4, 3, 2), (1, 4, 1), (784 // 49, 8, 10))
SQUARES = ((3, 3, 3), (4, 4, 4), (3, 3, 3, 3), (2, 2, 2), (4, 4, 4, 4))


@dataclass(frozen=True)
class Program:
    """One program, what it is about, and which slip was put in where."""

    source: str
    setting: Setting
    mistake: Mistake | None = None
    layers: tuple[int, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

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
        told = {"activation": list(s.functions), "cost": s.cost, **self.options}
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


def _out(s: Setting) -> str:
    """How the output error is written."""
    pair = (s.cost, s.functions[-1])
    if pair in CANONICAL and (s.canonical or pair == ("log_likelihood", "softmax")):
        return "canonical"
    return "jacobian" if s.functions[-1] == "softmax" else "general"


def source(s: Setting, mistake: Mistake | None = None, layers: tuple[int, ...] = (), other: str = "") -> str:
    """The text of a program, with a slip or without."""
    style = STYLES[s.style]
    lines = {**style, "out": style[_out(s)], "before": "pass", **LOOP_LINES, **UPDATE_LINES, "step": STEPS[s.step]}
    lines |= {"fb": "g / m" if s.mean else "g", "fw": "g / m" if s.mean else "g", "take": "x[:, i], y[:, i]"}
    if s.form == "update":
        lines["reset"], lines["add"] = UPDATE_LINES["reset"], UPDATE_LINES["add"]
    else:
        lines["reset"], lines["add"] = LOOP_LINES["reset"], LOOP_LINES["add"]
    if mistake:
        _put(lines, s, mistake, layers, other)
    functions = ", ".join(
        f'F["{f}"]' if f != "softmax" else {"columns": "softmax0"}.get(s.style, "softmax1") for f in s.functions
    )
    slopes = ", ".join(f'D["{f}"]' if f != "softmax" else "None" for f in s.functions)
    head = f'f, df, dcost = [{functions}], [{slopes}], COST["{s.cost}"]\n'
    return PRELUDE + head + _body(s, lines)


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


# ------------------------------------------------------------------------------------------------------- drawing


def wrong_programs(n: int, seed: int = 0) -> Iterator[Program]:
    """So many wrong programs, every slip as often as the others."""
    rng = random.Random(seed)
    made = 0
    while made < n:
        for mistake in MISTAKES:
            program = next(p for p in _tries(mistake, rng) if p and is_wrong(p))
            yield program
            made += 1
            if made == n:
                return


def _tries(mistake: Mistake, rng: random.Random) -> Iterator[Program | None]:
    for _ in range(400):
        yield _drawn(mistake, rng)
    raise RuntimeError(f"no program for {mistake}")


def _drawn(mistake: Mistake, rng: random.Random) -> Program | None:
    s = setting(rng, mistake)
    if not _suits(s, mistake):
        return None
    layers = _places(s, mistake, rng)
    if layers is None or ({"sigmoid", "tanh", "relu"} <= {*s.functions}):
        return None
    other = rng.choice([f for f in ("sigmoid_prime", "tanh_prime", "relu_prime") if f.split("_")[0] not in s.functions])
    options: dict[str, Any] = {}
    if "told" in mistake.needs or (s.style == "columns" and s.form in {"whole"} and s.head != "class"):
        options["examples"] = {"columns": "columns", "rows": "rows", "vectors": "columns"}[s.style]
    if "told mean" in mistake.needs:
        options["reduction"] = "mean"
    options |= _update_options(s)
    return Program(source(s, mistake, layers, other), s, mistake, layers, options)


def _update_options(s: Setting) -> dict[str, Any]:
    if s.form == "update":
        more = {"penalty": {"lmbda": LMBDA, "n": N}, "momentum": {"momentum": MU}}.get(s.step, {})
        return {"learning_rate": 0.3, **more}
    return {"learning_rate": 0.3} if s.form == "train_step" else {}


def setting(rng: random.Random, mistake: Mistake | None = None) -> Setting:
    """A drawn setting; a slip says of which kind it must be."""
    needs = mistake.needs if mistake else ()
    where = mistake.where if mistake else ""
    sizes = rng.choice(SQUARES if SQUARE in needs else ((4, 5, 4), (3, 2, 3)) if WIDE in needs else SIZES + SQUARES[:2])
    if "square after" in needs:
        sizes = rng.choice(((3, 4, 4, 2), (2, 5, 5, 3), (4, 3, 3, 3, 2)))
    hidden = rng.choice(HIDDEN)
    functions = [hidden if rng.random() < 0.7 else rng.choice(HIDDEN) for _ in sizes[1:-1]]
    cost, output = rng.choice([pair for pair in OUTPUTS if sizes[-1] > 1 or pair[1] != "softmax"])
    style = rng.choice(("columns", "rows", "vectors"))
    form = "loop" if style == "vectors" else "whole"
    if where in {"step", "update"}:
        style, form = "columns", "update"
    elif where == "train_step" or (rng.random() < 0.08 and where in {"layers", "any"}):
        style, form = rng.choice(("columns", "rows")), "train_step"
    elif style == "vectors" and rng.random() < 0.3 and "loop" not in needs:
        form = "single"
    step = "plain"
    if form == "update":
        step = next((n for n in ("penalty", "momentum", "plain") if n in needs), rng.choice(("plain", "penalty")))
    return Setting(
        sizes, (*functions, output), cost, style, form, rng.choice(list(PACKINGS)), rng.choice(list(HEADS)),
        rng.random() < 0.5, step, rng.random() < 0.5,
    )  # fmt: skip


def _suits(s: Setting, mistake: Mistake) -> bool:
    curved = {"sigmoid", "tanh", "softplus"}
    out = _out(s)
    conditions = {
        "general": out == "general", "bent output": s.functions[-1] in curved,
        "cross_entropy": s.cost == "cross_entropy", "no softmax": s.functions[-1] != "softmax",
        "two outputs": s.sizes[-1] > 1,
        "bent": {*s.functions[:-1]} <= curved and (mistake.line != "out" or s.functions[-1] in curved),
        "all sigmoid": {*s.functions[:-1]} == {"sigmoid"}, "all relu": {*s.functions[:-1]} == {"relu"},
        "softmax": s.functions[-1] == "softmax", "log_cosh": s.cost == "log_cosh", "quadratic": s.cost == "quadratic",
        "classifier": (s.cost, s.functions[-1]) in CANONICAL - {("quadratic", "identity")},
        "whole": s.form == "whole", "loop": s.form == "loop", "form": s.form in {"whole", "loop"},
        "several": s.form in {"whole"}, "told mean": s.mean, DEEP: len(s.sizes) > 3, "three outputs": s.sizes[-1] >= 3,
        "no flat": "flat" not in s.packing and all(p != q for p, q in zip(s.sizes, s.sizes[1:], strict=False)),
        "plain": s.step == "plain", "penalty": s.step == "penalty", "momentum": s.step == "momentum",
    }  # fmt: skip
    if not all(conditions.get(need, True) for need in mistake.needs):
        return False
    biases = s.packing not in {"weights"} and not (s.packing == "turned" and mistake.id == "outer_swapped")
    told_columns = "told" in mistake.needs and s.head == "class" and s.style == "columns"
    lines_there = s.form != "single" or mistake.line not in {"f", "add", "examples", "reset", "before"}
    unpacked = mistake.line != "nb" or ("flat" not in s.packing) or "whole" not in mistake.needs
    return (biases or mistake.line != "nb") and not told_columns and lines_there and unpacked and not _clash(s, mistake)


def _clash(s: Setting, mistake: Mistake) -> bool:
    """Combinations in which the text would not be a program that somebody has tried."""
    if s.form == "train_step" and mistake.line in {"out", "f", "before", "add", "examples", "reset", "step"}:
        return True
    if mistake.id in {"outer_swapped", "bias_not_summed", "delta_of_wrong_layer"} and s.form == "train_step":
        return True
    return mistake.id == "outer_swapped" and s.packing in {"turned"}


def _places(s: Setting, mistake: Mistake, rng: random.Random) -> tuple[int, ...] | None:
    last = len(s.sizes) - 2
    if mistake.where in {"whole", "step", "update", "train_step"}:
        return ()
    if "square after" in mistake.needs:
        return (1,)
    low = 1 if mistake.where == "upper" else 0
    high = last if mistake.where in {"any", "one", "upper"} else last - 1
    if DEEP in mistake.needs and mistake.line == "back":
        high = last - 2
    listed = list(range(low, high + 1))
    if WIDE in mistake.needs:
        listed = [l for l in listed if s.sizes[l] == s.sizes[l + 2]]
    if mistake.id == "delta_of_wrong_layer" and mistake.line == "nw":
        listed = [l for l in listed if l < last]
    if not listed:
        return None
    return tuple(listed) if rng.random() < 0.4 and mistake.where != "one" else (rng.choice(listed),)


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
