"""Exercises: the whole of backpropagation, and the step of a mini-batch; ``audit`` grades them."""

from __future__ import annotations

from chainrule.auditing.exercise import SIGMOID, Exercise
from chainrule.auditing.exercises_layers import BOOK

MADE = '''

class Network:
    """Sigmoid neurons, quadratic cost; Network([2, 3, 1]) has three layers."""

    def __init__(self, sizes):
        self.sizes = sizes
        self.weights = [np.random.randn(n, before) for before, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]
'''
BACKPROP = f'''{MADE}
    def backprop(self, x, y):
        """The pair (nabla_b, nabla_w) for one example: x and y are columns.

        Two lists, with an array for each layer from 2 on, in the shapes of self.biases and
        self.weights.
        """
        # forward: keep every weighted input z and every activation a
        a, activations, zs = x, [x], []
        for w, b in zip(self.weights, self.biases):
            zs.append(w @ a + b)
            a = sigmoid(zs[-1])
            activations.append(a)
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        # TODO: the error of the output layer (BP1), the gradients there (BP3, BP4),
        #       and then layer by layer back (BP2)
        return nabla_b, nabla_w
'''
UPDATE = f'''{MADE}
    def backprop(self, x, y):
        """The pair (nabla_b, nabla_w) for one example; this is done."""
        a, activations, zs = x, [x], []
        for w, b in zip(self.weights, self.biases):
            zs.append(w @ a + b)
            a = sigmoid(zs[-1])
            activations.append(a)
        delta = (a - y) * sigmoid_prime(zs[-1])
        nabla_b, nabla_w = [delta], [delta @ activations[-2].T]
        for l in range(2, len(self.sizes)):
            delta = (self.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])
            nabla_b.insert(0, delta)
            nabla_w.insert(0, delta @ activations[-l - 1].T)
        return nabla_b, nabla_w

    def update_mini_batch(self, mini_batch, eta):
        """One step of gradient descent: mini_batch is a list of pairs (x, y) of columns."""
        # TODO
'''

ROWS = (
    Exercise(
        "backprop",
        "Backpropagation, the whole of it",
        "A network of any number of layers, one example: write what follows the forward pass. Sigmoid neurons, "
        "quadratic cost C = (a - y)^2 / 2, summed over the outputs.\n\nThe audit compares every gradient, and says "
        "which quantity is the first wrong one.",
        "Network.backprop",
        "",
        (
            "Do the exercises bp1 to bp4 first: their four lines are all that is needed.",
            "Begin with delta of the output layer and its two gradients. Negative indices count from the last layer.",
            "Going back from layer l + 1 to l: w of layer l + 1, delta of layer l + 1, z of layer l, a of layer l - 1.",
        ),
        f"{BOOK}, the algorithm",
        given=SIGMOID,
        starter=BACKPROP,
        audit={"activation": "sigmoid", "cost": "quadratic", "kind": "gradient"},
    ),
    Exercise(
        "update-mini-batch",
        "The step of a mini-batch",
        "backprop is done. Write the step: add up the gradients of the examples, and go downhill along their mean. The "
        "learning rate is eta; the number of examples is that of this mini-batch, which may be shorter than the "
        "others.",
        "Network.update_mini_batch",
        "",
        (
            "Three parts: sums that begin with zeros, a loop over the examples, and the step.",
            "All gradients are computed with the old weights; weights and biases are changed after the loop.",
            "The step is eta times the mean gradient, and it is subtracted: the mean is the sum over len(mini_batch).",
        ),
        f"{BOOK}, the algorithm with mini-batches",
        given=SIGMOID,
        starter=UPDATE,
        audit={"activation": "sigmoid", "cost": "quadratic", "kind": "update", "examples": "columns"},
    ),
)
