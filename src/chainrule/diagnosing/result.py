"""What a diagnosis comes to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.diagnosing.case import Case
from chainrule.diagnosing.finding import Finding
from chainrule.diagnosing.page import bare, blocks
from chainrule.diagnosing.table import Measured
from chainrule.document import Document


@dataclass(frozen=True, eq=False)
class Diagnosis(Sequence[Finding]):
    """The findings of :func:`chainrule.diagnose`, worst first; it is false where there are none.

    Attributes
    ----------
    name : str
        What was diagnosed.
    findings : tuple of Finding
        Each has ``id``, ``sentence``, ``number``, ``equation``, ``remedy`` and ``severity``: by how many powers of ten the
        number is from the usual one. A finding that follows from another stands after it.
    measured : mapping of str to float
        Every number that was measured, by the id of its finding.
    examples : int
        How many examples were looked at.
    seconds : float
        What it took.
    """

    name: str
    findings: tuple[Finding, ...]
    numbers: tuple[Measured, ...] = field(repr=False)
    seconds: float
    case: Case = field(repr=False)

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, index: Any) -> Any:
        """One finding, counted from 0, worst first."""
        return self.findings[index]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    @property
    def measured(self) -> dict[str, float]:
        """Every number that was measured, by the id of its finding."""
        return {m.row.id: float(m.seen.number) for m in self.numbers}

    @property
    def examples(self) -> int:
        """How many examples were looked at."""
        return len(self.case.rows)

    def document(self) -> Document:
        """The whole report: findings, layers, curves, examples, and all that was measured."""
        title = f"Diagnosis of {self.name}" if self.name else "Diagnosis"
        with np.errstate(all="ignore"):
            return Document(title, blocks(self.case, self._lead(), self.findings, self.numbers))

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data; null where a number is not finite. The step is the number of updates so far."""
        return {
            "name": self.name,
            "findings": [self._plain(f) for f in self.findings],
            "measured": {k: v if math.isfinite(v) else None for k, v in self.measured.items()},
            "step": self.case.network.state.updates,
            "examples": self.examples,
            "seconds": round(self.seconds, 4),
        }

    @staticmethod
    def _plain(f: Finding) -> dict[str, Any]:
        return {k: bare(v) if isinstance(v, str) else v for k, v in f.as_dict().items()}

    def __str__(self) -> str:
        return self.document().text()

    def _repr_html_(self) -> str:
        return self.document()._repr_html_()

    def _lead(self) -> str:
        """What was looked at, and how long it took."""
        a, n, of = self.case.a, self.examples, self.case.n
        network = " → ".join([f"{a.neurons(1):,}", *(f"{a.neurons(l):,} {a.sigma(l).name}" for l in a.layers)])
        counts = (self.case.epochs, "epoch"), (self.case.network.state.updates, "update")
        trained = next((f"{n:,} {word}{'s' * (n != 1)}" for n, word in counts if n), "untrained")
        looked = f"{n:,} of {of:,} examples" if n < of else f"{n:,} example{'s' * (n != 1)}" if n else "no examples"
        seconds = f"{1000 * self.seconds:.0f}\u00a0ms" if self.seconds < 1 else f"{self.seconds:.1f}\u00a0s"
        return f"{network}; {a.cost.name.replace('_', '-')} cost; {trained}. Looked at {looked} in {seconds}."
