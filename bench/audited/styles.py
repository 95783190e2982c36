"""How people write backpropagation: with columns, with rows, with one vector after the other; and how they give it back."""

from __future__ import annotations

from dataclasses import dataclass

Lines = dict[str, str]

STYLES: dict[str, Lines] = {
    "columns": {
        "z": "weights[l] @ acts[l] + biases[l]",
        "a": "f[l](z)",
        "general": "dcost(acts[-1], y) * df[-1](zs[-1])",
        "canonical": "acts[-1] - y",
        "jacobian": "acts[-1] * (dcost(acts[-1], y) - (acts[-1] * dcost(acts[-1], y)).sum(axis=0, keepdims=True))",
        "back": "(weights[l + 1].T @ deltas[l + 1]) * df[l](zs[l])",
        "nb": "deltas[l].sum(axis=1, keepdims=True)",
        "nw": "deltas[l] @ acts[l].T",
        "m": "x.shape[1]",
    },
    "rows": {
        "z": "acts[l] @ weights[l] + biases[l]",
        "a": "f[l](z)",
        "general": "dcost(acts[-1], y) * df[-1](zs[-1])",
        "canonical": "acts[-1] - y",
        "jacobian": "acts[-1] * (dcost(acts[-1], y) - (acts[-1] * dcost(acts[-1], y)).sum(axis=1, keepdims=True))",
        "back": "np.dot(deltas[l + 1], weights[l + 1].T) * df[l](zs[l])",
        "nb": "np.sum(deltas[l], axis=0)",
        "nw": "np.dot(acts[l].T, deltas[l])",
        "m": "len(x)",
    },
    "vectors": {
        "z": "weights[l].dot(acts[l]) + biases[l].ravel()",
        "a": "f[l](z)",
        "general": "dcost(acts[-1], y) * df[-1](zs[-1])",
        "canonical": "acts[-1] - y",
        "jacobian": "(np.diag(acts[-1]) - np.outer(acts[-1], acts[-1])).dot(dcost(acts[-1], y))",
        "back": "weights[l + 1].T.dot(deltas[l + 1]) * df[l](zs[l])",
        "nb": "deltas[l].reshape(-1, 1)",
        "nw": "np.outer(deltas[l], acts[l])",
        "m": "x.shape[1]",
    },
}

PASS = """
def one_pass(x, y, weights, biases):
    {before}
    acts, zs = [x], []
    for l in range(len(weights)):
        z = {z}
        zs.append(z)
        acts.append({a})
    deltas = {{len(weights) - 1: {out}}}
    for l in range(len(weights) - 2, -1, -1):
        deltas[l] = {back}
    nabla_b = [{nb} for l in range(len(weights))]
    nabla_w = [{nw} for l in range(len(weights))]
    return nabla_b, nabla_w
"""
WHOLE = """
def gradients(x, y, weights, biases):
    m = {m}
    nabla_b, nabla_w = one_pass(x, y, weights, biases)
    nabla_b = [{fb} for g in nabla_b]
    nabla_w = [{fw} for g, w in zip(nabla_w, weights)]
    return nabla_b, nabla_w
"""
LOOP = """
{store}
def gradients(x, y, weights, biases):
    m = {m}
    {reset}
    for i in range({examples}):
        db, dw = one_pass({take}, weights, biases)
        {add}
    nabla_b = [{fb} for g in sum_b]
    nabla_w = [{fw} for g, w in zip(sum_w, weights)]
    return nabla_b, nabla_w
"""
LOOP_LINES = {
    "store": "",
    "reset": "sum_b, sum_w = [np.zeros(b.shape) for b in biases], [np.zeros(w.shape) for w in weights]",
    "examples": "m",
    "add": "sum_b, sum_w = [s.reshape(g.shape) + g for s, g in zip(sum_b, db)], [s + g for s, g in zip(sum_w, dw)]",
}
UPDATE = """
class Net:
    def __init__(self, weights, biases):
        self.weights, self.biases = weights, biases
        self.vw, self.vb = [np.zeros(w.shape) for w in weights], [np.zeros(b.shape) for b in biases]
        self.sum_b, self.sum_w = [np.zeros(b.shape) for b in biases], [np.zeros(w.shape) for w in weights]

    def update_mini_batch(self, mini_batch, eta):
        m, lmbda, n, mu = len(mini_batch), LMBDA, N, MU
        {reset}
        for x, y in {batch}:
            db, dw = one_pass(x, y, self.weights, self.biases)
            {add}
            {within}
        {step}
"""
UPDATE_LINES = {
    "reset": "self.sum_b, self.sum_w = [np.zeros(b.shape) for b in self.biases], [np.zeros(w.shape) for w in self.weights]",
    "batch": "mini_batch",
    "add": "self.sum_b, self.sum_w = [s + g for s, g in zip(self.sum_b, db)], [s + g for s, g in zip(self.sum_w, dw)]",
    "within": "",
}
STEPS = {
    "plain": "self.weights = [w - (eta / m) * g for w, g in zip(self.weights, self.sum_w)]; "
    "self.biases = [b - (eta / m) * g for b, g in zip(self.biases, self.sum_b)]",
    "penalty": "self.weights = [(1 - eta * lmbda / n) * w - (eta / m) * g for w, g in zip(self.weights, self.sum_w)]; "
    "self.biases = [b - (eta / m) * g for b, g in zip(self.biases, self.sum_b)]",
    "momentum": "self.vw = [mu * v - (eta / m) * g for v, g in zip(self.vw, self.sum_w)]; "
    "self.vb = [mu * v - (eta / m) * g for v, g in zip(self.vb, self.sum_b)]; "
    "self.weights = [w + v for w, v in zip(self.weights, self.vw)]; "
    "self.biases = [b + v for b, v in zip(self.biases, self.vb)]",
}
TRAIN_STEP = """
def train_step(x, y, weights, biases, lr):
    m = {m}
    {before}
    acts, zs = [x], []
    for l in range(len(weights)):
        z = {z}
        zs.append(z)
        acts.append({a})
    new_weights, new_biases = list(weights), list(biases)
    deltas = {{}}
    for l in range(len(weights) - 1, -1, -1):
        if l == len(weights) - 1:
            deltas[l] = {out}
        else:
            deltas[l] = {back}
        new_biases[l] = biases[l] - lr / m * ({nb})
        new_weights[l] = weights[l] - lr / m * ({nw})
    return new_weights, new_biases
"""

PACKINGS = {
    "biases, weights": "return nabla_b, nabla_w",
    "weights, biases": "return nabla_w, nabla_b",
    "pairs": "return list(zip(nabla_w, nabla_b))",
    "dict": 'return {f"d{s}{i + 1}": g[i] for s, g in (("W", nabla_w), ("b", nabla_b)) for i in range(len(g))}',
    "dict of lists": 'return {"weights": nabla_w, "biases": nabla_b}',
    "flat": "return np.concatenate([np.ravel(g) for p in zip(nabla_w, nabla_b) for g in p])",
    "flat, weights first": "return np.concatenate([g.ravel() for g in nabla_w] + [np.ravel(g) for g in nabla_b])",
    "backwards": "return nabla_b[::-1], nabla_w[::-1]",
    "with cost": "return 0.5, nabla_w, nabla_b",
    "weights": "return nabla_w",
    "turned": "return nabla_b, [g.T for g in nabla_w]",
}
HEADS = {
    "arguments": "def backprop(x, y, weights, biases):\n    nabla_b, nabla_w = gradients(x, y, weights, biases)\n"
    "    {give}",
    "closure": "def backprop(x, y):\n    nabla_b, nabla_w = gradients(x, y, WEIGHTS, BIASES)\n    {give}",
    "numbered": "def backprop(x, y, {names}):\n    nabla_b, nabla_w = gradients(x, y, [{ws}], [{bs}])\n    {give}",
    "parameters": 'def backprop(params, x, y):\n    k = range(1, len(params) // 2 + 1)\n'
    '    nabla_b, nabla_w = gradients(x, y, [params[f"W{{i}}"] for i in k], [params[f"b{{i}}"] for i in k])\n    {give}',
    "class": "class Net:\n    def __init__(self, weights, biases):\n        self.weights, self.biases = weights, biases\n\n"
    "    def backprop(self, x, y):\n        nabla_b, nabla_w = gradients(x, y, self.weights, self.biases)\n        {give}",
}  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """What a program is about: sizes, functions, cost; and how it is written."""

    sizes: tuple[int, ...]
    functions: tuple[str, ...]
    cost: str
    style: str
    form: str = "whole"  # or "loop", "update", "train_step"
    packing: str = "biases, weights"
    head: str = "arguments"
    mean: bool = True
    step: str = "plain"
    canonical: bool = False
