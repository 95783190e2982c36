"""Distortions in the compiled engine: Numba source text that computes what :mod:`chainrule.distortion` defines.

The engine pastes the text into its program, and gives it flat arrays to work in. ``random_words`` gives the bits of NumPy's
Philox, so it also draws the masks of dropout that :func:`chainrule.randomness.kept` defines.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import accumulate
from string import Template
from typing import Any

import numpy as np

from chainrule.distortion import AFFINE, PURPOSE, WORDS, Distortion, bells, spreads

LANES = 16  # stretches of memory begin at whole vectors, and rows fill them, so that the loops over them leave no rest
FASTMATH = frozenset({"reassoc", "contract", "nsz", "arcp"})  # not nnan, not ninf: what is not finite must show

RANDOM_WORDS = '''
@inner
def random_words(seed, purpose, epoch, step, first, out):
    """Fill out with random words of 64 bits: Philox(key=[seed, purpose], counter=[first, 0, step, epoch]).random_raw."""
    for start in range(0, out.size, 4):
        k0, k1 = np.uint64(seed), np.uint64(purpose)
        a, b, c, d = np.uint64(first + start // 4 + 1), np.uint64(0), np.uint64(step), np.uint64(epoch)
        for _ in range(10):  # rounds of Philox4x64-10 (Salmon et al. 2011)
            high_a, low_a = product(np.uint64(0xD2E7470EE14C6C93), a)
            high_c, low_c = product(np.uint64(0xCA5A826395121157), c)
            a, b, c, d = high_c ^ b ^ k0, low_c, high_a ^ d ^ k1, low_a
            k0, k1 = k0 + np.uint64(0x9E3779B97F4A7C15), k1 + np.uint64(0xBB67AE8584CAA73B)
        out[start] = a
        if start + 1 < out.size:
            out[start + 1] = b
        if start + 2 < out.size:
            out[start + 2] = c
        if start + 3 < out.size:
            out[start + 3] = d
'''

DISTORT = Template('''

@inner
def distort(source, target, seed, epoch, step, i, tables, u, work, words):
    """Distort the picture of example i of this step; source and target may be the same row."""
    ROWS, COLUMNS, NODE_ROWS, NODE_COLUMNS = $ROWS, $COLUMNS, $NODE_ROWS, $NODE_COLUMNS
    PADDED, FRAMED = $PADDED, $FRAMED  # numbers in a row of work memory, pixels in a row of the framed picture
    SPREADS, DOWN, ALONG = $TABLES  # where they begin in the tables
    HALF, MOVED, BEYOND, FRAME = $WORK  # where they begin in the work memory

    random_words(seed, $PURPOSE, epoch, step, i * $BLOCKS, words[: 4 * $BLOCKS])
    for quarter in range(4):  # of each word: 16 bits, uniform in (-1, 1)
        for j in range(4 * $BLOCKS):
            u[quarter * 4 * $BLOCKS + j] = (T(np.int16(words[j] >> np.uint64(16 * quarter))) + T(0.5)) * T(1 / 32768)

    # The elastic part, first half: the bells along the columns, for each row of nodes and both directions.
    for k in range(2 * NODE_ROWS):
        for c in range(PADDED):
            total = T(0)
            for l in range(NODE_COLUMNS):
                total += u[$AFFINE + k * NODE_COLUMNS + l] * tables[ALONG + l * PADDED + c]
            work[HALF + k * PADDED + c] = total

    # The affine part: (y, x) is read at middle + shift + [[yr, yc], [xr, xc]] (row, column), both from the middle.
    angle, shear = tables[SPREADS + 0] * u[0], tables[SPREADS + 3] * u[3]
    low, thin = T(1) / (T(1) + tables[SPREADS + 1] * u[1]), T(1) / (T(1) + tables[SPREADS + 2] * u[2])
    cos, sin = T(math.cos(angle)), T(math.sin(angle))
    yr, yc = cos * low - sin * thin * shear, -sin * thin
    xr, xc = sin * low + cos * thin * shear, cos * thin
    middle_row, middle_column = T((ROWS - 1) / 2), T((COLUMNS - 1) / 2)
    y_first = middle_row + T(1) + tables[SPREADS + 4] * u[4] - yr * middle_row - yc * middle_column
    x_first = middle_column + T(1) + tables[SPREADS + 5] * u[5] - xr * middle_row - xc * middle_column

    # The picture in a frame of zeros, one pixel above and left, two below and right: no reading goes outside.
    for k in range((ROWS + 3) * FRAMED):
        work[FRAME + k] = T(0)
    for r in range(ROWS):
        for c in range(COLUMNS):
            work[FRAME + (r + 1) * FRAMED + c + 1] = source[r * COLUMNS + c]

    for r in range(ROWS):
        for c in range(2 * PADDED):  # the elastic part, second half: the bells along the rows
            total = T(0)
            for k in range(NODE_ROWS):
                total += tables[DOWN + r * NODE_ROWS + k] * work[HALF + k * 2 * PADDED + c]
            work[MOVED + c] = total
        y_row, x_row = y_first + yr * T(r), x_first + xr * T(r)
        for c in range(PADDED):  # where each pixel is read: the corner above and left of it, and the part beyond
            y = min(max(y_row + yc * T(c) + work[MOVED + c], T(0)), T(ROWS + 1))
            x = min(max(x_row + xc * T(c) + work[MOVED + PADDED + c], T(0)), T(COLUMNS + 1))
            top, left = np.int32(y), np.int32(x)
            work[BEYOND + c], work[BEYOND + PADDED + c] = y - T(top), x - T(left)
            words[c] = np.uint64(np.int32(FRAME) + top * np.int32(FRAMED) + left)
        for c in range(COLUMNS):  # linear between the four pixels around the place
            k, y, x = words[c], work[BEYOND + c], work[BEYOND + PADDED + c]
            above, below = work[k], work[k + np.uint64(FRAMED)]
            above += x * (work[k + np.uint64(1)] - above)
            below += x * (work[k + np.uint64(FRAMED + 1)] - below)
            target[r * COLUMNS + c] = above + y * (below - above)
''')


def source(d: Distortion) -> str:
    """The text of ``distort(source, target, seed, epoch, step, i, tables, u, work, words)``, after RANDOM_WORDS.

    ``source`` and ``target`` are rows of pixels, and i is the example's place in the mini-batch; ``tables`` come from
    :func:`tables`, and ``u``, ``work`` and ``words`` have the sizes of :func:`room`. The text depends on the shape and on
    sigma; the other strengths are in the tables, so that they need no new compilation. In ``work`` all places are constants
    apart, so that LLVM sees that what a loop reads and writes does not meet; for ``u`` they would not be.
    """
    return DISTORT.substitute(
        ROWS=d.shape[0],
        COLUMNS=d.shape[1],
        NODE_ROWS=d.nodes[0],
        NODE_COLUMNS=d.nodes[1],
        PADDED=_whole(d.shape[1]),
        FRAMED=d.shape[1] + 3,
        TABLES=", ".join(map(str, _starts(table.size for table in _tables(d))[:-1])),
        WORK=", ".join(map(str, _starts(_work(d))[:-1])),
        PURPOSE=PURPOSE,
        BLOCKS=d.blocks,
        AFFINE=AFFINE,
    )


def tables(d: Distortion, dtype: Any) -> np.ndarray:
    """The strengths and the bells as one flat array, which all threads may read."""
    return np.concatenate([np.pad(table.ravel(), (0, _whole(table.size) - table.size)) for table in _tables(d)]).astype(
        dtype
    )


def room(d: Distortion) -> tuple[int, int, int]:
    """The sizes of ``u`` and ``work``, of floats, and ``words``, of 64 bits; each thread has its own, holding anything."""
    words = WORDS * d.blocks
    return 4 * words, _starts(_work(d))[-1], max(words, _whole(d.shape[1]))


def namespace(dtype: Any) -> dict[str, Any]:
    """The names that the text uses: ``T``, a number of this float type; ``inner``, which compiles; ``product``; modules."""
    import numba

    inner = numba.njit(fastmath=set(FASTMATH), error_model="numpy", forceinline=True)
    return {"np": np, "math": math, "T": numba.from_dtype(np.dtype(dtype)), "inner": inner, "product": _product()}


def _tables(d: Distortion) -> tuple[np.ndarray, ...]:
    down, along = bells(d)
    return spreads(d), down, np.pad(along.T, [(0, 0), (0, _whole(len(along)) - len(along))])


def _work(d: Distortion) -> tuple[int, ...]:
    """The sizes of HALF, MOVED, BEYOND and FRAME."""
    (rows, columns), wide = d.shape, _whole(d.shape[1])
    return 2 * d.nodes[0] * wide, 2 * wide, 2 * wide, (rows + 3) * (columns + 3)


def _starts(sizes: Iterable[int]) -> list[int]:
    """Where stretches of a flat array begin, and where the last one ends."""
    return list(accumulate(map(_whole, sizes), initial=0))


def _whole(n: int) -> int:
    return -(-n // LANES) * LANES


def _product() -> Any:
    """The whole product of two words of 64 bits, as a Numba function: the high word and the low word."""
    import numba
    from llvmlite import ir
    from numba.extending import intrinsic

    kinds: Any = numba.types
    word, wide = ir.IntType(64), ir.IntType(128)

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, b = (builder.zext(argument, wide) for argument in arguments)
        both = builder.mul(a, b)
        high = builder.trunc(builder.lshr(both, ir.Constant(wide, 64)), word)
        return context.make_tuple(builder, signature.return_type, (high, builder.trunc(both, word)))

    @intrinsic
    def product(typing: Any, a: Any, b: Any) -> Any:  # noqa: ARG001  Numba counts them
        return kinds.UniTuple(kinds.uint64, 2)(kinds.uint64, kinds.uint64), lower

    return product
