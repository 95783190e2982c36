"""The numbers that the page's arithmetic is held to: what the engine gives, written for web/test.

    python tests/lab/fixtures.py        writes web/test/fixtures/*.json anew

test_lab_fixtures.py sees that the committed files are what the engine gives now; vitest, that the page gives the same.
"""

from __future__ import annotations

import base64
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import Network, equations
from chainrule.activations import ACTIVATIONS
from chainrule.algebra.special import erf
from chainrule.costs import COSTS
from chainrule.errors import ConfigError
from chainrule.io.blobs import pack
from chainrule.modelfile import describe
from chainrule.notation import Equation

FOLDER = Path(__file__).resolve().parents[2] / "web" / "test" / "fixtures"
X = [0.7, -1.3]
TARGETS = {"hinge": [1.0, -1.0], "cross_entropy": [1.0, 0.25], "log_likelihood": [0.75, 0.25], "poisson": [2.0, 0.5]}


def network(sizes: list[int], rows: list[Any], cost: str, *, biases: bool = True, scale: float = 1.0) -> Network:
    """A network whose numbers are plain ones, so that they are the same on every machine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some learn badly; nothing is learned here
        net = Network(sizes, rows, cost, biases=biases, dtype="float64", initial="zeros")
    n = net.parameters.flat.size
    net.parameters.flat[:] = [round(scale * ((37 * i + 11) % 41 - 20) / 16, 6) for i in range(n)]
    return net


def combinations() -> Iterator[tuple[str, Network]]:
    """Every activation with every cost, in the hidden layer and, where the cost takes its values, in the output layer."""
    for cost, row in COSTS.items():
        for sigma in ACTIVATIONS:
            try:
                yield f"{sigma}, {cost}", network([2, 3, 2], [sigma, sigma], cost)
            except ConfigError:  # the cost is not defined for such outputs
                yield f"{sigma} inside, {cost}", network([2, 3, 2], [sigma, row.default_output], cost)


def special_cases() -> Iterator[tuple[str, Network]]:
    """Neurons with their own activations, no biases, deep, a single neuron, saturated outputs."""
    own = ["relu", "sine", "gelu"]
    yield "own activations", network([2, 3, 2], [own, ["identity", "tanh"]], "quadratic")
    yield "no biases", network([2, 3, 2], ["tanh", "softmax"], "log_likelihood", biases=False)
    yield "deep", network([2, 4, 3, 4, 2], ["sigmoid", "mish", [*own, "elu"], "sigmoid"], "cross_entropy")
    yield "one neuron", network([2, 1], ["sigmoid"], "quadratic")
    for cost in ("cross_entropy", "log_likelihood", "poisson"):
        yield f"saturated, {cost}", network([2, 3, 2], ["tanh", COSTS[cost].partner], cost, scale=12.0)


def numbers(values: Any) -> list[Any]:
    """Numbers in order, with words for what JSON does not have."""
    return [v if np.isfinite(v) else str(v) for v in np.asarray(values, float).ravel().tolist()]


def passed(name: str, net: Network) -> dict[str, Any]:
    """All quantities of one pass, by layer; nabla_b of one example is delta."""
    y = TARGETS.get(net.architecture.cost.name, [0.3, -0.7])[: net.architecture.sizes[-1]]
    pass_ = net.backprop(X, y)
    found = {
        symbol: {str(l): numbers(array) for l, array in getattr(pass_, symbol).items()}
        for symbol in ("z", "a", "sigma_prime", "nabla_a", "delta", "nabla_w")
    }
    return {
        "name": name, "network": describe(net.architecture), "parameters": numbers(net.parameters.flat), "x": X, "y": y,
        "cost": pass_.cost, **found,
    }  # fmt: skip


def functions() -> dict[str, Any]:
    """Each function by itself, where its argument is small, usual, and large."""
    z = np.array([-30, -5.5, -2.5, -1, -0.3, -1e-4, 0, 1e-4, 0.2, 1, 2.4, 5.9, 30.0])
    a = np.array([0, 1e-3, 0.3, 0.5, 0.9, 1])
    with np.errstate(all="ignore"):
        return {
            "z": numbers(z), "a": numbers(a), "y": [0, 0.25, 1],
            "erf": {"x": numbers(np.linspace(-6.5, 6.5, 53)), "value": numbers(erf(np.linspace(-6.5, 6.5, 53)))},
            "activations": {
                name: {"value": numbers(row(z)), "slope": numbers(row.prime(z, row(z)))}
                for name, row in ACTIVATIONS.items() if row.elementwise
            },
            "costs": {
                name: [{"value": numbers(row(a, y)), "slope": numbers(row.prime(a, y))} for y in (0, 0.25, 1)]
                for name, row in COSTS.items()
            },
            "middles": {name: row.middle for name, row in COSTS.items()},
            "of_z": {
                name: [numbers(row.from_z(z, y)) for y in (0, 0.25, 1)]
                for name, row in COSTS.items() if row.partner and ACTIVATIONS[row.partner].elementwise
            },
        }  # fmt: skip


def printed() -> dict[str, Any]:
    """Study note 003's two-layer example, in the digits that it prints."""
    return {
        "network": {"sizes": [3, 2, 1], "activations": ["sigmoid", "sigmoid"], "cost": "quadratic", "biases": False,
                    "dtype": "float64"},
        "parameters": [0.5, 0.1, 0.1, -0.6, -0.2, 0.7, 0.1, -0.3], "x": [0.5, 0.1, -0.2], "y": [0.6], "learning_rate": 0.5,
        "z2": [0.24, -0.46], "a2": ["0.559713649", "0.386985824"], "z3": -0.06012438223148007, "a3": 0.48497343084992534,
        "error": 0.11502656915007464, "cost": 0.006615555805218451, "output_term": 0.028730669543515018,
        "hidden_terms": ["0.000708022", "-0.002044714"], "change3": ["0.00804047", "0.00555918"],
        "change2": [["1.77005547e-04", "-5.11178506e-04"], ["3.54011093e-05", "-1.02235701e-04"],
                    ["-7.08022187e-05", "2.04471402e-04"]],
    }  # fmt: skip


def blobs() -> dict[str, Any]:
    """A frame and examples as bytes, in base64; and the numbers of the one in 16 bits."""
    state = {"epoch": 2, "step": 1, "updates": 7, "optimizer": "momentum", "best_score": None}
    frame = pack({"parameters": np.arange(3.0), "slot.v": np.arange(3.0) / 8}, {"state": state})
    single = pack({"parameters": np.array([np.nan, np.inf, 0.1], np.float32)}, {"state": {"updates": 0}})
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    halves = np.array([0, -0.0, 1, -1.5, 0.1, 65504, 6e-8, 6.1e-5, 2048.5, np.inf, -np.inf, np.nan], np.float16)
    half = pack({"parameters": halves}, {"state": {"updates": 0}})
    examples = pack({"x": rows, "y": rows[:, :1], "points_x": rows[:2], "points_y": rows[:2, 1:]}, {})
    parts = {"frame": frame, "single": single, "half": half, "examples": examples}
    shown = [str(number) for number in halves.astype(float).tolist()]  # JSON has no NaN
    return {name: base64.b64encode(blob).decode() for name, blob in parts.items()} | {"halves": shown}


def fixtures() -> dict[str, Any]:
    """Every file, as plain data."""
    return {
        "passes": [passed(name, net) for name, net in (*combinations(), *special_cases())],
        "functions": functions(), "printed": printed(), "blobs": blobs(),
        "equations": {row.name: row.sentence for row in vars(equations).values() if isinstance(row, Equation)},
    }  # fmt: skip


def text(data: Any) -> str:
    """JSON with a line for each entry at the top."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    lines = [(f"{json.dumps(k)}: " if isinstance(data, dict) else "") + json.dumps(v, allow_nan=False) for k, v in items]
    left, right = "{}" if isinstance(data, dict) else "[]"
    return f"{left}\n" + ",\n".join(lines) + f"\n{right}\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data in fixtures().items():
        (FOLDER / f"{name}.json").write_text(text(data), encoding="utf-8")
