"""Updates in which a layer's parameters are changed by the gradient of another layer that has the same shape."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.architecture import Architecture
from chainrule.auditing.comparing import WORDS, largest_error, listed, numbers, wanted
from chainrule.auditing.layouts import View
from chainrule.auditing.verdict import Finding, Layout, Quantity, Verdict
from chainrule.auditing.ways import close
from chainrule.auditing.wrong import right_formula
from chainrule.notation import Key


def verdict(view: View, a: Architecture) -> Verdict | None:
    """The verdict, where the step of each parameter is that of one layer, and of some the wrong one's."""
    layers = {key: _layer_of(view, key, a) for key in view.observations[0].seen}
    if not all(layers.values()):
        return None
    return _verdict(view, a, {key: l for key, l in layers.items() if l and l != key.layer})


def _layer_of(view: View, key: Key, a: Architecture) -> int | None:
    """The layer whose gradient has changed a parameter: its own, if that is possible."""
    for l in sorted(a.layers, key=lambda l: l != key.layer):
        pairs = [(wanted(o, Key(key.symbol, l)), o.seen[key]) for o in view.observations]
        if all(close(one, two, view.tolerance) for one, two in pairs):
            return l
    return None


def _verdict(view: View, a: Architecture, crossed: dict[Key, int]) -> Verdict:
    key, other = next(iter(crossed.items()))
    kind = "weights" if key.symbol == "w" else "biases"
    layers = tuple(sorted({key.layer for key in crossed}))
    found = Finding(
        "gradient_of_another_layer", "GD", key.layer, "theta",
        f"The {kind} of layer {key.layer} are changed by the gradient of layer {other}.",
        "In which order do your gradients come, and in which order are they subtracted?",
        "Subtract from each layer's parameters the gradient of the same layer (GD).",
        layers=layers, numbers=numbers(view, "theta", key.layer), right=right_formula("GD", a, a.L),
    )  # fmt: skip
    return Verdict(
        right=False, findings=(found,), layout=Layout(view.facts(a)), quantities=tuple(_quantities(a, layers)),
        notes=view.notes, error=largest_error(view),
    )  # fmt: skip


def _quantities(a: Architecture, layers: tuple[int, ...]) -> Iterator[Quantity]:
    """All is right but the steps of these layers."""
    for symbol, layer, equation in listed(a, updates=True):
        wrong = symbol == "theta" and layer in layers
        state = "right" if not wrong else "first wrong" if layer == layers[0] else "wrong"
        yield Quantity(WORDS[symbol], symbol, layer, equation, state)
