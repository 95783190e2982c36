"""Right programs, in every style, layout and convention.

One half is of other makes; of the templates, every second is an object of which nothing is said.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from bench.audited.corpus import Program, function_lines, source
from bench.audited.drawing import setting, update_options
from bench.audited.handwritten import FORWARD, NEEDS, OPTIONS, PROGRAMS
from bench.audited.prelude import PRELUDE


def right_programs(n: int, seed: int = 0) -> Iterator[Program]:
    """So many right programs."""
    rng, names = random.Random(seed + 1), list(PROGRAMS)
    for i in range(n):
        if i % 2:
            yield by_hand(names[i // 2 % len(names)], rng)
        elif i % 4:
            yield unsaid(rng)
        else:
            s = setting(rng)
            yield Program(source(s), s, options=update_options(s))


def unsaid(rng: random.Random) -> Program:
    """An object with weights, biases and a right backprop, of whose neurons and cost nothing is said."""
    while True:
        s = setting(rng)
        if s.form in {"whole", "loop", "single"} and s.head == "class":
            return Program(source(s), s, said=False)


def by_hand(name: str, rng: random.Random) -> Program:
    """One of the programs that were written by hand, for a drawn network."""
    text = PROGRAMS[name]
    while True:
        form = "update" if "update_mini_batch" in text else "whole"
        s = replace(setting(rng), style="columns", form=form, head="arguments", packing=name, step="plain")
        if name not in NEEDS or NEEDS[name](s):
            break
    whole = PRELUDE + function_lines(s) + f'cost = "{s.cost}"\n' + FORWARD + text
    return Program(whole, s, options=dict(OPTIONS.get(name, {})))
