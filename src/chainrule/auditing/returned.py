"""Arrays that a candidate gives back, and which parameter each of them belongs to: found from names, shapes and order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from chainrule.architecture import Architecture
from chainrule.notation import Key

OTHERS = re.compile(r"^_?(d|delta_|grad_)?(z|zs|a|as|delta|deltas|activations?|x|y|loss|cost|error|c)_?\d*$", re.IGNORECASE)
OF_WEIGHTS = re.compile(r"(w|weight|coef|kernel|theta)", re.IGNORECASE)
OF_BIASES = re.compile(r"(b|bias|intercept)", re.IGNORECASE)


class Leaf(NamedTuple):
    """One array, and the names on the way to it."""

    label: str
    value: np.ndarray


def leaves(given: Any, label: str = "", beside: int = 0) -> list[Leaf]:
    """The arrays of any structure, in a copy; those of a dict in the order of their names' numbers.

    ``beside`` is how deep the lists are nested that stand beside this one: beside a list of matrices, a list of lists of
    numbers is a list of vectors.
    """
    if given is None:
        return []
    if hasattr(given, "detach"):
        given = given.detach()
    if isinstance(given, Mapping):
        items = sorted(((f"{label} {key}".strip(), value) for key, value in given.items()), key=_natural)
    elif hasattr(given, "_asdict"):
        return leaves(given._asdict(), label)
    elif hasattr(given, "nabla_b") and hasattr(given, "nabla_w"):  # a Pass
        return leaves({"nabla_b": given.nabla_b, "nabla_w": given.nabla_w}, label)
    elif _is_list(given, beside):
        items = [(label, value) for value in given]
    else:
        array = np.array(given)
        return [Leaf(label, array)] if array.dtype.kind in "fiub" else []
    deepest = max((_depth(value) for _, value in items), default=0)
    return [leaf for name, value in items for leaf in leaves(value, name, deepest)]


def _is_list(given: Any, beside: int) -> bool:
    """Whether it is a list of arrays, rather than an array; one that is written as lists of numbers is an array."""
    if isinstance(given, np.ndarray):
        return given.dtype == object or given.ndim == 3
    if not isinstance(given, list | tuple):
        return False
    depth = _depth(given)
    return depth not in {1, 2} or (depth == 2 and (beside == 3 or len({len(row) for row in given}) > 1))


def _depth(given: Any) -> int:
    """How deep lists of plain numbers are nested; 0 of anything else."""
    if not isinstance(given, list | tuple) or not given:
        return 0
    inner = {0 if isinstance(value, int | float | np.number) else _depth(value) or -9 for value in given}
    return max(1 + max(inner), 0) if min(inner) >= 0 else 0


def _natural(item: tuple[str, Any]) -> tuple[str, list[int]]:
    """Names by their letters, then by their numbers."""
    return re.sub(r"\d+", "", item[0]).lower(), [int(n) for n in re.findall(r"\d+", item[0])]


@dataclass(frozen=True)
class Reading:
    """Which parameter each array belongs to: ``order`` has a key for each leaf; "wb" is weights and biases in one array."""

    order: tuple[Key, ...]
    across: bool  # weights of shape (in, out)
    form: str = "arrays"  # or "flat", "bias first", "bias last"
    dropped: frozenset[int] = frozenset()  # leaves that are no gradients

    def read(self, found: Sequence[Leaf], a: Architecture, m: int, columns: bool) -> dict[Key, np.ndarray] | None:
        """The arrays as gradients in our layout; those of another shape as they are; None where they cannot be told."""
        values = [leaf.value.astype(np.float64) for i, leaf in enumerate(found) if i not in self.dropped]
        if self.form == "flat":
            return self._flat(values, a)
        if len(values) != len(self.order):
            return None
        read: dict[Key, np.ndarray] = {}
        for key, value in zip(self.order, values, strict=True):
            parts = self._parts(key, value)
            for part, array in parts:
                read[part] = shaped(part, array, a, m, columns=columns)
        return read

    def _flat(self, values: Sequence[np.ndarray], a: Architecture) -> dict[Key, np.ndarray] | None:
        shapes, at, read = dict(a.shapes()), 0, {}
        if len(values) != 1 or values[0].size != sum(r * c for r, c in (shapes[key] for key in self.order)):
            return None
        flat = values[0].ravel()
        for key in self.order:
            rows, columns = shapes[key]
            part = flat[at : at + rows * columns]
            read[key] = part.reshape(columns, rows).T if self.across and key.symbol == "w" else part.reshape(rows, columns)
            at += rows * columns
        return read

    def _parts(self, key: Key, value: np.ndarray) -> Iterator[tuple[Key, np.ndarray]]:
        if key.symbol == "w":
            yield key, value.T if self.across else value
        elif key.symbol == "b":
            yield key, value
        else:
            whole = value.T if self.across else value
            first = self.form == "bias first"
            yield Key("w", key.layer), whole[:, 1:] if first else whole[:, :-1]
            yield Key("b", key.layer), whole[:, :1] if first else whole[:, -1:]


def shaped(key: Key, value: np.ndarray, a: Architecture, m: int, *, columns: bool) -> np.ndarray:
    """An array in our shape where it can be, as it is otherwise."""
    n = a.neurons(key.layer)
    if key.symbol == "w":
        return value
    if value.size == n:
        return value.reshape(n, 1)
    if value.size == n * m and value.ndim == 2:
        return value if columns and value.shape == (n, m) else value.T if value.shape == (m, n) else value
    return value.reshape(1, m) if value.size == m else value


def readings(found: Sequence[Leaf], a: Architecture, m: int, *, across: bool, turned: bool = True) -> list[Reading]:
    """The possible ones, best first: those in which all shapes fit; ``across`` is the way the candidate's weights lie.

    ``turned`` says whether lists of gradients may lie the other way round; a flat array has no shape that could tell.
    """
    scored = []
    for reading in _possible(found, a, across=across):
        if not turned and reading.form == "arrays" and reading.across != across:
            continue
        n_right = _fitting(reading, found, a, m)
        if n_right is not None:
            scored.append((n_right, reading))
    best = max((n for n, _ in scored), default=0.0)
    return [reading for n, reading in scored if n == best and (best > 0.4 or not turned)]


def _possible(found: Sequence[Leaf], a: Architecture, *, across: bool) -> Iterator[Reading]:
    for dropped in _droppings(found):
        kept = [leaf for i, leaf in enumerate(found) if i not in dropped]
        for order in _orders(a):
            for way in (across, not across):
                if len(kept) == 1 and kept[0].value.ndim == 1:
                    yield Reading(order, way, "flat", dropped)
                if len(kept) == len(order) and _named(kept, order):
                    yield Reading(order, way, dropped=dropped)
        for layers in ((*a.layers,), (*reversed(a.layers),)) if a.biases and len(kept) == len(a.layers) else ():
            for way in (across, not across):
                for form in ("bias last", "bias first"):
                    yield Reading(tuple(Key("wb", l) for l in layers), way, form, dropped)


def _droppings(found: Sequence[Leaf]) -> Iterator[frozenset[int]]:
    """Nothing, single numbers (a cost), and what is named as something else."""
    yield frozenset()
    costs = frozenset(i for i, leaf in enumerate(found) if leaf.value.ndim == 0)
    if len(costs) == 1:
        yield costs
    if others := frozenset(i for i, leaf in enumerate(found) if OTHERS.match(leaf.label.split(" ")[-1])):
        yield others | costs


def _orders(a: Architecture) -> Iterator[tuple[Key, ...]]:
    """The orders in which gradients are given back; those most met come first."""
    up = tuple(a.layers)
    for layers in (up, up[::-1]):
        w, b = (tuple(Key(symbol, l) for l in layers) for symbol in "wb")
        if a.biases:
            yield from (b + w, w + b)
            yield tuple(key for pair in zip(w, b, strict=True) for key in pair)
            yield tuple(key for pair in zip(b, w, strict=True) for key in pair)
        yield w


def _named(found: Sequence[Leaf], order: Sequence[Key]) -> bool:
    """Whether names, where there are any, agree with the order: letters with w and b, numbers with layers."""
    numbers: dict[str, list[tuple[int, int]]] = {"w": [], "b": []}
    for leaf, key in zip(found, order, strict=True):
        letters, digits = re.sub(r"\d+", "", leaf.label), re.findall(r"\d+", leaf.label)
        weights, biases = bool(OF_WEIGHTS.search(letters)), bool(OF_BIASES.search(_without_nabla(letters)))
        if weights is not biases and weights is not (key.symbol == "w"):
            return False
        numbers[key.symbol] += [(key.layer, int(digits[-1]))] if digits else []
    return all(p[1] < q[1] for rows in numbers.values() for p, q in pairwise(sorted(rows)))


def _without_nabla(letters: str) -> str:
    return letters.lower().replace("nabla", "")


def _fitting(reading: Reading, found: Sequence[Leaf], a: Architecture, m: int) -> float | None:
    """Which share of the arrays have the shape that they must have; None where one cannot be what it is taken for."""
    if any(key.symbol == "wb" for key in reading.order) and not _one_wider(reading, found, a):
        return None
    read = reading.read(found, a, m, columns=True)
    if read is None:
        return None
    shapes = dict(a.shapes())
    right = [value.shape == shapes[key] for key, value in read.items()]
    like = all(_alike(key, value, shapes[key], m) for key, value in read.items())
    return float(np.mean(right)) if like else None


def _one_wider(reading: Reading, found: Sequence[Leaf], a: Architecture) -> bool:
    shapes = dict(a.shapes())
    wanted = [(shapes[Key("w", key.layer)][0], shapes[Key("w", key.layer)][1] + 1) for key in reading.order]
    kept = [leaf.value.shape for i, leaf in enumerate(found) if i not in reading.dropped]
    return [shape[::-1] if reading.across else shape for shape in kept] == wanted


def _alike(key: Key, value: np.ndarray, shape: tuple[int, int], m: int) -> bool:
    """Whether an array can be this gradient, be it with a slip: turned over, or not summed."""
    if key.symbol == "w":
        return value.shape in {shape, shape[::-1]}
    return value.size in {shape[0], shape[0] * m, m, 1}


def words(reading: Reading, a: Architecture) -> Iterable[tuple[str, str]]:
    """What was found out, as labels and words."""
    symbols = [key.symbol for key in reading.order]
    if reading.form == "flat":
        yield "gives back", "one flat array"
    elif symbols[0] == "wb":
        place = "first" if reading.form == "bias first" else "last"
        yield "gives back", f"an array for each layer, its biases {place}"
    if "b" in symbols and reading.order:
        grouped = len({*symbols[: len(symbols) // 2]}) == 1
        first = "biases" if symbols[0] == "b" else "weights"
        yield "order", f"{'all ' if grouped else ''}{first} first" + ("" if grouped else ", layer by layer")
    if len(a.layers) > 1:
        at = [key.layer for key in reading.order]
        yield "layers", "from the first to the last" if at[0] <= at[-1] else "from the last to the first"
    yield "weights", f"shape ({'in, out' if reading.across else 'out, in'}) in each layer"
    if a.biases and not {"b", "wb"} & {*symbols}:
        yield "biases", "no gradients of the biases"
