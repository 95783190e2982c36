"""Right programs, in every style, layout and convention."""

from __future__ import annotations

import random
from collections.abc import Iterator

from bench.audited.corpus import Program, _update_options, setting, source


def right_programs(n: int, seed: int = 0) -> Iterator[Program]:
    """So many right programs."""
    rng = random.Random(seed + 1)
    for _ in range(n):
        s = setting(rng)
        yield Program(source(s), s, options=_update_options(s))
