"""Study note 001: the equations of backpropagation, and the exercises that belong to them (Nielsen, chapter 2)."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from seed_helpers import batch_of, close, complex_gradient, loop_step, rows_of, summed_cost

import chainrule
from chainrule import equations as eq
from chainrule.algebra import formula
from chainrule.architecture import architecture
from chainrule.notation import EQUATIONS, Key
from chainrule.schedule import backprop

SIZES = [4, 5, 3, 2]


def network(sizes=SIZES, **how):
    """A float64 network with N(0, 1) weights."""
    return chainrule.Network(sizes, dtype="float64", initial="large", seed=2, **how)


# --------------------------------------------------------------------------------------------------------- the algorithm


def test_a_pass_shows_every_quantity_of_every_layer():
    """Note 001, the five steps: z, a, delta, dC/db and dC/dw of each layer 2..L are there, by the book's numbers."""
    p = network().backprop(*rows_of(batch_of(SIZES, 7)))
    assert set(p.a) == {1, 2, 3, 4}
    for l, n, before in ((2, 5, 4), (3, 3, 5), (4, 2, 3)):
        assert p.z[l].shape == p.a[l].shape == p.delta[l].shape == (n, 7)
        assert p.nabla_b[l].shape == (n, 1)
        assert p.nabla_w[l].shape == (n, before)


RESIDUALS = {  # each equation in plain NumPy, over the layers it stands at
    "FP1": lambda p, w, b: [p.z[l] - (w[l] @ p.a[l - 1] + b[l]) for l in (2, 3, 4)],
    "FP2": lambda p, w, b: [p.a[l] - 1 / (1 + np.exp(-p.z[l])) for l in (2, 3, 4)],
    "BP1": lambda p, w, b: [p.delta[4] - p.nabla_a[4] * p.a[4] * (1 - p.a[4])],
    "BP2": lambda p, w, b: [p.delta[l] - w[l + 1].T @ p.delta[l + 1] * p.a[l] * (1 - p.a[l]) for l in (2, 3)],
    "BP3": lambda p, w, b: [p.nabla_b[l] - p.delta[l].sum(axis=1, keepdims=True) for l in (2, 3, 4)],
    "BP4": lambda p, w, b: [p.nabla_w[l] - np.einsum("jx,kx->jk", p.delta[l], p.a[l - 1]) for l in (2, 3, 4)],
}


@pytest.mark.parametrize("name", RESIDUALS)
def test_every_equation_holds_in_a_pass(name):
    """Note 001: BP1 to BP4 (and the forward pass) hold with a residual of at most 1e-12 in float64."""
    net = network()
    p = net.backprop(*rows_of(batch_of(SIZES, 7)))
    w, b = dict(enumerate(net.weights, 2)), dict(enumerate(net.biases, 2))
    assert max(np.abs(r).max() for r in RESIDUALS[name](p, w, b)) <= 1e-12
    assert name in {step.equation.name for step in backprop(net.architecture)}


def test_the_gradient_is_that_of_complex_numbers():
    """Note 001: dC/dw and dC/db for every weight and bias equal those of one forward pass on complex numbers each."""
    net, (x, y) = network(), rows_of(batch_of(SIZES, 3))
    p = net.backprop(x, y)
    for (of, l), expected in complex_gradient(net, x, y).items():
        assert np.abs(getattr(p, f"nabla_{of}")[l] - expected).max() <= 1e-12


def test_loop_form_and_matrix_form_of_a_mini_batch_agree():
    """Note 001, gradient descent over m examples: example by example, and as one matrix, to 1e-12 for [784, 30, 10]."""
    sizes = [784, 30, 10]
    net, batch = network(sizes), batch_of(sizes, 10)
    weights, biases = loop_step(net.weights, net.biases, batch, 3.0)
    net.fit(*rows_of(batch), epochs=1, batch_size=10, learning_rate=3.0)
    assert close(net.weights, weights)
    assert close(net.biases, biases)


# ---------------------------------------------------------------------------------------------------------- the exercises


def bent(z):
    """A function that is no sigmoid."""
    return z / np.sqrt(1 + z * z)


def test_one_modified_neuron_changes_one_slope():
    """Note 001, exercise "a single modified neuron": f' takes the place of sigma' there, and nothing else changes."""
    plain, modified = network(), network(neurons={(2, 1): bent})
    x, y = rows_of(batch_of(SIZES, 3))
    before, after = plain.backprop(x, y), modified.backprop(x, y)
    others = [0, 2, 3, 4]
    assert (before.sigma_prime[2][others] == after.sigma_prime[2][others]).all()
    assert np.abs(after.sigma_prime[2][1] - (1 + after.z[2][1] ** 2) ** -1.5).max() <= 1e-15
    assert [s.equation.name for s in backprop(plain.architecture)] == [
        s.equation.name for s in backprop(modified.architecture)
    ]
    for (of, l), expected in complex_gradient(modified, x, y).items():
        assert np.abs(getattr(after, f"nabla_{of}")[l] - expected).max() <= 1e-12


def test_linear_neurons_pass_the_error_back_by_the_weights_alone():
    """Nielsen, chapter 2, exercise "linear neurons": with sigma(z) = z, BP2 says delta = (w_next)^T delta_next."""
    net = network(activation="identity")
    p = net.backprop(*rows_of(batch_of(SIZES, 3)))
    for l in (2, 3):
        assert (p.sigma_prime[l] == 1).all()
        assert (p.delta[l] == net.weights[l - 1].T @ p.delta[l + 1]).all()
    w_next, delta_next, _ = (o.expr() for o in EQUATIONS["BP2"].reads)
    assert formula.text(eq.backpropagated_error(w_next, delta_next, 1)) == "(wˡ⁺¹)ᵀ δˡ⁺¹"


def test_the_error_is_a_chain_of_matrices():
    """Nielsen, chapter 2, problem "matrix form": delta = Sigma'(z^l) (w^{l+1})^T ... Sigma'(z^L) grad_a C, to 1e-15."""
    net = network()
    p = net.backprop(*rows_of(batch_of(SIZES, 1)))
    big_sigma = {l: np.diag(p.sigma_prime[l][:, 0]) for l in (2, 3, 4)}
    w = dict(enumerate(net.weights, 2))
    chain = {4: big_sigma[4]}
    chain[3] = big_sigma[3] @ w[4].T @ chain[4]
    chain[2] = big_sigma[2] @ w[3].T @ chain[3]
    for l in (2, 3, 4):
        assert np.abs(p.delta[l] - chain[l] @ p.nabla_a[4]).max() <= 1e-15


# -------------------------------------------------------------------------------------------------------- the big picture


def test_a_gradient_is_the_sum_over_all_paths():
    """Nielsen, chapter 2, equation (53): four paths leave each first-layer weight of 2-3-2-2; their sum is dC/dw."""
    net = network([2, 3, 2, 2])
    p = net.backprop(*rows_of(batch_of([2, 3, 2, 2], 1)))
    _, w3, w4 = net.weights
    slope = {l: p.sigma_prime[l][:, 0] for l in (2, 3, 4)}
    for j, k in product(range(3), range(2)):
        paths = [
            p.nabla_a[4][q, 0] * slope[4][q] * w4[q, r] * slope[3][r] * w3[r, j] * slope[2][j] * p.a[1][k, 0]
            for q, r in product(range(2), range(2))
        ]
        assert len(paths) == 4
        assert abs(sum(paths) - p.nabla_w[2][j, k]) <= 1e-15


def test_nine_thousand_paths_are_counted_without_walking_them():
    """Nielsen, chapter 2: [784, 30, 30, 30, 10] has 9,000 paths from one first-layer weight; BP2 on ones counts them."""
    paths = np.ones((10, 1), int)  # one path ends at each output
    for n_next, n in ((10, 30), (30, 30), (30, 30)):
        paths = eq.backpropagated_error(np.ones((n_next, n), int), paths, 1)
    assert (paths == 9000).all()


def test_central_differences_need_two_passes_for_each_parameter():
    """Nielsen, chapter 2, "in what sense is it fast": [784, 30, 10] has 23,860 parameters, so 47,720 forward passes."""
    assert 2 * architecture([784, 30, 10]).n_parameters == 2 * 23_860 == 47_720
    net, (x, y), passes, h = network([2, 3, 1]), (np.array([[0.3, -0.8]]), np.array([[1.0]])), 0, 1e-6
    p = net.backprop(x, y)
    for (of, l), view in net.parameters.views.items():
        for place in np.ndindex(view.shape):
            move = np.zeros(view.shape)
            move[place] = h
            up, down = (summed_cost(net, x, y, {Key(of, l): view + sign * move}) for sign in (1, -1))
            passes += 2
            # the rounding of a central difference is about 1e-16/h
            assert abs((up - down) / (2 * h) - getattr(p, f"nabla_{of}")[l][place]) <= 1e-9
    assert passes == 2 * net.architecture.n_parameters


def test_sizes_2_3_1_and_the_two_ways_to_draw_first_weights():
    """Notes 001 and 002: [2, 3, 1] has w of (3,2), (1,3), b of (3,1), (1,1); N(0,1) is "large", N(0,1/n_in) default."""
    net = chainrule.Network([2, 3, 1])
    assert [w.shape for w in net.weights] == [(3, 2), (1, 3)]
    assert [b.shape for b in net.biases] == [(3, 1), (1, 1)]
    large = chainrule.Network([400, 300, 10], initial="large", dtype="float64", seed=0)
    default = chainrule.Network([400, 300, 10], dtype="float64", seed=0)
    assert abs(large.weights[0].std() - 1) < 0.01  # 120,000 draws: the standard error is 0.002
    assert np.abs(default.weights[0] * 20 - large.weights[0]).max() <= 1e-12
