"""Slips of the backward pass: the errors (BP1, BP2)."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.activations import ACTIVATIONS, Activation
from chainrule.architecture import Architecture
from chainrule.auditing.slips import COMMON, Slip, cases
from chainrule.costs import COSTS, Cost
from chainrule.notation import M


def elementwise(a: Architecture, l: int) -> bool:
    """Whether the layer's functions work on each neuron by itself."""
    return a.sigma(l).elementwise


def softmax(a: Architecture, l: int) -> bool:
    """Whether the layer's activations depend on each other."""
    return not a.sigma(l).elementwise


def canonical(a: Architecture, l: int) -> bool:
    """Whether the slope cancels at this layer, so that the output error is a - y."""
    return l == a.L and a.is_canonical and a.cost.name != "quadratic"


def not_canonical(a: Architecture, l: int) -> bool:
    """Whether a - y is not the output error, nor dC/da."""
    return l == a.L and not a.is_canonical and a.cost.name != "quadratic"


def ramp(a: Architecture, l: int) -> bool:
    """Whether the layer has rectified linear neurons."""
    return a.sigma(l).name in {"relu", "leaky_relu"}


def _of_z(f: Activation) -> Callable[..., M]:
    def slope(z: M) -> M:
        return f.prime(z, f(z))

    return slope


def _of_a(f: Activation) -> Callable[..., M]:
    def slope(z: M, a: M) -> M:
        return f.prime(z, a)

    return slope


def _slope_of(f: Cost) -> Callable[..., M]:
    def error(a: M, y: M, sigma_prime: M) -> M:
        return f.prime(a, y) * sigma_prime

    return error


OTHER_SLOPES = [{"SP": form(ACTIVATIONS[name])} for name in COMMON for form in (_of_z, _of_a)]
BY_SIGN: dict[str, Callable[..., M]] = {
    "BP1": lambda nabla_a: nabla_a * (nabla_a > 0),
    "BP2": lambda w_next, delta_next: (w_next.T @ delta_next) * (w_next.T @ delta_next > 0),
}

LATE_ROWS = (  # named after those of the mini-batch
    Slip(
        "target_swapped",
        cases(
            {"BP1": lambda cost, a, y, sigma_prime: cost.prime(y, a) * sigma_prime},
            {"BP1": lambda cost, a, y: cost.prime(y, a)},
        ),
        "Target and output have changed places in the slope of the cost.",
        "Which of its two arguments does the slope of your cost differentiate by?",
        "Give the output first: dC/da = cost.prime(a, y).",
    ),
)
ROWS = (
    Slip(
        "cost_slope_as_error",
        cases({"BP1": lambda nabla_a: nabla_a}),
        "The output error is dC/da: the slope of the output neurons is missing, so it is not dC/dz.",
        "By which variable of an output neuron does your output error differentiate the cost?",
        "Multiply by the slope: δ = dC/da ⊙ σ′(z) (BP1).",
    ),
    Slip(
        "slope_missing",
        cases({"SP": lambda: 1.0}),
        "The slope σ′(z) of layer {l} is missing.",
        "If a neuron of layer {l} is saturated, how far can a change of its weighted input reach?",
        "Multiply by the slope of the layer's own neurons: σ′(z).",
    ),
    Slip(
        "slope_at_a",
        cases({"SP": lambda sigma, a: sigma.prime(a, sigma(a))}),
        "The slope of layer {l} is taken at a instead of z.",
        "Which number is given to the derivative of the activation function at layer {l}, and which does it expect?",
        "Take it at the weighted input: σ′(z), not σ′(a). (For the sigmoid, σ′(z) = a(1 - a).)",
        elementwise,
    ),
    Slip(
        "slope_formula_of_z",
        cases({"SP": lambda sigma, z: sigma.prime(z, z)}),
        "The slope of layer {l} uses a formula in a, such as a(1 - a), but puts z in.",
        "Which number is given to the derivative of the activation function at layer {l}, and which does it expect?",
        "Put the activation into a formula in a, or use the formula in z.",
        elementwise,
    ),
    Slip(
        "softmax_diagonal",
        cases({"BP1": lambda nabla_a, a: nabla_a * a * (1 - a)}),
        "Of the softmax's derivatives only the diagonal a(1 - a) is used: each output depends on every z of the layer.",
        "Raise one weighted input of the softmax layer a little: how many of its outputs change?",
        "Use all derivatives: δ = a ⊙ (∇a C - Σ a ∇a C) (BPs); with the log-likelihood cost that is a - y.",
        softmax,
    ),
    Slip(
        "slope_not_cancelled",
        cases({"BP1": lambda a, y, sigma_prime: (a - y) * sigma_prime}, {"BP1": lambda a, y: (a - y) * a * (1 - a)}),
        "The output error is (a - y) σ′(z): with this cost and activation the slope has cancelled already.",
        "Write dC/da for your cost, multiply by the slope, and simplify.",
        "Use δ = a - y (BP1c): the slope cancels against the denominator of dC/da.",
        canonical,
    ),
    Slip(
        "canonical_error",
        cases({"BP1": lambda a, y: a - y}),
        "The output error is a - y, but with this cost and activation the slope does not cancel.",
        "Write dC/da for your cost, multiply by the slope, and simplify.",
        "Use δ = dC/da ⊙ σ′(z) (BP1).",
        not_canonical,
    ),
    Slip(
        "wrong_slope",
        cases(*OTHER_SLOPES),
        "The slope of layer {l} is that of another activation function.",
        "Which function do the neurons of layer {l} compute, and which one is differentiated?",
        "Use the derivative of the layer's own activation function.",
        elementwise,
    ),
    Slip(
        "slope_twice",
        cases(
            {"SP": lambda sigma, z, a: sigma.prime(z, a) * sigma.prime(z, a)},
            {
                "BP4": lambda delta, sigma_prime, a_prev: (delta * sigma_prime) @ a_prev.T,
                "BP3": lambda delta, sigma_prime: (delta * sigma_prime).sum(axis=1, keepdims=True),
            },
        ),
        "The slope σ′(z) of layer {l} is multiplied in twice.",
        "How often does the slope of layer {l} stand between the cost and one of its weighted inputs?",
        "Multiply by σ′(z) once, where the error is computed.",
        elementwise,
    ),
    Slip(
        "slope_of_wrong_layer",
        cases(
            {"SP": lambda sigma_prime_prev: sigma_prime_prev},
            {"BP2": lambda w_next, delta_next, sigma_prime_next: w_next.T @ (delta_next * sigma_prime_next)},
            {"BP2": lambda w_next, delta_next, sigma_prime_next: (w_next.T @ delta_next) * sigma_prime_next},
            {"SP": lambda sigma, z_next: sigma.prime(z_next, sigma(z_next))},
            {"SP": lambda sigma, z_prev: sigma.prime(z_prev, sigma(z_prev))},
            {"SP": lambda sigma, a_prev: sigma.prime(a_prev, sigma(a_prev))},
        ),
        "The error of layer {l} is multiplied by the slope of another layer.",
        "Print the shape of the slope that you use at layer {l}, and say of which z it is.",
        "Use σ′ of layer {l}'s own z.",
        elementwise,
    ),
    Slip(
        "weights_not_transposed",
        cases({"BP2": lambda w_next, delta_next, sigma_prime: (w_next @ delta_next) * sigma_prime}),
        "The weights are not transposed on the way back from layer {l1} to layer {l}.",
        "Over which neurons does the sum run when an error goes back from layer {l1}, and which index counts them?",
        "Use (w^{l1})ᵀ δ^{l1}: neuron k of layer {l} collects w_jk δ_j over the neurons j of layer {l1}.",
    ),
    Slip(
        "weights_of_wrong_layer",
        cases(
            {"BP2": lambda w, delta_next, sigma_prime: (w.T @ delta_next) * sigma_prime},
            {"BP2": lambda w, delta_next, sigma_prime: (w @ delta_next) * sigma_prime},
            {"BP2": lambda w_next2, delta_next, sigma_prime: (w_next2.T @ delta_next) * sigma_prime},
        ),
        "The error goes back to layer {l} through the weights of another layer.",
        "Which weights lie between layer {l} and layer {l1}?",
        "Use the weights that lead into layer {l1}: (w^{l1})ᵀ δ^{l1}.",
    ),
    Slip(
        "weights_missing",
        cases(
            {"BP2": lambda delta_next, sigma_prime: delta_next.sum(axis=0, keepdims=True) * sigma_prime},
            {"BP2": lambda delta_next, sigma_prime: delta_next * sigma_prime},
        ),
        "The error goes back from layer {l1} to layer {l} without the weights between them.",
        "A neuron of layer {l} has a strong and a weak connection to layer {l1}: does your program know which is which?",
        "Use (w^{l1})ᵀ δ^{l1}.",
    ),
    Slip(
        "delta_of_wrong_layer",
        cases(
            {"BP2": lambda w_next, delta_next2, sigma_prime: (w_next.T @ delta_next2) * sigma_prime},
            {
                "BP4": lambda delta_next, a_prev: delta_next @ a_prev.T,
                "BP3": lambda delta_next: delta_next.sum(axis=1, keepdims=True),
            },
            {"BP2": lambda w_next2, delta_next2, sigma_prime: (w_next2.T @ delta_next2) * sigma_prime},
        ),
        "At layer {l} the error of another layer is used: the errors are off by one layer.",
        "Write down which layer's error each place of your list holds.",
        "Use the error of the layer directly after (BP2), and the layer's own error for its gradients (BP3, BP4).",
    ),
    Slip(
        "sign_in_between",
        cases({"BP2": lambda w_next, delta_next, sigma_prime: -(w_next.T @ delta_next) * sigma_prime}),
        "The error changes its sign on the way back to layer {l}.",
        "Which step between layer {l1} and layer {l} has a minus, and what is it for?",
        "There is no minus in (w^{l1})ᵀ δ^{l1} ⊙ σ′(z^{l}).",
    ),
    Slip(
        "weights_updated_early",
        cases({
            "BP2": lambda w_next, eta, m, nabla_w_next, delta_next, sigma_prime: (
                ((w_next - (eta / m) * nabla_w_next).T @ delta_next) * sigma_prime
            )
        }),
        "The weights into layer {l1} are updated before the error goes back through them to layer {l}.",
        "In which order are the updates and the backward pass done? Which weights did the forward pass use?",
        "Compute all gradients with the old weights first, then update.",
    ),
    Slip(
        "slope_by_sign",
        cases(BY_SIGN),
        "At layer {l} the error is cut off by its own sign instead of by the neuron's.",
        "Which number decides whether a rectified linear neuron lets the error through?",
        "Use the neuron's weighted input: σ′(z) = 1 where z > 0, and 0 elsewhere.",
        ramp,
    ),
    Slip(
        "wrong_cost",
        cases(*({"BP1": _slope_of(row)} for row in COSTS.values())),
        "The output error is that of another cost function.",
        "Differentiate the cost that was given by the output a, and compare with your output error.",
        "Use dC/da of the cost that was given, or tell the audit which cost is meant.",
        elementwise,
    ),
)
