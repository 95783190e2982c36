"""A check in words: its verdict, what a failure means, and the tables."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.checking.counting import Count, Way
from chainrule.checking.result import Check, Row
from chainrule.checking.witnesses import CENTRAL, EQUATION, REVERSE, WITNESSES
from chainrule.document import Block, Document, Heading, Inline, Items, Note, Paragraph, Table

COLUMNS = (EQUATION, *(w.name for w in WITNESSES), REVERSE)
MANY = 6  # kinks that are listed
MEANING = {  # of a quantity that is wrong by itself: what its equation is made of
    "sigma_prime": "the activation's values rise by {wanted} there: its slope(z, a) is not the slope of its values.",
    "nabla_a": "the cost rises by {wanted} there: its slope(a, y) is not dC/da.",
    "penalty": "the penalty rises by {wanted} there: its slope is not that of its values.",
}
BROKEN = "{witness} finds {wanted}, and the sum that the equation stands for is {sum} with the pass's own operands."
STRANGE = (
    "{witness} finds {wanted}. The equation holds for its operands, so one of these is the derivative of something else."
)


def document(c: Check) -> Document:
    """The whole report."""
    blocks: list[Block] = [Paragraph((f"{c.network}.",)), _verdict(c), _errors(c), _accounts(c)]
    notes = tuple((note,) for note in (*_doubts(c), *c.notes))
    if notes:
        blocks += [Heading(("What to know",), 2), Items(notes)]
    return Document("Gradient check", tuple(blocks))


def _verdict(c: Check) -> Note:
    examples = f"{c.examples} example{'s' * (c.examples != 1)}"
    if c.passed:
        heard = [account.witness for account in c.accounts if not account.reason]
        words = f"{len(heard)} of {len(c.accounts)} witnesses were heard" if len(heard) < len(c.accounts) else "All agree"
        said = f"{words}: {', '.join(heard)}; {examples}. BP1 to BP4 hold by components."
        return Note(("Every gradient is right.",), (Paragraph((said,)),), "good")
    lines = [*map(sentence, c.causes, [c] * len(c.causes)), *_followers(c), *_unseen(c)]
    title = " ".join(f"{row.equation} at layer {row.layer} is wrong." for row in c.causes) or "Not everything was seen."
    return Note((title,), tuple(Paragraph((line,)) for line in lines), "bad")


def sentence(row: Row, c: Check) -> str:
    """What is wrong there, with both numbers, and what it means."""
    at = f"[{', '.join(map(str, row.at))}]" if row.at else ", along a random direction,"
    own = next((r for r in c.of(row.place) if r.witness == EQUATION), None)
    meaning = MEANING.get(row.symbol) or (BROKEN if own and not own.passed else STRANGE)
    said = meaning.format(wanted=f"{row.wanted:.6g}", witness=row.witness, sum=f"{own.wanted:.6g}" if own else "")
    if own and not own.passed and own.at != row.at:
        said = f"{row.witness} finds {row.wanted:.6g}. The sum that the equation stands for, with the pass's own operands, "
        said += f"is {own.wanted:.6g} at {list(own.at)}, where the pass has {own.found:.6g}."
    return f"{row.equation} at layer {row.layer}: {row.quantity}{at} is {row.found:.6g}, but {said}"


def _followers(c: Check) -> Iterator[str]:
    causes = {row.place for row in c.causes}
    names = list(dict.fromkeys(row.quantity for row in c.failures if row.place not in causes))
    if names:
        yield f"Wrong because of it: {', '.join(names)}. {'Their' if len(names) > 1 else 'Its'} own equations hold."


def _unseen(c: Check) -> Iterator[str]:
    for l, symbol in c.unseen:
        yield f"No witness has a number for {symbol} of layer {l}: values overflow on the way."


def _doubts(c: Check) -> Iterator[str]:
    """What is no failure, and would look like one."""
    wrong = {row.place for row in c.failures}
    off = [row for row in c.rows if row.witness == CENTRAL.name and not row.passed and row.place not in wrong]
    if off:
        row = max(off, key=lambda row: row.error)
        yield (
            f"Central differences alone are off, by {row.error:.1e} in {row.quantity}: their step is too long for how the "
            "cost bends there. The exact witnesses agree with the pass, so it is right."
        )
    still = dict.fromkeys(r.quantity for r in c.rows if r.largest == 0 and r.symbol != "penalty")
    if still:
        yield f"{', '.join(still)}: 0 for all these examples, so the comparison says little."
    for row in {r.place: r for r in c.rows if r.directions < r.of}.values():
        yield (
            f"{row.quantity}: {row.directions - 1:,} of its {row.of:,} entries, drawn at random, and one random direction "
            "through all of them; reverse mode saw all. all=True takes all."
        )
    yield from (f"{a.witness} was not heard: {a.reason}." for a in c.accounts if a.reason)
    yield from _kinks(c)


def _kinks(c: Check) -> Iterator[str]:
    if not c.kinks:
        return
    some = [f"layer {k.layer}, neuron {k.neuron}, example {k.example} ({k.function} at {k.at:.3g})" for k in c.kinks[:MANY]]
    more = f" and {len(c.kinks) - MANY:,} more" if len(c.kinks) > MANY else ""
    yield (
        f"At a kink: {'; '.join(some)}{more}; neurons and examples are counted from 0. There a function has two slopes, "
        "and neither is wrong."
    )


# ------------------------------------------------------------------------------------------------------------ tables


def _errors(c: Check) -> Table:
    header = ("layer", "equation", "gives", *(name.split()[0] for name in COLUMNS))
    rows = []
    for place in c.places:
        found = {row.witness: row for row in c.of(place)}
        first = next(iter(found.values()))
        cells = [_error(found.get(name)) for name in COLUMNS]
        rows.append(tuple((cell,) for cell in (str(first.layer), first.equation, first.quantity, *cells)))
    caption = "The largest error, relative to the largest number of the quantity; ✗ is more than rounding explains."
    return Table(tuple((name,) for name in header), tuple(rows), (caption,), frozenset(range(3, 8)))


def _error(row: Row | None) -> Inline:
    if row is None or not row.seen:
        return "–"
    return f"{'' if row.passed else '✗ '}{row.error:.0e}" if row.error else "0"


def _accounts(c: Check) -> Table:
    header = ("witness", "largest error", "forward passes", "backward passes", "seconds")
    rows = []
    for account in c.accounts:
        errors = [row.error for row in c.rows if row.witness == account.witness and row.seen]
        cells = (
            f"{max(errors, default=0.0):.1e}",
            f"{account.forward:,}",
            f"{account.backward:,}",
            f"{account.seconds:.3f}",
        )
        rows.append((account.witness, *(cells if errors else ("–",) * 4)))
    return Table(
        tuple((name,) for name in header), tuple(tuple((cell,) for cell in row) for row in rows), (), frozenset(range(1, 5))
    )


def of_count(c: Count) -> Document:
    """The ways to a gradient, as a document."""
    header = ("way", "forward passes", "backward passes", "time", "largest difference")
    rows = tuple(
        (
            (way.name,),
            (f"{way.forward:,}",),
            (f"{way.backward:,}",),
            (_time(way, c),),
            (f"{way.error:.0e}" if way.error else "0",),
        )
        for way in c.ways
    )
    slow, fast = c.ways[0], c.ways[-1]
    examples = f"{c.examples} example{'s' * (c.examples != 1)}"
    said = (
        f"{slow.forward:,} forward passes against one forward and one backward: {slow.seconds / fast.seconds:,.0f} times "
        "as long. A backward pass costs about as much as a forward pass, however many parameters there are."
    )
    blocks: list[Block] = [
        Paragraph((f"The gradient of {c.network} by all {c.parameters:,} parameters, for {examples}.",)),
        Table(tuple((name,) for name in header), rows, (), frozenset(range(1, 5))),
        Paragraph((said,)),
    ]
    if any(way.done < c.parameters for way in c.ways):
        estimate = "≈ is an estimate: the passes of some parameters were timed, and all would take so long."
        blocks.append(Paragraph((estimate,)))
    return Document("In what sense backpropagation is fast", tuple(blocks))


def _time(way: Way, c: Count) -> str:
    mark = "" if way.done == c.parameters else "≈ "
    seconds = way.seconds
    return f"{mark}{seconds * 1000:,.2f} ms" if seconds < 0.1 else f"{mark}{seconds:,.2f} s"
