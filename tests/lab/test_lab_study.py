"""What the engine says of a run after a step, and what can be taken away of it."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from lab_helpers import Client

from chainrule import diagnose
from chainrule.errors import ConfigError, DataError
from chainrule.io.blobs import unpack
from chainrule.lab import show, study, widget
from chainrule.lab.assets import Assets
from chainrule.lab.cell import cell
from chainrule.lab.export import exported, told
from chainrule.lab.history import History
from chainrule.lab.slow import Overtaken, Studied
from chainrule.runs import build, folder, session
from chainrule.runs.config import config
from chainrule.runs.model import load_model
from chainrule.runs.recorded import RecordedRun

SLOW_LEARNER = {
    "seed": 1, "data": {"source": "circle", "n": 300},
    "network": {
        "hidden": [8, 8, 8, 8], "activation": "sigmoid", "output": "sigmoid", "cost": "quadratic", "initial": "large",
    },
    "training": {"epochs": 4, "batch_size": 10, "optimizer": "sgd", "learning_rate": 0.5},
}  # fmt: skip


def trained(place: Path, table: dict[str, Any]) -> Path:
    """A recorded run of these settings."""
    place.mkdir(parents=True)
    splits = build.data_of(config(table))
    settings = build.completed(config(table), splits)
    with folder.held(place):
        session.new(folder.Run(place), settings, splits, build.network_of(settings, splits)).train()
    return place


@pytest.fixture(scope="module")
def slow(lab: Client) -> str:
    """A run of five layers of sigmoids, which the first of them hardly learns in."""
    return trained(lab.root / "slow-1", SLOW_LEARNER).name


def refused(lab: Client, path: str) -> str:
    """The words with which a question is refused."""
    status, _, body = lab.ask("GET", path)
    assert status == 400, body
    return str(json.loads(body)["error"])


# -------------------------------------------------------------------------------------------------------------- findings


@pytest.mark.parametrize("step", [0, 37])
def test_the_findings_are_those_of_diagnose(lab: Client, slow: str, step: int):
    """The same sentences, numbers, equations and remedies, in the same order, at a key frame and between two."""
    with RecordedRun(lab.root / slow) as run:
        wanted = diagnose(run, step=step)
    found = lab.json(f"/api/runs/{slow}/findings?step={step}")
    assert (found["step"], found["examples"]) == (step, wanted.examples)
    assert wanted
    assert [{k: v for k, v in f.items() if k != "measures"} for f in found["findings"]] == wanted.as_dict()["findings"]
    assert all(f["measures"] and f["sentence"] and f["remedy"] for f in found["findings"])


def test_without_a_step_it_is_the_last(lab: Client, slow: str):
    """As a page asks that has just opened."""
    last = lab.json(f"/api/runs/{slow}/hello")["last"]
    assert lab.json(f"/api/runs/{slow}/findings")["step"] == lab.json(f"/api/runs/{slow}/confusion")["step"] == last


@pytest.mark.parametrize("question", ["findings", "confusion"])
def test_a_step_that_is_not_there_is_refused(lab: Client, slow: str, question: str):
    """In words, and nothing but whole numbers is read."""
    assert "has steps 0 to" in refused(lab, f"/api/runs/{slow}/{question}?step=99999")
    assert "whole number" in refused(lab, f"/api/runs/{slow}/{question}?step=../x")


def test_a_training_that_broke_off_is_told_why(tmp_path: Path):
    """The step after its last does what ended it: that is the finding, and not that the network learned badly."""
    table = {**SLOW_LEARNER, "data": {"source": "sine"}, "training": {**SLOW_LEARNER["training"], "learning_rate": 1e30}}
    network = {"hidden": [8, 8], "activation": "relu", "output": "identity", "cost": "quadratic"}
    place = tmp_path / "broken-1"
    with pytest.raises(ArithmeticError):
        trained(place, {**table, "network": network})
    assert study.findings(History(place))["findings"][0]["id"] in {"not_finite", "rate_high"}


def test_of_questions_that_wait_the_newest_is_answered():
    """While one is worked on, a second is overtaken by a third; what was found out is not worked out again."""
    asked: list[int] = []
    go = threading.Event()

    def work(step: int) -> int:
        asked.append(step)
        assert go.wait(20)
        return 10 * step

    async def run() -> list[Any]:
        studied = Studied(SimpleNamespace(renewed=0))
        questions = [asyncio.create_task(studied.of("findings", step, lambda step=step: work(step))) for step in (1, 2, 3)]
        other = asyncio.create_task(studied.of("confusion", 2, lambda: 7))
        await asyncio.sleep(0.05)
        go.set()
        found = await asyncio.gather(*questions, other, return_exceptions=True)
        return [*found, await studied.of("findings", 3, lambda: work(3))]

    found = asyncio.run(run())
    assert [found[0], *found[2:]] == [10, 30, 7, 30]
    assert isinstance(found[1], Overtaken)
    assert asked == [1, 3]


# ------------------------------------------------------------------------------------------------------------- confusion


def test_the_table_of_classes_is_that_of_the_held_out_examples(lab: Client, slow: str):
    """Its diagonal is the accuracy that was measured after the epoch; each example is of the kind of its cell."""
    last = lab.json(f"/api/runs/{slow}/curves")["epochs"][-1]
    table = lab.json(f"/api/runs/{slow}/confusion?step={last['step']}")
    counts = np.array(table["counts"])
    assert (table["part"], table["examples"], counts.sum()) == ("held-out", table["of"], table["of"])
    assert np.trace(counts) / counts.sum() == pytest.approx(last["metrics"]["accuracy"])
    with RecordedRun(lab.root / slow) as run:
        net = run.at(last["step"])
    for i, row in enumerate(table["sample"]):
        for j, place in enumerate(row):
            assert (place is None) == (counts[i, j] == 0)
            if place is not None:
                one = unpack(lab.ask("GET", f"/api/runs/{slow}/example?row={place}")[2])[0]
                assert (one["y"].argmax(), net.feedforward(one["x"]).argmax()) == (i, j)
    assert "row 9,999 is not there" in refused(lab, f"/api/runs/{slow}/example?row=9999")
    assert "row is missing" in refused(lab, f"/api/runs/{slow}/example")


@pytest.mark.parametrize(
    ("data", "part"), [({"n": 300, "validation": 0}, "test"), ({"n": 300, "validation": 30}, "held-out")]
)
def test_it_says_which_examples_these_are(tmp_path: Path, data: dict[str, Any], part: str):
    """Those that are held out; where none are, those of the test set."""
    place = trained(tmp_path / "run-1", {**SLOW_LEARNER, "data": {"source": "circle", **data}})
    found = study.confusion(History(place))
    assert (found["part"], found["of"]) == (part, {"test": 60, "held-out": 30}[part])


def test_what_tells_no_classes_has_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nor has what tells more of them than can be read."""
    network = {"hidden": [4], "activation": "tanh"}
    sine = trained(tmp_path / "sine-1", {**SLOW_LEARNER, "data": {"source": "sine"}, "network": network})
    with pytest.raises(ConfigError, match="tells no classes"):
        study.confusion(History(sine))
    circle = trained(tmp_path / "circle-1", SLOW_LEARNER)
    monkeypatch.setattr(study, "CLASSES", 1)
    with pytest.raises(ConfigError, match="2 classes, and a table is made of 1 at most"):
        study.confusion(History(circle))


def test_a_recording_alone_says_that_it_has_no_data(lab: Client, slow: str):
    """In words; a file of it has the frames and the curves, and nothing of this."""
    history = History(lab.root / slow / "recording.sqlite")
    with pytest.raises(DataError, match="the data that it was made with is not beside it"):
        study.findings(history)
    assert set(told(history, history.hello(live=False)["last"], None)) == {"curves", "examples"}


# -------------------------------------------------------------------------------------------------------------- one file


def test_the_size_of_the_file_is_told_before_it_is_saved(lab: Client, slow: str):
    """To the byte; it is saved under the run's name, and only the sizes of a closed list may be asked for."""
    size = lab.json(f"/api/runs/{slow}/size?most=2")
    status, headers, body = lab.ask("GET", f"/api/runs/{slow}/file?most=2")
    assert (status, len(body)) == (200, size["bytes"])
    assert headers["content-disposition"] == f'attachment; filename="{slow}.html"'
    assert size["frames"] == size["of"] == len(lab.json(f"/api/runs/{slow}/hello")["key_frames"])
    few = lab.json(f"/api/runs/{slow}/size?most=2&precision=float16&from=1&to=2")
    assert (few["of"], few["bytes"] < size["bytes"]) == (3, True)
    wrong = {"most=3": "2, 8, 32 megabytes", "precision=f8": "float16, float32, float64", "from=2&to=1": "steps 2 to 1"}
    for query, words in wrong.items():
        assert words in refused(lab, f"/api/runs/{slow}/file?{query}")


def test_the_file_carries_what_the_engine_says_of_the_last_step(lab: Client, slow: str, assets: Path):
    """Findings, the table of classes with an example of each kind, the cell, and the other run's curves."""
    history = History(lab.root / slow)
    found = told(history, history.hello(live=False)["last"], History(lab.root / slow))
    assert found["findings"] == study.findings(history)
    table, exact = found["confusion"], study.confusion(history)
    assert table["counts"] == exact["counts"]
    x = unpack(found["held-out"])[0]["x"]
    for i, row in enumerate(exact["sample"]):
        for j, place in enumerate(row):
            here = table["sample"][i][j]
            assert (place is None) == (here is None)
            if place is not None:
                assert (unpack(study.examples(history, [place]))[0]["x"][0] == x[here]).all()
    assert found["cell"]["text"] == cell(history)
    assert (found["other"]["id"], found["other"]["curves"]) == (slow, history.curves())
    assert str(lab.root) not in exported(history, assets=Assets(assets)).html


def test_a_widget_has_the_same(lab: Client, slow: str, assets: Path, monkeypatch: pytest.MonkeyPatch):
    """A notebook that is opened without its kernel shows what the engine said of the last step."""
    pytest.importorskip("anywidget")
    monkeypatch.setattr(Assets, "text", lambda self, name: (assets / name).read_text())
    widget.widget_class.cache_clear()
    found, history = show(lab.root / slow), History(lab.root / slow)
    assert found.study == study.carried(history, history.hello(live=False)["last"])
    found.close()
    widget.widget_class.cache_clear()


@pytest.mark.parametrize("question", ["findings", "confusion", "example?row=0", "size", "file", "cell"])
def test_they_are_for_the_user_alone(stranger: Client, slow: str, question: str):
    """Without the cookie nothing is answered."""
    assert stranger.ask("GET", f"/api/runs/{slow}/{question}")[0] == 403


# -------------------------------------------------------------------------------------------------------------- the cell


def same_bits(text: str, history: History) -> bool:
    """Whether a cell makes the very parameters that the run came to."""
    names: dict[str, Any] = {}
    exec(text, names)  # as a user does with it
    return np.array_equal(names["net"].parameters.flat, load_model(history.folder).network.parameters.flat)


@pytest.mark.parametrize("training", [
    {"optimizer": "sgd", "learning_rate": 0.5}, {"optimizer": "adam"}, {"optimizer": "momentum:mu=0.8", "lmbda": 0.1},
    {"optimizer": "sgd", "schedule": "cosine:warmup=1", "dropout": "0.2", "noise": 0.1, "smoothing": 0.1},
    {"optimizer": "sgd", "class_weight": "balanced", "early_stopping": 2, "clip_norm": 1.0, "layer_rates": "2:0.1"},
])  # fmt: skip
def test_the_cell_makes_the_same_numbers(tmp_path: Path, training: dict[str, Any]):
    """Bit for bit, with whatever settings the run had."""
    network = {"hidden": [5, 4], "activation": ["tanh", "relu"], "dtype": "float64"}
    training = {"epochs": 4, "batch_size": 10, "engine": "numpy", **training}
    table = {**SLOW_LEARNER, "network": network, "training": training}
    history = History(trained(tmp_path / "run-1", table))
    assert same_bits(cell(history), history)


def test_the_cell_of_a_file_of_ones_own_has_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It has the name of the file alone, and says so; where that file is, it makes the same numbers."""
    rows = "".join(f"{i},{i % 5},{'x' if i % 2 else 'y'}\n" for i in range(120))
    (tmp_path / "pets.csv").write_text(f"a,b,kind\n{rows}")
    table = {**SLOW_LEARNER, "data": {"source": str(tmp_path / "pets.csv"), "target": "kind"}, "network": {"hidden": [3]}}
    history = History(trained(tmp_path / "runs" / "pets-1", table))
    text = cell(history)
    assert str(tmp_path) not in text
    assert "put its path in place of its name" in text
    monkeypatch.chdir(tmp_path)
    assert same_bits(text, history)


def test_the_cell_of_a_branch_begins_with_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """From the step at which it branched off, with its own settings from there."""
    place = trained(tmp_path / "runs" / "circle-1", SLOW_LEARNER)
    new = tmp_path / "runs" / "circle-2"
    with RecordedRun(place) as parent, parent.branch(30, to=new, learning_rate=0.05, epochs=6):
        pass
    history = History(new)
    monkeypatch.chdir(tmp_path)
    assert re.search(r"parent.at\(30\)", cell(history))
    assert same_bits(cell(history), history)


def test_the_cell_says_where_the_rate_was_changed_by_hand(lab: Client):
    """It trains without that, and does not pretend otherwise."""
    run = lab.start()
    with lab.watch(run) as page:
        assert page.do("step", count=3)["ok"]
        page.stand(3)
        assert page.do("set", learning_rate=0.25)["ok"]
        assert page.do("step", count=2)["ok"]
        page.stand(5)
    assert "changed by hand (0.25 after step 3)" in re.sub(r"\n# ", " ", lab.json(f"/api/runs/{run}/cell")["text"])
