"""The cost classes of the improved program: faces on the rows of COSTS and on the equations BP1 and BP1c."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import equations as eq
from chainrule.activations import ACTIVATIONS
from chainrule.costs import COSTS


class QuadraticCost:
    """Half the squared distance of output and target."""

    @staticmethod
    def fn(a: Any, y: Any) -> float:
        """The cost of an output a where y was wanted.

        >>> QuadraticCost.fn(np.array([[0.5]]), np.array([[1.0]]))
        0.125
        """
        return float(np.sum(COSTS["quadratic"](a, y)))

    @staticmethod
    def delta(z: Any, a: Any, y: Any) -> Any:
        """The error of the output layer (BP1)."""
        return eq.output_error(COSTS["quadratic"].prime(a, y), ACTIVATIONS["sigmoid"].prime(z, a))


class CrossEntropyCost:
    """The cross-entropy of output and target."""

    @staticmethod
    def fn(a: Any, y: Any) -> float:
        """The cost of an output a where y was wanted: finite also where an output is exactly 0 or 1.

        >>> CrossEntropyCost.fn(np.array([[1.0]]), np.array([[1.0]]))
        0.0
        """
        return float(np.sum(COSTS["cross_entropy"](a, y)))

    @staticmethod
    def delta(z: Any, a: Any, y: Any) -> Any:  # noqa: ARG004  both costs are called with z
        """The error of the output layer (BP1c): the slope of the sigmoid cancels."""
        return eq.canonical_output_error(a, y)


COST_CLASSES: dict[str, tuple[Any, str]] = {  # by the name that a file has for it: the class, and the row of COSTS
    "QuadraticCost": (QuadraticCost, "quadratic"),
    "CrossEntropyCost": (CrossEntropyCost, "cross_entropy"),
}
