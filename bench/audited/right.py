"""Right programs, in every style, layout and convention: one half by the templates, one half of other makes."""

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
        else:
            s = setting(rng)
            yield Program(source(s), s, options=update_options(s))


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
