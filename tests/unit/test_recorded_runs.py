"""Recorded runs in Python: any step once more, and branches, which are runs of their own."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import chainrule
from chainrule import ConfigError, DataError, RecordedRun
from chainrule.runs import build, folder, session
from chainrule.runs.config import config
from chainrule.runs.listing import listed

MOONS = {
    "seed": 3, "data": {"source": "moons", "n": 200}, "network": {"hidden": [8]},
    "training": {"epochs": 4, "batch_size": 16, "engine": "numpy"},
}  # fmt: skip
STEPS = 9  # in an epoch: of 200 points 144 are learned from


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of four epochs."""
    place = tmp_path_factory.mktemp("runs") / "moons-1"
    settings = config(MOONS)
    splits = build.data_of(settings)
    settings = build.completed(settings, splits)
    with folder.taken(place) as run:
        session.new(run, settings, splits, build.network_of(settings, splits)).train()
    return place


def names(place: Path) -> list[str]:
    """What stands in a folder."""
    return sorted(entry.name for entry in place.iterdir())


def test_a_step_of_a_run_is_a_network(first):
    """Its pass for an example is there, with every error."""
    with RecordedRun(first) as run:
        x, y = run.splits.train.x, run.splits.train.y
        pass_ = run.at(5).backprop(x[0], np.eye(2)[y[0]])
    assert [pass_.delta[l].shape for l in (2, 3)] == [(8, 1), (2, 1)]
    assert chainrule.RecordedRun is RecordedRun


def test_a_branch_is_a_run_beside_its_own(first):
    """It is trained, open, numbered after its parent, and remembers it; the list says so too."""
    with RecordedRun(first) as run, run.branch(2 * STEPS, learning_rate=0.001, epochs=5) as new:
        assert (new.run.folder.parent, new.recording.last) == (first.parent, 5 * STEPS)
        assert re.fullmatch(r"moons-\d+", new.run.folder.name)
        assert new.config.training["learning_rate"] == 0.001
        assert (new.at(2 * STEPS).parameters.flat == run.at(2 * STEPS).parameters.flat).all()
        assert new.recording.facts["parent"] == new.config.parent == {"run": "moons-1", "step": 2 * STEPS}
    found = {Path(row["run"]).name: row["parent"] for row in listed(first.parent)}
    assert found["moons-1"] is None
    assert found[new.run.folder.name] == {"run": "moons-1", "step": 2 * STEPS}


def test_a_branch_keeps_its_parent_when_it_is_resumed_and_is_the_parent_of_its_own(first, tmp_path):
    """Made longer it says where it came from; a branch of it came from it."""
    with RecordedRun(first) as run, run.branch(10, to=tmp_path / "a") as new, new.branch(20, to=tmp_path / "b") as newer:
        assert newer.config.parent == {"run": "a", "step": 20}
    with folder.held(tmp_path / "a"):
        longer = session.resumed(folder.find(tmp_path / "a"), epochs=6)
        longer.train()
    assert folder.find(tmp_path / "a").config().parent["step"] == 10
    assert "[parent]" in (tmp_path / "a" / "config.toml").read_text()


@pytest.mark.parametrize(("step", "how", "error", "words"), [
    (2 * STEPS + 1, {"epochs": 2}, ConfigError, "epochs = 2, but after step 19 there are 2 done"),
    (2 * STEPS, {"epochs": 2}, ConfigError, "epochs = 2, but after step 18 there are 2 done"),
    (4 * STEPS, {}, ConfigError, r"epochs = 4, .*\n.* such as 8"),
    (10**7, {}, DataError, "which has steps 0 to 36"),
    (5, {"learnin_rate": 0.1}, ConfigError, "Did you mean 'learning_rate'"),
    (5, {"optimizer": "lbfgs"}, ConfigError, "no mini-batches"),
])  # fmt: skip
def test_a_branch_that_cannot_be_leaves_nothing(first, tmp_path, step, how, error, words):
    """No folder, no number, and words that say why."""
    before = names(first.parent)
    with RecordedRun(first) as run:
        for to in (None, tmp_path / "new"):
            with pytest.raises(error, match=words):
                run.branch(step, to=to, **how)
    assert names(first.parent) == before
    assert names(tmp_path) == []


def test_a_folder_that_was_there_stays(first, tmp_path):
    """A branch that fails deletes no folder of the user's."""
    with RecordedRun(first) as run, pytest.raises(DataError):
        run.branch(10**7, to=tmp_path)
    assert tmp_path.is_dir()


def test_a_recording_that_was_deleted_is_no_recording(first, tmp_path):
    """Both reasons are told, for nobody can know which it was."""
    with RecordedRun(first) as run, run.branch(10, to=tmp_path / "a") as new:
        pass
    new.run.recording_file.unlink()
    with pytest.raises(DataError, match=r"trained with --no-record, or recording\.sqlite has been deleted"):
        RecordedRun(tmp_path / "a")


def test_what_is_listed_counts_the_journal(first, tmp_path):
    """While it is trained, nearly all of a recording is in its journal."""
    run = folder.Run(tmp_path)
    run.recording_file.write_bytes(b"1" * 10)
    (tmp_path / "recording.sqlite-wal").write_bytes(b"1" * 1000)
    assert run.recorded_bytes == 1010


@pytest.mark.parametrize("said", ['"circle-1"', '{run = "a"}', '{run = "a", step = "b"}', '{run = "a", step = true}'])
def test_a_parent_that_is_none_is_refused(first, tmp_path, said):
    """A config that was changed by hand is looked at."""
    text = (first / "config.toml").read_text()
    (tmp_path / "config.toml").write_text(f"parent = {said}\n{text}")
    with pytest.raises(ConfigError, match="a table with a run"):
        folder.Run(tmp_path).config()


def test_the_columns_of_a_table_have_their_names_in_the_recording(tmp_path):
    """Inputs, classes and targets are called as in the user's file."""
    rows = "".join(f"{i},{i / 7},{'red' if i % 3 else 'blue'}\n" for i in range(60))
    (tmp_path / "good.csv").write_text(f"x,y,kind\n{rows}")
    for target, task in (("kind", "classification"), ("y", "regression")):
        table = MOONS | {"data": {"source": str(tmp_path / "good.csv"), "target": target}}
        settings = config(table | {"training": {"epochs": 1, "batch_size": 16}})
        splits = build.data_of(settings)
        settings = build.completed(settings, splits)
        with folder.taken(tmp_path / task) as run:
            session.new(run, settings, splits, build.network_of(settings, splits)).train()
        with RecordedRun(tmp_path / task) as recorded:
            facts = recorded.recording.facts
        assert facts["features"] == {"kind": ["x", "y"], "y": ["x", "kind=blue", "kind=red"]}[target]
        assert facts["standardised"] is True
        assert (facts.get("targets"), facts.get("classes")) == {
            "kind": (None, ["blue", "red"]), "y": (["y"], None),
        }[target]  # fmt: skip
