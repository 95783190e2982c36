"""Arguments and results made of several arrays: tuples, lists, dicts and named tuples, one in the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """Everything in it that is no container, in order; None is an empty container."""
    if tree is None:
        return []
    if isinstance(tree, dict):
        return [x for branch in tree.values() for x in leaves(branch)]
    if isinstance(tree, tuple | list):
        return [x for branch in tree for x in leaves(branch)]
    return [tree]


def rebuilt(tree: Any, values: Iterator[Any]) -> Any:
    """A tree of the same form with other leaves."""
    if tree is None:
        return None
    if isinstance(tree, dict):
        return {key: rebuilt(branch, values) for key, branch in tree.items()}
    if isinstance(tree, tuple | list):
        branches = [rebuilt(branch, values) for branch in tree]
        return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
    return next(values)


def mapped(f: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """A tree with f of the leaves that stand at the same place in each."""
    return rebuilt(tree, iter([f(*xs) for xs in zip(*map(leaves, (tree, *others)), strict=True)]))
