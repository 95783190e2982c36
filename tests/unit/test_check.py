"""``check``: what it says of kinks, float32, big networks, functions that a witness cannot follow; ``count``."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from chainrule import ACTIVATIONS, ConfigError, DataError, Network, activation, check
from chainrule.checking import count

RNG = np.random.default_rng(5)
X, Y = RNG.standard_normal((6, 4)), RNG.standard_normal((6, 2))


def reasons(found):
    """Why each witness was not heard."""
    return {account.witness: account.reason for account in found.accounts if account.reason}


def test_the_four_equations_hold_for_the_book_s_network():
    """BP1 to BP4 are four checks with a residual of at most 1e-12, for [784, 30, 10] and ten examples."""
    found = check(Network([784, 30, 10], seed=0, dtype="float64"), RNG.random((10, 784)), RNG.integers(0, 10, 10))
    assert found.passed
    assert list(found.equations) == ["BP1", "BP2", "BP3", "BP4"]
    assert max(found.equations.values()) <= 1e-12
    exact = [row.error for row in found.rows if row.witness != "central differences"]
    assert max(exact) <= 1e-12


def test_single_precision_is_checked_in_a_double_copy():
    """It is said, the errors are those of float64, and the network is left as it is."""
    net = Network([4, 3, 2], seed=1)
    before = net.parameters.flat.copy()
    found = check(net, X, Y)
    assert found.passed
    assert any("a copy of it in float64 is checked" in note for note in found.notes)
    assert net.parameters.flat.dtype == np.float32
    np.testing.assert_array_equal(net.parameters.flat, before)


# ------------------------------------------------------------------------------------------------------------ kinks


def test_a_neuron_at_a_kink_is_found_and_its_example_left_out():
    """A relu that is given exactly 0 has two slopes: it is said which, and nothing is called wrong."""
    x = X.copy()
    x[2] = 0  # biases start at 0 for relu, so every z of this example is 0
    found = check(Network([4, 3, 2], "relu", seed=1, dtype="float64"), x, Y)
    assert found.passed
    assert found.examples == 5
    assert {(kink.example, kink.function, kink.at) for kink in found.kinks} == {(2, "relu", 0.0)}
    assert "Left out, because of a kink: 1 of the 6 examples." in str(found)
    assert "layer 2, neuron 0, example 2 (relu at 0)" in " ".join(str(found).split())


def test_a_wrong_slope_is_found_beside_a_kink():
    """Leaving an example out hides nothing of the others."""
    x = X.copy()
    x[0] = 0
    wrong = replace(ACTIVATIONS["relu"], slope=lambda z, a: 0.5 * (z > 0))
    net = Network([4, 3, 2], wrong, initial="he", seed=1, dtype="float64")
    found = check(net, x, Y)
    cause = found.causes[0]
    assert [(row.layer, row.equation) for row in found.causes] == [(2, "SP")]
    assert net.backprop(x, Y).sigma_prime[2][cause.at] == cause.found  # examples are counted as they were given
    assert (cause.found, cause.wanted) == (0.5, 1.0)
    assert cause.at[1] != 0


def test_where_every_example_is_at_a_kink_the_numbers_are_moved():
    """Zero weights put every relu at 0: the check is of a network nearby, and says so."""
    found = check(Network([4, 3, 2], "relu", initial="zeros", seed=1, dtype="float64"), X, Y)
    assert found.passed
    assert any("moved by about" in note for note in found.notes)


def test_a_bend_within_reach_of_differences_is_no_failure():
    """An elu at 0 has one slope and two curvatures, which differences see: its example is left out like one at a kink."""
    x = X.copy()
    x[0] = 0
    found = check(Network([4, 3, 2], "elu", seed=1, dtype="float64"), x, Y)
    assert found.passed
    assert all(row.passed for row in found.rows)


def test_differences_alone_prove_nothing():
    """A cost so steep that differences cut it off: the exact witnesses agree, and that is said instead of a failure."""
    steep = Network([4, 3, 2], lambda z: np.sin(2000 * z), seed=1, dtype="float64")
    found = check(steep, X, Y)
    wrong = {row.witness for row in found.rows if not row.passed}
    assert wrong <= {"central differences"}
    assert found.passed == (not found.failures)


# ------------------------------------------------------------------------------------- functions of the user's own


def opaque(z):
    """A function that only real numbers go through."""
    return np.array([[float(t) * abs(float(t)) for t in row] for row in z])


def test_witnesses_that_cannot_follow_a_function_say_why():
    """Of a function that takes numbers apart, central differences are left, and they decide."""
    slopes = {"right": lambda z, a: 2 * np.abs(z), "wrong": lambda z, a: np.abs(z)}
    row = replace(activation(opaque, slope=slopes["right"]))
    found = check(Network([4, 3, 2], row, seed=1, dtype="float64"), X, Y)
    assert found.passed, str(found)
    assert set(reasons(found)) == {"complex step", "forward mode", "reverse mode"}
    found = check(Network([4, 3, 2], replace(row, slope=slopes["wrong"]), seed=1, dtype="float64"), X, Y)
    assert [(cause.layer, cause.equation) for cause in found.causes] == [(2, "SP")]


def test_a_function_that_is_another_on_complex_numbers_is_no_accusation():
    """The modulus of a complex number is not |x|: the complex step is not heard, the other three are."""
    net = Network([4, 3, 2], lambda z: z / (1 + np.abs(z)), seed=1, dtype="float64")
    found = check(net, X, Y)
    assert found.passed
    assert list(reasons(found)) == ["complex step"]
    assert "complex step was not heard" in str(found)


# ------------------------------------------------------------------------------------------------------ big networks


def test_of_a_big_array_a_sample_is_taken_and_said():
    """The expensive witnesses see some entries and one direction through all; reverse mode sees every entry."""
    found = check(Network([30, 20, 5], seed=1, dtype="float64"), RNG.random((3, 30)), RNG.random((3, 5)), sample=50)
    rows = {row.witness: row for row in found.rows if (row.layer, row.symbol) == (2, "nabla_w")}
    assert (rows["complex step"].directions, rows["complex step"].of, rows["reverse mode"].seen) == (51, 600, 600)
    assert "50 of its 600 entries, drawn at random" in str(found)
    assert rows["central differences"].passes == 102
    every = check(Network([30, 20, 5], seed=1, dtype="float64"), RNG.random((3, 30)), RNG.random((3, 5)), all=True)
    assert all(row.directions == row.of for row in every.rows if row.witness == "complex step")


def test_one_wrong_entry_outside_of_the_sample_is_found():
    """The random direction goes through every entry, so each witness finds it."""

    class Odd(Network):
        def backprop(self, *args, **how):
            pass_ = super().backprop(*args, **how)
            pass_.nabla_w[2][17, 11] += 0.01
            return pass_

    x, y = RNG.random((3, 30)), RNG.random((3, 5))
    found = check(Odd([30, 20, 5], seed=1, dtype="float64"), x, y, sample=3)
    wrong = [row for row in found.failures if row.symbol == "nabla_w"]
    assert {row.witness for row in wrong} == {
        "residual",
        "complex step",
        "central differences",
        "forward mode",
        "reverse mode",
    }
    assert [(row.layer, row.equation) for row in found.causes] == [(2, "BP4")]
    assert next(row for row in wrong if row.witness == "reverse mode").at == (17, 11)


def test_examples_are_sampled_too():
    """Of many examples some are taken, and that is said."""
    found = check(Network([4, 3, 2], seed=1), RNG.random((500, 4)), RNG.random((500, 2)))
    assert found.examples == 64
    assert any("64 of the 500 examples" in note for note in found.notes)


# -------------------------------------------------------------------------------------------------------- the report


def test_a_check_is_plain_data_and_a_document():
    """JSON has every row; the document has the table by layer and equation, and the passes of each witness."""
    found = check(Network([4, 3, 2], seed=1, dtype="float64"), X, Y, penalty="l2", lmbda=0.1)
    data = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert data["passed"] is True
    assert len(data["rows"]) == len(found.rows)
    text = str(found)
    for word in (
        "BP1",
        "BP2",
        "BP3",
        "BP4",
        "SP",
        "PG",
        "δ²",
        "complex step",
        "forward passes",
        "Every gradient is right.",
    ):
        assert word in text
    forward = {account.witness: (account.forward, account.backward) for account in found.accounts}
    parameters, neurons = 23, 5
    assert forward["complex step"] == (parameters + neurons, 0)
    assert forward["central differences"] == (2 * (parameters + neurons), 0)
    assert forward["reverse mode"] == (1, 1)


def test_an_overflowing_pass_is_refused():
    """A pass with numbers that are not finite has no gradients; the message says where it begins."""
    net = Network([2, 2, 1], "exponential", seed=0, dtype="float64")
    net.weights[0][...] = 1000.0
    with pytest.raises(DataError, match="of layer 2 is not finite in the pass"):
        check(net, [[1.0, 1.0]], [[1.0]])


def test_zero_gradients_are_said_to_say_little():
    """A layer of relus that are all off passes the check, and the report says that nothing was to be seen."""
    net = Network([4, 3, 2], "relu", seed=1, dtype="float64")
    net.biases[0][...] = -100.0
    found = check(net, X, Y)
    assert found.passed
    assert "0 for all these examples" in str(found)


# ------------------------------------------------------------------------------------------------------------- count


def test_passes_are_counted_for_every_way_to_the_gradient():
    """Two forward passes for each parameter by central differences, one by forward mode, one and one by backpropagation."""
    net = Network([6, 5, 3], "tanh", seed=0)
    found = count(net, RNG.random((2, 6)), RNG.random((2, 3)))
    passes = {way.name: (way.forward, way.backward) for way in found.ways}
    assert found.parameters == 53
    assert passes == {
        "central differences": (106, 0), "complex step": (53, 0), "forward mode": (53, 0),
        "reverse mode on the graph": (1, 1), "backpropagation": (1, 1),
    }  # fmt: skip
    assert all(way.error <= (1e-7 if way.name == "central differences" else 1e-12) for way in found.ways)
    assert all(way.done == 53 for way in found.ways)
    assert "106 forward passes against one forward and one backward" in str(found)


def test_a_way_that_would_take_too_long_is_said_to_be_estimated():
    """With no time allowed, some passes are timed, and the table marks the estimate."""
    found = count(Network([20, 10, 3], seed=0), RNG.random((1, 20)), RNG.random((1, 3)), seconds=0.0)
    assert {way.done for way in found.ways[:3]} == {50}
    assert "≈" in str(found)


# ------------------------------------------------------------------------------------------------------- subclasses


class Plain(Network):
    """Its own backprop takes no weights of examples."""

    def backprop(self, x, y):
        """Ours, but for a factor in one layer where that is asked for."""
        found = super().backprop(x, y)
        found.nabla_w[2][...] *= getattr(self, "factor", 1)
        return found


def test_a_backprop_that_takes_no_example_weights_is_checked():
    """A subclass may have backprop(x, y): right or wrong, it is told so."""
    net = Plain([4, 3, 2], seed=0)
    assert check(net, X, Y).passed
    assert count(net, X, Y).ways[-1].backward == 1
    net.factor = 2
    assert not check(net, X, Y).passed


def test_what_a_subclass_s_backprop_lacks_is_said_in_words():
    """Weights of examples where it takes none; and a result that is no pass."""

    class Bare(Network):
        def backprop(self, x, y):
            """Gradients alone."""
            return super().backprop(x, y).nabla_w

    with pytest.raises(ConfigError, match="takes no sample_weight"):
        check(Plain([4, 3, 2], seed=0), X, Y, sample_weight=np.ones(6))
    with pytest.raises(ConfigError, match="no Pass"):
        check(Bare([4, 3, 2], seed=0), X, Y)
