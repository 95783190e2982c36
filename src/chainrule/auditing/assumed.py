"""Which functions a candidate's neurons and its cost have, where nobody said: read off its own gradients.

For one example the gradient of a layer's weights is its error times the activations before it, whatever that error is. So
the function of each hidden layer is the one whose activations stand there; that of the output layer, and the cost, are
those whose output error is seen. What is found out so is judged like anything that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from chainrule import equations as eq
from chainrule.activations import ACTIVATIONS, Activation, activation
from chainrule.architecture import Architecture
from chainrule.auditing.layouts import View
from chainrule.auditing.options import Options
from chainrule.auditing.ways import Observation, close
from chainrule.costs import COSTS, Cost, cost
from chainrule.notation import Key

SQUARED = Cost("squared", lambda a, y: (a - y) * (a - y), lambda a, y: 2 * (a - y))
COMMON = ("sigmoid", "tanh", "relu", "leaky_relu", "identity")  # tried first
FUNCTIONS = [ACTIVATIONS[name] for name in dict.fromkeys((*COMMON, *ACTIVATIONS))]
LIKELY = (  # outputs with their costs that are tried out where the output error tells nothing
    ("sigmoid", "quadratic"), ("identity", "quadratic"), ("sigmoid", "cross_entropy"), ("softmax", "log_likelihood"),
    ("tanh", "quadratic"),
)  # fmt: skip
FEW = 4  # views that are looked at closely
Singles = Sequence[Observation]


@dataclass(frozen=True)
class Functions:
    """What a candidate's layers and its cost are taken for."""

    layers: tuple[Activation, ...]
    cost: Cost

    def told(self, options: Options) -> Options:
        """The options that say so."""
        return replace(options, activation=list(self.layers), output=None, cost=self.cost)

    @property
    def words(self) -> str:
        """In words."""
        hidden, last = [row.name for row in self.layers[:-1]], self.layers[-1].name
        name = "quadratic cost without its 1/2" if self.cost is SQUARED else f"{self.cost.name} cost"
        if {*hidden} <= {last}:
            return f"{last} neurons and the {name}"
        inner = hidden[0] if len({*hidden}) == 1 else ", ".join(hidden)
        return f"{inner} neurons, {last} at the output, and the {name}"


class Fit(NamedTuple):
    """A function of the output layer and a cost whose output error is what is seen, but for a factor."""

    output: Activation
    cost: Cost
    factor: float


class Choices(NamedTuple):
    """What each part may be: what was said, or all rows of the tables; of hidden layers, one list each."""

    hidden: list[list[Activation]]
    outputs: list[Activation]
    costs: list[Cost]


@dataclass(frozen=True)
class Read:
    """What was read off: the functions of the hidden layers, None where these do not show; and what fits the output."""

    hidden: tuple[Activation, ...] | None
    z: tuple[np.ndarray, ...] = ()
    fits: tuple[Fit, ...] = ()
    carried: int = 0  # how many hidden layers' activations stand in the gradients


def choices(options: Options, n_hidden: int) -> Choices:
    """What may be tried out."""
    said, inner = options.activation, [f for f in FUNCTIONS if f.elementwise]
    hidden = [inner if said is None else [activation(said)]] * n_hidden if not _each(said) else [
        [activation(row)] for row in said[:-1]
    ]  # fmt: skip
    last = said[-1] if _each(said) else options.output
    return Choices(
        hidden,
        FUNCTIONS if last is None else [activation(last)],
        list(COSTS.values()) if options.cost is None else [cost(options.cost)],
    )


def _each(said: Any) -> bool:
    """Whether activations are given layer by layer."""
    return isinstance(said, list | tuple)


def read_off(views: Sequence[View], a: Architecture, may: Choices) -> tuple[View | None, Read]:
    """The view in which most shows, and what; where the gradients of a layer are wrong, what those of the others show."""
    usable = [(view, singles) for view in views if view.finite and (singles := _singles(view))]
    strict = [(view, _walked(singles, a, may, view.tolerance, None)) for view, singles in usable]
    found = [row for row in strict if row[1].hidden is not None]
    for view, singles in usable[:FEW] if not found else ():
        loose = [_walked(singles, a, may, view.tolerance, row) for row in FUNCTIONS[: len(COMMON)]]
        found += [(view, read) for read in loose if read.fits or read.carried]
    return max(found, key=lambda row: (bool(row[1].fits), row[1].carried), default=(None, Read(None)))


def _singles(view: View) -> Singles:
    """The single examples, where no penalty and no velocity is in what is seen."""
    return [o for o in view.observations if o.m == 1 and all(not o.values[Key(name, 0)] for name in ("mu", "lmbda"))]


def _walked(singles: Singles, a: Architecture, may: Choices, tolerance: float, other: Activation | None) -> Read:
    """The walk up the layers; a hidden layer of which nothing fits is taken for the other function, if that is given."""
    acts, carried = [o.values[Key("a", 1)] for o in singles], 0
    found: list[Activation] = []
    for l in a.layers[:-1]:
        zs = [_weighted(o, act, l) for o, act in zip(singles, acts, strict=True)]
        fits = (f for f in may.hidden[l - 2] if _carried(singles, [f(z) for z in zs], l + 1, tolerance))
        row = next(fits, None)
        carried += row is not None
        row = row or (other if other in may.hidden[l - 2] else None)
        if row is None:
            return Read(None)
        found.append(row)
        acts = [row(z) for z in zs]
    zs = [_weighted(o, act, a.L) for o, act in zip(singles, acts, strict=True)]
    return Read(tuple(found), tuple(zs), tuple(_fits(singles, acts, zs, a, may, tolerance)), carried)


def _weighted(o: Observation, a_prev: np.ndarray, l: int) -> np.ndarray:
    w, b = o.values[Key("w", l)], o.values.get(Key("b", l), 0.0)
    return np.asarray(w @ a_prev + b)


def _carried(singles: Singles, acts: Sequence[np.ndarray], l: int, tolerance: float) -> bool:
    """Whether these activations stand in the gradients of the weights of the layer after them."""
    for o, act in zip(singles, acts, strict=True):
        w, b = o.seen.get(Key("w", l)), o.seen.get(Key("b", l))
        if w is None or w.shape != o.values[Key("w", l)].shape:
            return False
        error = b if len(act) == 1 and b is not None and b.shape == (len(w), 1) else _error(w, act)
        if not close(error @ act.T, w, tolerance):
            return False
    return True


def _error(w: np.ndarray, act: np.ndarray) -> np.ndarray:
    """The error that fits a gradient of weights best."""
    return np.asarray(w @ act / (float((act * act).sum()) or 1.0))


def _fits(
    singles: Singles, acts: Sequence[np.ndarray], zs: Sequence[np.ndarray], a: Architecture, may: Choices, tolerance: float
) -> Iterator[Fit]:
    rows = [(_output_error(o, act, a.L), z, o.values[Key("y", 0)]) for o, act, z in zip(singles, acts, zs, strict=True)
            if act.any() or Key("b", a.L) in o.seen]  # fmt: skip
    errors, zs, ys = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    for sigma, row in product(may.outputs, may.costs):
        if sigma.range[0] < row.domain[0] or sigma.range[1] > row.domain[1]:
            continue
        with np.errstate(all="ignore"):
            right = [output_error(sigma, row, z, y) for z, y in zip(zs, ys, strict=True)]
            size = sum(float((r * r).sum()) for r in right)
            factor = sum(float((e * r).sum()) for e, r in zip(errors, right, strict=True)) / (size or 1.0)
        if factor and all(close(factor * r, e, tolerance) for e, r in zip(errors, right, strict=True)):
            yield Fit(sigma, row, factor)


def _output_error(o: Observation, act: np.ndarray, l: int) -> np.ndarray:
    b = o.seen.get(Key("b", l))
    return b if b is not None and b.shape == (len(o.values[Key("w", l)]), 1) else _error(o.seen[Key("w", l)], act)


def output_error(sigma: Activation, row: Cost, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The error of an output layer, by BP1, or BPs where its activations depend on each other."""
    act = sigma(z)
    slope = row.prime(act, y)
    if sigma.elementwise:
        return np.asarray(eq.output_error.function(slope, sigma.prime(z, act)))
    return np.asarray(eq.softmax_error.function(act, slope))


def likeliest(read: Read, fits: Iterable[Fit], k: int, *, free: bool) -> list[Functions]:
    """What makes all agree, the plainest factor first; ``free``: the cost may be the quadratic one without its 1/2."""
    rows = []
    for fit in fits:
        plain = [abs(fit.factor - by) <= 1e-3 * by for by in (1, 1 / k, 2, 2 / k)]
        kind = plain.index(True) if any(plain) else 4
        doubled = free and kind in {2, 3} and fit.cost.name == "quadratic"
        rows.append((4 if kind > 1 and not doubled else kind, Functions((*(read.hidden or ()), fit.output),
                                                                         SQUARED if doubled else fit.cost)))  # fmt: skip
    return [functions for _, functions in sorted(rows, key=lambda row: row[0])]


def possible(read: Read, may: Choices, allowed: Sequence[tuple[Activation, Cost]]) -> list[Functions]:
    """What a wrong candidate may have been meant to be: the usual functions, and what its own cost allows."""
    inner = [read.hidden] if read.hidden is not None else list(zip(*(rows[:3] for rows in may.hidden), strict=False))
    pairs = list(allowed) or [(ACTIVATIONS[out], COSTS[row]) for out, row in LIKELY]
    pairs = [pair for pair in pairs if pair[0] in may.outputs and pair[1] in may.costs] or [(may.outputs[0], may.costs[0])]
    return [Functions((*hidden, sigma), row) for hidden in inner for sigma, row in pairs]
