"""A document with every kind of block, in each language."""

from __future__ import annotations

from chainrule.document import (
    Code,
    Document,
    Figure,
    Formula,
    Heading,
    Items,
    Line,
    Listing,
    Math,
    Note,
    Paragraph,
    Strong,
    Table,
)

HOSTILE = (
    r"""< & > $ \ _ # % ^ ~ {x} `a` *b* | [c](d) "q" 'r' -- \input{x} \end{document} $$ #let ]] <!-- --> """
    "&amp; @x __y__ ~~z~~ <script>alert(1)</script>"
)
DELTA = Math(r"\delta^{l}", "δˡ")
BP1C = Formula((Line(DELTA, "=", Math("a^{l} - y", "aˡ - y")),), "BP1c")
TERMS = [f"{k / 10:.3f} \\cdot {k * k / 100:.4f}" for k in range(1, 15)]
LONG = Formula(
    (
        Line(Math("z_{1}", "z₁"), "=", Math(r"\sum_{k=1}^{14} w_{1k} \, a_{k} + b_{1}", "Σₖ w₁ₖ aₖ + b₁")),
        Line(None, "=", Math(" + ".join(TERMS), " + ".join(TERMS).replace(r"\cdot", "·"))),
        Line(None, "≈", Math("10.150", "10.150")),
    ),
    "FP1",
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9"><circle cx="4" cy="4" r="3"/></svg>'
CHINESE = "第二層的誤差，從後面一層傳回來；「斜率」在這裡消失了。"


def everything(language: str = "en", prose: str = "The error of a layer.") -> Document:
    """A document with every kind of block."""
    table = Table(
        (("layer",), ("what it is",), ("largest error",)),
        tuple(((f"{l}",), (prose, " ", DELTA), (f"1e-{l}",)) for l in range(2, 5)),
        ("Gradients",),
        frozenset({0, 2}),
    )
    blocks = (
        Heading(("Forward",)),
        Paragraph((prose, " It is ", DELTA, ", or ", Code("delta[2]"), ": ", Strong("not"), " 0.")),
        BP1C,
        Heading(("Numbers",), 2),
        LONG,
        Note(("the slope cancels",), (Paragraph((prose,)), BP1C, table), "lemma"),
        Note(("right",), (Paragraph(("So it is.",)),), "good"),
        Note(("wrong",), (Listing("if x < y:\n    return '_x_' -- 1"), Items((("one",),))), "bad"),
        Note(("by the way",), ()),
        Heading(("Deeper",), 3),
        table,
        Items((("one",), ("two ", DELTA)), ordered=True),
        Items(((prose,), ("two",))),
        Figure(SVG, "A circle", ("What is drawn",)),
        Listing("1 + 1", "python"),
    )
    return Document("Backpropagation in [2, 3, 1]", blocks, language)
