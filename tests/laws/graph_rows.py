"""What the laws of the graph's rules are tried on: numbers far enough apart for their order to stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.graph import trees
from chainrule.graph.modes import jvp, vjp

Row = tuple[Callable[..., Any], tuple[Any, ...]]


def apart(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers in a random order, 0.17 from each other, none of them 0."""
    n = int(np.prod(shape))
    return ((np.random.default_rng(seed).permutation(n) - n / 2 + 0.3) * 0.17).reshape(shape)


V, W, M, N, T = apart(5), apart(4, seed=1), apart(3, 4, seed=2), apart(3, 4, seed=3), apart(2, 3, 4, seed=4)
S = np.array(0.7)
MASK = np.array([[True, False, True, True], [False, True, True, False], [True, True, False, True]])
GAPS = np.where(MASK, M, np.nan)


def single(args: tuple[Any, ...]) -> Any:
    """The same numbers, in single precision."""
    return trees.mapped(lambda x: np.asarray(x).astype(np.complex64 if np.iscomplexobj(x) else np.float32)[()], args)


def turned(args: tuple[Any, ...]) -> Any:
    """Complex numbers of about the same size."""
    return trees.mapped(lambda x: (np.asarray(x) * (1 + 0.3j) + 0.1j * np.cos(np.asarray(x)))[()], args)


def dtypes(tree: Any) -> list[Any]:
    """Of every array of a tree."""
    return [x.dtype for x in trees.leaves(tree)]


def assert_value_is_numpys(
    f: Callable[..., Any], args: tuple[Any, ...], double: dict[str, float], half: dict[str, float]
) -> None:
    """A traced value gives what the array gives, of the same shapes and dtypes; ``half``: how near in single precision."""
    for given in (args, single(args)):
        found, wanted = trees.leaves(vjp(f, *given)[0]), trees.leaves(f(*given))
        assert dtypes(found) == dtypes(wanted)
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_allclose(a, b, **(double if given is args else half), strict=True)


def assert_single_precision_stays(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Adjoints have the dtype of the arguments, tangents are no wider than the results."""
    args = single(args)
    y, back = vjp(f, *args)
    assert dtypes(back(trees.mapped(np.ones_like, y))) == dtypes(args)
    assert [np.result_type(*both) for both in zip(dtypes(jvp(f, args, args)[1]), dtypes(y), strict=True)] == dtypes(y)
