"""Examples of ``scipy.special``; orders and parameters that have no derivative are whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special as sc

X = np.array([-0.8, 0.35, 1.6])
P = np.array([0.7, 1.9, 3.2])
Q = np.array([0.96, 0.57, 0.21])
U = np.array([0.2, 0.45, 0.7])
Z = np.array([0.4 + 0.3j, 1.2 - 0.5j, -0.7 + 0.6j, -1.1 - 0.4j])
A = np.arange(12.0).reshape(3, 4) * 0.3

REAL = (
    sc.expit, sc.log_expit, sc.exp2, sc.exp10, sc.expm1, sc.cosm1, sc.sindg, sc.cosdg, sc.tandg, sc.erf, sc.erfc, sc.erfcx,
    sc.erfi, sc.dawsn, sc.ndtr, sc.log_ndtr, sc.rgamma, sc.i0, sc.i1, sc.i0e, sc.i1e, sc.j0, sc.j1, sc.exprel, sc.cbrt,
    sc.airy, sc.fresnel,
)  # fmt: skip
ABOVE_0 = (
    sc.log1p, sc.cotdg, sc.gamma, sc.gammaln, sc.loggamma, sc.psi, sc.entr, sc.expi, sc.exp1, sc.y0, sc.y1, sc.k0, sc.k1,
    sc.k0e, sc.k1e, sc.wrightomega, sc.sici, sc.shichi, sc.lambertw, sc.factorial,
)  # fmt: skip
COMPLEX = (
    sc.erf, sc.erfc, sc.erfcx, sc.erfi, sc.dawsn, sc.wofz, sc.ndtr, sc.log_ndtr, sc.gamma, sc.loggamma, sc.psi, sc.rgamma,
    sc.expi, sc.exp1, sc.wrightomega, sc.expm1, sc.log1p, sc.airy, sc.sici, sc.shichi, sc.fresnel, sc.lambertw,
)  # fmt: skip
TWO = (
    sc.beta, sc.betaln, sc.binom, sc.poch, sc.xlogy, sc.xlog1py, sc.rel_entr, sc.kl_div, sc.boxcox, sc.boxcox1p,
    sc.inv_boxcox, sc.inv_boxcox1p, sc.powm1,
)  # fmt: skip
ORDERED = (sc.jv, sc.yn, sc.yv, sc.iv, sc.kn, sc.kv, sc.kve, sc.ive, sc.jve, sc.yve, sc.expn, sc.polygamma, sc.hyp0f1)
ORDERED_COMPLEX = (
    sc.jv, sc.yv, sc.iv, sc.kv, sc.kve, sc.ive, sc.jve, sc.yve, sc.hankel1, sc.hankel2, sc.hankel1e, sc.hankel2e, sc.hyp0f1,
    sc.polygamma,
)  # fmt: skip
POLYNOMIALS = (
    sc.eval_legendre, sc.eval_chebyt, sc.eval_chebyu, sc.eval_laguerre, sc.eval_hermite, sc.eval_hermitenorm,
)  # fmt: skip

ROWS: list[tuple[Any, ...]] = [
    *((f, X) for f in REAL),
    *((f, P) for f in ABOVE_0),
    *((f, U) for f in (sc.logit, sc.ndtri, sc.erfinv, sc.erfcinv)),
    *((f, Z) for f in COMPLEX),
    *((f, P, Q) for f in TWO),
    *((f, Z, Z[::-1] + 0.2j) for f in (sc.xlogy, sc.xlog1py)),
    *((f, order, P) for f in ORDERED for order in (1, 2)),
    *((f, order, Z) for f in ORDERED_COMPLEX for order in (1, 2)),
    *((f, order, P) for f in (sc.jv, sc.yn, sc.yv, sc.iv, sc.kn, sc.kv) for order in (0,)),
    *((f, order, X) for f in POLYNOMIALS for order in (0, 1, 4)),
    *((f, order, 1, X) for f in (sc.eval_gegenbauer, sc.eval_genlaguerre) for order in (0, 1, 4)),
    *((sc.eval_jacobi, order, 1, 2, X) for order in (0, 1, 4)),
    *((f, 2, P) for f in (sc.gammainc, sc.gammaincc, sc.chdtr, sc.chdtrc)),
    *((f, 2, U) for f in (sc.gammaincinv, sc.gammainccinv)),
    *((f, 2, 3, U) for f in (sc.betainc, sc.betaincc, sc.betaincinv, sc.betainccinv)),
    *((f, A) for f in (sc.logsumexp, sc.softmax, sc.log_softmax)),
    *((f, A, {"axis": -1}) for f in (sc.logsumexp, sc.softmax, sc.log_softmax)),
    (sc.logsumexp, A, {"axis": (0, 1), "keepdims": True}),
    (sc.logsumexp, A, 0, np.array([0.5, 2.0, 1.0, 0.1])),
    (sc.logsumexp, A, 1, np.array([0.5, -2.0, 1.0, -0.1]), {"return_sign": True}),
    (sc.logsumexp, Z),
    (sc.multigammaln, P + 1.5, 3),
    (sc.stdtr, 3, X),
    (sc.stdtrit, 3, U),
    (sc.ndtri_exp, -P),
    (sc.owens_t, X, P),
    (sc.radian, P, Q, X),
    (sc.huber, Q, X),
    (sc.pseudo_huber, Q, X),
    *((f, P, np.zeros(())) for f in (sc.boxcox, sc.boxcox1p, sc.inv_boxcox, sc.inv_boxcox1p)),
    (sc.hyp1f1, 2, 3, X),
    (sc.hyp1f1, 2, 3, Z),
    (sc.hyp2f1, 1, 2, 3, U),
    (sc.hyp2f1, 1, 2, 3, 0.3 * Z),
    (sc.hyperu, 1, 2, P),
    (sc.zeta, 3, P),
    # Where a slope is written in another way than elsewhere.
    (sc.rgamma, np.array([0.0, -1.0, -2.0])),
    (sc.log_ndtr, np.array([-50.0, 40.0])),
    (sc.xlogy, np.zeros(2), np.array([0.5, 2.0])),
    (sc.polygamma, 1, np.array([-0.5, -1.4])),
    (sc.psi, np.array([-0.5 + 0.2j, -3.4 - 1j])),
]
