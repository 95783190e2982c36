"""Right programs of other makes: written by hand, each its own way to the same gradients."""

from __future__ import annotations

from collections.abc import Callable

from bench.audited.styles import Setting

FORWARD = """
def run(x, weights, biases):
    acts, zs = [x], []
    for l, (w, b) in enumerate(zip(weights, biases)):
        zs.append(w @ acts[-1] + np.reshape(b, (-1,) + (1,) * (np.ndim(x) - 1)))
        acts.append(f[l](zs[-1]))
    return acts, zs
def out(a, z, y):
    if f[-1] in (softmax0, softmax1):
        g = dcost(a, y)
        return a * (g - (a * g).sum(axis=0, keepdims=True))
    return dcost(a, y) * df[-1](z)
"""

PROGRAMS: dict[str, str] = {
    "pure python": """
def backprop(x, y, weights, biases):
    W, B = [w.tolist() for w in weights], [list(np.ravel(b)) for b in biases]
    gw, gb = [[[0.0] * len(r) for r in w] for w in W], [[0.0] * len(b) for b in B]
    for e in range(x.shape[1]):
        a, zs = [[float(v) for v in x[:, e]]], []
        for l in range(len(W)):
            zs.append([sum(p * q for p, q in zip(W[l][j], a[-1])) + B[l][j] for j in range(len(W[l]))])
            a.append(list(f[l](np.array(zs[-1]))))
        d = list(out(np.array(a[-1])[:, None], np.array(zs[-1])[:, None], y[:, e:e + 1])[:, 0])
        for l in range(len(W) - 1, -1, -1):
            for j in range(len(d)):
                gb[l][j] += d[j]
                for k in range(len(a[l])):
                    gw[l][j][k] += d[j] * a[l][k]
            if l:
                s = df[l - 1](np.array(zs[l - 1]))
                d = [s[k] * sum(W[l][j][k] * d[j] for j in range(len(d))) for k in range(len(s))]
    return {"w": gw, "b": gb}
""",
    "einsum": """
def backprop(x, y, weights, biases):
    acts, zs = run(x, weights, biases)
    d = out(acts[-1], zs[-1], y)
    gw, gb = [], []
    for l in reversed(range(len(weights))):
        gw.insert(0, np.einsum("je,ke->jk", d, acts[l]) / x.shape[1])
        gb.insert(0, np.einsum("je->j", d) / x.shape[1])
        if l:
            d = np.einsum("jk,je->ke", weights[l], d) * df[l - 1](zs[l - 1])
    return gw, gb
""",
    "bias column": """
def backprop(x, y, weights, biases):
    acts, zs = run(x, weights, biases)
    d, found = out(acts[-1], zs[-1], y), []
    for l in reversed(range(len(weights))):
        found.append(d @ np.vstack([acts[l], np.ones((1, x.shape[1]))]).T)
        if l:
            d = (weights[l].T @ d) * df[l - 1](zs[l - 1])
    return found[::-1]
""",
    "bias first": """
def backprop(x, y, weights, biases):
    acts, zs = run(x, weights, biases)
    d, found = out(acts[-1], zs[-1], y), []
    for l in reversed(range(len(weights))):
        found.append(d @ np.vstack([np.ones((1, x.shape[1])), acts[l]]).T / x.shape[1])
        if l:
            d = (weights[l].T @ d) * df[l - 1](zs[l - 1])
    return found[::-1]
""",
    "single precision": """
def backprop(x, y, weights, biases):
    x, y = x.astype(np.float32), y.astype(np.float32)
    weights, biases = [w.astype(np.float32) for w in weights], [b.astype(np.float32) for b in biases]
    acts, zs = run(x, weights, biases)
    d, gw, gb = out(acts[-1], zs[-1], y).astype(np.float32), [], []
    for l in reversed(range(len(weights))):
        gw.insert(0, (d @ acts[l].T).astype(np.float32))
        gb.insert(0, d.sum(axis=1, keepdims=True).astype(np.float32))
        if l:
            d = ((weights[l].T @ d) * df[l - 1](zs[l - 1])).astype(np.float32)
    return gb, gw
""",
    "jacobians": """
def backprop(x, y, weights, biases):
    gw, gb = [np.zeros(w.shape) for w in weights], [np.zeros(b.shape) for b in biases]
    for e in range(x.shape[1]):
        acts, zs = run(x[:, e:e + 1], weights, biases)
        d = out(acts[-1], zs[-1], y[:, e:e + 1])
        chain = d.T
        for l in reversed(range(len(weights))):
            gw[l] += (acts[l] @ chain).T
            gb[l] += chain.T
            if l:
                chain = chain @ weights[l] @ np.diag(df[l - 1](zs[l - 1])[:, 0])
    return gb, gw
""",
    "recursive": """
def descend(l, a, y, weights, biases):
    if l == len(weights):
        return a, []
    z = weights[l] @ a + biases[l]
    h = f[l](z)
    if l == len(weights) - 1:
        d = out(h, z, y)
    else:
        back, rest = descend(l + 1, h, y, weights, biases)
        d = back * df[l](z)
        return weights[l].T @ d, [(d @ a.T, d.sum(1))] + rest
    return weights[l].T @ d, [(d @ a.T, d.sum(1))]
def backprop(x, y, weights, biases):
    return descend(0, x, y, weights, biases)[1]
""",
    "rows, weights turned inside": """
def backprop(x, y, weights, biases):
    acts, zs = run(x.T, weights, biases)
    d, gw, gb = out(acts[-1], zs[-1], y.T), [], []
    for l in reversed(range(len(weights))):
        gw.insert(0, (acts[l] @ d.T).T)
        gb.insert(0, np.mean(d, axis=1) * d.shape[1])
        if l:
            d = (d.T @ weights[l]).T * df[l - 1](zs[l - 1])
    return np.concatenate([np.ravel(g) for g in gw + gb])
""",
    "seed class": """
class Net:
    def __init__(self, weights, biases):
        self.weights, self.biases, self.num_layers = weights, biases, len(weights) + 1
    def backprop(self, x, y):
        nabla_b, nabla_w = [np.zeros(b.shape) for b in self.biases], [np.zeros(w.shape) for w in self.weights]
        acts, zs = run(x, self.weights, self.biases)
        delta = out(acts[-1], zs[-1], y)
        nabla_b[-1], nabla_w[-1] = delta, np.dot(delta, acts[-2].transpose())
        for l in range(2, self.num_layers):
            delta = np.dot(self.weights[-l + 1].transpose(), delta) * df[-l](zs[-l])
            nabla_b[-l], nabla_w[-l] = delta, np.dot(delta, acts[-l - 1].transpose())
        return (nabla_b, nabla_w)
""",
    "in place": """
class Net:
    def __init__(self, weights, biases):
        self.W, self.b = weights, biases
        self.dW, self.db = [np.zeros(w.shape) for w in weights], [np.zeros(b.shape) for b in biases]
    def backprop(self, x, y):
        acts, zs = run(x, self.W, self.b)
        d = out(acts[-1], zs[-1], y)
        for l in reversed(range(len(self.W))):
            np.matmul(d, acts[l].T, out=self.dW[l])
            np.sum(d, axis=1, keepdims=True, out=self.db[l])
            if l:
                d = self.W[l].T @ d
                d *= df[l - 1](zs[l - 1])
        return {"dW": self.dW, "db": self.db}
""",
    "guarded": """
def backprop(x, y, weights, biases):
    acts, zs = run(x, weights, biases)
    d, gw, gb = np.clip(out(acts[-1], zs[-1], y), -1e6, 1e6), {}, {}
    for l in reversed(range(len(weights))):
        gw[f"W{l}"], gb[f"b{l}"] = d @ acts[l].T, d.sum(1)
        if l:
            d = weights[l].T @ d * (df[l - 1](zs[l - 1]) + 1e-10)
    return {**gw, **gb, "loss": 0.25}
""",
    "central differences": """
def total(x, y, weights, biases):
    acts, _ = run(x, weights, biases)
    a = acts[-1]
    return {"quadratic": lambda: 0.5 * (a - y) ** 2, "log_likelihood": lambda: -y * np.log(a),
            "cross_entropy": lambda: -(y * np.log(a) + (1 - y) * np.log(1 - a)),
            "log_cosh": lambda: np.log(np.cosh(a - y))}[cost]().sum()
def backprop(x, y, weights, biases):
    found = []
    for array in [*weights, *biases]:
        g = np.zeros(array.shape)
        for at in np.ndindex(*array.shape):
            kept = array[at]
            array[at] = kept + 1e-5
            up = total(x, y, weights, biases)
            array[at] = kept - 1e-5
            g[at] = (up - total(x, y, weights, biases)) / 2e-5
            array[at] = kept
        found.append(g)
    return found[:len(weights)], found[len(weights):]
""",
    "kink on the other side": """
def at_zero(z): return (z >= 0) * 1.0
def backprop(x, y, weights, biases):
    acts, zs = run(x, weights, biases)
    d, gw, gb = out(acts[-1], zs[-1], y), [], []
    for l in reversed(range(len(weights))):
        gw.append(d @ acts[l].T)
        gb.append(d.sum(1))
        if l:
            s = at_zero if df[l - 1] is relu_prime else df[l - 1]
            d = weights[l].T @ d * s(zs[l - 1])
    return list(zip(gb, gw))[::-1]
""",
    "added": """
def backprop(x, y, weights, biases):
    acts, zs = run(x, weights, biases)
    error, gw, gb = -out(acts[-1], zs[-1], y), [], []
    for l in reversed(range(len(weights))):
        gw.append(error @ acts[l].T)
        gb.append(error.sum(1))
        if l:
            error = weights[l].T @ error * df[l - 1](zs[l - 1])
    return gb[::-1], gw[::-1]
""",
    "update in place": """
class Net:
    def __init__(self, weights, biases):
        self.weights, self.biases = weights, biases
    def update_mini_batch(self, mini_batch, eta):
        x, y = np.hstack([p[0] for p in mini_batch]), np.hstack([p[1] for p in mini_batch])
        acts, zs = run(x, self.weights, self.biases)
        d = out(acts[-1], zs[-1], y)
        for l in reversed(range(len(self.weights))):
            gw, gb = d @ acts[l].T, d.sum(1, keepdims=True)
            if l:
                d = self.weights[l].T @ d * df[l - 1](zs[l - 1])
            self.weights[l] -= eta * gw / len(mini_batch)
            self.biases[l] -= eta * gb / len(mini_batch)
""",
    "averaged over outputs": """
def backprop(x, y, weights, biases):
    acts, zs = run(x, weights, biases)
    d, gw, gb = out(acts[-1], zs[-1], y) / y.size, [], []
    for l in reversed(range(len(weights))):
        gw.append(d @ acts[l].T)
        gb.append(d.sum(1))
        if l:
            d = weights[l].T @ d * df[l - 1](zs[l - 1])
    return gb[::-1], gw[::-1]
""",
    "numbers of classes": """
def backprop(x, labels, weights, biases):
    acts, zs = run(x, weights, biases)
    d, gw, gb = acts[-1].copy(), [], []
    d[labels, np.arange(x.shape[1])] -= 1.0
    for l in reversed(range(len(weights))):
        gw.append(d @ acts[l].T)
        gb.append(d.sum(1))
        if l:
            d = weights[l].T @ d * df[l - 1](zs[l - 1])
    return gb[::-1], gw[::-1]
""",
}
OPTIONS: dict[str, dict[str, object]] = {"added": {"sign": "add"}, "update in place": {"learning_rate": 0.3}}
NEEDS: dict[str, Callable[[Setting], bool]] = {  # of the cost and the output function
    "averaged over outputs": lambda s: s.functions[-1] != "softmax" and s.cost not in {"cross_entropy", "log_likelihood"},
    "numbers of classes": lambda s: (s.cost, s.functions[-1]) == ("log_likelihood", "softmax"),
    "rows, weights turned inside": lambda s: s.functions[-1] != "softmax",
    "pure python": lambda s: s.functions[-1] != "softmax",
}
