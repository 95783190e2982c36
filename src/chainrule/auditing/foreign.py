"""Networks of other libraries, through their objects' methods alone: nothing of those libraries is imported."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.auditing.candidates import Candidate
from chainrule.auditing.options import Options
from chainrule.auditing.store import Store
from chainrule.errors import ConfigError
from chainrule.notation import Key

SCIKIT_FUNCTIONS = {"logistic": "sigmoid"}  # the others have our names
SCIKIT_COSTS = {"squared_error": "quadratic", "poisson": "poisson"}
TORCH_FUNCTIONS = {
    "Sigmoid": "sigmoid", "Tanh": "tanh", "ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "SELU": "selu",
    "Softplus": "softplus", "Softsign": "softsign", "GELU": "gelu", "SiLU": "silu", "Mish": "mish", "Hardtanh": "hard_tanh",
    "Softmax": "softmax", "Identity": "identity",
}  # fmt: skip
TORCH_LOSSES: dict[str, Callable[[Any, Any], Any]] = {  # summed over the outputs and the examples
    "quadratic": lambda a, y: 0.5 * ((a - y) * (a - y)).sum(),
    "cross_entropy": lambda a, y: -(y * a.log() + (1 - y) * (1 - a).log()).sum(),
    "log_likelihood": lambda a, y: -(y * a.log()).sum(),
}


def foreign(given: Any, options: Options) -> Candidate | None:
    """A candidate of another library; None for anything else."""
    if hasattr(given, "coefs_") and hasattr(given, "_backprop"):
        return _scikit(given, options)
    if callable(getattr(given, "named_parameters", None)) and callable(getattr(given, "zero_grad", None)):
        return _torch(given, options)
    return None


# --------------------------------------------------------------------------------------------------- scikit-learn


def _scikit(given: Any, options: Options) -> Candidate:
    """A fitted MLP of scikit-learn: the gradient and the loss of its own training step."""
    own = copy.deepcopy(given)
    layers = len(own.coefs_)
    output = SCIKIT_FUNCTIONS.get(own.out_activation_, own.out_activation_)
    hidden = SCIKIT_FUNCTIONS.get(own.activation, own.activation)
    by_output = {"softmax": "log_likelihood", "sigmoid": "cross_entropy"}
    cost = SCIKIT_COSTS.get(own.loss) or by_output.get(output, "log_likelihood")
    told = replace(
        options, activation=[hidden] * (layers - 1) + [output], cost=cost, output=None, lmbda=float(own.alpha),
        examples="rows",
    )  # fmt: skip

    def step(x: Any, y: Any) -> tuple[float, list[Any], list[Any]]:
        sizes = [w.shape[1] for w in own.coefs_]
        given_by_name = {
            "X": x, "y": y, "sample_weight": None, "activations": [x, *(np.empty((len(x), n)) for n in sizes)],
            "deltas": [None] * layers, "coef_grads": [None] * layers, "intercept_grads": [None] * layers,
        }  # fmt: skip
        names = own._backprop.__code__.co_varnames[1 : own._backprop.__code__.co_argcount]  # noqa: SLF001  there is no public one
        loss, weights, biases = own._backprop(**{name: given_by_name[name] for name in names})  # noqa: SLF001
        return float(loss), weights, biases

    def gradients(x: Any, y: Any) -> Mapping[str, Any]:
        _, weights, biases = step(x, y)
        named = {f"w{i}": w for i, w in enumerate(weights, 1)}
        return named | {f"b{i}": b for i, b in enumerate(biases, 1)}

    what = f"{type(given).__name__} of scikit-learn"
    return Candidate(what, gradients, told, store=Store(own), free=True, own_cost=lambda x, y: step(x, y)[0])


# ---------------------------------------------------------------------------------------------------------- torch


@dataclass(frozen=True)
class TensorStore(Store):
    """The parameters of a torch module."""

    def tensors(self) -> dict[Key, Any]:
        """Each parameter's tensor: those with two axes are weights."""
        listed = [p for _, p in self.holder.named_parameters()]
        weights, biases = ([p for p in listed if len(p.shape) == axes] for axes in (2, 1))
        found = {Key("w", l): p for l, p in enumerate(weights, 2)}
        return found | {Key("b", l): p for l, p in enumerate(biases, 2)}

    def arrays(self) -> dict[Key, np.ndarray]:
        """A copy of each parameter."""
        return {key: p.detach().cpu().numpy().copy() for key, p in self.tensors().items()}

    def put(self, values: Mapping[Key, np.ndarray]) -> None:
        """Write these parameters."""
        for key, p in self.tensors().items():
            p.data.copy_(p.data.new_tensor(values[key]))


def _torch(given: Any, options: Options) -> Candidate:
    """A module of torch, in double precision: the gradients that its autograd gives for a loss."""
    own = copy.deepcopy(given).double()
    store = TensorStore(own)
    told = replace(
        options,
        activation=_functions(own, options, len(store.weights())) or "sigmoid",
        output=None,
        cost=options.cost or "quadratic",
    )
    loss = options.loss or _loss(told)

    def value(x: Any, y: Any) -> Any:
        like = next(iter(own.parameters())).data
        return loss(own(like.new_tensor(x)), like.new_tensor(y))

    def gradients(x: Any, y: Any) -> dict[str, Any]:
        own.zero_grad()
        value(x, y).backward()
        tensors = store.tensors().items()
        return {f"{key.symbol}{key.layer}": p.grad.detach().cpu().numpy() for key, p in tensors if p.grad is not None}

    what = f"{type(given).__name__} of torch"
    return Candidate(
        what, gradients, replace(told, examples=options.examples or "rows"), store=store, free=True,
        own_cost=lambda x, y: value(x, y).detach().cpu().numpy(),
    )  # fmt: skip


def _loss(options: Options) -> Callable[[Any, Any], Any]:
    if options.cost in TORCH_LOSSES:
        return TORCH_LOSSES[options.cost]
    raise ConfigError(f"a torch module with cost={options.cost!r}: give loss=, a function of outputs and targets.")


def _functions(module: Any, options: Options, layers: int) -> Any:
    """The activation of each layer, by the names of the module's parts; what the options say where these do not tell."""
    found = list(_named(module))
    if len(found) == layers:
        return found
    return [*found, options.output or "identity"] if len(found) == layers - 1 else options.activation


def _named(module: Any) -> Iterator[str]:
    for part in module.modules():
        if name := TORCH_FUNCTIONS.get(type(part).__name__):
            yield name
