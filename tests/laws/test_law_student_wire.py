"""The messages between a student's process and ours: what goes in comes out, and nothing else can."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from chainrule.auditing.student_wire import DEEPEST, Other, WireError, pack, unpack

ARRAYS = stn.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_, np.complex128]),
    stn.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


def same(one: object, other: object) -> bool:
    """Whether two values are of one type and equal, NaN too."""
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other


@given(VALUES)
def test_a_message_carries_numbers_arrays_lists_and_dicts_as_they_are(value):
    """unpack(pack(value)) is the value, to the bit, of its own type."""
    assert same(unpack(pack(value)), value)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_refused(raw):
    """Whatever comes through the pipe is a value or a WireError, never another exception."""
    try:
        unpack(raw)
    except WireError:
        return


@given(VALUES, st.data())
def test_a_message_with_a_changed_byte_is_a_value_or_refused(value, data):
    """Damage is never another exception."""
    raw = bytearray(pack(value))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        unpack(bytes(raw))
    except WireError:
        return


@pytest.mark.parametrize("value", [object(), {1, 2}, np.array([None]), np.array(["a"]), b"bytes", iter([])])
def test_an_object_arrives_as_the_name_of_its_type(value):
    """Nothing of it comes along that could run."""
    (found,) = unpack(pack([value]))
    assert isinstance(found, Other)


def test_what_is_too_deep_or_too_long_is_refused_by_the_sender():
    """Lists without end do not fill the pipe."""
    endless: list[object] = []
    endless.append(endless)
    for value in (endless, [0] * 1_000_000, np.zeros(1 << 24)):
        with pytest.raises(WireError):
            pack(value)
    assert DEEPEST < 20
