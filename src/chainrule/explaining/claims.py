"""Lines that are checked before they are shown: each is read back from its own printed text and computed.

A claim is a line with where it holds: at which layers, for which neurons. Its left and its right side are evaluated on the
network of :mod:`chainrule.explaining.witness`; where they differ the line is not shown, and an error says which it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from chainrule.algebra.reading import ReadingError, evaluate
from chainrule.document import Line, Math
from chainrule.explaining.names import Names

TOLERANCE = 1e-12  # of the larger of 1 and the numbers themselves
MOST = 4  # places that a line with indices is read at, for each example and layer
EXAMPLES = 2  # examples that a line of components is read at
_LOW = "₀₁₂₃₄₅₆₇₈₉ⱼₖᵢₓ"
_PARTIAL = re.compile(rf"(∂(?:Cₓ|[^∂/{_LOW}]*))([{_LOW}]*)/(∂[^∂/{_LOW}]*)([{_LOW}]*)")
Table = dict[str, Any]


class FalseLineError(AssertionError):
    """A line that is not true of the network; it is an error of the explainer, and the line is not shown."""


@dataclass(frozen=True)
class Claim:
    """A line, what it is a line of, and where it holds.

    ``free`` maps an index to the layer (relative to the claim's) whose neurons it goes over, with ``neurons`` alone where j
    is of some kind; without free indices the line is one of whole matrices.
    """

    line: Line
    left: Math
    layers: tuple[int, ...] = (0,)
    free: tuple[tuple[str, int], ...] = ()
    neurons: tuple[int, ...] | None = None
    batch: bool = False  # whether its indices are of examples too: it is read on matrices
    tables: Mapping[int, Sequence[tuple[Table, Table]]] = field(default_factory=dict)  # a layer's own names: left, right


def verify(claims: Sequence[Claim], names: Names) -> int:
    """Read every line back, and compare its sides; gives how many comparisons were made.

    Raises
    ------
    FalseLineError
        A line is not true, or cannot be read.
    """
    return sum(_verified(claim, names, l) for claim in claims for l in claim.layers)


def _verified(claim: Claim, names: Names, l: int) -> int:
    done = 0
    for before, after, indices in places(claim, names, l):
        sides = ((claim.left, before), (claim.line.right, after))
        compare(claim, [read(side.text, table, indices, names) for side, table in sides], indices)
        done += 1
    return done


def places(claim: Claim, names: Names, l: int) -> Iterator[tuple[Table, Table, dict[str, int]]]:
    """The names and the values of the indices that a line is read with."""
    ranges = [_range(claim, names, letter, l + shift) for letter, shift in claim.free]
    chosen = _spread(list(product(*ranges)), MOST)
    whole = claim.batch or not (claim.free or "Cₓ" in claim.left.text)
    shared = (
        [] if l in claim.tables else [names.matrices(l)] if whole else [names.components(l, x) for x in range(EXAMPLES)]
    )
    for before, after in claim.tables.get(l, list(zip(shared, shared, strict=True))):
        for place in chosen:
            indices = dict(zip((letter for letter, _ in claim.free), place, strict=True))
            yield _own(before, names, l, indices), _own(after, names, l, indices), indices


def _range(claim: Claim, names: Names, letter: str, l: int) -> Sequence[int]:
    if letter == "j" and claim.neurons is not None:
        return [i for i, j in enumerate(names.witness.section.kept[l - 1]) if j in claim.neurons]
    return range(names.a.neurons(l))


def _spread(listed: list[Any], most: int) -> list[Any]:
    """As many of these as are wanted, from the first to the last."""
    if len(listed) <= most:
        return listed
    return [listed[round(i)] for i in np.linspace(0, len(listed) - 1, most)]


def _own(table: Table, names: Names, l: int, indices: dict[str, int]) -> Table:
    """The functions of neuron j, where they are written with its index."""
    if l < 2 or "j" not in indices or not names.a.sigma(l).elementwise:
        return table
    rows = names.a.sigma(l).neurons
    return {**table, **names.of_neuron(rows[indices["j"]] if rows else names.a.sigma(l))}


def read(text: str, table: Table, indices: dict[str, int], names: Names) -> Any:
    """What a side of a line comes to, by its printed text."""
    try:
        return evaluate(_PARTIAL.sub(r"\1/\3\2\4", text), table, indices=indices, rows=names.letters.rows)
    except (ReadingError, ValueError, IndexError, TypeError) as error:
        raise FalseLineError(f"a line of the derivation cannot be read: {text!r}: {error}") from error


def compare(claim: Claim, sides: list[Any], indices: dict[str, int]) -> None:
    """Raise an error where the sides differ by more than rounding."""
    left, right = (np.asarray(side, float) for side in sides)
    alike = right.shape in {left.shape, ()}
    if not (alike and np.all(np.abs(left - right) <= TOLERANCE * np.maximum(1, np.abs(left)))):
        raise FalseLineError(
            f"a line of the derivation is not true: {claim.left.text} {claim.line.sign} {claim.line.right.text}\n"
            f"at {indices}: {left.tolist()} is not {right.tolist()}"
        )
