"""What a network is, apart from its numbers: sizes, activations, cost. And how its first weights are drawn."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.activations import ACTIVATIONS, Activation, activation, per_neuron
from chainrule.choices import nearest
from chainrule.costs import Cost, cost
from chainrule.errors import ChainruleWarning, ConfigError
from chainrule.notation import Key
from chainrule.randomness import generator

SINGLE = np.dtype(np.float32)
MOST_PARAMETERS = 2**31  # 8 GiB in float32: more is a slip of the keyboard rather than a dense network


@dataclass(frozen=True)
class Architecture:
    """The description of a network; layers are numbered as in the book, the input is layer 1.

    Parameters
    ----------
    sizes : tuple of int
        Neurons in each layer.
    activations : tuple of Activation
        Those of layers 2 to L.
    cost : Cost
    biases : bool
    dtype : numpy.dtype
        float32 or float64.
    """

    sizes: tuple[int, ...]
    activations: tuple[Activation, ...]
    cost: Cost
    biases: bool = True
    dtype: np.dtype[Any] = SINGLE

    @property
    def L(self) -> int:
        """The number of layers, and of the output layer."""
        return len(self.sizes)

    @property
    def layers(self) -> range:
        """The layers that have weights: 2 to L."""
        return range(2, self.L + 1)

    def neurons(self, l: int) -> int:
        """How many neurons layer l has."""
        return self.sizes[l - 1]

    def sigma(self, l: int) -> Activation:
        """The activation of layer l."""
        return self.activations[l - 2]

    @property
    def is_canonical(self) -> bool:
        """Whether cost and output activation match, so that the output error is a - y (BP1c)."""
        return self.sigma(self.L) == ACTIVATIONS.get(self.cost.partner)

    def shapes(self) -> Iterator[tuple[Key, tuple[int, int]]]:
        """Each parameter and its shape: all weights first, then all biases."""
        for l in self.layers:
            yield Key("w", l), (self.neurons(l), self.neurons(l - 1))
        for l in self.layers if self.biases else ():
            yield Key("b", l), (self.neurons(l), 1)

    @property
    def n_parameters(self) -> int:
        """How many numbers training learns."""
        return sum(rows * columns for _, (rows, columns) in self.shapes())


def architecture(
    sizes: Sequence[int],
    activation_spec: Any = "sigmoid",
    cost_spec: Any = "quadratic",
    *,
    output: Any = None,
    neurons: Mapping[tuple[int, int], Any] | None = None,
    biases: bool = True,
    dtype: Any = np.float32,
) -> Architecture:
    """The description that these settings stand for, checked.

    Raises
    ------
    ConfigError
        A size, a name or a combination is wrong; the message says which, and what fits.
    """
    layers = _checked_sizes(sizes)
    cost_row = cost(cost_spec)
    rows = _rows(layers, activation_spec, cost_row, output)
    for place, spec in _neurons(neurons, layers):
        rows[place[0] - 2] = _with_neuron(rows[place[0] - 2], layers, place, activation(spec))
    found = Architecture(layers, tuple(rows), cost_row, bool(biases), _number_type(dtype))
    _check_output(found)
    return found


def _checked_sizes(sizes: Any) -> tuple[int, ...]:
    """The sizes as ints, or a ConfigError that names the wrong one."""
    try:
        listed = list(sizes)
    except TypeError:
        listed = []
    if len(listed) < 2:
        raise ConfigError(
            f"sizes = {sizes!r}: a network has at least an input and an output layer, such as sizes=[784, 30, 10]."
        )
    for l, n in enumerate(listed, 1):
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
            raise ConfigError(f"sizes = {listed!r}: layer {l} has {n!r} neurons; a layer has a whole number, at least 1.")
    parameters = sum(n * (n_in + 1) for n_in, n in pairwise(listed))
    if parameters > MOST_PARAMETERS:
        raise ConfigError(
            f"sizes = {listed!r} make {parameters:,} parameters: {parameters * 4 / 2**30:,.0f} GiB in float32 before the "
            f"first example, more than the limit of {MOST_PARAMETERS * 4 // 2**30} GiB. Use smaller layers."
        )
    return tuple(int(n) for n in listed)


def _rows(layers: tuple[int, ...], spec: Any, cost_row: Cost, output: Any) -> list[Activation]:
    """The activations of layers 2 to L: a list gives every layer its own, anything else is for all hidden layers."""
    if isinstance(spec, Sequence) and not isinstance(spec, str):
        if len(spec) != len(layers) - 1 or output is not None:
            raise ConfigError(
                f"{len(spec)} activations for {len(layers) - 1} layers with weights (sizes={list(layers)}).\n"
                "A list names one for each of the layers 2 to L, the output layer included, and then output= is not given."
            )
        rows = [activation(s) for s in spec]
        for l, row in enumerate(rows, 2):
            if row.neurons and len(row.neurons) != layers[l - 1]:
                raise ConfigError(
                    f"layer {l} has {layers[l - 1]} neurons, but its list has {len(row.neurons)} activations."
                )
        return rows
    hidden = activation(spec)
    if output is None:
        output = (
            hidden
            if cost_row.default_output == "identity" and hidden == ACTIVATIONS["sigmoid"]
            else cost_row.default_output
        )
    return [hidden] * (len(layers) - 2) + [activation(output)]


def _neurons(spec: Any, layers: tuple[int, ...]) -> Iterator[tuple[tuple[int, int], Any]]:
    """The single neurons that differ, each with its activation; layers count from 1, neurons from 0, as arrays do."""
    if spec is not None and not isinstance(spec, Mapping):
        raise ConfigError(f"neurons = {spec!r}: give a mapping, such as {{(2, 0): 'relu'}} for neuron 0 of layer 2.")
    for place, own in (spec or {}).items():
        pair = place if isinstance(place, tuple) and len(place) == 2 else (None, None)
        l, j = (n if isinstance(n, int | np.integer) and not isinstance(n, bool) else -1 for n in pair)
        if not (2 <= l <= len(layers) and 0 <= j < layers[l - 1]):
            raise ConfigError(
                f"neuron {place!r}: a neuron is a pair (layer, neuron), such as (2, 0); layers 2 to {len(layers)} have "
                f"neurons, counted from 0; sizes={list(layers)}."
            )
        yield (int(l), int(j)), own


def _with_neuron(row: Activation, layers: tuple[int, ...], place: tuple[int, int], own: Activation) -> Activation:
    """The layer's activation with one neuron's own put in."""
    l, j = place
    members = list(row.neurons) or [row] * layers[l - 1]
    members[j] = own
    return per_neuron(members)


def _number_type(dtype: Any) -> np.dtype[Any]:
    """The dtype that is meant, of the two that networks compute in."""
    with suppress(TypeError):
        for possible in (SINGLE, np.dtype(np.float64)):
            if np.dtype(dtype) == possible:
                return possible
    raise ConfigError(f"dtype = {dtype!r}: networks compute in float32 or float64.")


def _check_output(a: Architecture) -> None:
    """Refuse outputs that the cost is not defined for; warn of combinations that learn badly."""
    sigma, (low, high) = a.sigma(a.L), a.cost.domain
    if sigma.range[0] < low or sigma.range[1] > high:
        raise ConfigError(
            f"the {a.cost.name} cost takes outputs from {low:g} to {high:g}, but {sigma.name} gives {sigma.range[0]:g} to "
            f"{sigma.range[1]:g}.\nUse output={a.cost.default_output!r}, or another cost: quadratic takes any output."
        )
    if not sigma.elementwise and a.neurons(a.L) == 1:
        warnings.warn(
            f"{sigma.name} of a single output neuron is always 1: nothing is learned. Use two output neurons, or "
            "cost='cross_entropy' with a sigmoid.", ChainruleWarning, stacklevel=4,
        )  # fmt: skip
    elif not sigma.elementwise and _is_mild(a.cost):
        warnings.warn(
            f"{sigma.name} outputs with the {a.cost.name} cost learn slowly where they are wrong and sure; "
            "cost='log_likelihood' is the one whose error is a - y.", ChainruleWarning, stacklevel=4,
        )  # fmt: skip
    partner = ACTIVATIONS.get(a.cost.partner)
    if partner and not partner.elementwise and sigma.elementwise and a.neurons(a.L) > 1:
        warnings.warn(
            f"{a.cost.name} expects outputs that sum to 1, and {sigma.name} outputs do not: the wrong classes are never "
            f"pushed down. Use output={partner.name!r}, or cost='cross_entropy'.", ChainruleWarning, stacklevel=4,
        )  # fmt: skip


def _is_mild(cost_row: Cost) -> bool:
    """Whether an output that is wrong and sure costs little more than another, so that a flat slope there stays flat."""
    with np.errstate(all="ignore"):
        slope = cost_row.prime(np.full((1, 1), 1e-9), np.full((1, 1), float(cost_row.on_off[0])))
    return bool(abs(slope[0, 0]) < 1e3)


# ------------------------------------------------------------------------------------------------------ first weights

Draw = Callable[[Any, int, int], np.ndarray]


def _orthogonal(rng: Any, rows: int, columns: int) -> np.ndarray:
    """A matrix whose shorter side is orthonormal, uniformly drawn (Saxe et al. 2014)."""
    q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
    q *= np.sign(np.diag(r))
    return np.asarray(q if rows >= columns else q.T)


def _normal(sd: Callable[[int, int], float]) -> Draw:
    return lambda rng, rows, columns: rng.standard_normal((rows, columns)) * sd(rows, columns)


INITIAL: dict[str, tuple[Draw, bool]] = {  # how weights are drawn (n_out, n_in), and whether biases are N(0, 1) or 0
    "large": (_normal(lambda n_out, n_in: 1.0), True),
    "small": (_normal(lambda n_out, n_in: 1 / math.sqrt(n_in)), True),
    "glorot": (_normal(lambda n_out, n_in: math.sqrt(2 / (n_in + n_out))), False),
    "he": (_normal(lambda n_out, n_in: math.sqrt(2 / n_in)), False),
    "lecun": (_normal(lambda n_out, n_in: 1 / math.sqrt(n_in)), False),
    "orthogonal": (_orthogonal, False),
    "zeros": (lambda rng, rows, columns: np.zeros((rows, columns)), False),
}


def first_values(a: Architecture, initial: str | None, seed: int) -> Iterator[tuple[Key, np.ndarray]]:
    """The first value of each parameter; each layer draws from a stream of its own."""
    if initial is not None:
        nearest(INITIAL, initial, "initialisation")
    hidden = a.sigma(2)
    for key, shape in a.shapes():
        draw, spread = INITIAL[initial or (a.sigma(key.layer) if key.layer < a.L else hidden).initial]
        rng = generator(seed, "initial", epoch=key.layer, step=0 if key.symbol == "w" else 1)
        if key.symbol == "w":
            yield key, draw(rng, *shape)
        else:
            yield key, rng.standard_normal(shape) if spread else np.zeros(shape)
