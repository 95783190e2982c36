"""Tensor files that are broken, foreign or hostile: each is refused in words."""

from __future__ import annotations

import os
import socket
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from io_helpers import METADATA, QUIET, TENSORS, accepted, assert_same, edited, packed, saved, sound
from io_malformed import HEADERS, MALFORMED

from chainrule.errors import ModelFileError, ResourceError
from chainrule.io import Limits, read_tensors, write_tensors


def test_equally_sized_tables_are_read_by_both(tmp_path):
    """The differential test has teeth: some changed tables with right digests are sound, and read."""
    for shape in ([4, 3], [12], [1, 12, 1], [2, 2, 3]):
        assert accepted(tmp_path / "file", edited(lambda entries, ours: entries["w_2"].update(shape=shape)))  # noqa: B023
    assert accepted(tmp_path / "file", edited(lambda entries, ours: entries["step"].update(dtype="F64")))


@pytest.mark.parametrize(("build", "words"), [row[1:] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_malformed_files_are_refused_in_words(tmp_path, build, words):
    """Each kind of broken or foreign file gets a ModelFileError that says what is wrong and what to do."""
    path = saved(tmp_path / "model.safetensors", build())
    with pytest.raises(ModelFileError) as caught:
        read_tensors(path)
    assert words in str(caught.value)
    assert repr(str(path)) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2
    assert "finite" in words or not accepted(path, build())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "modle.safetensors", "nearest names in"),
        (lambda folder: folder / "zzz", "has a name like it"),
        (lambda folder: folder / "missing" / "file", "cannot be read either"),
        (lambda folder: folder, "is a folder"),
        (lambda folder: folder / "pipe", "not a regular file"),
        (lambda folder: folder / "socket", "not a regular file"),
        (lambda folder: "/dev/null", "not a regular file"),
        (lambda folder: folder / "loop", "cannot be read"),
        (lambda folder: folder / ("x" * 5000), "cannot be read"),
        (lambda folder: folder / "a\0b", "embedded null"),
        (lambda folder: folder / "model.safetensors" / "file", "cannot be read"),
    ],
)
def test_what_is_not_a_regular_file_is_refused(tmp_path, monkeypatch, make, words):
    """Missing files, folders, pipes (without waiting), sockets, devices, loops and impossible names are refused."""
    write_tensors(tmp_path / "model.safetensors", TENSORS, METADATA)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        with pytest.raises(ModelFileError, match=words):
            read_tensors(make(tmp_path))


def test_a_missing_file_names_its_neighbours(tmp_path):
    """The error for a typo gives the name that was meant."""
    write_tensors(tmp_path / "model.safetensors", TENSORS, METADATA)
    with pytest.raises(ModelFileError, match=r"'model.safetensors'"):
        read_tensors(tmp_path / "modle.safetensors")


def test_truncation_at_every_byte_is_refused(tmp_path):
    """A file that was cut anywhere is never read."""
    raw = sound()
    assert accepted(tmp_path / "file", raw)
    assert not any(accepted(tmp_path / "file", raw[:size]) for size in range(len(raw)))


def test_every_single_flipped_bit_is_found(tmp_path):
    """A flip of any bit, in the numbers, the names, the shapes, the metadata or the padding, is refused."""
    write_tensors(tmp_path / "file", {**TENSORS, "w_3": np.full((12, 14), 0.1)}, METADATA)
    raw = (tmp_path / "file").read_bytes()
    assert len(raw) > 1900
    for place in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[place // 8] ^= 1 << place % 8
        assert not accepted(tmp_path / "file", bytes(flipped)), place


@QUIET
@given(raw=st.binary(max_size=300))
def test_random_bytes_are_refused(tmp_path, raw):
    """Bytes from nowhere give a ModelFileError and nothing else."""
    assert not accepted(tmp_path / "file", raw)


@QUIET
@given(header=st.binary(max_size=200) | st.sampled_from(HEADERS), block=st.binary(max_size=40))
def test_random_headers_are_refused(tmp_path, header, block):
    """Behind a right length, a header from nowhere gives a ModelFileError and nothing else."""
    assert not accepted(tmp_path / "file", packed(b"{" + header, block))


@QUIET
@given(
    edits=st.lists(
        st.tuples(st.sampled_from(["put", "insert", "delete", "copy"]), st.integers(0, 2**16), st.binary(max_size=8)),
        min_size=1,
        max_size=6,
    ),
    mend=st.booleans(),
)
def test_mutated_files_are_refused_or_the_same(tmp_path, edits, mend):
    """A sound file after some edits (its length field mended or not) is refused, unless nothing was changed."""
    raw = bytearray(sound())
    length = int.from_bytes(raw[:8], "little")
    for kind, place, piece in edits:
        at = place % (len(raw) + 1)
        if kind == "put":
            raw[at : at + len(piece)] = piece
        elif kind == "insert":
            raw[at:at] = piece
        elif kind == "delete":
            del raw[at : at + len(piece)]
        else:
            raw[at:at] = raw[at // 2 : at // 2 + 3 * len(piece)]
    if mend:
        raw[:8] = (length + len(raw) - len(sound())).to_bytes(8, "little", signed=True)
    assert accepted(tmp_path / "file", bytes(raw)) == (bytes(raw) == sound())


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**65), 2**65),
    st.sampled_from([0, 1, 3, 4, 8, 12, 96, 104, 116, 121]),
    st.floats(0, 200),
    st.sampled_from(["F64", "F32", "I64", "U64", "U8", "BOOL", "F16", "BF16", "I32", "C64", "F8_E4M3"]),
    st.text(max_size=5),
)
ODD_LISTS = st.recursive(ODD, lambda inner: st.lists(inner, max_size=4), max_leaves=6)


@QUIET
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(sorted(TENSORS)), st.sampled_from(["dtype", "shape", "data_offsets"]), ODD_LISTS | ODD),
        min_size=1,
        max_size=3,
    )
)
def test_tables_with_right_digests_are_refused_or_read_as_safetensors_reads_them(tmp_path, changes):
    """A liar who knows how to compute the digests gets no further: what is read, safetensors reads alike."""

    def edit(entries, ours):
        for name, field, value in changes:
            entries[name][field] = value

    accepted(tmp_path / "file", edited(edit))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_that_are_not_finite_need_a_word(tmp_path, bad, dtype):
    """NaN and infinity are refused with their count, and read when that is asked for."""
    array = np.array([1, bad, 2], dtype)
    write_tensors(tmp_path / "file", {"w_2": array}, {}, allow_nonfinite=True)
    with pytest.raises(ModelFileError, match="1 of 3 numbers in tensor w_2 that are not finite"):
        read_tensors(tmp_path / "file")
    assert_same(read_tensors(tmp_path / "file", allow_nonfinite=True)[0], {"w_2": array})


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(tensors=3), "4 tensors; at most 3"),
        (Limits(header_bytes=100), "at most 100 are read"),
        (Limits(name_length=3), "4 characters; at most 3"),
        (Limits(dimensions=1), "2 dimensions; at most 1"),
    ],
)
def test_limits_hold_for_reading_and_writing(tmp_path, limits, words):
    """Each limit is in force, both ways."""
    write_tensors(tmp_path / "file", TENSORS, METADATA)
    for act in (
        lambda: read_tensors(tmp_path / "file", limits=limits),
        lambda: write_tensors(tmp_path / "file", TENSORS, METADATA, limits=limits),
    ):
        with pytest.raises(ModelFileError, match=words):
            act()


def test_reading_takes_no_more_memory_than_twice_the_file(tmp_path):
    """The peak while reading 8 MB is under 16 MB and a little."""
    write_tensors(tmp_path / "file", {"w_2": np.ones((1000, 1000))}, {})
    tracemalloc.start()
    try:
        read_tensors(tmp_path / "file")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 8e6 <= peak < 16.5e6


def test_a_claim_of_gigabytes_costs_nothing(tmp_path):
    """A small file that claims 256 GiB of numbers is refused before memory is asked for."""
    path = saved(tmp_path / "file", {row[0]: row[1] for row in MALFORMED}["256 GiB"]())
    tracemalloc.start()
    try:
        with pytest.raises(ModelFileError, match="cut off"):
            read_tensors(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1e6


def test_a_file_that_shrinks_while_being_read_is_refused(tmp_path, monkeypatch):
    """When fewer bytes come than the file had at its opening, the reader says so."""
    path = saved(tmp_path / "file", sound()[:-3])
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", lambda descriptor: SimpleNamespace(st_size=len(sound())))
        with pytest.raises(ModelFileError, match="ended 3 bytes before the end of tensor mask: it changed"):
            read_tensors(path)


def test_too_little_memory_is_a_resource_error(tmp_path, monkeypatch):
    """Memory that does not suffice is not the fault of the file."""

    def empty(shape, dtype):
        raise MemoryError("Unable to allocate")

    path = saved(tmp_path / "file", sound())
    with monkeypatch.context() as patch:
        patch.setattr(np, "empty", empty)
        with pytest.raises(ResourceError, match="memory does not suffice"):
            read_tensors(path)
