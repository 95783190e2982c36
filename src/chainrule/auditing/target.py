"""What a candidate is meant to compute: a description, and parameters where they are given."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.architecture import Architecture, architecture
from chainrule.auditing.options import Options
from chainrule.auditing.store import Store, store_of
from chainrule.errors import ChainruleWarning, ConfigError
from chainrule.network import Network
from chainrule.notation import Key

DOUBLE = np.dtype(np.float64)
Arrays = dict[Key, np.ndarray]


@dataclass(frozen=True)
class Target:
    """The network as it should be; ``parameters`` is None where they may be chosen."""

    architecture: Architecture
    parameters: Arrays | None = None


def target_of(network: Any, store: Store | None, options: Options) -> Target:
    """What is meant, by the network that is given, by the options, or by the candidate's own parameters.

    Raises
    ------
    ConfigError
        Neither says how many neurons there are.
    """
    if isinstance(network, Network):
        return Target(replace(network.architecture, dtype=DOUBLE), _copied(network.parameters.views))
    if isinstance(network, Sequence | np.ndarray) and not isinstance(network, str):
        return Target(_described([int(n) for n in network], options))
    if options.weights is not None:
        # What is no array of numbers is refused where it is used.
        given = options.weights, options.biases or ()
        arrays = [[*map(np.asarray, some)] for some in given]  # type: ignore[arg-type]  # anything may be given
        return _with_parameters(arrays[0], arrays[1], options)
    if network is not None and (found := store_of(network)):
        return _with_parameters(found.weights(), found.biases(), options)
    if store is not None:
        return Target(_described(sizes_of(store.weights(), store.biases()), options, biases=bool(store.biases())))
    raise ConfigError(
        "network = None, and the candidate shows no parameters of its own: it is not known what it should compute.\n"
        "Give the Network whose weights it uses, or sizes such as [2, 3, 1] where it is given its parameters."
    )


def _described(sizes: list[int], o: Options, *, biases: bool | None = None) -> Architecture:
    used = o.biases is not False if biases is None else biases
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChainruleWarning)  # of combinations that learn badly: they can be right
        return architecture(
            sizes, o.activation or "sigmoid", o.cost or "quadratic", output=o.output, biases=used, dtype=DOUBLE
        )


def _with_parameters(weights: list[np.ndarray], biases: list[np.ndarray], options: Options) -> Target:
    sizes = sizes_of(weights, biases)
    found = {}
    for l, w in enumerate(weights, 2):
        found[Key("w", l)] = np.array(w if w.shape == (sizes[l - 1], sizes[l - 2]) else w.T, DOUBLE)
    found |= {Key("b", l): np.array(b, DOUBLE).reshape(-1, 1) for l, b in enumerate(biases, 2)}
    return Target(_described(sizes, options, biases=bool(biases)), found)


def sizes_of(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> list[int]:
    """The neurons of each layer, by the shapes of the weights: (out, in), or else (in, out)."""
    shapes = [np.shape(w) for w in weights]
    ends = [np.size(b) for b in biases]
    for shaped in (shapes, [s[::-1] for s in shapes]):
        chained = all(len(s) == 2 for s in shaped) and all(s[0] == t[1] for s, t in pairwise(shaped))
        if shaped and chained and (not ends or ends == [s[0] for s in shaped]):
            return [shaped[0][1], *(s[0] for s in shaped)]
    raise ConfigError(
        f"weights of shapes {shapes} and biases of {ends} numbers do not make a network.\nA layer's weights have a row "
        "for each of its neurons and a column for each neuron before (or the other way round, in all layers)."
    )


def _copied(views: Mapping[Key, np.ndarray]) -> Arrays:
    return {key: np.array(view, DOUBLE) for key, view in views.items()}
