"""Computational graphs: the derivative of any NumPy program, and how it comes about.

>>> import numpy as np
>>> from chainrule import graph
>>> graph.grad(lambda w, x: np.sum(np.tanh(w @ x)))(np.eye(2), np.array([0.5, -1.0])).round(3)
array([[ 0.393, -0.786],
       [ 0.21 , -0.42 ]])

The program is ordinary NumPy code: its values are traced through NumPy's own protocols.
"""

from __future__ import annotations

from chainrule.graph import rules
from chainrule.graph.check import check_grads
from chainrule.graph.derivatives import elementwise_grad, grad, hessian, hessian_vector_product, jacobian, value_and_grad
from chainrule.graph.extend import checkpoint, operation
from chainrule.graph.modes import jvp, vjp

__all__ = [
    "check_grads", "checkpoint", "elementwise_grad", "grad", "hessian", "hessian_vector_product", "jacobian", "jvp",
    "operation", "rules", "value_and_grad", "vjp",
]  # fmt: skip
