"""A schema as it stands in a model file: nothing in it is trusted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

from chainrule.data.column import Column
from chainrule.data.csv_read import MAX_COLUMNS
from chainrule.data.labels import MAX_CLASSES
from chainrule.data.source import shown
from chainrule.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_MAX_TEXT = 131_072  # the longest cell of a CSV file
_SCHEMA_KEYS = ("columns", "targets", "task", "missing", "header")
_COLUMN_KEYS = ("name", "kind", "mean", "scale", "categories")
_KINDS = ("number", "category", "integer")


def checked_schema(values: object) -> tuple[tuple[Column, ...], tuple[Column, ...], str, str, bool]:
    """Return what a schema is made of, in its order; anything unexpected is a ModelFileError."""
    found = _mapping(values, _SCHEMA_KEYS, "schema")
    columns, targets = (_list(found[key], _column, MAX_COLUMNS, key) for key in ("columns", "targets"))
    task = _one_of(found["task"], ("classification", "regression"), "task")
    missing = _one_of(found["missing"], ("error", "mean"), "missing")
    _require(isinstance(found["header"], bool), "header", "true or false", found["header"])
    _require(bool(columns) and bool(targets), "columns and targets", "at least one each", (len(columns), len(targets)))
    names = [column.name for column in (*columns, *targets)]
    _require(len(set(names)) == len(names), "names", "all different", names)
    _require(all(column.kind != "integer" for column in columns), "columns", "numbers or categories", "integer")
    kinds = [column.kind for column in targets]
    fitting = kinds in (["category"], ["integer"]) if task == "classification" else set(kinds) == {"number"}
    _require(fitting, "targets", f"those of {task}", kinds)
    return columns, targets, task, missing, found["header"]


def _column(values: object, where: str) -> Column:
    found = _mapping(values, _COLUMN_KEYS, where)
    name = _text(found["name"], f"{where}.name")
    kind = _one_of(found["kind"], _KINDS, f"{where}.kind")
    mean = _list(found["mean"], _number, MAX_CLASSES, f"{where}.mean")
    scale = _number(found["scale"], f"{where}.scale")
    categories = _list(found["categories"], _text, MAX_CLASSES, f"{where}.categories")
    _require(scale > 0, f"{where}.scale", "a positive number", scale)
    _require(len(set(categories)) == len(categories), f"{where}.categories", "all different", categories)
    _require(bool(categories) == (kind != "number"), f"{where}.categories", f"those of a {kind}", categories)
    _require(len(mean) == max(1, len(categories)), f"{where}.mean", "one for each category, or one", len(mean))
    return Column(name, kind, mean, scale, categories)


def _mapping(values: object, keys: tuple[str, ...], where: str) -> dict[str, Any]:
    if not isinstance(values, dict) or set(values) != set(keys):
        raise _damaged(where, f"an object with {', '.join(keys)}", values)
    return values


def _list(values: object, item: Callable[[object, str], T], limit: int, where: str) -> tuple[T, ...]:
    if not isinstance(values, list) or len(values) > limit:
        raise _damaged(where, f"a list of at most {limit:,}", values)
    return tuple(item(value, f"{where}[{i}]") for i, value in enumerate(values))


def _number(value: object, where: str) -> float:
    if not isinstance(value, float | int) or isinstance(value, bool) or not abs(value) <= sys.float_info.max:
        raise _damaged(where, "a finite number", value)
    return float(value)


def _text(value: object, where: str) -> str:
    _require(isinstance(value, str) and 0 < len(value) <= _MAX_TEXT, where, "a text", value)
    return str(value)


def _one_of(value: object, allowed: tuple[str, ...], where: str) -> str:
    _require(isinstance(value, str) and value in allowed, where, " or ".join(allowed), value)
    return str(value)


def _require(ok: bool, where: str, wanted: str, found: object) -> None:
    if not ok:
        raise _damaged(where, wanted, found)


def _damaged(where: str, wanted: str, found: object) -> ModelFileError:
    is_long = isinstance(found, dict | list | tuple)  # and perhaps nested deeper than str() can go
    what = f"a {type(found).__name__}" if is_long else shown(found)
    return ModelFileError(
        f"The model's description of its data is damaged: {where} must be {wanted}, not {what}."
        " Use a model file as chainrule wrote it."
    )
