"""Every error as one product of matrices: delta^l = Sigma'(z^l) (w^{l+1})^T ... Sigma'(z^L) grad_a C."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from chainrule.algebra.interval import as_interval
from chainrule.algebra.reading import evaluate
from chainrule.document import Line, Math
from chainrule.explaining.convention import Convention
from chainrule.explaining.figures import Lines, MisprintError, numeral, printed
from chainrule.explaining.letters import Letters
from chainrule.explaining.reverse import ReverseNetwork, ReversePass
from chainrule.network import Network

WIDEST = 4  # rows and columns of a matrix that is written out
LONGEST = 2  # layers of a chain that is written out with numbers
CLOSE = 1e-12  # a formula that is read back comes to what was computed, relative to the largest number


class Factor(NamedTuple):
    """One matrix of a chain: how it is written, and its numbers."""

    math: Math
    value: np.ndarray


@dataclass(frozen=True, eq=False)
class MatrixChain:
    """The chains of one example: for each layer the matrices whose product is its error.

    Attributes
    ----------
    reverse : ReverseNetwork
    run : ReversePass
        The errors, computed by the reverse network.
    example : int
    convention : Convention
    """

    reverse: ReverseNetwork
    run: ReversePass
    example: int = 0
    convention: Convention = Convention()  # noqa: RUF009  frozen

    def factors(self, l: int) -> list[Factor]:
        """The matrices of layer l, from left to right; the last is the column that the chain starts from.

        Examples
        --------
        >>> chain = matrix_chain(Network([2, 3, 1], seed=0), [0.5, -1.0], [1.0])
        >>> print(*(factor.math.text for factor in chain.factors(2)))
        Σ′(z²) (w³)ᵀ Σ′(z³) ∇a³ C
        """
        last = self.reverse.architecture.L
        found = [factor for k in range(l, last) for factor in (self._slopes(k), self._weights(k + 1))]
        if last in self.run.nabla_a:
            return [*found, self._slopes(last), self._column("nabla_a", self.run.nabla_a[last])]
        return [*found, self._column("delta", self.run.delta[last])]

    def product(self, l: int) -> np.ndarray:
        """The product of these matrices, taken from the right; shape (n^l, 1)."""
        return _multiplied([factor.value for factor in self.factors(l)])

    def size(self, l: int) -> float:
        """How large the product would be if nothing in it cancelled: what rounding is measured by."""
        return float(_multiplied([np.abs(factor.value) for factor in self.factors(l)]).max()) or 1.0

    def multiplications(self, l: int) -> tuple[int, int]:
        """How many multiplications the product takes from the right, and from the left."""
        shapes = [factor.value.shape for factor in self.factors(l)]
        right = sum(rows * columns for rows, columns in shapes[:-1])
        return right, sum(shapes[0][0] * rows * columns for rows, columns in shapes[1:])

    @property
    def error(self) -> float:
        """How far the products are from the errors that the reverse network gave, at most; relative to their sizes."""
        return max(float(np.abs(self.product(l) - self._error(l)).max()) / self.size(l) for l in self.run.delta)

    def _error(self, l: int) -> np.ndarray:
        return self.run.delta[l][:, [self.example]]

    # -------------------------------------------------------------------------------------------------------- lines

    def line(self, l: int) -> Line:
        """The chain of layer l in letters, read back."""
        factors = self.factors(l)
        right = Math(r" \, ".join(f.math.latex for f in factors), " ".join(f.math.text for f in factors))
        names = {
            f.math.text.removeprefix("(").removesuffix(")ᵀ"): f.value.T if "ᵀ" in f.math.text else f.value for f in factors
        }
        self._compare(right.text, evaluate(right.text, names), l)
        return Line(self.left(l), "=", right)

    def left(self, l: int) -> Math:
        """The error of the layer."""
        letters = Letters(self.convention)
        return Math(*letters.name("delta", letters.label(l)))

    def is_short(self, l: int) -> bool:
        """Whether all its matrices are small enough to be written out."""
        shapes = [factor.value.shape for factor in self.factors(l)]
        return self.reverse.architecture.L - l < LONGEST and max(map(max, shapes)) <= WIDEST

    def numbers(self, l: int) -> list[Line]:
        """The chain with its numbers, and what it comes to; both read back with every printed decimal as an interval."""
        matrices = [factor.value for factor in self.factors(l)]
        result = self._error(l)
        found: list[Line] = []
        for sign, listed in (("=", matrices), ("=", [result])):
            math = Math(r" \, ".join(self._latex(m) for m in listed), " ".join(self._text(m) for m in listed))
            figure = Lines(self.convention.digits).figure
            slack = CLOSE * self.size(l)
            for read, value in zip(np.ravel(evaluate(math.text, {}, number=figure)), result.ravel(), strict=True):
                interval = as_interval(read)
                if not interval.low - slack <= value <= interval.high + slack:
                    raise MisprintError(f"{math.text} reads as {interval!r}, and {value!r} was computed")
            found.append(Line(None if found else self.left(l), sign, math))
        return found

    def _compare(self, text: str, read: Any, l: int) -> None:
        wanted = self._error(l)
        if not np.all(np.abs(read - wanted) <= CLOSE * self.size(l)):
            raise MisprintError(f"{text} reads as {np.ravel(read)}, and {np.ravel(wanted)} was computed")

    def _text(self, matrix: np.ndarray) -> str:
        rows = (", ".join(numeral(x, self.convention.digits) for x in row) for row in matrix.tolist())
        return "[" + ", ".join(f"[{row}]" for row in rows) + "]"

    def _latex(self, matrix: np.ndarray) -> str:
        def entry(x: float) -> str:
            return ("-" if x < 0 else "") + printed(abs(x), self.convention.digits).latex

        rows = (" & ".join(map(entry, row)) for row in matrix.tolist())
        return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"

    # ------------------------------------------------------------------------------------------------------ factors

    def _slopes(self, l: int) -> Factor:
        letters = Letters(self.convention)
        latex, text = letters.name("z", letters.label(l))
        return Factor(Math(rf"\Sigma'({latex})", f"Σ′({text})"), self.reverse.matrix(l, self.example))

    def _weights(self, l: int) -> Factor:
        letters = Letters(self.convention)
        latex, text = letters.name("w", letters.label(l))
        return Factor(Math(rf"({latex})^{{T}}", f"({text})ᵀ"), self.reverse.weights[l])

    def _column(self, symbol: str, value: np.ndarray) -> Factor:
        letters = Letters(self.convention)
        name = Math(*letters.name(symbol, letters.label(self.reverse.architecture.L)))
        return Factor(name, value[:, [self.example]])


def _multiplied(matrices: list[np.ndarray]) -> np.ndarray:
    *rest, found = matrices
    for matrix in reversed(rest):
        found = matrix @ found
    return found


def matrix_chain(network: Network, x: Any, y: Any, *, example: int = 0) -> MatrixChain:
    """The chains of matrices of a network at an example.

    Parameters
    ----------
    network : Network
    x, y : array-like
        One example, or several of which ``example`` is looked at.
    example : int

    Returns
    -------
    MatrixChain

    Examples
    --------
    >>> chain = matrix_chain(Network([2, 3, 1], seed=0, dtype="float64"), [0.5, -1.0], [1.0])
    >>> chain.error < 1e-15, chain.multiplications(2)
    (True, (13, 15))
    """
    reverse = ReverseNetwork(network, x)
    return MatrixChain(reverse, reverse.errors(y), example)
