"""Expressions such as ``(a+b)*(b+1)`` as functions that can be differentiated: read, checked, and never run as Python.

A text is parsed into Python's syntax tree, and each node is looked up in the tables of :mod:`chainrule.graph.grammar`.
What comes out is a list of instructions for a stack.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

import numpy as np

from chainrule.choices import similar
from chainrule.errors import ConfigError, GraphError, ShapeError
from chainrule.graph.build import named
from chainrule.graph.grammar import FUNCTIONS, PARTS, SHOWN, meaning, refused
from chainrule.graph.tracing import Traced

LONGEST = 10_000  # characters: a person's expression has some hundred
ASSIGNMENT = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)")
PART = re.compile(r"[^;\n]+")


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

    def __call__(self, /, *values: Any, **by_name: Any) -> Any:
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
        known, letters = self.arguments(*values, **by_name), iter(self.letters)
        result: Any = None
        with np.errstate(all="ignore"):  # what is not finite shows in the result
            for name, instructions in self.parts:
                result = _done(instructions, known, letters)
                if instructions[-1].operands:  # another name for a value is no value of its own
                    named(result, name or next(letters, ""))
                known[name] = result
        return result

    @property
    def letters(self) -> str:
        """What values are called in a graph, where none is given a name and there are letters enough: after a and b, c."""
        if self.assigned or not self.names or not set(self.names) <= set(ascii_lowercase):
            return ""
        free = ascii_lowercase[ascii_lowercase.index(max(self.names)) + 1 :]
        needed = sum(bool(one.operands) for one in self.parts[-1][1])
        return free if needed <= len(free) else ""

    def arguments(self, /, *values: Any, **by_name: Any) -> dict[str, Any]:
        """The value of each name, in the order of ``names``; a plain one as an array of float64.

        Raises
        ------
        ConfigError
            A value is missing, is of no name of the expression, or is no number.
        """
        if len(values) > len(self.names):
            raise ConfigError(f"{len(values)} values were given, but the expression has {len(self.names)} names.")
        known = dict(zip(self.names, values, strict=False)) | by_name
        if odd := [name for name in known if name not in self.names]:
            hint = similar(odd[0], self.names) or f" It has {', '.join(self.names) or 'no names'}."
            raise ConfigError(f"the expression has no name {odd[0][:SHOWN]!r} that needs a value.{hint}")
        if missing := [name for name in self.names if name not in known]:
            raise ConfigError(
                f"{', '.join(missing[:12])} {'has' if len(missing) == 1 else 'have'} no value.\n"
                f"Give one for each name: {' '.join(f'{name}=1' for name in missing[:12])}"
            )
        return {name: x if isinstance(x := known[name], Traced) else _array(name, x) for name in self.names}


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
            raise refused(column, "the value of this part is not used", PARTS)
    return Expression(text, tuple(_inputs(parts)), tuple(parts))


def _part(text: str, start: int) -> tuple[str, tuple[Instruction, ...]]:
    """One assignment or expression, which begins after so many characters."""
    found = ASSIGNMENT.match(text)
    name = unicodedata.normalize("NFKC", found[1]) if found else ""
    if keyword.iskeyword(name) or name in FUNCTIONS:
        raise refused(start + found.start(1), f"{name} has a meaning already, and cannot be given a value")  # type: ignore[union-attr]
    at = found.end() if found else 0
    at += len(text[at:]) - len(text[at:].lstrip())
    source, start = text[at:].rstrip(), start + at
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        column = start + max((error.offset or 1) - 1, 0)
        raise refused(column, f"{source[:SHOWN]!r} cannot be read: {error.msg}") from None
    except (RecursionError, MemoryError, ValueError):
        raise refused(start, "this is too long, or nested too deeply", PARTS) from None
    return name, tuple(_instructions(tree, source, start))


def _instructions(tree: ast.expr, source: str, start: int) -> list[Instruction]:
    """What to do, operands first."""
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        column = start + len(source.encode()[: node.col_offset].decode(errors="ignore"))
        function, operands = meaning(node, column)
        written = node.id if isinstance(node, ast.Name) else (ast.get_source_segment(source, node) or "")
        found.append(Instruction(column, written, function, len(operands)))
        waiting += operands
    return found[::-1]


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
            raise refused(instructions[-1].column, f"{name} {how}", "A name stands for one value: take another name.")
        assigned |= {name} - {""}


def _done(instructions: tuple[Instruction, ...], known: Mapping[str, Any], letters: Iterator[str]) -> Any:
    """The value that a part comes to; what it goes through is called by the letters."""
    stack: list[Any] = []
    for one in instructions:
        if one.operands:
            operands = stack[-one.operands :]
            del stack[-one.operands :]
            try:
                stack.append(one.function(*operands))
            except (ValueError, TypeError) as error:
                if isinstance(error, GraphError):
                    raise
                shapes = " and ".join(str(np.shape(x) if not isinstance(x, Traced) else x.shape) for x in operands)
                raise ShapeError(f"column {one.column + 1}: {one.written[:SHOWN]} of shapes {shapes}: {error}.") from error
            if isinstance(stack[-1], Traced) and one is not instructions[-1]:
                named(stack[-1], next(letters, ""))
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
