"""A user's function tried on a few numbers: whether its slope says how its values rise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

STEP = 1e-4  # small beside any bend that matters, and large beside the rounding of float32 values
TOLERANCE = 1e-2


def wrong_slope(f: Callable[[np.ndarray], Any], x: np.ndarray, slopes: Any) -> tuple[float, float, float] | None:
    """Where a slope is not that of f: the point, the slope there, and the central difference; None if all are right.

    Left and right of a kink or a jump a function rises differently, so a point beside one shows nothing and is passed over.
    """
    with np.errstate(all="ignore"):
        before, here, after = (np.asarray(f(at)) for at in (x - STEP, x, x + STEP))
        eps = np.finfo(here.dtype if here.dtype.kind == "f" else np.float64).eps
        left, right = (np.subtract(b, a, dtype=np.float64) / STEP for a, b in ((before, here), (here, after)))
        measured = (left + right) / 2
        noise = 8 * eps * np.abs(here) / STEP
        allowed = TOLERANCE * np.maximum(np.abs(slopes), np.abs(measured)) + noise + 1e-9
        wrong = (np.abs(slopes - measured) > allowed) & (np.abs(right - left) <= allowed)
    if not wrong.any():
        return None
    place = tuple(np.argwhere(wrong)[0])
    return float(x[place]), float(np.broadcast_to(slopes, x.shape)[place]), float(measured[place])
