"""The law of the reverse network: run forward, it gives every error of the pass; and so does the chain of matrices."""

from __future__ import annotations

import numpy as np
import pytest
from test_law_check import DEPTHS, PERMITTED, case

from chainrule import ACTIVATIONS, ReverseNetwork
from chainrule.explaining.reverse_chain import matrix_chain

EPS = 2.0**-52


def third(hidden: str) -> list[tuple[str, str]]:
    """A third of the pairs of output and cost; other hidden activations have the others."""
    return PERMITTED[[*ACTIVATIONS].index(hidden) % 3 :: 3]


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_the_reverse_network_gives_every_error(hidden: str) -> None:
    """For outputs and costs in turn, at depths 1 to 3: each delta to 1e-15, or some rounding of its own terms."""
    for output, cost in third(hidden):
        for sizes in DEPTHS:
            net, x, y = case(sizes, hidden, cost, output=output)
            pass_ = net.backprop(x, y)
            found = ReverseNetwork(net, x)(pass_.nabla_a[len(sizes)])
            # Where BP1c cancels, dC/da times the slope takes some more rounding than a - y does.
            size = max(1.0, *(float(np.abs(d).max()) for d in pass_.delta.values()))
            for l, delta in pass_.delta.items():
                np.testing.assert_allclose(
                    found.delta[l], delta, rtol=0, atol=8 * EPS * size, err_msg=f"{output} {cost} {l}"
                )


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_the_chain_of_matrices_is_every_error(hidden: str) -> None:
    """The product of the matrices equals the error of the reverse network to 1e-15, at every layer."""
    # The Jacobian of softmax is a difference itself, and its rounding is not in the size that the error is relative to.
    allowed = 4e-15 if hidden == "softmax" else 1e-15
    for output, cost in third(hidden):
        for sizes in DEPTHS:
            net, x, y = case(sizes, hidden, cost, output=output)
            for example in range(2):
                chain = matrix_chain(net, x, y, example=example)
                assert chain.error <= allowed, (output, cost)
                for l in range(2, len(sizes) + 1):
                    assert chain.line(l).right.text.startswith(f"Σ′(z{'⁰¹²³⁴'[l]})")
