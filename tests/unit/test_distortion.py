"""Distortions: they are what was asked for, each can be made again, and the compiled form computes the same."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from numpy.random import Philox

from chainrule.distortion import Distortion, bells, distorted, distortion, draws
from chainrule.engine.compiled.distort import RANDOM_WORDS, namespace, room, source, tables
from chainrule.errors import ConfigError, ShapeError
from chainrule.randomness import PURPOSES, kept

STILL = {"alpha": 0, "rotate": 0, "scale": 0, "shear": 0, "shift": 0}
SIDE, MIDDLE = 41, 20
NEAR = np.hypot(*np.mgrid[-MIDDLE : MIDDLE + 1, -MIDDLE : MIDDLE + 1]) < 10

BATCH = """
@inner
def batch(x, y, seed, epoch, step, tables, u, work, words):
    for i in range(x.shape[0]):
        distort(x[i], y[i], seed, epoch, step, i, tables, u, work, words)
"""


def pictures(m, shape=(28, 28), seed=0):
    """Return m pictures of noise, one a row."""
    return np.random.default_rng(seed).random((m, math.prod(shape)))


def places(m, **strengths):
    """Return where pixels are read, from the middle, (m, SIDE, SIDE) each: a ramp shows it, since reading is linear."""
    d = distortion((SIDE, SIDE), **{**STILL, **strengths})
    ramps = np.mgrid[0:SIDE, 0:SIDE].reshape(2, 1, -1).astype(float)
    return [distorted(np.repeat(ramp, m, 0), d, 5, 1, 0).reshape(m, SIDE, SIDE) - MIDDLE for ramp in ramps]


def compiled(d, dtype):
    """Return the compiled functions for this distortion, as an engine pastes them together."""
    names = namespace(dtype)
    exec(RANDOM_WORDS + source(d) + BATCH, names)
    return names


def test_no_strength_leaves_the_pictures_as_they_are():
    """With every strength at 0 the result is the picture, to the bit."""
    x = pictures(3)
    assert np.array_equal(distorted(x, distortion((28, 28), **STILL), 0, 1, 0), x)


def test_a_distortion_is_a_pure_function_of_seed_epoch_step_and_row():
    """The same four numbers give the same bits, whatever else is in the mini-batch; another one of them does not."""
    d, x = distortion((28, 28)), np.repeat(pictures(1), 6, 0)
    y = distorted(x, d, 1, 2, 3)
    assert np.array_equal(distorted(x[:4], d, 1, 2, 3), y[:4])
    others = [y, *(distorted(x, d, *at) for at in [(0, 2, 3), (1, 1, 3), (1, 2, 2)])]
    assert len({row.tobytes() for batch in others for row in batch}) == 4 * len(x)


def test_examples_take_their_own_stretch_of_the_random_numbers():
    """Example i starts at block i * blocks of the Philox of its step, so a thread can start at any example."""
    d = distortion((28, 28))
    one = Philox(key=[7, PURPOSES["distort"]], counter=[2 * d.blocks, 0, 5, 3]).random_raw(4 * d.blocks)
    numbers = draws(d, 7, 3, 5, 4)
    quarters = one.view(np.int16).reshape(-1, 4).T.ravel()
    assert np.array_equal(numbers[2], (quarters[: numbers.shape[1]] + 0.5) / 2**15)
    assert np.abs(numbers).max() < 1


def test_rotation_keeps_distances():
    """Each pixel is read as far from the middle as it stands, at one angle a picture, up to the largest to both sides."""
    y, x = places(200, rotate=30)
    row, column = np.mgrid[-MIDDLE : MIDDLE + 1, -MIDDLE : MIDDLE + 1]
    assert np.allclose(np.hypot(y, x)[:, NEAR], np.hypot(row, column)[NEAR], rtol=0, atol=1e-12)
    angles = np.degrees(np.arctan2(y[:, MIDDLE, MIDDLE + 8], x[:, MIDDLE, MIDDLE + 8]))
    assert -30 < angles.min() < -28
    assert 28 < angles.max() < 30


def test_scale_changes_height_and_width_each_on_its_own():
    """A picture is made taller and wider by factors from 1 - scale to 1 + scale."""
    y, x = places(400, scale=0.2)
    taller, wider = 8 / y[:, MIDDLE + 8, MIDDLE], 8 / x[:, MIDDLE, MIDDLE + 8]
    for factor in (taller, wider):
        assert 0.8 < factor.min() < 0.82
        assert 1.18 < factor.max() < 1.2
    assert abs(np.corrcoef(taller, wider)[0, 1]) < 0.15  # three standard deviations


def test_shear_slants_and_shift_moves():
    """Shear moves each row along by its distance from the middle; a shift moves all pixels alike."""
    y, x = places(100, shear=0.3)
    slant = x[:, :, MIDDLE] / np.where(np.arange(SIDE) == MIDDLE, 1, np.arange(-MIDDLE, MIDDLE + 1))
    assert np.allclose(slant[:, 11:20], slant[:, 21:22], rtol=0, atol=1e-12)
    assert 0.25 < np.abs(slant).max() < 0.3
    assert np.array_equal(y[:, :, MIDDLE], np.tile(np.arange(-MIDDLE, MIDDLE + 1.0), (100, 1)))
    y, x = places(100, shift=3)
    for moved in (y[:, MIDDLE, MIDDLE], x[:, MIDDLE, MIDDLE]):
        assert 2.5 < np.abs(moved).max() < 3
    assert np.allclose(y[:, MIDDLE + 5, MIDDLE - 4] - y[:, MIDDLE, MIDDLE], 5, rtol=0, atol=1e-12)


@pytest.mark.parametrize("sigma", [1.0, 4.0, 6.5])
def test_the_elastic_field_has_the_covariance_of_smoothed_dense_noise(sigma):
    """Dense noise, smoothed by a Gaussian, has exp(-distance^2 / 4 sigma^2); 1 % is far below what a picture shows."""
    gaps = np.subtract.outer(np.arange(28), np.arange(28))
    wanted = np.exp(-(gaps**2) / (4 * sigma**2))
    down, along = bells(distortion((28, 28), alpha=2 * sigma * math.sqrt(math.pi), sigma=sigma))
    for bell in (down, along):
        assert np.allclose(bell @ bell.T, wanted, rtol=0, atol=0.01)
        assert np.allclose(np.diag(bell @ bell.T), 1, rtol=0, atol=1e-12)


def test_elastic_displacements_have_the_stated_size():
    """Along both axes the root mean square is alpha / (2 sigma sqrt(3 pi)), and the two are not correlated."""
    y, x = places(1000, alpha=20, sigma=4)
    row, column = np.mgrid[-MIDDLE : MIDDLE + 1, -MIDDLE : MIDDLE + 1]
    y, x = (y - row)[:, 12:29:8, 12:29:8].ravel(), (x - column)[:, 12:29:8, 12:29:8].ravel()
    for moved in (y, x):  # 9,000 numbers, nearly independent: the bounds are about four standard deviations
        assert abs(moved.mean()) < 0.035
        assert math.isclose(moved.std(), 20 / (8 * math.sqrt(3 * math.pi)), rel_tol=0.03)
    assert abs(np.corrcoef(y, x)[0, 1]) < 0.045


def test_outside_of_the_picture_is_nothing():
    """A white picture stays between 0 and 1, and one that is shifted away is black."""
    white = np.ones((200, 784))
    y = distorted(white, distortion((28, 28), alpha=100, shift=10), 0, 1, 0)
    assert y.min() == 0
    assert y.max() <= 1
    gone = distorted(white, distortion((28, 28), **{**STILL, "shift": 1000}), 0, 1, 0)
    assert 0 <= (gone.reshape(200, -1).max(1) > 0).sum() < 10


def test_pictures_keep_their_type_and_are_not_written_on():
    """float32 pictures give float32 pictures, and the originals are untouched."""
    x = pictures(2).astype(np.float32)
    before = x.copy()
    assert distorted(x, distortion((28, 28)), 0, 1, 0).dtype == np.float32
    assert np.array_equal(x, before)
    assert distorted(x[:0], distortion((28, 28)), 0, 1, 0).shape == (0, 784)


def test_settings_go_through_a_file():
    """The settings as JSON make the same distortion again."""
    d = distortion((9, 20), alpha=np.float32(12), sigma=3, shear=0)
    assert distortion(**json.loads(json.dumps(d.as_dict()))) == d
    assert isinstance(d, Distortion)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"alpha": -1}, "alpha = -1: a number from 0 to 1000, the elastic displacement in pixels"),
        ({"sigma": 0.5}, "sigma = 0.5: a number from 1 to 100"),
        ({"rotate": math.nan}, "rotate = nan"),
        ({"scale": 1}, r"scale = 1: a number from 0 to 0\.9"),
        ({"shear": "much"}, "shear = 'much'"),
        ({"shift": True}, "shift = True"),
        ({"size": 2}, "no strength 'size' of a distortion. There are: alpha, sigma"),
        ({"shape": (28,)}, r"shape = \(28,\): two whole numbers from 1 to 1024"),
        ({"shape": (28, 0)}, "two whole numbers"),
        ({"shape": (28.0, 28)}, "two whole numbers"),
        ({"shape": 784}, "two whole numbers"),
    ],
)
def test_bad_settings_are_refused_in_words(given, words):
    """The message says the value, and what it may be."""
    with pytest.raises(ConfigError, match=words):
        distortion(**{"shape": (28, 28), **given})


@pytest.mark.parametrize("shape", [(3, 100), (784,), (3, 28, 28)])
def test_pictures_of_another_shape_are_refused(shape):
    """The message says both shapes."""
    with pytest.raises(ShapeError, match="28 x 28 pixels"):
        distorted(np.zeros(shape), distortion((28, 28)), 0, 1, 0)


def test_compiled_random_words_are_numpys_philox():
    """Any number of words, from any block, of any key and counter, bit for bit; and so are the masks of dropout."""
    pytest.importorskip("numba")
    names = namespace(np.float32)
    exec(RANDOM_WORDS, names)
    for n, first in [(1, 0), (2, 3), (3, 0), (4, 1), (5, 0), (403, 7)]:
        out = np.zeros(n, np.uint64)
        names["random_words"](2**63 - 1, 3, 9, 10**12, first, out)
        raw = Philox(key=[2**63 - 1, 3], counter=[first, 0, 10**12, 9]).random_raw(n)
        assert np.array_equal(out, raw)
    words = np.zeros(53, np.uint64)
    names["random_words"](4, PURPOSES["dropout"], 2, 6 * 1024 + 3, 0, words)
    mask = words.view(np.uint32)[:105] >= np.uint32(0.3 * 2**32)
    assert np.array_equal(mask.reshape(21, 5), kept(4, 2, 6, (21, 5), 0.3, 3))


@pytest.mark.parametrize(
    ("dtype", "shape", "strengths"),
    [
        (np.float32, (28, 28), {}),
        (np.float64, (9, 20), {"alpha": 50, "sigma": 3, "rotate": 180, "scale": 0.5, "shear": 1, "shift": 5}),
    ],
)
def test_the_compiled_form_computes_the_reference(dtype, shape, strengths):
    """To rounding: a place is rounded to 28 or so pixels times epsilon, and two neighbours differ by up to 1."""
    pytest.importorskip("numba")
    d = distortion(shape, **strengths)
    names, x = compiled(d, dtype), pictures(40, shape).astype(dtype)
    *floats, words = room(d)
    memory = tables(d, dtype), *(np.full(n, np.nan, dtype) for n in floats), np.full(words, 2**64 - 1, np.uint64)
    for at in [(0, 0, 0), (1, 1, 0), (2**63 - 1, 200, 10**6), *((seed, seed % 7, seed % 11) for seed in range(30))]:
        y = np.zeros_like(x)
        names["batch"](x, y, *at, *memory)
        assert np.allclose(y, distorted(x, d, *at), rtol=0, atol=200 * np.finfo(dtype).eps)
    names["batch"](x, x, *at, *memory)
    assert np.array_equal(x, y)  # in place too


def test_other_strengths_need_no_other_program():
    """The printed program depends on the shape and on sigma; the other strengths are data."""
    assert source(distortion((28, 28))) == source(distortion((28, 28), alpha=1, rotate=1, scale=0, shear=0, shift=9))
    assert source(distortion((28, 28))) != source(distortion((28, 28), sigma=2))
