"""The table of all that can be found, and how a case is held against it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.diagnosing import numbers, of_data, of_errors, of_forward, of_learning, of_rates
from chainrule.diagnosing.case import Case
from chainrule.diagnosing.finding import Finding, Row, Seen, ordered

ROWS: tuple[Row, ...] = tuple(
    row for room in (numbers, of_data, of_forward, of_errors, of_rates, of_learning) for row in room.ROWS
)
BY_ID = {row.id: row for row in ROWS}


@dataclass(frozen=True)
class Measured:
    """A row, and its number in a case."""

    row: Row
    seen: Seen

    @property
    def found(self) -> bool:
        """Whether it is a finding."""
        return self.row.finds(self.seen)


def measured(case: Case) -> tuple[Measured, ...]:
    """Every number that can be measured; where numbers are not finite, the first of these alone."""
    rows = [row for row in ROWS if case.x is not None or not row.needs_data]
    found: list[Measured] = []
    for row in rows:
        with np.errstate(all="ignore"):
            seen = row.measure(case)
        if seen is not None:
            found.append(Measured(row, seen))
        if found and row.id == "not_finite":
            break
    return tuple(found)


def findings(found: tuple[Measured, ...]) -> tuple[Finding, ...]:
    """What is out of bounds, worst first."""
    return ordered([m.row.finding(m.seen) for m in found if m.found])
