"""The calls of the book's programs on chainrule's engine, for code that was written for them.

The study programs of Nielsen's *Neural Networks and Deep Learning* have a ``Network`` of column vectors and lists of pairs.
The classes here have the same calls and print the same lines, but there is no second backpropagation behind them: each call
runs the schedule and the engines of chainrule, in float64.

    network       Network, as in chapters 1 and 2                  import chainrule.nielsen.network as network
    network2      Network with costs, lambda, monitoring, JSON     import chainrule.nielsen.network2 as network2
    mnist_loader  load_data_wrapper()                              import chainrule.nielsen.mnist_loader as mnist_loader

>>> from chainrule.nielsen import Network
>>> net = Network([2, 3, 1], seed=0)
>>> net.num_layers, [w.shape for w in net.weights], [b.shape for b in net.biases]
(3, [(3, 2), (1, 3)], [(3, 1), (1, 1)])
"""

from __future__ import annotations

from chainrule.nielsen import mnist_loader, network, network2
from chainrule.nielsen.network import Network

__all__ = ["Network", "mnist_loader", "network", "network2"]
