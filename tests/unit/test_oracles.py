"""Independent witnesses: scikit-learn's and PyTorch's training, step for step, in float64."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Network, optimizer
from chainrule.randomness import shuffled

pytestmark = pytest.mark.oracle

RNG = np.random.default_rng(7)
X = RNG.standard_normal((24, 5))
LABELS = np.arange(24) % 3
ROWS = np.eye(3)[LABELS]

TORCH_RULES = {
    "sgd": ("SGD", {}, {}),
    "momentum": ("SGD", {"momentum": 0.9}, {}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}, {}),
    "adagrad": ("Adagrad", {"eps": 1e-8}, {}),
    "rmsprop": ("RMSprop", {"alpha": 0.99, "eps": 1e-8}, {}),
    "adam": ("Adam", {}, {}),
    "adamw": ("AdamW", {"weight_decay": 0.05}, {"decay": 0.05}),
}
TORCH_ACTIVATIONS = {
    "identity": "Identity", "sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU",
    "selu": "SELU", "softplus": "Softplus", "softsign": "Softsign", "gelu": "GELU", "silu": "SiLU", "mish": "Mish",
    "hard_tanh": "Hardtanh",
}  # fmt: skip


def torch_network(torch, net, activation):
    """The same network in PyTorch, with the same weights; its outputs are the weighted inputs z of the last layer."""
    layers = []
    for w, b in zip(net.weights, net.biases, strict=True):
        linear = torch.nn.Linear(w.shape[1], w.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w))
            linear.bias.copy_(torch.from_numpy(b[:, 0]))
        layers += [linear, getattr(torch.nn, TORCH_ACTIVATIONS[activation])()]
    return torch.nn.Sequential(*layers[:-1])


def largest_difference(net, model):
    """Between our weights and PyTorch's."""
    theirs = [layer.weight.detach().numpy() for layer in model[::2]]
    return max(np.abs(w - t).max() for w, t in zip(net.weights, theirs, strict=True))


@pytest.mark.parametrize("name", TORCH_RULES)
def test_every_optimizer_takes_pytorch_s_path(name):
    """40 steps of each optimizer end within 1e-12 of PyTorch's on the same mini-batches (softmax, log-likelihood)."""
    torch = pytest.importorskip("torch")
    kind, theirs, ours = TORCH_RULES[name]
    net = Network([5, 7, 3], "tanh", "log_likelihood", dtype="float64", seed=3)
    model = torch_network(torch, net, "tanh")
    groups = [
        {"params": [p for p in model.parameters() if p.ndim == 2]},
        {"params": [p for p in model.parameters() if p.ndim == 1], "weight_decay": 0.0},  # biases are not decayed
    ]
    rule = getattr(torch.optim, kind)(groups, lr=0.01, **theirs)
    for epoch in range(1, 11):
        order = shuffled(3, epoch, 24)
        for rows in (order[at : at + 6] for at in range(0, 24, 6)):
            rule.zero_grad()
            torch.nn.functional.cross_entropy(model(torch.from_numpy(X[rows])), torch.from_numpy(LABELS[rows])).backward()
            rule.step()
    net.fit(X, LABELS, epochs=10, batch_size=6, learning_rate=0.01, optimizer=optimizer(name, **ours))
    assert largest_difference(net, model) < 1e-12


@pytest.mark.parametrize("name", TORCH_ACTIVATIONS)
def test_every_activation_has_pytorch_s_gradient(name):
    """Gradients of a three-layer network with each activation agree with PyTorch's autograd to 1e-12."""
    torch = pytest.importorskip("torch")
    net = Network([5, 7, 6, 3], name, "log_likelihood", dtype="float64", seed=5)
    model = torch_network(torch, net, name)
    loss = torch.nn.functional.cross_entropy(model(torch.from_numpy(X)), torch.from_numpy(LABELS), reduction="sum")
    loss.backward()
    pass_ = net.backprop(X, LABELS)
    assert float(pass_.cost_x.sum()) == pytest.approx(loss.item(), rel=1e-13)
    for l, layer in enumerate(model[::2], 2):
        np.testing.assert_allclose(pass_.nabla_w[l], layer.weight.grad.numpy(), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(pass_.nabla_b[l][:, 0], layer.bias.grad.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("cost", "kind"), [("huber", "SmoothL1Loss"), ("absolute", "L1Loss"), ("quadratic", "MSELoss")])
def test_costs_of_values_agree_with_pytorch(cost, kind):
    """Costs for regression, and their slopes, agree with PyTorch's losses (its MSE is twice the book's quadratic cost)."""
    torch = pytest.importorskip("torch")
    net = Network([5, 4, 3], "tanh", cost, dtype="float64", seed=5)
    model = torch_network(torch, net, "tanh")
    loss = getattr(torch.nn, kind)(reduction="sum")(model(torch.from_numpy(X)), torch.from_numpy(3 * ROWS - 1))
    loss = loss / 2 if cost == "quadratic" else loss
    loss.backward()
    pass_ = net.backprop(X, 3 * ROWS - 1)
    assert float(pass_.cost_x.sum()) == pytest.approx(loss.item(), rel=1e-13)
    np.testing.assert_allclose(pass_.nabla_w[2], model[0].weight.grad.numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("solver", "nesterov", "name"), [("adam", None, "adam"), ("sgd", True, "nesterov"), ("sgd", False, "momentum")]
)
def test_full_batch_training_agrees_with_scikit_learn(solver, nesterov, name):
    """30 full-batch steps of MLPClassifier, with its L2 penalty, end where ours do (its alpha is our lmbda/n)."""
    neural = pytest.importorskip("sklearn.neural_network")
    from sklearn.exceptions import ConvergenceWarning

    kwargs = {} if nesterov is None else {"nesterovs_momentum": nesterov, "momentum": 0.9}
    theirs = neural.MLPClassifier(
        (6,), activation="tanh", solver=solver, epsilon=1e-15, alpha=0.5, batch_size=24, learning_rate_init=0.01,
        max_iter=1, shuffle=False, random_state=0, **kwargs,
    )  # fmt: skip
    with pytest.warns(ConvergenceWarning):
        theirs.fit(X, LABELS)
    net = Network([5, 6, 3], "tanh", "log_likelihood", dtype="float64", seed=0)
    theirs.set_params(max_iter=30, tol=0.0, n_iter_no_change=1000)
    start = neural.MLPClassifier(**theirs.get_params())
    start._init_coef = _recorded(net, start._init_coef)  # noqa: SLF001  the only way to give it first weights
    with pytest.warns(ConvergenceWarning):
        start.fit(X, LABELS)
    rule = (
        optimizer(name, epsilon=1e-15) if name == "adam" else name
    )  # scikit-learn adds epsilon before freeing from the start
    net.fit(X, LABELS, epochs=30, batch_size=24, learning_rate=0.01, optimizer=rule, lmbda=0.5)
    np.testing.assert_allclose(net.weights[0].T, start.coefs_[0], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(net.biases[1][:, 0], start.intercepts_[1], rtol=1e-9, atol=1e-11)


def _recorded(net, draw):
    """Scikit-learn's drawing of first weights, with ours put in its place, layer after layer."""
    layers = iter(zip(net.weights, net.biases, strict=True))

    def first(fan_in, fan_out, dtype):
        w, b = next(layers)
        assert (fan_in, fan_out) == w.T.shape
        return w.T.astype(dtype), b[:, 0].astype(dtype)

    return first
