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
class Product:
    """One product, or a part of it.

    Parameters
    ----------
    kind : str
        ``"forward"``, ``"backward"`` or ``"gradient"``.
    out, left, right : str
        Names of arrays.
    rows, columns, depth : int
        Shape of the result that is computed; number of terms in each sum.
    stride : int
        How far apart the rows of ``out`` are (of ``left``, for gradient).
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
    stride: int
    factor: str = "T(1.0)"
    keep: str = "T(0.0)"

    @property
    def multiplications(self) -> int:
        """How many it takes."""
        return self.rows * self.columns * self.depth

    @property
    def is_short(self) -> bool:
        """Whether it is a forward product whose sums have few terms."""
        return self.kind == "forward" and self.depth < SHORT


def lines(p: Product, *, blas: bool) -> list[str]:
    """The product as lines of the program."""
    sizes = f"{p.rows}, {p.columns}, {p.depth}, {p.stride}"
    scales = f", {p.factor}, {p.keep}" if p.kind == "gradient" else ""
    name = f"blas_{p.kind}" if blas else p.kind
    if p.is_short and not blas:
        return [
            f"transpose(scratch, {p.right}, {p.columns}, {p.depth}, {p.stride})  # so that neighbouring neurons are one vector",
            f"backward({p.out}, {p.left}, scratch, {sizes})",
        ]
    return [f"{name}({p.out}, {p.left}, {p.right}, {sizes}{scales})"]
