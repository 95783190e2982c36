"""A process of bench.accuracy: it imports one library, trains by the recipe, and says when it had ended and how well."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from bench.accuracy import Recipe
from bench.peers.workloads import Workload

Predict = Callable[[Any], Any]  # images -> digits
Train = Callable[[Recipe, int, Any, Any], Predict]


def main() -> None:
    """Train, then look at the test images once."""
    name, seed, recipe = sys.argv[1], int(sys.argv[2]), Recipe(**json.loads(sys.argv[3]))
    from chainrule.data import mnist

    data = mnist(validation=10_000 if "held" in sys.argv else 0)
    judged = data.validation or data.test
    assert judged is not None
    begun = time.monotonic()
    predict = TRAINERS[name](recipe, seed, data.train.x, data.train.y)
    ended = time.monotonic()
    accuracy = float((predict(judged.x) == judged.y).mean())
    print(json.dumps({"ended": ended, "training": ended - begun, "accuracy": accuracy}))


def ours(recipe: Recipe, seed: int, x: Any, y: Any) -> Predict:
    """Fit, as a user calls it."""
    from bench.peers.ours import ENGINE
    from chainrule import Network

    net = Network(recipe.sizes, "relu", "log_likelihood", seed=seed)
    net.fit(
        x, y, epochs=recipe.epochs, batch_size=recipe.m, learning_rate=recipe.eta, optimizer=recipe.rule,
        schedule="one_cycle", engine=ENGINE,
    )  # fmt: skip
    predict: Predict = net.predict
    return predict


def jax_(recipe: Recipe, seed: int, x: Any, y: Any) -> Predict:
    """JAX: the whole training is one scan, compiled once."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-recipe.threads :])
    import jax
    import numpy as np

    from bench.peers.jax_ import adam, cost_of, outputs_of, sgd

    work = Workload("", recipe.sizes, recipe.m, 0, 0, 0, "relu", "softmax", "log_likelihood", recipe.rule)
    rule = {"adam": adam, "sgd": sgd}[recipe.rule]
    slope, outputs = jax.grad(cost_of(work, transposed=True)), outputs_of(work, transposed=True)

    def training(state: Any, x: Any, y: Any, plan: Any) -> Any:
        def step(state: Any, now: Any) -> Any:
            rows, eta, t = now
            return rule(eta, t, state, slope(state[0], x[rows], y[rows])), None

        return jax.lax.scan(step, state, plan)[0]

    rng = np.random.default_rng(seed)
    p = _first(recipe, rng)
    zeros = jax.tree.map(np.zeros_like, p)
    on_off = np.eye(10, dtype=np.float32)[y]
    p, *_ = jax.block_until_ready(jax.jit(training)((p, zeros, zeros), x, on_off, _plan(recipe, rng, len(x))))
    return lambda images: np.asarray(outputs(p, images)).argmax(1)


def _first(recipe: Recipe, rng: Any) -> list[tuple[Any, Any]]:
    """He's first weights, (in, out), and biases 0."""
    import numpy as np

    def layer(n_in: int, n_out: int) -> tuple[Any, Any]:
        w = rng.standard_normal((n_in, n_out), dtype=np.float32) * np.float32((2 / n_in) ** 0.5)
        return w, np.zeros(n_out, np.float32)

    return [layer(*pair) for pair in pairwise(recipe.sizes)]


def _plan(recipe: Recipe, rng: Any, n: int) -> tuple[Any, Any, Any]:
    """Of each step its rows, its learning rate and its number."""
    import numpy as np

    rates = np.fromiter(recipe.rates(n), np.float32)
    whole = n // recipe.m * recipe.m
    rows = np.concatenate([rng.permutation(n)[:whole] for _ in range(recipe.epochs)]).astype(np.int32)
    return rows.reshape(len(rates), recipe.m), rates, np.arange(1, len(rates) + 1, dtype=np.float32)


def torch_(recipe: Recipe, seed: int, x: Any, y: Any) -> Predict:
    """PyTorch eager with the fused optimizers; compiling takes longer than the training."""
    import torch
    from torch import nn

    torch.set_num_threads(recipe.threads)
    torch.manual_seed(seed)
    layers: list[Any] = [m for pair in pairwise(recipe.sizes) for m in (nn.Linear(*pair), nn.ReLU())][:-1]
    net = nn.Sequential(*layers)
    for layer in layers[::2]:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    forward = torch.compile(net) if recipe.compiled else net
    kind = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[recipe.rule]
    rule = kind(net.parameters(), lr=recipe.eta, fused=True)
    images, digits, rates = torch.from_numpy(x), torch.from_numpy(y), recipe.rates(len(x))
    for _ in range(recipe.epochs):
        for rows in torch.randperm(len(x))[: len(x) // recipe.m * recipe.m].view(-1, recipe.m):
            rule.param_groups[0]["lr"] = next(rates)
            rule.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(forward(images[rows]), digits[rows]).backward()
            rule.step()
    return lambda new: net(torch.from_numpy(new)).argmax(1).numpy()


def sklearn_(recipe: Recipe, seed: int, x: Any, y: Any) -> Predict:
    """scikit-learn: partial_fit on some mini-batches at a time, so that the rate can follow its cycle."""
    import numpy as np
    from sklearn.neural_network import MLPClassifier

    net = MLPClassifier(
        recipe.sizes[1:-1],
        solver=recipe.rule,
        momentum=0.0,
        batch_size=recipe.m,
        learning_rate_init=recipe.eta,
        alpha=0.0,
        shuffle=False,
        random_state=seed,
    )
    rng, rates, together = np.random.default_rng(seed), list(recipe.rates(len(x))), 20
    count, steps = 0, len(x) // recipe.m
    for _ in range(recipe.epochs):
        rows = rng.permutation(len(x))[: steps * recipe.m]
        for at in range(0, steps, together):
            part = rows[at * recipe.m : (at + together) * recipe.m]
            if hasattr(net, "_optimizer"):
                net._optimizer.learning_rate_init = rates[count]  # noqa: SLF001  there is no public way
            net.partial_fit(x[part], y[part], classes=range(10))
            count += len(part) // recipe.m
    predict: Predict = net.predict
    return predict


TRAINERS: dict[str, Train] = {"chainrule": ours, "jax": jax_, "torch": torch_, "sklearn": sklearn_}

if __name__ == "__main__":
    main()
