"""Slips of the forward pass: everything after them is wrong, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chainrule.activations import ACTIVATIONS, Activation
from chainrule.architecture import Architecture
from chainrule.auditing.slips import COMMON, Case, Slip, cases
from chainrule.notation import M


def other(a: Architecture, l: int) -> bool:
    """Whether a layer has functions that work on each neuron by itself."""
    return a.sigma(l).elementwise


def _functions() -> Iterator[Case]:
    for row in map(ACTIVATIONS.__getitem__, COMMON):
        yield cases({"FP2": _value(row), "SP": _slope(row)})[0]


def _value(f: Activation) -> Callable[..., M]:
    def value(z: M) -> M:
        return f(z)

    return value


def _slope(f: Activation) -> Callable[..., M]:
    def slope(z: M, a: M) -> M:
        return f.prime(z, a)

    return slope


def slope_of_z(sigma: M, z: M) -> M:
    """The slope where it should be taken."""
    return sigma.prime(z, sigma(z))


def twice(sigma: M, z: M) -> M:
    """The function of the function."""
    return sigma(sigma(z))


def slope_of_both(sigma: M, z: M) -> M:
    """Its slope, by the chain rule."""
    return sigma.prime(sigma(z), sigma(sigma(z))) * sigma.prime(z, sigma(z))


ROWS = (
    Slip(
        "bias_left_out",
        cases({"FP1": lambda w, a_prev: w @ a_prev}),
        "The biases of layer {l} are not added in the forward pass.",
        "Compute one weighted input of layer {l} by hand, and count its terms.",
        "Add the biases: z = w a + b (FP1).",
    ),
    Slip(
        "bias_sign",
        cases({"FP1": lambda w, a_prev, b: w @ a_prev - b}),
        "The biases of layer {l} are subtracted in the forward pass.",
        "Set all weights into layer {l} to 0: which sign has its weighted input?",
        "Add the biases: z = w a + b (FP1).",
    ),
    Slip(
        "weights_turned_forward",
        cases({"FP1": lambda w, a_prev, b: w.T @ a_prev + b}),
        "The weights of layer {l} are transposed in the forward pass.",
        "Which index of the weights counts the neurons of layer {l}, in your program and in the network that was given?",
        "Multiply so that neuron j sums over its own incoming weights: z_j = sum_k w_jk a_k + b_j (FP1).",
    ),
    Slip(
        "activation_left_out",
        cases({"FP2": lambda z: z, "SP": slope_of_z}, {"FP2": lambda z: z}, {"FP2": lambda z: z, "SP": lambda: 1.0}),
        "The activation function of layer {l} is not applied in the forward pass.",
        "In which interval do the outputs of layer {l} lie, and in which should they?",
        "Apply the activation function: a = sigma(z) (FP2).",
        other,
    ),
    Slip(
        "activation_twice",
        cases({"FP2": twice, "SP": slope_of_z}, {"FP2": twice}, {"FP2": twice, "SP": slope_of_both}),
        "The activation function of layer {l} is applied twice in the forward pass.",
        "Follow one neuron of layer {l} from its weighted input to what the next layer reads.",
        "Apply the activation function once: a = sigma(z) (FP2).",
        other,
    ),
    Slip(
        "other_activation",
        tuple(_functions()),
        "Layer {l} computes with another activation function than the network that was given.",
        "Compare the activation of one neuron of layer {l} with that of the network, for the same weighted input.",
        "Use the activation function of the network in layer {l}, or tell the audit which one is meant.",
        other,
    ),
)
