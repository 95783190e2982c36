"""``chainrule inspect``: what a file says of itself, whatever file it is."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from chainrule import Network
from chainrule.cli import main
from chainrule.data import toy


@pytest.fixture
def chainrule(capfd):
    """A command line in this process: the exit code, what went to stdout, what went to stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(words)
        return int(end.value.code or 0), *capfd.readouterr()

    return run


@pytest.fixture
def trained():
    """A small network after two epochs."""
    splits = toy("moons", n=60)
    net = Network([2, 4, 2], "tanh", "log_likelihood", seed=5)
    net.classes = ("inner", "out\x1b[31mer")
    net.fit(splits.train.x, splits.train.y, epochs=2, optimizer="momentum")
    return net


def test_every_tensor_is_told_with_its_spread(chainrule, trained, tmp_path):
    """Shape, least, mean, largest and standard deviation are those of the network's parameters."""
    trained.save(tmp_path / "m.safetensors")
    code, out, _ = chainrule("inspect", str(tmp_path / "m.safetensors"), "--json")
    found = json.loads(out)
    tensors = {t["name"]: t for t in found["tensors"]}
    assert code == 0
    for l, w in enumerate(trained.weights, 2):
        said = tensors[f"w.{l}"]
        assert said["shape"] == list(w.shape)
        expected = [f(w.astype(np.float64)) for f in (np.min, np.mean, np.max, np.std)]
        assert [said[key] for key in ("min", "mean", "max", "std")] == pytest.approx(expected, rel=1e-12)
    assert found["sha256"] == hashlib.sha256((tmp_path / "m.safetensors").read_bytes()).hexdigest()
    assert (found["seed"], found["parameters"], found["bytes"]) == (5, 22, (tmp_path / "m.safetensors").stat().st_size)
    assert found["training"]["epochs"] == 2
    assert found["training"]["optimizer"] == "momentum"


def test_a_model_without_training_says_so(chainrule, trained, tmp_path):
    """A file that only predicts has no state of training, and the listing says it in words."""
    trained.save(tmp_path / "m.safetensors", training=False)
    assert json.loads(chainrule("inspect", str(tmp_path / "m.safetensors"), "--json")[1])["training"] is None
    assert "not kept in this file" in chainrule("inspect", str(tmp_path / "m.safetensors"))[1]


def test_nothing_in_a_file_steers_the_terminal(chainrule, trained, tmp_path):
    """Names from the file are printed without control characters, and cut."""
    trained.save(tmp_path / "m.safetensors", notes={"name": "\x1b]0;owned\x07" + "x" * 5000})
    _, out, _ = chainrule("inspect", str(tmp_path / "m.safetensors"))
    assert "\x1b" not in out
    assert "\x07" not in out
    assert len(out) < 3000


def test_a_run_is_told_with_its_folder(chainrule, tmp_path):
    """Of a run's folder: the model, the settings, and how many epochs are recorded."""
    run = tmp_path / "run"
    assert chainrule("train", "moons", "--epochs", "3", "--out", str(run), "--seed", "1", "--quiet")[0] == 0
    code, out, _ = chainrule("inspect", str(run), "--json")
    found = json.loads(out)
    assert code == 0
    assert found["run"]["finished"] is True
    assert found["run"]["epochs"] == 3
    assert found["run"]["config"]["data"]["source"] == "moons"
    assert "3 epochs recorded" in chainrule("inspect", str(run))[1]


def test_a_damaged_log_does_not_hide_the_model(chainrule, tmp_path):
    """What of a run cannot be read is said; the model is shown all the same."""
    run = tmp_path / "run"
    chainrule("train", "moons", "--epochs", "1", "--out", str(run), "--quiet")
    (run / "metrics.jsonl").write_text("no JSON\n")
    (run / "config.toml").write_text("[[[")
    code, out, _ = chainrule("inspect", str(run), "--json")
    assert code == 0
    assert json.loads(out)["run"]["epochs"].startswith("unreadable: ")
    assert json.loads(out)["run"]["config"].startswith("unreadable: ")


@pytest.mark.parametrize("content", [b"", b"1234567", b"\x80\x04\x95 pickle", b"PK\x03\x04", b"\xff" * 100, b"{}" * 50])
def test_any_other_file_is_refused_in_words(chainrule, tmp_path, content):
    """The exit code is 4, stdout stays empty, and the file is named."""
    (tmp_path / "odd").write_bytes(content)
    code, out, err = chainrule("inspect", str(tmp_path / "odd"), "--json")
    assert (code, out) == (4, "")
    assert "odd" in err


def test_a_file_that_is_not_there_and_a_folder_without_a_run_are_refused(chainrule, tmp_path):
    """Both are told apart, with exit code 4."""
    code, _, err = chainrule("inspect", str(tmp_path / "none.safetensors"))
    assert code == 4
    assert "does not exist" in err
    code, _, err = chainrule("inspect", str(tmp_path))
    assert code == 4
    assert "holds no model" in err
