"""The program of a run of mini-batches: the schedule printed as plain Python that Numba compiles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chainrule.architecture import Architecture
from chainrule.engine.compiled import mathematics, rules
from chainrule.engine.compiled.build import Code, Signature
from chainrule.engine.compiled.distort import RANDOM_WORDS
from chainrule.engine.compiled.gather import Reading
from chainrule.engine.compiled.items import NORM, Item, items
from chainrule.engine.compiled.layout import Layout
from chainrule.engine.compiled.nests import Lost, Nest, Space, scalar_text
from chainrule.engine.compiled.products import Product, lines
from chainrule.engine.compiled.scalars import Unprintable
from chainrule.engine.fusion import descended
from chainrule.engine.memory import COUNT, SIZE, Values, constants, functions
from chainrule.notation import Key
from chainrule.randomness import PURPOSES
from chainrule.schedule import Recipe, training

LETTERS = ("theta", "nabla", "v", "s", "free", "held")


@dataclass(frozen=True)
class Plan:
    """How a program is to be printed.

    Parameters
    ----------
    parts : int
        Into how many parts the work of a phase is split, at most; 1 for small work, which one thread does.
    blas : int
        Multiplications of a product from which on BLAS is faster than the loops here.
    """

    parts: int = 1
    blas: int = 2**62


@dataclass(frozen=True)
class Program:
    """The text of a program and what it works in."""

    code: Code
    layout: Layout
    plan: Plan
    source: Reading

    @property
    def text(self) -> str:
        """What a reader is shown."""
        return self.code.text


class Printer:
    """A program under construction."""

    def __init__(self, a: Architecture, r: Recipe, m: int, n: int, plan: Plan) -> None:
        self.a, self.r, self.m, self.plan = a, r, m, plan
        self.layout = Layout(a, r, m)
        values: Values = functions(a, r) | constants(r, n)
        steps = rules.by_parameter(rules.delayed(descended(rules.folded(training(a, r), values))))
        self.items = items(steps, a, r, values, self.layout.stretches)
        self.scalars = {key: repr(value) for key, value in values.items() if isinstance(value, float)}
        self.scalars |= {SIZE: "m", COUNT: "t", NORM: "norm2"}
        for l in a.layers:
            rate = r.layer_rates.get(l, 1.0)
            self.scalars[Key("eta", l)] = "eta" if rate == 1.0 else f"(eta * {rate!r})"
        self.scratch = 0

    # ------------------------------------------------------------------------------------------------- a mini-batch

    def beginning(self, reading: Reading) -> Iterator[str]:
        """The lines that gather a mini-batch and draw what is random in it."""
        m, L = self.m, self.layout
        x, y, n = L.place(Key("a", 1)), L.place(Key("y", 0)), self.a.neurons(self.a.L)
        yield from ("eta = etas[step]", "t = done + step + 1", "norm2 = 0.0", f"m = {float(m)}")
        if self.r.weighted:
            yield from ("m = 0.0", f"for i in range({m}):", f"    m += weights[rows[step * {m} + i]]")
        yield "sizes[step] = m"
        if self.r.weighted:
            yield from ("if m == 0.0:  # nothing counts in this mini-batch", "    continue")
        yield from ("# the rows of this mini-batch", f"for i in range({m}):", f"    row = rows[step * {m} + i]")
        yield from (f"    {line}" for line in reading.lines(x))
        yield from (f"    for k in range({n}):", f"        {y}[i * {n} + k] = targets[row * {n} + k]")
        if self.r.weighted:
            yield f"    {L.place(Key('weight', 0))}[i] = weights[row]"
        if self.r.noise:
            name = L.place(Key("noise", 0))
            size = m * self.a.neurons(1)
            yield from (f"for k in range({size}):", f"    {name}[k] = noises[step * {size} + k]")
        for l, p in self.r.dropout.items():
            yield from self._mask(l, p)

    def _mask(self, l: int, p: float) -> Iterator[str]:
        """A mask of dropout, from the bits that ``chainrule.randomness.kept`` takes."""
        n, m, name = self.a.neurons(l), self.m, self.layout.place(Key("mask", l))
        size = (n * m + 1) // 2
        self.layout.words = max(self.layout.words, size)
        yield f"# which neurons of layer {l} are kept"
        yield f"random_words(seed, {PURPOSES['dropout']}, epoch, (first + step) * 1024 + {l}, 0, part(words, 0, {size}))"
        yield from (f"for i in range({m}):", f"    for j in range({n}):")
        yield f"        kept = half_word(words, j * {m} + i) >= {int(p * 2**32)}"
        yield f"        {name}[i * {n} + j] = T({1 / (1 - p)!r}) if kept else T(0.0)"

    def ending(self) -> Iterator[str]:
        """The lines that add up the cost and look at it."""
        cost = self.layout.place(Key("cost_x", 0))
        yield from ("", "cost = 0.0", f"for i in range({self.m}):", f"    cost += {cost}[i]", "costs[step] = cost")
        yield from ("if not isfinite(cost):", "    return step + 1")

    def finished(self) -> Layout:
        """The layout, when all has its place."""
        if self.scratch:
            self.layout.views[Key("scratch", 0)] = f"scratch = part(work, {self.layout.work}, {self.scratch})"
            self.layout.work += self.scratch
        return self.layout

    def body(self) -> Iterator[str]:
        """The lines of one step, after its rows have been gathered."""
        at = 0
        while at < len(self.items):
            item = self.items[at]
            group = [item]
            if item.kind == "product" and at + 1 < len(self.items) and _is_tail(self.items[at + 1], item):
                group.append(self.items[at + 1])
            at += len(group)
            yield from self._group(group, self.items[at:])

    def _group(self, group: list[Item], later: list[Item]) -> Iterator[str]:
        yield ""
        for item in group:
            if item.kind == "product":
                yield f"# {item.note}  ({item.form}, layer {item.layer})"
                yield from self._product(item)
            elif item.kind == "sum":
                yield from self._sum(item)
            else:
                yield from self._nest(item, later)

    def _product(self, item: Item) -> Iterator[str]:
        """One matrix product."""
        l, L = item.layer, self.layout
        neurons = self.a.neurons
        rows, columns, depth = {
            "forward": (self.m, neurons(l), neurons(l - 1)),
            "backward": (self.m, neurons(l), neurons(l + 1) if l < self.a.L else 0),
            "gradient": (neurons(l), neurons(l - 1), self.m),
        }[item.form]
        given = {}
        for name, tree in (("factor", item.factor), ("keep", item.keep)):
            if isinstance(tree, float):
                given[name] = f"T({tree})"
            elif tree is not None:
                given[name] = name
                yield f"{name} = T({scalar_text(tree, self.scalars)})"
        stride = rows if item.form == "gradient" else columns
        p = Product(
            item.form, L.place(item.out), L.place(item.left), L.place(item.right), rows, columns, depth, stride, **given
        )
        blas = p.multiplications >= self.plan.blas
        if p.is_short and not blas:
            self.scratch = max(self.scratch, depth * columns)
        yield from lines(p, blas=blas)

    def _sum(self, item: Item) -> Iterator[str]:
        """BP3: a sum over the examples of the mini-batch."""
        out, n = self.layout.place(item.out), self.a.neurons(item.layer)
        source = self.layout.place(item.lines[0].tree.info["name"])
        yield f"# {item.note}  (layer {item.layer})"
        yield from (f"for j in range({n}):", f"    {out}[j] = T(0.0)", f"for i in range({self.m}):")
        yield from (f"    for j in range({n}):", f"        {out}[j] += {source}[i * {n} + j]")

    def _nest(self, item: Item, later: list[Item]) -> Iterator[str]:
        """A loop nest with all its equations."""
        stored = {line.key for line in item.lines if self._is_needed(line.key, item, later)}
        lost: set[Key] = set()
        while True:
            try:
                yield from self._printed(item, stored | lost, lost)
            except Lost as value:
                if value.key in lost:
                    raise Unprintable(f"{value.key.symbol} is needed in two versions") from None
                lost.add(value.key)
            else:
                return

    def _printed(self, item: Item, stored: set[Key], lost: set[Key]) -> list[str]:
        """The nest, with these values kept in their arrays."""
        nest = Nest(self._space(item), _Names(self.layout), self.scalars)
        last = {line.key: k for k, line in enumerate(item.lines)}
        for k, line in enumerate(item.lines):
            nest.comment(line.note)
            nest.assign(line.key, line.tree, store=line.key in stored and (last[line.key] == k or line.key in lost))
        return nest.lines()

    def _is_needed(self, key: Key, item: Item, later: list[Item]) -> bool:
        """Whether a value must be kept: parameters and what the optimizer remembers always, else if it is read later."""
        if key.symbol in LETTERS and key.symbol != "nabla":
            return True
        if key == Key("cost_x", 0):
            return True
        if key.symbol == "nabla":
            return any(read.symbol.startswith("nabla_") and read.symbol != "nabla_a" for x in later for read in x.reads)
        return any(key in x.reads for x in later)

    def _space(self, item: Item) -> Space:
        if item.kind == "flat":
            low, high = item.stretch
            return Space("", f"p in range({low}, {high})", "p", "p", "p", 1)
        if item.kind == "rows":
            low, columns = item.stretch[0], self.a.neurons(item.layer - 1)
            return Space(f"j in range({self.a.neurons(item.layer)})", f"k in range({columns})", "q + k", "k", "j", 1,
                         f"q = {low} + j * {columns}")  # fmt: skip
        n = self.a.neurons(item.layer)
        return Space(f"i in range({self.m})", f"j in range({n})", "q + j", "j", "i", 0, f"q = i * {n}")


class _Names(dict[Key, str]):
    """Names of arrays, which get their room when they are first asked for."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout

    def __missing__(self, key: Key) -> str:
        return self.layout.place(key)


def _is_tail(item: Item, product: Item) -> bool:
    return item.kind == "layer" and item.layer == product.layer and product.form != "gradient"


def program(a: Architecture, r: Recipe, m: int, n: int, source: Any, plan: Plan | None = None) -> Program:
    """The program for mini-batches of m examples of n.

    Raises
    ------
    Unprintable
        Something in it has no form here.
    """
    printer = Printer(a, r, m, n, plan or Plan())
    reading = Reading.of(source.x)
    begin = list(printer.beginning(reading))
    body = list(printer.body())
    layout = printer.finished()
    signature = _signature(a, r, reading)
    text = [
        f"def run({signature.text}):",
        *(f"    {view}" for view in layout.views.values()),
        "    for step in range(count):",
        *(f"        {line}" if line else "" for line in [*begin, *body, *printer.ending()]),
        "    return count",
    ]
    whole = "\n".join(text) + "\n"
    helpers = mathematics.source(_functions(whole), a.dtype.name)
    if "random_words(" in whole:
        helpers = f"{RANDOM_WORDS}\n\n{helpers}"
    code = Code(whole, helpers, signature, a.dtype.name, reading.stored)
    return Program(code, layout, printer.plan, reading)


def _functions(text: str) -> list[str]:
    """The elementwise functions that a program calls."""
    return [name for name in sorted(set(re.findall(r"\b([a-z_0-9]+)\(", text))) if name in mathematics.FUNCTIONS]


def _signature(a: Architecture, r: Recipe, source: Reading) -> Signature:
    kind = a.dtype.name
    arrays = [
        "parameters",
        *(f"slot_{slot}" for slot in r.optimizer.slots),
        "gradients",
        "free_",
        "held_",
        "noises",
        "work",
    ]
    return Signature((
        ("inputs", kind), *source.parameters, ("targets", kind), ("weights", kind), ("rows", "int64"), ("etas", "float64"),
        ("costs", "float64"), ("sizes", "float64"), *((name, kind) for name in arrays), ("words", "uint64"), ("seed", ""),
        ("epoch", ""), ("first", ""), ("done", ""), ("count", ""),
    ))  # fmt: skip


__all__ = ["Plan", "Program", "program"]
