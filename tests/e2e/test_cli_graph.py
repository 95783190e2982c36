"""``chainrule graph``: an expression is drawn and differentiated, and no text is ever run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from chainrule.cli import main
from chainrule.graph.coverage import operations

BOOK = ["graph", "(a+b)*(b+1)", "a=2", "b=1"]


@pytest.fixture
def chainrule(capfd, monkeypatch, tmp_path):
    """A command line in this process: the exit code, what went to stdout, what went to stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(words)
        return int(end.value.code or 0), *capfd.readouterr()

    return run


def of(found: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """A column of a list, by name."""
    return {row["name"]: row[key] for row in found}


# ------------------------------------------------------------------------------------------------------- what it prints


def test_the_graph_of_the_book_is_printed_with_its_numbers(chainrule):
    """The values 2, 1, 3, 2, 6, each value's expression, and the derivatives 1·2 = 2 and 1·2 + 1·3 = 5."""
    code, out, err = chainrule(*BOOK)
    assert (code, err) == (0, "")
    for words in ("a + b", "b + 1", "c * d"):
        assert words in out
    assert re.search(r"∂e/∂a +1·2 = 2 +1 path\n", out)
    assert re.search(r"∂e/∂b +1·2 \+ 1·3 = 5 +2 paths\n", out)
    assert re.search(r"reverse mode from e +5\n", out)


def test_both_sweeps_touch_every_edge_once(chainrule):
    """With --forward there are both counters, and with --steps a line for each edge that is touched."""
    _, out, _ = chainrule(*BOOK, "--forward", "b", "--steps")
    assert re.search(r"reverse mode from e +5\n +forward mode from b +5\n", out)
    assert len(re.findall(r"^ *\d\. \w → \w: ", out, re.MULTILINE)) == 10
    assert "the adjoint of b is 5." in out
    assert "the tangent of e is 5." in out


def test_every_path_is_listed_with_its_product(chainrule):
    """Both paths of b, their sum, its factored form, and what recursion without an order would do."""
    _, out, _ = chainrule(*BOOK, "--paths", "b:e")
    assert re.search(
        r"2 paths from b to e\n +b → c → e +1·2 = 2\n +b → d → e +1·3 = 3\n +sum +5\n +factored +1·2 \+ 1·3", out
    )
    assert chainrule(*BOOK, "--paths", "b")[1] == out
    twice = chainrule("graph", "b = a+a; c = b+b", "a=1", "--paths", "a")[1]
    assert "naive recursion touches edges 6 times and gives 8\n" in twice
    assert "a sweep touches 4 edges once and gives 4\n" in twice


def test_many_paths_are_counted_and_not_listed(chainrule):
    """Of 2^20 paths, the number and the sum are there."""
    chain = "; ".join(["x1 = a+a", *(f"x{k + 1} = x{k}+x{k}" for k in range(1, 20))])
    code, out, _ = chainrule("graph", chain, "a=1", "--paths", "a")
    assert code == 0
    assert "1,048,576 paths from a to x20" in out
    assert re.search(r"sum +1\.04858e\+06", out)
    assert len(out.splitlines()) < 80


def test_a_formula_that_is_too_long_is_left_out(chainrule):
    """Of thousands of edges, the sum and the counts are there."""
    parts = "; ".join(f"b{k} = {'+'.join(['a'] * 300)}" for k in range(8)) + "; " + "+".join(f"b{k}" for k in range(8))
    code, out, _ = chainrule("graph", parts, "a=1", "--paths", "a")
    assert code == 0
    assert re.search(
        r"2,400 paths from a to v\d+\n +sum +2400\n +factored +not written: [\d,]+ edges lie between a and v", out
    )


def test_negative_factors_stand_in_brackets(chainrule):
    """Where there are several."""
    _, out, _ = chainrule("graph", "a*b*2", "a=3", "b=-1")
    assert re.search(r"∂d/∂a +\(−1\)·2 = −2 +1 path\n", out)
    assert re.search(r"∂c/∂a +−1 +1 path\n", chainrule("graph", "a*b", "a=3", "b=-1")[1])


def test_lists_are_vectors_and_matrices(chainrule):
    """The derivative by a vector is one; that of a vector is a matrix, and the sweep is of its sum."""
    _, out, _ = chainrule("graph", "s = sum(sigmoid(w @ x))", "w=[[1,-2],[-1,1]]", "x=[1, -1]")
    assert re.search(r"∂s/∂w +\[\[0\.\d+, −0\.\d+\], \[0\.\d+, −0\.\d+\]\] +1 path\n", out)
    code, out, _ = chainrule("graph", "y = x*x", "x=[1,2,3]")
    assert code == 0
    assert "y has 3 elements: the adjoints are those of their sum." in out
    found = json.loads(chainrule("graph", "y = x*x", "x=[1,2,3]", "--json")[1])
    assert found["derivatives"]["x"] == [[2, 0, 0], [0, 4, 0], [0, 0, 6]]


def test_latex_is_the_chain_rule_of_each_input(chainrule):
    """A line for each input; with --paths, for these two values alone."""
    _, out, _ = chainrule(*BOOK, "--latex")
    assert len(out.splitlines()) == 2
    assert out.splitlines()[1].endswith(r"= 2 \cdot 1 + 3 \cdot 1 = 5")
    _, out, _ = chainrule(*BOOK, "--latex", "--paths", "b:d")
    assert out == "\\frac{\\partial d}{\\partial b} = 1\n"


def test_the_drawing_is_written(chainrule, tmp_path):
    """A whole SVG file with the names of all values; where it is, is said on stderr."""
    code, _, err = chainrule(*BOOK, "--svg", "graph.svg")
    assert code == 0
    assert err.split() == ["drawing", "graph.svg"]
    texts = {"".join(e.itertext()).strip() for e in ET.parse(tmp_path / "graph.svg").iter() if e.tag.endswith("text")}
    assert all(any(name in text for text in texts) for name in "abcde")


def test_json_has_all_of_it(chainrule):
    """Values, adjoints, tangents, edges, derivatives, paths and touches."""
    code, out, err = chainrule(*BOOK, "--json", "--forward", "b", "--paths", "b:e")
    assert (code, err, out.count("\n")) == (0, "", 1)
    found = json.loads(out)
    assert (found["output"], found["value"]) == ("e", 6)
    assert of(found["vertices"], "value") == {"a": 2, "b": 1, "c": 3, "d": 2, "e": 6}
    assert of(found["vertices"], "adjoint") == {"a": 2, "b": 5, "c": 2, "d": 3, "e": 1}
    assert of(found["vertices"], "tangent") == {"a": 0, "b": 1, "c": 1, "d": 1, "e": 5}
    assert [edge["derivative"] for edge in found["edges"]] == [1, 1, 1, 2, 3]
    assert found["derivatives"] == {"a": 2, "b": 5}
    assert found["paths"] == {"a": 1, "b": 2}
    assert found["touches"] == {"reverse": 5, "forward": 5}
    assert [path["through"] for path in found["between"]["paths"]] == [["b", "c", "e"], ["b", "d", "e"]]
    assert found["between"]["sum"] == 5


def test_what_is_not_finite_is_shown_and_said(chainrule):
    """Infinity is a number; of NaN, the value that it comes from is named. JSON has null."""
    code, out, err = chainrule("graph", "log(a) * 2", "a=-1")
    assert (code, "nan" in out) == (0, True)
    assert "warning: b = log(a) is NaN" in err
    for quotient in ("1/a", "a/0"):
        assert json.loads(chainrule("graph", quotient, "a=0", "--json")[1])["value"] is None


def test_the_operations_are_listed_with_what_was_measured(chainrule):
    """A line for each operation that has rules; --json has the same."""
    code, out, _ = chainrule("graph", "--operations")
    assert code == 0
    assert re.search(r"^  np\.tanh +yes +yes +yes +yes$", out, re.MULTILINE)
    listed = {line.split()[0] for line in out.splitlines() if line.startswith("  ")}
    rows = json.loads(chainrule("graph", "--operations", "--json")[1])["operations"]
    assert listed == {row["operation"] for row in rows}
    assert {"np.add", "np.matmul", "np.sum", "np.linalg.det", "np.fft.fft"} <= listed <= set(operations())


# ---------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ([], 2, "there is no expression"),
        (["a=2", "b=1"], 2, "no names that need values"),
        (["1+2"], 2, "no names that need values"),
        (["(a+b)*(b+1)", "a=2"], 2, "b has no value.\nGive one for each name: b=1"),
        (["(a+b)*(b+1)"], 2, "a, b have no value"),
        (["a*b", "a=2", "b=1", "c=3"], 2, "no name 'c' that needs a value"),
        (["price*2", "prise=3"], 2, "Did you mean 'price'"),
        (["a*2", "a=1", "a=2"], 2, "a is given two values"),
        (["a*2", "2"], 2, "'2' gives no value to a name"),
        (["a*2", "a = "], 2, "a = '' is no number and no list"),
        (["a*2", "a=b"], 2, "a = 'b' is no number and no list"),
        (["a*2", "a=[1,[2]]"], 2, "is no number and no list"),
        (["a*", "a=1"], 2, "cannot be read"),
        (["a^2", "a=1"], 2, r"column 1: ^ (a power is **) is not allowed"),
        (["__import__('os').getcwd()", "a=1"], 2, "column 1: this way of calling a function is not allowed"),
        (["open('x')", "a=1"], 2, "there is no function open"),
        (["a+b", "a=[1,2]", "b=[1,2,3]"], 3, "column 1: a+b of shapes (2,) and (3,)"),
        (["a*2", "a=1", "--paths", "a:z"], 2, "there is no value in --paths 'z'"),
        (["a*2", "a=1", "--paths", "a:b:a"], 2, "it takes two names, A:B"),
        (["a*2", "a=1", "--forward", "q"], 2, "there is no value in --forward 'q'"),
        (["a*2", "a=1", "--svg", "nowhere/at/all.svg"], 6, "nowhere"),
        (["a*2", "a=1", "--sgv", "x"], 2, "No such option"),
        (["a" * 10_001, "a=1"], 2, "10,000 are allowed"),
    ],
    ids=lambda x: " ".join(x)[:30] if isinstance(x, list) else "",
)
def test_what_cannot_be_drawn_is_said_in_words(chainrule, words, code, says):
    """With the exit code of its kind, and nothing on stdout."""
    found, out, err = chainrule("graph", *words)
    assert (found, out) == (code, "")
    assert re.sub(r"[\s│]+", " ", says) in re.sub(r"[\s│]+", " ", err)


def test_an_expression_that_begins_with_a_minus_goes_after_two_more(chainrule):
    """As everywhere on a command line."""
    assert json.loads(chainrule("graph", "--json", "--", "-a*b", "a=1", "b=2")[1])["value"] == -2


def test_a_pipe_gets_plain_text():
    """What goes to another program has no colours, and every letter of it can be read."""
    out = subprocess.run(
        [sys.executable, "-m", "chainrule", *BOOK], capture_output=True, check=True, encoding="utf-8"
    ).stdout
    assert "\x1b" not in out
    assert "∂e/∂b" in out
