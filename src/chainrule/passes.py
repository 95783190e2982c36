"""A pass: one mini-batch forward and back, with every quantity of every layer by the book's numbering."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.architecture import Architecture
from chainrule.engine.memory import Values
from chainrule.errors import ShapeError
from chainrule.notation import LAYER, LEGEND, Key
from chainrule.notebook import table


@dataclass(frozen=True, eq=False, repr=False)
class Pass:
    """Every z, a, delta and gradient of one mini-batch; its m examples are columns.

    Each quantity is an attribute that is indexed by the layer, as in the book: ``pass_.z[2]``, ``pass_.delta[3]``,
    ``pass_.nabla_w[2]``; ``pass_.a[1]`` is the input.

    Attributes
    ----------
    z, a, sigma_prime, delta : mapping of int to ndarray, shape (n^l, m)
    nabla_a : mapping of int to ndarray, shape (n^L, m), of the output layer (and of hidden softmax layers)
    nabla_w, nabla_b : mapping of int to ndarray, shape (n^l, n^{l-1}) and (n^l, 1)
        Gradients **summed** over the mini-batch, as in the book; a step of gradient descent divides by m.
    cost_x : ndarray, shape (1, m)
        The cost of each example.
    """

    architecture: Architecture
    values: Values = field(repr=False)

    def __getattr__(self, name: str) -> Mapping[int, Any]:
        """A quantity of the legend, by layer."""
        if name.startswith("_") or name not in LEGEND or LEGEND[name].per != LAYER:
            raise AttributeError(f"a pass has no {name!r}; it has z, a, sigma_prime, nabla_a, delta, nabla_w, nabla_b.")
        return {key.layer: value for key, value in sorted(self.values.items()) if key.symbol == name}

    @property
    def cost_x(self) -> np.ndarray:
        """The cost of each example, shape (1, m)."""
        return np.asarray(self.values[Key("cost_x", 0)])

    @property
    def m(self) -> int:
        """The number of examples."""
        return int(self.cost_x.shape[1])

    @property
    def cost(self) -> float:
        """The mean cost of the examples."""
        return float(self.cost_x.mean())

    def factors(self, l: int, j: int, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The two factors of dC/dw for the weight into neuron j of layer l from neuron k (both from 0), for each example.

        Returns
        -------
        a_k, delta_j : ndarray, shape (m,)
            dz/dw from the forward pass and dC/dz from the backward pass; the sum of their products is
            ``nabla_w[l][j, k]`` (BP4).

        Raises
        ------
        ShapeError
            The network has no such weight.
        """
        shapes = dict(self.architecture.shapes())
        rows, columns = shapes.get(Key("w", l), (0, 0))
        if not (0 <= j < rows and 0 <= k < columns):
            raise ShapeError(
                f"there is no weight {(l, j, k)}: layers 2 to {self.architecture.L} have weights, and w^{l} is "
                f"{(rows, columns)}; neurons count from 0."
            )
        return self.a[l - 1][k], self.delta[l][j]

    def per_example(self, l: int) -> tuple[np.ndarray, np.ndarray]:
        """The gradient of layer l for each example by itself.

        Returns
        -------
        nabla_w, nabla_b : ndarray, shape (m, n^l, n^{l-1}) and (m, n^l, 1)
            Their sums over the first axis are ``self.nabla_w[l]`` and ``self.nabla_b[l]``.

        Raises
        ------
        ShapeError
            Layer l has no weights.
        """
        if l not in self.architecture.layers:
            raise ShapeError(f"layer {l!r} has no gradient: layers 2 to {self.architecture.L} have weights.")
        delta, a_prev = self.delta[l].T, self.a[l - 1].T
        return delta[:, :, None] * a_prev[:, None, :], delta[:, :, None]

    def __repr__(self) -> str:
        examples = f"{self.m} example{'s' * (self.m != 1)}"
        return f"Pass({examples} through {list(self.architecture.sizes)}; mean cost {self.cost:.6g})"

    def _repr_html_(self) -> str:
        arrays = {key: x for key, x in self.values.items() if isinstance(x, np.ndarray) and LEGEND[key.symbol].per == LAYER}
        names = [name for name in LEGEND if any(key.symbol == name for key in arrays)]
        cells = {key: f"{x.shape}, {np.abs(x).mean():.3g}" for key, x in arrays.items()}
        rows = [[l, *(cells.get(Key(name, l), "") for name in names)] for l in range(1, self.architecture.L + 1)]
        return table(f"{self!r}: shapes, mean sizes", ["layer", *names], rows)

    def __dir__(self) -> Iterator[str]:
        yield from ("architecture", "values", "m", "cost", "cost_x", "factors", "per_example")
        yield from sorted({key.symbol for key in self.values if LEGEND[key.symbol].per == LAYER})
