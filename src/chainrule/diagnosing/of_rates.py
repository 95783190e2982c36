"""What can be wrong with the steps: too long, too short, undone by the penalty."""

from __future__ import annotations

import math

import numpy as np

from chainrule.diagnosing.case import Case, per_example
from chainrule.diagnosing.finding import TROUBLE, Fact, Row, Seen, course, percent
from chainrule.notation import Key
from chainrule.passes import Pass

USUAL_STEP = 1e-3  # of the weights' size, in each update
BY_GRADIENT = ("sgd", "momentum", "nesterov")  # optimizers whose step is as long as the gradient
BY_RATE = ("adam", "adamw", "rmsprop", "adagrad", "lion")  # those whose step is about eta for each parameter
FEWEST = 5  # epochs from which a curve is read


def step_lengths(case: Case, p: Pass) -> dict[int, float]:
    """About how far a mini-batch's step moves the weights of each layer.

    The mean gradient of a mini-batch of m is as long, in square, as the mean of all plus 1/m of the examples' variance.
    """
    eta, m = case.eta or 0.0, case.batch_size
    found = {}
    for l in case.a.layers:
        whole = float((p.nabla_w[l].astype(np.float64) ** 2).sum()) / p.m**2
        square = whole + max(float(per_example(p, l).mean()) - whole, 0.0) / m
        by_rate = math.sqrt(p.nabla_w[l].size)
        found[l] = eta * (by_rate if case.optimizer in BY_RATE else math.sqrt(square) / (1 - _mu(case)))
    return found


def _mu(case: Case) -> float:
    """The share of its velocity that the optimizer keeps."""
    if case.optimizer not in {"momentum", "nesterov"}:
        return 0.0
    return float(case.settings.rule.rates["mu"]) if case.settings else 0.9


def relative_step(case: Case, p: Pass) -> float:
    """The length of a step over the length of all weights that it moves."""
    weights = sum(float((p.values[Key("w", l)].astype(np.float64) ** 2).sum()) for l in case.a.layers)
    steps = sum(length**2 for length in step_lengths(case, p).values())
    return math.sqrt(steps / weights) if weights else math.inf


def _steps(case: Case) -> tuple[float, float] | None:
    """The relative step now and with the first weights; None where it is unknown, or where the network has learned well."""
    if not case.eta or case.optimizer not in {*BY_GRADIENT, *BY_RATE} or not case.troubled:
        return None
    with np.errstate(all="ignore"):
        return relative_step(case, case.pass_), relative_step(case, case.fresh)


def long_step(case: Case) -> Seen | None:
    """The longer of the two relative steps."""
    if (found := _steps(case)) is None or not math.isfinite(max(found)):
        return None
    when = "now" if found[0] >= found[1] else "with the first weights"
    return Seen(max(found), {"eta": case.eta or 0.0, "when": when, "m": f"{case.batch_size:,}", "usual": USUAL_STEP})


def short_step(case: Case) -> Seen | None:
    """The relative step now, where it was no longer than usual with the first weights either."""
    if (found := _steps(case)) is None or found[1] > USUAL_STEP:
        return None
    return Seen(
        found[0],
        {"eta": case.eta or 0.0, "course": course(case), "times": float(f"{USUAL_STEP / max(found[0], 1e-300):.1g}")},
    )


def shrinking(case: Case) -> Seen | None:
    """By which share of itself every weight shrinks in each step."""
    s = case.settings
    if s is None or not case.troubled or not case.n:
        return None
    if case.optimizer in {"adamw", "lion"}:
        share, formula, equation = s.eta * float(s.rule.rates["decay"]), "1 − ηκ", "WD"
    elif case.optimizer in BY_GRADIENT and s.penalty in {"l2", "elastic"}:
        half = 0.5 if s.penalty == "elastic" else 1.0
        share, formula, equation = s.eta * s.lmbda * half / case.n / (1 - _mu(case)), "1 − ηλ/n", "PG"
    else:
        return None
    steps = math.log(0.5) / math.log1p(-share) if 0 < share < 1 else 0.0
    effect = (
        f"half of what they have learned is gone after {steps:.3g} mini-batches of {case.batch_size}"
        if share < 1
        else "they change their signs in each step instead of keeping what they have learned"
    )
    facts: dict[str, Fact] = {
        "eta": s.eta,
        "lmbda": s.lmbda,
        "n": f"{case.n:,}",
        "factor": 1 - share,
        "formula": formula,
        "effect": effect,
    }
    return Seen(share, facts, equation=equation)


def rise(case: Case) -> Seen | None:
    """The cost at the end over its lowest."""
    costs = np.array([e.cost for e in case.history], np.float64)
    if len(costs) < FEWEST or not case.troubled or not np.isfinite(costs).all() or costs.min() <= 0:
        return None
    last = float(costs[-max(len(costs) // 10, 1) :].mean())
    return Seen(
        last / float(costs.min()), {"least": float(costs.min()), "last": last, "epoch": f"{int(costs.argmin()) + 1}"}
    )


def jumps(case: Case) -> Seen | None:
    """By which factor the cost of an epoch differs from that of the one before, in the second half of the training."""
    costs = np.array([e.cost for e in case.history], np.float64)[-max(len(case.history) // 2, 2) :]
    if len(costs) < FEWEST or not case.troubled or not (np.isfinite(costs) & (costs > 0)).all():
        return None
    changes = np.diff(np.log(costs))
    ups = float((changes > 0).mean())
    return Seen(float(np.exp(np.sqrt((changes**2).mean()))), {"ups": percent(ups)}) if 0.2 <= ups <= 0.8 else None


ROWS = (
    Row(
        id="decay",
        title="Regularisation too strong",
        measures="share of itself that every weight loses in each step",
        measure=shrinking,
        usual=0.0001,
        bound=0.01,
        when=TROUBLE,
        equation="PG",
        sentence="Each step multiplies every weight by {formula} = {factor} (η {eta}, λ {lmbda}, n {n}): {effect}.",
        remedy="Lower λ or the learning rate, until ηλ/n is about 10⁻⁴ or less.",
    ),
    Row(
        id="rate_high",
        title="Learning rate too high",
        measures="longest step over the length of the weights, now or first",
        measure=long_step,
        usual=USUAL_STEP,
        bound=2.0,
        when=TROUBLE,
        equation="GD",
        sentence=(
            "With learning rate {eta} a step on {m} examples is {number} times as long as all the weights together, "
            "{when}; about {usual} of their length is usual. So a step throws away what the weights had learned."
        ),
        remedy="Divide the learning rate by 10, and again while the cost does not fall.",
        after=(
            "decay",
            "unscaled_inputs",
            "unscaled_targets",
            "exploding",
            "wide_start",
        ),
    ),
    Row(
        id="rate_low",
        title="Learning rate too low",
        measures="length of a step over the length of the weights",
        measure=short_step,
        usual=USUAL_STEP,
        bound=0.0001,
        above=False,
        when=TROUBLE,
        equation="GD",
        sentence="With learning rate {eta} a step moves the weights by {number} of their length; 0.001 is usual.{course}",
        remedy=(
            "Multiply the learning rate by 10, and again while the cost falls faster for it ({times} times would make "
            "0.001)."
        ),
        after=(
            "symmetric",
            "tiny_inputs",
            "narrow_start",
        ),
    ),
    Row(
        id="rising",
        title="The cost rises",
        measures="cost at the end over the lowest",
        measure=rise,
        usual=1.0,
        bound=1.2,
        when="and the network has not learned well",
        equation="GD",
        sentence=(
            "The training cost was lowest in epoch {epoch}, {least}, and is {last} at the end: the steps are too long to "
            "go on downhill."
        ),
        remedy="Lower the learning rate, or let it fall: `schedule='cosine'`.",
        after=(
            "decay",
            "rate_high",
            "unscaled_inputs",
            "unscaled_targets",
        ),
        needs_data=False,
    ),
    Row(
        id="oscillating",
        title="The cost jumps up and down",
        measures="factor between the costs of successive epochs",
        measure=jumps,
        usual=1.0,
        bound=1.5,
        when="and the network has not learned well",
        equation="GD",
        sentence=(
            "In the second half of the training the cost changes by a factor of {number} from one epoch to the next, and "
            "{ups} of these changes go up: the steps go across the valley, not along it."
        ),
        remedy="Lower the learning rate, let it fall (`schedule='cosine'`), or take larger mini-batches.",
        after=(
            "decay",
            "rate_high",
            "unscaled_inputs",
            "unscaled_targets",
            "rising",
        ),
        needs_data=False,
    ),
)
