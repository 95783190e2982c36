"""The rules: one row for each function of NumPy and scipy.special, in tables by kind.

``elementwise``  ufuncs: one slope for each operand serves both modes
``shapes``       functions that move numbers about: linear, so that forward mode is the function itself
``indexing``     functions that pick numbers out, or choose between arrays
``joining``      functions that put arrays together
``reductions``   sums, means, extremes
``scans``        products, running sums and products; reduce, accumulate and outer of ufuncs
``order``        sort, median, quantiles
``numerics``     what is written in terms of others: differences, interpolation, polynomials, filters
``constants``    what has no derivative, or 0
``products``     dot, matmul, einsum and their kin: linear in each operand
``linalg``       ``numpy.linalg``: inverses, solutions, determinants, norms
``decompositions``  cholesky, qr, eigh, eig, svd
``fourier``      ``numpy.fft``
``special``      ``scipy.special``; loaded with the first of its functions, so that SciPy need not be there
"""

from __future__ import annotations

from chainrule.graph.rules import (
    constants,
    decompositions,
    elementwise,
    fourier,
    indexing,
    joining,
    linalg,
    numerics,
    order,
    products,
    reductions,
    scans,
    shapes,
)  # fmt: skip

KINDS = (
    elementwise, shapes, indexing, joining, reductions, scans, order, numerics, products, linalg, decompositions, fourier,
    constants,
)  # fmt: skip
