"""What a printed program uses beside arithmetic: parts of arrays, mapped inputs, and threads waiting for each other."""

from __future__ import annotations

from typing import Any

SPINS = 4096  # looks at the others before the processor is offered to another program
LONG = SPINS + 3000  # looks after which another program seems to have the others' processor: about two milliseconds
LATE = 1 << 48  # in a turn: this thread waited long
BEFORE = LATE - 1  # in a turn: how many threads have arrived
SAID = 8  # the word in which threads say that they waited long


def namespace(dtype: str, kept: str = "") -> dict[str, Any]:
    """The functions for programs of one scalar type; ``kept`` is the dtype of mapped inputs."""
    return _arrays() | _addressed(dtype) | _words() | _waiting() | (_mapped(kept) if kept else {})


def _moved(context: Any, builder: Any, kind: Any, *values: Any) -> Any:
    """An array from an element on. Numba's own slice keeps its ends unknown, and with them whether two parts overlap."""
    from numba.core import types
    from numba.np import arrayobj

    fill: Any = arrayobj.populate_array
    array, first, count = values
    word, width = context.get_value_type(types.intp), context.get_abi_sizeof(context.get_data_type(kind.dtype))
    whole, found = context.make_array(kind)(context, builder, array), context.make_array(kind)(context, builder)
    place = builder.gep(whole.data, [first], inbounds=True)
    fill(found, place, (count,), (word(width),), word(width), None)
    return found._getvalue()  # noqa: SLF001  Numba's name for it


def _arrays() -> dict[str, Any]:
    """``part(x, 3, 5)``: five numbers from x[3] on; ``stretch``: of any size; ``beyond(x, k)``: all from x[k] on."""
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

    plain = {f.__name__: intrinsic(f) for f in (stretch, beyond)}
    return plain | {"part": intrinsic(prefer_literal=True)(part), "prefetch": _prefetch()}


def _prefetch() -> Any:
    """``prefetch(x, k)``: have x[k] brought from memory, for later."""
    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.extending import intrinsic

    byte, small, declared = ir.IntType(8).as_pointer(), ir.IntType(32), cgutils.get_or_insert_function
    kind = ir.FunctionType(ir.VoidType(), [byte, small, small, small])
    to_read, into_level_2, data = (ir.Constant(small, x) for x in (0, 2, 1))

    def prefetch(typing, array, k):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            place = builder.gep(context.make_array(array)(context, builder, values[0]).data, [values[1]], inbounds=True)
            hint: Any = declared(builder.module, kind, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
            builder.call(hint, [builder.bitcast(place, byte), to_read, into_level_2, data])
            return context.get_dummy_value()

        return types.void(array, types.intp), build

    return intrinsic(prefetch)


def _addressed(dtype: str) -> dict[str, Any]:
    """``held(place, 2, 5)``: five numbers, from the address on that is the second word at a place."""
    from numba.core import types
    from numba.extending import intrinsic
    from numba.np import arrayobj

    fill: Any = arrayobj.populate_array
    kind: Any = types.Array(getattr(types, dtype), 1, "C")

    def held(typing, place, k, size):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            word, number = context.get_value_type(types.intp), context.get_data_type(kind.dtype)
            pointer = number.as_pointer()
            words = builder.inttoptr(values[0], pointer.as_pointer())
            first = builder.load(builder.gep(words, [word(k.literal_value)], source_etype=pointer), typ=pointer)
            found, width = context.make_array(kind)(context, builder), word(context.get_abi_sizeof(number))
            fill(found, first, (word(size.literal_value),), (width,), width, None)
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
    """Threads that wait for each other, and say when one of them had to wait long.

    ``wait(control, turn, threads)``: go on when all threads have come this far; gives the next turn, in whose upper bits
    is whether this thread waited long. ``tell(control, turn)``: let the others know; ``told(control)``: whether any did,
    which is asked after the next wait only, so that all get the same answer.
    """
    import numba

    arrive, arrived, step_aside, take = _arrive(), _arrived(), _step_aside(), _take()

    def wait(control, turn, threads):  # type: ignore[no-untyped-def]
        turn += threads
        if threads > 1:
            arrive(control)
            spins = 0
            while arrived(control) < turn & BEFORE:
                spins += 1
                if spins > SPINS:
                    step_aside()
            if spins > LONG:
                turn |= LATE
        return turn

    def tell(control, turn):  # type: ignore[no-untyped-def]
        if turn & LATE:
            control[SAID] = 1

    def told(control):  # type: ignore[no-untyped-def]
        return control[SAID] != 0

    return {f.__name__: numba.njit(error_model="numpy")(f) for f in (wait, tell, told)} | {"take": take}


def _first_word(context: Any, builder: Any, array: Any) -> Any:
    """The address of an array of words."""
    from numba.core import types

    return context.make_array(types.Array(types.int64, 1, "C"))(context, builder, array).data


def _arrive() -> Any:
    """Count one more thread that has come."""
    from llvmlite import ir
    from numba.core import types
    from numba.extending import intrinsic

    def arrive(typing, control):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            one = ir.Constant(ir.IntType(64), 1)
            return builder.atomic_rmw("add", _first_word(context, builder, values[0]), one, "acq_rel")

        return types.int64(control), build

    return intrinsic(arrive)


def _take() -> Any:
    """``take(control, k)``: the number that stands in a word, which then counts one more."""
    from llvmlite import ir
    from numba.core import types
    from numba.extending import intrinsic

    def take(typing, control, k):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            place = builder.gep(_first_word(context, builder, values[0]), [values[1]])
            return builder.atomic_rmw("add", place, ir.Constant(ir.IntType(64), 1), "acq_rel")

        return types.int64(control, types.int64), build

    return intrinsic(take)


def _arrived() -> Any:
    """How many have come, over all turns."""
    from llvmlite import ir
    from numba.core import types
    from numba.extending import intrinsic

    def arrived(typing, control):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            return builder.load_atomic(_first_word(context, builder, values[0]), "acquire", 8, typ=ir.IntType(64))

        return types.int64(control), build

    return intrinsic(arrived)


def _step_aside() -> Any:
    """Offer the processor to another program."""
    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.extending import intrinsic

    declared: Any = cgutils.get_or_insert_function

    def step_aside(typing):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
            builder.call(declared(builder.module, ir.FunctionType(ir.IntType(32), []), "sched_yield"), [])
            return context.get_dummy_value()

        return types.void(), build

    return intrinsic(step_aside)
