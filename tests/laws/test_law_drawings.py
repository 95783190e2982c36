"""The laws of drawings and of equations within prose: each number that is printed there is one of the network's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from derivation_grid import networks
from test_law_derivations import blocks
from test_law_explained_numbers import ELEMENTWISE, OUTPUTS, mini_batch

from chainrule import ACTIVATIONS, COSTS, OPTIMIZERS, Network, ReverseNetwork, explain
from chainrule.algebra.interval import as_interval, exact_below
from chainrule.algebra.reading import evaluate
from chainrule.document import Document, Figure, Heading, Items, Math, Note, Paragraph, Table
from chainrule.explaining.convention import Convention
from chainrule.explaining.derivation import written_down
from chainrule.explaining.recipe import of_training, training_step
from chainrule.explaining.rewriting import VALUES

pytestmark = pytest.mark.filterwarnings("ignore::chainrule.ChainruleWarning")
LOW, HIGH = (str.maketrans(digits, "0123456789") for digits in ("₀₁₂₃₄₅₆₇₈₉", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
NAME = re.compile(r"^(∂C/∂a|a|δ|y)([⁰¹²³⁴⁵⁶⁷⁸⁹]*)([₀₁₂₃₄₅₆₇₈₉]+)$")
CONDITIONS = {"k = j"}  # what is no claim
CASES = range(10)


def case(seed: int) -> tuple[Network, Any, Any, dict[str, str]]:
    """A network of two to four layers, an example, and how it is written."""
    rng = np.random.default_rng(seed)
    sizes = [int(n) for n in rng.integers(1, 6, rng.integers(2, 5))]
    cost = list(COSTS)[seed % len(COSTS)]
    sizes[-1] = max(sizes[-1], 2 if cost == "log_likelihood" else 1)
    hidden = [str(rng.choice(ELEMENTWISE)) for _ in sizes[1:-1]]
    net = Network(sizes, [*hidden, OUTPUTS.get(cost, "identity")], cost, biases=seed % 5 > 0, dtype="float64", seed=seed)
    x, y = mini_batch(sizes, cost, 1, seed)
    return net, x[0], y[0], {"sign": ["subtract", "add"][seed % 2], "numbering": ["book", "zero"][seed // 2 % 2]}


def written(svg: str) -> list[str]:
    """The words of a drawing, in order."""
    return [e.text or "" for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("text")]


def is_rounded(text: str, value: float) -> bool:
    """Whether a printed number is the value, to half a unit of its last digit."""
    digits, _, power = text.replace("−", "-").partition("e")
    unit = 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
    return abs(float(text.replace("−", "-")) - value) <= 0.5000001 * unit


def named(words: list[str], first: int) -> Iterator[tuple[str, int, int, str, str]]:
    """Each name with its layer (1 is the input), its neuron (from 0), its number, and the words before it."""
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        name, _, value = word.partition(" = ")
        if found := NAME.match(name):
            symbol, above, below = found.groups()
            l = int(above.translate(HIGH)) + 1 - first if above else 0
            yield symbol, l, int(below.translate(LOW)) - first, value or after, before


def weights(net: Network, layers: range, most: int, *, turned: bool) -> list[float]:
    """The weights that have their numbers beside them, in the order in which they are drawn."""
    return [
        float(w.T[place] if not turned else w[place])
        for l in layers for w in (net.weights[l - 2],) if w.size <= most
        for place in np.ndindex(*(w.shape if turned else w.T.shape))
    ]  # fmt: skip


@pytest.mark.parametrize("seed", CASES)
def test_every_number_of_a_drawn_network_is_the_networks(seed):
    """Activations, errors, desired outputs and weights are read from the drawing's text, and compared with the pass."""
    net, x, y, how = case(seed)
    (figure,) = [block for block in explain(net, x, y, **how).blocks if isinstance(block, Figure)]
    words, first = written(figure.svg), Convention(**how).first
    p, sign, count = net.backprop(x, y), -1 if how["sign"] == "add" else 1, 0
    for symbol, l, j, text, _ in named(words, first):
        value = {"a": lambda l, j: p.a[l][j, 0], "δ": lambda l, j: sign * p.delta[l][j, 0], "y": lambda _, j: y[j]}[symbol]
        assert is_rounded(text, float(value(l, j))), (symbol, l, j)
        count += 1
    assert count == sum(net.sizes) + sum(net.sizes[1:]) + net.sizes[-1]
    edges = weights(net, range(2, len(net.sizes) + 1), 6, turned=False)
    assert all(map(is_rounded, words[: len(edges)], edges))


@pytest.mark.parametrize("seed", CASES)
def test_every_number_of_a_drawn_reverse_network_is_the_networks(seed):
    """Gains, errors and what comes in from the cost, likewise; in an amplifier stands the slope of its neuron."""
    net, x, y, how = case(seed)
    reverse, p, first = ReverseNetwork(net, x), net.backprop(x, y), Convention(**how).first
    document = explain(net, x, y, reverse=True, **how)
    words = written(next(block.svg for block in document.blocks if isinstance(block, Figure)))
    seen = {"δ": 0, "gain": 0}
    for symbol, l, j, text, before in named(words, first):
        if symbol == "∂C/∂a":
            if l in p.nabla_a and re.fullmatch(r"−?[\d.]+(e−?\d+)?", text):
                assert is_rounded(text, float(p.nabla_a[l][j, 0]))
            continue
        assert is_rounded(text, float((p.delta if symbol == "δ" else p.a)[l][j, 0])), (symbol, l, j)
        seen["δ"] += symbol == "δ"
        if symbol == "δ" and l in reverse.gains and net.architecture.sigma(l).elementwise:
            assert is_rounded(before, float(reverse.gains[l][j, 0])), (l, j)
            seen["gain"] += 1
    assert seen["δ"] == sum(net.sizes[1:])
    assert seen["gain"] == sum(net.sizes[l - 1] for l in net.architecture.layers if net.architecture.sigma(l).elementwise)
    edges = weights(net, range(3, len(net.sizes) + 1), 9, turned=True)
    assert all(map(is_rounded, words[: len(edges)], edges))


# ------------------------------------------------------------------------------------------------ equations within prose


def within_prose(document: Document) -> Iterator[Math]:
    """Each formula in a sentence, an item, a cell or a heading that says that two things are equal."""
    for block in blocks(document.blocks):
        match block:
            case Paragraph(parts) | Heading(parts, _) | Note(parts, _, _):
                found = [parts]
            case Items(items, _):
                found = list(items)
            case Table():
                found = [block.caption, *block.header, *(cell for row in block.rows for cell in row)]
            case _:
                found = []
        yield from (p for parts in found for p in parts if isinstance(p, Math) and re.search(" [=←] ", p.text))


@pytest.mark.parametrize("seed", range(4))
def test_equations_within_the_prose_of_a_derivation_are_claims(seed):
    """Each was verified as a line is, or is a letter with its number, which reads back as that number."""
    for network, how in networks(6, 50 + seed):
        how |= {"learning_rate": 1 / 3, "layer_rates": {2: 0.7}}
        step = training_step(how["optimizer"], how["learning_rate"], how["penalty"], 0.0)
        style = {name: how[name] for name in ("language", "sign", "numbering", "examples")}
        further = {name: how[name] for name in how if name not in {*style, "optimizer", "learning_rate", "penalty"}}
        claims, _ = written_down(network.architecture, Convention(**style), of_training(step, network, further))
        known = {f"{c.left.text} {c.line.sign} {c.line.right.text}" for c in claims} | CONDITIONS
        numbers = {1 / 3, 0.7 / 3, 0.7 * (1 / 3), 0.5, 2.0, *OPTIMIZERS[how["optimizer"]].rates.values()}
        for math in within_prose(explain(network, **how)):
            name, _, number = math.text.partition(" = ")
            assert math.text in known or float(number) in numbers, math.text
            assert name


@pytest.mark.parametrize("seed", CASES)
def test_equations_within_the_prose_of_numbers_are_true(seed):
    """Rates come to what was given; a function's formula gives the activations of the pass from its weighted inputs."""
    net, x, y, how = case(seed)
    p, optimizer = net.backprop(x, y), list(OPTIMIZERS)[seed % len(OPTIMIZERS)]
    document = explain(net, x, y, optimizer=optimizer, learning_rate=1 / 7, lmbda=2 / 3, **how)
    rates = {"η": 1 / 7, "λ": 2 / 3, "m": 1, "n": 1} | dict(
        zip("μρεκ", (OPTIMIZERS[optimizer].rates.get(n, 0) for n in ("mu", "rho", "epsilon", "decay")), strict=True)
    )
    rates |= {f"β{'₁₂'[i]}": OPTIMIZERS[optimizer].rates.get(f"beta_{i + 1}", 0) for i in range(2)}
    equations = [math.text for math in within_prose(document)]
    functions = [text.removeprefix("σ(z) = ") for text in equations if text.startswith("σ(z) = ")]
    for l, text in zip(net.architecture.layers, functions, strict=True):
        of_layer = ACTIVATIONS[net.architecture.sigma(l).name].elementwise
        for z, a in zip(p.z[l], p.a[l], strict=True) if of_layer else [(p.z[l], p.a[l])]:
            found = evaluate(text, {**VALUES, "z": float(z[0]) if of_layer else z})
            np.testing.assert_allclose(found, a[0] if of_layer else a, rtol=1e-9, atol=1e-12)
    for text in set(equations) - {f"σ(z) = {f}" for f in functions}:
        if " ← " in text or not re.fullmatch(r"[^ ]+ = [-\d.e]+", text):
            assert text.split(" ")[0] in {"∇C", "θ", "v", "s", "|∇C|²"}, (
                text
            )  # an equation of the optimizer, as in its table
            continue
        name, _, number = text.partition(" = ")
        interval = as_interval(evaluate(number, {}, number=exact_below(6)))
        assert interval.low * (1 - 1e-12) <= rates[name] <= interval.high * (1 + 1e-12), text
