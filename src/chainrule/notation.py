"""The notation: every letter with its LaTeX, its word and its shape; and what an equation is.

A parameter name of an equation is a schema. ``a_prev`` is the symbol ``a`` of the layer before, ``w_next`` the symbol ``w``
of the layer after; ``_prev`` and ``_next`` mean nothing else. ``theta`` stands for one parameter (``w`` or ``b``), and the
letters of an optimizer (``nabla``, ``v``, ``s``) for what belongs to that parameter.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from chainrule.algebra import formula
from chainrule.algebra.symbolic import Expr, function_symbol, leaf

M = Any  # whatever an equation runs on: arrays, complex arrays, duals, fractions, symbols, graph nodes

LAYER, RUN, PARAMETER = "layer", "run", "parameter"  # what a symbol has one value for


@dataclass(frozen=True)
class Symbol:
    """One letter: its name in code, LaTeX and text with ``{l}`` for the layer, its word, its shape, what it belongs to."""

    name: str
    latex: str
    text: str
    word: str
    shape: str = "()"
    per: str = RUN
    arity: int = 0  # of a function: how many of its operands are written

    @property
    def is_scalar(self) -> bool:
        """Whether it is one number."""
        return self.shape == "()"


class Key(NamedTuple):
    """Where a value is kept: a symbol's name and a layer (0 where one value serves the whole run)."""

    symbol: str
    layer: int


LEGEND: dict[str, Symbol] = {
    s.name: s
    for s in (
        Symbol("w", "w^{{{l}}}", "w{l}", "weights into layer l", "(n^l, n^{l-1})", LAYER),
        Symbol("b", "b^{{{l}}}", "b{l}", "biases", "(n^l, 1)", LAYER),
        Symbol("z", "z^{{{l}}}", "z{l}", "weighted inputs", "(n^l, m)", LAYER),
        Symbol("a", "a^{{{l}}}", "a{l}", "activations", "(n^l, m)", LAYER),
        Symbol("y", "y", "y", "desired outputs", "(n^L, m)"),
        Symbol("sigma", r"\sigma", "σ", "activation function", "", LAYER, arity=1),
        Symbol("sigma_prime", r"\sigma'(z^{{{l}}})", "σ′(z{l})", "slopes of the activation function", "(n^l, m)", LAYER),
        Symbol("nabla_a", r"\nabla_{{a^{{{l}}}}} C", "∇a{l} C", "derivatives dC/da", "(n^l, m)", LAYER),
        Symbol("delta", r"\delta^{{{l}}}", "δ{l}", "errors dC/dz", "(n^l, m)", LAYER),
        Symbol("nabla_w", r"\nabla_{{w^{{{l}}}}} C", "∇w{l} C", "gradient of the weights, summed over the batch",
               "(n^l, n^{l-1})", LAYER),
        Symbol("nabla_b", r"\nabla_{{b^{{{l}}}}} C", "∇b{l} C", "gradient of the biases, summed over the batch",
               "(n^l, 1)", LAYER),
        Symbol("cost", r"\mathcal{{C}}", "𝒞", "cost function", "", arity=2),
        Symbol("cost_x", "C_x", "Cₓ", "cost of each example", "(1, m)"),
        Symbol("weight", r"\omega", "ω", "example weights", "(1, m)"),
        Symbol("mask", r"r^{{{l}}}", "r{l}", "dropout mask: 0, or 1/(1 - p)", "(n^l, m)", LAYER),
        Symbol("noise", r"\xi", "ξ", "input noise", "(n^1, m)"),
        Symbol("eta", r"\eta", "η", "learning rate", "()", LAYER),
        Symbol("lmbda", r"\lambda", "λ", "penalty", "()"),
        Symbol("m", "m", "m", "mini-batch size (the sum of example weights)", "()"),
        Symbol("n", "n", "n", "training-set size", "()"),
        Symbol("t", "t", "t", "number of this update, from 1", "()"),
        Symbol("theta", r"\theta", "θ", "one parameter: w or b", "like w, b", PARAMETER),
        Symbol("nabla", r"\nabla_\theta C", "∇C", "its gradient, summed over the batch", "like w, b", PARAMETER),
        Symbol("penalty", r"\mathcal{{R}}'", "ℛ′", "slope of the penalty", "", arity=1),
        Symbol("v", "v", "v", "velocity, or first moment", "like w, b", PARAMETER),
        Symbol("s", "s", "s", "running square of the gradient", "like w, b", PARAMETER),
        Symbol("free", "f", "f", "1 where a parameter may change, 0 where it is held", "like w, b", PARAMETER),
        Symbol("held", "h", "h", "the value of a held parameter, 0 elsewhere", "like w, b", PARAMETER),
        Symbol("norm2", r"|\nabla C|^2", "|∇C|²", "squared length of the whole gradient", "()"),
        Symbol("mu", r"\mu", "μ", "momentum coefficient", "()"),
        Symbol("rho", r"\rho", "ρ", "decay of the running square", "()"),
        Symbol("beta_1", r"\beta_1", "β₁", "decay of the first moment", "()"),
        Symbol("beta_2", r"\beta_2", "β₂", "decay of the second moment", "()"),
        Symbol("epsilon", r"\epsilon", "ε", "keeps a quotient finite", "()"),
        Symbol("decay", r"\kappa", "κ", "weight decay, apart from the gradient", "()"),
        Symbol("clip", "c", "c", "bound of the gradient", "()"),
        Symbol("radius", "r", "r", "bound of a neuron's incoming weights", "()"),
    )
}  # fmt: skip

_SHIFTS = {"_prev": -1, "_next": 1}


class Operand(NamedTuple):
    """What a parameter name means: a symbol, and the layer relative to the equation's."""

    symbol: Symbol
    shift: int

    def key(self, layer: int, of: str = "") -> Key:
        """Where its value is kept, for an equation at this layer (of this parameter)."""
        name = self.symbol.name
        if self.symbol.per == PARAMETER:
            return Key(of if name == "theta" else f"{name}_{of}", layer)
        return Key(name, layer + self.shift if self.symbol.per == LAYER else 0)

    def expr(self) -> Any:
        """The symbol itself, for formulas."""
        s, level = self.symbol, {-1: "l-1", 0: "l", 1: "l+1"}[self.shift]
        latex = s.latex.format(l=level)
        text = s.text.format(l={"l-1": "ˡ⁻¹", "l": "ˡ", "l+1": "ˡ⁺¹"}[level])
        if s.arity:
            return _FunctionSymbol(latex, text, s.arity)
        return leaf(s.name, latex=latex, text=text, scalar=s.is_scalar)


class _FunctionSymbol:
    """A function in a formula: ``sigma(z)``, and ``sigma.prime(z, a)``, which is written sigma'(z)."""

    def __init__(self, latex: str, text: str, arity: int) -> None:
        self._arity = arity
        self._call = function_symbol(latex, text)
        self._prime = function_symbol(latex + "'", text + "′")

    def __call__(self, *args: Expr) -> Expr:
        return self._call(*args)

    from_z = __call__

    def prime(self, *args: Expr) -> Expr:
        """The slope, written with the operands that count."""
        """The slope of the function."""
        return self._prime(*args[: self._arity])


def operand(parameter: str) -> Operand:
    """What a parameter name of an equation means.

    >>> operand("w_next").symbol.word, operand("w_next").shift
    ('weights into layer l', 1)
    """
    for suffix, shift in _SHIFTS.items():
        if parameter.endswith(suffix):
            return Operand(LEGEND[parameter.removesuffix(suffix)], shift)
    return Operand(LEGEND[parameter], 0)


@dataclass(frozen=True)
class Equation:
    """A named equation: a function of operators only, what it reads (its parameters) and what it writes.

    Calling it runs the function, on whatever it is given.
    """

    name: str
    writes: str
    function: Callable[..., M] = field(repr=False)

    def __call__(self, *args: M) -> M:
        """Run it."""
        return self.function(*args)

    @cached_property
    def reads(self) -> tuple[Operand, ...]:
        """Its operands, in the order of its parameters."""
        return tuple(operand(p) for p in inspect.signature(self.function).parameters)

    @property
    def updates(self) -> bool:
        """Whether it gives a new value to a symbol that it reads."""
        return any(o.symbol.name == self.writes and o.shift == 0 for o in self.reads)

    @property
    def sentence(self) -> str:
        """What it says, in one sentence."""
        return (self.function.__doc__ or "").strip().splitlines()[0]

    @cached_property
    def expr(self) -> Any:
        """Its right-hand side: the function run on symbols."""
        return self.function(*(o.expr() for o in self.reads))

    @property
    def latex(self) -> str:
        """The formula in LaTeX, computed by running the equation on symbols."""
        sign = r"\leftarrow" if self.updates else "="
        return f"{formula.latex(operand(self.writes).expr())} {sign} {formula.latex(self.expr)}"

    @property
    def text(self) -> str:
        """The formula in one line of Unicode, computed likewise."""
        sign = "←" if self.updates else "="
        return f"{formula.text(operand(self.writes).expr())} {sign} {formula.text(self.expr)}"

    @property
    def where(self) -> tuple[str, int]:
        """The file and the line that it stands in."""
        _, line = inspect.getsourcelines(self.function)
        return inspect.getsourcefile(self.function) or "", line

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"


EQUATIONS: dict[str, Equation] = {}


def equation(name: str, *, writes: str) -> Callable[[Callable[..., M]], Equation]:
    """Make a function the equation of this name; ``writes`` is the symbol that its result is."""

    def register(function: Callable[..., M]) -> Equation:
        if name in EQUATIONS:
            raise ValueError(f"two equations are named {name}: {EQUATIONS[name].function} and {function}")
        EQUATIONS[name] = Equation(name, writes, function)
        return EQUATIONS[name]

    return register
