"""Loop nests: equations over the same elements in one pass, with what they share computed once.

A nest goes over an outer and an inner index (examples and neurons of a layer; neurons and their incoming weights) or over
one index alone (a stretch of parameters). Reductions along the inner index split it into segments, one inner loop each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.algebra.symbolic import Expr
from chainrule.engine.compiled.scalars import (
    COMPARISONS,
    LOGICAL,
    Numbering,
    Rank,
    Unprintable,
    is_product,
    needs_names,
    number,
    rank_of_leaf,
    reads,
    reductions,
    scalar_text,
    written,
)  # fmt: skip
from chainrule.engine.compiled.spaces import Lost, Segment, Space
from chainrule.notation import LEGEND, Key


class Nest:
    """A loop nest under construction."""

    def __init__(self, space: Space, names: dict[Key, str], scalars: dict[Key, str]) -> None:
        self.space, self.names, self.scalars = space, names, scalars
        self.numbers = Numbering()
        self.segments = [Segment()]
        self.setup: list[str] = []  # once, before the nest
        self.after: list[str] = []  # once, after it
        self._run: dict[int, str] = {}
        self._outer: dict[int, tuple[str, int]] = {}  # name, and the segment from which on it is known
        self._local: dict[int, str] = {}
        self._stored: dict[int, str] = {}
        self._uses: Counter[int] = Counter()
        self._ranks: dict[int, tuple[Expr, Rank]] = {}  # by id; the node stays alive with it
        self._ready: set[int] = set()  # parts that need nothing more before the inner loop that is being written
        self._names: Counter[str] = Counter()

    def comment(self, text: str) -> None:
        """A line for the reader, where the next equation begins."""
        self.segments[-1].body.append(f"# {text}")

    def assign(self, key: Key, tree: Any, *, store: bool) -> None:
        """One more equation: the symbol's new value, kept in its array if it is read after this nest."""
        self._count(tree)
        spill = None if reads(tree, key) else key
        if LEGEND[key.symbol].shape == "()":
            self._total(key, tree)
            return
        if rank_of_leaf(key) is Rank.OUTER:
            self._assign_outer(key, tree, store=store)
            return
        self._prepare(tree, spill)
        text = self._inner(tree)
        name = self._name(key.symbol)
        body = self.segments[-1].body
        if text != name:
            body.append(f"{name} = {text}")
        if isinstance(tree, Expr):
            self._local[self.numbers.of(tree)] = name
        version = self.numbers.write(key)
        self._local[version] = name
        if store:
            place = f"{self._array(key)}[{self.space.index(key)}]"
            body.append(f"{place} = {name}")
            self._stored[version] = place

    def _assign_outer(self, key: Key, tree: Any, *, store: bool) -> None:
        """A value per outer index, known when the inner loop has ended."""
        for part in reductions(tree):
            n = self.numbers.of(part)
            if n not in self._outer:
                self._prepare(part.args[0], None)
                self._reduce(part, n, None)
        name, segment = self._name(key.symbol), self.segments[-1]
        segment.after.append(f"{name} = {self._outer_text(tree)}")
        if store:
            segment.after.append(f"{self._array(key)}[{self.space.along_outer}] = {name}")
        self._outer[self.numbers.write(key)] = (name, len(self.segments))

    def _total(self, key: Key, tree: Any) -> None:
        """A number that sums over all elements: norm2 + (...).sum()."""
        if tree.head is not np.add or getattr(tree.args[1], "head", None) != "reduce":
            raise Unprintable(f"{key.symbol} is not a running sum")
        name = self._name("sum")
        self.setup.append(f"{name} = T(0.0)")
        self.segments[-1].body.append(f"{name} += {self._inner(tree.args[1].args[0])}")
        self.after.append(f"{key.symbol} += {name}")

    def rank(self, x: Any) -> Rank:
        """What a part depends on."""
        if not isinstance(x, Expr):
            return Rank.RUN
        if x.head == "leaf":
            key = x.info["name"]
            return Rank.RUN if key in self.scalars else rank_of_leaf(key)
        if id(x) not in self._ranks:
            self._ranks[id(x)] = x, self._ranked(x)
        return self._ranks[id(x)][1]

    def _ranked(self, x: Expr) -> Rank:
        """The rank of a node that is no leaf."""
        if x.head == "reduce":
            if x.info["axis"] is None:
                return Rank.RUN
            if x.info["axis"] != self.space.axis or not x.info["keepdims"]:
                raise Unprintable("it sums along an axis that the loops do not run along")
            return Rank.OUTER
        return max((self.rank(arg) for arg in x.args), default=Rank.RUN)

    def _count(self, x: Any) -> None:
        n = self.numbers.of(x)
        self._uses[n] += 1
        if isinstance(x, Expr) and self._uses[n] == 1:
            for arg in x.args:
                self._count(arg)

    def _prepare(self, x: Any, spill: Key | None) -> None:
        """Have everything ready that the part needs per outer index, before its own inner loop is written."""
        if not isinstance(x, Expr) or self.numbers.of(x) in self._local or id(x) in self._ready:
            return
        self._ready.add(id(x))
        if self.rank(x) is Rank.OUTER:
            self._outer_value(x, spill)
            return
        for arg in x.args:
            self._prepare(arg, spill)

    def _outer_value(self, x: Any, spill: Key | None) -> None:
        """Compute a value per outer index, and close the loop that it comes out of."""
        n = self.numbers.of(x)
        if n not in self._outer:
            for arg in getattr(x, "args", ()):
                self._prepare(arg, spill)
            if isinstance(x, Expr) and x.head == "reduce":
                self._reduce(x, n, spill)
        if n in self._outer:
            while self._outer[n][1] >= len(self.segments):
                self._close()

    def _reduce(self, x: Expr, n: int, spill: Key | None) -> None:
        """Accumulate along the inner index."""
        ufunc = x.info["ufunc"]
        if ufunc not in {np.add, np.maximum, np.minimum}:
            raise Unprintable(f"it reduces by {ufunc.__name__}")
        name = self._name({np.add: "sum", np.maximum: "largest"}.get(ufunc, "least"))
        segment = self.segments[-1]
        start = {np.add: "0.0", np.maximum: "-inf", np.minimum: "inf"}[ufunc]
        segment.before.append(f"{name} = T({start})")
        text = self._inner(x.args[0])
        inner = self.numbers.of(x.args[0])
        if spill and self._uses[inner] > 1 and _is_computed(x.args[0]) and inner not in self._stored:
            place = f"{self._array(spill)}[{self.space.full}]"
            text = text if text.isidentifier() else self._bind("e", text, inner)
            segment.body.append(f"{place} = {text}")
            self._stored[inner] = place
        segment.body.append(f"{name} += {text}" if ufunc is np.add else f"{name} = {ufunc.__name__}({name}, {text})")
        self._outer[n] = (name, len(self.segments))

    def _close(self) -> None:
        """Begin the next inner loop: what was local to the last one is gone."""
        self.segments.append(Segment())
        self._local, self._ready = {}, set()

    def _inner(self, x: Any) -> str:
        """The text of a part inside the inner loop."""
        if not isinstance(x, Expr):
            return number(x)
        if self.rank(x) is not Rank.INNER:
            return self._per_outer(x)
        n = self.numbers.of(x)
        if n in self._local:
            return self._local[n]
        if n in self._stored:
            return self._bind(x.info["name"].symbol if x.head == "leaf" else "e", self._stored[n], n)
        return self._load(x, n) if x.head == "leaf" else self._computed(x, n)

    def _computed(self, x: Expr, n: int) -> str:
        """An operation, which gets a name where it is needed again."""
        text = self._operation(x, self._inner)
        return self._bind("u", text, n) if self._uses[n] > 1 or len(text) > 70 else text

    def _load(self, x: Expr, n: int) -> str:
        if self.numbers.versions.get(key := x.info["name"], 0):
            raise Lost(key)
        return self._bind(key.symbol, f"{self._array(key)}[{self.space.index(key)}]", n)

    def _operation(self, x: Expr, of: Callable[[Any], str]) -> str:
        """One operation; ``of`` gives the texts of its operands."""
        if x.head == "where":
            return f"({of(x.args[1])} if {self._condition(x.args[0], of)} else {of(x.args[2])})"
        if x.head in COMPARISONS or x.head in LOGICAL:
            return f"(T(1.0) if {self._condition(x, of)} else T(0.0))"
        if x.head == "T" or x.head is np.matmul:
            raise Unprintable("it has a product where none is expected")
        return written(x, [self._operand(x, arg, of(arg)) for arg in x.args])

    def _operand(self, x: Expr, arg: Any, text: str) -> str:
        """An operand's text: a name where it stands more than once, in brackets where it is a product behind a sign."""
        if not isinstance(arg, Expr) or text.isidentifier():
            return text
        if needs_names(x) and self.rank(arg) is Rank.INNER:
            return self._bind("u", text, self.numbers.of(arg))
        behind = x.head in {np.multiply, np.divide} and arg is x.args[-1]
        return f"({text})" if needs_names(x) or (behind and is_product(arg)) else text

    def _condition(self, x: Any, of: Callable[[Any], str]) -> str:
        """A truth, as Python tests it."""
        if isinstance(x, Expr) and x.head in COMPARISONS:
            return COMPARISONS[x.head].format(*(of(arg) for arg in x.args))
        if isinstance(x, Expr) and x.head in LOGICAL:
            return LOGICAL[x.head].format(*(self._condition(arg, of) for arg in x.args))
        return f"{of(x)} != T(0.0)"

    def _per_outer(self, x: Any) -> str:
        """The name of a value that is computed once per outer index."""
        if self.rank(x) is Rank.RUN:
            return self._constant(x)
        n = self.numbers.of(x)
        if n not in self._outer:
            segment = self.segments[-1]
            if x.head == "leaf":
                key = x.info["name"]
                name, text = self._name(key.symbol), f"{self._array(key)}[{self.space.along_outer}]"
            else:
                name, text = self._name("u"), self._outer_text(x)
            segment.before.append(f"{name} = {text}")
            self._outer[n] = (name, len(self.segments) - 1)
        return self._outer[n][0]

    def _outer_text(self, x: Any) -> str:
        """The text of such a value: what is in it is written out, since it may be known only when the loop has ended."""
        known = not isinstance(x, Expr) or x.head == "leaf" or self.numbers.of(x) in self._outer
        return self._per_outer(x) if known or self.rank(x) is Rank.RUN else self._operation(x, self._outer_text)

    def _constant(self, x: Any) -> str:
        """The name of a number that stays the same through the nest; it is computed in double precision."""
        if not isinstance(x, Expr):
            return number(x)
        n = self.numbers.of(x)
        if n not in self._run:
            name = self._name(x.info["name"].symbol + "_" if x.head == "leaf" else "c")
            self.setup.append(f"{name} = T({scalar_text(x, self.scalars)})")
            self._run[n] = name
        return self._run[n]

    def _array(self, key: Key) -> str:
        """The name of an array, or of the part of it that the nest works on."""
        name, begins = self.names[key], self.space.begins(key)
        if not begins:
            return name
        line = f"{name}_p = beyond({name}, {begins})"
        if line not in self.setup:
            self.setup.append(line)
        return f"{name}_p"

    def _bind(self, name: str, text: str, n: int) -> str:
        name = self._name(name)
        self.segments[-1].body.append(f"{name} = {text}")
        self._local[n] = name
        return name

    def _name(self, wanted: str) -> str:
        self._names[wanted] += 1
        return wanted if self._names[wanted] == 1 and wanted not in {"u", "c"} else f"{wanted}{self._names[wanted]}"

    def lines(self) -> list[str]:
        """The whole nest."""
        inner = [[*s.before, *_loop(self.space.inner, s.body), *s.after] for s in self.segments]
        whole = [line for lines in inner for line in lines]
        if self.space.outer:
            base = [self.space.base] if self.space.base else []
            whole = [f"for {self.space.outer}:", *(f"    {line}" for line in base + whole)]
        return [*self.setup, *whole, *self.after]


def _is_computed(x: Any) -> bool:
    return isinstance(x, Expr) and x.head != "leaf"


def _loop(header: str, body: list[str]) -> list[str]:
    """A loop, or only its comments where it has nothing to do."""
    if all(line.startswith("#") for line in body):
        return body
    first = next(k for k, line in enumerate(body) if not line.startswith("#"))
    return [*body[:first], f"for {header}:", *(f"    {line}" for line in body[first:])]
