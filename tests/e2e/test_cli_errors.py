"""What goes wrong on the command line is said in words, with the exit code of its kind, and spoils nothing."""

from __future__ import annotations

import re

import pytest

from chainrule.io.locking import lock

SMALL = ["--epochs", "3", "--hidden", "8", "--seed", "1"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("train moosn", 3, "Did you mean 'moons'"),
        ("train", 2, "names no data"),
        ("train pets.csv", 2, "--target"),
        ("train pets.csv --target knd", 3, "Did you mean 'kind'"),
        ("train moons --epochs ten", 2, "--epochs = 'ten': it must be a whole number"),
        ("train moons --optimizer adm", 2, "Did you mean 'adam'"),
        ("train moons --schedule cosin:warmup=1", 2, "Did you mean 'cosine'"),
        ("train moons --schedule step:every=0", 2, "every"),
        ("train moons --hidden 4 --activation tanh,relu", 2, "2 names"),
        ("train moons --activation rleu", 2, "Did you mean 'relu'"),
        ("train moons --hidden 0", 2, "hidden|sizes|neurons"),
        ("train moons --dropout 1.5", 2, "dropout"),
        ("train moons --seed -1", 2, "seed"),
        ("train moons --validation 1.0", 2, "hold out 1 to 399"),
        ("train moons --target y", 2, "no option 'target'"),
        ("train moons --threads 0", 2, "--threads"),
        ("train moons --checkpoint-every soon", 2, "--checkpoint-every"),
        ("train moons --engine fast", 2, "engine"),
        ("train moons --config missing.toml", 2, "does not exist"),
        ("train moons --batches 3", 2, "--batch"),
        ("trian moons", 2, "Did you mean 'train'"),
        ("train line --optimizer sgd --rate 1e9", 5, "diverged"),
        ("train moons --out busy", 6, "in use"),
        ("train moons --out pets.csv", 2, "is a file"),
        ("resume nowhere", 2, "no folder"),
        ("resume .", 2, "holds no run"),
        ("predict pets.csv pets.csv", 4, "not a sound chainrule model"),
        ("predict nowhere pets.csv", 4, "does not exist"),
        ("evaluate busy", 4, "no model yet"),
    ],
)
def test_what_cannot_be_done_is_said_in_words_with_its_exit_code(chainrule, pets, tmp_path, words, code, says):
    """2 for usage and settings, 3 for data, 4 for model files, 5 for divergence, 6 for what is taken; never a traceback."""
    (tmp_path / "busy").mkdir()
    with lock(tmp_path / "busy"):
        found, out, err = chainrule(*words.split())
    assert (found, out) == (code, "")
    assert re.search(says, re.sub(r"[\s│]+", " ", err))


def test_bad_data_is_refused_before_anything_is_written(chainrule, tmp_path):
    """A wrong cell is named by file, line and column; no folder is left behind."""
    (tmp_path / "bad.csv").write_text("a,y\n" + "1,2.5\n" * 40 + "oops,1\n")
    code, _, err = chainrule("train", "bad.csv", "--target", "y", "--task", "regression")
    assert code == 3
    assert re.search(r"bad\.csv:42:1", err)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


def test_nothing_is_overwritten_without_force(chainrule, tmp_path):
    """A folder that holds a run is refused; with --force the run is replaced."""
    chainrule("train", "moons", *SMALL, "--out", "run")
    before = (tmp_path / "run" / "model.safetensors").read_bytes()
    code, _, err = chainrule("train", "moons", "--epochs", "1", "--out", "run")
    assert code == 2
    assert "--force" in err
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == before
    assert chainrule("train", "moons", "--epochs", "1", "--seed", "2", "--out", "run", "--force")[0] == 0
    assert (tmp_path / "run" / "model.safetensors").read_bytes() != before


def test_debug_shows_where_an_error_was_raised(chainrule):
    """Before the command or after it, --debug gives the traceback."""
    for words in (["--debug", "train", "moosn"], ["train", "moosn", "--debug"]):
        assert "Traceback" in chainrule(*words)[2]


def test_names_of_strangers_cannot_steer_a_terminal(chainrule, tmp_path):
    """A class called like an escape sequence or like markup is shown, not obeyed."""
    rows = "".join(f"{i % 7},[red]a\n{i % 7 + 9},\x1b[31mb\n" for i in range(40))
    (tmp_path / "t.csv").write_text("x,y\n" + rows)
    assert chainrule("train", "t.csv", "--target", "y", "--out", "run", *SMALL)[0] == 0
    code, out, _ = chainrule("evaluate", "run")
    assert code == 0
    assert "[red]a" in out
    assert "\x1b" not in out
