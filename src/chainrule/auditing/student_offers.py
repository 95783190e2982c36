"""What a student's process says that its file offers: looked at part by part, since nobody need believe it."""

from __future__ import annotations

import inspect
from typing import Any

MOST = 1000  # names
_P = inspect.Parameter
KINDS = {k.name for k in (_P.POSITIONAL_ONLY, _P.POSITIONAL_OR_KEYWORD, _P.VAR_POSITIONAL, _P.KEYWORD_ONLY, _P.VAR_KEYWORD)}


def offers_of(told: Any) -> dict[str, Any]:
    """Functions, classes, objects and values by name, as :func:`chainrule.auditing.student_child.offers` tells them.

    Raises
    ------
    ValueError, TypeError, KeyError, AttributeError
        It is something else.
    """
    classes = {
        _name(name): {"parameters": _parameters(row["parameters"]), "methods": _methods(row["methods"])}
        for name, row in _few(told["classes"].items())
    }
    return {
        "functions": _methods(told["functions"]),
        "classes": classes,
        "objects": {_name(name): _methods(row) for name, row in _few(told["objects"].items())},
        "values": [_name(name) for name in _few(told["values"])],
    }


def made_of(told: Any) -> dict[str, Any]:
    """An object that was made: its number, type, methods and values; raises as `offers_of`."""
    number, values = told["object"], told["values"]
    if type(number) is not int:
        raise TypeError("the number of an object")
    return {
        "object": number,
        "type": _name(told["type"]),
        "methods": _methods(told["methods"]),
        "values": values_of(values),
    }


def values_of(told: Any) -> dict[str, Any]:
    """Values by name; raises as `offers_of`."""
    return {_name(name): value for name, value in _few(told.items())}


def pair_of(told: Any) -> tuple[Any, Any]:
    """Two values; raises as `offers_of`."""
    one, other = told
    return one, other


def _methods(told: Any) -> dict[str, list[list[Any]]]:
    return {_name(name): _parameters(rows) for name, rows in _few(told.items())}


def _parameters(rows: Any) -> list[list[Any]]:
    found = [[_name(name), kind, bool(optional)] for name, kind, optional in _few(rows)]
    if not all(isinstance(kind, str) and kind in KINDS for _, kind, _ in found):
        raise ValueError("a kind of parameter")
    return found


def _name(told: Any) -> str:
    if not (isinstance(told, str) and told.isidentifier() and len(told) <= 200):
        raise ValueError("a name")
    return told


def _few(told: Any) -> list[Any]:
    found = list(told)
    if len(found) > MOST:
        raise ValueError(f"more than {MOST} names")
    return found
