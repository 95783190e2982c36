"""Where an object keeps its parameters: lists, numbered attributes, or a dict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.notation import Key

LISTS = {
    "w": ("weights", "coefs_", "W", "ws", "w", "Ws", "weight"),
    "b": ("biases", "intercepts_", "b", "bs", "B", "bias"),
}
NUMBERED = re.compile(r"^_?(w|weights?|b|bias|biases)_?(\d+)$", re.IGNORECASE)
DICTS = ("params", "parameters", "theta")


@dataclass(frozen=True)
class Slot:
    """The place of one array: an attribute of an object, or an item of a list or dict."""

    container: Any
    key: Any

    def get(self) -> Any:
        """What is there."""
        return getattr(self.container, self.key) if self.named else self.container[self.key]

    def put(self, value: np.ndarray) -> None:
        """Write these numbers there: into the array that is there, or else in the place of it."""
        now = self.get()
        if isinstance(now, np.ndarray) and now.shape == value.shape and now.dtype.kind == "f" and now.flags.writeable:
            now[...] = value
            return
        new: Any = value.tolist() if isinstance(now, list) else np.array(value)
        if self.named:
            setattr(self.container, self.key, new)
        else:
            self.container[self.key] = new

    @property
    def named(self) -> bool:
        """Whether it is an attribute."""
        return not isinstance(self.container, list | tuple | dict | np.ndarray)


@dataclass(frozen=True)
class Store:
    """The parameters of an object, each where it is kept; found again at each use, since an update may make new lists."""

    holder: Any

    @property
    def slots(self) -> dict[Key, Slot]:
        """Each parameter's place."""
        return dict(_lists(self.holder)) or dict(_numbered(self.holder)) or dict(_dicts(self.holder))

    def arrays(self) -> dict[Key, np.ndarray]:
        """A copy of each parameter as it is kept."""
        return {key: np.array(slot.get()) for key, slot in self.slots.items()}

    def put(self, values: Mapping[Key, np.ndarray]) -> None:
        """Write these parameters, in the shapes in which they are kept."""
        slots = self.slots
        for key, value in values.items():
            if key in slots:
                slots[key].put(value)

    def weights(self) -> list[np.ndarray]:
        """The weights in the order of the layers."""
        return [value for key, value in self.arrays().items() if key.symbol == "w"]

    def biases(self) -> list[np.ndarray]:
        """The biases likewise."""
        return [value for key, value in self.arrays().items() if key.symbol == "b"]


def store_of(holder: Any) -> Store | None:
    """Where an object keeps its parameters; None if it shows none."""
    if isinstance(holder, type) or holder is None:
        return None
    store = Store(holder)
    return store if any(key.symbol == "w" for key in store.slots) else None


def _item(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, Mapping) else getattr(holder, name, None)


def _lists(holder: Any) -> Iterator[tuple[Key, Slot]]:
    """The items of lists with a known name."""
    for symbol, names in LISTS.items():
        listed = next((v for v in (_item(holder, name) for name in names) if isinstance(v, list | tuple) and v), ())
        offset = 3 if listed and listed[0] is None else 2  # a list that leaves out the place of the input layer
        yield from ((Key(symbol, i + offset), Slot(listed, i + offset - 2)) for i in range(len(listed) - offset + 2))


def _numbered(holder: Any) -> Iterator[tuple[Key, Slot]]:
    """Attributes or items such as W1, b1, W2, b2."""
    names = list(holder) if isinstance(holder, Mapping) else list(getattr(holder, "__dict__", ()))
    found = [(m[1][0].lower(), int(m[2]), m[0]) for name in names if isinstance(name, str) and (m := NUMBERED.match(name))]
    for symbol in "wb":
        ordered = sorted(row for row in found if row[0] == symbol)
        yield from ((Key(symbol, l), Slot(holder, name)) for l, (_, _, name) in enumerate(ordered, 2))


def _dicts(holder: Any) -> Iterator[tuple[Key, Slot]]:
    """The items of a dict that is an attribute."""
    for name in DICTS:
        found = _item(holder, name)
        if isinstance(found, dict):
            yield from _numbered(found)
            return
