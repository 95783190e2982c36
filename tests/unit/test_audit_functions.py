"""An audit of which nothing is said finds out which neurons and which cost a program has, or says what it took them for."""

from __future__ import annotations

import random

import numpy as np
import pytest
from audit_cases import passed
from bench.audited.right import unsaid
from bench.audited.styles import Setting

from chainrule import audit
from chainrule.activations import ACTIVATIONS
from chainrule.costs import COSTS

PAIRS = [
    (sigma, row) for sigma in ACTIVATIONS.values() for row in COSTS.values()
    if sigma.range[0] >= row.domain[0] and sigma.range[1] <= row.domain[1] and (row.name != "absolute")
]  # fmt: skip


class Net:
    """A network with one hidden layer, of any functions of the tables; ``change`` alters its output error."""

    def __init__(self, hidden, output, cost, change=lambda delta, a, y: delta):
        rng = np.random.default_rng(4)
        self.weights = [rng.standard_normal((4, 3)), rng.standard_normal((3, 4))]
        self.biases = [rng.standard_normal((4, 1)), rng.standard_normal((3, 1))]
        self._parts = hidden, output, cost, change

    def backprop(self, x, y):
        """Gradients, averaged over the columns of a mini-batch."""
        hidden, output, cost, change = self._parts
        z2 = self.weights[0] @ x + self.biases[0]
        a2 = hidden(z2)
        z3 = self.weights[1] @ a2 + self.biases[1]
        a3 = output(z3)
        nabla = cost.prime(a3, y)
        delta3 = nabla * output.prime(z3, a3) if output.elementwise else a3 * (nabla - (a3 * nabla).sum(axis=0))
        delta3 = change(delta3, a3, y) / x.shape[1]
        delta2 = (self.weights[1].T @ delta3) * hidden.prime(z2, a2)
        return [delta2.sum(1), delta3.sum(1)], [delta2 @ x.T, delta3 @ a2.T]


@pytest.mark.parametrize(("output", "cost"), PAIRS, ids=[f"{s.name}-{c.name}" for s, c in PAIRS])
def test_a_right_object_of_any_functions_is_right_though_nothing_is_said(output, cost):
    """Each output function of the tables with each cost that it can have; the functions are reported."""
    inner = [f for f in ACTIVATIONS.values() if f.elementwise]
    hidden = inner[PAIRS.index((output, cost)) % len(inner)]
    verdict = audit(Net(hidden, output, cost))
    assert verdict.right, verdict.findings
    assert "neurons" in verdict.layout["functions"]
    assert any("Nothing was said of its activation functions and cost" in note for note in verdict.notes)


@pytest.mark.parametrize("seed", range(12))
def test_a_right_object_in_any_style_is_right_though_nothing_is_said(seed):
    """Programs with mixed functions, rows or columns, lists, dicts or flat arrays."""
    candidate, network, options = unsaid(random.Random(seed)).candidate()
    verdict = audit(candidate, network, **options)
    assert verdict.right, verdict.findings


def test_the_functions_that_were_found_out_are_said():
    """In the layout, in words."""
    tanh, identity, quadratic = ACTIVATIONS["tanh"], ACTIVATIONS["identity"], COSTS["quadratic"]
    words = audit(Net(tanh, identity, quadratic)).layout["functions"]
    assert words == "tanh neurons, identity at the output, and the quadratic cost"
    doubled = audit(Net(tanh, identity, quadratic, lambda delta, a, y: 2 * delta))
    assert doubled.right
    assert doubled.layout["functions"].endswith("quadratic cost without its 1/2")
    assert [f.slip for f in audit(Net(tanh, identity, quadratic, lambda d, a, y: 2 * d), cost="quadratic").findings] == [
        "factor_two"
    ]


@pytest.mark.parametrize("hidden", ["tanh", "relu", "softplus"])
def test_a_wrong_object_is_compared_with_the_functions_that_its_gradients_show(hidden):
    """The slip is named for its own hidden neurons, and what was assumed is said."""
    wrong = Net(ACTIVATIONS[hidden], ACTIVATIONS["sigmoid"], COSTS["quadratic"], lambda delta, a, y: -delta)
    verdict = audit(wrong)
    assert [(f.slip, f.equation) for f in verdict.findings] == [("wrong_sign", "BP1")]
    assert f"compared with {hidden} neurons, sigmoid at the output, and the quadratic cost" in " ".join(verdict.notes)


class Witnessed(Net):
    """One whose own cost says what is meant."""

    def cost(self, a, y):
        """Cross-entropy, added up."""
        return -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a))


def test_its_own_cost_decides_where_the_gradient_alone_would_pass():
    """(a - y) σ′ is right for the quadratic cost, and wrong beside a cross-entropy; a - y is right beside it."""
    sigmoid = ACTIVATIONS["sigmoid"]
    assert audit(Net(sigmoid, sigmoid, COSTS["quadratic"])).right
    verdict = audit(Witnessed(sigmoid, sigmoid, COSTS["quadratic"]))
    assert [f.slip for f in verdict.findings] == ["slope_not_cancelled"]
    assert any("Its own functions are those of the cross_entropy cost" in note for note in verdict.notes)
    assert audit(Witnessed(sigmoid, sigmoid, COSTS["cross_entropy"])).right


def test_the_slope_of_its_own_cost_decides_too():
    """The book's class has cost_derivative: an output error of a - y lacks the slope there."""

    class Book(Net):
        def cost_derivative(self, output_activations, y):
            """Of the quadratic cost."""
            return output_activations - y

    sigmoid = ACTIVATIONS["sigmoid"]
    assert audit(Net(sigmoid, sigmoid, COSTS["cross_entropy"])).right
    assert [f.slip for f in audit(Book(sigmoid, sigmoid, COSTS["cross_entropy"])).findings] == ["cost_slope_as_error"]


def test_a_cost_of_inputs_that_is_in_no_table_is_looked_at_by_differences():
    """Half the fourth power: the gradient is that of the object's own loss(x, y); twice as much is it but for a factor."""

    class Fourth(Net):
        def loss(self, x, y):
            """Of all examples."""
            a = passed(x, self.weights, self.biases)[-1]
            return ((a - y) ** 4).sum() / 2 / x.shape[1]

    sigmoid, quadratic = ACTIVATIONS["sigmoid"], COSTS["quadratic"]
    right = audit(Fourth(sigmoid, sigmoid, quadratic, lambda delta, a, y: 2 * (a - y) ** 3 * a * (1 - a)))
    assert right.right
    assert any("in no table" in note for note in right.notes)
    assert not audit(Fourth(sigmoid, sigmoid, quadratic, lambda delta, a, y: (a - y) ** 5))


def test_functions_beside_a_function_may_be_given():
    """A function has no methods: what belongs to it is handed over by name."""

    def backprop(x, y, weights, biases):
        acts = passed(x, weights, biases)
        delta3 = acts[-1] - y
        delta2 = (weights[1].T @ delta3) * acts[1] * (1 - acts[1])
        return [delta2.sum(1), delta3.sum(1)], [delta2 @ x.T, delta3 @ acts[1].T]

    def mse(y_true, y_pred):
        return np.mean((y_true - y_pred) ** 2)

    assert audit(backprop, [3, 4, 2], examples="columns").right
    assert not audit(backprop, [3, 4, 2], examples="columns", beside={"mse": mse})


def test_programs_of_which_nothing_is_said_are_objects():
    """The corpus draws them so."""
    program = unsaid(random.Random(1))
    assert isinstance(program.setting, Setting)
    assert program.setting.head == "class"
    assert not program.said
    assert program.candidate()[1:] == (None, {})


def test_targets_that_are_no_classes_may_be_given():
    """A regression with examples of its own: what no class can be is not refused in the name of a cost that nobody said."""
    rng = np.random.default_rng(2)
    net = Net(ACTIVATIONS["tanh"], ACTIVATIONS["identity"], COSTS["quadratic"])
    verdict = audit(net, None, rng.standard_normal((8, 3)), rng.standard_normal((8, 3)))
    assert verdict.right, verdict.findings
    assert verdict.layout["functions"] == "tanh neurons, identity at the output, and the quadratic cost"


def test_what_takes_mini_batches_alone_is_compared_with_all_likely_functions_before_it_is_accused():
    """Nothing can be read off single examples there; a slip of sigmoid neurons would give what right tanh neurons give."""

    class Batches(Net):
        def update_mini_batch(self, x, y, eta):
            """One step."""
            assert x.shape[1] > 1
            nabla_b, nabla_w = self.backprop(x, y)
            self.weights = [w - eta * g for w, g in zip(self.weights, nabla_w, strict=True)]
            self.biases = [b - eta * g[:, None] for b, g in zip(self.biases, nabla_b, strict=True)]

    tanh, identity, quadratic = ACTIVATIONS["tanh"], ACTIVATIONS["identity"], COSTS["quadratic"]
    assert audit(Batches(tanh, identity, quadratic), kind="update").right
    wrong = audit(Batches(tanh, identity, quadratic, lambda delta, a, y: -delta), kind="update")
    assert not wrong.right
