"""What every program of the corpus begins with: functions and their slopes, written out."""

from __future__ import annotations

PRELUDE = """
import numpy as np

def sigmoid(z): return 1.0 / (1.0 + np.exp(-z))
def sigmoid_prime(z): return sigmoid(z) * (1.0 - sigmoid(z))
def tanh_prime(z): return 1.0 - np.tanh(z) ** 2
def relu(z): return np.maximum(0.0, z)
def relu_prime(z): return (z > 0) * 1.0
def leaky(z): return np.where(z > 0, z, 0.01 * z)
def leaky_prime(z): return np.where(z > 0, 1.0, 0.01)
def softplus(z): return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0)
def elu(z): return np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1)
def elu_prime(z): return np.where(z > 0, 1.0, np.exp(np.minimum(z, 0)))
def identity(z): return z
def one(z): return np.ones_like(z)
def softmax0(z):
    e = np.exp(z - np.max(z, axis=0, keepdims=True))
    return e / np.sum(e, axis=0, keepdims=True)
def softmax1(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)

F = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": relu, "leaky_relu": leaky, "softplus": softplus, "elu": elu,
     "identity": identity}
D = {"sigmoid": sigmoid_prime, "tanh": tanh_prime, "relu": relu_prime, "leaky_relu": leaky_prime, "softplus": sigmoid,
     "elu": elu_prime, "identity": one}
COST = {
    "quadratic": lambda a, y: a - y,
    "cross_entropy": lambda a, y: (a - y) / (a * (1.0 - a)),
    "log_likelihood": lambda a, y: -y / a,
    "log_cosh": lambda a, y: np.tanh(a - y),
}
"""
CANONICAL = {("quadratic", "identity"), ("cross_entropy", "sigmoid"), ("log_likelihood", "softmax")}
