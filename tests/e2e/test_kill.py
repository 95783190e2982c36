"""A training that is killed at random moments, and taken up again, ends with the bits of one that was left alone."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

KILLS = 15
SETTINGS = {
    "adam": ["--optimizer", "adam", "--rate", "0.01", "--schedule", "cosine"],
    "momentum": ["--optimizer", "momentum", "--rate", "0.1", "--patience", "1000000"],
}


def begun(*words: str | Path) -> subprocess.Popen[bytes]:
    """Chainrule, as a process of its own that nobody watches."""
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "-m", "chainrule", *map(str, words)], stdin=nowhere, stdout=nowhere, stderr=nowhere
    )


def training(folder: Path, name: str, epochs: int = 1500) -> list[str]:
    """What begins the run: many short epochs, with dropout."""
    words = ["train", "spirals", "--examples", "600", "--hidden", "48,48", "--dropout", "0.1", "--batch", "16"]
    return [*words, "--epochs", str(epochs), "--seed", "5", *SETTINGS[name], "--out", str(folder), "--quiet"]


def result(folder: Path) -> tuple[str, list[dict[str, object]]]:
    """The sha256 of the model, and the log without its times."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    log = [{key: value for key, value in line.items() if key != "seconds"} for line in lines]
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(), log


def go_on(folder: Path, name: str) -> list[str]:
    """What a user types after a crash: the same again if not even the settings were written, otherwise resume."""
    there = (folder / "config.toml").exists()
    return ["resume", str(folder), "--quiet", "--checkpoint-every", "0.1"] if there else training(folder, name)


def wait_for_checkpoint(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until a training is under way."""
    checkpoint = folder / "checkpoint.safetensors"
    before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
    while process.poll() is None and not (checkpoint.exists() and checkpoint.stat().st_mtime_ns > before):
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_a_killed_run_ends_with_the_bits_of_an_undisturbed_one(tmp_path, name):
    """Killed fifteen times (SIGKILL) at random moments, also while starting and saving, and resumed each time."""
    assert begun(*training(tmp_path / "quiet", name)).wait() == 0
    chance, kills, runs = random.Random(name), 0, [tmp_path / "struck"]
    while kills < KILLS:
        process = begun(*go_on(runs[-1], name))
        strike(process, runs[-1], chance, within=kills % 5 > 0)
        assert process.wait() in {0, -signal.SIGKILL}
        kills += process.returncode != 0
        if process.returncode == 0:  # a fast machine: it was over before it could be struck so often
            runs.append(tmp_path / f"struck-{len(runs)}")
    assert begun(*go_on(runs[-1], name)).wait() == 0
    for run in runs:
        assert result(run) == result(tmp_path / "quiet")


def strike(process: subprocess.Popen[bytes], folder: Path, chance: random.Random, *, within: bool) -> None:
    """Kill the process at a random moment: within the training, or perhaps while it starts."""
    if within:
        wait_for_checkpoint(folder, process)
    time.sleep(chance.uniform(0, 0.25 if within else 0.8))
    if process.poll() is None:
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_saves_and_ends_with_its_exit_code(tmp_path, number):
    """Ctrl-C and SIGTERM finish the step, write the checkpoint and give 130 and 143; resumed, no bit is lost."""
    quiet, struck = tmp_path / "quiet", tmp_path / "struck"
    process = begun(*training(struck, "adam", 100))
    wait_for_checkpoint(struck, process)
    process.send_signal(number)
    assert process.wait() == 128 + number
    assert not (struck / "model.safetensors").exists()
    assert not list(struck.glob(".*"))
    assert begun("resume", struck, "--quiet").wait() == 0
    assert begun(*training(quiet, "adam", 100)).wait() == 0
    assert result(struck) == result(quiet)


def test_a_second_signal_ends_at_once_and_leaves_a_sound_run(tmp_path):
    """Whoever presses Ctrl-C twice waits for nothing; what was saved before can be resumed."""
    folder = tmp_path / "run"
    process = begun(*training(folder, "adam", 10**6))
    wait_for_checkpoint(folder, process)
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.001)
    assert process.wait() in {130, -signal.SIGINT}
    assert not (folder / "model.safetensors").exists()
    assert begun("inspect", folder).wait() == 0
