"""What a student's file is looked at for: its function or its network, standing in for the one in the other process."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.auditing.arguments import PATTERNS
from chainrule.auditing.candidates import is_update
from chainrule.auditing.student import StudentFile
from chainrule.auditing.student_errors import StudentError
from chainrule.auditing.witness import SLOPE, VALUE
from chainrule.choices import nearest
from chainrule.errors import ConfigError

# What is looked for where nothing is asked for, in this order.
NAMES = (
    "backprop", "backpropagation", "back_prop", "backward", "backward_pass", "gradients", "gradient", "compute_gradients",
    "get_gradients", "grad", "back_propagation", "backward_propagation", "backward_prop", "costFunctionPrime",
    "cost_function_prime", "update_mini_batch", "update_minibatch", "update",
)  # fmt: skip
FORWARDS = ("forward_propagation", "forward_prop", "forward", "forward_pass", "feedforward", "feed_forward")
CACHE = re.compile(r"^(forward_?)?(cache|caches|memory|store)$", re.IGNORECASE)  # the last thing that a forward pass gives
SHALLOW, DEEP = [3, 4, 2], [3, 5, 4, 2]
LISTED = re.compile(r"sizes|layers|dims|shape|architecture", re.IGNORECASE)  # an argument that is a list of sizes
KEYS = re.compile(rb"""\[["']W([1-9])["']\]""")  # layers that are called by their numbers
NUMBERED = re.compile(r"_?(?:w|weights?)_?(\d+)", re.IGNORECASE)


class Raised(Exception):  # noqa: N818  it is somebody else's
    """The student's code raised an exception, as any candidate may where it is called in another way than it expects."""


@contextmanager
def as_candidate(file: StudentFile) -> Iterator[None]:
    """What goes wrong in a call is the candidate's, as long as another call can be tried."""
    try:
        yield
    except StudentError as error:
        if file.over:
            raise
        raise Raised(error.sentence) from error


@dataclass(frozen=True)
class Found:
    """What of a file is looked at: the candidate, its name as the user knows it, and what audit is told of it."""

    candidate: Any
    name: str
    network: list[int] | None
    options: dict[str, Any]


def found_in(file: StudentFile, asked: str | None = None, sizes: Sequence[int] | None = None) -> Found:
    """The candidate of a file.

    Parameters
    ----------
    file : StudentFile
        Running.
    asked : str, optional
        A function, a class, an object, or a method of one: ``Network.backprop``.
    sizes : sequence of int, optional
        Of the network that it is tried on.

    Raises
    ------
    ConfigError
        The file has nothing of that name.
    StudentError
        It offers nothing that could be looked at, or an object of it could not be made.
    """
    whole, _, method = _named(file, asked) if asked else _first(file)
    offers = file.offers
    if whole in offers["functions"]:
        return _function(file, whole, sizes)
    call = whole in offers["classes"]
    made = file.make(whole, *_arguments(whole, offers["classes"][whole]["parameters"], sizes), call=True) if call else (
        file.make(whole, call=False)
    )  # fmt: skip
    mirror = mirrored(file, made)
    told: dict[str, Any] = {"method": method} if method else {}
    if asked and method and not is_update(method):
        told["kind"] = "gradient"  # its update is not asked for
    return Found(mirror, f"{whole}.{method}" if method else whole, None, told | {"beside": _beside(file)})


def _named(file: StudentFile, asked: str) -> tuple[str, str, str]:
    whole, dot, method = asked.partition(".")
    offers = file.offers
    known = {**offers["functions"], **offers["classes"], **offers["objects"]}
    if not known:
        raise ConfigError(f"{file.path.name} has no {asked!r}: it defines no function, and no class.")
    nearest(dict.fromkeys(known), whole, f"function, class or object in {file.path.name} called")
    if dot and whole in offers["classes"]:
        nearest(offers["classes"][whole]["methods"], method, f"method of {whole}")
    return whole, dot, method


def _first(file: StudentFile) -> tuple[str, str, str]:
    """What is looked at where nothing is asked for: by the names of functions, and of methods."""
    offers = file.offers
    listed = [row for name in NAMES for row in _called(offers, name)]
    if listed:
        return min(listed, key=lambda row: not _takes_examples(row[1]))[0]
    there = [*offers["functions"], *offers["classes"]]
    says = f"It defines {', '.join(there[:12])}." if there else "It defines no function, and no class."
    raise StudentError(
        "nothing",
        f"{file.path.name} has nothing to look at: no function and no method called backprop, gradients or "
        f"update_mini_batch. {says}",
        "Call it backprop, or say which it is: --function NAME.",
    )


def _called(offers: dict[str, Any], name: str) -> Iterator[tuple[tuple[str, str, str], list[list[Any]]]]:
    """What of a file has this name, with its parameters: functions, then methods of objects, then of classes."""
    if name in offers["functions"]:
        yield (name, "", ""), offers["functions"][name]
    for kind in ("objects", "classes"):
        for whole, entry in offers[kind].items():
            methods = entry if kind == "objects" else entry["methods"]
            if name in methods:
                yield (whole, ".", name), methods[name]


def _takes_examples(parameters: list[list[Any]]) -> bool:
    """Whether there are arguments for inputs and targets, or for a mini-batch, rather than for the error of a layer."""
    names = [name for name, kind, _ in parameters if not kind.startswith("VAR")]
    roles = {role for name in names for role in ("x", "y", "pairs") if PATTERNS[role].match(name)}
    return "pairs" in roles or {"x", "y"} <= roles or len(names) == 2


def _arguments(name: str, parameters: list[list[Any]], sizes: Sequence[int] | None) -> tuple[Any, ...]:
    """What a class is called with: the sizes as one list, or one by one."""
    required = [p for p, kind, optional in parameters if not optional and not kind.startswith("VAR")]
    given = list(sizes or (SHALLOW if len(required) == len(SHALLOW) else DEEP))
    if len(required) == 1 or (not required and parameters and sizes):
        return (given,)
    if not required:
        return ()
    if len(required) == len(given) and not LISTED.search(required[0]):
        return tuple(given)
    raise StudentError(
        "class",
        f"{name} needs {', '.join(required)} to be made, and it is not known what they should be.",
        f"Make an object in the file, such as net = {name}(...), and name it: --function net. "
        "A class whose first argument is the list of sizes is made by itself.",
    )


def _function(file: StudentFile, name: str, sizes: Sequence[int] | None) -> Found:
    """A function: given its parameters by the names of its arguments, or working with the file's own."""
    parameters, stand_in = _called_with(file, name)
    names = [p for p, *_ in parameters]
    own = {key: file.get(key) for key in ("weights", "biases") if key in file.offers["values"] and key not in names}
    numbered = [int(found[1]) for p in names if (found := NUMBERED.fullmatch(p))] or [
        *{*map(int, KEYS.findall(file.source))}
    ]
    if "weights" in own:
        return Found(stand_in, name, None, own | {"beside": _beside(file)})
    default = SHALLOW if len(numbered) == 2 else [3, 2] if len(numbered) == 1 else DEEP
    return Found(stand_in, name, list(sizes or default), {"beside": _beside(file)})


def _called_with(file: StudentFile, name: str) -> tuple[list[list[Any]], Callable[..., Any]]:
    """A function with its parameters; one that is given what the forward pass has kept is called after the forward pass."""
    parameters = file.offers["functions"][name]
    kept = next((p for p, *_ in parameters if CACHE.match(p)), None)
    forward = next((f for f in FORWARDS if f in file.offers["functions"]), None)
    if kept is None or forward is None:
        return parameters, function(file, name, parameters)
    own = [row for row in parameters if row[0] != kept]
    before = file.offers["functions"][forward]
    rows = own + [row for row in before if row[0] not in {p for p, *_ in own}]

    def stand_in(**named: Any) -> Any:
        with as_candidate(file):
            found = file.call(forward, **{p: named[p] for p, *_ in before if p in named})
            cache = found[-1] if isinstance(found, list | tuple) else found
            return file.call(name, **{p: named[p] for p, *_ in own if p in named}, **{kept: cache})

    by_name = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in _parameters(rows)]
    return rows, _dressed(stand_in, name, by_name)


def _beside(file: StudentFile) -> dict[str, Callable[..., Any]]:
    """The file's functions that are called like a cost: they tell which one is meant."""
    listed = file.offers["functions"].items()
    return {name: function(file, name, rows) for name, rows in listed if VALUE.match(name) or SLOPE.match(name)}


def function(file: StudentFile, name: str, parameters: list[list[Any]]) -> Callable[..., Any]:
    """A function here that calls the one there."""

    def stand_in(*args: Any, **named: Any) -> Any:
        with as_candidate(file):
            return file.call(name, *args, **named)

    return _dressed(stand_in, name, _parameters(parameters))


def mirrored(file: StudentFile, made: dict[str, Any]) -> Any:
    """An object here whose values are kept the same as those of the one there, before and after each call of a method."""
    number = made["object"]
    there: dict[str, Any] = {}  # the values that the other process has

    def keep(mirror: Any, values: dict[str, Any]) -> None:
        there.clear()
        there.update(_copy(values))
        vars(mirror).clear()
        vars(mirror).update(values)

    def method(name: str) -> Callable[..., Any]:
        def stand_in(self: Any, *args: Any, **named: Any) -> Any:
            change = {key: value for key, value in vars(self).items() if not _same(value, there.get(key))}
            there.clear()  # where the call fails, nobody knows what it has changed before
            with as_candidate(file):
                found, values = file.method(number, name, args, named, change)
            keep(self, values)
            return found

        me = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return _dressed(stand_in, name, [me, *_parameters(made["methods"][name])])

    mirror = type(str(made["type"]), (), {name: method(name) for name in made["methods"]})()
    keep(mirror, made["values"])
    return mirror


def _copy(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(_copy(v) for v in value)
    if isinstance(value, dict):
        return {key: _copy(v) for key, v in value.items()}
    return value.copy() if isinstance(value, np.ndarray) else value


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return bool(one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)


def _dressed(f: Any, name: str, parameters: list[inspect.Parameter]) -> Callable[..., Any]:
    """A function with the name and the signature of the student's."""
    f.__name__ = f.__qualname__ = name
    with suppress(ValueError):  # what another process has told need not make a signature
        f.__signature__ = inspect.Signature(parameters)
    dressed: Callable[..., Any] = f
    return dressed


def _parameters(rows: list[list[Any]]) -> list[inspect.Parameter]:
    found = []
    for name, kind, optional in rows:
        default = None if optional and not kind.startswith("VAR") else inspect.Parameter.empty
        found.append(inspect.Parameter(str(name), getattr(inspect.Parameter, kind), default=default))
    return found
