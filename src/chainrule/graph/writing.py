"""How numbers, symbols, names and operations are written, as text and as LaTeX."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.algebra import formula
from chainrule.algebra.symbolic import Expr

INFIX = {"add": "+", "subtract": "−", "multiply": "*", "divide": "/", "matmul": "@", "power": "^", "remainder": "%"}
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
FEW = 4  # numbers of an array that are written out
LONGEST = 40  # characters of an expression
READABLE = 40  # symbols of a formula that is written out


def brief(x: Any, digits: int = 6) -> str:
    """A value in a few characters: a number, a short vector, or the shape of an array.

    >>> brief(-0.25), brief(1e-7), brief(np.ones((1, 1))), brief(np.zeros((3, 2)))
    ('−0.25', '1e−07', '[[1]]', '3×2 array')
    """
    if isinstance(x, Expr):
        size = symbols_in(x)
        return formula.text(x) if size <= READABLE else f"a formula of {many(size)} symbols"
    if np.ndim(x) == 0:
        return _scalar(x[()] if isinstance(x, np.ndarray) else x, digits)
    if np.ndim(x) == 1 and x.size <= FEW:
        return f"[{', '.join(_scalar(v, min(digits, 3)) for v in x)}]"
    if x.size == 1 and np.ndim(x) <= FEW:
        return f"{'[' * np.ndim(x)}{_scalar(x.ravel()[0], digits)}{']' * np.ndim(x)}"
    return f"{sizes(x.shape)} array"


def symbols_in(x: Expr) -> int:
    """How many symbols and numbers a formula has, written out: shared parts count wherever they stand."""
    found: dict[int, int] = {}
    waiting = [x]
    while waiting:
        part = waiting[-1]
        inner = [arg for arg in part.args if isinstance(arg, Expr)]
        missing = [arg for arg in inner if id(arg) not in found]
        if missing and id(part) not in found:
            waiting += missing
        else:
            found[id(part)] = sum(found[id(arg)] for arg in inner) + len(part.args) - len(inner) or 1
            waiting.pop()
    return found[id(x)]


def _scalar(x: Any, digits: int) -> str:
    if isinstance(x, int) and not isinstance(x, bool):
        return many(x).replace("-", "−")
    if isinstance(x, complex | np.complexfloating):
        return f"{x:.{digits}g}".replace("-", "−").replace("j", "i")
    if isinstance(x, float | np.floating):
        return f"{x + 0.0:.{digits}g}".replace("-", "−")  # + 0.0: no minus zero
    return str(x)


def sizes(shape: tuple[int, ...]) -> str:
    """A shape: ``3×2``; a vector's is its length."""
    return "×".join(map(str, shape))


def many(n: int) -> str:
    """A whole number, which may have hundreds of digits.

    >>> many(12345), many(2**300)
    ('12,345', '2.04e+90')
    """
    if abs(n) < 10**12:
        return f"{n:,}"
    exponent = math.floor(math.log10(abs(n)))
    return f"{'-' * (n < 0)}{10 ** (math.log10(abs(n)) - exponent):.3g}e+{exponent}"


def counted(n: int, one: str, several: str) -> str:
    """How many there are of something, in words.

    >>> counted(1, "edge", "edges"), counted(1200, "edge", "edges")
    ('1 edge', '1,200 edges')
    """
    return f"{many(n)} {one if n == 1 else several}"


def expression(operation: str, operands: Sequence[str], options: dict[str, Any]) -> str:
    """An operation on operands that are written already: ``a + b``, ``tanh(z)``, ``sum(x, axis=0)``."""
    if operation == "power" and operands[1].isdigit():
        return f"{operands[0]}{operands[1].translate(RAISED)}"
    if operation in INFIX and len(operands) == 2:
        return cut(f"{operands[0]} {INFIX[operation]} {operands[1]}")
    if operation == "negative":
        return f"−{operands[0]}"
    if operation == "getitem":
        return cut(f"{operands[0]}[{', '.join(operands[1:])}]")
    more = [f"{name}={_option(x)}" for name, x in options.items() if x is not None and x is not False]
    return cut(f"{operation}({', '.join([*operands, *more])})")


def constant(x: Any) -> str:
    """A plain operand: a number, in brackets where it is negative; an array by its shape; an index as it is written."""
    if isinstance(x, tuple | slice | type(None) | type(...)):
        return _index(x)
    text = brief(x, 4) if isinstance(x, np.ndarray | np.generic | int | float | complex) else _option(x)
    return f"({text})" if text.startswith("−") else text


def _index(x: Any) -> str:
    if isinstance(x, tuple):
        return ", ".join(map(_index, x))
    if isinstance(x, slice):
        parts = ["" if part is None else str(part) for part in (x.start, x.stop, x.step)]
        return ":".join(parts if x.step is not None else parts[:2])
    return "..." if x is ... else brief(x) if isinstance(x, np.ndarray | np.generic | int) else str(x)


def _option(x: Any) -> str:
    return brief(x) if isinstance(x, np.ndarray | np.generic) else getattr(x, "__name__", None) or str(x)


def cut(text: str, limit: int = LONGEST) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def derivative_of(y: str, x: str) -> str:
    """A derivative as text: ``∂y/∂x``."""
    return f"∂{y}/∂{x}"


def latex_derivative(y: str, x: str, place: int | None = None) -> str:
    r"""A derivative in LaTeX; of a value that enters twice, by the place that it enters at.

    >>> print(latex_derivative("e", "v10"))
    \frac{\partial e}{\partial v_{10}}
    """
    below = latex_name(x) if place is None else f"{latex_name(x)}^{{({place + 1})}}"
    return rf"\frac{{\partial {latex_name(y)}}}{{\partial {below}}}"


def latex_name(name: str) -> str:
    r"""A name in LaTeX: Greek letters by their commands, a number at the end as an index, words upright.

    >>> latex_name("α"), latex_name("w[0][1]"), latex_name("cost"), latex_name("delta_w2")
    ('\\alpha', 'w_{0,1}', '\\mathrm{cost}', '\\mathrm{delta\\_w}_{2}')
    """
    found = re.fullmatch(r"(\D+?)_?((?:\d+)?(?:\[\d+\])*)", name)
    stem, index = found.groups() if found else (name, "")
    index = ",".join(re.findall(r"\d+", index))
    letter = _letter(stem) if len(stem) == 1 else rf"\mathrm{{{_escaped(stem)}}}"
    return f"{letter}_{{{index}}}" if index else letter


def _letter(x: str) -> str:
    kind = unicodedata.name(x, "").split()
    if kind[:1] != ["GREEK"] or kind[-1] == "OMICRON":
        return _escaped(x)
    return "\\" + (kind[-1].lower() if "SMALL" in kind else kind[-1].capitalize())


def _escaped(text: str) -> str:
    return re.sub(r"([_#$%&{}])", r"\\\1", text)


def latex_number(x: Any, digits: int = 6) -> str:
    r"""A number in LaTeX.

    >>> latex_number(-1e-7), latex_number(0.5)
    ('-1 \\cdot 10^{-7}', '0.5')
    """
    if isinstance(x, Expr):
        return formula.latex(x) if symbols_in(x) <= READABLE else rf"\text{{{brief(x)}}}"
    text = brief(x, digits).replace("−", "-").replace(",", r"{,}")
    mantissa, e, power = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(power)}}}" if e and power.lstrip("+-").isdigit() else text
