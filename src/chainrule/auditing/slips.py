"""THE SLIPS: one row each.

A slip is what somebody may have written in the place of an equation. Its cases say which equation, and what stands there
instead; run through the schedule they give every number that such a program would give. Rows that are nearer the top are
named first where two give the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from chainrule.architecture import Architecture
from chainrule.auditing.wrong import Wrong
from chainrule.notation import M

Case = Mapping[str, Wrong]
COMMON = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "softsign")  # taken for each other
FORWARD, ERROR, GRADIENT, EXAMPLES, UPDATE = "forward", "error", "gradient", "examples", "update"
STAGES = {  # which part of the computation an equation belongs to
    "FP1": FORWARD, "FP2": FORWARD, "SP": ERROR, "BP1": ERROR, "BP2": ERROR, "BP3": GRADIENT, "BP4": GRADIENT,
    "PGw": GRADIENT, "PGb": GRADIENT, "EW": EXAMPLES, "GD": UPDATE,
}  # fmt: skip


@dataclass(frozen=True)
class Slip:
    """One slip: what it is, by cases; and what is said of it.

    Parameters
    ----------
    id : str
    cases : tuple of mapping
        Each maps names of equations to what is written in their place. A mapping with several equations is one slip that
        may be made in any of them.
    sentence : str
        What is wrong; ``{l}`` stands for the layer.
    hint : str
        What to look at, without the answer.
    answer : str
        How it should be.
    when : callable, optional
        At which layers of which networks it can be.
    several : bool
        Whether it shows in mini-batches of several examples alone.
    """

    id: str
    cases: tuple[Case, ...] = field(repr=False)
    sentence: str
    hint: str
    answer: str
    when: Callable[[Architecture, int], bool] = field(default=lambda a, l: True, repr=False)
    several: bool = False


def cases(*variants: Mapping[str, Callable[..., M]]) -> tuple[Case, ...]:
    """The cases of a row, from functions."""
    return tuple({name: Wrong(f) for name, f in variant.items()} for variant in variants)


@cache
def table() -> dict[str, Slip]:
    """All rows, in the order in which they are named."""
    from chainrule.auditing import slips_batch, slips_error, slips_forward, slips_gradient

    rows = (*slips_error.ROWS, *slips_gradient.ROWS, *slips_batch.ROWS, *slips_error.LATE_ROWS, *slips_forward.ROWS)
    return {row.id: row for row in rows}
