"""Expressions such as ``(a+b)*(b+1)`` as functions that can be differentiated: read, checked, and never run as Python.

A text is parsed into Python's syntax tree, and each of its nodes is looked up in the tables below: what is in none of them
is refused. What is left is a list of instructions for a stack, so that no expression is too deep for it.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from chainrule.activations import ACTIVATIONS
from chainrule.choices import similar
from chainrule.errors import ConfigError, ShapeError
from chainrule.graph.bridge import folded
from chainrule.graph.tracing import Traced

LONGEST = 10_000  # characters: a person's expression has some hundred
SHOWN = 40  # characters of a text in a message
ASSIGNMENT = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)")
PART = re.compile(r"[^;\n]+")


def _largest(*xs: Any) -> Any:
    """The largest element of one array, or of several at each place."""
    return np.max(xs[0]) if len(xs) == 1 else reduce(np.maximum, xs)


def _smallest(*xs: Any) -> Any:
    return np.min(xs[0]) if len(xs) == 1 else reduce(np.minimum, xs)


MANY = 100
OPERATORS: dict[type[ast.operator | ast.unaryop], Callable[..., Any]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power,
    ast.MatMult: np.matmul, ast.USub: np.negative, ast.UAdd: lambda x: x,
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


@dataclass(frozen=True)
class Instruction:
    """One thing to do: take so many values from the stack, put the result there.

    ``function`` is an array for a constant, and None for a name.
    """

    column: int
    written: str
    function: Any
    operands: int = 0


@dataclass(frozen=True)
class Expression:
    """A function of named numbers and arrays, written as a text.

    Attributes
    ----------
    text : str
    names : tuple of str
        The names that need values, in the order in which they are met.
    assigned : tuple of str
        The names that the text gives values to.

    Examples
    --------
    >>> e = parse("c = a + b; d = b + 1; e = c * d")
    >>> e.names, e.assigned, float(e(2, 1)), float(e(b=1, a=2))
    (('a', 'b'), ('c', 'd', 'e'), 6.0, 6.0)
    """

    text: str
    names: tuple[str, ...]
    parts: tuple[tuple[str, tuple[Instruction, ...]], ...]  # the name that is assigned to, or nothing

    @property
    def assigned(self) -> tuple[str, ...]:
        """The names that the text gives values to."""
        return tuple(name for name, _ in self.parts if name)

    def __call__(self, *values: Any, **by_name: Any) -> Any:
        """The value of the last part.

        Parameters
        ----------
        *values, **by_name
            Numbers, arrays or traced values: in the order of ``names``, or by name.

        Raises
        ------
        ConfigError
            A value is missing, or is of no name of the expression.
        ShapeError
            Arrays do not fit each other.
        """
        known = self._known(values, by_name)
        result: Any = None
        with np.errstate(all="ignore"):  # what is not finite shows in the result
            for name, instructions in self.parts:
                result = _done(instructions, known)
                if name:
                    known[name] = result
        return result

    def _known(self, values: tuple[Any, ...], by_name: Mapping[str, Any]) -> dict[str, Any]:
        """The value of each name."""
        if len(values) > len(self.names):
            raise ConfigError(f"{len(values)} values were given, but the expression has {len(self.names)} names.")
        known = dict(zip(self.names, values, strict=False)) | dict(by_name)
        if odd := [name for name in known if name not in self.names]:
            hint = similar(odd[0], self.names) or f" It has {', '.join(self.names) or 'no names'}."
            raise ConfigError(f"the expression has no name {odd[0][:SHOWN]!r} that needs a value.{hint}")
        if missing := [name for name in self.names if name not in known]:
            raise ConfigError(
                f"{', '.join(missing[:12])} {'has' if len(missing) == 1 else 'have'} no value.\n"
                f"Give one for each name: {' '.join(f'{name}=1' for name in missing[:12])}"
            )
        return {name: x if isinstance(x, Traced) else _array(name, x) for name, x in known.items()}


def parse(text: str) -> Expression:
    """Read an expression, or several parted by ``;`` or new lines, of which all but the last give a name to a value.

    Parameters
    ----------
    text : str
        Numbers, names, ``+ - * / ** @``, parentheses, lists and known functions; at most 10,000 characters.

    Returns
    -------
    Expression
        To be called with the values of its names.

    Raises
    ------
    ConfigError
        It is no expression, or has something in it that is not allowed: the message says in which column.

    Examples
    --------
    >>> from chainrule.graph import grad
    >>> e = parse("(a+b)*(b+1)")
    >>> [float(g) for g in grad(e, (0, 1))(2.0, 1.0)]
    [2.0, 5.0]
    """
    if len(text) > LONGEST:
        raise ConfigError(f"the expression has {len(text):,} characters; {LONGEST:,} are allowed.")
    parts = [_part(found[0], found.start()) for found in PART.finditer(text) if not found[0].isspace()]
    if not parts:
        raise ConfigError("the expression is empty. Write one, such as (a+b)*(b+1).")
    for name, instructions in parts[:-1]:
        if not name:
            column = instructions[0].column
            raise _refused(column, "the value of this part is not used", PARTS)
    return Expression(text, tuple(_inputs(parts)), tuple(parts))


def _part(text: str, start: int) -> tuple[str, tuple[Instruction, ...]]:
    """One assignment or expression, which begins after so many characters."""
    found = ASSIGNMENT.match(text)
    name = unicodedata.normalize("NFKC", found[1]) if found else ""
    if keyword.iskeyword(name) or name in FUNCTIONS:
        raise _refused(start + found.start(1), f"{name} has a meaning already, and cannot be given a value")  # type: ignore[union-attr]
    at = found.end() if found else 0
    at += len(text[at:]) - len(text[at:].lstrip())
    source, start = text[at:].rstrip(), start + at
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        column = start + max((error.offset or 1) - 1, 0)
        raise _refused(column, f"{source[:SHOWN]!r} cannot be read: {error.msg}") from None
    except (RecursionError, MemoryError, ValueError):
        raise _refused(start, "this is too long, or nested too deeply", PARTS) from None
    return name, tuple(_instructions(tree, source, start))


def _instructions(tree: ast.expr, source: str, start: int) -> list[Instruction]:
    """What to do, operands first."""
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        column = start + len(source.encode()[: node.col_offset].decode(errors="ignore"))
        function, operands = _meaning(node, column)
        written = node.id if isinstance(node, ast.Name) else (ast.get_source_segment(source, node) or "")
        found.append(Instruction(column, written, function, len(operands)))
        waiting += operands
    return found[::-1]


def _meaning(node: ast.expr, column: int) -> tuple[Any, list[ast.expr]]:
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
                raise _refused(column, f"{name} is a function: {name}(...)")
            return None, []
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return OPERATORS[type(op)], [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)], [left, right]
        case ast.List(elts=elements) if elements:
            return _joined, elements
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _function(name, args, column), args
    raise _refused(column, f"{_described(node)} is not allowed")


def _number(value: float, column: int) -> float:
    try:
        return float(value)
    except OverflowError:
        raise _refused(column, "this number is too large") from None


def _function(name: str, args: list[ast.expr], column: int) -> Callable[..., Any]:
    """A function of the table, for so many operands."""
    if name not in FUNCTIONS:
        hint = similar(name, FUNCTIONS).strip()
        raise _refused(column, f"there is no function {name[:SHOWN]}", f"{hint} {LISTED}".strip())
    function, most = FUNCTIONS[name]
    least = LEAST.get(name, 1)
    if not least <= len(args) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise _refused(column, f"{name} takes {wanted} operand{'s' * (wanted != '1')}, not {len(args)}")
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


def _refused(column: int, what: str, instead: str = ALLOWED) -> ConfigError:
    """An error with its place, counted from 1, and what may stand there."""
    return ConfigError(f"column {column + 1}: {what}.\n{instead}")


def _inputs(parts: list[tuple[str, tuple[Instruction, ...]]]) -> Iterator[str]:
    """The names that need values; each once.

    Raises
    ------
    ConfigError
        A name would stand for two values.
    """
    used: set[str] = set()
    assigned: set[str] = set()
    for name, instructions in parts:
        for one in instructions:
            if one.function is None and one.written not in used | assigned:
                used.add(one.written)
                yield one.written
        if name in used | assigned:
            how = "is used before it is given a value" if name in used else "has a value already"
            raise _refused(instructions[-1].column, f"{name} {how}", "A name stands for one value: take another name.")
        assigned |= {name} - {""}


def _done(instructions: tuple[Instruction, ...], known: Mapping[str, Any]) -> Any:
    """The value that a part comes to."""
    stack: list[Any] = []
    for one in instructions:
        if one.operands:
            operands = stack[-one.operands :]
            del stack[-one.operands :]
            try:
                stack.append(one.function(*operands))
            except (ValueError, TypeError) as error:
                shapes = " and ".join(str(np.shape(x) if not isinstance(x, Traced) else x.shape) for x in operands)
                raise ShapeError(f"column {one.column + 1}: {one.written[:SHOWN]} of shapes {shapes}: {error}.") from error
        else:
            stack.append(known[one.written] if one.function is None else one.function)
    return stack[0]


def _array(name: str, value: Any) -> Any:
    """A value as an array of float64.

    Raises
    ------
    ConfigError
        It is no number and no array of numbers.
    """
    try:
        found = np.asarray(value)
    except ValueError:
        found = np.asarray("")
    if found.dtype.kind not in "fiub":
        raise ConfigError(f"{name} = {str(value)[:SHOWN]!r}: a value is a number, or a list of numbers such as [1, 2].")
    return (found if found.dtype.kind == "f" else found.astype(np.float64))[()]
