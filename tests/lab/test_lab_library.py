"""The runs that the lab lists, names and opens."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from lab_helpers import Client
from watch_helpers import HOW, X, Y, network

from chainrule import ConfigError, Recorder, Recording
from chainrule.lab.library import Library, NoSuchRun
from chainrule.lab.start import changes
from chainrule.runs import folder


def paused(lab: Client, steps: int = 20) -> str:
    """A run that has done so many steps."""
    run = lab.start()
    with lab.watch(run) as page:
        assert page.do("step", count=steps)["ok"]
        page.stand(steps)
    return run


def test_a_branch_is_listed_with_its_parent(lab: Client):
    """Its row has the run that it came from, and the step; any other has null. No path is among it."""
    run = paused(lab)
    with lab.watch(run) as page:
        branch = page.do("branch", at=12, settings={"learning_rate": 0.05})["run"]
    rows = {row["id"]: row for row in lab.json("/api/runs")}
    assert (rows[run]["parent"], rows[branch]["parent"]) == (None, {"run": run, "step": 12})
    assert str(lab.root) not in json.dumps(list(rows.values()))


def test_a_branch_with_fewer_epochs_than_are_done_is_refused(lab: Client):
    """With the numbers, and before anything is made."""
    run = paused(lab)
    before = sorted(lab.root.iterdir())
    with lab.watch(run) as page:
        said = page.do("branch", at=20, settings={"epochs": 2})["error"]
    assert "epochs = 2, but after step 20 there are" in said
    assert sorted(lab.root.iterdir()) == before
    config = folder.find(lab.root / run).config()
    assert changes({}, 20, config, 6) == {}
    with pytest.raises(ConfigError, match="there are 4 done"):
        changes({"epochs": 4}, 24, config, 6)


def test_a_training_that_ends_in_the_lab_leaves_its_recording_in_one_file(lab: Client, tmp_path: Path):
    """Although the server reads it: the file alone, without its journal, has every step."""
    run = lab.start(training={"epochs": 2, "batch_size": 8, "engine": "numpy"})
    with lab.watch(run) as page:
        assert page.do("run")["ok"]
        last = page.until(lambda e: e.get("finished"))["step"]
    shutil.copy(lab.root / run / "recording.sqlite", tmp_path / "copy.sqlite")
    with Recording(tmp_path / "copy.sqlite") as recording:
        assert recording.last == last


def test_a_run_that_is_not_there_is_named_with_those_that_are(tmp_path: Path):
    """What was asked for is shown escaped; of many runs some."""
    library = Library(tmp_path)
    with pytest.raises(NoSuchRun, match=r"There is no run 'a..b'. There are no runs yet."):
        library.entry("a\nb")
    for i in range(1, 13):
        (tmp_path / f"moons-{i:02}").mkdir()
        (tmp_path / f"moons-{i:02}" / "config.toml").touch()
    with pytest.raises(NoSuchRun, match=r"There is no run 'circle-1'. There are moons-01, moons-02, .* and 2 more."):
        library.entry("circle-1")


def test_the_list_has_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A run that has been deleted is not in it, and one that begins while it is read does not spoil it."""
    library = Library(tmp_path / "runs")

    def row(place: Path) -> dict[str, Any]:
        library.add(tmp_path / "elsewhere" / f"{place.name}-{len(list(tmp_path.iterdir()))}")
        return {"run": str(place), "begun": ""}

    for name in ("a", "b", "deleted"):
        (tmp_path / name).mkdir()
        library.add(tmp_path / name)
    (tmp_path / "deleted").rmdir()
    monkeypatch.setattr("chainrule.lab.library.row", row)
    assert sorted(found["id"] for found in library.rows()) == ["a", "b"]


def test_a_recording_alone_is_opened(tmp_path: Path):
    """As `chainrule lab FILE` does it: the file of a recording is its own place, that of a run is the run's."""
    network().fit(X, Y, epochs=2, recorder=Recorder(tmp_path / "w.sqlite"), **HOW)
    library = Library(tmp_path / "runs")
    name = library.add(folder.recorded(tmp_path / "w.sqlite"))
    assert library.entry(name).history.hello(live=False)["last"] == 10
    library.entry(name).history.close()
    with pytest.raises(ConfigError, match="no folder"):
        folder.recorded(tmp_path / "none.sqlite")
