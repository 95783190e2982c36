"""An argument set for each operation, or several: what the coverage table is measured with.

A row is ``(function, *operands)``, and at its end a dict of options where there are any. What is differentiated by are the
operands that are arrays, or lists of arrays; numbers, strings and whole arrays of whole numbers stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from operator import getitem
from typing import Any

import numpy as np

from chainrule.graph import trees

KINDS = ("elementwise", "shapes", "reductions", "products", "linalg", "fourier", "special")
# Functions that change an array in its place are in the table to say so; a histogram's counts have no derivative.
REFUSED = frozenset({np.copyto, np.fill_diagonal, np.place, np.put, np.put_along_axis, np.putmask, np.histogram})


def hermitian(function: Callable[..., Any]) -> Callable[..., Any]:
    """Of a function that looks at one triangle of a symmetric matrix: a function of both."""
    return lambda a: function((a + np.conj(np.swapaxes(a, -1, -2))) / 2)


def phased(vectors: Any) -> Any:
    """Columns of which only the direction counts, turned so that the first number of each is positive."""
    first = vectors[..., :1, :]
    return vectors * np.conj(first) / np.abs(first)


def with_phase(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that gives eigenvalues, and eigenvectors each up to a complex number of size 1."""

    def called(a: Any) -> Any:
        values, vectors = function(a)
        return values, phased(vectors)

    return called


def with_phases(a: Any, full_matrices: bool = False, compute_uv: bool = True) -> Any:
    """The singular value decomposition; u and vh are turned by the same numbers."""
    if not compute_uv:
        return np.linalg.svd(a, compute_uv=False)
    u, s, vh = np.linalg.svd(a, full_matrices)
    turned = phased(u)
    turn = np.sum(np.conj(turned) * u, axis=-2)
    return turned, s, turn[..., None] * vh


# How an operation is called, where that is not by its name, or where its result is not one smooth function of its operand.
CALLED: dict[Any, Callable[..., Any]] = {
    "getitem": getitem,
    "astype": lambda x, dtype: x.astype(dtype),
    np.linalg.cholesky: hermitian(np.linalg.cholesky),
    np.linalg.eigvalsh: hermitian(np.linalg.eigvalsh),
    np.linalg.eigh: hermitian(with_phase(np.linalg.eigh)),
    np.linalg.eig: with_phase(np.linalg.eig),
    np.linalg.svd: with_phases,
}


@dataclass(frozen=True)
class Example:
    """One call of an operation.

    Attributes
    ----------
    operation
        As the table of operations has it: a function, the name of an operator, or a ufunc with the name of its method.
    kind : str
    operands : tuple
    options : dict
    """

    operation: Any
    kind: str
    operands: tuple[Any, ...]
    options: dict[str, Any]

    def call(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """A function of the operands that it is differentiated by, and these."""
        key = self.operation
        function = getattr(*key) if isinstance(key, tuple) else CALLED.get(key, key)
        if self.kind == "special":
            function = getattr(import_module("chainrule.graph.special"), function.__name__)
        chosen = [k for k, x in enumerate(self.operands) if _varies(x)]

        def f(*values: Any) -> Any:
            operands = list(self.operands)
            for k, value in zip(chosen, values, strict=True):
                operands[k] = value
            return function(*operands, **self.options)

        return f, tuple(self.operands[k] for k in chosen)

    @property
    def is_complex(self) -> bool:
        """Whether an operand holds complex numbers."""
        return any(np.iscomplexobj(x) for x in trees.leaves(self.call()[1]))


def _varies(x: Any) -> bool:
    """Whether it is differentiated by: an array of floats, or a list of some."""
    leaves = trees.leaves(x)
    return bool(leaves) and all(isinstance(v, np.ndarray | np.generic) and v.dtype.kind in "fc" for v in leaves)


def examples() -> Iterator[Example]:
    """All of them; those of ``scipy.special`` where SciPy is installed."""
    for kind in KINDS:
        if kind == "special" and find_spec("scipy") is None:
            continue
        for key, *operands in import_module(f"chainrule.graph.examples.{kind}").ROWS:
            options = operands.pop() if operands and isinstance(operands[-1], dict) else {}
            yield Example(key, kind, tuple(operands), options)
