"""What a page is sent: the newest frame, at its rate, while it looks; and what it can ask of a recording."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from lab_helpers import Client, until

from chainrule.io.blobs import unpack
from chainrule.lab.frames import bucketed, plain
from chainrule.lab.uploads import LARGEST


@pytest.fixture(scope="module")
def running(lab: Client) -> str:
    """A run that trains on and on, a thousand steps a second."""
    return lab.start(training={"epochs": 100_000, "batch_size": 8, "engine": "numpy"}, paused=False, speed=1000.0)


def frames_in(page, seconds: float = 60.0, *, ack: bool, most: int | None = None) -> list[int]:
    """The steps of the frames that come in so many seconds; or of so many, which may take long on a busy machine."""
    first, end = len(page.frames), time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and len(page.frames) - first != most:
        try:
            page.take_in(page.socket.recv(timeout=left), ack=ack)
        except TimeoutError:
            break
    return [step for step, _ in page.frames[first:]]


def test_frames_come_at_the_rate_that_was_asked_for(lab: Client, running: str):
    """Fifteen a second, or five, at most; each is newer than the last."""
    with lab.watch(running) as page:
        usual = frames_in(page, 2.0, ack=True)
        assert page.do("view", fps=5)["ok"]
        slow = frames_in(page, 2.0, ack=True)
        more = frames_in(page, ack=True, most=8)
    assert (len(usual) <= 34, len(slow) <= 13, len(more)) == (True, True, 8)
    assert (np.diff(usual + slow + more) > 0).all()


def test_a_page_that_paints_nothing_is_sent_two_frames(lab: Client, running: str):
    """Without acks there are two credits; with the first ack comes the newest frame, and no backlog."""
    with lab.watch(running) as page:
        stale = frames_in(page, ack=False, most=2)
        until(lambda: lab.json(f"/api/runs/{running}/hello")["last"] > stale[-1] + 500, 60)
        assert frames_in(page, 0.5, ack=False) == []
        page.socket.send('{"command": "ack"}')
        (found,) = frames_in(page, ack=False, most=1)
        assert frames_in(page, 0.5, ack=False) == []
        assert found > stale[-1] + 500


def test_a_hidden_page_is_sent_nothing(lab: Client, running: str):
    """At zero frames a second there are none, and the training says nothing either."""
    with lab.watch(running) as page:
        assert page.do("view", fps=0)["ok"]
        frames_in(page, 0.5, ack=True)
        events = len(page.events)
        assert frames_in(page, 1.5, ack=True) == []
        assert len(page.events) == events
        assert page.do("view", fps=15)["ok"]
        assert len(frames_in(page, ack=True, most=6)) == 6


def test_a_page_that_is_stuck_does_not_hold_up_another(lab: Client, running: str):
    """One takes nothing from its socket; the other gets its frames, and the training goes on."""
    with lab.socket(running), lab.watch(running) as page:
        found = frames_in(page, ack=True, most=8)
    assert len(found) == 8
    assert (np.diff(found) > 0).all()


def test_curves_have_the_least_and_the_greatest_of_each_bucket(lab: Client, run: str):
    """The buckets of a part of the steps are those of the costs themselves."""
    with lab.watch(run) as page:
        assert page.do("step", count=100)["ok"]
        page.stand(100)
    whole = lab.json(f"/api/runs/{run}/curves?buckets=2000")["costs"]
    assert whole["steps"] == list(range(1, 101))
    assert whole["min"] == whole["mean"] == whole["max"]
    part = lab.json(f"/api/runs/{run}/curves?from=11&to=50&buckets=4")["costs"]
    assert part["steps"] == [20, 30, 40, 50]
    costs = np.array(whole["mean"][10:50]).reshape(4, 10)
    assert part["min"] == costs.min(axis=1).tolist()
    assert part["max"] == costs.max(axis=1).tolist()
    assert np.allclose(part["mean"], costs.mean(axis=1), rtol=1e-6)  # told with seven digits


@pytest.mark.parametrize("values", [[], [np.nan], [np.inf, 1.0, -np.inf], [1.0] * 7])
def test_buckets_of_what_is_not_finite_are_null(values: list[float]):
    """JSON has no such numbers."""
    found = bucketed(np.array(values), 1, 3)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert len(found["steps"]) <= 3
    assert plain(np.array([np.nan, 1 / 3])) == [None, 0.3333333]


def test_examples_come_with_points_of_the_plane(lab: Client, run: str):
    """A network of two inputs is sent training points, so that its regions can be drawn."""
    found = unpack(lab.ask("GET", f"/api/runs/{run}/examples")[2])[0]
    assert {name: x.shape[1] for name, x in found.items()} == {"x": 2, "y": 2, "points_x": 2, "points_y": 2}
    assert all(x.dtype == np.float32 for x in found.values())
    assert (found["points_y"].sum(axis=1) == 1).all()


@pytest.mark.parametrize("query", ["step=100000", "step=-1", "step=x", "step=1e3", "step=" + "9" * 40])
def test_a_step_that_is_not_there_is_refused_in_words(lab: Client, run: str, query: str):
    """Status 400, and which steps there are."""
    status, _, body = lab.ask("GET", f"/api/runs/{run}/frame?{query}")
    assert status == 400
    assert "step" in json.loads(body)["error"]


def test_a_dropped_table_becomes_a_run(lab: Client):
    """Its columns are shown, it is learned from, and its copy stands in the run's own folder, under a plain name."""
    rows = "".join(f"{i},{i % 7},{'cat' if i % 2 else 'dog'}\n" for i in range(80))
    status, _, body = lab.ask("POST", "/api/upload?name=..%2F..%2Fmy%20pets.CSV", f"size,age,kind\n{rows}".encode())
    found = json.loads(body)
    assert (status, found["kind"], found["name"]) == (200, "table", "my-pets.csv")
    assert [column["name"] for column in found["columns"]] == ["size", "age", "kind"]
    run = lab.start(data={"upload": found["upload"], "target": "kind"})
    assert lab.json(f"/api/runs/{run}/hello")["classes"] == ["cat", "dog"]
    assert [path.name for path in (lab.root / run / "data").iterdir()] == ["my-pets.csv"]
    with lab.watch(run) as page:
        assert page.do("step", count=3)["ok"]
        page.stand(3)
        again = page.do("reset")["run"]
    assert [path.name for path in (lab.root / again / "data").iterdir()] == ["my-pets.csv"]


@pytest.mark.parametrize(("name", "body", "word"), [
    ("a.csv", b"a,b\n1\n", "2"), ("a.csv", b"", "empty"), ("a.npz", b"PK\x03\x04nothing", "npz"),
    ("train-images-idx3-ubyte", b"\0\0\x08\x03short", ""), ("a.csv", b"a,b\n1,\xff\n", "UTF-8"),
    ("a.csv", b"a,b\n1,\xff\n", "chainrule train a.csv --encoding latin-1 --lab"),
])  # fmt: skip
def test_a_dropped_file_that_is_unsound_is_refused_in_words(lab: Client, name: str, body: bytes, word: str):
    """The same rules as for files on the disk; no path is told."""
    status, _, answer = lab.ask("POST", f"/api/upload?name={name}", body)
    said = json.loads(answer)["error"]
    assert status == 400
    assert word.lower() in said.lower()
    assert "chainrule-lab-" not in said


def test_a_dropped_file_is_bounded(lab: Client):
    """What is larger is not even read to its end."""
    status, _, _ = lab.ask("POST", "/api/upload?name=a.csv", iter([b"1,2,3\n" * 200_000] * (LARGEST // 1_200_000 + 2)))
    assert status == 400


def test_the_options_are_those_of_the_tables(lab: Client):
    """What the start screen offers is what there is."""
    from chainrule import ACTIVATIONS, COSTS, OPTIMIZERS

    found = lab.json("/api/options")
    assert (found["activations"], found["costs"]) == (list(ACTIVATIONS), list(COSTS))
    assert found["optimizers"] == list(OPTIMIZERS)
