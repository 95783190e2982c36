"""The forward pass of one example as a program, and a Python function around it that costs next to nothing.

Most of the time of a small prediction would go into handing arrays over. So the program is given objects, not arrays: NumPy
keeps the address of an array's numbers right behind the head that every Python object has, and the program looks there.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chainrule.architecture import Architecture
from chainrule.engine.compiled import build, mathematics
from chainrule.engine.compiled.items import Item, items
from chainrule.engine.compiled.layout import Layout
from chainrule.engine.compiled.nests import Nest
from chainrule.engine.compiled.scalars import Unprintable
from chainrule.engine.compiled.spaces import Lost, Space
from chainrule.engine.memory import functions
from chainrule.notation import Key
from chainrule.schedule import Recipe, forward

WORD = 8  # bytes of an address
HEAD = object.__basicsize__ // WORD  # words of an object before what is its own
ARRAYS = ("x", "found", "work", "parameters", "kinds")  # the parameters of the program: NumPy arrays
OneRow = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Forward:
    """The program of the forward pass of one example.

    Parameters
    ----------
    code : Code
    room : int
        Numbers of working memory that a call needs.
    kinds : ndarray
        Which activation each neuron has, in layers whose neurons differ.
    """

    code: build.Code
    room: int
    kinds: np.ndarray

    @property
    def text(self) -> str:
        """What a reader is shown."""
        return self.code.text


def program(a: Architecture) -> Forward:
    """The forward schedule printed for one example.

    Raises
    ------
    Unprintable
        A function of the user's has no form in the program.
    """
    layout, n = Layout(a, Recipe(), 1), a.neurons(1)
    kinds = _beside_the_work(layout)
    pieces = items(forward(a), Recipe(), functions(a), layout.stretches)
    body = [line for item in pieces for line in _lines(item, layout)]
    sizes = n, a.neurons(a.L), max(layout.work, 1), a.n_parameters, kinds.size
    used = [view for key, view in layout.views.items() if not key.symbol.startswith("nabla")]
    text = [
        f"def run({', '.join(ARRAYS)}):",
        *(f"    {name} = held({name}, {HEAD}, {size})" for name, size in zip(ARRAYS, sizes, strict=True)),
        *(f"    {line}" for line in [*used, *body, *_look(a)]),
        "    return 0",
    ]
    whole, kind = "\n".join(text) + "\n", a.dtype.name
    called = sorted(set(re.findall(r"\b([a-z_0-9]+)\(", whole)) & mathematics.FUNCTIONS)
    signature = build.Signature(tuple((name, "") for name in ARRAYS))
    return Forward(build.Code(whole, mathematics.source(called, kind), signature, kind), sizes[2], kinds)


def _beside_the_work(layout: Layout) -> np.ndarray:
    """Give names to what is not working memory: the row, the outputs, and the kinds of neurons, which are given back."""
    a = layout.a
    layout.names |= {Key("a", 1): "x", Key("a", a.L): "found"}
    found: list[int] = []
    for l in a.layers:
        if rows := a.sigma(l).neurons:
            key, order = Key("kind", l), list(dict.fromkeys(rows))
            layout.names[key] = f"kind_{l}"
            layout.views[key] = f"kind_{l} = part(kinds, {len(found)}, {len(rows)})"
            found += [order.index(row) for row in rows]
    return np.array(found or [0], a.dtype)


def _lines(item: Item, layout: Layout) -> list[str]:
    """One product, or the loops that follow it."""
    n = layout.a.neurons(item.layer)
    if item.kind == "product":
        out, left, right = (layout.place(key) for key in (item.out, item.left, item.right))
        sizes = f"1, {n}, {layout.a.neurons(item.layer - 1)}, {n}"
        return [f"# {item.note}  (layer {item.layer})", f"forward({out}, {left}, {right}, {sizes})"]
    lost: set[Key] = set()
    while True:
        try:
            return _nest(item, layout, lost)
        except Lost as value:
            if value.key in lost:
                raise Unprintable(f"{value.key.symbol} is needed in two versions") from None
            lost.add(value.key)


def _nest(item: Item, layout: Layout, lost: set[Key]) -> list[str]:
    """A layer's loops, with the activations kept, and what a later loop needs."""
    names = {key: layout.place(key) for key in item.reads | item.writes if key.symbol != "sigma"}
    nest = Nest(Space("i in range(1)", f"j in range({layout.a.neurons(item.layer)})", "j", "j", "i", 0), names, {})
    for line in item.lines:
        nest.comment(line.note)
        nest.assign(line.key, line.tree, store=line.key.symbol == "a" or line.key in lost)
    return nest.lines()


def _look(a: Architecture) -> list[str]:
    """Where a number of the row is not finite, the first output is NaN: the caller looks into it."""
    return [
        "finite = True",
        f"for k in range({a.neurons(1)}):",
        "    finite &= isfinite(x[k])",
        "if not finite:",
        "    found[0] = T(nan)",
    ]


def one_row(p: Forward, a: Architecture, parameters: np.ndarray) -> OneRow:
    """A function of a row that gives its outputs, a new array each time; any number of threads may call it at once.

    The row must be a C-contiguous array of shape (n^1,) and of the network's dtype; nothing is checked. The first output is
    NaN where a number of the row is not finite.

    Raises
    ------
    Unprintable
        This Python keeps objects in another way.
    """
    if not _is_behind_the_head(parameters):
        raise Unprintable("the numbers of an array are not where they are looked for")
    word = ctypes.c_int64
    run = ctypes.CFUNCTYPE(ctypes.c_int32, *[word] * (2 + len(ARRAYS)))(build.address(p.code))
    unread = (ctypes.c_int64 * 2)()  # Numba's result and exception: there are none
    result, trouble = word(ctypes.addressof(unread)), word(ctypes.addressof(unread) + WORD)
    theta, kinds = word(id(parameters)), word(id(p.kinds))
    empty, outputs, room, kind = np.empty, a.neurons(a.L), p.room, a.dtype
    kept = (unread, parameters, p.kinds)

    def outputs_of(row: np.ndarray, kept: object = kept) -> np.ndarray:  # noqa: ARG001  they live as long as the function
        found, work = empty(outputs, kind), empty(room, kind)
        run(result, trouble, id(row), id(found), id(work), theta, kinds)
        return found

    return outputs_of


def _is_behind_the_head(array: np.ndarray) -> bool:
    """Whether an array's address is where the program looks for it."""
    if sys.implementation.name != "cpython" or ctypes.sizeof(ctypes.c_void_p) != WORD:
        return False
    found = ctypes.c_void_p.from_address(id(array) + HEAD * WORD).value
    return bool(found == array.__array_interface__["data"][0])
