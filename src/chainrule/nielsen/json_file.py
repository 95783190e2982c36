"""The JSON file of the improved program: sizes, weights, biases and the name of the cost; read strictly."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

import numpy as np

from chainrule.architecture import Architecture
from chainrule.data.source import find, opened
from chainrule.engine.memory import Values
from chainrule.errors import ConfigError, DataError, ModelFileError
from chainrule.io import strict_json
from chainrule.io.durable import write_bytes
from chainrule.io.words import named, quoted
from chainrule.nielsen import face
from chainrule.notation import Key

MOST_BYTES = 2**26  # numbers as text are large in memory: about 3 million parameters
MOST_LISTS = 2**20  # a list is a neuron here; empty ones cost memory and say nothing
FIELDS = {"sizes", "weights", "biases", "cost"}


def write(path: str | os.PathLike[str], a: Architecture, values: Values, cost: str) -> None:
    """Write the network, or raise ModelFileError where its numbers are not finite or too many for this format."""
    document = {"sizes": list(a.sizes), "cost": cost}
    document |= {name: [values[Key(of, l)].tolist() for l in a.layers] for of, name in (("w", "weights"), ("b", "biases"))}
    try:
        raw = strict_json.dumps(document).encode()
    except ValueError as error:
        raise ModelFileError(f"the network is not saved: its numbers are not all finite ({error}).") from None
    if len(raw) > MOST_BYTES:
        raise ModelFileError(
            f"the network takes {len(raw):,} bytes as JSON, and at most {MOST_BYTES:,} are read back.\n"
            "chainrule.Network saves networks of any size, as safetensors."
        )
    write_bytes(path, raw)


def read(path: str | os.PathLike[str], costs: Collection[str]) -> tuple[Architecture, Values, str]:
    """The description, the numbers and the name of the cost, all looked at before anything is made of them."""
    try:
        document = strict_json.loads(_text(path))
        return _checked(document, costs)
    except (DataError, ConfigError, ModelFileError, ValueError) as error:
        raise ModelFileError(
            f"{named(path)} is no network: {error}\nGive a file that network2.Network.save wrote."
        ) from None


def _text(path: str | os.PathLike[str]) -> bytes:
    """The file's bytes, unless they would take much more memory than a network does."""
    source = find(path)
    with opened(source) as file:
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise ModelFileError(f"it has more than {MOST_BYTES:,} bytes.")
    lists, objects = raw.count(b"["), raw.count(b"{")
    if lists > MOST_LISTS or objects > 1:
        raise ModelFileError(f"it has {objects} objects and {lists:,} lists; 1 and at most {MOST_LISTS:,} are read.")
    return raw


def _checked(document: Any, costs: Collection[str]) -> tuple[Architecture, Values, str]:
    if not isinstance(document, dict) or set(document) != FIELDS:
        raise ModelFileError(f"it is not an object with {', '.join(sorted(FIELDS))} and nothing else.")
    cost, sizes = document["cost"], document["sizes"]
    if not isinstance(cost, str) or cost not in costs:
        raise ModelFileError(
            f"its cost {quoted(cost)} is not one of {', '.join(sorted(costs))}: a file holds a name only, never code.\n"
            "If it is a class of your own, give it: load(filename, costs=[...])."
        )
    if not isinstance(sizes, list):
        raise ModelFileError(f"its sizes are {quoted(sizes)}, not a list.")
    a, values = face.description(sizes, "quadratic"), {}
    for of, name in (("w", "weights"), ("b", "biases")):
        layers = document[name]
        if not isinstance(layers, list) or len(layers) != a.L - 1:
            raise ModelFileError(f"its {name} are not a list for each of the layers 2 to {a.L}.")
        for l, rows in enumerate(layers, 2):
            shape = a.neurons(l), a.neurons(l - 1) if of == "w" else 1
            values[Key(of, l)] = _matrix(rows, shape, f"{name}[{l - 2}]")
    return a, values, cost


def _matrix(rows: Any, shape: tuple[int, int], name: str) -> np.ndarray:
    """Lists of numbers as an array of exactly this shape."""
    if not isinstance(rows, list) or len(rows) != shape[0]:
        raise ModelFileError(f"its {name} does not have {shape[0]} rows.")
    for j, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != shape[1]:
            raise ModelFileError(f"row {j} of its {name} does not have {shape[1]} numbers.")
        if any(type(value) not in (int, float) for value in row):
            odd = next(value for value in row if type(value) not in (int, float))
            raise ModelFileError(f"row {j} of its {name} holds {quoted(odd)}, which is not a number.")
    return np.array(rows, np.float64)
