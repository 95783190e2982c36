"""Exercises: the four equations of backpropagation, one by one, and what follows from them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import equations as eq
from chainrule.activations import activation
from chainrule.auditing.exercise import SIGMOID, Exercise, Slip, numbers
from chainrule.costs import cost
from chainrule.network import Network
from chainrule.passes import Pass

BOOK = "Nielsen, Neural Networks and Deep Learning, chapter 2"
COLUMNS = "A mini-batch of m examples is m columns; one example is one column."
SIGMA, TANH, QUADRATIC = activation("sigmoid"), activation("tanh"), cost("quadratic")
MODIFIED = activation(["sigmoid", "tanh", "sigmoid"])

Arrays = list[np.ndarray]


def slope(z: np.ndarray, sigma: Any = SIGMA) -> Any:
    """The slope at z; of a modified layer, neuron by neuron."""
    return sigma.prime(z, sigma(z))


def traced(weights: Arrays, biases: Arrays, x: np.ndarray, y: np.ndarray, sigma: str) -> Pass:
    """The pass of a network with these numbers; x and y are columns."""
    sizes = [weights[0].shape[1], *(len(w) for w in weights)]
    net = Network(sizes, sigma, "quadratic", output=sigma, initial=(weights, biases), dtype="float64", seed=0)
    return net.backprop(x.T, y.T)


def network(*sizes: int, m: int = 1, seed: int = 0) -> tuple[Arrays, Arrays, np.ndarray, np.ndarray]:
    """Weights, biases, inputs and targets of a case."""
    pairs = list(zip(sizes[1:], sizes[:-1], strict=True))
    weights = [numbers(j, k, seed=seed + i) for i, (j, k) in enumerate(pairs)]
    biases = [numbers(j, 1, seed=seed + 10 + i) for i, (j, _) in enumerate(pairs)]
    return weights, biases, numbers(sizes[0], m, seed=seed + 20), np.abs(numbers(sizes[-1], m, seed=seed + 30))


def gradients(
    weights: Arrays, biases: Arrays, x: np.ndarray, y: np.ndarray, sigma: str = "sigmoid"
) -> tuple[Arrays, Arrays]:
    """The gradients as the book's method gives them."""
    found = traced(weights, biases, x, y, sigma)
    return list(found.nabla_b.values()), list(found.nabla_w.values())


def linear_errors(weights: Arrays, biases: Arrays, x: np.ndarray, y: np.ndarray) -> Arrays:
    """The error of every layer of a network of linear neurons."""
    return list(traced(weights, biases, x, y, "identity").delta.values())


def sigmoid_errors(weights: Arrays, biases: Arrays, x: np.ndarray, y: np.ndarray) -> Arrays:
    """The same of a network of sigmoid neurons."""
    return list(traced(weights, biases, x, y, "sigmoid").delta.values())


def _output_cases() -> list[tuple[np.ndarray, ...]]:
    zs = np.array([[0.5], [-1.25]]), numbers(3, 4, seed=3), numbers(2, 2, seed=4)
    return [(SIGMA(z), np.abs(numbers(*z.shape, seed=5)), z) for z in zs]


def _hidden_cases() -> list[tuple[np.ndarray, ...]]:
    shapes = ((2, 3, 1), (3, 3, 2), (4, 3, 5))  # neurons of the next layer, of this one, examples; a square one, too
    return [(numbers(n, j, seed=n), numbers(n, m, seed=n + 10), numbers(j, m, seed=n + 20)) for n, j, m in shapes]


def _weight_cases() -> list[tuple[np.ndarray, ...]]:
    shapes = ((3, 2, 1), (3, 3, 4), (2, 4, 3))
    return [(numbers(k, m, seed=k + m), numbers(j, m, seed=j + m + 10)) for k, j, m in shapes]


def _batch_cases() -> list[tuple[Any, ...]]:
    return [
        network(2, 3, 1),
        network(3, 4, 2, m=4, seed=1),
        network(3, 4, 2, m=12, seed=1),
        network(2, 2, 2, 2, m=3, seed=2),
    ]


ROWS = (
    Exercise(
        "bp1", "BP1: the error of the output layer",
        "The error of a neuron is how much the cost changes with its weighted input: delta = dC/dz. For the output "
        "layer it is the slope of the cost by the activation, times the slope of the activation.\n\nThe cost is "
        f"quadratic, C = (a - y)^2 / 2 for each output; the neurons are sigmoids. {COLUMNS}",
        "output_error(a, y, z)",
        "The error of the output layer, in the shape of z: from its weighted inputs z, its activations a = sigmoid(z), "
        "and the targets y.",
        ("Two slopes, multiplied element by element: dC/da and da/dz.",
         "dC/da of (a - y)^2 / 2 is short; mind which of the two is taken from which.",
         "da/dz is the slope of the sigmoid at z: sigmoid_prime is given."),
        f"{BOOK}, BP1",
        lambda a, y, z: eq.output_error(QUADRATIC.prime(a, y), slope(z)),
        _output_cases,
        (Slip(lambda a, y, z: a - y,
              "The slope of the sigmoid is missing. (a − y alone is the error where cost and activation match, as the "
              "cross-entropy and the sigmoid do; here the cost is quadratic.)"),
         Slip(lambda a, y, z: (a - y) * slope(a),
              "The slope is taken at a. The sigmoid was applied to z: its slope is there."),
         Slip(lambda a, y, z: 2 * (a - y) * slope(z), "There is a factor 2 too many: the cost has a 1/2."),
         Slip(lambda a, y, z: (y - a) * slope(z), "The sign: the cost rises where a is above y."),
         Slip(lambda a, y, z: (a - y) ** 2 / 2 * slope(z), "That has the cost itself in it. BP1 has its slope."),
         Slip(lambda a, y, z: (z - y) * slope(z), "z − y: the cost compares the target with the activation.")),
        SIGMOID,
    ),
    Exercise(
        "bp2", "BP2: the error of a hidden layer",
        "The error of a hidden layer comes from the error of the layer after it: carried back over the weights, and "
        f"then through the slope of its own neurons. The neurons are sigmoids. {COLUMNS}",
        "hidden_error(w_next, delta_next, z)",
        "The error of this layer, in the shape of z: from the weights of the next layer (a row for each of its "
        "neurons, a column for each of ours), the next layer's error, and our weighted inputs.",
        ("Each neuron of this layer acts on all neurons of the next one: its part in their errors is a sum over them.",
         "The sum runs over the rows of w_next. As a product of matrices: which way round must w_next be?",
         "After the product there is one more factor, element by element: the slope at z."),
        f"{BOOK}, BP2",
        lambda w, delta, z: eq.backpropagated_error(w, delta, slope(z)),
        _hidden_cases,
        (Slip(lambda w, delta, z: w.T @ delta, "The slope of this layer's neurons is missing."),
         Slip(lambda w, delta, z: w.T @ delta * slope(SIGMA(z)),
              "The slope is taken at the activation. The sigmoid was applied to z: its slope is there."),
         Slip(lambda w, delta, z: w @ delta * slope(z),
              "The weights are the wrong way round. That w_next is square in one of the cases hides it from the shapes "
              "alone."),
         Slip(lambda w, delta, z: w.T @ delta * SIGMA(z), "That is multiplied by the activation. BP2 has its slope."),
         Slip(lambda w, delta, z: -(w.T @ delta) * slope(z), "The sign is turned round: nothing is subtracted in BP2.")),
        SIGMOID,
    ),
    Exercise(
        "bp3", "BP3: the gradient of the biases",
        f"A bias enters its neuron's weighted input with the factor 1. So what is its gradient? {COLUMNS} The gradient "
        "of a mini-batch is the sum of those of its examples.",
        "bias_gradient(delta)",
        "The gradient of the biases, shape (n, 1), from the error of the layer, shape (n, m).",
        ("For one example it is what BP3 says: the error itself.",
         "For several, add up the columns; one column is left.",
         "np.sum has the arguments axis and keepdims."),
        f"{BOOK}, BP3",
        eq.bias_gradient,
        lambda: [(numbers(3, m, seed=m),) for m in (1, 3, 5)],
        (Slip(lambda delta: delta, "The examples are not added up: a bias has one gradient for the whole mini-batch."),
         Slip(lambda delta: delta.mean(axis=1, keepdims=True),
              "That is the mean. Here the gradient is the sum: gradient descent divides by m, once, when it takes its "
              "step."),
         Slip(lambda delta: delta.sum(axis=0, keepdims=True),
              "The sum runs over the neurons. Each neuron has its own bias; the examples are to be added up."),
         Slip(lambda delta: delta.sum(axis=1),
              "The numbers are right. Biases are columns, so their gradient is one: (n, 1)."),
         Slip(lambda delta: delta.sum(), "All is added up. Each neuron has its own bias.")),
    ),
    Exercise(
        "bp4", "BP4: the gradient of the weights",
        f"The gradient of a weight is the activation it comes from times the error it leads to. {COLUMNS} The gradient "
        "of a mini-batch is the sum of those of its examples.",
        "weight_gradient(a_prev, delta)",
        "The gradient of the weights, shape (n, n_prev) as the weights: from the activations of the layer before, "
        "(n_prev, m), and the error of this layer, (n, m).",
        ("For one example, it is every element of delta times every element of a_prev: an outer product.",
         "Rows belong to this layer's neurons, columns to those of the layer before.",
         "A product of matrices does both: the outer products, and their sum over the m columns."),
        f"{BOOK}, BP4",
        eq.weight_gradient,
        _weight_cases,
        (Slip(lambda a, delta: a @ delta.T, "It lies the other way round: rows belong to this layer's neurons."),
         Slip(lambda a, delta: delta @ a.T / a.shape[1],
              "That is the mean. Here the gradient is the sum: gradient descent divides by m, once, when it takes its "
              "step."),
         Slip(lambda a, delta: delta * a,
              "That is element by element. Every neuron of the layer before has a weight to every neuron of this one."),
         Slip(lambda a, delta: -(delta @ a.T), "The sign is turned round: the step subtracts the gradient, not BP4.")),
    ),
    Exercise(
        "two-factors", "The two factors of a gradient",
        "dC/dw = (dz/dw)(dC/dz): the first factor is known from the forward pass, the second from the backward pass. "
        "For the weight into neuron j from neuron k of the layer before, and one example, give both. Neurons count "
        "from 0.",
        "factors(w, b, a_prev, delta, j, k)",
        "The pair (dz/dw, dC/dz) for one weight, two numbers: from the layer's weights w (n, n_prev) and biases b (n, "
        "1), the activations before it a_prev (n_prev, 1), and its error delta (n, 1).",
        ("z_j is a sum: w_j0 a_0 + w_j1 a_1 + ... + b_j. What is left when it is differentiated by w_jk?",
         "dC/dz of neuron j has a name of its own: the error.",
         "Neither the weight nor the bias is needed."),
        "Lee, Machine Learning (forward pass and backward pass)",
        lambda w, b, a, delta, j, k: (a[k, 0], delta[j, 0]),
        lambda: [(numbers(2, 3, seed=1), numbers(2, 1, seed=2), numbers(3, 1, seed=3), numbers(2, 1, seed=4), j, k)
                 for j, k in ((1, 2), (0, 1), (1, 0))],
        (Slip(lambda w, b, a, delta, j, k: (w[j, k], delta[j, 0]),
              "dz/dw is the weight there. Differentiate z by w: what w is multiplied by is left."),
         Slip(lambda w, b, a, delta, j, k: (delta[j, 0], a[k, 0]), "Both are there, the other way round."),
         Slip(lambda w, b, a, delta, j, k: (a[k, 0] * delta[j, 0], delta[j, 0]),
              "The first is the product of both factors: dC/dw. dz/dw alone is asked for.")),
        view=lambda v: np.array([float(np.squeeze(np.asarray(x))) for x in v]),
    ),
    Exercise(
        "modified-neuron", "One modified neuron",
        "In this layer of three sigmoid neurons, the one in the middle (neuron 1, counted from 0) is another: its "
        f"output is tanh(z). How is BP2 modified? {COLUMNS}",
        "hidden_error(w_next, delta_next, z)",
        "The error of this layer, in the shape of z: from the weights of the next layer, its error, and our weighted "
        "inputs.",
        ("Carrying the errors back over the weights does not care what the neurons are. What does?",
         "Each neuron's own slope: two rows have the sigmoid's, one has that of tanh.",
         "The slope of tanh at z is 1 - tanh(z)^2; z[1] is the row of neuron 1."),
        f"{BOOK}, exercise: backpropagation with a single modified neuron",
        lambda w, delta, z: eq.backpropagated_error(w, delta, slope(z, MODIFIED)),
        _hidden_cases,
        (Slip(lambda w, delta, z: w.T @ delta * slope(z),
              "That is BP2 as it was: neuron 1 still has the slope of the sigmoid."),
         Slip(lambda w, delta, z: w.T @ delta * slope(z, TANH),
              "All three neurons have the slope of tanh; only neuron 1 has it."),
         Slip(lambda w, delta, z: w.T @ delta * slope(z, activation(["tanh", "sigmoid", "sigmoid"])),
              "The first neuron is modified. Neurons count from 0 here: neuron 1 is the one in the middle."),
         Slip(lambda w, delta, z: w.T @ delta * slope(z, activation(["sigmoid", "identity", "sigmoid"])),
              "Neuron 1 has the slope 1, as a linear one. It is tanh: its slope depends on z."),
         Slip(lambda w, delta, z: w.T @ delta, "The slopes are missing.")),
        SIGMOID,
    ),
    Exercise(
        "linear-neurons", "Linear neurons",
        "Let all neurons be linear, sigma(z) = z, the output layer's too; the cost is quadratic. What becomes of the "
        f"algorithm? Give the error of every layer. {COLUMNS}",
        "errors(weights, biases, x, y)",
        "A list of errors, of layer 2 first and of the output layer last: weights and biases are lists with one array "
        "for each layer from 2 on, x and y are matrices of columns.",
        ("The slope of a linear neuron is the same everywhere.",
         "Forward: a = w a + b, layer by layer. At the output, BP1 with the slope 1.",
         "Backward: BP2 with the slope 1 is a product of two matrices alone. Put each error in front of the list."),
        f"{BOOK}, exercise: backpropagation with linear neurons",
        linear_errors,
        lambda: [network(2, 3, 1), network(3, 3, 3, 2, m=4, seed=3)],
        (Slip(lambda *args: linear_errors(*args)[::-1],
              "The numbers are right, and their order is turned round: layer 2 first."),
         Slip(sigmoid_errors, "These are still sigmoid neurons."),
         Slip(lambda w, b, x, y: linear_errors(w, [0 * v for v in b], x, y), "The biases are missing in the forward pass."),
         Slip(lambda w, b, x, y: [-d for d in linear_errors(w, b, x, y)], "The sign: the cost rises where a is above y.")),
    ),
    Exercise(
        "matrix-form", "The matrix form of a mini-batch",
        "Backpropagation for a whole mini-batch at once: x is a matrix whose columns are the examples, and so is y. "
        "Give the gradients summed over the examples, without a loop over them. Sigmoid neurons, quadratic cost.",
        "backprop(weights, biases, x, y)",
        "The pair (nabla_b, nabla_w), two lists with an array for each layer from 2 on, in the shapes of biases and "
        "weights.",
        ("Write it for one example first: x has one column then.",
         "Of FP1, BP1, BP2 and BP4, not one needs a change for several columns. Which does?",
         ("BP3: the columns of delta must be added up, and stay a column. In BP4, the product of matrices adds them up "
         "already.")),
        f"{BOOK}, problem: fully matrix-based approach over a mini-batch",
        gradients,
        _batch_cases,
        (Slip(lambda *args: gradients(*args)[::-1], "Both lists are there, the other way round: nabla_b comes first."),
         Slip(lambda w, b, x, y: tuple([g / x.shape[1] for g in part] for part in gradients(w, b, x, y)),
              "That is the mean over the examples. The sum is asked for: gradient descent divides by m, once."),
         Slip(lambda w, b, x, y: (sigmoid_errors(w, b, x, y), gradients(w, b, x, y)[1]),
              "The weights' gradients are right. The biases' are not added up over the examples."),
         Slip(lambda w, b, x, y: (gradients(w, b, x, y)[0], [g / x.shape[1] for g in gradients(w, b, x, y)[1]]),
              "The biases' gradients are sums, the weights' are means: they must be of one kind.")),
        SIGMOID,
        without_loop=True,
    ),
)  # fmt: skip
