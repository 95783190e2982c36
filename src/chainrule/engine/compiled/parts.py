"""How the work of a phase is shared out among threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

from chainrule.engine.compiled.products import Plan, parts_of

ALONE = ("if thread == 0:",)  # the head of work that one thread does
TAKEN = 16  # the first word of ``control`` that counts the parts taken; those before are for waiting


@dataclass(frozen=True)
class Part:
    """What part of a layer a phase works on.

    Parameters
    ----------
    head : tuple of str
        The lines under which the part's lines stand; none where there is but one part, and one thread.
    i, j : str
        The first example and the first neuron.
    examples, neurons : int
        How many of each.
    """

    head: tuple[str, ...]
    i: str
    examples: int
    j: str
    neurons: int


@dataclass(frozen=True)
class Sharing:
    """The parts of phases, for mini-batches of m examples."""

    plan: Plan
    m: int
    words: Iterator[int] = field(default_factory=lambda: count(TAKEN))  # of ``control`` that no phase has yet

    def pieces(self, parts: int) -> tuple[str, ...]:
        """The lines under which a thread does its parts; ``piece`` is the number of one."""
        if not self.plan.in_turn:
            return (f"for piece in range(thread, {parts}, threads):",)
        word = next(self.words)  # each thread takes one more than there are: then it knows that all are taken
        taken = f"    piece = take(control, {word}) - step * ({parts} + threads)"
        return ("while True:", taken, f"    if piece >= {parts}:", "        break")

    @property
    def is_shared(self) -> bool:
        """Whether there may be several threads."""
        return self.plan.parts > 1

    def whole(self, n: int) -> Part:
        """All of a layer of n neurons, for one thread."""
        return Part(ALONE if self.is_shared else (), "0", self.m, "0", n)

    def by_neurons(self, n: int, least: int) -> Part:
        """Equal parts of at least so many neurons, each for all examples; or the whole, where it cannot be split."""
        parts = parts_of(n, self.plan.parts, least)
        if parts == 1:
            return self.whole(n)
        head = (*self.pieces(parts), f"    j0 = piece * {n // parts}")
        return Part(head, "0", self.m, "j0", n // parts)

    def by_examples(self, n: int) -> Part:
        """Equal parts of the mini-batch, each for all n neurons."""
        parts = parts_of(self.m, self.plan.parts, 1)
        if parts == 1:
            return self.whole(n)
        head = (*self.pieces(parts), f"    i0 = piece * {self.m // parts}")
        return Part(head, "i0", self.m // parts, "0", n)


def under(head: Iterable[str], body: Iterable[str]) -> list[str]:
    """Lines under the head of a loop, if there is one."""
    head = list(head)
    return [*head, *(f"    {line}" for line in body)] if head else list(body)


def counted(first: str, size: int) -> str:
    """So many from this one on."""
    return f"range({size})" if first == "0" else f"range({first}, {first} + {size})"
