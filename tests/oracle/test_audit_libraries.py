"""The audit of networks of other libraries."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from chainrule import audit

pytestmark = pytest.mark.oracle


def fitted(kind, y, **how):
    """A network of scikit-learn after a few iterations."""
    neural = pytest.importorskip("sklearn.neural_network")
    x = np.random.default_rng(0).standard_normal((30, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged is meant
        return getattr(neural, kind)(hidden_layer_sizes=(5, 4), max_iter=3, random_state=0, **how).fit(x, y)


@pytest.mark.parametrize("activation", ["logistic", "tanh", "relu", "identity"])
@pytest.mark.parametrize("alpha", [0.0, 0.1])
def test_scikit_learns_regressor_back_propagates_k_times_the_gradient_of_its_loss(activation, alpha):
    """E6: with k outputs the gradient is k times that of the loss that is reported."""
    y = np.random.default_rng(1).standard_normal((30, 3))
    (found,) = audit(fitted("MLPRegressor", y, activation=activation, alpha=alpha)).findings
    assert found.slip == "outputs_factor"
    assert found.sentence.startswith("It back-propagates 3 times the gradient of the cost that it reports")


def test_scikit_learns_regressor_is_right_with_one_output():
    """K = 1."""
    assert audit(fitted("MLPRegressor", np.random.default_rng(1).standard_normal(30))).right


@pytest.mark.parametrize("classes", [2, 3])
def test_scikit_learns_classifier_is_right(classes):
    """Its gradient is that of its loss, with the penalty."""
    y = np.random.default_rng(1).integers(classes, size=30)
    assert audit(fitted("MLPClassifier", y, alpha=0.1)).right


def test_a_module_of_torch_is_right():
    """Autograd's gradients are ours, for each loss."""
    torch = pytest.importorskip("torch")
    nn = torch.nn
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2), nn.Sigmoid())
    assert audit(net).right
    assert audit(net, cost="cross_entropy").right
    assert audit(net, loss=nn.MSELoss()).right


def test_a_function_of_torch_with_a_wrong_backward_is_found():
    """A tanh whose backward forgets the slope."""
    torch = pytest.importorskip("torch")

    class Bent(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z):
            return torch.tanh(z)

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = torch.nn.Linear(3, 4), torch.nn.Linear(4, 2)

        def forward(self, x):
            return torch.sigmoid(self.last(Bent.apply(self.first(x))))

    (found,) = audit(Module(), activation=["tanh", "sigmoid"]).findings
    assert (found.slip, found.layer) == ("slope_missing", 2)
