"""Networks as files: what is written beside the numbers, and how it is read back. Names only, never code."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Protocol

import numpy as np

from chainrule.activations import ACTIVATIONS, Activation
from chainrule.architecture import Architecture
from chainrule.costs import COSTS, Cost
from chainrule.engine.memory import Parameters
from chainrule.errors import ConfigError, ModelFileError
from chainrule.io.tensors import read_tensors, write_tensors
from chainrule.notation import Key
from chainrule.optimizers import OPTIMIZERS
from chainrule.train.history import Epoch, History, State


class Storable(Protocol):
    """What a file keeps of a network."""

    architecture: Architecture
    parameters: Parameters
    state: State
    history: History
    classify: bool
    classes: tuple[str, ...] | None
    seed: int
    _frozen: frozenset[int]
    _held: dict[Key, np.ndarray]


def save(net: Any, path: str | os.PathLike[str], *, training: bool, notes: Mapping[str, Any]) -> None:
    """Write a network: parameters and slots as tensors, the rest as plain data."""
    tensors = {f"{of}.{l}": view for (of, l), view in net.parameters.views.items()}
    tensors |= {f"held.{of}.{l}": where for (of, l), where in net._held.items()}  # noqa: SLF001
    metadata: dict[str, Any] = {
        "network": describe(net.architecture), "seed": net.seed, "classify": net.classify, "classes": net.classes,
        "frozen": sorted(net._frozen), "notes": dict(notes),  # noqa: SLF001
    }  # fmt: skip
    if training:
        tensors |= {f"slot.{name}": flat for name, flat in net.parameters.slots.items()}
        if net.state.best is not None:
            tensors["best"] = net.state.best
        metadata["training"] = {
            "state": net.state.as_dict(), "stopped": net.history.stopped,
            "epochs": [_with(e.as_dict(), _null) for e in net.history],
        }  # fmt: skip
    write_tensors(path, tensors, metadata)


def describe(a: Architecture) -> dict[str, Any]:
    """An architecture as plain data."""
    rows = [[n.name for n in s.neurons] if s.neurons else s.name for s in a.activations]
    return {
        "sizes": list(a.sizes), "activations": rows, "cost": a.cost.name, "biases": a.biases, "dtype": str(a.dtype),
    }  # fmt: skip


def load(
    path: str | os.PathLike[str], build: Callable[..., Any], functions: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """Read a network and the notes beside it; everything that the file says is checked before it is used."""
    tensors, metadata = read_tensors(path)
    try:
        net = _built(metadata, build, functions)
        _fill(net, tensors, metadata)
    except ModelFileError as error:
        raise ModelFileError(f"{os.fspath(path)}: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, ConfigError) as error:
        raise ModelFileError(
            f"{os.fspath(path)}: what the file says of the network does not hold together: {type(error).__name__}: {error}"
        ) from None
    notes = metadata.get("notes")
    return net, notes if isinstance(notes, dict) else {}


def _built(metadata: Mapping[str, Any], build: Callable[..., Any], functions: Mapping[str, Any]) -> Any:
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
    if name in functions:
        return functions[name]
    if name in table:
        return table[name]
    raise ModelFileError(
        f"it uses {name[:40]!r}, which is not a function of chainrule: a file holds names only, never code.\nIf it is your "
        f"own, give it: Network.load(path, functions={{{name[:40]!r}: ...}})."
    )


def _fill(net: Any, tensors: dict[str, np.ndarray], metadata: Mapping[str, Any]) -> None:
    """Put the numbers in, after a look that all are there and none is over."""
    a: Architecture = net.architecture
    training = metadata.get("training")
    slots: tuple[str, ...] = ()
    if training is not None:
        net.state, net.history = _state(training)
        slots = OPTIMIZERS[net.state.optimizer].slots if net.state.optimizer else ()
        net.parameters = Parameters(a, slots)
    wanted = {f"{of}.{l}": view for (of, l), view in net.parameters.views.items()}
    wanted |= {f"slot.{name}": flat for name, flat in net.parameters.slots.items()}
    optional = {f"held.{of}.{l}": np.empty(shape, bool) for (of, l), shape in a.shapes()}
    optional["best"] = np.empty(a.n_parameters, a.dtype)
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
        elif name == "best":
            net.state.best = tensor
        else:
            net._held[Key(name.split(".")[1], int(name.split(".")[2]))] = tensor  # noqa: SLF001


def _state(said: Any) -> tuple[State, History]:
    """Where training stands, with every number looked at."""
    kinds = {f.name: f.type for f in fields(State) if f.name != "best"}
    state = said["state"]
    if set(state) != set(kinds):
        raise ModelFileError("the state of training is not of this format.")
    for name, value in state.items():
        good = {
            "int": isinstance(value, int) and not isinstance(value, bool) and value >= 0,
            "float": isinstance(value, int | float), "str": isinstance(value, str),
            "float | None": value is None or isinstance(value, int | float),
        }[str(kinds[name])]  # fmt: skip
        if not good:
            raise ModelFileError(f"the state of training has {name} = {str(value)[:40]!r}.")
    if state["optimizer"] and state["optimizer"] not in OPTIMIZERS:
        raise ModelFileError(f"there is no optimizer {state['optimizer'][:40]!r}.")
    return State(**state), History([Epoch(**_with(epoch, _nan)) for epoch in said["epochs"]], str(said["stopped"]))


def _with(record: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """A record with each figure changed; JSON has no NaN, so a cost that overflowed is kept as null."""
    return {k: _with(v, change) if isinstance(v, dict) else change(v) for k, v in record.items()}


def _null(x: Any) -> Any:
    return None if isinstance(x, float) and not math.isfinite(x) else x


def _nan(x: Any) -> Any:
    return math.nan if x is None else x
