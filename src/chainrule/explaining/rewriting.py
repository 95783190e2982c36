"""Expression trees put in order, as a person would write them. What is equal stays equal; each rule is a row or two."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chainrule.activations import SELU_ALPHA, SELU_SCALE
from chainrule.algebra import formula
from chainrule.algebra.symbolic import Expr, leaf

CONSTANTS = {  # numbers that have a name: as they are computed, in LaTeX, in text
    math.sqrt(2): (r"\sqrt{2}", "√(2)"),
    math.sqrt(2 / math.pi): (r"\sqrt{2/\pi}", "√(2/π)"),
    math.sqrt(2 * math.pi): (r"\sqrt{2\pi}", "√(2 π)"),
    0.5 * math.sqrt(2 / math.pi): (r"\frac{1}{\sqrt{2\pi}}", "1/√(2 π)"),
    SELU_ALPHA: (r"\alpha", "α"),
    SELU_SCALE: (r"\beta", "β"),
    SELU_SCALE * SELU_ALPHA: (r"\alpha \beta", "α β"),
}
VALUES = {"π": math.pi, "α": SELU_ALPHA, "β": SELU_SCALE}  # of the letters in these


def tidy(x: Any, *, together: bool = False) -> Any:
    """The same, as a person would write it: signs in front, numbers together, squares as squares.

    ``together`` also makes each product one quotient, as a derivative that a program has found needs it.
    """
    return _finished(_ordered(x, together))


def _ordered(x: Any, together: bool) -> Any:
    if isinstance(x, np.generic):
        x = x.item()
    if isinstance(x, float) and x == round(x) and abs(x) < 1e6:
        return int(x)
    if not isinstance(x, Expr) or not x.args:
        return x
    found = _tidied(_with(x, tuple(_ordered(arg, together) for arg in x.args)))
    product = together and isinstance(found, Expr) and found.head in {np.multiply, np.divide, np.negative}
    return collected(found) if product else found


def _finished(x: Any) -> Any:
    """The same with each number printed so that it reads back as itself."""
    if isinstance(x, float):
        return _exact(x)
    return _with(x, tuple(map(_finished, x.args))) if isinstance(x, Expr) and x.args else x


def _tidied(x: Any) -> Any:
    """One node whose operands are in order."""
    rule = _RULES.get(x.head) if isinstance(x, Expr) else None
    found = rule(x, *x.args) if rule else None
    return x if found is None else found


def _with(x: Expr, args: tuple[Any, ...]) -> Expr:
    return Expr(x.head, args, scalar=x.scalar, **x.info)


def _exact(x: float) -> Any:
    """A number by its name, or with as many digits as it needs."""
    if x in CONSTANTS:
        latex, text = CONSTANTS[x]
        return leaf("constant", latex=latex, text=text, scalar=True)
    return x if float(f"{x:g}") == x else leaf("constant", latex=repr(x), text=repr(x), scalar=True)


def same(x: Any, y: Any) -> bool:
    """Whether two trees are written alike."""
    return formula.text(x) == formula.text(y)


def _is_number(x: Any) -> bool:
    return isinstance(x, int | float)


def _minus(x: Any) -> Any:
    """The operand of a negative; None of anything else."""
    if _is_number(x) and x < 0:
        return -x
    return x.args[0] if isinstance(x, Expr) and x.head is np.negative else None


def negative(x: Any) -> Any:
    """The negative of a tree in order."""
    if _is_number(x):
        return -x
    if x.head is np.negative:
        return x.args[0]
    if x.head is np.subtract:
        return Expr(np.subtract, x.args[::-1], scalar=x.scalar)
    return Expr(np.negative, (x,), scalar=x.scalar)


def _product(node: Expr, x: Any, y: Any) -> Any:
    """A product: signs and numbers in front, with one over y a quotient, of a thing with itself a square."""
    for one, other, swapped in ((x, y, False), (y, x, True)):
        minus = _minus(one)
        if minus is not None:
            return negative(_tidied(_with(node, (other, minus) if swapped else (minus, other))))
    if _is_number(x) and _is_number(y):
        return _ordered(x * y, False)
    if node.head is np.multiply:
        return _multiplied(node, x, y)
    return None


def _multiplied(node: Expr, x: Any, y: Any) -> Any:
    if _is_number(y):
        return _tidied(_with(node, (y, x)))
    if _is_number(x) and x == 1:
        return y
    if _is_number(x) and isinstance(y, Expr) and y.head is np.multiply and _is_number(y.args[0]):
        return _tidied(_with(node, (_ordered(x * y.args[0], False), y.args[1])))
    if isinstance(y, Expr) and y.head is np.divide and _is_number(y.args[0]) and y.args[0] == 1:
        return Expr(np.divide, (x, y.args[1]), scalar=node.scalar)
    if isinstance(x, Expr) and isinstance(y, Expr) and same(x, y):
        return Expr(np.square, (x,), scalar=node.scalar)
    return None


def _sum(node: Expr, x: Any, y: Any) -> Any:
    first, second = _minus(x), _minus(y)
    if second is not None:
        return _tidied(Expr(np.subtract, (x, second), scalar=node.scalar))
    if first is not None:
        return Expr(np.subtract, (y, first), scalar=node.scalar)
    return _tidied(Expr(np.multiply, (2, x), scalar=node.scalar)) if same(x, y) else None


def _difference(node: Expr, x: Any, y: Any) -> Any:
    first, second = _minus(x), _minus(y)
    if second is not None:
        return _tidied(Expr(np.add, (x, second), scalar=node.scalar))
    if first is not None and not _is_number(x):
        return negative(Expr(np.add, (first, y), scalar=node.scalar))
    return None


def _quotient(node: Expr, x: Any, y: Any) -> Any:
    minus = _minus(x)
    return negative(_with(node, (minus, y))) if minus is not None else x if _is_number(y) and y == 1 else None


def _power(node: Expr, x: Any, n: Any) -> Any:
    if _is_number(n) and n == 1:
        return x
    return _square(Expr(np.square, (x,), scalar=node.scalar), x) if _is_number(n) and n == 2 else None


def _square(node: Expr, x: Any) -> Any:
    minus = _minus(x)
    return node if minus is None else Expr(np.square, (minus,), scalar=node.scalar)


def _odd(node: Expr, x: Any) -> Any:
    minus = _minus(x)
    return None if minus is None else negative(_with(node, (minus,)))


def _constant(_: Expr, n: Any) -> Any:
    """The root of a number that is a whole one."""
    return math.isqrt(n) if isinstance(n, int) and n >= 0 and math.isqrt(n) ** 2 == n else None


def collected(x: Expr) -> Any:
    """A product as one quotient: its number, then what is multiplied, over what divides."""
    product = _factors(x)
    number, over = _reduced(product.number, product.under)
    above, below = _cancelled(product.above, product.below)
    top = _chain([abs(number), *above] if abs(number) != 1 or not above else above)
    bottom = _chain([over, *below] if over != 1 or not below else below)
    found = top if _is_number(bottom) and bottom == 1 else Expr(np.divide, (top, bottom), scalar=x.scalar)
    return negative(found) if number < 0 else found


class _Product(NamedTuple):
    """number above / (under below)."""

    number: float
    under: float
    above: list[Any]
    below: list[Any]


def _factors(x: Any) -> _Product:
    """What is multiplied in a tree, and what divides."""
    if _is_number(x):
        return _Product(x, 1, [], [])
    if x.head is np.negative:
        inner = _factors(x.args[0])
        return inner._replace(number=-inner.number)
    times = 2 if x.head is np.square else x.args[1] if x.head is np.power else 0
    if isinstance(times, int) and 0 < times < 9:
        return _Product(1, 1, [x.args[0]] * times, [])
    if x.head not in {np.multiply, np.divide}:
        return _Product(1, 1, [x], [])
    p, q = map(_factors, x.args)
    if x.head is np.divide:
        q = _Product(q.under, q.number, q.below, q.above)
    return _Product(p.number * q.number, p.under * q.under, p.above + q.above, p.below + q.below)


def _reduced(number: float, under: float) -> tuple[float, float]:
    """A quotient of numbers: of whole ones in lowest terms, of others as one number."""
    if isinstance(number, int) and isinstance(under, int):
        shared = math.gcd(number, under) * (1 if under > 0 else -1)
        return number // shared, under // shared
    return (number, under) if under in CONSTANTS else (_ordered(number / under, False), 1)


def _cancelled(above: list[Any], below: list[Any]) -> tuple[list[Any], list[Any]]:
    """The factors above and below, without those that stand on both sides, as powers."""
    texts = [formula.text(f) for f in above], [formula.text(f) for f in below]
    every = dict(zip(texts[0] + texts[1], above + below, strict=True))
    found: tuple[list[Any], list[Any]] = ([], [])
    for text, base in every.items():
        n = texts[0].count(text) - texts[1].count(text)
        found[n < 0].extend(_power_of(base, abs(n)))
    return found


def _power_of(base: Any, n: int) -> list[Any]:
    """A factor n times; a root twice is what it is the root of."""
    if n > 1 and _is_root(base):
        return [*_power_of(base.args[0], n // 2), *[base] * (n % 2)]
    powers = {0: [], 1: [base], 2: [Expr(np.square, (base,), scalar=base.scalar)]}
    return powers[n] if n in powers else [base**n]


def _is_root(x: Any) -> bool:
    return isinstance(x, Expr) and (x.head is np.sqrt or (x.head is np.power and x.args[1] == 0.5))


def _chain(factors: list[Any]) -> Any:
    found = factors[0]
    for factor in factors[1:]:
        found = found * factor
    return found


_RULES: dict[Any, Callable[..., Any]] = {
    np.multiply: _product,
    np.matmul: _product,
    "dot": _product,
    np.add: _sum,
    np.subtract: _difference,
    np.divide: _quotient,
    np.power: _power,
    np.square: _square,
    np.negative: lambda node, x: negative(x),
    np.positive: lambda node, x: x,
    "reduce": lambda node, x: _odd(node, x) if node.info["ufunc"] is np.add else None,
    "sum": _odd,
    np.sign: _odd,
    np.tanh: _odd,
    np.sin: _odd,
    np.sqrt: _constant,
}
