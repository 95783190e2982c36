"""Students' files: right ones in several forms."""

from __future__ import annotations

SIGMOID = """
import numpy as np

def sigmoid(z): return 1 / (1 + np.exp(-z))
def slope(z): return sigmoid(z) * (1 - sigmoid(z))
"""
NETWORK = f"""{SIGMOID}
class Network:
    def __init__(self, sizes):
        self.sizes = sizes
        self.weights = [np.random.randn(n, k) for k, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]

    def update_mini_batch(self, mini_batch, eta):
        sums = [self.backprop(x, y) for x, y in mini_batch]
        for l in range(len(self.weights)):
            self.weights[l] = self.weights[l] - eta / len(sums) * sum(w[l] for _, w in sums)
            self.biases[l] = self.biases[l] - eta / len(sums) * sum(b[l] for b, _ in sums)

    def backprop(self, x, y):
        a, activations, zs = x, [x], []
        for w, b in zip(self.weights, self.biases):
            zs.append(w @ a + b)
            a = sigmoid(zs[-1])
            activations.append(a)
        delta = (a - y) * slope(zs[-1])
        nabla_b, nabla_w = [delta], [delta @ activations[-2].T]
        for l in range(2, len(self.sizes)):
            delta = self.weights[-l + 1].T @ delta * slope(zs[-l])
            nabla_b.insert(0, delta)
            nabla_w.insert(0, delta @ activations[-l - 1].T)
        return nabla_b, nabla_w
"""
FUNCTION = f"""{SIGMOID}
def gradients(x, y, W1, b1, W2, b2):
    a1 = sigmoid(x @ W1 + b1)
    a2 = sigmoid(a1 @ W2 + b2)
    d2 = (a2 - y) * slope(a1 @ W2 + b2)
    d1 = d2 @ W2.T * slope(x @ W1 + b1)
    return {{"W1": x.T @ d1, "b1": d1.sum(axis=0), "W2": a1.T @ d2, "b2": d2.sum(axis=0)}}
"""
GLOBALS = f"""{SIGMOID}
weights = [np.array([[0.2, -0.5], [1.0, 0.4], [-0.3, 0.8]]), np.array([[0.5, -1.5, 0.25]])]
biases = [np.array([[0.1], [0.2], [-0.4]]), np.array([[0.3]])]

def backprop(x, y):
    a2 = sigmoid(weights[0] @ x + biases[0])
    a3 = sigmoid(weights[1] @ a2 + biases[1])
    delta3 = (a3 - y) * a3 * (1 - a3)
    delta2 = weights[1].T @ delta3 * a2 * (1 - a2)
    return [delta2, delta3], [delta2 @ x.T, delta3 @ a2.T]
"""
OBJECT = NETWORK.replace("(self, sizes)", "(self, sizes, name, rate)") + "\nnet = Network([2, 3, 1], 'a', 3)"
