"""Printing a step: one phase after the other, each shared out among threads where the work is large.

A phase is split into parts by the neurons of a layer, by the examples, or by a stretch of parameters. The parts depend
on the sizes alone, not on how many threads there are; and no sum runs across them, except where its parts are added up
in order. So the bits are the same for any number of threads. Threads wait for each other only where one reads what
another wrote.
"""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.architecture import Architecture
from chainrule.engine.compiled import packed, rules
from chainrule.engine.compiled.batch import Batch
from chainrule.engine.compiled.gather import Reading
from chainrule.engine.compiled.items import NORM, Item, has_sum, items
from chainrule.engine.compiled.layout import Layout
from chainrule.engine.compiled.nests import Nest
from chainrule.engine.compiled.parts import Part, Sharing, under
from chainrule.engine.compiled.products import Plan, Product, is_packed, lines
from chainrule.engine.compiled.scalars import Unprintable, scalar_text
from chainrule.engine.compiled.spaces import Lost, Space
from chainrule.engine.fusion import descended
from chainrule.engine.memory import COUNT, SIZE, Values, constants, functions
from chainrule.notation import Key
from chainrule.schedule import Recipe, training

KEPT = {"theta", "v", "s"}  # letters of an update whose values outlive the step


class Printer:
    """The lines of one step, under construction."""

    def __init__(self, a: Architecture, r: Recipe, m: int, n: int, plan: Plan) -> None:
        self.a, self.r, self.m, self.plan = a, r, m, plan
        self.layout, self.sharing = Layout(a, r, m), Sharing(plan, m)
        self.batch = Batch(a, r, self.layout, self.sharing)
        values: Values = functions(a, r) | constants(r, n)
        steps = rules.by_parameter(rules.delayed(descended(rules.folded(training(a, r), values))))
        self.items = items(rules.adjoining(steps) if self.sharing.is_shared else steps, r, values, self.layout.stretches)
        self.settings = settings(values, r)
        self.scalars = {key: _setting(key) for key, value in values.items() if isinstance(value, float)}
        self.scalars |= {SIZE: "m", COUNT: "t", NORM: "norm2"}
        for l in a.layers:
            rate = r.layer_rates.get(l, 1.0)
            self.scalars[Key("eta", l)] = "eta" if rate == 1.0 else f"(eta * rate_{l})"
        self._read: set[Key] = set()  # since the threads last waited for each other
        self._written: set[Key] = set()

    # ------------------------------------------------------------------------------------------------------- a step

    def lines(self, reading: Reading) -> list[str]:
        """The whole step."""
        found = [*self.batch.beginning(reading)]
        self._written |= self.batch.writes
        at = 0
        while at < len(self.items):
            group = [self.items[at]]
            if at + 1 < len(self.items) and self._is_tail(self.items[at + 1], group[0]):
                group.append(self.items[at + 1])
            at += len(group)
            found += ["", *self._group(group, self.items[at:])]
        found += [*self._wait({Key("cost_x", 0)}, set()), *self.batch.ending()]
        if self.sharing.is_shared:
            found += ["tell(control, turn)", "turn = wait(control, turn, threads)"]
            found += ["if told(control):  # another program is at work here: look again", "    return step + 1"]
        return found

    def _is_tail(self, item: Item, product: Item) -> bool:
        """Whether loops go on with a product's result."""
        if product.form == "gradient":
            return item.kind == "flat" and item.stretch == self.layout.stretches[Key("w", product.layer)]
        return product.kind == "product" and item.kind == "layer" and item.layer == product.layer

    def _wait(self, reads: set[Key], writes: set[Key]) -> Iterator[str]:
        """Wait for the other threads, if this phase touches what they may still be at."""
        if self.sharing.is_shared and (reads & self._written or writes & (self._read | self._written)):
            yield "turn = wait(control, turn, threads)"
            self._read, self._written = set(), set()
        self._read |= reads
        self._written |= writes

    # ------------------------------------------------------------------------------------------------------- phases

    def _group(self, group: list[Item], later: list[Item]) -> Iterator[str]:
        """One phase: a product and the loops that follow it, or loops alone."""
        yield from self._wait({k for item in group for k in item.reads}, {k for item in group for k in item.writes})
        first = group[0]
        if first.kind in {"flat", "rows"}:
            yield from self._parameters(first, later)
            return
        part = self._part(group)
        body: list[str] = []
        for item in group:
            if item.kind == "flat":
                body += self._nest(item, later, self._weight_space(item, first.layer, part))
            elif item.kind == "product":
                yield f"# {item.note}  ({item.form}, layer {item.layer})"
                yield from self._scales(item)
                body += self._product(item, part)
            elif item.kind == "sum":
                yield f"# {item.note}  (layer {item.layer})"
                body += self._sum(item, part)
            else:
                body += self._nest(item, later, self._layer_space(item.layer, part))
        yield from under(part.head, body)

    def _part(self, group: list[Item]) -> Part:
        """How the phase is shared out: by neurons, unless a sum runs over these."""
        first, n = group[0], self.a.neurons(group[0].layer)
        sums = any(has_sum(line.tree) for item in group if item.kind == "layer" for line in item.lines)
        if not sums:
            part = self.sharing.by_neurons(n, self.plan.narrow)
            if part.neurons < n or first.kind == "sum" or first.form == "gradient":
                return part
        return self.sharing.by_examples(n)

    def _scales(self, item: Item) -> Iterator[str]:
        for name, tree in (("factor", item.factor), ("keep", item.keep)):
            if tree is not None and not isinstance(tree, float):
                yield f"{name} = T({scalar_text(tree, self.scalars)})"

    def _sizes(self, item: Item) -> tuple[int, int, int]:
        """Rows, columns and depth of a whole product."""
        l, neurons = item.layer, self.a.neurons
        if item.form == "forward":
            return self.m, neurons(l), neurons(l - 1)
        return (self.m, neurons(l), neurons(l + 1)) if item.form == "backward" else (neurons(l), neurons(l - 1), self.m)

    def _product(self, item: Item, part: Part) -> list[str]:
        """One matrix product, or the part of it."""
        rows, columns, depth = self._sizes(item)
        given = {name: f"T({tree})" if isinstance(tree, float) else name
                 for name, tree in (("factor", item.factor), ("keep", item.keep)) if tree is not None}  # fmt: skip
        place = self.layout.place
        p = Product(item.form, place(item.out), place(item.left), place(item.right), rows, columns, depth, **given)
        rows_here, columns_here = (part.neurons, columns) if item.form == "gradient" else (part.examples, part.neurons)
        if is_packed(item.form, rows_here, columns_here, depth):
            self.layout.panel = max(self.layout.panel, packed.room(item.form, rows_here, depth))
        return lines(p, i=part.i, examples=part.examples, j=part.j, neurons=part.neurons)

    def _sum(self, item: Item, part: Part) -> list[str]:
        """BP3: a sum over the examples of the mini-batch."""
        out, n, columns = self.layout.place(item.out), self.a.neurons(item.layer), f"range({part.neurons})"
        source = self.layout.place(item.lines[0].tree.info["name"])
        views = []
        if part.j != "0":
            views = [f"{out}_p, {source}_p = beyond({out}, {part.j}), beyond({source}, {part.j})"]
            out, source = f"{out}_p", f"{source}_p"
        start = [*views, f"for j in {columns}:", f"    {out}[j] = T(0.0)"]
        return [
            *start,
            f"for i in range({self.m}):",
            f"    for j in {columns}:",
            f"        {out}[j] += {source}[i * {n} + j]",
        ]

    def _layer_space(self, l: int, part: Part) -> Space:
        n = self.a.neurons(l)
        first = " + ".join(filter(None, [f"{part.i} * {n}" if part.i != "0" else "", part.j if part.j != "0" else ""]))
        origin = first, part.j if part.j != "0" else "", part.i if part.i != "0" else ""
        loops = f"i in range({part.examples})", f"j in range({part.neurons})"
        return Space(*loops, "q + j", "j", "i", 0, f"q = i * {n}", origin)

    def _weight_space(self, item: Item, l: int, part: Part) -> Space:
        """The weights of a part's neurons, one after the other."""
        low, columns = item.stretch[0], self.a.neurons(l - 1)
        first = str(low) if part.j == "0" else f"{low} + {part.j} * {columns}"
        return Space("", f"p in range({part.neurons * columns})", "p", "p", "p", 1, origin=(first, first, first))

    def _parameters(self, item: Item, later: list[Item]) -> Iterator[str]:
        """What is done to a stretch of parameters."""
        low, high = item.stretch
        total = item.lines[0].key == NORM
        if item.kind == "rows":
            n, columns = self.a.neurons(item.layer), self.a.neurons(item.layer - 1)
            part = self.sharing.by_neurons(n, 1)
            first = f"{low}" if part.j == "0" else f"{low} + {part.j} * {columns}"
            space = Space(f"j in range({part.neurons})", f"k in range({columns})", "q + k", "k", "j", 1,
                          f"q = j * {columns}", (first, "", ""))  # fmt: skip
            yield from under(part.head, self._nest(item, later, space))
            return
        if not self.sharing.is_shared:
            yield from self._nest(item, later, Space("", f"p in range({low}, {high})", "p", "p", "p", 1))
            return
        parts = self.plan.parts
        size = -(-(high - low) // (parts * 16)) * 16
        head = (*self.sharing.pieces(parts), f"    p0 = {low} + piece * {size}", f"    p1 = min(p0 + {size}, {high})")
        body = self._nest(item, later, Space("", "p in range(p1 - p0)", "p", "p", "p", 1, origin=("p0", "p0", "p0")))
        if total:  # the parts' sums, added up in order by every thread
            sums = self.layout.room(Key("partial", 0), parts) if Key("partial", 0) not in self.layout.names else "partial_"
            body = [f"{sums}[piece] = sum" if line == "norm2 += sum" else line for line in body]
        yield from under(head, body)
        if total:
            yield from (
                "turn = wait(control, turn, threads)",
                f"for piece in range({parts}):",
                f"    norm2 += {sums}[piece]",
            )
            yield "turn = wait(control, turn, threads)"
            self._read, self._written = set(), set()

    # -------------------------------------------------------------------------------------------------------- nests

    def _nest(self, item: Item, later: list[Item], space: Space) -> list[str]:
        """A loop nest with all its equations."""
        stored = {line.key for line in item.lines if self._is_needed(line.key, later)}
        lost: set[Key] = set()
        while True:
            try:
                return self._printed(item, space, stored | lost, lost)
            except Lost as value:
                if value.key in lost:
                    raise Unprintable(f"{value.key.symbol} is needed in two versions") from None
                lost.add(value.key)

    def _printed(self, item: Item, space: Space, stored: set[Key], lost: set[Key]) -> list[str]:
        """The nest, with these values kept in their arrays: the last of each, and all of those that were lost."""
        nest = Nest(space, _Names(self.layout), self.scalars)
        last = {line.key: k for k, line in enumerate(item.lines)}
        for k, line in enumerate(item.lines):
            nest.comment(line.note)
            nest.assign(line.key, line.tree, store=line.key in stored and (last[line.key] == k or line.key in lost))
        return nest.lines()

    def _is_needed(self, key: Key, later: list[Item]) -> bool:
        """Whether a value must be kept: what outlives the step always, else if it is read later."""
        if key.symbol in KEPT or key == Key("cost_x", 0):
            return True
        if key.symbol == "nabla":
            return any(read.symbol in {"nabla_w", "nabla_b"} for x in later for read in x.reads)
        return any(key in x.reads for x in later)


def settings(values: Values, r: Recipe) -> dict[str, float]:
    """Numbers that a program is given: those that differ between trainings of the same form, by the names that it uses."""
    found = {_setting(key): value for key, value in values.items() if isinstance(value, float)}
    found |= {f"rate_{l}": rate for l, rate in r.layer_rates.items() if rate != 1.0}
    for l, p in r.dropout.items():
        found |= {f"scale_{l}": 1 / (1 - p), f"least_{l}": float(int(p * 2**32))}
    return found


def _setting(key: Key) -> str:
    """The name of a number, where no loop or function has it."""
    return {"n": "examples", "clip": "bound"}.get(key.symbol, key.symbol)


class _Names(dict[Key, str]):
    """Names of arrays, which get their room when they are first asked for."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout

    def __missing__(self, key: Key) -> str:
        return self.layout.place(key)
