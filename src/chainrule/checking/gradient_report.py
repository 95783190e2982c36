"""What a check of a backward found, in words."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.document import Document


@dataclass(frozen=True)
class GradientRow:
    """One input: how many of its entries are wrong, and the worst of them.

    Attributes
    ----------
    name : str
    shape, gradient_shape : tuple of int
        Of the input, and of the gradient that was given for it.
    checked, of : int
        Entries that were compared, and those that there are.
    wrong : int
    at : tuple of int
        The worst entry, from 0.
    found, wanted, error : float
        What the backward gives there, what differences of the values give, and how far they are apart.
    largest : float
        The largest derivative.
    ratios : tuple of float
        The backward's entry over the right one, for each that is not small.
    kinks : int
        Entries where the function has two slopes, and the backward one of them or one between.
    """

    name: str
    shape: tuple[int, ...]
    gradient_shape: tuple[int, ...]
    checked: int
    of: int
    wrong: int
    at: tuple[int, ...]
    found: float
    wanted: float
    error: float
    largest: float
    ratios: tuple[float, ...]
    kinks: int = 0

    @property
    def passed(self) -> bool:
        """Whether every entry is right."""
        return self.checked > 0 and not self.wrong

    @property
    def sentence(self) -> str:
        """What is wrong, with the worst entry; or that nothing is."""
        if self.error == math.inf and not self.checked:
            return f"{self.name}: its gradient has shape {self.gradient_shape}, but {self.name} has shape {self.shape}."
        if self.passed:
            kinks = f"; {self.kinks} stand at a kink, where the gradient is one of two slopes" if self.kinks else ""
            return f"{self.name}: {_of(self.checked, self.of)} right{kinks}."
        at = f"[{', '.join(map(str, self.at))}]" if self.at else ""
        are = "is" if self.wrong == 1 else "are"
        return (
            f"{self.name}: {self.wrong:,} of {self.checked:,} entries {are} wrong. The worst is {self.name}{at}: the "
            f"backward gives {self.found:.9g}, differences of the values give {self.wanted:.9g}.{self._hint()}"
        )

    def _hint(self) -> str:
        """One factor that would make all of them right."""
        if len(self.ratios) < 2 or max(self.ratios) - min(self.ratios) > 1e-6 * max(map(abs, self.ratios)):
            return ""
        factor = sum(self.ratios) / len(self.ratios)
        return (
            " Its sign is wrong everywhere."
            if abs(factor + 1) < 1e-6
            else f" Every entry is {factor:.6g} times the right one."
        )


def _of(checked: int, of: int) -> str:
    return f"all {of:,} entries are" if checked == of else f"{checked:,} of {of:,} entries, drawn at random, are"


@dataclass(frozen=True)
class GradientCheck:
    """What ``gradcheck`` found; true if every gradient is right.

    Attributes
    ----------
    kind : str
        What the function was taken for.
    rows : tuple of GradientRow
        One for each input.
    notes : tuple of str
    eps, atol, rtol : float
    """

    kind: str
    rows: tuple[GradientRow, ...]
    notes: tuple[str, ...]
    eps: float
    atol: float
    rtol: float

    @property
    def passed(self) -> bool:
        """Whether every gradient is right."""
        return all(row.passed for row in self.rows)

    @property
    def worst(self) -> GradientRow:
        """The input with the largest error, relative to its largest derivative."""
        return max(self.rows, key=lambda row: (not row.passed, row.error / (row.largest or 1.0)))

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        rows = [asdict(row) | {"passed": row.passed, "sentence": row.sentence} for row in self.rows]
        for row in rows:
            row["error"] = row["error"] if math.isfinite(row["error"]) else None
            del row["ratios"]
        return {"passed": self.passed, "kind": self.kind, "inputs": rows, "notes": list(self.notes)}

    def document(self) -> Document:
        """The report as a document."""
        from chainrule.document import Document, Items, Note, Paragraph

        wrong = [row.name for row in self.rows if not row.passed]
        title = f"The gradient by {', '.join(wrong)} is wrong." if wrong else "Every gradient is right."
        lines = (*(row.sentence for row in self.rows), *self.notes)
        body = (Paragraph((f"It was taken as {self.kind}.",)), Items(tuple((line,) for line in lines)))
        return Document("Check of a gradient", (Note((title,), body, "bad" if wrong else "good"),))

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        return "\n".join([f"Taken as {self.kind}.", *(row.sentence for row in self.rows), *self.notes])
