"""Activation functions: one row each.

A row has the function of z as the networks compute it, its slope (of z and of a = sigma(z), whichever is cheaper; where
none is given it is derived with dual numbers), the interval of its values, and, where the computed form is arranged for
accuracy, the textbook definition that its formula is shown from. A user's own function is a row too:
:func:`activation` makes one of any Python function of NumPy operations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from chainrule.algebra import formula
from chainrule.algebra.dual import derivative, is_elementwise
from chainrule.algebra.special import erf, size, softplus
from chainrule.algebra.symbolic import Expr, leaf
from chainrule.algebra.trial import wrong_slope
from chainrule.choices import nearest
from chainrule.errors import ConfigError
from chainrule.notation import M

INF = math.inf
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # fixed point of Klambauer et al. 2017, appendix A1


@dataclass(frozen=True)
class Activation:
    """One activation function.

    Parameters
    ----------
    name : str
    value : callable
        a = value(z), of NumPy operations, elementwise (softmax alone works on columns).
    slope : callable, optional
        slope(z, a); derived from ``value`` with dual numbers where it is not given.
    range : (float, float)
        The interval of its values.
    definition : callable, optional
        The textbook form, where ``value`` is arranged for accuracy.
    elementwise : bool
        False for softmax, whose error is BPs in place of BP1 and BP2.
    neurons : tuple of Activation
        Each neuron's own, where they differ.
    initial : str
        How the weights into such neurons are drawn, if nothing else is asked for.
    """

    name: str
    value: Callable[[M], M] = field(repr=False)
    slope: Callable[[M, M], M] | None = field(default=None, repr=False)
    range: tuple[float, float] = (-INF, INF)
    definition: Callable[[M], M] | None = field(default=None, repr=False)
    elementwise: bool = True
    neurons: tuple[Activation, ...] = ()
    initial: str = "glorot"

    def __reduce__(self) -> tuple[Any, ...]:
        """A row of the table is copied and pickled by its name, any other by its parts."""
        if ACTIVATIONS.get(self.name) == self:
            return activation, (self.name,)
        if self.neurons:
            return per_neuron, (self.neurons,)
        return Activation, tuple(getattr(self, f.name) for f in fields(self))

    def __call__(self, z: M) -> M:
        """The activations, in z's shape."""
        return self.value(z)

    def prime(self, z: M, a: M) -> M:
        """The slopes at z, in z's shape and dtype; a is value(z)."""
        found = derivative(self.value, z) if self.slope is None else self.slope(z, a)
        if isinstance(z, np.ndarray) and z.dtype != object:
            return np.broadcast_to(found, z.shape).astype(z.dtype)
        return found

    @property
    def latex(self) -> str:
        """Its formula in LaTeX, computed by running its definition on a symbol."""
        return self._by_neuron("latex") or formula.of_function(
            self.definition or self.value, _symbols("z"), self.name, "latex"
        )

    @property
    def text(self) -> str:
        """Its formula in one line of Unicode, computed likewise."""
        return self._by_neuron("text") or formula.of_function(
            self.definition or self.value, _symbols("z"), self.name, "text"
        )

    @property
    def slope_latex(self) -> str:
        """The formula of its slope in z and a, computed likewise."""
        value = self.definition or self.value
        slope = (lambda z, a: derivative(value, z)) if self.slope is None else self.slope
        name = f"{self.name}_slope"
        return self._by_neuron("slope_latex") or formula.of_function(slope, _symbols("z", "a"), name, "latex")

    def _by_neuron(self, style: str) -> str:
        """Each formula with the neurons that have it; nothing where all have the same."""
        rows = [(getattr(row, style), _listed(members)) for row, members in _groups(self.neurons)]
        if style == "text":
            return "; ".join(f"{written} ({members})" for written, members in rows)
        cases = r" \\ ".join(rf"{written} & \text{{{members}}}" for written, members in rows)
        return rf"\begin{{cases}} {cases} \end{{cases}}" if rows else ""


def _symbols(*letters: str) -> list[Expr]:
    return [leaf(letter, scalar=True) for letter in letters]


def _groups(rows: Sequence[Activation]) -> list[tuple[Activation, list[int]]]:
    """Each different row with the neurons that have it."""
    return [(row, [j for j, r in enumerate(rows) if r == row]) for row in dict.fromkeys(rows)]


def _listed(members: Sequence[int]) -> str:
    """The neurons in words; of many, the first."""
    if len(members) == 1:
        return f"neuron {members[0]}"
    more = f" and {len(members) - 6} more" if len(members) > 6 else ""
    return f"neurons {', '.join(map(str, members[:6]))}{more}"


def _logistic(z: M) -> M:
    """1/(1 + e^-z): exact at both ends, since e^-z only overflows where the quotient is 0 to working precision."""
    return 1 / (1 + np.exp(-z))


def _softmax(z: M) -> M:
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


def _softmax_definition(z: M) -> M:
    return np.exp(z) / np.exp(z).sum(axis=0, keepdims=True)


def _gelu_slope(z: M, _a: M) -> M:
    return 0.5 * (1 + erf(z / math.sqrt(2))) + z * (np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi))


def _gelu_tanh(z: M) -> M:
    return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z)))


def _gelu_tanh_slope(z: M, _a: M) -> M:
    t = np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z))
    return 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z * z)


def _silu_slope(z: M, a: M) -> M:
    s = _logistic(z)
    return s + a * (1 - s)


def _mish_slope(z: M, _a: M) -> M:
    t = np.tanh(softplus(z))
    return t + z * (1 - t * t) * _logistic(z)


def _elu(z: M) -> M:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


ROWS = (
    Activation("identity", lambda z: z, lambda z, a: 1.0),
    Activation("sigmoid", _logistic, lambda z, a: a * (1 - a), (0, 1), initial="small"),
    Activation("tanh", np.tanh, lambda z, a: 1 - a * a, (-1, 1)),
    Activation("relu", lambda z: np.maximum(z, 0), lambda z, a: z > 0, (0, INF), initial="he"),
    Activation("leaky_relu", lambda z: np.maximum(z, 0.01 * z), lambda z, a: np.where(z > 0, 1.0, 0.01), initial="he"),
    Activation("elu", _elu, lambda z, a: np.where(z > 0, 1.0, a + 1), (-1, INF),
               lambda z: np.where(z > 0, z, np.exp(z) - 1), initial="he"),
    Activation("selu", lambda z: SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0))),
               lambda z, a: np.where(z > 0, SELU_SCALE, a + SELU_SCALE * SELU_ALPHA), (-SELU_SCALE * SELU_ALPHA, INF),
               lambda z: SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * (np.exp(z) - 1)), initial="lecun"),
    Activation("softplus", softplus, lambda z, a: _logistic(z), (0, INF), lambda z: np.log(1 + np.exp(z)), initial="he"),
    Activation("softsign", lambda z: z / (1 + size(z)), lambda z, a: 1 / ((1 + size(z)) * (1 + size(z))), (-1, 1),
               lambda z: z / (1 + np.abs(z))),
    Activation("gelu", lambda z: 0.5 * z * (1 + erf(z / math.sqrt(2))), _gelu_slope, (-0.17, INF), initial="he"),
    Activation("gelu_tanh", _gelu_tanh, _gelu_tanh_slope, (-0.1701, INF), initial="he"),
    Activation("silu", lambda z: z * _logistic(z), _silu_slope, (-0.2785, INF), lambda z: z / (1 + np.exp(-z)),
               initial="he"),
    Activation("mish", lambda z: z * np.tanh(softplus(z)), _mish_slope, (-0.3089, INF),
               lambda z: z * np.tanh(np.log(1 + np.exp(z))), initial="he"),
    Activation("hard_tanh", lambda z: np.minimum(np.maximum(z, -1), 1), lambda z, a: (z > -1) * (z < 1), (-1, 1)),
    Activation("sine", np.sin, lambda z, a: np.cos(z), (-1, 1)),
    Activation("exponential", np.exp, lambda z, a: a, (0, INF)),
    Activation("softmax", _softmax, lambda z, a: a * (1 - a), (0, 1), _softmax_definition, elementwise=False),
)  # fmt: skip
ACTIVATIONS: dict[str, Activation] = {row.name: row for row in ROWS}


def activation(spec: Any, *, slope: Callable[[M, M], M] | None = None) -> Activation:
    """The activation that a name, a row, a function of NumPy operations, or one of these per neuron stands for.

    Parameters
    ----------
    spec : str, Activation, callable, or sequence of these
        A sequence gives every neuron of the layer its own.
    slope : callable, optional
        slope(z, a) of a function; derived with dual numbers where it is not given.

    Raises
    ------
    ConfigError
        The name is unknown, or the function is not elementwise or has no derivative rule.

    Examples
    --------
    >>> import numpy as np
    >>> bent = activation(lambda z: z / np.sqrt(1 + z * z))
    >>> bent.prime(np.array([0.0]), bent(np.array([0.0])))
    array([1.])
    """
    if isinstance(spec, Activation):
        return spec
    if isinstance(spec, str):
        return nearest(ACTIVATIONS, spec, "activation")
    if callable(spec):
        return _own(spec, slope)
    if isinstance(spec, Sequence):
        return per_neuron([activation(s) for s in spec])
    raise ConfigError(f"an activation is a name, a function, or a list with one for each neuron; got {spec!r}")


def _own(function: Callable[[M], M], slope: Callable[[M, M], M] | None) -> Activation:
    """A user's function, tried on a few numbers first so that a mistake shows at once."""
    name = getattr(function, "__name__", type(function).__name__)
    row = Activation(name, function, slope)
    z = np.array([[-0.7, 0.3, 2.4], [0.1, 1.2, -0.2], [0.4, -1.9, -3.1]])
    try:
        with np.errstate(all="ignore"):
            a = np.asarray(row(z))
            slopes = row.prime(z, a)
    except (TypeError, ValueError, NotImplementedError, AttributeError) as error:
        raise ConfigError(
            f"the activation {name} could not be differentiated: {error}.\nA function of NumPy operations is "
            "differentiated with dual numbers; of any other, give its derivative too: activation(f, slope=...)."
        ) from error
    if a.shape != z.shape or a.dtype == object:
        raise ConfigError(
            f"the activation {name} gave shape {a.shape}, dtype {a.dtype}, for z of shape {z.shape}, dtype {z.dtype}.\n"
            "An activation works on each neuron by itself, so its result is numbers in the shape of z."
        )
    if not is_elementwise(row, z):
        raise ConfigError(
            f"the activation {name} gives a neuron another value alone than beside others.\nAn activation works on each "
            "neuron by itself; 'softmax' is the one that does not."
        )
    if found := wrong_slope(row, z, slopes):
        remedy = (
            "It takes steps that dual numbers cannot follow. Give its derivative: activation(f, slope=...)."
            if slope is None
            else "Mend slope(z, a). If it is meant to differ, say so with a row: Activation(name, f, slope)."
        )
        raise ConfigError(
            f"the activation {name} has the slope {found[1]:.6g} at z = {found[0]:g}, but there its values rise by "
            f"{found[2]:.6g} (central difference).\n{remedy}"
        )
    return row


def per_neuron(rows: Sequence[Activation]) -> Activation:
    """The activation of a layer whose neurons have their own: neuron j has ``rows[j]``."""
    columns = [r.name for r in rows if not r.elementwise]
    if columns:
        raise ConfigError(f"{columns[0]} works on a whole layer, so a single neuron cannot have it")
    groups = _groups(rows)
    if len(groups) == 1:
        return rows[0]
    back = np.argsort([j for _, members in groups for j in members])

    def value(z: M) -> M:
        return np.concatenate([row(z[members]) for row, members in groups])[back]

    def slope(z: M, a: M) -> M:
        return np.concatenate([row.prime(z[members], a[members]) for row, members in groups])[back]

    name = "+".join(f"{len(members)} {row.name}" for row, members in groups)
    low, high = (f(r.range[i] for r in rows) for i, f in enumerate((min, max)))
    return Activation(name, value, slope, (low, high), neurons=tuple(rows))
