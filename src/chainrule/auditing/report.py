"""The report of an audit, for a student to read."""

from __future__ import annotations

import math
from collections.abc import Iterator

from chainrule.auditing.comparing import WORDS
from chainrule.auditing.slips import table
from chainrule.auditing.verdict import Finding, Quantity, Verdict
from chainrule.document import Block, Code, Document, Heading, Inline, Items, Math, Note, Paragraph, Strong, Table
from chainrule.notation import LEGEND

STATES = {
    "right": "right", "first wrong": "first wrong", "wrong": "wrong, too", "follows": "follows from it",
    "unseen": "cannot be seen",
}  # fmt: skip
COUNTED = "Layers are counted as in the book: the input is layer 1, and the first weights lead into layer 2."


def document(verdict: Verdict, *, answers: bool = False) -> Document:
    """The verdict, each finding with a hint (and its answer), how each quantity stands, and what was found out."""
    blocks = [_head(verdict), *(_finding(f, i, verdict, answers=answers) for i, f in enumerate(verdict.findings, 1))]
    if any("wrong" in q.state for q in verdict.quantities):
        blocks += [Heading(("Every quantity, in the order of the computation",)), _table(verdict)]
    if verdict.layout.facts:
        facts = tuple((Strong(f"{label}: "), words) for label, words in verdict.layout.facts)
        blocks += [Heading(("What was found out about the program",)), Items(facts)]
    blocks += [Paragraph((note,)) for note in verdict.notes]
    blocks += [Paragraph((COUNTED,))] if verdict.quantities else []
    return Document("Audit of a backpropagation", tuple(blocks))


def _head(verdict: Verdict) -> Block:
    if verdict.right:
        off = f"agree with ours to {verdict.error:.0e}" if verdict.error else "are ours, to the bit"
        off = "are ours, turned over" if math.isnan(verdict.error) else off
        return Note(("The backpropagation is right.",), (Paragraph((f"Its gradients {off}.",)),), "good")
    n, first = len(verdict.findings), verdict.findings[0]
    parts: list[Block] = []
    if first.layer:
        neuron = f", at neuron {first.neuron} (counted from 0)" if first.neuron is not None else ""
        where = f"{first.equation}, the {WORDS[first.quantity]} of layer {first.layer}{neuron}"
        parts.append(Paragraph((f"The first quantity that is wrong: {where}.",)))
    what = "it has one slip" if n == 1 else f"it has {n} slips"
    return Note((f"The backpropagation is wrong: {what}.",), tuple(parts), "bad")


def _finding(f: Finding, i: int, verdict: Verdict, *, answers: bool) -> Block:
    blocks: list[Block] = [Paragraph((f.sentence,)), *(Paragraph((said,)) for said in _others(f))]
    if f.numbers:
        blocks.append(_numbers(f))
    blocks.append(Paragraph((Strong("Hint: "), f.hint)))
    if answers:
        blocks.append(Paragraph((Strong("Answer: "), f.answer)))
        blocks += [_formulas(f)] if f.written else []
    number = f"{i}. " if len(verdict.findings) > 1 else ""
    return Note((f"{number}{_title(f)}",), tuple(blocks), "bad")


def _title(f: Finding) -> str:
    return f"{f.equation} at layer {f.layer}" if f.layer else "It could not be compared"


def _others(f: Finding) -> Iterator[str]:
    """The slips that cannot be told apart from it."""
    rows = table()
    for name in f.alternatives:
        yield f"Or else, with the same numbers: {rows[name].sentence.format(l=f.layer, l1=f.layer + 1)}"


def _formulas(f: Finding) -> Table:
    pairs = (("your numbers follow", f.written), ("right", f.right))
    return Table((("",), ("formula",)), tuple(((label,), (Code(text),)) for label, text in pairs if text))


def _numbers(f: Finding) -> Table:
    sizes = [abs(x) for n in f.numbers for x in (n.found, n.wanted) if x]
    style = ".6f" if all(1e-3 <= x < 1e4 for x in sizes) else ".5e"
    rows = tuple(((n.place,), (f"{n.found:{style}}",), (f"{n.wanted:{style}}",)) for n in f.numbers)
    return Table((("number",), ("yours",), ("right",)), rows, numbers=frozenset({1, 2}))


def _table(verdict: Verdict) -> Table:
    rows = tuple(_row(q) for q in verdict.quantities)
    return Table((("layer",), ("quantity",), ("",), ("equation",), ("state",)), rows, numbers=frozenset({0}))


def _row(q: Quantity) -> tuple[tuple[Inline, ...], ...]:
    symbol = LEGEND["w" if q.symbol == "theta" else q.symbol]
    letter = (
        Math(r"w, b", "w, b") if q.symbol == "theta" else Math(symbol.latex.format(l=q.layer), symbol.text.format(l=""))
    )
    state = STATES[q.state]
    shown: Inline = Strong(state) if "wrong" in q.state else state
    return ((str(q.layer),), (q.name,), (letter,), (q.equation,), (shown,))
