"""The report of an audit, for a student to read."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.auditing.verdict import Finding, Quantity, Verdict
from chainrule.document import Block, Code, Document, Heading, Inline, Items, Math, Note, Paragraph, Strong, Table
from chainrule.notation import LEGEND

STATES = {
    "right": "right", "first wrong": "first wrong", "wrong": "wrong, too", "follows": "follows from it",
    "unseen": "not seen",
}  # fmt: skip
ORDINALS = ("first", "second", "third")


def document(verdict: Verdict, *, answers: bool = False) -> Document:
    """The verdict, the findings with a hint each (and its answer), what was found out, and how each quantity stands."""
    blocks: list[Block] = [_head(verdict)]
    blocks += [_finding(f, answers=answers) for f in verdict.findings]
    if verdict.quantities and not verdict.right:
        blocks += [Heading(("Every quantity, in the order of the computation",)), _table(verdict)]
    if verdict.layout.facts:
        blocks += [Heading(("What was found out",)), Items(tuple((f"{label}: {words}",) for label, words in verdict.layout.facts))]
    blocks += [Paragraph((note,)) for note in verdict.notes]
    blocks.append(Paragraph(("Layers are counted as in the book: the input is layer 1, and the first weights lead into layer 2.",)))
    return Document("Audit of a backpropagation", tuple(blocks))


def _head(verdict: Verdict) -> Note:
    if verdict.right:
        said = f"Its gradients are those of our trace: the largest relative difference is {verdict.error:.1e}."
        return Note(("The backpropagation is right.",), (Paragraph((said,)),), "good")
    first = verdict.findings[0]
    n = len(verdict.findings)
    what = "one slip" if n == 1 else f"{n} slips"
    where = f"{first.equation} at layer {first.layer}" if first.layer else first.equation
    said = f"The first quantity that is wrong: {where}" + (f", neuron {first.neuron} (counted from 0)." if first.neuron is not None else ".")
    return Note((f"The backpropagation is wrong: {what}.",), (Paragraph((said,)),), "bad")


def _finding(f: Finding, *, answers: bool) -> Note:
    blocks: list[Block] = [Paragraph((f.sentence,))]
    if f.alternatives:
        blocks.append(Paragraph((_either(f),)))
    if f.numbers:
        blocks.append(_numbers(f))
    blocks.append(Paragraph((Strong("Hint: "), f.hint)))
    if answers:
        blocks.append(Paragraph((Strong("Answer: "), f.answer)))
        if f.written:
            rows = (("written", f.written), ("right", f.right))
            blocks.append(Items(tuple((f"{label}: {text}",) for label, text in rows if text)))
    return Note((f"{f.equation}, layer {f.layer}",), tuple(blocks), "bad")


def _either(f: Finding) -> str:
    return f"The same numbers would come from: {', '.join(name.replace('_', ' ') for name in f.alternatives)}."


def _numbers(f: Finding) -> Table:
    rows = tuple(((n.place,), (f"{n.found:.6g}",), (f"{n.wanted:.6g}",)) for n in f.numbers)
    return Table((("number",), ("yours",), ("right",)), rows, numbers=frozenset({1, 2}))


def _table(verdict: Verdict) -> Table:
    rows = tuple(_row(q) for q in verdict.quantities)
    return Table((("layer",), ("quantity",), ("",), ("equation",), ("state",)), rows, numbers=frozenset({0}))


def _row(q: Quantity) -> tuple[tuple[Inline, ...], ...]:
    symbol = LEGEND[q.symbol]
    math = Math(symbol.latex.format(l=q.layer), symbol.text.format(l=""))
    state = STATES[q.state]
    shown: Inline = Strong(state) if "wrong" in q.state else state
    return ((str(q.layer),), (q.name,), (math,), (Code(q.equation),), (shown,))


def lines(verdict: Verdict) -> Iterator[str]:
    """The findings in one line each."""
    for f in verdict.findings:
        yield f"{f.equation}, layer {f.layer}: {f.sentence}"
