"""Exercises: the backward pass of a small two-layer network, line by line, until its printed numbers come out."""

from __future__ import annotations

import numpy as np

from chainrule.auditing.exercise import Exercise, Slip, numbers

SOURCE = "the two-layer example: x = (0.5, 0.1, -0.2), target 0.6, learning rate 0.5, no biases"
NETWORK = """\
The network: three inputs x = (0.5, 0.1, -0.2), two hidden neurons, one output, sigmoid everywhere, no biases. The target
is 0.6, the learning rate 0.5. The forward pass gave the hidden outputs (0.559713649, 0.386985824) and the output
0.48497343."""

# The example's numbers, float64: what the forward pass gives, and then each line of the backward pass.
X, TARGET, RATE = np.array([0.5, 0.1, -0.2]), 0.6, 0.5
INTO_OUTPUT = np.array([0.1, -0.3])
HIDDEN = 1 / (1 + np.exp(-(X @ np.array([[0.5, -0.6], [0.1, -0.2], [0.1, 0.7]]))))
OUTPUT = float(1 / (1 + np.exp(-(HIDDEN @ INTO_OUTPUT))))
ERROR = TARGET - OUTPUT
ERROR_TERM = ERROR * OUTPUT * (1 - OUTPUT)
HIDDEN_TERM = ERROR_TERM * INTO_OUTPUT * HIDDEN * (1 - HIDDEN)


def _twice(a: np.ndarray) -> np.ndarray:
    """The slope that comes out when the sigmoid is taken of a sigmoid."""
    s = 1 / (1 + np.exp(-a))
    return np.asarray(s * (1 - s))


ROWS = (
    Exercise(
        "output-error",
        "Two-layer example 1: the output error",
        f"{NETWORK}\n\nHow far is the output from its target? In this example, changes are added to the weights, so the "
        "error must be positive where the output is too small. The number to reach: 0.11502656915007464.",
        "output_error(target, output)",
        "The error of the output: a number.",
        (
            "It is a difference of the two arguments; only its direction is to be thought about.",
            "With the target 0.6 and the output 0.485 the result is positive.",
        ),
        SOURCE,
        lambda target, output: target - output,
        lambda: [(TARGET, OUTPUT), (0.0, 0.75), (1.0, 0.25)],
        (
            Slip(lambda target, output: output - target,
                 "The sign: changes are added here, so an output that is too small has a positive error. (The book's "
                 "a − y is subtracted: the same step, said the other way round.)"),
            Slip(lambda target, output: (target - output) ** 2 / 2,
                 "That is the cost. The error is what is left of it when it is differentiated."),
            Slip(lambda target, output: (target - output) ** 2,
                 "That is a squared error: a cost. The error itself has a sign."),
            Slip(lambda target, output: abs(target - output), "The direction is lost: the error has a sign."),
        ),
    ),
    Exercise(
        "output-error-term",
        "Two-layer example 2: the error term of the output",
        f"{NETWORK}\n\nThe output neuron is a sigmoid. Its error term is the error times the slope of the sigmoid, and the "
        "slope can be had from the output alone. The number to reach: 0.028730669543515018.",
        "output_error_term(error, output)",
        "The error term: how the cost changes with the weighted input of the output neuron, with its sign turned round.",
        (
            "The chain rule: from the output on to the weighted input there is one more factor.",
            "That factor is the slope of the sigmoid. Written with the output a = σ(z), no exponential is needed.",
            "The slope is largest where the output is 1/2, and 0 where it is 0 or 1: which product of a does that?",
        ),
        SOURCE,
        lambda error, output: error * output * (1 - output),
        lambda: [(ERROR, OUTPUT), (-0.75, 0.9), (0.5, 0.2)],
        (
            Slip(lambda error, output: error, "A factor is missing: the slope of the sigmoid at this output."),
            Slip(lambda error, output: error * _twice(output),
                 "The slope is taken of the sigmoid of the output. But the output is a sigmoid already: a = σ(z)."),
            Slip(lambda error, output: error * output, "The slope of the sigmoid has two factors, and one is there."),
            Slip(lambda error, output: error * (1 - output), "The slope of the sigmoid has two factors, and one is there."),
            Slip(lambda error, output: error * (1 - output**2),
                 "That is the slope of tanh. The output neuron is a sigmoid."),
        ),
    ),
    Exercise(
        "hidden-error-term",
        "Two-layer example 3: the error terms of the hidden neurons",
        f"{NETWORK}\n\nThe weights from the two hidden neurons to the output are (0.1, -0.3). Each hidden neuron has a "
        "part in the output's error term: carry it back over its weight, and through its own slope. The numbers to "
        "reach: (0.000708022, -0.002044714).",
        "hidden_error_term(output_error_term, weights_hidden_output, hidden_output)",
        "The error terms of the hidden neurons, an array of shape (2,), from a number and two arrays of shape (2,).",
        (
            "Two factors beside the output's error term: how much the neuron acts on the output, and its own slope.",
            ("The first factor is the weight that leads from the neuron to the output; the slope is that of its own "
            "sigmoid."),
            "All three are multiplied neuron by neuron; nothing is summed, because there is one output.",
        ),
        SOURCE,
        lambda term, weights, hidden: term * weights * hidden * (1 - hidden),
        lambda: [(ERROR_TERM, INTO_OUTPUT, HIDDEN), (-0.25, np.array([1.5, -2.0]), np.array([0.25, 0.9]))],
        (
            Slip(lambda term, weights, hidden: term * weights, "The slope of the hidden neurons is missing."),
            Slip(lambda term, weights, hidden: term * hidden * (1 - hidden),
                 "The weights are missing: a neuron with a small weight has a small part in the error."),
            Slip(lambda term, weights, hidden: term * weights * _twice(hidden),
                 "The slope is taken of the sigmoid of the hidden output, which is a sigmoid already."),
            Slip(lambda term, weights, hidden: np.sum(term * weights * hidden * (1 - hidden)),
                 "The two error terms are added up. Each hidden neuron has its own."),
            Slip(lambda term, weights, hidden: term * weights * hidden,
                 "The slope of the sigmoid has two factors, and one is there."),
        ),
    ),
    Exercise(
        "hidden-output-change",
        "Two-layer example 4: the change of the weights into the output",
        f"{NETWORK}\n\nThe output's error term is 0.028730669543515018. How is each of the two weights into the output "
        "changed? The numbers to reach, as NumPy prints them: [0.00804047 0.00555918].",
        "hidden_output_change(learning_rate, output_error_term, hidden_output)",
        "What is added to the weights into the output: an array of shape (2,).",
        (
            "The step of a weight: learning rate times error term times one more factor.",
            "That factor is what comes in along the weight (BP4).",
        ),
        SOURCE,
        lambda rate, term, hidden: rate * term * hidden,
        lambda: [(RATE, ERROR_TERM, HIDDEN), (0.25, -0.5, np.array([0.25, 0.75]))],
        (
            Slip(lambda rate, term, hidden: term * hidden, "The learning rate is missing."),
            Slip(lambda rate, term, hidden: -rate * term * hidden,
                 "The sign: the error term is that of target − output, so the change is added as it is."),
            Slip(lambda rate, term, hidden: rate * term, "What comes in along each weight is missing."),
            Slip(lambda rate, term, hidden: rate * term * hidden * (1 - hidden),
                 "The slope is in the error term already; it is not needed again."),
        ),
    ),
    Exercise(
        "input-hidden-change",
        "Two-layer example 5: the change of the weights into the hidden layer",
        f"{NETWORK}\n\nThe hidden error terms are (0.000708022, -0.002044714). The weights into the hidden layer are a "
        "matrix with a row for each of the three inputs and a column for each of the two hidden neurons. How is it "
        "changed? The first row to reach, as NumPy prints it: [ 1.77005547e-04 -5.11178506e-04].",
        "input_hidden_change(learning_rate, hidden_error_term, x)",
        "What is added to the weights into the hidden layer: an array of shape (3, 2), inputs down, hidden neurons across.",
        (
            "It is the same rule as for the weights into the output, for each pair of an input and a hidden neuron.",
            "All products of one array's elements with another's: an outer product, with the inputs down.",
            "x[:, None] makes a column of x; a column times a row is a matrix.",
        ),
        SOURCE,
        lambda rate, term, x: rate * np.outer(x, term),
        lambda: [(RATE, HIDDEN_TERM, X), (0.25, numbers(2, seed=1), numbers(3, seed=2))],
        (
            Slip(lambda rate, term, x: rate * np.outer(term, x),
                 "The matrix lies the other way round: inputs go down, hidden neurons across."),
            Slip(lambda rate, term, x: np.outer(x, term), "The learning rate is missing."),
            Slip(lambda rate, term, x: -rate * np.outer(x, term),
                 "The sign: the error terms come from target − output, so the change is added as it is."),
        ),
    ),
)  # fmt: skip
