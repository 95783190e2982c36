"""The worked examples by name: every printed figure of their sources comes out."""

from __future__ import annotations

import re

import numpy as np
import pytest

from chainrule.document import Listing, Table
from chainrule.explaining import explain
from chainrule.explaining.worked import EXAMPLES, ROWS, Worked, as_printed

NETWORKS = [row for row in ROWS if isinstance(row, Worked)]
FIGURES = [pytest.param(row, f, id=f"{row.name}-{f.printed}-{f.updates}") for row in NETWORKS for f in row.figures]


@pytest.mark.parametrize(("example", "figure"), FIGURES)
def test_every_printed_figure_comes_out(example, figure):
    """Notes 003 and 004 and Nielsen's chapter 3: each figure, with as many digits as it is printed with."""
    value = example.value(figure)
    last = abs(float(figure.printed)) * 2**-52  # of all digits, the last can depend on the order of multiplications
    assert as_printed(value, figure.printed) == figure.printed or abs(value - float(figure.printed)) <= last


@pytest.mark.parametrize("example", NETWORKS, ids=lambda row: row.name)
def test_a_worked_example_shows_the_figures_of_its_source(example):
    """Printed and computed figures stand side by side in the explanation, under either sign."""
    for sign in ("subtract", "add"):
        tables = [block for block in explain(example.name, sign=sign).blocks if isinstance(block, Table)]
        cells = [row[1][0] for row in tables[-1].rows]
        assert cells == [figure.printed for figure in example.figures]


def test_the_arrays_of_note_003_character_for_character():
    """Note 003: the changes as NumPy prints them; in the layout of NumPy before 1.14, as they stand in the note."""
    udacity = EXAMPLES["udacity"]
    listing = next(block for block in explain("udacity").blocks if isinstance(block, Listing))
    assert listing.code == (
        "[0.00804047 0.00555918]\n"
        "[[ 1.77005547e-04 -5.11178506e-04]\n [ 3.54011093e-05 -1.02235701e-04]\n [-7.08022187e-05  2.04471402e-04]]"
    )
    with np.printoptions(legacy="1.13"):
        assert tuple(udacity.printed_changes()) == udacity.changes


def test_note_003_with_all_digits():
    """Note 003: with 17 digits, the explanation has the numbers between as the note's program computes them."""
    text = explain("udacity", sign="add", digits=17).text(width=200)
    for printed in ("-0.06012438223148007", "0.48497343084992534", "0.11502656915007464", "0.0066155558052184"):
        assert printed in text
    assert "(y₁ - a³₁)²" not in text  # the cost is the cost, whatever sign errors have
    assert "-∂C/∂a³₁ = y₁ - a³₁" in text
    assert "w³₁₁ ← 0.1 + 0.5 · 0.0160809" in text


def test_note_004_names_both_cases_and_both_factors():
    """Note 004: case 1 is the output layer, case 2 any other, found from the next; each gradient has its two factors."""
    text = explain("lecture").text(width=120)
    cases = re.findall(r"^Layer (\d), case (\d)", text, re.MULTILINE)
    assert cases == [("4", "1"), ("3", "2"), ("2", "2")]
    assert "∂z²ⱼ/∂w²ⱼ₂ = a¹₂ = -1" in text
    for l in "²³⁴":
        assert len(re.findall(rf"∂C/∂w{l}.. = δ{l}. a", text)) == 4


def test_the_lecture_in_chinese_has_the_same_formulas():
    """Note 004 is in Chinese: the prose is another table, every formula and number the same."""
    english, chinese = (explain("lecture", language=language) for language in ("en", "zh-Hant"))
    formulas = [[block for block in d.blocks if type(block).__name__ == "Formula"] for d in (english, chinese)]
    assert formulas[0] == formulas[1]
    assert "情形一" in chinese.text()


def test_note_002_on_a_graph():
    """Note 002: values 3, 2, 6; edges 1, 1, 1, 2, 3; de/da = 2, de/db = 1*2 + 1*3 = 5; both modes vertex by vertex."""
    document = explain("olah")
    text = document.text(width=100)
    for line in ("= 2 + 1", "= 3 · 2", "∂e/∂c = 2", "∂e/∂d = 3", "= 1 · 2 + 1 · 3"):
        assert line in text
    table = document.blocks[-2]
    columns = list(zip(*[[cell[0].text for cell in row] for row in table.rows], strict=True))
    assert columns == [tuple("abcde"), tuple("10102"), tuple("01115"), tuple("25231")]
    assert "each of the 5 edges once" in text
