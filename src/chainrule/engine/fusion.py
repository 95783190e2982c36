"""Rules on the schedule that make it faster, and not different.

``merged``: an equation that treats all parameters alike is done once, on their common memory. Parameters, gradients and
slots each lie in one flat array, weights first. Where consecutive steps do the same elementwise equation on neighbours in
it, they are one step on the whole stretch: fewer calls, and the same numbers.

``descended``: where GD is all that happens to a gradient of weights, BP4 and GD are one equation, which scales the small
factor delta in place of the large product. No gradient is kept then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import groupby
from typing import Any

import numpy as np

from chainrule.algebra.symbolic import Expr
from chainrule.engine.memory import Values
from chainrule.equations import gradient_descent, weight_gradient
from chainrule.notation import PARAMETER, Equation, Key, M
from chainrule.schedule import Step


def _weight_descent(w: M, eta: M, m: M, delta: M, a_prev: M) -> M:
    """A step of gradient descent on the weights, from the error and the activations."""
    return w - ((eta / m) * delta) @ a_prev.T


MERGED = "_from"  # ends the name of the stretch that a merged step works on: w_and_b_from, layer 2
BP4_GD = Equation("BP4, GD", "w", _weight_descent)


def descended(steps: Iterable[Step]) -> list[Step]:
    """The schedule with BP4 and GD as one step wherever nothing else is done with the gradient."""
    steps = list(steps)
    updates: dict[Key, list[Equation]] = {}
    for step in steps:
        if step.of:
            updates.setdefault(Key(step.of, step.layer), []).append(step.equation)
    plain = {
        s.layer for s in steps if s.equation is weight_gradient and updates.get(Key("w", s.layer)) == [gradient_descent]
    }
    found = [Step(BP4_GD, s.layer) if s.equation is weight_gradient and s.layer in plain else s for s in steps]
    return [s for s in found if not (s.equation is gradient_descent and s.of == "w" and s.layer in plain)]


def merged(steps: Iterable[Step], values: Values, rates: Mapping[int, float]) -> tuple[list[Step], Values]:
    """The schedule with such steps merged, and the stretches of memory that the merged ones work on."""
    found: list[Step] = []
    stretches: Values = {}
    for equation, group in groupby(steps, key=lambda step: (step.equation, bool(step.of))):
        run = list(group)
        while run:
            length = 1
            if run[0].of and _is_elementwise(equation[0]):
                while length < len(run) and _are_neighbours(run[length - 1], run[length], values, rates):
                    length += 1
            found.append(_as_one(run[:length], values, stretches) if length > 1 else run[0])
            run = run[length:]
    return found, stretches


@cache
def _is_elementwise(equation: Equation) -> bool:
    """Whether each element of the result depends on the same element of the operands alone (or on all, summed up)."""

    def good(x: Any) -> bool:
        if not isinstance(x, Expr):
            return True
        along_an_axis = x.head == "reduce" and x.info["axis"] is not None
        return not (along_an_axis or x.head == "T" or x.head is np.matmul) and all(good(arg) for arg in x.args)

    return good(equation.expr)


def _arrays(step: Step, values: Values) -> dict[str, np.ndarray]:
    """The arrays of the parameter that a step works on, by the letter of the operand."""
    operands = [o for o in step.equation.reads if o.symbol.per == PARAMETER]
    return {o.symbol.name: values[o.key(step.layer, step.of)] for o in operands}


def _are_neighbours(one: Step, other: Step, values: Values, rates: Mapping[int, float]) -> bool:
    """Whether each array of the one step ends where the other's begins, in the same memory, at the same learning rate."""
    pairs = zip(_arrays(one, values).values(), _arrays(other, values).values(), strict=True)
    same_rate = rates.get(one.layer, 1.0) == rates.get(other.layer, 1.0)
    return same_rate and all(_owner(x) is _owner(y) and _address(x) + x.nbytes == _address(y) for x, y in pairs)


def _as_one(run: list[Step], values: Values, stretches: Values) -> Step:
    """One step for the run; adds the stretches of memory it works on."""
    name = "_and_".join(dict.fromkeys(step.of for step in run))
    one = Step(run[0].equation, run[0].layer, f"{name}{MERGED}")
    for operand in (o for o in one.equation.reads if o.symbol.per == PARAMETER):
        arrays = [values[operand.key(step.layer, step.of)] for step in run]
        start = (_address(arrays[0]) - _address(_owner(arrays[0]))) // arrays[0].itemsize
        stretch = _owner(arrays[0]).reshape(-1)[start : start + sum(x.size for x in arrays)]
        stretches[Key(*operand.key(one.layer, one.of))] = stretch
    return one


def _owner(x: np.ndarray) -> Any:
    """The array whose memory this one is a view of."""
    return x if x.base is None else _owner(x.base)


def _address(x: np.ndarray) -> int:
    return int(x.__array_interface__["data"][0])
