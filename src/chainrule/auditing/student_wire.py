"""What a student's process and ours say to each other: numbers, texts and arrays, as bytes that are checked, never objects.

A message is a length, a line of JSON, and the bytes of the arrays that the JSON points to. Nothing in it can run: what the
JSON cannot say arrives as an :class:`Other`, which has the name of its type and nothing else.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

LARGEST = 1 << 26  # bytes of a message
DEEPEST = 8  # lists in lists
MOST = 200_000  # elements of all lists
LONGEST = 20_000  # characters of a text
HEAD = struct.Struct("<II")  # bytes of JSON, bytes of arrays
KINDS = "biufc"  # arrays of truth values, whole numbers, floats and complex numbers


class WireError(Exception):
    """A message that breaks a rule."""


@dataclass(frozen=True)
class Other:
    """Something that is no number, text, array, list or dict: all that is known of it is its type."""

    type: str


# ---------------------------------------------------------------------------------------------------------- writing


def pack(value: Any) -> bytes:
    """The bytes of a value.

    >>> unpack(pack({"w": [np.eye(2), (1, None)], 2: "b"}))
    {'w': [array([[1., 0.],
           [0., 1.]]), (1, None)], 2: 'b'}
    """
    arrays: list[np.ndarray] = []
    left = [MOST]
    tree = json.dumps(_tree(value, arrays, left, 0), separators=(",", ":")).encode("utf-8", "backslashreplace")
    raw = b"".join(x.tobytes() for x in arrays)
    if len(tree) + len(raw) > LARGEST:
        raise WireError(f"it has {len(tree) + len(raw):,} bytes, and at most {LARGEST:,} are taken")
    return HEAD.pack(len(tree), len(raw)) + tree + raw


def _tree(value: Any, arrays: list[np.ndarray], left: list[int], depth: int) -> Any:
    if depth > DEEPEST:
        raise WireError(f"it has lists in lists, more than {DEEPEST} deep")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | complex | np.generic):
        return _number(value, arrays)
    if isinstance(value, str):
        return value[:LONGEST]
    if isinstance(value, list | tuple | dict):
        return _several(value, arrays, left, depth + 1)
    return _array(value, arrays)


def _number(value: Any, arrays: list[np.ndarray]) -> Any:
    """A plain number, or a word for one that JSON has not."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, complex):
        return _array(np.array(plain), arrays)
    if isinstance(plain, float):
        return plain if math.isfinite(plain) else {"float": str(plain)}
    if isinstance(plain, int):
        return int(plain) if abs(plain) < 1 << 63 else {"float": str(float(plain)) if abs(plain) < 1 << 1000 else "inf"}
    return {"other": type(value).__name__[:60]}


def _several(value: Any, arrays: list[np.ndarray], left: list[int], depth: int) -> Any:
    left[0] -= len(value)
    if left[0] < 0:
        raise WireError(f"its lists have more than {MOST:,} elements")
    if isinstance(value, dict):
        pairs = [(k if isinstance(k, str | int | tuple) else str(k), v) for k, v in value.items()]
        return {"dict": [[_tree(k, arrays, left, depth), _tree(v, arrays, left, depth)] for k, v in pairs]}
    items = [_tree(item, arrays, left, depth) for item in value]
    return {"tuple": items} if isinstance(value, tuple) else items


def _array(value: Any, arrays: list[np.ndarray]) -> Any:
    """An array, or what says that it is one (a tensor); of anything else, its type."""
    other = {"other": type(value).__name__[:60]}
    if not isinstance(value, np.ndarray):
        if not hasattr(value, "__array__"):
            return other
        try:
            value = np.asarray(value.detach() if hasattr(value, "detach") else value)
        except Exception:  # noqa: BLE001  whatever the object does when it is asked, it is no array
            return other
    if value.dtype.kind not in KINDS:
        return {"other": "array of objects" if value.dtype.kind == "O" else f"array of {value.dtype}"[:60]}
    if value.dtype.itemsize > 8 + 8 * (value.dtype.kind == "c"):
        value = value.astype(complex if value.dtype.kind == "c" else float)
    arrays.append(np.ascontiguousarray(value, value.dtype.newbyteorder("<")))
    return {"array": [value.dtype.newbyteorder("<").str, list(value.shape)]}


# ---------------------------------------------------------------------------------------------------------- reading


def unpack(message: bytes) -> Any:
    """The value of the bytes.

    Raises
    ------
    WireError
        They break a rule: a length, a shape, a dtype, or what there may be.
    """
    if len(message) < HEAD.size:
        raise WireError("it is too short")
    n_tree, n_raw = HEAD.unpack_from(message)
    if len(message) != HEAD.size + n_tree + n_raw:
        raise WireError("it has another length than it says")
    try:
        tree = json.loads(message[HEAD.size : HEAD.size + n_tree].decode())
        reader = _Reader(message[HEAD.size + n_tree :])
        value = reader.value(tree, 0)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise WireError("it is not what a message looks like") from error
    if reader.at != n_raw:
        raise WireError("it has bytes that belong to no array")
    return value


class _Reader:
    """Turns a tree of JSON into values, the arrays one after the other from the bytes."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 0

    def value(self, tree: Any, depth: int) -> Any:
        """The value of a part of the tree."""
        if depth > DEEPEST + 1:
            raise WireError("it is nested too deeply")
        if isinstance(tree, list):
            return [self.value(part, depth + 1) for part in tree]
        if not isinstance(tree, dict):
            return tree
        ((kind, what),) = tree.items()
        return getattr(
            self, {"array": "array", "tuple": "tuple", "dict": "dict", "float": "float", "other": "other"}[kind]
        )(what, depth)

    def tuple(self, what: Any, depth: int) -> Any:
        """A tuple."""
        return tuple(self.value(part, depth + 1) for part in list(what))

    def dict(self, what: Any, depth: int) -> Any:
        """A dict."""
        return {self.value(k, depth + 1): self.value(v, depth + 1) for k, v in what}

    def float(self, what: Any, _: int) -> Any:
        """A number that JSON has no word for."""
        return float(str(what)[:400])

    def other(self, what: Any, _: int) -> Other:
        """A type."""
        return Other(str(what)[:60])

    def array(self, what: Any, _: int) -> np.ndarray:
        """An array: its dtype is one of numbers, and its bytes are there."""
        word, shape = what
        dtype = np.dtype(str(word)[:8])
        if dtype.kind not in KINDS or len(shape) > 16 or not all(type(n) is int and 0 <= n <= LARGEST for n in shape):
            raise WireError("it has an array of no shape")
        size = math.prod(shape) * dtype.itemsize
        if self.at + size > len(self.raw):
            raise WireError("it has an array that is longer than the message")
        flat = np.frombuffer(self.raw, dtype, math.prod(shape), self.at)
        self.at += size
        return flat.reshape(shape).copy()


class Readable(Protocol):
    """Bytes can be read from it."""

    def read(self, n: int, /) -> bytes:
        """So many bytes, or fewer at its end."""
        ...


def read(stream: Readable) -> bytes | None:
    """The next message of a stream, or None at its end.

    Raises
    ------
    WireError
        It says that it is longer than messages are.
    """
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    n = sum(HEAD.unpack(head))
    if n > LARGEST:
        raise WireError("it says that it is longer than messages are")
    body = stream.read(n)
    return head + body if len(body) == n else None
