"""What a derivative gives is the caller's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chainrule import graph

X = np.array([0.3, -0.7, 1.1])


@pytest.mark.parametrize("f", [lambda x, y: np.sum(x + y), lambda x, y: np.sum((x + y) ** 2), lambda x, y: x[0] * y[0]])
def test_gradients_belong_to_the_caller(f: Callable[..., Any]) -> None:
    """Each is an array of its own that may be written to; so is a tangent."""
    one, other = graph.grad(f, (0, 1))(X, X + 1)
    before = other.copy()
    one *= 2
    np.testing.assert_array_equal(other, before)
    seed = np.ones(3)
    for found in (graph.vjp(lambda x: x, X)[1](seed)[0], graph.jvp(lambda x: x, (X,), (seed,))[1]):
        found[:] = 7.0
    assert seed.tolist() == [1, 1, 1]
