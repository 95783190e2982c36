"""What an audit finds: the first wrong quantity, its slip, and what cannot be told apart."""

from __future__ import annotations

import numpy as np
from audit_cases import net_of, passed, right, without_slope

from chainrule import audit

# ------------------------------------------------------------------------------------------------------- findings


def test_the_first_wrong_quantity_comes_with_its_place_and_numbers():
    """Layer, equation, quantity, formulas, and numbers of the candidate beside the right ones."""
    verdict = audit(without_slope, [3, 4, 2])
    (found,) = verdict.findings
    assert (found.slip, found.equation, found.layer, found.quantity) == ("slope_missing", "BP2", 2, "delta")
    assert (found.written, found.right) == ("δˡ = (wˡ⁺¹)ᵀ δˡ⁺¹", "δˡ = ((wˡ⁺¹)ᵀ δˡ⁺¹) ⊙ σ′(zˡ)")
    assert all(abs(n.found - n.wanted) > 1e-6 for n in found.numbers)
    assert found.neuron is None


def test_each_quantity_is_right_wrong_or_follows():
    """What comes before the slip is right, what comes after follows from it."""
    states = {(q.symbol, q.layer): q.state for q in audit(without_slope, [3, 4, 2]).quantities}
    assert states["delta", 2] == "first wrong"
    assert states["nabla_w", 2] == states["nabla_b", 2] == "follows"
    assert states["delta", 3] == states["nabla_w", 3] == states["z", 2] == "right"


def test_a_single_wrong_neuron_is_named():
    """A slope that forgets the one modified neuron is found at that neuron."""
    net = net_of(activation="tanh", neurons={(2, 1): "relu"})

    def backprop(x, y):
        (w2, w3), (b2, b3) = net.weights, net.biases
        z2 = w2 @ x + b2
        a2 = np.tanh(z2)
        a2[1] = np.maximum(z2[1], 0)
        delta3 = w3 @ a2 + b3 - y
        delta2 = (w3.T @ delta3) * (1 - np.tanh(z2) ** 2)
        return [delta2.sum(1), delta3.sum(1)], [delta2 @ x.T, delta3 @ a2.T]

    (found,) = audit(backprop, net).findings
    assert (found.slip, found.layer, found.neuron) == ("wrong_slope", 2, 1)


def test_a_slip_that_is_not_known_is_still_placed():
    """Numbers that no row explains are rejected, and the first wrong quantity is found from the candidate's own."""

    def backprop(x, y, weights, biases):
        acts = passed(x, weights, biases)
        delta3 = (acts[-1] - y) * acts[-1] * (1 - acts[-1])
        delta2 = (weights[1].T @ delta3) * np.exp(-acts[1])
        return [delta2.sum(1), delta3.sum(1)], [delta2 @ x.T, delta3 @ acts[1].T]

    (found,) = audit(backprop, [3, 4, 2], examples="columns").findings
    assert (found.slip, found.equation, found.layer, found.quantity) == ("unknown", "BP2", 2, "delta")


def test_slips_with_the_same_numbers_are_all_told():
    """With one output neuron, two readings of a factor 2 cannot be told apart: both are named."""

    def backprop(x, y, weights, biases):
        return tuple([2 * g for g in part] for part in right(x, y, weights, biases))

    (found,) = audit(backprop, [3, 4, 1], examples="columns", cost="quadratic", activation="sigmoid").findings
    assert found.slip == "factor_two"
    assert "accumulated_twice" in found.alternatives


def test_sums_and_means_are_layouts_unless_one_is_asked_for():
    """A summed gradient is right, and lacks 1/m where the mean was asked for."""
    assert audit(right, [3, 4, 2]).layout["gradients"] == "summed over the examples"
    (found,) = audit(right, [3, 4, 2], reduction="mean").findings
    assert found.slip == "mean_missing"


def test_what_is_to_be_added_is_right_where_it_is_said():
    """The convention "target - output, added" is a wrong sign, or right with sign="add"."""

    def backprop(x, y, weights, biases):
        return tuple([-g for g in part] for part in right(x, y, weights, biases))

    assert audit(backprop, [3, 4, 2]).findings[0].slip == "wrong_sign"
    assert audit(backprop, [3, 4, 2], sign="add").right


def test_one_turned_gradient_among_others_is_a_slip_and_all_turned_a_layout():
    """In square layers the numbers tell."""

    def turned(layers):
        def backprop(x, y, weights, biases):
            nabla_b, nabla_w = right(x, y, weights, biases)
            return nabla_b, [g.T if l in layers else g for l, g in enumerate(nabla_w)]

        return audit(backprop, [4, 4, 4, 4])

    assert turned([0, 1, 2]).right
    assert turned([0, 1, 2]).layout["weights"] == "shape (in, out) in each layer"
    (found,) = turned([1]).findings
    assert (found.slip, found.layer) == ("outer_swapped", 3)


def test_its_own_cost_tells_whether_a_factor_is_a_slip():
    """Twice the gradient is right for a cost without 1/2, and wrong for one with it."""

    def doubled(x, y, weights, biases):
        return tuple([2 * g for g in part] for part in right(x, y, weights, biases))

    def cost(x, y, weights, biases):
        return ((passed(x, weights, biases)[-1] - y) ** 2).sum()

    assert audit(doubled, [3, 4, 3], examples="columns", own_cost=cost).right
    halved = audit(right, [3, 4, 3], examples="columns", own_cost=cost)
    assert [f.slip for f in halved.findings] == ["factor_two"]
    assert audit(right, [3, 4, 3], own_cost=lambda x, y, weights, biases: 0.5 * cost(x, y, weights, biases)).right


def test_a_cost_that_its_gradient_does_not_belong_to_is_found():
    """A right gradient beside another cost is said to be just that."""
    verdict = audit(right, [3, 4, 2], own_cost=lambda x, y, weights, biases: sum((w**4).sum() for w in weights))
    assert [f.slip for f in verdict.findings] == ["other_cost"]


def test_a_guard_against_division_by_zero_is_no_slip_and_is_said():
    """Numbers that agree to 1e-5 are right, with a note."""

    def backprop(x, y, weights, biases):
        acts = passed(x, weights, biases)
        a = acts[-1]
        delta3 = (a - y) / (a * (1 - a) + 1e-6) * a * (1 - a)
        delta2 = (weights[1].T @ delta3) * acts[1] * (1 - acts[1])
        return [delta2.sum(1), delta3.sum(1)], [delta2 @ x.T, delta3 @ acts[1].T]

    verdict = audit(backprop, [3, 4, 2], cost="cross_entropy")
    assert verdict.right
    assert any("not to rounding" in note for note in verdict.notes)
