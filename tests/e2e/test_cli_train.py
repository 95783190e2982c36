"""The command line as a user has it: train, resume, predict and evaluate, each as a program of its own."""

from __future__ import annotations

import json
import os
import pty
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chainrule.cli import COMMANDS

SMALL = ["--epochs", "3", "--hidden", "8", "--seed", "1"]


def houses(path: Path) -> list[float]:
    """Write a table whose prices are in hundreds of thousands, and known to some thousands; gives the prices."""
    chance = random.Random(4)
    areas = [chance.uniform(30, 200) for _ in range(120)]
    prices = [round(3000 * area + chance.gauss(0, 8000)) for area in areas]
    path.write_text("area,price\n" + "".join(f"{a:.2f},{b}\n" for a, b in zip(areas, prices, strict=True)))
    return [float(price) for price in prices]


# ----------------------------------------------------------------------------------------------- the way of a user


def test_a_table_is_learned_predicted_and_measured(chainrule, pets):
    """Train on a table with a category, predict its labels from a file and from stdin, and measure on it."""
    code, out, err = chainrule("train", "pets.csv", "--target", "kind", "--seed", "2", "--rate", "0.01")
    assert code == 0
    assert re.search(r"test accuracy +\d+\.\d\d %", out)
    assert "runs/pets-1" in out
    assert "epoch" in err
    code, table, _ = chainrule("predict", "runs/pets-1", "pets.csv")
    found = table.split()
    assert code == 0
    assert found[0] == "kind"
    assert sum(a == b for a, b in zip(found[1:], pets, strict=True)) > 110
    stdin = "fur,size\nshort,62.5\n"
    assert chainrule("predict", "runs/pets-1/model.safetensors", "-", stdin=stdin)[:2] == (0, "kind\ndog\n")
    said = json.loads(chainrule("predict", "runs/pets-1", "-", "--json", "--probabilities", stdin=stdin)[1])
    assert said["prediction"] == "dog"
    assert sum(said["probabilities"].values()) == pytest.approx(1, abs=1e-6)
    code, out, _ = chainrule("evaluate", "runs/pets-1", "pets.csv")
    assert code == 0
    assert "all of pets.csv, 120 examples" in out
    assert re.search(r"cat +\d+ +[\d·]+ +\d+\.\d %", out)


def test_values_come_back_in_the_users_units(chainrule, tmp_path):
    """A regression is standardised inside; predictions and errors are in the table's own units."""
    prices = houses(tmp_path / "houses.csv")
    assert chainrule("train", "houses.csv", "--target", "price", "--out", "h", "--seed", "1", "--quiet")[0] == 0
    table = chainrule("predict", "h", "houses.csv")[1].split()
    assert table[0] == "price"
    assert np.allclose([float(price) for price in table[1:]], prices, rtol=0.2, atol=30_000)
    figures = json.loads(chainrule("evaluate", "h", "--json")[1])
    assert figures["r2"] > 0.98
    assert 1_000 < figures["mean_absolute_error"] < 30_000


def test_a_finished_run_says_so_and_is_trained_longer_on_request(chainrule, tmp_path):
    """Resume has nothing to do at the end; --epochs gives it more, and the folder says as much."""
    chainrule("train", "moons", *SMALL, "--out", "run")
    before = (tmp_path / "run" / "model.safetensors").read_bytes()
    code, out, err = chainrule("resume", "run")
    assert (code, out) == (0, "")
    assert "nothing is left to train" in err
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == before
    assert chainrule("resume", "run", "--epochs", "5", "--quiet")[0] == 0
    assert len((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()) == 5
    assert "epochs = 5" in (tmp_path / "run" / "config.toml").read_text()


def test_a_run_has_its_six_files_and_can_be_repeated_from_its_config(chainrule, tmp_path):
    """The same config gives the same bits, whatever the environment says of other settings."""
    chainrule("train", "spirals", *SMALL, "--dropout", "0.1", "--out", "a")
    files = "config.toml metrics.jsonl checkpoint.safetensors model.safetensors recording.sqlite report.html"
    assert {path.name for path in (tmp_path / "a").iterdir()} == set(files.split())
    assert chainrule("train", "--config", "a/config.toml", "--out", "b")[0] == 0
    assert (tmp_path / "a/model.safetensors").read_bytes() == (tmp_path / "b/model.safetensors").read_bytes()


def test_flags_go_before_the_environment_and_that_before_the_file(chainrule, tmp_path):
    """Three say how many epochs and how large a batch; each setting comes from the first that says it."""
    (tmp_path / "c.toml").write_text(
        "seed = 9\n[data]\nsource = 'moons'\n[training]\nepochs = 1\nbatch_size = 10\nlmbda = 0.5\n"
    )
    words = ["train", "--config", "c.toml", "--epochs", "3", "--dry-run", "--json"]
    plan = json.loads(chainrule(*words, CHAINRULE_EPOCHS="2", CHAINRULE_BATCH="20")[1])["config"]
    assert [plan["seed"], *(plan["training"][key] for key in ("epochs", "batch_size", "lmbda"))] == [9, 3, 20, 0.5]


def test_flags_may_be_called_as_in_the_config_file(chainrule):
    """The words of Python and of the config mean the same as the short flags, and -q the same as --quiet."""
    short = ["--batch", "20", "--rate", "0.01", "--patience", "2", "--quiet"]
    long = ["--batch-size", "20", "--learning-rate", "0.01", "--early-stopping", "2", "-q"]
    found = [chainrule("train", "moons", *SMALL, *words, "--json", "--out", "run", "--force") for words in (short, long)]
    starts = [json.loads(out.splitlines()[0]) for _, out, _ in found]
    assert starts[0] == starts[1]
    assert [(code, err) for code, _, err in found] == [(0, ""), (0, "")]


def test_each_hidden_layer_may_have_its_own_activation(chainrule):
    """Named in order, with commas."""
    out = chainrule("train", "moons", "--hidden", "6,5", "--activation", "tanh,relu", "--dry-run")[1]
    assert "2 → 6 tanh → 5 relu → 2 softmax" in out


def test_bad_examples_leave_nothing_on_stdout(chainrule, tmp_path):
    """All examples are looked at before the first line is written, the last ones of a large file, too."""
    chainrule("train", "moons", *SMALL, "--out", "run", "--quiet")
    x = np.zeros((20_001, 2))
    x[-1, 1] = np.nan
    for name, rows in (("nan", x), ("wide", np.zeros((3, 5)))):
        np.savez(tmp_path / f"{name}.npz", x=rows)
        code, out, err = chainrule("predict", "run", f"{name}.npz")
        assert (code, out) == (3, "")
        assert re.search("20000|5 features", err)


# ----------------------------------------------------------------------------------------------- what is printed


def test_one_epoch_is_one_epoch(chainrule):
    """Words follow their number."""
    found = (
        chainrule("train", "moons", "--epochs", "1", "--out", "run"),
        chainrule("resume", "run"),
        chainrule("inspect", "run"),
    )
    assert "1 epoch of" in found[0][2]
    assert "after 1 epoch:" in found[1][2]
    assert "1 epoch recorded" in found[2][1]
    assert not re.search(r"\b1 epochs", "".join(out + err for _, out, err in found))


def test_json_is_one_object_a_line_and_nothing_else_on_stdout(chainrule):
    """The start with all settings, each epoch, and the result."""
    code, out, err = chainrule("train", "moons", *SMALL, "--json", "--quiet")
    lines = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert [line["event"] for line in lines] == ["start", "epoch", "epoch", "epoch", "result"]
    assert lines[0]["config"]["seed"] == lines[-1]["seed"] == 1
    assert 0 <= lines[-1]["accuracy"] <= 1


def test_a_seed_that_was_drawn_is_shown(chainrule):
    """On stdout and in the run's config, so that the run can be repeated."""
    out = chainrule("train", "moons", "--epochs", "1", "--out", "run", "--quiet")[1]
    seed = re.search(r"seed +(\d+)", out)[1]
    assert f"seed = {seed}\n" in Path("run/config.toml").read_text()


def test_a_dry_run_touches_nothing(chainrule, tmp_path):
    """It prints task, shapes, parameters and memory; the folder stays empty."""
    code, out, _ = chainrule("train", "moons", "--hidden", "128,64", "--dry-run")
    assert code == 0
    for words in (
        "classification",
        "2 → 128 relu → 64 relu → 2 softmax",
        "8,770 parameters",
        "64 × 128",
        "memory",
        "runs/moons-1",
    ):
        assert words in out
    assert not list(tmp_path.iterdir())


def test_without_a_terminal_there_is_no_colour_and_no_moving_bar(chainrule):
    """Plain lines on both streams: no escape, no carriage return."""
    _, out, err = chainrule("train", "moons", *SMALL)
    assert not {"\x1b", "\r"} & set(out + err)
    assert len(re.findall(r"^ +[123] ", err, re.MULTILINE)) == 3


@pytest.mark.parametrize(("environment", "flags"), [({"NO_COLOR": "1"}, []), ({"TERM": "dumb"}, []), ({}, ["--no-color"])])
def test_colours_can_be_refused_on_a_terminal(chainrule, environment, flags):
    """NO_COLOR, TERM=dumb and --no-color each: nothing on a terminal has a colour."""
    assert "\x1b[36m" in on_a_terminal("evaluate", "moons", {})
    assert not re.search(r"\x1b\[[0-9;]*[39][0-7]m", on_a_terminal("evaluate", "moons", environment, *flags))


def on_a_terminal(command: str, name: str, environment: dict[str, str], *flags: str) -> str:
    """What a terminal gets to see of training a toy and measuring it."""
    main, end = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm", **environment}
    program = [sys.executable, "-m", "chainrule"]
    words = [[*program, "train", name, *SMALL, "--out", "t", "--force", *flags], [*program, command, "t", *flags]]
    for line in words:
        process = subprocess.Popen(line, stdout=end, stderr=end, stdin=end, env=env)
        assert process.wait() == 0
    os.close(end)
    seen = b""
    while True:
        try:
            seen += os.read(main, 65536)
        except OSError:
            break
    os.close(main)
    return seen.decode()


def test_a_reader_that_has_seen_enough_is_no_error(chainrule, tmp_path):
    """A pipe that is closed early ends the program in silence."""
    chainrule("train", "moons", *SMALL, "--out", "run", "--quiet")
    (tmp_path / "x.csv").write_text("x1,x2\n" + "0.5,0.5\n" * 50_000)
    line = f"'{sys.executable}' -m chainrule predict run x.csv | head -1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("prediction\n", "")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_all_commands_says_of_each_what_it_says_itself(chainrule, command):
    """The list of commands is kept apart from the commands, so that it is quick; its lines are theirs."""
    code, out, _ = chainrule(command, "--help", TERMINAL_WIDTH="200")
    assert code == 0
    assert COMMANDS[command][1] in re.sub(r"\s+", " ", out)


def test_help_and_version_need_no_numpy():
    """Whoever asks what there is does not wait for arrays."""
    for flag in ("--help", "--version"):
        code = (
            f"import sys; from chainrule.cli import main\ntry: main(['{flag}'])\nfinally: assert 'numpy' not in sys.modules"
        )
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
