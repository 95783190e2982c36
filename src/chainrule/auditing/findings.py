"""From an explanation to findings: which quantity is the first that is wrong, what is said of it, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from chainrule.architecture import Architecture
from chainrule.auditing.candidates import Candidate
from chainrule.auditing.layouts import View
from chainrule.auditing.slips import Slip, table
from chainrule.auditing.target import Target
from chainrule.auditing.trial import Call, Trial, place_of
from chainrule.auditing.verdict import Finding, Layout, Number, Quantity, Verdict
from chainrule.auditing.ways import MISFITS, Observation, Path, Use, close
from chainrule.auditing.wrong import RIGHT, right_formula, written
from chainrule.engine.memory import Values
from chainrule.notation import Key
from chainrule.schedule import Step

QUANTITIES = {  # what an equation computes, and by which letter its result is known
    "FP1": "z", "FP2": "a", "SP": "delta", "BP1": "delta", "BP2": "delta", "EW": "delta", "BP3": "nabla_b", "BP4": "nabla_w",
    "PGw": "nabla_w", "PGb": "nabla_b", "GD": "theta",
}  # fmt: skip
WORDS = {"z": "weighted inputs", "a": "activations", "delta": "errors", "nabla_w": "gradient of the weights",
         "nabla_b": "gradient of the biases", "theta": "the update"}  # fmt: skip
SHOWN = 3  # wrong numbers


def rank(paths: Sequence[Path]) -> tuple[int, int, int]:
    """The best way's rank: few uses first, then the order of the table, then the first cases."""
    return min(map(rank_of, paths))


def rank_of(path: Path) -> tuple[int, int, int]:
    """How far down a way comes among others with as many slips."""
    order = {id_: i for i, id_ in enumerate(table())}
    partial = sum(bool(use.neurons) for use in path.uses)
    return len(path.uses) + partial, sum(order[slip] for slip, _ in path.ids), sum(case for _, case in path.ids)


def verdict(view: View, paths: Sequence[Path], target: Target, candidate: Candidate) -> Verdict:
    """The verdict that an explanation makes."""
    a = target.architecture
    best = min(paths, key=rank_of)
    right = [o.right for o in view.observations]
    found = [_finding(uses, best, paths, view, right, a) for uses in _grouped(best, a)]
    found += [repeated_finding(view.trial, a)] if view.trial.state else []
    found += [raised(view.broken, a)] if view.broken else []
    return Verdict(
        right=not found,
        findings=tuple(found),
        layout=Layout(view.facts(a)),
        quantities=tuple(quantities(best, right, a)),
        notes=(*view.notes, *unseen(view, a)),
        error=largest_error(view, right, a),
    )


def _grouped(path: Path, a: Architecture) -> list[list[Use]]:
    """The uses of each slip, in the order of the computation."""
    found: dict[tuple[str, int], list[Use]] = {}
    for use in path.uses:
        found.setdefault((use.slip, use.case), []).append(use)
    return sorted(found.values(), key=lambda uses: min(order_of(use.equation, use.layer, a) for use in uses))


def order_of(equation: str, layer: int, a: Architecture) -> tuple[int, int, int]:
    """When in the computation an equation is done: forward up the layers, back down, then the update."""
    if equation in {"FP1", "FP2"}:
        return 0, layer, equation == "FP2"
    if equation == "GD":
        return 2, 0, 0
    within = {"BP3": 1, "PGb": 1, "BP4": 2, "PGw": 2}.get(equation, 0)
    return 1, a.L - layer, within


def _finding(
    uses: list[Use], best: Path, paths: Sequence[Path], view: View, right: list[Values], a: Architecture
) -> Finding:
    first = min(uses, key=lambda use: order_of(use.equation, use.layer, a))
    slip = table()[first.slip]
    equation = "BP1" if first.equation in {"SP", "EW"} and first.layer == a.L else first.equation
    equation = {"SP": "BP2", "PGw": "PG", "PGb": "PG"}.get(equation, equation)
    quantity = QUANTITIES[first.equation]
    layers = tuple(sorted({use.layer for use in uses}))
    fill = {"l": _layers(layers), "l1": first.layer + 1} if len(layers) > 1 else {"l": first.layer, "l1": first.layer + 1}
    wrong = slip.cases[first.case][first.equation]
    return Finding(
        slip=slip.id, equation=equation, layer=first.layer, quantity=quantity, layers=layers,
        sentence=_sentence(slip, first, fill), hint=slip.hint.format(**fill), answer=slip.answer.format(**fill),
        neuron=first.neurons[0] if first.neurons else None, numbers=numbers(view, right, quantity, first, a),
        written=written(first.equation, wrong, a, first.layer), right=right_formula(equation, a, first.layer),
        alternatives=alternatives(slip, best, paths, a),
    )  # fmt: skip


def _layers(layers: tuple[int, ...]) -> str:
    return ", ".join(map(str, layers[:-1])) + f" and {layers[-1]}"


def _sentence(slip: Slip, use: Use, fill: dict[str, object]) -> str:
    sentence = slip.sentence.format(**fill)
    if not use.neurons:
        return sentence
    listed = ", ".join(map(str, use.neurons))
    return f"{sentence} It is so at neuron{'s' if len(use.neurons) > 1 else ''} {listed} (counted from 0) alone."


def alternatives(slip: Slip, best: Path, paths: Sequence[Path], a: Architecture) -> tuple[str, ...]:
    """Other slips that give the same numbers; not those that write the same formula."""
    names = {slip for slip, _ in best.ids}
    mine = {_formula(use, a) for use in best.uses}
    found = []
    for path in sorted(paths, key=rank_of):
        others = {s for s, _ in path.ids} - names
        kept = {s for s, _ in path.ids} & names
        if len(others) == 1 and slip.id not in kept:
            formulas = {_formula(use, a) for use in path.uses}
            if not (formulas == mine and "" not in formulas):
                found += [s for s in others if s not in found]
    return tuple(found)


def _formula(use: Use, a: Architecture) -> str:
    return written(use.equation, table()[use.slip].cases[use.case][use.equation], a, use.layer)


# ------------------------------------------------------------------------------------------- numbers and quantities


def wanted(o: Observation, values: Values, key: Key) -> np.ndarray:
    """What should have been seen of a parameter's gradient."""
    nabla = values[Key(f"nabla_{key.symbol}", key.layer)]
    m = o.m
    if key.symbol == "w" and values[Key("lmbda", 0)]:
        nabla = nabla + m * values[Key("lmbda", 0)] / values[Key("n", 0)] * values[key]
    if not o.updates:
        return np.asarray(o.scale * nabla)
    return np.asarray(nabla / m - values[Key("mu", 0)] * values[Key(f"v_{key.symbol}", key.layer)] / values[Key("eta", 0)])


def numbers(view: View, right: list[Values], quantity: str, use: Use, a: Architecture) -> tuple[Number, ...]:
    """The first wrong numbers that are seen of a quantity: of a delta, those of the gradient of the biases."""
    symbols = {"nabla_w": "w", "nabla_b": "b"}.get(quantity, "bw")
    for o, values in zip(view.observations, right, strict=True):
        for symbol in symbols:
            key = Key(symbol, use.layer)
            if (seen := o.seen.get(key)) is None:
                continue
            should = wanted(o, values, key)
            if seen.shape != should.shape:
                return (Number(f"the shape of {_name(key)} is {seen.shape}, not {should.shape}", 0.0, 0.0),)
            wrong = np.argwhere(~(np.abs(seen - should) <= view.tolerance * max(np.abs(should).max(), 1e-30)))
            if len(wrong):
                return tuple(_number(key, tuple(map(int, at)), seen, should) for at in wrong[:SHOWN])
    return ()


def _number(key: Key, at: tuple[int, ...], seen: np.ndarray, should: np.ndarray) -> Number:
    return Number(f"{_name(key)} [{', '.join(map(str, at))}]", float(seen[at]), float(should[at]))


def _name(key: Key) -> str:
    return f"∇{key.symbol}{str(key.layer).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))} C"


def largest_error(view: View, right: list[Values], a: Architecture) -> float:
    """The largest relative difference of what was seen from what should be."""
    found = 0.0
    for o, values in zip(view.observations, right, strict=True):
        for key, seen in o.seen.items():
            should = wanted(o, values, key)
            if seen.shape != should.shape:
                return float("inf")
            found = max(found, float(np.abs(seen - should).max() / max(np.abs(should).max(), 1e-6 * o.size, 1e-300)))
    return found


def quantities(path: Path, right: list[Values], a: Architecture) -> Iterator[Quantity]:
    """Every quantity in the order of the computation, and how it stands."""
    slipped = {(QUANTITIES[use.equation], use.layer) for use in path.uses}
    started = False
    for symbol, layer, equation in listed(a):
        key = Key(symbol, layer)
        error = _difference(path, right, key)
        is_slip = (symbol, layer) in slipped
        state = "right"
        if is_slip:
            state = "wrong" if started else "first wrong"
            started = True
        elif error is not None and error > 1e-9:
            state = "follows"
        yield Quantity(WORDS[symbol], symbol, layer, equation, state, error)


def listed(a: Architecture) -> Iterator[tuple[str, int, str]]:
    """Every quantity in the order of the computation: its letter, layer and equation."""
    for l in a.layers:
        yield from (("z", l, "FP1"), ("a", l, "FP2"))
    for l in reversed(a.layers):
        yield "delta", l, "BP1" if l == a.L else "BP2"
        if a.biases:
            yield "nabla_b", l, "BP3"
        yield "nabla_w", l, "BP4"


def _difference(path: Path, right: list[Values], key: Key) -> float | None:
    found = 0.0
    for values, should in zip(path.states, right, strict=True):
        if key.symbol in {"nabla_w", "nabla_b"}:
            delta = Key("delta", key.layer)
            a_prev = Key("a", key.layer - 1)
            same = all(close(values[k], should[k], 1e-9) for k in (delta, *((a_prev,) if key.symbol == "nabla_w" else ())))
            found = max(found, 0.0 if same else 1.0)
        else:
            found = max(found, float(np.abs(values[key] - should[key]).max() / max(np.abs(should[key]).max(), 1e-300)))
    return found


def unseen(view: View, a: Architecture) -> tuple[str, ...]:
    """What could not be looked at."""
    keys = {key for o in view.observations for key in o.seen}
    if a.biases and not any(key.symbol == "b" for key in keys):
        return ("It gives no gradients of the biases, so these were not looked at.",)
    return ()


# ----------------------------------------------------------------------------------- what is wrong before any number


def repeated_finding(trial: Trial, a: Architecture) -> Finding:
    """The same call gives other numbers again."""
    row = table()["not_reset"]
    if trial.state == "adds up":
        return Finding(row.id, "BP4", a.L, "nabla_w", row.sentence, row.hint, row.answer, layers=tuple(a.layers))
    return Finding(
        "varies", "FP1", 2, "z", "Two calls with the same numbers give different results.",
        "What does your program draw at random, or keep from one call to the next?",
        "Gradients follow from the parameters and the examples alone: set the seed, or leave the random part out.",
    )  # fmt: skip


def raised(call: Call, a: Architecture) -> Finding:
    """The candidate raised an exception, or gave nothing."""
    if call.error is None:
        return Finding("nothing", "BP4", a.L, "nabla_w", "It gives nothing back.", "Is there a return at the end?",
                       "Return the gradients of the biases and of the weights.")  # fmt: skip
    place = place_of(call.error)
    said = f"{type(call.error).__name__}: {call.error}"[:300]
    return Finding(
        "raises", "FP1", 2, "z", f"It raises {said}" + (f" ({place})." if place else "."),
        f"It was called with {call.probe.m} example{'s' * (call.probe.m > 1)}: which shapes meet in that line?",
        "Write the shapes of both operands beside the line, and compare with those of the equation.",
    )  # fmt: skip


def no_gradients(trials: Sequence[Trial], candidate: Candidate, target: Target) -> Verdict:
    """The verdict where nothing came back that could be gradients."""
    a = target.architecture
    for trial in trials:
        if trial.done:
            call = trial.done[0]
            shapes = ", ".join(str(leaf.value.shape) for leaf in call.leaves[:12])
            expected = ", ".join(str(shape) for _, shape in a.shapes())
            row = Finding(
                "shapes", "BP4", a.L, "nabla_w", f"It gives arrays of shapes {shapes}; the parameters are {expected}.",
                "A gradient has a number for each parameter: which array belongs to which?",
                "Give the gradient of each parameter in that parameter's shape.",
            )  # fmt: skip
            return Verdict(right=False, findings=(row,))
    calls = [call for trial in trials for call in trial.calls]
    return Verdict(right=False, findings=(raised(calls[0], a),))


__all__ = ["MISFITS", "RIGHT", "Step", "no_gradients", "rank", "verdict"]
