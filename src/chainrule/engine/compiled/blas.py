"""SciPy's BLAS for machine code: its addresses, and how many threads it uses."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from chainrule.engine.compiled.instructions import GEMM


@cache
def register() -> None:
    """Tell LLVM where gemm is."""
    import llvmlite.binding as llvm
    from scipy.linalg import cython_blas

    name, pointer = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
    name.restype, name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    for symbol in GEMM.values():
        capsule = cython_blas.__pyx_capi__[symbol.removeprefix("chainrule_")]
        llvm.add_symbol(symbol, pointer(capsule, name(capsule)))


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it, a call of BLAS stays on the thread that makes it: the program shares its work out itself."""
    threads = _threads()
    if threads is None:
        yield
        return
    get, put = threads
    before = get()
    put(1)
    try:
        yield
    finally:
        put(before)


@cache
def _threads() -> tuple[Any, Any] | None:
    """OpenBLAS's functions to get and to set its threads; None where SciPy has another BLAS."""
    from scipy.linalg import _fblas

    library = ctypes.CDLL(_fblas.__file__)
    for prefix in ("scipy_openblas", "openblas"):
        get, put = (getattr(library, f"{prefix}_{verb}_num_threads", None) for verb in ("get", "set"))
        if get and put:
            return get, put
    return None
