"""Writing an expression tree down as in-place NumPy calls, with as few arrays as it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.algebra.symbolic import Expr
from chainrule.notation import Key

_PYTHON = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.power: "**"}
_SCALAR_CALLS = {np.maximum: "max", np.minimum: "min", np.negative: "-", np.sqrt: "sqrt"}
_POWERS: dict[float, Any] = {2: np.square, 0.5: np.sqrt}
_OF_TRUTHS = {np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.logical_and, np.logical_or, np.logical_not}
_TRUTHS = _OF_TRUTHS | {np.greater, np.less, np.greater_equal, np.less_equal, np.equal, np.not_equal, np.isnan, np.isfinite}


@dataclass
class Value:
    """A part of an expression that is ready: its text, its array (None for a number), whether the array can be reused."""

    text: str
    array: np.ndarray | None = None
    is_temporary: bool = False
    literal: float | None = None


class Emitter:
    """The program under construction: its lines, the names in it, and the spare arrays."""

    def __init__(self, values: Mapping[Key, Any], scalars: Mapping[Key, str]) -> None:
        self.values, self.scalars = values, scalars
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"copyto": np.copyto, "add_reduce": np.add.reduce, "dot": np.dot, "sqrt": np.sqrt}
        self.names |= {"inf": np.inf, "nan": np.nan}
        self._names_of: dict[int, str] = {}
        self._named: list[Any] = []  # all that has a name stays alive, or another object could get its id, and so its name
        self._constants: dict[Any, np.ndarray] = {}
        self._spare: dict[tuple[tuple[int, ...], Any], list[np.ndarray]] = {}
        for key, value in values.items():
            if isinstance(value, np.ndarray):
                self.name_of(value, f"{key.symbol}{key.layer or ''}")

    # ------------------------------------------------------------------------------------------------ lines

    def comment(self, text: str) -> None:
        """A line for the reader."""
        self.lines.append(f"# {text}")

    def name_of(self, x: Any, wanted: str = "") -> str:
        """The name of an array or function in the program."""
        if id(x) not in self._names_of:
            self._names_of[id(x)] = name = wanted if wanted.isidentifier() else f"t{len(self.names)}"
            self.names[name] = x
            self._named.append(x)
        return self._names_of[id(x)]

    def constant(self, value: float, dtype: Any) -> str:
        """The name of a number as an array of no dimensions, which ufuncs take faster than a Python number."""
        name = f"c{value!r}".translate({ord("."): "_", ord("-"): "m", ord("+"): "p"})
        return self._known((name, np.dtype(dtype)), lambda: np.array(value, dtype), name)

    def ones(self, shape: tuple[int, ...], dtype: Any) -> str:
        """The name of a row or column of ones: a product with it is a sum, and faster than a reduction."""
        return self._known((shape, np.dtype(dtype)), lambda: np.ones(shape, dtype), f"ones{shape[0]}x{shape[1]}")

    def _known(self, which: Any, make: Callable[[], np.ndarray], name: str) -> str:
        if which not in self._constants:
            self._constants[which] = make()
        return self.name_of(self._constants[which], name)

    def call(self, function: Callable[..., Any], operands: Sequence[Any], target: np.ndarray) -> None:
        """Call a function as it is, and copy its result."""
        inner = ", ".join(self.name_of(x) for x in operands)
        self.lines.append(f"copyto({self.name_of(target)}, {self.name_of(function)}({inner}))")

    def assign(self, name: str, tree: Any) -> None:
        """Give a number its new value."""
        self.lines.append(f"{name} = {_Tree(self, tree, None, []).root().text}")

    def store(self, tree: Any, target: np.ndarray, reads: Sequence[Any]) -> None:
        """Compute a tree into its array; ``reads`` are the arrays that it must not overwrite on the way."""
        _Tree(self, tree, target, reads).root()

    # ----------------------------------------------------------------------------------------------- spare arrays

    def borrow(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """A spare array of this shape, or a new one."""
        shelf = self._spare.setdefault((shape, np.dtype(dtype)), [])
        return shelf.pop() if shelf else np.empty(shape, dtype)

    def give_back(self, array: np.ndarray) -> None:
        """The array is free for the next that needs its shape."""
        self._spare.setdefault((array.shape, array.dtype), []).append(array)


class _Tree:
    """One expression on its way into the program; equal parts are computed once."""

    def __init__(self, emitter: Emitter, tree: Any, target: np.ndarray | None, reads: Sequence[Any]) -> None:
        self.e, self.tree, self.target = emitter, tree, target
        self._seen: dict[int, int] = {}
        self._numbers: dict[Any, int] = {}
        self.done: dict[int, Value] = {}
        self.uses: Counter[int] = Counter()
        self.conditions: set[int] = set()
        self.target_is_free = target is not None and not any(np.shares_memory(target, x) for x in reads if _is_array(x))
        self._count(tree)

    def _count(self, x: Any) -> int:
        """Count how often each part is used; give the part's identity (equal parts have the same)."""
        identity = self._identity(x)
        self.uses[identity] += 1
        if isinstance(x, Expr) and self.uses[identity] == 1:
            truths = x.args[:1] if x.head == "where" else x.args if x.head in _OF_TRUTHS else ()
            self.conditions |= {self._identity(arg) for arg in truths}
            for arg in x.args:
                self._count(arg)
        return identity

    def _identity(self, x: Any) -> int:
        """The number of a part; equal parts have the same, however often they stand in the tree."""
        if id(x) in self._seen:
            return self._seen[id(x)]
        if not isinstance(x, Expr):
            what: Any = ("number", float(x)) if np.ndim(x) == 0 else ("array", id(x))
        elif x.head == "leaf":
            what = x.info["name"]
        else:
            extra = tuple(sorted((k, str(v)) for k, v in x.info.items()))
            what = (x.head, extra, tuple(self._identity(arg) for arg in x.args))
        number = self._numbers.setdefault(what, len(self._numbers))
        if isinstance(x, Expr):  # it lives as long as the tree; a plain number's id may come back as another's
            self._seen[id(x)] = number
        return number

    def root(self) -> Value:
        """Write the whole tree down, its last result straight into the target."""
        value = self.part(self.tree, is_root=True)
        if self.target is not None and value.array is not self.target:
            self.e.lines.append(f"copyto({self.e.name_of(self.target)}, {value.text})")
        return value

    def part(self, x: Any, is_root: bool = False) -> Value:
        """Write one part down, after its operands, unless it stands there already."""
        if not isinstance(x, Expr):
            number = np.asarray(x)
            return self._array(number) if number.ndim else Value(repr(number.item()), literal=number.item())
        identity = self._identity(x)
        if identity not in self.done:
            self.done[identity] = self._new(x, is_root)
        return self.done[identity]

    def _new(self, x: Expr, is_root: bool) -> Value:
        if x.head == "leaf":
            key = x.info["name"]
            return Value(self.e.scalars[key]) if key in self.e.scalars else self._array(self.e.values[key])
        head, args = _cheaper(x)
        operands = [self.part(arg) for arg in args]
        if head == "T":
            assert operands[0].array is not None
            return self._array(operands[0].array.T)
        if all(v.array is None for v in operands):
            return Value(_scalar_text(head, [v.text for v in operands]))
        return self._operation(x, head, args, operands, is_root)

    def _array(self, array: np.ndarray) -> Value:
        return Value(self.e.name_of(array), array)

    def _operation(self, x: Expr, head: Any, args: Any, operands: list[Value], is_root: bool) -> Value:
        """One call with its result array; a comparison gives 1.0 and 0.0 unless it is a condition."""
        info = x.info
        if head == "reduce" and info["axis"] is None:
            return Value(f"float({self.e.name_of(info['ufunc'].reduce)}({operands[0].text}, None))")
        shape, dtype = _result(head, operands, info)
        texts = [v.text if v.literal is None else self.e.constant(v.literal, dtype) for v in operands]
        if head in _TRUTHS and self._identity(x) in self.conditions:
            dtype = np.dtype(bool)
        spent = self._spent(args, operands)
        elementwise = head not in ("reduce", "where") and head is not np.matmul
        if is_root and self.target is not None and self.target.shape == shape:
            out = self.target
        else:
            out = self._room(shape, dtype, spent if elementwise else [])
        if head == "where" and operands[0].array is not None and operands[0].array.dtype != bool:
            texts[0] += " != 0"
        self.e.lines += self._written(head, texts, self.e.name_of(out), info, operands[0].array)
        for array in spent:
            if array is self.target:
                self.target_is_free = True
            elif array is not out:
                self.e.give_back(array)
        if out is self.target:
            self.target_is_free = False
        return Value(self.e.name_of(out), out, is_temporary=True)

    def _spent(self, args: Any, operands: list[Value]) -> list[np.ndarray]:
        """The temporary operands that nothing later in the expression uses."""
        spent = []
        for arg, value in zip(args, operands, strict=True):
            identity = self._identity(arg)
            self.uses[identity] -= 1
            if value.is_temporary and self.uses[identity] == 0 and value.array is not None:
                spent.append(value.array)
        return spent

    def _room(self, shape: tuple[int, ...], dtype: Any, spent: list[np.ndarray]) -> np.ndarray:
        """Where a part's result goes: over a spent operand, into the target while it is free, or into a spare array."""
        for array in spent:
            if array.shape == shape and array.dtype == dtype:
                return array
        if self.target_is_free and self.target is not None and (self.target.shape, self.target.dtype) == (shape, dtype):
            return self.target
        return self.e.borrow(shape, dtype)

    def _written(self, head: Any, texts: list[str], out: str, info: dict[str, Any], operand: Any) -> list[str]:
        """The call as text."""
        if head == "where" and texts[1] == out:  # what holds where the condition does is there already
            return [f"copyto({out}, {texts[2]}, where={self.e.name_of(np.logical_not, 'logical_not')}({texts[0]}))"]
        if head == "where":
            return [f"copyto({out}, {texts[2]})", f"copyto({out}, {texts[1]}, where={texts[0]})"]
        if head is np.matmul:
            return [f"dot({texts[0]}, {texts[1]}, out={out})"]
        if head == "reduce":
            return [self._reduction(texts[0], out, info, operand)]
        return [f"{self.e.name_of(head, head.__name__)}({', '.join(texts)}, out={out})"]

    def _reduction(self, x: str, out: str, info: dict[str, Any], operand: Any) -> str:
        """A sum as a product with ones, any other reduction as itself."""
        if info["ufunc"] is np.add and info["keepdims"] and operand.ndim == 2:
            n, m = operand.shape
            if info["axis"] == 0:
                return f"dot({self.e.ones((1, n), operand.dtype)}, {x}, out={out})"
            return f"dot({x}, {self.e.ones((m, 1), operand.dtype)}, out={out})"
        function = self.e.name_of(info["ufunc"].reduce, f"{info['ufunc'].__name__}_reduce")
        return f"{function}({x}, {info['axis']}, None, {out}, {info['keepdims']})"


def _is_array(x: Any) -> bool:
    return isinstance(x, np.ndarray)


def _cheaper(x: Expr) -> tuple[Any, tuple[Any, ...]]:
    """A power of 2 is a square, of 1/2 a root; 1/x is a reciprocal."""
    if x.head is np.divide and not isinstance(x.args[0], Expr) and x.args[0] == 1:
        return np.reciprocal, x.args[1:]
    if x.head is np.power and isinstance(x.args[1], int | float) and x.args[1] in _POWERS and not x.args[0].scalar:
        return _POWERS[x.args[1]], x.args[:1]
    return x.head, x.args


def _scalar_text(head: Any, texts: list[str]) -> str:
    """An operation on numbers, as Python writes it."""
    if head in _PYTHON:
        return f"({texts[0]} {_PYTHON[head]} {texts[1]})"
    return f"{_SCALAR_CALLS[head]}({', '.join(texts)})"


def _result(head: Any, operands: list[Value], info: dict[str, Any]) -> tuple[tuple[int, ...], Any]:
    """The shape and dtype of an operation's result."""
    arrays = [v.array for v in operands if v.array is not None]
    dtypes = [x.dtype for x in arrays if x.dtype.kind == "f"] or [np.dtype(np.float64)]
    if head is np.matmul:
        return (arrays[0].shape[0], arrays[1].shape[1]), dtypes[0]
    if head == "reduce":
        axis = info["axis"] % arrays[0].ndim
        if not info["keepdims"]:
            return arrays[0].shape[:axis] + arrays[0].shape[axis + 1 :], dtypes[0]
        return (*arrays[0].shape[:axis], 1, *arrays[0].shape[axis + 1 :]), dtypes[0]
    return np.broadcast_shapes(*(x.shape for x in arrays)), dtypes[0]
