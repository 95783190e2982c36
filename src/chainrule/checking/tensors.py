"""Torch's functions and modules, through the methods of the tensors that come with them: torch is imported nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from chainrule.checking.candidates import Arrays, Candidate
from chainrule.errors import GraphError


def of_tensors(f: Any, given: list[Any]) -> Candidate:
    """A function of tensors, with torch's backward; of a module, its parameters are checked too. All in float64 copies."""
    function = deepcopy(f).double() if callable(getattr(f, "named_parameters", None)) else f
    parameters = dict(function.named_parameters()) if function is not f else {}
    tensors = [x.detach().clone() if hasattr(x, "detach") else x for x in given]
    floating = [k for k, x in enumerate(given) if hasattr(x, "is_floating_point") and x.is_floating_point()]
    chosen = [k for k in floating if given[k].requires_grad] or ([] if parameters else floating)
    for k in floating:
        tensors[k] = tensors[k].double()
    if not chosen and not parameters:
        raise GraphError("there is nothing to differentiate by: none of the tensors is of a floating-point type.")
    places = [tensors[k] for k in chosen] + [p.detach() for p in parameters.values()]
    arrays = [np.array(p.cpu().numpy()) for p in places]

    def outputs(now: Arrays, *, back: bool) -> tuple[list[Any], list[Any]]:
        """The outputs at these numbers, and the tensors that they were computed from."""
        full = list(tensors)
        for k, x in zip(chosen, now, strict=False):
            full[k] = tensors[k].new_tensor(x).requires_grad_(back)
        for p, x in zip(parameters.values(), now[len(chosen) :], strict=True):
            p.data = p.data.new_tensor(x)
            p.grad = None
        y = function(*full)
        return list(y) if isinstance(y, tuple | list) else [y], [full[k] for k in chosen] + list(parameters.values())

    def value(now: Arrays) -> Arrays:
        return [y.detach().cpu().double().numpy() for y in outputs(now, back=False)[0]]

    def gradients(now: Arrays, seeds: Arrays) -> Sequence[Any]:
        ys, leaves = outputs(now, back=True)
        sum((y * y.new_tensor(s)).sum() for y, s in zip(ys, seeds, strict=True)).backward()
        return [np.zeros_like(x) if t.grad is None else t.grad.cpu().numpy() for t, x in zip(leaves, now, strict=True)]

    kind = "a torch module" if parameters else "a torch function"
    return Candidate(kind, (*(f"input {k}" for k in chosen), *parameters), arrays, value, gradients)
