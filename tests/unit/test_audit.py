"""What an audit takes, what it refuses, and the verdict that it gives."""

from __future__ import annotations

import json

import numpy as np
import pytest
from audit_cases import Learner, by, net_of, right, without_slope

from chainrule import ConfigError, ShapeError, audit
from chainrule.auditing import Verdict
from chainrule.nielsen import network as book

# ------------------------------------------------------------------------------------------- kinds of candidates


@pytest.mark.parametrize(
    "how",
    [
        {}, {"activation": "tanh"}, {"activation": "relu"}, {"cost": "cross_entropy"}, {"cost": "log_likelihood"},
        {"biases": False}, {"neurons": {(2, 1): "relu"}}, {"activation": "softplus", "output": "softplus"},
        {"activation": "relu", "initial": "zeros"},
    ],
    ids=str,
)  # fmt: skip
def test_our_own_backpropagation_is_right(how):
    """A function around a network is right for each kind of network, also where every neuron is at a kink."""
    net = net_of(**how)
    assert audit(by(net), net).right


def test_the_books_class_is_right_and_stays_as_it_is():
    """An object is read off and copied: neither backprop nor update_mini_batch changes its weights."""
    net = book.Network([3, 4, 2], seed=1)
    before = [w.copy() for w in net.weights]
    assert audit(net).right
    assert audit(net, kind="update").right
    assert audit(net.update_mini_batch).right
    assert all((w == b).all() for w, b in zip(net.weights, before, strict=True))


def test_an_update_is_judged_by_the_parameters_before_and_after():
    """A learner that forgets to divide by m is told so, in the equation of the step."""
    assert audit(Learner()).right
    found = audit(Learner(step="sum")).findings
    assert [(f.slip, f.equation) for f in found] == [("mean_missing", "GD")]


def test_an_update_of_a_network_from_outside_leaves_it_as_it_was():
    """A function that changes the network that is given is undone."""
    net = net_of()
    before = [w.copy() for w in net.weights]

    def update_mini_batch(mini_batch, eta):
        x, y = (np.hstack(columns) for columns in zip(*mini_batch, strict=True))
        nabla_b, nabla_w = right(x, y, net.weights, net.biases)
        for array, g in zip((*net.weights, *net.biases), (*nabla_w, *nabla_b), strict=True):
            array[...] = array - eta / len(mini_batch) * g

    assert audit(update_mini_batch, net).right
    assert all((w == b).all() for w, b in zip(net.weights, before, strict=True))


@pytest.mark.parametrize("cost", ["quadratic", "cross_entropy"])
def test_weights_and_biases_may_be_given_instead_of_a_network(cost):
    """Arrays with an activation and a cost make the network."""
    net = net_of(cost=cost)
    assert audit(by(net), weights=net.weights, biases=net.biases, cost=cost).right
    assert audit(by(net), {"weights": net.weights, "biases": net.biases, "cost": cost}).right


def test_examples_may_be_given():
    """Rows of examples and targets, many or one, are used in the place of drawn ones."""
    net, rng = net_of(), np.random.default_rng(0)
    x, y = rng.standard_normal((6, 3)), rng.random((6, 2))
    assert audit(by(net), net, x, y).right
    assert audit(by(net), net, x[0], y[0]).right
    assert not audit(without_slope, [3, 4, 2], x, y).right


# ------------------------------------------------------------------------------------------- before any number


def test_gradients_that_add_up_from_call_to_call_are_found():
    """A gradient that is never set back to 0 is one slip, and what it adds is looked at as well."""
    sums = []

    def backprop(x, y, weights, biases):
        found = [g for part in right(x, y, weights, biases) for g in part]
        if not sums:
            sums.extend(0 * g for g in found)
        for total, g in zip(sums, found, strict=True):
            total[...] = total + g
        return sums[:2], sums[2:]

    assert [f.slip for f in audit(backprop, [3, 4, 2]).findings] == ["not_reset"]


def test_results_that_vary_are_said_to():
    """Two calls with the same numbers that differ cannot be judged further."""
    rng = np.random.default_rng(0)

    def backprop(x, y, weights, biases):
        return [rng.random(b.shape) for b in biases], [rng.random(w.shape) for w in weights]

    assert [f.slip for f in audit(backprop, [3, 4, 2]).findings] == ["varies"]


def test_an_exception_is_a_finding_with_its_line():
    """What a candidate raises does not end the audit."""

    def backprop(x, y):
        raise RuntimeError("not today")

    (found,) = audit(backprop, [3, 4, 2]).findings
    assert found.slip == "raises"
    assert "RuntimeError: not today" in found.sentence
    assert "raise RuntimeError" in found.sentence


@pytest.mark.parametrize(("given", "slip"), [(None, "nothing"), (np.zeros(3), "shapes"), ({}, "nothing")])
def test_what_is_no_gradient_is_said_to_be_none(given, slip):
    """Nothing, or arrays of other shapes, are findings."""
    assert [f.slip for f in audit(lambda x, y: given, [3, 4, 2]).findings] == [slip]


def test_numbers_that_are_not_finite_are_found():
    """NaN is wrong, and where it begins is said."""
    nan = audit(lambda x, y, weights, biases: ([b * np.nan for b in biases], [w * np.nan for w in weights]), [3, 4, 2])
    assert [(f.slip, f.layer) for f in nan.findings] == [("not_finite", 3)]


# ------------------------------------------------------------------------------------------------------- the verdict


def test_a_verdict_is_true_where_the_program_is_right():
    """``if audit(...)`` reads as it says."""
    assert audit(right, [3, 4, 2])
    assert not audit(without_slope, [3, 4, 2])


@pytest.mark.parametrize("candidate", [right, without_slope, lambda x, y, weights, biases: ([0 * b for b in biases], None)])
def test_a_verdict_is_plain_data(candidate):
    """It is JSON, without NaN and infinity."""
    verdict = audit(candidate, [3, 4, 2])
    data = json.loads(json.dumps(verdict.as_dict(), allow_nan=False))
    assert data["right"] is verdict.right
    assert [f["slip"] for f in data["findings"]] == [f.slip for f in verdict.findings]


def test_a_report_says_the_verdict_first_and_keeps_the_answer_back():
    """The hint is there, the answer only where it is asked for."""
    verdict = audit(without_slope, [3, 4, 2])
    hidden, shown = str(verdict), verdict.document(answers=True).text()
    assert "The backpropagation is wrong" in hidden.splitlines()[3]
    assert "Hint:" in hidden
    assert "Answer:" not in hidden
    assert verdict.findings[0].answer in " ".join(shown.replace("┃", " ").split())
    assert "first wrong" in hidden


def test_a_report_of_a_right_program_says_so_and_what_was_found_out():
    """Verdict and layout, and no table of quantities."""
    text = str(audit(right, [3, 4, 2]))
    assert "The backpropagation is right." in text
    assert "columns: x of shape (inputs, m)" in text
    assert "in the order of the computation" not in text


def test_the_same_audit_gives_the_same_verdict():
    """Probes follow from the seed."""

    def dated(verdict: Verdict) -> object:
        return {**verdict.as_dict(), "seconds": 0}

    assert dated(audit(without_slope, [3, 4, 2], seed=3)) == dated(audit(without_slope, [3, 4, 2], seed=3))


# ------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("candidate", "network", "options", "words"),
    [
        (5, [2, 3, 1], {}, "the candidate is a int"),
        (book.Network, [2, 3, 1], {}, "the class Network"),
        (lambda q, r, s: 1, [2, 3, 1], {}, "'q'"),
        (right, None, {}, "it is not known what it should compute"),
        (right, [2, 3, 1], {"kost": 1}, "Did you mean 'cost'"),
        (right, [2, 3, 1], {"kind": "updates"}, "Did you mean 'update'"),
        (right, [2, 3, 1], {"learning_rate": 0}, "above 0"),
        (book.Network([2, 3, 1]), None, {"method": "backwards"}, "has no method"),
    ],
)
def test_what_cannot_be_audited_is_refused_in_words(candidate, network, options, words):
    """Each refusal names what does not fit."""
    with pytest.raises(ConfigError, match=words):
        audit(candidate, network, **options)


def test_an_object_of_other_sizes_than_the_network_is_refused():
    """The shapes of both are said."""
    with pytest.raises(ShapeError, match=r"sizes \[3, 4, 2\]"):
        audit(book.Network([2, 3, 1]), net_of())
