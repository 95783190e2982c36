"""Drawing wrong programs: every slip in networks of all kinds, written in all styles."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bench.audited.corpus import LMBDA, MU, N, Program, output_line, source
from bench.audited.mistakes import DEEP, MISTAKES, SQUARE, WIDE, Mistake
from bench.audited.prelude import CANONICAL
from bench.audited.styles import HEADS, PACKINGS, Setting
from bench.audited.trying import is_wrong

HIDDEN = ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "elu")
OUTPUTS = (
    ("quadratic", "sigmoid"), ("quadratic", "identity"), ("quadratic", "tanh"), ("cross_entropy", "sigmoid"),
    ("log_likelihood", "softmax"), ("log_cosh", "sigmoid"), ("log_cosh", "identity"), ("quadratic", "softmax"),
)  # fmt: skip
SIZES = ((2, 3, 1), (3, 5, 2), (4, 3, 3), (3, 4, 2, 3), (2, 6, 4, 2), (5, 3, 4, 3, 2), (1, 4, 1), (784 // 49, 8, 10))
SQUARES = ((3, 3, 3), (4, 4, 4), (3, 3, 3, 3), (2, 2, 2), (4, 4, 4, 4))


def wrong_programs(n: int, seed: int = 0) -> Iterator[Program]:
    """So many wrong programs, every slip as often as the others."""
    rng = random.Random(seed)
    made = 0
    while made < n:
        for mistake in MISTAKES:
            yield program_of(mistake, rng)
            made += 1
            if made == n:
                return


def program_of(mistake: Mistake, rng: random.Random) -> Program:
    """A program with this slip, in a network where it shows."""
    for _ in range(400):
        program = _drawn(mistake, rng)
        if program and is_wrong(program):
            return program
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
    options |= update_options(s)
    return Program(source(s, (mistake, layers, other)), s, mistake, layers, options=options)


def double_programs(n: int, seed: int = 0) -> Iterator[Program]:
    """So many programs with two slips, in different lines."""
    rng = random.Random(seed + 2)
    made = 0
    while made < n:
        one, two = rng.sample(MISTAKES, 2)
        program = _doubled(one, two, rng)
        if program and is_wrong(program):
            made += 1
            yield program


def _doubled(one: Mistake, two: Mistake, rng: random.Random) -> Program | None:
    first = _drawn(one, rng)
    needs = {"told", "told mean", "store"} & {*one.needs, *two.needs}
    if first is None or needs or one.line == two.line or one.id == two.id or first.setting.form not in {"whole", "loop"}:
        return None
    s = first.setting
    layers = _places(s, two, rng) if _suits(s, two) and two.where not in {"step", "update", "train_step"} else None
    if layers is None:
        return None
    other = rng.choice([f for f in ("sigmoid_prime", "tanh_prime", "relu_prime") if f.split("_")[0] not in s.functions])
    text = source(s, (one, first.layers, other), (two, layers, other))
    return replace(first, source=text, second=two)


def update_options(s: Setting) -> dict[str, Any]:
    """What an audit of an update must be told."""
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
    packing, head = rng.choice(list(PACKINGS)), rng.choice(list(HEADS))
    if head == "class" and packing == "turned":
        packing = "weights, biases"  # an object could not subtract these gradients from its own weights
    return Setting(
        sizes, (*functions, output), cost, style, form, packing, head, rng.random() < 0.5, step, rng.random() < 0.5
    )


def _suits(s: Setting, mistake: Mistake) -> bool:
    curved = {"sigmoid", "tanh", "softplus"}
    out = output_line(s)
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
        SQUARE: len({*s.sizes}) == 1, "plain": s.step == "plain", "penalty": s.step == "penalty",
        "momentum": s.step == "momentum",
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
