"""What the page draws: axes, curves and pictures say the numbers that they were given."""

from __future__ import annotations

import json
import re
import zlib

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from chainrule import Network
from chainrule.data import toy
from chainrule.report.axes import Frame, axis, epochs_axis
from chainrule.report.curves import curves
from chainrule.report.images import DIVERGING, INK, levels, png


def history(n: int = 3, **more) -> list[dict]:
    """The records of n epochs, each with something more."""
    return [
        {"epoch": e, "cost": 1 / e, "metrics": {"cost": 1.1 / e, "accuracy": 1 - 0.5 / e}, "training_metrics": {},
         "eta": 0.1, "seconds": 0.5, "examples": 1000} | more for e in range(1, n + 1)
    ]  # fmt: skip


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=5), st.booleans())
@example([5e-324], False)
@example([0.0, 3e-323], True)
def test_an_axis_spans_its_values(values, tight):
    """Every value lies on the axis, ticks ascend within it, and there are a few of them."""
    found = axis(values, "v", tight=tight, log=False)
    slack = 1e-8 * (max(values) - min(values))  # too little to be seen
    assert found.low <= min(values) + slack
    assert found.high >= max(values) - slack
    assert list(found.ticks) == sorted(set(found.ticks))
    assert 2 <= len(found.ticks) <= 13
    assert len({found.write(t) for t in found.ticks}) == len(found.ticks)


@given(st.floats(1e-8, 1e3), st.floats(31, 1e9))
def test_a_logarithmic_axis_spans_its_values(low, ratio):
    """Costs over several powers of ten are drawn on a logarithmic axis, which says so."""
    found = axis([low, low * ratio], "cost")
    assert found.log
    assert "logarithmic" in found.label
    assert found.share(low) >= -1e-9
    assert found.share(low * ratio) <= 1 + 1e-9


@given(st.integers(1, 10**6))
def test_epochs_have_whole_numbers_beside_them(last):
    """The axis of epochs begins with 1 and has few ticks, all whole and within it."""
    found = epochs_axis(last)
    assert found.ticks[0] == 1
    assert all(t == int(t) <= max(last, 2) for t in found.ticks)
    assert len(found.ticks) <= 8


def test_a_point_is_drawn_where_the_axes_say():
    """The corners of the plot are the ends of both axes, with y upwards."""
    frame = Frame(axis([0, 10], "x"), axis([0, 1], "y"), 440, 270, right=16, top=12, bottom=42)
    assert frame.at(0, 0) == (frame.left, 228)
    assert frame.at(10, 1) == (424, 12)


def test_curves_leave_out_what_was_not_measured():
    """A null in the log is a gap, and a run without validation has one curve and says so."""
    records = [{"epoch": 1, "cost": 0.5}, {"epoch": 2, "cost": None}, {"epoch": 3, "cost": 0.25}]
    drawn = curves(records).text
    assert drawn.count("<figure>") == 1
    assert len(re.search(r'<path d="([^"]*)"', drawn)[1].split("L")) == 2
    assert "No validation set" in drawn


def test_a_rate_that_changes_has_its_curve():
    """The learning rate is drawn where it is not the same in every epoch."""
    assert "Learning rate" not in curves(history()).text
    assert "Learning rate" in curves([r | {"eta": 0.1 / r["epoch"]} for r in history()]).text


def unpacked(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The pixels and the palette of a PNG file, whose checksums must hold."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert int.from_bytes(data[at + 8 + length : at + 12 + length]) == zlib.crc32(kind + body)
        chunks[kind], at = body, at + 12 + length
    assert list(chunks) == [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]
    width, height = int.from_bytes(chunks[b"IHDR"][:4]), int.from_bytes(chunks[b"IHDR"][4:8])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    colours = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    return rows[:, 1:], np.column_stack([colours, np.frombuffer(chunks[b"tRNS"], np.uint8)])


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_a_png_says_the_pixels_it_was_given(height, width, seed):
    """What is read from the file is what was written, for every shape."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    found, palette = unpacked(png(pixels, INK))
    assert (found == pixels).all()
    assert (palette == INK).all()


def test_a_weight_of_zero_has_no_colour():
    """Zero lets the page through; weights of opposite sign are equally strong and of other colours."""
    zero, down, up = (DIVERGING[i] for i in levels(np.array([0.0, -0.3, 0.3]), -1, 1, len(DIVERGING)))
    assert zero[3] == 0
    assert abs(int(down[3]) - int(up[3])) <= 2
    assert tuple(down[:3]) != tuple(up[:3])
    assert DIVERGING[0][3] == DIVERGING[-1][3] == 255


def test_the_records_of_a_real_training_are_understood():
    """What ``fit`` records, written as JSON and read again, is drawn: a curve for each set."""
    splits = toy("moons", n=80)
    net = Network([2, 4, 2], cost="log_likelihood", seed=0)
    net.fit(splits.train.x, splits.train.y, validation=0.25, epochs=3, training_metrics=True)
    records = [json.loads(json.dumps(e.as_dict())) for e in net.history]
    drawn = curves(records).text
    assert drawn.count("<figure>") == 2
    assert drawn.count('class="line s1"') == 4
    assert "accuracy" in drawn
