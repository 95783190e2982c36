"""Documents as files: pages, LaTeX, PDF."""

from __future__ import annotations

import builtins
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from document_cases import BP1C, CHINESE, HOSTILE, SVG, everything

from chainrule import ConfigError, ResourceError
from chainrule.document import Document, Figure, Formula, Heading, Line, Listing, Math, Note, Paragraph
from chainrule.document.typesetting import source

EMPTY = {"meta", "link", "img", "br"}


class Tree(HTMLParser):
    """The elements of a page, each closed where it has to be."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """An element begins."""
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """An element of MathML without content."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        """An element ends."""
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_a_page_is_whole(language):
    """A page loads nothing, runs nothing, says so in its policy, and closes what it opens."""
    page = Tree(everything(language, HOSTILE).html())
    attributes = [(tag, name, value or "") for tag, found in page.elements for name, value in found.items()]
    assert page.open == []
    assert not {tag for tag, _ in page.elements} & {"script", "iframe", "object", "form", "base"}
    assert not [each for each in attributes if each[1].startswith("on")]
    assert all(value.startswith(("data:", "#")) for _, name, value in attributes if name in {"src", "href"})
    assert any(
        "default-src 'none'" in value and "script" not in value for _, name, value in attributes if name == "content"
    )
    assert ("html", "lang", language) in attributes


def test_a_page_can_be_heard():
    """Headings go down by one; drawings, columns and marks have words; wide boxes take the keyboard."""
    page = Tree(everything().html())
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels == [1, 2, 3, 4]
    assert all(found.get("alt") for tag, found in page.elements if tag == "img")
    assert all(found.get("scope") == "col" for tag, found in page.elements if tag == "th")
    assert {found.get("aria-label") for _, found in page.elements if found.get("role") == "img"} == {"right", "wrong"}
    assert all(found.get("aria-label") for _, found in page.elements if found.get("tabindex"))
    assert [found for _, found in page.elements if found.get("class") == "scroll" and found.get("tabindex")]


def test_many_sections_are_listed():
    """From four sections on there is a list of them, whose links lead there."""
    page = Tree(Document("t", tuple(Heading((f"section {k}",)) for k in range(4))).html())
    links = [found["href"] for tag, found in page.elements if tag == "a"]
    assert links == [f"#{found['id']}" for tag, found in page.elements if tag == "h2"]
    assert len(links) == 4


def test_a_notebook_gets_a_part_of_a_page():
    """The representation for notebooks styles itself alone."""
    fragment = Document("t", (BP1C,))._repr_html_()
    styles = re.search(r"<style>(.*?)</style>", fragment, re.DOTALL)[1]
    rules = re.findall(r"(?:^|\})\s*([^@{}]+)\{", styles)
    assert fragment.startswith("<div")
    assert len(rules) > 20
    assert all(".chainrule-document" in selector for rule in rules for selector in rule.split(","))


def test_a_drawing_is_in_the_file():
    """HTML, Markdown and PDF hold the drawing; text and LaTeX hold its words."""
    document = Document("t", (Figure(SVG, "A circle & more", ("below",)),))
    assert "data:image/svg+xml;base64," in document.html()
    assert "![A circle \\& more][drawing-1]" in document.markdown()
    assert "\n[drawing-1]: data:image/svg+xml;base64," in document.markdown()
    assert "[Drawing: A circle & more]" in document.text(60)
    assert r"{[}Drawing: A circle \& more{]}" in document.latex()


def test_a_listing_may_hold_anything():
    """Fences in a listing do not end it."""
    code = "a = 1\n```\n~~~\n\\end{verbatim} </pre>"
    document = Document("t", (Listing(code, "python\n# x"),))
    assert f"````pythonx\n{code}\n````" in document.markdown()
    assert "&lt;/pre&gt;" in document.html()


def test_long_formulas_are_broken_on_paper():
    """A sum that is too long goes on below in LaTeX, before a + that stands in no brackets."""
    inner = r"\left(1 + 2\right) \cdot \frac{3 + 4}{5}"
    long = Math(" + ".join([inner] * 12), "x")
    written = Document("", (Formula((Line(Math("z", "z"), "=", long),), "FP1"),)).latex()
    lines = re.search(r"\\begin\{align\*\}\n(.*)\n\\end\{align\*\}", written, re.DOTALL)[1].split("\\\\\n")
    assert len(lines) > 1
    assert all(line.startswith(r" & \quad {} + ") for line in lines[1:])
    assert "".join(lines).count(inner) == 12
    assert r"\tag{FP1}" in lines[0]


@pytest.mark.parametrize("suffix", [".txt", ".md", ".tex", ".html", ".pdf", ".PDF"])
def test_a_file_is_what_its_name_says(suffix, tmp_path):
    """The suffix says what is written; the path comes back."""
    if suffix.lower() == ".pdf":
        pytest.importorskip("typst")
    path = everything().save(tmp_path / f"note{suffix}")
    begins = {".txt": b"Back", ".md": b"# Back", ".tex": b"% Compile", ".html": b"<!doctype html>", ".pdf": b"%PDF"}
    assert path.read_bytes().startswith(begins[suffix.lower()])


@pytest.mark.parametrize("name", ["note", "note.docx"])
def test_another_name_is_refused(name, tmp_path):
    """What no document is written as is an error that lists what there is, and no file."""
    with pytest.raises(ConfigError, match=r"End it with \.txt, \.md, \.tex, \.html, \.pdf"):
        everything().save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_said(tmp_path):
    """What the system refuses is an error in words."""
    with pytest.raises(ResourceError, match=r"note\.md.* could not be written: No such file"):
        everything().save(tmp_path / "nowhere" / "note.md")


# ------------------------------------------------------------------------------------------------------------ PDF


def test_pdf_of_everything_can_be_read_aloud():
    """Every block becomes PDF with tags, whatever a user said; formulas have words; twice is the same."""
    pytest.importorskip("typst")
    made = everything(prose=HOSTILE).pdf()
    assert made.startswith(b"%PDF")
    assert b"/StructTreeRoot" in made
    assert made == everything(prose=HOSTILE).pdf()


def test_pdf_holds_every_block():
    """Nothing is lost on the way: Typst finds each formula, table, list, listing, heading and drawing on its pages."""
    typst = pytest.importorskip("typst")
    program = source(everything(prose="said")).encode()
    counts = {"table": 2, "figure": 1, "image": 1, "heading": 3, "list": 2, "enum": 1, "raw": 3, "math.equation": 11}
    assert {kind: len(json.loads(typst.query(program, kind))) for kind in counts} == counts


def test_pdf_says_which_letters_no_font_has():
    """Letters that would be boxes are an error that names them, and what to install."""
    pytest.importorskip("typst")
    with pytest.raises(ConfigError, match=r"No font on this machine has the letters .*\n?.*Install"):
        Document("t", (Paragraph(("\u0378",)),)).pdf()


def test_pdf_without_typst_says_what_to_install(monkeypatch):
    """The library is optional, and its lack is an error that names the extra."""
    there = builtins.__import__

    def without(name, *rest, **more):
        if name == "typst":
            raise ImportError(name)
        return there(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=r"pip install 'chainrule\[pdf\]'"):
        Document("t").pdf()


def test_headings_never_skip_a_level_in_pdf():
    """A document that begins deep, or jumps, is PDF for readers for the blind all the same."""
    pytest.importorskip("typst")
    blocks = (Heading(("a",), 3), Note(("n",), (Heading(("b",), 2),)), Heading(("c",), 1), Heading(("d",), 3))
    assert Document("", blocks).pdf().startswith(b"%PDF")


# ------------------------------------------------------------------------------------------------------------ LaTeX


def compiled(program: str, document: Document, folder) -> str:
    """The text of what LaTeX makes of a document."""
    if shutil.which(program) is None or shutil.which("kpsewhich") is None:
        pytest.skip(f"{program} is not installed")
    for package in ("framed.sty", "mathtools.sty", "longtable.sty", *(["xeCJK.sty"] if program == "xelatex" else [])):
        if subprocess.run(["kpsewhich", package], capture_output=True, check=False).returncode:
            pytest.skip(f"LaTeX is installed without {package}")
    document.save(folder / "note.tex")
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "note.tex"]
    found = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert found.returncode == 0, found.stdout[-2000:].decode(errors="replace")
    assert b"Overfull \\hbox" not in found.stdout
    if shutil.which("pdftotext") is None:
        return ""
    return subprocess.run(
        ["pdftotext", "-raw", "note.pdf", "-"], cwd=folder, capture_output=True, check=True
    ).stdout.decode()


@pytest.mark.slow
def test_latex_compiles_with_every_block(tmp_path):
    """A document of every kind of block is one that pdflatex takes."""
    compiled("pdflatex", everything(), tmp_path)


@pytest.mark.slow
def test_latex_prints_any_text_as_it_is(tmp_path):
    """What a user says neither stops LaTeX nor comes out as something else."""
    text = compiled("pdflatex", Document("t", (Paragraph((HOSTILE,)), Listing(HOSTILE))), tmp_path)
    for word in HOSTILE.split() if text else []:
        assert word.replace("'r'", "’r’") in text.replace("\u02dc", "~").replace("\u02c6", "^") or word in {"--"}


@pytest.mark.slow
def test_latex_of_chinese_compiles_with_xelatex(tmp_path):
    """A document with Chinese letters says that it is for xelatex, and is."""
    if b"CJK TC" not in subprocess.run(["fc-list"], capture_output=True, check=False).stdout:
        pytest.skip("no Chinese font is installed")
    text = compiled("xelatex", everything("zh-Hant", CHINESE), tmp_path)
    assert not text or "第二層的誤差" in text.replace("\n", "")


def test_latex_says_what_compiles_it():
    """The first line names the programs: pdflatex only where it knows all letters."""
    assert everything().latex().startswith("% Compile with pdflatex")
    assert everything("zh-Hant", CHINESE).latex().startswith("% Compile with xelatex or lualatex.")
    assert Document("é – “σ² ≤ δˡ”").latex().startswith("% Compile with pdflatex")


def test_mathml_of_a_document_is_xml():
    """All formulas of a page are well-formed."""
    found = re.findall(r"<math.*?</math>", everything().html(), re.DOTALL)
    assert len(found) > 10
    assert all(ElementTree.fromstring(one).tag == "math" for one in found)
