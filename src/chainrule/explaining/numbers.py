"""An example worked with its numbers: forward, backward, gradients and update, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from chainrule.activations import Activation
from chainrule.document import Block, Document, Formula, Heading, Inline, Items, Math, Paragraph, Strong, Table
from chainrule.explaining import numbers_backward as backward
from chainrule.explaining import numbers_forward as forward
from chainrule.explaining import numbers_update as updating
from chainrule.explaining.convention import Convention
from chainrule.explaining.example import WHOLE, Example, largest
from chainrule.explaining.network_drawing import figure
from chainrule.explaining.numbers_update import Update
from chainrule.explaining.recipe import left_out
from chainrule.explaining.rewriting import VALUES
from chainrule.explaining.textbook import A, Y, Z, definition
from chainrule.explaining.writing import BRACKET, ranges
from chainrule.network import Network
from chainrule.notation import LEGEND, Equation, Key


def worked(network: Network, x: Any, y: Any, convention: Convention, step: Any) -> Document:
    """The whole pass and the update, with every number."""
    e = Example(network, x, y, convention)
    after = Update(e, step.recipe, step.eta)
    blocks = [*opening(e), *forwards(e), *backwards(e), *gradients(e), *updates(e, after, step), *closing(e)]
    blocks = with_brackets(e, blocks)
    sizes = "-".join(map(str, e.a.sizes))
    return Document(e.words.text("numbers title", sizes=sizes), tuple(blocks), convention.language)


def heading(e: Example, key: str, level: int = 1, **parts: Any) -> Heading:
    """A heading of the table of sentences."""
    return Heading(e.words(key, **parts), level)


def opening(e: Example) -> Iterator[Block]:
    """What is given: conventions, the example, the weights and biases, the functions."""
    yield e.say("numbers head one" if e.m == 1 else "numbers head many", m=f"{e.m:,}", digits=e.c.digits)
    yield from counting(e, 2)
    yield figure(e)
    yield heading(e, "given")
    yield from examples(e)
    for l in e.a.layers:
        yield parameters(e, l)
    yield from functions(e)


def counting(e: Example, l: int) -> Iterator[Block]:
    """What is counted from what, and in which order a weight's indices stand."""
    order = e.words("order", w=e.general("w", l, "jk"), to=Math("j", "j"), by=Math("k", "k"))
    yield Paragraph(e.words.sentences(e.words(f"counted {e.c.numbering}"), order))


def examples(e: Example) -> Iterator[Block]:
    """The inputs and the desired outputs; of many, the largest."""
    for symbol, l in (("a", 1), ("y", 0)):
        values = e.pass_.a[1] if l else e.values[Key("y", 0)]
        if not l and (one := one_of(e)) is not None:
            yield e.say("one target", y=_row_name(e, "y", 0, one), value=cell(e, 1.0), n=f"{len(values) - 1:,}")
            continue
        places, columns = largest(np.abs(values).sum(axis=1)), list(range(min(e.m, 6)))
        header: list[tuple[Inline, ...]] = [(_row_name(e, symbol, l, j),) for j in places]
        rows: list[tuple[tuple[Inline, ...], ...]] = [tuple((cell(e, values[j, x]),) for j in places) for x in columns]
        if e.m > 1:
            header, rows = [("",), *header], [(_mark(e, x), *row) for x, row in zip(columns, rows, strict=True)]
        caption = e.words("inputs" if l else "targets")
        if len(places) < len(values):
            caption = e.words.sentences(caption, e.words("largest of", n=len(places), all=f"{len(values):,}"))
        yield Table(tuple(header), tuple(rows), caption, frozenset(range(e.m > 1, len(header))))


def one_of(e: Example) -> int | None:
    """The output that is to be 1 where all others of many are to be 0."""
    y = e.values[Key("y", 0)]
    hot = np.flatnonzero(y)
    return int(hot[0]) if e.m == 1 and len(y) > WHOLE and len(hot) == 1 and y[hot[0], 0] == 1 else None


def _row_name(e: Example, symbol: str, l: int, j: int) -> Math:
    return Math(*e.form(symbol, l, str(e.c.neuron(j))))


def _mark(e: Example, x: int) -> tuple[Any, ...]:
    return e.words("example", x=x + 1)


def cell(e: Example, value: float) -> Math:
    """A number in a table, read back too."""
    return e.lines.of(Math("", ""), [], float(value))[0].right


def parameters(e: Example, l: int) -> Block:
    """The weights and biases of a layer: a row for each neuron, or with examples as rows a column."""
    js, ks = e.shown[l], largest(np.abs(e.values[Key("w", l)]).sum(axis=0))
    table: list[list[tuple[Inline, ...]]] = [[(e.general("w", l, "jk"),), *[(_row_name(e, "a", l - 1, k),) for k in ks]]]
    table += [[(_row_name(e, "z", l, j),), *[(cell(e, e.value("w", l, j, k)),) for k in ks]] for j in js]
    if e.a.biases:
        biases = [(Math(*e.form("b", l, "")),), *[(cell(e, e.value("b", l, j)),) for j in js]]
        table = [[*row, bias] for row, bias in zip(table, biases, strict=True)]
    if e.c.rows:
        table = [list(column) for column in zip(*table, strict=True)]
    whole = len(js) == e.a.neurons(l) and len(ks) == e.a.neurons(l - 1)
    key = ("weights in rows" if e.c.rows else "weights") if whole else "weights in part"
    caption = e.words(key, l=e.c.layer(l), n=f"{e.values[Key('w', l)].size:,}")
    header, *rows = map(tuple, table)
    return Table(header, tuple(rows), caption, frozenset(range(1, len(header))))


def functions(e: Example) -> Iterator[Block]:
    """The activation functions and the cost."""
    items: list[tuple[Any, ...]] = []
    for l in e.a.layers:
        for row, members in forward.kinds(e, l):
            formula = e.lines.formula(forward.formula_of(row, definition(row), [Z]), _points(row, e.pass_.z[l][members]))
            math = Math(rf"\sigma(z) = {formula.latex}", f"σ(z) = {formula.text}")
            every = len(members) == e.a.neurons(l) or not e.a.sigma(l).neurons
            neurons = ranges([e.c.neuron(j) for j in members])
            about = {"l": e.c.layer(l), "name": e.words.name(row.name), "formula": math, "neurons": neurons}
            items.append(e.words("function of layer" if every else "functions within", **about))
    cost, a, y = e.a.cost, e.pass_.a[e.a.L], e.values[Key("y", 0)]
    points = (({"a": p, "y": q}, value) for p, q, value in zip(a.flat, y.flat, cost(a, y).flat, strict=True))
    formula = e.lines.formula(forward.formula_of(cost, definition(cost), [A, Y]), points)
    items.append(e.words("function of cost", name=e.words.name(cost.name), formula=formula))
    yield Items(tuple(items))
    written = " ".join(part.text for item in items for part in item if isinstance(part, Math))
    if letters := [letter for letter in "αβ" if letter in written]:
        values = [cell(e, VALUES[letter]) for letter in letters]
        yield e.say("constants", values=e.words.listed([f"{x} = {v.text}" for x, v in zip(letters, values, strict=True)]))


def _points(row: Activation, z: np.ndarray) -> Iterator[tuple[dict[str, Any], Any]]:
    """Operands and values of an activation: of single numbers, or of a layer whose neurons depend on each other."""
    a = row(z)
    if row.elementwise:
        yield from (({"z": p}, value) for p, value in zip(z.flat, a.flat, strict=True))
    else:
        yield from (({"z": z[:, [x]]}, a[:, [x]]) for x in range(z.shape[1]))


def forwards(e: Example) -> Iterator[Block]:
    """The forward pass."""
    yield heading(e, "forward pass")
    yield e.say("forward head")
    if e.m > 1:
        yield e.say("first example")
    for l in e.a.layers:
        yield heading(e, "layer", 2, l=e.c.layer(l))
        yield from forward.layer(e, l)
    yield heading(e, "cost", 2)
    yield e.formula(forward.cost(e), "C")
    if not forward.tells(e):
        yield e.say("saturated cost")


def backwards(e: Example) -> Iterator[Block]:
    """The backward pass."""
    yield heading(e, "backward pass")
    yield e.say("backward head " + e.c.sign)
    for l in reversed(e.a.layers):
        yield heading(e, "layer case 1" if l == e.a.L else "layer case 2", 2, l=e.c.layer(l))
        yield from backward.errors(e, l)
    if e.m > 1:
        yield heading(e, "all examples", 2)
        yield from table_of_examples(e)
        yield e.formula(forward.total_cost(e))


def table_of_examples(e: Example) -> Iterator[Block]:
    """What was shown for the first example, for the others: z, a and the error of each neuron that is shown."""
    columns = list(range(min(e.m, 6)))
    header = (("",), *[_mark(e, x) for x in columns])
    rows: list[tuple[Any, ...]] = []
    for l in e.a.layers:
        for j in e.shown[l]:
            for symbol in ("z", "a", "delta"):
                values = [(cell(e, e.printed(symbol, l, j, x)[1]),) for x in columns]
                rows.append(((_row_name(e, symbol, l, j),), *values))
    costs = [(cell(e, e.value("cost_x", 0, 0, x)),) for x in columns]
    rows.append(((Math("C_x", "Cₓ"),), *costs))
    caption = e.words("table of examples")
    if e.m > len(columns):
        caption = e.words.sentences(caption, e.words("first of", n=len(columns), all=f"{e.m:,}"))
    yield Table(header, tuple(rows), caption, frozenset(range(1, len(header))))


def gradients(e: Example) -> Iterator[Block]:
    """The gradients, layer by layer."""
    yield heading(e, "gradient")
    yield e.say("two factors" if e.m == 1 else "two factors summed", m=f"{e.m:,}")
    for l in e.a.layers:
        yield from backward.gradients(e, l)


def updates(e: Example, after: Update, step: Any) -> Iterator[Block]:
    """The update."""
    yield heading(e, "update")
    eta, m = (_rate(e, name, value) for name, value in (("eta", step.eta), ("m", e.m)))
    yield e.say("update head", optimizer=e.words.name(step.recipe.optimizer.name), eta=eta, m=m)
    rates = [(name, rate) for name, rate in after.recipe.optimizer.rates.items()]
    if rates:
        yield e.say("update rates", rates=e.words.listed([_rate(e, name, rate) for name, rate in rates]))
    if after.recipe.penalty:
        yield e.say(
            "update penalty",
            name=e.words.name(after.recipe.penalty.name),
            lmbda=_rate(e, "lmbda", after.recipe.lmbda),
            n=_rate(e, "n", e.m),
        )
    yield from around(e, after, step)
    yield Items(tuple((*_equation(equation), ": ", e.words.sentence(equation)) for equation in after.equations))
    yield from updating.section(e, after)
    yield updating.outcome(e, after)


def around(e: Example, after: Update, step: Any) -> Iterator[Block]:
    """What else belongs to the step, and what of the training is left out."""
    r = after.recipe
    for l, factor in sorted(r.layer_rates.items()):
        yield e.say("layer rate", l=e.c.layer(l), value=_rate(e, "eta", factor * step.eta))
    if bound := r.clip_norm or r.clip_value:
        yield e.say("update bound", clip=_rate(e, "clip", bound))
    if r.frozen:
        yield e.say("frozen", layers=ranges([e.c.layer(l) for l in sorted(r.frozen)]))
    yield from left_out(step, e.words, "numbers")


def _equation(equation: Equation) -> Sequence[Inline]:
    return Strong(equation.name), " ", Math(equation.latex, equation.text)


def _rate(e: Example, name: str, value: float) -> Math:
    letter, figure = LEGEND[name], cell(e, value)
    return Math(f"{letter.latex.format()} = {figure.latex}", f"{letter.text.format()} = {figure.text}")


def with_brackets(e: Example, blocks: Sequence[Block]) -> list[Block]:
    """The blocks, and before the first that has a condition as a factor a sentence on what that is."""
    for i, block in enumerate(blocks):
        if isinstance(block, Formula) and any(BRACKET.search(line.right.text) for line in block.lines):
            return [*blocks[:i], e.say("brackets", example=Math("[z > 0]", "[z > 0]")), *blocks[i:]]
    return list(blocks)


def closing(e: Example) -> Iterator[Block]:
    """How many lines were read back."""
    yield e.say("read back", n=f"{e.lines.read:,}")
