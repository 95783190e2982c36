"""``scipy.special``: slopes of ufuncs, by name, and what its Python functions are written in terms of.

Nothing imports this module but the first ufunc of a traced value that is not NumPy's: SciPy is loaded by then. A slope is
made of functions that have slopes themselves, so that it can be differentiated again; an order (n, v), or a shape parameter
that no closed form differentiates by, has None.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special as sc

from chainrule.graph.rules import special_parts as parts
from chainrule.graph.rules.elementwise import Slope, elementwise
from chainrule.graph.special import SUMS
from chainrule.graph.table import CONSTANT, OPERATIONS
from chainrule.graph.tracing import Operation

ROOT_PI = math.sqrt(math.pi)
DEGREE = math.pi / 180

SLOPES: dict[str, tuple[Slope | None, ...]] = {
    # Logistic functions, and those of NumPy under other names.
    "expit": (lambda x, y: y * sc.expit(-x),),
    "logit": (lambda x, y: 1 / (x * (1 - x)),),
    "log_expit": (lambda x, y: sc.expit(-x),),
    "exp2": (lambda x, y: math.log(2.0) * y,),
    "exp10": (lambda x, y: math.log(10.0) * y,),
    "expm1": (lambda x, y: y + 1,),
    "log1p": (lambda x, y: 1 / (1 + x),),
    "cbrt": (lambda x, y: 1 / (3 * y * y),),
    "cosm1": (lambda x, y: -np.sin(x),),
    "powm1": (lambda a, b, y: b * np.power(a, b - 1), lambda a, b, y: np.log(a) * (y + 1)),
    "sindg": (lambda x, y: DEGREE * sc.cosdg(x),),
    "cosdg": (lambda x, y: -DEGREE * sc.sindg(x),),
    "tandg": (lambda x, y: DEGREE * (1 + y * y),),
    "cotdg": (lambda x, y: -DEGREE * (1 + y * y),),
    "radian": (lambda d, m, s, y: DEGREE, lambda d, m, s, y: DEGREE / 60, lambda d, m, s, y: DEGREE / 3600),
    "wrightomega": (lambda x, y: y / (1 + y),),
    # The error function and its kin; the normal distribution.
    "erf": (lambda x, y: 2 / ROOT_PI * np.exp(-x * x),),
    "erfc": (lambda x, y: -2 / ROOT_PI * np.exp(-x * x),),
    "erfcx": (lambda x, y: 2 * x * y - 2 / ROOT_PI,),
    "erfi": (lambda x, y: 2 / ROOT_PI * np.exp(x * x),),
    "erfinv": (lambda x, y: ROOT_PI / 2 * np.exp(y * y),),
    "erfcinv": (lambda x, y: -ROOT_PI / 2 * np.exp(y * y),),
    "dawsn": (lambda x, y: 1 - 2 * x * y,),
    "wofz": (lambda x, y: 2j / ROOT_PI - 2 * x * y,),
    "ndtr": (lambda x, y: parts.normal_density(x),),
    "log_ndtr": (lambda x, y: parts.log_normal_slope(x),),
    "ndtri": (lambda x, y: 1 / parts.normal_density(y),),
    "ndtri_exp": (lambda x, y: np.exp(x) / parts.normal_density(y),),
    "owens_t": (
        lambda h, a, y: -0.5 * parts.normal_density(h) * sc.erf(h * a / math.sqrt(2.0)),
        lambda h, a, y: np.exp(-h * h * (1 + a * a) / 2) / (2 * math.pi * (1 + a * a)),
    ),
    # The gamma function and its kin; their distributions.
    "gamma": (lambda x, y: y * sc.psi(x),),
    "gammaln": (lambda x, y: sc.psi(x),),
    "loggamma": (lambda x, y: sc.psi(x),),
    "psi": (lambda x, y: POLYGAMMA(1, x),),
    "rgamma": (lambda x, y: parts.rgamma_slope(x),),
    "beta": (lambda a, b, y: y * (sc.psi(a) - sc.psi(a + b)), lambda a, b, y: y * (sc.psi(b) - sc.psi(a + b))),
    "betaln": (lambda a, b, y: sc.psi(a) - sc.psi(a + b), lambda a, b, y: sc.psi(b) - sc.psi(a + b)),
    "binom": (
        lambda n, k, y: y * (sc.psi(n + 1) - sc.psi(n - k + 1)),
        lambda n, k, y: y * (sc.psi(n - k + 1) - sc.psi(k + 1)),
    ),
    "poch": (lambda z, m, y: y * (sc.psi(z + m) - sc.psi(z)), lambda z, m, y: y * sc.psi(z + m)),
    "gammainc": (None, parts.gamma_density),
    "gammaincc": (None, lambda a, x, y: -parts.gamma_density(a, x, y)),
    "gammaincinv": (None, lambda a, x, y: 1 / parts.gamma_density(a, y, y)),
    "gammainccinv": (None, lambda a, x, y: -1 / parts.gamma_density(a, y, y)),
    "betainc": (None, None, parts.beta_density),
    "betaincc": (None, None, lambda a, b, x, y: -parts.beta_density(a, b, x, y)),
    "betaincinv": (None, None, lambda a, b, x, y: 1 / parts.beta_density(a, b, y, y)),
    "betainccinv": (None, None, lambda a, b, x, y: -1 / parts.beta_density(a, b, y, y)),
    "chdtr": (None, lambda v, x, y: 0.5 * parts.gamma_density(0.5 * v, 0.5 * x, y)),
    "chdtrc": (None, lambda v, x, y: -0.5 * parts.gamma_density(0.5 * v, 0.5 * x, y)),
    "stdtr": (None, parts.student_density),
    "stdtrit": (None, lambda v, x, y: 1 / parts.student_density(v, y, y)),
    # Entropies, robust losses, transformations to normality.
    "xlogy": (lambda a, b, y: np.log(b), lambda a, b, y: a / np.where((a != 0) | (b != 0), b, 1.0)),
    "xlog1py": (lambda a, b, y: np.log1p(b), lambda a, b, y: a / np.where((a != 0) | (b != -1), 1 + b, 1.0)),
    "entr": (lambda x, y: -1 - np.log(x),),
    "rel_entr": (lambda a, b, y: 1 + np.log(a / b), lambda a, b, y: -a / b),
    "kl_div": (lambda a, b, y: np.log(a / b), lambda a, b, y: 1 - a / b),
    "huber": (
        lambda d, x, y: np.maximum(np.abs(x) - d, 0.0),
        lambda d, x, y: np.minimum(np.maximum(x, -d), d),
    ),
    "pseudo_huber": (
        lambda d, x, y: (2 * y - x * x / np.sqrt(1 + (x / d) ** 2)) / d,
        lambda d, x, y: x / np.sqrt(1 + (x / d) ** 2),
    ),
    "boxcox": (lambda x, m, y: x ** (m - 1), lambda x, m, y: parts.power_by_exponent(np.log(x), m)),
    "boxcox1p": (lambda x, m, y: (1 + x) ** (m - 1), lambda x, m, y: parts.power_by_exponent(np.log1p(x), m)),
    "inv_boxcox": (
        lambda x, m, y: y ** (1 - m),
        lambda x, m, y: -parts.power_by_exponent(np.log(y), m) * y ** (1 - m),
    ),
    "inv_boxcox1p": (
        lambda x, m, y: (1 + y) ** (1 - m),
        lambda x, m, y: -parts.power_by_exponent(np.log1p(y), m) * (1 + y) ** (1 - m),
    ),
    "exprel": (lambda x, y: parts.power_by_exponent(1.0, x),),
    # Integrals.
    "expn": (None, parts.expn_slope),
    "exp1": (lambda x, y: -np.exp(-x) / x,),
    "expi": (lambda x, y: np.exp(x) / x,),
    # Bessel functions.
    "j0": (lambda x, y: -sc.j1(x),),
    "j1": (lambda x, y: 0.5 * (sc.j0(x) - sc.jv(2, x)),),
    "jv": (None, lambda v, x, y: 0.5 * (sc.jv(v - 1, x) - sc.jv(v + 1, x))),
    "y0": (lambda x, y: -sc.y1(x),),
    "y1": (lambda x, y: 0.5 * (sc.y0(x) - sc.yv(2, x)),),
    "yn": (None, lambda v, x, y: 0.5 * (sc.yn(v - 1, x) - sc.yn(v + 1, x))),
    "yv": (None, lambda v, x, y: 0.5 * (sc.yv(v - 1, x) - sc.yv(v + 1, x))),
    "i0": (lambda x, y: sc.i1(x),),
    "i1": (lambda x, y: 0.5 * (sc.i0(x) + sc.iv(2, x)),),
    "iv": (None, lambda v, x, y: 0.5 * (sc.iv(v - 1, x) + sc.iv(v + 1, x))),
    "i0e": (lambda x, y: sc.i1e(x) - np.sign(x) * y,),
    "i1e": (lambda x, y: 0.5 * (sc.i0e(x) + sc.ive(2, x)) - np.sign(x) * y,),
    "k0": (lambda x, y: -sc.k1(x),),
    "k1": (lambda x, y: -0.5 * (sc.k0(x) + sc.kv(2, x)),),
    "kn": (None, lambda v, x, y: -0.5 * (sc.kn(np.abs(v - 1), x) + sc.kn(v + 1, x))),
    "kv": (None, lambda v, x, y: -0.5 * (sc.kv(v - 1, x) + sc.kv(v + 1, x))),
    "k0e": (lambda x, y: y - sc.k1e(x),),
    "k1e": (lambda x, y: y - 0.5 * (sc.k0e(x) + sc.kve(2, x)),),
    "kve": (None, lambda v, x, y: y - 0.5 * (sc.kve(v - 1, x) + sc.kve(v + 1, x))),
    "hankel1": (None, lambda v, x, y: 0.5 * (sc.hankel1(v - 1, x) - sc.hankel1(v + 1, x))),
    "hankel2": (None, lambda v, x, y: 0.5 * (sc.hankel2(v - 1, x) - sc.hankel2(v + 1, x))),
    "hankel1e": (None, lambda v, x, y: 0.5 * (sc.hankel1e(v - 1, x) - sc.hankel1e(v + 1, x)) - 1j * y),
    "hankel2e": (None, lambda v, x, y: 0.5 * (sc.hankel2e(v - 1, x) - sc.hankel2e(v + 1, x)) + 1j * y),
    # Hypergeometric functions and orthogonal polynomials.
    "hyp0f1": (None, lambda v, x, y: sc.hyp0f1(v + 1, x) / v),
    "hyp1f1": (None, None, lambda a, b, x, y: a / b * sc.hyp1f1(a + 1, b + 1, x)),
    "hyp2f1": (None, None, None, lambda a, b, c, x, y: a * b / c * sc.hyp2f1(a + 1, b + 1, c + 1, x)),
    "hyperu": (None, None, lambda a, b, x, y: -a * sc.hyperu(a + 1, b + 1, x)),
    "eval_legendre": (None, lambda n, x, y: sc.eval_gegenbauer(n - 1, 1.5, x)),
    "eval_chebyt": (None, lambda n, x, y: n * sc.eval_chebyu(n - 1, x)),
    "eval_chebyu": (None, lambda n, x, y: 2 * sc.eval_gegenbauer(n - 1, 2.0, x)),
    "eval_gegenbauer": (None, None, lambda n, a, x, y: 2 * a * sc.eval_gegenbauer(n - 1, a + 1, x)),
    "eval_jacobi": (None, None, None, lambda n, a, b, x, y: 0.5 * (n + a + b + 1) * sc.eval_jacobi(n - 1, a + 1, b + 1, x)),
    "eval_laguerre": (None, lambda n, x, y: -sc.eval_genlaguerre(n - 1, 1.0, x)),
    "eval_genlaguerre": (None, None, lambda n, a, x, y: -sc.eval_genlaguerre(n - 1, a + 1, x)),
    "eval_hermite": (None, lambda n, x, y: 2 * n * sc.eval_hermite(np.maximum(n - 1, 0), x)),
    "eval_hermitenorm": (None, lambda n, x, y: n * sc.eval_hermitenorm(np.maximum(n - 1, 0), x)),
}
# Functions with several results: the slope of each.
SEVERAL: dict[str, Callable[..., tuple[Any, ...]]] = {
    "airy": lambda x, y: (y[1], x * y[0], y[3], x * y[2]),
    "sici": lambda x, y: (np.sinc(x / math.pi), np.cos(x) / x),
    "shichi": lambda x, y: (np.sinh(x) / x, np.cosh(x) / x),
    "fresnel": lambda x, y: (np.sin(math.pi / 2 * x * x), np.cos(math.pi / 2 * x * x)),
}
# Bessel functions times e^-|part of x|: the slope of the function alone, and the part. Not analytic.
SCALED: dict[str, tuple[Slope, Callable[[Any], Any], complex]] = {
    "ive": (lambda v, x, y: 0.5 * (sc.ive(v - 1, x) + sc.ive(v + 1, x)), np.real, 1),
    "jve": (lambda v, x, y: 0.5 * (sc.jve(v - 1, x) - sc.jve(v + 1, x)), np.imag, -1j),
    "yve": (lambda v, x, y: 0.5 * (sc.yve(v - 1, x) - sc.yve(v + 1, x)), np.imag, -1j),
}


def several(function: Any, slopes: Callable[..., tuple[Any, ...]]) -> Operation:
    """A function of one number with several results."""
    return Operation(
        function.__name__,
        function,
        (lambda g, y, x: sum(g[k] * slope for k, slope in enumerate(slopes(x, y)) if k in g.found),),
        (lambda t, y, x: tuple(t * slope for slope in slopes(x, y)),),
    )


def scaled(function: Any, slope: Slope, part: Callable[[Any], Any], unit: complex) -> Operation:
    """A function that falls with the size of its operand's real or imaginary part, whichever sign that has."""
    return Operation(
        function.__name__,
        function,
        (None, lambda g, y, v, x: g * slope(v, x, y) - unit * np.sign(part(x)) * np.real(g * y)),
        (None, lambda t, y, v, x: t * slope(v, x, y) - np.sign(part(x)) * part(t) * y),
    )


POLYGAMMA: Operation = Operation(
    "polygamma", parts.polygamma,
    (None, lambda g, y, n, x: g * POLYGAMMA(n + 1, x)), (None, lambda t, y, n, x: t * POLYGAMMA(n + 1, x)),
)  # fmt: skip
ZETA: Operation = Operation(
    "zeta", sc.zeta,
    (None, lambda g, y, s, q: -g * s * ZETA(s + 1, q)), (None, lambda t, y, s, q: -t * s * ZETA(s + 1, q)),
)  # fmt: skip
LAMBERTW = Operation(
    "lambertw", sc.lambertw,
    (lambda g, y, z, *_, **__: g * np.exp(-y) / (1 + y),), (lambda t, y, z, *_, **__: t * np.exp(-y) / (1 + y),),
)  # fmt: skip


def _there(rows: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The rows of functions that this version of SciPy has."""
    return [(getattr(sc, name), row) for name, row in rows.items() if hasattr(sc, name)]


OPERATIONS.update({function: elementwise(function, slopes) for function, slopes in _there(SLOPES)})
OPERATIONS.update({function: several(function, slopes) for function, slopes in _there(SEVERAL)})
OPERATIONS.update({function: scaled(function, *row) for function, row in _there(SCALED)})
OPERATIONS.update({sc.polygamma: POLYGAMMA, sc.zeta: ZETA, sc.lambertw: LAMBERTW, sc.factorial: lambda n: sc.gamma(n + 1)})
OPERATIONS.update({getattr(sc, name): function for name, function in SUMS.items()})
# The ufuncs that two of its Python functions hand their operands on to.
OPERATIONS.update({sc._ufuncs._zeta: ZETA, sc._ufuncs._lambertw: LAMBERTW})  # noqa: SLF001
CONSTANT |= {sc.gammasgn, sc.round}
