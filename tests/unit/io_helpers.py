"""Tensor files made by hand, sound and unsound, and a system whose k-th call fails."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import safetensors.numpy
from hypothesis import HealthCheck, settings

from chainrule.errors import ModelFileError, ResourceError
from chainrule.io import read_tensors

if TYPE_CHECKING:
    from pathlib import Path

Edit = Callable[[dict[str, Any], dict[str, Any]], Any]
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
CALLS = ("open", "write", "fsync", "replace")

TENSORS = {
    "w_2": np.arange(12, dtype=np.float64).reshape(3, 4) / 7,
    "b_2": np.array([1.5, -2.5, 3.5], np.float32),
    "mask": np.array([True, False, True, True, False]),
    "step": np.array(7, np.int64),
}
METADATA = {"sizes": [4, 3], "activation": "sigmoid", "rate": 0.25}


def canonical(value: object, *, sort_keys: bool = True) -> str:
    """JSON as chainrule writes it."""
    return json.dumps(value, sort_keys=sort_keys, separators=(",", ":"))


def packed(header: bytes, block: bytes = b"") -> bytes:
    """The three parts of a file, the header padded to a multiple of 8."""
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + block


def parts() -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """The tensor table, chainrule's own metadata (without the digest of the header) and the block of a sound file."""
    entries, block = {}, b""
    codes = {"float64": "F64", "float32": "F32", "int64": "I64", "bool": "BOOL"}
    for name in ("step", "w_2", "b_2", "mask"):
        array, start = TENSORS[name], len(block)
        block += array.tobytes()
        offsets = [start, len(block)]
        entries[name] = {"dtype": codes[str(array.dtype)], "shape": list(array.shape), "data_offsets": offsets}
    ours = {"format": 1, "needs": "0.1.0", "sha256": hashlib.sha256(block).hexdigest(), **METADATA}
    return entries, ours, block


def sealed(entries: dict[str, Any], ours: dict[str, Any], extra: dict[str, Any] | None = None) -> bytes:
    """A header with its right digest, so that only the fault under test is wrong."""

    def text(digest: str) -> bytes:
        mine = canonical({**ours, "header_sha256": digest})
        raw = canonical({"__metadata__": {"chainrule": mine, **(extra or {})}, **entries}, sort_keys=False).encode()
        return raw + b" " * (-len(raw) % 8)

    return text(hashlib.sha256(text("0" * 64)).hexdigest())


def sound() -> bytes:
    """A file as chainrule writes it, made without chainrule."""
    entries, ours, block = parts()
    return packed(sealed(entries, ours), block)


def edited(edit: Edit, *, tail: bytes = b"", extra: dict[str, Any] | None = None) -> bytes:
    """A file with one fault in its tables and right digests."""
    entries, ours, block = parts()
    block += tail
    ours["sha256"] = hashlib.sha256(block).hexdigest()
    edit(entries, ours)
    return packed(sealed(entries, ours, extra), block)


def respelled(old: bytes, new: bytes) -> bytes:
    """A sound file in whose header one text is put for another; the digest of the header is not mended."""
    raw = sound()
    length = int.from_bytes(raw[:8], "little")
    header = raw[8 : 8 + length]
    assert header.count(old) == 1
    return packed(header.replace(old, new).rstrip(b" "), raw[8 + length :])


def assert_same(read: Mapping[str, Any], written: Mapping[str, Any]) -> None:
    """Assert that two sets of tensors agree in names, dtypes, shapes and bytes."""
    assert set(read) == set(written)
    for name, array in written.items():
        assert read[name].dtype == array.dtype.newbyteorder("=")
        assert read[name].shape == array.shape
        assert read[name].tobytes() == array.astype(array.dtype.newbyteorder("=")).tobytes()


def saved(path: Path, raw: bytes) -> Path:
    """Write bytes as a file."""
    path.write_bytes(raw)
    return path


def accepted(path: Path, raw: bytes) -> bool:
    """Return whether the bytes are read, and as safetensors reads them; any error but ModelFileError is passed on."""
    path.write_bytes(raw)
    try:
        tensors, _ = read_tensors(path, allow_nonfinite=True)
    except ModelFileError as error:
        message = str(error)
    else:
        assert_same(tensors, safetensors.numpy.load(raw))
        return True
    assert repr(str(path)) in message
    assert len(message.splitlines()) == 2
    assert len(message) < 1000
    return False


def names(folder: Path) -> set[str]:
    """Return the names of what is in a folder."""
    return {entry.name for entry in folder.iterdir()}


def attempt(action: Callable[[], Any], k: int, number: int, monkeypatch: Any) -> tuple[str, ResourceError | None]:
    """Act while the k-th call fails; return the name of that call ("" if there was none) and the error it led to."""
    caught = None
    with monkeypatch.context() as patch:
        system = FailingSystem(k, number).install(patch)
        try:
            action()
        except ResourceError as error:
            caught = error
    return system.failed, caught


class FailingSystem:
    """os.open, write, fsync and replace, of which the k-th call (counted over all) fails."""

    def __init__(self, fail_at: int, number: int) -> None:
        self.fail_at, self.number, self.count, self.failed = fail_at, number, 0, ""

    def install(self, monkeypatch: Any) -> FailingSystem:
        """Put it in the place of the system, until the monkeypatch is undone."""
        for name in CALLS:
            monkeypatch.setattr(os, name, self._wrap(name, getattr(os, name)))
        return self

    def _wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            if self.count != self.fail_at:
                return real(*args, **kwargs) if name != "write" else real(args[0], args[1][:3])  # short writes too
            self.failed = name
            if name == "write":
                real(args[0], args[1][:1])  # a torn write
            raise OSError(self.number, os.strerror(self.number))

        return call
