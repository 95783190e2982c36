"""Matrix products of a step: which way of computing each is the fastest for its size.

Every array is one-dimensional and row by row, with examples in rows. Three kinds of product occur, named by what they
are for:

    forward    out[i, j] = sum_k a[i, k] w[j, k]                  FP1
    backward   out[i, k] = sum_j delta[i, j] w[j, k]              BP2
    gradient   out[j, k] = keep out[j, k] + factor sum_i delta[i, j] a[i, k]    BP4

Each has two forms: as it is (:mod:`kernels`), and with the right operand copied into panels first (:mod:`packed`). Both
were measured to be as fast as a BLAS library on its own ground, and several times faster on small matrices, so none is
called.
"""

from __future__ import annotations

from dataclasses import dataclass

LANES = 16  # of a vector, as the estimates below count them
# Cycles of a processor with vectors of 512 bits, fitted to measurements from [2, 8, 10] to [2048, 2048, 256].
TERM, TOTAL, TURNED = 1.05, 3.5, 0.35  # of a vector of products, of adding up one vector, of copying one number
WIDE, DEEP, HIGH = 256, 128, 64  # backward and gradient: columns, terms and rows from which on panels are faster


@dataclass(frozen=True)
class Plan:
    """How a program is to be printed.

    Parameters
    ----------
    parts : int
        Into how many parts the work of a phase is split, at most; 1 for small work, which one thread does.
    narrow : int
        The fewest neurons in a part of a product.
    in_turn : bool
        Whether a thread that is free takes the next part: one that another program disturbs then does fewer. Otherwise
        each thread always does the same parts, which are still in its cache where they are small.
    """

    parts: int = 1
    narrow: int = 32
    in_turn: bool = False


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


def lines(p: Product, *, i: str, examples: int, j: str, neurons: int) -> list[str]:
    """The product, or its part from example i and neuron j on, as lines of the program."""
    out, left, right, depth = p.out, p.left, p.right, p.depth
    if p.kind == "gradient":
        out, left = _from(out, j, p.columns), _from(left, j)
        rows, columns, stride, scales = neurons, p.columns, p.rows, f", {p.factor}, {p.keep}"
    else:
        out, left = _from(_from(out, i, p.columns), j), _from(left, i, depth)
        right = _from(right, j, depth if p.kind == "forward" else 1)
        rows, columns, stride, scales = examples, neurons, p.columns, ""
    name, more = (f"packed_{p.kind}", ", panel") if is_packed(p.kind, rows, columns, depth) else (p.kind, "")
    return [f"{name}({out}, {left}, {right}, {rows}, {columns}, {depth}, {stride}{scales}{more})"]


def is_packed(kind: str, rows: int, columns: int, depth: int) -> bool:
    """Whether copying the right operand first is faster."""
    if kind != "forward":
        return columns >= WIDE and depth >= DEEP and rows >= HIGH
    vectors = -(-columns // LANES)
    sums = rows * columns * (-(-depth // LANES) * TERM + TOTAL)
    return sums > vectors * depth * (rows * TERM + LANES * TURNED)


def parts_of(n: int, most: int, least: int) -> int:
    """Into how many equal parts of at least so many n things can be split."""
    return next((p for p in range(most, 1, -1) if n % p == 0 and n // p >= least), 1)


def _from(name: str, start: str, times: int = 1) -> str:
    """An array from an element on."""
    if start == "0":
        return name
    return f"beyond({name}, {start}{f' * {times}' if times != 1 else ''})"
