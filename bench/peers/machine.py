"""What the figures were measured on, and how fast it multiplies matrices."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

LIBRARIES = ("chainrule", "numpy", "numba", "scipy", "jax", "jaxlib", "torch", "scikit-learn")
FLAGS = ("avx2", "fma", "avx512f", "avx512_bf16", "amx_tile")
SIDE = 2048


def describe() -> dict[str, Any]:
    """The machine, the libraries and the measured rate, as plain data."""
    return description() | {"load_before": round(os.getloadavg()[0], 1), "matmul_gflops": round(matmul_rate(), 1)}


def description() -> dict[str, Any]:
    """What can be said without measuring."""
    return {
        "cpu": _cpu("model name") or platform.processor() or platform.machine(),
        "cores": cores(),
        "flags": [flag for flag in FLAGS if flag in _cpu("flags").split()],
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "libraries": {name: found for name in LIBRARIES if (found := _version(name))},
    }


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def matmul_rate(tries: int = 12) -> float:
    """GFLOP/s of the best of some float32 products of square matrices, with all threads of NumPy's BLAS."""
    a, b = (np.random.default_rng(k).random((SIDE, SIDE), dtype=np.float32) for k in (1, 2))
    product = np.empty_like(a)
    best = min(_seconds(a, b, product) for _ in range(tries))
    return 2 * SIDE**3 / best / 1e9


def _seconds(a: np.ndarray, b: np.ndarray, product: np.ndarray) -> float:
    begun = perf_counter()
    np.matmul(a, b, out=product)
    return perf_counter() - begun


def _cpu(field: str) -> str:
    """The first line of this name in /proc/cpuinfo; nothing where there is no such file."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
