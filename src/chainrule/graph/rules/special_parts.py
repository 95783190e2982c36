"""Parts of the slopes of ``scipy.special``: densities of distributions, and formulas for where the plain one fails."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special as sc

from chainrule.graph.tracing import plain

ROOT_2_PI = math.sqrt(2 * math.pi)
# (u e^u - e^u + 1) / u^2 as a power series, of which this many terms are exact to float64 for |u| < 1.
SERIES = [(k + 1) / math.factorial(k + 2) for k in range(18)]


def like(y: Any, *parameters: Any) -> list[Any]:
    """Python's numbers as of the result's dtype; some of SciPy's functions would give float64 for float32 and a number."""
    return [y.dtype.type(p) if type(p) in {int, float} else p for p in parameters]


def normal_density(x: Any) -> Any:
    """The density of the normal distribution."""
    return np.exp(-0.5 * x * x) / ROOT_2_PI


def log_normal_slope(x: Any) -> Any:
    """Density over distribution function. On the left both vanish, but e^(x^2/2) times either does not."""
    right = np.real(plain(x)) > 0
    left_part, right_part = np.where(right, 0.0, x), np.where(right, x, 0.0)
    left = math.sqrt(2 / math.pi) / sc.erfcx(-left_part / math.sqrt(2.0))
    return np.where(right, normal_density(right_part) / sc.ndtr(right_part), left)


def gamma_density(a: Any, x: Any, y: Any) -> Any:
    """The gamma distribution's: x^(a-1) e^-x / Gamma(a)."""
    (a,) = like(y, a)
    return np.exp(sc.xlogy(a - 1, x) - x - sc.gammaln(a))


def beta_density(a: Any, b: Any, x: Any, y: Any) -> Any:
    """The beta distribution's: x^(a-1) (1-x)^(b-1) / B(a, b)."""
    a, b = like(y, a, b)
    return np.exp(sc.xlogy(a - 1, x) + sc.xlog1py(b - 1, -x) - sc.betaln(a, b))


def student_density(v: Any, x: Any, y: Any) -> Any:
    """The density of Student's distribution with v degrees of freedom."""
    (v,) = like(y, v)
    scale = sc.gammaln(0.5 * v + 0.5) - sc.gammaln(0.5 * v) - 0.5 * np.log(math.pi * v)
    return np.exp(scale - (0.5 * v + 0.5) * np.log1p(x * x / v))


def rgamma_slope(x: Any) -> Any:
    """The derivative of 1/Gamma(x): -psi(x)/Gamma(x), and by reflection on the left, where Gamma has its poles."""
    left = np.real(plain(x)) < 0.5
    over, under = np.where(left, 1 - x, 1.0), np.where(left, 1.0, x)
    turn = math.pi * np.where(left, x, 0.0)
    reflected = sc.gamma(over) * (np.cos(turn) - sc.psi(over) * np.sin(turn) / math.pi)
    return np.where(left, reflected, -sc.psi(under) * sc.rgamma(under))


def power_by_exponent(log: Any, m: Any) -> Any:
    """The derivative of (e^(m log) - 1) / m by m, also at m = 0."""
    u = m * log
    near = np.abs(plain(u)) < 0.5
    small, large = np.where(near, u, 0.0), np.where(near, 1.0, u)
    series: Any = SERIES[-1]
    for c in SERIES[-2::-1]:
        series = series * small + c
    closed = (large * np.exp(large) - np.expm1(large)) / (large * large)
    return log * log * np.where(near, series, closed)


def expn_slope(n: Any, x: Any, y: Any) -> Any:
    """Minus the exponential integral of order n - 1, which SciPy has for n > 0."""
    return -sc.expn(n - 1, x) if np.all(np.asarray(n) > 0) else -(np.exp(-x) - (n - 1) * y) / x


def polygamma(n: Any, x: Any) -> Any:
    """Derivative n of psi, on plain numbers; SciPy's is for real ones, and gives float64."""
    x = np.asarray(x)
    if x.dtype.kind != "c":
        return sc.polygamma(n, x).astype(x.dtype if x.dtype.kind == "f" else np.float64)[()]
    s = np.asarray(n) + 1
    return ((-1.0) ** s * sc.gamma(s) * _zeta(s, x)).astype(x.dtype)[()]


def _zeta(s: np.ndarray, a: np.ndarray) -> Any:
    """Sum of (a + k)^-s over k = 0, 1, ... for complex a: the first terms, and by Euler and Maclaurin the others."""
    first = max(0, math.ceil(16 - np.min(a.real, initial=16.0)))
    found = sum((a + k) ** -s for k in range(first))
    a = a + first  # the formula is exact to float64 from 16 on
    found = found + a ** (1.0 - s) / (s - 1) + 0.5 * a**-s
    for j, b in enumerate(sc.bernoulli(24)[2::2], 1):
        found = found + b / math.factorial(2 * j) * sc.poch(s, 2 * j - 1) * a ** (1.0 - s - 2 * j)
    return found
