"""What can be wrong on the way back: errors that vanish, explode, or are slowed down where they begin."""

from __future__ import annotations

import math

import numpy as np

from chainrule.diagnosing.case import Case
from chainrule.diagnosing.finding import CAUSES, TROUBLE, Fact, Row, Seen, percent
from chainrule.notation import Key

FLAT = 0.05  # delta over dC/da: under this an output neuron is saturated
WRONG = 0.5  # an output this far from its target, in units of the targets' distance, says something else
CLIP = "`clip_norm=1` bounds the step."
MOST_STUCK = 0.2  # of the examples; a network that has learned well keeps a few percent


def speeds(case: Case) -> dict[int, float]:
    """How fast the biases of each layer would change: the length of dC/db, C the mean cost of the examples."""
    return {l: float(np.linalg.norm(case.pass_.delta[l].mean(axis=1, dtype=np.float64))) for l in case.a.layers}


def back(case: Case, l: int) -> tuple[float, float]:
    """By what the errors of layer l + 1 are multiplied on their way to layer l: by the weights, and then by the slopes."""
    after, before = case.pass_.delta[l + 1], case.pass_.delta[l]
    carried = case.network.weights[l - 1].T @ after
    return _ratio(carried, after), _ratio(before, carried)


def _ratio(over: np.ndarray, under: np.ndarray) -> float:
    """The size of one array over that of another; 0 where there is nothing."""
    size = float(np.linalg.norm(under))
    return float(np.linalg.norm(over)) / size if size else 0.0


def slower(case: Case) -> Seen | None:
    """How many times as fast the last hidden layer learns as the first."""
    if len(case.hidden) < 2 or not case.troubled:
        return None
    first, last = case.hidden[0], case.hidden[-1]
    v, ways = speeds(case), [back(case, l) for l in case.hidden[:-1]]
    if v[last] == 0:
        return None
    gain, slope = (float(np.exp(np.mean(np.log(np.maximum(part, 1e-300))))) for part in zip(*ways, strict=True))
    facts: dict[str, Fact] = {
        "first": f"{first}",
        "last": f"{last}",
        "v_first": v[first],
        "v_last": v[last],
        "gain": gain,
        "slope": slope,
        "factor": gain * slope,
        "examples": f"{case.pass_.m:,}",
    }
    return Seen(v[last] / v[first] if v[first] else math.inf, facts, layer=first, remedy=_other_start(case))


def _other_start(case: Case) -> str | None:
    """What to try against vanishing errors in a network that is begun as the row advises already."""
    names = {case.a.sigma(l).name for l in case.hidden}
    if names == {"relu"} and case.drawn("he"):
        return "Use tanh with `initial='glorot'`, or fewer layers."
    if names == {"tanh"} and case.drawn("glorot"):
        return "Use relu with `initial='he'`, or fewer layers."
    return None


def faster(case: Case) -> Seen | None:
    """How many times as fast the first hidden layer learns as the last."""
    seen = slower(case)
    if not seen or seen.number <= 0:
        return None
    done = next((name for name in ("he", "orthogonal") if case.drawn(name)), None)
    remedy = f"Start from smaller weights (`initial='{'he' if done == 'orthogonal' else 'orthogonal'}'`); {CLIP}"
    return Seen(1 / seen.number, seen.facts, layer=seen.layer, remedy=remedy if done else None)


def slowed(case: Case) -> Seen | None:
    """How many times dC/da exceeds dC/dz at wrong outputs that are saturated, where most examples have one."""
    if case.a.is_canonical or not case.troubled:
        return None
    p, L = case.pass_, case.a.L
    y, (on, off) = p.values[Key("y", 0)], case.a.cost.on_off
    steep, delta = np.abs(p.nabla_a[L]).astype(np.float64), np.abs(p.delta[L]).astype(np.float64)
    stuck = (np.abs(p.a[L] - y) > WRONG * abs(on - off)) & (delta < FLAT * steep)
    share = float(stuck.any(axis=0).mean())
    if share < MOST_STUCK:
        return None
    facts: dict[str, Fact] = {
        "share": percent(share),
        "nabla": float(steep[stuck].mean()),
        "delta": float(delta[stuck].mean()),
        "output": case.a.sigma(L).name,
        "cost": case.a.cost.name.replace("_", "-"),
        "partner": _partner(case),
    }
    return Seen(float(steep[stuck].sum() / max(delta[stuck].sum(), 1e-300)), facts, layer=L)


def _partner(case: Case) -> str:
    """The cost whose output error is a - y with this output."""
    names = {"sigmoid": "cross_entropy", "softmax": "log_likelihood"}
    cost = names.get(case.a.sigma(case.a.L).name)
    return f"Use `cost='{cost}'`, whose output error is a − y" if cost else "Use `output='identity'`, whose slope is 1"


ROWS = (
    Row(
        id="vanishing",
        title="Vanishing errors",
        measures="‖∂C/∂b‖ of the last hidden layer over that of the first",
        measure=slower,
        usual=1.0,
        bound=3.0,
        when=TROUBLE,
        equation="BP2",
        sentence=(
            "The biases of layer {first} learn {number} times more slowly than those of layer {last}: over {examples} "
            "examples, ‖∂C/∂b‖ is {v_first} in the one and {v_last} in the other. On each layer back, weights multiply "
            "the error by {gain} and slopes by {slope}, {factor} in all."
        ),
        remedy="Use relu with `initial='he'`, or tanh with `'glorot'`; or fewer layers.",
        after=(
            "symmetric",
            "dead",
            *CAUSES,
        ),
    ),
    Row(
        id="exploding",
        title="Exploding errors",
        measures="‖∂C/∂b‖ of the first hidden layer over that of the last",
        measure=faster,
        usual=1.0,
        bound=10.0,
        when=TROUBLE,
        equation="BP2",
        sentence=(
            "The biases of layer {first} learn {number} times as fast as those of layer {last}: over {examples} "
            "examples, ‖∂C/∂b‖ is {v_first} in the one and {v_last} in the other. On each layer back, weights multiply "
            "the error by {gain} and slopes by {slope}, {factor} in all."
        ),
        remedy=f"Start from smaller weights (`initial='he'` or `'orthogonal'`); {CLIP}",
        after=("unscaled_inputs",),
    ),
    Row(
        id="slowed",
        title="Wrong outputs that learn slowly",
        measures="∂C/∂a over δ at wrong, saturated outputs",
        measure=slowed,
        usual=4.0,
        bound=20.0,
        when=f"in at least {percent(MOST_STUCK)} of the examples, {TROUBLE}",
        equation="BP1",
        sentence=(
            "{share} of the examples have an output that is wrong and saturated. There ∂C/∂a is {nabla} on average, but δ "
            "= ∂C/∂a · σ′(z) only {delta}: with the {cost} cost, {output} outputs learn {number} times more slowly than "
            "their error asks for."
        ),
        remedy="{partner}: the slope σ′(z) cancels (BP1c).",
        after=CAUSES,
    ),
)
