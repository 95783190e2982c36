"""The fourth witness: reverse mode on the graph of the cost, which knows FP1, FP2 and C and goes inside every function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.activations import Activation, per_neuron
from chainrule.architecture import Architecture
from chainrule.checking.problem import Problem, in_double
from chainrule.checking.quantities import penalty_of
from chainrule.graph.bridge import network_cost
from chainrule.graph.derivatives import elementwise_grad
from chainrule.graph.look import trace
from chainrule.notation import Key

OF = {"nabla_w": "w", "nabla_b": "b", "delta": "z", "nabla_a": "a"}  # whose adjoint a quantity is, in the graph


def opened(row: Activation) -> Activation:
    """The function without the slope that it was given, so that its derivative is found from its values alone."""
    return per_neuron([opened(own) for own in row.neurons]) if row.neurons else replace(row, slope=None)


def without_slopes(a: Architecture) -> Architecture:
    """The network's description with its functions opened."""
    return replace(a, activations=tuple(map(opened, a.activations)), cost=replace(a.cost, slope=None))


def adjoints(p: Problem) -> Callable[[Key], Any]:
    """Every derivative of the cost, by where a pass keeps it; one pass forward and one back."""
    twin = in_double(p.network)
    canonical = twin.architecture.is_canonical
    changed = without_slopes(twin.architecture)
    # A row without its slope is another row than the cost's partner: the pair that cancels is kept as it is.
    kept = (*changed.activations[:-1], twin.architecture.activations[-1]) if canonical else changed.activations
    twin.architecture = replace(changed, activations=kept, cost=twin.architecture.cost if canonical else changed.cost)
    cost, parameters = network_cost(twin, p.x, p.y, sample_weight=p.weight, inside=True)
    graph = trace(cost, parameters)
    graph.reverse()
    names = {vertex.name for vertex in graph.vertices}

    def found(key: Key) -> Any:
        a = p.network.architecture
        with np.errstate(all="ignore"):
            if key.symbol == "sigma_prime":
                return elementwise_grad(opened(a.sigma(key.layer)))(p.pass_.z[key.layer])
            if key == Key("nabla_a", a.L):
                return elementwise_grad(replace(a.cost, slope=None), 0)(p.pass_.a[a.L], p.y.T)
        if key.symbol == "penalty":
            return elementwise_grad(penalty_of(p))(p.network.parameters.views[Key("w", key.layer)])
        name = f"{OF[key.symbol]}{key.layer}"  # of the identity, z is called a
        return graph[name if name in names else f"a{key.layer}"].adjoint

    return found
