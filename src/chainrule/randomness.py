"""Randomness that is counted, not remembered.

Every random number is a pure function of (seed, purpose, epoch, step), by the counter-based generator Philox (Salmon et al.
2011). There is nothing to save: any shuffle and any dropout mask can be made again, in any order, on any machine. Shuffles
and masks are made from its raw bits, which no later version of NumPy may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import ConfigError

if TYPE_CHECKING:
    from numpy.random import Generator

PURPOSES = {"initial": 1, "shuffle": 2, "dropout": 3, "noise": 4, "split": 5, "toy": 6, "validation": 7, "distort": 8}


def checked_seed(seed: object) -> int:
    """The seed as a Python int, or a ConfigError.

    >>> checked_seed(7)
    7
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= int(seed) < 2**63:
        raise ConfigError(f"seed = {repr(seed)[:40]}: a seed is a whole number from 0 to 2^63 - 1.")
    return int(seed)


def drawn_seed() -> int:
    """A seed from the operating system, short enough to be read aloud and typed again."""
    import secrets

    return secrets.randbelow(10**6)


def _bits(seed: int, purpose: str, epoch: int, step: int) -> Any:
    from numpy.random import Philox

    return Philox(key=[seed, PURPOSES[purpose]], counter=[0, 0, step, epoch])


def generator(seed: int, purpose: str, epoch: int = 0, step: int = 0) -> Generator:
    """A generator of its own for this purpose, epoch and step."""
    from numpy.random import Generator

    return Generator(_bits(seed, purpose, epoch, step))


def shuffled(seed: int, epoch: int, n: int) -> np.ndarray:
    """The order of the n examples in this epoch.

    >>> shuffled(seed=0, epoch=1, n=5)
    array([2, 4, 0, 1, 3])
    """
    return permutation(seed, "shuffle", n, epoch)


def permutation(seed: int, purpose: str, n: int, epoch: int = 0) -> np.ndarray:
    """The numbers 0 to n - 1 in random order."""
    return np.argsort(_bits(seed, purpose, epoch, 0).random_raw(n), kind="stable")


def kept(seed: int, epoch: int, step: int, shape: tuple[int, ...], drop: float, layer: int) -> Any:
    """True where a neuron is kept: each is dropped with this probability (to 2^-32)."""
    n = int(np.prod(shape))
    words = _bits(seed, "dropout", epoch, step * 1024 + layer).random_raw((n + 1) // 2)
    return (words.view(np.uint32)[:n] >= np.uint32(drop * 2**32)).reshape(shape)
