"""Computational graphs: the derivative of any NumPy program, and how it comes about."""

from __future__ import annotations

from chainrule.graph import rules
from chainrule.graph.derivatives import elementwise_grad, grad, hessian, hessian_vector_product, jacobian, value_and_grad
from chainrule.graph.modes import jvp, vjp

__all__ = [
    "elementwise_grad", "grad", "hessian", "hessian_vector_product", "jacobian", "jvp", "rules", "value_and_grad", "vjp",
]  # fmt: skip
