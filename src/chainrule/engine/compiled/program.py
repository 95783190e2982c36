"""The program of a run of mini-batches: the schedule printed as plain Python that Numba compiles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from chainrule.architecture import Architecture
from chainrule.engine.compiled import distort, mathematics
from chainrule.engine.compiled.build import Code, Signature
from chainrule.engine.compiled.gather import Reading
from chainrule.engine.compiled.layout import Layout
from chainrule.engine.compiled.parts import TAKEN
from chainrule.engine.compiled.phases import Printer
from chainrule.engine.compiled.products import Plan
from chainrule.engine.compiled.scalars import Unprintable
from chainrule.schedule import Recipe

PARTS = 8  # a phase of large work is split into so many parts, at most
LARGE = 2**21  # multiplications of a step from which on threads pay
LARGEST = 2**26  # from which on they take their parts in turn


@dataclass(frozen=True)
class Program:
    """The text of a program and what it works in."""

    code: Code
    layout: Layout
    plan: Plan
    source: Reading
    settings: tuple[float, ...] = ()
    words: int = TAKEN  # of ``control``

    @property
    def text(self) -> str:
        """What a reader is shown."""
        return self.code.text


def planned(a: Architecture, m: int) -> Plan:
    """The plan for mini-batches of m examples, by the amount of work."""
    work = m * sum(a.neurons(l) * a.neurons(l - 1) for l in a.layers)
    return Plan(PARTS if 3 * work >= LARGE else 1, in_turn=3 * work >= LARGEST)


def program(a: Architecture, r: Recipe, m: int, n: int, source: Any, plan: Plan | None = None) -> Program:
    """The program for mini-batches of m examples of n.

    Raises
    ------
    Unprintable
        Something in it has no form here.
    """
    plan = plan or planned(a, m)
    reading = Reading.of(source.x)
    try:
        printer = Printer(a, r, m, n, plan)
        step = printer.lines(reading)
    except RecursionError:
        raise Unprintable("a function has hundreds of operations, one in the other") from None
    panel = printer.layout.panel
    signature = _signature(a, r, reading)
    text = [
        *_head(signature),
        *(f"    {name} = settings[{k}]" for k, name in enumerate(printer.settings) if _is_named(name, step)),
        *(f"    {view}" for view in printer.layout.views.values()),
        *(["    turn = 0"] if plan.parts > 1 else []),
        *([f"    panel = stretch(panels, thread * {panel}, {panel})  # room for copies"] if panel else []),
        "    for step in range(count):",
        *(f"        {line}" if line else "" for line in step),
        "    return count",
    ]
    whole = "\n".join(text) + "\n"
    helpers = mathematics.source(_functions(whole), a.dtype.name)
    if r.distort:
        helpers = f"{distort.source(r.distort)}\n\n{helpers}"
    if r.distort or r.dropout:
        helpers = f"{distort.RANDOM_WORDS}\n\n{helpers}"
    code = Code(whole, helpers, signature, a.dtype.name, reading.stored)
    return Program(code, printer.layout, plan, reading, tuple(printer.settings.values()), next(printer.sharing.words))


def _head(signature: Signature) -> list[str]:
    """The first lines: the function, and what it is given."""
    names = [name for name, _ in signature.parameters]
    lines = [names[at : at + 8] for at in range(0, len(names), 8)]
    return ["def run(", *(f"    {', '.join(line)}," for line in lines), "):"]


def _is_named(name: str, lines: list[str]) -> bool:
    """Whether the lines have need of a name."""
    word = re.compile(rf"\b{name}\b")
    return any(word.search(line.partition("#")[0]) for line in lines)


def _functions(text: str) -> list[str]:
    """The elementwise functions that a program calls."""
    return [name for name in sorted(set(re.findall(r"\b([a-z_0-9]+)\(", text))) if name in mathematics.FUNCTIONS]


def _signature(a: Architecture, r: Recipe, source: Reading) -> Signature:
    """What the program is given: the data, the steps, what it changes, room to work in, where in the training it is."""
    kind = a.dtype.name
    data = [("inputs", kind), *source.parameters, ("targets", kind), ("weights", kind)]
    steps = [("rows", "int64"), ("etas", "float64"), ("settings", "float64"), ("costs", "float64"),
             ("sizes", "float64")]  # fmt: skip
    changed = [(name, kind) for name in ("parameters", *(f"slot_{slot}" for slot in r.optimizer.slots), "gradients")]
    given = [(name, kind) for name in ("free_", "held_", "noises")]
    pictures = [("strengths", kind), ("nodes", kind), ("canvas", kind), ("bits", "uint64")] if r.distort else []
    room = [("work", kind), *pictures, ("panels", kind), ("words", "uint64"), ("control", "int64")]
    numbers = [(name, "") for name in ("seed", "epoch", "first", "done", "count", "thread", "threads")]
    return Signature((*data, *steps, *changed, *given, *room, *numbers))
