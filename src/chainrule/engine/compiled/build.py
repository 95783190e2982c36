"""From a program's text to machine code, and back from the disk: the second start of the same program compiles nothing.

Numba compiles the text. What is kept is the object code itself, which LLVM alone can load: neither Numba nor its type
inference has to be imported again.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.engine.compiled import distort, elementary, instructions, kernels, mathematics, packed

KEPT = 500  # programs on the disk, of some 50 kB each

_ALIVE: list[Any] = []  # machine code stays where it is for as long as the process lives


@dataclass(frozen=True)
class Signature:
    """The parameters of ``run`` in order: a name, and a dtype for an array or "" for a whole number."""

    parameters: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """As it stands in the program's first line."""
        return ", ".join(name for name, _ in self.parameters)


def folder() -> Path:
    """Where compiled programs are kept: in the user's cache folder.

    Raises
    ------
    RuntimeError
        The user has no home.
    """
    given = os.environ.get("CHAINRULE_CACHE")
    if given:
        return Path(given).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or ("~/Library/Caches" if sys.platform == "darwin" else "~/.cache")
    return Path(base).expanduser() / "chainrule"


@dataclass(frozen=True)
class Code:
    """All that machine code is made of.

    Parameters
    ----------
    text, functions : str
        The program, and the functions that it calls.
    signature : Signature
    dtype : str
        Of its numbers.
    stored : str
        Of mapped inputs; empty where there are none.
    """

    text: str
    functions: str
    signature: Signature
    dtype: str
    stored: str = ""

    @property
    def key(self) -> str:
        """The name that its machine code is kept under."""
        return hashlib.sha256("\n".join([repr(self), _own_text(), _machine()]).encode()).hexdigest()[:32]


@cache
def loaded(code: Code) -> Callable[..., int]:
    """The program as a function of arrays and numbers."""
    return _caller(address(code), code.signature)


@cache
def address(code: Code) -> int:
    """Where the program is: from memory, from the disk, or newly compiled."""
    key = code.key
    binary = from_disk(key)
    if binary is None:
        binary = undisturbed(lambda: compiled(code))
        to_disk(key, binary)
    return _linked(binary)


def is_known(code: Code) -> bool:
    """Whether the program need not be compiled again."""
    return from_disk(code.key) is not None


def undisturbed(call: Callable[[], bytes]) -> bytes:
    """Do the call to its end, even if Ctrl-C comes: Numba that has been imported by half cannot be used any more."""
    found: list[bytes] = []
    trouble: list[BaseException] = []

    def work() -> None:
        try:
            found.append(call())
        except BaseException as error:  # noqa: BLE001  raised again below
            trouble.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        thread.join()
    except KeyboardInterrupt:
        thread.join()
        raise
    if trouble:
        raise trouble[0]
    return found[0]


@cache
def _own_text() -> str:
    """The source of the functions that are not part of a program's text."""
    return "".join(
        Path(module.__file__ or "").read_text(encoding="utf-8")
        for module in (distort, elementary, instructions, kernels, mathematics, packed)
    )


@cache
def _machine() -> str:
    """What machine code depends on: the processor, and the compiler."""
    import llvmlite
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features().flatten()
    return f"{llvm.get_host_cpu_name()} {features} {llvmlite.__version__} {llvm.llvm_version_info}"


def vectors(dtype: str) -> tuple[int, int]:
    """How many numbers the processor computes with at once, and how many such vectors it holds."""
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    size = 64 if features.get("avx512f") else 32 if features.get("avx2") else 16
    return size // np.dtype(dtype).itemsize, 16 if size == 32 else 32


def compiled(code: Code) -> bytes:
    """Object code of the program, by Numba; the function's own name comes first."""
    import numba

    with _as_it_should(numba.config):
        return _compiled(code, numba)


@contextmanager
def _as_it_should(config: Any) -> Iterator[None]:
    """Numba without the switches for debugging that its user may have set: they would be kept in the code for good."""
    usual = {"BOUNDSCHECK": 0, "DISABLE_JIT": 0}
    before = {name: getattr(config, name) for name in usual}
    try:
        for name, value in usual.items():
            setattr(config, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(config, name, value)


def _compiled(code: Code, numba: Any) -> bytes:
    names = distort.namespace(code.dtype) | kernels.namespace(code.dtype, *vectors(code.dtype))
    names |= packed.namespace(code.dtype, *vectors(code.dtype))
    names |= instructions.namespace(code.dtype, code.stored) | mathematics.namespace(code.dtype)
    names |= {"uint32": np.uint32, "isfinite": np.isfinite, "inf": np.inf, "nan": np.nan, "sqrt64": np.sqrt}
    exec(compile(code.functions, "<chainrule: functions>", "exec"), names)  # noqa: S102  text of our own
    exec(compile(code.text, "<chainrule: program>", "exec"), names)  # noqa: S102
    kinds = [numba.types.Array(getattr(numba.types, kind), 1, "C") if kind else numba.types.int64
             for _, kind in code.signature.parameters]  # fmt: skip
    njit: Any = numba.njit
    make = njit(
        numba.types.int64(*kinds),
        fastmath=set(distort.FASTMATH),
        error_model="numpy",
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
    )
    (result,) = make(names["run"]).overloads.values()
    binary: bytes = result.library._get_compiled_object()  # noqa: SLF001  Numba has no public way to its object code
    name: str = result.fndesc.llvm_func_name
    return name.encode() + b"\0" + binary


def _linked(code: bytes) -> int:
    """The address of the machine code, linked into this process."""
    import llvmlite.binding as llvm

    name, _, binary = code.partition(b"\0")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    llvm.add_symbol("NRT_MemInfo_call_dtor", _address_of_nothing())  # of arrays that Numba owns: there are none
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(binary))
    engine.finalize_object()
    _ALIVE.append(engine)
    found: int = engine.get_function_address(name.decode())
    return found


@cache
def _address_of_nothing() -> int:
    """A function that is named in the machine code but never called."""
    nothing = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: None)
    _ALIVE.append(nothing)
    return ctypes.cast(nothing, ctypes.c_void_p).value or 0


def _caller(address: int, signature: Signature) -> Callable[..., int]:
    """A Python function around the machine code; an array is passed as Numba passes it, in seven words."""
    word, pointer = ctypes.c_int64, ctypes.c_void_p
    kinds: list[Any] = [pointer, pointer]
    for _, kind in signature.parameters:
        kinds += [pointer, pointer, word, word, pointer, word, word] if kind else [word]
    function = ctypes.CFUNCTYPE(ctypes.c_int32, *kinds)(address)

    def call(*values: Any) -> int:
        result, trouble = ctypes.c_int64(), ctypes.c_void_p()
        words: list[Any] = []
        for value in values:
            if isinstance(value, np.ndarray):
                at = value.__array_interface__["data"][0]
                words += [None, None, value.size, value.itemsize, at, value.size, value.itemsize]
            else:
                words.append(value)
        if function(ctypes.addressof(result), ctypes.addressof(trouble), *words):
            raise RuntimeError("a compiled program failed: this is a mistake in chainrule. Train with engine='numpy'.")
        return result.value

    return call


def from_disk(key: str) -> bytes | None:
    """What was kept, if it is whole."""
    try:
        kept = (folder() / f"{key}.o").read_bytes()
        os.utime(folder() / f"{key}.o")  # it was of use today
    except (OSError, RuntimeError):
        return None
    digest, code = kept[:32], kept[32:]
    return code if _digest(key, code) == digest else None


def _digest(key: str, code: bytes) -> bytes:
    """What tells this program's whole code from anything else."""
    return hashlib.sha256(key.encode() + code).digest()


def to_disk(key: str, code: bytes) -> None:
    """Keep it, at once or not at all, and forget what has been of no use for longest.

    A folder that cannot be written to only costs time.
    """
    try:
        where = folder()
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = where / f"{key}.{os.getpid()}"
        half.write_bytes(_digest(key, code) + code)
        half.replace(where / f"{key}.o")
        programs = sorted(where.glob("*.o"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in programs[KEPT:]:
            path.unlink(missing_ok=True)
    except (OSError, RuntimeError):
        pass
