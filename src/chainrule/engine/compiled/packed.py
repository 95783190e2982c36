"""Large matrix products: the right operand is first copied, a panel at a time, to where its rows lie side by side.

A tile then reads the panel from one end to the other, from the cache and from few pages of memory, however wide the
matrix is. The functions are those of :mod:`kernels` with ``room`` for what is copied as last operand:

    packed_forward(out, left, right, rows, columns, depth, stride, room)
    packed_backward(out, left, right, rows, columns, depth, stride, room)
    packed_gradient(out, left, right, rows, columns, depth, stride, factor, keep, room)
"""

from __future__ import annotations

from typing import Any

from chainrule.engine.compiled.kernels import Tiles, block

DEPTH = 512  # terms of a panel: with 64 columns it fills an eighth of a second-level cache
ROOM = DEPTH * 128  # numbers of the largest panel: eight vectors of the widest kind


def room(kind: str, rows: int, depth: int) -> int:
    """How many numbers a product needs room for."""
    return ROOM + (rows * depth if kind == "gradient" and depth <= DEPTH else 0)


def namespace(dtype: str, width: int, registers: int) -> dict[str, Any]:
    """The three functions for a scalar type; ``width`` numbers are one vector, of which the processor holds so many."""
    import numba
    from numba.extending import intrinsic

    number = getattr(numba.types, dtype)

    def shaped(kind: str, kinds: Any) -> Any:
        sizes = [k.literal_value for k in kinds[3:7]]
        scalars = len(kinds) - 8

        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            arrays = [*zip(kinds[:3], values[:3], strict=True), (kinds[-1], values[-1])]
            pointers = [context.make_array(k)(context, builder, value).data for k, value in arrays]
            _product(Tiles(builder, dtype, width, registers), kind, pointers, sizes, values[7:-1])
            return context.get_dummy_value()

        return numba.types.void(*kinds[:7], *[number] * scalars, kinds[-1]), build

    def packed_forward(typing, out, left, right, rows, columns, depth, stride, panel):  # type: ignore[no-untyped-def]  # noqa: ARG001
        return shaped("forward", (out, left, right, rows, columns, depth, stride, panel))

    def packed_backward(typing, out, left, right, rows, columns, depth, stride, panel):  # type: ignore[no-untyped-def]  # noqa: ARG001
        return shaped("backward", (out, left, right, rows, columns, depth, stride, panel))

    def packed_gradient(typing, out, left, right, rows, columns, depth, stride, factor, keep, panel):  # type: ignore[no-untyped-def]  # noqa: ARG001
        return shaped("gradient", (out, left, right, rows, columns, depth, stride, factor, keep, panel))

    return {f.__name__: intrinsic(prefer_literal=True)(f) for f in (packed_forward, packed_backward, packed_gradient)}


def _product(t: Tiles, kind: str, arrays: list[Any], sizes: list[int], scales: Any) -> None:
    """One of the three products, panel by panel."""
    rows, columns, depth, stride = sizes
    # how far apart are: rows of the result, rows and terms of the left operand, rows of the right one
    steps = {
        "forward": (stride, depth, 1, depth),
        "backward": (stride, depth, 1, stride),
        "gradient": (columns, 1, stride, columns),
    }[kind]
    high, wide = block(rows, columns, depth, t.width, t.registers)
    spread = tuple(t.spread(x) for x in scales)
    first = min(depth, DEPTH)
    if kind == "gradient" and depth <= DEPTH:
        steps = _side_by_side(t, arrays, rows, depth, steps, high)

    def columns_from(c: Any, size: int) -> None:
        panel = Panel(t, arrays, steps, wide * t.width, c, size, turned=kind == "forward", scales=spread)
        panel.add(t.constant(0), first, rows, high, fresh=True)
        t.tiled(depth - first, DEPTH, lambda d, n: panel.add(t.plus(d, first), n, rows, high, fresh=False))

    t.tiled(columns, wide * t.width, columns_from)


def _side_by_side(
    t: Tiles, arrays: list[Any], rows: int, depth: int, steps: tuple[int, int, int, int], high: int
) -> tuple[int, int, int, int]:
    """The left operand of a gradient, which is read down its columns, copied in the order in which tiles read it."""
    source, target = arrays[1], t.at(arrays[3], t.constant(ROOM))

    def tile(r: Any, h: int) -> None:
        def term(d: Any, _: list[Any]) -> list[Any]:
            numbers = t.load(t.at(source, t.plus(t.times(d, steps[2]), r)), h)
            t.store(numbers, t.at(target, t.plus(t.times(r, depth), t.times(d, h))), h)
            return []

        t.loop(depth, 1, [], term)

    t.tiled(rows, high, tile)
    arrays[1] = target
    return steps[0], depth, 0, steps[3]  # 0: as many as the tile has rows


class Panel:
    """Some columns of the right operand, and what they add to the result."""

    def __init__(
        self, t: Tiles, arrays: list[Any], steps: tuple[int, int, int, int], width: int, c: Any, size: int, *,
        turned: bool, scales: Any,
    ) -> None:  # fmt: skip
        self.t, (self.out, self.left, self.right, self.panel), self.steps = t, arrays, steps
        self.width, self.c, self.turned, self.scales = width, c, turned, scales
        self.parts = [(k, min(t.width, size - k)) for k in range(0, size, t.width)]

    def add(self, d: Any, terms: int, rows: int, high: int, *, fresh: bool) -> None:
        """So many terms of every sum, from term d on."""
        if self.turned:
            self._turn(d, terms)
        else:
            self._copy(d, terms)
        self.t.tiled(rows, high, lambda r, h: self._tile(r, h, d, terms, fresh=fresh))

    def _copy(self, d: Any, terms: int) -> None:
        """Rows of the right operand, side by side."""
        t = self.t

        def row(k: Any, _: list[Any]) -> list[Any]:
            source = t.at(self.right, t.plus(t.times(t.plus(d, k), self.steps[3]), self.c))
            target = t.at(self.panel, t.times(k, self.width))
            for start, n in self.parts:
                t.store(t.load(t.at(source, t.constant(start)), n), t.at(target, t.constant(start)), t.width)
            return []

        t.loop(terms, 1, [], row)

    def _turn(self, d: Any, terms: int) -> None:
        """Columns of the right operand as rows: squares of one vector by one vector, turned in registers."""
        t = self.t

        def square(k: Any, n: int) -> None:
            for start, count in self.parts:
                place = t.plus(self.c, start)
                starts = [
                    t.at(self.right, t.plus(t.plus(t.times(t.plus(place, j), self.steps[3]), d), k)) for j in range(count)
                ]
                vectors = [t.load(p, n) for p in starts] + [t.zero()] * (t.width - count)
                for q, vector in enumerate(turned(t, vectors)[:n]):
                    t.store(vector, t.at(self.panel, t.plus(t.times(t.plus(k, q), self.width), start)), t.width)

        t.tiled(terms, t.width, square)

    def _tile(self, r: Any, h: int, d: Any, terms: int, *, fresh: bool) -> None:
        t, (out_row, left_row, left_term, _), n = self.t, self.steps, len(self.parts)
        if left_term:
            firsts = [t.at(self.left, t.plus(t.times(t.plus(r, i), left_row), t.times(d, left_term))) for i in range(h)]
        else:
            left_term, firsts = h, [t.at(self.left, t.plus(t.times(r, left_row), i)) for i in range(h)]

        def term(k: Any, sums: list[Any]) -> list[Any]:
            row = t.at(self.panel, t.times(k, self.width))
            vectors = [t.load(t.at(row, t.constant(start)), t.width) for start, _ in self.parts]
            found = []
            for i in range(h):
                x = t.spread(t.builder.load(t.at(firsts[i], t.times(k, left_term)), typ=t.number))
                found += [t.fma(x, y, sums[i * n + q]) for q, y in enumerate(vectors)]
            return found

        sums = t.loop(terms, 1, [t.zero()] * (h * n), term)
        for i in range(h):
            row = t.at(self.out, t.plus(t.times(t.plus(r, i), out_row), self.c))
            for q, (start, count) in enumerate(self.parts):
                self._put(sums[i * n + q], t.at(row, t.constant(start)), count, fresh=fresh)

    def _put(self, value: Any, place: Any, count: int, *, fresh: bool) -> None:
        """Sums into the result: in place of what is there, scaled, or on top of the terms before."""
        t = self.t
        if self.scales:
            old = t.load(place, count)
            value = t.fma(self.scales[0], value, t.kept(self.scales[1], old) if fresh else old)
        elif not fresh:
            value = t.builder.fadd(value, t.load(place, count))
        t.store(value, place, count)


def turned(t: Tiles, rows: list[Any]) -> list[Any]:
    """A square of vectors with rows and columns exchanged: halves, then quarters ... change places."""
    order, half = t.ir.VectorType(t.ir.IntType(32), t.width), t.width // 2
    while half:
        found = list(rows)
        for i in (i for i in range(t.width) if not i & half):
            upper = [k if not k & half else k - half + t.width for k in range(t.width)]
            lower = [k + half if not k & half else k + t.width for k in range(t.width)]
            for at, picked in ((i, upper), (i + half, lower)):
                found[at] = t.builder.shuffle_vector(rows[i], rows[i + half], t.ir.Constant(order, picked))
        rows, half = found, half // 2
    return rows
