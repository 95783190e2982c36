"""Matrix products of a step: by tiles in registers where the product is small, by BLAS where it is large.

Every array is one-dimensional and row by row, with examples in rows. Three kinds of product occur, named by what they are for:

    forward    out[i, j] = sum_k a[i, k] w[j, k]                  FP1
    backward   out[i, k] = sum_j delta[i, j] w[j, k]              BP2
    gradient   out[j, k] = keep out[j, k] + factor sum_i delta[i, j] a[i, k]    BP4
"""

from __future__ import annotations

from dataclasses import dataclass

SHORT = 48  # forward sums of fewer terms than this go faster with the weights transposed first


@dataclass(frozen=True)
class Plan:
    """How a program is to be printed.

    Parameters
    ----------
    parts : int
        Into how many parts the work of a phase is split, at most; 1 for small work, which one thread does.
    blas : int
        Multiplications of a product from which on BLAS is faster than tiles.
    narrow, width : int
        The fewest neurons in a part of a product by tiles, and by BLAS.
    """

    parts: int = 1
    blas: int = 2**62
    narrow: int = 16
    width: int = 128


@dataclass(frozen=True)
class Product:
    """One product.

    Parameters
    ----------
    kind : str
        ``"forward"``, ``"backward"`` or ``"gradient"``.
    out, left, right : str
        Names of arrays.
    rows, columns, depth : int
        Shape of the result; number of terms in each sum.
    factor, keep : str
        Texts of scalars.
    """

    kind: str
    out: str
    left: str
    right: str
    rows: int
    columns: int
    depth: int
    factor: str = "T(1.0)"
    keep: str = "T(0.0)"

    @property
    def is_short(self) -> bool:
        """Whether it is a forward product whose sums have few terms."""
        return self.kind == "forward" and self.depth < SHORT


def lines(p: Product, *, blas: bool, i: str, examples: int, j: str, neurons: int) -> list[str]:
    """The product, or its part from example i and neuron j on, as lines of the program."""
    out, left, right, depth = p.out, p.left, p.right, p.depth
    prefix = "blas_" if blas else ""
    if p.kind == "gradient":
        out, left = _from(out, j, p.columns), _from(left, j)
        sizes = f"{neurons}, {p.columns}, {depth}, {p.rows}"
        return [f"{prefix}gradient({out}, {left}, {right}, {sizes}, {p.factor}, {p.keep})"]
    out, left = _from(_from(out, i, p.columns), j), _from(left, i, depth)
    sizes = f"{examples}, {neurons}, {depth}, {p.columns}"
    if p.kind == "backward":
        return [f"{prefix}backward({out}, {left}, {_from(right, j)}, {sizes})"]
    if p.is_short and not blas:
        turned = _from("scratch", j)
        return [
            f"transpose({turned}, {_from(right, j, depth)}, {neurons}, {depth}, {p.columns})  # neurons side by side",
            f"backward({out}, {left}, {turned}, {sizes})",
        ]
    return [f"{prefix}forward({out}, {left}, {_from(right, j, depth)}, {sizes})"]


def parts_of(n: int, most: int, least: int) -> int:
    """Into how many equal parts of at least so many n things can be split."""
    return next((p for p in range(most, 1, -1) if n % p == 0 and n // p >= least), 1)


def _from(name: str, start: str, times: int = 1) -> str:
    """An array from an element on."""
    if start == "0":
        return name
    return f"beyond({name}, {start}{f' * {times}' if times != 1 else ''})"
