"""What a check found: rows, what each witness cost, and what it means."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chainrule.checking.kinks import Kink
from chainrule.checking.witnesses import CENTRAL, EQUATION

if TYPE_CHECKING:
    from chainrule.document import Document

ROOTS = {"sigma_prime", "nabla_a", "penalty"}  # made by users' functions rather than from other quantities


@dataclass(frozen=True)
class Row:
    """One quantity of a layer by one witness.

    Attributes
    ----------
    layer : int
    equation, quantity, symbol : str
        The equation that made it, as it is printed, and its letter in code.
    witness : str
        Or "residual": the equation's own residual, its operands put in by components.
    error, allowed : float
        The largest error, and what rounding and the witness allow, relative to the largest number of the quantity.
    largest : float
    at : tuple of int
        Where the largest error is, from 0; empty for a random direction.
    found, wanted : float
        Both numbers there.
    seen, unseen : int
        Numbers that were compared, and those that the witness has no number for.
    directions, of : int
        How many derivatives were taken, of how many that there are.
    passes : int
    seconds : float
    """

    layer: int
    equation: str
    quantity: str
    symbol: str
    witness: str
    error: float
    allowed: float
    largest: float
    at: tuple[int, ...]
    found: float
    wanted: float
    seen: int
    unseen: int
    directions: int = 1
    of: int = 1
    passes: int = 0
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the error is within what is allowed."""
        return self.error <= self.allowed

    @property
    def place(self) -> tuple[int, str]:
        """Its layer and its letter."""
        return self.layer, self.symbol


@dataclass(frozen=True)
class Account:
    """What a witness cost; or why it was not heard."""

    witness: str
    reason: str
    forward: int
    backward: int
    seconds: float
    exact: bool


@dataclass(frozen=True)
class Check:
    """What a check found; true if every gradient is right.

    Attributes
    ----------
    network : str
    examples : int
    rows : tuple of Row
        From the output layer to layer 2, in the order in which one quantity makes the next wrong.
    accounts : tuple of Account
        The witnesses.
    kinks : tuple of Kink
        Neurons that stand where there are two slopes; their examples were left out.
    notes : tuple of str
        What was changed, taken or left out.
    """

    network: str
    examples: int
    rows: tuple[Row, ...]
    accounts: tuple[Account, ...]
    kinks: tuple[Kink, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def failures(self) -> tuple[Row, ...]:
        """The rows of quantities that are wrong, in the order in which one makes the next wrong."""
        wrong = {place for place in self.places if self._is_wrong(place)}
        order = {place: k for k, place in enumerate(self.places)}
        return tuple(sorted((r for r in self.rows if r.place in wrong and not r.passed), key=lambda r: order[r.place]))

    @cached_property
    def places(self) -> list[tuple[int, str]]:
        """Each quantity once, in the order of the rows."""
        witnessed = [row.place for row in self.rows if row.witness != EQUATION]
        return list(dict.fromkeys(witnessed))

    def of(self, place: tuple[int, str]) -> list[Row]:
        """All rows of a quantity."""
        return [row for row in self.rows if row.place == place]

    def _is_wrong(self, place: tuple[int, str]) -> bool:
        """Differences alone prove nothing where two exact witnesses have seen the same quantity."""
        rows = self.of(place)
        exact = [row for row in rows if row.witness not in {EQUATION, CENTRAL.name} and row.seen]
        doubted = [row for row in rows if not row.passed]
        return any(row.witness != CENTRAL.name for row in doubted) or (bool(doubted) and len(exact) < 2)

    @property
    def passed(self) -> bool:
        """Whether every gradient is right, and was seen by a witness."""
        return not self.failures and not self.unseen

    @property
    def unseen(self) -> list[tuple[int, str]]:
        """Quantities that no witness has a number for."""
        return [p for p in self.places if not any(row.seen for row in self.of(p) if row.witness != EQUATION)]

    @cached_property
    def causes(self) -> tuple[Row, ...]:
        """Of each quantity that is wrong by itself, its worst row; what is wrong because of another is not among them."""
        found: list[Row] = []
        for place in dict.fromkeys(row.place for row in self.failures):
            rows = [row for row in self.failures if row.place == place]
            own = place[1] in ROOTS or any(row.witness == EQUATION for row in rows)
            if own or not found:
                found.append(max((r for r in rows if r.witness != EQUATION), key=_excess, default=rows[0]))
        return tuple(found)

    @property
    def equations(self) -> dict[str, float]:
        """BP1 to BP4, each with its largest residual in any layer, relative to the largest number."""
        found: dict[str, float] = {}
        for row in self.rows:
            if row.witness == EQUATION:
                name = _book_name(row)
                found[name] = max(found.get(name, 0.0), row.error)
        return dict(sorted(found.items()))

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as ``chainrule check --json`` prints it."""
        return {
            "passed": self.passed, "network": self.network, "examples": self.examples, "equations": _plain(self.equations),
            "causes": [_plain(asdict(row)) for row in self.causes],
            "rows": [_plain(asdict(row) | {"passed": row.passed}) for row in self.rows],
            "witnesses": [asdict(account) for account in self.accounts],
            "kinks": [kink._asdict() for kink in self.kinks], "notes": list(self.notes),
        }  # fmt: skip

    def document(self) -> Document:
        """The check as a document."""
        from chainrule.checking.page import document

        return document(self)

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        return self.document().text()


def _book_name(row: Row) -> str:
    """BP1 to BP4, whatever form of it the schedule has."""
    return {"nabla_b": "BP3", "nabla_w": "BP4"}.get(row.symbol) or ("BP2" if row.equation.startswith(BP2) else "BP1")


BP2 = ("BP2", "BPa")


def _excess(row: Row) -> float:
    return row.error / row.allowed if math.isfinite(row.error) else math.inf


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    """The same with numbers that JSON has."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in found.items()}
