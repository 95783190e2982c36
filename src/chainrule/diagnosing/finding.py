"""What a diagnosis is made of: rows that say what is measured, and findings, which are numbers out of bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from chainrule.diagnosing.case import Case
from chainrule.notation import EQUATIONS

Fact: TypeAlias = "float | str"
TROUBLE = "and the network is untrained or has not learned well"  # what many rows ask for beside their number
CAUSES = ("unscaled_inputs", "wide_start", "narrow_start", "decay", "rate_high")  # what may be behind many other findings
WORST = 10.0  # powers of ten: nothing is learned, or nothing can be computed
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Seen:
    """A number as it was measured.

    Parameters
    ----------
    number : float
    facts : mapping
        What a row's sentence names beside it.
    usual : float, optional
        What the number should be here, where that is not the same for every network.
    layer : int, optional
        The layer that it was found in.
    equation : str, optional
        The equation behind it, where that is another one than the row's; "" for none.
    remedy : str, optional
        What to try, where part of the row's remedy is done already.
    """

    number: float
    facts: Mapping[str, Fact] = field(default_factory=dict)
    usual: float | None = None
    layer: int | None = None
    equation: str | None = None
    remedy: str | None = None


@dataclass(frozen=True)
class Row:
    """One thing that can be wrong: what is measured, when it is a finding, what is said, what to try.

    Parameters
    ----------
    id, title : str
    measures : str
        What the number is.
    usual, bound : float
        What the number should be about, and the bound from which on it is a finding.
    equation : str
        Whose equation is behind it.
    sentence, remedy : str
        With ``{number}`` and the facts of what was seen in them.
    measure : callable
        The number of a case; None where it does not apply.
    when : str
        What else must hold, in words; ``measure`` sees to it.
    above : bool
        Whether numbers above the bound are findings, or those below.
    after : tuple of str
        The rows that this one follows from, where they are findings too: it is told after them.
    needs_data : bool
        Whether it is measured on examples.
    """

    id: str
    title: str
    measures: str
    usual: float
    bound: float
    equation: str
    sentence: str
    remedy: str
    measure: Callable[[Case], Seen | None] = field(repr=False)
    when: str = ""
    above: bool = True
    after: tuple[str, ...] = ()
    needs_data: bool = True

    def finds(self, seen: Seen) -> bool:
        """Whether the number is beyond the bound; one that is no number is."""
        return not (seen.number <= self.bound if self.above else seen.number >= self.bound)

    def finding(self, seen: Seen) -> Finding:
        """What is said of a number beyond the bound."""
        facts = {name: value if isinstance(value, str) else said(value) for name, value in seen.facts.items()}
        facts["number"] = said(seen.number)
        usual = self.usual if seen.usual is None else seen.usual
        equation = self.equation if seen.equation is None else seen.equation
        sentence, remedy = self.sentence.format(**facts), (seen.remedy or self.remedy).format(**facts)
        return Finding(
            self.id, self.title, sentence, float(seen.number), self.bound, usual, equation, remedy,
            powers(seen.number, usual), seen.layer, self.after,
        )  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, as far as it can be shown.

    Attributes
    ----------
    id, title, sentence : str
    number, bound, usual : float
        What was measured, from where on it is a finding, and what it should be about.
    equation : str
        The name of the equation behind it, such as ``"BP2"``.
    remedy : str
        What to try.
    severity : float
        By how many powers of ten the number is from the usual one, 10 at most.
    layer : int, optional
    after : tuple of str
        Findings that this one may follow from.
    """

    id: str
    title: str
    sentence: str
    number: float
    bound: float
    usual: float
    equation: str
    remedy: str
    severity: float
    layer: int | None = None
    after: tuple[str, ...] = ()

    @cached_property
    def formula(self) -> str:
        """The equation in one line of Unicode; nothing where that is a definition alone (SP), which would repeat itself."""
        text = EQUATIONS[self.equation].text if self.equation else ""
        left, _, right = text.partition(" = ")
        return "" if left == right else text.replace(" - ", " − ")

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain data; null where a number is not finite."""
        names = (
            "id",
            "title",
            "sentence",
            "number",
            "bound",
            "usual",
            "equation",
            "formula",
            "remedy",
            "severity",
            "layer",
        )
        values = {name: getattr(self, name) for name in names}
        return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}


def powers(number: float, usual: float) -> float:
    """By how many powers of ten a number differs from another, both positive; 10 at most.

    >>> powers(0.001, 1), powers(float("nan"), 1), powers(0, 1)
    (3.0, 10.0, 10.0)
    """
    if not math.isfinite(number) or number <= 0:
        return WORST
    return min(abs(math.log10(number / usual)), WORST)


def said(value: float) -> str:
    """A number in a sentence.

    >>> [said(v) for v in (22.3812, 0.25, 1.2e-6, 50000.0, 3)]
    ['22.38', '0.25', '1.2 × 10⁻⁶', '50,000', '3']
    """
    if isinstance(value, int) or not math.isfinite(value):
        return f"{value:,}"
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        return f"{float(f'{value:.4g}'):,.10g}".replace("-", "−")
    digits, power = f"{value:.1e}".split("e")
    return f"{digits} × 10{str(int(power)).translate(SUPERSCRIPTS)}".replace("-", "−", 1)


def percent(share: float) -> str:
    """A share in a sentence; what is not 0 or all is not said as if it were.

    >>> [percent(v).replace(chr(160), " ") for v in (1.0, 0.9999, 0.125, 0.0004)]
    ['100 %', '99.99 %', '12.5 %', '0.04 %']
    """
    text = f"{100 * share:.3g}"
    return f"{100 * share:.4g}\N{NO-BREAK SPACE}%" if text == "100" and share < 1 else f"{text}\N{NO-BREAK SPACE}%"


def score_said(case: Case, score: float) -> str:
    """An accuracy in percent, an R2 as it is."""
    return percent(score) if case.classifies else f"{score:.3g}".replace("-", "−")


def course(case: Case) -> str:
    """How the cost went, in a sentence of its own; nothing where that is not known."""
    costs = [e.cost for e in case.history]
    if len(costs) < 2:
        return ""
    return f" In {len(costs):,} epochs the cost went from {costs[0]:.4g} to {costs[-1]:.4g}."


def ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Worst first; but what follows from another finding comes after it."""
    left, placed = sorted(findings, key=lambda f: -f.severity), []
    while left:
        waiting = {f.id for f in left}
        free = [f for f in left if not waiting & set(f.after)]
        chosen = (free or left)[0]
        placed.append(chosen)
        left.remove(chosen)
    return tuple(placed)
