"""CSV files: what is read is what was written, whoever wrote it."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import math
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data import csv_file
from chainrule.errors import ChainruleWarning, DataError

FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30)
ROWS = [("0.5", "red", "yes"), ("1.5", "blue", "no"), ("2.5", "red", "no"), ("4.0", "green", "yes")]


def write(path, rows, header=("size", "colour", "y"), **options):
    """Write a CSV file with Python's own writer."""
    with path.open("w", newline="", encoding=options.pop("encoding", "utf-8")) as stream:
        csv.writer(stream, **options).writerows([header, *rows] if header else rows)
    return path


def whole(path, **options):
    """Read all of a file as the training part."""
    return csv_file(path, **{"target": "y", "test_fraction": 0, **options})


def in_units(splits):
    """Return the numeric features in the units of the file, in float64."""
    columns = splits.schema.columns
    return splits.train.x.astype(float) * [c.scale for c in columns] + [c.mean[0] for c in columns]


@given(st.lists(st.tuples(FINITE, FINITE, st.integers(-(2**70), 2**70)), min_size=1, max_size=20))
@pytest.mark.filterwarnings("ignore:.*single value")
def test_numbers_come_back_as_written(tmp_path_factory, rows):
    """Write with csv, read, undo the standardisation: the same numbers, to the rounding of float32."""
    path = write(tmp_path_factory.mktemp("csv") / "t.csv", rows, ("a", "b", "y"))
    data = whole(path, task="regression")
    with path.open(newline="") as stream:
        expected = np.array([[float(cell) for cell in row] for row in list(csv.reader(stream))[1:]])
    found = np.column_stack([in_units(data), data.schema.decode(data.train.y)])
    spread = np.maximum(np.ptp(expected, axis=0), abs(expected).max(axis=0) * 1e-9)
    np.testing.assert_array_less(abs(found - expected) / np.where(spread == 0, 1, spread), 1e-5)  # float32: 6e-8, times n


TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), min_size=1, max_size=8)


@given(st.lists(TEXT.map(str.strip).filter(bool), min_size=2, max_size=12, unique=True), st.sampled_from(["\n", "\r\n"]))
@pytest.mark.filterwarnings("ignore::chainrule.errors.ChainruleWarning")
def test_labels_come_back_as_written(tmp_path_factory, labels, end):
    """Any text, with quotes, separators and line ends in it, is read as the label that was written."""
    rows = [(i, label) for label in labels for i in (1, 2)]
    path = write(tmp_path_factory.mktemp("csv") / "t.csv", rows, ("a", "y"), lineterminator=end, quoting=csv.QUOTE_ALL)
    data = whole(path, delimiter=",", categorical="y")
    assert sorted(data.train.classes) == sorted(labels)
    assert data.schema.decode(data.train.y).tolist() == [label for _, label in rows]


def number_text():
    """Return texts that are numbers, or nearly."""
    return st.text(string.digits + "+-.eE_,xinfa \u0663", min_size=1, max_size=9)


@given(number_text().map(str.strip).filter(bool))
@pytest.mark.filterwarnings("ignore::chainrule.errors.ChainruleWarning")
def test_a_number_is_what_float_reads_less_the_liberties(tmp_path_factory, text):
    """A cell is a number exactly if float() reads it, and it is ASCII, finite and without underscores."""
    path = write(tmp_path_factory.mktemp("csv") / "t.csv", [(1, 0), (2, 1), (3, 2.5), (text, 3.5)], ("a", "y"))
    try:
        expected = float(text)
    except ValueError:
        expected = math.nan
    if math.isfinite(expected) and "_" not in text and text.isascii():
        found = in_units(whole(path, task="regression", delimiter=","))
        assert abs(found[3, 0] - expected) <= 1e-6 * max(3.0, abs(expected))
    else:
        with pytest.raises(DataError, match=r":5:1 "):
            whole(path, task="regression", delimiter=",")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_separators_line_ends_and_marks_are_found_out(tmp_path, delimiter, end, encoding):
    """The same table in every layout gives the same data."""
    path = write(tmp_path / "t.csv", ROWS, delimiter=delimiter, lineterminator=end, encoding=encoding)
    reference = whole(write(tmp_path / "reference.csv", ROWS)).train
    assert np.array_equal(whole(path).train.x, reference.x)
    path.write_bytes(path.read_bytes().rstrip())
    assert np.array_equal(whole(path).train.x, reference.x)
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert np.array_equal(whole(path).train.x, reference.x)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16"])
def test_an_encoding_that_is_named_is_read(tmp_path, encoding):
    """The remedy that the error names works."""
    path = write(tmp_path / "t.csv", [(1, "caf\u00e9"), (2, "th\u00e9")] * 2, ("a", "y"), encoding=encoding)
    with pytest.raises(DataError, match="--encoding"):
        whole(path)
    assert whole(path, encoding=encoding).train.classes == ("caf\u00e9", "th\u00e9")


def test_categories_are_one_hot_and_numbers_standardised(tmp_path):
    """Numbers get mean 0 and deviation 1; each category has a column of its own, in the order of the alphabet."""
    data = whole(write(tmp_path / "t.csv", ROWS)).train
    assert data.features == ("size", "colour=blue", "colour=green", "colour=red")
    assert abs(data.x[:, 0].mean()) < 1e-7
    assert abs(data.x[:, 0].std() - 1) < 1e-7
    assert data.x[:, 1:].tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert data.classes == ("no", "yes")
    assert data.y.tolist() == [1, 0, 0, 1]
    assert (data.x.dtype, data.y.dtype) == (np.float32, np.int64)


def test_without_header_columns_are_counted(tmp_path):
    """Columns c1, c2, ... are named for a file of data only; later files may lack the target."""
    path = write(tmp_path / "t.csv", ROWS, header=None)
    data = whole(path, target="c3", header=False)
    assert data.train.features[0] == "c1"
    features = write(tmp_path / "new.csv", [row[:2] for row in ROWS], header=None)
    assert np.array_equal(data.schema.apply(features), data.train.x)
    assert np.array_equal(data.schema.apply(path), data.train.x)


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b", "a", "b"], "classification"),
        ([0, 1, 1, 0], "classification"),
        (["0.0", "1", "01", "0"], "classification"),
        ([1, 4, 9, 16], "regression"),
        ([0.5, 0.5, 1.5, 1.5], "regression"),
        ([*range(21)] * 2, "regression"),
        ([*range(20)] * 2, "classification"),
    ],
)
def test_the_target_decides_the_task(tmp_path, values, task):
    """Texts, or at most 20 whole numbers seen twice on average, are classes; other numbers are not."""
    data = whole(write(tmp_path / "t.csv", list(enumerate(values)), ("a", "y"))).train
    assert data.task == task
    assert data.n_outputs == {"regression": 1, "classification": 20 if len(values) == 40 else 2}[task]


def test_large_whole_numbers_are_exact_labels(tmp_path):
    """Labels that float64 cannot tell apart stay apart, in the order of their values."""
    labels = [-1, 2**62, 2**62 + 1, 10**18]
    data = whole(write(tmp_path / "t.csv", [(i, v) for i in range(2) for v in labels], ("a", "y"))).train
    assert data.classes == tuple(str(v) for v in sorted(labels))


def test_regression_targets_are_standardised_and_come_back(tmp_path):
    """Several targets are predicted at a time, and decode gives the user's units."""
    rows = [(i, 100 + 7.5 * i, -0.001 * i) for i in range(50)]
    data = csv_file(write(tmp_path / "t.csv", rows, ("a", "u", "v")), target="u,v", seed=3)
    assert data.train.targets == ("u", "v")
    assert abs(data.train.y.std(axis=0) - 1).max() < 1e-6
    units = data.schema.decode(np.concatenate([data.train.y, data.test.y]))
    assert np.allclose(np.sort(units[:, 0]), [row[1] for row in rows], rtol=1e-6)


def test_standardisation_is_fitted_on_the_training_part_only(tmp_path):
    """The statistics are those of the training rows; the test rows are converted with them."""
    rows = [(i * i, i % 2) for i in range(100)]
    data = csv_file(write(tmp_path / "t.csv", rows, ("a", "y")), target="y", test_fraction=0.3, seed=1)
    assert abs(data.train.x.mean()) < 1e-6
    assert abs(data.train.x.std() - 1) < 1e-6
    found = np.concatenate([
        in_units(data)[:, 0],
        data.schema.columns[0].mean + data.test.x[:, 0] * data.schema.columns[0].scale,
    ])
    assert np.allclose(np.sort(found), [i * i for i in range(100)], atol=1e-2)


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1.0, 1e200, 1e308])
def test_numbers_of_any_size_are_standardised(tmp_path, scale):
    """Mean and deviation neither overflow nor vanish."""
    x = whole(
        write(tmp_path / "t.csv", [(v * scale, i % 2) for i, v in enumerate((0.1, 0.5, 0.9, 0.3))], ("a", "y"))
    ).train.x
    assert abs(x.std() - 1) < 1e-6


def test_missing_cells_become_the_mean(tmp_path):
    """With missing="mean" an empty number is the mean, an empty category the frequencies; new files alike."""
    rows = [("1", "r", "p"), ("", "s", "q"), ("3", "", "p"), ("5", "r", "q")]
    data = whole(write(tmp_path / "t.csv", rows), missing="mean")
    assert data.train.x[1, 0] == 0
    assert np.allclose(data.train.x[2, 1:], [2 / 3, 1 / 3])
    assert data.schema.apply([{"size": None, "colour": "r"}]).tolist() == [[0, 1, 0]]


def test_the_split_is_a_function_of_the_seed(tmp_path):
    """The same seed gives the same parts, another seed others; every class has its share in each."""
    path = write(tmp_path / "t.csv", [(i + 0.25, "abc"[i % 10 > 5]) for i in range(200)], ("a", "y"))
    one, same, other = (csv_file(path, target="y", validation_fraction=0.25, seed=seed) for seed in (7, 7, 8))
    assert np.array_equal(one.test.x, same.test.x)
    assert not np.array_equal(one.test.x, other.test.x)
    for part, size in ((one.train, 110), (one.validation, 50), (one.test, 40)):
        assert len(part) == size
        assert np.bincount(part.y).tolist() == [size * 6 // 10, size * 4 // 10]


WARNINGS = [
    ("constant column", [(1, 5, 0), (2, 5, 1)] * 3, {}, "1 column.* single value.*'b'"),
    ("all constant", [(1, 5, 0), (1, 5, 1)] * 3, {}, "nothing to learn"),
    ("one class", [(1, 2, "p"), (2, 3, "p"), (3, 3, "p")], {}, "every example has the label 'p'"),
    ("a class for each row", [(1, 2, "p"), (2, 3, "q"), (3, 3, "r")], {}, "class of its own"),
    ("rows in both parts", [(1, 2, 0), (2, 3, 1)] * 10, {"test_fraction": 0.2}, "4 of the 4 test rows"),
    ("letters encoded twice", [(1, 2, "\u00e9"), (2, 3, "e\u0301")] * 3, {}, "Unicode normalisation"),
]


@pytest.mark.parametrize(("name", "rows", "options", "words"), WARNINGS, ids=[case[0] for case in WARNINGS])
def test_doubtful_data_is_read_with_one_warning(tmp_path, name, rows, options, words):
    """What can be learned from, but hardly as meant, gives one ChainruleWarning and finite numbers."""
    path = write(tmp_path / "t.csv", rows, ("a", "b", "y"))
    with pytest.warns(ChainruleWarning, match=words) as caught:
        data = whole(path, **options)
    assert len(caught) == 1
    assert np.isfinite(data.train.x).all()


@given(st.binary(max_size=200) | st.text(string.printable, max_size=100).map(str.encode))
@pytest.mark.filterwarnings("ignore::chainrule.errors.ChainruleWarning")
def test_arbitrary_bytes_are_read_or_refused(tmp_path_factory, content):
    """Whatever a file holds, the only error is DataError."""
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(b"a,y\n1,2\n3,4\n" + content)
    with contextlib.suppress(DataError):
        assert np.isfinite(whole(path).train.x).all()


def test_what_is_read_equals_python_s_csv_and_float(tmp_path):
    """On a table of a thousand cells, with quotes and blanks, each number is the one that csv and float give."""
    rng = np.random.default_rng(0)
    text = io.StringIO()
    values = rng.standard_normal((125, 8)) * 10.0 ** rng.integers(-20, 20, (125, 8))
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerow([f"f{i}" for i in range(8)])
    text.writelines(", ".join(f'"{v!r}"' if v > 0 else f" {v!r} " for v in map(float, row)) + "\n" for row in values)
    (tmp_path / "t.csv").write_text(text.getvalue())
    data = whole(tmp_path / "t.csv", target="f7")
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    expected = ((values - mean) / deviation).astype(np.float32)
    np.testing.assert_allclose(data.train.x, expected[:, :7], rtol=2e-7, atol=2e-7)
