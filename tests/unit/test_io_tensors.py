"""Tensor files: what they keep, and what is refused at saving."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from io_helpers import METADATA, QUIET, TENSORS, assert_same, attempt, saved, sound

from chainrule.errors import ModelFileError, ResourceError
from chainrule.io import read_tensors, verify_tensors, write_tensors

NESTED: list = []
for _ in range(100_000):
    NESTED = [NESTED]
DTYPES = ("float32", "float64", "int64", "uint64", "uint8", "bool")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (0,), (3, 0, 2), (2, 3), (2, 1, 3, 1)])
def test_tensors_come_back_as_they_were(tmp_path, dtype, shape):
    """Every dtype and shape, scalars and empty ones too, is read as it was written."""
    array = (np.arange(int(np.prod(shape))) % 2).astype(dtype).reshape(shape)
    write_tensors(tmp_path / "file", {"array": array}, {})
    tensors, metadata = read_tensors(tmp_path / "file")
    assert_same(tensors, {"array": array})
    assert metadata == {}
    assert_same(safetensors.numpy.load_file(tmp_path / "file"), {"array": array})


@settings(QUIET, max_examples=100)  # each example is four flushes of the disk
@given(
    tensors=st.dictionaries(
        st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}(\.[0-9])?", fullmatch=True),
        st.sampled_from(DTYPES).flatmap(lambda dtype: arrays(dtype, array_shapes(min_dims=0, min_side=0, max_side=4))),
        max_size=5,
    ),
    metadata=st.dictionaries(
        st.text(max_size=5).map("m".__add__),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=8,
        ),
        max_size=4,
    ),
)
def test_save_load_save_is_byte_identical(tmp_path, tensors, metadata):
    """What is read is what was written, and writing it again gives the same bytes; safetensors reads the same."""
    write_tensors(tmp_path / "one", tensors, metadata, allow_nonfinite=True)
    read, back = read_tensors(tmp_path / "one", allow_nonfinite=True)
    assert_same(read, tensors)
    assert back == metadata
    write_tensors(tmp_path / "two", read, back, allow_nonfinite=True)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert_same(safetensors.numpy.load((tmp_path / "one").read_bytes()), tensors)


def test_the_file_is_the_one_made_by_hand(tmp_path):
    """The layout is as documented: a file built without chainrule is equal to the last byte."""
    write_tensors(tmp_path / "file", TENSORS, METADATA)
    assert (tmp_path / "file").read_bytes() == sound()


def test_order_and_memory_layout_do_not_matter(tmp_path):
    """Other order of names, Fortran order, strides and byte order give the same bytes."""
    write_tensors(tmp_path / "one", TENSORS, METADATA)
    twisted = {
        "mask": np.repeat(TENSORS["mask"], 2)[::2],
        "step": TENSORS["step"].astype(">i8"),
        "b_2": TENSORS["b_2"][::-1][::-1].astype(">f4"),
        "w_2": np.asfortranarray(TENSORS["w_2"]),
    }
    write_tensors(tmp_path / "two", twisted, dict(reversed(METADATA.items())))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_read_arrays_are_writable_aligned_and_their_own(tmp_path):
    """Training can go on in the arrays as they come."""
    write_tensors(tmp_path / "file", TENSORS, METADATA)
    for array in read_tensors(tmp_path / "file")[0].values():
        assert array.flags.writeable
        assert array.flags.aligned
        assert array.flags.c_contiguous
        assert array.flags.owndata


def test_the_name_of_the_file_does_not_matter(tmp_path):
    """Two models that were swapped or renamed are read by their content."""
    for name in ("model.pt", "model.h5", "päth with\nnewline ", os.fsdecode(b"\xff\xfe")):
        write_tensors(tmp_path / name, TENSORS, METADATA)
        assert_same(read_tensors(tmp_path / name)[0], TENSORS)


def test_verify_gives_the_checksum_of_the_tensors(tmp_path):
    """The sha256 depends on the numbers and not on the metadata."""
    for name, metadata in (("one", {}), ("two", {"epoch": 2})):
        write_tensors(tmp_path / name, TENSORS, metadata)
    one, two = (verify_tensors(tmp_path / name) for name in ("one", "two"))
    assert one.sha256 == two.sha256
    assert one.header_sha256 != two.header_sha256
    assert one.format == 1


@pytest.mark.parametrize(
    ("tensors", "metadata", "words"),
    [
        ({"a": np.zeros(2, np.complex64)}, {}, "dtype complex64; known are float16, float32, float64"),
        ({"a": np.zeros(2, complex)}, {}, "dtype complex128"),
        ({"a": np.array([{}], object)}, {}, "dtype object"),
        ({"a": np.array(["x"])}, {}, "dtype <U1"),
        ({"../a": np.zeros(2)}, {}, "'../a'"),
        ({"a..b": np.zeros(2)}, {}, "'a..b'"),
        ({"": np.zeros(2)}, {}, "''"),
        ({"__metadata__": np.zeros(2)}, {}, "__metadata__"),
        ({"a" * 201: np.zeros(2)}, {}, "201 characters"),
        ({f"a{k}": np.zeros(0) for k in range(4097)}, {}, "4097 tensors"),
        ({"a": np.array([1, np.nan, np.inf])}, {}, "2 of 3 numbers in tensor a"),
        ({}, {"rate": np.nan}, "not JSON"),
        ({}, {"rate": np.float32(1)}, "not JSON"),
        ({}, {"sha256": "0"}, "metadata named sha256"),
        ({}, {"labels": {1: "a", "1": "b"}}, "not JSON"),
        ({}, {"labels": {None: "a", "null": "b"}}, "not JSON"),
        ({}, {1: "a"}, "not JSON"),
        ({}, {"deep": NESTED}, "nested too deeply"),
        ({}, {"text": "x" * (1 << 20)}, "at most 1048576"),
    ],
)
def test_nothing_is_saved_that_could_not_be_read(tmp_path, tensors, metadata, words):
    """What the reader would refuse is refused at saving, and an older file stays."""
    path = saved(tmp_path / "file", b"old")
    with pytest.raises(ModelFileError, match="cannot be saved") as caught:
        write_tensors(path, tensors, metadata)
    assert words in str(caught.value)
    assert path.read_bytes() == b"old"


def test_each_failing_call_leaves_the_old_model(tmp_path, monkeypatch):
    """Whichever call to the system fails, an old model stays readable until the new one is in its place."""
    path, new, k, calls = tmp_path / "file", {"w_2": np.ones(3)}, 0, []
    while True:
        k += 1
        write_tensors(path, TENSORS, METADATA)
        call, error = attempt(lambda: write_tensors(path, new, {}), k, errno.EDQUOT, monkeypatch)
        if not call:
            break
        calls.append(call)
        assert_same(read_tensors(path)[0], new if calls[-2:] == ["replace", "fsync"] else TENSORS)
        assert isinstance(error, ResourceError)
        assert "quota" in str(error)
        assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
    assert calls[-3:] == ["fsync", "replace", "fsync"]
