"""Counter-based randomness: a pure function of a seed and of what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainrule.errors import ConfigError

if TYPE_CHECKING:
    from numpy.random import Philox


def philox(seed: int, purpose: str) -> Philox:
    """Return the stream of random bits of one seed and purpose (a word of at most 8 ASCII letters)."""
    from numpy.random import Philox  # noqa: PLC0415 - half of NumPy's import time, and not always needed

    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**64:
        raise ConfigError(f"seed={seed!r}: a seed is a whole number from 0 to 2^64 - 1.")
    return Philox(key=np.array([seed, int.from_bytes(purpose.encode("ascii"), "little")], dtype=np.uint64))


def shuffled(n: int, seed: int, purpose: str) -> np.ndarray:
    """Return the numbers 0 to n-1 in random order.

    Sorted raw bits rather than NumPy's ``permutation``: only the bits are promised to stay the same in later versions.
    """
    return np.argsort(philox(seed, purpose).random_raw(n), kind="stable")
