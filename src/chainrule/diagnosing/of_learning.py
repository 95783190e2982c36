"""What can be wrong with what was learned: by heart, too long, or hardly anything."""

from __future__ import annotations

import math

import numpy as np

from chainrule.diagnosing.case import Case, score, skill
from chainrule.diagnosing.finding import CAUSES, Row, Seen, course, percent, score_said

FITTED = 0.5  # of what can be learned: what has learned less does not fit its training examples
SIMILAR = 10  # other examples that are asked what there is to be learned of one
SURE = 3  # deviations: chance alone makes a gap so wide once in a thousand networks
LEAST = 0.05  # of all: where similar examples tell so little, it cannot be shown that there is more to be learned
EVERYTHING = (
    "constant", "symmetric", "saturated", "dead", "vanishing", "exploding", "slowed", "imbalance", "same_inputs",
    "rate_low", "rising", "oscillating", "targets_out_of_range", "unscaled_targets", "uneven_inputs", "tiny_inputs",
    "contradictions", *CAUSES,
)  # fmt: skip


def validation_score(case: Case) -> float | None:
    """Accuracy, or R2, on the validation set."""
    if case.validated is None:
        return None
    return score(*case.validated, case.a.cost.middle, classify=case.classifies)


def gap(case: Case) -> Seen | None:
    """By how much better the network is on its training examples than on the validation set, beyond chance."""
    held = validation_score(case)
    if held is None or not case.trained or case.validated is None or not case.skill >= FITTED:
        return None
    if case.score - held <= SURE * deviation(held, len(case.validated[0]), classify=case.classifies):
        return None
    facts = {"word": case.word, "train": score_said(case, case.score), "held": score_said(case, held), "turn": _turn(case)}
    return Seen(case.score - held, facts)


def deviation(score: float, n: int, *, classify: bool) -> float:
    """How far chance takes a score of n examples: a share, or 1 minus a quotient of two sums of squares."""
    return math.sqrt(max(score * (1 - score), 0.0) / n) if classify else 2 * (1 - score) / math.sqrt(n)


def _turn(case: Case) -> str:
    """When the validation cost was at its lowest, if that was not at the end; a sentence of its own."""
    costs = [e.metrics.get("cost", math.inf) for e in case.history]
    if not costs or not math.isfinite(min(costs)) or costs[-1] <= 1.02 * min(costs):
        return ""
    best = int(np.argmin(costs))
    epoch = case.history[best].epoch
    return (
        f" The validation cost was lowest in epoch {epoch}, {costs[best]:.4g}, and is {costs[-1]:.4g} after {len(costs)}."
    )


def lost(case: Case) -> Seen | None:
    """How much of the best validation score has been lost since."""
    name = "accuracy" if case.classifies else "r2"
    scores = [e.metrics.get(name, -math.inf) for e in case.history]
    held = validation_score(case)
    if held is None or not scores or not math.isfinite(max(scores)):
        return None
    best = int(np.argmax(scores))
    facts = {
        "word": case.word,
        "best": score_said(case, max(scores)),
        "epoch": f"{case.history[best].epoch}",
        "held": score_said(case, held),
        "epochs": f"{case.epochs}",
    }
    return Seen(max(scores) - held, facts)


def neighbours(case: Case) -> np.ndarray:
    """What the most similar other examples say of each: the mean of their targets."""
    x, y = (part.astype(np.float64) for part in case.sample)
    x = (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
    squares = (x * x).sum(axis=1)
    apart = squares[:, None] + squares - 2 * x @ x.T
    np.fill_diagonal(apart, np.inf)
    nearest = np.argpartition(apart, SIMILAR - 1, axis=1)[:, :SIMILAR]
    return np.asarray(y[nearest].mean(axis=1))


def learned(case: Case) -> Seen | None:
    """How much the network has learned of what similar examples tell of each other: noise is not to be learned."""
    if not case.trained or case.under_way or len(case.rows) <= SIMILAR:
        return None
    if case.skill >= FITTED:
        return Seen(case.skill)
    targets, middle = case.sample[1], case.a.cost.middle
    told = neighbours(case)
    most = skill(told, targets, middle, classify=case.classifies)
    if most <= LEAST:
        return None
    what = f"{case.word} {score_said(case, case.score)}"
    chance = "Always saying the most frequent class" if case.classifies else "Always saying the mean"
    base = percent(float(np.bincount(case.labels).max() / len(case.labels))) if case.classifies else "0"
    similar = score_said(case, score(told, targets, middle, classify=case.classifies))
    facts = {"what": what, "chance": chance, "base": base, "similar": similar, "course": course(case)}
    return Seen(max(case.skill / most, 0.01), facts)


ROWS = (
    Row(
        id="overfitting",
        title="Overfitting",
        measures="score on the training examples minus that on the validation set",
        measure=gap,
        usual=0.01,
        bound=0.07,
        when="and more than chance makes of so many examples, and it fits its training examples",
        equation="C",
        sentence=(
            "The network does better on its training examples ({word} {train}) than on new ones ({word} {held} on the "
            "validation set): part of what it has learned is true of those alone.{turn}"
        ),
        remedy=(
            "Get more examples (or distort those you have), stop early (`early_stopping=10`), or regularise: `lmbda`, "
            "`dropout`, fewer neurons."
        ),
        after=("leak",),
    ),
    Row(
        id="past_best",
        title="Past its best",
        measures="what has been lost of the best validation score",
        measure=lost,
        usual=0.005,
        bound=0.08,
        equation="GD",
        sentence=(
            "On the validation set the network was best after epoch {epoch} ({word} {best}); the weights that it has now, "
            "after {epochs}, make {held}."
        ),
        remedy="Train with `early_stopping=10`: it watches the validation set, and gives the best weights back.",
        after=(*EVERYTHING, "overfitting"),
    ),
    Row(
        id="underfitting",
        title="Underfitting",
        measures="share of what similar examples tell that has been learned",
        measure=learned,
        usual=1.0,
        bound=FITTED,
        above=False,
        when="after training is over",
        equation="C",
        sentence=(
            "The network does not fit even its training examples: {what}. {chance} makes {base}, and the mean of the ten "
            "most similar other examples {similar}, so more can be learned.{course}"
        ),
        remedy="Where no other finding says why: use more neurons or layers, train longer, or give inputs that tell more.",
        after=(*EVERYTHING, "overfitting"),
    ),
)
