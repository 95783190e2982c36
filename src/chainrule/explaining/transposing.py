"""Expression trees transposed: what a formula is where examples are rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.algebra import formula
from chainrule.algebra.symbolic import Expr


def _with(x: Expr, args: tuple[Any, ...]) -> Expr:
    return Expr(x.head, args, scalar=x.scalar, **x.info)


def transposed(x: Any) -> Any:
    """The transpose, carried inwards to the letters; a sum over neurons stays one, and is written as one."""
    if not isinstance(x, Expr) or x.scalar:
        return x
    if x.head == "T":
        return carried(x.args[0])
    if x.head == "leaf":
        return Expr("T", (x,), scalar=False)
    args = tuple(map(transposed, x.args[::-1] if x.head is np.matmul else x.args))
    if x.head != "reduce" or x.info["axis"] is None:
        return _with(x, args)
    written = x.info.get("form") or formula.FORMS["sum", x.info["axis"]]
    return Expr("reduce", args, scalar=False, **{**x.info, "axis": 1 - x.info["axis"], "form": written})


def carried(x: Any) -> Any:
    """The same, with each transpose within it carried inwards to the letters."""
    if not isinstance(x, Expr) or not x.args:
        return x
    return transposed(carried(x.args[0])) if x.head == "T" else _with(x, tuple(map(carried, x.args)))
