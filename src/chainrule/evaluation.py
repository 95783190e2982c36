"""How good a network is on a data set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule import checks
from chainrule.choices import nearest
from chainrule.costs import PENALTIES
from chainrule.engine.inference import outputs_and_cost, penalty_cost
from chainrule.notebook import table
from chainrule.train import metrics

MOST_CLASSES = 30  # of a confusion matrix that is shown


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How good a network is on a data set.

    Attributes
    ----------
    cost : float
        Mean cost of an example, with the penalty where one is asked for.
    metrics : dict
        Accuracy for classes; R2 and mean absolute error for values.
    confusion : ndarray, optional
        How often class i (row) was taken for class j (column).
    """

    cost: float
    metrics: Mapping[str, float]
    confusion: np.ndarray | None = field(default=None, repr=False)

    def __getattr__(self, name: str) -> float:
        if name.startswith("_") or name not in self.metrics:
            raise AttributeError(f"no metric {name!r}; measured are: cost, {', '.join(self.__dict__.get('metrics', ()))}")
        return self.metrics[name]

    def _repr_html_(self) -> str:
        figures = {"cost": self.cost, **self.metrics}
        found = table("Evaluation", list(figures), [list(figures.values())])
        if self.confusion is None or len(self.confusion) > MOST_CLASSES:
            return found
        rows = [[f"class {i}", *row] for i, row in enumerate(self.confusion.tolist())]
        return found + table("how often class (row) was taken for class (column)", ["", *range(len(rows))], rows)


def evaluate(net: Any, x: Any, y: Any, *, lmbda: float, penalty: str) -> Evaluation:
    """Measure a network: accuracy and confusion where it classifies or y are class indices, R2 and distance otherwise."""
    a, views = net.architecture, net.parameters.views
    rows = checks.inputs(x, a)
    wanted, indices = checks.targets(y, len(rows), a)
    found, costs = outputs_and_cost(a, views, rows, wanted)
    cost = float(costs.mean()) + penalty_cost(views, nearest(PENALTIES, penalty, "penalty"), lmbda, len(rows))
    classify, middle = net.classify or indices, a.cost.middle
    table = metrics.measured(found, wanted, classify=classify, middle=middle)
    return Evaluation(cost, table, metrics.confusion(found, wanted, middle) if classify else None)
