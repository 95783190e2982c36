"""What a printed program uses beside arithmetic: parts of arrays, mapped inputs, BLAS, and threads waiting for each other."""

from __future__ import annotations

from typing import Any

GEMM = {"float32": "chainrule_sgemm", "float64": "chainrule_dgemm"}  # the names that BLAS has in machine code
SPINS = 4096  # looks at the others before the processor is offered to another program


def namespace(dtype: str, kept: str = "") -> dict[str, Any]:
    """The functions for programs of one scalar type; ``kept`` is the dtype of mapped inputs."""
    return _arrays() | _words() | _waiting() | _blas(dtype) | (_mapped(kept) if kept else {})


def _moved(context: Any, builder: Any, kind: Any, array: Any, first: Any, count: Any) -> Any:
    """An array from an element on. Numba's own slice keeps its ends unknown, and with them whether two parts overlap."""
    from numba.core import types
    from numba.np.arrayobj import populate_array

    word, width = context.get_value_type(types.intp), context.get_abi_sizeof(context.get_data_type(kind.dtype))
    whole, found = context.make_array(kind)(context, builder, array), context.make_array(kind)(context, builder)
    place = builder.gep(whole.data, [first], inbounds=True)
    populate_array(found, place, (count,), (word(width),), word(width), None)
    return found._getvalue()  # noqa: SLF001  Numba's name for it


def _arrays() -> dict[str, Any]:
    """``part(x, 3, 5)``: five elements from the third on; ``stretch``: likewise, of any size; ``beyond(x, k)``: from k on."""
    from numba.core import types
    from numba.extending import intrinsic

    def part(typing, array, start, size):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            word = context.get_value_type(types.intp)
            return _moved(context, builder, array, values[0], word(start.literal_value), word(size.literal_value))

        return array(array, start, size), build

    def stretch(typing, array, start, size):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            return _moved(context, builder, array, *values)

        return array(array, types.intp, types.intp), build

    def beyond(typing, array, start):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            return _moved(context, builder, array, *values, context.get_value_type(types.intp)(1))

        return array(array, types.intp), build

    return {"part": intrinsic(prefer_literal=True)(part), "stretch": intrinsic(stretch), "beyond": intrinsic(beyond)}


def _words() -> dict[str, Any]:
    """``half_word(words, k)``: the k-th 32 bits; ``transpose``: rows as columns."""
    import numba
    import numpy as np

    def half_word(words, k):  # type: ignore[no-untyped-def]
        return (words[k >> 1] >> np.uint64(32 * (k & 1))) & np.uint64(0xFFFFFFFF)

    def transpose(out, right, columns, depth, stride):  # type: ignore[no-untyped-def]
        for j in range(columns):
            for k in range(depth):
                out[k * stride + j] = right[j * depth + k]

    inline: Any = numba.njit(error_model="numpy", forceinline=True)
    return {"half_word": inline(half_word), "transpose": inline(transpose)}


def _mapped(kept: str) -> dict[str, Any]:
    """``stored(place, k)``: the k-th number from an address on, as it is kept."""
    from numba.core import types
    from numba.extending import intrinsic

    kind = getattr(types, kept)

    def stored(typing, place, index):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            element = context.get_data_type(kind)
            start = builder.inttoptr(values[0], element.as_pointer())
            return builder.load(builder.gep(start, [values[1]], source_etype=element), typ=element)

        return kind(types.int64, types.int64), build

    return {"stored": intrinsic(stored)}


def _waiting() -> dict[str, Any]:
    """``wait(control, turn, threads)``: go on when all threads have come this far; gives the next turn."""
    import numba
    from llvmlite import ir
    from numba.core import types
    from numba.extending import intrinsic

    words: Any = types.Array(types.int64, 1, "C")

    def first(context: Any, builder: Any, value: Any) -> Any:
        return context.make_array(words)(context, builder, value).data

    def arrive(typing, control):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            place = first(context, builder, values[0])
            return builder.atomic_rmw("add", place, ir.Constant(ir.IntType(64), 1), "acq_rel")

        return types.int64(words), build

    def arrived(typing, control):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            return builder.load_atomic(first(context, builder, values[0]), "acquire", 8, typ=ir.IntType(64))

        return types.int64(words), build

    def step_aside(typing):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            from numba.core import cgutils

            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])
            return context.get_dummy_value()

        return types.void(), build

    one, other, aside = intrinsic(arrive), intrinsic(arrived), intrinsic(step_aside)

    def wait(control, turn, threads):  # type: ignore[no-untyped-def]
        turn += threads
        if threads > 1:
            one(control)
            spins = 0
            while other(control) < turn:
                spins += 1
                if spins > SPINS:
                    aside()
        return turn

    return {"wait": numba.njit(error_model="numpy")(wait)}


def _blas(dtype: str) -> dict[str, Any]:
    """The three products by gemm, which counts columns first: what is a row here is a column there."""
    from numba.core import types
    from numba.extending import intrinsic

    number = getattr(types, dtype)

    def shaped(form: str, typing: Any, kinds: Any) -> Any:  # noqa: ARG001
        rows, columns, depth, stride = (kind.literal_value for kind in kinds[3:7])
        # gemm's transposed operands, sizes, and the distances between the rows of right, left and out
        flags, sizes, steps = {
            "forward": ("TN", (columns, rows, depth), (depth, depth, stride)),
            "backward": ("NN", (columns, rows, depth), (stride, depth, stride)),
            "gradient": ("NT", (columns, rows, depth), (columns, stride, columns)),
        }[form]

        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            data = [context.make_array(kind)(context, builder, v).data for kind, v in zip(kinds[:3], values[:3], strict=True)]
            one, zero = (context.get_constant(number, x) for x in (1.0, 0.0))
            factor, keep = values[7:] or (one, zero)
            _gemm(builder, dtype, flags, sizes, steps, (factor, keep), data)
            return context.get_dummy_value()

        return types.void(*kinds[:7], *[number] * (len(kinds) - 7)), build

    def blas_forward(typing, out, left, right, rows, columns, depth, stride):  # type: ignore[no-untyped-def]
        return shaped("forward", typing, (out, left, right, rows, columns, depth, stride))

    def blas_backward(typing, out, left, right, rows, columns, depth, stride):  # type: ignore[no-untyped-def]
        return shaped("backward", typing, (out, left, right, rows, columns, depth, stride))

    def blas_gradient(typing, out, left, right, rows, columns, depth, stride, factor, keep):  # type: ignore[no-untyped-def]
        return shaped("gradient", typing, (out, left, right, rows, columns, depth, stride, factor, keep))

    return {f.__name__: intrinsic(prefer_literal=True)(f) for f in (blas_forward, blas_backward, blas_gradient)}


def _gemm(builder: Any, dtype: str, flags: str, sizes: Any, steps: Any, scales: Any, data: Any) -> None:
    """A call of Fortran's gemm, which takes every operand by its address."""
    from llvmlite import ir
    from numba.core import cgutils

    small, byte = ir.IntType(32), ir.IntType(8)

    def kept(value: Any) -> Any:
        place = cgutils.alloca_once_value(builder, value)
        return builder.bitcast(place, byte.as_pointer())

    out, left, right = (builder.bitcast(x, byte.as_pointer()) for x in data)
    m, n, k = (kept(ir.Constant(small, size)) for size in sizes)
    right_step, left_step, out_step = (kept(ir.Constant(small, step)) for step in steps)
    transposed = [kept(ir.Constant(byte, ord(flag))) for flag in flags]
    kind = ir.FunctionType(ir.VoidType(), [byte.as_pointer()] * 13)
    gemm = cgutils.get_or_insert_function(builder.module, kind, GEMM[dtype])
    builder.call(
        gemm, [*transposed, m, n, k, kept(scales[0]), right, right_step, left, left_step, kept(scales[1]), out, out_step]
    )
