"""From an explanation to findings: which quantity is the first that is wrong, what is said of it, what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from chainrule.architecture import Architecture
from chainrule.auditing.comparing import WORDS, largest_error, listed, misshapen, numbers, unseen
from chainrule.auditing.layouts import View
from chainrule.auditing.slips import Slip, table
from chainrule.auditing.troubles import raised, repeated
from chainrule.auditing.verdict import Finding, Layout, Quantity, Verdict
from chainrule.auditing.ways import Observation, Path, Use, close
from chainrule.auditing.wrong import right_formula, written
from chainrule.notation import Key

QUANTITIES = {  # what an equation computes
    "FP1": "z", "FP2": "a", "BP1": "delta", "BP2": "delta", "BP3": "nabla_b", "BP4": "nabla_w", "PGw": "nabla_w",
    "PGb": "nabla_b", "GD": "theta",
}  # fmt: skip
SAME = 1e-9  # quantities of the explanation that are as they should be


class Place(NamedTuple):
    """Where a slip is: the equation that it breaks, its layer, and the quantity that is wrong first."""

    equation: str
    layer: int
    quantity: str


def rank(paths: Sequence[Path]) -> tuple[int, int, int]:
    """The best way's rank."""
    return min(map(rank_of, paths))


def rank_of(path: Path) -> tuple[int, int, int]:
    """How far down a way comes among others with as many slips: few uses, then the order of the table, then of cases."""
    order = {id_: i for i, id_ in enumerate(table())}
    return len(path.uses), sum(order[slip] for slip, _ in path.ids), sum(case for _, case in path.ids)


def verdict(view: View, paths: Sequence[Path], a: Architecture) -> Verdict:
    """The verdict that an explanation makes."""
    best = min(paths, key=rank_of)
    groups = _grouped(best, view, a)
    found = [_finding(uses, best, paths, view, a) for uses in groups]
    found += [repeated(view.trial, a)] if view.trial.state == "adds up" else []
    found += [raised(view.broken)] if view.broken else []
    return Verdict(
        right=not found,
        findings=tuple(found),
        layout=Layout(view.facts(a)),
        quantities=tuple(_quantities(best, view, a)),
        notes=(*view.notes, *unseen(view, a)),
        error=largest_error(view),
    )


def _grouped(path: Path, view: View, a: Architecture) -> list[list[Use]]:
    """The uses of each slip, in the order of the computation."""
    found: dict[tuple[str, int], list[Use]] = {}
    for use in path.uses:
        found.setdefault((use.slip, use.case), []).append(use)
    listed = [sorted(uses, key=lambda use: order_of(place(use, view, a), a)) for uses in found.values()]
    return sorted(listed, key=lambda uses: order_of(place(uses[0], view, a), a))


def place(use: Use, view: View, a: Architecture) -> Place:
    """Where a slip is."""
    equation, slip = use.equation, table()[use.slip]
    if equation == "SP":
        equation = "BP1" if use.layer == a.L else "BP2"
    elif equation == "EW":
        in_step = view.observations[0].updates and any("GD" in case for case in slip.cases)
        summed = "BP3" if a.biases else "BP4"
        equation = "GD" if in_step else summed if slip.several else "BP1"
    return Place({"PGw": "PG", "PGb": "PG"}.get(equation, equation), use.layer, QUANTITIES[equation])


def order_of(at: Place, a: Architecture) -> tuple[int, int, int]:
    """When in the computation an equation is done: forward up the layers, back down, then the update."""
    if at.equation in {"FP1", "FP2"}:
        return 0, at.layer, int(at.equation == "FP2")
    if at.equation == "GD":
        return 2, 0, 0
    return 1, a.L - at.layer, {"nabla_b": 1, "nabla_w": 2}.get(at.quantity, 0)


def _finding(uses: list[Use], best: Path, paths: Sequence[Path], view: View, a: Architecture) -> Finding:
    first, slip = uses[0], table()[uses[0].slip]
    at = place(first, view, a)
    layers = tuple(sorted({use.layer for use in uses}))
    shape = misshapen(view, first.layer)
    return Finding(
        slip=slip.id, equation=at.equation, layer=at.layer, quantity=at.quantity, layers=layers,
        sentence=" ".join(filter(None, (_sentence(slip, first, layers), shape))),
        hint=_filled(slip.hint, first.layer, layers), answer=_filled(slip.answer, first.layer, layers),
        neuron=first.neurons[0] if first.neurons else None, numbers=numbers(view, at.quantity, at.layer),
        written=_formula(first, a), right=right_formula(at.equation, a, at.layer),
        alternatives=_alternatives(slip, best, paths, a),
    )  # fmt: skip


def _counted(layers: tuple[int, ...]) -> str:
    """Layers in words: "3", "2 and 3"."""
    return " and ".join(filter(None, (", ".join(map(str, layers[:-1])), str(layers[-1]))))


def _filled(sentence: str, l: int, layers: tuple[int, ...]) -> str:
    """A sentence of the table with its layer, or all of them where there are several."""
    if len(layers) > 1:
        after = tuple(layer + 1 for layer in layers)
        sentence = sentence.replace("layer {l}", f"layers {_counted(layers)}")
        sentence = sentence.replace("layer {l1}", f"layers {_counted(after)}")
    return sentence.format(l=l, l1=l + 1)


def _sentence(slip: Slip, use: Use, layers: tuple[int, ...]) -> str:
    sentence = _filled(slip.sentence, use.layer, layers)
    if not use.neurons:
        return sentence
    many = "s" * (len(use.neurons) > 1)
    return f"{sentence} It shows at neuron{many} {_counted(use.neurons)} alone (counted from 0)."


def _alternatives(slip: Slip, best: Path, paths: Sequence[Path], a: Architecture) -> tuple[str, ...]:
    """Other slips that give the same numbers; not those that write the same formula."""
    names, mine = {slip for slip, _ in best.ids}, {_formula(use, a) for use in best.uses}
    found: dict[str, None] = {}
    for path in sorted(paths, key=rank_of):
        theirs = {slip for slip, _ in path.ids}
        formulas = {_formula(use, a) for use in path.uses}
        same_text = formulas == mine and "" not in formulas
        if len(theirs - names) == 1 and slip.id not in theirs and not same_text:
            found |= dict.fromkeys(theirs - names)
    return tuple(found)


def _formula(use: Use, a: Architecture) -> str:
    return written(use.equation, table()[use.slip].cases[use.case][use.equation], a, use.layer)


# --------------------------------------------------------------------------------------------------- quantities


def _quantities(path: Path, view: View, a: Architecture) -> Iterator[Quantity]:
    """Every quantity in the order of the computation, and how it stands: by the explanation's own values."""
    places = [place(use, view, a) for use in path.uses]
    slipped = {(at.quantity, at.layer) for at in places}
    pairs = list(zip(path.states, view.observations, strict=True))
    updates, started = view.observations[0].updates, False
    for symbol, layer, equation in listed(a, updates=updates):
        state = "right"
        if (symbol, layer) in slipped:
            state, started = "wrong" if started else "first wrong", True
        elif started and not all(_stands(state, o, symbol, layer, slipped) for state, o in pairs):
            state = "follows"
        yield Quantity(WORDS[symbol], symbol, layer, equation, state)


def _stands(
    values: Mapping[Key, np.ndarray], o: Observation, symbol: str, layer: int, slipped: set[tuple[str, int]]
) -> bool:
    """Whether a quantity is as it should be: a gradient is, where all that it is made of is."""
    if symbol == "theta":
        return not slipped & {("nabla_w", layer), ("nabla_b", layer)} and _stands(values, o, "nabla_w", layer, slipped)
    made_of = {
        "nabla_w": (Key("delta", layer), Key("a", layer - 1)), "nabla_b": (Key("delta", layer),),
    }.get(symbol, (Key(symbol, layer),))  # fmt: skip
    return all(close(values[key], o.right[key], SAME) for key in made_of)
