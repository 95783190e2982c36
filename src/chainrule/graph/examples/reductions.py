"""Examples of sums, products, extremes, order and scans; all elements are apart, so that their order is clear."""

from __future__ import annotations

from typing import Any

import numpy as np

X = np.array([[0.3, -1.2, 0.7, 2.1], [1.0, 0.2, -0.6, 1.7], [0.5, 1.45, -1.7, 0.9]])
P = np.abs(X) + 0.2
V, W = X[0], P[1]
T = np.concatenate([X, X[::-1] * 0.77 - 0.05]).reshape(2, 3, 4)
Z = X + 1j * np.cos(X)
SUMS = (np.sum, np.mean, np.var, np.std, np.prod, np.max, np.min)
NAN_SUMS = (np.nansum, np.nanmean, np.nanvar, np.nanstd, np.nanprod, np.nanmax, np.nanmin, np.nancumsum, np.nancumprod)
QUANTILES = ((np.quantile, 0.3), (np.nanquantile, 0.3), (np.percentile, 40), (np.nanpercentile, 40))

ROWS: list[tuple[Any, ...]] = [
    *((f, X) for f in (*SUMS, np.amax, np.amin, np.ptp, np.median, np.nanmedian, *NAN_SUMS)),
    *((f, X, 0) for f in SUMS),
    *((f, T, (0, -1), {"keepdims": True}) for f in (*SUMS, np.median)),
    *((f, X, {"axis": -1}) for f in (np.ptp, np.amax, np.amin, np.nanmedian, *NAN_SUMS)),
    *((f, Z, 1) for f in (np.sum, np.mean, np.var, np.prod)),
    *((f, X, 1, {"ddof": 1}) for f in (np.var, np.std)),
    *((f, X, {"axis": 1, "where": X < 2}) for f in (np.sum, np.mean)),
    (np.max, X, {"initial": 0.9, "axis": 1}),
    *((f, X, q, {"axis": 1}) for f, q in QUANTILES),
    (np.quantile, X, [0.3, 0.8]),
    *((f, X) for f in (np.cumsum, np.cumprod)),
    *((f, T, 1) for f in (np.cumsum, np.cumprod)),
    *((f, X, {"axis": 1, "include_initial": True}) for f in (np.cumulative_sum, np.cumulative_prod)),
    *(((u, "reduce"), X, {"axis": 1}) for u in (np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin)),
    *(((u, "reduce"), X, {"axis": axis}) for u in (np.logaddexp, np.logaddexp2) for axis in (0, None)),
    *(
        ((u, "accumulate"), P, {"axis": 1})
        for u in (np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.logaddexp, np.logaddexp2, np.hypot)
    ),
    (np.average, X),
    (np.average, X, 1, W),
    (np.average, X, {"weights": P, "axis": 0}),
    (np.cov, X),
    (np.cov, V, W),
    (np.cov, X, {"rowvar": False, "aweights": np.array([1, 2, 1])}),
    (np.corrcoef, X),
    (np.sort, X),
    (np.sort, X, 0),
    (np.sort_complex, V),
    (np.partition, X, 2),
    (np.unique, X),
    (np.unique_values, V),
    (np.diff, X),
    (np.diff, X, 2, 0),
    (np.ediff1d, X),
    (np.gradient, X),
    (np.gradient, V, 0.3),
    (np.trapezoid, X),
    (np.trapezoid, V, np.cumsum(W)),
    (np.interp, np.array([0.1, 1.3, 9.0]), np.array([0.0, 1.0, 2.0, 3.5]), V),
    (np.unwrap, 3 * V),
    (np.sinc, X),
    (np.sinc, np.array([0.0, 1e-3, 1.0])),
    (np.sinc, Z),
    (np.angle, Z),
    (np.nan_to_num, X),
    (np.real_if_close, Z),
    (np.convolve, V, W),
    (np.convolve, V, W[:3], {"mode": "same"}),
    (np.convolve, V, W[:2], "valid"),
    (np.correlate, V, W[:2]),
    (np.correlate, Z[0], Z[1], {"mode": "full"}),
    (np.linspace, V[0], V[3], 5),
    (np.logspace, V[0], V[3], 5),
    (np.geomspace, W[0], W[3], 5),
    (np.full_like, X, V),
    (np.polyval, V, W),
    (np.polyadd, V, W[:2]),
    (np.polysub, V, W[:2]),
    (np.polymul, V, W[:2]),
    (np.polyder, V),
    (np.polyint, V),
    (np.vander, W),
    (np.apply_along_axis, np.sort, 1, X),
    (np.apply_over_axes, np.sum, T, (0, 2)),
]
