"""Computational graphs: the derivative of any NumPy program, and how it comes about.

>>> import numpy as np
>>> from chainrule import graph
>>> graph.grad(lambda w, x: np.sum(np.tanh(w @ x)))(np.eye(2), np.array([0.5, -1.0])).round(3)
array([[ 0.393, -0.786],
       [ 0.21 , -0.42 ]])

The program is ordinary NumPy code: its values are traced through NumPy's own protocols.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chainrule.graph import rules
from chainrule.graph.check import check_grads
from chainrule.graph.derivatives import elementwise_grad, grad, hessian, hessian_vector_product, jacobian, value_and_grad
from chainrule.graph.extend import checkpoint, operation
from chainrule.graph.modes import jvp, vjp

if TYPE_CHECKING:
    from chainrule.graph.bridge import network_cost, network_hvp
    from chainrule.graph.expression import parse
    from chainrule.graph.look import Graph, named, trace
    from chainrule.graph.scalars import unrolled, weight_paths

__all__ = [
    "Graph", "check_grads", "checkpoint", "elementwise_grad", "grad", "hessian", "hessian_vector_product", "jacobian",
    "jvp", "named", "network_cost", "network_hvp", "operation", "parse", "rules", "trace", "unrolled", "value_and_grad",
    "vjp", "weight_paths",
]  # fmt: skip

# Names that derivatives have no need of are loaded with the first use.
_LATER = {
    "Graph": "look", "named": "look", "trace": "look", "network_cost": "bridge", "network_hvp": "bridge",
    "parse": "expression", "unrolled": "scalars", "weight_paths": "scalars",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """What the graph as an object and its bridge to networks consist of."""
    if name not in _LATER:
        raise AttributeError(f"module 'chainrule.graph' has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(f"chainrule.graph.{_LATER[name]}"), name)
    return found
