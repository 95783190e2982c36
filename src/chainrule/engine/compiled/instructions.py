"""What a printed program uses beside arithmetic: parts of arrays, mapped inputs, and threads waiting for each other."""

from __future__ import annotations

from typing import Any

SPINS = 4096  # looks at the others before the processor is offered to another program


def namespace(dtype: str, kept: str = "") -> dict[str, Any]:
    """The functions for programs of one scalar type; ``kept`` is the dtype of mapped inputs."""
    return _arrays() | _addressed(dtype) | _words() | _waiting() | (_mapped(kept) if kept else {})


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


def _addressed(dtype: str) -> dict[str, Any]:
    """``held(place, 2, 5)``: five numbers, from the address on that is the second word at a place."""
    from numba.core import types
    from numba.extending import intrinsic
    from numba.np.arrayobj import populate_array

    kind: Any = types.Array(getattr(types, dtype), 1, "C")

    def held(typing, place, k, size):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            word, number = context.get_value_type(types.intp), context.get_data_type(kind.dtype)
            pointer = number.as_pointer()
            words = builder.inttoptr(values[0], pointer.as_pointer())
            first = builder.load(builder.gep(words, [word(k.literal_value)], source_etype=pointer), typ=pointer)
            found, width = context.make_array(kind)(context, builder), word(context.get_abi_sizeof(number))
            populate_array(found, first, (word(size.literal_value),), (width,), width, None)
            return found._getvalue()  # noqa: SLF001  Numba's name for it

        return kind(types.int64, k, size), build

    return {"held": intrinsic(prefer_literal=True)(held)}


def _words() -> dict[str, Any]:
    """``half_word(words, k)``: the k-th 32 bits."""
    import numba
    import numpy as np

    def half_word(words, k):  # type: ignore[no-untyped-def]
        return (words[k >> 1] >> np.uint64(32 * (k & 1))) & np.uint64(0xFFFFFFFF)

    inline: Any = numba.njit(error_model="numpy", forceinline=True)
    return {"half_word": inline(half_word)}


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
