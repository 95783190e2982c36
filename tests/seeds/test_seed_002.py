"""Study note 002: calculus on a computational graph, as far as dual numbers and the equations themselves show it."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np

from chainrule import equations as eq
from chainrule import nielsen
from chainrule.algebra.dual import Dual, derivative, tangent_of, value_of


def graph(a, b):
    """The nodes a, b, c, d, e of e = (a + b) * (b + 1)."""
    c, d = np.add(a, b), np.add(b, 1)
    return a, b, c, d, np.multiply(c, d)


def test_the_values_of_the_graph():
    """Note 002 (Olah's graph): at a = 2, b = 1 the nodes are c = 3, d = 2, e = 6."""
    assert [value_of(v) for v in graph(Dual(2), Dual(1))] == [2, 1, 3, 2, 6]


def test_forward_mode_from_b():
    """Note 002: the derivatives of the nodes with respect to b are 0, 1, 1, 1, 5; so de/db = 5."""
    assert [tangent_of(v) for v in graph(Dual(2), Dual(1, 1))] == [0, 1, 1, 1, 5]


def test_forward_mode_from_a():
    """Note 002: de/da = 2, by a pass of its own."""
    assert [tangent_of(v) for v in graph(Dual(2, 1), Dual(1))] == [1, 0, 1, 0, 2]


def test_edges_and_their_sum_over_paths():
    """Note 002: the edges have 1, 1, 1, 2, 3; de/db = 1*2 + 1*3 sums over the two paths from b."""
    c_a, c_b = derivative(lambda a: a + 1.0, 2.0), derivative(lambda b: 2.0 + b, 1.0)
    d_b = derivative(lambda b: b + 1.0, 1.0)
    e_c, e_d = derivative(lambda c: c * 2.0, 3.0), derivative(lambda d: 3.0 * d, 2.0)
    assert [c_a, c_b, d_b, e_c, e_d] == [1, 1, 1, 2, 3]
    assert c_a * e_c == 2
    assert c_b * e_c + d_b * e_d == 5


def test_nine_paths_are_factored():
    """Note 002, X-Y-Z by three edges each: nine paths sum to (alpha+beta+gamma)(delta+epsilon+zeta), exactly."""
    first, second = [Fraction(1, n) for n in (2, 3, 5)], [Fraction(n, 7) for n in (1, 4, 9)]
    fan, join = (lambda edges: np.array(edges, object)[:, None]), np.array([[Fraction(1)] * 3], object)
    error = np.array([[Fraction(1)]], object)
    for w in (join, fan(second), join, fan(first)):  # BP2, from Z back to X, with slopes 1
        error = eq.backpropagated_error(w, error, Fraction(1))
    paths = [one * two for one, two in product(first, second)]
    assert len(paths) == 9
    assert error[0, 0] == sum(paths) == sum(first) * sum(second)


class Node:
    """A node that knows its operands, and a gradient that is pushed into them edge by edge."""

    def __init__(self, *operands):
        self.operands, self.gradient = operands, 0

    def push(self):
        """Hand the gradient on, then go down each edge: wrong, for a node that two edges lead to is handled twice."""
        for operand in self.operands:
            operand.gradient += self.gradient
        for operand in self.operands:
            operand.push()


def test_a_value_that_is_used_twice():
    """Note 002: a = 1, b = a + a, c = b + b has dc/da = 4; a recursion per edge, without topological order, gives 8."""
    assert derivative(lambda a: (a + a) + (a + a), 1.0) == 4
    b = np.add(Dual(1.0, 1.0), Dual(1.0, 1.0))
    assert (value_of(b + b), tangent_of(b + b)) == (4, 4)
    leaf = Node()
    inner = Node(leaf, leaf)
    outer = Node(inner, inner)
    outer.gradient = 1
    outer.push()
    assert leaf.gradient == 8


def test_the_program_s_lists():
    """Note 002: num_layers, sizes, biases for every neuron but the inputs, and weights with a row for each neuron."""
    net = nielsen.Network([2, 3, 1])
    assert net.num_layers == len(net.sizes) == 3
    assert [b.shape for b in net.biases] == [(3, 1), (1, 1)]
    assert [w.shape for w in net.weights] == [(3, 2), (1, 3)]
    many = nielsen.Network([300, 200, 10], seed=0)
    assert abs(many.weights[0].mean()) < 0.02  # mean 0 and variance 1, over 60,000 draws
    assert abs(many.weights[0].var() - 1) < 0.03
