"""Frames and examples as bytes, and curves as numbers: what the page draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.engine.memory import Parameters
from chainrule.io.blobs import pack
from chainrule.record import Recording
from chainrule.train.state import State

BUCKETS, MOST = 2_000, 2**18  # of the curves: usually, and where all is to be taken away
ROOM = 2**20  # bytes up to which a frame has the optimizer's memory in it without being asked


def frame(
    parameters: Parameters, state: State, cost: float, eta: float, *, slots: bool | None = None, dtype: str | None = None
) -> bytes:
    """The parameters after a step as a frame.

    Parameters
    ----------
    parameters : Parameters
    state : State
    cost : float
        The mean cost of the step; NaN where it is not known, or there was none.
    eta : float
        The learning rate of the step that comes next; NaN where it is not known.
    slots : bool, optional
        Whether what the optimizer remembers is in it; where nothing is said, if the frame stays small.
    dtype : str, optional
        Other than that of the network.
    """
    tensors = {"parameters": parameters.flat} | {f"slot.{name}": flat for name, flat in parameters.slots.items()}
    return framed(tensors, state.as_dict(), cost, eta, slots=slots, dtype=dtype)


def framed(
    tensors: Mapping[str, np.ndarray], state: dict[str, Any], cost: float, eta: float, *,
    slots: bool | None = None, dtype: str | None = None,
) -> bytes:  # fmt: skip
    """A frame of such tensors as a key frame has; what is neither the parameters nor a slot is left out."""
    memory = {name: tensor for name, tensor in tensors.items() if name.startswith("slot.")}
    kept = {"parameters": tensors["parameters"]} | memory
    if not (sum(tensor.nbytes for tensor in kept.values()) <= ROOM if slots is None else slots):
        kept = {"parameters": tensors["parameters"]}
    told = {"state": state, "cost": plain(np.array([cost]))[0], "eta": plain(np.array([eta]))[0]}
    return pack({name: tensor.astype(dtype or tensor.dtype, copy=False) for name, tensor in kept.items()}, told)


def examples(x: np.ndarray, y: np.ndarray, points: tuple[np.ndarray, np.ndarray] | None = None) -> bytes:
    """Examples as tensors; ``points`` are training points of the plane."""
    tensors = {"x": x, "y": y} | ({"points_x": points[0], "points_y": points[1]} if points else {})
    return pack({name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}, {})


def curves(recording: Recording, start: int = 1, stop: int | None = None, buckets: int = BUCKETS) -> dict[str, Any]:
    """The curves of a recording from a step to before another, in so many buckets at most."""
    steps, measures = recording.measures()
    stop = recording.last + 1 if stop is None else stop
    chosen = np.flatnonzero((steps >= start) & (steps < stop))
    chosen = chosen[:: -(-len(chosen) // buckets) or 1]
    found = {name: {str(l): plain(values[chosen]) for l, values in layers.items()} for name, layers in measures.items()}
    return {
        "costs": bucketed(recording.costs(start, stop), start, buckets),
        "measures": {"steps": steps[chosen].tolist(), **found},
        "epochs": [record for record in recording.epochs() if start <= record["step"] < stop],
        "events": [event for event in recording.events() if event["step"] < stop],
    }


def bucketed(values: np.ndarray, first: int, buckets: int) -> dict[str, list[float | int | None]]:
    """Values of consecutive steps as buckets: the last step of each, and the least, the mean and the greatest in it.

    >>> bucketed(np.array([1.0, 3.0, np.nan, 5.0]), 1, 2)
    {'steps': [2, 4], 'min': [1.0, 5.0], 'mean': [2.0, 5.0], 'max': [3.0, 5.0]}
    """
    width = -(-len(values) // buckets) or 1
    padded = np.full(-(-len(values) // width) * width, np.nan)
    padded[: len(values)] = values
    table = padded.reshape(-1, width)
    finite = np.isfinite(table)
    count = finite.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(finite, table, 0.0).sum(axis=1) / count
    least = np.where(finite, table, np.inf).min(axis=1, initial=np.inf)
    greatest = np.where(finite, table, -np.inf).max(axis=1, initial=-np.inf)
    ends = np.minimum(np.arange(1, len(table) + 1) * width, len(values)) + first - 1
    return {"steps": ends.tolist(), "min": plain(least), "mean": plain(mean), "max": plain(greatest)}


def plain(values: np.ndarray) -> list[float | None]:
    """Numbers as JSON has them: null for what is not finite; seven digits, which is what a recording keeps."""
    return [float(f"{v:.7g}") if np.isfinite(v) else None for v in values.tolist()]
