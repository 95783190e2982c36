"""Data sets that come with the package, and folders and archives of others."""

from __future__ import annotations

import gzip
import hashlib
import struct

import numpy as np
import pytest

from chainrule import data as room
from chainrule.data import TOYS, Dataset, idx_folder, load, mnist, npz_file, read_idx, toy
from chainrule.data.digits import SHA256, read_published
from chainrule.data.toys import curve
from chainrule.errors import ChainruleWarning, ConfigError, DataError, ShapeError

TRAIN_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.fixture(scope="module")
def digits():
    """Load MNIST once."""
    return mnist(validation=10_000)


def test_mnist_has_its_published_counts(digits):
    """The numbers of each digit are those of the published set."""
    counts = np.bincount(digits.train.y) + np.bincount(digits.validation.y)
    assert counts.tolist() == TRAIN_COUNTS
    assert np.bincount(digits.test.y).tolist() == TEST_COUNTS


def test_mnist_pixels_are_its_bytes_over_255(digits):
    """Every pixel times 255 is the byte of the file, whose sha256 is the published one."""
    header = struct.pack(">4i", 0x803, 10_000, 28, 28)
    raw = np.round(digits.test.x * 255).astype(np.uint8).tobytes()
    assert hashlib.sha256(header + raw).hexdigest() == SHA256["t10k-images-idx3-ubyte"]
    assert np.array_equal(digits.test.x, np.round(digits.test.x * 255).astype(np.float32) / np.float32(255))
    assert digits.test.x.dtype == np.float32


def test_mnist_parts_are_views_of_one_array(digits):
    """Holding out the last 10,000 images copies nothing."""
    assert (len(digits.train), len(digits.validation), len(digits.test)) == (50_000, 10_000, 10_000)
    end = digits.train.x.__array_interface__["data"][0] + digits.train.x.nbytes
    assert end == digits.validation.x.__array_interface__["data"][0]
    assert digits.train.image_shape == (28, 28)
    assert digits.train.classes == tuple("0123456789")


@pytest.mark.parametrize("validation", [-1, 60_000, 0.5, True, "x"])
def test_a_validation_set_of_no_number_is_refused(validation):
    """The number to hold out is a number of examples."""
    with pytest.raises(ConfigError, match="from 0 to 59,999"):
        mnist(validation=validation)


def test_a_changed_mnist_file_is_refused(tmp_path):
    """One flipped pixel is found by the sha256, however it is compressed."""
    content = b"\0\0\x08\x01" + struct.pack(">i", 3) + b"\5\0\4"
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(content))
    sha = hashlib.sha256(content).hexdigest()
    assert read_published(path, sha).tolist() == [5, 0, 4]
    path.write_bytes(gzip.compress(content[:-1] + b"\5"))
    with pytest.raises(DataError, match=f"published file is {sha}"):
        read_published(path, sha)


CODES = [("u1", 0x08), ("i1", 0x09), ("i2", 0x0B), ("i4", 0x0C), ("f4", 0x0D), ("f8", 0x0E)]


@pytest.mark.parametrize(("dtype", "code"), CODES)
@pytest.mark.parametrize("shape", [(0,), (3,), (2, 3), (2, 3, 2), (700, 3000)])
def test_idx_gives_back_what_was_written(tmp_path, dtype, code, shape):
    """Every type of number and number of dimensions is read, plain and compressed."""
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    content = bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}i", *shape) + array.astype(f">{dtype}").tobytes()
    for packed in (content, gzip.compress(content, 1)):
        (tmp_path / "a.idx").write_bytes(packed)
        found = read_idx(tmp_path / "a.idx")
        assert found.dtype == array.dtype
        assert np.array_equal(found, array)


def folder(path, names, labels=(0, 7, 7)):
    """Write images of 2 x 2 pixels and their labels under these names."""
    path.mkdir()
    for name in names:
        body = bytes(range(4 * len(labels))) if "images" in name else bytes(labels)
        shape = (len(labels), 2, 2) if "images" in name else (len(labels),)
        content = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}i", *shape) + body
        (path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


NAMES = [
    ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"],
    ["train-images.idx3-ubyte", "train-labels.idx1-ubyte", "test-images.idx3-ubyte.gz", "test-labels.idx1-ubyte.gz"],
    ["emnist-train-images-idx3-ubyte", "emnist-train-labels-idx1-ubyte"],
    ["images-idx3-ubyte", "labels-idx1-ubyte", "labels-idx1-ubyte.gz", "README"],
]


@pytest.mark.parametrize("names", NAMES, ids=lambda names: names[0])
def test_idx_folders_of_every_spelling_are_read(tmp_path, names):
    """Pairs are found by name; grey levels are divided by 255; classes are the labels that occur."""
    data = idx_folder(folder(tmp_path / "set", names))
    assert data.name == "set"
    assert data.train.classes == ("0", "7")
    assert data.train.y.tolist() == [0, 1, 1]
    assert np.allclose(data.train.x[0] * 255, [0, 1, 2, 3])
    assert data.train.image_shape == (2, 2)
    assert (data.test is not None) == (len(names) == 4 and "README" not in names)


def test_npz_parts_images_and_labels_are_read(tmp_path):
    """Grey levels are divided by 255, images become rows, labels classes; unused arrays are named."""
    path = tmp_path / "d.npz"
    images = np.arange(16, dtype=np.uint8).reshape(4, 2, 2)
    np.savez_compressed(path, x_train=images, y_train=["b", "a", "b", "a"], x_test=images[:1], y_test=["a"], note=[1])
    with pytest.warns(ChainruleWarning, match="not used: 'note'"):
        data = npz_file(path)
    assert data.train.image_shape == (2, 2)
    assert np.array_equal(data.train.x, images.reshape(4, 4).astype(np.float32) / np.float32(255))
    assert (data.train.classes, data.train.y.tolist(), data.test.y.tolist()) == (("a", "b"), [1, 0, 1, 0], [0])


TARGETS = [
    (np.array([2**62, -1, -1]), None, ("-1", str(2**62)), [1, 0, 0]),
    (np.array([True, False, True]), None, ("False", "True"), [1, 0, 1]),
    (np.array([[0, 1], [1, 0], [1, 0]]), None, ("0", "1"), [1, 0, 0]),
    (np.array([[3], [5], [3]], ">i4"), None, ("3", "5"), [0, 1, 0]),
    (np.array([0.0, 1.0, 1.0]), "classification", ("0", "1"), [0, 1, 1]),
    (np.array([0.5, 1.0, 1.5]), None, None, [[0.5], [1.0], [1.5]]),
    (np.array([1, 2, 4]), "regression", None, [[1], [2], [4]]),
    (np.array([[1, 2.5], [3, 4], [5, 6]], order="F"), None, None, [[1, 2.5], [3, 4], [5, 6]]),
]


@pytest.mark.parametrize(("y", "task", "classes", "expected"), TARGETS)
def test_npz_targets_tell_their_task(tmp_path, y, task, classes, expected):
    """Whole numbers, texts, truth values and one-hot rows are classes; real numbers are targets."""
    np.savez(tmp_path / "d.npz", x=np.eye(3, dtype=">f8"), y=y)
    data = npz_file(tmp_path / "d.npz", task=task).train
    assert (data.classes, data.y.tolist()) == (classes, expected)
    assert data.y.dtype == (np.int64 if classes else np.float32)


CLASSES = ["circle", "xor", "gauss", "spirals", "moons"]


@pytest.mark.parametrize(
    ("scales", "words"),
    [((1, 5e4), "column 2 has numbers up to 5e"), ((900, 1e-5), "column 1 spans 9e[+]07 times as much as column 2")],
)
def test_columns_that_should_be_standardised_are_told_of(tmp_path, scales, words):
    """Nothing is standardised in an archive: large numbers, or spans that hardly compare, get a warning."""
    x = np.linspace(-1, 1, 20)[:, None] * np.array(scales, np.float64)
    np.savez(tmp_path / "wide.npz", x=x, y=np.arange(20) % 2, x_test=x, y_test=np.arange(20) % 2)
    with pytest.warns(ChainruleWarning, match=words) as caught:
        npz_file(tmp_path / "wide.npz")
    assert len(caught) == 1
    np.savez(tmp_path / "good.npz", x=np.hstack([x / scales, np.full((20, 1), 7.0)]), y=np.arange(20) % 2)
    assert npz_file(tmp_path / "good.npz").train.n_features == 3


@pytest.mark.parametrize("name", TOYS)
def test_toys_are_functions_of_their_seed(name):
    """The same seed gives the same points, another seed other points; NumPy's own state is not touched."""
    before = np.random.get_state()[1].tolist()  # noqa: NPY002 - this is the state to be left alone
    one, same, other = toy(name, seed=1), toy(name, seed=1), toy(name, seed=2)
    assert np.array_equal(one.train.x, same.train.x)
    assert np.array_equal(one.train.y, same.train.y)
    assert not np.array_equal(one.train.x, other.train.x)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


@pytest.mark.parametrize("name", TOYS)
def test_toys_are_centred_and_about_as_large_as_one(name):
    """Inputs and real targets have means near 0 and deviations near 1, and no point is far out."""
    data = toy(name, n=4000, test_fraction=0).train
    arrays = [data.x] if data.classes else [data.x, data.y]
    for array in arrays:
        assert abs(array.mean(axis=0)).max() < 0.25
        assert 0.5 < array.std(axis=0).min() <= array.std(axis=0).max() < 1.5
        assert abs(array).max() < 4


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("n", [100, 101])
def test_classes_of_toys_are_balanced(name, n):
    """Both classes have half of the points, in the whole and in each part."""
    data = toy(name, n=n, test_fraction=0.3)
    counts = np.bincount(data.train.y) + np.bincount(data.test.y)
    assert abs(counts[0] - counts[1]) <= n % 2
    assert abs(np.bincount(data.test.y)[0] - 15) <= 1


@pytest.mark.parametrize("name", CLASSES)
def test_toys_without_noise_can_be_told_apart(name):
    """Without noise, nearly every point's nearest neighbour is of its own class (gauss keeps round clouds)."""
    data = toy(name, n=600, noise=0, test_fraction=0).train
    distance = np.linalg.norm(data.x[:, None] - data.x[None], axis=2) + 1e9 * np.eye(600)
    assert (data.y[distance.argmin(axis=1)] == data.y).mean() >= 0.98


@pytest.mark.parametrize("name", ["circle", "xor", "spirals", "moons"])
def test_these_toys_need_a_hidden_layer(name):
    """No straight line tells the classes apart, so that the toys show what hidden layers are for."""
    data = toy(name, n=1000, noise=0, test_fraction=0).train
    design = np.column_stack([data.x, np.ones(1000)])
    line = np.linalg.lstsq(design, 2.0 * data.y - 1, rcond=None)[0]
    assert ((design @ line > 0) == data.y).mean() < 0.95


def test_curves_without_noise_are_their_function():
    """A regression toy is y = f(x), and noise is added to y alone."""
    x, y = curve(np.cos)(50, 0.0, np.random.default_rng(0))
    assert np.array_equal(y, np.cos(x))
    assert np.allclose(toy("sine", noise=0).train.y, np.sin(np.pi * toy("sine", noise=0).train.x), atol=1e-6)
    assert 0.08 < (toy("line", n=4000).train.y - 0.5 * toy("line", n=4000).train.x).std() < 0.12


@pytest.mark.parametrize(
    "options",
    [
        {"n": 1},
        {"n": 2.5},
        {"n": 10**9},
        {"noise": -1},
        {"noise": "x"},
        {"test_fraction": "x"},
        {"noise": float("nan")},
        {"seed": -1},
        {"seed": "a"},
        {"test_fraction": 1},
    ],
)
def test_toys_refuse_options_out_of_range(options):
    """Every bad option is a ConfigError."""
    with pytest.raises(ConfigError):
        toy("xor", **options)


def test_load_finds_every_kind(tmp_path):
    """A name, a folder and a file are told apart, and options passed on."""
    assert load("xor", n=10).name == "xor"
    assert load(str(folder(tmp_path / "set", NAMES[0]))).train.n_features == 4
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,y\n1,0\n2,1\n3,0\n4,1\n"))
    assert load(str(tmp_path / "t.csv.gz"), target="y", test_fraction=0.5).train.task == "classification"
    np.savez(tmp_path / "d.npz", x=np.eye(3), y=[0, 1, 0])
    assert load(str(tmp_path / "d.npz")).name == "d.npz"


def test_a_data_set_must_fit_itself():
    """X and y and the names have to agree."""
    x, y = np.zeros((3, 2), np.float32), np.zeros(3, np.int64)
    for bad in (
        {"x": x[0]},
        {"y": y[:2]},
        {"y": y[:, None]},
        {"features": ("a",)},
        {"image_shape": (3, 3)},
        {"classes": None},
    ):
        with pytest.raises(ShapeError):
            Dataset(**{"x": x, "y": y, "classes": ("0",), **bad})


def test_take_is_a_view_for_slices_and_a_copy_for_indices():
    """A slice shares memory, indices do not; names are kept."""
    data = toy("moons").train
    assert np.shares_memory(data.take(slice(0, 9)).x, data.x)
    assert not np.shares_memory(data.take([0, 1]).x, data.x)
    assert data.take([3]).features == ("x1", "x2")


def test_all_names_of_the_room_exist():
    """__all__ lists what is there, once and in order."""
    assert len(set(room.__all__)) == len(room.__all__)
    assert all(hasattr(room, name) for name in room.__all__)
