"""Audits of programs as they are met: our own objects, errors of ours within them, and loops that update too early."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from chainrule import ChainruleError, GraphError, Network, ResourceError, audit
from chainrule.nielsen import network as book


class InTheLoop(book.Network):
    """The book's class, but each example is learned from at once."""

    share = True  # the step is divided by the size of the mini-batch

    def update_mini_batch(self, mini_batch, eta):
        """A step after each example."""
        for x, y in mini_batch:
            nabla_b, nabla_w = self.backprop(x, y)
            step = eta / len(mini_batch) if self.share else eta
            self.weights = [w - step * n for w, n in zip(self.weights, nabla_w, strict=True)]
            self.biases = [b - step * n for b, n in zip(self.biases, nabla_b, strict=True)]


class InTheLoopByEta(InTheLoop):
    """The same with the whole learning rate for each."""

    share = False


@pytest.mark.parametrize("kind", [InTheLoop, InTheLoopByEta])
def test_updates_within_the_loop_over_the_examples_are_named(kind):
    """Steps that are made again, one example at a time, give the numbers: the first wrong quantity is the step's."""
    verdict = audit(kind([3, 4, 2], seed=1).update_mini_batch)
    found = verdict.findings[0]
    assert (found.slip, found.equation, found.quantity) == ("updated_within_batch", "GD", "theta")
    assert [q.state for q in verdict.quantities if q.symbol != "theta"] == ["right"] * 10
    assert found.numbers
    assert "once, after the loop" in verdict.document(answers=True).text(200)


@pytest.mark.parametrize("candidate", [lambda net: net, lambda net: net.backprop, lambda net: copy.deepcopy(net).backprop])
def test_a_network_of_ours_is_no_stranger(candidate):
    """A Network takes rows and gives a pass: its gradients are read from that."""
    net = Network([2, 3, 2], dtype="float64", seed=0)
    assert audit(candidate(net), net).right


@pytest.mark.parametrize(
    "error", [ChainruleError("too bad"), GraphError("too bent"), ResourceError("too full"), KeyError("w4")], ids=repr
)
def test_whatever_a_candidate_raises_is_a_finding(error):
    """Errors of this library, too, which a candidate that uses it can raise."""

    def backprop(x, y):
        raise error

    (found,) = audit(backprop, [2, 3, 1], weights=None, examples="columns").findings
    assert found.slip == "raises"
    assert type(error).__name__ in found.sentence


def test_several_layers_are_spoken_of_as_several():
    """The slope forgotten in every hidden layer: "layers 2 and 3"."""
    net = Network([3, 4, 4, 2], dtype="float64", seed=0)

    def backprop(x, y):
        zs, activations = [], [x]
        for w, b in zip(net.weights, net.biases, strict=True):
            zs.append(w @ activations[-1] + b)
            activations.append(1 / (1 + np.exp(-zs[-1])))
        deltas = [(activations[-1] - y) * activations[-1] * (1 - activations[-1])]
        for w in net.weights[:0:-1]:
            deltas.insert(0, w.T @ deltas[0])
        return deltas, [d @ a.T for d, a in zip(deltas, activations[:-1], strict=True)]

    (found,) = audit(backprop, net, examples="single").findings
    assert found.sentence.startswith("The slope σ′(z) of layers 2 and 3 is missing.")
    assert "layers 2 and 3" in found.hint


@pytest.mark.parametrize("turned", [True, False])
def test_gradients_that_lie_across_their_weights_are_pointed_out(turned):
    """Transposed in every layer they may be meant so: they are not called wrong, but it is said."""

    def backprop(x, y, weights, biases):
        (w2, w3), (b2, b3) = weights, biases
        a2 = np.tanh(w2 @ x + b2)
        delta3 = w3 @ a2 + b3 - y
        delta2 = (w3.T @ delta3) * (1 - a2**2)
        found = [delta2 @ x.T, delta3 @ a2.T]
        return [w.T if turned else w for w in found], [d.sum(axis=1, keepdims=True) for d in (delta2, delta3)]

    verdict = audit(backprop, [3, 4, 4], activation="tanh", output="identity")
    assert verdict.right
    assert any("the other way round" in note for note in verdict.notes) is turned


def test_what_was_taken_for_granted_is_said():
    """An object shows no functions: where nothing is said of them, sigmoids and the quadratic cost are meant."""

    class Tanh(book.Network):
        def backprop(self, x, y):
            """No gradient at all."""
            return [0.5 * b for b in self.biases], [0.5 * w for w in self.weights]

    said = "compared with sigmoid neurons and the quadratic cost"
    assert said in str(audit(Tanh([2, 3, 1], seed=0))).replace("\n", " ")
    assert said not in str(audit(Tanh([2, 3, 1], seed=0), activation="tanh")).replace("\n", " ")


def test_an_update_of_an_object_is_looked_at_too():
    """Of an object its backprop is audited, and its update beside it."""
    verdict = audit(InTheLoop([3, 4, 2], seed=1))
    assert [f.slip for f in verdict.findings] == ["updated_within_batch"]
    assert "Its update_mini_batch is right, too." in audit(book.Network([3, 4, 2])).notes
