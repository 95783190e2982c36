"""THE EQUATIONS of backpropagation, each written once.

    w  weights       z  weighted inputs      delta    errors dC/dz        _prev  of layer l-1
    b  biases        a  activations          nabla_w  gradient dC/dw      _next  of layer l+1
    y  targets       a^1 is the input x      nabla_b  gradient dC/db      m      mini-batch size

A mini-batch of m examples is m columns, so each line is true for one example and for a mini-batch alike. Layers are
numbered as in Nielsen's *Neural Networks and Deep Learning*, chapter 2, where BP1 to BP4 have their names from: the input
is layer 1. Every function here runs on arrays, complex numbers, dual numbers, fractions and symbols.
"""

from __future__ import annotations

from chainrule.notation import M, equation

# ---------------------------------------------------------------------------------------------------- forward


@equation("FP1", writes="z")
def weighted_input(w: M, a_prev: M, b: M) -> M:
    """The weighted input of layer l, from the activations of the layer before it."""
    return w @ a_prev + b


@equation("FP1o", writes="z")
def weighted_input_without_bias(w: M, a_prev: M) -> M:
    """The weighted input of layer l, in a network without biases."""
    return w @ a_prev


@equation("FP2", writes="a")
def activation(sigma: M, z: M) -> M:
    """The activation of layer l."""
    return sigma(z)


@equation("SP", writes="sigma_prime")
def slope(sigma: M, z: M, a: M) -> M:
    """How steeply each neuron of layer l responds to its weighted input."""
    return sigma.prime(z, a)


# ---------------------------------------------------------------------------------------------------- cost


@equation("C", writes="cost_x")
def cost(cost: M, a: M, y: M) -> M:
    """The cost of each example, summed over the output neurons."""
    return cost(a, y).sum(axis=0, keepdims=True)


@equation("Cz", writes="cost_x")
def cost_from_z(cost: M, z: M, y: M) -> M:
    """The same cost computed from z, exact where the output neurons are saturated."""
    return cost.from_z(z, y).sum(axis=0, keepdims=True)


@equation("NA", writes="nabla_a")
def cost_slope(cost: M, a: M, y: M) -> M:
    """How the cost changes with each output activation."""
    return cost.prime(a, y)


# ---------------------------------------------------------------------------------------------------- backward


@equation("BP1", writes="delta")
def output_error(nabla_a: M, sigma_prime: M) -> M:
    """The error of the output layer."""
    return nabla_a * sigma_prime


@equation("BP2", writes="delta")
def backpropagated_error(w_next: M, delta_next: M, sigma_prime: M) -> M:
    """The error of layer l, from the error of the layer after it."""
    return (w_next.T @ delta_next) * sigma_prime


@equation("BP3", writes="nabla_b")
def bias_gradient(delta: M) -> M:
    """The gradient of the biases is the error itself, summed over the mini-batch."""
    return delta.sum(axis=1, keepdims=True)


@equation("BP4", writes="nabla_w")
def weight_gradient(a_prev: M, delta: M) -> M:
    """The gradient of a weight is the activation it comes from times the error it leads to."""
    return delta @ a_prev.T


@equation("GD", writes="theta")
def gradient_descent(theta: M, eta: M, m: M, nabla: M) -> M:
    """A step of gradient descent, downhill along the mean gradient of the mini-batch."""
    return theta - (eta / m) * nabla


# ---------------------------------------------------------------------------------------------------- special cases


@equation("BP1c", writes="delta")
def canonical_output_error(a: M, y: M) -> M:
    """The output error where cost and activation match, so that the slope cancels."""
    return a - y


@equation("BPa", writes="nabla_a")
def backpropagated_slope(w_next: M, delta_next: M) -> M:
    """How the cost changes with each activation of layer l, from the error of the layer after it."""
    return w_next.T @ delta_next


@equation("BPs", writes="delta")
def softmax_error(a: M, nabla_a: M) -> M:
    """The error of a softmax layer, each of whose activations depends on all of its weighted inputs."""
    return a * (nabla_a - (a * nabla_a).sum(axis=0, keepdims=True))


@equation("EW", writes="delta")
def weighted_error(delta: M, weight: M) -> M:
    """The output error of each example, times the example's weight."""
    return delta * weight


@equation("CW", writes="cost_x")
def weighted_cost(cost_x: M, weight: M) -> M:
    """The cost of each example, times the example's weight."""
    return cost_x * weight


# ---------------------------------------------------------------------------------------------------- regularisation


@equation("IN", writes="a")
def noisy_input(a: M, noise: M) -> M:
    """The input with noise added, new in each step."""
    return a + noise


@equation("DO", writes="a")
def dropped_activation(a: M, mask: M) -> M:
    """The activation with some neurons dropped, and the others scaled up to make up for them."""
    return a * mask


@equation("DOp", writes="sigma_prime")
def dropped_slope(sigma_prime: M, mask: M) -> M:
    """A dropped neuron has no slope: its error is 0."""
    return sigma_prime * mask


@equation("PG", writes="nabla")
def penalised_gradient(nabla: M, m: M, n: M, lmbda: M, penalty: M, theta: M) -> M:
    """The gradient with the slope of the penalty; divided by m it is the gradient of C + (lambda/n) R(w)."""
    return nabla + (m * lmbda / n) * penalty(theta)
