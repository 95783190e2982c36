"""PyTorch eager: nn.Sequential, fused optimizers, mini-batches taken from one tensor by the shuffled index."""

from __future__ import annotations

import time
from typing import Any

from bench.peers.table import Setup, Trainer
from bench.peers.workloads import Arrays, Problem, Workload, order


def does(work: Workload) -> Workload:
    """Everything."""
    return work


def prepare(work: Workload, problem: Problem, setup: Setup) -> Trainer:
    """A new network and optimizer for each run."""
    import torch

    torch.set_num_threads(setup.threads)
    x, y = torch.from_numpy(problem.x), torch.from_numpy(problem.y)
    loss = _loss(work)

    def train(steps: int) -> tuple[float, Arrays]:
        net = network(work, problem)
        rule = _optimizer(work, net)
        batches = torch.from_numpy(order(work, steps))
        begun = time.perf_counter()
        for rows in batches:
            rule.zero_grad(set_to_none=True)
            loss(net(x[rows]), y[rows]).backward()
            rule.step()
        return time.perf_counter() - begun, [p.detach().numpy() for p in list(net.parameters())[::2]]

    return train


def network(work: Workload, problem: Problem) -> Any:
    """The network with the first weights; the output of a softmax layer are its logits."""
    import torch
    from torch import nn

    kinds = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU, "tanh": nn.Tanh, "identity": nn.Identity, "softmax": nn.Identity}
    names = [work.activation] * (len(problem.weights) - 1) + [work.output]
    layers: list[Any] = []
    for w, b, name in zip(problem.weights, problem.biases, names, strict=True):
        linear = nn.Linear(w.shape[1], w.shape[0])
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w))
            linear.bias.copy_(torch.from_numpy(b[:, 0]))
        layers += [linear] if kinds[name] is nn.Identity else [linear, kinds[name]()]
    return nn.Sequential(*layers)


def _loss(work: Workload) -> Any:
    """The mean over the mini-batch of the cost of an example."""
    from torch.nn.functional import cross_entropy, mse_loss

    if work.cost == "log_likelihood":
        return cross_entropy
    return lambda found, wanted: mse_loss(found, wanted, reduction="sum") * (0.5 / work.m)


def _optimizer(work: Workload, net: Any) -> Any:
    """The fused form: one call for all parameters."""
    from torch import optim

    kinds = {"sgd": optim.SGD, "adam": optim.Adam}
    return kinds[work.optimizer](net.parameters(), lr=work.eta, fused=True)
