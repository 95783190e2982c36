"""What a function's arguments mean, by their names."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from chainrule.auditing.conventions import Convention
from chainrule.auditing.options import Options
from chainrule.auditing.probes import Probe
from chainrule.errors import ConfigError
from chainrule.notation import Key

ROLES = {  # tried from the top; numbers such as those of W1 make one array each
    "numbered": r"(w|weights?|theta|b|bias|biases)_?\d+",
    "pairs": r"(mini_?batch|batch|examples|training_data|data|pairs)",
    "x": r"(xs?|x_batch|x_train|inputs?|features?|images?|example|a0|a_?in)",
    "y": r"(ys?|t|ts|y_batch|y_train|y_true|targets?|labels?|desired|expected|outputs?_desired)",
    "weights": r"(ws?|weights?|weight_matrices|coefs?|thetas?)",
    "biases": r"(bs?|bias|biases|bias_vectors|intercepts?)",
    "parameters": r"(params?|parameters)",
    "network": r"(net|network|model|nn|mlp)",
    "output": r"(o|out|outputs?|y_?hat|y_?pred|predictions?|a_?out)",
    "eta": r"(eta|lr|learning_rate|alpha|rate|step_size)",
    "lmbda": r"(lmbda|lambda_?|lambd|lam|reg|l2)",
    "n": r"(n|n_train|n_training|training_size)",
    "m": r"(m|batch_size|mini_batch_size)",
    "mu": r"(mu|momentum)",
}
PATTERNS = {role: re.compile(f"^_?{pattern}$", re.IGNORECASE) for role, pattern in ROLES.items()}
FORWARD = ("forward", "feedforward", "feed_forward", "forward_pass", "forward_propagation", "predict")
PARAMETER_ROLES = {"numbered", "weights", "parameters", "network"}


def roles_of(function: Callable[..., Any]) -> dict[str, str]:
    """Each argument that must or may be given, with its role; two unnamed ones are x and y.

    Raises
    ------
    ConfigError
        An argument without a default has a name that says nothing.
    """
    arguments = _arguments(function)
    if arguments is None:
        return {"x": "x", "y": "y"}
    found = {p.name: role for p in arguments if (role := _role(p.name))}
    required = [p.name for p in arguments if p.default is p.empty]
    unknown = [name for name in required if name not in found]
    if unknown and len(required) == 2 and not ({*found.values()} - {"x", "y"}):
        return dict(zip(required, ("x", "y"), strict=True))
    if unknown:
        raise ConfigError(
            f"the argument {unknown[0]!r} of the candidate: it is not known what to give for it.\nKnown are x, y, weights, "
            "biases, W1, b1, ..., parameters, mini_batch, eta, lmbda, n, m, momentum. Wrap it: audit(lambda x, y: ..., net)"
        )
    return found


def _arguments(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    try:
        listed = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return [p for p in listed if p.kind not in {p.VAR_POSITIONAL, p.VAR_KEYWORD}]


def _role(name: str) -> str:
    return next((role for role, pattern in PATTERNS.items() if pattern.match(name)), "")


def arguments(
    function: Callable[..., Any], probe: Probe, convention: Convention, options: Options
) -> tuple[list[Any], dict[str, Any]]:
    """What to call the function with."""
    kept = convention.parameters(probe.parameters)
    values: dict[str, Any] = {
        "x": convention.example(probe.x),
        "y": convention.target(probe.y),
        "pairs": _pairs(probe, convention),
        "weights": [kept[key] for key in kept if key.symbol == "w"],
        "biases": [kept[key] for key in kept if key.symbol == "b"],
        "parameters": {_numbered(key): value for key, value in kept.items()},
        "eta": options.learning_rate, "lmbda": options.lmbda, "n": options.n or probe.m, "m": probe.m,
        "mu": options.momentum,
    }  # fmt: skip
    sizes = [len(probe.x), *(len(b) for key, b in probe.parameters.items() if key.symbol == "w")]
    values["network"] = SimpleNamespace(weights=values["weights"], biases=values["biases"], sizes=sizes)
    roles = roles_of(function)
    if "output" in roles.values():
        values["output"] = _forward(function)(values["x"])
    numbers = _numbers(roles)
    handed = {name: kept[numbers[name]] if role == "numbered" else values[role] for name, role in roles.items()}
    by_position = _arguments(function)
    positional = [p.name for p in by_position or () if p.kind is p.POSITIONAL_ONLY]
    if by_position is None:
        positional = list(handed)
    return [handed[name] for name in positional], {name: v for name, v in handed.items() if name not in positional}


def _forward(function: Callable[..., Any]) -> Callable[..., Any]:
    """The method of the same object that computes the network's output."""
    holder = getattr(function, "__self__", None)
    found: Callable[..., Any] | None = next((f for name in FORWARD if callable(f := getattr(holder, name, None))), None)
    if found is None:
        raise ConfigError(
            f"the candidate is given the network's output, but it has no method {FORWARD[0]} that computes it.\n"
            "Let it compute its forward pass itself: backprop(x, y)."
        )
    return found


def _numbered(key: Key) -> str:
    return f"{key.symbol.upper() if key.symbol == 'w' else 'b'}{key.layer - 1}"


def _numbers(roles: dict[str, str]) -> dict[str, Key]:
    """Which parameter each numbered argument is: the lowest number leads into layer 2."""
    named = [name for name, role in roles.items() if role == "numbered"]
    found: dict[str, Key] = {}
    for symbol, letters in (("w", "wt"), ("b", "b")):
        ordered = sorted((name for name in named if name.strip("_")[0].lower() in letters), key=_digits)
        found |= {name: Key(symbol, l) for l, name in enumerate(ordered, 2)}
    return found


def _digits(name: str) -> int:
    return int(re.findall(r"\d+", name)[-1])


def _pairs(probe: Probe, convention: Convention) -> list[tuple[Any, Any]]:
    """A mini-batch as a list of examples, each by itself."""
    columns = [(probe.x[:, [i]], probe.y[:, [i]]) for i in range(probe.m)]
    if convention.examples == "columns":
        return columns
    single = Convention("single", convention.across, convention.bias, convention.indices)
    return [(single.example(x), single.target(y)) for x, y in columns]


def uses_parameters(function: Callable[..., Any]) -> bool:
    """Whether a function is given the parameters."""
    return bool(PARAMETER_ROLES & {*roles_of(function).values()})
