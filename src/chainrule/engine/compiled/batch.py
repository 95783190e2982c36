"""A mini-batch's beginning and end: its rows are gathered, what is random in it is drawn, its cost is added up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.architecture import Architecture
from chainrule.engine.compiled import distort
from chainrule.engine.compiled.gather import Reading
from chainrule.engine.compiled.layout import Layout
from chainrule.engine.compiled.parts import Sharing, counted, under
from chainrule.notation import Key
from chainrule.randomness import PURPOSES
from chainrule.schedule import Recipe

BLOCK = 8  # draws that one block of random words gives


@dataclass(frozen=True)
class Batch:
    """Prints what comes before the equations of a step, and after them."""

    a: Architecture
    r: Recipe
    layout: Layout
    sharing: Sharing

    @property
    def writes(self) -> set[Key]:
        """What the beginning writes."""
        return {Key("a", 1), Key("y", 0), Key("weight", 0), Key("noise", 0), *(Key("mask", l) for l in self.r.dropout)}

    def beginning(self, reading: Reading) -> Iterator[str]:
        """Gather a mini-batch, and draw what is random in it."""
        m, L = self.sharing.m, self.layout
        x, y, n = L.place(Key("a", 1)), L.place(Key("y", 0)), self.a.neurons(self.a.L)
        yield from ("eta = etas[step]", "t = done + step + 1", f"m = {float(m)}")
        if self.r.clip_norm:
            yield "norm2 = 0.0"
        if self.r.weighted:
            yield from ("m = 0.0", f"for i in range({m}):", f"    m += weights[rows[step * {m} + i]]")
        yield "sizes[step] = m"
        if self.r.weighted:
            yield from ("if m == 0.0:  # nothing counts in this mini-batch", "    continue")
        part = self.sharing.by_examples(0)
        body = [f"for i in {counted(part.i, part.examples)}:", f"    row = rows[step * {m} + i]"]
        body += [f"    {line}" for line in reading.lines(x, m)]
        if self.r.distort:
            body += self._distorted()
        body += [f"    wanted, target = beyond(targets, row * {n}), beyond({y}, i * {n})"]
        body += [f"    for k in range({n}):", "        target[k] = wanted[k]"]
        if self.r.weighted:
            body.append(f"    {L.place(Key('weight', 0))}[i] = weights[row]")
        if self.r.noise:
            name, k = L.place(Key("noise", 0)), self.a.neurons(1)
            body += [f"    drawn, added = beyond(noises, (step * {m} + i) * {k}), beyond({name}, i * {k})"]
            body += [f"    for k in range({k}):", "        added[k] = drawn[k]"]
        yield from ("# the rows of this mini-batch", *under(part.head, body))
        for l in self.r.dropout:
            yield from self._mask(l)

    def _distorted(self) -> list[str]:
        """The picture of example i distorted in its place, in room that each thread has for itself."""
        assert self.r.distort is not None
        rooms = zip(("nodes", "canvas", "bits"), distort.room(self.r.distort), strict=True)
        own = ", ".join(f"stretch({name}, thread * {size}, {size})" for name, size in rooms)
        return [f"    distort(example, example, seed, epoch, first + step, i, strengths, {own})"]

    def _mask(self, l: int) -> Iterator[str]:
        """A mask of dropout, from the bits that ``chainrule.randomness.kept`` takes."""
        n, m, name = self.a.neurons(l), self.sharing.m, self.layout.place(Key("mask", l))
        part = self.sharing.by_neurons(n, 1)
        if part.neurons * m % BLOCK:
            part = self.sharing.whole(n)
        start = self.layout.draw((n * m + 1) // 2)
        size = (part.neurons * m + 1) // 2
        first = "0" if part.j == "0" else f"{part.j} * {m} // {BLOCK}"
        word = f"{start}" if part.j == "0" else f"{start} + {part.j} * {m} // 2"
        counter = f"(first + step) * 1024 + {l}"
        value = f"kept if half_word(drawn, j * {m} + i) >= least else T(0.0)"
        body = [
            f"kept, least = T(scale_{l}), uint32(least_{l})",
            f"drawn, mask = stretch(words, {word}, {size}), beyond({name}, {part.j})",
            f"random_words(seed, {PURPOSES['dropout']}, epoch, {counter}, {first}, drawn)",
            f"for i in range({m}):",
            f"    for j in range({part.neurons}):",
            f"        mask[i * {n} + j] = {value}",
        ]
        yield from (f"# which neurons of layer {l} are kept", *under(part.head, body))

    def ending(self) -> Iterator[str]:
        """Add up the cost and look at it."""
        cost = self.layout.place(Key("cost_x", 0))
        yield from ("", "cost = 0.0", f"for i in range({self.sharing.m}):", f"    cost += {cost}[i]", "costs[step] = cost")
        yield from ("if not isfinite(cost):", "    return step + 1")
