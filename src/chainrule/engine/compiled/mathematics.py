"""Elementwise functions for compiled programs, as Python text that Numba turns into vector instructions.

A call of the C library stops a loop from being computed on vectors, so the functions that training lives on are written out
(see ``elementary``). The rarer ones are the C library's.

The functions are compiled without reassociation, which would cancel the corrections that their accuracy rests on. LLVM puts
them into the loops that call them, whatever the flags there, and their instructions keep that promise.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable
from functools import partial, reduce
from textwrap import fill
from typing import Any

import numpy as np

from chainrule.engine.compiled.elementary import NUMBERS, TEXT

# What Python has an operator for. str.format puts the operands in, in brackets where they are operations themselves.
OPERATORS = {
    "add": "{} + {}", "subtract": "{} - {}", "multiply": "{} * {}", "divide": "{} / {}",
    "negative": "-{}", "positive": "+{}",
    "greater": "{} > {}", "less": "{} < {}", "greater_equal": "{} >= {}", "less_equal": "{} <= {}",
    "equal": "{} == {}", "not_equal": "{} != {}", "bitwise_and": "{} & {}", "bitwise_or": "{} | {}",
    "logical_and": "bool({}) & bool({})", "logical_or": "bool({}) | bool({})", "logical_not": "not {}",
}  # fmt: skip
_BY_NUMBA = "sqrt floor ceil rint exp2 log2 log10 cbrt tan arcsin arccos arctan sinh cosh arcsinh arccosh arctanh"
# Functions of one expression: name -> (operands, expression).
_SHORT = {
    "maximum": ("a, b", "a if (a >= b) | (a != a) else b"),
    "minimum": ("a, b", "a if (a <= b) | (a != a) else b"),
    "logaddexp": ("a, b", "maximum(a, b) + log1p(exp(-abs(a - b) if a != b else T(0)))"),
    "square": ("x", "x * x"),
    "reciprocal": ("x", "T(1) / x"),
    "absolute": ("x", "abs(x)"),
    "fabs": ("x", "abs(x)"),
    "sign": ("x", "T(1) if x > T(0) else (T(-1) if x < T(0) else x + T(0))"),
    "isnan": ("x", "x != x"),
    "isinf": ("x", "abs(x) == inf"),
    "isfinite": ("x", "abs(x) < inf"),
    "power": ("a, b", "a**b"),
    "hypot": ("a, b", "np.hypot(a, b)"),
    "arctan2": ("a, b", "np.arctan2(a, b)"),
    **{name: ("x", f"np.{name}(x)") for name in _BY_NUMBA.split()},
}
FUNCTIONS = frozenset({"exp", "expm1", "tanh", "log", "log1p", "sin", "cos", "erf", *_SHORT})
_INTEGERS = {"BIAS", "MANTISSA", "DIGITS", "SQRT_HALF"}


def source(names: Iterable[str], dtype: str) -> str:
    """The text of these functions, and of all that they call, for one dtype.

    Parameters
    ----------
    names : iterable of str
        Names of NumPy's functions, of those in ``FUNCTIONS``.
    dtype : {"float32", "float64"}
        The type of every number in the text.

    Returns
    -------
    str
        Python definitions, in an order in which they can be executed in ``namespace(dtype)``; empty for no names.

    Raises
    ------
    NotImplementedError
        A function has no compiled form.

    Examples
    --------
    >>> print(source(["tan"], "float64"))
    @strict
    def tan(x):
        return np.tan(x)
    """
    blocks = _blocks(dtype)
    wanted = set(names)
    if unknown := wanted - FUNCTIONS:
        raise NotImplementedError(f"no compiled form of {', '.join(sorted(unknown))}; {__name__}.FUNCTIONS has all names")
    chosen = []
    for block in reversed(blocks):  # a block uses what stands above it
        if wanted & _defined(block):
            wanted |= {node.id for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Name)}
            chosen.append(block)
    return "\n\n\n".join(reversed(chosen))


def namespace(dtype: str) -> dict[str, Any]:
    """All names that the text of ``source`` needs beside its own.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        The type of every number in the text.

    Returns
    -------
    dict
        The types ``T`` and ``I`` of its numbers and integers; the decorator ``strict``; ``bits`` and ``from_bits``, which
        see the one as the other; ``fma`` and ``horner``; ``copysign``, ``inf``, ``nan`` and ``np``.
    """
    import numba

    number, integer = getattr(numba, dtype), getattr(numba, dtype.replace("float", "int"))
    strict = partial(numba.njit, fastmath=False, error_model="numpy", forceinline=True)
    constants = {"inf": number(np.inf), "nan": number(np.nan), "copysign": math.copysign, "np": np}
    return {"T": number, "I": integer, "strict": strict, **constants, **_instructions(number, integer)}


def _blocks(dtype: str) -> list[str]:
    """The parts of the text, each of which is printed if a name that it defines is needed."""
    numbers = {name: _literal(name, text) for name, text in NUMBERS[dtype].items()}
    blocks = TEXT.strip().split("\n\n") + [_short(*row) for row in _SHORT.items()]
    return [re.sub(r"\$(\w+)", lambda found: numbers[found[1]], block) for block in blocks]


def _defined(block: str) -> set[str]:
    """The names of functions and constants that a block defines."""
    return {*re.findall(r"^(?:def )?(\w+)", block, re.M)}


def _literal(name: str, text: str) -> str:
    """Numbers as Python text: those of the bits are integers, all others of type T."""
    if name in _INTEGERS:
        return text
    numbers = [f"T({number})" for number in text.split()]
    return numbers[0] if len(numbers) == 1 else fill(f"({', '.join(numbers)})", 110, subsequent_indent="    ")


def _short(name: str, row: tuple[str, str]) -> str:
    """The definition of a function that is one expression."""
    return f"@strict\ndef {name}({row[0]}):\n    return {row[1]}"


def _instructions(number: Any, integer: Any) -> dict[str, Any]:
    """Single instructions of the machine, as functions."""
    from llvmlite import ir
    from numba.extending import intrinsic

    integers = ir.IntType(integer.bitwidth)

    def fused(builder: Any, a: Any, b: Any, c: Any) -> Any:
        kind = ir.FunctionType(a.type, (a.type,) * 3)
        name = f"llvm.fmuladd.{a.type.intrinsic_name}"
        return builder.call(builder.module.globals.get(name) or ir.Function(builder.module, kind, name), (a, b, c))

    def lowered_horner(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
        *others, y = (builder.extract_value(args[1], i) for i in range(len(signature.args[1])))
        return reduce(lambda y, c: fused(builder, y, args[0], c), reversed(others), y)

    def bits(_typing: Any, _x: Any) -> Any:
        """The bits of a number, as an integer."""
        return integer(number), lambda context, builder, signature, args: builder.bitcast(args[0], integers)

    def from_bits(_typing: Any, n: Any) -> Any:
        """The number that has these last bits."""
        return number(n), lambda context, builder, signature, args: builder.bitcast(
            context.cast(builder, args[0], n, integer), context.get_value_type(number)
        )

    def fma(_typing: Any, _a: Any, _b: Any, _c: Any) -> Any:
        """The number a b + c, rounded once (twice where the machine lacks the instruction)."""
        return number(number, number, number), lambda context, builder, signature, args: fused(builder, *args)

    def horner(_typing: Any, _x: Any, coefficients: Any) -> Any:
        """The polynomial c0 + x (c1 + x (c2 + ...)), one fma a step."""
        return number(number, coefficients), lowered_horner

    return {f.__name__: intrinsic(f) for f in (bits, from_bits, fma, horner)}
