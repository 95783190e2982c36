"""Expressions: what is allowed is computed and differentiated, and everything else is refused in words."""

from __future__ import annotations

import ast
import math
import re
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule import ACTIVATIONS, ChainruleError, ConfigError, ShapeError
from chainrule.graph import grad
from chainrule.graph.check import check_grads
from chainrule.graph.expression import LONGEST, parse
from chainrule.graph.grammar import FUNCTIONS
from chainrule.graph.look import trace

# ---------------------------------------------------------------------------------------------------------- its value


@pytest.mark.parametrize(
    ("text", "values", "result"),
    [
        ("(a+b)*(b+1)", {"a": 2, "b": 1}, 6),
        ("c = a+b; d = b+1; e = c*d", {"a": 2, "b": 1}, 6),
        ("c = a + b\nd = b + 1\n\nc * d;", {"a": 2, "b": 1}, 6),
        ("2**-1 + -3**2", {}, -8.5),
        ("-x ** 2", {"x": 3}, -9),
        ("2 ** 3 ** 2", {}, 512),
        ("1/2/2 - 1 - 1", {}, -1.75),
        ("+a - -a", {"a": 2}, 4),
        ("1e3 + .5 + 1_000 + 0x10", {}, 2016.5),
        ("α * β_1", {"α": 2, "β_1": 3}, 6),
        ("max(a, b, 0) + min(a, b)", {"a": -1, "b": 5}, 4),
        ("max([1, x, 3]) - min([1, x, 3])", {"x": 7}, 6),
        ("sum(x * x) / mean(x)", {"x": [1, 2, 3]}, 7),
        ("dot(x, [1, 2])", {"x": [3, 4]}, 11),
        ("sum([[1, 2], [3, 4]] @ x)", {"x": [1, -1]}, -2),
        ("relu(x) + abs(x) + sqrt(x * x)", {"x": -2}, 4),
        ("sigmoid(0) + exp(0) + log(1) + sin(0) + cos(0) + tan(0) + tanh(0)", {}, 2.5),
        ("\tx ", {"x": 1.5}, 1.5),
    ],
)
def test_an_expression_has_the_value_that_it_has_on_paper(text, values, result):
    """By name or in order, with numbers and lists."""
    e = parse(text)
    assert set(e.names) == set(values)
    assert float(e(**values)) == pytest.approx(result, abs=1e-15)
    assert float(e(*(values[name] for name in e.names))) == pytest.approx(result, abs=1e-15)


def test_names_come_in_the_order_in_which_they_are_met():
    """Those that are given values in the expression are no inputs."""
    e = parse("c = b - a; a * c + z")
    assert (e.names, e.assigned) == (("b", "a", "z"), ("c",))


def test_what_is_not_finite_is_a_result_and_no_error():
    """As in NumPy, without its warnings."""
    assert math.isinf(parse("1/0")())
    assert math.isinf(parse("9**9**9")())
    assert math.isnan(parse("log(-1)")())
    assert math.isinf(parse("1e999")())


# ------------------------------------------------------------------------------------------------------ its derivative


def test_the_graph_of_an_expression_has_its_names():
    """Assigned values are vertices of these names: c = 3, d = 2 and e = 6 with the derivatives of the book."""
    graph = trace(parse("c = a+b; d = b+1; e = c*d"), 2, 1, names=["a", "b"])
    assert [v.name for v in graph.vertices] == ["a", "b", "c", "d", "e"]
    assert graph.reverse().values == {"a": 2, "b": 5, "c": 2, "d": 3, "e": 1}


def test_values_without_a_name_have_the_letters_that_follow():
    """Of a and b they are c, d and e, as in the book; where some have names, or letters run out, they are numbered."""
    assert [v.name for v in trace(parse("(a+b)*(b+1)"), 2, 1, names=["a", "b"]).vertices] == ["a", "b", "c", "d", "e"]
    assert [v.name for v in trace(parse("d = a*a; d*2*3"), 2, names=["a"]).vertices] == ["a", "d", "v1", "v2"]
    assert [v.name for v in trace(parse("(x+y)*(y+1)"), 2, 1, names=["x", "y"]).vertices] == ["x", "y", "v1", "v2", "v3"]
    assert [v.name for v in trace(parse("price*2"), 1, names=["price"]).vertices] == ["price", "v1"]


def test_a_value_that_is_used_twice_is_one_vertex():
    """The graph of b = a + a, c = b + b has four edges, and dc/da is 4."""
    graph = trace(parse("b = a + a; c = b + b"), 1, names=["a"])
    assert (len(graph.vertices), len(graph.edges)) == (3, 4)
    assert graph.reverse().values["a"] == 4


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_its_derivatives(name):
    """Both modes to second order agree with differences."""
    if name == "dot":
        check_grads(parse("dot(x, x * y)"), np.array([0.3, 0.7]), np.array([0.5, -0.2]))
    elif name in {"max", "min"}:
        check_grads(parse(f"{name}(x * x, y) + {name}([x, y])"), np.float64(0.3), np.float64(0.7))
    elif name in {"sum", "mean"}:
        check_grads(parse(f"{name}(x * x)"), np.array([0.3, 0.7]))
    else:
        check_grads(parse(f"{name}(x)"), np.array([0.31, 0.72]))


def test_an_activation_is_one_vertex():
    """Every activation that works on each neuron by itself is there, by its name in the tables."""
    for row in ACTIVATIONS.values():
        if row.elementwise:
            graph = trace(parse(f"y = {row.name}(x)"), 0.5, names=["x"])
            assert [v.name for v in graph.vertices] == ["x", "y"], row.name
            assert float(graph.output.value) == pytest.approx(float(row(np.array([0.5]))[0]), abs=1e-16)


def test_elements_of_a_list_can_be_expressions():
    """[a, b * b] is a vector that derivatives go through."""
    assert [float(g) for g in grad(parse("sum([a, b*b] * [3, 4])"), (0, 1))(1.0, 2.0)] == [3, 16]


# ---------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the expression is empty"),
        (" ; \n", "the expression is empty"),
        ("a +", "column [1-4]: 'a \\+' cannot be read"),
        ("c = a; a + * b", "column 12: 'a \\+ \\* b' cannot be read"),
        ("a & b", "column 1: & is not allowed"),
        ("a + b ^ 2", r"column 1: \^ \(a power is \*\*\) is not allowed"),
        ("a + (b < 2)", "column 6: a comparison is not allowed"),
        ("a.b", "column 1: a dot between names is not allowed"),
        ("1 + x[0]", "column 5: an index is not allowed"),
        ("'text' * 3", "column 1: text is not allowed"),
        ("f'{x}'", "column 1: text is not allowed"),
        ("2j", "a complex number is not allowed"),
        ("True", "True is not allowed"),
        ("...", "Ellipsis is not allowed"),
        ("lambda: 1", "lambda is not allowed"),
        ("(a := 1)", "column 2: := is not allowed"),
        ("a if b else c", "if is not allowed"),
        ("a and b", "and, or is not allowed"),
        ("not a", "not is not allowed"),
        ("a, b", "a comma outside of a list is not allowed"),
        ("[]", "an empty list is not allowed"),
        ("[x for x in y]", "a ListComp is not allowed"),
        ("{a}", "a Set is not allowed"),
        ("max(*a)", "column 5: a Starred is not allowed"),
        ("sum(x, axis=0)", "this way of calling a function is not allowed"),
        ("sin(cos)(x)", "this way of calling a function is not allowed"),
        ("__import__('os')", "there is no function __import__"),
        ("sn(x)", "column 1: there is no function sn.\nDid you mean 'sin'"),
        ("a + cosinus(x)", "column 5: there is no function cosinus"),
        ("sin", r"column 1: sin is a function: sin\(...\)"),
        ("sin()", "sin takes 1 operand, not 0"),
        ("dot(a)", "dot takes 2 operands, not 1"),
        ("max()", "max takes 1 to 100 operands, not 0"),
        ("sin = 2; sin", "column 1: sin has a meaning already"),
        ("a; b", "column 1: the value of this part is not used"),
        ("c = a; c = b", "c has a value already"),
        ("c = d; d = 1", "d is used before it is given a value"),
        ("c = c", "c is used before it is given a value"),
        ("if = 3", "column 1: if has a meaning already"),
        ("é * ü & 2", "column 1: & is not allowed"),
        ("ééé + x.y", "column 7: a dot between names"),
        ("9" * 400, "column 1: this number is too large"),
        ("9" * 5000, "cannot be read"),
        ("(" * 500 + "a" + ")" * 500, "cannot be read: too many nested parentheses"),
        ("-" * 9000 + "a", "too long, or nested too deeply"),
        ("+".join(["a"] * 4000), "too long, or nested too deeply"),
        ("a" * (LONGEST + 1), "has 10,001 characters; 10,000 are allowed"),
        ("a\0b", "cannot be read"),
        ("\ud800", "too long, or nested too deeply|cannot be read"),
        ("await x", "a Await is not allowed"),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_column(text, says):
    """No part of it is run."""
    with pytest.raises(ConfigError, match=f"(?s){says}"):
        parse(text)


def test_the_message_has_the_functions_that_there_are():
    """All of them, where one is not known."""
    with pytest.raises(ConfigError) as error:
        parse("foo(x)")
    assert all(name in str(error.value) for name in FUNCTIONS)


@pytest.mark.parametrize(
    ("values", "kind", "says"),
    [
        ({"a": 1}, ConfigError, "b has no value.\nGive one for each name: b=1"),
        ({}, ConfigError, "a, b have no value.\nGive one for each name: a=1 b=1"),
        ({"a": 1, "b": 2, "c": 3}, ConfigError, "no name 'c' that needs a value. It has a, b"),
        ({"a": "one", "b": 2}, ConfigError, "a = 'one': a value is a number, or a list"),
        ({"a": [1, [2]], "b": 2}, ConfigError, "a value is a number, or a list"),
        ({"a": None, "b": 2}, ConfigError, "a value is a number, or a list"),
        ({"a": [1, 2], "b": [1, 2, 3]}, ShapeError, r"column 1: a \+ b of shapes \(2,\) and \(3,\)"),
    ],
)
def test_values_that_do_not_fit_are_refused(values, kind, says):
    """What is missing, unknown or of another shape is named."""
    with pytest.raises(kind, match=re.escape(says) if kind is ConfigError else says):
        parse("a + b")(**values)


def test_too_many_values_are_refused():
    """The message has both numbers."""
    with pytest.raises(ConfigError, match="3 values were given, but the expression has 2 names"):
        parse("a + b")(1, 2, 3)


def test_ragged_and_deep_lists_are_refused():
    """Lists are vectors and matrices."""
    for text in ("[1, [2, 3]]", "[[1], [2, 3]]", "[[[1]]]", "[1, 2] + [1, 2, 3]", "dot([1, 2], [1, 2, 3])"):
        with pytest.raises(ShapeError, match="column 1"):
            parse(text)()


# -------------------------------------------------------------------------------------------------------------- fuzz

TOKENS = [
    *("a", "b", "x", "1", "2.5", "+", "-", "*", "/", "**", "@", "(", ")", "[", "]", ",", ";", "=", "\n", " ", "sin", "max"),
    *("sum", "dot", "mean", ".", "'", "lambda", ":", "if", "else", "__class__", "\0", "é", "\\", "#"),
]


@given(st.lists(st.sampled_from(TOKENS), max_size=30).map("".join) | st.text(max_size=60) | st.text(string.printable))
def test_nothing_but_an_error_of_ours_comes_out_of_any_text(text):
    """A text is an expression or a ConfigError; with values for its names, it is a number or an error of ours."""
    try:
        e = parse(text)
    except ConfigError:
        return
    for values in ([0.5] * len(e.names), [np.ones(3)] * len(e.names), [np.ones((2, 3))] * len(e.names)):
        try:
            e(*values)
        except ChainruleError:
            continue


def test_no_syntax_of_python_is_let_through_that_is_not_in_the_tables():
    """Of all kinds of expression that Python has, six are allowed."""
    allowed, refused = {"a", "1", "a + 1", "-a", "[1]", "sin(a)"}, {
        "a < b", "a.b", "a[0]", "f'{a}'", "lambda: a", "a if b else c", "a and b", "{1: 2}", "{1}", "[a for a in b]",
        "{a for a in b}", "{a: b for a in c}", "(a for a in b)", "(a, b)", "(yield)", "(await a)", "(a := b)",
        "(yield from a)", "sin(*a)", "a[1:2]",
    }  # fmt: skip
    known = {type(node) for text in allowed | refused for node in ast.walk(ast.parse(text, mode="eval"))}
    assert {kind for kind in ast.expr.__subclasses__() if kind.__name__ not in {"TemplateStr", "Interpolation"}} <= known
    for text in allowed:
        parse(text)
    for text in refused:
        with pytest.raises(ConfigError, match="is not allowed"):
            parse(text)
