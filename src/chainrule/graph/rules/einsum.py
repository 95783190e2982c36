"""np.einsum: a product of arrays whose axes have names, summed over the names that the result has not.

The adjoint of an operand is again such a product: of the result's adjoint and the other operands.
"""

# ruff: noqa: ARG001  every rule is called alike
from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters
from typing import Any

import numpy as np

from chainrule.graph.modes import as_array
from chainrule.graph.tracing import Operation

# In the order of their codes, in which NumPy numbers them.
LETTERS = sorted(ascii_letters)


def einsum(*args: Any, **options: Any) -> Any:
    """np.einsum, with the subscripts in one string or in a list after each operand."""
    if isinstance(args[0], str):
        return EINSUM(*args[1:], subscripts=args[0], **options)
    pairs = len(args) // 2 * 2
    words = [_word(labels) for labels in args[1:pairs:2]]
    result = ["->" + _word(labels) for labels in args[pairs:]]
    return EINSUM(*args[:pairs:2], subscripts=",".join(words) + "".join(result), **options)


def _word(labels: Sequence[Any]) -> str:
    return "".join("..." if label is Ellipsis else LETTERS[label] for label in labels)


def spelled(subscripts: str, ndims: Sequence[int]) -> tuple[list[str], str]:
    """The names of each operand's axes, and of the result's; dots are replaced by names that are free."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    if not arrow:
        once = [c for c in sorted(set(inputs) - set(",.")) if inputs.count(c) == 1]
        output = "..." * ("..." in inputs) + "".join(once)
    words = inputs.split(",")
    hidden = [ndim - len(word.replace("...", "")) for word, ndim in zip(words, ndims, strict=True)]
    free = "".join(c for c in LETTERS if c not in subscripts)[: max(hidden)]
    words = [word.replace("...", free[len(free) - n :]) for word, n in zip(words, hidden, strict=True)]
    return words, output.replace("...", free)


def einsum_back(k: int, g: Any, y: Any, *operands: Any, subscripts: str, optimize: Any = False, **_: Any) -> Any:
    """The product of g and the other operands, with the axes of operand k."""
    arrays = [as_array(x) for x in operands]
    words, output = spelled(subscripts, [x.ndim for x in arrays])
    mine, x = words.pop(k), arrays.pop(k)
    known = set(output).union(*words)
    found = "".join(c for c in dict.fromkeys(mine) if c in known)
    way = optimize if isinstance(optimize, bool | str) else True  # a path belongs to the operands it was made for
    g = np.einsum(f"{','.join([output, *words])}->{found}", g, *arrays, optimize=way)
    return g if found == mine else placed(g, found, mine, x.shape)


def placed(g: Any, found: str, wanted: str, shape: tuple[int, ...]) -> Any:
    """The same numbers for each name that was summed over alone, and on the diagonal of a name that stands twice."""
    words, names = [found], list(wanted)
    factors: list[Any] = []
    free = iter(c for c in LETTERS if c not in wanted)
    for at, (c, n) in enumerate(zip(wanted, shape, strict=True)):
        if wanted.index(c) != at:
            names[at] = next(free)
            words.append(c + names[at])
            factors.append(np.eye(n, dtype=bool))
        elif c not in found:
            words.append(c)
            factors.append(np.ones(n, dtype=bool))
    return np.einsum(f"{','.join(words)}->{''.join(names)}", g, *factors)


EINSUM = Operation(
    "einsum", lambda *operands, subscripts, **options: np.einsum(subscripts, *operands, **options), einsum_back
)
