"""Tables that are dropped on the page: what is in them is shown, and what cannot be learned from is refused in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lab_helpers import SMALL, Client

ROWS = "".join(f"{i},{i % 7},{'cat' if i % 2 else 'dog'}\n" for i in range(40))


def upload(lab: Client, text: str, name: str = "t.csv") -> tuple[int, dict[str, Any]]:
    """Drop a table; gives the status and the answer."""
    status, _, body = lab.ask("POST", f"/api/upload?name={name}", text.encode())
    return status, json.loads(body)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "t.csv: the file is empty"),
        ("a,b,kind\n", "t.csv: 0 row(s) of data; 10 or more are needed"),
        ("a,b,kind\n1,2,x\n", "t.csv: 1 row(s) of data; 10 or more are needed"),
        ("a,b,kind\n1,2,x\n1,2\n", "t.csv:3:3: this row has 2 cells, but the table has 3 columns"),
    ],
)
def test_a_table_that_cannot_be_learned_from_is_refused(lab: Client, text: str, words: str):
    """At once, and by the name that its user gave it."""
    status, found = upload(lab, text)
    assert (status, words in found["error"]) == (400, True)


@pytest.mark.parametrize(
    ("text", "target", "words"),
    [
        ("a,b,kind\n" + ROWS.replace("dog", "cat"), "kind", "t.csv: every example has the label 'cat'"),
        ("a,b,kind\n" + ROWS.replace("3,3,cat", "3,3,"), "kind", "t.csv:5:3 (column 'kind'): the label is missing"),
        ("a\n" + "1\n" * 40, "a", "t.csv: 0 feature(s)"),
        ("a,b,kind\n" + ROWS, "size", "'size'"),
    ],
)
def test_what_is_found_out_when_it_is_read_is_said_without_a_path(lab: Client, text: str, target: str, words: str):
    """One class, a missing label, no feature, no such column: no run is begun, and the file has its user's name."""
    _, found = upload(lab, text)
    before = {place.name for place in lab.root.iterdir()}
    settings = SMALL | {"data": {"upload": found["upload"], "target": target}}
    status, _, body = lab.ask("POST", "/api/start", json.dumps(settings))
    said = json.loads(body)["error"]
    assert (status, words in said, str(lab.root) in said) == (400, True, False)
    assert {place.name for place in lab.root.iterdir()} == before


def test_a_table_without_a_header_is_learned(lab: Client):
    """Its columns are called c1, c2 ..., and the page is told."""
    status, found = upload(lab, ROWS)
    assert (status, found["header"], [column["name"] for column in found["columns"]]) == (200, False, ["c1", "c2", "c3"])
    run = lab.start(data={"upload": found["upload"], "target": "c3", "header": False})
    assert lab.json(f"/api/runs/{run}/hello")["classes"] == ["cat", "dog"]


def test_of_a_very_wide_table_some_columns_are_shown(lab: Client):
    """The last one always: it is often what is to be predicted."""
    names = [f"c{i}" for i in range(3_000)]
    _, found = upload(lab, ",".join(names) + "\n" + ("0.5," * 2_999 + "1\n") * 12)
    shown = [column["name"] for column in found["columns"]]
    assert (shown[0], shown[-1], len(shown), found["more"]) == ("c0", "c2999", 1_000, 2_000)
