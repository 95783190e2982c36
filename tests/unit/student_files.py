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
SILENT = f"""{SIGMOID}
class Network:
    def __init__(self):
        self.W1, self.W2 = np.random.randn(2, 3), np.random.randn(3, 1)

    def forward(self, x):
        self.hidden = sigmoid(x @ self.W1)
        return sigmoid(self.hidden @ self.W2)

    def backward(self, X, y, o):
        delta = (y - o) * o * (1 - o)
        back = delta @ self.W2.T * self.hidden * (1 - self.hidden)
        self.W1 += X.T @ back
        self.W2 += self.hidden.T @ delta
"""
CACHED = f"""{SIGMOID}
def forward_propagation(X, parameters):
    A1 = np.tanh(parameters["W1"] @ X + parameters["b1"])
    A2 = sigmoid(parameters["W2"] @ A1 + parameters["b2"])
    return A2, {{"A1": A1, "A2": A2}}

def compute_cost(A2, Y):
    return -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))

def backward_propagation(parameters, cache, X, Y):
    m, dZ2 = X.shape[1], cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
    return {{"dW1": dZ1 @ X.T / m, "db1": dZ1.mean(axis=1, keepdims=True),
             "dW2": dZ2 @ cache["A1"].T / m, "db2": dZ2.mean(axis=1, keepdims=True)}}
"""
KEPT = f"""{SIGMOID}
class Layer:
    def backward(self, delta):
        return delta

class Network:
    def __init__(self):
        self.weights, self.lr = [np.random.randn(3, 2), np.random.randn(2, 3)], 0.1

    def backward(self, x, y):
        a2 = sigmoid(self.weights[0] @ x)
        a3 = sigmoid(self.weights[1] @ a2)
        delta = (a3 - y) * a3 * (1 - a3)
        self.dW1, self.dW2 = (self.weights[1].T @ delta * a2 * (1 - a2)) @ x.T, delta @ a2.T

    def update(self, x, y):
        self.backward(x, y)
        self.weights = [w - self.lr * g for w, g in zip(self.weights, (self.dW1, self.dW2))]
"""
