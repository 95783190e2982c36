"""Formulas from expression trees: LaTeX for papers and pages, Unicode text for terminals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.algebra.special import erf
from chainrule.algebra.symbolic import Expr

# What a function may raise that needs numbers and gets symbols.
UNTRACEABLE = (TypeError, ValueError, AttributeError, NotImplementedError, IndexError, RecursionError)

# How tightly an operation binds. A matrix product stands in brackets beside the elementwise one, as in the book.
_SUM, _MATMUL, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4, 5


@dataclass(frozen=True)
class Form:
    """How one operation is written: LaTeX, text, how tightly it binds, and how tightly each operand must."""

    latex: str
    text: str
    binds: int
    needs: tuple[int, ...]


def _named(latex: str, text: str) -> Form:
    return Form(latex + r"\left({0}\right)", text + "({0})", _ATOM, (0,))


def _infix(latex: str, text: str, binds: int, left: int, right: int) -> Form:
    return Form("{0} " + latex + " {1}", "{0} " + text + " {1}", binds, (left, right))


FORMS: dict[Any, Form] = {
    np.add: _infix("+", "+", _SUM, _SUM, _SUM),
    np.subtract: _infix("-", "-", _SUM, _SUM, _MATMUL),
    np.multiply: _infix(r"\odot", "⊙", _PRODUCT, _PRODUCT, _PRODUCT),
    "scale": Form(r"{0} \, {1}", "{0} {1}", _PRODUCT, (_PRODUCT, _PRODUCT)),
    np.divide: Form(r"\frac{{{0}}}{{{1}}}", "{0}/{1}", _PRODUCT, (_PRODUCT, _POWER)),
    np.matmul: Form("{0} {1}", "{0} {1}", _MATMUL, (_MATMUL, _POWER)),
    np.negative: Form("-{0}", "-{0}", _SUM, (_MATMUL,)),
    np.power: Form("{0}^{{{1}}}", "{0}^{1}", _POWER, (_ATOM, _ATOM)),
    np.square: Form("{0}^{{2}}", "{0}²", _POWER, (_ATOM,)),
    np.sqrt: Form(r"\sqrt{{{0}}}", "√({0})", _ATOM, (0,)),
    np.exp: Form("e^{{{0}}}", "e^({0})", _POWER, (0,)),
    np.expm1: Form("e^{{{0}}} - 1", "e^({0}) - 1", _SUM, (0,)),
    np.log: _named(r"\ln", "ln"),
    np.log1p: Form(r"\ln\left(1 + {0}\right)", "ln(1 + {0})", _ATOM, (_SUM,)),
    np.logaddexp: Form(r"\ln\left(e^{{{0}}} + e^{{{1}}}\right)", "ln(e^({0}) + e^({1}))", _ATOM, (0, 0)),
    np.tanh: _named(r"\tanh", "tanh"),
    np.cosh: _named(r"\cosh", "cosh"),
    np.sinh: _named(r"\sinh", "sinh"),
    np.sin: _named(r"\sin", "sin"),
    np.cos: _named(r"\cos", "cos"),
    np.sign: _named(r"\operatorname{{sign}}", "sign"),
    erf: _named(r"\operatorname{{erf}}", "erf"),
    np.absolute: Form(r"\left|{0}\right|", "|{0}|", _ATOM, (0,)),
    np.maximum: Form(r"\max\left({0}, {1}\right)", "max({0}, {1})", _ATOM, (0, 0)),
    np.minimum: Form(r"\min\left({0}, {1}\right)", "min({0}, {1})", _ATOM, (0, 0)),
    np.greater: Form(r"[{0} > {1}]", "[{0} > {1}]", _ATOM, (0, 0)),
    np.less: Form(r"[{0} < {1}]", "[{0} < {1}]", _ATOM, (0, 0)),
    np.greater_equal: Form(r"[{0} \ge {1}]", "[{0} ≥ {1}]", _ATOM, (0, 0)),
    np.less_equal: Form(r"[{0} \le {1}]", "[{0} ≤ {1}]", _ATOM, (0, 0)),
    "T": Form("{0}^{{T}}", "{0}ᵀ", _POWER, (_ATOM,)),
    "where": Form(
        r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}",
        "({1} if {0} else {2})",
        _ATOM,
        (0, 0, 0),
    ),
    ("sum", 0): Form(r"\sum_{{j}} {0}", "Σⱼ {0}", _MATMUL, (_MATMUL,)),
    ("sum", 1): Form(r"\sum_{{x}} {0}", "Σₓ {0}", _MATMUL, (_MATMUL,)),
    ("sum", None): Form(r"\sum {0}", "Σ {0}", _MATMUL, (_MATMUL,)),
    ("max", 0): Form(r"\max_{{j}} {0}", "maxⱼ {0}", _MATMUL, (_MATMUL,)),
}


def latex(expr: Any) -> str:
    """The formula in LaTeX."""
    return _write(expr, 0, "latex")


def text(expr: Any) -> str:
    """The formula in one line of Unicode."""
    return _write(expr, 0, "text")


def of_function(f: Callable[..., Any], symbols: Sequence[Expr], name: str, style: str) -> str:
    """The formula of a function; of one that does not run on symbols, its name, such as ``bent(z)``."""
    with suppress(*UNTRACEABLE):
        found = f(*symbols)
        if isinstance(found, Expr | int | float):
            return _write(found, 0, style)
    latex, text = _operator(name, "latex"), _operator(name, "text")
    return _write(Expr("call", tuple(symbols), latex=latex, text=text), 0, style)


def _write(x: Any, need: int, style: str) -> str:
    """An operand, in brackets where it binds less tightly than its place needs."""
    if not isinstance(x, Expr):
        return _number(x)
    if x.head == "leaf":
        return _bracketed(x.info[style], style) if need == _ATOM and "^" in x.info["latex"] else str(x.info[style])
    if x.head == "call":
        inner = ", ".join(_write(arg, 0, style) for arg in x.args)
        return f"{x.info[style]}({inner})"
    if x.head == "where" and style == "latex":
        return _cases(*x.args)
    if x.head is np.power and not isinstance(x.args[1], Expr) and x.args[1] == 2:
        x = Expr(np.square, x.args[:1])
    form = _form(x)
    needs = (0,) * len(form.needs) if _draws_its_own_brackets(x, style) else form.needs
    written = getattr(form, style).format(*(_write(a, n, style) for a, n in zip(x.args, needs, strict=True)))
    return _bracketed(written, style) if form.binds < need else written


_OPPOSITE = {np.greater: r"\le", np.less: r"\ge", np.greater_equal: "<", np.less_equal: ">"}


def _cases(condition: Any, x: Any, y: Any) -> str:
    """A choice in LaTeX, with both conditions where it is a comparison."""
    first, second = latex(condition), r"\text{otherwise}"
    if isinstance(condition, Expr) and condition.head in _OPPOSITE:
        first = first.removeprefix("[").removesuffix("]")
        second = f"{latex(condition.args[0])} {_OPPOSITE[condition.head]} {latex(condition.args[1])}"
    return rf"\begin{{cases}} {latex(x)} & {first} \\ {latex(y)} & {second} \end{{cases}}"


def _form(x: Expr) -> Form:
    """The row of FORMS for this node, or the form that it brings; an operation without either is written by its name."""
    if "form" in x.info:
        own: Form = x.info["form"]
        return own
    if x.head == "reduce":
        ufunc = x.info["ufunc"]
        name = {np.add: "sum", np.maximum: "max", np.minimum: "min"}.get(ufunc, ufunc.__name__)
        return FORMS.get((name, x.info["axis"])) or _by_name(name, 1)
    if x.head is np.maximum and isinstance(x.args[1], Expr) and x.args[1].head is np.negative:
        return (
            Form(FORMS[np.absolute].latex, FORMS[np.absolute].text, _ATOM, (0, 0)) if _is_minus(*x.args) else FORMS[x.head]
        )
    if x.head is np.multiply and any(not isinstance(a, Expr) or a.scalar for a in x.args):
        return FORMS["scale"]
    if x.head is np.power and not isinstance(x.args[1], Expr) and x.args[1] == 0.5:
        return Form(FORMS[np.sqrt].latex, FORMS[np.sqrt].text, _ATOM, (0, 0))
    return FORMS.get(x.head) or _by_name(x.head.__name__, len(x.args))


def _by_name(name: str, operands: int) -> Form:
    """The form of an operation that is written as its name and its operands."""
    places = ", ".join(f"{{{i}}}" for i in range(operands))
    latex, text = (_operator(name, style).replace("{", "{{").replace("}", "}}") for style in ("latex", "text"))
    return Form(rf"{latex}\left({places}\right)", f"{text}({places})", _ATOM, (0,) * operands)


def _operator(name: str, style: str) -> str:
    """A function's name in a formula; f stands for one without a name that can be written, such as a lambda."""
    name = name.split(" ", maxsplit=1)[0]
    plain = name if name.isidentifier() else "f"
    return rf"\operatorname{{{plain.replace('_', chr(92) + '_')}}}" if style == "latex" else plain


def _is_minus(x: Expr, minus: Expr) -> bool:
    """Whether max(x, minus) is |x|: the second operand is the first one's negative."""
    return text(minus.args[0]) == text(x)


def _draws_its_own_brackets(x: Expr, style: str) -> bool:
    """A LaTeX fraction groups its operands by its bar."""
    return x.head is np.divide and style == "latex"


def _bracketed(inner: str, style: str) -> str:
    return rf"\left({inner}\right)" if style == "latex" else f"({inner})"


def _number(x: Any) -> str:
    """A plain number as people write it."""
    return f"{x:g}" if isinstance(x, int | float) else str(x)
