"""An object's update is audited beside its gradients; gradients that cannot be subtracted from its weights are wrong."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from audit_cases import right

from chainrule import audit

PLAIN = "W -= eta / m * gW"


class Net:
    """A network whose step is a line of text; W is a parameter, gW its summed gradient, vW a velocity."""

    def __init__(self, step=PLAIN, sizes=(3, 4, 4, 2), turned=False, **kept):
        rng = np.random.default_rng(0)
        self.weights = [rng.standard_normal((n, k)) for k, n in pairwise(sizes)]
        self.biases = [rng.standard_normal((n, 1)) for n in sizes[1:]]
        self.velocities = [0 * p for p in (*self.weights, *self.biases)]
        self.squares = [0 * p for p in (*self.weights, *self.biases)]
        self.steps, self.step_line, self.turned = 0, step, turned
        vars(self).update(kept)

    def backprop(self, x, y):
        """Right gradients, summed."""
        nabla_b, nabla_w = right(x, y, self.weights, self.biases)
        return nabla_b, [g.T for g in nabla_w] if self.turned else nabla_w

    def stepped(self, mini_batch, **names):
        """Do the step for each parameter."""
        sums = [self.backprop(x, y) for x, y in mini_batch]
        gradients = [sum(parts) for part in (1, 0) for parts in zip(*(s[part] for s in sums), strict=True)]
        last = [*sums[-1][1], *sums[-1][0]]
        both = [*self.weights, *self.biases]
        self.steps += 1
        self.changed(both, gradients, last, {"m": len(mini_batch), "self": self, "np": np, **names})

    def changed(self, both, gradients, last, names):
        """Run the line for each parameter, weights first."""
        half = len(self.weights)
        for i, (p, g) in enumerate(zip(both, gradients, strict=True)):
            rows = {
                "W": p,
                "gW": g,
                "last": last[i],
                "vW": self.velocities[i],
                "sW": self.squares[i],
                "i": i,
                "all": gradients,
            }
            space = {**names, **rows, "bias": i >= half, "t": self.steps}
            exec(self.step_line, space)
            if space["W"] is not p:
                (self.biases if i >= half else self.weights)[i % half] = space["W"]


class Plain(Net):
    """With a learning rate."""

    def update_mini_batch(self, mini_batch, eta):
        """One step."""
        self.stepped(mini_batch, eta=eta)


class Penalised(Net):
    """With the strength of a penalty, and the size of the training set."""

    def update_mini_batch(self, mini_batch, eta, lmbda, n):
        """One step."""
        self.stepped(mini_batch, eta=eta, lmbda=lmbda, n=n)


class Own(Net):
    """With a rate of its own."""

    def update_mini_batch(self, mini_batch):
        """One step."""
        self.stepped(mini_batch, eta=getattr(self, "learning_rate", 0.05))


class Arrays(Net):
    """With arrays of examples, all at once."""

    def train_step(self, x, y, eta):
        """One step."""
        columns = [(x[:, [i]], y[:, [i]]) for i in range(x.shape[1])]
        self.stepped(columns, eta=eta)


MOMENTUM = "vW *= self.momentum; vW -= eta / m * gW; W += vW"
ADAM = (
    "g = gW / m; vW *= 0.9; vW += 0.1 * g; sW *= 0.99; sW += 0.01 * g * g; "
    "W -= eta * vW / (1 - 0.9**t) / (np.sqrt(sW / (1 - 0.99**t)) + 1e-8)"
)
RIGHT = {
    "in place": Plain(),
    "rebinding": Plain("W = W - eta * gW / m"),
    "arrays, averaged": Arrays(),
    "arrays, summed": Arrays("W -= eta * gW"),
    "momentum": Plain(MOMENTUM, momentum=0.9),
    "a moving average": Plain("vW *= self.mu; vW += (1 - self.mu) * gW / m; W -= eta * vW", mu=0.8),
    "Adam": Plain(ADAM),
    "a penalty": Penalised("W -= eta * (gW / m + (0 if bias else lmbda / n * W))"),
    "a penalty of its own": Plain("W -= eta * (gW / m + (0 if bias else self.lmbda / self.n * W))", lmbda=0.4, n=30),
    "a decay of its own": Plain("W -= eta * (gW / m + (0 if bias else self.lmbda * W))", lmbda=0.4),
    "a rate that it keeps": Own(learning_rate=0.07),
    "a rate that is written in": Own(),
}
WRONG = {
    "wrong_sign": Plain("W += eta / m * gW"),
    "rate_missing": Plain("W -= gW / m"),
    "rate_twice": Plain("W -= eta * eta / m * gW"),
    "mean_missing": Plain("W -= eta * gW"),
    "mean_twice": Plain("W -= eta / m / m * gW"),
    "last_example_only": Plain("W -= eta / m * last"),
    "gradient_of_another_layer": Plain("W -= eta / m * all[{1: 2, 2: 1}.get(i, i)]", sizes=(3, 4, 4, 4, 2)),
    "bias_missing": Plain("W -= 0 if bias else eta / m * gW"),
    "layer_left_out": Plain("W -= 0 if i % 3 == 2 else eta / m * gW"),
    "penalty_sign": Penalised("W -= eta * (gW / m - (0 if bias else lmbda / n * W))"),
    "penalty_missing": Penalised(),
    "penalty_without_n": Penalised("W -= eta * (gW / m + (0 if bias else lmbda * W))"),
    "momentum_sign": Plain("vW *= -self.momentum; vW -= eta / m * gW; W += vW", momentum=0.9),
    "raises": Plain("W -= missing"),
}


@pytest.mark.parametrize("how", RIGHT)
def test_a_right_update_of_any_make_is_not_accused(how):
    """In place, rebinding, with momentum, a penalty, Adam: what is no gradient descent is said not to be judged."""
    verdict = audit(RIGHT[how])
    assert verdict.right, verdict.findings
    (name,) = {"update_mini_batch", "train_step"} & {*dir(RIGHT[how])}
    assert any(name in note and ("right, too" in note or "not judged" in note) for note in verdict.notes)


@pytest.mark.parametrize("slip", WRONG)
def test_a_wrong_update_beside_right_gradients_is_wrong_and_named(slip):
    """The verdict is that of the step, GD; the gradients are said to be right."""
    verdict = audit(WRONG[slip])
    assert not verdict.right
    assert [f.slip for f in verdict.findings] == [slip]
    assert {f.equation for f in verdict.findings} <= {"GD", ""}
    assert all(q.state == "right" for q in verdict.quantities if q.symbol != "theta")
    assert any("is right, but its update_mini_batch is not" in note for note in verdict.notes)


def test_a_step_that_no_slip_explains_is_wrong_and_placed():
    """The sign of the gradient alone: a finding of the step, without a name."""
    (found,) = audit(Plain("W -= eta * np.sign(gW)")).findings
    assert (found.slip, found.equation, found.quantity) == ("unknown", "GD", "theta")
    assert "not changed by their gradient" in found.sentence


def test_only_the_gradients_are_looked_at_where_that_is_asked_for():
    """kind="gradient", and a bound method."""
    wrong = WRONG["wrong_sign"]
    assert audit(wrong, kind="gradient").right
    assert audit(wrong.backprop).right
    assert not audit(wrong.update_mini_batch).right


@pytest.mark.parametrize("sizes", [(3, 4, 2), (4, 4, 4), (3, 2)])
def test_gradients_that_cannot_be_subtracted_from_the_weights_are_wrong(sizes):
    """The outer product swapped in all layers of an object: by shape, or in square layers by its own forward pass."""
    (found,) = audit(Net(sizes=sizes, turned=True)).findings
    assert (found.slip, found.equation) == ("outer_swapped", "BP4")
    assert found.layers == tuple(range(2, len(sizes) + 1))
    assert audit(Net(sizes=sizes)).right


@pytest.mark.parametrize("sizes", [(3, 4, 2), (4, 4, 4), (3, 2)])
def test_turned_gradients_that_the_update_turns_back_are_a_layout(sizes):
    """Whoever subtracts their transpose has meant them so."""
    meant = Plain("W -= eta / m * (gW if bias else gW.T)", sizes=sizes, turned=True)
    verdict = audit(meant)
    assert verdict.right, verdict.findings
    assert any("the other way round" in note for note in verdict.notes)
    assert "turned over" in str(verdict)


def test_an_update_that_is_not_judged_excuses_no_turned_gradients():
    """Adam in square layers: whether it turns them back is not known, and they are not those of its forward pass."""
    verdict = audit(Plain(ADAM, sizes=(4, 4, 4), turned=True))
    assert [f.slip for f in verdict.findings] == ["outer_swapped"]
    assert any("not judged" in note for note in verdict.notes)


class Silent(Net):
    """A class that gives no gradients back, but changes its weights."""

    def feedforward(self, x):
        """The output."""
        return x

    def backward(self, x, y, output):
        """One step, with a rate that is written in."""
        columns = [(x[:, [i]], y[:, [i]]) for i in range(x.shape[1])]
        self.stepped(columns, eta=1.0)


def test_a_method_that_changes_the_weights_and_gives_nothing_is_an_update():
    """Its learning rate is found out, and it is given the output that it asks for."""
    assert audit(Silent("W -= eta * gW"), method="backward").right
    assert not audit(Silent("W -= eta * gW * (1 + bias)"), method="backward").right
