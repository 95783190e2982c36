"""A diagnosis as a document: the findings, the layers, the curves, and all that was measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from chainrule.diagnosing import charts
from chainrule.diagnosing.case import Case
from chainrule.diagnosing.finding import Finding, said
from chainrule.diagnosing.of_errors import back, speeds
from chainrule.diagnosing.of_rates import step_lengths
from chainrule.diagnosing.table import Measured
from chainrule.document import Block, Code, Figure, Heading, Inline, Math, Note, Paragraph, Strong, Table
from chainrule.notation import EQUATIONS

BINS = 10  # of a histogram of slopes
LARGEST = 5  # gradients that are listed
LONGEST = 17  # letters of a title above a histogram
RULE_OF_LAYERS = (
    "On its way back to a layer, an error is multiplied by the weights after it, then by its slopes (BP2). A step is "
    "that of a mini-batch."
)
FOR_FREE = (
    "These come from the pass, for free: an example's ∂C/∂w is δ times a, so its squared length is ‖δ‖² times ‖a‖², added "
    "up over the layers. Examples count from 0. A wrong label is often among the first."
)


def inline(words: str) -> tuple[Inline, ...]:
    """Prose; what stands between backticks is a program's."""
    return tuple(Code(part) if i % 2 else part for i, part in enumerate(words.split("`")) if part)


def bare(words: str) -> str:
    """The same without backticks."""
    return words.replace("`", "")


def blocks(case: Case | None, lead: str, findings: Sequence[Finding], measured: Sequence[Measured]) -> tuple[Block, ...]:
    """All that is said."""
    found: list[Block] = [Paragraph((lead,)), *(_finding(f, i) for i, f in enumerate(findings, 1))]
    if not findings:
        found.append(_nothing(measured))
    if case is not None and case.x is not None and "not_finite" not in {f.id for f in findings}:
        found += [*_layers(case), *_gradients(case)]
    if case is not None:
        found += _curves(case)
    return (*found, *_measured(measured))


def _nothing(measured: Sequence[Measured]) -> Note:
    """Nothing is wrong, as far as was looked."""
    n = len(measured)
    words = f"{n} number{'s' * (n != 1)} {'were' if n != 1 else 'was'} measured, and none is out of bounds (listed below)."
    return Note(("Nothing to report.",), (Paragraph((words,)),), "good")


def _finding(f: Finding, number: int) -> Note:
    """One finding: what is wrong, the equation, what to try."""
    parts = [Paragraph(inline(f.sentence)), Paragraph((Strong("Try"), ": ", *inline(f.remedy)))]
    if f.equation:
        parts.insert(1, Paragraph(_equation(f)))
    return Note((f"{number}. {f.title}",), tuple(parts), "bad")


def _equation(f: Finding) -> tuple[Inline, ...]:
    """What the equation says, and its formula where it has one."""
    row = EQUATIONS[f.equation]
    said_of_it = f": {row.sentence[0].lower()}{row.sentence[1:].removesuffix('.')}"
    name = Strong(f.equation)
    return (name, f"{said_of_it}: ", Math(row.latex, f.formula)) if f.formula else (name, f"{said_of_it}.")


# ------------------------------------------------------------------------------------------------- layer by layer


def _layers(case: Case) -> Iterator[Block]:
    """A table of the layers, how fast each learns, and the slopes."""
    yield Heading(("Layer by layer",))
    yield Paragraph((RULE_OF_LAYERS,))
    v = speeds(case)
    steps = step_lengths(case, case.pass_) if case.eta else {}
    header = ["layer", "activation", "‖∂C/∂b‖", "× weights", "× slopes", "slopes < 0.05", "sd of z"]
    header += ["step / weights"] if steps else []
    rows = [_layer(case, l, v[l], steps.get(l)) for l in case.a.layers]
    yield Table(
        tuple((name,) for name in header), tuple(tuple((cell,) for cell in row) for row in rows),
        numbers=frozenset(range(2, len(header))),
    )  # fmt: skip
    labels = [f"layer {l}" for l in case.a.layers]
    values = [v[l] for l in case.a.layers]
    alt = "How fast each layer learns: " + ", ".join(f"{name} {said(x)}" for name, x in zip(labels, values, strict=True))
    drawn = charts.bars(labels, values, "speed of learning ‖∂C/∂b‖", [said(float(f"{x:.3g}")) for x in values], alt)
    yield Figure(drawn, alt, ("How fast each layer would learn now: the length of the mean gradient of its biases.",))
    yield from _slopes(case)


def _layer(case: Case, l: int, speed: float, step: float | None) -> list[str]:
    """A layer's row in the table."""
    slopes = case.pass_.sigma_prime.get(l)
    small = "" if slopes is None else f"{100 * float((slopes < 0.05).mean()):.1f} %"
    gain, slope = back(case, l) if l < case.a.L else (math.nan, math.nan)
    weights = float(np.linalg.norm(case.network.weights[l - 2]))
    cells = [f"{l}", f"{case.a.neurons(l):,} {case.a.sigma(l).name}", cell(speed), *(cell(x) for x in (gain, slope))]
    cells += [small, cell(float(case.pass_.z[l].std()))]
    return cells + ([] if step is None else [cell(step / weights) if weights else ""])


def cell(value: float) -> str:
    """A number in a table, with three digits; nothing where it is none.

    >>> [cell(v) for v in (3.9, 390.0, 1.7e-6, float("nan"))]
    ['3.90', '390', '1.7 × 10⁻⁶', '']
    """
    if not math.isfinite(value):
        return ""
    return f"{value:#.3g}".rstrip(".") if 1e-3 <= abs(value) < 1e3 or value == 0 else said(float(f"{value:.3g}"))


def _slopes(case: Case) -> Iterator[Block]:
    """How steep the hidden neurons are where the examples put them."""
    found = [l for l in case.hidden if l in case.pass_.sigma_prime]
    if not found:
        return
    shares, ends = [], []
    for l in found:
        slopes = np.asarray(case.pass_.sigma_prime[l], np.float64)
        end = _steepest(case, l, slopes)
        counts, _ = np.histogram(np.clip(slopes, 0, end), BINS, (0, end))
        shares.append([float(share) for share in counts / counts.sum()])
        ends.append(end)
    titles = [f"layer {l}, {case.a.sigma(l).name}"[:LONGEST] for l in found]
    first = ", ".join(f"{title} {100 * share[0]:.0f} %" for title, share in zip(titles, shares, strict=True))
    alt = f"How steep the hidden neurons are; share of slopes in the first tenth: {first}"
    drawn = charts.histograms(titles, shares, ends, "slope σ′(z), over all neurons and examples", alt)
    yield Figure(drawn, alt, ("Slopes close to 0 (the first bin) let no error through.",))


def _steepest(case: Case, l: int, slopes: np.ndarray) -> float:
    """The right end of a histogram of slopes: the steepest that there is, or that the activation can be."""
    row, z = case.a.sigma(l), np.linspace(-4, 4, 801)
    if row.neurons:
        return max(float(slopes.max()), 1e-12)
    with np.errstate(all="ignore"):
        possible = float(np.max(row.prime(z, row(z))))
    return max(possible, float(np.quantile(slopes, 0.999)), 1e-12)


# --------------------------------------------------------------------------------------------- examples and epochs


def _gradients(case: Case) -> Iterator[Block]:
    """The examples with the largest gradients."""
    if case.pass_.m <= LARGEST:
        return
    yield Heading(("The largest gradients",))
    yield Paragraph((FOR_FREE,))
    order = np.argsort(-case.gradients, kind="stable")[:LARGEST]
    total = float((case.gradients**2).sum()) or 1.0
    y, a = case.sample[1], case.outputs
    rows = [
        (
            f"{case.rows[i]}",
            cell(float(case.gradients[i])),
            f"{100 * case.gradients[i] ** 2 / total:.1f} %",
            *_told(case, y[i], a[i], i),
        )
        for i in order
    ]
    yield Table(
        (("example",), ("‖∇C‖",), ("share of all ‖∇C‖²",), ("target",), ("output",)),
        tuple(tuple((cell,) for cell in row) for row in rows),
        numbers=frozenset({0, 1, 2}),
    )  # fmt: skip


def _told(case: Case, y: np.ndarray, a: np.ndarray, i: int) -> tuple[str, str]:
    """The target and the output of an example, in few words."""
    if case.classifies and len(y) > 1:
        told = int(a.argmax())
        return f"class {case.labels[i]}", f"class {told} ({a[told]:.3g})"
    return ", ".join(f"{v:.3g}" for v in y[:3]), ", ".join(f"{v:.3g}" for v in a[:3])


def _curves(case: Case) -> Iterator[Block]:
    """How the cost went."""
    lines = []
    for name, costs in (
        ("training", [(float(e.epoch), e.cost) for e in case.history]),
        ("validation", [(float(e.epoch), e.metrics["cost"]) for e in case.history if "cost" in e.metrics]),
    ):
        points = [p for p in costs if math.isfinite(p[1])]
        if len(points) > 1:
            lines.append((name, points))
    if not lines:
        return
    yield Heading(("The cost by epoch",))
    alt = "Mean cost by epoch. " + " ".join(f"{n}: from {said(p[0][1])} to {said(p[-1][1])}." for n, p in lines)
    yield Figure(charts.curves(lines, "epoch", "mean cost", alt), alt)


def _measured(measured: Sequence[Measured]) -> Iterator[Block]:
    """All that was measured, found or not."""
    if not measured:
        return
    yield Heading(("What was measured",))
    rows = []
    for what in dict.fromkeys(m.row.measures for m in measured):
        group = [m for m in measured if m.row.measures == what]
        bounds = " or ".join(f"{'above' if m.row.above else 'below'} {said(m.row.bound)}" for m in group)
        number = said(group[0].seen.number) if math.isfinite(group[0].seen.number) else "not finite"
        rows.append(((what,), (number,), (bounds,), ("found" if any(m.found for m in group) else "good",)))
    yield Table((("what",), ("here",), ("finding if",), ("verdict",)), tuple(rows), numbers=frozenset({1}))
