"""What a network is, apart from its numbers: sizes, activations, cost. And how its first weights are drawn."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    for (l, j), spec in (neurons or {}).items():
        rows[l - 2] = _with_neuron(rows[l - 2] if 2 <= l <= len(layers) else None, layers, l, j, activation(spec))
    number_type = np.dtype(dtype)
    if number_type not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ConfigError(f"dtype = {number_type}: networks compute in float32 or float64.")
    found = Architecture(layers, tuple(rows), cost_row, bool(biases), number_type)
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
            "sigmoid" if cost_row.default_output == "identity" and hidden.name == "sigmoid" else cost_row.default_output
        )
    return [hidden] * (len(layers) - 2) + [activation(output)]


def _with_neuron(row: Activation | None, layers: tuple[int, ...], l: int, j: int, own: Activation) -> Activation:
    """The layer's activation with one neuron's own put in (neurons count from 0, as arrays do)."""
    if row is None or not 0 <= j < layers[l - 1]:
        raise ConfigError(f"neuron {(l, j)}: layers 2 to {len(layers)} have neurons, counted from 0; sizes={list(layers)}.")
    members = list(row.neurons) or [row] * layers[l - 1]
    members[j] = own
    return per_neuron(members)


def _check_output(a: Architecture) -> None:
    """Refuse outputs that the cost is not defined for; warn of combinations that learn badly."""
    sigma, (low, high) = a.sigma(a.L), a.cost.domain
    if sigma.range[0] < low or sigma.range[1] > high:
        raise ConfigError(
            f"the {a.cost.name} cost takes outputs from {low:g} to {high:g}, but {sigma.name} gives {sigma.range[0]:g} to "
            f"{sigma.range[1]:g}.\nUse output={a.cost.default_output!r}, or another cost: quadratic takes any output."
        )
    if not sigma.elementwise and a.cost.name in {"quadratic", "absolute", "huber", "log_cosh", "hinge"}:
        warnings.warn(
            f"{sigma.name} outputs with the {a.cost.name} cost learn slowly where they are wrong and sure; "
            "cost='log_likelihood' is the one whose error is a - y.", ChainruleWarning, stacklevel=4,
        )  # fmt: skip
    if a.cost.name == "log_likelihood" and sigma.elementwise and a.neurons(a.L) > 1:
        warnings.warn(
            f"log_likelihood expects outputs that sum to 1, and {sigma.name} outputs do not: the wrong classes are never "
            "pushed down. Use output='softmax', or cost='cross_entropy'.", ChainruleWarning, stacklevel=4,
        )  # fmt: skip


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
_RECTIFIERS = {"relu", "leaky_relu", "elu", "gelu", "gelu_tanh", "silu", "mish", "softplus"}


def default_initial(sigma: Activation) -> str:
    """The usual start: 1/sqrt(n_in) for sigmoids, He for rectifiers, LeCun for selu, Glorot for the rest."""
    if sigma.name == "sigmoid":
        return "small"
    if sigma.name in _RECTIFIERS:
        return "he"
    return "lecun" if sigma.name == "selu" else "glorot"


def first_values(a: Architecture, initial: str | None, seed: int) -> Iterator[tuple[Key, np.ndarray]]:
    """The first value of each parameter; each layer draws from a stream of its own."""
    if initial is not None:
        nearest(INITIAL, initial, "initialisation")
    hidden = a.sigma(2)
    for key, shape in a.shapes():
        draw, spread = INITIAL[initial or default_initial(a.sigma(key.layer) if key.layer < a.L else hidden)]
        rng = generator(seed, "initial", epoch=key.layer, step=0 if key.symbol == "w" else 1)
        if key.symbol == "w":
            yield key, draw(rng, *shape)
        else:
            yield key, rng.standard_normal(shape) if spread else np.zeros(shape)
