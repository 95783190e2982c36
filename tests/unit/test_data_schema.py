"""Schemas: new data is converted as the training data was, and nothing in a model file is trusted."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data import Schema, csv_file
from chainrule.errors import DataError, ModelFileError, ShapeError

ROWS = [("0.5", "red", "yes"), ("1.5", "blue", "no"), ("2.5", "red", "no"), ("4.0", "green", "yes")]


def write(path, rows, header=("size", "colour", "y"), **options):
    """Write a CSV file with Python's own writer."""
    with path.open("w", newline="", encoding=options.pop("encoding", "utf-8")) as stream:
        csv.writer(stream, **options).writerows([header, *rows] if header else rows)
    return path


def whole(path, **options):
    """Read all of a file as the training part."""
    return csv_file(path, **{"target": "y", "test_fraction": 0, **options})


def trained(tmp_path):
    """Return a schema of one number and one category."""
    return whole(write(tmp_path / "t.csv", ROWS))


def test_new_files_are_read_by_name(tmp_path):
    """Columns may be in another order, with others among them, and without the target."""
    data = trained(tmp_path)
    rows = [("extra", colour, size) for size, colour, _ in ROWS]
    new = write(tmp_path / "new.csv", rows, ("note", "colour", "size"), delimiter=";")
    assert np.array_equal(data.schema.apply(new), data.train.x)
    assert np.array_equal(data.schema.apply([(float(s), c) for s, c, _ in ROWS]), data.train.x)
    assert np.array_equal(data.schema.dataset(tmp_path / "t.csv").y, data.train.y)
    again = csv_file(tmp_path / "t.csv", schema=data.schema)
    assert np.array_equal(again.train.x, data.train.x)


BAD_ROWS = [
    ([], "0 sample"),
    ([{"size": 1}], "no column 'colour'"),
    ([{"size": 1, "color": "red"}], "Did you mean 'color'"),
    ([{"size": 1, "colour": "mauve"}], "row 1, column 'colour': unseen category 'mauve'.*'blue', 'green', 'red'"),
    ([{"size": "big", "colour": "red"}], "row 1, column 'size': 'big' is not a number"),
    ([{"size": 1, "colour": "red"}, {"size": 1}], "Row 2 has the names"),
    ([{"size": float("nan"), "colour": "red"}], "not a finite number"),
    ([{"size": None, "colour": "red"}], "empty"),
    ([(1,)], "Row 1 is not a row of 2 values"),
    (["ab"], "Row 1 is not a row"),
    ([{"size": 1e300, "colour": "red"}], "row 1, column 'size'.*too far"),
]


@pytest.mark.parametrize(("rows", "words"), BAD_ROWS, ids=[case[1] for case in BAD_ROWS])
def test_new_rows_that_do_not_fit_are_refused(tmp_path, rows, words):
    """What a model cannot read is named with its row and the known values."""
    with pytest.raises(DataError, match=words):
        trained(tmp_path).schema.apply(rows)


def test_an_unseen_label_in_a_new_file_is_named_with_its_line(tmp_path):
    """A class that only a later file has is refused with line and column."""
    schema = trained(tmp_path).schema
    new = write(tmp_path / "new.csv", [*ROWS, ("1", "red", "maybe")])
    with pytest.raises(DataError, match=r"new\.csv:6:3 .*unseen label 'maybe'.*'no', 'yes'"):
        schema.dataset(new)


def test_outputs_of_another_network_are_refused(tmp_path):
    """Decode takes a column for each class, or class indices, and nothing else."""
    schema = trained(tmp_path).schema
    assert schema.decode(np.array([1, 0])).tolist() == ["yes", "no"]
    for outputs in (np.zeros((2, 3)), np.zeros(2), np.array([2]), np.array([-1])):
        with pytest.raises(ShapeError):
            schema.decode(outputs)


def test_a_schema_survives_json(tmp_path):
    """as_dict, JSON, from_dict: the same schema, to the last bit."""
    for options in ({}, {"missing": "mean"}, {"target": "size"}):
        schema = whole(write(tmp_path / "t.csv", ROWS), **options).schema
        assert Schema.from_dict(json.loads(json.dumps(schema.as_dict(), allow_nan=False))) == schema


def damage(path, value):
    """Return a function that sets one value deep in a dict."""

    def apply(values):
        *parents, last = path
        for key in parents:
            values = values[key]
        values[last] = value

    return apply


DAMAGES = [
    damage(["columns"], []),
    damage(["columns"], {}),
    damage(["columns", 0], 5),
    damage(["columns", 0, "name"], ""),
    damage(["columns", 0, "name"], 7),
    damage(["columns", 0, "name"], "y"),
    damage(["columns", 0, "name"], "colour"),
    damage(["columns", 0, "kind"], "__import__"),
    damage(["columns", 0, "kind"], ["number"]),
    damage(["columns", 0, "kind"], "integer"),
    damage(["columns", 0, "mean"], [float("nan")]),
    damage(["columns", 0, "mean"], [10**400]),
    damage(["columns", 0, "mean"], []),
    damage(["columns", 0, "mean"], ["1"]),
    damage(["columns", 0, "scale"], 0),
    damage(["columns", 0, "scale"], -1.0),
    damage(["columns", 0, "scale"], True),
    damage(["columns", 0, "scale"], float("inf")),
    damage(["columns", 0, "extra"], 1),
    damage(["columns", 1, "categories"], ["a", "a", "b"]),
    damage(["columns", 1, "categories"], ["a"]),
    damage(["columns", 1, "categories"], [[]]),
    damage(["targets"], []),
    damage(["targets", 0, "categories"], ["x" * 200_000, "b"]),
    damage(["task"], "regression"),
    damage(["task"], "magic"),
    damage(["missing"], None),
    damage(["header"], 1),
    damage(["more"], 1),
]


@pytest.mark.parametrize("spoil", DAMAGES)
def test_a_damaged_schema_is_a_model_file_error(tmp_path, spoil):
    """Nothing in a model file is trusted: each wrong value is refused, in printable words."""
    values = trained(tmp_path).schema.as_dict()
    spoil(values)
    with pytest.raises(ModelFileError) as caught:
        Schema.from_dict(values)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.sampled_from(["columns", "name", "x"]), children),
)


@given(JSON)
def test_arbitrary_values_are_no_schema(values):
    """Whatever JSON holds, the only error is ModelFileError."""
    with pytest.raises(ModelFileError):
        Schema.from_dict(values)
