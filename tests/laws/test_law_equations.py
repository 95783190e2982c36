"""Laws of the equations: what holds for every one, on every kind of operand."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from law_helpers import ROWS, STEP, all_equations, evaluate, is_function, layer_of, operand_value, operands

from chainrule.activations import Activation
from chainrule.algebra import formula
from chainrule.algebra.dual import Dual, tangent_of, value_of
from chainrule.algebra.symbolic import Expr, leaf
from chainrule.costs import PENALTIES, Cost, Penalty
from chainrule.notation import EQUATIONS, LEGEND, Equation, operand

EACH = pytest.mark.parametrize("e", all_equations(), ids=lambda e: e.name)


def source(e: Equation) -> ast.FunctionDef:
    """The equation's function as Python parses it."""
    (found,) = ast.parse(textwrap.dedent(inspect.getsource(e.function))).body
    assert isinstance(found, ast.FunctionDef)
    return found


def uses_numpy(e: Equation) -> bool:
    """Whether the equation calls NumPy by name: such functions compare numbers, which single symbols cannot."""
    return any(isinstance(node, ast.Name) and node.id == "np" for node in ast.walk(source(e)))


OPERATORS_ONLY = [e for e in all_equations() if not uses_numpy(e)]


# ------------------------------------------------------------------------------------------------ how it is written


def test_names_are_unique_and_the_book_s_are_there() -> None:
    """Every equation has a name of its own, and the book's four are among them."""
    functions = [e.function for e in all_equations()]
    assert len(set(functions)) == len(functions) == len(EQUATIONS)
    assert all(name == e.name for name, e in EQUATIONS.items())
    assert {"FP1", "FP2", "BP1", "BP2", "BP3", "BP4"} <= set(EQUATIONS)
    assert len({e.function.__name__ for e in all_equations()}) == len(EQUATIONS)


@EACH
def test_parameters_are_letters_of_the_legend(e: Equation) -> None:
    """Each parameter is a letter of the legend, of the layer before or after where its name says so."""
    assert e.writes in LEGEND
    for name in inspect.signature(e.function).parameters:
        assert operand(name).symbol.name == re.sub("_(prev|next)$", "", name)
    assert len(e.reads) == len(inspect.signature(e.function).parameters) > 0


@EACH
def test_body_is_one_return_of_operators(e: Equation) -> None:
    """The function is a docstring and one return, with no branch, loop, index or lambda in it."""
    body = source(e).body
    assert len(body) == 2
    assert isinstance(body[1], ast.Return)
    allowed = (ast.Return, ast.BinOp, ast.UnaryOp, ast.Call, ast.Attribute, ast.Name, ast.Constant, ast.keyword)
    allowed = (*allowed, ast.operator, ast.unaryop, ast.expr_context)
    assert all(isinstance(node, allowed) for node in ast.walk(body[1]))


@EACH
def test_docstring_is_one_sentence(e: Equation) -> None:
    """The docstring is one sentence on one line, and is what the equation says of itself."""
    doc = (e.function.__doc__ or "").strip()
    assert "\n" not in doc
    assert re.fullmatch(r"[A-Z].*[^.]\.", doc)
    assert not re.search(r"[.!?] [A-Z]", doc)
    assert e.sentence == doc


@EACH
def test_place_in_the_source_is_where_the_function_stands(e: Equation) -> None:
    """The file and line that an equation gives are those of its decorator."""
    file, line = e.where
    with open(file, encoding="utf-8") as f:  # noqa: PTH123
        assert f.readlines()[line - 1].startswith(f'@equation("{e.name}"')


# -------------------------------------------------------------------------------------------------- what it runs on


@EACH
def test_runs_on_arrays_of_the_legend_s_shapes(e: Equation) -> None:
    """On operands of the shapes in the legend, the result has the shape that the legend gives to what it writes."""
    result = e(*operands(e))
    like = operand_value(operand(e.writes), layer_of(e), np.random.default_rng())
    assert np.shape(result) == np.shape(like)
    assert np.isfinite(result).all()


def moved(e: Equation, make: Any) -> list[Any]:
    """The operands, each array and number moved along a random direction by ``make(value, direction)``."""
    rng = np.random.default_rng(1)
    return [x if is_function(x) else make(x, rng.standard_normal(np.shape(x))[()]) for x in operands(e)]


@EACH
def test_runs_on_complex_arrays(e: Equation) -> None:
    """On complex arrays with no imaginary part the result is the real one."""
    result = e(*[x if is_function(x) else x + 0j for x in operands(e)])
    assert np.iscomplexobj(result)
    np.testing.assert_allclose(result.real, e(*operands(e)), rtol=1e-14, atol=1e-14)
    np.testing.assert_array_equal(result.imag, 0)


@EACH
def test_dual_numbers_give_the_derivative_of_the_complex_step(e: Equation) -> None:
    """On dual numbers the value is the real one, and the tangent is the derivative along the operands' tangents."""
    result = e(*moved(e, Dual))
    np.testing.assert_allclose(value_of(result), e(*operands(e)), rtol=1e-13)
    if e.name == "LT":  # the sign of a complex number turns with it: the complex step does not see that sign is constant
        derivative = moved(e, lambda x, dx: dx)[0] - moved(e, lambda x, dx: dx)[1] * np.sign(lion_direction(e))
    else:
        derivative = e(*moved(e, lambda x, dx: x + 1j * STEP * dx)).imag / STEP
    np.testing.assert_allclose(
        np.broadcast_to(tangent_of(result), np.shape(derivative)), derivative, rtol=1e-12, atol=1e-12
    )


def lion_direction(e: Equation) -> np.ndarray:
    """What LT takes the sign of."""
    _, _, beta_1, v, nabla, m = operands(e)
    return beta_1 * v + (1 - beta_1) * (nabla / m)


def fraction_rows() -> dict[str, Any]:
    """A sigma, a cost and a penalty that are exact on fractions."""
    return {
        "sigma": Activation("square", lambda z: z * z - z, lambda z, a: 2 * z - 1),
        "cost": Cost("square", lambda a, y: (a - y) * (a - y), partner_value=lambda z, y: z * (z - y)),
        "penalty": Penalty("square", lambda w: w * w, lambda w: 2 * w),
    }


def as_fractions(x: Any) -> Any:
    """Small fractions in the place of an operand's numbers."""
    if is_function(x) or isinstance(x, int):
        return x
    if isinstance(x, float):
        return Fraction(str(x))
    return np.vectorize(lambda v: Fraction(v).limit_denominator(9), otypes=[object])(x)


# Each as a sum over scalars, the way it is said in the book; j, k and x count neurons, neurons before, and examples.
BY_HAND: dict[str, Any] = {
    "FP1": lambda w, a, b, j, x: sum(w[j, k] * a[k, x] for k in range(len(a))) + b[j, 0],
    "FP1o": lambda w, a, j, x: sum(w[j, k] * a[k, x] for k in range(len(a))),
    "FP2": lambda sigma, z, j, x: z[j, x] * z[j, x] - z[j, x],
    "SP": lambda sigma, z, a, j, x: 2 * z[j, x] - 1,
    "C": lambda cost, a, y, j, x: sum((a[i, x] - y[i, x]) ** 2 for i in range(len(a))),
    "Cz": lambda cost, z, y, j, x: sum(z[i, x] * (z[i, x] - y[i, x]) for i in range(len(z))),
    "NA": lambda cost, a, y, j, x: 2 * (a[j, x] - y[j, x]),
    "BP1": lambda nabla, prime, j, x: nabla[j, x] * prime[j, x],
    "BP1c": lambda a, y, j, x: a[j, x] - y[j, x],
    "BP2": lambda w, d, prime, j, x: sum(w[i, j] * d[i, x] for i in range(len(d))) * prime[j, x],
    "BPa": lambda w, d, j, x: sum(w[i, j] * d[i, x] for i in range(len(d))),
    "BPs": lambda a, nabla, j, x: a[j, x] * (nabla[j, x] - sum(a[i, x] * nabla[i, x] for i in range(len(a)))),
    "BP3": lambda d, j, _: sum(d[j, x] for x in range(d.shape[1])),
    "BP4": lambda a, d, j, k: sum(a[k, x] * d[j, x] for x in range(d.shape[1])),
    "GD": lambda theta, eta, m, nabla, j, k: theta[j, k] - eta * nabla[j, k] / m,
    "EW": lambda d, weight, j, x: d[j, x] * weight[0, x],
    "CW": lambda c, weight, j, x: c[0, x] * weight[0, x],
    "IN": lambda a, noise, j, x: a[j, x] + noise[j, x],
    "DO": lambda a, mask, j, x: a[j, x] * mask[j, x],
    "DOp": lambda prime, mask, j, x: prime[j, x] * mask[j, x],
    "PG": lambda nabla, m, n, lmbda, penalty, theta, j, k: nabla[j, k] + m * lmbda / n * 2 * theta[j, k],
    "MV": lambda v, mu, eta, m, nabla, j, k: mu * v[j, k] - eta * nabla[j, k] / m,
    "MT": lambda theta, v, j, k: theta[j, k] + v[j, k],
    "NT": lambda theta, mu, v, eta, m, nabla, j, k: theta[j, k] + (mu * v[j, k] - eta * nabla[j, k] / m),
    "AGS": lambda s, nabla, m, j, k: s[j, k] + nabla[j, k] * nabla[j, k] / (m * m),
    "RMS": lambda s, rho, nabla, m, j, k: rho * s[j, k] + (1 - rho) * nabla[j, k] ** 2 / m**2,
    "AM": lambda v, beta_1, nabla, m, j, k: beta_1 * v[j, k] + (1 - beta_1) * nabla[j, k] / m,
    "AS": lambda s, beta_2, nabla, m, j, k: beta_2 * s[j, k] + (1 - beta_2) * nabla[j, k] ** 2 / m**2,
    "WD": lambda theta, eta, decay, j, k: theta[j, k] - eta * decay * theta[j, k],
    "LT": lambda theta, eta, beta, v, nabla, m, j, k: (
        theta[j, k] - (eta if beta * v[j, k] + (1 - beta) * nabla[j, k] / m > 0 else -eta)
    ),
    "LV": lambda v, beta_2, nabla, m, j, k: beta_2 * v[j, k] + (1 - beta_2) * nabla[j, k] / m,
    "GN": lambda norm2, nabla, m, *_: norm2 + sum((g / m) ** 2 for g in nabla.flat),
    "CV": lambda nabla, clip, m, j, k: sorted([-clip * m, nabla[j, k], clip * m])[1],
    "FG": lambda nabla, free, j, k: nabla[j, k] * free[j, k],
    "FT": lambda theta, free, held, j, k: theta[j, k] * free[j, k] + held[j, k],
}
ROOTS = {"RT", "AT", "CN", "MN"}  # a square root leaves the fractions


def test_every_equation_is_done_by_hand_or_has_a_root() -> None:
    """No equation is left out of the exact test but those with a square root."""
    assert set(BY_HAND) | ROOTS == set(EQUATIONS)
    assert not set(BY_HAND) & ROOTS


@pytest.mark.parametrize("name", BY_HAND)
def test_exact_fractions_equal_the_sums_done_by_hand(name: str) -> None:
    """On fractions each component is exactly the sum over scalars."""
    e = EQUATIONS[name]
    args = [as_fractions(x) for x in operands(e, **fraction_rows())]
    result = np.asarray(e(*args))
    assert all(isinstance(x, Fraction) for x in result.flat)
    for index in np.ndindex(*result.shape):
        assert result[index] == BY_HAND[name](*args, *(index or (0, 0)))


@pytest.mark.parametrize("name", sorted(ROOTS))
def test_equations_with_roots_run_on_fractions_to_working_precision(name: str) -> None:
    """An equation with a square root runs on fractions too, and gives the floating-point numbers."""
    e = EQUATIONS[name]
    args = [as_fractions(x) for x in operands(e)]
    as_floats = [x if is_function(x) else np.asarray(x, float) for x in args]
    np.testing.assert_allclose(np.asarray(e(*args), float), e(*as_floats), rtol=1e-14)


# ----------------------------------------------------------------------------------------------------------- symbols


@EACH
def test_formula_is_computed_and_evaluates_to_the_equation(e: Equation) -> None:
    """The tree that LaTeX and text are printed from has, on arrays, the value of the function."""
    args = operands(e)
    values = {o.expr().info["text"]: x for o, x in zip(e.reads, args, strict=True) if not is_function(x)}
    rows = ROWS | {o.symbol.name: x for o, x in zip(e.reads, args, strict=True)}
    calls = {
        "σ": rows["sigma"], "σ′": lambda z: rows["sigma"].prime(z, values["aˡ"]), "ℛ′": rows["penalty"],
        "𝒞": rows["cost"].from_z if e.name == "Cz" else rows["cost"], "𝒞′": rows["cost"].prime,
    }  # fmt: skip
    found = values["σ′(zˡ)"] if isinstance(e.expr, str) else evaluate(e.expr, lambda x: values[x.info["text"]], calls)
    np.testing.assert_allclose(found, e(*args), rtol=1e-13)
    assert e.text.endswith(formula.text(e.expr))
    assert e.latex.endswith(formula.latex(e.expr))
    assert e.latex.count("{") == e.latex.count("}")


def symbols(name: str, x: Any) -> Any:
    """An array of symbols, one for each component."""
    if is_function(x):
        return x
    if not isinstance(x, np.ndarray):
        return leaf((name, ()), scalar=True)
    found = np.empty(x.shape, object)
    for index in np.ndindex(*x.shape):
        found[index] = leaf((name, index), scalar=True)
    return found


@pytest.mark.parametrize("e", OPERATORS_ONLY, ids=lambda e: e.name)
def test_arrays_of_symbols_give_the_formula_of_each_component(e: Equation) -> None:
    """On arrays of symbols each component is a formula, whose value is that component of the result on arrays."""
    args = operands(e, penalty=PENALTIES["l2"])
    named = dict(zip(inspect.signature(e.function).parameters, args, strict=True))
    result = np.asarray(e(*(symbols(name, x) for name, x in named.items())), object)
    expected = np.asarray(e(*args))
    assert result.shape == expected.shape
    for index in np.ndindex(*result.shape):
        found = evaluate(result[index], lambda x: np.asarray(named[x.info["name"][0]])[x.info["name"][1]])
        np.testing.assert_allclose(found, expected[index], rtol=1e-13, atol=1e-15)


def test_bp4_of_one_example_is_the_product_of_two_symbols() -> None:
    """With one example, component (j, k) of BP4 is delta_j times a_k and nothing else."""
    a, delta = np.empty((3, 1), object), np.empty((2, 1), object)
    a[:, 0], delta[:, 0] = [leaf(f"a{k}", scalar=True) for k in range(3)], [leaf(f"d{j}", scalar=True) for j in range(2)]
    result = EQUATIONS["BP4"](a, delta)
    assert [[formula.text(x) for x in row] for row in result] == [[f"d{j} a{k}" for k in range(3)] for j in range(2)]
    assert all(isinstance(x, Expr) and x.head is np.multiply for x in result.flat)


PRINTED = {
    "FP1": (r"z^{l} = w^{l} a^{l-1} + b^{l}", "zˡ = wˡ aˡ⁻¹ + bˡ"),
    "FP2": (r"a^{l} = \sigma(z^{l})", "aˡ = σ(zˡ)"),
    "BP1": (r"\delta^{l} = \nabla_{a^{l}} C \odot \sigma'(z^{l})", "δˡ = ∇aˡ C ⊙ σ′(zˡ)"),
    "BP2": (
        r"\delta^{l} = \left(\left(w^{l+1}\right)^{T} \delta^{l+1}\right) \odot \sigma'(z^{l})",
        "δˡ = ((wˡ⁺¹)ᵀ δˡ⁺¹) ⊙ σ′(zˡ)",
    ),
    "BP3": (r"\nabla_{b^{l}} C = \sum_{x} \delta^{l}", "∇bˡ C = Σₓ δˡ"),
    "BP4": (r"\nabla_{w^{l}} C = \delta^{l} \left(a^{l-1}\right)^{T}", "∇wˡ C = δˡ (aˡ⁻¹)ᵀ"),
    "GD": (r"\theta \leftarrow \theta - \frac{\eta}{m} \, \nabla_\theta C", "θ ← θ - η/m ∇C"),
}


@pytest.mark.parametrize("name", PRINTED)
def test_printed_formula_is_the_book_s(name: str) -> None:
    """LaTeX and text of the book's equations are in the book's form, character for character."""
    assert (EQUATIONS[name].latex, EQUATIONS[name].text) == PRINTED[name]
