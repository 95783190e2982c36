"""A network in one line, and as a table for notebooks."""

from __future__ import annotations

from chainrule.architecture import Architecture
from chainrule.notebook import table


def text(a: Architecture, seed: int) -> str:
    """The network in one line."""
    names = " and ".join(dict.fromkeys(s.name for s in a.activations))
    biases = "" if a.biases else "no biases, "
    what = f"{list(a.sizes)}, {names}, {a.cost.name} cost"
    return f"Network({what}; {a.n_parameters:,} parameters, {biases}{a.dtype}, seed {seed})"


def html(a: Architecture, seed: int) -> str:
    """The network as a table, a row for each layer; whatever a user named is escaped."""
    rows: list[tuple[object, ...]] = [(1, f"{a.neurons(1):,}", "input", "")]
    for l in a.layers:
        parameters = a.neurons(l) * (a.neurons(l - 1) + a.biases)
        rows.append((l, f"{a.neurons(l):,}", a.sigma(l).name, f"{parameters:,}"))
    return table(text(a, seed), ("layer", "neurons", "activation", "parameters"), rows)
