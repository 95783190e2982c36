"""The laws of documents: every formula can be written in every format, and what a user says stays what it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chainrule.activations import ACTIVATIONS
from chainrule.costs import COSTS, PENALTIES
from chainrule.document import Document, Math, Paragraph, latex, markdown, mathml, tex, typst_math
from chainrule.document.characters import clean, width, wrapped
from chainrule.document.typesetting import source
from chainrule.notation import EQUATIONS, LEGEND
from chainrule.optimizers import OPTIMIZERS


def formulas() -> Iterator[tuple[str, str]]:
    """Every formula of the tables, by its name."""
    for kind, table in (("equation", EQUATIONS), ("activation", ACTIVATIONS), ("cost", COSTS), ("penalty", PENALTIES)):
        yield from ((f"{kind} {name}", row.latex) for name, row in table.items())
    yield from ((f"slope of {name}", row.slope_latex) for name, row in ACTIVATIONS.items())
    for name, optimizer in OPTIMIZERS.items():
        yield from ((f"{name} {equation.name}", equation.latex) for equation in optimizer.equations)
    yield from ((f"letter {name}", s.latex.format(l="l")) for name, s in LEGEND.items())


FORMULAS = dict(formulas())
GREEK = {name: f"\\{name}" for name in ("alpha", "Sigma", "varepsilon", "partial", "nabla", "ell", "infty")}
MORE = {
    **GREEK,
    "path": r"\frac{\partial C}{\partial w^{2}_{11}} = \sum_{k=1}^{n^3} \underbrace{a^{1}_{1}}_{\text{factor}}",
    "matrix": r"\begin{pmatrix} 1 & -0.5 \\ \boxed{2} & \textcolor{red}{0} \end{pmatrix}^{T}",
    "column": r"\begin{bmatrix} x \\ y \\ \end{bmatrix} \begin{matrix} 1 \end{matrix}",
    "chain": r"\Sigma'(z^{l}) \left(w^{l+1}\right)^{T} \cdots \Sigma'(z^{L}) \nabla_{a^{L}} C \in \mathbb{R}^{n \times m}",
    "cases": r"f(z) = \begin{cases} z & z \ge 0 \\ \text{else } 0 & \text{otherwise} \end{cases}",
    "marks": r"\hat{y} \bar{x} \tilde{a} \vec{v} \mathbf{W} \mathcal{N} \mathrm{d} \overline{ab} f'^{2}_{j} 1{,}000",
    "above": r"\overbrace{a + b}^{2} \prod_{i=1}^{n} x_i",
    "signs": r"a \le b \ne c \ge d \approx e \to f \leftarrow g \Rightarrow h \pm i \mp j \cdot k \times l \odot m",
    "brackets": r"\left[\frac{1}{2}\right) \left\{x\right. \left\|w\right\| \lfloor x \rfloor \langle u, v \rangle |x|",
    "names": r"\operatorname{my\_own}\left(z\right) \max_{j} a_j \ln x \tanh\left(z\right) \% \# \& \$ \_ \{ \} ! / ; :",
}


@pytest.mark.parametrize("name", [*FORMULAS, *MORE])
def test_every_formula_is_well_formed_mathml(name: str) -> None:
    """A formula becomes elements of MathML that an XML parser reads, with no command left over."""
    element = ElementTree.fromstring(mathml.element((FORMULAS | MORE)[name], block=True))
    assert element.tag == "math"
    assert len(element)
    assert "\\" not in "".join(element.itertext())


def test_every_formula_is_typst_that_compiles() -> None:
    """Typst makes a page of all formulas, each in a paragraph and on a line of its own."""
    typst = pytest.importorskip("typst")
    written = [typst_math.mathematics(one) for one in (FORMULAS | MORE).values()]
    page = "\n\n".join(f"${one}$ and $ {one} $" for one in written)
    assert typst.compile(page.encode(), format="pdf").startswith(b"%PDF")


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_of_an_equation_goes_out_as_it_is(name: str) -> None:
    """What LaTeX and Markdown hold is the formula that the expression tree was written as."""
    assert latex.mathematics(Math(FORMULAS[name], "")) == FORMULAS[name]
    assert f"${FORMULAS[name]}$" in Document("", (Paragraph((Math(FORMULAS[name], ""),)),)).markdown()


WRONG = [
    r"\frac{1}", r"\foo{x}", "{x", "x}", r"\left(x", r"x \right)", r"\begin{pmatrix} 1", r"\begin{tikz} \end{tikz}",
    "x^", "a_1_2", "x % y", "x & y", r"\input{/etc/passwd}", r"\text{a $x$}", r"\textcolor{mauve}{x}", "x_12", "a # b",
    r"\left x", "\\", "x\ty\0",
]  # fmt: skip


@pytest.mark.parametrize("formula", WRONG)
def test_what_no_writer_knows_is_refused(formula: str) -> None:
    """A formula that one writer could not write is refused by all of them, in words."""
    document = Document("", (Paragraph((Math(formula, "x"),)),))
    for write in (document.html, document.markdown, document.latex, lambda: source(document), lambda: tex.parse(formula)):
        with pytest.raises(ValueError, match="cannot be written"):
            write()


class Words(HTMLParser):
    """The text of a page, without its styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.tag = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Go into an element."""
        self.tag = tag

    def handle_data(self, data):
        """Keep what stands in it."""
        self.found[self.tag] = self.found.get(self.tag, "") + data


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), min_size=1, max_size=40)
LAW = settings(max_examples=150, deadline=None, derandomize=True, database=None)


@LAW
@given(TEXTS)
def test_a_page_shows_any_text_as_it_is(text: str) -> None:
    """What a browser reads from a page is what was said."""
    page = Words(Document("t", (Paragraph((f".{text}.",)),)).html())
    assert page.found["p"].strip("\n") == f".{clean(text)}."


@LAW
@given(st.text("\\`*_[]<>$#|~&!()-+=.1)> \"'ax:/@", min_size=1, max_size=30))
def test_markdown_shows_any_text_as_it_is(text: str) -> None:
    """What CommonMark makes of the file is what was said."""
    reader = MarkdownIt("commonmark").enable("table").enable("strikethrough")
    page = Words(reader.render(Document("", (Paragraph((f"x{text}x",)),)).markdown()))
    assert " ".join(page.found["p"].split()) == " ".join(f"x{text}x".split())
    cell = markdown.escape(text)
    table = Words(reader.render(f"| a |\n| - |\n| x{cell}x |\n"))
    assert " ".join(table.found["td"].split()) == " ".join(f"x{text}x".split())


@pytest.mark.parametrize("text", ["- a", "1. a", "1) a", "+ a", "= a", "# a", "> a", "--- ", "=== ", "    a"])
def test_markdown_begins_a_paragraph_with_anything(text: str) -> None:
    """A paragraph is never taken for a list, a heading or a rule by what it begins with."""
    page = Words(MarkdownIt("commonmark").render(Document("", (Paragraph((text,)),)).markdown()))
    assert page.found["p"].split() == text.split()


def test_typst_reads_any_text_as_it_is() -> None:
    """A quoted text comes back from Typst letter by letter."""
    typst = pytest.importorskip("typst")
    texts = [*map(chr, range(32, 127)), '\\u{41} "x" $y$ #z', "\\\\", '\\"', "誤差\n二", "\u00a0é"]
    program = f"#metadata(({', '.join(map(typst_math.quoted, texts))})) <all>"
    assert json.loads(typst.query(program.encode(), "<all>", field="value"))[0] == texts


@LAW
@given(st.text("ab ｗ誤，。「」(+) \u0301\u00a0", max_size=60), st.integers(2, 30))
def test_lines_are_never_wider_than_asked_for_and_nothing_is_lost(text: str, columns: int) -> None:
    """Breaking a text leaves out blanks at the ends of lines and nothing else."""
    lines = [text[a:b] for a, b in wrapped(text, columns)]
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
