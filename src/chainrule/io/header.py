"""The header of a tensors file: what it may say, checked before a single number is read.

    8 bytes         length of the header, little-endian
    header          JSON: {"__metadata__": {"chainrule": "..."}, "name": {"dtype", "shape", "data_offsets"}, ...},
                    padded with blanks to a multiple of 8
    tensor block    the numbers, one tensor after the other, without gaps

That is the safetensors layout, and chainrule accepts a subset of it: there is one way to write a header. The string
``chainrule`` is canonical JSON with the format, the earliest version that reads it, the caller's metadata, the sha256
of the tensor block, and the sha256 of the header itself (with that one value written as zeros), so that no bit can
change unseen.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import asdict, dataclass, fields, replace

import numpy as np

from chainrule.io import strict_json
from chainrule.io.words import quoted

FORMAT = 1
NEEDS = "0.1.0"  # the first version that reads FORMAT
METADATA, OURS = "__metadata__", "chainrule"
BLANK = "0" * 64
DTYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I64": "<i8", "U64": "<u8", "U8": "|u1", "BOOL": "|b1"}
CODES = {np.dtype(dtype): code for code, dtype in DTYPES.items()}
LARGEST = 2**62
NAME = re.compile(r"[A-Za-z0-9_.-]+")
VERSION = re.compile(r"[0-9A-Za-z.]{1,20}")
DIGEST = re.compile(r"[0-9a-f]{64}")
DAMAGED = "The file is damaged or was not written by chainrule: take a backup, or train and save again."
FOREIGN = "chainrule opens only files that it saved itself: give the model of a run folder, or save the network again."


class Unsound(ValueError):  # noqa: N818 - a finding; the reader makes a ModelFileError of it
    """A broken fact in words that continue "the file ...", and what to do about it."""

    def __init__(self, fact: str, advice: str = DAMAGED) -> None:
        super().__init__(fact)
        self.advice = advice


@dataclass(frozen=True)
class Limits:
    """What a file may ask for at most."""

    header_bytes: int = 1 << 20
    tensors: int = 4096
    name_length: int = 200
    dimensions: int = 32


LIMITS = Limits()


@dataclass(frozen=True)
class Stamp:
    """What chainrule itself notes in each file."""

    format: int
    needs: str
    sha256: str  # of the tensor block
    header_sha256: str = BLANK


RESERVED = frozenset(field.name for field in fields(Stamp))


@dataclass(frozen=True)
class Slot:
    """Where one tensor lies in the block."""

    name: str
    code: str
    shape: tuple[int, ...]
    start: int
    stop: int

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The NumPy dtype, little-endian."""
        return np.dtype(DTYPES[self.code])


@dataclass(frozen=True)
class Header:
    """All that a header says."""

    stamp: Stamp
    metadata: dict[str, object]
    slots: tuple[Slot, ...]

    def raw(self) -> bytes:
        """Write it, in the one way there is."""
        ours = strict_json.dumps({**self.metadata, **asdict(self.stamp)})
        table = {s.name: {"dtype": s.code, "shape": s.shape, "data_offsets": [s.start, s.stop]} for s in self.slots}
        text = strict_json.dumps({METADATA: {OURS: ours}, **table}, sort_keys=False).encode()
        return text + b" " * (-len(text) % 8)

    def seal(self) -> str:
        """Return the sha256 of the header in which its own digest is blank."""
        return hashlib.sha256(replace(self, stamp=replace(self.stamp, header_sha256=BLANK)).raw()).hexdigest()

    def sealed(self) -> Header:
        """Return the same header with its digest."""
        return replace(self, stamp=replace(self.stamp, header_sha256=self.seal()))


def checked_length(first: bytes, size: int, limits: Limits) -> int:
    """Return the length of the header, from the first 8 bytes of a file of `size` bytes."""
    length = int.from_bytes(first, "little")
    if length > limits.header_bytes:
        raise Unsound(f"claims a header of {length} bytes; at most {limits.header_bytes} are read")
    if length > size - 8:
        raise Unsound(f"claims a header of {length} bytes, but only {size - 8} follow: it was cut off")
    return length


def parsed(raw: bytes, block: int, limits: Limits) -> Header:
    """Return the header of a file whose tensor block has `block` bytes; `Unsound` for any fault."""
    if not raw.startswith(b"{"):
        raise Unsound(f"has a header that starts with {quoted(raw[:1])}; it must start with '{{'")
    document = _document(raw, "header")
    stamp, metadata = _ours(document.pop(METADATA, None))
    if len(document) > limits.tensors:
        raise Unsound(f"holds {len(document)} tensors; at most {limits.tensors} are read")
    header = Header(stamp, metadata, tuple(_slot(name, entry, limits) for name, entry in document.items()))
    _check_cover(header.slots, block)
    if header.raw() != raw:
        raise Unsound("has a header that is not spelled as chainrule spells it (blanks, order, escapes or numbers)")
    if header.seal() != stamp.header_sha256:
        raise Unsound(f"has a header whose sha256 is {header.seal()[:12]}..., but it says {stamp.header_sha256[:12]}...")
    return header


def _document(text: bytes | str, what: str) -> dict[str, object]:
    try:
        value = strict_json.loads(text)
    except ValueError as error:
        raise Unsound(f"has a {what} that {error}") from error
    if not isinstance(value, dict):
        raise Unsound(f"has a {what} that is {quoted(value)}, not a JSON object")
    return value


def _ours(metadata: object) -> tuple[Stamp, dict[str, object]]:
    """Part the stamp from the caller's metadata; the format comes first, since a newer one may differ in all else."""
    if metadata is None:
        raise Unsound("is a safetensors file without metadata, so chainrule did not write it", FOREIGN)
    if not isinstance(metadata, dict) or not all(type(value) is str for value in metadata.values()):
        raise Unsound(f"has metadata that is {quoted(metadata)}; each value must be a string")
    if set(metadata) != {OURS}:
        raise Unsound(f"has metadata named {quoted(sorted(metadata))}, where chainrule writes ['chainrule']", FOREIGN)
    ours = _document(metadata[OURS], "chainrule metadata")
    _check_format(ours)
    stamp = {name: ours.pop(name, None) for name in sorted(RESERVED)}
    return _stamp(stamp), ours


def _check_format(ours: dict[str, object]) -> None:
    number, needs = ours.get("format"), ours.get("needs")
    if type(number) is not int or number < 1:
        raise Unsound(f"has the format {quoted(number)}; formats are whole numbers from 1")
    if number > FORMAT:
        version = needs if isinstance(needs, str) and VERSION.fullmatch(needs) else "a newer version"
        raise Unsound(
            f"has format {number}; this chainrule reads formats up to {FORMAT}: it needs chainrule >= {version}",
            "Update chainrule: pip install --upgrade chainrule",
        )


def _stamp(values: dict[str, object]) -> Stamp:
    for name in ("sha256", "header_sha256"):
        value = values[name]
        if not isinstance(value, str) or not DIGEST.fullmatch(value):
            raise Unsound(f"has {name} = {quoted(value)} in its metadata; 64 hexadecimal digits are needed")
    if not isinstance(values["needs"], str) or not VERSION.fullmatch(values["needs"]):
        raise Unsound(f"has needs = {quoted(values['needs'])} in its metadata; a version number is needed")
    return Stamp(**values)  # type: ignore[arg-type]


def _slot(name: str, entry: object, limits: Limits) -> Slot:
    check_name(name, limits)
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise Unsound(f"describes tensor {name} by {quoted(entry)}; dtype, shape and data_offsets are needed")
    code = entry["dtype"]
    if not isinstance(code, str) or code not in DTYPES:
        raise Unsound(f"gives tensor {name} the dtype {quoted(code)}; known are {', '.join(DTYPES)}")
    shape = _whole_numbers(entry["shape"], f"the shape of tensor {name}")
    offsets = _whole_numbers(entry["data_offsets"], f"the offsets of tensor {name}")
    if len(shape) > limits.dimensions:
        raise Unsound(f"gives tensor {name} {len(shape)} dimensions; at most {limits.dimensions} are read")
    if len(offsets) != 2 or offsets[0] > offsets[1]:
        raise Unsound(f"gives tensor {name} the offsets {quoted(list(offsets))}; [start, stop] in this order is needed")
    slot = Slot(name, code, shape, *offsets)
    _check_size(slot)
    return slot


def check_name(name: str, limits: Limits) -> None:
    """Allow letters, digits, ``_ . -``; never a path out of a folder, should somebody ever make one of it."""
    if len(name) > limits.name_length:
        raise Unsound(f"has a tensor name of {len(name)} characters; at most {limits.name_length} are read")
    if not NAME.fullmatch(name) or ".." in name or name == METADATA:
        raise Unsound(f"has a tensor named {quoted(name)}; names are letters, digits, '_', '.', '-', without '..'")


def _whole_numbers(values: object, what: str) -> tuple[int, ...]:
    if not isinstance(values, list) or not all(type(value) is int and value >= 0 for value in values):
        raise Unsound(f"has {quoted(values)} as {what}; a list of whole numbers from 0 is needed")
    return tuple(values)


def _check_size(slot: Slot) -> None:
    # Zeros do not excuse the other dimensions: NumPy and safetensors multiply them too.
    if math.prod(max(n, 1) for n in slot.shape) * slot.dtype.itemsize > LARGEST:
        raise Unsound(f"gives tensor {slot.name} the shape {quoted(list(slot.shape))}, which overflows 64 bits")
    needed = math.prod(slot.shape) * slot.dtype.itemsize
    if slot.stop - slot.start != needed:
        raise Unsound(
            f"gives tensor {slot.name} {slot.stop - slot.start} bytes, "
            f"but shape {quoted(list(slot.shape))} of {slot.code} takes {needed}"
        )


def _check_cover(slots: tuple[Slot, ...], block: int) -> None:
    """See that the tensors stand in the order of the header, without gaps, overlap or a byte that belongs to none."""
    end = 0
    for slot in slots:
        if slot.start != end:
            fault = "overlaps the tensor before it" if slot.start < end else "leaves a hole before it"
            raise Unsound(f"has tensor {slot.name} at byte {slot.start} where byte {end} is due: it {fault}")
        end = slot.stop
    if end > block:
        raise Unsound(f"needs {end} bytes of numbers and holds {block}: it was cut off")
    if end < block:
        raise Unsound(f"has {block - end} trailing bytes that belong to no tensor")
