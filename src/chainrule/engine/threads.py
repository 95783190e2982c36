"""How many threads NumPy's BLAS uses while training: one where the products are small, since handing out costs more.

On a busy machine a second thread makes the mini-batches of a small network many times slower. With one thread their bits
also do not depend on the number of cores.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

import numpy as np

from chainrule.architecture import Architecture

SMALL = 2**24  # multiplications in the largest product of a step; below, one thread is as fast as two on a quiet machine
_SUFFIXES = ("64_", "")
_PREFIXES = ("scipy_openblas", "openblas")
_LOCK = threading.Lock()
_BEFORE: list[int] = []  # for each small training that runs, the number of threads before the first of them


@contextmanager
def threads_for(a: Architecture, m: int) -> Iterator[None]:
    """Within it, BLAS uses one thread if mini-batches of m examples are small work for this network."""
    largest = max(a.neurons(l) * a.neurons(l - 1) for l in a.layers) * m
    with nullcontext() if largest >= SMALL else one_thread():
        yield


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it, BLAS uses one thread."""
    blas = _openblas()
    if blas is None:
        yield
        return
    get, put = blas
    with _LOCK:  # the setting is the process's: of trainings in several threads, the last to end puts it back
        _BEFORE.append(_BEFORE[0] if _BEFORE else get())
        put(1)
    try:
        yield
    finally:
        with _LOCK:
            before = _BEFORE.pop()
            if not _BEFORE:
                put(before)


def blas_threads() -> int | None:
    """How many threads BLAS uses now; None where that cannot be known."""
    blas = _openblas()
    return blas[0]() if blas else None


@cache
def _openblas() -> tuple[Any, Any] | None:
    """OpenBLAS's functions to get and to set the number of threads; None where NumPy has another BLAS."""
    try:
        library = ctypes.CDLL(np._core._multiarray_umath.__file__)  # type: ignore[attr-defined]  # noqa: SLF001  it loads BLAS
    except (AttributeError, OSError):
        return None
    for prefix in _PREFIXES:
        for suffix in _SUFFIXES:
            get = getattr(library, f"{prefix}_get_num_threads{suffix}", None)
            put = getattr(library, f"{prefix}_set_num_threads{suffix}", None)
            if get and put:
                return get, put
    return None
