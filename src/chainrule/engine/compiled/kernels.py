"""Small matrix products as vector instructions: tiles of the result stay in registers while their terms are added up.

Compilers turn loops into vector instructions by rules of thumb, and stop where a loop is not simple enough. These three are
written in LLVM's own language instead, with the width of the machine's vectors and masks for what is left over at the edge.
In a program they are called by name, with sizes as plain numbers:

    forward(out, left, right, rows, columns, depth, stride)                  out[i, j] = sum_k left[i, k] right[j, k]
    backward(out, left, right, rows, columns, depth, stride)                 out[i, k] = sum_j left[i, j] right[j, k]
    gradient(out, left, right, rows, columns, depth, stride, factor, keep)
                                                    out[j, k] = keep out[j, k] + factor sum_i left[i, j] right[i, k]

``stride`` is how far apart rows of ``out`` (forward, backward) or of ``left`` (gradient) are, where a part is computed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SHALLOW = 16  # terms of a sum, for which tiles of the result are one vector wide


def namespace(dtype: str, width: int, registers: int) -> dict[str, Any]:
    """The three functions for a scalar type; ``width`` numbers are one vector, of which the processor holds so many."""
    import numba
    from numba.extending import intrinsic

    number = getattr(numba.types, dtype)

    def shaped(form: Callable[..., None], scalars: int) -> Any:
        def typed(typing: Any, *kinds: Any) -> Any:  # noqa: ARG001  Numba passes it by position
            sizes = [kind.literal_value for kind in kinds[3:7]]
            signature = numba.types.void(*kinds[:7], *[number] * scalars)

            def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
                arrays = zip(kinds[:3], values[:3], strict=True)
                pointers = [context.make_array(kind)(context, builder, value).data for kind, value in arrays]
                form(Tiles(builder, dtype, width, registers), *pointers, *sizes, *values[7:])
                return context.get_dummy_value()

            return signature, build

        return typed

    def forward(typing, out, left, right, rows, columns, depth, stride):  # type: ignore[no-untyped-def]
        return shaped(_forward, 0)(typing, out, left, right, rows, columns, depth, stride)

    def backward(typing, out, left, right, rows, columns, depth, stride):  # type: ignore[no-untyped-def]
        return shaped(_backward, 0)(typing, out, left, right, rows, columns, depth, stride)

    def gradient(typing, out, left, right, rows, columns, depth, stride, factor, keep):  # type: ignore[no-untyped-def]
        return shaped(_gradient, 2)(typing, out, left, right, rows, columns, depth, stride, factor, keep)

    return {f.__name__: intrinsic(prefer_literal=True)(f) for f in (forward, backward, gradient)}


@dataclass
class Tiles:
    """Writes vector instructions and loops with LLVM's builder."""

    builder: Any
    dtype: str
    width: int
    registers: int

    def __post_init__(self) -> None:
        from llvmlite import ir

        self.ir, self.number = ir, ir.FloatType() if self.dtype == "float32" else ir.DoubleType()
        self.vector = ir.VectorType(self.number, self.width)
        self.word, self.bit = ir.IntType(64), ir.VectorType(ir.IntType(1), self.width)
        self.bytes = 4 if self.dtype == "float32" else 8

    def constant(self, n: int) -> Any:
        """A whole number."""
        return self.ir.Constant(self.word, n)

    def plus(self, x: Any, n: Any) -> Any:
        """A sum of whole numbers."""
        return self.builder.add(x, self.constant(n) if isinstance(n, int) else n, flags=("nuw", "nsw"))

    def times(self, x: Any, n: int) -> Any:
        """A product of whole numbers."""
        return self.builder.mul(x, self.constant(n), flags=("nuw", "nsw"))

    def at(self, pointer: Any, offset: Any) -> Any:
        """The address of an element."""
        return self.builder.gep(pointer, [offset], inbounds=True, source_etype=self.number)

    def zero(self) -> Any:
        """A vector of zeros."""
        return self.ir.Constant(self.vector, [0.0] * self.width)

    def mask(self, n: int) -> Any:
        """The first n of a vector."""
        return self.ir.Constant(self.bit, [k < n for k in range(self.width)])

    def load(self, pointer: Any, n: int) -> Any:
        """The first n numbers from here on as a vector; zeros beyond."""
        if n == self.width:
            return self.builder.load(pointer, typ=self.vector, align=self.bytes)
        load = self._declared("llvm.masked.load", self.vector, [pointer.type, self.bit, self.vector])
        return self.builder.call(load, [pointer, self.mask(n), self.zero()])

    def store(self, value: Any, pointer: Any, n: int) -> None:
        """The first n numbers of a vector into memory."""
        if n == self.width:
            self.builder.store(value, self.builder.bitcast(pointer, self.vector.as_pointer()), align=self.bytes)
            return
        store = self._declared("llvm.masked.store", self.ir.VoidType(), [self.vector, pointer.type, self.bit])
        self.builder.call(store, [value, pointer, self.mask(n)])

    def spread(self, x: Any) -> Any:
        """A vector of equal numbers."""
        small, nothing = self.ir.IntType(32), self.ir.Constant(self.vector, self.ir.Undefined)
        one = self.builder.insert_element(nothing, x, self.ir.Constant(small, 0))
        return self.builder.shuffle_vector(one, nothing, self.ir.Constant(self.ir.VectorType(small, self.width), None))

    def fma(self, x: Any, y: Any, z: Any) -> Any:
        """The value of x y + z, rounded once."""
        fma = self._declared("llvm.fma", self.vector, [self.vector] * 3, "")
        return self.builder.call(fma, [x, y, z])

    def total(self, x: Any) -> Any:
        """The sum of a vector's numbers: halves added to halves."""
        width = self.width
        while width > 1:
            half = width // 2
            order = self.ir.VectorType(self.ir.IntType(32), half)
            low = self.builder.shuffle_vector(x, x, self.ir.Constant(order, list(range(half))))
            high = self.builder.shuffle_vector(x, x, self.ir.Constant(order, list(range(half, width))))
            x, width = self.builder.fadd(low, high), half
        return self.builder.extract_element(x, self.ir.Constant(self.ir.IntType(32), 0))

    def kept(self, share: Any, old: Any) -> Any:
        """A share of what the result held; of nothing, 0: what is there may be left over from a step that diverged."""
        nothing = self.builder.fcmp_ordered("==", share, self.zero())
        return self.builder.select(nothing, self.zero(), self.builder.fmul(share, old))

    def _declared(self, name: str, result: Any, kinds: list[Any], pointer: str = ".p0") -> Any:
        suffix = f".v{self.width}f{8 * self.bytes}{pointer}"
        kind = self.ir.FunctionType(result, kinds)
        from numba.core import cgutils

        declared: Any = cgutils.get_or_insert_function
        return declared(self.builder.module, kind, name + suffix)

    # ------------------------------------------------------------------------------------------------------- loops

    def loop(self, count: int, step: int, carried: list[Any], body: Callable[[Any, list[Any]], list[Any]]) -> list[Any]:
        """For an index from 0 below count; ``carried`` values go from turn to turn in registers."""
        if count <= 0:
            return carried
        b = self.builder
        before, inside, after = b.block, b.append_basic_block("turn"), b.append_basic_block("done")
        b.branch(inside)
        b.position_at_end(inside)
        index = b.phi(self.word)
        index.add_incoming(self.constant(0), before)
        held = [b.phi(x.type) for x in carried]
        for phi, x in zip(held, carried, strict=True):
            phi.add_incoming(x, before)
        results = body(index, list(held))
        following = self.plus(index, step)
        last = b.block
        index.add_incoming(following, last)
        for phi, x in zip(held, results, strict=True):
            phi.add_incoming(x, last)
        b.cbranch(b.icmp_signed("<", following, self.constant(count)), inside, after)
        b.position_at_end(after)
        return results

    def tiled(self, size: int, tile: int, body: Callable[[Any, int], None]) -> None:
        """Call for each tile its first index and its size: whole tiles in a loop, then what is left over."""
        whole = size // tile * tile

        def turn(index: Any, _: list[Any]) -> list[Any]:
            body(index, tile)
            return []

        if whole == tile:
            body(self.constant(0), tile)
        else:
            self.loop(whole, tile, [], turn)
        if whole < size:
            body(self.constant(whole), size - whole)


def _forward(t: Tiles, out: Any, left: Any, right: Any, rows: int, columns: int, depth: int, stride: int) -> None:
    """Sums along rows of both operands: a tile of them at once, the numbers of a vector added up at the end."""
    high, wide = _tile(rows, columns, t.registers)

    def columns_from(j: Any, w: int) -> None:
        def tile(i: Any, h: int) -> None:
            starts = [t.at(left, t.times(t.plus(i, r), depth)) for r in range(h)]
            others = [t.at(right, t.times(t.plus(j, c), depth)) for c in range(w)]

            def terms(k: Any, sums: list[Any], n: int = t.width) -> list[Any]:
                ws = [t.load(t.at(p, k), n) for p in others]
                found = []
                for r in range(h):
                    x = t.load(t.at(starts[r], k), n)
                    found += [t.fma(x, y, sums[r * w + c]) for c, y in enumerate(ws)]
                return found

            whole = depth // t.width * t.width
            sums = t.loop(whole, t.width, [t.zero()] * (h * w), terms)
            if whole < depth:
                sums = terms(t.constant(whole), sums, depth - whole)
            for r in range(h):
                row = t.at(out, t.plus(t.times(t.plus(i, r), stride), j))
                for c in range(w):
                    t.builder.store(t.total(sums[r * w + c]), t.at(row, t.constant(c)))

        t.tiled(rows, high, tile)

    t.tiled(columns, wide, columns_from)


def _tile(rows: int, columns: int, registers: int) -> tuple[int, int]:
    """The tile that leaves least over and loads least, among those whose sums fit into the registers."""
    tiles = [(i, j) for i in range(1, 9) for j in range(1, 13) if i * j + min(i, j) + 2 <= registers]

    def cost(tile: tuple[int, int]) -> float:
        high, wide = min(tile[0], rows), min(tile[1], columns)
        return -(-rows // high) * -(-columns // wide) * (high * wide + 0.8 * (high + wide))

    return min(tiles, key=cost)


def _backward(t: Tiles, out: Any, left: Any, right: Any, rows: int, columns: int, depth: int, stride: int) -> None:
    """Each row of the result: rows of the right operand, by the numbers in a row of the left one."""
    _sums(t, out, left, right, (rows, columns, depth), (stride, depth, 1, stride), None)


def _gradient(
    t: Tiles, out: Any, left: Any, right: Any, rows: int, columns: int, depth: int, stride: int, factor: Any, keep: Any
) -> None:
    """Likewise, by the numbers in a column of the left operand; on top of what the result holds."""
    _sums(t, out, left, right, (rows, columns, depth), (columns, 1, stride, columns), (t.spread(factor), t.spread(keep)))


def _sums(
    t: Tiles, out: Any, left: Any, right: Any, sizes: tuple[int, int, int], strides: tuple[int, int, int, int], scales: Any
) -> None:
    """out[r, c] = sum_d left(r, d) right[d, c], a few rows by a few vectors of columns at a time."""
    rows, columns, depth = sizes
    out_row, left_row, left_term, right_row = strides
    high, wide = block(rows, columns, depth, t.width, t.registers)

    def columns_from(c: Any, size: int) -> None:
        parts = [(k, min(t.width, size - k)) for k in range(0, size, t.width)]

        def tile(r: Any, h: int) -> None:
            firsts = [t.at(left, t.times(t.plus(r, i), left_row)) for i in range(h)]

            def term(d: Any, sums: list[Any]) -> list[Any]:
                row = t.at(right, t.plus(t.times(d, right_row), c))
                vectors = [t.load(t.at(row, t.constant(k)), n) for k, n in parts]
                found = []
                for i in range(h):
                    x = t.spread(t.builder.load(t.at(firsts[i], t.times(d, left_term)), typ=t.number))
                    found += [t.fma(x, y, sums[i * len(parts) + k]) for k, y in enumerate(vectors)]
                return found

            sums = t.loop(depth, 1, [t.zero()] * (h * len(parts)), term)
            for i in range(h):
                row = t.at(out, t.plus(t.times(t.plus(r, i), out_row), c))
                for k, (start, n) in enumerate(parts):
                    place, value = t.at(row, t.constant(start)), sums[i * len(parts) + k]
                    if scales:
                        value = t.fma(scales[0], value, t.kept(scales[1], t.load(place, n)))
                    t.store(value, place, n)

        t.tiled(rows, high, tile)

    t.tiled(columns, wide * t.width, columns_from)


def block(rows: int, columns: int, depth: int, width: int, registers: int) -> tuple[int, int]:
    """Rows, and vectors of columns, of a tile; one vector where there are few terms, and the result is most of the work."""
    vectors = 1 if depth <= SHALLOW else -(-columns // width)
    tiles = [(i, j) for i in range(1, 17) for j in range(1, 9) if i * j + j + 2 <= registers]

    def cost(tile: tuple[int, int]) -> float:
        high, wide = min(tile[0], rows), min(tile[1], vectors)
        return -(-rows // high) * -(-vectors // wide) * (high * wide + 0.7 * wide + 0.4 * high)

    return min(((min(i, rows), min(j, vectors)) for i, j in tiles), key=cost)
