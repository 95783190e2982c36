"""What may stand in an expression: the parts of Python's syntax, and the functions, that are looked up here.

Whatever is in none of these tables is refused, with its column.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from chainrule.activations import ACTIVATIONS
from chainrule.choices import similar
from chainrule.errors import ConfigError
from chainrule.graph.bridge import folded
from chainrule.graph.tracing import Traced

SHOWN = 40  # characters of a text in a message


def _largest(*xs: Any) -> Any:
    """The largest element of one array, or of several at each place."""
    return np.max(xs[0]) if len(xs) == 1 else reduce(np.maximum, xs)


def _smallest(*xs: Any) -> Any:
    return np.min(xs[0]) if len(xs) == 1 else reduce(np.minimum, xs)


MANY = 100
OPERATORS: dict[type[ast.operator | ast.unaryop], Callable[..., Any]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power,
    ast.MatMult: np.matmul, ast.USub: np.negative, ast.UAdd: np.positive,
}  # fmt: skip
FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {  # and how many operands they take at most
    **{row.name: (folded(row).value, 1) for row in ACTIVATIONS.values() if row.elementwise},
    "sin": (np.sin, 1), "cos": (np.cos, 1), "tan": (np.tan, 1), "arcsin": (np.arcsin, 1), "arccos": (np.arccos, 1),
    "arctan": (np.arctan, 1), "sinh": (np.sinh, 1), "cosh": (np.cosh, 1), "tanh": (np.tanh, 1), "exp": (np.exp, 1),
    "log": (np.log, 1), "sqrt": (np.sqrt, 1), "abs": (np.absolute, 1), "max": (_largest, MANY), "min": (_smallest, MANY),
    "sum": (np.sum, 1), "mean": (np.mean, 1), "dot": (np.dot, 2),
}  # fmt: skip
LEAST = {"dot": 2}
ALLOWED = "Allowed are numbers, names, + - * / ** @, parentheses, lists such as [1, 2], functions, and c = a + b; c * c."
PARTS = "Give the parts names: c = a + b; d = b + 1; c * d."
LISTED = f"There are: {', '.join(sorted(FUNCTIONS))}."
DESCRIBED: dict[type[ast.AST], str] = {
    ast.Compare: "a comparison", ast.Attribute: "a dot between names", ast.Subscript: "an index", ast.Lambda: "lambda",
    ast.BoolOp: "and, or", ast.Tuple: "a comma outside of a list", ast.List: "an empty list", ast.JoinedStr: "text",
    ast.IfExp: "if", ast.Call: "this way of calling a function", ast.NamedExpr: ":=", ast.BitXor: "^ (a power is **)",
    ast.BitAnd: "&", ast.BitOr: "|", ast.Mod: "%", ast.FloorDiv: "//", ast.LShift: "<<", ast.RShift: ">>",
    ast.Invert: "~", ast.Not: "not",
}  # fmt: skip


def meaning(node: ast.expr, column: int) -> tuple[Any, list[ast.expr]]:
    """What a node of the tree does, and with which others.

    Raises
    ------
    ConfigError
        It is not allowed.
    """
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return _number(value, column), []
        case ast.Name(id=name):
            if name in FUNCTIONS:
                raise refused(column, f"{name} is a function: {name}(...)")
            return None, []
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return OPERATORS[type(op)], [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)], [left, right]
        case ast.List(elts=elements) if elements:
            return _joined, elements
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _function(name, args, column), args
    raise refused(column, f"{_described(node)} is not allowed")


def _number(value: float, column: int) -> float:
    try:
        return float(value)
    except OverflowError:
        raise refused(column, "this number is too large") from None


def _function(name: str, args: list[ast.expr], column: int) -> Callable[..., Any]:
    """A function of the table, for so many operands."""
    if name not in FUNCTIONS:
        hint = similar(name, FUNCTIONS).strip()
        raise refused(column, f"there is no function {name[:SHOWN]}", f"{hint} {LISTED}".strip())
    function, most = FUNCTIONS[name]
    least = LEAST.get(name, 1)
    if not least <= len(args) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise refused(column, f"{name} takes {wanted} operand{'s' * (wanted != '1')}, not {len(args)}")
    return function


def _joined(*xs: Any) -> Any:
    """A list as a vector, or a list of vectors as a matrix."""
    shapes = [np.shape(x) if not isinstance(x, Traced) else x.shape for x in xs]
    if len(set(shapes)) > 1:
        raise ValueError("the elements of a list must be alike: numbers, or lists of equal length")
    if len(shapes[0]) > 1:
        raise ValueError("lists are vectors and matrices: at most a list of lists")
    return np.stack(xs)


def _described(node: ast.expr) -> str:
    """Something that is not allowed, in words."""
    if isinstance(node, ast.Constant):
        kinds: dict[type, str] = {str: "text", bytes: "text", complex: "a complex number"}
        return kinds.get(type(node.value), repr(node.value))
    kind = type(node.op if isinstance(node, ast.BinOp | ast.UnaryOp) else node)
    return DESCRIBED.get(kind, f"a {kind.__name__}")


def refused(column: int, what: str, instead: str = ALLOWED) -> ConfigError:
    """An error with its place, counted from 1, and what may stand there."""
    return ConfigError(f"column {column + 1}: {what}.\n{instead}")
