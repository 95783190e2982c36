"""Functions that say something about an array, or whose derivative is 0 wherever it exists: they get the plain values."""

from __future__ import annotations

import numpy as np

from chainrule.graph.table import CONSTANT

CONSTANT |= {
    # What kind of array it is.
    np.shape, np.ndim, np.size, np.iscomplexobj, np.isrealobj, np.result_type, np.can_cast, np.common_type,
    np.min_scalar_type, np.may_share_memory, np.shares_memory, np.array_repr, np.array_str, np.array2string,
    np.zeros_like, np.ones_like, np.empty_like,
    # Where something is.
    np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort, np.searchsorted, np.digitize,
    np.nonzero, np.flatnonzero, np.argwhere, np.ix_, np.tril_indices_from, np.triu_indices_from, np.diag_indices_from,
    # Whether something holds.
    np.any, np.all, np.count_nonzero, np.isclose, np.allclose, np.array_equal, np.array_equiv, np.isin, np.iscomplex,
    np.isreal, np.isposinf, np.isneginf,
    # Steps.
    np.round, np.around, np.fix, np.unique_counts, np.unique_inverse, np.histogram_bin_edges,
}  # fmt: skip
