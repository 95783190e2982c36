"""Streams: training from files that stay on the disk is training from memory, to the bit, without the memory."""

from __future__ import annotations

import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from chainrule import ChainruleWarning, Network
from chainrule.data import stream
from chainrule.errors import DataError, ShapeError

N, WIDTH = 210, 6
HOW = {"batch_size": 32, "learning_rate": 0.5, "dropout": 0.2, "lmbda": 0.1, "validation": 0.2}
CUTS = {1: [], 3: [50, 51], 7: [10, 40, 41, 100, 150, 209]}


def numbers(dtype="float32", seed=0):
    """Examples with numbers of this kind and three classes."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 256, (N, WIDTH)) if dtype in {"uint8", "int16"} else rng.standard_normal((N, WIDTH))
    return x.astype(dtype), rng.integers(0, 3, N)


def shards(folder: Path, x, y, n):
    """Write x and y as n pairs of .npy files; their names are in order only where numbers count as numbers."""
    for i, (part, labels) in enumerate(zip(np.split(x, CUTS[n]), np.split(y, CUTS[n]), strict=True), 8):
        np.save(folder / f"x{i}.npy", part)
        np.save(folder / f"y{i}.npy", labels)
    return folder


def trained(x, y, dtype="float32", **how):
    """A network after three epochs."""
    net = Network([WIDTH, 5, 3], "tanh", "log_likelihood", seed=4, dtype=dtype)
    net.fit(x, y, epochs=3, **(HOW | how))
    return net


def assert_same_bits(a, b):
    """Both trainings ended with the same parameters and measured the same."""
    assert a.parameters.memory.tobytes() == b.parameters.memory.tobytes()
    assert [e.metrics for e in a.history.epochs] == [e.metrics for e in b.history.epochs]
    assert a.history.column("cost") == b.history.column("cost")


@pytest.mark.parametrize("engine", ["reference", "numpy"])
@pytest.mark.parametrize("n", CUTS)
def test_shards_train_as_the_whole_does_in_memory(n, engine, tmp_path):
    """In 1, 3 or 7 files, the same seed gives the same shuffles, and so the same bits, as one array in memory."""
    x, y = numbers()
    data = stream(shards(tmp_path, x, y, n))
    assert len(data.x.parts) == n
    assert_same_bits(trained(data.x, data.y, engine=engine), trained(x, y, engine=engine))


@pytest.mark.parametrize("stored", ["uint8", "int16", "float32", "float64"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_value_is_the_stored_number_times_the_scale_in_the_networks_dtype(stored, dtype, tmp_path):
    """Every kind of number trains as ``x.astype(dtype) * dtype(scale)`` does."""
    x, y = numbers(stored)
    data = stream(shards(tmp_path, x, y, 3), scale=1 / 255)
    plain = x.astype(dtype) * np.dtype(dtype).type(1 / 255)
    assert np.array_equal(data.x.astype(dtype)[:], plain)
    assert_same_bits(trained(data.x, data.y, dtype), trained(plain, y, dtype))


def test_bytes_in_memory_stay_bytes():
    """An array of bytes is used where it lies, a quarter of the floats, and scaled by 1/255 unless told otherwise."""
    x, y = numbers("uint8")
    data = stream(x.reshape(N, 2, 3), y)
    assert np.shares_memory(data.x.parts[0], x)
    assert_same_bits(trained(data.x, data.y), trained(x.astype(np.float32) * np.float32(1 / 255), y))
    assert stream(x, y, scale=1).x[3].tolist() == x[3].tolist()


@pytest.mark.parametrize("stored", ["float32", "float64"])
def test_a_mapped_array_of_the_users_own_is_streamed(stored, tmp_path):
    """What numpy.load maps is given to fit as it is, and trains as its copy in memory does."""
    x, y = numbers(stored)
    np.save(tmp_path / "x.npy", x)
    assert_same_bits(trained(np.load(tmp_path / "x.npy", mmap_mode="r"), y), trained(x, y))


def test_mapped_bytes_that_nobody_scaled_are_warned_of(tmp_path):
    """Sigmoids saturate on bytes from a file as on bytes in memory."""
    x, y = numbers("uint8")
    np.save(tmp_path / "x.npy", x)
    with pytest.warns(ChainruleWarning, match=r"holds bytes up to 255.*scale=1 / 255"):
        Network([WIDTH, 5, 3], seed=0).fit(np.load(tmp_path / "x.npy", mmap_mode="r"), y, epochs=1)


@pytest.mark.parametrize(("target", "kept"), [(-1, slice(0, 6)), (0, slice(1, 7)), ([5, -1], slice(0, 5))])
def test_targets_can_be_the_first_or_last_columns(target, kept, tmp_path):
    """One file holds inputs and targets; the inputs are used where they lie."""
    table = np.random.default_rng(1).random((N, 7), np.float32)
    for i, part in enumerate(np.split(table, CUTS[3])):
        np.save(tmp_path / f"part{i}.npy", part)
    data = stream(tmp_path / "part*.npy", target=target)
    x, y = table[:, kept].copy(), table[:, target]
    assert np.array_equal(data.x[:], x)
    assert np.array_equal(data.y, y)
    nets = [Network([x.shape[1], 4, y[0].size], seed=2) for _ in range(2)]
    nets[0].fit(data.x, data.y, epochs=2, batch_size=32)
    nets[1].fit(x, y, epochs=2, batch_size=32)
    assert_same_bits(*nets)


def test_idx_files_are_mapped(tmp_path):
    """Images are read where they lie, each as a row of grey levels from 0 to 1."""
    x, y = numbers("uint8")
    (tmp_path / "images").write_bytes(bytes([0, 0, 8, 3]) + struct.pack(">3i", N, 2, 3) + x.tobytes())
    (tmp_path / "labels").write_bytes(bytes([0, 0, 8, 1]) + struct.pack(">i", N) + y.astype(np.uint8).tobytes())
    data = stream(tmp_path / "images", tmp_path / "labels")
    assert repr(data.x) == "Rows(210 × 6, uint8 * 0.00392157)"
    assert not data.x.parts[0].flags.writeable
    assert_same_bits(trained(data.x, data.y), trained(x.astype(np.float32) * np.float32(1 / 255), y))


def test_a_saved_training_goes_on_from_other_shards(tmp_path):
    """Saved after one epoch on three files, loaded, and trained on with one: the bits of a training in memory."""
    x, y = numbers()
    first, second = tmp_path / "three", tmp_path / "one"
    first.mkdir()
    second.mkdir()
    data, again = stream(shards(first, x, y, 3)), stream(shards(second, x, y, 1))
    stopped = Network([WIDTH, 5, 3], "tanh", "log_likelihood", seed=4)
    stopped.fit(data.x, data.y, epochs=1, **HOW)
    stopped.save(tmp_path / "net.safetensors")
    resumed = Network.load(tmp_path / "net.safetensors")
    resumed.fit(again.x, again.y, epochs=2, **HOW)
    assert resumed.parameters.memory.tobytes() == trained(x, y).parameters.memory.tobytes()


@pytest.mark.parametrize("how", [{"optimizer": "lbfgs"}, {"optimizer": "adam", "training_metrics": True}])
def test_what_looks_at_all_rows_does_so_on_streams(how, tmp_path):
    """L-BFGS and the metrics of the training set see the numbers that they see in memory."""
    if how["optimizer"] == "lbfgs":
        pytest.importorskip("scipy")
    x, y = numbers()
    data = stream(shards(tmp_path, x, y, 3))
    nets = [Network([WIDTH, 5, 3], "tanh", "log_likelihood", seed=4) for _ in range(2)]
    for net, inputs in zip(nets, (data.x, x), strict=True):
        net.fit(inputs, y, epochs=2, validation=(inputs, y), **how)
    assert_same_bits(*nets)


def test_a_network_predicts_and_is_measured_on_a_stream(tmp_path):
    """feedforward, predict, evaluate and backprop give on a stream what they give on its copy in memory."""
    x, y = numbers()
    data, net = stream(shards(tmp_path, x, y, 7)), Network([WIDTH, 5, 3], seed=0)
    assert np.array_equal(net.feedforward(data.x), net.feedforward(x))
    assert np.array_equal(net.predict(data.x), net.predict(x))
    assert net.evaluate(data.x, data.y).cost == net.evaluate(x, y).cost
    assert np.array_equal(net.backprop(data.x, y).nabla_w[2], net.backprop(x, y).nabla_w[2])


def test_rows_are_chosen_as_of_an_array(tmp_path):
    """By number, from the end, by a slice, by bool, in any order and more than once; not beyond the last."""
    x, y = numbers()
    rows = stream(shards(tmp_path, x, y, 7)).x
    for which in (
        3,
        -1,
        slice(5, 60, 7),
        slice(None, None, -1),
        y == 1,
        np.array([209, 0, 0, 40, -2]),
        [1, 2],
        np.zeros(0, int),
    ):
        assert np.array_equal(rows[which], x[which])
    assert np.array_equal(np.asarray(rows), x)
    assert np.array_equal(rows.T, x.T)
    assert np.array_equal(rows.max(axis=0), x.max(axis=0))
    with pytest.raises(IndexError, match="row 210 of 210"):
        rows[210]


@pytest.mark.parametrize("how", [{}, {"optimizer": "adam", "training_metrics": True}])
@pytest.mark.parametrize(("dtype", "n"), [("float32", 65_536), ("uint8", 131_072), ("float64", 32_768)])
def test_training_takes_little_memory_of_its_own(dtype, n, how, tmp_path):
    """Training on 64 MB of floats, or 32 MB of bytes (128 MB as floats), never holds more than 16 MB beside the files."""
    file = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", dtype, (n, 256))
    file[::3] = 1
    file.flush()
    net, y = Network([256, 4, 1], seed=0), np.arange(n) % 2
    tracemalloc.start()
    try:
        data = stream(tmp_path / "x.npy", y)
        net.fit(data.x, data.y, epochs=1, batch_size=256, validation=0.1, **how)
        net.evaluate(data.x, data.y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 * 2**20


def test_numbers_that_are_not_finite_are_counted_over_all_shards(tmp_path):
    """The first NaN is named by its row in the whole, before anything of the network changes."""
    x, y = numbers()
    x[60, 2], x[200, 0] = np.nan, np.inf
    data = stream(shards(tmp_path, x, y, 3))
    with pytest.raises(DataError, match=r"x has 2 value\(s\).* the first \(nan\) in row 60, column 2"):
        trained(data.x, data.y)


def test_numbers_that_float32_cannot_hold_are_refused(tmp_path):
    """1e39 in a file of float64 is named; a float64 network takes it."""
    x, y = numbers("float64")
    x[7, 1] = 1e39
    data = stream(shards(tmp_path, x, y, 3))
    with pytest.raises(DataError, match=r"more than float32 can hold, the first \(1e\+39\) in row 7, column 1"):
        trained(data.x, data.y)
    assert data.x.astype("float64")[7][1] == 1e39


def test_a_file_that_became_shorter_is_refused_before_it_is_read(tmp_path):
    """A mapped file that was cut off would end the process; fit says so instead."""
    x, y = numbers()
    data = stream(shards(tmp_path, x, y, 3))
    os.truncate(tmp_path / "x9.npy", 100)
    with pytest.raises(DataError, match=r"x9.npy' has 100 bytes, but had 152 when it was opened"):
        trained(data.x, data.y)


def test_a_stream_of_another_width_is_refused(tmp_path):
    """The network says what it expects."""
    x, y = numbers()
    data = stream(shards(tmp_path, x, y, 3))
    with pytest.raises(ShapeError, match="x has 6 features, but this network is expecting 4"):
        Network([4, 3]).fit(data.x, data.y)
