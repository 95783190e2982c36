"""What can be wrong on the way forward: first weights, equal, saturated and dead neurons, outputs that say nothing."""

from __future__ import annotations

import math

import numpy as np

from chainrule.diagnosing.case import Case
from chainrule.diagnosing.finding import CAUSES, TROUBLE, Fact, Row, Seen, percent, score_said

FLAT = 0.05  # a slope under this is small: of the sigmoid, at |z| > 2.9
LEAKY = "or use `leaky_relu` or `elu`, whose slope is nowhere 0."
APART = 3.0  # how far the spread of z may be from what suits the inputs


def spread(case: Case) -> Seen | None:
    """The standard deviation of the first weighted inputs, at the layer where it suits its inputs least."""
    if case.trained:
        return None
    found = [seen for l in case.a.layers if (seen := _spread(case, l)).usual]  # it is 0 behind dead neurons
    return max(found, key=lambda seen: abs(math.log(max(seen.number, 1e-300) / float(seen.facts["usual"]))), default=None)


def _spread(case: Case, l: int) -> Seen:
    """The same of one layer; the usual one is that of weights with standard deviation 1/sqrt(n_in)."""
    p, w = case.pass_, case.network.weights[l - 2].astype(np.float64)
    inputs, n_in = float((p.a[l - 1].astype(np.float64) ** 2).sum(axis=0).mean()), w.shape[1]
    b2 = float((case.network.biases[l - 2].astype(np.float64) ** 2).mean()) if case.a.biases else 0.0
    usual, expected = math.sqrt(inputs / n_in + b2), math.sqrt(inputs * float((w * w).mean()) + b2)
    facts: dict[str, Fact] = {
        "layer": f"{l}",
        "n_in": f"{n_in:,}",
        "usual": usual,
        "expected": expected,
        "sd_w": float(w.std()),
    }
    z2 = float((p.z[l].astype(np.float64) ** 2).mean())  # about 0, the mean over all weights that might have been drawn
    return Seen(math.sqrt(z2), facts, usual, l)


def too_wide(case: Case) -> Seen | None:
    """Where z spreads several times as far as suits its inputs, and so far that neurons saturate."""
    seen = spread(case)
    return seen if seen and min(seen.number, float(seen.facts["expected"])) > APART * float(seen.facts["usual"]) else None


def too_narrow(case: Case) -> Seen | None:
    """Where z hardly differs between neurons and examples, although the inputs do."""
    seen = spread(case)
    return seen if seen and APART * max(seen.number, float(seen.facts["expected"])) < float(seen.facts["usual"]) else None


def symmetric(case: Case) -> Seen | None:
    """The share of neurons whose weights differ from all others', in the hidden layer where it is least."""
    shares = []
    for l in case.hidden:
        if case.a.neurons(l) > 1:
            parts = [case.network.weights[l - 2]] + ([case.network.biases[l - 2]] if case.a.biases else [])
            out = case.network.weights[l - 1].T
            distinct = len(np.unique(np.hstack([*parts, out]), axis=0))
            shares.append(
                Seen(
                    distinct / case.a.neurons(l),
                    {"layer": f"{l}", "n": f"{case.a.neurons(l):,}", "distinct": f"{distinct:,}"},
                    layer=l,
                )
            )
    return min(shares, key=lambda seen: seen.number, default=None)


def unsaturated(case: Case) -> Seen | None:
    """The share of slopes that are not small, in the hidden layer of bounded neurons where it is least."""
    if not case.troubled:
        return None
    found = []
    for l in case.hidden:
        if np.isfinite(case.a.sigma(l).range).all() and case.a.sigma(l).elementwise:
            slopes = case.pass_.sigma_prime[l]
            small = float((slopes < FLAT).mean())
            facts: dict[str, Fact] = {"layer": f"{l}", "share": percent(small), "mean": float(slopes.mean())}
            remedy = "Standardise the inputs, or use relu." if case.drawn("small") else None
            found.append(Seen(1 - small, facts, layer=l, remedy=remedy))
    return min(found, key=lambda seen: seen.number, default=None)


def alive(case: Case) -> Seen | None:
    """The share of neurons that respond to any example, in the hidden layer of unbounded neurons where it is least."""
    found = []
    for l in case.hidden:
        if case.a.sigma(l).elementwise and not np.isfinite(case.a.sigma(l).range).all():
            silent = (case.pass_.sigma_prime[l] == 0).all(axis=1)
            facts: dict[str, Fact] = {
                "layer": f"{l}",
                "dead": f"{int(silent.sum()):,}",
                "n": f"{len(silent):,}",
                "name": case.a.sigma(l).name,
                "examples": f"{case.pass_.m:,}",
            }
            remedy = f"Train anew with a lower learning rate; {LEAKY}" if case.drawn("he") else None
            found.append(Seen(1 - float(silent.mean()), facts, layer=l, remedy=remedy))
    return min(found, key=lambda seen: seen.number, default=None) if case.pass_.m > 1 else None


def varied(case: Case) -> Seen | None:
    """How far the outputs differ between examples, over how far the targets do."""
    sd = case.sample[1].std(axis=0, dtype=np.float64)
    if not case.trained or not sd.any():
        return None
    there = sd > 0
    ratio = float((case.outputs.std(axis=0, dtype=np.float64)[there] / sd[there]).mean())
    return Seen(
        ratio,
        {
            "outputs": float(case.outputs.std(axis=0).mean()),
            "targets": float(sd.mean()),
            "score": score_said(case, case.score),
            "word": case.word,
        },
    )


ROWS = (
    Row(
        id="wide_start",
        title="Weights too large at the start",
        measures="standard deviation of the first weighted inputs z",
        measure=too_wide,
        usual=1.0,
        bound=3.0,
        when=f"and {APART:g} times what weights of 1/√n give, before any training",
        equation="FP1",
        sentence=(
            "The weighted inputs of layer {layer} have standard deviation {number}: its {n_in} inputs meet weights of "
            "standard deviation {sd_w}, which makes {expected}. With weights of 1/√{n_in} it would be {usual}."
        ),
        remedy=(
            "Use `initial='small'` (or `'glorot'`, `'he'` for relu), which draws weights of standard deviation about 1/√n."
        ),
        after=("exploding",),
    ),
    Row(
        id="narrow_start",
        title="Weights too small at the start",
        measures="standard deviation of the first weighted inputs z",
        measure=too_narrow,
        usual=1.0,
        bound=0.05,
        above=False,
        when=f"and {APART:g} times less than weights of 1/√n give, before any training",
        equation="FP1",
        sentence=(
            "The weighted inputs of layer {layer} have standard deviation {number}; with weights of 1/√{n_in} it would be "
            "{usual}. Hardly anything of the inputs comes through, and hardly any error comes back."
        ),
        remedy=(
            "Use `initial='small'` (or `'glorot'`, `'he'` for relu), which draws weights of standard deviation about 1/√n."
        ),
        after=("symmetric",),
    ),
    Row(
        id="symmetric",
        title="Neurons that are all the same",
        measures="share of different neurons in a hidden layer",
        measure=symmetric,
        usual=1.0,
        bound=0.5,
        above=False,
        equation="BP2",
        sentence=(
            "Of the {n} neurons of layer {layer}, {distinct} have weights of their own. Equal neurons get equal errors, "
            "and stay equal: the layer works as if it had {distinct}."
        ),
        remedy="Draw the first weights at random: `initial='small'`, `'glorot'` or `'he'`.",
        needs_data=False,
    ),
    Row(
        id="saturated",
        title="Saturated neurons",
        measures="share of slopes σ′(z) of at least 0.05 in a hidden layer",
        measure=unsaturated,
        usual=1.0,
        bound=0.4,
        above=False,
        when=TROUBLE,
        equation="SP",
        sentence=(
            "In layer {layer}, {share} of the slopes σ′(z) are under 0.05 (their mean is {mean}). Errors are multiplied "
            "by them on their way back, so these neurons hardly learn."
        ),
        remedy="Start from smaller weights (`initial='small'`), standardise the inputs, or use relu.",
        after=CAUSES,
    ),
    Row(
        id="dead",
        title="Dead neurons",
        measures="share of neurons that respond to any example",
        measure=alive,
        usual=1.0,
        bound=0.5,
        above=False,
        equation="SP",
        sentence=(
            "{dead} of the {n} {name} neurons of layer {layer} have slope 0 for each of {examples} examples: no error "
            "reaches their weights, so they will not come back."
        ),
        remedy=f"Train anew with a lower learning rate and `initial='he'`; {LEAKY}",
        after=("unscaled_inputs",),
    ),
    Row(
        id="constant",
        title="The same answer to everything",
        measures="spread of the outputs over that of the targets",
        measure=varied,
        usual=1.0,
        bound=0.05,
        above=False,
        when="after training",
        equation="FP2",
        sentence=(
            "The outputs hardly depend on the inputs: their standard deviation over the examples is {outputs}, that of "
            "the targets {targets} ({word} {score})."
        ),
        remedy=(
            "Look for the cause among the other findings; where there is none, train longer or with another learning rate."
        ),
        after=(
            "symmetric",
            "saturated",
            "dead",
            "vanishing",
            "exploding",
            "slowed",
            "imbalance",
            "same_inputs",
            "rate_low",
            "rising",
            *CAUSES,
        ),
    ),
)
