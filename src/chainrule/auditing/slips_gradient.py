"""Slips of the gradients (BP3, BP4)."""

from __future__ import annotations

import numpy as np

from chainrule.auditing.slips import Slip, cases

ROWS = (
    Slip(
        "bias_missing",
        cases({"BP3": lambda b: 0 * b}),
        "The gradient of the biases of layer {l} is 0 throughout.",
        "How does the weighted input of a neuron change when its bias does?",
        "dz/db = 1, so the gradient of a bias is the error itself, summed over the mini-batch (BP3).",
    ),
    Slip(
        "layer_left_out",
        cases({"BP3": lambda b: 0 * b, "BP4": lambda w: 0 * w}, {"BP4": lambda w: 0 * w}),
        "The gradient of layer {l} is 0 throughout: it is left out.",
        "From which layer to which does your backward loop run?",
        "Let the loop reach layer 2, the first that has weights.",
    ),
    Slip(
        "bias_not_summed",
        cases(
            {"BP3": lambda delta: delta},
            {"BP3": lambda delta: delta.sum(axis=0, keepdims=True)},
            {"BP3": lambda delta, b: 0 * b + delta.sum()},
            {"BP3": lambda delta: delta.sum().reshape(1, 1)},
        ),
        "The gradient of the biases of layer {l} is not summed over the examples of the mini-batch.",
        "Which shape has the gradient of layer {l}'s biases, and which have the biases?",
        "Sum the errors over the examples, one number for each neuron (BP3).",
    ),
    Slip(
        "bias_through_activation",
        cases(
            {"BP3": lambda delta, a: (delta * a).sum(axis=1, keepdims=True)},
            {"BP3": lambda delta, b: b * delta.sum(axis=1, keepdims=True)},
        ),
        "The error is multiplied by another factor in the gradient of layer {l}'s biases.",
        "How does the weighted input of a neuron change when its bias does?",
        "dz/db = 1: the gradient of a bias is the error itself, summed over the mini-batch (BP3).",
    ),
    Slip(
        "outer_swapped",
        cases({"BP4": lambda a_prev, delta: a_prev @ delta.T}),
        "Input and error have changed places in the gradient of layer {l}'s weights.",
        "Which index of the gradient counts the neurons of layer {l}, and which those before it?",
        "Use δ aᵀ: row j for the neuron that the weight leads to, column k for the one that it comes from (BP4).",
    ),
    Slip(
        "z_for_a",
        cases({"BP4": lambda delta, z_prev: delta @ z_prev.T}),
        "The gradient of layer {l}'s weights takes z of the layer before, instead of a.",
        "By which number of the neuron before is a weight multiplied in the forward pass?",
        "Use the activations of the layer before: δ aᵀ (BP4).",
    ),
    Slip(
        "a_of_wrong_layer",
        cases(
            {"BP4": lambda delta, a: delta @ a.T},
            {"BP4": lambda delta, a_prev2: delta @ a_prev2.T},
            {"BP4": lambda delta, a_next: delta @ a_next.T},
        ),
        "The gradient of layer {l}'s weights takes the activations of another layer.",
        "By which layer's activations are the weights of layer {l} multiplied in the forward pass?",
        "Use the activations of the layer before: δ aᵀ (BP4).",
    ),
    Slip(
        "activation_missing",
        cases({"BP4": lambda delta, a_prev: np.repeat(delta.sum(axis=1, keepdims=True), len(a_prev), axis=1)}),
        "The gradient of layer {l}'s weights is the error alone: the activations of the layer before are missing.",
        "How does the weighted input of a neuron change when one of its weights does?",
        "dz/dw = a of the layer before, so the gradient is δ aᵀ (BP4).",
    ),
)
