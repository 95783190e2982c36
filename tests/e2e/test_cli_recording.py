"""Recordings on the command line: runs, show and branch, as a user calls them; and a run that is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest


def chainrule(*words, **how):
    """Run the command line; gives what has become of it."""
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100"}
    command = [sys.executable, "-m", "chainrule", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False, **how)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A recorded run of a few seconds."""
    folder = tmp_path_factory.mktemp("recorded") / "a"
    done = chainrule("train", "moons", "--seed", 1, "--epochs", 20, "--out", folder, "-q")
    assert done.returncode == 0, done.stderr
    return folder


def test_a_run_is_listed(run):
    """Chainrule runs names it, what it was trained on, and that it was recorded."""
    (row,) = json.loads(chainrule("runs", run.parent, "--json").stdout)["runs"]
    assert (row["data"], row["epochs"], row["finished"]) == ("moons", 20, True)
    assert row["recorded"] > 0
    assert "moons" in chainrule("runs", run.parent).stdout


def test_no_runs_are_no_error(tmp_path):
    """An empty folder gets a sentence with what to do."""
    done = chainrule("runs", tmp_path / "none")
    assert done.returncode == 0
    assert "chainrule train mnist" in done.stderr


def test_show_draws_every_layer(run):
    """The terminal shows the cost and the health of layers 2 and 3; JSON has the same numbers."""
    text = chainrule("show", run).stdout
    assert "cost of each step" in text
    assert "layer 2" in text
    assert "layer 3" in text
    found = json.loads(chainrule("show", run, "--json").stdout)
    assert len(found["costs"]) == found["steps"] == 20 * found["steps_in_epoch"]


def test_a_step_again_is_the_run_at_its_end(run, tmp_path):
    """The network after the last step is the one in the checkpoint, bit for bit, and can be written to a file."""
    steps = json.loads(chainrule("show", run, "--json").stdout)["steps"]
    done = chainrule("show", run, "--at", steps, "-o", tmp_path / "last.safetensors", "--json")
    found = json.loads(done.stdout)
    check = (
        "import sys, hashlib; from chainrule import Network\n"
        "print(hashlib.sha256(Network.load(sys.argv[1]).parameters.flat.tobytes()).hexdigest())"
    )
    for path in (tmp_path / "last.safetensors", run / "checkpoint.safetensors"):
        read = subprocess.run([sys.executable, "-c", check, str(path)], capture_output=True, text=True, check=True)
        assert read.stdout.strip() == found["sha256"]


def test_a_branch_remembers_its_parent(run, tmp_path):
    """It goes on from the step with the new setting, and says where it came from."""
    done = chainrule("branch", run, "--at", 100, "--learning-rate", 0.001, "--out", tmp_path / "b", "-q")
    assert done.returncode == 0, done.stderr
    assert "after step 100" in chainrule("show", tmp_path / "b").stdout
    assert "learning_rate = 0.001" in (tmp_path / "b" / "config.toml").read_text()
    resumed = chainrule("resume", tmp_path / "b", "--epochs", 22, "-q")
    assert resumed.returncode == 0, resumed.stderr
    assert "after step 100" in chainrule("show", tmp_path / "b").stdout


def test_a_branch_with_its_parents_settings_ends_as_its_parent(run, tmp_path):
    """Nothing but the settings makes it another run."""
    chainrule("branch", run, "--at", 77, "--out", tmp_path / "same", "-q")
    ends = [json.loads(chainrule("evaluate", f, "moons", "--json").stdout)["cost"] for f in (run, tmp_path / "same")]
    assert ends[0] == ends[1]


def test_a_branch_is_listed_with_its_parent(run, tmp_path):
    """Chainrule runs says where it came from."""
    chainrule("branch", run, "--at", 390, "--out", tmp_path / "b", "-q")
    assert "from a at 390" in chainrule("runs", tmp_path).stdout


@pytest.mark.parametrize("words", [("--at", 390, "--epochs", 5), ("--at", 10**7), ("--at", 5, "--learning-rate", -1)])
def test_a_branch_that_fails_leaves_no_folder(run, tmp_path, words):
    """Neither a folder nor a number is used up."""
    done = chainrule("branch", run, *words, cwd=tmp_path)
    assert done.returncode in {2, 3}, done.stderr
    assert list(tmp_path.glob("**/moons*")) == []


def test_a_file_that_stands_there_is_not_written_over(run, tmp_path):
    """Not the run's own model, nor any other, unless that is asked for."""
    for file in (run / "model.safetensors", tmp_path / "x.safetensors"):
        if file.parent == tmp_path:
            file.write_text("mine")
        before = file.read_bytes()
        done = chainrule("show", run, "--at", 3, "-o", file)
        assert (done.returncode, file.read_bytes() == before) == (2, True)
        assert "is there already; nothing was changed. Choose another name with -o, or add --force." in done.stderr
    assert chainrule("show", run, "--at", 3, "-o", file, "--force").returncode == 0
    assert file.read_bytes() != before


def test_a_recording_alone_is_shown(run, tmp_path):
    """Copied without its run, it has all curves; its steps need the data."""
    shutil.copy(run / "recording.sqlite", tmp_path / "w.sqlite")
    assert "layer 3" in chainrule("show", "w.sqlite", cwd=tmp_path).stdout
    assert "a recording alone" in chainrule("show", "w.sqlite", "--at", 3, cwd=tmp_path).stderr
    assert chainrule("show", run / "recording.sqlite", "--at", 3).returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "{run}", "--at", "99999"), 3, "which has steps 0 to"),
        (("show", "{run}", "-o", "x.safetensors"), 2, "--at STEP"),
        (("show", "nowhere"), 2, "no folder"),
        (("branch", "{run}"), 2, "--at STEP"),
        (("branch", "{run}", "--at", "5", "--hidden", "3"), 2, "keeps the network"),
        (("branch", "{run}", "--at", "5", "--out", "{run}"), 2, "holds a run already"),
    ],
)
def test_what_cannot_be_is_said(run, tmp_path, words, code, said):
    """Each wrong call ends with a sentence and the exit code of its kind; the run stays as it was."""
    before = (run / "config.toml").read_bytes()
    done = chainrule(*(word.format(run=run) for word in words), cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert (run / "config.toml").read_bytes() == before


def test_a_run_that_was_not_recorded_says_so(tmp_path):
    """--no-record leaves no file, and show says why there is nothing."""
    chainrule("train", "moons", "--epochs", 1, "--no-record", "--out", tmp_path / "a", "-q")
    assert not (tmp_path / "a" / "recording.sqlite").exists()
    done = chainrule("show", tmp_path / "a")
    assert done.returncode == 3
    assert "--no-record" in done.stderr


@pytest.mark.parametrize("after", [0.7, 1.1, 1.6])
def test_a_killed_run_leaves_a_sound_recording(tmp_path, after):
    """After kill -9 at any moment the recording can be read; resumed, it has every step once."""
    words = ["train", "moons", "--seed", "1", "--epochs", "4000", "--engine", "numpy", "--out", str(tmp_path / "a"), "-q"]
    child = subprocess.Popen(
        [sys.executable, "-m", "chainrule", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 30
    while not (tmp_path / "a" / "checkpoint.safetensors").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(after)
    child.send_signal(signal.SIGKILL)
    child.wait()
    epochs = len((tmp_path / "a" / "metrics.jsonl").read_text().splitlines()) + 3
    done = chainrule("resume", tmp_path / "a", "--epochs", epochs, "-q")
    assert done.returncode == 0, done.stderr
    found = json.loads(chainrule("show", tmp_path / "a", "--json").stdout)
    assert found["steps"] == epochs * found["steps_in_epoch"]
    assert None not in found["costs"]
