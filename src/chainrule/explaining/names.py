"""What each printed name stands for, so that a line can be read back; found from the name's letters, not from the tree."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from chainrule.activations import Activation
from chainrule.costs import Cost
from chainrule.explaining.letters import Label, Letters
from chainrule.explaining.rewriting import VALUES
from chainrule.explaining.witness import Witness
from chainrule.notation import Key

Table = dict[str, Any]
EVERY = ("z", "a", "w", "b", "delta", "nabla_a", "nabla_w", "nabla_b")


class Names:
    """The names of one network's lines: of whole matrices, of the components of one example."""

    def __init__(self, witness: Witness, letters: Letters) -> None:
        self.witness, self.letters, self.a = witness, letters, witness.a
        self.matrices, self.components = cache(self._matrices), cache(self._components)
        self.derivatives, self.by_parameters = cache(witness.derivatives), cache(witness.by_parameters)
        self.z_by_weights = cache(witness.z_by_weights)

    def shown(self, symbol: str, value: np.ndarray) -> np.ndarray:
        """A matrix as it is by the convention."""
        value = -value if symbol == "delta" and self.letters.adds else value
        return value.T if self.letters.rows else value

    def labels(self, l: int) -> list[tuple[int, Label]]:
        """Each layer as it is printed by number, and those next to layer l by letter."""
        near = [(l + n, self.letters.label(None).plus(n)) for n in (-1, 0, 1) if 1 <= l + n <= self.a.L]
        return [(k, self.letters.label(k)) for k in range(1, self.a.L + 1)] + near

    def text(self, symbol: str, at: Label) -> str:
        """A name as it is printed."""
        return self.letters.name(symbol, at)[1]

    # -------------------------------------------------------------------------------------------------- matrices

    def _matrices(self, l: int) -> Table:
        """The matrices of a mini-batch, and what belongs to layer l."""
        values, found = self.witness.values, self._functions(l)
        for k, at in self.labels(l):
            found |= {self.text(s, at): self.shown(s, values[Key(s, k)]) for s in EVERY if Key(s, k) in values}
            for of in ("w", "b") if k > 1 else ():
                if Key(of, k) in values:
                    gradient = self.shown(of, values[Key(f"nabla_{of}", k)])
                    found[f"∂C/∂{self.text(of, at)}"] = gradient if of == "w" else gradient.ravel()
        y, cost_x = (self.shown(s, values[Key(s, 0)]) for s in ("y", "cost_x"))
        return found | {"y": y, "Cₓ": cost_x, "C": float(np.sum(cost_x))}

    def _functions(self, l: int) -> Table:
        """The functions of layer l, of whole matrices and of single numbers, and constants."""
        found: Table = {**VALUES, "m": float(self.witness.values[Key("a", 1)].shape[1])}
        found[self.a.cost.name] = _on_numbers(self.a.cost)
        found["𝒞′"] = _turned(self.a.cost.prime, self.letters.rows)
        if l > 1:
            sigma, turned = self.a.sigma(l), self.letters.rows
            found["σ"] = _turned(sigma, turned)
            found["σ′"] = _turned(lambda z: sigma.prime(z, sigma(z)), turned)
            found["I"] = np.eye(self.a.neurons(l))
            for row in sigma.neurons or (sigma,):
                found[row.name] = _turned(row, turned)
                found[f"{row.name}_slope"] = _turned(lambda z, a, row=row: row.prime(z, a), turned)
        return found

    def of_neuron(self, row: Activation) -> Table:
        """The functions of one neuron."""
        return {"σⱼ": _turned(row, False), "σ′ⱼ": _turned(lambda z: row.prime(z, row(z)), False)}

    # ------------------------------------------------------------------------------------------------ components

    def _components(self, l: int, x: int) -> Table:
        """The numbers of one example, with layer l's neighbours by letter."""
        values, found = self.witness.values, self._functions(l)
        for k, at in self.labels(l):
            for s in ("z", "a", "delta"):
                if Key(s, k) in values:
                    found[self.text(s, at)] = (-1 if s == "delta" and self.letters.adds else 1) * values[Key(s, k)][:, x]
            found |= self._parameters(k, at, x)
            found |= self._partials(k, at, x)
        y, cost_x = values[Key("y", 0)][:, x], float(values[Key("cost_x", 0)][0, x])
        return found | {"y": y, "Cₓ": cost_x}

    def _parameters(self, k: int, at: Label, x: int) -> Table:
        """The weights and biases into layer k, and the derivatives by them."""
        found: Table = {}
        for of in ("w", "b"):
            if Key(of, k) not in self.witness.values:
                continue
            name, by_cost = self.text(of, at), self.by_parameters(of, k)[..., x]
            found[name] = self._of(of, self.witness.values[Key(of, k)])
            found[f"∂Cₓ/∂{name}"] = self._of(of, by_cost)
        if k > 1:
            z, turned = self.text("z", at), self.z_by_weights(k)[..., x]
            found[f"∂{z}/∂{self.text('w', at)}"] = turned.swapaxes(1, 2) if self.letters.rows else turned
            found[f"∂{z}/∂{self.text('b', at)}"] = np.eye(self.a.neurons(k))
        return found

    def _of(self, of: str, value: np.ndarray) -> np.ndarray:
        """A parameter as its components are counted: biases have one index."""
        return value.ravel() if of == "b" else value.T if self.letters.rows else value

    def _partials(self, k: int, at: Label, x: int) -> Table:
        """The derivatives by the z and a of layer k."""
        found: Table = {}
        for s in ("z", "a") if k > 1 else ():
            by, name = self.derivatives(s, k), self.text(s, at)
            found[f"∂Cₓ/∂{name}"] = by["cost_x"][0, :, x]
            if s == "z":
                found[f"∂{self.text('a', at)}/∂{name}"] = by["a"][..., x]
            if "z_next" in by:
                found[f"∂{self.text('z', at.plus(1))}/∂{name}"] = by["z_next"][..., x]
        return found


def _turned(function: Any, turned: bool) -> Any:
    """A function of matrices whose columns are examples, also of their transposes and of single numbers."""

    def of_any(*operands: Any) -> Any:
        if np.ndim(operands[0]) == 0:
            return float(function(*(np.full((1, 1), float(x)) for x in operands))[0, 0])
        return function(*(x.T for x in operands)).T if turned else function(*operands)

    return of_any


def _on_numbers(cost: Cost) -> Any:
    """A cost of single numbers."""
    return lambda a, y: float(np.asarray(cost(np.full((1, 1), float(a)), np.full((1, 1), float(y))))[0, 0])
