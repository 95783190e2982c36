"""The calls of the book's first program: the same columns, lists and printed lines, on chainrule's engine."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

import chainrule
from chainrule.errors import ChainruleWarning, ConfigError, DataError, DivergenceError, ShapeError
from chainrule.nielsen import Network, mnist_loader, network

RNG = np.random.default_rng(5)
DATA = [(RNG.random((4, 1)), np.eye(3)[:, [j % 3]]) for j in range(25)]
TESTS = [(x, int(y.argmax())) for x, y in DATA]


def same(one, other, tolerance=1e-12):
    """Whether two lists of arrays are equal to rounding, shapes included."""
    return all(v.shape == w.shape and np.abs(v - w).max() <= tolerance for v, w in zip(one, other, strict=True))


# ------------------------------------------------------------------------------------------------------ the network


def test_a_network_is_lists_of_matrices_drawn_from_the_normal_distribution():
    """Weights and biases are float64 lists, N(0, 1), the same for the same seed."""
    net, again, other = Network([200, 100, 5], seed=3), Network([200, 100, 5], seed=3), Network([200, 100, 5], seed=4)
    assert (net.num_layers, net.sizes, net.seed) == (3, [200, 100, 5], 3)
    assert [w.shape for w in net.weights] == [(100, 200), (5, 100)]
    assert [b.shape for b in net.biases] == [(100, 1), (5, 1)]
    assert all(v.dtype == np.float64 for v in net.weights + net.biases)
    assert abs(net.weights[0].mean()) < 0.03 > abs(net.weights[0].std() - 1)
    assert same(net.weights, again.weights, 0)
    assert not same(net.weights, other.weights)


def test_no_call_touches_the_global_random_state():
    """NumPy's own global generator is neither read nor moved."""
    code = (
        "import numpy as np; before = str(np.random.get_state()); from chainrule.nielsen import Network;"
        "net = Network([2, 3, 1]); net.SGD([([[0], [1]], [[1]])], 1, 1, 1.0); assert str(np.random.get_state()) == before"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "Epoch 0 complete\n"


def test_weights_and_biases_can_be_assigned_whole_and_one_by_one():
    """What is put into the lists is what the network computes with."""
    net = Network([4, 2, 3], seed=0)
    net.weights = [np.zeros((2, 4)), np.zeros((3, 2))]
    net.biases[1] = np.array([[0.0], [1.0], [-1.0]])
    assert same([net.feedforward(DATA[0][0])], [network.sigmoid(net.biases[1])])


def test_a_subclass_may_make_its_own_lists():
    """A class whose __init__ only sets sizes, weights and biases, as in the study notes, works."""

    class Ones(Network):
        def __init__(self, sizes):
            self.num_layers, self.sizes = len(sizes), sizes
            self.weights = [np.ones((n, k)) for k, n in pairwise(sizes)]
            self.biases = [np.ones((n, 1)) for n in sizes[1:]]

    net = Ones([4, 2, 3])
    net.SGD(DATA, 2, 10, 1.0)
    assert net.epoch == 2
    assert not (net.weights[0] == 1).any()


def test_inputs_are_columns():
    """One column, the same numbers in a row of one dimension, and many columns side by side."""
    net, x = Network([4, 5, 3], seed=0), np.hstack([x for x, _ in DATA])
    single = net.feedforward(x[:, :1])
    assert single.shape == (3, 1)
    assert same([single], [net.feedforward(x[:, 0])], 0)
    assert same([single], [net.feedforward(x)[:, :1]])


# ------------------------------------------------------------------------------------------------------- one mini-batch


def test_backprop_is_that_of_the_core():
    """The two lists are the nabla_b and nabla_w of a pass of chainrule.Network."""
    net, (x, y) = Network([4, 5, 3], seed=0), DATA[0]
    core = chainrule.Network([4, 5, 3], dtype="float64", initial=(net.weights, net.biases))
    pass_ = core.backprop(x.T, y.T)
    nabla_b, nabla_w = net.backprop(x, y)
    assert same(nabla_b, pass_.nabla_b.values())
    assert same(nabla_w, pass_.nabla_w.values())


def test_many_columns_give_the_sum_of_their_gradients():
    """Backprop of m columns is the sum over the columns."""
    net = Network([4, 5, 3], seed=0)
    together = net.backprop(*(np.hstack(part) for part in zip(*DATA, strict=True)))
    single = [net.backprop(x, y) for x, y in DATA]
    for i in (0, 1):
        assert same(together[i], [sum(parts) for parts in zip(*(s[i] for s in single), strict=True)])


class OwnDerivative(Network):
    """The quadratic cost's slope, written again."""

    def cost_derivative(self, output_activations, y):
        """The slope."""
        assert output_activations.shape == y.shape == (3, 1)  # example by example, as in the book
        return output_activations - y


class OwnBackprop(Network):
    """Half the gradient."""

    def backprop(self, x, y):
        """The gradient."""
        return tuple([v / 2 for v in part] for part in super().backprop(x, y))


class OwnStep(Network):
    """Half the step."""

    def update_mini_batch(self, mini_batch, eta):
        """A step."""
        super().update_mini_batch(mini_batch, eta / 2)


@pytest.mark.parametrize(("kind", "factor"), [(Network, 1), (OwnDerivative, 1), (OwnBackprop, 2), (OwnStep, 2)])
def test_a_subclass_s_own_rule_is_used(kind, factor):
    """Whether whole mini-batches run on the engine or a subclass's rule example by example, the steps are the same."""
    plain, own = Network([4, 5, 3], seed=1), kind([4, 5, 3], seed=1)
    plain.SGD(DATA, 3, 10, 0.5)
    own.SGD(DATA, 3, 10, 0.5 * factor)
    assert same(plain.weights, own.weights)
    assert same(plain.biases, own.biases)


def test_a_rule_put_on_the_object_is_used():
    """A function that is assigned to one network counts as its own rule."""
    net = Network([4, 5, 3], seed=1)
    first = [w.copy() for w in net.weights]
    net.cost_derivative = lambda output_activations, y: 0.0
    net.SGD(DATA, 1, 10, 1.0)
    assert same(first, net.weights, 0)


# ---------------------------------------------------------------------------------------------------------- all epochs


def test_sgd_prints_a_line_for_each_epoch(capsys):
    """With test data, how many are right of how many; without, that the epoch is complete."""
    net = Network([4, 5, 3], seed=1)
    net.SGD(DATA, 2, 10, 3.0)
    assert capsys.readouterr().out == "Epoch 0 complete\nEpoch 1 complete\n"
    net.SGD(zip(*zip(*DATA, strict=True), strict=True), 1, 10, 3.0, test_data=iter(TESTS))
    assert capsys.readouterr().out == f"Epoch 0: {net.evaluate(TESTS)} / 25\n"


def test_a_subclass_s_evaluate_and_feedforward_are_used(capsys):
    """The printed number is the network's own evaluate, and that asks its own feedforward."""

    class Says(Network):
        def feedforward(self, a):
            assert a.shape == (4, 1)
            return np.array([[0.0], [1.0], [0.0]])

    assert Says([4, 5, 3]).evaluate(TESTS) == 8
    net = Network([4, 5, 3], seed=1)
    net.evaluate = lambda tests: 17
    net.SGD(DATA, 1, 10, 3.0, TESTS)
    assert capsys.readouterr().out == "Epoch 0: 17 / 25\n"


def test_sgd_goes_on_where_it_stopped_and_leaves_the_data_in_order():
    """Two calls of one epoch are one call of two, and the caller's list is not shuffled."""
    one, two, data = Network([4, 5, 3], seed=1), Network([4, 5, 3], seed=1), list(DATA)
    one.SGD(data, 2, 10, 1.0)
    two.SGD(data, 1, 10, 1.0)
    two.SGD(data, 1, 10, 1.0)
    assert same(one.weights, two.weights, 0)
    assert all(a is b for a, b in zip(data, DATA, strict=True))


def test_the_class_is_the_largest_output_or_for_one_output_above_a_half():
    """Targets may be numbers or columns."""
    net = Network([1, 2], seed=0)
    net.weights, net.biases = [np.array([[1.0], [-1.0]])], [np.zeros((2, 1))]
    assert net.evaluate([([[1]], 0), ([[-1]], 1), ([[2]], 1), ([[1]], [[1], [0]])]) == 3
    single = Network([1, 1], seed=0)
    single.weights, single.biases = [np.array([[1.0]])], [np.zeros((1, 1))]
    assert single.evaluate([([[1]], 1), ([[-1]], 0), ([[2]], 0)]) == 2


def test_divergence_is_an_error_that_leaves_finite_weights():
    """An absurd learning rate ends in a DivergenceError, in all epochs or in one step, and the lists hold numbers."""
    net, data = Network([1, 1], seed=0), [([[1e300]], [[0.0]])]
    net.weights, net.biases = [np.zeros((1, 1))], [np.zeros((1, 1))]
    with pytest.raises(DivergenceError, match="diverged in epoch 1"):
        net.SGD(data, 10, 1, 1e200)
    with pytest.raises(DivergenceError, match="w of layer 2 not finite, at learning rate 1e\\+200"):
        net.update_mini_batch(data, 1e200)
    assert net.weights[0] == 0


def fresh(**changed):
    """A network with some of its attributes replaced."""
    net = Network([4, 5, 3], seed=0)
    for name, value in changed.items():
        setattr(net, name, value)
    return net


def flat_gradient():
    """A network whose own backprop gives biases of one dimension, which NumPy would broadcast to matrices."""
    zeros = [np.zeros(5), np.zeros(3)], [np.zeros((5, 4)), np.zeros((3, 5))]
    return fresh(backprop=lambda x, y: zeros)


X, Y = DATA[0]
REFUSED = [
    (lambda: Network([3]), ConfigError, "at least an input and an output"),
    (lambda: Network([3, 0]), ConfigError, "layer 2 has 0 neurons"),
    (lambda: Network([3, 2], seed=-1), ConfigError, "seed = -1"),
    (lambda: fresh().feedforward(np.ones((1, 4))), ShapeError, r"column of 4"),
    (lambda: fresh().feedforward(np.ones(5)), ShapeError, r"shape \(5,\)"),
    (lambda: fresh().feedforward(3.0), DataError, "single value"),
    (lambda: fresh().backprop(X, np.ones((1, 3))), ShapeError, "y has shape"),
    (lambda: fresh().backprop(np.ones((4, 2)), Y), ShapeError, "x has 2 columns and y has 1"),
    (lambda: fresh().update_mini_batch([], 1.0), DataError, "0 examples"),
    (lambda: fresh().update_mini_batch([X], 1.0), ShapeError, "not a pair"),
    (lambda: fresh().update_mini_batch([(X, 2)], 1.0), DataError, "y of example 0 of mini_batch is a single value"),
    (lambda: fresh().update_mini_batch([(np.ones((4, 2)), Y)], 1.0), ShapeError, "2 columns"),
    (lambda: fresh().SGD(iter(()), 1, 10, 1.0), DataError, "0 examples"),
    (lambda: fresh().SGD(DATA, 1, 0, 1.0), ConfigError, "batch_size = 0"),
    (lambda: fresh().SGD(DATA, -1, 10, 1.0), ConfigError, "epochs = -1"),
    (lambda: fresh().SGD(DATA, 1, 10, float("nan")), ConfigError, "learning_rate = nan"),
    (lambda: fresh().SGD([(X * np.nan, Y)], 1, 1, 1.0), DataError, "NaN"),
    (lambda: fresh().evaluate([(X, 3)]), DataError, "classes are 0 to 2"),
    (lambda: fresh().evaluate([(X, 0.5)]), DataError, "no class '0.5'"),
    (lambda: fresh().evaluate([(X, "one")]), DataError, "no class 'one'"),
    (lambda: fresh(weights=[np.ones((5, 4))]).feedforward(X), ShapeError, "weights has 1 arrays"),
    (lambda: fresh(weights=[np.ones((4, 5)), np.ones((3, 5))]).feedforward(X), ShapeError, r"needs \(5, 4\)"),
    (lambda: fresh(biases=[np.ones(5), np.ones((3, 1))]).feedforward(X), ShapeError, r"biases\[0\] is \(5,\)"),
    (lambda: fresh(cost_derivative=lambda a, y: np.ones(3)).backprop(X, Y), ShapeError, r"nabla_a gave shape \(3,\)"),
    (lambda: flat_gradient().update_mini_batch(DATA, 1.0), ShapeError, r"gradients of biases\[0\] is \(5, 5\)"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_bad_input_is_refused_in_words(call, error, words):
    """Each wrong argument has its typed error, which says what is wrong; nothing is broadcast."""
    with pytest.raises(error, match=words):
        call()


def test_a_mini_batch_larger_than_the_data_is_one_batch():
    """It works, with a warning."""
    net = Network([4, 5, 3], seed=0)
    with pytest.warns(ChainruleWarning, match="more than the 25 examples"):
        net.SGD(DATA, 1, 100, 1.0)


# ---------------------------------------------------------------------------------------------------------------- data


def test_the_loader_gives_pairs_of_columns():
    """50,000 / 10,000 / 10,000 pairs: pixels as columns, training targets as columns, the others as numbers."""
    training, validation, test = mnist_loader.load_data_wrapper()
    assert [len(part) for part in (training, validation, test)] == [50_000, 10_000, 10_000]
    x, y = training[0]
    assert (x.shape, y.shape, int(y.argmax()), y.sum()) == ((784, 1), (10, 1), 5, 1)
    assert 0 <= x.min() < x.max() <= 1
    assert [y for _, y in test[:5]] == [7, 2, 1, 0, 4]
    assert type(validation[0][1]) is int
    net = Network([784, 10], seed=0)
    net.SGD(training[:300], 1, 10, 3.0, test_data=test[:100])
