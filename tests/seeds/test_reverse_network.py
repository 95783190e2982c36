"""Seed 004's reverse network: the lecture's example, with the same weights transposed, gives every error."""

from __future__ import annotations

import numpy as np

from chainrule import Network, ReverseNetwork

WEIGHTS = [[[1, -2], [-1, 1]], [[2, -1], [-2, -1]], [[3, -1], [-1, 4]]]
BIASES = [[[1], [0]], [[0], [0]], [[-2], [2]]]


def test_the_lecture_s_reverse_network_gives_every_error():
    """Its amplifiers have the slopes of the lecture's activations; run forward, it gives delta of each layer to 1e-15."""
    net = Network([2, 2, 2, 2], initial=(WEIGHTS, BIASES), dtype="float64", seed=0)
    reverse = ReverseNetwork(net, [1, -1])
    np.testing.assert_allclose(reverse.a[2].ravel(), [0.98201379, 0.11920292], rtol=0, atol=5e-9)
    np.testing.assert_allclose(reverse.gains[2], reverse.a[2] * (1 - reverse.a[2]), rtol=0, atol=1e-16)
    pass_ = net.backprop([1, -1], [1, 0])
    run = reverse(pass_.nabla_a[4])
    for l in (2, 3, 4):
        np.testing.assert_allclose(run.delta[l], pass_.delta[l], rtol=0, atol=1e-15)
