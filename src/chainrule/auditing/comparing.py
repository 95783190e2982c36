"""What was seen beside what should have been: which numbers are wrong, and how far they are off."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.architecture import Architecture
from chainrule.auditing.layouts import View
from chainrule.auditing.verdict import Number
from chainrule.auditing.ways import Observation
from chainrule.notation import Key

SHOWN = 3  # wrong numbers
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
WORDS = {
    "z": "weighted inputs", "a": "activations", "delta": "errors", "nabla_w": "gradient of the weights",
    "nabla_b": "gradient of the biases", "theta": "new parameters",
}  # fmt: skip


def wanted(o: Observation, key: Key) -> np.ndarray:
    """What should have been seen of a parameter's gradient; of an update, the step over the learning rate."""
    values = o.right
    nabla = values[Key(f"nabla_{key.symbol}", key.layer)]
    if key.symbol == "w" and values[Key("lmbda", 0)]:
        nabla = nabla + o.m * values[Key("lmbda", 0)] / values[Key("n", 0)] * values[key]
    if not o.updates:
        return np.asarray(o.scale * nabla)
    return np.asarray(
        nabla / o.m - values[Key("mu", 0)] * values[Key(f"v_{key.symbol}", key.layer)] / values[Key("eta", 0)]
    )


def numbers(view: View, quantity: str, layer: int) -> tuple[Number, ...]:
    """The first wrong numbers that are seen of a quantity: of a delta, those of the gradients that it makes."""
    for o in view.observations:
        for symbol in {"nabla_w": "w", "nabla_b": "b"}.get(quantity, "bw"):
            key = Key(symbol, layer)
            if (seen := o.seen.get(key)) is None or seen.shape != wanted(o, key).shape:
                continue
            should = wanted(o, key)
            wrong = np.argwhere(~(np.abs(seen - should) <= view.tolerance * max(np.abs(should).max(), 1e-30)))
            if len(wrong):
                return tuple(_number(key, tuple(map(int, at)), seen, should) for at in wrong[:SHOWN])
    return ()


def misshapen(view: View, layer: int) -> str:
    """A sentence on the first gradient of a layer that has another shape than its parameter, or nothing."""
    for o in view.observations:
        for symbol in "bw":
            seen = o.seen.get(Key(symbol, layer))
            if seen is not None and seen.shape != (should := wanted(o, Key(symbol, layer)).shape):
                many = "s" * (o.m > 1)
                return f"{name(Key(symbol, layer))} has shape {seen.shape} instead of {should}, for {o.m} example{many}."
    return ""


def _number(key: Key, at: tuple[int, ...], seen: np.ndarray, should: np.ndarray) -> Number:
    return Number(f"{name(key)} [{', '.join(map(str, at))}]", float(seen[at]), float(should[at]))


def name(key: Key) -> str:
    """A gradient as it is printed."""
    return f"∇{key.symbol}{str(key.layer).translate(SUPERSCRIPTS)} C"


def largest_error(view: View) -> float:
    """The largest relative difference of what was seen from what should be; infinite for another shape."""
    found = 0.0
    with np.errstate(all="ignore"):
        for o in view.observations:
            for key, seen in o.seen.items():
                should = wanted(o, key)
                if seen.shape != should.shape:
                    return float("inf")
                found = max(found, float(np.abs(seen - should).max() / max(np.abs(should).max(), 1e-6 * o.size, 1e-300)))
    return found


def unseen(view: View, a: Architecture) -> tuple[str, ...]:
    """What could not be looked at."""
    if a.biases and not any(key.symbol == "b" for o in view.observations for key in o.seen):
        return ("It gives no gradients of the biases, so these were not looked at.",)
    return ()


def listed(a: Architecture, *, updates: bool = False) -> Iterator[tuple[str, int, str]]:
    """Every quantity in the order of the computation: its letter, layer and equation."""
    for l in a.layers:
        yield from (("z", l, "FP1"), ("a", l, "FP2"))
    for l in reversed(a.layers):
        yield "delta", l, "BP1" if l == a.L else "BP2"
        if a.biases:
            yield "nabla_b", l, "BP3"
        yield "nabla_w", l, "BP4"
    for l in a.layers if updates else ():
        yield "theta", l, "GD"
