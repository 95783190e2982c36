"""The table of malformed tensor files: name, how to build it, words that the error must say."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import pickle
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
from io_helpers import canonical, edited, packed, parts, respelled, sealed, sound

Row = tuple[str, Callable[[], bytes], str]
NO_PICKLE = "pickle files can run code; chainrule never loads them"
LONG = "[" * 200_000 + "]" * 200_000
NESTED = json.loads(LONG[:500] + LONG[-500:])


def zipped() -> bytes:
    """Return an archive as torch and keras make it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("data.pkl", pickle.dumps([1]))
    return stream.getvalue()


def put(name: str, **values: object) -> Callable[[], bytes]:
    """Build a file in which one tensor is described otherwise."""
    return lambda: edited(lambda entries, ours: entries[name].update(values))


def ours(**values: object) -> Callable[[], bytes]:
    """Build a file with other metadata of chainrule's own."""
    return lambda: edited(lambda entries, mine: mine.update(values))


def without(key: str) -> Callable[[], bytes]:
    """Build a file that lacks a part of chainrule's own metadata."""
    return lambda: edited(lambda entries, mine: mine.pop(key))


def renamed(name: str) -> Callable[[], bytes]:
    """Build a file in which the last tensor has another name."""
    return lambda: edited(lambda entries, mine: entries.update({name: entries.pop("mask")}))


def metadata(value: object) -> Callable[[], bytes]:
    """Build a file with other metadata altogether."""
    return lambda: packed(canonical({"__metadata__": value, **parts()[0]}, sort_keys=False).encode(), parts()[2])


def inner(text: str) -> Callable[[], bytes]:
    """Build a file whose chainrule string is the text."""
    return metadata({"chainrule": text})


def many(count: int) -> bytes:
    """Return a file of many empty tensors."""
    entry = {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}
    return packed(sealed({f"a{k}": entry for k in range(count)}, parts()[1]))


def lone(array: np.ndarray, code: str) -> bytes:
    """Return a file of one tensor, whatever its bytes are."""
    entry = {"dtype": code, "shape": list(array.shape), "data_offsets": [0, array.nbytes]}

    def only(entries: dict[str, object], mine: dict[str, object]) -> None:
        entries.clear()
        entries["only"] = entry
        mine["sha256"] = hashlib.sha256(array.tobytes()).hexdigest()

    raw = edited(only)
    length = int.from_bytes(raw[:8], "little")
    return raw[: 8 + length] + array.tobytes()


MALFORMED: list[Row] = [
    # whole files
    ("empty", lambda: b"", "is empty (0 bytes)"),
    ("1 byte", lambda: b"\x08", "only 1 bytes"),
    ("7 bytes", lambda: b"\x08" + bytes(6), "only 7 bytes"),
    ("8 zeros", lambda: bytes(8), "starts with b''"),
    ("text", lambda: b"hello, I am a model", "claims a header of"),
    ("header length 2**63", lambda: (1 << 63).to_bytes(8, "little") + sound()[8:], f"header of {1 << 63} bytes"),
    ("header length 1 MiB + 1", lambda: ((1 << 20) + 1).to_bytes(8, "little") + sound()[8:], "at most 1048576"),
    ("header longer than file", lambda: (1 << 19).to_bytes(8, "little") + sound()[8:], "cut off"),
    ("header cut", lambda: sound()[:60], "cut off"),
    ("block cut", lambda: sound()[:-1], "cut off"),
    # other formats, whatever they are called
    *((f"pickle {p}", lambda p=p: pickle.dumps({"w": [1.5] * 9}, p), NO_PICKLE) for p in range(6)),
    ("pickle of an array", lambda: pickle.dumps(np.eye(3), 0), NO_PICKLE),
    ("pickle that would run code", lambda: b"cos\nsystem\n(S'echo'\ntR.", NO_PICKLE),
    (".pt", zipped, NO_PICKLE),
    ("empty zip", lambda: b"PK\x05\x06" + bytes(18), NO_PICKLE),
    (".h5", lambda: b"\x89HDF\r\n\x1a\n" + bytes(80), "HDF5"),
    (".joblib", lambda: zlib.compress(pickle.dumps([1] * 99)), "compressed"),
    (".gz", lambda: gzip.compress(sound()), "compressed"),
    (".npy", lambda: b"\x93NUMPY\x01\x00v\x00" + bytes(80), "NumPy array"),
    (".json", lambda: b'{"sizes": [784, 30, 10], "weights": []}', "JSON text"),
    # JSON
    ("header starts with a blank", lambda: packed(b' {"a":1}'), "starts with"),
    ("header is a list", lambda: packed(b"[1,2,3]"), "starts with"),
    ("not JSON", lambda: packed(b"{]"), "not JSON at character"),
    ("unfinished JSON", lambda: packed(b'{"a":'), "not JSON at character"),
    ("two documents", lambda: packed(b"{}{}"), "not JSON at character"),
    ("zeros after the JSON", lambda: packed(b"{}" + bytes(6)), "not JSON at character"),
    ("bad UTF-8", lambda: packed(b'{"\xff":1}'), "not UTF-8 at byte 2"),
    ("UTF-16", lambda: packed("{}".encode("utf-16-le") + b"\0"), "not JSON"),
    ("duplicate key", lambda: packed(b'{"a":1,"a":1}'), "the key 'a' twice"),
    ("NaN", lambda: packed(b'{"a":NaN}'), "holds NaN"),
    ("Infinity", lambda: packed(b'{"a":-Infinity}'), "holds -Infinity"),
    ("1e999", lambda: packed(b'{"a":1e999}'), "too large"),
    ("number of 5000 digits", lambda: packed(b'{"a":' + b"1" * 5000 + b"}"), "5000 digits"),
    ("nested 200 000 deep", lambda: packed(b'{"a":' + LONG.encode() + b"}"), "nested too deeply"),
    ("blanks in the JSON", lambda: respelled(b'"shape":[3,4]', b'"shape":[3, 4]'), "not spelled as chainrule"),
    ("escape in a name", lambda: respelled(b'"mask"', b'"m\\u0061sk"'), "not spelled as chainrule"),
    ("minus zero", lambda: respelled(b'"data_offsets":[0,8]', b'"data_offsets":[-0,8]'), "not spelled as chainrule"),
    ("padding of tabs", lambda: packed(sealed(*parts()[:2]).rstrip() + b"\t" * 8, parts()[2]), "not spelled as"),
    # chainrule's own metadata
    ("no metadata", lambda: packed(canonical(parts()[0]).encode(), parts()[2]), "without metadata"),
    ("metadata not a dict", metadata("x"), "each value must be a string"),
    ("metadata not str", metadata({"chainrule": 1}), "each value must be a string"),
    ("foreign metadata", metadata({"format": "pt"}), "named ['format']"),
    ("more metadata", lambda: edited(lambda entries, mine: None, extra={"format": "pt"}), "['chainrule', 'format']"),
    ("chainrule string not JSON", inner("x"), "chainrule metadata that is not JSON"),
    ("chainrule string a list", inner("[]"), "not a JSON object"),
    ("chainrule string with NaN", inner('{"format":1,"a":NaN}'), "holds NaN"),
    ("chainrule string with a duplicate", inner('{"format":1,"format":1}'), "'format' twice"),
    ("chainrule string nested deep", inner('{"a":' + LONG + "}"), "nested too deeply"),
    (
        "chainrule string not canonical",
        lambda: respelled(b'\\"format\\":1', b'\\"format\\": 1'),
        "not spelled as chainrule",
    ),
    ("newer format", ours(format=2, needs="0.9.0"), "needs chainrule >= 0.9.0"),
    ("newer format, odd version", ours(format=10**9, needs="\x1b[31m"), "needs chainrule >= a newer version"),
    ("newer format, otherwise unknown", inner('{"format":3,"needs":"2.0"}'), "needs chainrule >= 2.0"),
    ("format 0", ours(format=0), "format 0"),
    ("format true", ours(format=True), "format True"),
    ("format 1.0", ours(format=1.0), "format 1.0"),
    ("format missing", without("format"), "format None"),
    ("needs missing", without("needs"), "needs = None"),
    ("needs odd", ours(needs="../x"), "needs = '../x'"),
    ("sha256 missing", without("sha256"), "sha256 = None"),
    ("sha256 short", ours(sha256="abc"), "64 hexadecimal digits"),
    ("sha256 wrong", ours(sha256="0" * 64), "tensors whose sha256 is"),
    ("header changed", lambda: respelled(b'"shape":[3,4]', b'"shape":[4,3]'), "header whose sha256 is"),
    ("metadata changed", lambda: respelled(b"sigmoid", b"softmax"), "header whose sha256 is"),
    ("name changed", lambda: respelled(b'"w_2"', b'"w_3"'), "header whose sha256 is"),
    # the table of tensors
    ("4097 tensors", lambda: many(4097), "4097 tensors; at most 4096"),
    ("name a path", renamed("../../etc/passwd"), "names are letters"),
    ("name with dots", renamed("a..b"), "names are letters"),
    ("name empty", renamed(""), "names are letters"),
    ("name with a newline", renamed("a\n"), "names are letters"),
    ("name with an escape sequence", renamed("\x1b[2J"), "'\\x1b[2J'"),
    ("name of a lone surrogate", renamed("\ud800"), "'\\ud800'"),
    ("name Greek", renamed("δ"), "names are letters"),
    ("name of 201", renamed("a" * 201), "201 characters; at most 200"),
    ("entry a number", lambda: edited(lambda entries, mine: entries.update(mask=3)), "describes tensor mask by 3"),
    ("entry with more", put("mask", code="exec"), "describes tensor mask"),
    ("unknown dtype", put("mask", dtype="BF16"), "dtype 'BF16'; known are F16, F32, F64, I64, U64, U8, BOOL"),
    ("dtype a list", put("mask", dtype=["F32"]), "dtype ['F32']"),
    ("shape null", put("mask", shape=None), "None as the shape of tensor mask"),
    ("shape negative", put("w_2", shape=[-3, -4]), "[-3, -4] as the shape"),
    ("shape float", put("w_2", shape=[3.0, 4]), "[3.0, 4] as the shape"),
    ("shape bool", put("w_2", shape=[True, 12]), "[True, 12] as the shape"),
    ("shape a string", put("w_2", shape="34"), "'34' as the shape"),
    ("shape nested", put("w_2", shape=[[3], 4]), "as the shape"),
    (
        "shape nested 500 deep",
        lambda: edited(lambda e, m: e["w_2"].update(shape=NESTED)),
        "as the shape",
    ),
    ("shape too large", put("w_2", shape=[3, 5]), "takes 120"),
    ("shape huge", put("w_2", shape=[2**63, 2]), "overflows 64 bits"),
    ("shape huge beside a zero", put("w_2", shape=[0, 2**40, 2**40], data_offsets=[8, 8]), "overflows 64 bits"),
    ("shape product wraps to the right size", put("w_2", shape=[2**32, 2**32 + 3]), "overflows 64 bits"),
    ("33 dimensions", put("w_2", shape=[1] * 31 + [3, 4]), "33 dimensions; at most 32"),
    ("256 GiB", put("mask", dtype="U8", shape=[2**38], data_offsets=[116, 116 + 2**38]), "it was cut off"),
    ("offsets reversed", put("w_2", data_offsets=[104, 8]), "[start, stop] in this order"),
    ("offsets negative", put("step", data_offsets=[-8, 0]), "as the offsets of tensor step"),
    ("offsets float", put("step", data_offsets=[0, 8.0]), "as the offsets of tensor step"),
    ("offsets three", put("step", data_offsets=[0, 8, 8]), "[start, stop] in this order"),
    ("offsets too short", put("w_2", data_offsets=[8, 96]), "gives tensor w_2 88 bytes"),
    ("overlap", put("w_2", data_offsets=[0, 96]), "overlaps the tensor before it"),
    ("hole", put("mask", data_offsets=[117, 122]), "leaves a hole before it"),
    ("trailing bytes", lambda: edited(lambda entries, mine: None, tail=b"PK"), "2 trailing bytes"),
    ("no tensors but a block", lambda: edited(lambda entries, mine: entries.clear()), "121 trailing bytes"),
    # the numbers
    ("bool of 2", lambda: lone(np.array([0, 1, 2], np.uint8), "BOOL"), "byte 2 in the bool tensor only"),
    (
        "NaN among the numbers",
        lambda: lone(np.array([0, np.nan]), "F64"),
        "1 of 2 numbers in tensor only that are not finite",
    ),
    (
        "infinity among the numbers",
        lambda: lone(np.array([np.inf], np.float32), "F32"),
        "1 of 1 numbers in tensor only that are not finite",
    ),
]

HEADERS = [row[1]()[8:400] for row in MALFORMED]
