"""The rules: one row for each function of NumPy and scipy.special, in tables by kind.

``elementwise``  ufuncs: one slope for each operand serves both modes
``shapes``       functions that move numbers about: linear, so that forward mode is the function itself
``reductions``   sums, products, extremes
``products``     dot, matmul, einsum and their kin: linear in each operand
``linalg``       ``numpy.linalg``
``fourier``      ``numpy.fft``
``special``      ``scipy.special``; loaded with the first of its functions, so that SciPy need not be there
"""

from __future__ import annotations

from chainrule.graph.rules import elementwise, fourier, linalg, products, reductions, shapes

KINDS = (elementwise, shapes, reductions, products, linalg, fourier)
