"""Rules on the schedule that make a step faster, and not different: a law holds each to the schedule without it.

``folded``
    Under plain SGD with an L2 penalty, PG and GD are one equation: the decay is a factor on w.
``descended`` (of the numpy engine)
    Where GD is all that happens to a gradient of weights, BP4 and GD are one equation, and no gradient is kept.
``delayed``
    SP moves to where its slope is used, so that the slope is never stored; unless its operands change on the way.
``by_parameter``
    The equations of an update, parameter by parameter, so that one pass over a parameter does them all.
``adjoining`` (where the work is shared out)
    The update of weights right behind their BP4, so that each part of a gradient is used while it is in the cache.
"""

from __future__ import annotations

from collections.abc import Iterable

from chainrule import equations as eq
from chainrule import optimizers as opt
from chainrule.costs import PENALTIES
from chainrule.engine.memory import Values
from chainrule.notation import Equation, Key, M
from chainrule.schedule import Step


def _decayed_weight_descent(w: M, eta: M, m: M, n: M, lmbda: M, delta: M, a_prev: M) -> M:
    """A step of gradient descent on the weights, which shrink by their L2 penalty at once."""
    return w * (1 - eta * lmbda / n) - ((eta / m) * delta) @ a_prev.T


BP4_PG_GD = Equation("BP4, PG, GD", "w", _decayed_weight_descent)


def folded(steps: Iterable[Step], values: Values) -> list[Step]:
    """The schedule with BP4, PG and GD as one step where the penalty is L2 and no more is done with the gradient."""
    steps = list(steps)
    if values.get(Key("penalty", 0)) != PENALTIES["l2"]:
        return steps
    sequence = [eq.penalised_gradient, eq.gradient_descent]
    plain = {s.layer for s in steps if s.of == "w" and _updates(steps, s.layer) == sequence}
    found = [Step(BP4_PG_GD, s.layer) if s.equation is eq.weight_gradient and s.layer in plain else s for s in steps]
    return [s for s in found if not (s.of == "w" and s.layer in plain)]


def _updates(steps: list[Step], l: int) -> list[Equation]:
    """What is done to the weights of layer l and to their gradient after BP4."""
    return [s.equation for s in steps if s.of == "w" and s.layer == l]


def delayed(steps: Iterable[Step]) -> list[Step]:
    """The schedule with each SP just before the step that uses its slope."""
    found = list(steps)
    for step in [s for s in found if s.equation is eq.slope]:
        at = found.index(step)
        use = next((k for k in range(at + 1, len(found)) if step.writes in found[k].reads), None)
        if use is None or found[use].writes == step.writes:  # dropped: DOp changes it in its place
            continue
        if not any(s.writes in step.reads for s in found[at + 1 : use]):
            found.insert(use, step)
            del found[at]
    return found


def by_parameter(steps: Iterable[Step]) -> list[Step]:
    """The updates with all equations of a parameter in a row, as far as the length of the whole gradient allows."""
    found: list[Step] = []
    waiting: list[Step] = []
    for step in steps:
        barrier = step.equation is opt.gradient_norm or step.equation is opt.clipped_norm
        if not step.of or (barrier and waiting and waiting[-1].equation is not step.equation):
            found += _sorted(waiting)
            waiting = []
        (waiting if step.of else found).append(step)
    return found + _sorted(waiting)


def _sorted(steps: list[Step]) -> list[Step]:
    """In the order of the parameters, each parameter's equations in their own order."""
    order = list(dict.fromkeys((s.of, s.layer) for s in steps))
    return sorted(steps, key=lambda s: order.index((s.of, s.layer)))


def adjoining(steps: Iterable[Step]) -> list[Step]:
    """The schedule with the update of each layer's weights behind their BP4, unless a step in between would then differ."""
    found = list(steps)
    for product in [s for s in found if s.equation is eq.weight_gradient]:
        update = [s for s in found if s.of == "w" and s.layer == product.layer]
        if update:
            between = found[found.index(product) + 1 : found.index(update[-1])]
            if not _disturb(update, [s for s in between if s not in update]):
                found = [s for s in found if s not in update]
                at = found.index(product) + 1
                found[at:at] = update
    return found


def _disturb(update: list[Step], between: list[Step]) -> bool:
    """Whether a step reads or writes what one of the update's writes, or writes what one reads."""
    writes, reads = {s.writes for s in update}, {key for s in update for key in s.reads}
    return any(s.writes in writes | reads or writes & set(s.reads) for s in between)
