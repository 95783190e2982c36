"""Cost functions and penalties: one row each.

A cost is the sum over the output neurons of ``value(a, y)``. Its slope dC/da is given, or derived with dual numbers. A cost
with a ``partner`` activation is computed from z there, exactly, and its output error is ``a - y`` (BP1c). Everywhere else
a logarithm sees its operand no nearer to 0 than the smallest normal number, so that a saturated output costs much, but
not infinitely much.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from chainrule.algebra import formula
from chainrule.algebra.dual import derivative, is_elementwise
from chainrule.algebra.special import sign, size, softplus
from chainrule.algebra.symbolic import leaf
from chainrule.algebra.trial import wrong_slope
from chainrule.choices import nearest
from chainrule.errors import ConfigError
from chainrule.notation import M

INF = math.inf
TINY = 1e-37  # above the smallest normal float32, and its reciprocal is finite


@dataclass(frozen=True)
class Cost:
    """One cost function.

    Parameters
    ----------
    name : str
    value : callable
        value(a, y): the cost of each output neuron, elementwise; the cost of an example is their sum.
    slope : callable, optional
        dC/da, slope(a, y); derived with dual numbers where it is not given.
    domain : (float, float)
        The outputs a that the cost is defined for.
    targets : (float, float)
        The desired outputs y that it is defined for.
    partner : str, optional
        The activation with which the output error is a - y.
    partner_value : callable, optional
        The cost from z, with that activation.
    on_off : (float, float)
        What a class index becomes: the target of the right output, and of the others.
    default_output : str
        The activation that an output layer gets when none is asked for.
    definition : callable, optional
        The textbook form, where ``value`` is arranged to stay finite.
    classifies : bool
        Whether a network with it is one that tells classes.
    """

    name: str
    value: Callable[[M, M], M] = field(repr=False)
    slope: Callable[[M, M], M] | None = field(default=None, repr=False)
    domain: tuple[float, float] = (-INF, INF)
    targets: tuple[float, float] = (-INF, INF)
    partner: str = ""
    partner_value: Callable[[M, M], M] | None = field(default=None, repr=False)
    on_off: tuple[float, float] = (1, 0)
    default_output: str = "identity"
    definition: Callable[[M, M], M] | None = field(default=None, repr=False)
    classifies: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        """A row of the table is copied and pickled by its name, any other by its parts."""
        if COSTS.get(self.name) == self:
            return cost, (self.name,)
        return Cost, tuple(getattr(self, f.name) for f in fields(self))

    @property
    def middle(self) -> float:
        """Halfway between the targets of a class and of the others: a single output above it says class 1."""
        return sum(self.on_off) / 2

    def __call__(self, a: M, y: M) -> M:
        """The cost of each output neuron, from its activation."""
        return self.value(a, y)

    def from_z(self, z: M, y: M) -> M:
        """The cost of each output neuron from its weighted input, in a layer of the partner activation."""
        assert self.partner_value is not None, f"{self.name} has no partner"
        return self.partner_value(z, y)

    def prime(self, a: M, y: M) -> M:
        """The slope dC/da, in a's shape and dtype."""
        found = derivative(lambda a: self.value(a, y), a) if self.slope is None else self.slope(a, y)
        if isinstance(a, np.ndarray) and a.dtype != object:
            return np.broadcast_to(found, a.shape).astype(a.dtype)
        return found

    @property
    def latex(self) -> str:
        """Its formula in LaTeX, computed by running its definition on symbols."""
        return formula.of_function(self.definition or self.value, _symbols(), self.name, "latex")

    @property
    def text(self) -> str:
        """Its formula in one line of Unicode, computed likewise."""
        return formula.of_function(self.definition or self.value, _symbols(), self.name, "text")


def _symbols() -> tuple[Any, Any]:
    return leaf("a", scalar=True), leaf("y", scalar=True)


def _ln(x: M) -> M:
    """The logarithm ln x, bounded below at ln TINY."""
    return np.log(np.maximum(x, TINY))


def _per(x: M) -> M:
    """The reciprocal 1/x, bounded at 1/TINY."""
    return 1 / np.maximum(x, TINY)


def _log_cosh(e: M) -> M:
    return size(e) + np.log1p(np.exp(-2 * size(e))) - math.log(2)


def _log_likelihood_of_z(z: M, y: M) -> M:
    low = z - z.max(axis=0, keepdims=True)
    return y * (np.log(np.exp(low).sum(axis=0, keepdims=True)) - low)


ROWS = (
    Cost("quadratic", lambda a, y: 0.5 * (a - y) * (a - y), lambda a, y: a - y, partner="identity",
         partner_value=lambda z, y: 0.5 * (z - y) * (z - y), definition=lambda a, y: (a - y) ** 2 / 2),
    Cost("absolute", lambda a, y: size(a - y), lambda a, y: sign(a - y),
         definition=lambda a, y: np.abs(a - y)),
    Cost("huber", lambda a, y: np.where(size(a - y) > 1, size(a - y) - 0.5, 0.5 * (a - y) * (a - y)),
         lambda a, y: np.minimum(np.maximum(a - y, -1), 1),
         definition=lambda a, y: np.where(np.abs(a - y) > 1, np.abs(a - y) - 0.5, (a - y) ** 2 / 2)),
    Cost("log_cosh", lambda a, y: _log_cosh(a - y), lambda a, y: np.tanh(a - y),
         definition=lambda a, y: np.log(np.cosh(a - y))),
    Cost("cross_entropy", lambda a, y: -(y * _ln(a) + (1 - y) * _ln(1 - a)),
         lambda a, y: (1 - y) * _per(1 - a) - y * _per(a), (0, 1), (0, 1), "sigmoid",
         lambda z, y: softplus(z) - y * z, default_output="sigmoid",
         definition=lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)), classifies=True),
    Cost("log_likelihood", lambda a, y: -y * _ln(a), lambda a, y: -y * _per(a), (0, INF), (0, 1), "softmax",
         _log_likelihood_of_z, default_output="softmax", definition=lambda a, y: -y * np.log(a), classifies=True),
    Cost("poisson", lambda a, y: a - y * _ln(a), lambda a, y: 1 - y * _per(a), (0, INF), (0, INF), "exponential",
         lambda z, y: np.exp(z) - y * z, default_output="exponential", definition=lambda a, y: a - y * np.log(a)),
    Cost("hinge", lambda a, y: np.maximum(0, 1 - y * a), lambda a, y: -y * (y * a < 1), targets=(-1, 1), on_off=(1, -1),
         classifies=True),
)  # fmt: skip
COSTS: dict[str, Cost] = {row.name: row for row in ROWS}


def cost(spec: Any, *, slope: Callable[[M, M], M] | None = None) -> Cost:
    """The cost that a name, a row, or a function (a, y) of NumPy operations stands for.

    Raises
    ------
    ConfigError
        The name is unknown, or the function is not elementwise or has no derivative rule.

    Examples
    --------
    >>> import numpy as np
    >>> quartic = cost(lambda a, y: (a - y) ** 4)
    >>> float(quartic.prime(np.array([[1.5]]), np.array([[1.0]]))[0, 0])
    0.5
    """
    if isinstance(spec, Cost):
        return spec
    if not callable(spec):
        return nearest(COSTS, spec, "cost")
    return _own(spec, slope)


def _own(function: Callable[[M, M], M], slope: Callable[[M, M], M] | None) -> Cost:
    """A user's function, tried on a few numbers first so that a mistake shows at once."""
    name = getattr(function, "__name__", type(function).__name__)
    row = Cost(name, function, slope)
    a, y = np.array([[0.3, 0.6], [0.2, 0.9], [0.7, 0.4]]), np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    try:
        with np.errstate(all="ignore"):
            costs = np.asarray(row(a, y))
            slopes = row.prime(a, y)
    except (TypeError, ValueError, NotImplementedError, AttributeError) as error:
        raise ConfigError(
            f"the cost {name} could not be differentiated: {error}.\nA function (a, y) of NumPy operations is "
            "differentiated with dual numbers; of any other, give dC/da too: cost(f, slope=...)."
        ) from error
    if costs.shape != a.shape or costs.dtype == object:
        raise ConfigError(
            f"the cost {name} gave shape {costs.shape}, dtype {costs.dtype}, for outputs of shape {a.shape}.\n"
            "A cost function gives the cost of each output neuron; chainrule sums these, and averages over the examples."
        )
    elementwise = is_elementwise(row, a, y)
    if slope is None and not elementwise:
        raise ConfigError(
            f"the cost {name} gives a neuron another cost alone than beside others.\nDual numbers differentiate the "
            "cost of each output neuron by itself; of any other cost, give dC/da too: cost(f, slope=...)."
        )
    if elementwise and (found := wrong_slope(lambda a: row(a, y), a, slopes)):
        remedy = (
            "It takes steps that dual numbers cannot follow. Give dC/da: cost(f, slope=...)."
            if slope is None
            else "Mend slope(a, y). If it is meant to differ, say so with a row: Cost(name, f, slope)."
        )
        raise ConfigError(
            f"the cost {name} has the slope {found[1]:.6g} at a = {found[0]:g}, but there it rises by {found[2]:.6g} "
            f"(central difference).\n{remedy}"
        )
    return row


@dataclass(frozen=True)
class Penalty:
    """What a weight costs by its size: C = C_0 + (lambda/n) sum of value(w), over the weights, not the biases."""

    name: str
    value: Callable[[M], M] = field(repr=False)
    slope: Callable[[M], M] = field(repr=False)

    def __call__(self, w: M) -> M:
        """The slope of the penalty at each weight; the symbol R' of equation PG."""
        found = self.slope(w)
        return np.asarray(found, w.dtype) if isinstance(w, np.ndarray) and w.dtype != object else found

    @property
    def latex(self) -> str:
        """Its formula in LaTeX, computed by running it on a symbol."""
        return formula.latex(self.value(leaf("w", scalar=True)))


PENALTIES: dict[str, Penalty] = {
    row.name: row
    for row in (
        Penalty("l2", lambda w: 0.5 * w * w, lambda w: w),
        Penalty("l1", size, sign),
        Penalty("elastic", lambda w: 0.5 * size(w) + 0.25 * w * w, lambda w: 0.5 * sign(w) + 0.5 * w),
    )
}
