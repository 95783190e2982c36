"""Networks as files: what is written beside the numbers, and how it is read back. Names only, never code."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.activations import ACTIVATIONS, Activation
from chainrule.architecture import Architecture
from chainrule.costs import COSTS, Cost
from chainrule.engine.memory import Parameters
from chainrule.errors import ConfigError, ModelFileError
from chainrule.io import strict_json
from chainrule.io.tensors import read_tensors, write_tensors
from chainrule.notation import Key
from chainrule.optimizers import OPTIMIZERS
from chainrule.train.history import Epoch, History
from chainrule.train.state import ARRAYS, NUMBERS, State

OWN = "own:"  # before the name of a function that is not a row of a table


def save(net: Any, path: str | os.PathLike[str], *, training: bool, notes: Mapping[str, Any]) -> None:
    """Write a network: parameters and slots as tensors, the rest as plain data."""
    tensors = {f"{of}.{l}": view for (of, l), view in net.parameters.views.items()}
    tensors |= {f"held.{of}.{l}": where for (of, l), where in net.fixed.elements.items()}
    metadata: dict[str, Any] = {
        "network": describe(net.architecture), "seed": net.seed, "classify": net.classify, "classes": net.classes,
        "frozen": sorted(net.fixed.layers), "notes": dict(notes),
    }  # fmt: skip
    if training:
        tensors |= {f"slot.{name}": flat for name, flat in net.parameters.slots.items()}
        tensors |= {name: kept for name in ARRAYS if (kept := getattr(net.state, name)) is not None}
        tensors["history"] = _as_bytes([_with(e.as_dict(), _null) for e in net.history])
        metadata["training"] = {"state": net.state.as_dict(), "stopped": net.history.stopped}
    write_tensors(path, tensors, metadata)


def describe(a: Architecture) -> dict[str, Any]:
    """An architecture as plain data."""
    flat = [n for s in a.activations for n in (s.neurons or (s,))]
    own: dict[str, Any] = {}
    functions: list[Activation | Cost] = [*flat, a.cost]
    for row in functions:
        if own.setdefault(_name(row), row) != row:
            raise ModelFileError(
                f"two different functions are named {row.name!r}, and a file holds names only.\n"
                "Give each a name of its own: write it as a def."
            )
    rows = [[_name(n) for n in s.neurons] if s.neurons else _name(s) for s in a.activations]
    return {
        "sizes": list(a.sizes), "activations": rows, "cost": _name(a.cost), "biases": a.biases, "dtype": str(a.dtype),
    }  # fmt: skip


def _name(row: Activation | Cost) -> str:
    """The name that a file gives a function: the table's, or one that says that it is the user's own."""
    table: Mapping[str, Any] = ACTIVATIONS if isinstance(row, Activation) else COSTS
    return row.name if table.get(row.name) == row else OWN + row.name


def load(
    path: str | os.PathLike[str], build: Callable[..., Any], functions: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """Read a network and the notes beside it; everything that the file says is checked before it is used."""
    tensors, metadata = read_tensors(path)
    try:
        _check_size(metadata["network"], tensors)
        net = built(metadata, build, functions)
        _fill(net, tensors, metadata)
    except ModelFileError as error:
        raise ModelFileError(f"{os.fspath(path)}: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, ConfigError) as error:
        raise ModelFileError(
            f"{os.fspath(path)}: what the file says of the network does not hold together: {type(error).__name__}: {error}"
        ) from None
    notes = metadata.get("notes")
    return net, notes if isinstance(notes, dict) else {}


def _check_size(said: Any, tensors: Mapping[str, np.ndarray]) -> None:
    """A small file must not make a large network: its numbers are counted before memory is taken for them."""
    needed = sum(n * (n_in + (said["biases"] is True)) for n_in, n in pairwise(said["sizes"]))
    held = sum(x.size for name, x in tensors.items() if name.startswith(("w.", "b.")))
    if needed > 2 * held + 2**20:
        raise ModelFileError(f"sizes={str(said['sizes'])[:80]} need {needed:,} parameters, but w and b hold {held:,}.")


def built(metadata: Mapping[str, Any], build: Callable[..., Any], functions: Mapping[str, Any]) -> Any:
    """A network of the file's description; its names must be in the tables or among the user's functions."""
    said = metadata["network"]
    if not isinstance(said, dict) or set(said) != {"sizes", "activations", "cost", "biases", "dtype"}:
        raise ModelFileError("the description of the network is not of this format.")
    rows = [
        [_named(n, ACTIVATIONS, functions) for n in row] if isinstance(row, list) else _named(row, ACTIVATIONS, functions)
        for row in said["activations"]
    ]
    cost = _named(said["cost"], COSTS, functions)
    net = build(
        said["sizes"],
        rows,
        cost,
        biases=said["biases"] is True,
        dtype=said["dtype"],
        seed=metadata["seed"],
        initial="zeros",
    )
    classes = metadata["classes"]
    if classes is not None and not (isinstance(classes, list) and all(isinstance(c, str) for c in classes)):
        raise ModelFileError("the class labels are not a list of texts.")
    net.classes = tuple(classes) if classes is not None else None
    net.classify = metadata["classify"] is True
    net.freeze(*metadata["frozen"])
    return net


def _named(name: Any, table: Mapping[str, Activation] | Mapping[str, Cost], functions: Mapping[str, Any]) -> Any:
    """The table's row or the user's function of this name."""
    if not isinstance(name, str):
        raise ModelFileError(f"{str(name)[:40]!r} is not a name.")
    if name in table:
        return table[name]
    own = name.removeprefix(OWN)
    if name.startswith(OWN) and own in functions:
        return functions[own]
    raise ModelFileError(
        f"it uses {own[:40]!r}, which is not a function of chainrule: a file holds names only, never code.\nIf it is your "
        f"own, give it: Network.load(path, functions={{{own[:40]!r}: ...}})."
    )


def _fill(net: Any, tensors: dict[str, np.ndarray], metadata: Mapping[str, Any]) -> None:
    """Put the numbers in, after a look that all are there and none is over."""
    a: Architecture = net.architecture
    training = metadata.get("training")
    slots: tuple[str, ...] = ()
    if training is not None:
        net.state = state_of(training["state"])
        net.history = History(_records(tensors.pop("history")), str(training["stopped"]))
        slots = OPTIMIZERS[net.state.optimizer].slots if net.state.optimizer in OPTIMIZERS else ()
        net.parameters = Parameters(a, slots)
    wanted = {f"{of}.{l}": view for (of, l), view in net.parameters.views.items()}
    wanted |= {f"slot.{name}": flat for name, flat in net.parameters.slots.items()}
    optional = {f"held.{of}.{l}": np.broadcast_to(np.False_, shape) for (of, l), shape in a.shapes()}
    optional |= dict.fromkeys(ARRAYS, net.parameters.flat)
    missing, extra = set(wanted) - set(tensors), set(tensors) - set(wanted) - set(optional)
    if missing or extra:
        raise ModelFileError(f"tensors are missing: {sorted(missing)}; tensors are not of this network: {sorted(extra)}.")
    for name, tensor in tensors.items():
        place = wanted[name] if name in wanted else optional[name]
        if tensor.shape != place.shape or tensor.dtype != place.dtype:
            raise ModelFileError(
                f"{name} is {tensor.dtype} {tensor.shape}, but sizes={list(a.sizes)} need {place.dtype} {place.shape}."
            )
        if name in wanted:
            place[...] = tensor
        elif name in ARRAYS:
            setattr(net.state, name, tensor)
        else:
            net.fixed.elements[Key(name.split(".")[1], int(name.split(".")[2]))] = tensor


def state_of(said: Any) -> State:
    """Where training stands, with every number looked at."""
    if isinstance(said, dict):  # files from before there were several engines, or rates set by hand, do not say
        said = {"engine": "", "learning_rate": None, "in_place_of": None, **said}
    if not isinstance(said, dict) or set(said) != set(NUMBERS):
        raise ModelFileError("the state of training is not of this format.")
    for name, value in said.items():
        good = {
            "int": isinstance(value, int) and not isinstance(value, bool) and value >= 0,
            "float": isinstance(value, int | float), "str": isinstance(value, str),
            "float | None": value is None or isinstance(value, int | float),
        }[NUMBERS[name]]  # fmt: skip
        if not good:
            raise ModelFileError(f"the state of training has {name} = {str(value)[:40]!r}.")
    if said["optimizer"] not in {"", "lbfgs", *OPTIMIZERS}:
        raise ModelFileError(f"there is no optimizer {said['optimizer'][:40]!r}.")
    return State(**said)


def _as_bytes(records: Any) -> np.ndarray:
    """The history as a tensor of bytes: the header of a file is for what is small."""
    return np.frombuffer(strict_json.dumps(records).encode(), np.uint8)


def _records(tensor: np.ndarray) -> list[Epoch]:
    """The history, with every record looked at."""
    said = strict_json.loads(tensor.tobytes())
    records = [_with(record, _nan) for record in said] if isinstance(said, list) else [{}]
    for record in records:
        figures = [v for v in record.values() if not isinstance(v, dict)]
        figures += [v for k in ("metrics", "training_metrics") for v in dict(record[k]).values()]
        if not all(isinstance(v, int | float) for v in figures):
            raise ModelFileError("a record of the history is not of this format.")
    return [Epoch(**record) for record in records]


def _with(record: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """A record with each figure changed; JSON has no NaN, so a cost that overflowed is kept as null."""
    return {k: _with(v, change) if isinstance(v, dict) else change(v) for k, v in record.items()}


def _null(x: Any) -> Any:
    return None if isinstance(x, float) and not math.isfinite(x) else x


def _nan(x: Any) -> Any:
    return math.nan if x is None else x
